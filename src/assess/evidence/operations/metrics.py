"""The metrics by which integrations are steered: how they run, what they cost people, how fast a system is connected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from assess.core.moments import to_utc
from assess.core.record import Record
from assess.core.source import Source
from assess.intake.engagement import Engagement

from .recovery import Duration
from .result import Month, Operations, direction
from .traffic import wilson

CHANCE = 0.05
"""Probability by chance below which something is a trend."""
LEAST = 5
"""Points in time from which Kendall's test can find a trend at all: of four the least probability is 8%."""

FEW = "too little in time for a trend"


class Metric(Record):
    """A figure of how integrations do, with its trend, or what would have to be supplied for it.

    Parameters
    ----------
    kind
        ``operational`` or ``business``.
    value, low, high
        None where it is not known.
    trend
        A sentence; empty where there is no value.
    sources
        What it rests on.
    supply
        What to supply, where there is no value.
    """

    id: str
    kind: Literal["operational", "business"]
    label: str
    value: float | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    trend: str = ""
    sources: tuple[Source, ...] = ()
    supply: str = ""


def describe_trend(values: Sequence[float], at: Sequence[float] | None = None) -> str:
    """Say whether values grow or fall in time beyond chance (Kendall 1938, two-sided).

    Examples
    --------
    >>> describe_trend([1, 2, 3, 4, 5, 6]), describe_trend([3, 1, 2])
    ('grows (Kendall, p = 0.0028)', 'too little in time for a trend')
    """
    from scipy.stats import kendalltau

    if len(values) < LEAST:
        return FEW
    tested = kendalltau(range(len(values)) if at is None else at, values)
    chance = float(tested.pvalue)
    if not chance < CHANCE:
        return (
            f"no trend beyond chance (Kendall, p = {chance:.2g})" if chance == chance else "always the same"
        )
    return f"{'grows' if tested.statistic > 0 else 'falls'} (Kendall, p = {chance:.2g})"


def describe_shares(months: Sequence[Month], part: str, whole: Sequence[str]) -> str:
    """Say how a share of runs differs between the first and the last month (Fisher's exact test)."""
    counted = [m for m in months if sum(getattr(m, name) for name in whole)]
    if len(counted) < 2:
        return FEW
    ends = [(getattr(m, part), sum(getattr(m, name) for name in whole)) for m in (counted[0], counted[-1])]
    chance = direction(*((hit, total - hit) for hit, total in ends))
    shares = [hit / total for hit, total in ends]
    said = f"{shares[0]:.1%} in {counted[0].month}, {shares[1]:.1%} in {counted[-1].month}"
    return (
        f"{said} ({'no more than chance' if chance >= CHANCE else 'beyond chance'}, Fisher p = {chance:.2g})"
    )


def find_metrics(engagement: Engagement, operations: Operations) -> tuple[Metric, ...]:
    """Return what the logs, the incidents and the tables of an engagement say of each metric."""
    logs = "run logs under operations/"
    return (
        _rate("success_rate", "Runs that deliver", operations, "delivered", ("delivered", "failed"), logs),
        _rate("failure_rate", "Runs that fail for good", operations, "failed", ("delivered", "failed"), logs),
        _latency(operations),
        _volume(operations),
        _duration("mttd", "Mean time to detect a failure", engagement, operations.detect),
        _duration("mttr", "Mean time to resolve a failure", engagement, operations.resolve),
        _rate(
            "manual",
            "Runs that a person had to start",
            operations,
            "manual",
            ("delivered", "failed"),
            f"{logs} with a column trigger",
        ),
        _onboarding(engagement),
    )


def _rate(
    id: str, label: str, operations: Operations, part: str, whole: tuple[str, ...], supply: str
) -> Metric:
    total = sum(getattr(m, name) for m in operations.months for name in whole)
    hit = min(total, sum(getattr(m, part) for m in operations.months))
    if not total or (part == "manual" and not hit):
        return Metric(id=id, kind="operational", label=label, unit="share", supply=supply)
    low, share, high = wilson(hit, total)
    source = Source(
        kind="measurement", place=f"operations/{id}", detail=f"{hit} of {total} ended runs; Wilson 95%"
    )
    return Metric(
        id=id, kind="operational", label=label, value=share, unit="share", low=low, high=high,
        trend=describe_shares(operations.months, part, whole), sources=(source,),
    )  # fmt: skip


