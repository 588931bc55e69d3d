"""Chapter 8: are we ready, and what threatens the plan."""

from __future__ import annotations

from assess.core.numbers import quantity
from assess.decisions.assessment import Assessment
from assess.decisions.readiness import Gate as Judged
from assess.decisions.readiness import PracticeScore, Readiness
from assess.decisions.readiness.scoring import by_question
from assess.decisions.risk import ChangeDecision, Risk, RiskItem
from assess.report import charts
from assess.report.chapter import Chapter, StageGate
from assess.report.figure import Figure
from assess.report.prose import and_list, count, resolve
from assess.report.tables import ColumnSpec, DataTable

from .ranked_actions import first_steps, importance, listed, once, ranked

QUESTIONS = {
    "strategic-alignment": "Strategic alignment",
    "stakeholder-buy-in": "Stakeholder buy-in",
    "data-governance": "Data governance",
    "skills": "Skills",
    "maintenance-budget": "Budget for maintenance",
    "observability": "Observability",
    "exit-strategy": "Exit strategy",
    "own": "The client's own",
}


def readiness_and_risk(assessment: Assessment) -> Chapter:
    """Say which gates are open, what holds the others, what threatens the plan and what to do first."""
    ready, risk = assessment.readiness, assessment.risk
    shell = Chapter(
        number=8,
        key="readiness_and_risk",
        title="Readiness and risk",
        question="Are we ready, and what threatens the plan?",
        state="not_assessed",
        missing=(*ready.missing, *risk.missing),
    )
    if not ready.assessed and not assessment.engagement.risks:
        return shell
    actions = assessment.actions
    facts = (*ready.facts, *risk.facts, *actions.facts)
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(ready, risk, assessment.engagement.currency),
            "subject": f"{count(len(ready.practices), 'practice')} under {count(len(ready.questions), 'question')}, "
            f"{count(len(ready.asked), 'person', 'people')} asked; {count(len(risk.items), 'risk')}",
            "facts": facts,
            "headline": tuple(f.id for f in facts if f.id in HEADLINE),
            "gates": tuple(gate(judged, ready) for judged in ready.gates),
            "figures": (
                *exceedance(risk, assessment.engagement.currency),
                *importance(actions, assessment.engagement.currency),
            ),
            "tables": (
                questions(ready),
                practices(ready),
                risks(risk, assessment.engagement.currency),
                *changes(assessment.changes, assessment.engagement.currency),
                *first_steps(actions, assessment.engagement.currency),
                ranked(actions, assessment.engagement.currency),
            ),
            "findings": (*ready.findings, *risk.findings),
            "changes": turns(ready, risk),
            "actions": listed(actions),
        }
    )
    known = chapter.evidence()
    return Chapter.model_validate(
        chapter.model_copy(update={"sources": resolve(assessment.engagement, known)})
    )


HEADLINE = ("readiness.pilot", "readiness.scale", "risk.ale", "risk.ale_after")


def verdict(ready: Readiness, risk: Risk, currency: str) -> str:
    """Answer in two sentences."""
    opened = [gate.label.lower() for gate in ready.gates if gate.state == "open"]
    held = ready.next_gate
    if not ready.assessed:
        text = "Nobody answered the checklist, so no gate is open."
    elif held is None:
        text = "All gates are open."
    else:
        lacking = len(held.lacking)
        text = f"Ready to {and_list(opened)}, but not" if opened else "Not ready"
        missing = count(lacking, "must-have")
        text += (
            f" to {held.label.lower()}: {missing} of {held.must} {'is' if lacking == 1 else 'are'} not met."
        )
    if risk.ale is not None and risk.items:
        top = risk.items[0]
        text += (
            f" Risks cost {quantity(risk.ale, currency)} in an average year, most of it by “{top.name}” "
            f"({top.ale / risk.ale:.0%}); mitigations that pay bring it to {quantity(risk.ale_after or 0, currency)}."
        )
    return text


def named(practice: PracticeScore) -> str:
    """Name a practice with its question, such as ``exit strategy (documented)``."""
    return f"{QUESTIONS.get(practice.question, practice.question).lower()} ({practice.label})"


