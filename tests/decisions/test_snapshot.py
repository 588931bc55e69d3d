"""The basis of an assessment and what differs between two; what a disagreement is worth."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from assess.core.estimate import Estimate
from assess.core.source import Fact
from assess.decisions.assessment import Assessment
from assess.decisions.snapshot import PARTS, Snapshot, price_disagreements
from assess.intake.assumptions import Assumptions, defaults
from assess.intake.engagement import Quote
from assess.intake.problem import InvalidEngagement


@pytest.fixture
def snapshot(make):
    return Snapshot.of(Assessment(make(2), draws=20))


OTHER = {
    "assumptions": Assumptions(overrides={"people.wage": defaults()["people.wage"]}),
    "quotes": (Quote(plan="offer", vendor="v", style="ipaas", unit="month", price=Estimate.point(1), date=dt.date(2026, 1, 1)),),
    "platform": ("offer",), "exchange_rates": {"USD": 0.5}, "discount_rate": 0.01, "inflation": 0.09, "money": "nominal",
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER)
def test_each_price_is_a_price_and_no_answer(snapshot, name):
    stated = snapshot.stated.model_copy(update={name: OTHER[name]})
    assert getattr(stated, name) != getattr(snapshot.stated, name)
    other = snapshot.model_copy(update={"stated": stated})
    assert snapshot.differing(other) == other.differing(snapshot) == ("prices",)
    moved = snapshot.exchanged(other, frozenset({"prices"}))
    assert getattr(moved.stated, name) == OTHER[name]
    assert other.differing(moved) == ()
    assert snapshot.differing(snapshot.exchanged(other, frozenset({"answers", "measurements"}))) == ()


def test_what_was_answered_is_an_answer_and_fingerprints_are_not(snapshot):
    other = snapshot.model_copy(
        update={"stated": snapshot.stated.model_copy(update={"client": "Somebody else"})}
    )
    assert snapshot.differing(other) == ("answers",)
    assert snapshot.exchanged(other, frozenset({"answers"})).stated.client == "Somebody else"
    assert snapshot.exchanged(other, frozenset({"prices", "measurements"})).stated == snapshot.stated
    noted = snapshot.stated.model_copy(update={"notes": ("read late",)})
    assert noted.notes != snapshot.stated.notes
    assert snapshot.differing(snapshot.model_copy(update={"stated": noted})) == ()


def test_each_measurement_counts_alone(snapshot):
    fact = Fact(id="f", label="F", value=1.0)
    others = {
        "operations": snapshot.operations.model_copy(update={"facts": (fact,)}),
        "quality": snapshot.quality.model_copy(update={"facts": (fact,)}),
        "logs": (SimpleNamespace(name="log"),),
    }
    for name, value in others.items():
        other = snapshot.model_copy(update={name: value})
        assert snapshot.differing(other) == ("measurements",), name
        moved = snapshot.exchanged(other, frozenset({"measurements"}))
        assert getattr(moved, name) == value
        assert getattr(snapshot.exchanged(other, frozenset({"answers"})), name) == getattr(snapshot, name)
    assert snapshot.differing(snapshot) == ()


def test_parts_are_told_in_their_order(snapshot):
    stated = snapshot.stated.model_copy(update={"client": "x", "money": "nominal"})
    other = snapshot.model_copy(update={"stated": stated, "logs": (SimpleNamespace(name="log"),)})
    assert snapshot.differing(other) == PARTS == ("answers", "measurements", "prices")


def test_an_assessment_from_a_snapshot_is_that_of_the_client(make):
    own = Assessment(make(2), seed=11, draws=40)
    again = Snapshot.of(own).assessment()
    assert (again.seed, again.draws) == (11, 40)
    assert again.decision == own.decision
    assert again.operations is Snapshot.of(own).operations or again.operations == own.operations


class Answered:
    """Answers of several people: the value of a cell leads to the gain and the assignment of that name."""

    def __init__(self, *cells):
        self.disagreements = tuple(SimpleNamespace(place=f"cell {n}", values=v) for n, v in enumerate(cells))

    def engagement(self, cell=None, value=""):
        if value == "impossible":
            raise InvalidEngagement([])
        return value if cell is not None else self.disagreements[0].values[0] if self.disagreements else ""


def test_a_disagreement_is_worth_the_span_of_its_gains(monkeypatch):
    """By hand: gains of 10, 4 and 25 span 21; the third answer does something else."""
    known = {
        "a": (10.0, {"i": "ipaas"}),
        "b": (4.0, {"i": "ipaas"}),
        "c": (25.0, {"i": "api-first"}),
        "d": (None, {}),
    }
    asked = []

    def open_assessment(stated, *, seed, draws):
        asked.append((stated, seed, draws))
        mean, assignment = known[stated]
        gain = None if mean is None else SimpleNamespace(mean=mean)
        return SimpleNamespace(decision=SimpleNamespace(gain=gain, assignment=assignment))

    monkeypatch.setattr("assess.decisions.snapshot.Assessment", open_assessment)
    cells = [("a", "b", "c"), ("a", "b"), ("a", "impossible"), ("a", "d")]
    found = list(price_disagreements(Answered(*cells), seed=3))
    assert [one.place for one in found] == ["cell 0", "cell 1", "cell 2", "cell 3"]
    assert [one.answers for one in found] == cells
    assert [one.gain for one in found] == [(10, 4, 25), (10, 4), (10, None), (10, None)]
    assert [one.swing for one in found] == [21, 6, None, None]
    assert [one.flips for one in found] == [True, False, False, True]
    assert set(asked) == {(value, 3, 1000) for value in "abcd"}
    assert not list(price_disagreements(Answered()))
