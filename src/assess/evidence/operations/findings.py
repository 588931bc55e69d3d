"""What the measures mean: findings with their numbers, in a fixed order, and what would serve better."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from scipy import special

from assess.core.finding import Finding, Severity
from assess.core.moments import to_local, to_utc
from assess.core.numbers import quantity
from assess.core.source import Source
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration

from .anomalies import Anomaly
from .log import LogFile
from .result import Operations
from .traffic import Traffic

SILENT_DAYS = 62
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
        f"{integration.label} comes every {duration_text(gap)} in a batch, {duration_text(need)} are needed",
        (source, integration.cite("latency_seconds")),
        evidence=f"a change waits {duration_text(gap / 2)} on average and up to {duration_text(gap)} before its batch begins",
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
        traffic.last_message is None
        and traffic.delivered >= MIN_RUNS
        and traffic.days_observed >= SILENT_DAYS
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


def duration_text(value: float) -> str:
    """Write a time as people say it.

    >>> duration_text(0.42), duration_text(95), duration_text(14_400)
    ('0.42 s', '95 s', '4 h')
    """
    if value < 10:
        return f"{value:.2g} s"
    if value < 180:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.3g} h"


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
            reasons = ", ".join(f"{reason}: {count:,}" for reason, count in log.reasons)
            title = f"{log.malformed:,} of {log.lines:,} lines of {log.path} are no runs"
            yield _log_finding(log, "malformed", severity, title, reasons)
        if log.unknown:
            named = ", ".join(f"{reason}: {count:,}" for reason, count in log.reasons if "status" in reason)
            title = f"{log.unknown:,} of {log.attempts:,} attempts of {log.path} ended with a word that nobody explained"
            yield _log_finding(log, "status", "high", title, named)
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


IMPACTS = {
    "status": "Whether these runs delivered is unknown: the success rate is a range that holds both answers",
    "unreadable": "None of its runs is in any measure",
    "duplicates": "None: each counts once",
}
REPAIRS = {
    "status": "Say what the word means in operations/columns.csv, such as found: its word, meaning: failed",
    "unreadable": "Say what its columns mean in operations/columns.csv (assess validate proposes it), or export it otherwise",
    "duplicates": "Export each period once",
}
"""What a kind of finding about a log comes to, and what to do."""


def _log_finding(log: LogFile, kind: str, severity: Severity, title: str, evidence: str) -> Finding:
    return Finding(
        id=f"operations/{log.path}/{kind}",
        section="operations",
        severity=severity,
        title=title,
        evidence=evidence,
        impact=IMPACTS.get(kind, "They are in no measure: volumes may be too low and success rates wrong"),
        action=REPAIRS.get(kind, "Export the log again, complete"),
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
        to_utc(i.started, engagement.time_zone)
        for i in engagement.incidents
        if i.integration == integration.id and i.started
    ]
    alone = [
        to_local(start, engagement.time_zone)
        for start in failed
        if not any(abs(start - incident) <= NEAR for incident in known)
    ]
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
        f"{integration.label} takes {duration_text(latency.p95.likely)} (95th percentile), {duration_text(need)} are needed",
        (latency.p95.source, integration.cite("latency_seconds")),
        evidence=f"median {duration_text(latency.p50.likely)} over {latency.runs:,} delivered runs, "
        f"95% limits of the percentile {duration_text(latency.p95.low)} to {duration_text(latency.p95.high)}",
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
        f"{_days(a.first, a.last)}{_in_hours(a)}: {quantity(a.observed)} {words[a.what]} (usual {quantity(a.expected)})"
        for a in sorted(found, key=lambda a: (a.last, a.what), reverse=True)[:5]
    ]
    nothing = f", {len(empty)} of them hours or days without a message" if empty else ""
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


def _in_hours(anomaly: Anomaly) -> str:
    return f" in {anomaly.hours} hour{'s' if anomaly.hours > 1 else ''}" if anomaly.hours else ""


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
