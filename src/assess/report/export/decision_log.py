"""The decision log: one file a decision, in the form of MADR 4 (Markdown Any Decision Records)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import yaml

from assess.core.numbers import interval, quantity
from assess.decisions.assessment import Assessment
from assess.decisions.decision import RECOMMENDED, Decision, IntegrationDecision
from assess.intake.engagement import Integration
from assess.intake.engagement.landscape import STYLE_NAMES
from assess.report.chapters.executive_summary import executive_summary
from assess.report.chapters.total_cost import rivals
from assess.report.prose import clean, lower_first, markdown_line, sentence_case

from . import NotExported
from .interfaces import slug


class DecisionRecord(NamedTuple):
    """One decision; the lists are sentences."""

    title: str
    makers: str
    context: Sequence[str]
    drivers: Sequence[str]
    options: Sequence[str]
    chosen: str
    because: str
    consequences: Sequence[str]
    confirmation: str


def decision_log(assessment: Assessment) -> dict[str, str]:
    """Write a decision record for the programme and for each integration that moves, ends or is open.

    All are proposed: who decides is named, and sets the status. Numbers are those of the decision; nothing is computed here.
    """
    decision = assessment.decision
    if not decision.integrations:
        raise NotExported("there is nothing to decide about: fill in integrations.csv")
    moved = [
        item
        for item in decision.integrations
        if item.integration in decision.assignment or item.choice in ("retire", "open")
    ]
    records = [("programme", _programme(assessment))]
    records += [(item.integration, _integration(assessment, item)) for item in moved]
    date = assessment.stated.date
    return {
        f"{number:04}-{slug(id)[:60] or 'integration'}.md": _written(record, date.isoformat() if date else "")
        for number, (id, record) in enumerate(records)
    }


def _programme(assessment: Assessment) -> DecisionRecord:
    decision, brief = assessment.decision, executive_summary(assessment)
    engagement = assessment.engagement
    options = [option for option in decision.options if option.gain is not None]
    chosen = next((o for o in options if o.id == RECOMMENDED), None)
    gates = [f"Gate “{gate.label}”: {gate.state}{f', {gate.reason}' if gate.reason else ''}" for gate in brief.gates]  # fmt: skip
    return DecisionRecord(
        title="What happens to the landscape of integrations",
        makers="Board",
        context=(
            f"{brief.subject} of {engagement.client}.",
            *(f"Goal: {goal.goal}." for goal in engagement.goals),
        ),
        drivers=("Expected gain over the horizon against leaving things as they are", "Fit of each integration's style", "Stated constraints"),
        options=[
            f"{option.label}: expected gain {quantity(option.gain.mean, decision.currency)}, eight of ten futures "
            f"{interval(option.gain.low, option.gain.high, decision.currency)}, loses money in {option.gain.loss:.0%}"
            for option in options
            if option.gain
        ],
        chosen=chosen.label if chosen else "As it is today",
        because=" ".join((brief.verdict, *brief.lead)) + " ".join(("", *rivals(decision))),
        consequences=(*brief.changes, *gates),
        confirmation="assess compare tells after the next run which answers, measurements or prices moved the result.",
    )  # fmt: skip


def _integration(assessment: Assessment, item: IntegrationDecision) -> DecisionRecord:
    decision, row = assessment.dated_decision, assessment.engagement.integration(item.integration)
    dated = decision.integration(item.integration)
    goals = {goal.id: goal.goal for goal in assessment.engagement.goals}
    style = STYLE_NAMES[item.style] if item.style else ""
    named = {"retire": "It ends", "open": "Open: no style is feasible"}
    chosen = named.get(item.choice) or f"{sentence_case(item.choice)} as {style}{f' on {item.platform}' if item.platform else ''}"  # fmt: skip
    return DecisionRecord(
        title=f"{row.label}: {lower_first(chosen)}",
        makers=row.owner,
        context=(
            f"From {row.source} to {row.target}; today {row.style_today or 'not stated'}.",
            *(f"It serves the goal: {goals[id]}." for id in row.goals if id in goals),
            f"Decided on {item.measured:.0%} measurements, {item.stated:.0%} statements, {item.assumed:.0%} defaults.",
        ),
        drivers=tuple(_drivers(row)),
        options=tuple(_options(item, decision)),
        chosen=chosen,
        because="; ".join(f"it {why}" if why.startswith(("gains", "must")) else why for why in item.reasons),
        consequences=tuple(_consequences(item, decision.currency)),
        confirmation=f"It runs by {dated.date.isoformat()} (roadmap)." if dated.date else "",
    )


def _drivers(row: Integration) -> Iterator[str]:
    if row.criticality:
        yield f"Criticality: {row.criticality}"
    if row.interaction:
        yield f"Interaction: {row.interaction}"
    if row.volume:
        yield f"Volume: {quantity(row.volume.likely, 'messages/month')}"
    if row.latency_seconds is not None:
        yield f"Latest useful arrival: {quantity(row.latency_seconds, 'seconds')}"


def _options(item: IntegrationDecision, decision: Decision) -> Iterator[str]:
    if item.today:
        yield f"Leave it as it is: {item.today}"
    if item.style:
        fit = f", fits {item.fit:.0%}" if item.fit is not None else ""
        yield f"{sentence_case(STYLE_NAMES[item.style])}{fit}"
    for what, rival in (("costs least", item.cheapest), ("fits best", item.best_fit)):
        if rival and rival.style != item.style:
            more = quantity(abs(rival.difference), decision.currency)
            than = f"{more} {'dearer' if rival.difference > 0 else 'cheaper'} than the chosen one"
            yield f"{sentence_case(STYLE_NAMES[rival.style])}: {what} of the others, fits {rival.fit:.0%}, {than}"  # fmt: skip


def _consequences(item: IntegrationDecision, currency: str) -> Iterator[str]:
    if item.net:
        yield f"Expected gain against today: {quantity(item.net.mean, currency)}; eight of ten futures {interval(item.net.low, item.net.high, currency)}"
    if item.risk:
        yield f"Main risk: {item.risk}"
    if item.flip:
        yield f"What would change it: {item.flip}"
    if item.timing == "later":
        yield "Not to begin with: it pays on average, but in too few futures"
    if item.timing == "if required":
        yield "Only where it must be done: it costs more than it brings"
    yield from item.warnings
    if item.question:
        yield f"To be answered first: {item.question}"


def _written(record: DecisionRecord, date: str) -> str:
    """Write a record with the headings of the MADR template, its metadata as YAML front matter."""
    head = {"status": "proposed", "date": date, "decision-makers": clean(record.makers) or "nobody yet"}
    title = markdown_line(record.title)
    parts = [f"# {title}", "## Context and Problem Statement", " ".join(map(markdown_line, record.context))]
    parts += ["## Decision Drivers", _bullets(record.drivers)] if record.drivers else []
    parts += ["## Considered Options", _bullets(record.options)]
    because = markdown_line(lower_first(record.because)).rstrip(".")
    because = f", because {because}." if because else "."
    parts += ["## Decision Outcome", f"Chosen option: “{markdown_line(record.chosen)}”{because}"]
    parts += ["### Consequences", _bullets(record.consequences)] if record.consequences else []
    parts += ["### Confirmation", record.confirmation] if record.confirmation else []
    front = yaml.safe_dump(head, sort_keys=False, allow_unicode=True)
    return f"---\n{front}---\n\n" + "\n\n".join(parts) + "\n"


def _bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"* {markdown_line(sentence)}" for sentence in sentences)
