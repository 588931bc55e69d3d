"""The total cost of the options: promises of the result, properties, stress."""

from __future__ import annotations

import datetime as dt
import json
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.decisions import cost
from assess.decisions.cost.billing import Component, Plan, Tier
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import likely, sample
from assess.decisions.cost.finance import MissingRate, converted, parse_currency, rate
from assess.decisions.cost.parameters import Inputs, gather
from assess.decisions.shift import Shift
from assess.evidence.value_stream.future import priced
from assess.intake.assumptions import Assumptions, defaults
from assess.intake.engagement import Constraints, Team
from assess.intake.engagement.landscape import Yearly

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def estimate(engagement, *, draws=10_000, seed=7, **fed):
    """Return what the cost model says of an engagement and what it is fed with."""
    return cost.estimate(Inputs(engagement, **fed), draws=draws, seed=seed)


_KEPT: dict[str, cost.TotalCost] = {}


@pytest.fixture
def result(make):
    """One result that the tests share; it is frozen."""
    if "six" not in _KEPT:
        _KEPT["six"] = estimate(make(6), draws=1_000)
    return _KEPT["six"]


def test_same_seed_same_bytes(make):
    one, other = (estimate(make(4), draws=300, seed=3).to_json() for _ in range(2))
    assert one == other
    assert one != estimate(make(4), draws=300, seed=4).to_json()


def test_the_result_survives_json_and_holds_no_nan(result):
    text = result.to_json()
    assert cost.TotalCost.from_json(text) == result
    assert "NaN" not in text
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the result"))


def test_options_are_complete_and_consistent(result):
    assert [option.id for option in result.options] == ["api-first", "event-driven", "ipaas"]
    assert sum(option.cheapest for option in result.options) == pytest.approx(1)
    for option in result.options:
        q = option.npv
        assert q.p5 <= q.p10 <= q.p50 <= q.p80 <= q.p90 <= q.p95 <= option.cvar95
        assert sum(line.present_value for line in option.lines) == pytest.approx(q.mean, rel=1e-9)
        assert option.fan[-1][1] == pytest.approx(q.p50)
        factor = (1 - 1.06**-5) / 0.06
        assert option.annual.p50 == pytest.approx(q.p50 / factor)
    ranked = sorted(result.options, key=lambda option: option.npv.mean)
    assert result.best == ranked[0].id
    assert min(option.regret for option in result.options) == pytest.approx(result.evpi)
    assert result.option(result.best).regret == pytest.approx(result.evpi)


def test_what_was_not_assessed_is_zero_with_a_note_and_missing(result, make):
    lines = {line.line: line for line in result.options[0].lines}
    for line in ("remediation", "losses", "benefits"):
        assert lines[line].present_value == 0
        assert "not assessed" in lines[line].note
    supplies = " ".join(item.supply for item in result.missing)
    assert "value_stream.csv" in supplies
    assert "risks.csv" in supplies
    assessed = estimate(make(2), draws=50, remediation=(), losses=(), benefits=())
    assert not any(line.note for line in assessed.options[0].lines)
    assert not any("value_stream" in item.supply for item in assessed.missing)


def test_questions_are_ranked_and_below_perfect_information(result):
    worths = [question.evppi for question in result.questions]
    assert worths == sorted(worths, reverse=True)
    assert all(0 <= worth <= result.evpi for worth in worths)
    shares = [question.shapley for question in result.questions if question.shapley is not None]
    assert all(-0.02 <= share <= 1 for share in shares)
    assert 0.8 < sum(shares) <= 1.001
    overrun = next(question for question in result.questions if question.id == "overrun")
    assert "overrun:ipaas" in overrun.parameters


def test_the_pilot_costs_the_teams_weeks(make):
    engagement = make(4, team=Team(people=3, focus=0.5, day_rate=1000))
    pilot = estimate(engagement, draws=500).pilot
    assert pilot.cost == pytest.approx(3 * 0.5 * 5 * 2 * 1000)
    assert pilot.worth >= 0
    assert pilot.resolved == 0.3


def test_swings_are_sorted_and_come_with_sources(result):
    spans = [max(swing.span(option.id) for option in result.options) for swing in result.swings]
    assert spans == sorted(spans, reverse=True)
    assert all(swing.sources for swing in result.swings)
    wage = next(swing for swing in result.swings if swing.parameter == "people.wage")
    assert wage.cost_low["api-first"] < result.option("api-first").likely < wage.cost_high["api-first"]
    assert wage.elicited


