"""Stated against measured: what logs and incidents show replaces what people said, and the difference is a finding.

Failures are Poisson. A stated rate is a Gamma prior that counts as much as half a year of observation; the conjugate posterior
after ``n`` events in ``t`` years is ``Gamma(rate x 0.5 + n, 0.5 + t)`` (Gelman et al. 2013, Bayesian Data Analysis, 2.6).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.core.moments import to_local, to_utc
from assess.core.record import Record
from assess.core.source import Source
from assess.intake.engagement import Engagement, Incident
from assess.intake.engagement.landscape import Integration

from .operations import Operations
from .operations.traffic import Traffic

MIN_DAYS = 28
"""Days that must have been observed before a measured value replaces a stated one: four whole weeks."""
SHARP = 120
"""Seconds of smoothing up to which a measured peak may also lower a stated one."""


class Reconciled(Record):
    """An engagement in which measured values have replaced stated ones.

    Parameters
    ----------
    engagement
        The same engagement; ``volume`` of the measured integrations has a source of kind ``measurement``.
    measured
        Ids of the integrations whose volume was measured, in the engagement's order.
    findings
        Where both exist and differ by more than the tolerance: both numbers with both sources.
    """

    engagement: Engagement
    measured: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def reconcile(engagement: Engagement, operations: Operations) -> Reconciled:
    """Replace stated by measured volume and peak where at least 28 days were observed.

    A silent integration keeps what was stated: what it moved before it fell silent is neither its volume
    today nor what it will move when repaired. A measured peak is smoothed over the runs of the log, so
    it is a lower bound: it always raises a stated peak, and lowers it only where the log resolves two
    minutes or less.
    """
    tolerance = engagement.assumptions["reconcile.tolerance"].likely
    kept: list[Integration] = []
    measured: list[str] = []
    findings: list[Finding] = []
    for integration in engagement.integrations:
        traffic = operations.of(integration.id)
        if traffic is None or traffic.days_observed < MIN_DAYS or traffic.silent_days is not None:
            kept.append(integration)
            continue
        update: dict[str, object] = {}
        if traffic.volume is not None:
            update["volume"] = traffic.volume
            measured.append(integration.id)
        peak = choose_peak(integration, traffic)
        if peak is not None:
            update["peak_per_second"] = peak
        kept.append(integration.model_copy(update=update))
        findings += _differences(integration, traffic, tolerance)
    renewed = engagement.model_copy(update={"integrations": tuple(kept)})
    return Reconciled(engagement=renewed, measured=tuple(measured), findings=tuple(findings))


def choose_peak(integration: Integration, traffic: Traffic) -> float | None:
    """Return the peak to reckon with, messages a second: the busiest week's, or the stated one."""
    stated = integration.peak_per_second
    if traffic.peak_per_second is None:
        return stated
    seen = traffic.peak_per_second.high
    blurred = traffic.peak_resolution is None or traffic.peak_resolution > SHARP
    return max(seen, stated) if blurred and stated is not None else seen


def distance(stated: Estimate, measured: Estimate) -> float:
    """Return by how much the measured value leaves the stated range, as a share of the range's nearer end.

    Zero inside the range. Infinite where nothing was stated and something is measured.

    Examples
    --------
    >>> distance(Estimate(low=90, likely=100, high=120), Estimate.point(180))
    0.5
    >>> distance(Estimate.point(100), Estimate.point(80))
    0.2
    """
    seen = measured.likely
    if stated.low <= seen <= stated.high:
        return 0.0
    end = stated.high if seen > stated.high else stated.low
    return abs(seen - end) / end if end else float("inf")


def _differences(integration: Integration, traffic: Traffic, tolerance: float) -> Iterator[Finding]:
    if integration.volume is not None and traffic.volume is not None:
        off = distance(integration.volume, traffic.volume)
        if off > tolerance:
            yield _difference(
                integration, "volume", integration.volume, traffic.volume, "messages a month", off,
                integration.volume.source or integration.cite("volume"),
            )  # fmt: skip
    peak, stated = traffic.peak_per_second, integration.peak_per_second
    if peak is not None and stated is not None and choose_peak(integration, traffic) != stated:
        said = Estimate.point(stated, "messages/s", integration.cite("peak_per_second"))
        seen = Estimate.point(peak.high, "messages/s", peak.source)
        off = distance(said, seen)
        if off > tolerance:
            yield _difference(
                integration, "peak", said, seen, "messages a second", off, integration.cite("peak_per_second")
            )


def _difference(
    integration: Integration, what: str, stated: Estimate, seen: Estimate, unit: str, off: float, said: Source
) -> Finding:
    ratio = seen.likely / stated.likely if stated.likely else float("inf")
    verdict = (
        f"{ratio:.1f} times too low"
        if ratio >= 1
        else f"{1 / ratio:.1f} times too high"
        if ratio
        else "too high"
    )
    range_ = _number(stated.likely) if stated.certain else f"{_number(stated.low)} to {_number(stated.high)}"
    return Finding(
        id=f"operations/{integration.id}/stated-{what}",
        section="operations",
        severity="high" if off >= 1 or ratio <= 0.5 else "medium",
        title=f"{integration.label}: {_number(seen.likely)} {unit} measured; the stated {_number(stated.likely)} is {verdict}",
        evidence=f"stated {range_} ({said.id}); measured {_number(seen.likely)} "
        f"({seen.source.id if seen.source else 'logs'})",
        impact="Prices by volume and capacity follow the measured number; the decisions use it",
        action="Ask the owner which is right, and correct integrations.csv",
        owner=integration.owner,
        integrations=(integration.id,),
        systems=(integration.source, integration.target),
        sources=tuple(source for source in (said, seen.source) if source),
    )


def _number(value: float) -> str:
    """Write a number with the digits that matter.

    >>> _number(897_117.6), _number(2.8105), _number(0.34755)
    ('897,118', '2.81', '0.348')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


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
