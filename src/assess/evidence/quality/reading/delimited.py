"""Delimited text files (csv, tsv ...) into Arrow: every field as text, every row kept."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from assess.core.unpacking import LONGEST, Budget, check_lines, size

from . import dialect, encoding
from .reading import MOST_ROWS, Reading, UnreadableTable, unique_names
from .store import Keep, Store

HEAD = 1 << 20
"""Bytes by which the dialect is found."""
BLOCKS = (1 << 22, 1 << 26, 1 << 29)
"""Sizes in which Arrow reads; a record longer than one is read with the next."""
PART = 50_000
"""Rows of a batch where Python reads."""
MOST_HELD = 5_000_000
"""Fields of such a batch."""


def read(path: Path, work: Path, keep: Keep, budget: Budget) -> tuple[Store, Reading]:
    """Read a delimited file.

    Parameters
    ----------
    path
        The file.
    work
        Folder for a copy in UTF-8 where the file is written otherwise.
    keep
        Takes record batches of large strings in the order of the file, and keeps them. A missing field is
        null, an empty one ``""``.
    budget
        What it may cost.

    Raises
    ------
    UnreadableTable
        If the file is empty, no text, or has a field or line that no table has.
    """
    check_lines(path)
    coded = encoding.found(path)
    source = path
    if not coded.plain:
        source = work / "utf8.csv"
        encoding.to_utf8(path, coded, source)
    head, whole = _head(source)
    if not head.strip("\r\n \t\0"):
        raise UnreadableTable(f"{path.name} is empty: not even a header")
    form = dialect.found(head, whole, path.suffix.lower())
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
    irregular = _Irregular(len(names))
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


def _quick(path: Path, form: dialect.Dialect, names: list[str], block: int) -> Iterator[pa.RecordBatch]:
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

    def __init__(self, width: int) -> None:
        self.width = width
        self.short: list[int] = []
        self.long: list[int] = []
        self.count = self.rows = 0

    def fitted(self, row: int, record: list[str], delimiter: str) -> list[str | None]:
        """Return the record with as many fields as there are columns."""
        self.rows = row + 1
        if len(record) == self.width:
            return list(record)
        self.count += 1
        kind = self.short if len(record) < self.width else self.long
        if len(kind) < MOST_ROWS:
            kind.append(row)
        if len(record) < self.width:
            return [*record, *[None] * (self.width - len(record))]
        return [*record[: self.width - 1], delimiter.join(record[self.width - 1 :])]


def _records(path: Path, form: dialect.Dialect) -> Iterator[list[str]]:
    reader = csv.reader(_lines(path), delimiter=form.delimiter, quotechar=form.quote)
    records = (record for record in reader if record)
    if form.header:
        next(records, None)
    yield from records


def _slow(
    path: Path, form: dialect.Dialect, schema: pa.Schema, irregular: _Irregular
) -> Iterator[pa.RecordBatch]:
    """Python's reader: takes every record as it is."""
    part: list[list[str | None]] = []
    for row, record in enumerate(_records(path, form)):
        part.append(irregular.fitted(row, record, form.delimiter))
        if len(part) >= min(PART, MOST_HELD // irregular.width):
            yield _batch(part, schema)
            part = []
    if part:
        yield _batch(part, schema)


def _batch(rows: list[list[str | None]], schema: pa.Schema) -> pa.RecordBatch:
    columns = [pa.array(column, pa.large_string()) for column in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
