"""Where a table lies in what a file holds: what stands before it, its header, and what stands below it.

Nothing here knows delimiters or cells: a file is records of fields, as a person sees rows of a sheet.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from assess.core.unpacking import UnreadableTable

AreValues: TypeAlias = Callable[[Sequence[str]], Sequence[bool]]
"""Tells of each text whether it is a value, such as a number or a date."""
Row: TypeAlias = Sequence[str | None]

PREAMBLE = 30
"""Records among which the header is looked for."""
FULL = 0.5
"""Share of the table's columns that a header names at least."""
TAIL = 15
"""Last records among which a footer is looked for."""
BODY = 100
"""Records before them that show how full a row of the table is."""
LINES = 5
"""Lines that were left out and are shown, before and below the table."""
VALUES = 0.8
"""Share of a column's filled fields that are values, from which on its header is told by being none."""
SURE = 20
"""Rows of a table from which on they show how full a row is."""
TOTAL = re.compile(
    r"(?i)\W*(?:(?:grand|sub|overall)[ -]?)?(?:totals?|sum|sums|summen?|gesamt\w*|total g[ée]n[ée]ral|totaux|totale|"
    r"totales|totaal|razem|suma|celkem|итого|всего|合計|总计|合计)\b.{0,20}"
)
"""Words by which people mark a row of totals, in the languages of the house and those of neighbours."""

DATED = re.compile(r"\d{1,4}([/.-])\d{1,2}\1\d{1,4}(?!\d*[.,]\d)")
"""A date in digits: a column of counts can be named by one, and is no column of dates."""


@dataclass(frozen=True)
class Layout:
    """Where the table lies.

    Parameters
    ----------
    names
        Names of the columns; empty if no record names them.
    before
        Records before the header.
    header
        Records that the header takes.
    described
        Whether the last of these describes the columns (units, long names) and is no part of their names.
    """

    names: tuple[str, ...]
    before: int = 0
    header: int = 1
    described: bool = False

    @property
    def start(self) -> int:
        """The first record of values."""
        return self.before + self.header

    def notes(self, footer: int) -> list[str]:
        """Say what was left out, and how the header lies."""
        said = []
        if self.before:
            said.append(f"{self.before} line{'s' * (self.before > 1)} before the header skipped")
        if self.described:
            said.append("a line that describes the columns skipped")
        elif self.header > 1:
            said.append(f"header of {self.header} rows")
        if footer:
            said.append(f"{footer} line{'s' * (footer > 1)} below the table left out")
        return said


def usual_width(records: Sequence[Row]) -> int:
    """Return the number of fields of most records that have several; 1 if none has."""
    widths = Counter(len(record) for record in records if len(record) > 1)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 1


def find_layout(records: Sequence[Row], are_values: AreValues | None = None, row: int = 0) -> Layout:
    """Find the header, of one row or more, and what stands before it.

    Parameters
    ----------
    records
        The first records of the file.
    are_values
        Tells which texts are numbers or dates; without it the first full record is the header.
    row
        Record of the header as stated, from 1; 0 where it is to be found.

    Raises
    ------
    UnreadableTable
        If there is no such record.

    Examples
    --------
    >>> digits = lambda texts: [text.isdigit() for text in texts]
    >>> find_layout([["Report of May"], ["name", "price"], ["x", "1"], ["y", "2"]], digits)
    Layout(names=('name', 'price'), before=1, header=1, described=False)
    >>> find_layout([["", "2025", ""], ["city", "men", "women"], ["Ulm", "1", "2"]] + [["Rom", "3", "4"]] * 3, digits).names
    ('city', '2025 men', '2025 women')
    """
    width = usual_width(records)
    if row > len(records):
        raise UnreadableTable(
            f"nothing stands in the stated row of the header; {len(records)} rows were looked at"
        )
    if row:
        at = row - 1
    else:
        full = (n for n, record in enumerate(records[:PREAMBLE]) if filled(record) >= max(2, FULL * width))
        at = next(full, 0) if width > 1 else 0
    if not row and are_values is not None and not _has_header(records[at:], are_values):
        return Layout((), at, 0)
    top = at if row else _first_of_header(records, at, width, are_values)
    rows = [list(record) for record in records[top : at + 1]]
    below = _second_row(records, at, are_values) if are_values is not None and not row else None
    if below is None:
        return Layout(_joined(rows), top, len(rows))
    described = top == at and _names_all(rows[0], below)
    return Layout(_joined(rows if described else [*rows, below]), top, len(rows) + 1, described)


