"""From attempts to runs, and from runs to what is counted: days, latencies, load."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

import duckdb
import pandas as pd

from assess.core.moments import find_offsets
from assess.intake.engagement import Engagement
from assess.intake.ticket_exports import match_integrations

RUNS = """
CREATE OR REPLACE TEMP TABLE runs AS
WITH counted AS (
    SELECT *, coalesce(run_id, 'line ' || rowid) AS run FROM attempts WHERE NOT test AND NOT child),
numbered AS (
    SELECT *, sum(CASE WHEN attempt <= 1 THEN 1 ELSE 0 END)
        OVER (PARTITION BY integration, run ORDER BY started, attempt ROWS UNBOUNDED PRECEDING) AS again
    FROM counted),
grouped AS (
    SELECT integration, run, again, min(started) AS started, max(started) AS last_started,
        max(finished) AS finished, count(*) AS attempts,
        last(status ORDER BY attempt, started) AS status, first(status ORDER BY attempt, started) AS first_status,
        last(records ORDER BY attempt, started) AS records, last(bytes ORDER BY attempt, started) AS bytes,
        last(latency_ms ORDER BY attempt, started) AS latency_ms, bool_or(manual) AS manual
    FROM numbered GROUP BY ALL)
SELECT integration, started, finished, attempts, status, records, bytes, manual,
    status IN ('success', 'warning') AS delivered, first_status IN ('success', 'warning') AS at_once,
    coalesce(latency_ms / 1000 + epoch(last_started - started), epoch(finished - started)) AS latency
FROM grouped
"""
"""A run is its attempts: it ends as its last attempt ends, it moves what that attempt moved, and the time
lost in retries is part of its latency. Test runs and parts of other runs are no runs of their own."""


COVERED = """
CREATE OR REPLACE TEMP TABLE covered AS
WITH days AS (
    SELECT known.integration, clock::DATE AS day, min(epoch(clock::TIME)) AS early, max(epoch(clock::TIME)) AS late
    FROM (SELECT DISTINCT integration, file FROM attempts) AS known
        JOIN (SELECT file, local_time(started) AS clock FROM moments) AS seen USING (file) GROUP BY 1, 2),
ends AS (SELECT integration, min(day) AS first_day, max(day) AS last_day FROM days GROUP BY 1),
inner_days AS (
    SELECT integration, count(*) AS n, max(early) AS latest, median(early) AS usually_early,
        min(late) AS earliest, median(late) AS usually_late
    FROM days JOIN ends USING (integration) WHERE day > first_day AND day < last_day GROUP BY 1)
SELECT ends.integration,
    ends.first_day + CASE WHEN n >= 3 AND f.early > latest AND f.early - usually_early >= 3600 THEN 1 ELSE 0 END AS first_day,
    ends.last_day - CASE WHEN n >= 3 AND l.late < earliest AND usually_late - l.late >= 3600 THEN 1 ELSE 0 END AS last_day
FROM ends LEFT JOIN inner_days USING (integration)
    JOIN days AS f ON f.integration = ends.integration AND f.day = ends.first_day
    JOIN days AS l ON l.integration = ends.integration AND l.day = ends.last_day
