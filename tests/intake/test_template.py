"""A new engagement is commented and valid from the start."""

import csv
import re

import pytest
import yaml

from assess import intake
from assess.intake.columns import SECTIONS, TABLES, find_table, keys
from assess.intake.references import practices


@pytest.fixture(scope="module")
def new(tmp_path_factory):
    return intake.init(tmp_path_factory.mktemp("new") / "engagement")


def test_it_is_valid(new):
    assert intake.validate(new) == ()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_has_an_example_row(new, table):
    assert getattr(intake.load(new), table.name)


@pytest.mark.parametrize("table", [table for table in TABLES if table.file], ids=lambda table: table.name)
def test_every_table_has_every_column(new, table):
    with (new / table.file).open(newline="", encoding="utf-8") as file:
        assert next(csv.reader(file)) == [column.name for column in table.columns]


def test_every_key_stands_in_the_settings_given_or_commented_out(new):
    text = (new / "engagement.yaml").read_text(encoding="utf-8")
    names = set(re.findall(r"^[ #-]*(\w+):", text, re.MULTILINE))
    wanted = {key.rpartition(".")[2] for key, _ in keys()} | set(SECTIONS) | {"goals", "assumptions"}
    assert wanted - names == set()
    assert {column.name for column in find_table("goals").columns} - names == set()


def test_what_is_commented_out_would_be_allowed(new, tmp_path):
    text = (new / "engagement.yaml").read_text(encoding="utf-8")
    head, assumptions = text.split("# Assumptions:")
    plain = re.sub(r"^( *)# ( *[\w-]+:.*)$", r"\1\2", head, flags=re.MULTILINE)
    assert len(yaml.safe_load(plain)) > len(yaml.safe_load(text))
    copy = intake.init(tmp_path / "copy")
    (copy / "engagement.yaml").write_text(plain, encoding="utf-8")
    assert [str(problem) for problem in intake.validate(copy)] == []
    assert "key: 12" in assumptions


def test_every_practice_of_the_checklist_waits_for_an_answer(new):
    answers = {answer.practice: answer.answer for answer in intake.load(new).readiness}
    own = {practice.id for practice in intake.load(new).practices}
    assert own and set(answers) == {*practices(), *own}
    assert "unknown" in answers.values()


def test_the_readme_explains_every_column(new):
    text = (new / "README.md").read_text(encoding="utf-8")
    for table in TABLES:
        for column in table.columns:
            assert column.help, f"{table.name}.{column.name} is not explained"
            assert f"| {column.name} |" in text or f"| **{column.name}** (required) |" in text


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(intake.InvalidEngagement, match="is not empty; allowed: a new or empty folder"):
        intake.init(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(intake.InvalidEngagement, match="is no folder"):
        intake.init(tmp_path / "mine.txt")


def test_a_name_that_can_not_be_made(tmp_path):
    with pytest.raises(intake.InvalidEngagement, match="can't be made"):
        intake.init(tmp_path / ("x" * 300))


def test_workbook_and_folder_say_the_same(new, tmp_path):
    other = intake.init(tmp_path / "other", workbook=True)
    assert not (other / "engagement.yaml").exists()
    assert not list(other.glob("*.csv"))
    mine, theirs = intake.load(new), intake.load(other)
    for table in TABLES:
        rows = [
            [row.model_dump(exclude={"origin"}) for row in getattr(e, table.name)] for e in (mine, theirs)
        ]
        for found in rows:
            for row in found:
                for value in row.values():
                    if isinstance(value, dict) and "likely" in value:
                        del value["source"]
        assert rows[0] == rows[1]
    assert theirs.team.model_dump(exclude={"origin"}) == mine.team.model_dump(exclude={"origin"})
    assert theirs.integrations[0].volume.source.id == "in:intake.xlsx/integrations:2:volume"