def filled(record: Row) -> int:
    """Return the number of fields that hold something."""
    return sum(bool(field and field.strip()) for field in record)


def _joined(rows: Sequence[Sequence[str | None]]) -> tuple[str, ...]:
    """One name a column: a field of an upper row goes for the empty ones behind it, as merged cells look."""
    width = max(map(len, rows))
    parts: list[list[str]] = [[] for _ in range(width)]
    for level, row in enumerate(rows):
        last = ""
        for place in range(width):
            field = (row[place] or "").strip() if place < len(row) else ""
            below = any(place < len(r) and (r[place] or "").strip() for r in rows[level + 1 :])
            last = field or (last if below else "")
            if last and last not in parts[place][-1:]:
                parts[place].append(last)
    if len(rows) == 1:
        return tuple((field or "") for field in rows[0])
    return tuple(" ".join(part) for part in parts)


def _first_of_header(records: Sequence[Row], at: int, width: int, are_values: AreValues | None) -> int:
    """Go up over rows whose fields span several columns of the row below."""
    top = at
    while top and _spans(records[top - 1], records[top : at + 1], width, are_values):
        top -= 1
    return top


def _spans(upper: Row, lower: Sequence[Row], width: int, are_values: AreValues | None) -> bool:
    places = [n for n, field in enumerate(upper) if field and field.strip()]
    if not places:
        return False
    texts = [str(upper[n]) for n in places]
    dated = are_values is not None and any(
        v and len(t) != 4 for v, t in zip(are_values(texts), texts, strict=True)
    )
    if dated or (places == list(range(len(places))) and len(places) <= 2 and len(places) < width):
        return False
    empty = [n for n in range(places[0], width) if n not in places]
    named = [n for n in empty if any(n < len(row) and row[n] for row in lower)]
    return bool(named)


def _second_row(records: Sequence[Row], at: int, are_values: AreValues) -> list[str | None] | None:
    """Return the record below the header if it describes the columns too: text over columns of values."""
    if len(records) < at + 5:
        return None
    first, below, body = records[at], records[at + 1], records[at + 2 :]
    numeric = 0
    for place in range(len(first)):
        column = [str(r[place]) for r in body if place < len(r) and r[place] and str(r[place]).strip()]
        if len(column) < 3 or sum(are_values(column)) < VALUES * len(column):
            continue
        field = below[place] if place < len(below) else None
        if field and field.strip():
            if are_values([field])[0] or field.strip() in ("-", "?", ".") or len(field.strip()) < 1:
                return None
            numeric += 1
    texts = [field for field in below if field and field.strip()]
    return list(below) if numeric >= 2 and len(set(texts)) > 1 else None


def _names_all(first: Sequence[str | None], below: Sequence[str | None]) -> bool:
    """Whether a row names every column that the row below describes, each by a name of its own."""
    names = [(n or "").strip() for n, b in zip(first, below, strict=False) if b and b.strip()]
    return all(names) and len(set(names)) == len(names)


