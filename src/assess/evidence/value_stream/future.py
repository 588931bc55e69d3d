"""The future state: integrations applied one after the other, and what each is worth a year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from assess.intake.engagement import Engagement, Step
from assess.intake.estimate import Estimate
from assess.intake.source import Source
from assess.intake.yearly import Yearly

from .flow import CASES, MONTHS, ZERO, Stream, at, combined, describe
from .price import priced
from .result import Flow


@dataclass(frozen=True)
class Applied:
    """The states after each integration, and the benefits that each adds."""

    flows: tuple[Flow, ...]
    benefits: tuple[Yearly, ...]


def apply(
    engagement: Engagement, stream: Stream, chosen: Sequence[str], day: dt.date, of: tuple[str, ...]
) -> Applied:
    """Apply integrations in their order, each on top of those before.

    An integration acts on the steps that name it. A re-entry loses most of its work and its wait, and its accuracy
    becomes that of an interface; another step loses part of the wait for its data.
    What each adds is counted on top of the earlier ones, so nothing is counted twice.
    """
    flows, benefits = [], list[Yearly]()
    applied: tuple[str, ...] = ()
    now = stream
    for integration in chosen:
        steps = [s for s in engagement.value_stream if s.integration == integration]
        after = _with(engagement, now, steps)
        benefits += _benefits(engagement, now, after, integration, steps, of)
        applied = (*applied, integration)
        flow = describe(after, applied, day, of)
        flows.append(flow.model_copy(update={"benefit": _total(benefits, applied)}))
        now = after
    return Applied(tuple(flows), tuple(benefits))


def _with(engagement: Engagement, stream: Stream, steps: Sequence[Step]) -> Stream:
    """Return the stream with an integration in place of the hand-over or re-entry of its steps."""
    removed, accuracy = (
        engagement.assumptions[f"value_stream.{key}"] for key in ("reentry_removed", "interface_accuracy")
    )
    process, wait, accurate = {}, {}, {}
    for step in steps:
        before = stream.wait.get(step.step)
        if before is not None:
            wait[step.step] = _waits(engagement, step, before)
        if _typed(step):
            if step.step in stream.process:
                process[step.step] = _less(stream.process[step.step], removed)
            if step.complete_accurate is not None:
                accurate[step.step] = max(step.complete_accurate, accuracy.likely)
    return stream.with_steps(process, wait, accurate)


def _typed(step: Step) -> bool:
    return bool(step.reentry) and not step.automated


def _waits(engagement: Engagement, step: Step, before: Estimate) -> Estimate:
    """The wait that remains: an interface's latency after a re-entry, else a share; never more than before."""
    if not _typed(step):
        return _less(before, engagement.assumptions["value_stream.handover_wait_removed"])
    latency = engagement.integration(step.integration).latency_seconds if _known(engagement, step) else None
    left = engagement.assumptions["value_stream.wait_left"]
    if latency is not None:
        left = Estimate.point(latency / 60, "minutes")
    return combined((min(at(before, case), at(left, case)) for case in CASES), before.unit, left.source)


def _known(engagement: Engagement, step: Step) -> bool:
    return any(i.id == step.integration for i in engagement.integrations)


def _less(estimate: Estimate, removed: Estimate) -> Estimate:
    """Return what remains: least where most is removed."""
    parts = (
        estimate.low * (1 - removed.high),
        estimate.likely * (1 - removed.likely),
        estimate.high * (1 - removed.low),
    )
    return combined(parts, estimate.unit, estimate.source)


def _benefits(
    engagement: Engagement,
    before: Stream,
    after: Stream,
    integration: str,
    steps: Sequence[Step],
    of: tuple[str, ...],
) -> list[Yearly]:
    rate = priced(engagement, "value_stream.hour_cost")
    found: list[Yearly] = []
    if rate is not None and before.counted:
        for step in steps:
            if _typed(step) and step.step in before.process:
                saved = [_saved(engagement, before, step, case) * at(rate, case) for case in CASES]
                name = step.name or step.step
                found += _yearly(
                    engagement, f"{step.step}/reentry", f"Re-entry saved: {name}", saved, integration, of
                )
        errors = [_rework_saved(engagement, before, after, steps, case) * at(rate, case) for case in CASES]
        label = f"Rework avoided by {_label(engagement, integration)}"
        found += _yearly(engagement, f"{integration}/errors", label, errors, integration, of)
    found += _delay(engagement, before, after, integration, of)
    return found


def _saved(engagement: Engagement, stream: Stream, step: Step, case: int) -> float:
    """Hours a year of typing that go."""
    removed = at(engagement.assumptions["value_stream.reentry_removed"], case)
    return stream.monthly[case][step.step] * at(stream.process[step.step], case) * removed * MONTHS / 60


def _rework_saved(
    engagement: Engagement, before: Stream, after: Stream, steps: Sequence[Step], case: int
) -> float:
    """Hours a year of manual work that go because fewer cases come back, re-entry saved already taken off."""
    removed = at(engagement.assumptions["value_stream.reentry_removed"], case)
    accuracy = at(engagement.assumptions["value_stream.interface_accuracy"], case)
    better = {
        s.step: max(s.complete_accurate, accuracy)
        for s in steps
        if _typed(s) and s.complete_accurate is not None
    }
    again = before.with_steps({}, {}, better).monthly[case]
    typed = {s.step for s in steps if _typed(s)}
    return sum(
        max(before.monthly[case][step] - again[step], 0.0)
        * at(before.process.get(step, ZERO), case)
        * (1 - removed if step in typed else 1.0)
        * MONTHS
        / 60
        for step in before.manual
    )


def _delay(
    engagement: Engagement, before: Stream, after: Stream, integration: str, of: tuple[str, ...]
) -> list[Yearly]:
    """What earlier cases are worth; nothing until the client says what a day is worth."""
    value = priced(engagement, "value_stream.delay_value")
    if value is None or value.high == 0 or not before.counted:
        return []
    start = before.cases[before.network.starts[0]]
    per_day = before.calendar.share * 24 * 60
    days = [
        (before.path(c, rework=True).minutes - after.path(c, rework=True).minutes) / per_day for c in CASES
    ]
    worth = [max(d, 0.0) * at(start, c) * at(value, c) * MONTHS for c, d in zip(CASES, days, strict=True)]
    label = f"Delay removed by {_label(engagement, integration)}"
    return _yearly(engagement, f"{integration}/delay", label, worth, integration, of)


def _label(engagement: Engagement, integration: str) -> str:
    return next((i.label for i in engagement.integrations if i.id == integration), integration)


def _yearly(
    engagement: Engagement,
    name: str,
    label: str,
    amounts: Sequence[float],
    integration: str,
    of: tuple[str, ...],
) -> list[Yearly]:
    """One benefit, none where it is worth nothing."""
    if max(amounts) <= 0:
        return []
    source = Source(kind="calculation", place=f"value_stream/benefit/{name}", detail=label, of=of)
    amount = combined(amounts, f"{engagement.currency}/year", source)
    return [Yearly(id=f"benefit/{name}", label=label, per_year=amount, integrations=(integration,))]


def _total(benefits: Sequence[Yearly], applied: Sequence[str]) -> Estimate | None:
    counted = [b.per_year for b in benefits if set(b.integrations) <= set(applied)]
    if not counted:
        return None
    sums = (sum(e.low for e in counted), sum(e.likely for e in counted), sum(e.high for e in counted))
    return combined(sums, counted[0].unit)