def _latency(operations: Operations) -> Metric:
    known = [(m.latency, m.timed) for m in operations.months if m.latency is not None]
    label = "Average latency of a run that delivered, retries included"
    if not known:
        supply = "run logs with a duration or the end of each run"
        return Metric(id="latency", kind="operational", label=label, unit="s", supply=supply)
    total = sum(n for _, n in known)
    return Metric(
        id="latency", kind="operational", label=label, unit="s",
        value=sum(mean * n for mean, n in known) / total,
        trend=describe_trend(operations.latency_weeks),
        sources=(Source(kind="measurement", place="operations/latency", detail=f"mean of {total} runs"),),
    )  # fmt: skip


def _volume(operations: Operations) -> Metric:
    volumes = [t.volume for t in operations.traffic if t.volume]
    label = "Messages a month, all measured integrations"
    if not volumes:
        supply = "run logs under operations/"
        return Metric(id="volume", kind="operational", label=label, unit="messages/month", supply=supply)
    return Metric(
        id="volume", kind="operational", label=label, unit="messages/month",
        value=sum(v.likely for v in volumes), trend=describe_trend(_weeks(operations)),
        sources=tuple(v.source for v in volumes if v.source),
    )  # fmt: skip


def _weeks(operations: Operations) -> list[float]:
    """Return the messages of each whole week that all logs cover, all integrations together, from the first common day on."""
    measured = [t for t in operations.traffic if t.daily]
    first, last = max(t.first_day for t in measured), min(t.last_day for t in measured)
    days = (last - first).days + 1
    if days < 7:
        return []
    total = np.zeros(days)
    for t in measured:
        begin = (first - t.first_day).days
        total += np.asarray(t.daily[begin : begin + days])
    whole = days // 7
    return [float(week) for week in total[: 7 * whole].reshape(whole, 7).sum(axis=1)]


def _duration(id: str, label: str, engagement: Engagement, found: Duration | None) -> Metric:
    if found is None:
        columns = "started, detected" if id == "mttd" else "detected, resolved"
        supply = f"operations/incidents.csv ({columns})"
        return Metric(id=id, kind="operational", label=label, unit="hours", supply=supply)
    zone, ended = engagement.time_zone, []
    for row in engagement.incidents:
        begin, end = (
            (row.started, row.detected) if id == "mttd" else (row.detected or row.started, row.resolved)
        )
        if begin and end and to_utc(end, zone) >= to_utc(begin, zone):
            began = to_utc(begin, zone)
            ended.append((began, (to_utc(end, zone) - began).total_seconds()))
    ended.sort()
    return Metric(
        id=id, kind="operational", label=label, unit="hours", value=found.mean,
        trend=describe_trend([took for _, took in ended], [began.timestamp() for began, _ in ended]),
        sources=(found.source,),
    )  # fmt: skip


def _onboarding(engagement: Engagement) -> Metric:
    """Return the median days from the wish to connect a system until it was connected."""
    known = sorted(
        (s.connected_on, (s.connected_on - s.requested_on).days, s.origin)
        for s in engagement.systems
        if s.requested_on and s.connected_on and s.connected_on >= s.requested_on
    ) if engagement.systems else []  # fmt: skip
    label = "Time to onboard a new system"
    if not known:
        supply = "requested_on and connected_on of the systems in systems.csv"
        return Metric(id="onboarding", kind="business", label=label, unit="days", supply=supply)
    days = [taken for _, taken, _ in known]
    return Metric(
        id="onboarding", kind="business", label=label, unit="days", value=float(np.median(days)),
        low=float(min(days)), high=float(max(days)), trend=describe_trend(days),
        sources=tuple(origin for _, _, origin in known if origin),
    )  # fmt: skip
