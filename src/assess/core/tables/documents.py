"""JSON documents and spreadsheets into texts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from assess.core.unpacking import Budget, UnreadableTable, check_workbook, read_whole

from .encoding import UnknownEncoding, decode_text, recognise_encoding, stated_encoding
from .store import Reading, Store, Workplace, unique_names

MOST_HELD = 1_000_000
"""Cells of a workbook that are held before they become columns."""

SHORT = 64
"""Characters of a text that count as one cell more."""


def read_json(path: Path, budget: Budget, *, encoding: str = "") -> tuple[pa.Table, Reading]:
    """Read a JSON array of objects, an object that holds one, or one object a line.

    Numbers keep their digits, nested values become JSON text, a missing key is null.

    Raises
    ------
    UnreadableTable
        If it is no JSON, holds no list of objects, is nested too deeply or does not fit into memory.
    """
    try:
        return _read_json(path, budget, encoding)
    except UnknownEncoding as error:
        raise UnreadableTable(f"{path.name}: {error}") from None
    except RecursionError:
        raise UnreadableTable(f"{path.name} nests JSON deeper than is read: is it a table?") from None


def _read_json(path: Path, budget: Budget, encoding: str) -> tuple[pa.Table, Reading]:
    content = read_whole(path)
    coded = stated_encoding(encoding) if encoding else recognise_encoding(lambda: [content])
    text = decode_text(content, coded)
    lines, notes = False, coded.notes
    try:
        document = _loads(text)
    except json.JSONDecodeError as problem:
        lines, (document, bad) = True, _lines(path, text, problem)
        if bad:
            notes = (*notes, f"{bad:,} lines are no JSON and are left out")
    records = _records(path, document)
    keys = list(dict.fromkeys(key for record in records for key in record))
    if not keys:
        raise UnreadableTable(f"{path.name} holds no objects: a table is a list of objects, or one a line")
    budget.check_rows(len(records), len(keys))
    budget.check_whole(len(records) * len(keys), 8)
    names, renamed = unique_names(keys)
    columns = [pa.array([_text(record.get(key)) for record in records], pa.large_string()) for key in keys]
    reading = Reading(
        location=path.name,
        form="jsonl" if lines else "json",
        encoding=coded.name,
        renamed=renamed,
        notes=notes,
    )
    return pa.table(columns, names), reading


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _lines(path: Path, text: str, problem: json.JSONDecodeError) -> tuple[list[Any], int]:
    read, bad = [], 0
    for line in text.splitlines():
        if line.strip():
            try:
                read.append(_loads(line))
            except json.JSONDecodeError:
                bad += 1
    if not read or bad > len(read):
        raise UnreadableTable(
            f"{path.name} is no JSON: {problem.msg} in line {problem.lineno}, column {problem.colno}"
        )
    return read, bad


def _records(path: Path, document: Any) -> list[dict[str, Any]]:
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list) and value]
        document = lists[0] if len(lists) == 1 and isinstance(lists[0][0], dict) else [document]
    if not isinstance(document, list):
        raise UnreadableTable(f"{path.name} holds no list of objects")
    return [record if isinstance(record, dict) else {"value": record} for record in document]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def read_workbook(path: Path, sheet: str, workplace: Workplace) -> tuple[Store, Reading]:
    """Read a sheet of an .xlsx workbook, the first that is not empty if none is named.

    Whole numbers lose Excel's ``.0``, cells formatted with leading zeros keep them, dates are ISO 8601.

    Raises
    ------
    UnreadableTable
        If it is no workbook, has no such sheet, or unpacks to more than is allowed.
    """
    import openpyxl

    check_workbook(path, path.name)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            if sheet and sheet not in book.sheetnames:
                names = ", ".join(book.sheetnames)
                raise UnreadableTable(f"{path.name} has no sheet {sheet!r}; it has {names}")
            for name in [sheet] if sheet else book.sheetnames:
                rows = (row for row in _sheet(book[name]) if any(row))
                if first := next(rows, None):
                    return _grid(path, name, first, rows, len(book.sheetnames) - 1, workplace)
        finally:
            book.close()
    except UnreadableTable:
        raise
    except Exception as problem:  # openpyxl raises whatever its XML and ZIP layers raise on a damaged file
        raise UnreadableTable(f"{path.name} is no Excel workbook (.xlsx), or a damaged one") from problem
    raise UnreadableTable(f"{path.name} is empty: no sheet has a cell")


def _sheet(sheet: Any) -> Iterator[list[str | None]]:
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # the stated size of a sheet is not always true
    for row in getattr(sheet, "iter_rows", tuple)():  # a sheet of a chart has no rows
        yield [_cell(cell) for cell in row]


def _cell(cell: Any) -> str | None:
    value = cell.value
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ") if value.time() != dt.time() else value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    pattern = str(getattr(cell, "number_format", "") or "")
    if isinstance(value, int) and len(pattern) > 1 and set(pattern) == {"0"}:
        return str(value).zfill(len(pattern))
    return str(value)


def _grid(
    path: Path, sheet: str, first: list[str | None], rows: Iterator[list[str | None]], others: int,
    workplace: Workplace,
) -> tuple[Store, Reading]:  # fmt: skip
    """Take the first row as header and keep the others, a batch at a time; the widest row says how many columns.

    Columns with neither a name nor a value are left out: a single cell far away would bring thousands.
    """
    width, parts, held = _width(first), [], 0
    used = {place for place, value in enumerate(first) if value}
    for part in _parted(rows):
        breadth = max(map(_width, part))
        width = max(width, breadth)
        padded = [(row + [None] * breadth)[:breadth] for row in part]
        arrays = [pa.array(column, pa.large_string()) for column in zip(*padded, strict=True)]
        parts.append((len(part), arrays))
        used |= {place for place, array in enumerate(arrays) if array.null_count < len(array)}
        held += sum(array.nbytes for array in arrays)
        workplace.budget.check_whole(held)
    kept = sorted(used)
    workplace.budget.check_rows(sum(count for count, _ in parts), len(kept))
    names, renamed = unique_names([(first[place] or "") if place < len(first) else "" for place in kept])
    schema = pa.schema([(name, pa.large_string()) for name in names])

    def batches() -> Iterator[pa.RecordBatch]:
        for count, arrays in parts:
            absent = pa.nulls(count, pa.large_string())
            columns = [arrays[place] if place < len(arrays) else absent for place in kept]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    left_out = width - len(kept)
    notes = (
        f"sheet {sheet!r}",
        *([f"{others} other sheets not read"] if others else []),
        *([f"{left_out:,} columns with neither a name nor a value are left out"] if left_out else []),
    )
    reading = Reading(location=path.name, form="xlsx", renamed=renamed, notes=notes)
    return workplace.keep(batches(), schema), reading


def _width(row: list[str | None]) -> int:
    """Return the place behind the last cell that holds something."""
    return len(row) - next((i for i, value in enumerate(reversed(row)) if value), len(row))


def _parted(rows: Iterator[list[str | None]]) -> Iterator[list[list[str | None]]]:
    """Cut rows into parts of at most `MOST_HELD` cells; a long text counts as many, although cells may share it."""
    part: list[list[str | None]] = []
    cells = 0
    for row in rows:
        part.append(row)
        cells += len(row) + sum(len(value) for value in row if value) // SHORT
        if cells >= MOST_HELD:
            yield part
            part, cells = [], 0
    if part:
        yield part
