"""Risk computed by hand, record by record: evidence, mitigations, curve, findings, change requests."""

from __future__ import annotations

import math
from types import SimpleNamespace as Some

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.decisions import risk
from assess.decisions.risk.items import HELD, MITIGATIONS, influences, kind, product
from assess.decisions.risk.losses import LossTerms, Severity
from assess.decisions.risk.result import Influence
from assess.intake.engagement import ChangeRequest, RiskRow, Team

FACTORS = {
    "risk.evidence.absent": 1.6, "risk.evidence.present": 0.6, "risk.evidence.fit_data": 0.5,
    "risk.evidence.unfit_data": 3.0, "risk.evidence.failing": 2.0, "operations.success_target": 0.95,
}  # fmt: skip
SAID = Source(kind="input", place="readiness.csv", row=4, column="answer")


def ids(sources):
    return [source.id for source in sources]


def practised(levels, assessed=True):
    """Return a readiness in which some practices have a level; the others none."""

    def practice(id):
        return Some(id=id, label=id.split("/")[1], level=levels.get(id), sources=(SAID,))

    return Some(assessed=assessed, practice=practice)


def test_the_worst_practice_moves_the_frequency_between_absent_and_present(make):
    held = make(1, assumed=FACTORS).assumptions
    levels = {"observability/alerts-set": 0.75, "maintenance-budget/contract-tests": 0.25}
    (found,) = influences("testing", held, practised(levels))
    assert found.factor == pytest.approx(1.6 - 0.25)
    assert found.because == "contract-tests: 0.25 of 1"
    assert ids(found.sources) == [
        "in:readiness.csv:4:answer",
        "as:risk.evidence.absent",
        "as:risk.evidence.present",
    ]
    swapped = {"observability/alerts-set": 0.25, "maintenance-budget/contract-tests": 0.75}
    assert influences("testing", held, practised(swapped))[0].because == "alerts-set: 0.25 of 1"
    (alone,) = influences("testing", held, practised({"observability/alerts-set": 0.75}))
    assert alone.factor == pytest.approx(0.85)
    (none,) = influences("scope", held, practised({"stakeholder-buy-in/scope-agreed": 0.0}))
    assert none.factor == pytest.approx(1.6)
    (full,) = influences("data-quality", held, practised({"data-governance/owners-named": 1.0}))
    assert full.factor == pytest.approx(0.6)
    tied = {"exit-strategy/documented": 0.5, "exit-strategy/data-export-tested": 0.5}
    assert influences("lock-in", held, practised(tied))[0].because == "data-export-tested: 0.5 of 1"
    assert influences("testing", held, practised(levels, assessed=False)) == ()
    assert influences("testing", held, practised({})) == ()


def quality(*verdicts):
    findings = [
        Some(id="bad", severity="critical"),
        Some(id="poor", severity="high"),
        Some(id="dull", severity="medium"),
    ]
    return Some(verdicts=[Some(fitness=fit, findings=found) for fit, found in verdicts], findings=findings)


def test_severe_findings_of_the_data_move_the_frequency_of_bad_data(make):
    """1 of 4 judged has a severe one: .5 + 2.5 / 4; two of four with the high one: .5 + 2.5 / 2."""
    held = make(1, assumed=FACTORS).assumptions
    judged = [("fit", ()), ("fit", ("dull",)), ("unfit", ("dull", "bad")), ("fit", ())]
    (found,) = influences("data-quality", held, None, quality(*judged, ("not assessed", ("bad",))))
    assert found.factor == pytest.approx(0.5 + 2.5 / 4)
    assert found.because == "1 of 4 tables and pairs have a severe finding"
    assert ids(found.sources) == [
        "ms:quality/severe",
        "as:risk.evidence.fit_data",
        "as:risk.evidence.unfit_data",
    ]
    assert found.sources[0].detail == found.because
    (two,) = influences("data-quality", held, None, quality(("unfit", ("poor",)), *judged[1:]))
    assert two.factor == pytest.approx(0.5 + 2.5 / 2)
    assert influences("testing", held, None, quality(*judged)) == ()
    assert influences("data-quality", held, None, quality(("not assessed", ("bad",)))) == ()


