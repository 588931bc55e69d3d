"""Readiness computed by hand on a checklist of four practices: levels, gates, shifts, findings, evidence, worth."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace as Some

import pytest

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.decisions import readiness
from assess.decisions.readiness import by_question
from assess.decisions.readiness.checklist import checklist, read
from assess.decisions.readiness.practice_evidence import Panel, measure, weigh_answers
from assess.decisions.shift import Shift, apply
from assess.intake.engagement import Goal, Incident, OwnPractice, ReadinessAnswer, Team
from assess.intake.engagement.landscape import Integration, System
from assess.intake.problem import InvalidEngagement

SMALL = """
basis: {source: a belief, date: 2026-01-02}
stages: [{id: select, label: Select It}, {id: scale, label: Scale It}]
questions: {q: Why?, r: Who?}
practices:
  - {id: observability/alerts-set, question: q, text: Alerts ring., owner: Ops, action: Set alerts., days: [1, 2, 6],
     must: {select: 0.5, scale: 1}, shifts: {change.hours: [1, 1.4, 2], rework.factor: [1.1, 1.2, 1.3]}}
  - {id: observability/tracing, question: q, text: Traces run., owner: Ops, action: Trace., days: [2, 2, 2], must: {scale: 0.5}}
  - {id: skills/training-planned, question: r, text: Courses are booked., owner: HR, action: Book., days: [3, 3, 3], must: {select: 0.25}}
  - {id: observability/dashboards, question: q, text: Leaders see., owner: Ops, action: Draw., days: [4, 4, 4]}
