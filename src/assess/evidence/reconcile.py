"""Stated against measured: what the logs show replaces what people said, and the difference is a finding."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.core.record import Record
from assess.core.source import Source
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration

from .operations.result import Operations
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