def gate(judged: Judged, ready: Readiness) -> StageGate:
    """Return a gate as the page shows it: in the state that readiness gives it, with what it lacks."""
    names = [named(ready.practice(id)) for id in judged.lacking]
    reason = f"lacks {and_list(names[:3])}" + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    known = {finding.id for finding in ready.findings}
    return StageGate(
        key=judged.id,
        label=judged.label,
        state=judged.state,
        reason=f"{reason}; {judged.met} of {count(judged.must, 'must-have')} {'is' if judged.met == 1 else 'are'} met"
        if names
        else "every must-have is met",
        findings=tuple(f"readiness/{id}" for id in judged.lacking if f"readiness/{id}" in known),
        sources=once(judged.sources),
    )


def questions(ready: Readiness) -> DataTable:
    """Show each question with the weighted mean of its practices; it opens nothing."""
    own = {question.id: [ready.practice(id) for id in question.practices] for question in ready.questions}
    traces = {id: once(s for p in held for s in p.sources) for id, held in own.items()}
    return DataTable.of(
        ready.questions,
        (
            ColumnSpec(
                "question",
                "Question",
                lambda question: QUESTIONS.get(question.id, question.id),
                note=lambda question: question.text,
            ),
            ColumnSpec(
                "level",
                "Mean",
                lambda question: question.level,
                "number",
                digits=2,
                trace=lambda question: traces[question.id][:4],
            ),
            ColumnSpec(
                "unknown",
                "Unknown practices",
                lambda question: f"{question.unknown} of {len(question.practices)}",
            ),
        ),
        id="questions",
        caption="The questions: mean of their practices, what nobody knows counted as nothing; gates are judged by practice",
    )


def practices(ready: Readiness) -> DataTable:
    """Show every practice: what was said, what was measured, what counts."""
    return DataTable.of(
        [(question, practice) for question, held in by_question(ready).items() for practice in held],
        (
            ColumnSpec("practice", "Practice", lambda row: row[1].label, note=lambda row: row[1].text),
            ColumnSpec("question", "Question", lambda row: QUESTIONS.get(row[0], row[0])),
            ColumnSpec(
                "state",
                "State",
                lambda row: _SIGN[row[1].state][0],
                "state",
                note=lambda row: _SIGN[row[1].state][1],
            ),
            ColumnSpec("level", "Counts as", lambda row: row[1].level, "number", digits=2),
            ColumnSpec(
                "said",
                "Answers",
                lambda row: row[1].voices.level,
                "number",
                digits=2,
                low=lambda row: row[1].voices.lowest,
                high=lambda row: row[1].voices.highest,
            ),
            ColumnSpec(
                "measured",
                "Evidence allows",
                lambda row: row[1].measured.level if row[1].measured else None,
                "number",
                digits=2,
                note=lambda row: row[1].measured.text if row[1].measured else "",
                trace=lambda row: row[1].measured.sources if row[1].measured else (),
            ),
            ColumnSpec("owner", "Owner", lambda row: row[1].owner),
        ),
        id="practices",
        caption="What people confirm, what was measured, and which must-haves are met; a dash means nobody knows",
        trace=lambda row: row[1].sources,
    )


_SIGN = {
    "met": ("good", "met"),
    "failed": ("bad", "not met"),
    "unknown": ("unknown", "unknown"),
    "free": ("info", "no must-have"),
}


def risks(risk: Risk, currency: str) -> DataTable:
    """Show every risk with its yearly loss, the evidence that moves it, and its mitigation."""
    held = {
        "build": "held by the overrun of the build",
        "exit": "held by the exit cost",
        "failures": "held by the expected failures",
    }
    return DataTable.of(
        risk.items,
        (
            ColumnSpec("risk", "Risk", lambda item: item.name, note=lambda item: _note(item, held)),
            ColumnSpec(
                "events",
                "Events a year",
                lambda item: item.frequency.mean,
                "number",
                digits=2,
                low=lambda item: item.frequency.low,
                high=lambda item: item.frequency.high,
            ),
            ColumnSpec(
                "loss",
                "Loss of one",
                lambda item: item.severity.mean,
                "money",
                low=lambda item: item.severity.low,
                high=lambda item: item.severity.high,
            ),
            ColumnSpec(
                "ale",
                "Loss a year",
                lambda item: item.ale,
                "money",
                low=lambda item: item.annual.low * item.share,
                high=lambda item: item.annual.high * item.share,
            ),
            ColumnSpec("evidence", "Frequency rests on", _basis),
            ColumnSpec(
                "mitigation", "Mitigation", lambda item: item.mitigation.text if item.mitigation else ""
            ),
            ColumnSpec(
                "net", "Net effect", lambda item: item.mitigation.net if item.mitigation else None, "money"
            ),
        ),
        id="risks",
        caption="Yearly loss of each risk, what its frequency rests on, and whether its mitigation pays for its work and its upkeep",
        trace=lambda item: item.annual.source,
        currency=currency,
        sources=once(s for item in risk.items for s in (*item.sources, item.annual.source) if s),
    )


