"""Readiness: unknown is a state, nothing compensates, an answer taken away never helps."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess.core.estimate import Estimate
from assess.decisions import readiness
from assess.decisions.readiness.checklist import checklist, read
from assess.evidence.operations import Operations
from assess.intake.engagement import Goal, Incident, OwnPractice, ProcessStep, ReadinessAnswer, Team
from assess.intake.problem import InvalidEngagement

IDS = [practice.id for practice in checklist().practices]
MAP = "strategic-alignment/value-stream-mapped"
STREAM = (ProcessStep(step="order"), ProcessStep(step="invoice"))
ORDER = {"unknown": 0, "closed": 1, "open": 2}


def said(practice, answer, respondent="A", evidence=""):
    return ReadinessAnswer(practice=practice, answer=answer, respondent=respondent, evidence=evidence)


def all_yes(answer="1"):
    """Return two people who agree, each with a document."""
    return tuple(said(id, answer, who, f"document of {who}") for id in IDS for who in "AB")


def test_answering_nothing_is_unknown_not_zero_and_not_a_pass(make):
    result = readiness.score(make(2))
    assert not result.assessed
    assert {gate.state for gate in result.gates} == {"unknown"}
    assert all(gate.chance is None for gate in result.gates)
    assert all(practice.level is None for practice in result.practices)
    assert not result.facts
    assert len(result.missing) == 1


def test_answering_unknown_everywhere_is_unknown_too(make):
    result = readiness.score(make(2, readiness=all_yes("unknown")))
    assert not result.assessed
    assert {gate.state for gate in result.gates} == {"unknown"}


def test_full_marks_open_every_gate(make):
    result = readiness.score(make(2, readiness=all_yes(), value_stream=STREAM))
    assert [gate.state for gate in result.gates] == ["open", "open", "open"]
    assert [gate.chance for gate in result.gates] == [1.0, 1.0, 1.0]
    assert not result.shifts


@pytest.mark.parametrize("practice", [p for p in checklist().practices if p.must], ids=lambda p: p.id)
def test_nothing_compensates_a_must_have(make, practice):
    answers = tuple(a for a in all_yes() if a.practice != practice.id)
    stream = () if practice.id == MAP else STREAM
    result = readiness.score(make(2, readiness=(*answers, said(practice.id, "0")), value_stream=stream))
    for gate in result.gates:
        assert gate.state == ("closed" if gate.id in practice.must else "open")


@pytest.mark.parametrize("answers", [all_yes(), tuple(a for a in all_yes() if a.practice != MAP)])
def test_a_missing_value_stream_closes_the_first_gates_whatever_people_say(make, answers):
    without = readiness.score(make(2, readiness=answers))
    assert [gate.state for gate in without.gates] == ["closed", "closed", "open"]
    assert [gate.failed for gate in without.gates] == [(MAP,), (MAP,), ()]
    assert f"readiness/{MAP}" in {finding.id for finding in without.findings}
    assert [
        gate.state for gate in readiness.score(make(2, readiness=answers, value_stream=STREAM)).gates
    ] == [
        "open",
        "open",
        "open",
    ]


@pytest.mark.parametrize(("employees", "held"), [(None, True), (26, True), (25, False), (6, False)])
def test_what_is_out_of_proportion_to_a_small_client_holds_no_gate(make, employees, held):
    """ISO/IEC 29110: a very small entity has up to 25 people."""
    tracing = (*(a for a in all_yes() if "tracing" not in a.practice), said("observability/tracing", "0"))
    result = readiness.score(make(2, employees=employees, readiness=tracing, value_stream=STREAM))
    assert [gate.state for gate in result.gates] == ["open", "open", "closed" if held else "open"]


def test_a_target_holds_a_small_client_too(make):
    tracing = (*(a for a in all_yes() if "tracing" not in a.practice), said("observability/tracing", "0"))
    targets = {"observability/tracing": 0.5}
    result = readiness.score(make(2, employees=6, readiness=tracing, value_stream=STREAM, targets=targets))
    assert result.gates[-1].state == "closed"


def test_one_voice_without_evidence_does_not_confirm(make):
    alone = readiness.score(make(2, readiness=(said(IDS[0], "1"),)))
    shown = readiness.score(make(2, readiness=(said(IDS[0], "1", evidence="board paper"),)))
    assert alone.practice(IDS[0]).level == 0
    assert shown.practice(IDS[0]).level == 1


def test_two_people_confirm_if_they_differ_somewhere(make):
    agree = [said(id, "0.75", who) for id in IDS[:2] for who in "AB"]
    alike = readiness.score(make(1, readiness=tuple(agree)))
    assert (alike.practice(IDS[0]).level, alike.asked, alike.copies) == (0, ("a",), {"b": "a"})
    two = readiness.score(make(1, readiness=(*agree, said(IDS[2], "1", "A"), said(IDS[2], "0.5", "B"))))
    assert (two.practice(IDS[0]).level, two.asked, two.copies) == (0.75, ("a", "b"), {})
    unsure = readiness.score(make(1, readiness=(*agree, said(IDS[2], "1", "A"), said(IDS[2], "unknown", "B"))))  # fmt: skip
    assert (unsure.practice(IDS[0]).level, unsure.asked) == (0, ("a", "b"))
    found = {f.id: f for f in unsure.findings}[f"readiness/{IDS[0]}"]
    assert found.evidence.endswith("people who answer everything alike, without evidence, confirm it no more than one")  # fmt: skip


FORMS = st.lists(
    st.tuples(
        st.sampled_from(IDS[:6]),
        st.sampled_from(["unknown", "0", "0.25", "0.5", "0.75", "1"]),
        st.sampled_from("ABCD"),
        st.sampled_from(["", "a document"]),
    ),
    min_size=1,
    max_size=16,
    unique_by=lambda row: (row[0], row[2]),
)
"""Answers of up to four respondents to some practices: practice, answer, respondent, evidence."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_twin_changes_nothing(make, data):
    """The form of one respondent handed in again under another name, before or after the others; or some rows twice."""
    rows = data.draw(FORMS)
    copied = data.draw(st.sampled_from(sorted({row[2] for row in rows})))
    twin = [(practice, answer, "Z", note) for practice, answer, who, note in rows if who == copied]
    again = data.draw(st.lists(st.sampled_from(rows)))
    alone, more, double = (
        readiness.score(make(1, readiness=tuple(said(*row) for row in table)))
        for table in (rows, [*rows, *twin], [*rows, *again])
    )
    for other in (more, double):
        assert other.gates == alone.gates
        assert other.practices == alone.practices
        assert other.questions == alone.questions
        assert (other.shifts, other.shifts_low, other.shifts_high) == (alone.shifts, alone.shifts_low, alone.shifts_high)  # fmt: skip
        assert other.asked == alone.asked
    assert more.copies.keys() == {*alone.copies, "z"}
    assert not more.assessed or any(f.id == "readiness/copies" for f in more.findings)


