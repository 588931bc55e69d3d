"""The workbook of findings and actions says what the page says, and nothing in it runs."""

import re
import shutil
import subprocess
import zipfile

import openpyxl
import pytest

from assess.report.cards import Cards
from assess.report.page import render
from assess.report.workbook.ledger import (
    ACTIONS,
    FINDINGS,
    PAPER,
    STATES,
    LedgerLink,
    action_rows,
    write_ledger,
)


@pytest.fixture(scope="module")
def book(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "actions.xlsx"
    write_ledger(path, results)
    return openpyxl.load_workbook(path)


def rows(sheet):
    head, *rest = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rest]


def test_it_holds_every_finding_of_the_page_in_its_order(results, book):
    page = render(results, generated="").page
    found = rows(book["Findings"])
    assert [row["Severity"] for row in found] == [entry.finding.severity for entry in results.ledger]
    said = re.search(r"actions.xlsx</a>, (\d+) findings and (\d+) actions", page)
    assert len(found) == int(said[1]) == len(results.findings)
    assert len(rows(book["Actions"])) == int(said[2])
    assert {row["Id"] for row in found} == {finding.id for finding in results.findings}


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
    rules = {rule.type: rule for rule in book["Actions"].data_validations.dataValidation}
    assert set(rules) == {"list", "date"}, "a state, and a day on which it is due"
    rule = rules["list"]
    assert rule.formula1 == f'"{",".join(STATES)}"'
    assert {row["State"] for row in rows(book["Actions"])} == {"open"}


def test_a_row_leads_to_its_place_in_the_report(results, book):
    titles = {card.id: card.title for card in Cards(results).all()}
    place = [column.heading for column in FINDINGS].index("In the report")
    for row, entry in zip(book["Findings"].iter_rows(min_row=2), results.ledger, strict=True):
        link = row[place].hyperlink
        assert link.target == "report.html"
        assert entry.finding.title.split(".")[0][:20] in titles[link.location]


def test_an_action_leads_to_the_worst_finding_that_it_closes(results):
    closed = tuple(results.ledger[place].finding.id for place in (2, 1))
    chapter = results.chapters[0]
    first = chapter.actions[0].model_copy(update={"findings": ("not there", *closed)})
    changed = chapter.model_copy(update={"actions": (first, *chapter.actions[1:])})
    rows = action_rows(results.model_copy(update={"chapters": (changed, *results.chapters[1:])}))
    place = [column.heading for column in ACTIONS].index("In the report")
    assert rows[0][place] == LedgerLink(2)


def test_a_row_is_as_high_as_its_text(book):
    """Programs that only show a workbook do not fit rows: the 60-character title in 52 columns takes two lines."""
    sheet = book["Findings"]
    for row in sheet.iter_rows(min_row=2):
        needed = -(-len(row[2].value) // FINDINGS[2].width)
        assert (sheet.row_dimensions[row[0].row].height or 15) >= 15 * min(needed, 12)


def test_it_prints_on_landscape_pages_with_its_heading(book):
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert book["Actions"].print_title_rows == "$1:$1"


def test_an_action_that_the_brief_names_without_a_worth_has_that_of_its_chapter(results):
    action = next(action for action in results.actions if action.worth)
    bare = action.model_copy(update={"worth": None, "net": None, "by": "11 Jan 2027"})
    held = dict.fromkeys(range(len(results.chapters)), ()) | {
        0: (bare,),
        len(results.chapters) - 1: (action,),
    }
    chapters = tuple(c.model_copy(update={"actions": held[k]}) for k, c in enumerate(results.chapters))
    (found,) = results.model_copy(update={"chapters": chapters}).actions
    assert (found.worth, found.net, found.by) == (action.worth, action.net, "11 Jan 2027")


def of_many(results, count):
    """The same report with so many findings and actions more, each with a text of several lines."""
    first, *rest = (
        chapter.model_copy(update={"findings": (), "actions": ()}) for chapter in results.chapters
    )
    finding, action = results.ledger[0].finding, results.actions[0]
    findings = tuple(
        finding.model_copy(update={"id": f"f{n}", "title": "many words " * (3 + n % 20)})
        for n in range(count)
    )
    actions = tuple(
        action.model_copy(update={"id": f"x{n}", "title": "many words " * (3 + n % 20)}) for n in range(count)
    )
    filled = first.model_copy(update={"findings": findings, "actions": actions})
    return results.model_copy(update={"chapters": (filled, *rest)})  # fmt: skip


@pytest.mark.parametrize(("name", "columns"), [("Findings", FINDINGS), ("Actions", ACTIONS)])
def test_on_paper_are_the_first_rows_as_many_as_its_pages_hold(tmp_path, results, name, columns):
    """Counted page by page: a column of c characters is 7 c + 5 pixels of 1/96 inch wide, a row so high as the file says."""
    write_ledger(tmp_path / "actions.xlsx", of_many(results, 300))
    sheet = openpyxl.load_workbook(tmp_path / "actions.xlsx")[name]
    first, last = sheet.print_area.replace("$", "").split("!")[1].split(":")
    until, rows = openpyxl.utils.cell.coordinate_from_string(last)
    printed = columns[: openpyxl.utils.column_index_from_string(until)]
    assert first == "A1"
    assert printed[-1].heading == PAPER[name].until
    scale = (841.9 - 57.6) / sum((7 * column.width + 5) * 0.75 for column in printed)
    page = (595.3 - 86.4) / scale - sheet.row_dimensions[1].height
    heights = [sheet.row_dimensions[row].height or 15.0 for row in range(2, rows + 1)]
    pages = [0.0]
    for height in heights:
        pages = [*pages, height] if pages[-1] + height > page else [*pages[:-1], pages[-1] + height]
    assert len(pages) == PAPER[name].pages
    assert sum(heights) > 0.85 * PAPER[name].pages * page, "the pages are used"
    assert f"{name} 1 to {rows - 1} of {sheet.max_row - 1}" in sheet.oddFooter.left.text


def test_a_short_list_is_printed_whole(book):
    for name in ("Findings", "Actions"):
        assert book[name].print_area.endswith(f"${book[name].max_row}")
        assert book[name].oddFooter.left.text == name


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_it_takes_six_pages_at_most(tmp_path, results):
    write_ledger(tmp_path / "actions.xlsx", of_many(results, 300))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        tmp_path,
        tmp_path / "actions.xlsx",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = re.findall(rb"/Type\s*/Page\b", (tmp_path / "actions.pdf").read_bytes())
    assert 3 <= len(pages) <= sum(paper.pages for paper in PAPER.values()) + 1


def test_nothing_in_it_is_a_formula_or_a_link_elsewhere(tmp_path, all_hostile):
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
            targets = {
                t
                for n in parts.namelist()
                if n.startswith("xl/worksheets/_rels/")
                for t in re.findall(r'Target="([^"]*)"', parts.read(n).decode())
            }
        assert not [s for s in sheets if re.search(r"<f>", s)]
        assert targets <= {"report.html"}
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
