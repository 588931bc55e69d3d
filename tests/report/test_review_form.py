"""The form for linked pairs: what it shows, what each answer writes, in a folder and in a workbook."""

import datetime as dt

import pandas as pd
import pytest
from click.testing import CliRunner
from linked_people import FIRST, LAST, linked_people

from assess import intake
from assess.cli.commands import assess as main
from assess.evidence import quality
from assess.evidence.quality.reviewing import find_linked_pairs
from assess.intake.workbook.writing import to_workbook
from assess.report.review_form import ReviewForm

TODAY = dt.date(2026, 11, 30)


@pytest.fixture
def folder(tmp_path):
    return linked_people(tmp_path / "acme")


def form(folder):
    engagement = intake.load(folder)
    return ReviewForm(find_linked_pairs(engagement), folder, TODAY)


def test_each_answer_is_written_at_once_and_the_next_pair_follows(folder):
    shown = form(folder)
    asked = list(shown.queue)
    assert len(asked) >= 30
    assert "no person has checked" in shown.announced.sentence.lower()
    assert shown.shown.sides == ["crm.people", "erp.people"]
    first = asked[0]
    assert all(not left or left in first.source_record for _, left, _ in shown.shown.fields)
    shown.respondent.value = "Ada"
    shown.shown.given = ["yes", 1]
    assert shown.shown.taken == 1
    shown.shown.given = ["skip", 2]
    shown.shown.given = ["no", 3]
    said = {(r.source_row, r.target_row): r for r in intake.load(folder).link_reviews}
    assert {key: r.same for key, r in said.items()} == {
        (asked[0].source_row, asked[0].target_row): True,
        (asked[2].source_row, asked[2].target_row): False,
    }
    assert {(r.respondent, r.date, bool(r.source_record)) for r in said.values()} == {("Ada", TODAY, True)}
    shown.shown.given = ["back", 4]
    shown.shown.given = ["yes", 5]
    said = {(r.source_row, r.target_row): r.same for r in intake.load(folder).link_reviews}
    assert said[asked[2].source_row, asked[2].target_row] is True
    assert "Of 2 linked pairs" in shown.announced.sentence or "undecided" in shown.announced.sentence.lower()
    assert len(form(folder).queue) >= 1


def test_persons_are_masked_in_form_and_table_unless_values_were_asked_for(folder):
    engagement = intake.load(folder)
    words = {*FIRST, *LAST}
    shown = form(folder)
    told = " ".join(text for field in shown.shown.fields for text in field)
    assert not words & set(told.replace(",", " ").split())
    assert "% alike)" in told
    assert "Fields of persons are masked" in shown.announced.sentence
    in_clear = ReviewForm(find_linked_pairs(engagement, clear=True), folder, TODAY)
    told = " ".join(text for field in in_clear.shown.fields for text in field)
    assert len(words & set(told.replace(",", " ").split())) >= 2
    assert "masked" not in in_clear.announced.sentence
    for options, masked in ((["--show-values"], False), ([], True)):
        (folder / "link_reviews.csv").unlink(missing_ok=True)
        run = CliRunner().invoke(main, ["review", str(folder), *options])
        assert run.exit_code == 0, run.output
        text = (folder / "link_reviews.csv").read_text()
        assert any(name in text for name in LAST) is not masked
        assert all(one.compared for one in intake.load(folder).link_reviews)


def test_the_command_lists_pairs_once_and_says_what_reviews_show(folder):
    run = CliRunner().invoke(main, ["review", str(folder)])
    assert run.exit_code == 0, run.output
    listed = intake.load(folder).link_reviews
    assert 30 <= len(listed) <= 60
    assert f"{len(listed)} pairs to look at" in run.output
    again = CliRunner().invoke(main, ["review", str(folder)])
    assert len(intake.load(folder).link_reviews) == len(listed), again.output
    frame = pd.read_csv(folder / "link_reviews.csv", dtype=str, keep_default_na=False)
    frame["same"] = ["yes" if int(a) - 20 == int(b) else "no" for a, b in zip(frame["source_row"], frame["target_row"], strict=True)]  # fmt: skip
    frame.to_csv(folder / "link_reviews.csv", index=False)
    done = CliRunner().invoke(main, ["review", str(folder)])
    assert "that a person reviewed" in done.output
    review = quality.assess(intake.load(folder)).linked[0].review
    assert review.outdated == 0
    assert review.seen + review.open_seen == len(frame)


def test_a_workbook_has_the_sheet_and_takes_the_answers(folder):
    form(folder).give("yes")
    book = folder / "book.xlsx"
    to_workbook(folder, book)
    shown = form(book)
    shown.give("no")
    held = [r.same for r in intake.load(book).link_reviews]
    assert sorted(held) == [False, True]


def test_a_review_of_no_table_is_told_with_its_place(folder):
    (folder / "link_reviews.csv").write_text(
        "source,target,source_row,target_row,same\ncrm.persons,erp.people,0,0,maybe\n"
    )
    with pytest.raises(intake.InvalidEngagement) as told:
        intake.load(folder)
    text = str(told.value)
    assert "link_reviews.csv" in text
    assert "crm.persons" in text
    assert "crm.people" in text
    assert "maybe" in text
