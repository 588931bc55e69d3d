"""Risk against published examples, and what must hold of mitigations, losses and change requests."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.decisions import risk
from assess.decisions.risk.items import influences
from assess.decisions.risk.losses import Severity, exceedance, stream, yearly_losses
from assess.evidence.operations import Operations
from assess.evidence.operations.traffic import Traffic
from assess.intake.columns import find_table
from assess.intake.engagement import ChangeRequest, Incident, RiskRow, Team
from assess.intake.problem import InvalidEngagement, quote_value


def test_riskquant_lognormal_interval_and_ale():
    """Netflix riskquant, tests/test_simpleloss.py: frequency 0.1, 90 % interval 1 to 10; and 635k to 19M."""
    assert 0.1 * Severity.of(1, 10).mean == pytest.approx(0.4040012827, rel=1e-5)
    assert Severity.of(635_000, 19_000_000).mean == pytest.approx(5_922_706.83, rel=1e-4)


def test_hubbard_seiersen_lognormal_parameters():
    """Hubbard and Seiersen 2016, ch. 3: mean of ln = (ln UB + ln LB) / 2, sd = (ln UB - ln LB) / 3.29."""
    severity = Severity.of(50_000, 500_000)
    assert severity.mu == pytest.approx((math.log(500_000) + math.log(50_000)) / 2)
    assert severity.sigma == pytest.approx(math.log(10) / 3.29, rel=1e-3)
    draws = np.random.default_rng(1).lognormal(severity.mu, severity.sigma, 200_000)
    assert np.quantile(draws, [0.05, 0.95]) == pytest.approx([50_000, 500_000], rel=0.02)


def test_annualised_loss_of_certain_amounts():
    """Single loss times annual rate of occurrence (FIPS PUB 65, 1979): 150,000 once in ten years is 15,000."""
    losses = yearly_losses(Estimate.point(0.1), Severity.of(150_000, 150_000), 400_000, stream(7, "a"))
    assert losses.mean() == pytest.approx(15_000, rel=0.02)


def test_compound_poisson_moments():
    """Mean lambda E[X], variance lambda E[X^2] of a compound Poisson sum (Klugman, Panjer and Willmot, Loss Models, ch. 9)."""
    severity = Severity.of(100, 1000)
    losses = yearly_losses(Estimate.point(3), severity, 400_000, np.random.default_rng(5))
    second = math.exp(2 * severity.mu + 2 * severity.sigma**2)
    assert losses.mean() == pytest.approx(3 * severity.mean, rel=0.01)
    assert losses.var() == pytest.approx(3 * second, rel=0.05)
    assert (losses == 0).mean() == pytest.approx(math.exp(-3), rel=0.03)


def test_frequency_takes_the_mean_of_pert_not_its_mode():
    often = Estimate(low=2, likely=4, high=12)
    assert yearly_losses(often, Severity.of(10, 10), 400_000, stream(7, "a")).mean() == pytest.approx(
        50, rel=0.01
    )


def test_exceedance_falls_and_a_risk_has_its_own_stream():
    losses = yearly_losses(Estimate.point(1), Severity.of(10, 100), 5000, stream(7, "a"))
    curve = exceedance(losses, [0, 10, 50, 200])
    assert list(curve) == sorted(curve, reverse=True)
    again = yearly_losses(Estimate.point(1), Severity.of(10, 100), 5000, stream(7, "a"))
    assert np.array_equal(losses, again)


@pytest.mark.parametrize("limits", [(0, 5), (-1, 5), (5, 1)])
def test_an_interval_that_is_none(limits):
    with pytest.raises(ValueError, match="does not hold"):
        Severity.of(*limits)


def row(id="r", category="testing", **more):
    fields = {
        "frequency": Estimate.point(2), "loss_low": 1000, "loss_high": 1000, "mitigation": "Do it",
        "mitigation_cost": 100, "mitigation_effect": 0.5,
    }  # fmt: skip
    return RiskRow(id=id, name=id, category=category, **{**fields, **more})


def test_the_four_risks_of_the_article_count_until_the_client_states_its_own(make):
    built_in = risk.quantify(make(2))
    assert {item.id for item in built_in.items} == {"scope", "data-quality", "lock-in", "testing"}
    stated = risk.quantify(make(2, risks=(row(),)))
    assert {item.id for item in stated.items} == {"r", "scope", "data-quality", "lock-in"}
    assert stated.item("r").ale == pytest.approx(2000)


def test_nothing_counts_twice_with_the_overrun_or_the_exit(make):
    result = risk.quantify(make(2, risks=(row("s", "Scope creep"), row("l", "lock in"), row("t", "people"))))
    assert [loss.id for loss in result.losses if loss.id in ("risk/s", "risk/l", "risk/t")] == ["risk/t"]
    assert len(result.notes) == 3  # scope, lock-in, and the default of unnoticed failures
    default = risk.quantify(make(2))
    assert default.item("testing").held_by == "failures"
    assert [loss.id for loss in default.losses] == ["risk/data-quality"]


def test_a_mitigation_is_worth_what_it_saves_less_what_it_costs(make):
    dear, cheap = row("dear", mitigation_cost=1e6), row("cheap", mitigation_cost=10, mitigation_effect=0.2)
    engagement = make(2, risks=(dear, cheap), discount_rate=0.0, horizon_years=5)
    result = risk.quantify(engagement)
    upkeep = (0.05 + 4 * 0.15 + 0.3) / 6
    assert result.item("cheap").mitigation.net == pytest.approx((2000 * 0.2 - 10 * upkeep) * 5 - 10)
    assert result.item("dear").mitigation.net < 0
    assert result.ale_after <= result.ale
    assert all(point.after <= point.before + 0.02 for point in result.curve)


def test_no_evidence_moves_nothing(make):
    assumptions = make(1).assumptions
    for category in ("scope", "data-quality", "lock-in", "testing", "weather"):
        assert influences(category, assumptions, None, None, Operations()) == ()


def test_a_risk_without_numbers_is_missing_not_zero(make):
    result = risk.quantify(make(1, risks=(row("x", "people", frequency=None),)))
    assert "x" not in {item.id for item in result.items}
    assert any("risk x" in missing.supply for missing in result.missing)


def wish(id="CR", **more):
    fields = {
        "effort_days": Estimate.point(10), "risk": "low", "benefit_per_year": Estimate.point(10_000),
        "integration": "i0",
    }  # fmt: skip
    return ChangeRequest(id=id, title=id, **{**fields, **more})


def test_change_requests_by_hand(make):
    """10 days x 500 x (1 + breakage 0.0583) = 5,292 against 10,000 x 5 years at no discount."""
    engagement = make(
        2, team=Team(day_rate=500), discount_rate=0.0, horizon_years=5,
        change_requests=(
            wish("pays"), wish("loses", benefit_per_year=Estimate.point(500)), wish("silent", benefit_per_year=None),
            wish("risky", risk="high"),
        ),
        fields={"criticality": "critical"},
    )  # fmt: skip
    decided = {change.id: change for change in risk.decide(engagement)}
    assert decided["pays"].gain.likely == pytest.approx(50_000 - 5000 * (1 + (0 + 4 * 0.05 + 0.15) / 6))
    assert decided["pays"].decision == "include"
    assert decided["loses"].decision == decided["silent"].decision == decided["risky"].decision == "defer"
    assert "benefit" in decided["silent"].reason and decided["silent"].gain is None
    assert "critical" in decided["risky"].reason


def test_capacity_goes_to_the_highest_gain_per_day(make):
    big, small = wish("big", effort_days=Estimate.point(20)), wish("small")
    engagement = make(2, team=Team(day_rate=100), change_requests=(big, small))
    decided = {c.id: c.decision for c in risk.decide(engagement, 15)}
    assert decided == {"big": "defer", "small": "include"}


def test_unknown_integrations_and_double_ids_at_once(make):
    said = [Source(kind="input", place="change_requests.csv", row=row) for row in (2, 3, 4)]
    rows = (
        wish("a", integration="nowhere", origin=said[0]),
        wish("b", origin=said[1]),
        wish("b", origin=said[2]),
    )
    engagement = make(1, change_requests=rows)
    with pytest.raises(InvalidEngagement) as caught:
        risk.decide(engagement)
    columns = {column.name for column in find_table("change_requests").columns}
    assert len(caught.value.problems) == 3
    for problem in caught.value.problems:
        row = rows[problem.row - 2]
        assert problem.column in columns and problem.file == row.origin.place
        assert problem.value == quote_value(getattr(row, problem.column))
        assert problem.message and problem.allowed


def test_round_trip_and_same_bytes(make):
    engagement = make(2, risks=(row(),), change_requests=(wish(),))
    result = risk.quantify(engagement)
    assert risk.Risk.from_json(result.to_json()) == result
    assert risk.quantify(engagement).to_json() == result.to_json()


def incidents(count, days, integration="i0", hours=5):
    """Return incidents at equal distances, each noticed after some hours, and operations whose logs cover all days."""
    begun = dt.datetime(2026, 1, 1)
    step = dt.timedelta(days=days / count)
    rows = tuple(
        Incident(
            id=f"n{n}", integration=integration, started=begun + (n + 0.5) * step,
            detected=begun + (n + 0.5) * step + dt.timedelta(hours=hours),
        )
        for n in range(count)
    )  # fmt: skip
    traffic = Traffic(
        integration="i1", first_day=begun.date(), last_day=begun.date(), days_observed=int(days)
    )
    return rows, Operations(traffic=(traffic,), as_of=begun + dt.timedelta(days=days))


def test_incidents_replace_a_stated_frequency(make):
    """Three stated, 24 counted in two years: (3 x .5 + 24) / 2.5 = 10.2 a year; nothing else moves it."""
    rows, operations = incidents(24, 730.5)
    engagement = make(2, risks=(row(frequency=Estimate.point(3), integrations=("i0",)),), incidents=rows)
    item = risk.quantify(engagement, operations=operations, draws=50).item("r")
    assert item.frequency.mean == pytest.approx(10.2)
    assert item.ale == pytest.approx(10_200)
    assert item.frequency.low < 10.2 < item.frequency.high
    assert item.measured == "24 incidents that nobody noticed within 1 h in 730 days until 2028-01-01"
    assert any(source.kind == "measurement" for source in item.sources)
    assert item.influences == ()


def test_only_the_incidents_of_its_integrations_that_stayed_unnoticed_count(make):
    rows, operations = incidents(24, 730.5)
    other = make(2, risks=(row(frequency=Estimate.point(3), integrations=("i1",)),), incidents=rows)
    assert risk.quantify(other, operations=operations, draws=50).item("r").frequency.mean == pytest.approx(
        0.6
    )
    soon, operations = incidents(24, 730.5, hours=1)
    seen = make(
        2, risks=(row(frequency=Estimate.point(3)), row("f", "Outages", frequency=Estimate.point(3))),
        incidents=soon,
    )  # fmt: skip
    result = risk.quantify(seen, operations=operations, draws=50)
    assert result.item("r").frequency.mean == pytest.approx(0.6)
    assert result.item("f").frequency.mean == pytest.approx(10.2)
    assert result.item("data-quality").measured == ""


def test_a_stated_frequency_that_the_register_denies_is_a_finding(make):
    rows, operations = incidents(24, 730.5)
    denied, near = row("denied", frequency=Estimate.point(3)), row("near", frequency=Estimate(low=8, likely=10, high=12))  # fmt: skip
    result = risk.quantify(make(2, risks=(denied, near), incidents=rows), operations=operations, draws=50)
    (finding,) = [f for f in result.findings if f.id.endswith("/stated-frequency")]
    assert finding.id == "risk/denied/stated-frequency"
    assert finding.title == "denied: 10 a year by the incidents counted, 3 stated"
    assert finding.evidence.endswith("in 730 days until 2028-01-01; stated 3 to 3 a year")
    assert finding.impact == "The risk counts 7.2\xa0k€ a year more than as stated."
    assert finding.severity == "high"
    calm = risk.quantify(make(2, risks=(row(frequency=Estimate.point(9)),), incidents=rows[:1]), operations=operations, draws=50)  # fmt: skip
    (finding,) = [f for f in calm.findings if f.id.endswith("/stated-frequency")]
    assert finding.impact.endswith("less than as stated.") and finding.severity == "medium"


def test_a_default_that_incidents_replace_is_not_raised_as_well(make):
    rows, operations = incidents(24, 730.5)
    engagement = make(2, incidents=rows)
    default = engagement.assumptions["risk.testing.frequency"].mean
    item = risk.quantify(engagement, operations=operations, draws=50).item("testing")
    assert item.frequency.mean == pytest.approx((default * 0.5 + 24) / 2.5)
    assert item.influences == () and not item.stated


def test_a_risk_of_a_style_counts_as_far_as_that_style_is_decided(make):
    """One of two in a file: half of 2,000 a year. The losses for the cost model stay in full, for it prices other landscapes."""
    bulk = row("bulk", "capacity", styles=("file-exchange",), integrations=("i0", "i1"))
    engagement = make(4, risks=(bulk,), discount_rate=0.0, horizon_years=1)
    landscape = {"i0": "file-exchange", "i1": "ipaas", "i2": "api-first", "i3": None}
    found = risk.quantify(engagement, landscape=landscape, draws=40_000)
    item, lock_in = found.item("bulk"), found.item("lock-in")
    assert (item.share, lock_in.share, found.item("scope").share) == (0.5, 0.25, 1)
    assert item.ale == pytest.approx(1000)
    assert item.mitigation.saved == pytest.approx(500)
    assert found.ale == pytest.approx(sum(each.ale for each in found.items))
    assert next(loss for loss in found.losses if loss.id == "risk/bulk").per_year.mean == pytest.approx(2000)
    (finding,) = [f for f in found.findings if f.id == "risk/bulk"]
    assert finding.evidence.endswith("as decided it threatens 50% of what it concerns")
    none = risk.quantify(engagement, landscape=dict.fromkeys(landscape, "api-first"), draws=100)
    assert none.item("bulk").ale == none.item("lock-in").ale == 0
    assert {f.id: f.severity for f in none.findings}["risk/bulk"] == "info"
    assert risk.quantify(engagement, draws=100).item("bulk").share == 1


def test_the_curve_follows_what_is_decided(make):
    """Only one risk strikes: 2 events a year of 1,000 in full, 1 where half of its integrations have its style."""
    silent = [row(name, name, frequency=Estimate.point(0)) for name in ("scope", "data-quality", "lock-in", "testing")]  # fmt: skip
    bulk = row("bulk", "capacity", styles=("ipaas",), mitigation_effect=0.0)
    engagement = make(2, risks=(bulk, *silent))
    half = risk.quantify(engagement, landscape={"i0": "ipaas", "i1": "api-first"}, draws=40_000)
    assert half.curve[0].before == pytest.approx(1 - math.exp(-1), abs=0.01)
    assert risk.quantify(engagement, draws=40_000).curve[0].before == pytest.approx(1 - math.exp(-2), abs=0.01)  # fmt: skip


def test_riskquant_three_scenarios(make):
    """Netflix riskquant, README: 26,600,000, 1,010,000 and 40,400 a year, in this order; and its curve by the Poisson distribution.

    A year without any event has the probability exp(-(.01 + .10 + .05)).
    """
    cases = (("ALICE", 0.01, 1e6, 1e7), ("BOB", 0.10, 1e7, 1e9), ("CHARLIE", 0.05, 5e6, 5e7))
    rows = tuple(
        RiskRow(id=id, name=id, category="people", frequency=Estimate.point(rate), loss_low=low, loss_high=high)
        for id, rate, low, high in cases
    )  # fmt: skip
    silent = tuple(
        row(name, name, frequency=Estimate.point(0)) for name in ("scope", "data-quality", "lock-in", "testing")
    )  # fmt: skip
    found = risk.quantify(make(1, risks=(*rows, *silent)), draws=100_000)
    assert [item.id for item in found.items[:3]] == ["BOB", "CHARLIE", "ALICE"]
    assert [float(f"{item.ale:.3g}") for item in found.items[:3]] == [26_600_000, 1_010_000, 40_400]
    assert found.curve[0].before == pytest.approx(1 - math.exp(-0.16), abs=0.004)


def test_riskquant_pert_frequency_is_its_mean_not_its_mode():
    """riskquant, tests/test_pertloss.py gives 1.2120 for .1 / .3 / .7 and 1 to 10: .3 x 4.04, the mode; the mean is .3333 x 4.04."""
    wide = Estimate(low=0.1, likely=0.3, high=0.7)
    assert 0.3 * Severity.of(1, 10).mean == pytest.approx(1.2120038962444237, rel=1e-5)
    assert wide.mean * Severity.of(1, 10).mean == pytest.approx(1.2120038962444237 / 0.9, rel=1e-5)