def runs(*rates):
    return Some(traffic=[Some(success_rate=None if rate is None else Estimate.point(rate)) for rate in rates])


def test_missed_targets_raise_the_frequency_of_unnoticed_failures(make):
    """2 of 3 rated below 95 %: 1 + (2 - 1) 2/3; at the target is not below it."""
    held = make(1, assumed=FACTORS).assumptions
    (found,) = influences("testing", held, None, None, runs(0.9, None, 0.95, 0.5))
    assert found.factor == pytest.approx(1 + 2 / 3)
    assert found.because == "2 of 3 measured integrations deliver less than 95% of their runs"
    assert ids(found.sources) == [
        "ms:operations/success",
        "as:operations.success_target",
        "as:risk.evidence.failing",
    ]
    assert found.sources[0].detail == found.because
    assert influences("testing", held, None, None, runs(None)) == ()
    assert influences("scope", held, None, None, runs(0.1)) == ()
    (fine,) = influences("testing", held, None, None, runs(0.99))
    assert fine.factor == 1


def test_influences_multiply():
    assert product([Influence(factor=f, because="", sources=()) for f in (2.0, 0.5, 3.0)]) == 3.0


@pytest.mark.parametrize(
    ("word", "expected"),
    [("Scope Creep", "scope"), ("data", "data-quality"), (" Lock-in ", "lock-in"), ("Vendor lock-in", "lock-in"), ("churn", "lock-in"),
     ("Monitoring", "testing"), ("observability", "testing"), ("Overrun", "schedule"), ("delay", "schedule"), ("testing", "testing")],
)  # fmt: skip
def test_a_clients_words_for_the_kinds_of_risk(word, expected):
    assert kind(word) == expected


def row(id="r", category="testing", **more):
    fields = {"frequency": Estimate.point(2), "loss_low": 1000, "loss_high": 4000}
    return RiskRow(id=id, name=f"Risk {id}", category=category, origin=Source(kind="input", place="risks.csv", row=2), **{**fields, **more})  # fmt: skip


def mean_of(low, high):
    """Mean of the lognormal of which [low, high] holds 90 %: exp(mu + sigma^2 / 2)."""
    sigma = (math.log(high) - math.log(low)) / 3.2897072539
    return math.exp((math.log(low) + math.log(high)) / 2 + sigma**2 / 2)


def test_a_stated_risk_in_full(make):
    """2 a year, each 1,000 to 4,000, and no evidence raises what the client stated; half saved over 5 years for 900 and 60 a year."""
    stated = row(
        mitigation="Test it",
        mitigation_cost=900,
        mitigation_cost_per_year=60,
        mitigation_effect=0.5,
        owner="Ada",
        styles=("ipaas",),
        integrations=("i0",),
    )
    engagement = make(1, assumed=FACTORS, risks=(stated,), discount_rate=0.0, horizon_years=5)
    found = risk.quantify(engagement, practised({"observability/alerts-set": 0.0}), draws=50)
    item = found.item("r")
    ale = 2 * mean_of(1000, 4000)
    assert item.ale == pytest.approx(ale)
    assert (item.stated, item.name, item.category, item.owner, item.held_by) == (
        True,
        "Risk r",
        "testing",
        "Ada",
        "",
    )
    assert (item.styles, item.integrations) == (("ipaas",), ("i0",))
    assert item.stated_frequency == item.frequency == Estimate.point(2)
    assert (item.influences, item.measured) == ((), "")
    assert (item.severity.low, item.severity.high) == (1000, 4000)
    assert item.annual.unit == "EUR/year"
    assert item.annual.source.id == "ca:risk/r"
    assert (
        item.annual.source.detail
        == "events a year times mean loss, exp(mu + sigma^2 / 2) of the 90 % interval"
    )
    own = [f"in:risks.csv:2:{column}" for column in ("frequency", "loss_low", "loss_high")]
    assert ids(item.sources) == own == list(item.annual.source.of)
    assert item.mitigation.model_dump() == pytest.approx(
        {
            "text": "Test it",
            "cost": 900,
            "running_per_year": 60,
            "running": 300,
            "effect": 0.5,
            "saved": ale * 2.5,
            "net": ale * 2.5 - 300 - 900,
        }
    )
    loss = next(loss for loss in found.losses if loss.id == "risk/r")
    assert (loss.label, loss.per_year, loss.integrations, loss.styles) == (
        "Risk r",
        item.annual,
        ("i0",),
        ("ipaas",),
    )


