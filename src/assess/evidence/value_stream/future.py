"""The future state: integrations applied one after the other, what each is worth a year, and what an hour and a day cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from assess.core.estimate import Estimate, total
from assess.core.source import Source
from assess.intake.engagement import Engagement, ProcessStep
from assess.intake.engagement.landscape import Yearly

from .baseline import Baseline, baselines, limit
from .flow import CASES, MONTHS, ZERO, Stream, at, combined, describe, product
from .result import Flow


def priced(engagement: Engagement, key: str) -> Estimate | None:
    """Return an assumption in money, in the engagement's currency; None where no exchange rate is known.

    The unit's first word is its currency. An override in the engagement is in the engagement's currency already.
    """
    entry = engagement.assumptions.entry(key)
    estimate = engagement.assumptions[key]
    currency, _, rest = entry.unit.partition("/")
    unit = f"{engagement.currency}/{rest}"
    rate = 1.0 if entry.overridden else engagement.exchange(currency)
    return None if rate is None else estimate.scaled(rate, unit)


@dataclass(frozen=True)
class Applied:
    """The states after each integration, the benefits that each adds, the stream with all of them, and the client's baselines."""

    flows: tuple[Flow, ...]
    benefits: tuple[Yearly, ...]
    stream: Stream
    baselines: tuple[Baseline, ...]


def apply(
    engagement: Engagement, stream: Stream, chosen: Sequence[str], day: dt.date, of: tuple[str, ...]
) -> Applied:
    """Apply integrations in their order, each on top of those before.

    An integration acts on the steps that name it. A re-entry loses most of its work and its wait, and its accuracy
    becomes that of an interface; another step loses part of the wait for its data.
    What each adds is counted on top of the earlier ones, so nothing is counted twice; and no more than the client's goals
    say there is today.
    """
    flows, found = list[Flow](), list[Yearly]()
    applied: tuple[str, ...] = ()
    now = stream
    for integration in chosen:
        steps = [s for s in engagement.value_stream if s.integration == integration]
        after = _with(engagement, now, steps)
        found += _benefits(engagement, now, after, integration, steps, of)
        applied = (*applied, integration)
        flows.append(describe(after, applied, day, of))
        now = after
    known = baselines(engagement)
    benefits = limit(found, known)
    priced = (f.model_copy(update={"benefit": _total(benefits, f.integrations)}) for f in flows)
    return Applied(tuple(priced), benefits, now, known)


def _with(engagement: Engagement, stream: Stream, steps: Sequence[ProcessStep]) -> Stream:
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


def _typed(step: ProcessStep) -> bool:
    return bool(step.reentry) and not step.automated


def _waits(engagement: Engagement, step: ProcessStep, before: Estimate) -> Estimate:
    """The wait that remains: an interface's latency after a re-entry, else a share; never more than before."""
    if not _typed(step):
        return _less(before, engagement.assumptions["value_stream.handover_wait_removed"])
    latency = engagement.integration(step.integration).latency_seconds if _known(engagement, step) else None
    left = engagement.assumptions["value_stream.wait_left"]
    if latency is not None:
        left = Estimate.point(latency / 60, "minutes")
    return combined((min(at(before, case), at(left, case)) for case in CASES), before.unit, left.source)


def _known(engagement: Engagement, step: ProcessStep) -> bool:
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
    steps: Sequence[ProcessStep],
    of: tuple[str, ...],
) -> list[Yearly]:
    rate = priced(engagement, "value_stream.hour_cost")
    removed = engagement.assumptions["value_stream.reentry_removed"]
    plain = Yearly(
        id="", label="", per_year=ZERO, integrations=(integration,), kind="capacity", **_ages(engagement, integration, before, steps)
    )  # fmt: skip
    found: list[Yearly] = []
    if rate is not None and before.counted:
        for step in steps:
            if _typed(step) and step.step in before.process:
                hours = before.process[step.step].scaled(1 / 60, "hours")
                saved = product((before.yearly(step.step), hours, removed), "hours/year")
                worth = product((before.yearly(step.step), hours, removed, rate), "")
                label = f"Re-entry saved: {step.name or step.step}"
                found += _yearly(engagement, plain, f"{step.step}/reentry", label, saved, worth, of)
        saved = combined((_rework_saved(engagement, before, steps, case) for case in CASES), "hours/year")
        label = f"Rework avoided by {_label(engagement, integration)}"
        found += _yearly(
            engagement, plain, f"{integration}/errors", label, saved, product((saved, rate), ""), of
        )
    return found + _delay(engagement, before, after, plain, of)


def _ages(
    engagement: Engagement, integration: str, before: Stream, steps: Sequence[ProcessStep]
) -> dict[str, float | None]:
    """How old data may be for the benefit to come in full, and how old it is today: the longest wait of its steps."""
    needed = next((i.latency_seconds for i in engagement.integrations if i.id == integration), None)
    waits = [before.wait[step.step].likely * 60 for step in steps if step.step in before.wait]
    return {"needed_seconds": needed, "today_seconds": max(waits, default=None)}


def _rework_saved(engagement: Engagement, before: Stream, steps: Sequence[ProcessStep], case: int) -> float:
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
        for step in before.network.steps
        if step in before.manual
    )


def _delay(
    engagement: Engagement, before: Stream, after: Stream, plain: Yearly, of: tuple[str, ...]
) -> list[Yearly]:
    """What earlier cases are worth, in cash; nothing until the client says what a day is worth."""
    value = priced(engagement, "value_stream.delay_value")
    if value is None or value.high == 0 or not before.counted:
        return []
    start = before.cases[before.network.starts[0]]
    paths = [(before.path(case, rework=True), after.path(case, rework=True)) for case in CASES]
    days = combined((before.days(max(a.minutes - b.minutes, 0.0)) for a, b in paths), "days")
    (integration,) = plain.integrations
    label = f"Delay removed by {_label(engagement, integration)}"
    worth = product((days, start.scaled(MONTHS), value), "")
    cash = plain.model_copy(update={"kind": "cashable"})
    return _yearly(engagement, cash, f"{integration}/delay", label, days, worth, of)


def _label(engagement: Engagement, integration: str) -> str:
    return next((i.label for i in engagement.integrations if i.id == integration), integration)


def _yearly(
    engagement: Engagement,
    plain: Yearly,
    name: str,
    label: str,
    saves: Estimate,
    worth: Estimate,
    of: tuple[str, ...],
) -> list[Yearly]:
    """One benefit, none where it is worth nothing."""
    if worth.high <= 0:
        return []
    source = Source(kind="calculation", place=f"value_stream/benefit/{name}", detail=label, of=of)
    amount = worth.named(f"{engagement.currency}/year", source)
    return [
        plain.model_copy(
            update={"id": f"benefit/{name}", "label": label, "per_year": amount, "saves": saves.named(saves.unit, source)}
        )
    ]  # fmt: skip


def _total(benefits: Sequence[Yearly], applied: Sequence[str]) -> Estimate | None:
    counted = [b.per_year for b in benefits if set(b.integrations) <= set(applied)]
    return total(counted) if counted else None
