"""Chapter 0, the brief: what to do, what it costs, what could go wrong, who does what next."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

from assess.core.finding import Missing
from assess.core.numbers import day, quantity, spelled
from assess.core.source import Fact, Source
from assess.decisions.assessment import Assessment
from assess.decisions.cost.drivers import explain_gain
from assess.decisions.decision import RECOMMENDED, STANDING
from assess.decisions.decision.integrations import count_answers
from assess.decisions.questions import Question
from assess.decisions.readiness import Gate
from assess.decisions.roadmap import PlanItem
from assess.intake.asking import roles
from assess.report.ask_sheet import supply
from assess.report.chapter import Chapter, Coverage, ReportAction, StageGate
from assess.report.chapters.ranked_actions import listed, once
from assess.report.chapters.readiness_and_risk import gate
from assess.report.prose import count, resolve

from .sentences import METHOD, changes, lead, shortfall, verdict
from .tables import RISKS, asked, goals, options, questions, risks, sheet

HEADLINE = (f"cost.{RECOMMENDED}.spent", "decision.gain", "decision.loss", "roadmap.live", "inputs.measured")
"""The five figures of the brief: what it takes, what it gains, how sure that is, by when, and how much was measured."""

TURNING = ("decision.rival", "decision.more", "decision.answer")
"""Facts that the sentences about what would change the answer name."""

MOST = 4
"""Actions in the brief."""


def executive_summary(assessment: Assessment) -> Chapter:
    """Draw the brief from the one decision and what stands around it."""
    engagement = assessment.engagement
    assessed = bool(engagement.integrations)
    facts = headline(assessment)
    tables = (
        *options(assessment),
        *questions(assessment),
        *sheet(assessment),
        *risks(assessment),
        *goals(assessment),
    )
    chapter = Chapter(
        number=0,
        key="executive_summary",
        title="Brief",
        question="What should we do, what does it cost, what could go wrong?",
        state="assessed" if assessed else "not_assessed",
        verdict=verdict(assessment) if assessed else "",
        lead=lead(assessment, coverage(assessment)),
        shown=tuple(table.id for table in tables if table.id == "options"),
        method=METHOD if assessed else (),
        subject=f"{count(len(engagement.systems), 'system')}, {count(len(engagement.integrations), 'integration')}",
        facts=(*facts, *(fact for fact in assessment.decision.facts if fact.id in TURNING))
        if assessed
        else facts,
        headline=tuple(fact.id for fact in facts),
        coverage=coverage(assessment),
        gates=gates(assessment),
        actions=actions(assessment),
        changes=changes(assessment) if assessed else (),
        tables=tables,
        findings=(*assessment.strategy.findings, *assessment.reconciled.findings),
        missing=gaps(assessment),
    )
    chapter = chapter.model_copy(update={"sources": _driving(assessment, facts)})
    more = resolve(engagement, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": (*chapter.sources, *more)}))


def _driving(assessment: Assessment, facts: Iterable[Fact]) -> tuple[Source, ...]:
    """Return the sources of the inputs that move the figures most."""
    named = {driver.source for fact in facts for driver in fact.drivers}
    planned = (source for item in assessment.roadmap.items for source in item.sources)
    return once(source for source in (*assessment.cost.sources, *planned) if source.id in named)


def headline(assessment: Assessment) -> tuple[Fact, ...]:
    """Return the five figures of the brief; those that nobody knows are left out."""
    decided = explain_gain(assessment.decision.facts, assessment.cost, STANDING)
    rooms = (decided, assessment.cost.facts, assessment.roadmap.facts, measured(assessment))
    known = {fact.id: fact for facts in rooms for fact in facts if fact.value is not None}
    wanted = HEADLINE if assessment.decision.assignment else HEADLINE[1:]
    return tuple(known[id] for id in wanted if id in known)


def measured(assessment: Assessment) -> tuple[Fact, ...]:
    """Return which share of what the decision rests on was measured; none where it rests on nothing."""
    found = coverage(assessment)
    if not found.counted:
        return ()
    of = tuple(item.origin.id for item in assessment.engagement.integrations)
    return (
        Fact(
            id="inputs.measured",
            label="Inputs measured",
            value=found.measured / found.counted,
            unit="share",
            note=f"{found.stated / found.counted:.0%} stated, {found.assumed / found.counted:.0%} assumed",
            sources=(
                Source(
                    kind="calculation",
                    place="brief/inputs",
                    detail="answers for each integration and parameters of the cost",
                    of=of,
                ),
            ),
            formula=f"{count(found.measured, 'input')} measured of {count(found.counted, 'input')} that the decision reads",
        ),
    )


def gates(assessment: Assessment) -> tuple[StageGate, ...]:
    """Show the stage gates, each closed one with the action that opens it; none where nobody answered the checklist."""
    ready = assessment.readiness
    return tuple(_stage(assessment, judged) for judged in ready.gates) if ready.assessed else ()


def _stage(assessment: Assessment, judged: Gate) -> StageGate:
    """Return a gate with the last of its missing must-haves: of those planned the one that ends last, else the longest."""
    ready, plan = assessment.readiness, assessment.roadmap
    shown = gate(judged, ready)
    if not judged.lacking:
        return shown
    planned = {item.id.split(":", 2)[2]: item for item in plan.items if item.kind == "gate"}

    def rank(id: str) -> tuple[int, float, str]:
        item = planned.get(id)
        return (item.end or 0) if item else 0, ready.practice(id).days.mean, id

    practice = ready.practice(max(judged.lacking, key=rank))
    opens = ReportAction(
        id=f"readiness/{practice.id}",
        title=practice.action.rstrip("."),
        effort=practice.days,
        owner=practice.owner,
        by=_ends(planned.get(practice.id), plan.start),
        findings=tuple(id for id in shown.findings if id == f"readiness/{practice.id}"),
        sources=once(practice.sources),
    )
    return shown.model_copy(update={"opens": opens})


def _ends(item: PlanItem | None, start: dt.date | None) -> str:
    """Say when an item of the plan ends; empty where it is not planned."""
    if item is None or item.end is None:
        return ""
    return f"week {item.end}" if start is None else day(start + dt.timedelta(weeks=item.end))


def actions(assessment: Assessment) -> tuple[ReportAction, ...]:
    """Say who does what next: the board's own step, what opens each gate, then the most valuable of the ranked list."""
    opening = (stage.opens for stage in gates(assessment) if stage.opens)
    steps = (*_board(assessment), *opening)
    decision = assessment.decision
    forced = bool(decision.forced) and len(decision.forced) == len(decision.programme)
    if (
        decision.verdict.state != "ask" and not forced and not shortfall(assessment)
    ):  # else no measure has its worth
        next_steps = listed(assessment.actions)[: len(assessment.actions.next_steps)]
        steps = (*steps, *(_against(assessment, step) for step in next_steps))
    found: dict[str, ReportAction] = {}
    for step in steps:
        found.setdefault(step.id, step)
    return tuple(found.values())[:MOST]


