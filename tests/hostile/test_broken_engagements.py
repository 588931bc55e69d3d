"""Mistakes of careful people: each is told with file (and sheet), row, column, value and what is allowed instead.

Every mistake is made once in a folder and once in a workbook; the expected place was counted by hand.
"""

import csv
import io

import pytest
from xlsxwriter import Workbook

from assess import intake

TABLES = {
    "systems": ["id,name,interfaces,data", "crm,CRM,rest; events,", "erp,ERP,,"],
    "integrations": ["id,source,target,volume", "orders,crm,erp,1000 / 2000 / 5000", "stock,erp,crm,"],
}
"""A valid engagement, in rows; row 1 is the header."""
FILES = {"incidents": "operations/incidents.csv"}
I_HEAD = "id,source,target"


def integration(column: str, value: str) -> dict[str, list[str]]:
    """Return the integrations, in row 3 of which a column holds a value."""
    return {"integrations": [f"{I_HEAD},{column}", "orders,crm,erp,", f'stock,erp,crm,"{value}"']}


def extract(path: str) -> dict[str, list[str]]:
    """Return the systems, in row 2 of which an extract is named."""
    return {"systems": ["id,data", f"crm,{path}", "erp,"]}


ROWS = [
    # name, tables, table, row, column, value, a part of what is allowed
    ("unknown system", {"integrations": [I_HEAD, "orders,crm,erpp", "stock,erp,crm"]}, ("integrations", 2, "target", "erpp", "crm, erp")),
    ("unknown source", {"integrations": [I_HEAD, "orders,crm,erp", "stock,sap,crm"]}, ("integrations", 3, "source", "sap", "crm, erp")),
    ("an id twice", {"systems": ["id,name", "crm,CRM", "erp,ERP", "crm,Sales"]}, ("systems", 4, "id", "crm", "once")),
    ("an id twice, but for case", {"systems": ["id,name", "crm,CRM", "erp,ERP", "CRM,Sales"]}, ("systems", 4, "id", "CRM", "once")),
    ("an id with a separator", {"systems": ["id", "crm", "erp", "a;b"]}, ("systems", 4, "id", "a;b", "without")),
    ("a required cell is empty", {"integrations": [I_HEAD, "orders,crm,", "stock,erp,crm"]}, ("integrations", 2, "target", None, "text")),
    ("a required column is missing", {"integrations": ["id,source", "orders,crm", "stock,erp"]}, ("integrations", 1, "target", None, "id, source, target")),
    ("an unknown column", {"systems": ["id,nmae", "crm,CRM", "erp,ERP"]}, ("systems", 1, "", "nmae", "id, name, owner, kind")),
    ("a column twice", {"systems": ["id,name,name", "crm,CRM,x", "erp,ERP,y"]}, ("systems", 1, "", "name", "once")),
    ("a cell under no heading", {"systems": ["id,name,", "crm,CRM,", "erp,ERP,why?"]}, ("systems", 3, "", "why?", "a heading")),
    ("no number", integration("volume", "many"), ("integrations", 3, "volume", "many", "low / likely / high")),
    ("a negative number", integration("volume", "-5"), ("integrations", 3, "volume", "-5", "at least 0")),
    ("an estimate out of order", integration("volume", "1000 / 500 / 2000"), ("integrations", 3, "volume", "1000 / 500 / 2000", "low <= likely <= high")),
    ("an estimate of two", integration("volume", "1000 / 2000"), ("integrations", 3, "volume", "1000 / 2000", "low / likely / high")),
    ("a range with a dash", integration("latency_seconds", "5-10"), ("integrations", 3, "latency_seconds", "5-10", "a number such as")),
    ("decimals as in Germany, or thousands", integration("volume", "1,500"), ("integrations", 3, "volume", "1,500", "1500, or 1.5000")),
    ("thousands in no order", integration("volume", "1,20,50"), ("integrations", 3, "volume", "1,20,50", "low / likely / high")),
    ("thousands as in Germany, or decimals", integration("volume", "1.200"), ("integrations", 3, "volume", "1.200", "1200, or 1.2000")),
    ("a number of something else", integration("volume", "10 boxes"), ("integrations", 3, "volume", "10 boxes", "low / likely / high")),
    ("a cross for a number", integration("volume", "x"), ("integrations", 3, "volume", "x", "low / likely / high")),
    ("beyond every number", integration("volume", "1e999"), ("integrations", 3, "volume", "1e999", "low / likely / high")),
    ("a share above one", integration("coverage", "1.4"), ("integrations", 3, "coverage", "1.4", "at most 1")),
    ("a percentage or a share", integration("growth", "20"), ("integrations", 3, "growth", "20", "20 % or 2000 %")),
    ("no whole number", integration("consumers", "2.5"), ("integrations", 3, "consumers", "2.5", "whole number")),
    ("neither yes nor no", integration("partner", "perhaps"), ("integrations", 3, "partner", "perhaps", "yes or no")),
    ("between two choices", integration("criticality", "very high"), ("integrations", 3, "criticality", "very high", "low, medium, high")),
    ("a misspelt interface", {"systems": ["id,interfaces", "crm,rset", "erp,"]}, ("systems", 2, "interfaces", "rset", "rest")),
    ("an unknown interface", {"systems": ["id,interfaces", "crm,rest; telepathy", "erp,"]}, ("systems", 2, "interfaces", "rest; telepathy", "rest")),
    ("a contract that is not there", integration("contract", "contracts/order.yaml"), ("integrations", 3, "contract", "contracts/order.yaml", "file")),
    ("an extract that is not there", extract("extracts/crm.csv"), ("systems", 2, "data", "extracts/crm.csv", "file")),
    ("an extract outside", extract("../crm.csv"), ("systems", 2, "data", "../crm.csv", "within the engagement folder")),
    ("an extract of this machine", extract("/etc/passwd"), ("systems", 2, "data", "/etc/passwd", "within the engagement folder")),
    ("an extract behind a URL", extract("https://example.com/crm.csv"), ("systems", 2, "data", "https://example.com/crm.csv", "within the engagement folder")),
    ("an entity without a path", extract("customers="), ("systems", 2, "data", "customers=", "entity=path")),
    ("a risk of no integration", {"risks": ["id,integrations", "late,order"]}, ("risks", 2, "integrations", "order", "orders, stock")),
    ("a loss upside down", {"risks": ["id,loss_low,loss_high", "late,5000,100"]}, ("risks", 2, "loss_high", "100", "loss_low <= loss_high")),
    ("a wish of no integration", {"change_requests": ["id,integration", "c1,ordes"]}, ("change_requests", 2, "integration", "ordes", "orders, stock")),
    ("a date with two meanings", {"change_requests": ["id,integration,date", "c1,orders,3/1/2026"]}, ("change_requests", 2, "date", "3/1/2026", "2026-05-31")),
    ("30 February", {"change_requests": ["id,integration,date", "c1,orders,2026-02-30"]}, ("change_requests", 2, "date", "2026-02-30", "2026-05-31")),
    ("resolved before it began", {"incidents": ["id,integration,started,resolved", "i1,orders,2026-01-02T10:00,2026-01-01T10:00"]}, ("incidents", 2, "resolved", "2026-01-01T10:00", "started <= resolved")),
    ("time zones mixed", {"incidents": ["id,integration,started,resolved", "i1,orders,2026-01-01T10:00Z,2026-01-02T10:00"]}, ("incidents", 2, "resolved", "2026-01-02T10:00", "all with, or all without")),
    ("an unknown component", {"stack": ["id,product,component", "p1,Kong,gatway"]}, ("stack", 2, "component", "gatway", "api-gateway")),
    ("an unknown practice", {"readiness": ["practice,answer", "observability/alert-set,1"]}, ("readiness", 2, "practice", "observability/alert-set", "observability/alerts-set")),
    ("an answer twice", {"readiness": ["practice,answer,respondent", "observability/alerts-set,1,Ada", "observability/alerts-set,0,Ada"]}, ("readiness", 3, "practice, respondent", "observability/alerts-set / Ada", "once")),
    ("a practice that we have", {"practices": ["id,text,days", "observability/alerts-set,Alerts,1"]}, ("practices", 2, "id", "observability/alerts-set", "another id")),
    ("a step that is not there", {"value_stream": ["step,next", "take,chek", "check,"]}, ("value_stream", 2, "next", "chek", "check, take")),
    ("a loop that nothing leaves", {"value_stream": ["step,next", "take,check", "check,take"]}, ("value_stream", 3, "next", "take", "decision")),
    ("a share above one of a step", {"value_stream": ["step,next", "take,check:2", "check,"]}, ("value_stream", 2, "next", "2", "from 0 to 1")),
]  # fmt: skip