def _note(item: RiskItem, held: dict[str, str]) -> str:
    """Say which line of the cost holds a risk, and how much of what it concerns it threatens as decided."""
    part = "" if item.share == 1 else f"threatens {item.share:.0%} of what it concerns, as decided"
    return "; ".join(filter(None, (held.get(item.held_by, ""), part)))


def _basis(item: RiskItem) -> str:
    """Say where the frequency of a risk comes from."""
    if item.measured:
        return f"{item.measured}; {item.stated_frequency.mean:.2g} a year {'stated' if item.stated else 'assumed'}"
    if item.stated:
        return "stated for this client"
    moved = (f"{influence.because} (× {influence.factor:.2g})" for influence in item.influences)
    return "; ".join(("dated default", *moved))


def changes(decided: tuple[ChangeDecision, ...], currency: str) -> tuple[DataTable, ...]:
    """Show what to do with each change request, and why."""
    if not decided:
        return ()
    return (
        DataTable.of(
            decided,
            (
                ColumnSpec("request", "Request", lambda change: change.title),
                ColumnSpec("decision", "Decision", lambda change: change.decision),
                ColumnSpec("reason", "Reason", lambda change: change.reason),
                ColumnSpec(
                    "gain",
                    "Gain",
                    lambda change: change.gain.likely if change.gain else None,
                    "money",
                    unit=currency,
                    low=lambda change: change.gain.low if change.gain else None,
                    high=lambda change: change.gain.high if change.gain else None,
                    trace=lambda change: change.sources,
                ),
            ),
            id="changes",
            caption="Change requests: include now or defer, with the reason and what the plan has room for",
        ),
    )


def exceedance(risk: Risk, currency: str) -> tuple[Figure, ...]:
    """Draw how likely a year loses more than an amount, before and after the mitigations that pay."""
    if not risk.curve:
        return ()
    losses = [point.loss for point in risk.curve]
    before, after = [point.before for point in risk.curve], [point.after for point in risk.curve]
    trace = once(source for fact in risk.facts for source in fact.sources)
    own = trace[:1]
    return (
        Figure(
            id="exceedance",
            caption=f"One year in ten loses more than {quantity(risk.p90 or 0, currency)}",
            alt="Two falling lines: probability that a year loses more than an amount, before and after mitigation.",
            plot=charts.exceedance(
                {"as it is": (losses, before), "with mitigations": (losses, after)},
                unit=currency,
                highlight="as it is",
            ),
            table=DataTable.of(
                risk.curve,
                (
                    ColumnSpec("loss", "Loss of a year", lambda p: p.loss, "money", unit=currency),
                    ColumnSpec("before", "As it is", lambda p: p.before, "share"),
                    ColumnSpec("after", "With mitigations", lambda p: p.after, "share"),
                ),
                id="exceedance-data",
                caption="Probability that a year loses more",
                trace=own,
            ),
        ),
    )


def turns(ready: Readiness, risk: Risk) -> tuple[str, ...]:
    """Say what would open the next gate, and what nobody knows yet."""
    found = []
    for gate in filter(None, (ready.next_gate,)):
        for id in gate.lacking[:3]:
            practice = ready.practice(id)
            now = "unknown" if practice.level is None else f"{practice.level:g}"
            found.append(
                f"{practice.label.capitalize()} at {practice.must[gate.id]:g} instead of {now} takes one must-have off "
                f"the gate “{gate.label}”."
            )
    found += list(risk.notes)
    return tuple(found)
