"""What one integration was measured to do: volume, load, latency, success, and how fast failures use up its error budget."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from scipy import special

from assess.core.estimate import Estimate
from assess.core.record import Record
from assess.core.source import Source

from .anomalies import Anomaly

PERIOD_DAYS = 30
"""Days of a budget: a rolling window, as OpenSLO calls it (openslo.com, timeWindow, isRolling)."""
CERTAIN = 0.025
"""So many failures must have less than this probability at the target, or an alert tells of chance: one failure
in four runs is a burn rate of 25 at 99%."""


SEVERAL = 2
"""Failures in the long window from which an alert can stand: one failed run of one is no burn."""


class Alarm(NamedTuple):
    """An alert of two windows: over both the burn rate is at least so high."""

    severity: Literal["page", "ticket"]
    burn: float
    long_hours: float
    short_hours: float


ALARMS = (
    Alarm("page", 14.4, 1, 1 / 12),
    Alarm("page", 6, 6, 0.5),
    Alarm("ticket", 1, 72, 6),
)
"""The Site Reliability Workbook (Google 2018), chapter 5, table 5-8: 2% of a budget of 30 days in an hour,
5% in six, 10% in three days; the short window is a twelfth of the long one."""
WINDOWS = tuple(sorted({hours for alarm in ALARMS for hours in (alarm.long_hours, alarm.short_hours)}))
"""Hours before the end of the log over which runs are counted, beside the whole period."""


class ErrorBudget(Record):
    """What a target allows of an integration's runs, and what was used.

    Parameters
    ----------
    target
        Share of the runs that should deliver.
    ended, failed
        Runs of the last 30 days that ended, and that failed for good.
    allowed
        Failures that the target allows of so many runs: (1 - target) x ended (the occurrences method of OpenSLO).
    burn
        Failed / allowed: the whole budget is used where it is 1 or more.
    alarm
        Which alert would stand at the end of the log; empty for none.
    """

    target: float
    ended: int
    failed: int
    allowed: float
    burn: float
    alarm: Literal["", "page", "ticket"] = ""
    source: Source


def burn_rate(failed: int, ended: int, target: float) -> float:
    """Return how many times as fast as allowed the budget is used: the share that failed over 1 - target.

    Raises
    ------
    ValueError
        If the target is not below 1, or nothing ended.

    >>> round(burn_rate(1, 100, 0.999), 9)
    10.0
    """
    if not 0 <= target < 1 or ended < 1:
        raise ValueError(f"no budget for {ended} runs at a target of {target}")
    return failed / ended / (1 - target)


def budget(
    integration: str, counts: Mapping[float, tuple[int, int]], target: float, until: str
) -> ErrorBudget | None:
    """Return the budget of an integration; None where nothing ended or the target allows no failure.

    Parameters
    ----------
    counts
        By hours before the end of the log, the runs that ended and those that failed; ``24 x 30`` is the period.
    until
        The end of the log, as text.
    """
    ended, failed = counts.get(24 * PERIOD_DAYS, (0, 0))
    if ended < 1 or not 0 <= target < 1:
        return None
    standing = next((alarm.severity for alarm in ALARMS if _stands(alarm, counts, target)), "")
    source = Source(
        kind="measurement",
        place=f"operations/{integration}/budget",
        detail=f"{failed} of {ended} runs failed for good in {PERIOD_DAYS} days until {until}; {target:.1%} is the target",
    )
    return ErrorBudget(
        target=target,
        ended=ended,
        failed=failed,
        allowed=(1 - target) * ended,
        burn=burn_rate(failed, ended, target),
        alarm=standing,
        source=source,
    )


def _stands(alarm: Alarm, counts: Mapping[float, tuple[int, int]], target: float) -> bool:
    for hours in (alarm.long_hours, alarm.short_hours):
        ended, failed = counts.get(hours, (0, 0))
        if not ended or burn_rate(failed, ended, target) < alarm.burn:
            return False
    ended, failed = counts[alarm.long_hours]
    return failed >= SEVERAL and float(special.bdtr(ended - failed, ended, target)) < CERTAIN


Z95 = 1.959963984540054
"""97.5% quantile of the normal distribution."""


class Latency(Record):
    """Quantiles of the time of a delivered run, its retries included, in seconds with 95% limits."""

    p50: Estimate
    p95: Estimate
    p99: Estimate
    runs: int


class Loaded(Record):
    """Runs with the load at which they began: messages a second (None where not counted), latency in seconds.

    Parameters
    ----------
    busiest
        The runs of the highest load, highest first.
    sample
        Runs evenly spaced along the load: what is usual.
    """

    busiest: tuple[tuple[float | None, float], ...]
    sample: tuple[tuple[float | None, float], ...]


class Traffic(Record):
    """What the run logs show of one integration.

    Parameters
    ----------
    integration
        Its id, as the log writes it.
    first_day, last_day, days_observed
        The days that the log files cover which mention it, both ends included.
    runs, delivered, warnings, failed, unfinished
        Runs after their retries; ``warnings`` are among the delivered ones, ``unfinished`` ones never ended
        in the log and are in no rate.
    unknown
        Runs that ended with a word that nobody explained: the low end of the rates counts them as failed, the high
        end as delivered.
    manual
        Runs that a person started, by hand or again by hand.
    retries, tests, children
        Attempts beyond a run's first, test runs, and runs that are part of another: counted, in no measure.
    volume
        Messages a month of 30.4375 days: see `monthly`.
    peak_per_second
        Highest load of a week in messages a second: lowest, median and highest week.
    peak_resolution
        Seconds over which the load is smoothed, because a log does not say what happens within a run: the
        duration of the run that moves the middle message, at least 60. The true peak may be higher.
    success_rate, first_attempt_rate
        Share of the ended runs that delivered, after retries and at once, with Wilson's 95% interval.
    message_kb
        Bytes a message, in kB of 1,024.
    last_message
        Last day on which a message was delivered.
    silent_days
        Days since then, where that is unusual for the integration's own cadence; else None.
    level
        Day from which the volume has another level, and the factor; `volume` is that of the new level.
    cadence
        Median seconds between the begins of two batches, where it moves batches: see `runs.cadences`.
    budget
        What the target allows of failures in the last 30 days, and what was used.
    anomalies
        Days in a row on which volume or latency stand out: see `anomalies.anomalies`.
    loaded
        Runs with their load, by which a promised latency is judged: see `promise.shown`.
    daily
        Messages delivered on each observed day, from ``first_day`` on.
    """

    integration: str
    first_day: dt.date
    last_day: dt.date
    days_observed: int
    runs: int = 0
    delivered: int = 0
    warnings: int = 0
    failed: int = 0
    unfinished: int = 0
    unknown: int = 0
    manual: int = 0
    retries: int = 0
    tests: int = 0
    children: int = 0
    volume: Estimate | None = None
    peak_per_second: Estimate | None = None
    peak_resolution: int | None = None
    latency: Latency | None = None
    success_rate: Estimate | None = None
    first_attempt_rate: Estimate | None = None
    message_kb: float | None = None
    last_message: dt.date | None = None
    silent_days: int | None = None
    level: tuple[dt.date, float] | None = None
    cadence: float | None = None
    budget: ErrorBudget | None = None
    anomalies: tuple[Anomaly, ...] = ()
    loaded: Loaded | None = None
    daily: tuple[float, ...] = ()


def wilson(successes: int, trials: int) -> tuple[float, float, float]:
    """Return the limits and the share itself: low, share, high (Wilson 1927, score interval).

    Raises
    ------
    ValueError
        Without a trial, or with more successes than trials.

    Examples
    --------
    Newcombe 1998, table I: 81 of 263 is .2553 to .3662, 0 of 20 is 0 to .1611.

    >>> [round(x, 4) for x in wilson(81, 263)], [round(x, 4) for x in wilson(0, 20)]
    ([0.2553, 0.308, 0.3662], [0.0, 0.0, 0.1611])
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    share, z = successes / trials, Z95
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    middle, scale = share + z * z / (2 * trials), 1 + z * z / trials
    low = 0.0 if successes == 0 else (middle - spread) / scale
    high = 1.0 if successes == trials else (middle + spread) / scale
    return min(low, share), share, max(high, share)


def measured(
    values: Sequence[float], unit: str, integration: str, what: str, how: str, date: dt.date
) -> Estimate:
    """Return an estimate of low, likely and high that was measured in the run logs."""
    low, likely, high = values
    source = Source(kind="measurement", place=f"operations/{integration}/{what}", detail=how, date=date)
    return Estimate(low=low, likely=likely, high=high, unit=unit, source=source)