SETTINGS = [
    # name, key, value, and a part of what is allowed: line 3 of engagement.yaml, row 4 of the sheet engagement
    ("an unknown setting", "curency", "EUR", "currency"),
    ("a word for a number", "horizon_years", "five", "whole number"),
    ("a horizon of 40 years", "horizon_years", "40", "at most"),
    ("no currency", "currency", "Taler", "EUR"),
    ("no time zone", "time_zone", "Berlin", "Europe/Berlin"),
    ("a wrong word", "money", "rael", "real"),
    ("a negative rate", "team.day_rate", "-720", "at least 0"),
    ("a misspelt key of the team", "team.peple", "3", "people"),
    ("an unknown style", "constraints.excluded_styles", "ipass", "ipaas"),
    ("a share of 150 %", "team.focus", "150 %", "at most 1"),
    ("a misspelt criterion", "weights.latancy", "30", "latency"),
]


def rows(lines: list[str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO("\n".join(lines)), skipinitialspace=False))


def in_folder(folder, tables, setting=None):
    """Write an engagement as a folder; return what to load."""
    lines = ["client: Acme", "date: 2026-10-01"]
    if setting:
        head, _, key = setting[0].partition(".")
        lines.append(f"{head}: {{{key}: {setting[1]}}}" if key else f"{head}: {setting[1]}")
    (folder / "engagement.yaml").write_text("\n".join(lines) + "\n")
    for name, content in tables.items():
        path = folder / FILES.get(name, f"{name}.csv")
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(content) + "\n")
    return folder


