"""What people do to a workbook in Excel: read as they meant it, or refused with sheet, cell and what is allowed."""

import datetime as dt
import shutil
import subprocess
import zipfile

import pytest
from openpyxl import load_workbook
from xlsxwriter import Workbook

from assess import intake
from assess.intake.columns import TABLES
from assess.intake.export import texts


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return intake.init(tmp_path_factory.mktemp("typed") / "new", workbook=True)


@pytest.fixture
def folder(template, tmp_path):
    return shutil.copytree(template, tmp_path / "acme")


def changed(folder, change):
    """Let a person change the workbook; return the folder."""
    book = load_workbook(folder / "intake.xlsx")
    change(book)
    book.save(folder / "intake.xlsx")
    return folder


def cell(book, sheet, column, row=2):
    return book[sheet].cell(row, [c.value for c in book[sheet][1]].index(column) + 1)


def typed(sheet, column, value, row=2):
    def change(book):
        cell(book, sheet, column, row).value = value

    return change


MEANT = [
    ("a number in a cell of estimates", "volume", 1200.5, lambda i: i.volume.likely, 1200.5),
    ("thousands with a space", "volume", "1 200", lambda i: i.volume.likely, 1200),
    ("a percentage cell", "coverage", 0.35, lambda i: i.coverage, 0.35),
    ("TRUE", "partner", True, lambda i: i.partner, True),
    ("blanks around a text", "source", "  shop\u00a0", lambda i: i.source, "shop"),
    ("a number for a name", "name", 4711, lambda i: i.name, "4711"),
]
REFUSED = [
    ("decimals as in Germany", "volume", "1.200,50", "decimals with a point"),
    ("thousands with a sign", "volume", "1,200.50", "thousands without a sign"),
    ("a number with its unit", "volume", "10k", "without its unit"),
    ("a range", "volume", "1000-5000", "low / likely / high"),
    ("nobody knows", "volume", "n/a", "leave the cell empty"),
    ("an estimate that became a date", "volume", dt.datetime(2003, 2, 1), "made a date of it"),
    ("140 %", "coverage", 1.4, "at most 1"),
    ("percent without its sign", "coverage", 35, 'did you mean "35 %"'),
    ("another language", "partner", "ja", "yes or no"),
    ("another case", "criticality", "High", 'did you mean "high"'),
    ("an id in another case", "source", "Shop", 'did you mean "shop"'),
]


def one_row_each(cases):
    """Return the change that adds an integration for each case, with its value typed in its column."""

    def change(book):
        for row, (_, column, value, *_) in enumerate(cases, start=10):
            for name, text in {
                "id": f"case{row}",
                "source": "shop",
                "target": "finance",
                column: value,
            }.items():
                cell(book, "integrations", name, row).value = text

    return change


def test_it_is_read_as_it_was_meant(folder):
    found = {i.id: i for i in intake.load(changed(folder, one_row_each(MEANT))).integrations}
    for row, (case, _, _, read, expected) in enumerate(MEANT, start=10):
        assert read(found[f"case{row}"]) == expected, case


def test_it_is_refused_with_its_place_and_what_to_write(folder):
    problems = intake.validate(changed(folder, one_row_each(REFUSED)))
    assert len(problems) == len(REFUSED), "all at once, each once"
    for row, (problem, (case, column, _, words)) in enumerate(zip(problems, REFUSED, strict=True), start=10):
        place = (problem.file, problem.sheet, problem.row, problem.column)
        assert place == ("intake.xlsx", "integrations", row, column)
        assert words in str(problem), case


def test_dates_of_excel_are_dates_also_among_the_settings(folder):
    def change(book):
        typed("engagement", "value", dt.datetime(2026, 5, 31), 4)(book)
        typed("change_requests", "date", dt.datetime(2026, 5, 30))(book)

    engagement = intake.load(changed(folder, change))
    assert (engagement.date, engagement.change_requests[0].date) == (
        dt.date(2026, 5, 31),
        dt.date(2026, 5, 30),
    )


DATES = [
    ("31.05.2026", "is not a date"),
    (dt.datetime(2026, 5, 31, 13, 5), "leave out the time"),
    (46173, "format the cell as a date"),
]


@pytest.mark.parametrize(("value", "words"), DATES, ids=["as in Germany", "with a time", "Excel's number"])
def test_a_date_in_another_form(folder, value, words):
    def change(book):
        typed("change_requests", "date", value)(book)
        cell(book, "change_requests", "date").number_format = "General" if value == 46173 else "@"
        if isinstance(value, dt.datetime):
            cell(book, "change_requests", "date").number_format = "yyyy-mm-dd hh:mm"

    (problem,) = intake.validate(changed(folder, change))
    assert (problem.sheet, problem.row, problem.column) == ("change_requests", 2, "date")
    assert words in problem.message


