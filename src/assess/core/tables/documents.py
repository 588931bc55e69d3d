"""JSON documents and spreadsheets into texts."""

from __future__ import annotations

import datetime as dt
import json
import re
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from assess.core.unpacking import CHUNK, Budget, UnreadableTable, check_workbook, read_whole

from .encoding import UnknownEncoding, decode_text, recognise_encoding, stated_encoding
from .layout import BODY, LINES, TAIL, AreValues, Layout, count_footer, find_layout
from .store import Reading, Store, Workplace, unique_names

MOST_HELD = 1_000_000
"""Cells of a workbook that are held before they become columns."""

TOP = 200
"""Rows of a sheet by which its header is found."""
SHORT = 64
"""Characters of a text that count as one cell more."""


def read_json(path: Path, budget: Budget, *, part: str = "", encoding: str = "") -> tuple[pa.Table, Reading]:
    """Read a list of JSON objects, or one object a line.

    Also an object that holds one such list (``part`` names it where there are several), objects by their key, a list of
    lists under a header, and columns by their name. Numbers keep their digits, a missing key is null. What an object
    nests becomes columns (``address.city``); a list of objects is a table of its own that ``part`` names (``items``),
    and JSON text here.

    Raises
    ------
    UnreadableTable
        If it is no JSON, holds no list of objects, has no such part, is nested too deeply or does not fit into memory.
    """
    try:
        return _read_json(path, budget, part, encoding)
    except UnknownEncoding as error:
        raise UnreadableTable(f"{path.name}: {error}") from None
    except RecursionError:
        raise UnreadableTable(f"{path.name} nests JSON deeper than is read: is it a table?") from None


def _read_json(path: Path, budget: Budget, part: str, encoding: str) -> tuple[pa.Table, Reading]:
    content = read_whole(path)
    coded = stated_encoding(encoding) if encoding else recognise_encoding(lambda: [content])
    text = decode_text(content, coded)
    lines, notes = False, list(coded.notes)
    try:
        document = _loads(text)
    except json.JSONDecodeError as problem:
        lines, (document, bad) = True, _lines(path, text, problem)
        if bad:
            notes.append(f"{bad:,} lines are no JSON and are left out")
    records, rest, said = _records(path, document, part)
    flat = [_flattened(record) for record in records]
    nested = any(isinstance(value, dict) for record in records for value in record.values())
    if rest:
        flat = _children(path, flat, rest)
    keys = list(dict.fromkeys(key for record in flat for key in record))
    if not keys:
        raise UnreadableTable(f"{path.name} holds no objects: a table is a list of objects, or one a line")
    budget.check_rows(len(flat), len(keys))
    budget.check_whole(len(flat) * len(keys), 8)
    names, renamed = unique_names(keys)
    columns = [pa.array([_text(record.get(key)) for record in flat], pa.large_string()) for key in keys]
    tables = [
        k for k in keys if any(isinstance(v := r.get(k), list) and v and isinstance(v[0], dict) for r in flat)
    ]
    if tables:
        notes.append(f"tables of their own, read as {path.name}#NAME: {', '.join(tables)}")
    reading = Reading(
        location=path.name, form="jsonl" if lines else "json", encoding=coded.name, renamed=renamed,
        notes=(*notes, *said), laid_out=bool(said or nested or rest),
    )  # fmt: skip
    return pa.table(columns, names), reading


DEEPEST = 6
"""Objects within objects that become columns; what lies deeper is JSON text."""


def _flattened(record: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    """Bring what an object nests to its top, names joined by points."""
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict) and value and depth < DEEPEST:
            flat |= _flattened(value, f"{before}{key}.", depth + 1)
        else:
            flat[f"{before}{key}"] = value
    return flat


