"""Run logs as they lie in the folder: one row per attempt, every line accounted for."""

from __future__ import annotations

import logging
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import pandas as pd

from assess.core.engine import literal, open_spilling, quoted
from assess.core.moments import read_moments
from assess.core.personal import find_codes, show_example
from assess.core.record import Record
from assess.core.secrets import mask_secrets
from assess.core.unpacking import UnreadableTable
from assess.intake.engagement import LogColumn

from .mapping import (
    MEANINGS,
    ColumnMapping,
    FoundColumn,
    expressions,
    find_mapping,
    propose,
    shipped,
    squeezed,
    status_meanings,
)
from .staging import Staged, UnreadableLog, count_rows, stage

logger = logging.getLogger(__name__)

UNKNOWN = 5
"""Unknown words of a status that are named."""
SAMPLED = 200
"""Rows by whose values a column is proposed."""


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
    unknown
        Attempts whose status is a word that nobody explained: they ended neither well nor badly.
    columns
        Columns of the file with what they were taken for, or are proposed to be.
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
    unknown: int = 0
    columns: tuple[FoundColumn, ...] = ()
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
    engine: duckdb.DuckDBPyConnection,
    paths: Iterable[tuple[str, str | Path]],
    stated: Sequence[LogColumn] = (),
    zone: str = "UTC",
) -> tuple[LogFile, ...]:
    """Read run logs into the table ``attempts``; a file that can't be used says why and stops nothing.

    Parameters
    ----------
    paths
        Name in the engagement and path of each file: a table, JSON lines, a JSON document (records, or traces in
        OTLP or of Jaeger), or lines of text of a known form; each also compressed (``.gz``). Ten, thirteen, sixteen or
        nineteen digits are seconds to nanoseconds since 1970. An export that names no integration is of the one
        that its file is named after.
    stated
        What columns and words mean, where their names do not say so.
    zone
        Of moments without an offset.
    """
    files = [_read(engine, name, Path(path), stated, zone) for name, path in paths]
    twice = _drop_duplicates(engine)
    return tuple(file.model_copy(update={"duplicates": twice.get(file.path, 0)}) for file in files)


