"""A roadmap computed by hand: three integrations, two people, no uncertainty; what is gathered, scheduled and said."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace as Some

import pytest
from psplib import earliest, latest, read, violations

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.decisions import roadmap
from assess.decisions.roadmap.findings import operating_model, pilot_proves
from assess.decisions.roadmap.scheduling import (
    Activity,
    Capacity,
    Project,
    Schedule,
    generate,
    improve,
    ordered,
    search,
)  # fmt: skip
from assess.decisions.roadmap.work import Chosen, build_days, choose, cost_of_delay, gather
from assess.intake.assumptions import defaults
from assess.intake.engagement import Team
from assess.intake.engagement.landscape import Integration, Yearly

DAY = dt.date(2026, 7, 1)
CERTAIN = {
    "benefits.realised": 1,
    "build.factor.api-first": 1, "build.factor.ipaas": 1.5, "build.config_share": 0.25, "build.coverage": 0.6,
    "setup.days.api-first": 16, "setup.days.ipaas": 24, "roadmap.contract_days": 4, "roadmap.crew": 2, "maintenance.custom": 0.26,
    "overrun.body": 1, "overrun.tail_share": 0, "overrun.factor": 1, "pilot.weeks": 2,
}  # fmt: skip
TEAM = Team(
    people=2,
    days_per_week=5,
    focus=1,
    maintenance_reserve=0.2,
    teams=1,
    origin=Source(kind="input", place="engagement.yaml", row=7),
)


def integration(id, criticality, days, **more):
    said = Source(kind="input", place="integrations.csv", row=2 + int(id[1:]))
    fields = {
        "contract": "contracts/c.yaml",
        "owner": f"of {id}",
        "origin": said,
        "build_days": Estimate.point(days, "person-days", said),
    }
    return Integration(id=id, source="a", target="b", criticality=criticality, **{**fields, **more})


THREE = (integration("i0", "low", 8), integration("i1", "critical", 16), integration("i2", "medium", 8))
ALL_API = dict.fromkeys(("i0", "i1", "i2"), "api-first")


def engagement(make, integrations=THREE, assumed=None, **more):
    values = {"team": TEAM, "start": DAY, **more}
    return make(1, integrations=integrations, assumed={**CERTAIN, **(assumed or {})}, **values)


def ids(sources):
    return [source.id for source in sources]


def test_the_schedule_by_hand(make):
    """8 days a week: foundation 16 (weeks 1-2), pilot 8 (3), the critical one 16 (4-5), the last 8 (6)."""
    benefit = Yearly(id="b", label="b", per_year=Estimate.point(5_200), integrations=("i2",))
    plan = roadmap.plan(engagement(make), ALL_API, benefits=(benefit,), due_weeks=6, draws=4, restarts=2)
    assert [(item.id, item.start, item.end) for item in plan.items] == [
        ("foundation:api-first", 0, 2), ("build:i0", 2, 3), ("build:i1", 3, 5), ("build:i2", 5, 6),
    ]  # fmt: skip
    assert (plan.end, plan.finish, plan.due, plan.on_time, plan.start) == (6, (6, 6, 6, 6), 6, 1, DAY)
    assert (plan.pilot, plan.first, plan.unplaced, plan.reserve_week, plan.missing) == (
        "i0",
        "i1",
        (),
        None,
        (),
    )
    foundation, pilot, first, last = plan.items
    assert (foundation.label, foundation.kind, foundation.style, foundation.owner) == (
        "Foundation of APIs", "foundation", "api-first", "Integration team",
    )  # fmt: skip
    assert (pilot.kind, pilot.style, pilot.owner, pilot.label, pilot.days) == (
        "integration",
        "api-first",
        "of i0",
        "a → b",
        8,
    )
    assert [item.late for item in plan.items] == [(end,) * 4 for end in (2, 3, 5, 6)]
    assert [item.after for item in plan.items] == [
        (), ("foundation:api-first",), ("foundation:api-first", "build:i0"), ("foundation:api-first", "build:i0", "build:i1"),
    ]  # fmt: skip
    assert all(item.by_team and item.critical for item in plan.items)
    assert (last.delay_cost, first.delay_cost) == (100, 0)
    assert [item.priority for item in plan.items] == [12.5] * 4  # what the last one needs has its priority
    assert ids(foundation.sources) == ["as:setup.days.api-first"]
    assert ids(first.sources) == ["in:integrations.csv:3", "in:integrations.csv:3:criticality"]
    late = roadmap.plan(engagement(make), ALL_API, due_weeks=5.9, draws=4, restarts=0)
    assert late.on_time == 0
    assert late.missing[0].supply == "the value stream, in value_stream.csv or event_logs/"
    assert (
        late.missing[0].changes
        == "The order follows money a week of waiting; until then it follows criticality."
    )
    assert late.missing[0].section == "roadmap"


def test_increments_by_hand(make):
    """16 of 20 days are for new work; .26 a year of 8 days is .04 a week after the pilot, .08 more after the critical one."""
    plan = roadmap.plan(engagement(make), ALL_API, draws=2, restarts=0)
    assert [(i.number, i.start) for i in plan.increments] == [
        (1, DAY), (2, DAY + dt.timedelta(weeks=2)), (3, DAY + dt.timedelta(weeks=4)),
    ]  # fmt: skip
    assert [i.items for i in plan.increments] == [
        ("foundation:api-first",),
        ("build:i0", "build:i1"),
        ("build:i1", "build:i2"),
    ]
    assert [i.gross for i in plan.increments] == [20, 20, 20]
    assert [i.capacity for i in plan.increments] == [16, 16, 16]
    assert [i.used for i in plan.increments] == [16, 16, 16]
    assert [i.maintenance for i in plan.increments] == pytest.approx([0, 0.04, 0.04 + 0.12])
    assert [(need.increment, need.skill, need.days) for need in plan.needs] == [
        (n, "api-first", 16) for n in (1, 2, 3)
    ]
    assert plan.spare_days == pytest.approx(0)
    undated = roadmap.plan(engagement(make, start=None, date=None), ALL_API, draws=2, restarts=0)
    assert [i.start for i in undated.increments] == [None] * 3
    assert roadmap.plan(engagement(make, start=None), ALL_API, draws=2, restarts=0).start == DAY
    assert plan.reserve_at_full_pace == pytest.approx(52 * 0.2 / (0.26 * 0.8))


def test_phases_and_facts_by_hand(make):
    plan = roadmap.plan(engagement(make), ALL_API, draws=2, restarts=0)
    assert [(p.key, p.label, p.weeks, p.low, p.high, p.verdict) for p in plan.phases] == [
        ("design", "Selection, design and foundation", 2, 2, 4, "within"),
        ("first", "Pilot and first critical integration", 3, 4, 8, "shorter"),
        ("rollout", "Rollout of the others", 1, 13, 26, "shorter"),
    ]
    assert [ids(p.sources) for p in plan.phases] == [
        [f"as:roadmap.phase.{key}"] for key in ("design", "first", "rollout")
    ]
    assert plan.due == 4 + 8 + 26
    facts = {fact.id: fact for fact in plan.facts}
    assert {id: (fact.value, fact.unit) for id, fact in facts.items()} == {
        "roadmap.end": (6, "weeks"), "roadmap.p80": (6, "weeks"), "roadmap.on_time": (1, "chance"),
        "roadmap.reserve_week": (None, ""), "roadmap.capacity": (8, "person-days"), "roadmap.full_pace": (52 * 0.2 / (0.26 * 0.8), "weeks"),
        "roadmap.live": ("12\u00a0Aug\u00a02026", "weeks"),
    }  # fmt: skip
    assert (facts["roadmap.end"].low, facts["roadmap.end"].high) == (6, 6)
    assert [fact.label for fact in facts.values()] == [
        "Live by", "Weeks until all runs, as planned", "Weeks until all runs in eight of ten futures", "Chance that all runs within 38 weeks",
        "Week in which maintenance needs the whole reserve", "Weeks of building alone after which maintenance needs the whole reserve", "Person-days of a week for new work",
    ]  # fmt: skip
    team = [f"in:engagement.yaml:7:team.{name}" for name in ("people", "focus", "maintenance_reserve")]
    team += ["as:maintenance.custom", "as:roadmap.crew"]
    assert ids(facts["roadmap.capacity"].sources) == team
    assert ids(facts["roadmap.end"].sources) == ["ca:roadmap/schedule", *team]
    source = facts["roadmap.p80"].sources[0]
    assert source.of[:2] == ("as:setup.days.api-first", "in:integrations.csv:2")
    assert source.of[-5:] == tuple(team)
    assert (
        source.detail
        == "serial schedule, capacity = people x days x focus - max(reserve, maintenance of what runs)"
    )


def test_slow_plans_are_longer_than_the_published_ranges(make):
    slow = engagement(make, team=TEAM.model_copy(update={"focus": 0.1}))
    plan = roadmap.plan(slow, ALL_API, draws=2, restarts=0)
    assert [(p.weeks, p.verdict) for p in plan.phases] == [(20, "longer"), (30, "longer"), (10, "shorter")]
    (late,) = [f for f in plan.findings if f.id == "roadmap/on-time"]
    assert plan.on_time == 0
    assert late.title == "All runs within 38 weeks in 0% of the futures"
    assert (late.section, late.severity) == ("roadmap", "high")
    assert late.impact == "Results come later than such a programme usually shows them."
    assert late.action == "Decide which integrations are not needed in the first phase."
    assert ids(late.sources) == ["in:engagement.yaml:7:team.people"]


def test_maintenance_beyond_the_reserve_by_hand(make):
    """13 a year of 8 days is 2 a week, the whole reserve, from week 4 on; with the critical one 6: then only 4 of 10 are free."""
    plan = roadmap.plan(engagement(make, assumed={"maintenance.custom": 13}), ALL_API, draws=2, restarts=0)
    assert plan.reserve_week == 4
    assert (plan.unplaced, plan.end, plan.finish, plan.on_time) == (("build:i2",), None, (None,) * 4, 0)
    assert plan.item("build:i1").end == 5
    assert (
        plan.items[-1].id == "build:i2"
        and plan.items[-1].start is None
        and plan.items[-1].late == (None,) * 4
    )
    capacity, reserve, late = plan.findings
    assert capacity.title == "1 items fit nowhere: maintenance takes the capacity before they begin"
    assert (capacity.id, capacity.severity, capacity.evidence) == ("roadmap/capacity", "critical", "build:i2")
    assert (capacity.impact, capacity.section) == ("They would never be built.", "roadmap")
    assert capacity.action == "Add people, build less, or buy what needs less maintenance."
    assert (reserve.id, reserve.severity, reserve.section) == ("roadmap/reserve", "high", "roadmap")
    assert reserve.title == "Maintenance needs the whole reserve from week 4 on"
    assert reserve.impact == "From then on every further integration slows all others down."
    assert reserve.action == "Before that week, retire integrations, buy their maintenance, or add capacity."
    assert late.id == "roadmap/on-time"
    assert [p.weeks for p in plan.phases] == [2, 3, None]
    assert plan.phases[2].verdict == "unknown"
    assert [i.capacity for i in plan.increments] == [16, 16, 8 + 4]  # the sixth week keeps 6 of its 10


def test_futures_follow_the_overrun(make):
    """Everything twice as long: 12 weeks in every future, 6 as planned."""
    plan = roadmap.plan(
        engagement(make, assumed={"overrun.factor": 2}), ALL_API, draws=3, restarts=0, due_weeks=11
    )
    assert (plan.end, plan.finish, plan.on_time) == (6, (12,) * 4, 0)
    body = roadmap.plan(engagement(make, assumed={"overrun.body": 1.5}), ALL_API, draws=3, restarts=0)
    assert body.finish == (3 + 2 + 3 + 2,) * 4  # 24, 12, 24 and 12 days in whole weeks
    tail = {"overrun.tail_share": 1, "overrun.body": 1, "overrun.tail_mean": 3, "overrun.cap": 9}
    drawn = roadmap.plan(engagement(make, assumed=tail), ALL_API, draws=60, restarts=0)
    assert 6 <= drawn.finish[0] <= drawn.finish[1] <= drawn.finish[2] <= drawn.finish[3] <= 54
    assert drawn.finish[3] > 2 * drawn.finish[0]


def test_nothing_to_plan_says_what_to_supply(make):
    none = roadmap.plan(engagement(make), {})
    assert none.missing[0].supply == "integrations that a style can serve"
    assert none.missing[0].changes == "The plan says what is done when, and by whom."
    assert (none.start, none.end, none.missing[0].section) == (DAY, None, "roadmap")
    idle = roadmap.plan(engagement(make, team=TEAM.model_copy(update={"maintenance_reserve": 1.0})), ALL_API)
    assert idle.missing[0].supply == "a team with people and focus in engagement.yaml"
    assert roadmap.plan(engagement(make, start=None), {}).start == DAY


def test_the_capacity_of_a_team(make):
    team = Capacity.of(engagement(make))
    assert (team.gross, team.reserve, team.free, team.pace, team.one_person) == (10, 0.2, 8, 8, 5)
    assert team.maintenance == pytest.approx(0.26)
    large = Capacity.of(
        engagement(make, team=Team(people=8, focus=0.5, days_per_week=4, maintenance_reserve=0.5))
    )
    assert (large.gross, large.free, large.pace, large.one_person) == (16, 8, 4, 2)
    usual = Capacity.of(
        engagement(
            make,
            team=Team(),
            assumed={"team.people": (1, 2, 9), "team.focus": (0.2, 0.5, 0.8), "team.reserve": 0.3},
        )
    )
    assert usual.gross == pytest.approx(3 * 5 * 0.5)
    assert usual.reserve == 0.3
    assert ids(usual.sources) == [
        f"as:{key}"
        for key in ("team.people", "team.focus", "team.reserve", "maintenance.custom", "roadmap.crew")
    ]


def practice(id, owner="Head of IT", days=3):
    said = Source(kind="assumption", place=f"readiness.{id}")
    return Some(id=id, action=f"Do {id}.", owner=owner, days=Estimate.point(days, "person-days", said))


def ready(assessed=True):
    gates = [
        Some(id="select", lacking=("a", "b")), Some(id="pilot", lacking=("a", "c")),
        Some(id="scale", lacking=("d",)),
    ]  # fmt: skip
    known = {
        "a": practice("a"),
        "b": practice("b", "Sponsor"),
        "c": practice("c", "Architect"),
        "d": practice("d", "Integration team"),
    }
    return Some(assessed=assessed, gates=gates, practice=known.__getitem__)


def verdict(table, integrations=("i1",), effort=4.0, target="", reason="bad"):
    return Some(
        table=table,
        target=target,
        integrations=integrations,
        reason=reason,
        effort=None if effort is None else Estimate.point(effort),
    )


def test_what_waits_for_what(make):
    """Select before foundations; foundation, repairs, contract and pilot gates before the pilot; scale gates before the rest."""
    three = (THREE[0], THREE[1].model_copy(update={"contract": ""}), THREE[2])
    data = Some(
        verdicts=[
            verdict("crm.a"), verdict("crm.b", target="erp.b"), verdict("crm.c", effort=None), verdict("crm.d", effort=0.0),
            verdict("crm.e", integrations=("other",)), verdict("crm.f", integrations=("i2", "other"), reason="worse"),
        ]
    )  # fmt: skip
    styles = {"i0": "api-first", "i1": "ipaas", "i2": "api-first"}
    work, chosen = gather(engagement(make, integrations=three), styles, ready(), data, ())
    assert chosen == Chosen("i0", "i1")
    select, pilot = ("gate:select:a", "gate:select:b"), ("gate:pilot:c",)
    found = {item.id: item for item in work}
    assert {id: item.after for id, item in found.items()} == {
        "gate:select:a": (), "gate:select:b": (), "gate:pilot:c": (), "gate:scale:d": (),
        "foundation:api-first": select, "foundation:ipaas": select, "contract:i1": (), "repair:crm.a": (), "repair:crm.f": (),
        "build:i0": ("foundation:api-first", *pilot),
        "build:i1": ("foundation:ipaas", "repair:crm.a", *pilot, "contract:i1", "build:i0"),
        "build:i2": ("foundation:api-first", "repair:crm.f", *pilot, "build:i0", "gate:scale:d", "build:i1"),
    }  # fmt: skip
    gate = found["gate:select:a"]
    assert (gate.label, gate.kind, gate.owner, gate.by_team, gate.effort.likely) == (
        "Do a",
        "gate",
        "Head of IT",
        True,
        3,
    )
    assert ids(gate.sources) == ["as:readiness.a"]
    assert {id: found[id].by_team for id in ("gate:select:b", "gate:pilot:c", "gate:scale:d")} == {
        "gate:select:b": False, "gate:pilot:c": True, "gate:scale:d": True,
    }  # fmt: skip
    contract = found["contract:i1"]
    assert (contract.label, contract.kind, contract.owner, contract.effort.likely) == (
        "Contract of a → b",
        "contract",
        "of i1",
        4,
    )
    assert ids(contract.sources) == ["as:roadmap.contract_days", "in:integrations.csv:3:contract"]
    assert contract.by_team
    repair = found["repair:crm.f"]
    assert (repair.label, repair.kind, repair.owner, repair.by_team, repair.effort.likely) == (
        "Repair crm.f",
        "repair",
        "Data owners",
        False,
        4,
    )
    assert ids(repair.sources) == ["ms:crm.f/repairs"] and repair.sources[0].detail == "worse"
    assert [found[f"build:{id}"].rank for id in styles] == [0, 3, 1]
    assert found["foundation:ipaas"].effort.likely == 24
    none, _ = gather(engagement(make), ALL_API, ready(assessed=False), None, ())
    assert [item.id for item in none] == ["foundation:api-first", "build:i0", "build:i1", "build:i2"]


def test_pilot_and_first_by_hand():
    def chosen(*items):
        return choose(items, {item.id: item.build_days for item in items})

    low, critical, medium = THREE
    assert chosen() == Chosen(None, None)
    assert chosen(critical) == Chosen(None, "i1")
    assert chosen(critical, integration("i5", "critical", 3)) == Chosen(None, "i5")  # the smaller of equals
    assert chosen(low, critical, medium) == Chosen("i0", "i1")
    private = low.model_copy(update={"personal_data": True})
    assert chosen(private, integration("i4", "low", 99), critical) == Chosen("i4", "i1")
    partner = low.model_copy(update={"partner": True})
    assert chosen(partner, integration("i4", "low", 99), critical) == Chosen("i4", "i1")
    assert chosen(low, integration("i4", "low", 7), critical).pilot == "i4"
    busy = integration("i6", "critical", 99, goals=("g", "h"))
    assert chosen(low, critical, busy).first == "i6"
    unsaid = integration("i7", None, 1)
    assert chosen(unsaid, medium) == Chosen(None, "i7")  # not stated counts as medium
    assert chosen(unsaid, low).pilot == "i0"


def test_days_to_build_by_hand(make):
    held = engagement(make)
    assert build_days(held, THREE[0], "api-first").likely == 8
    assert build_days(held, THREE[0], "ipaas").likely == pytest.approx(8 * (0.6 * 0.25 + 0.4 * 1.5))
    covered = THREE[0].model_copy(update={"coverage": 0.2, "customisation": 0.9})
    assert build_days(held, covered, "ipaas").likely == pytest.approx(8 * (0.2 * 0.25 + 0.8 * 1.5))
    custom = THREE[0].model_copy(update={"customisation": 0.7})
    assert build_days(held, custom, "ipaas").likely == pytest.approx(8 * (0.3 * 0.25 + 0.7 * 1.5))


def test_default_days_are_the_default_cost_over_the_day_rate(make):
    """27,000 USD at .9 EUR are 24,300 EUR, at 500 a day 48.6 days; without a rate the default one of 850 (mean 866.7)."""
    silent = THREE[0].model_copy(update={"build_days": None})
    paid = engagement(make, team=Team(day_rate=500), exchange_rates={"USD": 0.9})
    found = build_days(paid, silent, "api-first")
    assert (found.low, found.likely, found.high) == pytest.approx(
        (12_000 * 0.9 / 500, 48.6, 60_000 * 0.9 / 500)
    )
    assert found.unit == "person-days"
    dollars = engagement(make, currency="USD", team=Team(day_rate=500))
    assert build_days(dollars, silent, "api-first").likely == pytest.approx(54)
    rate = (600 + 4 * 850 + 1200) / 6
    euro = 27_000 * defaults()["fx.eur_per_usd"].likely
    for unknown in (engagement(make, currency="JPY"), engagement(make, team=Team(day_rate=0))):
        assert build_days(unknown, silent, "api-first").likely == pytest.approx(euro / rate)
    own = engagement(make, team=Team(day_rate=500), assumed={"build.cost": 10_000})
    assert build_days(own, silent, "api-first").likely == 20


def test_cost_of_delay_by_hand():
    """A benefit is shared out to the integrations that it names, or to all; what is not served brings nothing."""
    named = Yearly(
        id="n", label="", per_year=Estimate(low=0, likely=5_200, high=10_400), integrations=("a", "x")
    )
    common = Yearly(id="c", label="", per_year=Estimate.point(1_040))
    assert cost_of_delay((named, common), ["a", "b"], 1.0) == pytest.approx({"a": 50 + 10, "b": 10})
    assert cost_of_delay((named, common), ["a", "b"], 0.8) == pytest.approx({"a": 48, "b": 8})


def test_what_the_pilot_proves(make):
    held = engagement(make)
    text = pilot_proves(held, Chosen("i0", "i1"), {"i0": "ipaas", "i1": "api-first", "i2": "ipaas"})
    assert text == (
        "Effort, productivity and latency of bought platform on real data, which 2 of 3 integrations use; after 2 weeks the "
        "estimates of the others are corrected by it."
    )
    assert pilot_proves(held, Chosen(None, "i1"), ALL_API) == ""


def test_the_operating_model_by_hand(make):
    plan = roadmap.plan(engagement(make), ALL_API, draws=2, restarts=0)
    model = plan.operating_model
    assert (model.key, model.shares) == ("one team", ())
    assert (
        model.text
        == "One team builds and runs 3 integrations; it keeps its own standards, a centre would cost more than it brings."
    )
    assert ids(model.sources) == ["in:engagement.yaml:7:team.teams", "ca:roadmap/integrations"]
    assert model.sources[1].detail == "3 integrations are planned"
    several = operating_model(engagement(make, team=TEAM.model_copy(update={"teams": 2})), plan.items)
    assert several.key == "centre of excellence"
    assert several.text == (
        "Central standards, distributed delivery: 2 teams build 3 integrations; a small centre of excellence keeps contracts, "
        "templates, catalog and policies, and the domain teams deliver."
    )
    assert [(s.who, s.standards, s.integrations, s.days) for s in several.shares] == [
        ("Centre of excellence", True, (), 16), ("of i1", False, ("i1",), 16), ("of i0", False, ("i0",), 8), ("of i2", False, ("i2",), 8),
    ]  # fmt: skip
    last = max(item.end for item in plan.items)
    assert several.people == pytest.approx(
        16 / (5 * last)
    )  # 16 days of the centre, of 5 a week that one person gives
    silent = engagement(make, team=Team())
    ten = [item.model_copy(update={"id": f"build:x{n}"}) for n in range(10) for item in plan.items[-1:]]
    assert operating_model(silent, ten).text.startswith(
        "One team builds 10 integrations: name one or two of it who keep contracts"
    )
    assert operating_model(silent, ten[:9]).key == "one team"


PSPLIB = """
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           4
   4        1          0