def test_every_fact_and_line_leads_to_a_source(result):
    known = {source.id for source in result.sources}
    assert {"as:money.inflation", "as:overrun.cap", "as:overrun.tail_mean", "as:overrun.tail_share"} <= known
    known |= {source.id for fact in result.facts for source in fact.sources}
    for fact in result.facts:
        assert fact.sources, fact.id
        for source in fact.sources:
            assert set(source.of) <= known, fact.id
    for option in result.options:
        for line in option.lines:
            assert set(line.of) <= known
    maintenance = next(line for line in result.options[0].lines if line.line == "maintenance")
    assert "as:maintenance.custom" in maintenance.of
    people = next(line for line in result.option("ipaas").lines if line.line == "people")
    assert "as:people.fte.ipaas" in people.of
    assert "as:people.fte.event-driven" not in people.of
    fees = next(line for line in result.option("ipaas").lines if line.line == "subscription")
    assert "as:price.mulesoft.base" in fees.of
    assert "as:price.azure-event-hubs.events" not in fees.of


def test_tables_have_a_row_each(result):
    assert len(result.table) == 3
    assert result.table["npv_p50"].tolist() == [option.npv.p50 for option in result.options]


def test_a_plan_that_ends_excludes_the_option(make):
    ends = Plan(
        id="end",
        name="Tiny",
        style="ipaas",
        ceiling={"message": 10},
        components=(Component(meter="message", tiers=(Tier(price=1),)),),
    )
    found = estimate(make(2), plans={"ipaas": ends}, draws=100)
    assert [item.option for item in found.excluded] == ["ipaas"]
    assert "Tiny ends" in found.excluded[0].reason
    assert [option.id for option in found.options] == ["api-first", "event-driven"]
    assert any(finding.id == "cost/excluded/ipaas" for finding in found.findings)
    alone = estimate(make(1), assignments={"x": {"i0": "ipaas"}}, plans={"ipaas": ends}, draws=100)
    assert alone.best is None
    assert "price plan" in alone.missing[0].supply


def test_benefits_give_payback(make, plain):
    engagement = make(2, assumed=plain, horizon_years=3, fields={"volume": Estimate.point(1000)})
    benefit = Yearly(id="b", label="", per_year=Estimate.point(240_000))
    found = estimate(
        engagement, assignments={"api": {"i0": "api-first", "i1": "api-first"}}, benefits=[benefit], draws=10
    )
    option = found.options[0]
    once = 30_000 + 20_000 + 18_000 * 1.25 * 1.1
    monthly = (18_000 * 0.15 + 2_000 + 5_000 + 22_000 + 20_000 * 0.5 * 0.1) / 12 + 2_000 * 1.1 * 2 / 1e6
    expected = math.ceil(once / (20_000 - monthly))
    assert option.payback_month == expected
    poor = estimate(
        engagement, benefits=[benefit.model_copy(update={"per_year": Estimate.point(1)})], draws=10
    )
    assert poor.options[0].payback_month is None
    assert poor.options[0].payback_note == "not within 3 years"


def test_break_even_is_against_the_option_that_starts_cheapest(result):
    paid = {
        option.id: np.cumsum(np.sum([line.years for line in option.lines], axis=0))
        for option in result.options
    }
    first = min(paid, key=lambda id: paid[id][1])
    assert result.option(first).break_even_month is None
    for option in result.options:
        if option.break_even_month is not None:
            year = math.ceil(option.break_even_month / 12)
            assert (paid[option.id][year:] <= paid[first][year:] + 1).all()


def test_shifts_reach_the_result(make):
    shift = Shift(id="s", parameter="overrun.factor", factor=1.5, because="data governance is open")
    plain, moved = estimate(make(3), draws=200), estimate(make(3), shifts=[shift], draws=200)
    assert moved.option("api-first").npv.p50 > plain.option("api-first").npv.p50
    assert any("data governance is open" in note for note in moved.notes)
    assert "overrun.factor" in moved.overridden


def test_budget_and_team_findings(make):
    poor = estimate(make(3, constraints=Constraints(budget=1000.0)), draws=200)
    budget = next(finding for finding in poor.findings if finding.id == "cost/budget")
    assert budget.severity == "high"
    assert "0% of the futures" in budget.title
    rich = estimate(make(3, constraints=Constraints(budget=1e9)), draws=200)
    assert not any(finding.id == "cost/budget" for finding in rich.findings)
    nobody = estimate(make(3, team=Team(people=0)), draws=200)
    assert any(finding.id == "cost/no-team" and finding.severity == "critical" for finding in nobody.findings)
    few = estimate(make(30, team=Team(people=0.2)), draws=200)
    assert any(finding.id == "cost/capacity" for finding in few.findings)


