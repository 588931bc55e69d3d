"""The workbook that people fill in, as Excel sees it."""

import io
import re
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from assess import intake
from assess.intake.assumptions import Assumptions
from assess.intake.columns import TABLES, find_table
from assess.intake.engagement import Engagement
from assess.intake.references import practices
from assess.intake.workbook.writing import content


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return intake.init(tmp_path_factory.mktemp("book") / "new", workbook=True) / "intake.xlsx"


@pytest.fixture(scope="module")
def book(path):
    return load_workbook(path)


def validation(sheet, cell):
    return next((v for v in sheet.data_validations.dataValidation if cell in v.sqref), None)


def cell(sheet, name, row=2):
    position = next(c.column for c in sheet[1] if c.value == name)
    return sheet.cell(row, position)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_has_its_name_and_its_help(book, table):
    header = book[table.name][1]
    assert [c.value for c in header] == [column.name for column in table.columns]
    for c, column in zip(header, table.columns, strict=True):
        assert column.help.split("``")[0] in c.comment.text
        assert ("Required." in c.comment.text) == column.required


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_choice_is_a_drop_down_with_the_allowed_words(book, table):
    sheet = book[table.name]
    for column in table.columns:
        if column.kind not in ("choice", "yes/no"):
            continue
        rule = validation(sheet, cell(sheet, column.name, 1500).coordinate)
        assert rule.type == "list"
        assert rule.formula1 == '"' + ",".join(column.choices or ("yes", "no")) + '"'


def test_a_reference_is_a_drop_down_of_the_ids_of_the_other_sheet(book):
    sheet = book["integrations"]
    rule = validation(sheet, cell(sheet, "source").coordinate)
    assert rule.formula1.startswith("systems!$A$2:")
    assert rule.errorStyle == "warning"


def test_practices_are_a_drop_down_from_a_hidden_list(book):
    sheet = book["readiness"]
    rule = validation(sheet, cell(sheet, "practice").coordinate)
    name, first, last = re.fullmatch(r"(\w+)!(\$\w+\$1):(\$\w+\$\d+)", rule.formula1).groups()
    words = [row[0].value for row in book[name][f"{first}:{last}"]]
    assert words == [*practices(), "works-council"]  # the last is the template's own
    assert book[name].sheet_state == "hidden"


def test_a_share_is_a_number_within_its_limits(book):
    sheet = book["integrations"]
    rule = validation(sheet, cell(sheet, "coverage").coordinate)
    assert (rule.type, float(rule.formula1), float(rule.formula2)) == ("decimal", 0, 1)


@pytest.mark.parametrize("name", [table.name for table in TABLES] + ["engagement"])
def test_headers_are_frozen_and_locked_and_cells_are_open(book, name):
    sheet = book[name]
    assert sheet.freeze_panes == "B2"
    assert sheet.protection.sheet
    assert sheet.cell(1, 1).protection.locked
    assert not sheet.cell(2, 2).protection.locked
    below = next(d for d in sheet.column_dimensions.values() if d.min <= 2 <= d.max)
    assert not below.protection.locked


def test_the_structure_is_protected(book):
    assert book.security.lockStructure


@pytest.mark.parametrize("name", ["id", "volume", "interfaces", "contract"])
def test_what_is_typed_into_text_and_estimates_stays_as_typed(book, name):
    sheet = book["systems" if name == "interfaces" else "integrations"]
    assert cell(sheet, name).number_format == "@"


