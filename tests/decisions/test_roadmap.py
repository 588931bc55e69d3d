"""The roadmap: order, capacity, dates, phases."""

from __future__ import annotations

import datetime as dt

import pytest

from assess.core.estimate import Estimate
from assess.decisions import readiness, roadmap
from assess.decisions.decision import Decision, IntegrationDecision, StyleUse, Verdict
from assess.intake.engagement import ReadinessAnswer, Team
from assess.intake.engagement.landscape import Integration, Yearly

TEAM = Team(people=4, focus=0.5, days_per_week=5, maintenance_reserve=0.2, teams=1)


def landscape(make, count=6, **more):
    kinds = ("low", "critical", "high", "medium")
    integrations = tuple(
        Integration(
            id=f"i{place}", source="a", target="b", criticality=kinds[place % 4], contract="" if place % 2 else "c.yaml",
            build_days=Estimate(low=6, likely=10 + place, high=25), goals=("g",),
        )
        for place in range(count)
    )  # fmt: skip
    return make(1, integrations=integrations, **{"team": TEAM, **more})


def styles(engagement):
    return {item.id: ("api-first", "ipaas")[n % 2] for n, item in enumerate(engagement.integrations)}


def test_precedence_and_capacity_hold(make):
    engagement = landscape(make, readiness=(ReadinessAnswer(practice="skills/second-person", answer="0"),))
    ready = readiness.score(engagement)
    plan = roadmap.plan(engagement, styles(engagement), readiness=ready, draws=20)
    ends = {item.id: item.end for item in plan.items}
    for item in plan.items:
        for before in item.after:
            assert ends[before] <= item.start
    for increment in plan.increments:
        assert increment.used <= increment.capacity + 1e-6
        assert increment.capacity <= increment.gross * 0.8 + 1e-6
    for integration in plan.items:
        if integration.id in ("build:i1", "build:i3", "build:i5"):
            assert ends[f"contract:{integration.id[6:]}"] <= integration.start
    assert any(item.kind == "gate" and item.id.startswith("gate:select") for item in plan.items)


def test_pilot_is_small_and_not_critical_then_the_most_critical_comes_first(make):
    engagement = landscape(make)
    plan = roadmap.plan(engagement, styles(engagement), draws=20)
    assert plan.pilot == "i0"
    assert plan.first == "i1"
    begins = {item.id: item.start for item in plan.items if item.kind == "integration"}
    first_end = plan.item("build:i1").end
    assert begins["build:i0"] < begins["build:i1"]
    assert all(start >= first_end for id, start in begins.items() if id not in ("build:i0", "build:i1"))
    assert "APIs" in plan.pilot_proves


def test_what_costs_more_to_wait_for_comes_first(make):
    engagement = landscape(make)
    late = Yearly(id="b", label="b", per_year=Estimate.point(520_000), integrations=("i3",))
    plan = roadmap.plan(engagement, styles(engagement), benefits=(late,), draws=20)
    true = (0.44 + 4 * 0.8 + 1) / 6  # of a benefit, on average
    assert plan.item("build:i3").delay_cost == pytest.approx(10_000 * true)
    others = [plan.item(f"build:{id}").start for id in ("i2", "i4", "i5")]
    assert plan.item("build:i3").start <= min(others)


def test_maintenance_that_eats_the_capacity_leaves_items_out(make):
    engagement = landscape(make, count=16, assumed={"maintenance.custom": 26.0})
    plan = roadmap.plan(engagement, styles(engagement), draws=5)
    assert plan.unplaced and plan.end is None
    assert plan.reserve_week is not None
    assert any(finding.id == "roadmap/capacity" for finding in plan.findings)


def test_dates_are_in_order_and_chance_agrees_with_them(make):
    engagement = landscape(make)
    sure = roadmap.plan(engagement, styles(engagement), due_weeks=1e6, draws=40)
    never = roadmap.plan(engagement, styles(engagement), due_weeks=0.0, draws=40)
    assert (sure.on_time, never.on_time) == (1.0, 0.0)
    dates = [date for date in sure.finish if date is not None]
    assert dates == sorted(dates)


def test_phases_carry_the_published_ranges(make):
    engagement = landscape(make)
    spans = {
        phase.key: (phase.low, phase.high)
        for phase in roadmap.plan(engagement, styles(engagement), draws=5).phases
    }
    assert spans == {"design": (2, 4), "first": (4, 8), "rollout": (13, 26)}


def test_phases_follow_the_plan(make):
    """Design ends when the first build begins; the second phase with the most critical integration."""
    engagement = landscape(make)
    plan = roadmap.plan(engagement, styles(engagement), draws=5)
    weeks = {phase.key: phase.weeks for phase in plan.phases}
    begin = min(item.start for item in plan.items if item.kind == "integration")
    assert weeks["design"] == begin
    assert weeks["first"] == plan.item(f"build:{plan.first}").end - begin
    assert weeks["rollout"] == plan.end - plan.item(f"build:{plan.first}").end


def test_spare_days_are_what_the_increments_offer_and_nothing_uses(make):
    engagement = landscape(make)
    plan = roadmap.plan(engagement, styles(engagement), draws=5)
    by_team = sum(item.days for item in plan.items if item.by_team)
    offered = sum(increment.capacity for increment in plan.increments)
    assert plan.spare_days == pytest.approx(offered - by_team)
    assert roadmap.plan(engagement, {}).spare_days is None


