"""From strategy to action: which steps and integrations serve each goal, what that costs and brings, and what comes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import pandas as pd

from assess.core.estimate import Estimate, total
from assess.core.finding import Finding
from assess.core.record import Record
from assess.core.source import Source
from assess.evidence.value_stream import ValueStream
from assess.intake.engagement import Engagement, Goal
from assess.intake.engagement.landscape import Style

from .decision import Decision
from .risk import Risk
from .risk.losses import LossTerms
from .roadmap import Roadmap

Basis = Literal["declared", "derived", "none", "unknown"]
"""How it is known what serves a goal: the integrations say so, the value stream implies it, nothing does, nobody said."""


class GoalLine(Record):
    """One goal and everything that serves it.

    Parameters
    ----------
    basis
        ``declared``: integrations name the goal. ``derived``: no integration names any goal, so those count that the
        value stream names. ``none``: others are served, this one is not. ``unknown``: nothing links goals and integrations.
    steps
        Steps of the value stream that its integrations change.
    kept
        Of its integrations those that stay as they are: they bring nothing new.
    styles
        Number of the others by style.
    benefit, cost
        A year, and once: of what several goals share, each has an equal part, so that goals add up.
    risks
        Names of the risks that its integrations carry, the largest first.
    first
        The integration that is worked on first, ``increment`` when; None where the plan has none of them.
    """

    goal: str
    text: str
    metric: str
    unit: str
    today: float | None
    target: float | None
    owner: str
    basis: Basis
    steps: tuple[str, ...] = ()
    integrations: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    styles: dict[str, int] = {}
    benefit: Estimate | None = None
    cost: Estimate | None = None
    risks: tuple[str, ...] = ()
    first: str | None = None
    increment: int | None = None
    sources: tuple[Source, ...] = ()


class Strategy(Record):
    """A line for each goal, and what the lines leave out.

    Parameters
    ----------
    unserved
        Goals that no integration serves.
    unmoved
        Goals of which every integration stays as it is.
    aimless
        Integrations that are built or bought and serve no goal, while others do.
    """

    lines: tuple[GoalLine, ...] = ()
    unserved: tuple[str, ...] = ()
    unmoved: tuple[str, ...] = ()
    aimless: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row a goal."""
        rows = [
            (x.goal, x.metric, x.basis, "; ".join(x.steps), "; ".join(x.integrations),
             x.benefit.likely if x.benefit else None, x.cost.likely if x.cost else None, x.first, x.increment)
            for x in self.lines
        ]  # fmt: skip
        names = ["goal", "metric", "basis", "steps", "integrations", "benefit", "cost", "first", "increment"]
        return pd.DataFrame(rows, columns=names)


def trace(
    engagement: Engagement, decision: Decision, stream: ValueStream, risk: Risk, roadmap: Roadmap
) -> Strategy:
    """Trace every goal to its metric, steps, integrations, styles, cost, benefit, risks and first increment.

    Parameters
    ----------
    decision
        What happens to each integration: what is built or bought brings its benefit, what stays brings nothing new.
    """
    assignment = decision.assignment
    serving = _serving(engagement, decision, stream)
    shared = Counter(id for ids, _ in serving.values() for id in ids if id in assignment)
    lines = tuple(
        _line(engagement, goal, *serving[goal.id], shared, assignment, stream, risk, roadmap)
        for goal in engagement.goals
    )
    declared = any(item.goals for item in engagement.integrations)
    result = Strategy(
        lines=lines,
        unserved=tuple(line.goal for line in lines if line.basis == "none"),
        unmoved=tuple(
            line.goal for line in lines if line.basis == "declared" and line.kept == line.integrations
        ),
        aimless=tuple(id for id in assignment if declared and engagement.goals and not shared[id]),
    )
    return result.model_copy(update={"findings": tuple(_findings(engagement, result))})


def _serving(
    engagement: Engagement, decision: Decision, stream: ValueStream
) -> dict[str, tuple[tuple[str, ...], Basis]]:
    """Goal -> the integrations that serve it and do not end, and how that is known."""
    standing = [item for item in engagement.integrations if item.id not in decision.retired]
    if any(item.goals for item in engagement.integrations):
        found = {goal.id: tuple(i.id for i in standing if goal.id in i.goals) for goal in engagement.goals}
        return {id: (ids, "declared" if ids else "none") for id, ids in found.items()}
    known = {item.id for item in standing}
    named = tuple(dict.fromkeys(s.integration for s in stream.steps if s.integration in known))
    return {goal.id: (named, "derived" if named else "unknown") for goal in engagement.goals}


