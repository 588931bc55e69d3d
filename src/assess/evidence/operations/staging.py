"""Files of run logs as tables of text: delimited, JSON lines, JSON documents, access logs; each possibly gzipped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from assess.core.engine import literal, open_reader, quoted
from assess.core.tables.delimited import open_as_utf8, read_delimited
from assess.core.tables.encoding import decode_text, recognise_encoding
from assess.core.tables.store import Workplace
from assess.core.unpacking import PARSED, Budget, check_unpacked, plain_suffix, read_whole

from .dialects import BOOMI, OURS, WORKATO, squeezed
from .spans import runs

TABULAR = (".csv", ".tsv", ".txt")
LINEWISE = (".jsonl", ".ndjson")
DOCUMENTS = (".json",)
TEXT = (".log",)
LISTS = ("items", "result", "results", "records", "executions", "jobs", "data")
"""Keys under which an export keeps its list of records."""
OUTER = frozenset(path for dialect in (WORKATO, BOOMI) for path in dialect.paths.items())


class Staged(NamedTuple):
    """What was read of a file into the table ``raw``.

    Parameters
    ----------
    lines
        Lines with content, or records of a document.
    reasons
        Those that could not be read at all, by reason.
    columns
        Columns of ``raw``, squeezed; all text.
    notes
        On the encoding, where it is not UTF-8.
    """

    lines: int
    reasons: dict[str, int]
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()


class UnreadableLog(Exception):
    """A file of which nothing can be read; its text says why."""


def stage(engine: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    """Read a file into the table ``raw``.

    Raises
    ------
    Unreadable
        If its form is not known, or its records are none.
    UnreadableTable
        If it is no regular file, or unpacks to more than is allowed.
    duckdb.Error, OSError, ValueError
        If its content is not what its ending says.
    """
    form = plain_suffix(path)
    check_unpacked(path)
    if form in TABULAR:
        return _delimited(engine, path)
    if form in LINEWISE:
        return _json_lines(engine, path)
    if form in DOCUMENTS:
        return _document(engine, path)
    if form in TEXT:
        return _requests(engine, path)
    known = ", ".join((*TABULAR, *LINEWISE, *DOCUMENTS, *TEXT))
    raise UnreadableLog(f"is no run log ({known} can be read)")


_LINES = """SELECT line FROM read_csv(?, header = false, auto_detect = false, delim = '\x01', quote = '', escape = '',
            columns = {'line': 'VARCHAR'}, ignore_errors = true) WHERE trim(line) <> ''"""


def _move(found: duckdb.DuckDBPyRelation, engine: duckdb.DuckDBPyConnection, table: str) -> None:
    """Move the rows of a query into a temporary table of another engine, a part at a time."""
    engine.register("incoming", found.to_arrow_reader(50_000))
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM incoming")  # noqa: S608
    engine.unregister("incoming")


def _read_lines(engine: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, tuple[str, ...]]:
    """Read the lines that are not blank into the table ``texts``; return how many there are, and notes on the encoding."""
    workplace = Workplace(name=path.name)
    source, coded = open_as_utf8(path, workplace)
    with open_reader(source) as (reader, link):
        _move(reader.sql(_LINES, params=[link]), engine, "texts")
    return _lines(source), coded.notes


def _delimited(engine: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    """Read a delimited file; a column without a name or named twice is ``column3``."""
    workplace = Workplace(name=path.name)
    source, coded = open_as_utf8(path, workplace)
    store, reading = read_delimited(source, workplace, encoding="utf-8", ragged=False)
    given = {name.rpartition(" → ")[2] for name in reading.renamed}
    header: list[str] = []
    for position, name in enumerate(store.columns):
        plain = "" if name in given else squeezed(name)
        header.append(plain if plain and plain not in header else f"column{position}")
    connection, relation = store.relation()
    picked = ", ".join(
        f"{quoted(name)} AS {quoted(plain)}" for name, plain in zip(store.columns, header, strict=True)
    )
    _move(connection.sql(f"SELECT {picked} FROM {relation}"), engine, "raw")  # noqa: S608
    reasons = {"wrong number of fields": reading.irregular} if reading.irregular else {}
    return Staged(_lines(source) - 1, reasons, tuple(header), coded.notes)


def _json_lines(engine: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    """Read JSON lines; where the first is a batch of traces, each span of each line is a record."""
    total, notes = _read_lines(engine, path)
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE lines AS SELECT line, CASE WHEN json_valid(line)
            THEN json_type(line) = 'OBJECT' ELSE false END AS whole FROM texts"""
    )
    first = engine.execute("SELECT line FROM lines WHERE whole LIMIT 1").fetchall()
    whole = _count(engine, "SELECT count(*) FROM lines WHERE whole")
    reasons = {"no JSON object": total - whole} if total > whole else {}
    if first and _traces(json.loads(first[0][0])):
        Budget(path.name).check_whole(
            _count(engine, "SELECT sum(length(line)) FROM lines WHERE whole"), PARSED
        )
        texts = engine.execute("SELECT line FROM lines WHERE whole").fetchall()
        held = _records(engine, (span for (text,) in texts for span in runs(json.loads(text))))
        lost = {reason: held.reasons.get(reason, 0) + n for reason, n in reasons.items()} | {
            reason: n for reason, n in held.reasons.items() if reason not in reasons
        }
        return Staged(held.lines + total - whole, lost, held.columns, notes)
    keys = engine.execute(
        "SELECT DISTINCT unnest(json_keys(line)) FROM lines WHERE whole ORDER BY 1"
    ).fetchall()
    paths: dict[str, str] = {}
    for (key,) in keys:
        paths.setdefault(squeezed(key), '$."' + key.replace('"', "") + '"')
    paths |= {name: place for name, place in OUTER if "context" in paths and name not in paths}
    paths.pop("", None)
    taken = ", ".join(f'line ->> {literal(place)} AS "{name}"' for name, place in _safe(paths).items())
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE raw AS SELECT {taken or 'NULL AS nothing'} FROM lines WHERE whole"  # noqa: S608
    )
    return Staged(total, reasons, tuple(_safe(paths)) or ("nothing",), notes)