def _has_header(records: Sequence[Row], are_values: AreValues) -> bool:
    """Votes of the columns: whether the first field is a name or one more of the values below."""
    if len(records) < 2:
        return True
    first, body = records[0], records[1:]
    names, against = 0.0, 0.0
    for place, field in enumerate(first):
        below = [str(row[place]) for row in body if place < len(row) and (row[place] or "").strip()]
        if not below or not (field or "").strip():
            continue
        field = str(field)
        if sum(are_values(below)) < VALUES * len(below):
            if len(set(below)) < len(below) / 2:
                recurs = field in set(below[:50])
                names, against = names + 0.5 * (not recurs), against + 0.5 * recurs
            continue
        lettered = sum(any(c.isalpha() for c in text) for text in below) > len(below) / 2
        dated = sum(map(_dated, below)) > len(below) / 2
        like = (
            are_values([field])[0] and any(c.isalpha() for c in field) == lettered and _dated(field) == dated
        )
        year = field.strip().isdigit() and len(field.strip()) == 4 and 1800 <= int(field) <= 2200
        names += not like
        against += like and not (year and len(first) > 2)
    return names >= against


def _dated(text: str) -> bool:
    """Whether a value is written as a date: three numbers with the same sign between them.

    >>> _dated("1/22/2020"), _dated("1.5")
    (True, False)
    """
    return bool(DATED.match(text.strip()))


def count_footer(
    tail: Sequence[Row], width: int, are_values: AreValues | None = None, first: Row | None = None
) -> int:
    """Return how many of the last records stand below the table: remarks, legends, totals.

    A record below the table is emptier than every row of it, or names a total; what stands below an empty record
    belongs to no row if it holds words where the table holds values.

    Parameters
    ----------
    tail
        The last records, `BODY` and `TAIL` of them where there are as many.
    width
        Columns of the table.
    are_values
        Tells which texts are numbers or dates.
    first
        The first record of values: what stands before it in a short file is no row.

    Examples
    --------
    >>> count_footer([["a", "1", "2"]] * 40 + [["see note", "", ""]], 3)
    1
    >>> count_footer([["a", "1", "2"]] * 20 + [["Total", "20", "40"]], 3), count_footer([["a", "1", "2"]] * 20, 3)
    (1, 0)
    """
    if first is not None and len(tail) < BODY + TAIL and first in tail:
        tail = tail[tail.index(first) :]
    empty = next((n for n, record in enumerate(reversed(tail)) if filled(record)), len(tail))
    if width < 2 or len(tail) < 4:
        return 0
    split = max(len(tail) - TAIL, len(tail) // 2)
    body = [record for record in tail[:split] if filled(record)]
    least = min(map(filled, body), default=0)
    valued = _valued(body, width, are_values)
    for place in range(split, len(tail)):
        rest = [record for record in tail[place:] if filled(record)]
        gap = not filled(tail[place])
        if rest and all(
            _is_odd(r, least if len(body) >= SURE else 0, valued, are_values)
            or (gap and _is_worded(r, valued, are_values))
            for r in rest
        ):
            return len(tail) - place
    return empty


def _valued(body: Sequence[Row], width: int, are_values: AreValues | None) -> list[int]:
    """Columns that hold values."""
    if are_values is None:
        return []
    found = []
    for place in range(width):
        column = [str(r[place]) for r in body if place < len(r) and (r[place] or "").strip()]
        if column and sum(are_values(column)) >= VALUES * len(column):
            found.append(place)
    return found


def _is_odd(record: Row, least: int, valued: Sequence[int], are_values: AreValues | None) -> bool:
    """Whether a record is emptier than any row and begins with a remark, or names a total."""
    at, label = next(
        ((n, str(field).strip()) for n, field in enumerate(record) if (field or "").strip()), (0, "")
    )
    if TOTAL.fullmatch(label):
        return True
    cut_off = at in valued and are_values is not None and are_values([label])[0]
    return filled(record) < min(least, 1 + len(record) // 2) and not cut_off


def _is_worded(record: Row, valued: Sequence[int], are_values: AreValues | None) -> bool:
    """Whether a record holds words, or nothing, where rows hold values."""
    texts = [str(record[n]) for n in valued if n < len(record) and (record[n] or "").strip()]
    alike = sum(are_values(texts)) if texts and are_values is not None else 0
    return bool(valued) and alike <= len(valued) - max(1, len(valued) // 4)
