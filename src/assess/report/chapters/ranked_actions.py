"""The one ranked list of actions as pages show it: next steps, and importance against effort."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.decisions.actions import Action as Step
from assess.decisions.actions import Actions
from assess.report.chapter import ReportAction
from assess.report.charts.comparisons import quadrants
from assess.report.figure import Figure
from assess.report.prose import count
from assess.report.tables import ColumnSpec, DataTable


def importance(actions: Actions, currency: str) -> tuple[Figure, ...]:
    """Draw what each action is worth against the work that it takes."""
    placed = [a for a in actions.actions if a.quadrant != "unknown"]
    valued = [a for a in placed if a.value and a.effort and a.value.likely > 0]
    if len(valued) < 2:
        return ()
    now = [a.title for a in valued if a.quadrant == "do now"]
    trace = once(source for a in valued for source in a.sources)
    return (
        Figure(
            id="importance",
            caption=f"Of {count(len(valued), 'action')}, {len(now)} {'is' if len(now) == 1 else 'are'} to do now, because much is gained for little work",
            alt="Points: what each action is worth against the person-days that it takes; the next steps numbered in their order.",
            plot=quadrants(
                [a.title for a in valued],
                [a.effort.mean if a.effort else 0.0 for a in valued],
                [a.value.likely if a.value else 0.0 for a in valued],
                split=(
                    median(a.effort.mean for a in placed if a.effort),
                    median(a.value.likely for a in placed if a.value),
                ),
                unit=currency,
                highlight=[actions.action(step.action).title for step in actions.next_steps],
            ),
            table=DataTable.of(
                valued,
                (
                    ColumnSpec("action", "Action", lambda a: a.title),
                    ColumnSpec(
                        "worth",
                        "Worth",
                        lambda a: a.value.likely if a.value else None,
                        "money",
                        unit=currency,
                    ),
                    ColumnSpec(
                        "days",
                        "Effort",
                        lambda a: a.effort.mean if a.effort else None,
                        "number",
                        unit="person-days",
                    ),
                    ColumnSpec("place", "Importance and effort", lambda a: a.quadrant),
                ),
                id="importance-data",
                caption="Worth and effort of each action, split at their medians",
                trace=lambda a: a.sources[0],
                sources=trace,
            ),
        ),
    )


def listed(actions: Actions) -> tuple[ReportAction, ...]:
    """Return the actions as the page shows them: the next steps, each with what it adds, then the others by rank."""
    own = {step.action for step in actions.next_steps}
    return (
        *(action(added(actions.action(step.action), step.adds), first=True) for step in actions.next_steps),
        *(action(each, first=False) for each in actions.actions if each.id not in own),
    )


def added(step: Step, adds: float | None) -> Step:
    """Return an action worth what it adds to those before it; its interval shrinks in proportion."""
    if step.value is None or adds is None or step.value.likely <= 0:
        return step
    share = adds / step.value.likely
    return step.model_copy(update={"value": step.value.scaled(share, step.value.unit)}) if share > 0 else step


def _net(step: Step) -> float | None:
    """Return what is left of a value, that of a next step by what it adds, after cost and upkeep."""
    if step.value is None or step.cost is None:
        return None
    return step.value.likely - step.cost.mean - (step.running.mean if step.running else 0.0)


def action(step: Step, first: bool) -> ReportAction:
    """Return an action as the page shows it."""
    return ReportAction(
        id=step.id,
        title=step.title,
        worth=step.value,
        net=None
        if (left := _net(step)) is None or step.value is None
        else Estimate.point(left, step.value.unit, step.value.source),
        effort=step.effort,
        owner=step.owner,
        by="now" if first else "",
        findings=step.findings,
        sources=once(step.sources),
    )


def once(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return sources without repetition, in their order."""
    return tuple({source.id: source for source in sources}.values())
