"""Files of run logs as tables of text: tables, JSON lines, JSON documents, lines of text; each possibly packed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import re2

from assess.core.engine import literal, open_reader, quoted
from assess.core.tables.delimited import open_as_utf8, read_delimited
from assess.core.tables.encoding import decode_text, recognise_encoding
from assess.core.tables.opening import open_table
from assess.core.tables.store import Workplace
from assess.core.unpacking import PARSED, Budget, check_unpacked, plain_suffix, read_whole

from .mapping import recognise, shipped, squeezed
from .spans import is_trace, runs, trace_form

TABULAR = (".csv", ".tsv", ".txt")
LINEWISE = (".jsonl", ".ndjson")
DOCUMENTS = (".json",)
TEXT = (".log",)
TABLES = (".xlsx", ".xlsm", ".parquet", ".pq")
DEPTH = 4
"""Levels below the root at which an export keeps its list of records, and of names within a record."""
SAMPLE = 1_000
"""JSON lines of which the nested names are read; those of the first level are read of all."""


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
    names
        The columns as the file writes them; empty where it writes them as they are.
    form
        What the file is, where its columns do not say so.
    """

    lines: int
    reasons: dict[str, int]
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    form: str = ""


class UnreadableLog(Exception):
    """A file of which nothing can be read; its text says why."""