def test_stale_elicited_and_conflicting_defaults_are_flagged(make, plain):
    found = {
        finding.id: finding for finding in estimate(make(3, date=dt.date(2030, 1, 1)), draws=200).findings
    }
    assert "cost/stale" in found
    assert "cost/elicited" in found
    dear = make(3, assumed={"people.wage": (70_000, 92_000, 400_000)})
    entry = dear.assumptions.entry("people.wage").model_copy(update={"overridden": False})
    held = dear.model_copy(update={"assumptions": Assumptions(overrides={"people.wage": entry})})
    assert "cost/conflict/people.wage" in {finding.id for finding in estimate(held, draws=200).findings}
    undated = estimate(make(3, date=None), draws=200).findings
    assert not any(finding.id == "cost/stale" for finding in undated)
    replaced = estimate(make(3, assumed=plain), draws=200)
    assert not any(finding.id in ("cost/elicited", "cost/stale") for finding in replaced.findings)
    assert "people.wage" in replaced.overridden


def test_a_tail_that_decides_is_said(make):
    """With a cap of 6 nobody runs far; with 1000 the mean belongs to the option with less to build."""
    found = estimate(make(24), draws=4_000)
    disagree = found.best != min(found.options, key=lambda option: option.npv.p50).id
    assert any(finding.id == "cost/tail" for finding in found.findings) == disagree


def test_inconsistent_correlations_are_repaired_and_said(make):
    found = estimate(make(2, assumed={"correlation.overrun": -0.9}), draws=200)
    assert found.correlation_moved > 0.1
    assert any(finding.id == "cost/correlation" for finding in found.findings)


# properties


def npv(engagement, style, **more):
    terms = gather(engagement, styles=[style], **more)
    draws = sample(terms, 60, 5)
    return cash_flows(terms, draws, {item.id: style for item in engagement.integrations}).npv


RAISING = sorted(
    key
    for key in defaults()
    if key.startswith(("price.mulesoft", "price.aws-api-gateway-http", "price.azure-event-hubs", "people.wage", "people.fte", "people.scarcity",
                       "infrastructure", "setup.days", "exit.", "team.day_rate", "build.cost", "build.factor", "maintenance.custom",
                       "maintenance.ipaas", "change.hours", "change.per_year", "price.uplift", "skill.psi", "skill.ramp",
                       "overrun.factor", "billing.replicas", "billing.retry", "volume.growth"))
)  # fmt: skip


@pytest.mark.parametrize("key", RAISING)
def test_cost_is_monotone_in_every_price_and_volume(make, key):
    entry = defaults()[key]
    low, high = (
        {key: (entry.low * factor, entry.likely * factor, entry.high * factor)} for factor in (1.0, 1.3)
    )
    for style in ("api-first", "event-driven", "ipaas"):
        less, more = (npv(make(3, assumed=assumed), style) for assumed in (low, high))
        assert (more >= less - 1e-6).all(), style


@quick
@given(st.floats(0, 1e9), st.floats(1, 1000))
def test_cost_is_monotone_in_volume(make, volume, factor):
    for style in ("api-first", "event-driven", "ipaas"):
        less, more = (
            npv(make(2, fields={"volume": Estimate.point(amount)}), style)
            for amount in (volume, volume * factor)
        )
        assert (more >= less * (1 - 1e-12)).all()


@quick
@given(st.floats(0.01, 100))
def test_the_currency_unit_does_not_matter(make, unit):
    """In a currency that is worth ``1 / unit`` EUR, every amount is ``unit`` times as large."""
    euro = make(2)
    other = make(2, currency="XYZ", exchange_rates={"EUR": unit, "USD": 0.885 * unit})
    for style in ("api-first", "event-driven", "ipaas"):
        assert npv(other, style) == pytest.approx(npv(euro, style) * unit, rel=1e-9)


def test_cost_falls_with_the_discount_rate(make):
    rates = [npv(make(3, discount_rate=discount), "ipaas").mean() for discount in (0.0, 0.05, 0.3)]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("count", [1, 500])
def test_one_and_many_integrations(make, count):
    found = estimate(make(count), draws=200)
    assert found.best is not None
    assert all(math.isfinite(option.npv.mean) for option in found.options)


