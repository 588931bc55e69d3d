"""Build or buy: crossings against brute force, the curve against the engine, criteria."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assess.core.estimate import Estimate
from assess.decisions import build_or_buy
from assess.decisions.build_or_buy import crossing, positions, sign_changes
from assess.decisions.build_or_buy.typical import difference
from assess.decisions.cost import Inputs
from assess.decisions.cost.billing import Component, Plan, Tier
from assess.decisions.cost.cashflow import Model, cash_flows
from assess.decisions.cost.draws import Draws, likely, sample
from assess.decisions.cost.parameters import gather
from assess.decisions.cost.plans import price_plans

BOTH = ("api-first", "ipaas")
values = st.one_of(st.just(0.0), st.floats(-10, 10).filter(lambda x: abs(x) > 1e-3))


def brute_force(row):
    """Walk along a row and note the places at which its last known sign turns."""
    sign, places = 0, []
    for place, value in enumerate(row):
        now = int(value > 0) - int(value < 0)
        if now and sign and now != sign:
            places.append(place)
        sign = now or sign
    return places


@given(arrays(float, st.tuples(st.integers(1, 8), st.integers(1, 12)), elements=values))
def test_all_crossings_match_brute_force(line):
    found = sign_changes(line)
    for place, row in enumerate(line):
        turns = brute_force(row)
        assert found.count[place] == len(turns)
        assert found.first[place] == (turns[0] if turns else -1)
        if turns:
            assert found.toward_buy[place] == (row[turns[0]] > 0)
    exact = positions(line, np.arange(line.shape[1], dtype=float))
    assert [len(row) for row in exact] == found.count.tolist()
    for place, row in enumerate(exact):
        assert all(turn - 1 <= at <= turn for at, turn in zip(row, brute_force(line[place]), strict=True))


def test_crossings_of_parabolas_are_their_roots():
    """(x - a)(x - b) is zero at a and b; none, one or two of them lie on the axis."""
    axis = np.linspace(0, 10, 100_001)
    rows = np.array([(axis - a) * (axis - b) for a, b in ((2.5, 7.25), (-1, 4.125), (-2, 12), (3.3, 3.3))])
    found = positions(rows, axis)
    assert found[0] == pytest.approx([2.5, 7.25], abs=1e-4)
    assert found[1] == pytest.approx([4.125], abs=1e-4)
    assert found[2] == []
    assert found[3] == []


def test_crossing_summary():
    axis = np.array([1.0, 2, 3, 4])
    rows = np.array([[-1.0, -1, 1, 1], [-1, 1, -1, 1], [1, 1, 1, -1], [-1, -1, -1, -1]])
    found = crossing("integrations", axis, rows)
    assert (found.none, found.several, found.to_buy, found.to_build) == (0.25, 0.25, 0.5, 0.25)
    assert found.buy_at_start == 0.25
    assert found.histogram == ((2.0, 0.25), (3.0, 0.25), (4.0, 0.25))
    assert found.p50 == 3
    assert found.p5 == 2  # a number that was looked at, not one between two of them
    assert found.p95 == 4
    assert found.limit == 4
    never = crossing("integrations", axis, rows[3:])
    assert (never.p5, never.p50, never.p95, never.none) == (None, None, None, 1)


def alike(terms, draws):
    """Give every integration the draws of the first."""
    return Draws(
        draws.values,
        {name: np.repeat(table[:, :1], table.shape[1], axis=1) for name, table in draws.family.items()},
        draws.size,
    )


@pytest.mark.parametrize(
    "fields", [{}, {"build_days": Estimate(low=10, likely=20, high=40), "coverage": 0.5, "growth": 0.3}]
)
def test_n_alike_integrations_cost_what_the_engine_says(make, fields):
    for count in (1, 4, 9):
        terms = gather(make(count, fields=fields), styles=BOTH)
        draws = alike(terms, sample(terms, 200, 5))
        found = difference(terms, draws, BOTH, numbers=np.array([float(count)]))[:, 0]
        build, buy = (
            cash_flows(terms, draws, {item.id: style for item in terms.integrations}).npv for style in BOTH
        )
        assert found == pytest.approx(build - buy, rel=1e-9, abs=1e-6)


def test_more_integrations_than_there_are(make):
    """The curve at 9 from an engagement of 3 is the engine's answer for 9 alike ones."""
    few, many = gather(make(3), styles=BOTH), gather(make(9), styles=BOTH)
    draws = alike(few, sample(few, 200, 5))
    found = difference(few, draws, BOTH, numbers=np.array([9.0]))[:, 0]
    wide = Draws(
        draws.values,
        {name: np.repeat(table[:, :1], 9, axis=1) for name, table in draws.family.items()},
        draws.size,
    )
    build, buy = (
        cash_flows(many, wide, {item.id: style for item in many.integrations}).npv for style in BOTH
    )
    assert found == pytest.approx(build - buy, rel=1e-9, abs=1e-6)