def stage(engine: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    """Read a file into the table ``raw``.

    Raises
    ------
    UnreadableLog
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
        return _text(engine, path)
    if path.suffix.lower() in TABLES:
        return _delimited(engine, path)
    known = ", ".join((*TABULAR, *LINEWISE, *DOCUMENTS, *TEXT, *TABLES))
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
    """Read a table; a column without a name or named twice is ``column3``."""
    workplace = Workplace(name=path.name)
    if path.suffix.lower() in TABLES:
        store, reading = open_table(path, workplace=workplace)
        lines, notes = store.rows, reading.notes
    else:
        source, coded = open_as_utf8(path, workplace)
        store, reading = read_delimited(source, workplace, encoding="utf-8", ragged=False)
        lines, notes = _lines(source) - 1, coded.notes
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
    return Staged(lines, reasons, tuple(header), notes, tuple(store.columns))


def _json_lines(engine: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    """Read JSON lines; where the first is a batch of traces, each span of each line is a record."""
    total, notes = _read_lines(engine, path)
    engine.execute(
        """CREATE OR REPLACE TEMP TABLE lines AS SELECT line, CASE WHEN json_valid(line)
            THEN json_type(line) = 'OBJECT' ELSE false END AS whole FROM texts"""
    )
    first = engine.execute("SELECT line FROM lines WHERE whole LIMIT 1").fetchall()
    whole = count_rows(engine, "SELECT count(*) FROM lines WHERE whole")
    reasons = {"no JSON object": total - whole} if total > whole else {}
    if first and is_trace(json.loads(first[0][0])):
        Budget(path.name).check_whole(
            count_rows(engine, "SELECT sum(length(line)) FROM lines WHERE whole"), PARSED
        )
        texts = engine.execute("SELECT line FROM lines WHERE whole").fetchall()
        held = _records(engine, (span for (text,) in texts for span in runs(json.loads(text))))
        lost = {reason: held.reasons.get(reason, 0) + n for reason, n in reasons.items()} | {
            reason: n for reason, n in held.reasons.items() if reason not in reasons
        }
        return Staged(held.lines + total - whole, lost, held.columns, notes, form="traces in OTLP")
    rows = engine.execute("SELECT line FROM lines WHERE whole LIMIT ?", [SAMPLE]).fetchall()
    paths: dict[str, tuple[str, ...]] = {}
    for (text,) in rows:
        for steps in _paths(json.loads(text)):
            paths.setdefault(squeezed("".join(steps)), steps)
    keys = engine.execute(
        "SELECT DISTINCT unnest(json_keys(line)) FROM lines WHERE whole ORDER BY 1"
    ).fetchall()
    for (key,) in keys:
        if not any(steps[0] == key for steps in paths.values()):
            paths.setdefault(squeezed(key), (key,))
    kept = {name: steps for name, steps in paths.items() if name and not name[0].isdigit()}
    taken = ", ".join(f'line ->> {literal(_pointer(steps))} AS "{name}"' for name, steps in kept.items())
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE raw AS SELECT {taken or 'NULL AS nothing'} FROM lines WHERE whole"  # noqa: S608
    )
    written = tuple(".".join(steps) for steps in kept.values())
    return Staged(total, reasons, tuple(kept) or ("nothing",), notes, written)


def _pointer(steps: tuple[str, ...]) -> str:
    """Write the steps to a value as a JSON pointer (RFC 6901)."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _paths(item: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterable[tuple[str, ...]]:
    """Yield the steps to each value of a record, what is nested by its inner names."""
    for key, value in item.items():
        steps = (*before, str(key))
        if isinstance(value, Mapping) and value and len(steps) <= DEPTH:
            yield from _paths(value, steps)
        else:
            yield steps


def _document(engine: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    """Read one JSON document: a list of records, an object that holds one, a single record, or traces."""
    content = read_whole(path)
    coded = recognise_encoding(lambda: [content])
    held = json.loads(decode_text(content, coded))
    if is_trace(held):
        return _records(engine, runs(held))._replace(notes=coded.notes, form=trace_form(held))
    items = held if isinstance(held, list) else _list_of(held) if isinstance(held, Mapping) else None
    if items is None:
        raise UnreadableLog("holds no records")
    written: dict[str, str] = {}
    records = [_flat(item, written) if isinstance(item, Mapping) else None for item in items]
    found = _records(engine, records)
    return found._replace(notes=coded.notes, names=tuple(written.get(c, c) for c in found.columns))


def _list_of(document: Mapping[str, Any]) -> list[Any]:
    """Return the longest list of records of a document, the nearest to its root; itself where it is a record or has none."""
    if recognise({squeezed("".join(steps)) for steps in _paths(document)}):
        return [document]
    level: list[Mapping[str, Any]] = [document]
    for _ in range(DEPTH):
        lists = [
            value
            for item in level
            for value in item.values()
            if isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value)
        ]
        if lists:
            return max(lists, key=len)
        level = [value for item in level for value in item.values() if isinstance(value, Mapping)]
    return [document]


def _flat(item: Mapping[str, Any], written: dict[str, str]) -> dict[str, str]:
    """Write a record as text by squeezed name; a list is JSON, but one of a type and a number is the number."""
    found: dict[str, str] = {}
    for steps in _paths(item):
        value: Any = item
        for step in steps:
            value = value[step]
        name = squeezed("".join(steps))
        if not name or name[0].isdigit() or value is None:
            continue
        if (
            isinstance(value, list)
            and len(value) == 2
            and isinstance(value[0], str)
            and isinstance(value[1], int)
        ):
            value = value[1]
        plain = isinstance(value, str | int | float) and not isinstance(value, bool)
        found.setdefault(name, str(value) if plain else json.dumps(value))
        written.setdefault(name, ".".join(steps))
    return found


def _records(engine: duckdb.DuckDBPyConnection, items: Iterable[dict[str, str] | None]) -> Staged:
    """Put records into the table ``raw``; those that are None could not be read."""
    every = list(items)
    if not every:
        raise UnreadableLog("holds no records")
    kept = [item for item in every if item is not None]
    names = list(dict.fromkeys(name for item in kept for name in item)) or ["nothing"]
    frame = pd.DataFrame([[item.get(name) for name in names] for item in kept], columns=names, dtype=object)
    engine.register("frame_of_records", frame)
    taken = ", ".join(f'"{name}"::VARCHAR AS "{name}"' for name in names)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT {taken} FROM frame_of_records")  # noqa: S608
    engine.unregister("frame_of_records")
    lost = len(every) - len(kept)
    return Staged(len(every), {"no record of a run": lost} if lost else {}, tuple(names))


def _text(engine: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    """Read lines of text by the pattern that fits them, fields that a line names (W3C), or JSON lines that are called ``.log``."""
    total, notes = _read_lines(engine, path)
    head = [line for (line,) in engine.execute("SELECT line FROM texts LIMIT 50").fetchall()]
    if head and head[0].startswith("{"):
        return _json_lines(engine, path)
    fields = next((line for line in head if line.startswith("#Fields:")), "")
    if fields:
        return _w3c(engine, fields, total)._replace(notes=notes)
    for pattern in shipped()["patterns"]:
        if not any(re2.search(pattern["lines"], line) for line in head):
            continue
        if "useless" in pattern:
            raise UnreadableLog(f"is an {pattern['name']}: {pattern['useless']}")
        return _patterned(engine, pattern["lines"], pattern["name"], total)._replace(notes=notes)
    raise UnreadableLog(
        "is text whose lines have no form that is known: export it as a table or as JSON lines"
    )


def _patterned(engine: duckdb.DuckDBPyConnection, pattern: str, name: str, total: int) -> Staged:
    parts = re.findall(r"\(\?P<(\w+)>", pattern)
    taken = ", ".join(f"nullif(nullif(part['{part}'], ''), '-') AS \"{part}\"" for part in parts)
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE raw AS WITH lines AS (
            SELECT regexp_extract(line, ?, [{", ".join(map(literal, parts))}]) AS part FROM texts
            WHERE regexp_matches(line, ?)) SELECT {taken} FROM lines""",  # noqa: S608 - names of shipped patterns
        [pattern, pattern],
    )
    lost = total - count_rows(engine, "SELECT count(*) FROM raw")
    return Staged(total, {f"no line of the {name} format": lost} if lost else {}, tuple(parts))


def _w3c(engine: duckdb.DuckDBPyConnection, fields: str, total: int) -> Staged:
    """Read an extended log file: a line names the fields, separated by blanks, or by tabs where a line has one (w3.org/TR/WD-logfile)."""
    written = fields.removeprefix("#Fields:").split()
    names = [squeezed(name) for name in written]
    if not names or len(set(names)) < len(names):
        raise UnreadableLog("names a field twice")
    taken = ", ".join(f"nullif(part[{at}], '-') AS {quoted(name)}" for at, name in enumerate(names, start=1))
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE raw AS WITH lines AS (
            SELECT string_split(trim(line), CASE WHEN contains(line, chr(9)) THEN chr(9) ELSE ' ' END) AS part FROM texts WHERE line NOT LIKE '#%')
            SELECT {taken} FROM lines WHERE len(part) = ?""",  # noqa: S608 - quoted names
        [len(names)],
    )
    comments = count_rows(engine, "SELECT count(*) FROM texts WHERE line LIKE '#%'")
    lost = total - comments - count_rows(engine, "SELECT count(*) FROM raw")
    return Staged(
        total - comments, {"wrong number of fields": lost} if lost else {}, tuple(names), (), tuple(written)
    )


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


def count_rows(engine: duckdb.DuckDBPyConnection, query: str, *values: str) -> int:
    """Return the one number that a query asks for."""
    (row,) = engine.execute(query, list(values)).fetchall()
    return int(row[0])
