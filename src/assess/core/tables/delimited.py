"""Delimited text files (csv, tsv ...) into Arrow: every field as text, every row kept."""

from __future__ import annotations

import csv
import io
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

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
from .store import MOST_ROWS, Reading, Store, Workplace, unique_names

AreValues: TypeAlias = Callable[[Sequence[str]], Sequence[bool]]
"""Tells of each text whether it is a value, such as a number or a date."""

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
PROBE = 200
"""Records by which a candidate is judged."""


@dataclass(frozen=True)
class Dialect:
    """How the fields of a file are written."""

    delimiter: str
    quote: str = '"'
    header: bool = True


def find_dialect(
    head: str, whole: bool, suffix: str = "", *, delimiter: str = "", are_values: AreValues | None = None
) -> Dialect:
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
    are_values
        Tells which texts are numbers or dates, by which a header is told from a first row of values; without it the first
        row is the header.

    Examples
    --------
    >>> find_dialect("name;price\nx;1,5\ny;2,0\n", whole=True)
    Dialect(delimiter=';', quote='"', header=True)
    >>> digits = lambda texts: [text.isdigit() for text in texts]
    >>> find_dialect("1,2\n3,4\n5,6\n", whole=True, are_values=digits).header
    False
    """
    lines = head if whole else head[: head.rfind("\n") + 1] or head
    candidates = delimiter or (
        ("\t" + DELIMITERS.replace("\t", "")) if suffix in (".tsv", ".tab") else DELIMITERS
    )
    quote = "'" if lines.count('"') == 0 and _quoted_by_apostrophes(lines, candidates) else '"'
    records = {mark: _probe(lines, mark, quote) for mark in candidates}
    delimiter = max(candidates, key=lambda mark: (_steadiness(records[mark]), -candidates.index(mark)))
    return Dialect(delimiter, quote, are_values is None or _has_header(records[delimiter], are_values))


def _probe(text: str, delimiter: str, quote: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    records = []
    try:
        for record in reader:
            records.append(record)
            if len(records) > PROBE:
                break
    except csv.Error:
        pass
    return [record for record in records if record]


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


def _has_header(records: list[list[str]], are_values: AreValues) -> bool:
    """Votes of the columns of numbers and dates: whether the first field is a name or one more of them."""
    if len(records) < 2:
        return True
    first, body = records[0], records[1:]
    names, against = 0, 0.0
    for place, field in enumerate(first):
        below = [row[place] for row in body if place < len(row) and row[place].strip()]
        if not below or not field.strip():
            continue
        if sum(are_values(below)) < 0.8 * len(below):
            against += 0.5 * (field in set(below[:50]) and len(set(below)) < len(below) / 2)
            continue
        like = are_values([field])[0]
        year = field.strip().isdigit() and len(field.strip()) == 4 and 1800 <= int(field) <= 2200
        names += not like
        against += like and not (year and len(first) > 2)
    return names >= against


def read_delimited(
    path: Path,
    workplace: Workplace,
    *,
    encoding: str = "",
    delimiter: str = "",
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
    encoding, delimiter
        As stated; empty where they are to be found.
    are_values
        As of `find_dialect`.
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
    form = find_dialect(head, whole, plain_suffix(path), delimiter=delimiter, are_values=are_values)
    try:
        first = next(csv.reader(_lines(source), delimiter=form.delimiter, quotechar=form.quote))
    except csv.Error as problem:
        raise _endless(path, 0) from problem
    budget.check_rows(0, len(first))
    names, renamed = unique_names(first if form.header else [""] * len(first))
    reading = Reading(
        location=path.name, form="csv", encoding=coded.name, delimiter=form.delimiter, quote=form.quote,
        header=form.header, renamed=renamed if form.header else (), notes=coded.notes,
    )  # fmt: skip
    schema = pa.schema([(name, pa.large_string()) for name in names])
    for block in BLOCKS:
        try:
            return keep(_quick(source, form, names, block), schema), reading
        except pa.ArrowInvalid as problem:
            if "straddling" not in str(problem):
                break
    irregular = _Irregular(len(names), ragged)
    try:
        store = keep(_slow(source, form, schema, irregular), schema)
    except csv.Error as problem:
        raise _endless(path, irregular.rows) from problem
    return store, reading.model_copy(
        update={
            "short_rows": tuple(irregular.short), "long_rows": tuple(irregular.long),
            "irregular": irregular.count,
        }
    )  # fmt: skip


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


def _quick(path: Path, form: Dialect, names: list[str], block: int) -> Iterator[pa.RecordBatch]:
    """Arrow's reader: complains if a record has another number of fields than the header."""
    yield from pacsv.open_csv(
        path,
        read_options=pacsv.ReadOptions(
            column_names=names, skip_rows_after_names=int(form.header), block_size=block
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


def _records(path: Path, form: Dialect) -> Iterator[list[str]]:
    reader = csv.reader(_lines(path), delimiter=form.delimiter, quotechar=form.quote)
    records = (record for record in reader if record)
    if form.header:
        next(records, None)
    yield from records


def _slow(path: Path, form: Dialect, schema: pa.Schema, irregular: _Irregular) -> Iterator[pa.RecordBatch]:
    """Python's reader: takes every record as it is."""
    part: list[list[str | None]] = []
    for row, record in enumerate(_records(path, form)):
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