@pytest.mark.parametrize("volume", [0.0, 1e12])
def test_no_and_endless_messages(make, volume):
    found = estimate(make(3, fields={"volume": Estimate.point(volume)}), draws=200)
    assert "NaN" not in found.to_json()
    fees = {option.id: option.lines[8].present_value for option in found.options}
    assert fees["api-first"] == 0 if volume == 0 else fees["api-first"] > 1e7


@pytest.mark.parametrize("discount", [0.0, 0.3])
@pytest.mark.parametrize("money", ["real", "nominal"])
def test_extreme_discount_rates(make, discount, money):
    found = estimate(make(2, discount_rate=discount, money=money), draws=100)
    assert found.discount_rate == pytest.approx(discount)
    assert "NaN" not in found.to_json()
    if discount == 0:
        for option in found.options:
            assert sum(sum(line.years) for line in option.lines) == pytest.approx(option.npv.mean, rel=1e-9)
            assert option.annual.mean == pytest.approx(option.npv.mean / 5)


def test_no_integrations_is_a_state(make):
    found = estimate(make(0), draws=100)
    assert found.best is None
    assert found.options == ()
    assert "integrations.csv" in found.missing[0].supply
    assert found.table.empty


def test_bad_calls_are_refused(make):
    with pytest.raises(ValueError, match="at least 2"):
        estimate(make(1), draws=1)
    with pytest.raises(KeyError, match="unknown integration"):
        estimate(make(1), assignments={"x": {"nope": "ipaas"}})
    with pytest.raises(KeyError, match="unknown style"):
        estimate(make(1), assignments={"x": {"i0": "magic"}})
    with pytest.raises(ValueError, match="raise the cap"):
        estimate(make(1, assumed={"overrun.cap": 4}), draws=10)


# money


def test_currencies_are_converted_by_stated_then_dated_rates(make):
    euro = make(1)
    assert (rate(euro, "EUR"), rate(euro, "USD")) == (1, 0.885)
    assert rate(make(1, exchange_rates={"USD": 0.9}), "USD") == 0.9
    dollars = make(1, currency="USD")
    assert rate(dollars, "EUR") == pytest.approx(1 / 0.885)
    assert rate(dollars, "GBP") == pytest.approx(1.17 / 0.885)
    stated = make(1, currency="USD", exchange_rates={"EUR": 1.25})
    assert rate(stated, "GBP") == pytest.approx(1.17 * 1.25), "over the euro that is stated"
    yen = make(1, currency="JPY", exchange_rates={"EUR": 160.0})
    assert rate(yen, "USD") == pytest.approx(0.885 * 160)
    # an hour of the value stream and a day of the cost model are of one price
    hour, wage = (
        priced(yen, "value_stream.hour_cost"),
        converted(yen, yen.assumptions.entry("value_stream.hour_cost")),
    )
    assert hour is not None and (hour.likely, hour.unit) == (wage.likely, wage.unit)
    with pytest.raises(MissingRate, match="exchange_rates"):
        rate(make(1, currency="JPY"), "USD")


def test_overrides_are_in_the_engagements_currency(make):
    dollars = make(1, currency="USD", assumed={"people.wage": 120_000})
    entry = dollars.assumptions.entry
    assert converted(dollars, entry("people.wage")).likely == 120_000
    wage = converted(dollars, entry("infrastructure.ipaas"))
    assert (wage.likely, wage.unit) == (pytest.approx(4000 / 0.885), "USD/year")
    assert converted(dollars, entry("build.cost")).likely == 27_000
    assert parse_currency("M requests") == ""
    assert parse_currency("FTE") == ""


def test_a_missing_rate_is_a_state(make):
    found = estimate(make(2, currency="JPY"), draws=100)
    assert found.best is None
    assert "exchange_rates" in found.missing[0].supply


def test_likely_rows_are_the_estimates(make):
    terms = gather(make(2))
    draws = likely(terms)
    assert draws["people.wage"].tolist() == [92_000]
    assert draws.family["volume"].tolist() == [[200_000, 200_000]]
    assert draws["overrun:ipaas"][0] == 1.2


def test_a_finding_without_a_source_still_has_one_in_the_model(make):
    work = Finding(id="f", section="data_quality", severity="low", title="t", effort=Estimate.point(3))
    found = estimate(make(1), remediation=[work], draws=50)
    line = next(line for line in found.options[0].lines if line.line == "remediation")
    assert "ca:finding/f" in line.of
    assert line.present_value > 0