LINE = {"failure.rate.api-first": 3, "skill.psi": 2, "failure.loss.high": 1_000, "team.skill": 0}
"""An inexperienced team has 6 failures a year of 1,000 each: 6,000 a year of every integration."""


@pytest.mark.parametrize(
    ("events", "named", "priced", "counted"),
    [(4, ("i0",), 4_000, None), (10, ("i0",), 6_000, 4_000), (10, (), 10_000, None), (20, (), 12_000, 8_000)],
)
def test_of_stated_failures_what_the_line_of_failures_holds_counts_once(make, events, named, priced, counted):
    """Of two integrations the line prices 12,000 a year; stated failures count beyond it, whoever they concern."""
    stated = row(frequency=Estimate.point(events), loss_low=1_000, loss_high=1_000, integrations=named)
    made = make(2, assumed=LINE, fields={"criticality": "high", "style_today": "api-first"}, risks=(stated,))
    found = risk.quantify(made, draws=50)
    assert found.item("r").priced == pytest.approx(priced)
    assert found.item("r").ale == pytest.approx(events * 1_000)
    losses = {loss.id: loss.per_year.mean for loss in found.losses}
    assert losses.get("risk/r") == (None if counted is None else pytest.approx(counted))
    assert sum("line of expected failures holds" in note for note in found.notes) == 1


def test_what_the_line_of_failures_holds_is_given_away_once(make):
    """Two risks of the same failures, 8,000 and 5,000 of one integration's 6,000: the greater takes it all."""
    risks = [
        row(id, frequency=Estimate.point(n), loss_low=1_000, loss_high=1_000, integrations=("i0",))
        for id, n in (("less", 5), ("more", 8))
    ]
    made = make(
        2, assumed=LINE, fields={"criticality": "high", "style_today": "api-first"}, risks=tuple(risks)
    )
    losses = {loss.id: loss.per_year.mean for loss in risk.quantify(made, draws=50).losses}
    assert losses["risk/more"] + losses["risk/less"] == pytest.approx(8_000 + 5_000 - 6_000)
    assert losses["risk/less"] == pytest.approx(5_000)


def test_a_risk_of_another_style_than_today_s_is_no_failure_that_is_priced(make):
    stated = row(frequency=Estimate.point(9), loss_low=1_000, loss_high=1_000, styles=("ipaas",))
    made = make(1, assumed=LINE, fields={"criticality": "high", "style_today": "api-first"}, risks=(stated,))
    assert risk.quantify(made, draws=50).item("r").priced == 0


def test_a_risk_lacks_what_it_lacks_by_name(make):
    rows = (row("a", frequency=None), row("b", loss_low=None, loss_high=None), row("c", loss_low=0))
    found = risk.quantify(make(1, risks=rows), draws=10)
    said = [missing for missing in found.missing if "of risk" in missing.supply]
    assert [missing.supply for missing in said] == [
        "frequency of risk a", "loss_low, loss_high of risk b", "a loss_low above 0 of risk c",
    ]  # fmt: skip
    assert {missing.section for missing in said} == {"risk"}
    assert {missing.changes for missing in said} == {"It counts into the yearly loss and into the cost."}
    half = risk.quantify(make(1, risks=(row(mitigation="x", mitigation_cost=5),)), draws=10)
    assert half.item("r").mitigation is None