def _line(
    engagement: Engagement,
    goal: Goal,
    integrations: tuple[str, ...],
    basis: Basis,
    shared: Mapping[str, int],
    assignment: Mapping[str, Style],
    stream: ValueStream,
    risk: Risk,
    roadmap: Roadmap,
) -> GoalLine:
    items = {item.id.removeprefix("build:"): item for item in roadmap.items if item.kind == "integration"}
    begun = [(items[id].start, n, id) for n, id in enumerate(integrations) if id in items]
    started = sorted((start, n, id) for start, n, id in begun if start is not None)
    rate = LossTerms.of(engagement).day_rate
    built = tuple(id for id in integrations if id in assignment)
    days = sum(items[id].days / shared[id] for id in built if id in items)
    source = Source(
        kind="calculation",
        place=f"strategy/{goal.id}",
        detail="equal parts of what its integrations bring and cost among the goals they serve",
        of=(
            *(
                s.id
                for b in stream.benefits
                if set(b.integrations) & set(integrations)
                for s in _source(b.per_year)
            ),
            *(s.id for s in _source(engagement.assumptions["benefits.realised"])),
        ),
    )
    return GoalLine(
        goal=goal.id,
        text=goal.goal,
        metric=goal.metric,
        unit=goal.unit,
        today=goal.today,
        target=goal.target,
        owner=goal.owner,
        basis=basis,
        steps=tuple(
            s.name or s.step for s in stream.steps if s.integration and s.integration in integrations
        ),
        integrations=integrations,
        kept=tuple(id for id in integrations if id not in assignment),
        styles=dict(Counter(assignment[id] for id in built).most_common()),
        benefit=_benefit(engagement, built, shared, stream, source),
        cost=rate.scaled(days, engagement.currency).model_copy(update={"source": source})
        if rate and days
        else None,
        risks=tuple(item.name for item in risk.items if set(item.integrations) & set(integrations)),
        first=started[0][2] if started else None,
        increment=started[0][0] // 2 + 1 if started else None,
        sources=(goal.origin, source),
    )


def _source(estimate: Estimate) -> tuple[Source, ...]:
    return (estimate.source,) if estimate.source else ()


def _benefit(
    engagement: Engagement,
    integrations: Sequence[str],
    shared: Mapping[str, int],
    stream: ValueStream,
    source: Source,
) -> Estimate | None:
    """Sum what comes true of the benefits of the integrations, each divided by the number of goals that it serves."""
    parts = [
        benefit.per_year.scaled(1 / shared[id] / len(benefit.integrations))
        for benefit in stream.benefits
        for id in benefit.integrations
        if id in integrations
    ]
    if not parts:
        return None
    realised = engagement.assumptions["benefits.realised"].mean
    return total(parts, f"{engagement.currency}/year", source).scaled(realised)


def _findings(engagement: Engagement, result: Strategy) -> Iterator[Finding]:
    for line in result.lines:
        if line.basis == "none":
            yield Finding(
                id=f"strategy/{line.goal}/unserved",
                section="summary",
                severity="medium",
                title=f"No integration serves the goal “{line.text}”",
                impact="The programme can end as planned and miss this goal.",
                action="Name the integration that serves it, or take the goal out of the programme.",
                owner=line.owner,
                sources=line.sources[:1],
            )
        elif line.goal in result.unmoved:
            yield Finding(
                id=f"strategy/{line.goal}/unmoved",
                section="summary",
                severity="medium",
                title=f"Every integration that serves the goal “{line.text}” stays as it is",
                impact="The decision moves nothing towards this goal: a benefit is not stated, or too small to pay for a change.",
                action="State what reaching the goal is worth, or take it out of the programme.",
                owner=line.owner,
                integrations=line.integrations,
                sources=line.sources[:1],
            )
    for id in result.aimless:
        item = engagement.integration(id)
        yield Finding(
            id=f"strategy/{id}/aimless",
            section="summary",
            severity="low",
            title=f"{item.label} serves no goal",
            impact="It takes capacity from what does.",
            action="Name the goal that it serves, or leave it out of the first phase.",
            owner=item.owner,
            integrations=(id,),
            sources=(item.cite("goals"),),
        )
