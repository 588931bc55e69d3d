"""The tables of chapter 7: each integration, stated against measured, the log files, the incidents."""

from __future__ import annotations

import datetime as dt

from assess.core.estimate import Estimate
from assess.core.moments import to_utc
from assess.core.numbers import quantity
from assess.core.source import Source
from assess.decisions.assessment import Assessment
from assess.evidence.operations import Metric, Operations, Traffic, describe_trend, find_metrics
from assess.evidence.operations.result import Month, direction
from assess.evidence.operations.traffic import wilson
from assess.evidence.reconcile import Reconciled
from assess.intake.engagement import Engagement, Incident
from assess.report.chapters.ranked_actions import once
from assess.report.tables import ColumnSpec, DataTable, TableCell, TableColumn, estimated

TREND = 0.05
"""Chance below which the first and the last month differ."""
LISTED = 60
"""Integrations of the tables of the page; `Operations.table` holds all."""
INCIDENTS = 20
"""Incidents of the table: those that lasted longest."""


def _sources(*values: Estimate | None) -> tuple[Source, ...]:
    return tuple(value.source for value in values if value is not None and value.source is not None)


def integrations(engagement: Engagement, result: Operations) -> tuple[DataTable, ...]:
    """Show every integration with what was measured of it."""
    if not result.traffic:
        return ()
    shown = result.traffic[:LISTED]
    return (
        DataTable.of(
            shown,
            (
                ColumnSpec(
                    "integration", "Integration", lambda t: engagement.integration(t.integration).label
                ),
                ColumnSpec("runs", "Runs", lambda t: t.runs, "count", trace=counted),
                ColumnSpec("success", "Deliver", lambda t: t.success_rate, "share"),
                ColumnSpec(
                    "burn",
                    "Error budget used",
                    lambda t: t.budget.burn if t.budget else None,
                    "share",
                    trace=lambda t: t.budget.source if t.budget else None,
                ),
                ColumnSpec("volume", "Messages a month", lambda t: t.volume, "count"),
                ColumnSpec("peak", "Busiest, a second", lambda t: t.peak_per_second, "number"),
                ColumnSpec(
                    "p50",
                    "Median latency",
                    lambda t: t.latency.p50 if t.latency else None,
                    "number",
                    unit="s",
                ),
                ColumnSpec(
                    "p95",
                    "95th percentile",
                    lambda t: t.latency.p95 if t.latency else None,
                    "number",
                    unit="s",
                ),
                ColumnSpec(
                    "last",
                    "Last message",
                    lambda t: t.last_message.isoformat() if t.last_message else None,
                    "date",
                    note=lambda t: f"silent for {t.silent_days} days" if t.silent_days else "",
                    trace=counted,
                ),
            ),
            id="integrations",
            caption="What the logs show of each integration; ranges are 95% limits, of volumes the least and greatest month",
            sources=once(source for t in shown for source in _all(t)),
            total=len(result.traffic),
        ),
    )


def _all(traffic: Traffic) -> tuple[Source, ...]:
    late = traffic.latency
    return (
        *_sources(
            traffic.success_rate, traffic.volume, traffic.peak_per_second,
            *((late.p50, late.p95) if late else ()),
        ),
        counted(traffic), *((traffic.budget.source,) if traffic.budget else ()),
    )  # fmt: skip


def counted(traffic: Traffic) -> Source:
    """Return the source of how many runs an integration had."""
    return Source(
        kind="measurement",
        place=f"operations/{traffic.integration}/runs",
        detail=f"{traffic.runs} runs in {traffic.days_observed} days; {traffic.retries} retries, {traffic.tests} tests, "
        f"{traffic.children} parts of other runs and {traffic.unfinished} that never ended are in no rate",
        date=traffic.last_day,
    )


