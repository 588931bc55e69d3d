"""Delimited text files (csv, tsv ...) into Arrow: every field as text, every row kept."""

from __future__ import annotations

import csv
import io
import re
import shutil
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from assess.core.unpacking import (
    CHUNK,
    LONGEST,
    UnreadableTable,
    check_lines,
    is_packed,
    open_unpacked,
    plain_suffix,
    size,
)

from .encoding import Encoding, UnknownEncoding, find_encoding, stated_encoding, to_utf8
from .layout import BODY, LINES, TAIL, AreValues, Layout, count_footer, find_layout, usual_width
from .store import MOST_ROWS, Reading, Store, Workplace, unique_names

HEAD = 1 << 20
"""Bytes by which the dialect is found."""
BLOCKS = (1 << 22, 1 << 26, 1 << 29)
"""Sizes in which Arrow reads; a record longer than one is read with the next."""
PART = 50_000
"""Rows of a batch where Python reads."""
MOST_HELD = 5_000_000
"""Fields of such a batch."""
DELIMITERS = ",;\t|"
"""Candidates, in the order that decides a tie."""
RARE_DELIMITERS = "^~¦¬§\x01\x1f\x1e#$"
"""Candidates where none of the usual ones parts every record into as many fields."""
STEADY = 0.95
"""Share of the records that must have the usual number of fields for one of those."""
SEPARATOR = re.compile(r'(?i)"?sep=(.)"?[ \t]*\r?\n')
"""The line by which Excel is told the delimiter."""
RULE = re.compile(r"[\s|+]*[-=_+|]{3,}[-=_+|\s]*")
"""A line drawn with signs, as lists of SAP and of database shells have them."""
TAIL_BYTES = 1 << 16
"""Bytes by which the end of the table is found."""
PROBE = 200
"""Records by which a candidate is judged."""


@dataclass(frozen=True)
class Dialect:
    """How the fields of a file are written."""

    delimiter: str
    quote: str = '"'


def find_dialect(head: str, whole: bool, suffix: str = "", *, delimiter: str = "") -> Dialect:
    r"""Find the dialect of a file.

    Parameters
    ----------
    head
        The beginning of the file.
    whole
        Whether that is all of it; else its last line is left out.
    suffix
        The file name's suffix; ``.tsv`` prefers tabs.
    delimiter
        As stated; empty where it is to be found.

    Examples
    --------
    >>> find_dialect("name;price\nx;1,5\ny;2,0\n", whole=True)
    Dialect(delimiter=';', quote='"')
    """
    lines = head if whole else head[: head.rfind("\n") + 1] or head
    usual = ("\t" + DELIMITERS.replace("\t", "")) if suffix in (".tsv", ".tab") else DELIMITERS
    candidates = delimiter or usual
    quote = "'" if lines.count('"') == 0 and _quoted_by_apostrophes(lines, candidates) else '"'
    records = {mark: _probe(lines, mark, quote)[0] for mark in candidates}
    best = max(candidates, key=lambda mark: (_steadiness(records[mark]), -candidates.index(mark)))
    if not delimiter and _steadiness(records[best]) < 1:
        rare = {mark: _probe(lines, mark, quote)[0] for mark in RARE_DELIMITERS if mark in lines}
        steady = [m for m, found in rare.items() if _steadiness(found) >= STEADY > _steadiness(records[best])]
        best = max(steady, key=lambda mark: _steadiness(rare[mark]), default=best)
        records |= rare
    return Dialect(best, quote)