def learned(make, rate, count):
    """Return the cost of the first n integrations against the first alone, for n = 1 .. count."""
    terms = gather(make(count, assumed={"build.learning_rate": rate}), styles=BOTH)
    found = Model.of(terms, likely(terms)).option({item.id: "api-first" for item in terms.integrations})
    return np.cumsum(found["eased"].data[:, 0])


def test_wrights_learning_curve(make):
    """Wright 1936: at 80 % every doubling costs a fifth less: 100, 80, 64, 51.2 of units 1, 2, 4, 8."""
    sums = learned(make, 0.8, 8)
    units = np.diff(sums, prepend=0.0)
    assert 100 * units[[0, 1, 3, 7]] == pytest.approx([100, 80, 64, 51.2])
    assert 100 * units[2] == pytest.approx(70.21, abs=0.005)


def test_learning_curve_captain_nemo(make):
    """A worked solution in operations management: 225 workers for the first boat, 80 %, so 225 x 11^-.322 = 103.95 for
    the eleventh, not the 100 that were promised; the second takes 45 less."""
    units = 225 * np.diff(learned(make, 0.8, 11), prepend=0.0)
    assert units[1] == pytest.approx(225 - 45)
    assert units[10] == pytest.approx(103.95, abs=0.05)


def test_learning_curve_great_lakes_tugboats(make):
    """Heizer and Render, Operations Management, Learning Curves: 125,000 hours for the first boat, 85 %: the fourth takes
    .85 x .85 of it, 90,312.5, as every doubling saves the same."""
    units = 125_000 * np.diff(learned(make, 0.85, 4), prepend=0.0)
    assert units[3] == pytest.approx(125_000 * 0.7225)


@pytest.mark.parametrize("horizon", [3, 5])
@pytest.mark.parametrize("learning", [(0.8, 0.88, 0.95), 1.0])
def test_the_rule_of_ten_is_one_point_of_a_wide_distribution(make, horizon, learning):
    """At a platform's market price and 20,000 messages a month of each integration ten lies between P5 and P95 of the
    crossover, whatever the horizon and the learning: the median is 5 to 15, and P95 is at least four times P5."""
    engagement = make(
        10,
        fields={"volume": Estimate.point(2e4)},
        horizon_years=horizon,
        currency="USD",
        assumed={"build.learning_rate": learning},
    )
    found = build_or_buy.decide(
        Inputs(engagement, plans={"ipaas": price_plans(engagement)["ipaas-market"]}), draws=1_500
    ).crossing("integrations")
    assert found.p5 < 10 < found.p95
    assert 5 <= found.p50 <= 15
    assert found.p95 >= 4 * found.p5
    assert found.to_buy > 10 * found.to_build


def test_same_seed_same_bytes_and_json(make):
    one = build_or_buy.decide(Inputs(make(4)), draws=200)
    assert one.to_json() == build_or_buy.decide(Inputs(make(4)), draws=200).to_json()
    assert build_or_buy.BuildOrBuy.from_json(one.to_json()) == one
    assert "NaN" not in one.to_json()