****
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
  1      1     0       0    0
  2      1     3       2    1
  3      1     4       1    0
  4      1     0       0    0
****
RESOURCEAVAILABILITIES:
  R 1  R 2
   2    5
"""


def test_a_psplib_file_by_hand():
    project = read(PSPLIB)
    assert [(a.name, a.duration, a.demand, a.after) for a in project.activities] == [
        ("1", 0, (0, 0), ()), ("2", 3, (2, 1), (0,)), ("3", 4, (1, 0), (0,)), ("4", 0, (0, 0), (1, 2)),
    ]  # fmt: skip
    assert (project.gross, project.horizon) == ((2, 5), 8)
    with pytest.raises(ValueError, match="the section PRECEDENCE RELATIONS is missing"):
        read(PSPLIB.replace("PRECEDENCE", "OTHER"))
    with pytest.raises(ValueError, match="the section REQUESTS/DURATIONS is missing"):
        read(PSPLIB.replace("RESOURCEAVAILABILITIES", "OTHER"))
    with pytest.raises(ValueError, match="job 2: one mode and 1 successors are expected"):
        read(PSPLIB.replace("   2        1          1           4", "   2        2          1           4"))
    with pytest.raises(ValueError, match="job 2: one mode and 2 successors are expected"):
        read(PSPLIB.replace("   2        1          1           4", "   2        1          2           4"))


def two_machines(*times, after=(), horizon=50):
    waits = dict(after)
    return Project(
        tuple(Activity(str(n), time, (1.0,), tuple(waits.get(n, ()))) for n, time in enumerate(times)),
        (2.0,),
        horizon=horizon,
    )


def test_priorities_decide_who_starts_first():
    project = two_machines(3, 2, 1)
    assert generate(project, [0, 1, 2]) == Schedule((0, 0, 2), (3, 2, 3))
    assert generate(project, [2, 1, 0]) == Schedule((1, 0, 0), (4, 2, 1))
    assert generate(project, [1, 1, 1]).starts == (0, 0, 2)
    assert generate(two_machines(3, 2, 1, horizon=2), [0, 1, 2]) == Schedule((None, 0, 0), (None, 2, 1))
    assert generate(two_machines(3, 2, 1, horizon=2), [0, 1, 2]).makespan is None


def test_forward_backward_improvement_shortens():
    """1, 1, 2 on two machines, short ones last come first: 3 becomes 2 (shifted right, then left)."""
    project = two_machines(1, 1, 2)
    bad = generate(project, [0, 1, 2])
    assert bad.makespan == 3
    assert improve(project, bad).makespan == 2
    assert search(project, [0.0, 1.0, 2.0], lambda s: s.makespan or 99, restarts=0).makespan == 2
    unplaced = Schedule((None, 0, 0), (None, 1, 2))
    assert improve(project, unplaced) is unplaced


def test_earliest_and_latest_ends():
    chain = two_machines(2, 3, 4, 1, after=((1, (0,)), (3, (1, 2))))
    assert earliest(chain) == (2, 5, 4, 6)
    assert latest(chain) == (2, 5, 5, 6)
    assert ordered(chain) == (0, 2, 1, 3)
    empty = Project((), (1.0,))
    assert (earliest(empty), latest(empty), ordered(empty)) == ((), (), ())


def test_upkeep_takes_capacity_after_the_end():
    """Gross 3, reserve 1; the first leaves 2 a step, so that 1 is left: what needs 2 must come before."""
    first = Activity("a", 1, (2.0,), (), (2.0,))
    second = Activity("b", 2, (2.0,), ())
    project = Project((first, second), (3.0,), (1.0,), horizon=10)
    assert generate(project, [0, 1]) == Schedule((0, None), (1, None))
    assert generate(project, [1, 0]) == Schedule((2, 0), (3, 2))
    light = Project((first, Activity("b", 2, (1.0,), ())), (3.0,), (1.0,), horizon=10)
    assert generate(light, [0, 1]) == Schedule((0, 1), (1, 3))
    found = search(
        project, [0.0, 1.0], lambda s: 99.0 if s.makespan is None else s.makespan, restarts=30, spread=2.0
    )
    assert found == Schedule((2, 0), (3, 2))


def test_violations_are_found():
    project = two_machines(2, 2, 2, after=((1, (0,)),))
    assert violations(project, Schedule((0, 2, 0), (2, 4, 2))) == ()
    assert violations(project, Schedule((0, 1, 1), (2, 3, 3))) == (
        "1 starts before 0 is done",
        "resource 0 is exceeded in step 1",
    )
    assert violations(project, Schedule((None, 2, 0), (None, 4, 2))) == ("1 starts before 0 is done",)
    heavy = Project((Activity("a", 1, (1.0,), (), (2.0,)), Activity("b", 1, (2.0,))), (3.0,), horizon=5)
    assert violations(heavy, Schedule((0, 1), (1, 2))) == ("resource 0 is exceeded in step 1",)
    assert violations(heavy, Schedule((1, 0), (2, 1))) == ()