def _probe(text: str, delimiter: str, quote: str) -> tuple[list[list[str]], list[int]]:
    """The first records that hold a field, and the number of lines before each."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    records, lines, line = [], [], 0
    try:
        for record in reader:
            if record:
                records.append(record)
                lines.append(line)
            line = reader.line_num
            if len(records) > PROBE:
                break
    except csv.Error:
        pass
    return records, lines


def _steadiness(records: list[list[str]]) -> float:
    """Share of records with the usual number of fields, above 1 field; more fields win by a little."""
    if not records:
        return 0.0
    fields, times = Counter(map(len, records)).most_common(1)[0]
    return 0.0 if fields < 2 else times / len(records) + min(fields, 50) / 1000


def _quoted_by_apostrophes(text: str, delimiters: str) -> bool:
    first = text.split("\n", 2)[:2]
    return all(
        any(line.count(f"'{mark}'") >= 1 for mark in delimiters)
        and line.strip().startswith("'")
        and line.strip().endswith("'")
        for line in first
    )


@dataclass(frozen=True)
class _Cut:
    """What is left out of a file around its table."""

    lines: int = 0
    header: int = 1
    footer: int = 0


def _bare_lines(head: str) -> bool:
    """Whether a list is drawn with rules and bars around its cells."""
    lines = [line for line in head.splitlines()[:PROBE] if line.strip()]
    bars = sum(line.strip().startswith("|") and line.strip().endswith("|") for line in lines)
    return any(RULE.fullmatch(line) for line in lines[:PROBE]) and bars >= 0.5 * len(lines)


def _unruled(source: Path) -> Iterator[list[str]]:
    for line in _lines(source):
        text = line.strip()
        if text and not RULE.fullmatch(text):
            bare = text.removeprefix("|").removesuffix("|") if text.startswith("|") else text
            yield [field.strip() for field in bare.split("|")]


def find_widths(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the fields of lines of fixed width begin and end; none if the lines have no such fields.

    A field ends where every line is blank; each must be filled in half of the lines.

    >>> find_widths(["no   name    ", "1    Ann     ", "20   Peter   ", "300  Li      ", "4000 Eve     "])
    [(0, 5), (5, 13)]
    """
    wide = max(map(len, lines), default=0)
    if len(lines) < 5 or wide < 3:
        return []
    used = [sum(n < len(line) and line[n] != " " for line in lines) for n in range(wide)]
    starts = [n for n in range(wide) if used[n] and (n == 0 or not used[n - 1])]
    fields = list(zip(starts, [*starts[1:], wide], strict=True))
    full = [sum(bool(line[a:b].strip()) for line in lines) >= 0.5 * len(lines) for a, b in fields]
    return fields if len(fields) > 1 and all(full) else []


def _fixed(source: Path, fields: Sequence[tuple[int, int]]) -> Iterator[list[str]]:
    last = fields[-1][0]
    for line in _lines(source):
        text = line.rstrip("\r\n")
        if text.strip():
            yield [*(text[a:b].strip() for a, b in fields[:-1]), text[last:].strip()]


def _write_plain(records: Iterator[list[str]], workplace: Workplace) -> Path:
    """Write records as a plain CSV file that every reader takes."""
    path = workplace.folder / "plain.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(records)
    return path


def _plainly(
    source: Path, head: str, whole: bool, delimiter: str, workplace: Workplace
) -> tuple[Path, str] | None:
    """Write a ruled list, or one of fixed width, as plain CSV; return it and what it was."""
    if delimiter:
        return None
    if _bare_lines(head):
        return _write_plain(_unruled(source), workplace), "|"
    lines = [line for line in head.splitlines()[: PROBE + 1] if line.strip()]
    lines = [line for line in (lines if whole else lines[:-1]) if not RULE.fullmatch(line)]
    if any(mark in line for line in lines for mark in DELIMITERS):
        return None
    fields = find_widths(lines)
    return (_write_plain(_fixed(source, fields), workplace), "fixed width") if fields else None


def _tail(path: Path, form: Dialect) -> list[list[str]]:
    """The last records of a file, an empty line as one without fields."""
    with path.open("rb") as file:
        length = file.seek(0, io.SEEK_END)
        file.seek(max(length - TAIL_BYTES, 0))
        text = file.read().decode("utf-8", "replace")
    if length > TAIL_BYTES:
        text = text[text.find("\n") + 1 :]
    try:
        records = list(
            csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter, quotechar=form.quote)
        )
    except csv.Error:
        return []
    while records and not records[-1]:
        records.pop()
    return records


def _find_cut(
    path: Path, form: Dialect, records: Sequence[Sequence[str]], lines: Sequence[int], layout: Layout,
    are_values: AreValues | None,
) -> _Cut:  # fmt: skip
    tail = _tail(path, form)[-(BODY + TAIL) :]
    width = usual_width(records)
    below = 0
    if len(records) > layout.start + 3:
        below = count_footer(tail, width, are_values, records[layout.start])
    footer = sum(bool(record) for record in tail[len(tail) - below :]) if below else 0
    before = lines[layout.before] if layout.before < len(lines) else 0
    return _Cut(before, layout.header, footer)


