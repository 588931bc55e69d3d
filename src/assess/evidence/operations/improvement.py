"""What would serve better: batches whose consumers wait, alerts that stand, connections that move nothing."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.finding import Finding, Severity
from assess.core.source import Source
from assess.intake.engagement import Engagement, Integration

from .traffic import Traffic

MIN_DAYS = 62
"""Two of the longest months: what moves nothing for so long has no monthly period that explains it."""
MIN_RUNS = 3


def improvements(engagement: Engagement, integration: Integration, traffic: Traffic) -> Iterator[Finding]:
    """Yield what the runs of an integration suggest; nothing where they are too few to say so."""
    yield from _waiting(integration, traffic)
    yield from _burning(engagement, integration, traffic)
    yield from _idle(engagement, integration, traffic)


def _waiting(integration: Integration, traffic: Traffic) -> Iterator[Finding]:
    """A batch that comes more rarely than its data is needed: events, or more batches."""
    need, gap = integration.latency_seconds, traffic.cadence
    if need is None or gap is None or gap <= need:
        return
    source = Source(
        kind="measurement",
        place=f"operations/{traffic.integration}/cadence",
        detail="median time between the begins of two batches",
        date=traffic.last_day,
    )
    yield finding(
        integration,
        "waiting",
        "medium" if integration.criticality in ("high", "critical") else "low",
        f"{integration.label} comes every {said(gap)} in a batch, {said(need)} are needed",
        (source, integration.said("latency_seconds")),
        evidence=f"a change waits {said(gap / 2)} on average and up to {said(gap)} before its batch begins",
        impact=f"{integration.consumers or 'Its'} consumers wait for the next batch, whatever its own speed",
        action="Move it to events, or run the batch as often as its data is needed",
    )


def _burning(engagement: Engagement, integration: Integration, traffic: Traffic) -> Iterator[Finding]:
    """Failures that would use up the error budget before its period ends."""
    budget = traffic.budget
    if budget is None or not budget.alarm:
        return
    yield finding(
        integration,
        "burning",
        "high" if budget.alarm == "page" else "medium",
        f"{integration.label} uses up its error budget now, as the log ends",
        (budget.source,),
        evidence=f"{budget.failed:,} of {budget.ended:,} runs failed in 30 days, {budget.allowed:.3g} are allowed; "
        f"an alert of two windows would {budget.alarm}",
        impact="What fails now is repaired by hand until somebody acts",
        action="Stop changes to it and find the error first",
        effort=engagement.assumptions["operations.days.repair"],
    )


def _idle(engagement: Engagement, integration: Integration, traffic: Traffic) -> Iterator[Finding]:
    """A connection that ran and moved nothing in the whole log, longer than any monthly period."""
    idle = (
        traffic.last_message is None and traffic.delivered >= MIN_RUNS and traffic.days_observed >= MIN_DAYS
    )
    if not idle:
        return
    yield finding(
        integration,
        "idle",
        "low",
        f"{integration.label} ran {traffic.delivered:,} times in {traffic.days_observed} days and moved nothing",
        (traffic.volume.source if traffic.volume else None,),
        evidence="every run that delivered counted no record",
        impact="It is paid for, secured and watched for nothing",
        action="Ask the owner whether it has a yearly purpose; retire it if not",
        effort=engagement.assumptions["operations.days.repair"],
    )


def finding(
    integration: Integration,
    kind: str,
    severity: Severity,
    title: str,
    sources: tuple[Source | None, ...],
    **more: object,
) -> Finding:
    """Return a finding about one integration."""
    return Finding.model_validate(
        {
            "id": f"operations/{integration.id}/{kind}",
            "section": "operations",
            "severity": severity,
            "title": title,
            "owner": integration.owner,
            "integrations": (integration.id,),
            "systems": (integration.source, integration.target),
            "sources": tuple(source for source in sources if source),
            **more,
        }
    )


def said(value: float) -> str:
    """Write a time as people say it.

    >>> said(0.42), said(95), said(14_400)
    ('0.42 s', '95 s', '4 h')
    """
    if value < 10:
        return f"{value:.2g} s"
    if value < 180:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.3g} h"