def _safe(paths: Mapping[str, str]) -> dict[str, str]:
    """Keep names that are words: a key of digits alone is no column."""
    return {name: place for name, place in paths.items() if name[0].isalpha()}


def _document(engine: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    """Read one JSON document: a list of records, an object that holds one, a single record, or traces."""
    content = read_whole(path)
    coded = recognise_encoding(lambda: [content])
    held = json.loads(decode_text(content, coded))
    if _traces(held):
        return _records(engine, runs(held))._replace(notes=coded.notes)
    if isinstance(held, Mapping):
        lists = [held[key] for key in LISTS if isinstance(held.get(key), list)]
        held = lists[0] if lists else [held]
    if not isinstance(held, list):
        raise UnreadableLog("holds no records")
    records = (_flat(item) if isinstance(item, Mapping) else None for item in held)
    return _records(engine, records)._replace(notes=coded.notes)


def _traces(held: Any) -> bool:
    return isinstance(held, Mapping) and bool({"resourceSpans", "resource_spans"} & set(held))


def _flat(item: Mapping[str, Any]) -> dict[str, str]:
    """Write a record as text by squeezed name, what is nested as JSON."""
    found: dict[str, str] = {}
    for key, value in item.items():
        name = squeezed(str(key))
        if name and name[0].isalpha() and value is not None:
            plain = isinstance(value, str | int | float) and not isinstance(value, bool)
            found.setdefault(name, str(value) if plain else json.dumps(value))
    context = item.get("context")
    for name, place in OUTER if isinstance(context, Mapping) else ():
        value = context.get(place.rsplit(".", 1)[-1]) if isinstance(context, Mapping) else None
        if value is not None:
            found.setdefault(name, str(value))
    return found


def _records(engine: duckdb.DuckDBPyConnection, items: Iterable[dict[str, str] | None]) -> Staged:
    """Put records into the table ``raw``; those that are None could not be read."""
    every = list(items)
    if not every:
        raise UnreadableLog("holds no records")
    kept = [item for item in every if item is not None]
    names = list(dict.fromkeys(name for item in kept for name in item)) or list(map(squeezed, OURS.columns))
    frame = pd.DataFrame([[item.get(name) for name in names] for item in kept], columns=names, dtype=object)
    engine.register("frame_of_records", frame)
    taken = ", ".join(f'"{name}"::VARCHAR AS "{name}"' for name in names)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT {taken} FROM frame_of_records")  # noqa: S608
    engine.unregister("frame_of_records")
    lost = len(every) - len(kept)
    return Staged(len(every), {"no record of a run": lost} if lost else {}, tuple(names))


REQUEST = (
    r'^(\S+) (\S+) (.+?) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)'
    r'(?: "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*")?(?: (?:rt=)?(\d+\.\d+))?(?: .*)?$'
)
"""A line of the common log format; referer and agent of the combined one, and a request time in seconds, may follow."""
_PARTS = "['host', 'ident', 'person', 'stamp', 'request', 'status', 'bytes', 'requesttime']"


def _requests(engine: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    """Read an access log in the common or combined format, a request a line; or JSON lines that are called ``.log``."""
    total, notes = _read_lines(engine, path)
    if _count(engine, "SELECT count(*) FROM (SELECT line FROM texts LIMIT 1) WHERE line LIKE '{%'"):
        return _json_lines(engine, path)
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE raw AS
            WITH lines AS (SELECT regexp_extract(line, ?, {_PARTS}) AS part FROM texts),
            dated AS (SELECT part, try_strptime(part['stamp'], '%d/%b/%Y:%H:%M:%S %z') AS moment FROM lines)
            SELECT moment::VARCHAR AS time, part['request'] AS request, part['status'] AS status,
                nullif(part['bytes'], '-') AS bytes, nullif(part['requesttime'], '') AS requesttime
            FROM dated WHERE moment IS NOT NULL AND part['request'] <> ''""",  # noqa: S608 - constants of this module
        [REQUEST],
    )
    lost = total - _count(engine, "SELECT count(*) FROM raw")
    reasons = {"no request of the common log format": lost} if lost else {}
    return Staged(total, reasons, ("time", "request", "status", "bytes", "requesttime"), notes)


def _lines(path: Path) -> int:
    """Count the lines that are not blank."""
    count, filled = 0, False
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            first, *others = chunk.split(b"\n")
            filled = filled or bool(first.strip())
            if others:
                count += filled + sum(1 for line in others[:-1] if line.strip())
                filled = bool(others[-1].strip())
    return count + filled


def _count(engine: duckdb.DuckDBPyConnection, query: str, *values: str) -> int:
    (row,) = engine.execute(query, list(values)).fetchall()
    return int(row[0])