def test_the_operating_model_hands_out_all_of_the_work(make):
    engagement = landscape(make, team=TEAM.model_copy(update={"teams": 3}))
    plan = roadmap.plan(engagement, styles(engagement), draws=5)
    shares = plan.operating_model.shares
    centre = [share for share in shares if share.standards]
    kinds = {"foundation", "contract", "integration"}
    assert sum(share.days for share in shares) == pytest.approx(
        sum(item.days for item in plan.items if item.kind in kinds)
    )
    assert len(centre) == 1 and not centre[0].integrations
    assert sorted(id for share in shares for id in share.integrations) == sorted(styles(engagement))


@pytest.mark.parametrize(("teams", "key"), [(1, "one team"), (3, "centre of excellence")])
def test_operating_model_follows_teams_and_integrations(make, teams, key):
    engagement = landscape(make, team=TEAM.model_copy(update={"teams": teams}))
    model = roadmap.plan(engagement, styles(engagement), draws=5).operating_model
    assert model is not None and model.key == key


def test_nothing_to_plan_is_missing_not_an_error(make):
    engagement = landscape(make)
    assert roadmap.plan(engagement, {}).missing
    nobody = landscape(make, team=Team(people=0))
    assert "team" in roadmap.plan(nobody, styles(nobody)).missing[0].supply


def test_same_bytes_and_round_trip(make):
    engagement = landscape(make)
    first = roadmap.plan(engagement, styles(engagement), draws=20)
    assert roadmap.plan(engagement, styles(engagement), draws=20).to_json() == first.to_json()
    assert roadmap.Roadmap.from_json(first.to_json()) == first
    assert len(first.table) == len(first.items)


def decided(id, choice="build", timing="now", style="api-first"):
    return IntegrationDecision(integration=id, label=id, choice=choice, timing=timing, style=style)


def decision(*items, styles=()):
    return Decision(
        currency="EUR", horizon_years=5, draws=10, seed=1, verdict=Verdict(state="decide"), integrations=items, styles=styles
    )  # fmt: skip


def planned(engagement, decided_on, **more):
    return roadmap.plan(
        engagement, decided_on.programme, retired=decided_on.retired, later=decided_on.later,
        founded=decided_on.founded, draws=5, **more,
    )  # fmt: skip


def test_the_programme_is_that_of_the_decision(make):
    """What is kept builds nothing, what ends is work, what is later or not worth it is not begun."""
    engagement = landscape(make)
    answer = decision(
        decided("i0"), decided("i1", "buy", style="ipaas"), decided("i2", "keep"), decided("i3", "retire", style=None),
        decided("i4", timing="later"), decided("i5", "open", "not", None),
    )  # fmt: skip
    plan = planned(engagement, answer)
    assert plan.programme == answer.programme == {"i0": "api-first", "i1": "ipaas"}
    assert answer.assignment == answer.programme | {"i4": "api-first"}
    assert (plan.later, answer.retired) == (("i4",), ("i3",))
    assert {item.id for item in plan.items if item.kind in ("integration", "retire")} == {
        "build:i0", "build:i1", "retire:i3",
    }  # fmt: skip
    ended = plan.item("retire:i3")
    assert ended.days == pytest.approx((1 + 4 * 3 + 8) / 6) and ended.label == "Retire a → b"
    assert {item.id for item in plan.items if item.kind == "contract"} == {"contract:i1"}
    assert answer.landscape["i3"] is None and answer.landscape["i2"] == "api-first"


def test_dates_go_from_the_plan_into_the_decision(make):
    engagement = landscape(make)
    answer = decision(decided("i0"), decided("i1"), decided("i3", "retire"), decided("i4", timing="later"))
    plan = planned(engagement, answer)
    dates = {item.integration: item.date for item in answer.dated(plan.dates).integrations}
    weeks = {item.id.partition(":")[2]: item.end for item in plan.items if item.kind in ("integration", "retire")}  # fmt: skip
    assert dates == {id: plan.start + dt.timedelta(weeks=end) for id, end in weeks.items()} | {"i4": None}
    assert planned(engagement, answer.dated(plan.dates)) == plan


def test_what_the_client_owns_needs_no_second_foundation(make):
    engagement = landscape(make)
    use = StyleUse(style="ipaas", built=1, kept=0, owned="Workato")
    answer = decision(decided("i0"), decided("i1", "buy", style="ipaas"), styles=(use,))
    plan = planned(engagement, answer)
    assert [item.style for item in plan.items if item.kind == "foundation"] == ["api-first"]
    answers = (ReadinessAnswer(practice="skills/chosen-style-experience", answer="0"),)
    held = landscape(make, readiness=answers)
    ready = readiness.score(held)
    gated = planned(held, answer, readiness=ready)
    before = gated.item("build:i1").after
    assert any(id.startswith("gate:select:") for id in before) and "foundation:ipaas" not in before


def test_a_decision_that_only_ends_things_is_a_plan(make):
    plan = planned(landscape(make), decision(decided("i0", "retire"), decided("i1", "keep")))
    assert [item.id for item in plan.items] == ["retire:i0"]
    assert plan.end is not None and plan.programme == {}
    assert planned(landscape(make), decision(decided("i0", "keep"), decided("i1", timing="later"))).later == ("i1",)  # fmt: skip
