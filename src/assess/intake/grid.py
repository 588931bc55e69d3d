"""Tables from CSV files: encoding, delimiter, and rows that keep their number."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import replace

from assess.core.formulas import restore_text

from .columns import TableOf
from .problem import Place, Problems
from .raw import RawTable, headed

DELIMITERS = ",;\t"

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def decode(content: bytes, place: Place, problems: Problems) -> str | None:
    r"""Return UTF-8 content as text without byte order mark; else note which encoding it has and where.

    Examples
    --------
    >>> problems = Problems()
    >>> decode("name\nMüller".encode("cp1252"), Place(file="systems.csv"), problems)
    >>> print(problems.found[0])
    systems.csv, row 2: "Müller" is not UTF-8 but looks like Windows-1252 (cp1252); allowed: UTF-8
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None) or _without_mark(
        content
    )
    if encoding:
        problems.add(place, f"is encoded as {encoding}", allowed="UTF-8")
        return None
    if b"\0" in content:
        row = content[: content.index(b"\0")].count(b"\n") + 1
        problems.add(place, "holds a NUL byte", row=row, allowed="text")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # the position counts from behind a byte order mark
        start = error.start + (3 if content.startswith(codecs.BOM_UTF8) else 0)
    row = content[:start].count(b"\n") + 1
    line = (
        content.splitlines()[row - 1] if b"\r" not in content else content.split(b"\n")[row - 1].rstrip(b"\r")
    )
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        problems.add(place, f"is not UTF-8 text: byte 0x{content[start]:02X}", row=row, allowed="UTF-8")
        return None
    message = "is not UTF-8 but looks like Windows-1252 (cp1252)"
    problems.add(place, message, row=row, value=line.decode("cp1252"), allowed="UTF-8")
    return None


def _without_mark(content: bytes) -> str | None:
    """Recognise UTF-16 without a byte order mark: about every second byte of Western text is zero."""
    head = content[:2048]
    if len(head) < 4:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    return "UTF-16" if max(even, odd) > 0.7 * half and min(even, odd) < 0.1 * half else None


def delimiter(text: str, known: set[str]) -> str:
    r"""Return the delimiter under which the header names most known columns; a comma where none does.

    >>> delimiter("id;name, of it\n", {"id"})
    ';'
    """
    first = next((line for line in text.splitlines() if line.strip()), "")

    def named(mark: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"').strip() for cell in first.split(mark)]
        return sum(cell in known for cell in cells), len(cells)

    return max(DELIMITERS, key=named)


def records(text: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    r"""Yield row number and fields, blank rows included, as a spreadsheet counts them.

    The apostrophe that `assess.core.formulas` puts before what looks like a formula is taken off.

    Raises
    ------
    csv.Error
        If a quote is not closed, or followed by text, or a field is longer than 131,072 characters.

    Examples
    --------
    >>> list(records('a,b\n"1\n2",3\n', ","))
    [(1, ['a', 'b']), (2, ['1\n2', '3'])]
    """
    found = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    return enumerate((list(map(restore_text, cells)) for cells in found), start=1)


def read(content: bytes, table: TableOf, place: Place, problems: Problems) -> RawTable | None:
    """Read a table from the content of a CSV file; what is wrong is noted, and None returned where nothing is left."""
    text = decode(content, place, problems)
    if text is None:
        return None
    mark = delimiter(text, {column.name for column in table.columns})
    found = headed(table, place, _noted(records(text, mark), place, problems), problems)
    torn = any(problem.file == place.file and problem.message in _TORN for problem in problems.found)
    return replace(found, complete=False) if found and torn else found


_TORN = (
    "holds a cell that is too long",
    "opens a quote that is never closed",
    "is no valid CSV: text follows a closing quote",
)
"""What ends the reading of a table before its end."""


def _noted(
    rows: Iterator[tuple[int, list[str]]], place: Place, problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows up to the one that is no CSV, and note that one."""
    number = 0
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            reason = str(error)
            if "field limit" in reason:
                message, allowed = _TORN[0], "at most 131072 characters"
            elif "unexpected end" in reason:
                message, allowed = _TORN[1], 'quotes in pairs, "" for a quote in a cell'
            else:
                message, allowed = _TORN[2], '"" for a quote within a cell'
            problems.add(place, message, row=number + 1, allowed=allowed)
            return
        yield number, cells