"""
"""The days of the client's zone that the files of an integration cover. A first day that begins later than every other one, by an hour or
more against the median, is half a day, and so is a last day that ends earlier than every other one: neither counts."""


NAMES = 100
"""How many unknown integrations are named, each with at most 80 characters: a log may hold anything."""


def set_clock(engine: duckdb.DuckDBPyConnection, zone: str) -> None:
    """Make the functions ``local_time``, what the clocks of a zone show at a moment in UTC, and ``hour_of``, when its hour began, in UTC.

    Hours are an hour long also where the clocks change, so a day has 23, 24 or 25 of them. They begin when the clocks of
    the first moment show a full hour, at half past in UTC for India.
    """
    row = engine.execute("SELECT min(started), max(started) FROM attempts").fetchone()
    first, last = row if row and row[0] else (dt.datetime(2000, 1, 1), dt.datetime(2000, 1, 1))
    offsets = find_offsets(zone, first, last)
    cases = "".join(
        f"WHEN moment < TIMESTAMP '{until}' THEN {ahead.total_seconds():.0f} "
        for (_, ahead), (until, _) in pairwise(offsets)
    )
    latest = f"{offsets[-1][1].total_seconds():.0f}"
    seconds = f"CASE {cases}ELSE {latest} END" if cases else latest
    past = f"to_seconds({offsets[0][1].total_seconds() % 3600:.0f})"
    engine.execute(f"CREATE OR REPLACE TEMP MACRO local_time(moment) AS moment + to_seconds({seconds})")
    engine.execute(
        f"CREATE OR REPLACE TEMP MACRO hour_of(moment) AS date_trunc('hour', moment + {past}) - {past}"
    )


def gather(
    engine: duckdb.DuckDBPyConnection,
    assign: Callable[[Iterable[str]], Mapping[str, str]],
    zone: str = "UTC",
) -> tuple[tuple[str, ...], int]:
    """Make the tables ``covered`` and ``runs`` of the table ``attempts``.

    Parameters
    ----------
    zone
        Whose days and weeks are counted.
    assign
        Gives the integration of each name that is known: see `assigned`.

    Returns
    -------
    tuple
        Names of integrations that are not known, sorted, at most `NAMES`, and how many there are. Their
        attempts are removed; the days that their files cover stay in ``covered``.
    """
    set_clock(engine, zone)
    engine.execute("CREATE OR REPLACE TEMP TABLE moments AS SELECT file, started FROM attempts")
    written = [
        str(name)
        for (name,) in engine.execute("SELECT DISTINCT integration FROM attempts ORDER BY 1").fetchall()
    ]
    known = assign(written)
    renamed = {name: id for name, id in known.items() if name != id}
    if renamed:
        engine.execute(
            "CREATE OR REPLACE TEMP TABLE renamed AS SELECT unnest(?::VARCHAR[]) AS name, unnest(?::VARCHAR[]) AS id",
            [list(renamed), list(renamed.values())],
        )
        engine.execute(
            "UPDATE attempts SET integration = renamed.id FROM renamed WHERE attempts.integration = renamed.name"
        )
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE known AS SELECT unnest(?::VARCHAR[]) AS integration",
        [sorted(set(known.values()))],
    )
    engine.execute("DELETE FROM attempts WHERE integration NOT IN (SELECT integration FROM known)")
    engine.execute(COVERED)
    engine.execute(RUNS)
    strange = [name for name in written if name not in known]
    return tuple(dict.fromkeys(name[:80] for name in strange[:NAMES])), len(strange)


def summary(engine: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per integration, sorted: how many runs and how they ended.

    ``first_day`` and ``last_day`` are those of the log files that mention the integration, not of its own
    runs (`COVERED`): a monthly job has been observed for the days on which it did not run, too.
    """
    return engine.execute(
        """
        WITH seen AS (SELECT integration, first_day, last_day,
                     count(*) FILTER (WHERE test) AS tests, count(*) FILTER (WHERE child AND NOT test) AS children
                 FROM attempts JOIN covered USING (integration) GROUP BY ALL),
        told AS (SELECT integration, count(*) AS runs, count(*) FILTER (WHERE delivered) AS delivered,
                     count(*) FILTER (WHERE status = 'warning') AS warnings,
                     count(*) FILTER (WHERE status = 'failed') AS failed,
                     count(*) FILTER (WHERE status = 'running') AS unfinished,
                     count(*) FILTER (WHERE status = 'unknown') AS unknown,
                     count(*) FILTER (WHERE at_once) AS at_once,
                     count(*) FILTER (WHERE manual) AS manual, sum(attempts)::BIGINT AS attempts,
                     count(records) > 0 AS counts_records,
                     sum(bytes) FILTER (WHERE delivered AND records > 0) AS bytes,
                     sum(records) FILTER (WHERE delivered AND bytes IS NOT NULL) AS weighed
                 FROM runs GROUP BY 1)
        SELECT * FROM seen LEFT JOIN told USING (integration) ORDER BY integration
        """
    ).df()