def _read(
    engine: duckdb.DuckDBPyConnection, name: str, path: Path, stated: Sequence[LogColumn], zone: str
) -> LogFile:
    try:
        return _take(engine, name, stage(engine, path), stated, zone)
    except UnreadableLog as error:
        return LogFile(path=name, problem=str(error))
    except UnreadableTable as error:
        return LogFile(path=name, problem=f"can't be read: {error}")
    except (duckdb.Error, OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        logger.debug("unreadable run log %s", name, exc_info=error)
        return LogFile(path=name, problem="can't be read: is it a run log, one run a line?")


def _take(
    engine: duckdb.DuckDBPyConnection, name: str, staged: Staged, stated: Sequence[LogColumn], zone: str
) -> LogFile:
    """Move the staged lines that are attempts into ``attempts`` and account for the others."""
    mapping = find_mapping(staged.columns, stated, name)
    sql = expressions(mapping, Path(name).name.split(".")[0])
    columns = _columns(engine, staged, mapping)
    file = LogFile(
        path=name, form=staged.form or mapping.form, lines=staged.lines, notes=staged.notes, columns=columns
    )
    absent = [what for field, what in NEEDED.items() if field not in sql]
    if absent:
        listed = ", ".join(column.name for column in columns[:20])
        return file.model_copy(
            update={
                "form": "",
                "problem": f"has no column that says {' and none '.join(absent)}; it has {listed}: "
                "say in operations/columns.csv which is which",
            }
        )
    problem = _prepare(engine, sql, staged.columns, mapping, zone)
    if problem:
        return file.model_copy(
            update={"form": "", "problem": f"{problem}: say dmy or mdy in operations/columns.csv"}
        )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {_judged(mapping)}")
    engine.execute(
        """INSERT INTO attempts SELECT ?, integration, run_id, started, finished, coalesce(status, 'unknown'), records, bytes,
           latency_ms, attempt, error, test, child, manual FROM judged WHERE reason IS NULL""",
        [name],
    )
    reasons = dict(staged.reasons)
    for reason, count in engine.execute(
        "SELECT reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY 1"
    ).fetchall():
        reasons[reason] = reasons.get(reason, 0) + count
    attempts = count_rows(engine, "SELECT count(*) FROM judged WHERE reason IS NULL")
    inner = count_rows(engine, "SELECT coalesce(sum(line_ends), 0)::BIGINT FROM judged WHERE reason IS NULL")
    unknown = engine.execute(
        "SELECT coalesce(word, ''), count(*) FROM judged WHERE reason IS NULL AND status IS NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    for word, count in unknown[:UNKNOWN]:
        reasons[f"unknown status “{show_word(word)}”" if word else "no status"] = count
    return file.model_copy(
        update={
            "attempts": attempts,
            "malformed": staged.lines - inner - attempts,
            "unknown": sum(count for _, count in unknown),
            "reasons": tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        }
    )


NEEDED = {"started": "when a run began", "status": "how it ended"}


def show_word(word: str) -> str:
    """Return a word of a status as it may be printed: a short one without what could be a person or a secret."""
    plain = "".join(c if c.isalnum() or c in " _-." else "·" for c in word[:40])
    return mask_secrets(plain)


def _columns(
    engine: duckdb.DuckDBPyConnection, staged: Staged, mapping: ColumnMapping
) -> tuple[FoundColumn, ...]:
    names = staged.names or staged.columns
    picked = ", ".join(quoted(name) for name in staged.columns)
    rows = engine.execute(f"SELECT {picked} FROM raw LIMIT {SAMPLED}").fetchall()  # noqa: S608 - quoted names
    values = {column: [row[at] for row in rows if row[at]] for at, column in enumerate(staged.columns)}
    found = propose(values, mapping)
    return tuple(
        FoundColumn(
            name=mask_secrets(name[:80]),
            samples=_samples(name, values[column], found.get(column, "")),
            meaning=found.get(column, ""),
        )
        for column, name in zip(staged.columns, names, strict=True)
    )


def _samples(name: str, values: Sequence[str], meaning: str) -> tuple[str, ...]:
    """Return up to three values as they may be printed: moments, numbers, words of a status and codes in clear."""
    counted = Counter(values)
    codes = find_codes(name, list(counted), counted.values())
    clear = meaning in ("started", "finished", "status", "records", "bytes", "latency", "attempt")
    return tuple(show_example(value, codes, clear=clear) for value in list(counted)[:3])


def _prepare(
    engine: duckdb.DuckDBPyConnection,
    sql: Mapping[str, str],
    columns: Sequence[str],
    mapping: ColumnMapping,
    zone: str,
) -> str:
    """Make the tables ``mapped`` (the columns of a run log, as text) and ``spoken`` (moments that SQL does not read).

    Returns why the moments can't be read, empty where they can.
    """
    ends = " + ".join(
        f'coalesce(length("{c}") - length(replace("{c}", chr(10), \'\')), 0)' for c in sorted(columns)
    )
    picked = ", ".join(
        f"nullif(trim({sql[c]}), '') AS {c}" if c in sql else f"NULL::VARCHAR AS {c}" for c in MEANINGS
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE mapped AS SELECT {picked}, {ends} AS line_ends FROM raw")  # noqa: S608
    aware = "" if zone == "UTC" else f" AND regexp_matches(text, '{OFFSET}')"
    texts = [
        text
        for (text,) in engine.execute(
            f"""SELECT DISTINCT text FROM (SELECT unnest([started, finished]) AS text FROM mapped)
            WHERE text IS NOT NULL AND NOT ({_moment("text")} IS NOT NULL{aware}) ORDER BY 1"""  # noqa: S608 - constants
        ).fetchall()
    ]
    read = read_moments(texts, zone, mapping.order)
    if read.problem:
        return read.problem
    frame = pd.DataFrame(
        {"text": pd.Series(texts, dtype=object), "moment": read.utc.astype("datetime64[us]")}
    )
    engine.register("frame_of_moments", frame)
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE spoken AS SELECT text::VARCHAR AS text, moment::TIMESTAMP AS moment FROM frame_of_moments"
    )
    engine.unregister("frame_of_moments")
    # a column whose name sounds like an end and that holds no moment at all is another one
    engine.execute(
        f"""UPDATE mapped SET finished = NULL WHERE NOT EXISTS (SELECT 1 FROM mapped AS m LEFT JOIN spoken ON text = m.finished
            WHERE coalesce(spoken.moment, {_moment("m.finished")}) IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM mapped WHERE finished IS NULL)"""  # noqa: S608 - constants
    )
    return ""


def _judged(mapping: ColumnMapping) -> str:
    """Return the query that types the mapped lines and says why a line is no attempt."""
    words = status_meanings() | dict(mapping.words)
    known = " ".join(
        f"WHEN word IN ({listed(word for word in words if words[word] == meaning)}) THEN '{meaning}'"
        for meaning in dict.fromkeys(words.values())
    )
    trigger = "lower(regexp_replace(coalesce(trigger, ''), '[^A-Za-z]', '', 'g'))"
    kinds = {kind: listed(squeezed(word) for word in words) for kind, words in shipped()["trigger"].items()}
    return f"""
    WITH worded AS (SELECT *, lower(regexp_replace(strip_accents(coalesce(status, '')), '[^\\p{{L}}\\p{{N}}]', '', 'g')) AS word,
            coalesce(b.moment, {_moment("started")}) AS began, coalesce(e.moment, {_moment("finished")}) AS ended,
            {_number("latency")} AS took
        FROM mapped LEFT JOIN spoken AS b ON b.text = started LEFT JOIN spoken AS e ON e.text = finished),
    typed AS (
        SELECT integration, run_id, error, began AS started,
            CASE WHEN finished IS NULL AND took >= 0 THEN began + to_microseconds((took * 1000)::BIGINT) ELSE ended END AS finished,
            finished IS NOT NULL AND ended IS NULL AS unread, CASE {known} {HTTP} END AS status, status AS word,
            {_count_of("records")} AS records, {_count_of("bytes")} AS bytes, took AS latency_ms,
            coalesce(try_cast(attempt AS INTEGER), 1) AS attempt,
            {trigger} IN ({kinds["test"]}) AS test,
            {trigger} IN ({kinds["child"]}) OR parent IS NOT NULL AS child,
            {trigger} IN ({kinds["manual"]}) AS manual, line_ends
        FROM worded)
    SELECT *, CASE
        WHEN integration IS NULL THEN 'no integration'
        WHEN started IS NULL THEN 'no valid start'
        WHEN unread THEN 'no valid finish'
        WHEN finished < started THEN 'finished before it started'
        WHEN status = 'skipped' THEN 'skipped: it never ran'
        WHEN records < 0 OR bytes < 0 OR latency_ms < 0 THEN 'negative number'
        END AS reason
    FROM typed"""  # noqa: S608 - built of constants of this room


HTTP = """WHEN regexp_full_match(word, '[1-3][0-9][0-9]') THEN 'success' WHEN word = '429' THEN 'failed'
    WHEN regexp_full_match(word, '4[0-9][0-9]') THEN 'warning' WHEN regexp_full_match(word, '5[0-9][0-9]') THEN 'failed'"""
"""What a status means that is an HTTP code, as of `mapping`: 5xx and 429 failed, other 4xx were the caller's fault."""


OFFSET = "[0-9][0-9]:[0-9][0-9].*([Zz]|[+-][0-9][0-9](:?[0-9][0-9])?)$|^[0-9]{10,19}([.][0-9]+)?$"
"""A moment that says how far it is from UTC, or counts from 1970."""


def _moment(cell: str) -> str:
    """Return the expression of a moment in UTC, NULL where the text is none."""
    return f"""CASE
        WHEN year(try_cast({cell} AS TIMESTAMPTZ)) BETWEEN 1970 AND 2999
            THEN try_cast({cell} AS TIMESTAMPTZ)::TIMESTAMP
        WHEN regexp_full_match({cell}, '[0-9]{{10}}') THEN epoch_ms(try_cast({cell} AS BIGINT) * 1000)
        WHEN regexp_full_match({cell}, '[0-9]{{13}}') THEN epoch_ms(try_cast({cell} AS BIGINT))
        WHEN regexp_full_match({cell}, '[0-9]{{16}}') THEN make_timestamp(try_cast({cell} AS BIGINT))
        WHEN regexp_full_match({cell}, '[0-9]{{19}}') THEN make_timestamp(try_cast({cell} AS BIGINT) // 1000)
        WHEN regexp_full_match({cell}, '[0-9]{{10}}[.][0-9]+')
            THEN make_timestamp((try_cast({cell} AS DECIMAL(20, 6)) * 1000000)::BIGINT) END"""


def _number(cell: str) -> str:
    return f"CASE WHEN isfinite(try_cast({cell} AS DOUBLE)) THEN try_cast({cell} AS DOUBLE) END"


def _count_of(cell: str) -> str:
    """Return the expression of a count: what stands between groups of three digits parts thousands."""
    grouped = f"regexp_full_match({cell}, '[0-9]{{1,3}}([.,'' \u00a0\u202f][0-9]{{3}})+')"
    return f"CASE WHEN {grouped} THEN try_cast(regexp_replace({cell}, '[^0-9]', '', 'g') AS DOUBLE) ELSE {_number(cell)} END"


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


def listed(words: Iterable[str]) -> str:
    """Write words as SQL lists them."""
    return ", ".join(map(literal, words))
