"""Chapter 8: are we ready, and what threatens the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assess.core.numbers import quantity
from assess.core.source import Fact
from assess.decisions.actions import Actions
from assess.decisions.assessment import Assessment
from assess.decisions.readiness import Gate as Judged
from assess.decisions.readiness import PracticeScore, Readiness, by_question
from assess.decisions.risk import ChangeDecision, Risk, RiskItem
from assess.report import charts
from assess.report.chapter import Chapter, StageGate
from assess.report.figure import Figure
from assess.report.prose import and_list, cited, concise, count, lower_first, resolve
from assess.report.tables import ColumnSpec, DataTable

from .ranked_actions import importance, listed, once

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
        title="Readiness",
        question="Are we ready, and what threatens the plan?",
        state="not_assessed",
        missing=(*ready.missing, *risk.missing),
    )
    if not ready.assessed and not assessment.engagement.risks:
        return shell
    actions = assessment.actions
    facts = (*ready.facts, *risk.facts, *actions.facts)
    currency = assessment.engagement.currency
    drawn, held = (*exceedance(risk, currency), *questions(ready)), risks(risk, actions, currency)
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(ready, risk, currency),
            "lead": lead(ready, risk, {fact.id: fact for fact in facts if fact.value is not None}),
            "shown": (*(figure.id for figure in drawn), *(table.id for table in held[:1])),
            "subject": f"{count(len(ready.practices), 'practice')} under {count(len(ready.questions), 'question')}, "
            f"{count(len(ready.asked), 'person', 'people')} asked; {count(len(risk.items), 'risk')}",
            "facts": facts,
            "gates": tuple(gate(judged, ready) for judged in ready.gates),
            "figures": (*drawn, *importance(actions, currency)),
            "tables": (*held, practices(ready), *changes(assessment.changes, currency)),
            "findings": (*ready.findings, *risk.findings),
            "changes": turns(ready),
            "method": (
                "Answers count only as far as the evidence allows; nothing makes up for a must-have that is missing.",
                "A risk costs its events a year times the loss of one; what the cost model holds already is not added again.",
                *risk.notes,
            ),
            "actions": listed(actions),
        }
    )
    known = chapter.evidence()
    return Chapter.model_validate(
        chapter.model_copy(update={"sources": resolve(assessment.engagement, known)})
    )


def verdict(ready: Readiness, risk: Risk, currency: str) -> str:
    """Answer in one sentence: which gate holds the programme by how much, and what risks cost a year."""
    held = ready.next_gate
    if not ready.assessed:
        text = "Not known: nobody answered the checklist"
    elif held is None:
        text = "Ready: all gates are open"
    else:
        lacking = len(held.lacking)
        text = f"Not yet: {lacking} of {count(held.must, 'must-have')} {'is' if lacking == 1 else 'are'} missing to {lower_first(held.label)}"
    if risk.ale is None or not risk.items:
        return concise(text)
    return concise(f"{text}; risks cost {quantity(risk.ale, currency)} in an average year", text)


def lead(ready: Readiness, risk: Risk, facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Say how many gates are open and what the next one lacks first, what risks cost, and what measures save."""
    said = []
    if ready.assessed and ready.gates:
        opened = sum(gate.state == "open" for gate in ready.gates)
        said.append(
            f"Of {count(len(ready.gates), 'gate')}, {opened or 'none'} {'are' if opened > 1 else 'is'} open."
        )
    held = ready.next_gate
    if held is not None and held.lacking:
        names = and_list([named(ready.practice(id)) for id in held.lacking], 2)
        said.append(
            concise(
                f"Missing for the next gate: {names}.",
                f"Missing for the next gate: {count(len(held.lacking), 'must-have')}.",
            )
        )
    cost, after = facts.get("risk.ale"), facts.get("risk.ale_after")
    if cost and after and risk.ale and risk.items:
        top = max(risk.items, key=lambda item: item.ale)
        share = quantity(top.ale / risk.ale, "share")
        said.append(
            concise(
                f"Risks cost {cited(cost)} on average, {share} of it by “{top.name}”.",
                f"Risks cost {cited(cost)} on average.",
            )
        )
        said.append(f"Measures that pay bring it to {cited(after)}.")
    return tuple(said)


