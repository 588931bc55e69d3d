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
CONFIRMED = [
    ("decimals as in Germany", "volume", "1.200,50", lambda i: i.volume.likely, 1200.5),
    ("decimals with a comma", "message_kb", "0,5", lambda i: i.message_kb, 0.5),
    ("thousands with a sign", "volume", "1,200.50", lambda i: i.volume.likely, 1200.5),
    ("thousands", "volume", "5k", lambda i: i.volume.likely, 5000),
    ("about", "volume", "ca. 500", lambda i: i.volume.likely, 500),
    ("a range", "volume", "1000-5000", lambda i: (i.volume.low, i.volume.likely, i.volume.high), (1000, 3000, 5000)),
    ("nobody knows", "volume", "n/a", lambda i: i.volume, None),
    ("minutes in seconds", "latency_seconds", "5 min", lambda i: i.latency_seconds, 300),
    ("hours in seconds", "latency_seconds", "2 h", lambda i: i.latency_seconds, 7200),
    ("days in seconds", "latency_seconds", "2 days", lambda i: i.latency_seconds, 172_800),
    ("another unit of size", "message_kb", "2 MB", lambda i: i.message_kb, 2000),
    ("its own unit", "build_days", "5 days", lambda i: i.build_days.likely, 5),
    ("percent without its sign", "coverage", 35, lambda i: i.coverage, 0.35),
    ("percent with a comma", "coverage", "6,5 %", lambda i: i.coverage, 0.065),
    ("another language", "partner", "ja", lambda i: i.partner, True),
    ("a cross", "partner", "x", lambda i: i.partner, True),
    ("another case", "criticality", "High", lambda i: i.criticality, "high"),
    ("an id in another case", "source", "Shop", lambda i: i.source, "shop"),
]  # fmt: skip
REFUSED = [
    ("a point with two meanings", "volume", "1.200", "1200, or 1.2000"),
    ("a comma with two meanings", "volume", "1,200", "if the comma begins the decimals"),
    ("two meanings among words", "volume", "ca. 1.500", "1.500 can be 1500 or 1.5: write one of them"),
    ("a range where none is taken", "latency_seconds", "5-10", "one number, here no range is taken"),
    ("a million, minutes or months", "volume", "5m", "in messages/month"),
    ("hours of work in days", "build_days", "40 h", "in person-days"),
    ("a word", "latency_seconds", "same day", "is not a number"),
    ("an estimate that became a date", "volume", dt.datetime(2003, 2, 1), "made a date of it"),
    ("140 %", "coverage", 1.4, "at most 1"),
    ("a share with two meanings", "growth", 20, "20 % or 2000 %"),
    ("a word between two choices", "criticality", "very high", "low, medium, high, critical"),
    ("an id of nothing", "source", "depot", "is not in systems"),
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


def test_what_has_one_meaning_is_read_and_listed_to_be_confirmed(folder):
    engagement = intake.load(changed(folder, one_row_each(CONFIRMED)))
    found = {i.id: i for i in engagement.integrations}
    for row, (case, column, value, read, expected) in enumerate(CONFIRMED, start=10):
        assert read(found[f"case{row}"]) == expected, case
        (note,) = [note for note in engagement.notes if note.row == row]
        assert (note.sheet, note.column, note.value) == ("integrations", column, str(value)), case
        assert note.message.startswith("is read as ") and not note.allowed
    assert len(engagement.notes) == len(CONFIRMED)


@pytest.mark.parametrize("value", [0.07, 2.0, 2.5, 3.3, 20.0, 1234.567])
def test_a_percentage_cell_of_excel_is_the_share_that_it_shows(folder, value):
    def change(book):
        typed("integrations", "growth", value)(book)
        cell(book, "integrations", "growth").number_format = "0%"

    assert intake.load(changed(folder, change)).integrations[0].growth == value


def test_it_is_refused_with_its_place_and_what_to_write(folder):
    problems = intake.validate(changed(folder, one_row_each(REFUSED)))
    assert len(problems) == len(REFUSED), "all at once, each once"
    for row, (problem, (case, column, _, words)) in enumerate(zip(problems, REFUSED, strict=True), start=10):
        place = (problem.file, problem.sheet, problem.row, problem.column)
        assert place == ("intake.xlsx", "integrations", row, column)
        assert words in str(problem), case


def test_dates_of_excel_are_dates_also_among_the_settings(folder):
    def change(book):
        typed("engagement", "value", dt.datetime(2026, 5, 31), 5)(book)
        typed("change_requests", "date", dt.datetime(2026, 5, 30))(book)

    engagement = intake.load(changed(folder, change))
    assert (engagement.date, engagement.change_requests[0].date) == (
        dt.date(2026, 5, 31),
        dt.date(2026, 5, 30),
    )


def test_days_are_read_in_every_form_that_leaves_no_doubt(folder):
    for value in (
        "31.05.2026",
        "31. 5. 2026",
        "2026/05/31",
        "31/05/2026",
        "05/31/2026",
        "31 May 2026",
        "May 31, 2026",
    ):
        engagement = intake.load(changed(folder, typed("change_requests", "date", value)))
        assert engagement.change_requests[0].date == dt.date(2026, 5, 31), value
        assert [note.message for note in engagement.notes] == ["is read as 2026-05-31"]


DATES = [
    ("3/5/2026", "is not a date"),
    (dt.datetime(2026, 5, 31, 13, 5), "leave out the time"),
    (46173, "format the cell as a date"),
]


@pytest.mark.parametrize(
    ("value", "words"), DATES, ids=["with two meanings", "with a time", "Excel's number"]
)
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


def test_titles_above_the_headings_and_own_columns_and_sheets_are_listed_and_not_read(folder):
    before = intake.load(folder)

    def change(book):
        sheet = book["systems"]
        sheet.cell(1, sheet.max_column + 1).value = "cost centre"
        sheet.insert_rows(1)
        sheet["A1"] = "Systems of ACME"
        sheet.merge_cells("A1:D1")
        book.create_sheet("Hans")["A1"] = "to do"

    after = intake.load(changed(folder, change))
    assert [s.id for s in after.systems] == [s.id for s in before.systems]
    assert [(n.sheet, n.row, n.value, n.message) for n in after.notes] == [
        ("Hans", None, None, "is a sheet of your own and is not read"),
        ("systems", 1, "Systems of ACME", "stands above the header and is not read"),
        ("systems", 2, "cost centre", "is a column of your own and is not read"),
    ]


def test_a_renamed_sheet_is_named_once_and_what_refers_to_it_is_not_blamed(folder):
    def change(book):
        book["systems"].title = "Systems of ACME"

    (problem,) = intake.validate(changed(folder, change))
    assert (problem.sheet, problem.row) == ("Systems of ACME", None)
    assert "is no sheet" in problem.message


def test_a_misspelt_column_is_named(folder):
    def change(book):
        cell(book, "systems", "vendor", 1).value = "vendors"

    (problem,) = intake.validate(changed(folder, change))
    assert (problem.sheet, problem.row, problem.value) == ("systems", 1, "vendors")
    assert 'did you mean "vendor"?' in problem.message


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
