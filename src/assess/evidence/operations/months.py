"""How operations developed: a row a calendar month."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np

from assess.core.record import Record
from assess.intake.engagement import Incident


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
    """

    month: str
    days: int
    delivered: int
    failed: int
    manual: int
    messages: float
    incidents: int = 0


def months(engine: duckdb.DuckDBPyConnection, incidents: Sequence[Incident]) -> tuple[Month, ...]:
    """Return the months in which runs began, in their order."""
    begun = [f"{i.started:%Y-%m}" for i in incidents if i.started]
    rows = engine.execute(
        """
        WITH counting AS (SELECT integration, count(records) > 0 AS counts FROM runs GROUP BY 1)
        SELECT strftime(started, '%Y-%m') AS month, count(DISTINCT started::DATE),
            count(*) FILTER (WHERE delivered), count(*) FILTER (WHERE status = 'failed'),
            count(*) FILTER (WHERE manual),
            coalesce(sum(CASE WHEN counts THEN coalesce(records, 0) ELSE 1 END) FILTER (WHERE delivered), 0)::DOUBLE
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
        )
        for month, days, delivered, failed, manual, messages in rows
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