def in_workbook(folder, tables, setting=None):
    """Write an engagement as a workbook, every cell a text; return what to load."""
    book = Workbook(folder / "intake.xlsx")
    keys = [
        ["key", "value"],
        ["client", "Acme"],
        ["date", "2026-10-01"],
        *([list(setting)] if setting else []),
    ]
    for name, content in {"engagement": keys, **{n: rows(c) for n, c in tables.items()}}.items():
        sheet = book.add_worksheet(name)
        for number, cells in enumerate(content):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, cell)
    book.close()
    return folder / "intake.xlsx"


FORMS = pytest.mark.parametrize("write", [in_folder, in_workbook])


@FORMS
def test_without_a_mistake_it_is_valid(tmp_path, write):
    assert intake.validate(write(tmp_path, TABLES)) == ()


@FORMS
@pytest.mark.parametrize(("tables", "expected"), [b[1:] for b in ROWS], ids=[b[0] for b in ROWS])
def test_a_mistake_in_a_table(tmp_path, write, tables, expected):
    table, row, column, value, allowed = expected
    problems = intake.validate(write(tmp_path, TABLES | tables))
    place = ("intake.xlsx", table) if write is in_workbook else (FILES.get(table, f"{table}.csv"), "")
    (found,) = [
        p for p in problems if (p.file, p.sheet, p.row, p.column) == (*place, row, column)
    ] or problems
    assert (found.file, found.sheet, found.row, found.column) == (*place, row, column), str(found)
    assert found.value == value
    assert allowed in found.allowed
    assert len(problems) == 1, "and nothing else is blamed"