def _against(assessment: Assessment, step: ReportAction) -> ReportAction:
    """Return a measure against a risk of the brief with the number that the risk has there."""
    shown = [item.id for item in assessment.risk.items if item.ale > 0][:RISKS]
    kind, _, risk = step.id.partition("/")
    if kind != "mitigation" or risk not in shown:
        return step
    return step.model_copy(update={"title": f"Against risk {shown.index(risk) + 1}: {step.title}"})


def _board(assessment: Assessment) -> Iterator[ReportAction]:
    decision = assessment.decision
    source = Source(kind="calculation", place="decision/verdict", detail="docs/method/decision.md")
    must, state = len(decision.forced), decision.verdict.state
    whether = f"the {spelled(must)} {'integration' if must == 1 else 'integrations'} must be connected without a gain"
    if state == "prepare" and must:
        yield ReportAction(
            id="decision/required", title=f"Say whether {whether}", owner="Board", by="now", sources=(source,)
        )
    if state == "decide" and decision.programme:
        short, firm = shortfall(assessment), len(decision.programme) - must
        what = f"the {spelled(firm)} {'integration' if firm == 1 else 'integrations'}"
        yield ReportAction(
            id="decision/approve",
            title=f"Connect nothing on this budget, or raise it to {quantity(short[0], decision.currency)}"
            if short
            else f"Approve {what} and the budget"
            if not must
            else f"Say whether {whether}"
            if not firm
            else f"Approve {what} that {'pays' if firm == 1 else 'pay'}, and say whether {whether}",
            owner="Board",
            by="now",
            sources=(source,),
        )
    for question in _first_of_each_role(assessment) if state == "ask" else ():
        yield ReportAction(
            id=f"ask/{question.id}",
            title=f"Answer “{question.ask}”",
            owner=roles()[question.role],
            by="now",
            sources=(source,),
        )


def _first_of_each_role(assessment: Assessment) -> list[Question]:
    """Return the question of each role that tells most, then the next ones; at most `MOST`, in the order of the list."""
    questions = asked(assessment)
    first = {question.role: question for question in reversed(questions)}.values()
    some = sorted(questions, key=lambda question: question not in first)[:MOST]
    return sorted(some, key=questions.index)


def coverage(assessment: Assessment) -> Coverage:
    """Count which inputs of the integrations, and which parameters of the cost, were measured, stated, or left to a default."""
    kinds = Counter[str]()
    for integration in assessment.engagement.integrations:
        kinds.update(count_answers(integration))
    date = assessment.stated.date
    used = {s.place for s in assessment.cost.sources if s.kind == "assumption"}
    entries = [assessment.stated.assumptions.entry(key) for key in sorted(used)]
    kinds.update("stated" if entry.overridden else "assumed" for entry in entries)
    stale = tuple(a.key for a in entries if date and not a.overridden and a.stale(date))
    return Coverage(
        measured=kinds["measured"],
        stated=kinds["stated"],
        assumed=kinds["assumed"],
        contradicted=tuple(f.id for f in assessment.reconciled.findings),
        stale=stale,
    )


def gaps(assessment: Assessment) -> tuple[Missing, ...]:
    """List what was not supplied, by section."""
    parts = (
        assessment.value_stream.missing,
        assessment.quality.missing,
        assessment.operations.missing,
        assessment.framework.missing,
        supply("cost", assessment.questions, assessment.cost.missing),
        assessment.build_or_buy.missing,
        assessment.readiness.missing,
        assessment.risk.missing,
        assessment.roadmap.missing,
    )
    return tuple({(m.section, m.supply): m for part in parts for m in part}.values())
