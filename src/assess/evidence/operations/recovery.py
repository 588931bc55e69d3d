"""How long failures stay unnoticed and unresolved, open ones included (Kaplan-Meier)."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import CensoredData, ecdf

from assess.core.moments import to_utc
from assess.core.record import Record
from assess.core.source import Source
from assess.intake.engagement import Incident

What = Literal["detect", "resolve", "restore", "work"]

Steps = tuple[tuple[float, float], ...]
"""Times, rising, and a share at each."""


class Duration(Record):
    """A median time in hours, with the still open cases counted as lasting at least until now.

    Parameters
    ----------
    what
        ``detect``: from the start of a failure to its detection; one that was resolved without having been noticed stayed
        unnoticed at least until then. ``resolve``: from its detection (its
        start where that is unknown) to its resolution; the last resolution where it was reopened. ``restore``: from
        the start, too: how long the integration did not work. ``work``: as ``resolve``, less the hours in which it
        waited for somebody else.
    hours
        Median of the Kaplan-Meier estimate; None where fewer than half have ended.
    low, high
        95% limits of the median, None where the data give none.
    mean
        Mean hours, as far as cases have been seen: the area below the curve up to the longest one (the restricted mean);
        the plain mean where none is open.
    total
        Hours of all of them together: six incidents of four hours are 24 hours. Open ones count until now.
    incidents, open
        How many were counted, and how many of them had not ended.
    curve
        Hours at which incidents ended, rising, and the share that lasts longer (the Kaplan-Meier estimate).
    """

    what: What
    hours: float | None
    low: float | None = None
    high: float | None = None
    mean: float
    total: float
    incidents: int
    open: int
    curve: tuple[tuple[float, float], ...] = ()
    source: Source


def survival(times: Sequence[float], ended: Sequence[bool]) -> tuple[Steps, Steps, Steps]:
    """Return the share that lasts longer, and its lower and upper 95% limit, at each time at which a case ended.

    Kaplan and Meier 1958 with the limits of Greenwood's variance on the log-log scale (`scipy.stats.ecdf`).

    Parameters
    ----------
    times
        Shape (n,), how long each case lasted or has lasted so far.
    ended
        Shape (n,), False for a case that is still open.
    """
    time, done = np.asarray(times, float), np.asarray(ended, bool)
    found: Any = ecdf(CensoredData(uncensored=time[done], right=time[~done])).sf
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # no limit where nothing or everything lasts longer
        limits = found.confidence_interval(confidence_level=0.95, method="log-log")
    at = np.isin(found.quantiles, time[done])

    def steps(shares: NDArray[np.float64]) -> Steps:
        return tuple(zip(found.quantiles[at].tolist(), shares[at].tolist(), strict=True))

    return steps(found.probabilities), steps(limits.low.probabilities), steps(limits.high.probabilities)


def median(times: Sequence[float], ended: Sequence[bool]) -> tuple[float | None, float | None, float | None]:
    """Return the median duration, and its 95% limits (Brookmeyer and Crowley 1982).

    Each is the first time at which the share that lasts longer, or a limit of that share, is at most one
    half; None where it never gets there.
    """

    def first(steps: Steps) -> float | None:
        return next((time for time, share in steps if share <= 0.5 + 1e-12), None)

    middle, low, high = map(first, survival(times, ended))
    return middle, low, high


def mean(times: Sequence[float], ended: Sequence[bool]) -> float:
    """Return the restricted mean: the area below the Kaplan-Meier curve up to the longest time (Irwin 1949).

    >>> mean([1, 2, 6], [True, True, True]), mean([1, 2, 6], [True, True, False])
    (3.0, 3.0)
    """
    steps, _, _ = survival(times, ended)
    bounds = [0.0, *(time for time, _ in steps), float(max(times))]
    shares = [1.0, *(share for _, share in steps)]
    return float(sum(s * (b - a) for s, a, b in zip(shares, bounds, bounds[1:], strict=False)))


def recover(
    incidents: Sequence[Incident], what: What, now: dt.datetime, zone: str = "UTC"
) -> Duration | None:
    """Return how long incidents take by one definition; None where no row says when it began.

    Which definition is meant moves the median by more than most improvements do, so each is named.

    Parameters
    ----------
    now
        Until when an incident without an end is known to be open, in UTC.
    zone
        Of moments without an offset.
    """
    known = []
    for incident in incidents:
        begin, end, until = _span(incident, what, zone)
        last = end or min(until or now, now)
        if begin is not None and begin <= last:
            paused = incident.paused_hours or 0.0 if what == "work" else 0.0
            known.append((max(0.0, (last - begin).total_seconds() / 3600 - paused), end is not None))
    if not known:
        return None
    hours, ended = [time for time, _ in known], [done for _, done in known]
    middle, low, high = median(hours, ended)
    source = Source(
        kind="measurement",
        place=f"operations/incidents/{what}",
        detail=f"Kaplan-Meier median of operations/incidents.csv, open ones censored: {MEANT[what]}",
        date=now.date(),
    )
    return Duration(
        what=what,
        hours=middle,
        low=low,
        high=high,
        mean=mean(hours, ended),
        total=sum(hours),
        incidents=len(known),
        open=ended.count(False),
        curve=survival(hours, ended)[0],
        source=source,
    )


MEANT: dict[What, str] = {
    "detect": "from its start to its detection",
    "resolve": "from its detection to its last resolution",
    "restore": "from its start to its last resolution",
    "work": "from its detection to its last resolution, less the hours in which it waited for others",
}


def _span(
    incident: Incident, what: What, zone: str
) -> tuple[dt.datetime | None, dt.datetime | None, dt.datetime | None]:
    """Return when it begins and ends by a definition, and until when it lasted at least where it has no end."""
    started, detected, resolved = (
        to_utc(moment, zone) if moment else None
        for moment in (incident.started, incident.detected, incident.resolved)
    )
    if what == "detect":
        return started, detected, resolved
    return (started if what == "restore" else detected or started), resolved, None
