"""The ranked list: values are the cost model run again, and overlaps count once."""

from __future__ import annotations

import pytest

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.decisions import actions, cost, readiness, risk
from assess.intake.engagement import ProcessStep, ReadinessAnswer, RiskRow, Team
from assess.intake.engagement.landscape import Yearly


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
    return actions.rank(engagement, ("i1",), priced(engagement), readiness=ready, risk=threats, **more)


def priced(engagement, draws=200):
    """The cost model of everything in the first style."""
    options = {"api": {item.id: "api-first" for item in engagement.integrations}}
    return actions.pricer(cost.Inputs(engagement, assignments=options), "api", draws=draws)


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
    line = (
        cost.estimate(cost.Inputs(engagement, assignments=assignment, losses=own), draws=200).options[0].lines
    )
    paid = next(each.present_value for each in line if each.line == "losses")
    assert listed.action("mitigation/blind").value.likely == pytest.approx(paid / 2, rel=0.02)


def test_values_that_overlap_do_not_add_up(listed):
    """Several practices multiply one factor: together they are worth less than the sum of their last steps."""
    gates = [a for a in listed.actions if a.kind == "gate" and a.net is not None and a.net > 0]
    assert len(gates) > 1
    separate = sum(a.value.likely for a in listed.actions if a.net is not None and a.net > 0)
    assert listed.joint < separate
    assert listed.overlap == pytest.approx(separate - listed.joint)


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


def test_waste_that_the_programme_removes_is_no_action(engagement):
    waste = Finding(
        id="value_stream/s/reentry",
        section="value_stream",
        severity="high",
        title="t",
        action="Do",
        integrations=("i1",),
    )
    stays = waste.model_copy(update={"id": "value_stream/r/reentry", "integrations": ("i2",)})
    denied = Finding(
        id="operations/i1/stated-volume", section="operations", severity="medium", title="t", action="Ask",
        integrations=("i1",),
    )  # fmt: skip
    result = run(engagement, others=(waste, stays, denied))
    checks = {action.id for action in result.actions if action.kind == "check"}
    assert checks == {f"check/{stays.id}", f"check/{denied.id}"}
    assert result.action(f"check/{denied.id}").value is None


def test_next_steps_add_at_most_what_each_brings_alone(engagement, listed):
    steps = [listed.action(step.action) for step in listed.next_steps]
    alone = {step.id: step.value.likely for step in steps}
    assert all(step.adds <= alone[step.action] + 1e-6 for step in listed.next_steps)
    assert listed.next_steps[0].adds == pytest.approx(alone[listed.next_steps[0].action])


def test_the_first_steps_are_the_best_of_every_choice(engagement):
    """Against trying every action on top of those chosen before, and against the run with all of them closed."""
    engagement = engagement.model_copy(update={"value_stream": (ProcessStep(step="order"),)})
    ready = readiness.score(engagement)
    threats = risk.quantify(engagement, ready, draws=500)
    value = priced(engagement, 50)
    listed = actions.rank(engagement, ("i1",), value, readiness=ready, risk=threats)
    base = case = actions.CostDrivers(tuple(ready.shifts), threats.losses, ())
    left = {a.id: a for a in listed.actions if a.value}
    items = {f"mitigation/{item.id}": item for item in threats.items}

    def close(case, id):
        if id not in items:
            return case.without_shifts(id)
        item = items[id]
        return case if item.held_by else case.with_loss(f"risk/{item.id}", 1 - item.mitigation.effect)

    def gain(id):
        held = id in items and items[id].held_by
        return items[id].mitigation.saved if held else value(case) - value(close(case, id))

    gate = ready.next_gate
    needed = [f"readiness/{id}" for id in gate.lacking]
    assert gate.id == "select" and len(needed) < len(listed.next_steps)
    for step in listed.next_steps:
        assert step.opens == (gate.label if needed else "")
        gains = {id: gain(id) for id in needed or left}
        best = max(gains, key=lambda id: gains[id] - left[id].cost.mean - left[id].running.mean)
        assert step.action == best
        needed = [id for id in needed if id != best]
        assert step.adds == pytest.approx(gains[best])
        case = close(case, best)
        del left[best]
    outside = sum(
        step.adds for step in listed.next_steps if step.action in items and items[step.action].held_by
    )
    added = sum(step.adds for step in listed.next_steps)
    assert added == pytest.approx(value(base) - value(case) + outside)


def test_waste_that_no_integration_removes_is_an_action_of_its_own(engagement):
    """It is worth what the cost model says of a benefit of that size."""
    remedy = Yearly(id="remedy/check", label="r", per_year=Estimate.point(30_000))
    waste = Finding(
        id="value_stream/check/accuracy",
        section="value_stream",
        severity="medium",
        title="t",
        action="Check it",
    )
    result = run(engagement, remedies=(remedy,), others=(waste,))
    action = result.action("waste/check")
    assert action.kind == "waste" and action.findings == (waste.id,)
    assert f"check/{waste.id}" not in {a.id for a in result.actions}
    ready = readiness.score(engagement)
    losses = risk.quantify(engagement, ready, draws=500).losses
    value = priced(engagement)
    without, with_it = (
        value(actions.CostDrivers(tuple(ready.shifts), losses, benefits)) for benefits in ((), (remedy,))
    )
    assert action.value.likely == pytest.approx(without - with_it, rel=1e-6)


def test_ending_a_product_that_nobody_uses_is_worth_what_it_costs(engagement):
    """As much as the cost model says of a benefit of that size; its finding is no second action."""
    saving = Yearly(id="saving/suite", label="Suite ended", per_year=Estimate.point(12_000))
    idle = Finding(
        id="governance/stack/suite/unused",
        section="governance",
        severity="medium",
        title="t",
        action="End it",
        effort=Estimate.point(1),
        owner="IT",
    )
    result = run(engagement, savings=(saving,), others=(idle,))
    action = result.action("saving/suite")
    assert (action.kind, action.owner, action.findings) == ("waste", "IT", (idle.id,))
    assert f"check/{idle.id}" not in {a.id for a in result.actions}
    ready = readiness.score(engagement)
    losses = risk.quantify(engagement, ready, draws=500).losses
    value = priced(engagement)
    without, with_it = (
        value(actions.CostDrivers(tuple(ready.shifts), losses, benefits)) for benefits in ((), (saving,))
    )
    assert action.value.likely == pytest.approx(without - with_it, rel=1e-6)
    assert action.net == pytest.approx(action.value.likely - action.cost.mean)


def test_without_a_cost_model_only_the_risk_model_gives_values(engagement):
    ready = readiness.score(engagement)
    result = actions.rank(
        engagement, (), None, readiness=ready, risk=risk.quantify(engagement, ready, draws=100)
    )
    assert all(a.value is None for a in result.actions if a.kind == "gate")
    assert result.missing


def test_same_bytes_and_round_trip(engagement, listed):
    assert run(engagement).to_json() == listed.to_json()
    assert actions.Actions.from_json(listed.to_json()) == listed