def stated_against_measured(
    engagement: Engagement, result: Operations, reconciled: Reconciled
) -> tuple[DataTable, ...]:
    """Show what people said beside what the logs show, the largest difference first."""
    rows = sorted(_pairs(engagement, result, reconciled), key=lambda row: (-row[0], row[1]))
    if not rows:
        return ()
    return (
        DataTable(
            id="stated",
            caption="What was stated beside what was measured, the largest difference first",
            columns=(
                TableColumn(key="integration", label="Integration"),
                TableColumn(key="what", label="What"),
                TableColumn(key="stated", label="Stated", format="number"),
                TableColumn(key="measured", label="Measured", format="number"),
                TableColumn(key="ratio", label="Measured / stated", format="number", digits=2),
                TableColumn(key="used", label="Decisions use"),
            ),
            rows=tuple(cells for _, _, cells, _ in rows[:LISTED]),
            sources=once(source for _, _, _, sources in rows[:LISTED] for source in sources),
            total=len(rows) if len(rows) > LISTED else None,
        ),
    )


def _pairs(
    engagement: Engagement, result: Operations, reconciled: Reconciled
) -> list[tuple[float, str, tuple[TableCell, ...], tuple[Source, ...]]]:
    """Return a row per stated number that was measured, with how far the two are apart."""
    rows: list[tuple[float, str, tuple[TableCell, ...], tuple[Source, ...]]] = []
    for traffic in result.traffic:
        integration = engagement.integration(traffic.integration)
        used = reconciled.engagement.integration(traffic.integration)
        said = integration.volume
        if said is not None and said.source is None:
            said = said.model_copy(update={"source": integration.cite("volume")})
        peak = integration.peak_per_second
        stated_peak = (
            None if peak is None else Estimate.point(peak, "messages/s", integration.cite("peak_per_second"))
        )
        for what, stated, seen, taken in (
            ("messages a month", said, traffic.volume, used.volume == traffic.volume),
            (
                "messages a second, busiest",
                stated_peak,
                traffic.peak_per_second,
                used.peak_per_second != peak,
            ),
        ):
            if stated is None or seen is None or stated.likely <= 0:
                continue
            value = seen.high if what.endswith("busiest") else seen.likely
            ratio = value / stated.likely
            cells = (
                TableCell(value=integration.label),
                TableCell(value=what),
                estimated(stated),
                estimated(seen),
                TableCell(value=ratio, sources=tuple(s.id for s in _sources(stated, seen))),
                TableCell(value="measured" if taken else "stated"),
            )
            rows.append(
                (max(ratio, 1 / ratio) if ratio else 1e9, integration.label, cells, _sources(stated, seen))
            )
    return rows


TREATED = (
    ("retries", "Attempts after the first", "belong to their run, which ends as its last attempt ends"),
    ("warnings", "Runs with a warning", "count as delivered"),
    ("unfinished", "Runs that never ended", "are in no rate"),
    ("tests", "Test runs", "are in no measure"),
    ("children", "Parts of other runs", "are in no measure: the run that called them counts"),
)
"""What could be counted otherwise, and how it is."""


def apart(result: Operations) -> tuple[DataTable, ...]:
    """Show how retries, warnings, tests and the like were counted: a success rate depends on it."""
    if not result.traffic:
        return ()
    trace = tuple(counted(traffic) for traffic in result.traffic)
    return (
        DataTable.of(
            TREATED,
            (
                ColumnSpec("what", "Lines", lambda row: row[1]),
                ColumnSpec(
                    "count",
                    "Count",
                    lambda row: sum(getattr(t, row[0]) for t in result.traffic),
                    "count",
                    sources=trace,
                ),
                ColumnSpec("treated", "How they count", lambda row: row[2]),
            ),
            id="apart",
            caption="How the lines of the logs were counted",
        ),
    )


EVENTS = 20
"""Unusual days of the table: those farthest from the usual."""