def test_a_built_in_risk_in_full(make):
    """Defaults of scope: PERT(.5, 1.5, 4) events, 5,000 to 80,000 each; ten days against 40 % of it."""
    engagement = make(1, team=Team(day_rate=500), discount_rate=0.1, horizon_years=2)
    found = risk.quantify(engagement, draws=50)
    item = found.item("scope")
    ale = (0.5 + 4 * 1.5 + 4) / 6 * mean_of(5_000, 80_000)
    assert item.ale == pytest.approx(ale)
    assert (item.stated, item.category, item.held_by, item.owner) == (False, "scope", "build", "")
    assert item.name == "Scope grows beyond the plan"
    assert found.item("lock-in").styles == ("ipaas",)
    assert item.styles == ()
    cost = (5 + 40 + 20) / 6 * 500
    upkeep = (0.05 + 4 * 0.15 + 0.3) / 6 * cost
    assert item.mitigation.cost == pytest.approx(cost)
    assert item.mitigation.running_per_year == pytest.approx(upkeep)
    assert item.mitigation.net == pytest.approx((ale * 0.4 - upkeep) * (1 / 1.1 + 1 / 1.21) - cost)
    assert item.mitigation.text == MITIGATIONS["scope"]
    terms = ("frequency", "loss_low", "loss_high", "mitigation_days", "mitigation_effect")
    assert ids(item.sources) == [f"as:risk.scope.{term}" for term in terms]
    unstated = next(missing for missing in found.missing if "risks.csv" in missing.supply)
    assert unstated.supply == (
        "your own frequency and loss in risks.csv for: scope grows beyond the plan; bad data stops or falsifies a run; "
        "a platform's price or its end forces a change; a failure reaches users unnoticed"
    )
    assert found.notes == (
        "Scope grows beyond the plan: not in the cost as a loss of its own, because the overrun of the build line holds it.",
        "A failure reaches users unnoticed: not in the cost as a loss of its own, because the line of expected failures holds it.",
        "A platform's price or its end forces a change: not in the cost as a loss of its own, because the exit line holds it.",
    )


def test_in_a_currency_without_a_rate_the_built_in_risks_say_what_to_supply(make):
    found = risk.quantify(make(1, currency="JPY", risks=(row(),)), draws=10)
    assert [item.id for item in found.items] == ["r"]
    supplies = [missing.supply for missing in found.missing][:3]
    assert supplies == [
        f"exchange_rates with EUR in engagement.yaml, or a {name} risk in risks.csv" for name in ("scope", "data-quality", "lock-in")
    ]  # fmt: skip
    terms = LossTerms.of(make(1, currency="JPY"))
    assert (terms.day_rate, terms.currency) == (None, "JPY")


def test_money_and_time_by_hand(make):
    """A nominal 8 % at 3 % inflation is a real 1.08 / 1.03 - 1 (Fisher 1930); EUR at .8 a default of 850 is 680."""
    nominal = make(1, money="nominal", discount_rate=0.08, inflation=0.03, horizon_years=2)
    real = 1.08 / 1.03 - 1
    assert LossTerms.of(nominal).annuity == pytest.approx(1 / (1 + real) + 1 / (1 + real) ** 2)
    usual = make(1, money="nominal", discount_rate=0.08, horizon_years=1, assumed={"money.inflation": 0.05})
    assert LossTerms.of(usual).annuity == pytest.approx(1.05 / 1.08)
    assumed = make(1, horizon_years=1, assumed={"money.discount_rate": 0.25})
    assert LossTerms.of(assumed).annuity == pytest.approx(0.8)
    assert LossTerms.of(make(1, horizon_years=1, discount_rate=0.6)).annuity == pytest.approx(1 / 1.6)
    pounds = LossTerms.of(make(1, currency="GBP", exchange_rates={"EUR": 0.8}))
    assert (pounds.day_rate.likely, pounds.day_rate.unit) == (pytest.approx(680), "GBP/day")
    own = LossTerms.of(make(1, currency="GBP", exchange_rates={"EUR": 0.8}, assumed={"team.day_rate": 700}))
    assert own.day_rate.likely == 700
    stated = LossTerms.of(
        make(1, team=Team(day_rate=432, origin=Source(kind="input", place="engagement.yaml", row=9)))
    )
    assert (stated.day_rate.likely, stated.day_rate.unit) == (432, "EUR/day")
    assert stated.day_rate.source.id == "in:engagement.yaml:9:team.day_rate"