def named(practice: PracticeScore) -> str:
    """Name a practice with its question, such as ``exit strategy (documented)``."""
    return f"{QUESTIONS.get(practice.question, practice.question).lower()} ({practice.label})"


def gate(judged: Judged, ready: Readiness) -> StageGate:
    """Return a gate as the page shows it: in the state that readiness gives it, with what it lacks."""
    names = [named(ready.practice(id)) for id in judged.lacking]
    reason = f"lacks {and_list(names, 3)}"
    known = {finding.id for finding in ready.findings}
    return StageGate(
        key=judged.id,
        label=judged.label,
        state=judged.state,
        reason=f"{reason}; {judged.met} of {count(judged.must, 'must-have')} met"
        if names
        else "every must-have is met",
        findings=tuple(f"readiness/{id}" for id in judged.lacking if f"readiness/{id}" in known),
        sources=once(judged.sources),
    )


def questions(ready: Readiness) -> tuple[Figure, ...]:
    """Draw the mean of the practices under each question, the weakest last; none where nobody answered."""
    if not ready.assessed or not ready.questions:
        return ()
    traces = {
        q.id: once(s for id in q.practices for s in ready.practice(id).sources) for q in ready.questions
    }
    ranked = sorted(ready.questions, key=lambda q: (q.level is None, -(q.level or 0.0), q.id))
    known = [(QUESTIONS.get(q.id, q.id), round(q.level, 2)) for q in ranked if q.level is not None]
    if not known:
        return ()
    weak = weakest(known)
    return (
        Figure(
            id="questions",
            caption=_weak(weak, min(level for _, level in known), len(ranked), len(ranked) - len(known)),
            alt="Bars: mean level of the practices of each field, from 0 to 1; a practice that nobody knows counts as 0.",
            plot=charts.bars([label for label, _ in known], [level for _, level in known], highlight=weak),
            table=DataTable.of(
                ranked,
                (
                    ColumnSpec(
                        "question", "Field", lambda q: QUESTIONS.get(q.id, q.id), note=lambda q: q.text
                    ),
                    ColumnSpec(
                        "level",
                        "Level",
                        lambda q: q.level,
                        "number",
                        digits=2,
                        trace=lambda q: traces[q.id][:4],
                    ),
                    ColumnSpec(
                        "unknown", "Unknown practices", lambda q: f"{q.unknown} of {len(q.practices)}"
                    ),
                ),
                id="questions-data",
                caption="Mean of the practices of each field; gates are judged by practice, not by these",
            ),
        ),
    )


def weakest(known: Sequence[tuple[str, float]]) -> list[str]:
    """Return the fields of the lowest level, and the next one where it is alone: of equals none is named before another.

    >>> weakest([("a", 0.7), ("b", 0.5), ("c", 0.2)]), weakest([("a", 0.5), ("b", 0.5), ("c", 0.2)])
    (['c', 'b'], ['c'])
    """
    lowest, *others = sorted({level for _, level in known})
    first = [label for label, level in known if level == lowest]
    second = [label for label, level in known if others and level == others[0]]
    return [*first, *second] if len(first) == len(second) == 1 and len(known) > 2 else first


def _weak(weak: Sequence[str], level: float, fields: int, unknown: int) -> str:
    rest = f"; nothing is known of {unknown}" if unknown else ""
    if len(weak) > 2:
        return f"Of {fields} fields, {len(weak)} are equally weak, at {level:g} of 1{rest}"
    if len(weak) == 2:
        return f"{weak[0]} and {lower_first(weak[1])} are the weakest of {fields} fields{rest}"
    return f"{weak[0]} is the weakest of {fields} fields{rest}"


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