def unusual(engagement: Engagement, result: Operations) -> tuple[DataTable, ...]:
    """Show the days on which volume or latency stood out, the latest first."""
    events = [(t, a) for t in result.traffic for a in t.anomalies]
    events.sort(key=lambda item: (-item[1].last.toordinal(), item[0].integration, item[1].what))
    if not events:
        return ()
    shown = events[:EVENTS]
    trace = {t.integration: _series(t) for t, _ in shown}
    return (
        DataTable.of(
            shown,
            (
                ColumnSpec(
                    "integration", "Integration", lambda row: engagement.integration(row[0].integration).label
                ),
                ColumnSpec("first", "From", lambda row: row[1].first.isoformat(), "date"),
                ColumnSpec("last", "To", lambda row: row[1].last.isoformat(), "date"),
                ColumnSpec(
                    "what", "What", lambda row: "messages" if row[1].what == "volume" else "median latency, s"
                ),
                ColumnSpec("hours", "Hours", lambda row: row[1].hours or None, "count"),
                ColumnSpec("observed", "Was", lambda row: row[1].observed, "number"),
                ColumnSpec("expected", "Usual", lambda row: row[1].expected, "number"),
            ),
            id="unusual",
            caption="Days with hours in which volume or latency stood out (whole days where no hour is named), the latest first",
            trace=lambda row: trace[row[0].integration],
            total=len(events),
        ),
    )


def _series(traffic: Traffic) -> Source:
    return Source(
        kind="measurement",
        place=f"operations/{traffic.integration}/days",
        detail=f"each hour of {traffic.days_observed} days against all hours and the same ones around it; "
        "batches by days against the same weekdays",
        date=traffic.last_day,
    )


def developed(result: Operations) -> tuple[DataTable, ...]:
    """Show how operations developed, a row a month; none where the logs cover less than two."""
    if len(result.months) < 2:
        return ()
    trace = Source(
        kind="measurement",
        place="operations/months",
        detail="runs by the month in which they began; months that the logs cover in part say so",
        date=result.as_of.date() if result.as_of else None,
    )
    return (
        DataTable.of(
            result.months,
            (
                ColumnSpec("month", "Month", lambda m: m.month),
                ColumnSpec("days", "Days in the logs", lambda m: m.days, "count"),
                ColumnSpec("delivered", "Runs that delivered", lambda m: m.delivered, "count"),
                ColumnSpec("failed", "Failed for good", lambda m: m.failed, "count"),
                ColumnSpec("share", "Deliver", lambda m: _delivered(m), "share"),
                ColumnSpec("manual", "Started by hand", lambda m: m.manual, "count"),
                ColumnSpec("messages", "Messages", lambda m: m.messages, "count"),
                ColumnSpec("incidents", "Incidents", lambda m: m.incidents, "count"),
            ),
            id="months",
            caption=_trend(result),
            trace=trace,
        ),
    )


def _delivered(month: Month) -> TableCell:
    if not month.delivered + month.failed:
        return TableCell(value=None)
    low, share, high = wilson(month.delivered, month.delivered + month.failed)
    return TableCell(value=share, low=low, high=high)


def _trend(result: Operations) -> str:
    """Say whether the share that delivers changed from the first month to the last, beyond chance."""
    first, last = result.months[0], result.months[-1]
    if not (first.delivered + first.failed and last.delivered + last.failed):
        return "How operations developed, month by month"
    chance = direction((first.failed, first.delivered), (last.failed, last.delivered))
    shares = [m.delivered / (m.delivered + m.failed) for m in (first, last)]
    said = f"{quantity(shares[0], 'share')} delivered in {first.month}, {quantity(shares[1], 'share')} in {last.month}"
    if chance >= TREND:
        return f"{said}: no more than chance (Fisher's exact test, p = {chance:.2g})"
    return f"{said}: {'better' if shares[1] > shares[0] else 'worse'} (Fisher's exact test, p = {chance:.2g})"


