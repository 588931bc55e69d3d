"""Who is asked, what a role is given, and how an answer gets into its cell."""

import datetime as dt
import io

import openpyxl
import pytest
import yaml

from assess import intake
from assess.intake.answers import PROVENANCE
from assess.intake.asking import answers_key, role_tables, roles, who, who_assumes
from assess.intake.assumptions import defaults
from assess.intake.columns import TABLES, keys
from assess.intake.merging import merge, write_merged
from assess.intake.text_files import with_key

DAY = dt.date(2026, 11, 30)


def given(file, line, table, row, column, text, sheet=""):
    return intake.CellAnswer(file, sheet, line, table, row, column, text, "Ada", DAY)


def test_every_column_key_and_assumption_has_a_role():
    for table in TABLES:
        assert {who(table.name, column.name).role for column in table.columns} <= set(roles())
    assert {who("engagement", key).role for key, _ in keys()} <= set(roles())
    assert {who_assumes(key) for key in defaults()} <= set(roles())


def test_every_column_is_answered_by_exactly_one_role_beside_keys_and_names():
    for table in TABLES:
        own = {
            role: {
                c.name
                for t in role_tables(role)
                if t.name == table.name
                for c in t.columns
                if who(table.name, c.name).role == role
            }
            for role in roles()
        }
        wanted = {column.name for column in table.columns}
        assert set().union(*own.values()) >= wanted - set(table.key) - {"name", "entity"}
        assert sum(map(len, own.values())) <= len(wanted)


def test_a_cell_of_a_table_is_answered_and_everything_else_stays(folder):
    before = (folder / "integrations.csv").read_text().splitlines()
    others = {p: p.read_bytes() for p in folder.rglob("*.csv") if p.name != "integrations.csv"}
    intake.record_answer(folder, given("integrations.csv", 3, "integrations", "stock", "criticality", "low"))
    after = (folder / "integrations.csv").read_text().splitlines()
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False]
    assert intake.load(folder).integration("stock").criticality == "low"
    assert all(path.read_bytes() == content for path, content in others.items())
    assert (folder / PROVENANCE).read_text().splitlines()[1] == (
        "integrations,stock,criticality,low,answered in an interview on 2026-11-30 by Ada"
    )


def test_a_column_that_is_new_is_added(folder):
    intake.record_answer(
        folder, given("integrations.csv", 2, "integrations", "orders", "latency_seconds", "300")
    )
    assert intake.load(folder).integration("orders").latency_seconds == 300


@pytest.mark.parametrize("key, text, read", [
    ("team.day_rate", "700", lambda e: e.team.day_rate == 700),
    ("team.people", "5", lambda e: e.team.people == 5),
    ("team.skills.ipaas", "0.25", lambda e: e.team.skills == {"api-first": 0.5, "ipaas": 0.25}),
    ("inflation", "0.02", lambda e: e.inflation == 0.02),
])  # fmt: skip
def test_a_setting_is_answered_and_comments_stay(folder, key, text, read):
    settings = folder / "engagement.yaml"
    settings.write_text("# ours\n" + settings.read_text() + "# the end\n")
    intake.record_answer(folder, given("engagement.yaml", None, "engagement", "", key, text))
    assert read(intake.load(folder))
    assert settings.read_text().startswith("# ours\n") and "# the end\n" in settings.read_text()


def test_an_assumption_is_answered_with_who_said_it(folder):
    for text in ("70000", "60000 / 75000 / 90000"):
        intake.record_answer(folder, given("engagement.yaml", None, "assumptions", "", "people.wage", text))
    own = intake.load(folder).assumptions.overrides["people.wage"]
    assert (own.low, own.likely, own.high) == (60000, 75000, 90000)
    assert (own.source, own.date) == ("answered in an interview on 2026-11-30 by Ada", DAY)


