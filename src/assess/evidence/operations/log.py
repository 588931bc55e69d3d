"""Run logs as they lie in the folder: one row per attempt, every line accounted for."""

from __future__ import annotations

import csv
import gzip
import logging
from collections.abc import Iterable
from pathlib import Path

import duckdb

from assess.intake.record import Record

logger = logging.getLogger(__name__)

COLUMNS = (
    "integration", "run_id", "started", "finished", "status", "records", "bytes", "latency_ms", "attempt",
    "trigger", "error", "parent_run_id",
)  # fmt: skip
"""What a log may hold; other columns are ignored."""
REQUIRED = ("integration", "started", "status")
TABULAR = (".csv", ".tsv", ".txt")
LINEWISE = (".jsonl", ".ndjson")
DELIMITERS = ",;\t|"

STATUSES = {
    "success": ("success", "succeeded", "successful", "ok", "completed", "complete", "done", "finished", "passed"),
    "warning": ("warning", "warnings", "partial", "completed with errors", "completed_with_errors"),
    "failed": ("failed", "failure", "fail", "error", "aborted", "timeout", "timed out", "cancelled", "canceled"),
    "running": ("running", "started", "in progress", "in_progress", "pending", "queued"),
}  # fmt: skip
"""What the words of schedulers mean. A word that is not here makes a line malformed: guessing would
make the success rate mean nothing."""
TESTS = ("test", "dry run", "dry-run", "dryrun")
"""Triggers of runs that moved no business data: in no measure, but counted."""
CHILDREN = ("subprocess", "sub-process", "child", "subflow")
"""Triggers of runs that are part of another: the parent counts. A parent_run_id says the same."""


class LogFile(Record):
    """What became of one file of run logs.

    Parameters
    ----------
    lines
        Lines with content, below the header where there is one.
    attempts
        Lines that are an attempt of a run.
    malformed
        Lines that are none: cut off, ragged, without a valid start or a known status. No measure uses them.
    duplicates
        Attempts that were logged twice, word for word; counted once.
    reasons
        Malformed lines by reason, most first; a broken quotation mark takes the lines after it along.
    problem
        Why nothing of the file could be used; empty where it could.
    """

    path: str
    lines: int = 0
    attempts: int = 0
    malformed: int = 0
    duplicates: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    problem: str = ""


def connect(memory_limit: str = "", spill_folder: str = "") -> duckdb.DuckDBPyConnection:
    """Open an engine with an empty table ``attempts``, one row per attempt, moments in UTC."""
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'")
    if memory_limit:
        engine.execute(f"SET memory_limit = {_quoted(memory_limit)}")
    if spill_folder:
        engine.execute(f"SET temp_directory = {_quoted(spill_folder)}")
    engine.execute(
        """CREATE TABLE attempts (file VARCHAR, integration VARCHAR, run_id VARCHAR, started TIMESTAMP,
           finished TIMESTAMP, status VARCHAR, records DOUBLE, bytes DOUBLE, latency_ms DOUBLE,
           attempt INTEGER, error VARCHAR, test BOOLEAN, child BOOLEAN)"""
    )
    return engine


def read_logs(
    engine: duckdb.DuckDBPyConnection, paths: Iterable[tuple[str, str | Path]]
) -> tuple[LogFile, ...]:
    """Read run logs into the table ``attempts``; a file that can't be used says why and stops nothing.

    Parameters
    ----------
    paths
        Name in the engagement and path of each file: csv with any usual delimiter, or JSON lines, either
        also compressed (``.gz``). Moments without an offset are taken as UTC; ten or thirteen digits are
        seconds or milliseconds since 1970.
    """
    files = [_read(engine, name, Path(path)) for name, path in paths]
    twice = _drop_duplicates(engine)
    return tuple(file.model_copy(update={"duplicates": twice.get(file.path, 0)}) for file in files)