@FORMS
@pytest.mark.parametrize(("key", "value", "allowed"), [s[1:] for s in SETTINGS], ids=[s[0] for s in SETTINGS])
def test_a_mistake_in_the_settings(tmp_path, write, key, value, allowed):
    (found,) = intake.validate(write(tmp_path, TABLES, (key, value)))
    place = ("intake.xlsx", "engagement", 4) if write is in_workbook else ("engagement.yaml", "", 3)
    assert (found.file, found.sheet, found.row, found.column) == (*place, key)
    assert found.value in (value, key.rpartition(".")[2], None)
    assert allowed in str(found)


def test_an_assumption_that_is_none(tmp_path):
    """In a folder it is a key of engagement.yaml; in a workbook the sheet ``assumptions`` holds them."""
    (folder := tmp_path / "folder").mkdir()
    (found,) = intake.validate(in_folder(folder, TABLES, ("assumptions.biuld.x", "3")))
    assert (found.file, found.row, found.column) == ("engagement.yaml", 3, "assumptions.biuld.x")
    assert "fx.eur_per_usd" in found.allowed
    (found,) = intake.validate(in_workbook(tmp_path, TABLES, ("assumptions.biuld.x", "3")))
    assert (found.file, found.sheet, found.row, found.value) == ("intake.xlsx", "engagement", 4, "3")
    assert "sheet assumptions" in found.allowed


@FORMS
def test_all_of_them_at_once(tmp_path, write):
    """Twelve mistakes in five tables: twelve problems, each at its place."""
    tables = {
        "systems": ["id,interfaces,data", "crm,rset,/etc/passwd", "erp,,", "CRM,,extracts/none.csv"],
        "integrations": [
            f"{I_HEAD},volume,coverage,partner",
            "orders,crm,erpp,many,140 %,perhaps",
            "stock,,crm,-5,,",
        ],
        "risks": ["id,loss_low,loss_high,integrations", "late,5000,100,ordes"],
    }
    found = {
        (p.file.partition(".")[0], p.sheet, p.row, p.column) for p in intake.validate(write(tmp_path, tables))
    }
    places = {
        ("systems", 2, "interfaces"), ("systems", 2, "data"), ("systems", 4, "id"), ("systems", 4, "data"),
        ("integrations", 2, "target"), ("integrations", 2, "volume"), ("integrations", 2, "coverage"),
        ("integrations", 2, "partner"), ("integrations", 3, "source"), ("integrations", 3, "volume"),
        ("risks", 2, "loss_high"), ("risks", 2, "integrations"),
    }  # fmt: skip
    book = write is in_workbook
    assert found == {("intake", table, *rest) if book else (table, "", *rest) for table, *rest in places}


ONLY_FOLDER = [
    # name, file, content, row, column, a part of message or of what is allowed
    ("a row too long", "systems.csv", b"id,name\ncrm,CRM,x\nerp,ERP\n", 2, "", "2 fields"),
    ("an open quote", "systems.csv", b'id,name\ncrm,"CRM\nerp,ERP\n', 2, "", "never closed"),
    ("saved by an old Excel", "systems.csv", "id,name\ncrm,CRM\nerp,Plzeň\n".encode("cp1250"), 3, "", "can be Windows-1252"),
    ("a NUL byte", "systems.csv", b"id,name\ncrm,C\0M\nerp,ERP\n", 2, "", "NUL"),
    ("a bell", "systems.csv", b"id,name\ncrm,C\x07M\nerp,ERP\n", 2, "name", "without control characters"),
    ("a tab in YAML", "engagement.yaml", b"client: x\nteam:\n\tpeople: 3\n", 3, "", "spaces"),
    ("a key twice", "engagement.yaml", b"client: x\nclient: y\n", 2, "client", "each key once"),
    ("a YAML tag", "engagement.yaml", b"client: !secret x\n", 1, "client", "quotes"),
    ("YAML that runs code", "engagement.yaml", b"client: !!python/object/apply:os.system [ls]\n", 1, "client", "a single value"),
    ("a YAML bomb", "engagement.yaml", b"client: &a x\ntitle: *a\n", 1, "", "the value itself"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "content", "row", "column", "words"),
    [o[1:] for o in ONLY_FOLDER],
    ids=[o[0] for o in ONLY_FOLDER],
)
def test_a_mistake_that_only_a_file_can_hold(tmp_path, file, content, row, column, words):
    in_folder(tmp_path, TABLES)
    (tmp_path / file).write_bytes(content)
    (found,) = intake.validate(tmp_path)
    assert (found.file, found.row, found.column) == (file, row, column)
    assert found.allowed
    assert words in str(found)