"""
ALERTS, TRACING, TRAINING, BOARDS = (
    "observability/alerts-set", "observability/tracing", "skills/training-planned", "observability/dashboards",
)  # fmt: skip


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(readiness, "checklist", lambda: read(SMALL))


def said(practice, answer, respondent="Ada", evidence="", row=2):
    origin = Source(kind="input", place="readiness.csv", row=row)
    return ReadinessAnswer(
        practice=practice, answer=answer, respondent=respondent, evidence=evidence, origin=origin
    )


ANSWERS = (
    said(ALERTS, "0.75", "Ada", row=2), said(ALERTS, "0.25", "Bob", row=3), said(ALERTS, "unknown", "Cy", row=4),
    said(TRACING, "1", "Ada", "a wiki page", row=5), said(TRAINING, "1", "Bob", row=6),
)  # fmt: skip


def ids(sources):
    return [source.id for source in sources]


def test_the_checklist_as_it_is_read():
    found = read(SMALL)
    assert [(stage.id, stage.label) for stage in found.stages] == [
        ("select", "Select It"),
        ("scale", "Scale It"),
    ]
    assert found.questions == {"q": "Why?", "r": "Who?"}
    first = found.practice(ALERTS)
    assert (first.label, first.owner, first.action, first.text) == (
        "alerts set",
        "Ops",
        "Set alerts.",
        "Alerts ring.",
    )
    assert first.must == {"select": 0.5, "scale": 1}
    assert (first.days.low, first.days.likely, first.days.high, first.days.unit) == (1, 2, 6, "person-days")
    assert first.shifts["change.hours"].unit == "factor"
    assert first.shifts["rework.factor"].high == 1.3
    source = first.source
    assert (source.id, source.detail, source.date) == (
        f"as:readiness.{ALERTS}",
        "a belief",
        dt.date(2026, 1, 2),
    )
    assert first.days.source == first.shifts["change.hours"].source == source
    assert found.practice(BOARDS).must == {} == found.practice(BOARDS).shifts
    with pytest.raises(KeyError):
        found.practice("none")
    text = read(SMALL.replace("date: 2026-01-02", "date: '2026-01-02'"))
    assert text.practice(ALERTS).source.date == dt.date(2026, 1, 2)


def test_targets_replace_thresholds_and_make_a_must_have_of_the_last_stage(make):
    held = make(1, targets={ALERTS: 0.25, BOARDS: 0.75}, importance={TRACING: 3.0})
    found = read(SMALL).of(held)
    assert found.practice(ALERTS).must == {"select": 0.25, "scale": 0.25}
    assert found.practice(BOARDS).must == {"scale": 0.75}
    assert found.practice(TRACING).must == {"scale": 0.5}
    assert [found.practice(id).weight for id in (ALERTS, TRACING)] == [1, 3]
    assert found.stages == read(SMALL).stages and found.questions == {"q": "Why?", "r": "Who?"}


def test_an_own_practice_in_full(make):
    line = Source(kind="input", place="practices.csv", row=2)
    days = Estimate(low=1, likely=2, high=3)
    named = OwnPractice(
        id="x",
        text="The council agreed.",
        days=days,
        question="q",
        select=0.5,
        scale=1.0,
        owner="HR",
        action="Ask.",
        origin=line,
    )
    bare = OwnPractice(id="y", text="It rings.", days=days, origin=line)
    found = read(SMALL).of(make(1, practices=(named, bare)))
    first, second = found.practices[-2:]
    assert (first.id, first.question, first.text, first.must, first.owner, first.action) == (
        "x", "q", "The council agreed.", {"select": 0.5, "scale": 1.0}, "HR", "Ask.",
    )  # fmt: skip
    assert (first.days, first.source.id) == (days, "in:practices.csv:2")
    assert (second.question, second.must, second.action) == ("own", {}, "Put in place: It rings.")
    assert found.questions == {"q": "Why?", "r": "Who?", "own": "own"}


def test_problems_of_a_checklist_say_where_and_what_is_allowed():
    wrong = (
        SMALL.replace("id: scale,", "id: select,")
        .replace("question: r", "question: z")
        .replace("select: 0.25", "pilot: 1.5")
    )
    wrong = wrong.replace("rework.factor", "rework").replace("observability/tracing", ALERTS)
    with pytest.raises(InvalidEngagement) as caught:
        read(wrong)
    assert [str(problem) for problem in caught.value.problems] == [
        'practices.yaml, key stages: "select" names 2 gates; allowed: one each',
        f'practices.yaml, key practices: "{ALERTS}" names 2 practices; allowed: one each',
        f'practices.yaml, key practices.{ALERTS}.must: "scale" is no gate; allowed: select, select',
        f'practices.yaml, key practices.{ALERTS}.shifts: "rework" is no assumption; allowed: a key of the defaults',
        f'practices.yaml, key practices.{ALERTS}.must: "scale" is no gate; allowed: select, select',
        f'practices.yaml, key practices.{TRAINING}.question: "z" is no question; allowed: q, r',
        f'practices.yaml, key practices.{TRAINING}.must: "pilot" is no gate; allowed: select, select',
        f'practices.yaml, key practices.{TRAINING}.must.pilot: "1.5" is no threshold; allowed: 0 to 1',
    ]
    for edge in ("0", "1"):
        assert read(SMALL.replace("scale: 0.5", f"scale: {edge}")).practice(TRACING).must["scale"] == int(
            edge
        )
    with pytest.raises(InvalidEngagement, match=r"-0\.1"):
        read(SMALL.replace("scale: 0.5", "scale: -0.1"))


def test_voices_by_hand():
    three = weigh_answers([said("p", "1", "A"), said("p", "0.5", "B"), said("p", "unknown", "C")])
    assert (three.level, three.lowest, three.highest, three.known, three.unknown, three.spread) == (
        0.5,
        0.5,
        1,
        2,
        1,
        0.5,
    )
    assert len(three.answers) == 3
    alone = weigh_answers([said("p", "1", "A")])
    assert (alone.level, alone.known, alone.spread) == (0, 1, 0)
    shown = weigh_answers([said("p", "0.75", "A", " "), said("p", "0.5", "B", "minutes")])
    assert shown.level == 0.5
    nobody = weigh_answers([said("p", "unknown")])
    assert (nobody.level, nobody.lowest, nobody.highest, nobody.known, nobody.unknown, nobody.spread) == (
        None,
        None,
        None,
        0,
        1,
        0,
    )
    assert three.reach(0.5, 4) == 0.5
    assert three.reach(0.75, 4) == 0.25
    assert three.reach(0.5, 0) == 0
    panel = Panel([said("p", "1", " Ada  L"), said("q", "1", "ada l"), said("p", "1", "Bob")])
    assert panel.people == ("ada l", "bob")


def test_practices_and_gates_by_hand(make, small):
    """Alerts .75 and .25: confirmed is .25. Tracing 1 by evidence. Training: one voice, so 0. Boards: nobody."""
    found = readiness.score(make(1, readiness=ANSWERS))
    assert found.assessed
    assert found.asked == ("ada", "bob", "cy")
    alerts, tracing, training, boards = found.practices
    assert [(p.level, p.state, p.shortfall) for p in found.practices] == [
        (0.25, "failed", 0.75), (1, "met", 0), (0, "failed", 1), (None, "unknown", 0),
    ]  # fmt: skip
    assert alerts.chance == {"select": pytest.approx(1 / 3), "scale": 0}
    assert tracing.chance == {"scale": pytest.approx(1 / 3)}
    assert training.chance == {"select": pytest.approx(1 / 3)}
    assert boards.chance == {}
    assert (alerts.question, alerts.text, alerts.label) == ("q", "Alerts ring.", "alerts set")
    assert (alerts.owner, alerts.action, alerts.days.high, alerts.must) == (
        "Ops",
        "Set alerts.",
        6,
        {"select": 0.5, "scale": 1},
    )
    assert (alerts.measured, alerts.voices.known) == (None, 2)
    assert ids(alerts.sources) == [f"in:readiness.csv:{row}:answer" for row in (2, 3, 4)]
    select, scale = found.gates
    assert (select.id, select.label, select.state, select.met, select.must) == (
        "select",
        "Select It",
        "closed",
        0,
        2,
    )
    assert (select.failed, select.unknown) == ((ALERTS, TRAINING), ())
    assert (scale.state, scale.met, scale.must, scale.failed) == ("closed", 1, 2, (ALERTS,))
    assert select.chance == pytest.approx(1 / 3)
    assert select.chance_independent == pytest.approx(1 / 9)
    assert (scale.chance, scale.chance_independent) == (0, 0)
    assert ids(select.sources) == [f"in:readiness.csv:{row}:answer" for row in (2, 3, 4, 6)]
    free = readiness.score(make(1, readiness=(said(BOARDS, "0", "A"), said(BOARDS, "0", "B"))))
    assert free.practice(BOARDS).state == "free"
    assert {gate.state for gate in free.gates} == {"unknown"}
    assert {gate.chance for gate in free.gates} == {None} == {gate.chance_independent for gate in free.gates}


def test_an_unknown_must_have_keeps_a_gate_closed(make, small):
    answers = tuple(said(id, "1", who) for id in (ALERTS, TRACING) for who in "AB")
    answers += (said(BOARDS, "1", "A"), said(BOARDS, "0", "B"))
    found = readiness.score(make(1, readiness=answers))
    select, scale = found.gates
    assert (select.state, select.met, select.unknown, select.failed, select.chance) == (
        "closed",
        1,
        (TRAINING,),
        (),
        0,
    )
    assert (scale.state, scale.met, scale.chance) == ("open", 2, 1)
    asked = readiness.score(make(1, readiness=answers), asked=["a", "b", "c", "d"])
    assert asked.gate("scale").chance == 0.5
    assert asked.gate("scale").chance_independent == 0.25


def test_shifts_are_in_proportion_to_the_shortfall(make, small):
    """Three quarters of 1 are missing: 1 + .4 x .75 and 1 + .2 x .75; training has none."""
    found = readiness.score(make(1, readiness=ANSWERS))
    assert [(s.id, s.parameter) for s in found.shifts] == [
        (f"readiness/{ALERTS}", "change.hours"), (f"readiness/{ALERTS}", "rework.factor"),
    ]  # fmt: skip
    assert [s.factor for s in found.shifts] == pytest.approx([1.3, 1.15])
    assert [s.factor for s in found.shifts_low] == pytest.approx([1.075])  # the factor 1 moves nothing
    assert [s.factor for s in found.shifts_high] == pytest.approx([1.75, 1.225])
    assert found.shifts[0].because == "alerts set: 0.25 of 1"
    assert ids(found.shifts[0].sources) == [
        *(f"in:readiness.csv:{row}:answer" for row in (2, 3, 4)),
        f"as:readiness.{ALERTS}",
    ]
    unknown = readiness.score(make(1, readiness=(said(TRACING, "1"),)))
    assert unknown.shifts[0].because == "alerts set: nobody knows"
    assert unknown.shifts[0].factor == pytest.approx(1.4)


def test_what_is_missing_is_named(make, small):
    (one,) = readiness.score(make(1, readiness=ANSWERS)).missing
    assert (one.section, one.supply) == ("readiness", "answers of somebody who knows: dashboards")
    assert one.changes == "An unknown practice holds its gates and moves the cost as one that is absent."
    (all_of_it,) = readiness.score(make(1)).missing
    assert (all_of_it.section, all_of_it.supply) == ("readiness", "answers to the checklist in readiness.csv")
    assert (
        all_of_it.changes == "The gates say whether to select, pilot and scale, and the cost model follows."
    )
    two = readiness.score(make(1, readiness=ANSWERS[:4])).missing[0]
    assert two.supply.endswith(": training planned, dashboards")
    full = readiness.score(make(1, readiness=(*ANSWERS, said(BOARDS, "1"))))
    assert full.missing == ()


def test_facts_of_a_gate(make, small):
    facts = {fact.id: fact for fact in readiness.score(make(1, readiness=ANSWERS)).facts}
    assert list(facts) == [
        f"readiness.{gate}{term}" for gate in ("select", "scale") for term in ("", ".met", ".chance")
    ]
    gate, met, chance = (facts[f"readiness.select{term}"] for term in ("", ".met", ".chance"))
    assert (gate.label, gate.value) == ("Gate: Select It", "closed")
    assert (met.label, met.value) == ("Must-haves met of 2, select it", 0)
    assert (chance.label, chance.unit) == ("Chance to pass as respondents differ: select it", "share")
    assert (chance.value, chance.low, chance.high) == pytest.approx((1 / 3, 1 / 9, 1 / 3))
    (source,) = gate.sources
    assert met.sources == chance.sources == gate.sources
    assert (source.id, source.of) == (
        "ca:readiness/select",
        tuple(f"in:readiness.csv:{row}:answer" for row in (2, 3, 4, 6)),
    )
    assert (
        source.detail
        == "every must-have against its threshold; P(pass): share of the people asked, weakest must-have"
    )


def test_findings_by_hand(make, small):
    found = {finding.id: finding for finding in readiness.score(make(1, readiness=ANSWERS)).findings}
    assert list(found) == [f"readiness/{ALERTS}", f"readiness/{TRAINING}", f"readiness/{ALERTS}/disagreement"]
    alerts, training, differ = found.values()
    assert {finding.section for finding in found.values()} == {"readiness"}
    assert alerts.title == "Alerts set: 0.25 where 1 is needed, so it holds: select it, scale it"
    assert alerts.evidence == "Ada 0.75, Bob 0.25; 1 could not say"
    assert (alerts.severity, alerts.impact, alerts.action, alerts.owner) == (
        "high",
        "Alerts ring.",
        "Set alerts.",
        "Ops",
    )
    assert alerts.effort.high == 6
    assert ids(alerts.sources) == [f"in:readiness.csv:{row}:answer" for row in (2, 3, 4)]
    assert training.title == "Training planned: 0 where 0.25 is needed, so it holds: select it"
    assert training.evidence == "Bob 1; one person alone without evidence does not confirm it"
    assert (differ.severity, differ.owner) == ("low", "Ops")
    assert differ.title == "Alerts set: answers differ from 0.25 to 0.75"
    assert differ.evidence == "Ada 0.75, Bob 0.25"
    assert differ.impact == "Somebody plans with what others do not see."
    assert differ.action == "Let the two who differ most say why, before the gate is judged."
    assert differ.sources == alerts.sources


def test_severity_of_a_gap(make, small):
    """A gap of the first gate is high, of the last medium, an unknown one medium; one voice of somebody unnamed is said so."""
    answers = (said(ALERTS, "0.5", "", "x"), said(TRACING, "0", "A", "x"), said(BOARDS, "0", "A"))
    found = {finding.id: finding for finding in readiness.score(make(1, readiness=answers)).findings}
    assert found[f"readiness/{ALERTS}"].severity == "medium"  # select is open for it, scale is not
    assert found[f"readiness/{ALERTS}"].evidence == "somebody 0.5"
    assert found[f"readiness/{TRACING}"].severity == "medium"
    assert found[f"readiness/{TRAINING}"].severity == "medium"
    assert (
        found[f"readiness/{TRAINING}"].title == "Training planned: nobody could say, so it holds: select it"
    )
    assert found[f"readiness/{TRAINING}"].evidence == "nobody was asked"
    assert len(found) == 3
    assert readiness.score(make(1, readiness=(said(BOARDS, "unknown"),))).findings == ()


def test_a_statement_that_evidence_denies(make, small):
    late = [incident(hours) for hours in (0.5, 1, 9)]
    answers = (said(ALERTS, "1", "A"), said(ALERTS, "1", "B"), said(BOARDS, "1", "A"), said(BOARDS, "0", "B"))
    found = readiness.score(make(1, readiness=answers, incidents=tuple(late)), Some(traffic=[]))
    alerts = found.practice(ALERTS)
    assert (alerts.voices.level, alerts.level, alerts.contradicted, alerts.state) == (1, 0.5, True, "failed")
    assert alerts.chance == {"select": 1, "scale": 0}
    assert ids(alerts.sources)[-1] == "ms:operations/detect"
    denied = next(finding for finding in found.findings if finding.id.endswith("/measured"))
    assert denied.title == "Alerts set: people say 1, the evidence allows 0.5"
    assert denied.evidence == "A 1, B 1; measured: 2 of 3 incidents were noticed within 1 h"
    assert (denied.severity, denied.impact) == ("high", "The lower value counts.")
    assert (denied.action, denied.owner) == ("Set alerts. Then answer again.", "Ops")
    failed = next(finding for finding in found.findings if finding.id == f"readiness/{ALERTS}")
    assert failed.evidence.endswith("; measured: 2 of 3 incidents were noticed within 1 h")


def incident(hours):
    start = dt.datetime(2026, 5, 1, 8)
    return Incident(id=str(hours), started=start, detected=start + dt.timedelta(hours=hours))


def test_evidence_of_the_tables_by_hand(make):
    """Half name a goal, all goals are served; 1 of 2 goals has a baseline; 1 of 2 systems an owner; 1 of 2 a contract."""
    base = make(2)
    one, two = base.integrations
    goals = (Goal(id="g", goal="Faster", today=3.0), Goal(id="h", goal="Fewer"))
    integrations = (one.model_copy(update={"goals": ("g", "h"), "contract": "contracts/a.yaml"}), two)
    systems = (System(id="s0", owner="Ada"), System(id="t", owner=" "))
    engagement = base.model_copy(
        update={
            "integrations": integrations,
            "goals": goals,
            "systems": systems,
            "team": Team(maintenance_reserve=0.15),
        }
    )
    found = measure(engagement)
    assert {id: (item.level, item.text) for id, item in found.items()} == {
        "strategic-alignment/outcomes-mapped": (
            0.5,
            "1 of 2 integrations name a goal, 2 of 2 goals are served",
        ),
        "strategic-alignment/metrics-baselined": (0.5, "1 of 2 goals say where their metric stands today"),
        "data-governance/owners-named": (0.5, "1 of 2 systems name an owner of their data"),
        "exit-strategy/open-standards": (0.5, "1 of 2 integrations have a contract on file"),
        "maintenance-budget/reserve-set": (0.75, "15% of the capacity is kept for maintenance"),
    }
    assert [ids(item.sources) for item in found.values()] == [
        ["in:integrations.csv:goals"], ["in:engagement.yaml:goals"], ["in:systems.csv:owner"],
        ["in:integrations.csv:contract"], ["in:engagement.yaml:team.maintenance_reserve"],
    ]  # fmt: skip
    assert all(item.sources[0].detail == item.text for item in found.values())
    assert all(item.practice == id for id, item in found.items())
    unserved = engagement.model_copy(
        update={"goals": (*goals, Goal(id="i", goal="x"), Goal(id="j", goal="y"), Goal(id="k", goal="z"))}
    )
    assert measure(unserved)["strategic-alignment/outcomes-mapped"].level == 0.25  # 2 of 5 goals
    assert measure(base.model_copy(update={"systems": ()})) == {}


def test_evidence_of_logs_by_hand(make):
    """Of three integrations one is manual; one of the two that run is in the logs."""
    base = make(4)
    styles = ("ipaas", "manual", "none", None)
    engagement = base.model_copy(
        update={
            "integrations": tuple(
                i.model_copy(update={"style_today": s})
                for i, s in zip(base.integrations, styles, strict=True)
            )
        }
    )
    seen = Some(traffic=[Some(runs=5), Some(runs=0)])
    found = measure(engagement, seen)["observability/metrics-defined"]
    assert (found.level, found.text) == (0.5, "logs of runs exist for 1 of 2 integrations that run today")
    assert ids(found.sources) == ["ms:operations/logs"]
    assert found.sources[0].detail == found.text
    none = engagement.model_copy(update={"integrations": engagement.integrations[1:3]})
    assert measure(none, seen)["observability/metrics-defined"].level == 1
    assert measure(engagement, Some(traffic=[])) == {}
    assert measure(engagement.model_copy(update={"integrations": ()}), seen) == {}
    timed = engagement.model_copy(
        update={"incidents": (incident(1), incident(1.01), Incident(id="open", started=incident(1).started))}
    )
    alerts = measure(timed, Some(traffic=[]))["observability/alerts-set"]
    assert (alerts.level, alerts.text) == (0.5, "1 of 2 incidents were noticed within 1 h")


def test_evidence_of_the_extracts_by_hand(make):
    """1 of 2 pairs agrees; 2 of 3 tables could be profiled: three quarters are not reached, a half is."""
    system = System(id="s0", tables=tuple({"system": "s0", "entity": e, "location": e} for e in "abc"))
    engagement = make(1, systems=(system,))
    verdicts = [
        Some(target="t", fitness="fit"),
        Some(target="t", fitness="unfit"),
        Some(target="", fitness="fit"),
    ]
    found = dict(measure(engagement, None, Some(assessed=True, verdicts=verdicts, profiles=[1, 2])))
    del found["data-governance/owners-named"]
    assert {id: (item.level, item.text) for id, item in found.items()} == {
        "data-governance/common-model": (0.5, "1 of 2 pairs of tables agree in keys, codes and values"),
        "data-governance/quality-measured": (0.5, "2 of 3 tables of the engagement could be profiled"),
    }
    assert [ids(item.sources) for item in found.values()] == [["ms:quality/pairs"], ["ms:quality/profiles"]]
    alone = measure(make(1), None, Some(assessed=True, verdicts=[], profiles=[]))
    assert {id: item.level for id, item in alone.items()} == {"data-governance/quality-measured": 1}
    assert set(measure(engagement, None, Some(assessed=False, verdicts=verdicts, profiles=[1]))) == {
        "data-governance/owners-named"
    }


def governed(**counts):
    """Rules with (passed, failed, not evaluable) subjects."""
    return Some(
        rules=[
            Some(id=id.replace("_", "-"), passed=ok, judged=ok + bad + unclear)
            for id, (ok, bad, unclear) in counts.items()
        ]
    )


def test_evidence_of_the_policies_by_hand(make):
    """12 of 13 contracts: three quarters; 5 of 10 owners over two rules: a half; 1 of 4 last days, 1 unclear: a quarter."""
    rules = governed(
        contract_valid=(12, 1, 0), personal_data_owner=(3, 1, 2), personal_data_keeper=(2, 2, 0),
        deprecation_date=(1, 2, 1), integration_alerts=(0, 25, 0), integration_owner=(1, 1, 0),
    )  # fmt: skip
    found = measure(make(1), policy=rules)
    assert {id: (item.level, item.text.split(" of ")[0]) for id, item in found.items()} == {
        "exit-strategy/open-standards": (0.75, "12"),
        "maintenance-budget/deprecation-policy": (0.25, "1"),
        "data-governance/retention-known": (0.5, "5"),
    }
    assert ids(found["data-governance/retention-known"].sources) == [
        "ms:policy/personal-data-owner+personal-data-keeper"
    ]
    assert measure(make(1), policy=governed(contract_valid=(0, 0, 0))) == {}


@pytest.mark.parametrize(
    ("valid", "level", "says"), [(4, 0.5, "have a contract"), (1, 0.25, "open standard")]
)
def test_the_lower_of_two_kinds_of_evidence_counts(make, valid, level, says):
    """Half of the integrations have a contract; 4 of 4 or 1 of 4 contracts conform."""
    engagement = make(2)
    first, second = engagement.integrations
    engagement = engagement.model_copy(
        update={"integrations": (first.model_copy(update={"contract": "contracts/a.yaml"}), second)}
    )
    found = measure(engagement, policy=governed(contract_valid=(valid, 4 - valid, 0)))
    assert found["exit-strategy/open-standards"].level == level
    assert says in found["exit-strategy/open-standards"].text


def test_practices_of_each_question(make, small):
    """q: alerts .25, tracing 1 with three times the weight, boards unknown: (.25 + 3) / 5; r: training 0."""
    found = readiness.score(make(1, readiness=ANSWERS, importance={TRACING: 3.0}))
    assert [(q.id, q.text, q.level, q.unknown, q.practices) for q in found.questions] == [
        ("q", "Why?", pytest.approx(0.65), 1, (ALERTS, TRACING, BOARDS)), ("r", "Who?", 0, 0, (TRAINING,)),
    ]  # fmt: skip
    assert {id: [p.id for p in held] for id, held in by_question(found).items()} == {
        "q": [ALERTS, TRACING, BOARDS],
        "r": [TRAINING],
    }
    nobody = readiness.score(make(1, readiness=(said(TRAINING, "1"),)))
    assert [(q.level, q.unknown) for q in nobody.questions] == [(None, 3), (0, 0)]
    assert len(checklist().questions) == 7


def test_problems_of_answers_say_row_and_respondent(make):
    rows = (
        said(ALERTS, "1", "Ada", row=2),
        said(ALERTS, "0", " ada ", row=3),
        said("observability/alert-set", "1", "Bob", row=4),
    )
    with pytest.raises(InvalidEngagement) as caught:
        readiness.score(make(1, readiness=rows, targets={"nothing/there": 1}))
    twice, unknown, target = caught.value.problems
    assert str(twice) == (
        f'readiness.csv, row 3, column respondent: " ada " answers {ALERTS} 0 here and 1 above; allowed: one answer of each respondent to each practice'
    )
    assert str(unknown).startswith(
        f'readiness.csv, row 4, column practice: "observability/alert-set" is no practice, did you mean "{ALERTS}"?; allowed: '
    )
    assert str(target).startswith("engagement.yaml, key targets.nothing/there: names no practice; allowed: ")


def test_shifts_multiply_and_say_why(make):
    engagement = make(1, assumed={"change.hours": (2, 4, 6)})
    shifts = [
        Shift(id="a", parameter="change.hours", factor=1.5, because="no alerts"),
        Shift(id="b", parameter="change.hours", factor=2, because="no tests"),
    ]
    moved = apply(engagement, shifts).assumptions.entry("change.hours")
    assert (moved.low, moved.likely, moved.high) == (6, 12, 18)
    assert moved.source.endswith("; times 1.5 because no alerts; times 2 because no tests")
    fresh = apply(make(1), [Shift(id="c", parameter="rework.factor", factor=3, because="x")]).assumptions
    assert fresh.entry("rework.factor").likely == 3
    assert apply(engagement, ()).assumptions.entry("change.hours") == engagement.assumptions.entry(
        "change.hours"
    )
    with pytest.raises(KeyError):
        apply(engagement, [Shift(id="d", parameter="no.such", factor=2, because="")])
    assert Integration(id="i", source="a", target="b").label == "a → b"