def _read(engine: duckdb.DuckDBPyConnection, name: str, path: Path) -> LogFile:
    kind = (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()
    if kind not in (*TABULAR, *LINEWISE):
        return LogFile(path=name, problem=f"is no run log ({', '.join((*TABULAR, *LINEWISE))} can be read)")
    try:
        if kind in LINEWISE:
            lines, reasons = _stage_json(engine, path)
        else:
            lines, reasons = _stage_csv(engine, path)
        return _take(engine, name, lines, reasons)
    except (duckdb.Error, OSError, csv.Error) as error:
        logger.debug("unreadable run log %s", name, exc_info=error)
        return LogFile(path=name, problem="can't be read: is it text in UTF-8, one run a line?")


_LINES = """read_csv(?, header = false, auto_detect = false, delim = '\x01', quote = '', escape = '',
            columns = {'line': 'VARCHAR'}, ignore_errors = true)"""
_BYTES = _LINES.replace("ignore_errors", "encoding = 'latin-1', ignore_errors")
"""The same lines byte by byte, so that those that are no UTF-8 are counted too."""


def _stage_csv(engine: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, dict[str, int]]:
    """Read a delimited file into the table ``staged``; return its lines and what the parser refused."""
    header, delimiter = read_header(path)
    columns = ", ".join(f"'{column}': 'VARCHAR'" for column in header)
    engine.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE staged AS SELECT * FROM read_csv(?, header = false, skip = 1,
            auto_detect = false, delim = ?, quote = '"', escape = '"', columns = {{{columns}}},
            store_rejects = true)""",  # noqa: S608 - columns are words of COLUMNS or numbered
        [str(path), delimiter],
    )
    refused = engine.execute(
        "SELECT error_type, count(DISTINCT line) FROM reject_errors GROUP BY 1"
    ).fetchall()
    reasons: dict[str, int] = {}
    for kind, count in refused:
        reason = "wrong number of fields" if "COLUMNS" in str(kind) else str(kind).lower()
        reasons[reason] = reasons.get(reason, 0) + count
    return _count(engine, f"SELECT count(*) FROM {_BYTES} WHERE trim(line) <> ''", str(path)) - 1, reasons  # noqa: S608


def _stage_json(engine: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, dict[str, int]]:
    """Read JSON lines into the table ``staged``; return the number of lines and what was no object."""
    taken = ", ".join(f"line ->> '$.{column}' AS {column}" for column in COLUMNS)
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE lines AS SELECT line, CASE WHEN json_valid(line)
            THEN json_type(line) = 'OBJECT' ELSE false END AS whole FROM {_LINES} WHERE trim(line) <> ''""",  # noqa: S608
        [str(path)],
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE staged AS SELECT {taken} FROM lines WHERE whole")  # noqa: S608
    lines = _count(engine, f"SELECT count(*) FROM {_BYTES} WHERE trim(line) <> ''", str(path))  # noqa: S608
    broken = lines - _count(engine, "SELECT count(*) FROM staged")
    return lines, {"no JSON object": broken} if broken else {}


def read_header(path: Path) -> tuple[list[str], str]:
    """Return a delimited file's columns and its delimiter; a column that is not ours is ``column 3``."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        first = file.readline(1 << 20).decode("utf-8-sig", errors="replace")
    delimiter = max(DELIMITERS, key=first.count)
    header: list[str] = []
    for position, name in enumerate(next(csv.reader([first], delimiter=delimiter), [])):
        plain = "_".join(name.strip().lower().replace("-", " ").split())
        header.append(plain if plain in COLUMNS and plain not in header else f"column {position}")
    return header, delimiter


def _take(engine: duckdb.DuckDBPyConnection, name: str, lines: int, reasons: dict[str, int]) -> LogFile:
    """Move the staged lines that are attempts into ``attempts`` and account for the others."""
    present = {row[0] for row in engine.execute("SELECT name FROM pragma_table_info('staged')").fetchall()}
    absent = [column for column in REQUIRED if column not in present]
    if absent:
        return LogFile(path=name, lines=lines, problem=f"has no column {' and no column '.join(absent)}")
    engine.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {_judged(present)}")
    engine.execute(
        """INSERT INTO attempts SELECT ?, integration, run_id, started, finished, status, records, bytes,
           latency_ms, attempt, error, test, child FROM judged WHERE reason IS NULL""",
        [name],
    )
    judged = engine.execute(
        "SELECT reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY 1"
    ).fetchall()
    for reason, count in judged:
        reasons[reason] = reasons.get(reason, 0) + count
    attempts = _count(engine, "SELECT count(*) FROM judged WHERE reason IS NULL")
    inner = _count(engine, "SELECT coalesce(sum(line_ends), 0)::BIGINT FROM judged WHERE reason IS NULL")
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return LogFile(
        path=name, lines=lines, attempts=attempts, malformed=lines - inner - attempts, reasons=tuple(ranked)
    )


def _judged(present: set[str]) -> str:
    """Return the query that types the staged lines and says why a line is no attempt."""
    cell = {c: f"nullif(trim({c}), '')" if c in present else "NULL::VARCHAR" for c in COLUMNS}
    ends = " + ".join(
        f"coalesce(length({c}) - length(replace({c}, chr(10), '')), 0)"
        for c in sorted(present & set(COLUMNS))
    )
    status = " ".join(
        f"WHEN lower({cell['status']}) IN ({_listed(words)}) THEN '{meaning}'"
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
            {trigger} IN ({_listed(TESTS)}) AS test,
            {trigger} IN ({_listed(CHILDREN)}) OR {cell["parent_run_id"]} IS NOT NULL AS child,
            {ends} AS line_ends
        FROM staged)
    SELECT *, CASE
        WHEN integration IS NULL THEN 'no integration'
        WHEN started IS NULL THEN 'no valid start'
        WHEN ended AND finished IS NULL THEN 'no valid finish'
        WHEN finished < started THEN 'finished before it started'
        WHEN status IS NULL THEN 'unknown status'
        WHEN records < 0 OR bytes < 0 OR latency_ms < 0 THEN 'negative number'
        END AS reason
    FROM typed"""  # noqa: S608 - built of constants of this module


def _moment(cell: str) -> str:
    """Return the expression of a moment in UTC, NULL where the text is none."""
    return f"""CASE
        WHEN year(try_cast({cell} AS TIMESTAMPTZ)) BETWEEN 1970 AND 2999
            THEN try_cast({cell} AS TIMESTAMPTZ)::TIMESTAMP
        WHEN regexp_full_match({cell}, '[0-9]{{10}}') THEN epoch_ms(try_cast({cell} AS BIGINT) * 1000)
        WHEN regexp_full_match({cell}, '[0-9]{{13}}') THEN epoch_ms(try_cast({cell} AS BIGINT)) END"""


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
    row = engine.execute(query, list(values)).fetchone()
    return int(row[0]) if row else 0


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(_quoted, words))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