def test_items_mitigations_and_findings_are_ordered_by_money(make):
    """Ten, a hundred and a thousand a year; shares 1/1110, 10/111 and 100/111 of all."""
    kinds = ("scope", "data-quality", "lock-in", "testing")
    small, middle, large = (
        row(name, category, frequency=Estimate.point(1), loss_low=loss, loss_high=loss, mitigation=f"do {name}",
            mitigation_cost=20, mitigation_effect=0.5, owner=f"of {name}")
        for name, category, loss in (("a", "people", 10), ("b", "people", 100), ("c", "people", 1000))
    )  # fmt: skip
    silent = tuple(row(f"z{name}", name, frequency=Estimate.point(0)) for name in kinds)
    engagement = make(1, risks=(small, middle, large, *silent), discount_rate=0.0, horizon_years=2)
    found = risk.quantify(engagement, draws=2_000, seed=3)
    assert [item.id for item in found.items][:3] == ["c", "b", "a"]
    assert found.ale == pytest.approx(1110)
    assert found.ale_after == pytest.approx(
        10 + 50 + 500
    )  # the one for 10 a year does not pay: 10 saved, 20 spent
    first, second, third = found.findings[:3]
    assert [f.severity for f in (first, second, third)] == ["high", "low", "low"]
    assert first.id == "risk/c" and first.section == "risk" and first.owner == "of c"
    assert first.title == "Risk c: 1.0\xa0k€ a year, 90% of all risks"
    assert first.evidence == "1 events a year of 1.0\xa0k€ each"
    assert (first.action, first.impact) == ("do c", "")
    assert third.action == ""
    assert ids(first.sources) == [
        f"in:risks.csv:2:{column}" for column in ("frequency", "loss_low", "loss_high")
    ]
    facts = {fact.id: fact for fact in found.facts}
    assert list(facts) == ["risk.ale", "risk.ale_after", "risk.p90"]
    assert [fact.value for fact in facts.values()] == [found.ale, found.ale_after, found.p90]
    assert {fact.unit for fact in facts.values()} == {"EUR/year"}
    assert [fact.label for fact in facts.values()] == [
        "Expected loss of a year", "The same with every mitigation that pays", "Loss that one year in ten exceeds",
    ]  # fmt: skip
    assert ids(facts["risk.ale"].sources)[:3] == ["ca:risk/all", "ca:risk/c", "ca:risk/b"]
    assert facts["risk.p90"].sources[0].of[:2] == ("ca:risk/c", "ca:risk/b")
    assert ids(facts["risk.p90"].sources) == ids(facts["risk.ale_after"].sources) == ["ca:risk/all"]


def test_severity_of_a_finding_by_its_share(make):
    rows = [
        row(str(share), "people", frequency=Estimate.point(1), loss_low=share, loss_high=share)
        for share in (30, 10, 9, 51)
    ]
    none = [
        row(name, name, frequency=Estimate.point(0))
        for name in ("scope", "data-quality", "lock-in", "testing")
    ]
    found = risk.quantify(make(1, risks=(*rows, *none)), draws=10)
    assert {finding.id: finding.severity for finding in found.findings[:4]} == {
        "risk/51": "high", "risk/30": "high", "risk/10": "medium", "risk/9": "low",
    }  # fmt: skip


def test_what_raises_a_default_is_said_with_it_and_what_is_stated_is_not_raised(make):
    engagement = make(1, assumed=FACTORS)
    default = engagement.assumptions["risk.testing.frequency"]
    raised = risk.quantify(engagement, None, None, runs(0.5), draws=10)
    assert raised.item("testing").frequency.likely == pytest.approx(2 * default.likely)
    finding = next(f for f in raised.findings if f.id == "risk/testing")
    assert finding.evidence.endswith(
        "; raised by: 1 of 1 measured integrations deliver less than 95% of their runs"
    )
    practice = practised({"observability/alerts-set": 1.0})
    lowered = risk.quantify(engagement, practice, draws=10)
    assert lowered.item("testing").frequency.likely == pytest.approx(0.6 * default.likely)
    assert "raised" not in next(f for f in lowered.findings if f.id == "risk/testing").evidence
    stated = make(1, assumed=FACTORS, risks=(row(),))
    for evidence in ((practice, None, None), (None, None, runs(0.5))):
        own = risk.quantify(stated, *evidence, draws=10)
        assert own.item("r").frequency == Estimate.point(2)
        assert "raised" not in next(f for f in own.findings if f.id == "risk/r").evidence
    unstated = next(f for f in raised.findings if f.id == "risk/scope")
    assert unstated.impact == "Dated default, because nobody states a risk of this kind."


