"""A returned workbook is marked where its problems are; its cells stay as they are."""

import openpyxl
import pytest

from assess import intake
from assess.intake.workbook.excel import RED
from assess.intake.workbook.marking import by_cause, mark

WRONG = {
    ("integrations", "criticality", 2): "dire",
    ("integrations", "criticality", 3): "hopeless",
    ("integrations", "volume", 3): "2.500",
    ("systems", "personal_data", 2): "perhaps",
}


@pytest.fixture
def returned(folder):
    """A workbook with a title row above a header, and four cells that can't be read."""
    path = intake.to_workbook(folder, folder / "returned.xlsx")
    book = openpyxl.load_workbook(path)
    for (sheet, column, row), text in WRONG.items():
        header = [cell.value for cell in book[sheet][1]]
        book[sheet].cell(row, header.index(column) + 1).value = text
    key = next(row for row in book["engagement"].iter_rows() if row[0].value == "team.people")
    key[1].value = "a few"
    book["systems"].insert_rows(1)
    book["systems"]["A1"].value = "Our systems"
    book.save(path)
    return path


def test_each_problem_is_red_in_its_cell_with_what_is_allowed(returned, tmp_path):
    problems = intake.validate(returned)
    assert not mark(returned, problems, tmp_path / "marked.xlsx")
    copy, original = openpyxl.load_workbook(tmp_path / "marked.xlsx"), openpyxl.load_workbook(returned)
    red = {
        (sheet.title, cell.coordinate): str(cell.value)
        for sheet in copy
        for row in sheet.iter_rows()
        for cell in row
        if cell.fill.start_color.rgb == RED
    }
    assert sorted(red.values()) == sorted([*WRONG.values(), "a few"])
    for (sheet, name), text in red.items():
        said = copy[sheet][name].comment.text
        assert "Allowed: " in said and any(p.value == text and p.allowed in said for p in problems)
    for sheet in original:
        for row in sheet.iter_rows():
            for cell in row:
                assert copy[sheet.title][cell.coordinate].value == cell.value


def test_a_marked_copy_that_is_mended_is_valid(returned, folder, tmp_path):
    mark(returned, intake.validate(returned), folder / "marked.xlsx")
    book = openpyxl.load_workbook(folder / "marked.xlsx")
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.fill.start_color.rgb == RED:
                    cell.value = None
    book.save(folder / "mended.xlsx")
    assert intake.validate(folder / "mended.xlsx") == ()


def test_problems_of_one_cause_are_one_line(returned):
    problems = intake.validate(returned)
    lines = by_cause(problems)
    (line,) = [line for line in lines if "criticality" in line]
    assert "rows 2, 3" in line and '"dire", "hopeless"' in line
    assert len(lines) == len(problems) - 1