def test_text_that_looks_like_a_formula_is_text(tmp_path, path):
    engagement = intake.load(path)
    hostile = [
        "=cmd|'/c calc'!A1",
        "+1+1",
        "-2",
        "@SUM(1)",
        "\t=1",
        "http://example.com",
        "<script>alert(1)</script>",
    ]
    systems = tuple(
        s.model_copy(update={"name": h}) for s, h in zip(engagement.systems * 3, hostile, strict=False)
    )
    data = content(engagement.model_copy(update={"systems": systems, "client": hostile[0]}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first, *sheets = [
            archive.read(f"xl/worksheets/sheet{n}.xml").decode() for n in range(1, len(TABLES) + 5)
        ]
    assert not any(re.search(r"<f[ >]|<hyperlink", sheet) for sheet in sheets)
    # the guide counts what the other sheets hold, and leads to them: nothing of the client's stands in it
    with zipfile.ZipFile(path) as archive:
        plain = archive.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r"<f>.*?</f>", first) == re.findall(r"<f>.*?</f>", plain) != []
    assert not any(text in first for text in hostile)
    assert "Target" not in first and "r:id" not in first.split("<hyperlinks>")[1].split("</hyperlinks>")[0]
    names = [
        row[1].value for row in load_workbook(io.BytesIO(data))["systems"].iter_rows(min_row=2, max_row=8)
    ]
    assert names == hostile


def test_the_same_engagement_gives_the_same_bytes(path):
    engagement = intake.load(path)
    assert content(engagement) == content(engagement)


def saved(tmp_path, sheets):
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "intake.xlsx")
    return tmp_path


SETTINGS = [["key", "value"], ["client", "Nordwind"]]


def places(folder):
    return [(p.file, p.sheet, p.row, p.column) for p in intake.validate(folder)]


def test_a_workbook_by_hand_needs_no_more_than_its_sheets(tmp_path):
    import datetime as dt

    folder = saved(
        tmp_path,
        {
            "engagement": [
                *SETTINGS,
                ["date", dt.datetime(2026, 5, 1)],
                ["team.people", 3],
                ["team.skills.ipaas", 0.5],
                ["weights.volume", 20],
            ],
            "systems": [
                ["id", "name", "personal_data"],
                ["crm", 7, True],
                [None, None, None],
                ["erp", 1.5, False],
            ],
            "integrations": [["id", "source", "target", "volume"], ["o", "crm", "erp", 1200]],
            "incidents": [["id", "started"], ["i", dt.datetime(2026, 5, 1, 10, 30)]],
        },
    )
    engagement = intake.load(folder)
    assert (engagement.date, engagement.team.people, engagement.team.skills) == (
        dt.date(2026, 5, 1),
        3,
        {"ipaas": 0.5},
    )
    assert engagement.weights == {"volume": 20}
    assert [(s.name, s.personal_data, s.origin.row) for s in engagement.systems] == [
        ("7", True, 2),
        ("1.5", False, 4),
    ]
    assert engagement.integrations[0].volume.likely == 1200
    assert engagement.incidents[0].started == dt.datetime(2026, 5, 1, 10, 30)


def test_a_sheet_may_stand_in_for_one_table(folder):
    (folder / "systems.csv").unlink()
    saved(folder, {"systems": [["id", "name"], ["crm", "CRM"], ["erp", "ERP"]]})
    engagement = intake.load(folder)
    assert engagement.systems[0].origin.place == "intake.xlsx/systems"
    assert engagement.integrations[0].origin.place == "integrations.csv"


BAD = [
    ("settings key", {"engagement": [*SETTINGS, ["titel", "x"]]}, ("intake.xlsx", "engagement", 3, "titel"), 'did you mean "title"'),
    ("nested key", {"engagement": [*SETTINGS, ["team.peple", 3]]}, ("intake.xlsx", "engagement", 3, "team.peple"), 'did you mean "people"'),
    ("key twice", {"engagement": [*SETTINGS, ["client", "y"]]}, ("intake.xlsx", "engagement", 3, "client"), "given twice"),
    ("value without key", {"engagement": [*SETTINGS, [None, "y"]]}, ("intake.xlsx", "engagement", 3, ""), "has no key"),
    ("cell", {"engagement": SETTINGS, "systems": [["id", "personal_data"], ["crm", "perhaps"]]}, ("intake.xlsx", "systems", 2, "personal_data"), "neither yes nor no"),
    ("column", {"engagement": SETTINGS, "systems": [["id", "nmae"], ["crm", "x"]]}, ("intake.xlsx", "systems", 1, ""), 'did you mean "name"'),
    ("sheet", {"engagement": SETTINGS, "Systms": [["id"], ["crm"]]}, ("intake.xlsx", "Systms", None, ""), 'did you mean "systems"'),
    ("unnamed column", {"engagement": SETTINGS, "systems": [["id"], ["crm", "x"]]}, ("intake.xlsx", "systems", 2, ""), "without a name"),
    ("formula nobody computed", {"engagement": SETTINGS, "systems": [["id"], ["crm"], ["=A2"]]}, ("intake.xlsx", "systems", 3, ""), "without a stored value, in A3"),
    ("error value", {"engagement": SETTINGS, "systems": [["id"], ["#REF!"]]}, ("intake.xlsx", "systems", 2, ""), "error of Excel, in A2"),
    ("no settings", {"systems": [["id"], ["crm"]]}, ("engagement.yaml", "", None, ""), "is missing"),
    ("assumption", {"engagement": SETTINGS, "assumptions": [["key", "likely"], ["no.such", 1]]}, ("intake.xlsx", "assumptions", 2, "assumptions.no.such"), "is no assumption"),
    ("assumption column", {"engagement": SETTINGS, "assumptions": [["key", "most"], ["x", 1]]}, ("intake.xlsx", "assumptions", 1, ""), "is no column"),
]  # fmt: skip