def read_delimited(
    path: Path,
    workplace: Workplace,
    *,
    encoding: str = "",
    delimiter: str = "",
    header_row: int = 0,
    are_values: AreValues | None = None,
    ragged: bool = True,
) -> tuple[Store, Reading]:
    """Read a delimited file.

    Parameters
    ----------
    path
        The file.
    workplace
        Keeps the texts: a missing field is null, an empty one ``""``.
    encoding, delimiter, header_row
        As stated; empty or 0 where they are to be found. A row is a line of the file, from 1.
    are_values
        Tells which texts are numbers or dates, by which a header is told from a first row of values; without it the first
        row is the header.
    ragged
        Whether a record with another number of fields than the header is kept, with nulls or its last fields joined; else
        it is counted and left out.

    Raises
    ------
    UnreadableTable
        If the file is empty, no text, or has a field or line that no table has.
    """
    budget, keep = workplace.budget, workplace.keep
    source, coded = open_as_utf8(path, workplace, encoding)
    head, whole = _head(source)
    if not head.strip("\r\n \t\0"):
        raise UnreadableTable(f"{path.name} is empty: not even a header")
    stated = SEPARATOR.match(head)
    plain = _plainly(source, head, whole, delimiter, workplace)
    if plain is not None:
        source, (head, whole) = plain[0], _head(plain[0])
    form = find_dialect(
        head[stated.end() :] if stated else head, whole, plain_suffix(path),
        delimiter="," if plain else delimiter or (stated[1] if stated else ""),
    )  # fmt: skip
    records, lines = _probe(head, form.delimiter, form.quote)
    if stated:
        records, lines = records[1:], lines[1:]
    if not records:
        raise _endless(path, 0)
    layout = find_layout(records, are_values, header_row and bisect_left(lines, header_row - 1) + 1)
    cut = _find_cut(source, form, records, lines, layout, are_values)
    found = list(layout.names or [""] * len(records[layout.start]))
    width = usual_width(records[layout.start :])
    if layout.names and len(found) == width - 1 and all(len(r) == width for r in records[layout.start :]):
        found.insert(0, "")  # the rows are numbered, and the header does not name their numbers
    budget.check_rows(0, len(found))
    names, renamed = unique_names(found)
    reading = Reading(
        location=path.name, form="text" if plain else "csv", encoding=coded.name,
        delimiter=plain[1] if plain else form.delimiter, quote=form.quote, header=bool(layout.header),
        renamed=renamed if layout.header else (), notes=(*coded.notes, *layout.notes(cut.footer)),
        skipped=cut.lines, header_rows=layout.header, footer=cut.footer, beside=_beside(source, form, records, layout, cut),
        doubts=_doubts(records, names),
    )  # fmt: skip
    schema = pa.schema([(name, pa.large_string()) for name in names])
    for block in BLOCKS if form.delimiter.isascii() else ():  # Arrow knows no others
        try:
            return keep(_without_last(_quick(source, form, names, block, cut), cut.footer), schema), reading
        except pa.ArrowInvalid as problem:
            if "straddling" not in str(problem):
                break
    irregular = _Irregular(len(names), ragged)
    try:
        store = keep(_slow(source, form, schema, irregular, cut), schema)
    except csv.Error as problem:
        raise _endless(path, irregular.rows) from problem
    doubts = reading.doubts
    if irregular.count > IRREGULAR * irregular.rows:
        doubts = (
            *doubts,
            f"{irregular.count:,} of {irregular.rows:,} rows have another number of fields than the header",
        )
    return store, reading.model_copy(
        update={
            "short_rows": tuple(irregular.short), "long_rows": tuple(irregular.long),
            "irregular": irregular.count, "doubts": doubts,
        }
    )  # fmt: skip


IRREGULAR = 0.01
"""Share of the rows with another number of fields from which on a table is held for badly read."""
PACKED = 0.5
"""Share of the records of a single column that hold one and the same delimiter, from which on it is."""


def _doubts(records: Sequence[Sequence[str]], names: Sequence[str]) -> tuple[str, ...]:
    """Say where one column seems to hold several."""
    if len(names) > 1:
        return ()
    texts = [record[0] for record in records[1:]]
    for mark in (*DELIMITERS, ":", "::", "  "):
        times = Counter(text.count(mark) for text in texts if mark in text)
        if times and max(times.values()) >= PACKED * len(texts) > 2:
            return (f"one column was found, but most of its values hold {mark!r}: state the delimiter",)
    return ()


def _beside(
    path: Path, form: Dialect, records: Sequence[Sequence[str]], layout: Layout, cut: _Cut
) -> tuple[str, ...]:
    """The first lines that are no rows of the table, those before it and those below."""
    before = list(records[: layout.before])
    if layout.described:
        before.append(records[layout.start - 1])
    below = [record for record in _tail(path, form) if record][-cut.footer :] if cut.footer else []
    return tuple(form.delimiter.join(record) for record in [*before[:LINES], *below[:LINES]])


