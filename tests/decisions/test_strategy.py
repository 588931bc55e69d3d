"""From strategy to action: every goal has a line, nothing is counted twice, what is left out is named."""

from __future__ import annotations

import pytest

from assess.core.estimate import Estimate
from assess.decisions import risk, roadmap
from assess.decisions.decision import Decision, IntegrationDecision, Verdict
from assess.decisions.strategy import Strategy, trace
from assess.evidence import value_stream
from assess.intake.engagement import Goal, ProcessStep, RiskRow, Team
from assess.intake.engagement.landscape import Integration

GOALS = (
    Goal(id="fast", goal="Faster", metric="days", unit="days", today=9, target=3),
    Goal(id="right", goal="Right"),
)


TRUE = (0.44 + 4 * 0.8 + 1) / 6
"""Mean share of the benefits that comes true: a PERT of .44, .8 and 1."""


def landscape(make, goals=(("fast",), ("fast", "right"), ()), steps=("i0", "i1"), **more):
    integrations = tuple(
        Integration(
            id=f"i{n}",
            source="a",
            target="b",
            goals=served,
            criticality="high",
            build_days=Estimate.point(10),
        )
        for n, served in enumerate(goals)
    )
    rows = tuple(
        ProcessStep(step=f"s{n}", name=f"Step {n}", process_minutes=Estimate.point(60), reentry=True, integration=id,
             volume=Estimate.point(100), complete_accurate=1.0)
        for n, id in enumerate(steps)
    )  # fmt: skip
    threat = RiskRow(id="r", name="It breaks", category="testing", integrations=("i0",),
                     frequency=Estimate.point(1), loss_low=1000, loss_high=9000)  # fmt: skip
    return make(1, integrations=integrations, goals=GOALS, value_stream=rows, risks=(threat,),
                team=Team(people=4, day_rate=500, focus=0.6), **more)  # fmt: skip


def traced(engagement, **choices):
    """Everything is built as API-first now, but for the choices."""
    decision = Decision(
        currency="EUR", horizon_years=5, draws=10, seed=1, verdict=Verdict(state="decide"),
        integrations=tuple(
            IntegrationDecision(
                integration=item.id, label=item.id, choice=choices.get(item.id, "build"), timing="now", style="api-first"
            )
            for item in engagement.integrations
        ),
    )  # fmt: skip
    stream = value_stream.map_value_stream(engagement)
    plan = roadmap.plan(
        engagement, decision.programme, benefits=stream.benefits, retired=decision.retired, draws=5
    )
    return trace(engagement, decision, stream, risk.quantify(engagement, draws=100), plan), stream, plan


def test_what_stays_brings_nothing_new_and_what_ends_serves_nothing(make):
    engagement = landscape(make)
    strategy, stream, _ = traced(engagement, i0="keep")
    fast = strategy.lines[0]
    assert (fast.integrations, fast.kept, fast.styles) == (("i0", "i1"), ("i0",), {"api-first": 1})
    only = sum(b.per_year.likely for b in stream.benefits if b.integrations == ("i1",)) / 2
    assert fast.benefit.likely == pytest.approx(TRUE * only)
    assert fast.first == "i1" and not strategy.unmoved
    still, _, _ = traced(engagement, i0="keep", i1="keep")
    assert still.unmoved == ("fast", "right") and still.unserved == ()
    assert [f.id for f in still.findings if f.id.startswith("strategy/fast")] == ["strategy/fast/unmoved"]
    assert still.lines[0].benefit is None and still.lines[0].cost is None and still.lines[0].first is None
    ended, _, _ = traced(engagement, i0="retire")
    assert ended.lines[0].integrations == ("i1",)


def test_a_line_leads_from_the_goal_to_the_first_increment(make):
    strategy, _, plan = traced(landscape(make))
    fast = strategy.lines[0]
    assert (fast.basis, fast.integrations, fast.steps) == ("declared", ("i0", "i1"), ("Step 0", "Step 1"))
    assert (fast.today, fast.target, fast.styles, fast.risks) == (9, 3, {"api-first": 2}, ("It breaks",))
    starts = {id: plan.item(f"build:{id}").start for id in ("i0", "i1")}
    assert starts[fast.first] == min(starts.values())
    assert fast.increment == starts[fast.first] // 2 + 1


def test_what_several_goals_share_counts_once(make):
    """i1 serves both goals: half of its benefit and of its work belongs to each."""
    strategy, stream, plan = traced(landscape(make))
    served = sum(benefit.per_year.likely for benefit in stream.benefits)
    assert sum(line.benefit.likely for line in strategy.lines) == pytest.approx(TRUE * served)
    days = sum(plan.item(f"build:{id}").days for id in ("i0", "i1"))
    assert sum(line.cost.likely for line in strategy.lines) == pytest.approx(days * 500)
    only = sum(b.per_year.likely for b in stream.benefits if b.integrations == ("i1",)) / 2
    assert strategy.lines[1].benefit.likely == pytest.approx(TRUE * only)


def test_goals_without_integrations_and_integrations_without_goals_are_named(make):
    strategy, _, _ = traced(landscape(make, goals=(("fast",), ("fast",), ())))
    assert strategy.unserved == ("right",) and strategy.aimless == ("i2",)
    assert strategy.lines[1].basis == "none" and strategy.lines[1].benefit is None
    assert {f.id for f in strategy.findings} == {"strategy/right/unserved", "strategy/i2/aimless"}


def test_without_declared_links_the_value_stream_says_what_serves(make):
    strategy, _, _ = traced(landscape(make, goals=((), (), ())))
    assert {line.basis for line in strategy.lines} == {"derived"}
    assert all(line.integrations == ("i0", "i1") for line in strategy.lines)
    assert not strategy.unserved and not strategy.aimless and not strategy.findings


def test_without_either_it_is_unknown_and_nobody_is_blamed(make):
    strategy, _, _ = traced(landscape(make, goals=((), (), ()), steps=()))
    assert {line.basis for line in strategy.lines} == {"unknown"}
    assert all(line.benefit is None and line.cost is None and line.first is None for line in strategy.lines)
    assert not strategy.findings


def test_round_trip_and_table(make):
    strategy, _, _ = traced(landscape(make))
    assert Strategy.from_json(strategy.to_json()) == strategy
    assert list(strategy.table.goal) == ["fast", "right"]