def test_the_answer_is_complete(make):
    found = build_or_buy.decide(Inputs(make(5)), draws=400, limit=40)
    assert [item.kind for item in found.crossings] == ["integrations"]
    assert [item.kind for item in found.curves] == ["integrations"]
    assert found.crossing("integrations").limit == 40
    assert [item.id for item in found.criteria] == ["number", "uniqueness", "expertise", "change"]
    assert found.difference.p10 <= found.difference.p50 <= found.difference.p90
    assert 0 <= found.buy_share <= 1
    for item in found.crossings:
        assert item.none + item.to_buy + item.to_build == pytest.approx(1)
        assert sum(share for _, share in item.histogram) == pytest.approx(1 - item.none)
        if item.p50 is not None:
            assert item.p5 <= item.p50 <= item.p95
    assert found.findings[0].id == "build_or_buy/crossover"
    assert {fact.id for fact in found.facts} >= {
        "build_or_buy.buy_share",
        "build_or_buy.crossing.integrations",
    }
    assert all(fact.sources for fact in found.facts)
    assert len(found.crossings) == 1
    assert len(found.criteria) == 4


def test_criteria_point_the_way_that_the_article_says(make):
    """Uniqueness and experience speak for building, change for buying."""
    found = {item.id: item for item in build_or_buy.decide(Inputs(make(6)), draws=50).criteria}
    assert found["uniqueness"].favours == "buy"
    assert found["expertise"].favours == "build"
    assert found["change"].favours == "buy"
    assert found["number"].value == 6
    assert found["uniqueness"].value == pytest.approx(0.65)


def test_a_switch_point_makes_both_ways_equal(make):
    engagement = make(24)
    criterion = next(
        item for item in build_or_buy.decide(Inputs(engagement), draws=50).criteria if item.id == "change"
    )
    assert criterion.switch_at is not None
    at = make(24, fields={"changes_per_year": Estimate.point(criterion.switch_at)})
    terms = gather(at, styles=BOTH)
    build, buy = (
        float(cash_flows(terms, likely(terms), {item.id: style for item in at.integrations}).npv[0])
        for style in BOTH
    )
    assert build == pytest.approx(buy, rel=1e-4)


def test_absent_input_is_a_state(make):
    assert "integrations.csv" in build_or_buy.decide(Inputs(make(0)), draws=10).missing[0].supply
    yen = build_or_buy.decide(Inputs(make(1, currency="JPY")), draws=10)
    assert yen.buy_share is None
    assert "exchange_rates" in yen.missing[0].supply
    with pytest.raises(ValueError, match="at least 2"):
        build_or_buy.decide(Inputs(make(1)), draws=1)


@pytest.mark.parametrize("volume", [0.0, 1e12])
def test_no_and_endless_messages(make, volume):
    found = build_or_buy.decide(Inputs(make(2, fields={"volume": Estimate.point(volume)})), draws=50)
    assert "NaN" not in found.to_json()
    assert found.difference is not None


def test_the_comparison_ends_where_the_plan_ends(make, plain):
    """A plan of 40 copies of flows, two an integration, carries 20; of the numbers that are looked at the last is 19."""

    def plan(most):
        parts = (Component(meter="flow", tiers=(Tier(price=100),)),)
        return Plan(id="small", name="Small", style="ipaas", ceiling={"flow": most}, components=parts)

    found = build_or_buy.decide(Inputs(make(3, assumed=plain), plans={"ipaas": plan(40)}), draws=20)
    assert not found.missing
    assert [note for note in found.notes if note.startswith("The comparison ends at 19 integrations")]
    assert "Small ends below the volume" in found.notes[-1]
    none = build_or_buy.decide(Inputs(make(3, assumed=plain), plans={"ipaas": plan(5)}), draws=20)
    assert "Small ends" in none.missing[0].supply
