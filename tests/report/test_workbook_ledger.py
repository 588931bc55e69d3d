"""The workbook of findings and actions says what the page says, and nothing in it runs."""

import re
import zipfile

import openpyxl
import pytest

from assess.report.page import render
from assess.report.workbook_ledger import ACTIONS, FINDINGS, STATES, write_ledger


@pytest.fixture(scope="module")
def book(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "actions.xlsx"
    write_ledger(path, results)
    return openpyxl.load_workbook(path)


def rows(sheet):
    head, *rest = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rest]


def test_it_holds_every_finding_of_the_page_in_its_order(results, book):
    page = render(results, generated="")
    shown = re.findall(r'<tr id="l\d+" data-severity="(\w+)"', page)
    found = rows(book["Findings"])
    assert [row["Severity"] for row in found] == shown
    said = int(re.search(r"<b>(\d+)</b> findings", page)[1])
    assert len(found) == said == len(results.findings)
    assert {row["Id"] for row in found} == {finding.id for finding in results.findings}
    assert f"the same findings and {len(rows(book['Actions']))} actions" in page


def test_it_holds_every_action_once_with_worth_effort_and_owner(results, book):
    found = {row["Id"]: row for row in rows(book["Actions"])}
    assert list(found) == ["a1", "a2", "a3", "a4"]
    first = found["a1"]
    assert (first["Worth at least"], first["Worth"], first["Worth at most"]) == (130e3, 240e3, 410e3)
    assert (first["Low, days"], first["Likely, days"], first["High, days"]) == (12, 18, 30)
    assert (first["Owner"], first["By"], first["Unit"]) == ("Sales operations", "increment 2", "EUR")
    assert found["a4"]["Worth"] is None, "what the model can't value is empty, never zero"
    assert found["a4"]["Owner"] == "nobody yet"


@pytest.mark.parametrize(("name", "columns"), [("Findings", FINDINGS), ("Actions", ACTIONS)])
def test_the_heading_stays_in_sight_and_filters(book, name, columns):
    sheet = book[name]
    assert sheet.freeze_panes.endswith("2")
    last = openpyxl.utils.get_column_letter(len(columns))
    assert sheet.auto_filter.ref == f"A1:{last}{sheet.max_row}"


def test_the_state_of_an_action_is_chosen_from_a_list(book):
    (rule,) = book["Actions"].data_validations.dataValidation
    assert rule.type == "list"
    assert rule.formula1 == f'"{",".join(STATES)}"'
    assert {row["State"] for row in rows(book["Actions"])} == {"open"}


def test_nothing_in_it_is_a_formula_or_a_link(tmp_path, all_hostile):
    text, results = all_hostile
    path = tmp_path / "actions.xlsx"
    for hostile in (text, "=cmd|'/c calc'!A1", "+1+1", "@SUM(A1)", "https://example.org", "x" * 100_000):
        swapped = type(results).model_validate_json(results.to_json())
        chapters = tuple(
            c.model_copy(
                update={
                    "findings": tuple(f.model_copy(update={"title": hostile, "owner": hostile}) for f in c.findings),
                    "actions": tuple(a.model_copy(update={"title": hostile, "by": hostile}) for a in c.actions),
                }
            )
            for c in swapped.chapters
        )  # fmt: skip
        write_ledger(path, swapped.model_copy(update={"chapters": chapters}))
        with zipfile.ZipFile(path) as parts:
            sheets = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/worksheets/")]
        assert not [s for s in sheets if re.search(r"<f>|<hyperlink", s)]
        for sheet in openpyxl.load_workbook(path):
            assert {c.data_type for row in sheet.iter_rows() for c in row} <= {"s", "n"}
            assert not [c for row in sheet.iter_rows() for c in row if len(str(c.value or "")) > 32_767]


def test_the_same_results_give_the_same_bytes(tmp_path, results):
    for name in ("one.xlsx", "two.xlsx"):
        write_ledger(tmp_path / name, results)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_report_without_findings_says_so(tmp_path, results):
    bare = results.model_copy(
        update={
            "chapters": tuple(c.model_copy(update={"findings": (), "actions": ()}) for c in results.chapters)
        }
    )
    write_ledger(tmp_path / "actions.xlsx", bare)
    book = openpyxl.load_workbook(tmp_path / "actions.xlsx")
    assert book["Findings"]["A2"].value == "Nothing was found."
    assert book["Actions"]["A2"].value == "No action was found."