HELD = {
    "build": "held by the overrun of the build",
    "exit": "held by the exit cost",
    "failures": "held by the expected failures",
}
"""Which line of the cost holds a risk already."""


def risks(risk: Risk, actions: Actions, currency: str) -> tuple[DataTable, ...]:
    """Show what each risk costs a year and what its measure is worth, then what its frequency rests on; none without risks.

    The measure's worth is that of the ranked list: what it adds in the cost model, where part of the loss may be gone already.
    """
    if not risk.items:
        return ()
    priced = {
        step.id.partition("/")[2]: step for step in listed(actions) if step.id.startswith("mitigation/")
    }
    ranked = sorted(risk.items, key=lambda item: (-item.ale, item.id))
    sources = once(s for item in risk.items for s in (*item.sources, item.annual.source) if s)
    return (
        DataTable.of(
            ranked,
            (
                ColumnSpec("risk", "Risk", lambda item: item.name, note=lambda item: _note(item, HELD)),
                ColumnSpec(
                    "ale",
                    "A year",
                    lambda item: item.ale,
                    "money",
                    low=lambda item: item.annual.low * item.share,
                    high=lambda item: item.annual.high * item.share,
                ),
                ColumnSpec(
                    "mitigation",
                    "Measure",
                    lambda item: item.mitigation.text if item.mitigation else "none named",
                ),
                ColumnSpec(
                    "worth",
                    "Worth",
                    lambda item: step.worth if (step := priced.get(item.id)) else None,
                    "money",
                ),
                ColumnSpec(
                    "net",
                    "After its cost",
                    lambda item: step.net if (step := priced.get(item.id)) else None,
                    "money",
                ),
            ),
            id="risks",
            caption="What each risk costs a year, and what its measure is worth over the whole horizon",
            trace=lambda item: item.annual.source,
            currency=currency,
            sources=(*sources, *once(source for step in priced.values() for source in step.sources)),
        ),
        DataTable.of(
            ranked,
            (
                ColumnSpec("risk", "Risk", lambda item: item.name),
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
                ColumnSpec("evidence", "Frequency rests on", _basis),
            ),
            id="risk-basis",
            caption="How often each risk strikes, what it costs then, and what that rests on",
            trace=lambda item: item.annual.source,
            currency=currency,
            sources=sources,
        ),
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
    middle = min(risk.curve, key=lambda point: (abs(point.before - 0.5), point.loss))
    return (
        Figure(
            id="exceedance",
            caption=f"In {quantity(middle.before, 'chance')} of years risks cost more than {quantity(middle.loss, currency)}; "
            f"with measures, in {quantity(middle.after, 'chance')}",
            alt="Two falling lines: probability that a year loses more than an amount, before and after mitigation.",
            plot=charts.exceedance(
                {"as it is": (losses, before), "with measures": (losses, after)},
                unit=currency,
                highlight="as it is",
            ),
            table=DataTable.of(
                risk.curve,
                (
                    ColumnSpec("loss", "Loss of a year", lambda p: p.loss, "money", unit=currency),
                    ColumnSpec("before", "As it is", lambda p: p.before, "share", unit="chance"),
                    ColumnSpec("after", "With mitigations", lambda p: p.after, "share", unit="chance"),
                ),
                id="exceedance-data",
                caption="Probability that a year loses more",
                trace=own,
            ),
        ),
    )


def turns(ready: Readiness) -> tuple[str, ...]:
    """Say what would open the next gate."""
    gate = ready.next_gate
    if gate is None:
        return ()
    missing = [ready.practice(id) for id in gate.lacking]
    owner = {practice.id: f" ({practice.owner})" if practice.owner else "" for practice in missing}
    return tuple(
        f"{practice.action.rstrip('.')}{owner[practice.id]}: one must-have less for “{gate.label}”."
        for practice in missing[:3]
    )