def test_a_workbook_is_answered_in_its_cells(folder, tmp_path):
    book = intake.to_workbook(folder, folder / "book.xlsx")
    for answer in (
        given("book.xlsx", 3, "integrations", "stock", "criticality", "low", "integrations"),
        given("book.xlsx", None, "engagement", "", "team.day_rate", "700", "engagement"),
        given("book.xlsx", None, "assumptions", "", "people.wage", "70000", "assumptions"),
    ):
        intake.record_answer(book, answer)
    read = intake.load(book)
    assert (read.integration("stock").criticality, read.team.day_rate) == ("low", 700)
    assert read.assumptions["people.wage"].likely == 70000


def test_what_is_not_allowed_is_refused_and_nothing_is_written(folder):
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    with pytest.raises(intake.InvalidEngagement, match="allowed: low, medium"):
        intake.record_answer(
            folder, given("integrations.csv", 3, "integrations", "stock", "criticality", "dire")
        )
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("text", ["", "client: A", "client: A\nteam:\n", "client: A\nteam: {}\n", "client: A\nteam: {people: 4} # four\n",
                                  "client: A\nteam:\n  people: 4\n  skills:\n    ipaas: 0.5\n\n# done\ngoals: []\n"])  # fmt: skip
@pytest.mark.parametrize(
    "path", [("team", "focus"), ("team", "skills", "api-first"), ("currency",), ("team", "people")]
)
def test_a_key_of_yaml_is_given_and_all_others_stay(text, path):
    changed = with_key(text, path, "0.5")
    assert changed is not None
    tree, before = yaml.safe_load(changed), yaml.safe_load(text) or {}
    value = tree
    for part in path:
        value = value[part]
    assert value == 0.5
    assert all(tree[key] == before[key] for key in before if key != path[0])
    assert [
        line for line in text.splitlines() if "#" in line and path[-1] not in line and "{" not in line
    ] == [line for line in changed.splitlines() if "#" in line and path[-1] not in line and "{" not in line]


@pytest.mark.parametrize("role", [role for role in roles() if role != "method"])
@pytest.mark.parametrize("workbook", [False, True])
def test_a_role_gets_a_valid_engagement_of_its_own_columns(folder, tmp_path, role, workbook):
    target = intake.convert(folder, tmp_path / "own", workbook=workbook, role=role)
    read = intake.load(target)
    assert [item.id for item in read.integrations] == ["orders", "stock"]
    full = intake.load(folder)
    for key in ("team.day_rate", "discount_rate"):
        section, _, name = key.rpartition(".")
        own, whole = (getattr(e.team if section else e, name) for e in (read, full))
        assert own == (whole if answers_key(role, key) else None)
    if workbook:
        sheets = openpyxl.load_workbook(target / "intake.xlsx")
        assert {name for name in sheets.sheetnames if name in {t.name for t in TABLES}} == {
            t.name for t in role_tables(role)
        }


def test_answers_of_roles_come_together_again(folder, tmp_path):
    finance = intake.convert(folder, tmp_path / "finance", role="finance", workbook=True)
    operations = intake.convert(folder, tmp_path / "operations", role="operations")
    table = operations / "integrations.csv"
    table.write_text(table.read_text().replace("800", "1600"))
    merged = merge([folder, finance, operations])
    assert [(c.place, c.values) for c in merged.disagreements] == [
        ("integrations, stock, volume", ("800", "1600"))
    ]
    written = intake.load(write_merged(merged, tmp_path / "all"))
    assert written.integration("orders").volume.likely == 2000


def test_the_sheet_of_questions_is_not_read_back(folder):
    first = [("Question", "Who answers"), ("How many?", "CFO")]
    book = intake.to_workbook(folder, folder / "book.xlsx", first=first)
    sheet = openpyxl.load_workbook(io.BytesIO(book.read_bytes()))["ask first"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [list(row) for row in first]
    assert not [note for note in intake.load(book).notes if "ask first" in str(note)]
