"""What the measures mean: findings with their numbers, in a fixed order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from scipy import special

from assess.core.finding import Finding, Severity
from assess.core.source import Source
from assess.intake.engagement import Engagement, Integration

from .improvement import finding, improvements, said
from .log import LogFile
from .result import Operations
from .traffic import Traffic

ALPHA = 0.025
"""A success rate is too low where so few runs would deliver with less than this probability at the target
(exact binomial): one failure in ten runs says nothing about 99%."""
NEAR = dt.timedelta(hours=24)
"""An incident belongs to a failed run that began within a day of it."""

Failures = Mapping[str, Sequence[dt.datetime]]


def judge(engagement: Engagement, operations: Operations, failures: Failures) -> tuple[Finding, ...]:
    """Return the findings: about the logs, then per integration, then about incidents.

    Parameters
    ----------
    failures
        Starts (UTC) of the runs that failed for good, by integration.
    """
    found = [*_of_logs(operations)]
    for traffic in operations.traffic:
        integration = engagement.integration(traffic.integration)
        found += _silent(engagement, integration, traffic)
        found += _failing(engagement, integration, traffic)
        found += _unnoticed(engagement, integration, traffic, failures.get(integration.id, ()))
        found += _late(engagement, integration, traffic)
        found += _moved(integration, traffic)
        found += _unusual(integration, traffic)
        found += improvements(engagement, integration, traffic)
    found += _slow_to_notice(engagement, operations)
    return tuple(found)


def _of_logs(operations: Operations) -> Iterator[Finding]:
    for log in operations.logs:
        if log.problem:
            yield _log_finding(log, "unreadable", "high", f"Run log {log.path} {log.problem}", "")
        elif log.malformed:
            share = log.malformed / max(1, log.lines)
            severity: Severity = "high" if share >= 0.1 else "medium" if share >= 0.01 else "low"
            reasons = ", ".join(f"{reason}: {count}" for reason, count in log.reasons)
            title = f"{log.malformed:,} of {log.lines:,} lines of {log.path} are no runs"
            yield _log_finding(log, "malformed", severity, title, reasons)
        if log.duplicates:
            title = f"{log.duplicates:,} attempts of {log.path} were logged twice and counted once"
            yield _log_finding(log, "duplicates", "low", title, "same integration, run, moment and result")
    if operations.unknown:
        yield Finding(
            id="operations/unknown-integrations",
            section="operations",
            severity="low",
            title=f"The logs mention {operations.strangers:,} names that are no integration of integrations.csv",
            evidence=", ".join(operations.unknown[:10]),
            impact="They cost and fail too, but no decision covers them",
            action="Say in operations/names.csv whose runs they are, or add them to integrations.csv",
        )


def _log_finding(log: LogFile, kind: str, severity: Severity, title: str, evidence: str) -> Finding:
    return Finding(
        id=f"operations/{log.path}/{kind}",
        section="operations",
        severity=severity,
        title=title,
        evidence=evidence,
        impact="They are in no measure: volumes may be too low and success rates wrong",
        action="Export the log again, complete and in UTF-8",
        sources=(Source(kind="measurement", place=log.path, detail=evidence or title),),
    )


def _weighty(integration: Integration) -> bool:
    return integration.criticality in ("high", "critical")


def _silent(engagement: Engagement, integration: Integration, traffic: Traffic) -> Iterator[Finding]:
    if traffic.silent_days is None:
        return
    yield finding(
        integration,
        "silent",
        "high" if _weighty(integration) else "medium",
        f"{integration.label} has moved nothing for {traffic.silent_days} days, since {traffic.last_message}",
        (traffic.volume.source if traffic.volume else None,),
        evidence=f"{traffic.runs:,} runs in {traffic.days_observed} days, {traffic.failed:,} failed for good",
        impact="Either the target misses data, or the connection is paid for and not used",
        action="Ask the owner: repair it, or retire it",
        effort=engagement.assumptions["operations.days.repair"],
    )


def _failing(engagement: Engagement, integration: Integration, traffic: Traffic) -> Iterator[Finding]:
    rate, target = traffic.success_rate, engagement.assumptions["operations.success_target"].likely
    ended = traffic.delivered + traffic.failed
    if rate is None or special.bdtr(traffic.delivered, ended, target) >= ALPHA:
        return
    yield finding(
        integration,
        "failing",
        "high" if rate.likely < 0.95 or _weighty(integration) else "medium",
        f"{integration.label}: {rate.likely:.1%} of the runs deliver, fewer than {target:.1%}",
        (rate.source,),
        evidence=f"{traffic.failed:,} of {ended:,} runs failed for good, "
        f"{traffic.retries:,} retries; 95% limits {rate.low:.1%} to {rate.high:.1%}",
        impact="What fails is repaired by hand, or is missing in the target",
        action="Find the commonest error, make the run repeatable, retry with back-off",
        effort=engagement.assumptions["operations.days.repair"],
    )


def _unnoticed(
    engagement: Engagement, integration: Integration, traffic: Traffic, failed: Sequence[dt.datetime]
) -> Iterator[Finding]:
    known = [
        i.started.astimezone(dt.UTC).replace(tzinfo=None) if i.started.tzinfo else i.started
        for i in engagement.incidents
        if i.integration == integration.id and i.started
    ]
    alone = [start for start in failed if not any(abs(start - incident) <= NEAR for incident in known)]
    if not engagement.incidents or not alone:
        return
    yield finding(
        integration,
        "unnoticed",
        "low" if len(alone) < 3 else "high" if _weighty(integration) else "medium",
        f"{integration.label}: {len(alone):,} of {len(failed):,} failed runs appear in no incident",
        (traffic.success_rate.source if traffic.success_rate else None,),
        evidence=f"failed for good between {min(alone):%Y-%m-%d} and {max(alone):%Y-%m-%d}; no incident within 24 hours",
        impact="Nobody is alerted: the failure is found by whoever misses the data",
        action="Alert on failure and on silence, with an owner who answers",
        effort=engagement.assumptions["operations.days.alerts"],
    )


def _late(engagement: Engagement, integration: Integration, traffic: Traffic) -> Iterator[Finding]:
    need, latency = integration.latency_seconds, traffic.latency
    if need is None or latency is None or latency.p95.low <= need:
        return
    yield finding(
        integration,
        "late",
        "high" if _weighty(integration) else "medium",
        f"{integration.label} takes {said(latency.p95.likely)} (95th percentile), {said(need)} are needed",
        (latency.p95.source, integration.said("latency_seconds")),
        evidence=f"median {said(latency.p50.likely)} over {latency.runs:,} delivered runs, "
        f"95% limits of the percentile {said(latency.p95.low)} to {said(latency.p95.high)}",
        impact=f"{integration.consumers or 'Its'} consumers work with old data",
        action="Choose a style that meets the need, or agree on a longer one",
    )


def _moved(integration: Integration, traffic: Traffic) -> Iterator[Finding]:
    if traffic.level is None or traffic.volume is None:
        return
    day, factor = traffic.level
    yield finding(
        integration,
        "level",
        "low",
        f"{integration.label} moves {factor:.1f} times as much since {day}",
        (traffic.volume.source,),
        evidence=f"now {traffic.volume.likely:,.0f} messages a month",
        impact="Prices by volume follow the new level; decisions use it",
        action="Ask the owner what changed, and whether it stays",
    )


def _unusual(integration: Integration, traffic: Traffic) -> Iterator[Finding]:
    found = traffic.anomalies
    if not found:
        return
    empty = [a for a in found if a.what == "volume" and a.observed == 0]
    words = {"volume": "messages", "latency": "s, median latency"}
    listed = [
        f"{_days(a.first, a.last)}: {a.observed:,.3g} {words[a.what]} (usual {a.expected:,.3g})"
        for a in sorted(found, key=lambda a: (a.last, a.what), reverse=True)[:5]
    ]
    nothing = f", {len(empty)} of them without a message" if empty else ""
    title = f"{integration.label} was unusual {len(found)} time{'s' if len(found) > 1 else ''}{nothing}"
    yield finding(
        integration,
        "unusual",
        "medium" if empty and _weighty(integration) else "low",
        title,
        (traffic.volume.source if traffic.volume else None,),
        evidence="; ".join(listed),
        impact="What was lost or came twice on these days may still be wrong in the target",
        action="Ask the owner what happened on these days, and compare both systems for them",
    )


def _days(first: dt.date, last: dt.date) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _slow_to_notice(engagement: Engagement, operations: Operations) -> Iterator[Finding]:
    detect, limit = operations.detect, engagement.assumptions["operations.detect_hours"].likely
    if detect is None or (detect.hours is not None and (detect.low or detect.hours) <= limit):
        return
    title = (
        f"Half of the failures stay unnoticed for {detect.hours:.1f} hours or longer"
        if detect.hours is not None
        else "More than half of the failures have not been noticed yet"
    )
    yield Finding(
        id="operations/time-to-detect",
        section="operations",
        severity="high" if detect.hours is None or detect.hours > 4 * limit else "medium",
        title=title,
        evidence=f"{detect.incidents} incidents, {detect.open} of them open; {limit:g} hours are the target",
        impact="What is wrong spreads into other systems before anybody looks",
        action="Metrics and alerts for every integration, before the first goes live",
        effort=engagement.assumptions["operations.days.alerts"].scaled(max(1, len(operations.traffic))),
        sources=(detect.source,),
    )