def _without_last(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Leave out the last rows."""
    held: deque[pa.RecordBatch] = deque()
    for batch in batches:
        held.append(batch)
        while sum(b.num_rows for b in held) - held[0].num_rows >= rows and len(held) > 1:
            yield held.popleft()
    if held:
        rest = pa.Table.from_batches(list(held))
        yield from rest.slice(0, max(rest.num_rows - rows, 0)).to_batches()


def open_as_utf8(path: Path, workplace: Workplace, encoding: str = "") -> tuple[Path, Encoding]:
    """Return a file that holds a text unpacked and in UTF-8, itself where it is so already, and in which encoding it was.

    Raises
    ------
    UnreadableTable
        If an encoding is stated that there is not, the file is no text, or unpacks to more than is allowed.
    """
    name = path.name
    if is_packed(path):
        unpacked = workplace.folder / "unpacked"
        with open_unpacked(path) as stream, unpacked.open("wb") as out:
            shutil.copyfileobj(stream, out, CHUNK)
        path = unpacked
    check_lines(path)
    try:
        coded = stated_encoding(encoding) if encoding else find_encoding(path)
    except UnknownEncoding as error:
        raise UnreadableTable(f"{name}: {error}") from None
    if coded.plain:
        return path, coded
    source = workplace.folder / "utf8.csv"
    to_utf8(path, coded, source)
    return source, coded


def _endless(path: Path, row: int) -> UnreadableTable:
    return UnreadableTable(
        f"{path.name} has a field of more than {size(LONGEST)} after row {row:,}: is a quote opened and never closed?"
    )


def _head(path: Path) -> tuple[str, bool]:
    with path.open("rb") as file:
        data = file.read(HEAD)
    return data.decode("utf-8-sig", "replace"), len(data) < HEAD


def _lines(path: Path) -> Iterator[str]:
    """Lines of a file; while they are read, a field may be `LONGEST` long, not what the standard library allows."""
    before = csv.field_size_limit(LONGEST)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            yield from file
    finally:
        csv.field_size_limit(before)


def _quick(path: Path, form: Dialect, names: list[str], block: int, cut: _Cut) -> Iterator[pa.RecordBatch]:
    """Arrow's reader: complains if a record has another number of fields than the header."""
    yield from pacsv.open_csv(
        path,
        read_options=pacsv.ReadOptions(
            column_names=names, skip_rows=cut.lines, skip_rows_after_names=cut.header, block_size=block
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=form.delimiter, quote_char=form.quote, newlines_in_values=True, ignore_empty_lines=True
        ),
        convert_options=pacsv.ConvertOptions(
            column_types={name: pa.large_string() for name in names},
            strings_can_be_null=False, quoted_strings_can_be_null=False,
        ),
    )  # fmt: skip


class _Irregular:
    """Counts rows that have another number of fields than the table has columns."""

    def __init__(self, width: int, kept: bool) -> None:
        self.width, self.kept = width, kept
        self.short: list[int] = []
        self.long: list[int] = []
        self.count = self.rows = 0

    def fitted(self, row: int, record: list[str], delimiter: str) -> list[str | None] | None:
        """Return the record with as many fields as there are columns; None where it is left out."""
        self.rows = row + 1
        if len(record) == self.width:
            return list(record)
        self.count += 1
        kind = self.short if len(record) < self.width else self.long
        if len(kind) < MOST_ROWS:
            kind.append(row)
        if not self.kept:
            return None
        if len(record) < self.width:
            return [*record, *[None] * (self.width - len(record))]
        return [*record[: self.width - 1], delimiter.join(record[self.width - 1 :])]


def _records(path: Path, form: Dialect, cut: _Cut) -> Iterator[list[str]]:
    lines = islice(_lines(path), cut.lines, None)
    reader = csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote)
    held: deque[list[str]] = deque()
    for record in islice((record for record in reader if record), cut.header, None):
        held.append(record)
        if len(held) > cut.footer:
            yield held.popleft()


def _slow(
    path: Path, form: Dialect, schema: pa.Schema, irregular: _Irregular, cut: _Cut
) -> Iterator[pa.RecordBatch]:
    """Python's reader: takes every record as it is."""
    part: list[list[str | None]] = []
    for row, record in enumerate(_records(path, form, cut)):
        fitted = irregular.fitted(row, record, form.delimiter)
        if fitted is not None:
            part.append(fitted)
        if len(part) >= min(PART, MOST_HELD // irregular.width):
            yield _batch(part, schema)
            part = []
    if part:
        yield _batch(part, schema)


def _batch(rows: list[list[str | None]], schema: pa.Schema) -> pa.RecordBatch:
    columns = [pa.array(column, pa.large_string()) for column in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
