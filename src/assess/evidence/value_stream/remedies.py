"""Waste that no integration removes: what repairing the process itself would save."""

from __future__ import annotations

from collections.abc import Mapping

from assess.core.source import Source
from assess.intake.engagement import Engagement
from assess.intake.yearly import Yearly

from .findings import ACCURATE
from .flow import CASES, MONTHS, ZERO, Stream, at, combined, product
from .price import priced


def remedies(engagement: Engagement, future: Stream, of: tuple[str, ...]) -> tuple[Yearly, ...]:
    """Return what each inaccurate step would save if its work were complete and accurate as often as it should be.

    Parameters
    ----------
    future
        The stream with every chosen integration applied: what those save is not counted again.

    Returns
    -------
    tuple of Yearly
        One per step whose %C&A stays below `ACCURATE`: hours a year of manual work that is no longer done again, times
        the cost of an hour. Empty where volumes or a price are missing.
    """
    rate = priced(engagement, "value_stream.hour_cost")
    if rate is None or not future.counted:
        return ()
    found = []
    for row in engagement.value_stream:
        share = future.network.accurate.get(row.step)
        if share is None or share >= ACCURATE:
            continue
        better = future.with_steps({}, {}, {row.step: ACCURATE})
        hours = combined((_saved(future, better, case) for case in CASES), "hours/year")
        if hours.high <= 0:
            continue
        label = f"Rework avoided at {row.name or row.step}"
        source = Source(kind="calculation", place=f"value_stream/remedy/{row.step}", detail=label, of=of)
        worth = product((hours, rate), f"{engagement.currency}/year", source)
        found.append(Yearly(id=f"remedy/{row.step}", label=label, per_year=worth))
    return tuple(found)


def _saved(before: Stream, after: Stream, case: int) -> float:
    """Hours a year of manual work that go because fewer cases come back."""

    def hours(stream: Stream) -> Mapping[str, float]:
        visits = stream.monthly[case]
        return {step: visits[step] * at(stream.process.get(step, ZERO), case) for step in stream.manual}

    again, once = hours(before), hours(after)
    return (
        sum(max(again[step] - once[step], 0.0) for step in before.network.steps if step in again)
        * MONTHS
        / 60
    )