def test_the_curve_of_a_certain_loss_is_that_of_the_poisson_distribution(make):
    """Losses of exactly 100, twice a year on average: P(loss > 100 k) = P(N > k); half are prevented."""
    none = [row(name, name, frequency=Estimate.point(0)) for name in HELD if name != "lock-in"]
    kinds = [row(name, name, frequency=Estimate.point(0)) for name in ("data-quality", "lock-in", "testing")]
    one = row(
        "one", "people", loss_low=100, loss_high=100, mitigation="m", mitigation_cost=0, mitigation_effect=0.5
    )
    found = risk.quantify(make(1, risks=(one, *none, *kinds)), draws=60_000, seed=5)
    assert len(found.curve) == 41
    assert found.curve[0].loss == 0
    assert found.curve[0].before == pytest.approx(1 - math.exp(-2), abs=0.01)
    assert found.curve[0].after == pytest.approx(1 - math.exp(-1), abs=0.01)
    assert found.curve[-1].loss == pytest.approx(600)  # P(N > 6) is .45 %, P(N > 5) 1.7 %
    at = min(found.curve, key=lambda point: abs(point.loss - 150))
    assert at.before == pytest.approx(1 - 3 * math.exp(-2), abs=0.01)
    assert at.after == pytest.approx(1 - 2 * math.exp(-1), abs=0.01)
    assert found.p90 == pytest.approx(400)
    assert np.all(np.diff([point.before for point in found.curve]) <= 0)


def test_without_any_risk_there_is_no_number(make):
    rows = tuple(row(name, name, frequency=None) for name in ("scope", "data-quality", "lock-in", "testing"))
    found = risk.quantify(make(1, risks=rows), draws=10)
    assert (found.items, found.ale, found.ale_after, found.p90, found.curve, found.facts) == (
        (),
        None,
        None,
        None,
        (),
        (),
    )


def wish(id="CR", **more):
    fields = {
        "effort_days": Estimate.point(10),
        "risk": "low",
        "benefit_per_year": Estimate.point(10_000),
        "integration": "i0",
    }
    return ChangeRequest(id=id, title=f"Wish {id}", origin=Source(kind="input", place="change_requests.csv", row=3), **{**fields, **more})  # fmt: skip


def decided(make, *wishes, capacity=None, assumed=None, **more):
    usual = {"risk.change.low": 0.1, "risk.change.medium": 0.3, "risk.change.high": 0.5, **(assumed or {})}
    engagement = make(
        1,
        assumed=usual,
        team=Team(day_rate=500),
        discount_rate=0.0,
        horizon_years=2,
        change_requests=wishes,
        **more,
    )
    return {item.id: item for item in risk.decide(engagement, capacity)}


def test_a_change_request_in_full(make):
    """10 days x 1.1 x 500 = 5,500 against 2 x 10,000."""
    found = decided(make, wish())["CR"]
    assert (found.decision, found.reason, found.title, found.integration) == (
        "include",
        "It pays in 100% of futures.",
        "Wish CR",
        "i0",
    )
    assert (found.cost.low, found.cost.likely, found.cost.high) == (5500, 5500, 5500)
    assert found.cost.unit == found.benefit.unit == found.gain.unit == "EUR"
    assert found.benefit.likely == 20_000
    assert (found.gain.low, found.gain.likely, found.gain.high) == pytest.approx((14_500, 14_500, 14_500))
    assert found.chance == 1
    said = [f"in:change_requests.csv:3:{column}" for column in ("effort_days", "risk", "benefit_per_year")]
    assert ids(found.sources) == [*said, "ca:risk/change/CR"]
    assert found.gain.source == found.cost.source == found.benefit.source == found.sources[-1]
    assert found.gain.source.of == (*said, "as:risk.change.low", Team(day_rate=1).cite("team.day_rate").id)
    assert found.gain.source.detail == "benefit x annuity - effort x (1 + breakage) x day rate"


