"""How long failures stay unnoticed and unresolved, open ones included (Kaplan-Meier)."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import CensoredData, ecdf

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
        ``detect``: from the start of a failure to its detection. ``resolve``: from its detection (its
        start where that is unknown) to its resolution; the last resolution where it was reopened. ``restore``: from
        the start, too: how long the integration did not work. ``work``: as ``resolve``, less the hours in which it
        waited for somebody else.
    hours
        Median of the Kaplan-Meier estimate; None where fewer than half have ended.
    low, high
        95% limits of the median, None where the data give none.
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


def recover(incidents: Sequence[Incident], what: What, now: dt.datetime) -> Duration | None:
    """Return how long incidents take by one definition; None where no row says when it began.

    Which definition is meant moves the median by more than most improvements do, so each is named.

    Parameters
    ----------
    now
        Until when an incident without an end is known to be open.
    """
    spans = [(_span(incident, what), incident) for incident in incidents]
    known = [
        (begin, end, incident.paused_hours or 0.0 if what == "work" else 0.0)
        for (begin, end), incident in spans
        if begin is not None and begin <= (end or now)
    ]
    if not known:
        return None
    hours = [max(0.0, ((end or now) - begin).total_seconds() / 3600 - paused) for begin, end, paused in known]
    ended = [end is not None for _, end, _ in known]
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


def _span(incident: Incident, what: What) -> tuple[dt.datetime | None, dt.datetime | None]:
    if what == "detect":
        return _utc(incident.started), _utc(incident.detected)
    begin = incident.started if what == "restore" else incident.detected or incident.started
    return _utc(begin), _utc(incident.resolved)


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    """Return a moment in UTC without its zone; one without a zone is taken as UTC."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
