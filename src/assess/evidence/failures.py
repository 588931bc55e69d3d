"""How often integrations fail: incidents counted over the time in which they were written down, on top of what was stated.

Failures are Poisson. A stated rate is a Gamma prior that counts as much as half a year of observation; the conjugate posterior
after ``n`` events in ``t`` years is ``Gamma(rate x 0.5 + n, 0.5 + t)`` (Gelman et al. 2013, Bayesian Data Analysis, 2.6).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from assess.core.estimate import Estimate
from assess.core.moments import to_local, to_utc
from assess.core.source import Source
from assess.intake.engagement import Engagement, Incident

from .operations import Operations

PRIOR_YEARS = 0.5
"""Years of observation that a stated or default rate is worth: after half a year both count alike. Rule of the method."""

TAIL = 0.005
"""Probability beyond either end of a measured rate: a beta-PERT with the ends of the central 99 % of a symmetric
distribution has its standard deviation within 3 % (5.15 against 5.29 standard deviations between the ends)."""

YEAR = dt.timedelta(days=365.25)

Counts = Callable[[Incident, dt.datetime], bool]
"""Whether an incident is one of the events, given until when the register reaches."""


@dataclass(frozen=True)
class Register:
    """The incidents that somebody wrote down, and the time in which they would have been.

    Parameters
    ----------
    events
        Those that count: with a start within the time. Where the register begins with an incident, that one only
        marks the begin: from one event of a Poisson process on, the others arrive at its rate.
    begins, ends
        From the first day of the logs, or the first incident where that is earlier, until the last moment that logs
        or incidents mention; in UTC.
    zone
        Whose days are named.
    """

    events: tuple[Incident, ...]
    begins: dt.datetime
    ends: dt.datetime
    zone: str = "UTC"

    @property
    def years(self) -> float:
        """Length of the time."""
        return (self.ends - self.begins) / YEAR

    def count(self, integrations: Collection[str] = (), counts: Counts | None = None) -> int:
        """Return the number of events of some integrations, of all where none is named."""
        return sum(
            (not integrations or incident.integration in integrations)
            and (counts is None or counts(incident, self.ends))
            for incident in self.events
        )

    def measured(
        self,
        prior: Estimate,
        integrations: Collection[str] = (),
        counts: Counts | None = None,
        what: str = "",
    ) -> Estimate:
        """Return a rate a year after what the register shows; its source says how many events in how many days.

        Parameters
        ----------
        prior
            The rate that was stated or assumed, a year, for all these integrations together.
        """
        events = self.count(integrations, counts)
        days = (self.ends - self.begins).days
        text = (
            f"{events} {what or 'incidents'} in {days} days until {to_local(self.ends, self.zone):%Y-%m-%d}"
        )
        source = Source(kind="measurement", place="operations/incidents", detail=text)
        return posterior_rate(prior, events, self.years).model_copy(update={"source": source})


def read_register(engagement: Engagement, operations: Operations | None) -> Register | None:
    """Return the engagement's register of incidents; None where no incident says when it began."""
    zone = engagement.time_zone
    known = sorted(
        ((to_utc(i.started, zone), i.id, i) for i in engagement.incidents if i.started),
        key=lambda entry: entry[:2],
    )
    if not known:
        return None
    first = known[0][0]
    days = [dt.datetime.combine(t.first_day, dt.time()) for t in operations.traffic] if operations else []
    logged = [to_utc(day, zone) for day in days]
    moments = [
        to_utc(m, zone) for i in engagement.incidents for m in (i.started, i.detected, i.resolved) if m
    ]
    ends = max((*moments, *([operations.as_of] if operations and operations.as_of else [])))
    begins = min((first, *logged))
    events = tuple(incident for _, _, incident in (known if begins < first else known[1:]))
    return Register(events=events, begins=begins, ends=ends, zone=zone)


def unnoticed(limit: dt.timedelta, zone: str = "UTC") -> Counts:
    """Return whether an incident stayed unnoticed longer than a limit; what nobody noticed was noticed when resolved.

    Parameters
    ----------
    zone
        Of moments without an offset.
    """

    def counts(incident: Incident, now: dt.datetime) -> bool:
        noticed = incident.detected or incident.resolved
        return incident.started is not None and (
            (to_utc(noticed, zone) if noticed else now) - to_utc(incident.started, zone) > limit
        )

    return counts


def posterior_rate(prior: Estimate, events: int, years: float) -> Estimate:
    """Return the rate a year after ``events`` in ``years``, with the prior worth `PRIOR_YEARS`.

    Low and high leave out `TAIL` on either side; likely is such that the PERT mean is the mean of the posterior,
    ``(rate x 0.5 + events) / (0.5 + years)``.

    Parameters
    ----------
    prior
        The rate that was stated or assumed; its mean counts.

    Raises
    ------
    ValueError
        If events or years are below 0.

    Examples
    --------
    Two events a year stated, three seen in half a year: four a year.

    >>> round(posterior_rate(Estimate.point(2), 3, 0.5).mean, 9)
    4.0
    """
    if events < 0 or years < 0:
        raise ValueError(f"{events} events in {years:g} years are no observation")
    from scipy.special import gammaincinv

    shape, time = prior.mean * PRIOR_YEARS + events, PRIOR_YEARS + years
    if shape <= 0 or years == events == 0:
        return prior
    mean = shape / time
    low, high = (float(gammaincinv(shape, p)) / time for p in (TAIL, 1 - TAIL))
    likely = (6 * mean - low - high) / 4
    if not low <= likely <= high:  # far below one event: the mode is at zero, and the high end keeps the mean
        low, likely, high = 0.0, 0.0, 6 * mean
    return Estimate(low=low, likely=likely, high=high, unit=prior.unit, source=prior.source)
