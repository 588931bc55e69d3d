"""Reviewed pairs: exact intervals against the published table and coverage by counting, and what is read from a person's table."""

import pandas as pd
import pytest
from scipy.stats import binom

from assess.evidence.quality.linkage.review import (
    LinkageReview,
    RecordMasker,
    count_reviews,
    draw_review,
    exact_interval,
    propose_reviews,
)
from assess.evidence.quality.table import open_table

LINKED = pd.DataFrame(
    {
        "left_row": range(300),
        "right_row": range(300),
        "probability": [1 - k / 1000 for k in range(300)],
        "reason": "same: name",
    }
)
OPEN = pd.DataFrame(
    {"left_row": range(300, 350), "right_row": range(300, 350), "probability": 0.3, "reason": "alike: name"}
)


@pytest.mark.parametrize(
    ("hits", "seen", "low", "high"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (5, 10, 0.1871, 0.8129), (1, 20, 0.0013, 0.2487)],
)
def test_intervals_are_those_of_clopper_and_pearson(hits, seen, low, high):
    """The usual tables of exact binomial limits (Altman, Practical Statistics for Medical Research, 1991)."""
    assert exact_interval(hits, seen) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("share", [0.6, 0.9, 0.98])
def test_the_interval_holds_in_95_of_100_reviews(share):
    """Summed over every outcome of forty reviews."""
    covered = sum(
        binom.pmf(k, 40, share)
        for k in range(41)
        if exact_interval(k, 40)[0] <= share <= exact_interval(k, 40)[1]
    )
    assert covered >= 0.95


def test_pairs_are_drawn_by_chance_from_both_groups():
    """In any first part two of three are linked, and no part prefers the sure ones."""
    drawn = draw_review(LINKED, OPEN)
    for looked_at in (6, 30, 60):
        assert (drawn["group"].head(looked_at) == "linked").sum() == pytest.approx(looked_at * 2 / 3, abs=1)
    assert not drawn.duplicated(["left_row", "right_row"]).any()
    assert len(drawn) == 350
    means = [draw_review(LINKED, OPEN, seed).query("group == 'linked'").head(20)["left_row"].mean() for seed in range(200)]  # fmt: skip
    assert sum(means) / 200 == pytest.approx(149.5, abs=4 * 300 / 12**0.5 / 4000**0.5)
    assert len(draw_review(LINKED.iloc[:5], OPEN.iloc[:3])) == 8
    assert len(draw_review(LINKED.iloc[:0], OPEN.iloc[:0])) == 0


PEOPLE = open_table(pd.DataFrame({"name": [f"P{k}" for k in range(350)]}), "crm.people")
RECORDS = RecordMasker(PEOPLE, {"name"}, clear=True)


def test_what_a_person_says_gives_precision_and_recall():
    drawn = draw_review(LINKED, OPEN)
    asked = propose_reviews(drawn, (), RECORDS, RECORDS)
    assert len(asked) == 60
    assert all(one.source_record == f"name: P{one.source_row}" for one in asked)
    linked = [one for one in asked if one.source_row < 300]
    opened = [one for one in asked if one.source_row >= 300]
    answered = [one.model_copy(update={"same": place < 38}) for place, one in enumerate(linked[:39])]
    answered += [one.model_copy(update={"same": place < 5}) for place, one in enumerate(opened)]
    found = count_reviews(drawn, [*answered, linked[39]], (PEOPLE, PEOPLE), (300, 50))
    assert (found.right, found.seen, found.open_right, found.open_seen) == (38, 39, 5, 20)
    share, low, high = found.precision
    assert (share, low, high) == pytest.approx((38 / 39, *exact_interval(38, 39)))
    estimate, least, most = found.recall
    assert estimate == pytest.approx((38 / 39 * 300) / (38 / 39 * 300 + 0.25 * 50))
    assert least < estimate < most
    assert "38 are the same" in found.sentence
    assert sum(found.same(0, 0)) == pytest.approx(38 / 39 * 300 + 0.25 * 50)
    more = propose_reviews(drawn, asked, RECORDS, RECORDS)
    assert not {one.source_row for one in more} & {one.source_row for one in asked}


def test_an_answer_about_a_record_that_has_changed_does_not_count():
    drawn = draw_review(LINKED, OPEN)
    first, second, third = propose_reviews(drawn, (), RECORDS, RECORDS, 3)
    said = [one.model_copy(update={"same": True}) for one in (first, second)]
    renamed = PEOPLE.frame.copy()
    renamed.loc[first.source_row, "name"] = "Q"
    found = count_reviews(drawn, said, (open_table(renamed), PEOPLE), (300, 50))
    assert (found.seen + found.open_seen, found.outdated) == (1, 1)
    assert "1 reviewed pair is left out" in found.sentence
    beyond = third.model_copy(update={"same": True, "source_row": 10_000})
    assert count_reviews(drawn, [beyond], (PEOPLE, PEOPLE), (300, 50)).outdated == 1
    assert RECORDS.show_record(7) == "name: P7"


def test_persons_are_masked_and_an_answer_about_them_counts_while_the_record_has_that_shape():
    people = pd.DataFrame(
        {"name": ["Ann Lee", "Bob | Ray"], "town": ["Bonn", "Rome"], "note": ["", "bob@ray.example"]}
    )
    table = open_table(people, "crm.people")
    masked, clear = RecordMasker(table, {"name"}), RecordMasker(table, {"name"}, clear=True)
    assert masked.show_record(1) == "name: «Aaa | Aaa» | town: Rome | note: «aaa@aaa.aaaaaaa»"
    assert clear.show_record(1) == "name: Bob | Ray | town: Rome | note: bob@ray.example"
    pair = pd.DataFrame(
        {"left_row": [1], "right_row": [1], "probability": [0.9], "reason": ["same: name, town"]}
    )
    drawn = draw_review(pair, pair.iloc[:0])
    for shown in (masked, clear):
        (asked,) = propose_reviews(drawn, (), shown, shown)
        assert asked.compared == "same: name, town"
        said = [asked.model_copy(update={"same": True})]
        assert count_reviews(drawn, said, (table, table), (1, 0)).seen == 1
        for column, text in (("town", "Oslo"), ("name", "Robert Ray"), ("note", "")):
            changed = people.copy()
            changed.loc[1, column] = text
            assert count_reviews(drawn, said, (open_table(changed), table), (1, 0)).outdated == 1


def test_more_reviews_narrow_it_to_what_was_asked():
    found = LinkageReview(linked=1000, undecided=0, right=38, seen=40)
    seen = 40 + found.reviews_for(0.02)
    low, high = exact_interval(round(0.95 * seen), seen)
    assert (high - low) / 2 <= 0.02
    assert LinkageReview(linked=5, undecided=0).reviews_for(0.02) is None