def test_mistakes_that_only_a_workbook_can_hold(tmp_path):
    """An error of Excel in D3, a formula that nobody computed in B4, a sheet that nobody knows."""
    book = Workbook(tmp_path / "intake.xlsx")
    for name, lines in {
        "engagement": ["key,value", "client,Acme"],
        **TABLES,
        "sytems (2)": ["id", "x"],
    }.items():
        sheet = book.add_worksheet(name)
        for number, cells in enumerate(rows(lines)):
            sheet.write_row(number, 0, cells)
        if name == "integrations":
            sheet.write_formula("D3", "=1/0", None, "#DIV/0!")
        if name == "systems":
            sheet.write_row("A4", ["shop"])
            sheet.write_formula("B4", "=A4", None, "")
    book.close()
    found = {(p.sheet, p.row, p.value): p for p in intake.validate(tmp_path / "intake.xlsx")}
    assert "D3" in found["integrations", 3, "#DIV/0!"].message
    assert any(sheet.startswith("sytems") and "systems" in str(p) for (sheet, *_), p in found.items())
    assert all(p.allowed for p in found.values())


def test_a_number_with_three_decimals_survives_every_form(tmp_path):
    """1.125 is typed as 1.1250 or is a number of Excel; tables, YAML and workbooks that we write say it so."""
    tables = TABLES | integration("peak_per_second", "1.1250")
    engagement = intake.load(in_folder(tmp_path, tables, ("team.day_rate", "812.1250")))
    intake.to_folder(engagement, tmp_path / "again")
    book = Workbook(tmp_path / "intake.xlsx")
    for name, lines in {"engagement": ["key,value", "client,Acme", "team.day_rate,"], **tables}.items():
        sheet = book.add_worksheet(name)
        for number, cells in enumerate(rows(lines)):
            sheet.write_row(number, 0, cells)
        if name == "engagement":
            sheet.write_number("B3", 812.125)
        if name == "integrations":
            sheet.write_number("D3", 1.125)
    book.close()
    for path in (tmp_path / "again", tmp_path / "intake.xlsx"):
        again = intake.load(path)
        assert (again.team.day_rate, again.integrations[1].peak_per_second) == (812.125, 1.125), path


@pytest.mark.parametrize("file", ["engagement.yaml", "risks.csv"])
def test_a_million_mistakes_are_told_in_seconds(tmp_path, file):
    """The first thousand are listed, and that there are others; what is wrong beyond them is not even looked at."""
    in_folder(tmp_path, TABLES)
    lines = {
        "engagement.yaml": ["client: Acme", *(f"key{n}: {n}" for n in range(50_000))],
        "risks.csv": ["id,integrations,loss_low", *(f"r{n},none{n},many" for n in range(50_000))],
    }
    (tmp_path / file).write_text("\n".join(lines[file]))
    problems = intake.validate(tmp_path)
    assert len(problems) == 1001
    (others,) = [p for p in problems if "more problems than are listed" in p.message]
    assert (others.file, others.allowed) == (file, "at most 1000")
