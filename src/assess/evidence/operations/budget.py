"""How fast failures use up what a target allows: error budget and burn rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from scipy import special

from assess.core.record import Record
from assess.core.source import Source

PERIOD_DAYS = 30
"""Days of a budget: a rolling window, as OpenSLO calls it (openslo.com, timeWindow, isRolling)."""
CERTAIN = 0.025
"""So many failures must have less than this probability at the target, or an alert tells of chance: one failure
in four runs is a burn rate of 25 at 99%."""


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


class Budget(Record):
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


def used(burn: float, hours: float, period_days: float = PERIOD_DAYS) -> float:
    """Return the share of the budget that a burn rate uses in so many hours.

    >>> [round(used(alarm.burn, alarm.long_hours), 3) for alarm in ALARMS]
    [0.02, 0.05, 0.1]
    """
    return burn * hours / (24 * period_days)


def budget(
    integration: str, counts: Mapping[float, tuple[int, int]], target: float, until: str
) -> Budget | None:
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
    return Budget(
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
    return float(special.bdtr(ended - failed, ended, target)) < CERTAIN