def test_a_copy_brings_its_evidence(make):
    rows = (said(IDS[0], "1", "A"), said(IDS[0], "1", "B", "board paper"))
    assert readiness.score(make(1, readiness=rows)).practice(IDS[0]).level == 1


def test_spread_between_respondents_gives_the_chance_to_pass(make):
    answers = [a for a in all_yes() if a.practice != "strategic-alignment/sponsor-named"]
    answers += [said(id, "1", who) for id in IDS for who in "CD" if id != "strategic-alignment/sponsor-named"]
    answers += [said("strategic-alignment/sponsor-named", v, w) for v, w in zip(("1", "0.75", "0", "unknown"), "ABCD", strict=True)]  # fmt: skip
    result = readiness.score(make(2, readiness=tuple(answers), value_stream=STREAM))
    assert result.gate("select").chance == 0.5
    assert any(f.id.endswith("sponsor-named/disagreement") for f in result.findings)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_taking_an_answer_away_never_improves_anything(make, data):
    rows = data.draw(FORMS)
    answers = tuple(said(*row) for row in rows)
    gone = data.draw(st.integers(0, len(answers) - 1))
    asked = sorted({row[2].casefold() for row in rows})
    before = readiness.score(make(1, readiness=answers), asked=asked)
    after = readiness.score(make(1, readiness=answers[:gone] + answers[gone + 1 :]), asked=asked)
    for old, new in zip(before.gates, after.gates, strict=True):
        assert ORDER[new.state] <= ORDER[old.state]
        assert new.met <= old.met
        assert (new.chance or 0) <= (old.chance or 0)
    for old, new in zip(before.questions, after.questions, strict=True):
        assert (-1 if new.level is None else new.level) <= (-1 if old.level is None else old.level)
    for old, new in zip(before.practices, after.practices, strict=True):
        assert (-1 if new.level is None else new.level) <= (-1 if old.level is None else old.level)
        assert new.shortfall >= old.shortfall


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(IDS) * 2 - 1), st.sampled_from(["0", "0.5", "1"]))
def test_unknown_instead_of_an_answer_never_improves_anything(make, place, answer):
    base = list(all_yes("0.75"))
    base[place] = base[place].model_copy(update={"answer": answer})
    known = readiness.score(make(1, readiness=tuple(base)))
    base[place] = base[place].model_copy(update={"answer": "unknown"})
    unknown = readiness.score(make(1, readiness=tuple(base)))
    for old, new in zip(known.gates, unknown.gates, strict=True):
        assert ORDER[new.state] <= ORDER[old.state]
        assert (new.chance or 0) <= (old.chance or 0)