def metrics(assessment: Assessment) -> DataTable:
    """Show every metric by which integrations are steered: value, trend and source, or what to supply for it."""
    rows = (*find_metrics(assessment.stated, assessment.operations), *business(assessment))
    return DataTable.of(
        rows,
        (
            ColumnSpec("metric", "Metric", lambda m: m.label),
            ColumnSpec("kind", "Kind", lambda m: m.kind),
            ColumnSpec(
                "value", "Value", lambda m: quantity(m.value, m.unit) if m.value is not None else "not known"
            ),
            ColumnSpec("range", "Range", _range),
            ColumnSpec("trend", "Trend", lambda m: m.trend),
            ColumnSpec("supply", "From, or what to supply", _origin),
        ),
        id="metrics",
        caption=f"{sum(m.value is not None for m in rows)} of {len(rows)} metrics are known; what the others need stands beside them",
        sources=once(source for m in rows for source in m.sources),
    )


def _range(metric: Metric) -> str:
    if metric.low is None or metric.high is None:
        return ""
    return f"{quantity(metric.low, metric.unit)} to {quantity(metric.high, metric.unit)}"


def _origin(metric: Metric) -> str:
    if metric.value is None:
        return f"supply: {metric.supply}"
    kinds = dict.fromkeys(ORIGINS.get(source.kind, source.kind) for source in metric.sources)
    return ", ".join(kinds)


ORIGINS = {"measurement": "measured", "input": "stated", "calculation": "computed", "assumption": "assumed"}


def business(assessment: Assessment) -> tuple[Metric, ...]:
    """Return what people are spared: manual work replaced, lead time and savings, today against the integrations applied."""
    stream = assessment.value_stream
    now, then = stream.current, stream.future[-1] if stream.future else None
    steps = "value_stream.csv with volumes, times and the integration of each step"
    hours = (now.manual_hours, then.manual_hours) if now and then else (None, None)
    replaced = None
    if hours[0] is not None and hours[1] is not None and hours[0].likely > 0:
        replaced = 1 - hours[1].likely / hours[0].likely
    saved = then.benefit if then else None
    existing = [i for i in assessment.stated.integrations if i.style_today not in (None, "none")]
    automated = sum(i.style_today != "manual" for i in existing)
    log = next((log for log in stream.logs if log.lead_hours is not None), None)
    lead = now.days if now else log.lead_hours.likely / 24 if log and log.lead_hours else None
    moving = [month.hours for month in log.months] if log else []
    basis = Source(
        kind="calculation",
        place="value_stream/states",
        detail="value stream today and with the integrations applied",
    )
    return (
        Metric(
            id="automated", kind="business", label="Existing connections that run without a person",
            value=automated / len(existing) if existing else None, unit="share",
            trend="stated once: a second engagement shows a trend" if existing else "",
            sources=tuple(i.cite("style_today") for i in existing), supply="style_today of the integrations",
        ),
        Metric(
            id="manual_replaced", kind="business", label="Manual work that the integrations replace",
            value=replaced, unit="share", trend="from today to all integrations applied" if replaced is not None else "",
            sources=(basis,) if replaced is not None else (), supply=steps,
        ),
        Metric(
            id="drudgery", kind="business", label="Hours of typing and handling that people are spared, a year",
            value=hours[0].likely - hours[1].likely if hours[0] is not None and hours[1] is not None else None, unit="hours/year",
            trend="from today to all integrations applied; what can be counted of morale" if replaced is not None else "",
            sources=(basis,) if replaced is not None else (), supply=steps,
        ),
        Metric(
            id="savings", kind="business", label="Savings from less manual work, a year",
            value=saved.likely if saved else None, unit=saved.unit if saved else "",
            low=saved.low if saved else None, high=saved.high if saved else None,
            trend="from today to all integrations applied" if saved else "",
            sources=(basis,) if saved else (), supply=f"{steps}, and the price of an hour",
        ),
        Metric(
            id="lead_time", kind="business", label="Lead time of a case",
            value=lead, unit="days",
            trend=(f"{then.days:,.1f} days with all integrations applied" if then else "")
            + (("; measured: " if then else "measured: ") + describe_trend(moving) if moving else ""),
            sources=(basis,) if now else tuple(s for s in (log.lead_hours.source,) if s) if log and log.lead_hours else (),
            supply=f"{steps}, or an event log under event_logs/",
        ),
    )  # fmt: skip