@pytest.mark.parametrize(("sheets", "where", "words"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_workbook_is_a_problem_at_its_place(tmp_path, sheets, where, words):
    problems = intake.validate(saved(tmp_path, sheets))
    at = [p for p in problems if (p.file, p.sheet, p.row, p.column) == where]
    assert at, [str(p) for p in problems]
    assert words in str(at[0])


def test_a_table_that_is_supplied_twice(folder):
    saved(folder, {"systems": [["id", "name"], ["crm", "CRM"], ["erp", "ERP"]]})
    (problem,) = intake.validate(folder)
    assert (
        str(problem)
        == "intake.xlsx, sheet systems: is supplied twice, also as systems.csv; allowed: one of them"
    )


def test_settings_that_are_supplied_twice(folder):
    saved(folder, {"engagement": SETTINGS})
    assert ("intake.xlsx", "engagement", None, "") in places(folder)


def test_sheets_of_ones_own_start_with_an_underscore(tmp_path):
    assert places(saved(tmp_path, {"engagement": SETTINGS, "_notes": [["anything", "=1/0"]]})) == []


def test_an_empty_sheet_was_not_supplied(tmp_path):
    assert places(saved(tmp_path, {"engagement": SETTINGS, "systems": [], "Sheet1": []})) == []


def test_a_sheet_whose_stated_size_is_wrong_is_read_whole(tmp_path):
    folder = saved(
        tmp_path, {"engagement": SETTINGS, "systems": [["id", "name"], ["crm", "CRM"], ["erp", "ERP"]]}
    )
    out = io.BytesIO()
    with zipfile.ZipFile(folder / "intake.xlsx") as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', old.read(name)))
    (folder / "intake.xlsx").write_bytes(out.getvalue())
    assert [s.name for s in intake.load(folder).systems] == ["CRM", "ERP"]


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path):
    folder = saved(tmp_path, {"engagement": SETTINGS})
    with zipfile.ZipFile(folder / "intake.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", bytes(300 * 2**20))
    (problem,) = intake.validate(folder)
    assert "unpacks to too much" in problem.message


def test_percent_cells_and_typed_percentages_are_the_same(tmp_path):
    rows = [["id", "source", "target", "coverage"], ["a", "crm", "crm", 0.35], ["b", "crm", "crm", "35 %"]]
    folder = saved(tmp_path, {"engagement": SETTINGS, "systems": [["id"], ["crm"]], "integrations": rows})
    first, second = intake.load(folder).integrations
    assert first.coverage == second.coverage == pytest.approx(0.35)


def test_the_table_of_a_name():
    assert find_table("incidents").file == "operations/incidents.csv"


@pytest.mark.parametrize(
    ("first", "opens"), [((), "help"), ((("question",), ("How many a month?",)), "ask first")]
)
def test_it_opens_on_what_to_ask_first_where_that_is_known(tmp_path, first, opens):
    made = Engagement(folder=tmp_path, client="Test", assumptions=Assumptions())
    assert load_workbook(io.BytesIO(content(made, first=first))).active.title == opens
