"""What runs today is moved only where that clearly pays; what a benefit is worth where not all of it comes true."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.decisions.decision.integrations import TOGETHER
from assess.decisions.decision.pricing import STAY
from assess.decisions.decision.rule import SAVING, _least
from assess.intake.assumptions import Assumptions, defaults
from assess.intake.engagement.landscape import Yearly

from .test_decision import ruled
from .test_published_guidance import decided, engagement, row, system, web

DATABASES = [system("s0", ("rest", "file", "database")), system("s1", ("rest", "file", "database"))]


def bypasses(count, **more):
    """Return integrations that read one another's database today, with little work to move."""
    fields = {
        "interaction": "bulk",
        "latency_seconds": 86_400.0,
        "style_today": "database-access",
        "criticality": "low",
        **more,
    }
    return [row(n, f"s{n % 2}", f"s{1 - n % 2}", **fields) for n in range(count)]


@pytest.mark.parametrize("days", [4, 8])
def test_the_last_that_stay_in_a_style_are_moved_together(days):
    """No single one pays, for what the style costs whatever the number stays; the least of every combination is found."""
    rule = ruled(engagement(bypasses(3, build_days=Estimate.point(days)), DATABASES))
    search = rule.search
    rows = np.array(list(itertools.product(*search.allowed)), np.int8)
    least = min(search.price(rows), key=lambda one: one.npv)
    standing = search.price(np.full((1, 3), STAY, np.int8))[0]
    alone = [one for one in search.price(rows) if (one.codes >= 0).sum() == 1]
    assert min(one.npv for one in alone) > standing.npv > least.npv + 1000
    assert (least.codes >= 0).all()
    assert search.best().npv == pytest.approx(least.npv)


def test_what_ends_with_the_last_is_saved_once():
    """Three that leave a style share what it costs whatever the number: their gains add up to no more than the whole."""
    made = engagement(bypasses(3, build_days=Estimate.point(4)), DATABASES)
    found = decided(made)
    assert len(found.assignment) == 3
    gains = [item.net.mean for item in found.integrations]
    assert sum(gains) == pytest.approx(found.gain.mean, rel=0.02)
    for item in found.integrations:
        assert any(
            r.startswith("database access ends with all 3 that use it: that saves ") for r in item.reasons
        )


def test_a_gain_within_its_range_is_no_reason_to_move():
    """Gains of 0 to 100, mean 50: 90 of 100 futures are above 10, so 40 less than this mean may be noise."""
    assert _least(np.arange(101.0)) == pytest.approx(40)
    assert _least(np.full(9, 7.0)) == 0


@pytest.mark.parametrize("count", [5, 8])
def test_what_is_moved_pays_in_nine_of_ten_futures_and_what_stays_does_not(count):
    """Benefits from 3,000 to 300,000 a year, each with a wide range: a limit lies between what stays and what moves."""
    amounts = np.geomspace(3000, 300_000, count)
    rows = [item.model_copy(update={"style_today": "point-to-point", "build_days": Estimate(low=8, likely=15, high=40)})
            for item in web(count, 5)]  # fmt: skip
    gains = [Yearly(id=f"b{n}", label="hours", per_year=Estimate(low=amount / 10, likely=amount, high=2 * amount), integrations=(f"i{n}",))
             for n, amount in enumerate(amounts.tolist())]  # fmt: skip
    made = engagement(rows)
    found = decided(made, benefits=gains)
    rule = ruled(made, benefits=gains)
    moved = [item.choice in ("build", "buy") for item in found.integrations]
    assert any(moved) and not all(moved)
    for place, item in enumerate(found.integrations):
        if moved[place]:
            assert (item.net.low > -100) != (TOGETHER in item.reasons)
            assert item.net.mean >= SAVING * rule.search.adds[place, STAY] - 100
        else:
            assert item.net.mean == 0
            assert item.flip.endswith(("more", "a surer gain by APIs", "a surer gain by bought platform"))


