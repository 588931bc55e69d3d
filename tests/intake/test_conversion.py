"""A folder becomes a workbook and a workbook a folder, with everything that lies beside the answers."""

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from assess import intake
from assess.cli.commands import assess
from assess.intake.columns import TABLES
from assess.intake.export import left_over, texts


def said(engagement):
    return {t.name: [texts(row, t.columns) for row in getattr(engagement, t.name)] for t in TABLES}


@pytest.mark.parametrize("workbook", [False, True])
def test_there_and_back_loses_nothing(folder, tmp_path, workbook):
    (folder / "operations/log.csv").write_text("a\n1\n")
    before = intake.load(folder)
    first = intake.convert(folder, tmp_path / "first", workbook=workbook)
    second = intake.convert(first, tmp_path / "second", workbook=not workbook)
    for made, has_book in ((first, workbook), (second, not workbook)):
        after = intake.load(made)
        assert said(after) == said(before)
        assert after.team.model_dump(exclude={"origin"}) == before.team.model_dump(exclude={"origin"})
        assert (after.contracts, after.run_logs) == (before.contracts, before.run_logs)
        assert (made / "extracts/customers.csv").read_bytes() == (
            folder / "extracts/customers.csv"
        ).read_bytes()
        assert (made / "intake.xlsx").exists() == has_book == (not (made / "engagement.yaml").exists())


def test_a_workbook_that_stands_alone_is_converted_with_its_extracts(tmp_path):
    made = intake.init(tmp_path / "new", workbook=True)
    (made / "intake.xlsx").rename(made / "acme answers.xlsx")
    (made / "holiday.jpg").write_text("private")
    converted = intake.convert(made / "acme answers.xlsx", tmp_path / "tables")
    assert said(intake.load(converted)) == said(intake.load(made / "acme answers.xlsx"))
    assert not (converted / "acme answers.xlsx").exists()
    assert not (converted / "holiday.jpg").exists(), "only what the engagement refers to"


def test_the_command_converts_and_refuses_what_is_not_empty(tmp_path):
    run = CliRunner().invoke
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    assert run(assess, ["init", old]).exit_code == 0
    assert run(assess, ["init", new, "--from", old, "--workbook"]).exit_code == 0
    assert run(assess, ["validate", new]).exit_code == 0
    again = run(assess, ["init", new, "--from", old])
    assert again.exit_code == 2
    assert "is not empty" in again.output
    nowhere = run(assess, ["init", str(tmp_path / "x"), "--from", str(tmp_path / "nothing")])
    assert nowhere.exit_code == 2
    assert "does not exist" in nowhere.output
    assert not (tmp_path / "x").exists()


def test_examples_that_are_left_are_named_by_sheet_and_row(tmp_path):
    folder = intake.init(tmp_path / "new", workbook=True)
    book = load_workbook(folder / "intake.xlsx")
    book["systems"]["B2"] = "Our own shop"
    book["risks"].delete_rows(2)
    book.save(folder / "intake.xlsx")
    engagement = intake.load(folder)
    assert left_over(engagement)["systems"] == (1, 2)
    assert "risks" not in left_over(engagement)
    assert "systems (rows 3, 4)" in intake.examples_left(engagement)
    shown = CliRunner().invoke(assess, ["validate", str(folder)])
    assert shown.exit_code == 0
    assert "systems (rows 3, 4)" in shown.output


def test_where_no_example_is_left_nothing_is_said(folder):
    assert intake.examples_left(intake.load(folder)) == ""
