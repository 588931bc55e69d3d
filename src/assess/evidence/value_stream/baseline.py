"""What the client's own goals and volumes say of the effort and the time that the value stream describes.

A benefit is a part of something that exists today. Where a goal states how much of it there is, no more can be saved; where goal,
value stream and volumes disagree about the same thing, that is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assess.core.estimate import Estimate, total
from assess.core.finding import Finding
from assess.core.source import Source
from assess.intake.engagement import Engagement, Goal
from assess.intake.engagement.answers import Counted
from assess.intake.engagement.landscape import Yearly

from .result import ValueStream

WEEKS = 52.18
"""Weeks of a year."""

PERIODS: Mapping[Counted, float] = {
    "hours-a-day": 365.25,
    "hours-a-week": WEEKS,
    "hours-a-month": 12.0,
    "hours-a-year": 1.0,
}
"""Periods of a year."""


@dataclass(frozen=True)
class Baseline:
    """What a goal says there is today of something that benefits save.

    Parameters
    ----------
    unit
        ``hours/year`` of work, or ``days`` of a case.
    today, target
        In that unit; ``target`` None where none is stated.
    integrations
        Those that serve the goal; all of the value stream where no integration names any goal.
    """

    goal: Goal
    unit: str
    today: float
    target: float | None
    integrations: tuple[str, ...]

    def amount(self, value: float) -> str:
        """Write an amount of it: ``1,700 hours a year``, ``34 days``."""
        return f"{value:,.0f} {self.unit.replace('/', ' a ')}"

    def concerns(self, benefit: Yearly) -> bool:
        """Whether a benefit is a part of this."""
        saves = benefit.saves
        return (
            saves is not None
            and saves.unit == self.unit
            and bool(set(benefit.integrations) & set(self.integrations))
        )


def baselines(engagement: Engagement) -> tuple[Baseline, ...]:
    """Return what the goals say of effort and time: those that state what their metric counts, and where it stands today."""
    declared = any(item.goals for item in engagement.integrations)
    found = []
    for goal in engagement.goals:
        if goal.counts is None or goal.today is None:
            continue
        unit, factor = _measure(engagement, goal.counts)
        serving = [i.id for i in engagement.integrations if goal.id in i.goals or not declared]
        found.append(
            Baseline(
                goal=goal,
                unit=unit,
                today=goal.today * factor,
                target=None if goal.target is None else goal.target * factor,
                integrations=tuple(serving),
            )
        )
    return tuple(found)


def _measure(engagement: Engagement, counts: Counted) -> tuple[str, float]:
    """Return the unit in which benefits are saved, and how many of it one of what a goal counts is."""
    if counts == "days-a-case":
        return "days", 1.0
    if counts == "posts":
        day = engagement.assumptions["value_stream.hours_per_day"].likely
        return "hours/year", day * engagement.assumptions["value_stream.days_per_week"].likely * WEEKS
    return "hours/year", PERIODS[counts]


def limit(benefits: Sequence[Yearly], known: Sequence[Baseline]) -> tuple[Yearly, ...]:
    """Return the benefits, together no more than what each goal says there is today, at the low, likely and high end alike.

    Of all that a baseline concerns each gives in by the same share of the distance to its next lower end, so that no end
    claims more than there is and none falls below the one beneath it.
    """
    kept = list(benefits)
    for baseline in known:
        own = [place for place, benefit in enumerate(kept) if baseline.concerns(benefit)]
        saves = [saved for place in own if (saved := kept[place].saves) is not None]
        if not saves or total(saves).high <= baseline.today:
            continue
        parts = _parts(total(saves), baseline.today)
        for place, saved in zip(own, saves, strict=True):
            update = {
                "per_year": _up_to(kept[place].per_year, parts),
                "saves": _up_to(saved, parts),
                "limited_by": baseline.goal.id,
            }
            kept[place] = kept[place].model_copy(update=update)
    return tuple(kept)


def _parts(sum_: Estimate, most: float) -> tuple[float, float, float]:
    """Return which part of the way from zero to low, low to likely and likely to high stays below ``most``."""
    steps = ((0.0, sum_.low), (sum_.low, sum_.likely), (sum_.likely, sum_.high))
    low, likely, high = (
        min(1.0, max(0.0, most - below) / (above - below)) if above > below else 1.0 for below, above in steps
    )
    return low, likely, high


def _up_to(estimate: Estimate, parts: tuple[float, float, float]) -> Estimate:
    low = estimate.low * parts[0]
    likely = low + (estimate.likely - estimate.low) * parts[1]
    high = likely + (estimate.high - estimate.likely) * parts[2]
    return estimate.model_copy(update={"low": low, "likely": likely, "high": high})


def compare(
    engagement: Engagement, result: ValueStream, known: Sequence[Baseline], of: tuple[str, ...]
) -> Iterator[Finding]:
    """Find where goals, steps and volumes disagree about the same thing, and where benefits do not reach a goal."""
    tolerance = engagement.assumptions["value_stream.tolerance"].likely
    for baseline in known:
        saved = [b.saves.likely for b in result.benefits if baseline.concerns(b) and b.saves]
        yield from _against_goal(result, baseline, tolerance, of)
        wanted = None if baseline.target is None else baseline.today - baseline.target
        if wanted is not None and saved and sum(saved) < (1 - tolerance) * wanted:
            yield _missed(baseline, wanted, sum(saved))
    yield from _against_volumes(engagement, result, tolerance)


def _against_goal(
    result: ValueStream, baseline: Baseline, tolerance: float, of: tuple[str, ...]
) -> Iterator[Finding]:
    goal = baseline.goal
    if baseline.unit == "days":
        steps = result.current.days if result.current else 0.0
    else:
        steps = sum(
            each.hours_per_year.likely
            for each in result.reentries
            if each.hours_per_year is not None and each.integration in baseline.integrations
        )
    if not steps or abs(steps - baseline.today) <= tolerance * baseline.today:
        return
    more = steps > baseline.today
    limits = any(benefit.limited_by == goal.id for benefit in result.benefits)
    place = f"value_stream/baseline/{goal.id}"
    yield Finding(
        id=place,
        section="value_stream",
        severity="low" if not more else "high" if steps > 2 * baseline.today else "medium",
        title=f"Goal “{goal.goal}”: {baseline.amount(baseline.today)} today; by the steps it is {baseline.amount(steps)}",
        evidence=f"stated as: {goal.metric or goal.goal}; a difference above {tolerance:.0%} is named",
        impact="The benefits are limited to what the goal states." if limits else "The benefits rest on the steps.",
        action="Count one of the two again, and correct the other.",
        owner=goal.owner,
        integrations=baseline.integrations,
        sources=(goal.origin, Source(kind="calculation", place=place, detail=baseline.unit, of=of)),
    )  # fmt: skip


def _missed(baseline: Baseline, wanted: float, saved: float) -> Finding:
    goal = baseline.goal
    return Finding(
        id=f"value_stream/target/{goal.id}",
        section="value_stream",
        severity="medium",
        title=f"Goal “{goal.goal}” wants {baseline.amount(wanted)} less; the integrations that serve it bring {baseline.amount(saved)}",
        impact="The goal is missed, even if all goes as planned.",
        action="Name what brings the rest, or set the target to what the integrations can bring.",
        owner=goal.owner,
        integrations=baseline.integrations,
        sources=(goal.origin,),
    )


def _against_volumes(engagement: Engagement, result: ValueStream, tolerance: float) -> Iterator[Finding]:
    """Find re-entries of more cases than their integration has messages; a bulk message holds many cases."""
    items = {item.id: item for item in engagement.integrations}
    typed = {each.step for each in result.reentries}
    for step in engagement.value_stream:
        item = items.get(step.integration) if step.step in typed else None
        if item is None or item.volume is None or step.volume is None or item.interaction == "bulk":
            continue
        if step.volume.low <= item.volume.high * (1 + tolerance):
            continue
        yield Finding(
            id=f"value_stream/{step.step}/volume",
            section="value_stream",
            severity="medium",
            title=f"{step.name or step.step}: {step.volume.likely:,.0f} cases a month, but {item.label} has {item.volume.likely:,.0f} messages",
            evidence=f"cases {step.volume.low:,.0f} to {step.volume.high:,.0f}, messages {item.volume.low:,.0f} to {item.volume.high:,.0f}",
            impact="The benefit counts every case of the step.",
            action="Ask how many cases one message holds, and correct the volume that is wrong.",
            owner=item.owner,
            integrations=(item.id,),
            sources=tuple(s for s in (step.cite("volume"), item.volume.source) if s),
        )