def test_hidden_filtered_and_empty_rows_and_comments_change_nothing(folder):
    from openpyxl.comments import Comment

    before = intake.load(folder)

    def change(book):
        book["systems"].row_dimensions[3].hidden = True
        book["systems"].insert_rows(4)
        book["integrations"].auto_filter.add_filter_column(0, ["shop-orders"])
        book["integrations"].row_dimensions[2].hidden = True
        cell(book, "systems", "name").comment = Comment("is this true?", "Ada")

    after = intake.load(changed(folder, change))
    for name in ("systems", "integrations"):
        table = next(table for table in TABLES if table.name == name)
        rows = [[texts(row, table.columns) for row in getattr(e, name)] for e in (before, after)]
        assert rows[0] == rows[1]


def test_a_title_above_the_headings_is_named_once(folder):
    def change(book):
        book["systems"].insert_rows(1)
        book["systems"]["A1"] = "Systems of ACME"
        book["systems"].merge_cells("A1:D1")

    (problem,) = intake.validate(changed(folder, change))
    assert (problem.sheet, problem.row) == ("systems", 1)
    assert "stands in row 2" in problem.message


def test_a_renamed_sheet_is_named_once_and_what_refers_to_it_is_not_blamed(folder):
    def change(book):
        book["systems"].title = "Systems of ACME"

    (problem,) = intake.validate(changed(folder, change))
    assert (problem.sheet, problem.row) == ("Systems of ACME", None)
    assert "is no sheet" in problem.message


def test_an_added_column_is_named(folder):
    def change(book):
        sheet = book["systems"]
        sheet.cell(1, sheet.max_column + 1).value = "cost centre"

    (problem,) = intake.validate(changed(folder, change))
    assert (problem.sheet, problem.row, problem.value) == ("systems", 1, "cost centre")


def test_an_error_of_excel_is_one_problem(folder):
    (problem,) = intake.validate(changed(folder, typed("integrations", "consumers", "#N/A")))
    assert (problem.sheet, problem.row) == ("integrations", 2)
    assert "error of Excel" in problem.message


def test_a_formula_with_a_stored_value_is_its_value(tmp_path):
    book = Workbook(tmp_path / "intake.xlsx")
    sheet = book.add_worksheet("engagement")
    for row, cells in enumerate([("key", "value"), ("client", "Acme")]):
        sheet.write_row(row, 0, cells)
    sheet.write_formula(2, 1, "=3+4", None, 7)
    sheet.write_string(2, 0, "team.people")
    book.close()
    assert intake.load(tmp_path).team.people == 7


def compound(*streams):
    """An OLE compound file's signature and, as its directory has them, the names of its streams."""
    return bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504) + b"".join(s.encode("utf-16-le") for s in streams)


def archive(path, first, content):
    with zipfile.ZipFile(path, "w") as new:
        new.writestr(first, content)
    return path.read_bytes()


def test_a_file_that_is_no_xlsx_says_what_it_is(folder, tmp_path):
    forms = {
        "is protected by a password": compound("Root Entry", "EncryptedPackage"),
        "Excel 97 to 2003": compound("Root Entry", "Workbook"),
        "OpenDocument": archive(tmp_path / "o", "mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        "Numbers": archive(tmp_path / "n", "Index/Document.iwa", "x"),
        "is not an Excel workbook": b"id;name",
    }
    for words, content in forms.items():
        (folder / "intake.xlsx").write_bytes(content)
        (problem,) = intake.validate(folder)
        assert problem.file == "intake.xlsx"
        assert words in problem.message
        assert ".xlsx" in problem.allowed


@pytest.mark.parametrize("name", ["intake.xls", "intake.ods", "Answers.numbers", "intake.xlsm"])
def test_another_format_in_the_folder_or_given_by_name(folder, name):
    (folder / "intake.xlsx").rename(folder / name)
    (problem,) = intake.validate(folder)
    assert (problem.file, problem.message) == (name, "is a spreadsheet in another format")
    assert "intake.xlsx" in problem.allowed
    (problem,) = intake.validate(folder / name)
    assert name.rpartition(".")[2] in problem.message
    assert ".xlsx" in problem.allowed


def test_a_workbook_of_another_name_is_named(folder):
    (folder / "intake.xlsx").rename(folder / "intake (2).xlsx")
    (problem,) = intake.validate(folder)
    assert problem.file == "intake (2).xlsx"
    assert "intake.xlsx" in problem.message


@pytest.mark.slow
def test_a_workbook_that_libreoffice_has_saved_says_the_same(folder, tmp_path):
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("no LibreOffice")
    before = intake.load(folder)
    profile = (tmp_path / "profile").as_uri()
    command = [
        program,
        "--headless",
        f"-env:UserInstallation={profile}",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run(
        [*command, "--outdir", tmp_path / "saved", folder / "intake.xlsx"],
        check=True,
        capture_output=True,
        timeout=180,
    )
    shutil.copy(tmp_path / "saved" / "intake.xlsx", folder / "intake.xlsx")
    after = intake.load(folder)
    for table in TABLES:
        rows = [[texts(row, table.columns) for row in getattr(e, table.name)] for e in (before, after)]
        assert rows[0] == rows[1]
    assert after.team.model_dump(exclude={"origin"}) == before.team.model_dump(exclude={"origin"})