def messages(engine: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return integration, hour (its begin, in UTC) and messages delivered, sorted; hours without a run and days that count half are absent.

    Where a log counts no records, each delivered run is one message.
    """
    return engine.execute(
        """
        WITH counting AS (SELECT integration, count(records) > 0 AS counts FROM runs GROUP BY 1)
        SELECT integration, hour_of(started) AS hour,
            coalesce(sum(CASE WHEN counts THEN coalesce(records, 0) ELSE 1 END) FILTER (WHERE delivered), 0)::DOUBLE AS messages
        FROM runs JOIN counting USING (integration) JOIN covered USING (integration)
        WHERE local_time(started)::DATE BETWEEN first_day AND last_day GROUP BY 1, 2 ORDER BY 1, 2
        """
    ).df()


def latencies(engine: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return quantiles of the latency of delivered runs, seconds, with 95% limits, one row per integration.

    A quantile is the order statistic of rank ceil(n p), its limits those of rank n p -+ 1.96 sqrt(n p (1 - p))
    (Hahn and Meeker 1991, section 5.2, normal approximation).
    """
    ranks = ", ".join(
        f"max(latency) FILTER (WHERE rank = least(n, greatest(1, ceil(n * {p} + {z} * sqrt(n * {p} * (1 - {p})))))) AS {name}_{part}"
        for name, p in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        for part, z in (("low", -1.96), ("likely", 0.0), ("high", 1.96))
    )
    return engine.execute(
        f"""
        WITH ranked AS (
            SELECT integration, latency, row_number() OVER (PARTITION BY integration ORDER BY latency) AS rank,
                count(*) OVER (PARTITION BY integration) AS n
            FROM runs WHERE delivered AND latency IS NOT NULL)
        SELECT integration, any_value(n) AS n, {ranks} FROM ranked GROUP BY 1 ORDER BY 1
        """  # noqa: S608 - numbers only
    ).df()


LEVELS = """
    rated AS (
        SELECT integration, started, started + to_microseconds(seconds * 1000000) AS ended,
            records / seconds AS rate
        FROM (SELECT integration, started, records,
                  greatest(60, ceil(coalesce(epoch(finished - started), 60)))::BIGINT AS seconds
              FROM runs WHERE delivered AND records > 0)),
    steps AS (
        SELECT integration, moment, sum(rate) AS step FROM (
            SELECT integration, started AS moment, rate FROM rated
            UNION ALL SELECT integration, ended, -rate FROM rated) GROUP BY ALL),
    levels AS (
        SELECT integration, moment,
            sum(step) OVER (PARTITION BY integration ORDER BY moment ROWS UNBOUNDED PRECEDING) AS load
        FROM steps)
"""
"""The load from each moment on, messages a second: the messages of a delivered run are spread evenly over its
duration, at least a minute; the load of a moment is the sum over the runs that are under way (a sweep over
starts and ends, exact). What happens within a longer run, the log does not know."""


def loads(engine: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the highest load of each week in messages a second: integration, week (its Monday), peak."""
    return engine.execute(
        f"""
        WITH {LEVELS}
        SELECT integration, date_trunc('week', local_time(moment))::DATE AS week, round(max(load), 9) AS peak
        FROM levels GROUP BY 1, 2 HAVING max(load) > 1e-9 ORDER BY 1, 2
        """  # noqa: S608 - a constant of this module
    ).df()


KEPT = 500
"""Runs that are kept of each integration to judge a promise: 500 in time out of 500 show 99%."""


def under_load(engine: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return delivered runs with the load at which they began: integration, load, latency, busiest, sampled.

    ``busiest`` are the `KEPT` runs of the highest load; ``sampled`` are as many, evenly spaced along the
    load (a systematic sample), all where there are no more. ``load`` is empty where the log counts no records.
    """
    return engine.execute(
        f"""
        WITH {LEVELS},
        placed AS (
            SELECT runs.integration, runs.latency,
                CASE WHEN runs.records > 0 THEN round(greatest(levels.load, 0), 9) END AS load, runs.started
            FROM runs ASOF LEFT JOIN levels
                ON runs.integration = levels.integration AND runs.started >= levels.moment
            WHERE runs.delivered AND runs.latency IS NOT NULL),
        ranked AS (
            SELECT *, row_number() OVER of_one AS place, count(*) OVER (PARTITION BY integration) AS n
            FROM placed WINDOW of_one AS
                (PARTITION BY integration ORDER BY load DESC NULLS LAST, started, latency)),
        marked AS (
            SELECT *, place <= {KEPT} AS busiest,
                n <= {KEPT} OR place * {KEPT} // n > (place - 1) * {KEPT} // n AS sampled
            FROM ranked)
        SELECT integration, load, latency, busiest, sampled
        FROM marked WHERE busiest OR sampled ORDER BY integration, place
        """  # noqa: S608 - constants of this module
    ).df()


def hourly_latencies(engine: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the median latency of each hour's delivered runs: integration, hour, latency in seconds, sorted."""
    return engine.execute(
        """
        SELECT integration, hour_of(started) AS hour, median(latency) AS latency
        FROM runs JOIN covered USING (integration)
        WHERE delivered AND latency IS NOT NULL AND local_time(started)::DATE BETWEEN first_day AND last_day
        GROUP BY 1, 2 ORDER BY 1, 2
        """
    ).df()


def weekly_latencies(engine: duckdb.DuckDBPyConnection) -> tuple[float, ...]:
    """Return the mean latency in seconds of the delivered runs of each week, all integrations together, in their order."""
    rows = engine.execute(
        """
        SELECT avg(latency ORDER BY latency) FROM runs WHERE delivered AND latency IS NOT NULL
        GROUP BY date_trunc('week', local_time(started)) ORDER BY date_trunc('week', local_time(started))
        """
    ).fetchall()
    return tuple(float(mean) for (mean,) in rows)


def lately(
    engine: duckdb.DuckDBPyConnection, hours: Sequence[float]
) -> dict[str, dict[float, tuple[int, int]]]:
    """Return, by integration and hours, the runs that ended and that failed so long before the end of its logs."""
    rows = engine.execute(
        """
        WITH last AS (SELECT file, max(started) AS last FROM attempts GROUP BY 1),
        until AS (SELECT integration, max(last) AS last FROM attempts JOIN last USING (file) GROUP BY 1)
        SELECT integration, hours, count(*) AS ended, count(*) FILTER (WHERE status = 'failed') AS failed
        FROM runs JOIN until USING (integration), (SELECT unnest(?::DOUBLE[]) AS hours)
        WHERE (delivered OR status = 'failed') AND started > last - to_microseconds((hours * 3600000000)::BIGINT)
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        [list(hours)],
    ).fetchall()
    found: dict[str, dict[float, tuple[int, int]]] = {}
    for integration, within, ended, failed in rows:
        found.setdefault(integration, {})[within] = (ended, failed)
    return found


def cadences(engine: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Return the median seconds between the begins of two batches, by integration; absent where it has none.

    A batch is a delivered run that ends when its last message arrives: its latency is its own duration, give or
    take a second or a twentieth. Where the latency differs, a line sums up many messages and says nothing of how long they wait.
    Integrations of which fewer than half of the runs are batches are left out.
    """
    rows = engine.execute(
        """
        WITH judged AS (
            SELECT integration, started, attempts > 1 OR latency IS NULL
                OR abs(latency - epoch(finished - started)) <= greatest(1, 0.05 * latency) AS batch
            FROM runs WHERE delivered AND finished IS NOT NULL),
        mostly AS (SELECT integration FROM judged GROUP BY 1 HAVING 2 * count(*) FILTER (WHERE batch) >= count(*)),
        gaps AS (SELECT integration, epoch(started - lag(started) OVER
                (PARTITION BY integration ORDER BY started)) AS gap
            FROM judged JOIN mostly USING (integration))
        SELECT integration, median(gap) FROM gaps WHERE gap > 0 GROUP BY 1 HAVING count(*) >= 3 ORDER BY 1
        """
    ).fetchall()
    return {str(integration): float(gap) for integration, gap in rows}


def last_failures(engine: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return integration and start of every run that failed for good, sorted."""
    return engine.execute("SELECT integration, started FROM runs WHERE status = 'failed' ORDER BY 1, 2").df()


def resolution(engine: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return over how many seconds the load is smoothed: the duration of the run that moves the middle message.

    At least 60; without a finish a run's duration is unknown and counts as a minute.
    """
    return engine.execute(
        """
        WITH long AS (
            SELECT integration, greatest(60, ceil(coalesce(epoch(finished - started), 60)))::BIGINT AS seconds,
                records FROM runs WHERE delivered AND records > 0),
        piled AS (
            SELECT integration, seconds,
                sum(records) OVER (PARTITION BY integration ORDER BY seconds) AS up_to,
                sum(records) OVER (PARTITION BY integration) AS total
            FROM long)
        SELECT integration, min(seconds) FILTER (WHERE 2 * up_to >= total) AS seconds
        FROM piled GROUP BY 1 ORDER BY 1
        """
    ).df()


def assigned(engagement: Engagement, names: Iterable[str]) -> dict[str, str]:
    """Return the integration of each name that is known; the others are left out.

    See `assess.intake.ticket_exports.match_integrations` for what a name may be.
    """
    integrations = ((integration.id, integration.name) for integration in engagement.integrations)
    return match_integrations(
        integrations, ((row.name, row.integration) for row in engagement.run_names), names
    )