def files(result: Operations) -> tuple[DataTable, ...]:
    """Show what became of each log file: every line is accounted for."""
    if not result.logs:
        return ()
    own = {
        log.path: Source(kind="measurement", place=log.path, detail="lines of the file")
        for log in result.logs
    }
    return (
        DataTable.of(
            result.logs,
            (
                ColumnSpec("file", "File", lambda log: log.path),
                ColumnSpec("form", "Read as", lambda log: log.form),
                ColumnSpec("lines", "Lines", lambda log: log.lines, "count"),
                ColumnSpec("attempts", "Attempts of runs", lambda log: log.attempts, "count"),
                ColumnSpec("duplicates", "Logged twice", lambda log: log.duplicates, "count"),
                ColumnSpec("malformed", "Malformed", lambda log: log.malformed, "count"),
                ColumnSpec(
                    "reasons",
                    "Why",
                    lambda log: log.problem or ", ".join(f"{reason}: {n:,}" for reason, n in log.reasons),
                ),
            ),
            id="files",
            caption="The log files: what was read, and what no measure uses",
            trace=lambda log: own[log.path],
        ),
    )


def incidents(engagement: Engagement, result: Operations) -> tuple[DataTable, ...]:
    """Show the incidents that lasted longest, open ones until now."""
    if not engagement.incidents or result.as_of is None:
        return ()
    now, zone = result.as_of, engagement.time_zone
    ranked = sorted(engagement.incidents, key=lambda i: (-(_lasted(i, now, zone) or 0.0), i.id))
    names = {i.id: i.label for i in engagement.integrations}
    shown = ranked[:INCIDENTS]
    return (
        DataTable.of(
            shown,
            (
                ColumnSpec(
                    "incident", "Incident", lambda i: i.id, note=lambda i: "" if i.resolved else "open"
                ),
                ColumnSpec("integration", "Integration", lambda i: names.get(i.integration, i.integration)),
                ColumnSpec(
                    "started",
                    "Began",
                    lambda i: i.started.date().isoformat() if i.started else None,
                    "date",
                    trace=lambda i: i.origin,
                ),
                ColumnSpec(
                    "unnoticed",
                    "Unnoticed",
                    lambda i: _hours(i.started, to_utc(i.detected, zone) if i.detected else now, zone),
                    "number",
                    unit="h",
                    digits=1,
                ),
                ColumnSpec("lasted", "Lasted", lambda i: _lasted(i, now, zone), "number", unit="h", digits=1),
                ColumnSpec("reopened", "Came back", lambda i: i.reopened, "count"),
                ColumnSpec("severity", "Severity", lambda i: i.severity or "unknown", "state"),
            ),
            id="incidents",
            caption=f"Incidents, the longest first; open ones count until {now:%Y-%m-%d}",
            trace=lambda i: i.origin,
            total=len(ranked),
        ),
    )


def _lasted(incident: Incident, now: dt.datetime, zone: str) -> float | None:
    end = to_utc(incident.resolved, zone) if incident.resolved else now
    return _hours(incident.started or incident.detected, end, zone)


def _hours(begin: dt.datetime | None, end: dt.datetime, zone: str) -> float | None:
    """Return the hours from a moment to another in UTC, one without an offset taken in the zone; None where not in order."""
    if begin is None:
        return None
    hours = (end - to_utc(begin, zone)).total_seconds() / 3600
    return hours if hours >= 0 else None
