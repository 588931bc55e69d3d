"""The readiness form: what it shows, what it writes, and that nothing else is touched."""

import datetime as dt

import pytest
import traitlets

from assess import intake
from assess.decisions import readiness
from assess.decisions.assessment import Assessment
from assess.report import readiness_form
from assess.report.readiness_form import Form, changed, entries, people

FIRST, SECOND, THIRD = [practice.id for practice in readiness.checklist().practices][:3]
TODAY = dt.date(2026, 11, 22)
TABLE = f"""\
respondent;evidence;practice;answer
Ada;"minutes of May";{FIRST};0.5
Ada;;{SECOND};unknown

"Bo <b>";;{FIRST};1
"""


@pytest.fixture
def folder(tmp_path):
    made = intake.init(tmp_path / "acme")
    (made / "readiness.csv").write_text(TABLE)
    return made


def score(location):
    return readiness.score(intake.load(location))


def said(location):
    return {(a.practice, a.respondent): (a.answer, a.evidence) for a in intake.load(location).readiness}


def test_every_practice_stands_with_what_the_respondent_said(folder):
    ready = score(folder)
    assert people(ready) == ("Ada", "Bo <b>")
    known = {entry.practice: (entry.answer, entry.evidence) for entry in entries(ready, " ada ")}
    assert len(known) == len(ready.practices)
    assert known[FIRST] == ("0.5", "minutes of May")
    assert known[SECOND] == ("unknown", "") and known[THIRD] == ("", "")
    assert {entry.answer for entry in entries(ready, "Cy")} == {""}


def test_only_what_differs_is_an_answer(folder):
    before = entries(score(folder), "Ada")
    given = {entry.practice: (entry.answer, entry.evidence) for entry in before}
    assert changed(before, given, "Ada", TODAY) == ()
    given |= {FIRST: ("0.75", " minutes of June "), SECOND: ("", "")}
    (answer,) = changed(before, given, " Ada ", TODAY)
    assert (answer.practice, answer.answer, answer.respondent, answer.evidence, answer.date) == (
        FIRST, "0.75", "Ada", "minutes of June", TODAY,
    )  # fmt: skip
    with pytest.raises(ValueError, match="who answers"):
        changed(before, given, " ", TODAY)


def test_answers_go_back_and_nothing_is_lost(folder):
    form = Form(score(folder), folder, TODAY)
    form.respondent.value = "Ada"
    assert form.questions[FIRST].answer == "0.5" and form.questions[FIRST].evidence == "minutes of May"
    form.questions[FIRST].answer = "1"
    form.questions[THIRD].answer = "0.25"
    form.questions[THIRD].evidence = "register; page 3"
    form.save.click()
    assert "2 answers of Ada" in form.announced.sentence
    lines = (folder / "readiness.csv").read_text().splitlines()
    assert lines[0] == "respondent;evidence;practice;answer;date"
    assert lines[1] == f"Ada;minutes of May;{FIRST};1;2026-11-22"
    assert lines[4] == f"Bo <b>;;{FIRST};1;"
    assert said(folder)[THIRD, "Ada"] == ("0.25", "register; page 3")
    form.save.click()
    assert "Nothing changed" in form.announced.sentence


def test_another_respondent_starts_from_own_answers(folder):
    form = Form(score(folder), folder, TODAY)
    form.respondent.value = "Bo <b>"
    assert form.questions[FIRST].answer == "1" and form.questions[SECOND].answer == ""
    form.respondent.value = "Cy"
    form.questions[SECOND].answer = "unknown"
    form.write()
    assert said(folder)[SECOND, "Cy"] == ("unknown", "") and said(folder)[SECOND, "Ada"] == ("unknown", "")


def test_answers_go_back_into_a_workbook(folder, tmp_path):
    workbook = intake.to_workbook(folder, folder / "intake.xlsx")
    for name in ("engagement.yaml", "readiness.csv"):
        (folder / name).unlink()
    for table in folder.glob("*.csv"):
        table.unlink()
    form = Form(score(workbook), workbook, TODAY)
    form.respondent.value = "Ada"
    form.questions[SECOND].answer = "0.75"
    form.write()
    assert "intake.xlsx" in form.announced.sentence
    assert said(workbook)[SECOND, "Ada"] == ("0.75", "") and said(workbook)[FIRST, "Ada"] == (
        "0.5",
        "minutes of May",
    )


def test_without_a_name_or_a_file_nothing_is_written(folder):
    form = Form(score(folder), folder, TODAY)
    form.questions[FIRST].answer = "1"
    form.write()
    assert "Nothing was written" in form.announced.sentence and "who answers" in form.announced.sentence
    assert (folder / "readiness.csv").read_text() == TABLE
    (folder / "readiness.csv").write_text("no header of ours\n")
    form.respondent.value = "Ada"
    form.questions[THIRD].answer = "1"
    form.write()
    assert "Nothing was written" in form.announced.sentence and "readiness.csv" in form.announced.sentence


def test_every_control_has_a_name_and_every_answer_a_choice(folder):
    form = Form(score(folder), folder, TODAY)
    assert {value for _, value in readiness_form.CHOICES} == {"", "unknown", "0", "0.25", "0.5", "0.75", "1"}
    for id, question in form.questions.items():
        assert question.text and question.practice == id
        assert [value for _, value in question.choices] == [value for _, value in readiness_form.CHOICES]
    with pytest.raises(traitlets.TraitError, match="no choice"):
        form.questions[FIRST].answer = "0.6"


def test_without_a_reader_it_is_a_table(folder, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *args, **kwargs: shown.extend(args))
    monkeypatch.setenv("ASSESS_LIVE", "0")
    readiness_form.ask(Assessment.open(folder), folder)
    (bundle,) = shown
    assert "minutes of May" in bundle["text/html"] and "Bo &lt;b&gt;" in bundle["text/html"]
    assert bundle["text/plain"].startswith("2 people answered")