@pytest.mark.parametrize(("count", "moves"), [(1, False), (6, True)])
def test_doubts_that_cancel_out_keep_nothing_from_moving(count, moves):
    """The same unsure benefit alone, and in six rows that are independent: their sum spreads by the root of six and not by six."""
    wide = {"style_today": "point-to-point", "build_days": Estimate(low=3, likely=15, high=90)}
    rows = [item.model_copy(update=wide) for item in web(count, 5)]
    gains = [
        Yearly(id=f"b{n}", label="hours", per_year=Estimate(low=0, likely=0, high=300_000), integrations=(f"i{n}",))
        for n in range(count)
    ]  # fmt: skip
    found = decided(engagement(rows), benefits=gains)
    alone = [item for item in found.integrations if item.net.low < 0]
    assert all((item.choice in ("build", "buy")) is moves for item in found.integrations)
    assert bool(alone) is moves
    assert all(TOGETHER in item.reasons for item in alone)
    assert not moves or found.gain.low >= 0


def test_moving_that_may_lose_says_what_it_would_gain():
    """Of every benefit between too small and clear there is one that gains on average and still may lose."""
    said = []
    for amount in (30_000.0, 40_000.0, 160_000.0):
        gain = Yearly(
            id="b",
            label="hours",
            per_year=Estimate(low=0, likely=amount, high=4 * amount),
            integrations=("i0",),
        )
        item = decided(
            engagement([row(0, "s0", "s1", style_today="point-to-point")]), benefits=[gain]
        ).integration("i0")
        unsure = [
            reason for reason in item.reasons if reason.endswith("on average, too little to be sure of")
        ]
        assert bool(unsure) == (item.choice == "keep" and item.flip.startswith("a surer gain by"))
        said.append((item.choice, bool(unsure)))
    assert ("keep", True) in said
    assert said == sorted(said, key=lambda one: (one[0] != "keep", one[1]))


@pytest.mark.parametrize("share", [0.5, 0.75, 1.0])
def test_benefits_count_as_far_as_they_come_true(share):
    gain = Yearly(id="b", label="hours", per_year=Estimate.point(200_000.0), integrations=("i1",))
    made = engagement([row(1, "s0", "s1", style_today="none")])
    entry = defaults()["benefits.realised"].model_copy(update={"low": share, "likely": share, "high": share})
    told = made.model_copy(update={"assumptions": Assumptions(overrides={"benefits.realised": entry})})
    found = decided(told, benefits=[gain])
    sure = made.model_copy(
        update={
            "assumptions": Assumptions(
                overrides={"benefits.realised": entry.model_copy(update={"low": 1, "likely": 1, "high": 1})}
            )
        }
    )
    whole = decided(sure, benefits=[gain])
    assert found.recommended.benefit == pytest.approx(share * whole.recommended.benefit)
    assert found.integration("i1").benefit == pytest.approx(share * whole.integration("i1").benefit)
    assert found.gain.mean == pytest.approx(whole.gain.mean - (1 - share) * whole.recommended.benefit)


def test_hours_that_nobody_uses_are_no_money():
    """Three parts hours, one part cash: what is lost without the hours, and how many of them must be used."""
    made = engagement([row(1, "s0", "s1", style_today="none")])
    known = {
        "benefits.realised": defaults()["benefits.realised"].model_copy(
            update={"low": 1, "likely": 1, "high": 1}
        )
    }
    made = made.model_copy(update={"assumptions": Assumptions(overrides=known)})

    def told(*amounts):
        kinds = ("capacity", "cashable")
        gains = [
            Yearly(id=kind, label=kind, per_year=Estimate.point(amount), integrations=("i1",), kind=kind)
            for kind, amount in zip(kinds, amounts, strict=True)
        ]
        found = decided(made, benefits=gains)
        return found, next((one for one in found.findings if one.id == "decision/benefits/cash"), None)

    found, finding = told(60_000.0, 20_000.0)
    alone = found.gain.mean - 0.75 * found.recommended.benefit
    assert alone < 0 < found.gain.mean
    assert finding.title.startswith("Counting cash alone, the programme loses ")
    assert finding.evidence.startswith("cash is 25% of the benefits")
    used = 1 - found.gain.mean / (0.75 * found.recommended.benefit)
    assert f"{used:.0%} must be used for it to pay" in finding.evidence
    assert told(0.0, 80_000.0)[1] is None
    assert told(20_000.0, 200_000.0)[1] is None