def _children(path: Path, parents: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """The objects of a list that each record holds, after the first field of the record that holds them."""
    lists = [k for p in parents for k, v in p.items() if isinstance(v, list)]
    if key not in lists:
        raise UnreadableTable(
            f"{path.name} has no part {key!r}; it has {', '.join(dict.fromkeys(lists)) or 'none'}"
        )
    found = []
    for row, parent in enumerate(parents):
        owner = next(((k, v) for k, v in parent.items() if not isinstance(v, list | dict)), ("row", str(row)))
        for child in parent.get(key) or []:
            own = _flattened(child) if isinstance(child, dict) else {"value": child}
            found.append({f"{owner[0]} of the record": owner[1], **own})
    return found


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


FEWEST = 2
"""Objects by their key from which on they are rows."""


def _records(path: Path, document: Any, part: str) -> tuple[list[dict[str, Any]], str, list[str]]:
    """The records of a document, the list within each that is asked for, and what was decided."""
    if isinstance(document, dict):
        found = _by_name(path, document, part)
        if found is not None:
            return found
        document = [document]
    if not isinstance(document, list):
        raise UnreadableTable(f"{path.name} holds no list of objects")
    if len(document) > 1 and all(isinstance(record, list) for record in document):
        header, *rows = document
        if rows and all(isinstance(name, str) for name in header):
            named = [dict(zip(header, row, strict=False)) for row in rows]
            return named, part, ["lists under a header"]
    return [record if isinstance(record, dict) else {"value": record} for record in document], part, []


def _by_name(
    path: Path, document: dict[str, Any], part: str
) -> tuple[list[dict[str, Any]], str, list[str]] | None:
    """The table in an object: a list that it holds, objects by their key, columns by their name; None if it is a record."""
    lists = {k: v for k, v in document.items() if isinstance(v, list) and v and isinstance(v[0], dict)}
    if part in lists:
        return _records(path, lists[part], "")
    if len(lists) == 1:
        name, rows = next(iter(lists.items()))
        return (*_records(path, rows, part)[:2], [f"list {name}"])
    if lists and len(lists) == len(document):
        raise UnreadableTable(
            f"{path.name} holds several tables: {', '.join(lists)}; name one, as in {path.name}#{next(iter(lists))}"
        )
    values = list(document.values())
    if len(values) >= FEWEST and all(isinstance(value, dict) for value in values) and _alike(values):
        return [{"key": key, **value} for key, value in document.items()], part, ["objects by their key"]
    columns = [v for v in values if isinstance(v, list)]
    if len(columns) == len(values) > 1 and len({len(v) for v in columns}) == 1 and len(columns[0]) > 1:
        return (
            [dict(zip(document, row, strict=True)) for row in zip(*columns, strict=True)],
            part,
            ["columns by their name"],
        )
    return None


def _alike(records: list[dict[str, Any]]) -> bool:
    """Whether objects have most of their keys in common, as rows of one table."""
    common = Counter(key for record in records for key in record)
    return bool(common) and sum(common.values()) >= 0.5 * len(common) * len(records)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def read_workbook(
    path: Path, sheet: str, workplace: Workplace, header_row: int = 0, are_values: AreValues | None = None
) -> tuple[Store, Reading]:
    """Read a sheet of an .xlsx workbook, the first that is not empty if none is named.

    Whole numbers lose Excel's ``.0``, cells formatted with leading zeros keep them, dates are ISO 8601; a label merged
    over several rows stands in each of them.

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
                rows = _Rows(_sheet(book[name]))
                if top := list(islice(rows, TOP)):
                    stated = header_row and bisect_left(rows.numbers, header_row) + 1
                    layout = find_layout(top, are_values, stated)
                    others = len(book.sheetnames) - 1
                    return _grid(path, name, layout, top, rows, others, workplace, are_values)
        finally:
            book.close()
    except UnreadableTable:
        raise
    except Exception as problem:  # openpyxl raises whatever its XML and ZIP layers raise on a damaged file
        raise UnreadableTable(f"{path.name} is no Excel workbook (.xlsx), or a damaged one") from problem
    raise UnreadableTable(f"{path.name} is empty: no sheet has a cell")


class _Rows:
    """The rows of a sheet that hold something, and the numbers of the first; the last of all are remembered, empty ones too."""

    def __init__(self, rows: Iterator[list[str | None]]) -> None:
        self._rows, self.numbers = rows, array("I")
        self.last: deque[list[str | None]] = deque(maxlen=BODY + TAIL)

    def __iter__(self) -> Iterator[list[str | None]]:
        for number, row in enumerate(self._rows, start=1):
            self.last.append(row)
            if any(row):
                if len(self.numbers) < TOP:
                    self.numbers.append(number)
                yield row


def _sheet(sheet: Any) -> Iterator[list[str | None]]:
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # the stated size of a sheet is not always true
    merged = _merged_down(sheet)
    label: dict[int, str | None] = {}
    for number, row in enumerate(
        getattr(sheet, "iter_rows", tuple)(), start=1
    ):  # a sheet of a chart has no rows
        cells = [_cell(cell) for cell in row]
        for place in merged.get(number, ()):
            if place < len(cells):
                cells[place] = label[place] = cells[place] or label.get(place)
        yield cells


REGION = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
MOST_MERGED = 200_000
"""Rows of merged cells that are filled down."""


def _merged_down(sheet: Any) -> dict[int, list[int]]:
    """Columns (from 0), by row (from 1), that belong to a cell merged over several rows of one column."""
    if not hasattr(sheet, "_get_source"):
        return {}
    from openpyxl.utils import column_index_from_string

    found: dict[int, list[int]] = defaultdict(list)
    left = MOST_MERGED
    with sheet._get_source() as source:  # openpyxl tells merged cells only where the whole sheet is loaded
        rest = b""
        while chunk := source.read(CHUNK):
            text = rest + chunk
            for region in REGION.finditer(text):
                one, top, other, bottom = region.groups()
                rows = range(int(top), int(bottom) + 1)
                if one == other and len(rows) <= left:
                    left -= len(rows)
                    for row in rows:
                        found[row].append(column_index_from_string(one.decode()) - 1)
            rest = text[text.rfind(b"<") :] if b"<" in text[-REFERENCE:] else b""
    return found


REFERENCE = 64
"""Bytes of a merged region at most."""


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
    path: Path, sheet: str, layout: Layout, top: list[list[str | None]], rows: _Rows, others: int,
    workplace: Workplace, are_values: AreValues | None,
) -> tuple[Store, Reading]:  # fmt: skip
    """Take the rows below the header, a batch at a time; the widest row says how many columns.

    Columns with neither a name nor a value are left out: a single cell far away would bring thousands.
    """
    first = layout.names
    width, parts, held = _width(list(first)), [], 0
    used = {place for place, value in enumerate(first) if value}
    for part in _parted(chain(top[layout.start :], rows)):
        breadth = max(map(_width, part))
        width = max(width, breadth)
        padded = [(row + [None] * breadth)[:breadth] for row in part]
        arrays = [pa.array(column, pa.large_string()) for column in zip(*padded, strict=True)]
        parts.append((len(part), arrays))
        used |= {place for place, array in enumerate(arrays) if array.null_count < len(array)}
        held += sum(array.nbytes for array in arrays)
        workplace.budget.check_whole(held)
    kept = sorted(used)
    count = sum(count for count, _ in parts)
    workplace.budget.check_rows(count, len(kept))
    tail = list(rows.last)
    while tail and not any(tail[-1]):
        tail.pop()
    start = next(iter(top[layout.start :]), None)
    below = count_footer(tail, len(kept), are_values, start) if count > 3 else 0
    footer = sum(any(row) for row in tail[len(tail) - below :]) if below else 0
    names, renamed = unique_names([(first[place] or "") if place < len(first) else "" for place in kept])
    schema = pa.schema([(name, pa.large_string()) for name in names])

    def batches() -> Iterator[pa.RecordBatch]:
        left = count - footer
        for number, arrays in parts:
            absent = pa.nulls(number, pa.large_string())
            columns = [arrays[place] if place < len(arrays) else absent for place in kept]
            yield pa.RecordBatch.from_arrays(columns, schema=schema).slice(0, max(left, 0))
            left -= number

    left_out = width - len(kept)
    notes = (
        f"sheet {sheet!r}",
        *([f"{others} other sheets not read"] if others else []),
        *([f"{left_out:,} columns with neither a name nor a value are left out"] if left_out else []),
        *layout.notes(footer),
    )
    beside = [*top[: layout.before], *([row for row in tail if any(row)][-footer:] if footer else [])]
    reading = Reading(
        location=path.name, form="xlsx", renamed=renamed, header=bool(layout.header), notes=notes,
        header_rows=layout.header, footer=footer,
        beside=tuple(" | ".join(field for field in row if field) for row in beside[:LINES]),
    )  # fmt: skip
    return workplace.keep(batches(), schema), reading


def _width(row: list[str | None]) -> int:
    """Return the place behind the last cell that holds something."""
    return len(row) - next((i for i, value in enumerate(reversed(row)) if value), len(row))


def _parted(rows: Iterable[list[str | None]]) -> Iterator[list[list[str | None]]]:
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
