"""What made a newcomer hesitate: domain words, rows left from the template, own columns."""

from __future__ import annotations

import pytest

from assess import intake
from assess.intake.columns import find_table
from assess.intake.typed import reword


def column(table, name):
    return next(one for one in find_table(table).columns if one.name == name)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("FHIR", "rest"),
        ("HL7 v2", "events"),
        ("Kafka", "events"),
        ("OData", "rest"),
        ("HL7 v2; FHIR", "events; rest"),
    ],
)
def test_interfaces_are_read_as_people_call_them(text, meant):
    assert reword(text, column("systems", "interfaces")) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("file", "file-exchange"),
        ("Copy & paste", "manual"),
        ("Kafka", "event-driven"),
        ("plugin", "native-connector"),
    ],
)
def test_styles_of_today_are_read_as_people_call_them(text, meant):
    assert reword(text, column("integrations", "style_today")) == meant


def test_a_row_that_still_names_the_templates_systems_says_so(tmp_path):
    folder = intake.init(tmp_path / "e")
    (folder / "systems.csv").write_text("id,interfaces\nehr,rest\nlab,rest\n")
    (folder / "integrations.csv").write_text("id,source,target\norders,ehr,lab\n")
    said = [str(problem) for problem in intake.validate(folder)]
    assert said
    assert all("left from the template's examples, delete the row or overwrite it" in one for one in said)
    for name in (
        "risks",
        "stack",
        "value_stream",
        "change_requests",
        "link_reviews",
        "operations/incidents",
        "operations/names",
    ):
        (folder / f"{name}.csv").unlink()
    assert intake.validate(folder) == ()


def test_an_own_column_that_is_nearly_one_of_ours_may_begin_with_an_underscore(tmp_path):
    folder = tmp_path / "e"
    folder.mkdir()
    (folder / "engagement.yaml").write_text("client: A\n")
    (folder / "systems.csv").write_text("id\na\nb\n")
    (folder / "integrations.csv").write_text("id,source,target,Ansprechpartner\nx,a,b,Ada\n")
    (problem,) = intake.validate(folder)
    assert "whose name starts with _" in str(problem)
    (folder / "integrations.csv").write_text("id,source,target,_Ansprechpartner\nx,a,b,Ada\n")
    assert intake.validate(folder) == ()
    assert [note.value for note in intake.load(folder).notes] == ["_Ansprechpartner"]


@pytest.mark.parametrize(
    ("text", "said"), [("2 days", "of 24 hours or of work"), ("2 Tage", "of 24 hours or of work")]
)
def test_a_day_in_a_column_of_minutes_is_refused_with_the_reason(tmp_path, text, said):
    folder = tmp_path / "e"
    folder.mkdir()
    (folder / "engagement.yaml").write_text("client: A\n")
    (folder / "value_stream.csv").write_text(f"step,wait_minutes\norder,{text}\n")
    assert said in str(intake.validate(folder)[0])
