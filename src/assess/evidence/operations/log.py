"""Run logs as they lie in the folder: one row per attempt, every line accounted for."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import duckdb

from assess.core.engine import literal, open_spilling
from assess.core.record import Record
from assess.core.unpacking import UnreadableTable

from .dialects import COLUMNS, OURS, REQUIRED, map_columns, recognise
from .staging import Staged, UnreadableLog, stage

logger = logging.getLogger(__name__)

STATUSES = {
    "success": ("success", "succeeded", "successful", "ok", "completed", "complete", "done", "finished", "passed"),
    "warning": ("warning", "warnings", "partial", "completed with errors", "completed_with_errors"),
    "failed": ("failed", "failure", "fail", "error", "aborted", "timeout", "timed out", "cancelled", "canceled"),
    "running": ("running", "started", "in progress", "in_progress", "pending", "queued"),
    "skipped": ("skipped", "discarded"),
}  # fmt: skip
"""What the words of schedulers mean. A word that is not here makes a line malformed: guessing would
make the success rate mean nothing. What was skipped never ran, so its line is no run either."""
TESTS = ("test", "dry run", "dry-run", "dryrun")
"""Triggers of runs that moved no business data: in no measure, but counted."""
CHILDREN = ("subprocess", "sub-process", "child", "subflow")
"""Triggers of runs that are part of another: the parent counts. A parent_run_id says the same."""
MANUAL = ("manual", "manually", "by hand", "user")
"""Triggers of runs that a person started."""


class LogFile(Record):
    """What became of one file of run logs.

    Parameters
    ----------
    form
        What it was recognised as, such as ``run log`` or ``Boomi executions``.
    lines
        Lines with content, below the header where there is one; of a JSON document, its records.
    attempts
        Lines that are an attempt of a run.
    malformed
        Lines that are none: cut off, ragged, without a valid start or a known status. No measure uses them.
    duplicates
        Attempts that were logged twice, word for word; counted once.
    reasons
        Malformed lines by reason, most first; a broken quotation mark takes the lines after it along.
    notes
        On the encoding, where it is not UTF-8.
    problem
        Why nothing of the file could be used; empty where it could.
    """

    path: str
    form: str = ""
    lines: int = 0
    attempts: int = 0
    malformed: int = 0
    duplicates: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


def connect() -> duckdb.DuckDBPyConnection:
    """Open an engine with an empty table ``attempts``, one row per attempt, moments in UTC."""
    engine = open_spilling()
    engine.execute(
        """CREATE TABLE attempts (file VARCHAR, integration VARCHAR, run_id VARCHAR, started TIMESTAMP,
           finished TIMESTAMP, status VARCHAR, records DOUBLE, bytes DOUBLE, latency_ms DOUBLE,
           attempt INTEGER, error VARCHAR, test BOOLEAN, child BOOLEAN,
           manual BOOLEAN)"""
    )
    return engine


def read_logs(
    engine: duckdb.DuckDBPyConnection, paths: Iterable[tuple[str, str | Path]]
) -> tuple[LogFile, ...]:
    """Read run logs into the table ``attempts``; a file that can't be used says why and stops nothing.

    Parameters
    ----------
    paths
        Name in the engagement and path of each file: csv with any usual delimiter, JSON lines, a JSON document
        (a list of records, or traces in OTLP), or an access log; each also compressed (``.gz``). Moments without
        an offset are taken as UTC; ten, thirteen or nineteen digits are seconds, milliseconds or nanoseconds
        since 1970. An export that names no integration is of the one that its file is named after.
    """
    files = [_read(engine, name, Path(path)) for name, path in paths]
    twice = _drop_duplicates(engine)
    return tuple(file.model_copy(update={"duplicates": twice.get(file.path, 0)}) for file in files)


def _read(engine: duckdb.DuckDBPyConnection, name: str, path: Path) -> LogFile:
    try:
        return _take(engine, name, stage(engine, path))
    except UnreadableLog as error:
        return LogFile(path=name, problem=str(error))
    except UnreadableTable as error:
        return LogFile(path=name, problem=f"can't be read: {error}")
    except (duckdb.Error, OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        logger.debug("unreadable run log %s", name, exc_info=error)
        return LogFile(path=name, problem="can't be read: is it a run log, one run a line?")


def _take(engine: duckdb.DuckDBPyConnection, name: str, staged: Staged) -> LogFile:
    """Move the staged lines that are attempts into ``attempts`` and account for the others."""
    dialect = recognise(staged.columns)
    said = map_columns(dialect, staged.columns)
    if dialect is not OURS:
        said.setdefault("integration", literal(Path(name).name.split(".")[0]))
    absent = [column for column in REQUIRED if column not in said]
    if absent:
        return LogFile(
            path=name, lines=staged.lines, problem=f"has no column {' and no column '.join(absent)}"
        )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {_judged(said, staged.columns)}")
    engine.execute(
        """INSERT INTO attempts SELECT ?, integration, run_id, started, finished, status, records, bytes,
           latency_ms, attempt, error, test, child, manual FROM judged WHERE reason IS NULL""",
        [name],
    )
    reasons = dict(staged.reasons)
    judged = engine.execute(
        "SELECT reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY 1"
    ).fetchall()
    for reason, count in judged:
        reasons[reason] = reasons.get(reason, 0) + count
    attempts = _count(engine, "SELECT count(*) FROM judged WHERE reason IS NULL")
    inner = _count(engine, "SELECT coalesce(sum(line_ends), 0)::BIGINT FROM judged WHERE reason IS NULL")
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return LogFile(
        path=name,
        form=dialect.name,
        lines=staged.lines,
        attempts=attempts,
        malformed=staged.lines - inner - attempts,
        reasons=tuple(ranked),
        notes=staged.notes,
    )


def _judged(said: Mapping[str, str], columns: Collection[str]) -> str:
    """Return the query that types the staged lines and says why a line is no attempt."""
    cell = {c: f"nullif(trim({said[c]}), '')" if c in said else "NULL::VARCHAR" for c in COLUMNS}
    ends = " + ".join(
        f'coalesce(length("{c}") - length(replace("{c}", chr(10), \'\')), 0)' for c in sorted(columns)
    )
    status = " ".join(
        f"WHEN lower({cell['status']}) IN ({listed(words)}) THEN '{meaning}'"
        for meaning, words in STATUSES.items()
    )
    trigger = f"lower(coalesce({cell['trigger']}, ''))"
    return f"""
    WITH typed AS (
        SELECT {cell["integration"]} AS integration, {cell["run_id"]} AS run_id, {cell["error"]} AS error,
            {_moment(cell["started"])} AS started, {_moment(cell["finished"])} AS finished,
            {cell["finished"]} IS NOT NULL AS ended, CASE {status} END AS status,
            {_number(cell["records"])} AS records, {_number(cell["bytes"])} AS bytes,
            {_number(cell["latency_ms"])} AS latency_ms,
            coalesce(try_cast({cell["attempt"]} AS INTEGER), 1) AS attempt,
            {trigger} IN ({listed(TESTS)}) AS test,
            {trigger} IN ({listed(CHILDREN)}) OR {cell["parent_run_id"]} IS NOT NULL AS child,
            {trigger} IN ({listed(MANUAL)}) AS manual, {ends} AS line_ends
        FROM raw)
    SELECT *, CASE
        WHEN integration IS NULL THEN 'no integration'
        WHEN started IS NULL THEN 'no valid start'
        WHEN ended AND finished IS NULL THEN 'no valid finish'
        WHEN finished < started THEN 'finished before it started'
        WHEN status IS NULL THEN 'unknown status'
        WHEN status = 'skipped' THEN 'skipped: it never ran'
        WHEN records < 0 OR bytes < 0 OR latency_ms < 0 THEN 'negative number'
        END AS reason
    FROM typed"""  # noqa: S608 - built of constants of this module


def _moment(cell: str) -> str:
    """Return the expression of a moment in UTC, NULL where the text is none."""
    return f"""CASE
        WHEN year(try_cast({cell} AS TIMESTAMPTZ)) BETWEEN 1970 AND 2999
            THEN try_cast({cell} AS TIMESTAMPTZ)::TIMESTAMP
        WHEN regexp_full_match({cell}, '[0-9]{{10}}') THEN epoch_ms(try_cast({cell} AS BIGINT) * 1000)
        WHEN regexp_full_match({cell}, '[0-9]{{13}}') THEN epoch_ms(try_cast({cell} AS BIGINT))
        WHEN regexp_full_match({cell}, '[0-9]{{19}}') THEN make_timestamp(try_cast({cell} AS BIGINT) // 1000)
        WHEN regexp_full_match({cell}, '[0-9]{{10}}[.][0-9]+')
            THEN make_timestamp((try_cast({cell} AS DECIMAL(20, 6)) * 1000000)::BIGINT) END"""


def _number(cell: str) -> str:
    return f"CASE WHEN isfinite(try_cast({cell} AS DOUBLE)) THEN try_cast({cell} AS DOUBLE) END"


def _drop_duplicates(engine: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Remove attempts that were logged twice, in one file or two; return how many by file.

    Without a run id two equal lines may be two runs, so they stay.
    """
    same = """SELECT rowid AS line, file, row_number() OVER (PARTITION BY integration, run_id, started,
              finished, status, records, bytes, latency_ms, attempt, test, child ORDER BY file, rowid) AS copy
              FROM attempts WHERE run_id IS NOT NULL"""
    twice = engine.execute(f"SELECT file, count(*) FROM ({same}) WHERE copy > 1 GROUP BY 1").fetchall()  # noqa: S608
    if twice:
        engine.execute(f"DELETE FROM attempts WHERE rowid IN (SELECT line FROM ({same}) WHERE copy > 1)")  # noqa: S608
    return {str(file): int(count) for file, count in twice}


def _count(engine: duckdb.DuckDBPyConnection, query: str, *values: str) -> int:
    (row,) = engine.execute(query, list(values)).fetchall()
    return int(row[0])


def listed(words: Iterable[str]) -> str:
    """Write words as SQL lists them."""
    return ", ".join(map(literal, words))