def test_the_spread_of_a_gain(make):
    """Benefit uniform-like PERT: P10 and P90 of the drawn gain lie around its mean; the cost spans its ends."""
    found = decided(
        make,
        wish(
            effort_days=Estimate(low=5, likely=10, high=20),
            benefit_per_year=Estimate(low=1000, likely=4000, high=9000),
        ),
    )["CR"]
    mean = 2 * (1000 + 16_000 + 9000) / 6 - (5 + 40 + 20) / 6 * 1.1 * 500
    assert found.gain.likely == pytest.approx(mean)
    assert found.gain.low < mean < found.gain.high
    assert (found.cost.low, found.cost.likely, found.cost.high) == pytest.approx(
        (5 * 550, 10 * 550, 20 * 550)
    )
    spread = math.sqrt(
        4 * (mean_b := 13_000 / 3 - 1000) * (9000 - 13_000 / 3) / 7
        + 550**2 * (65 / 6 - 5) * (20 - 65 / 6) / 7
    )
    assert mean_b > 0
    assert found.gain.high - found.gain.low == pytest.approx(2 * 1.2816 * spread, rel=0.1)  # near to normal
    z = mean / spread
    assert found.chance == pytest.approx(0.5 * (1 + math.erf(z / math.sqrt(2))), abs=0.04)


def test_what_a_change_request_lacks_is_named(make):
    found = decided(
        make, wish("e", effort_days=None), wish("b", benefit_per_year=None), wish("r", risk=None),
        wish("all", effort_days=None, benefit_per_year=None, risk=None),
    )  # fmt: skip
    assert {id: item.reason for id, item in found.items()} == {
        "e": "Nobody stated its effort.", "b": "Nobody stated its benefit.", "r": "Nobody stated its risk.",
        "all": "Nobody stated its effort or its benefit or its risk.",
    }  # fmt: skip
    assert {item.decision for item in found.values()} == {"defer"}
    assert all(item.gain is None and item.chance is None and item.cost is None for item in found.values())
    yen = make(1, currency="JPY", change_requests=(wish(),))
    assert risk.decide(yen)[0].reason == "Nobody stated a day rate."


def test_reasons_to_defer(make):
    loses = wish("loses", benefit_per_year=Estimate.point(2000))
    unsure = wish("unsure", benefit_per_year=Estimate(low=0, likely=1200, high=12_000))
    risky = wish("risky", risk="high")
    found = decided(make, loses, unsure, risky, fields={"criticality": "critical"})
    assert found["loses"].reason == "It costs more than it brings over the horizon."
    assert found["unsure"].gain.likely > 0
    assert (
        found["unsure"].reason
        == f"It pays in {found['unsure'].chance:.0%} of futures, less than the 80% asked for."
    )
    assert (
        found["risky"].reason == "It pays, but may break a critical integration: wait until that has settled."
    )
    assert {item.decision for item in found.values()} == {"defer"}
    calm = decided(make, risky, wish("even", risk="medium"), fields={"criticality": "high"})
    assert [item.decision for item in calm.values()] == ["include", "include"]
    assert calm["risky"].cost.likely == pytest.approx(7500)
    assert calm["even"].cost.likely == pytest.approx(6500)
    critical = decided(make, wish("even", risk="medium"), fields={"criticality": "critical"})
    assert critical["even"].decision == "include"
    bold = decided(make, unsure, assumed={"risk.change.confidence": 0.1})
    assert bold["unsure"].decision == "include"


def test_capacity_is_spent_on_the_highest_gain_per_day(make):
    """Gains a day: free work is first, 14.5k / 10, then 2 x 10k - 11k over 20."""
    wishes = (
        wish("big", effort_days=Estimate.point(20)),
        wish("small"),
        wish("none", effort_days=Estimate.point(0)),
        wish("more"),
    )
    found = decided(make, *wishes, capacity=20)
    assert {id: item.decision for id, item in found.items()} == {
        "big": "defer",
        "small": "include",
        "none": "include",
        "more": "include",
    }
    assert list(found) == ["big", "small", "none", "more"]
    assert found["big"].reason == "It pays, but needs 20 of 0 person-days that are left."
    tight = decided(make, *wishes, capacity=19)
    assert tight["more"].decision == "include"  # equal gain a day: by id
    assert tight["small"].reason == "It pays, but needs 10 of 9 person-days that are left."
    assert all(item.decision == "include" for item in decided(make, *wishes).values())


def test_severity_quantiles():
    found = Severity.of(100, 10_000)
    assert found.median == pytest.approx(1000)
    assert found.mean == pytest.approx(mean_of(100, 10_000))
