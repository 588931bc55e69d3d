"""What the run logs and incidents of an engagement show, and how it developed month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from assess.core.finding import Finding, Missing
from assess.core.moments import to_local, to_utc
from assess.core.record import Record
from assess.core.source import Fact
from assess.intake.engagement import Incident

from .log import LogFile
from .recovery import Duration
from .traffic import Traffic


class Month(Record):
    """What one calendar month shows, all integrations together.

    Parameters
    ----------
    month
        Such as ``2026-09``.
    days
        Days of it that the logs cover.
    delivered, failed, manual
        Runs that delivered, that failed for good, and that a person started.
    messages
        Messages delivered.
    incidents
        Incidents that began in it.
    latency, timed
        Mean seconds of the runs that delivered, and how many say how long they took.
    """

    month: str
    days: int
    delivered: int
    failed: int
    manual: int
    messages: float
    incidents: int = 0
    latency: float | None = None
    timed: int = 0


def months(engine: duckdb.DuckDBPyConnection, incidents: Sequence[Incident], zone: str) -> tuple[Month, ...]:
    """Return the months of a zone in which runs began, in their order."""
    begun = [f"{to_local(to_utc(i.started, zone), zone):%Y-%m}" for i in incidents if i.started]
    rows = engine.execute(
        """
        WITH counting AS (SELECT integration, count(records) > 0 AS counts FROM runs GROUP BY 1)
        SELECT strftime(local_time(started), '%Y-%m') AS month, count(DISTINCT local_time(started)::DATE),
            count(*) FILTER (WHERE delivered), count(*) FILTER (WHERE status = 'failed'),
            count(*) FILTER (WHERE manual),
            coalesce(sum(CASE WHEN counts THEN coalesce(records, 0) ELSE 1 END) FILTER (WHERE delivered), 0)::DOUBLE,
            avg(latency ORDER BY latency) FILTER (WHERE delivered), count(latency) FILTER (WHERE delivered)
        FROM runs JOIN counting USING (integration) GROUP BY 1 ORDER BY 1
        """
    ).fetchall()
    return tuple(
        Month(
            month=month,
            days=days,
            delivered=delivered,
            failed=failed,
            manual=manual,
            messages=messages,
            incidents=begun.count(month),
            latency=latency,
            timed=timed,
        )
        for month, days, delivered, failed, manual, messages, latency, timed in rows
    )


def direction(before: tuple[int, int], after: tuple[int, int]) -> float:
    """Return the two-sided probability of so different shares of failures by chance (Fisher's exact test).

    Parameters
    ----------
    before, after
        Failed and delivered runs.

    Examples
    --------
    The tea of Fisher 1935: three of four cups on each side.

    >>> round(direction((3, 1), (1, 3)), 4)
    0.4857
    """
    from scipy.stats import fisher_exact

    return float(fisher_exact(np.array([before, after])).pvalue)


class Operations(Record):
    """How the client's integrations really run.

    Parameters
    ----------
    traffic
        What was measured, one per integration of the engagement that the logs mention, in its order.
    logs
        What became of each log file, malformed lines included.
    unknown, strangers
        Integrations that the logs mention and the engagement does not know: the first hundred names, and
        how many there are.
    detect, resolve
        How long failures stay unnoticed and unresolved; None without incidents.
    restore, work
        The same from the start of the failure, and less the hours in which it waited for others; the latter None where
        no incident says that it waited.
    months
        How runs and incidents developed, a row a calendar month.
    latency_weeks
        Mean latency in seconds of the runs that delivered and began in each week, in their order.
    as_of
        "Now" for what is still open, in UTC: midday of the engagement's date, or the last moment that is written; None without any.
    """

    traffic: tuple[Traffic, ...] = ()
    logs: tuple[LogFile, ...] = ()
    unknown: tuple[str, ...] = ()
    strangers: int = 0
    detect: Duration | None = None
    resolve: Duration | None = None
    restore: Duration | None = None
    work: Duration | None = None
    months: tuple[Month, ...] = ()
    latency_weeks: tuple[float, ...] = ()
    as_of: dt.datetime | None = None
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def durations(self) -> tuple[Duration, ...]:
        """How long failures last, by each definition that the incidents allow."""
        return tuple(d for d in (self.detect, self.resolve, self.restore, self.work) if d is not None)

    def of(self, integration: str) -> Traffic | None:
        """Return what was measured of an integration, None where nothing was."""
        return next((traffic for traffic in self.traffic if traffic.integration == integration), None)

    @property
    def table(self) -> pd.DataFrame:
        """One row per measured integration; empty cells where a measure does not exist."""
        return pd.DataFrame([_row(traffic) for traffic in self.traffic], columns=list(_COLUMNS))


_COLUMNS = (
    "integration", "days_observed", "runs", "failed", "retries", "messages_per_month", "low", "high",
    "peak_per_second", "latency_p50", "latency_p95", "latency_p99", "success_rate",
    "first_attempt_rate", "budget_used", "last_message",
)  # fmt: skip


def _row(traffic: Traffic) -> dict[str, object]:
    volume, peak, latency, success = (
        traffic.volume, traffic.peak_per_second, traffic.latency, traffic.success_rate,
    )  # fmt: skip
    return {
        "integration": traffic.integration,
        "days_observed": traffic.days_observed,
        "runs": traffic.runs,
        "failed": traffic.failed,
        "retries": traffic.retries,
        "messages_per_month": volume.likely if volume else None,
        "low": volume.low if volume else None,
        "high": volume.high if volume else None,
        "peak_per_second": peak.high if peak else None,
        "latency_p50": latency.p50.likely if latency else None,
        "latency_p95": latency.p95.likely if latency else None,
        "latency_p99": latency.p99.likely if latency else None,
        "success_rate": success.likely if success else None,
        "first_attempt_rate": traffic.first_attempt_rate.likely if traffic.first_attempt_rate else None,
        "budget_used": traffic.budget.burn if traffic.budget else None,
        "last_message": traffic.last_message,
    }
