"""JSON documents and spreadsheets into texts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from . import encoding
from .reading import Reading, UnreadableTable, unique_names

Rows = list[dict[str, str | None]]


def read_json(path: Path) -> tuple[pa.Table, Reading]:
    """Read a JSON array of objects, an object that holds one, or one object a line.

    Numbers keep their digits, nested values become JSON text, a missing key is null.

    Raises
    ------
    UnreadableTable
        If it is no JSON, or holds no list of objects.
    """
    coded = encoding.found(path)
    name = coded.name if coded.name != "mixed" else "utf-8"
    text = path.read_bytes()[coded.skip :].decode(name, "replace")
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


def read_workbook(path: Path, sheet: str = "") -> tuple[pa.Table, Reading]:
    """Read a sheet of an .xlsx workbook, the first that is not empty if none is named.

    Whole numbers lose Excel's ``.0``, cells formatted with leading zeros keep them, dates are ISO 8601.

    Raises
    ------
    UnreadableTable
        If it is no workbook, or has no such sheet.
    """
    from zipfile import BadZipFile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as problem:
        raise UnreadableTable(f"{path.name} is no Excel workbook (.xlsx)") from problem
    try:
        if sheet and sheet not in book.sheetnames:
            raise UnreadableTable(f"{path.name} has no sheet {sheet!r}; it has {', '.join(book.sheetnames)}")
        for name in [sheet] if sheet else book.sheetnames:
            rows = [row for row in _sheet(book[name]) if any(row)]
            if rows:
                return _grid(path, name, rows, others=len(book.sheetnames) - 1)
    finally:
        book.close()
    raise UnreadableTable(f"{path.name} is empty: no sheet has a cell")


def _sheet(sheet: Any) -> Iterator[list[str | None]]:
    for row in sheet.iter_rows():
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


def _grid(path: Path, sheet: str, rows: list[list[str | None]], others: int) -> tuple[pa.Table, Reading]:
    width = max(len(row) - next((i for i, v in enumerate(reversed(row)) if v), len(row)) for row in rows)
    body = [(row + [None] * width)[:width] for row in rows[1:]]
    names, renamed = unique_names([(value or "") for value in (rows[0] + [None] * width)[:width]])
    columns = [pa.array([row[place] for row in body], pa.large_string()) for place in range(width)]
    notes = (f"sheet {sheet!r}", *([f"{others} other sheets not read"] if others else []))
    return pa.table(columns, names), Reading(location=path.name, form="xlsx", renamed=renamed, notes=notes)
