"""The ranked list: values are the cost model run again, and overlaps count once."""

from __future__ import annotations

import pytest

from assess.decisions import actions, cost, readiness, risk
from assess.intake.engagement import ReadinessAnswer, RiskRow, Team
from assess.intake.estimate import Estimate
from assess.intake.finding import Finding
from assess.intake.yearly import Yearly


@pytest.fixture
def engagement(make):
    answers = tuple(
        ReadinessAnswer(practice=practice.id, answer="0", respondent=who)
        for practice in readiness.checklist().practices
        for who in "AB"
    )
    blind = RiskRow(
        id="blind", category="testing", frequency=Estimate.point(4), loss_low=2000, loss_high=9000,
        mitigation="Alerts", mitigation_cost=1000, mitigation_effect=0.5,
    )  # fmt: skip
    return make(3, readiness=answers, risks=(blind,), team=Team(people=4, day_rate=500, focus=0.6))


@pytest.fixture
def listed(engagement):
    return run(engagement)


def run(engagement, **more):
    ready = readiness.score(engagement)
    threats = risk.quantify(engagement, ready, draws=500)
    assignment = {item.id: "api-first" for item in engagement.integrations}
    value = actions.pricer(engagement, assignment, draws=200)
    return actions.rank(engagement, assignment, value, readiness=ready, risk=threats, **more)


def test_highest_net_value_first_and_the_unvalued_last(listed):
    nets = [action.net for action in listed.actions]
    known = [net for net in nets if net is not None]
    assert known == sorted(known, reverse=True)
    assert nets[: len(known)] == known


def test_a_mitigation_is_worth_the_loss_that_the_cost_model_no_longer_pays(engagement, listed):
    """The same by `cost.estimate`, whose losses line is the expected loss while the integrations run."""
    ready = readiness.score(engagement)
    threats = risk.quantify(engagement, ready, draws=500)
    own = [loss for loss in threats.losses if loss.id == "risk/blind"]
    assignment = {"api": {item.id: "api-first" for item in engagement.integrations}}
    line = cost.estimate(engagement, assignments=assignment, losses=own, draws=200).options[0].lines
    paid = next(each.present_value for each in line if each.line == "losses")
    assert listed.action("mitigation/blind").value.likely == pytest.approx(paid / 2, rel=0.02)


def test_values_that_overlap_do_not_add_up(listed):
    """Several practices multiply one factor: together they are worth less than the sum of their last steps."""
    gates = [a for a in listed.actions if a.kind == "gate" and a.net is not None and a.net > 0]
    assert len(gates) > 1
    assert listed.joint < listed.separate
    assert listed.overlap == pytest.approx(listed.separate - listed.joint)


def test_intervals_hold_their_value(listed):
    for action in listed.actions:
        if action.value:
            assert action.value.low <= action.value.likely <= action.value.high
            assert action.value.source is not None and action.sources


def test_quick_wins_are_small_and_pay(listed):
    for id in listed.quick_wins:
        action = listed.action(id)
        assert action.effort.mean <= 5 and action.net > 0
    assert len(listed.next_steps) == 5


def test_an_integration_is_worth_its_benefit_and_takes_its_waste_along(engagement):
    gain = Yearly(id="g", label="g", per_year=Estimate.point(50_000), integrations=("i1",))
    waste = Finding(
        id="value_stream/s/reentry",
        section="value_stream",
        severity="high",
        title="t",
        action="Do",
        integrations=("i1",),
    )
    told = Finding(
        id="operations/i2/stated-volume", section="operations", severity="medium", title="t", action="Ask"
    )
    result = run(engagement, benefits=(gain,), others=(waste, told))
    build = result.action("build/i1")
    assert 0 < build.value.likely < 50_000 * engagement.horizon_years
    assert build.findings == (waste.id,)
    check = result.action(f"check/{told.id}")
    assert check.value is None and check.net is None


def test_without_a_cost_model_only_the_risk_model_gives_values(engagement):
    ready = readiness.score(engagement)
    result = actions.rank(
        engagement, {}, None, readiness=ready, risk=risk.quantify(engagement, ready, draws=100)
    )
    assert all(a.value is None for a in result.actions if a.kind == "gate")
    assert result.missing


def test_same_bytes_and_round_trip(engagement, listed):
    assert run(engagement).to_json() == listed.to_json()
    assert actions.Actions.from_json(listed.to_json()) == listed