def test_evidence_lowers_and_never_raises(make):
    import datetime as dt

    start = dt.datetime(2026, 5, 1, 8)
    late = Incident(id="1", started=start, detected=start + dt.timedelta(hours=9))
    goals = (Goal(id="g", goal="Faster"),)
    engagement = make(
        2, readiness=all_yes(), incidents=(late,), goals=goals, team=Team(maintenance_reserve=0.1)
    )
    result = readiness.score(engagement, Operations())
    alerts = result.practice("observability/alerts-set")
    assert (alerts.voices.level, alerts.level, alerts.contradicted) == (1, 0, True)
    assert result.practice("maintenance-budget/reserve-set").level == 0.5
    assert result.practice("strategic-alignment/outcomes-mapped").level == 0
    low = readiness.score(make(2, readiness=all_yes("0"), team=Team(maintenance_reserve=0.5)))
    assert low.practice("maintenance-budget/reserve-set").level == 0


def test_targets_of_the_engagement_take_the_place_of_thresholds(make):
    answers = all_yes("0.5")
    strict = readiness.score(make(1, readiness=answers, targets={"skills/training-planned": 0.75}))
    assert "skills/training-planned" in strict.gate("scale").failed
    mild = readiness.score(make(1, readiness=answers, targets=dict.fromkeys(IDS, 0.5), value_stream=STREAM))
    assert {gate.state for gate in mild.gates} == {"open"}


COUNCIL = OwnPractice(
    id="works-council",
    text="The works council agreed.",
    days=Estimate(low=1, likely=2, high=4),
    pilot=0.5,
    owner="HR",
)


def test_a_practice_of_the_client_s_own_holds_its_gate_like_any_other(make):
    engagement = make(2, practices=(COUNCIL,), readiness=all_yes(), value_stream=STREAM)
    held = readiness.score(engagement)
    assert [gate.state for gate in held.gates] == ["open", "closed", "open"]
    assert held.gate("pilot").unknown == ("works-council",)
    finding = next(f for f in held.findings if f.id == "readiness/works-council")
    assert finding.action == "Put in place: The works council agreed." and finding.owner == "HR"
    agreed = (*engagement.readiness, said("works-council", "0.5", "A", "minutes of May"))
    assert readiness.score(engagement.model_copy(update={"readiness": agreed})).gate("pilot").state == "open"
    strict = engagement.model_copy(update={"readiness": agreed, "targets": {"works-council": 1.0}})
    assert readiness.score(strict).gate("pilot").failed == ("works-council",)


def test_an_own_practice_joins_a_question_or_stands_under_the_client_s_own(make):
    data = COUNCIL.model_copy(update={"id": "data", "question": "data-governance"})
    result = readiness.score(make(2, practices=(COUNCIL, data), readiness=all_yes()))
    held = {question.id: question.practices for question in result.questions}
    assert held["own"] == ("works-council",) and held["data-governance"][-1] == "data"
    assert sorted(id for ids in held.values() for id in ids) == sorted([*IDS, "data", "works-council"])


def test_a_question_is_the_mean_of_its_practices_by_their_importance(make):
    """(3 x 1 + 1 x 0.5 + 1 x 0) / 5 with the fourth practice unimportant; unknown counts as nothing."""
    first, second, third, fourth = (id for id in IDS if id.startswith("data-governance/"))
    answers = tuple(
        said(id, a, "A", "a document") for id, a in ((first, "1"), (second, "0.5"), (fourth, "1"))
    )
    engagement = make(2, readiness=answers, importance={first: 3.0, fourth: 0.0})
    engagement = engagement.model_copy(update={"systems": ()})  # no owners to count against the answer
    question = next(q for q in readiness.score(engagement).questions if q.id == "data-governance")
    assert question.level == pytest.approx((3 * 1 + 0.5 + 0) / 5)
    assert question.unknown == 1 and third in question.practices


def test_every_problem_at_once(make):
    rows = (said(IDS[0], "1"), said(IDS[0], "0", " a "), said("skills/telepathy", "1"))
    with pytest.raises(InvalidEngagement) as caught:
        readiness.score(make(1, readiness=rows, targets={"nothing/there": 1}))
    text = str(caught.value)
    assert len(caught.value.problems) == 3
    assert "0 here and 1 above" in text and "telepathy" in text and "nothing/there" in text


def test_two_gates_with_one_name_and_more_are_told_at_once():
    text = """
basis: {source: s, date: 2026-01-01}
stages: [{id: a, label: A}, {id: a, label: B}]
questions: {q: Why?}
practices:
  - {id: p, question: q, text: t, owner: o, action: x, days: [1, 1, 1], must: {c: 2}}
  - {id: p, question: r, text: t, owner: o, action: x, days: [1, 1, 1], shifts: {nothing: [1, 1, 1]}}
"""
    with pytest.raises(InvalidEngagement) as caught:
        read(text)
    message = str(caught.value)
    for word in (
        "2 gates",
        "2 practices",
        "is no question",
        "is no gate",
        "is no threshold",
        "is no assumption",
    ):
        assert word in message


def test_round_trip(make):
    result = readiness.score(make(1, readiness=all_yes("0.5")))
    assert readiness.Readiness.from_json(result.to_json()) == result
    assert len(result.table) == len(IDS)
