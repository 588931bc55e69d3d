"""Where the texts of an opened table lie while it is judged: in memory, in a file beside it, or in an engine.

A store gives columns and blocks of rows as Arrow texts, in the order of the rows.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assess.core import scratch
from assess.core.engine import linked, literal, open_engine, quoted
from assess.core.record import Record
from assess.core.trust import allowed
from assess.core.unpacking import Budget


class Reading(Record):
    """What was found when a table was opened; everything that was decided is said.

    Parameters
    ----------
    location
        Path or URL as it was given, without password.
    form
        ``csv``, ``xlsx``, ``json``, ``jsonl``, ``parquet``, ``duckdb``, ``sqlite``, ``folder`` (many files), ``frame``, or the
        scheme of a table URL.
    encoding, delimiter, quote
        Of a delimited file, as found.
    header
        Whether the first row names the columns.
    renamed
        Column names that were empty or duplicated, as ``found → used``.
    short_rows, long_rows
        Rows (from 0, below the header) with fewer or more fields than columns, at most `MOST_ROWS` of
        each: missing fields are null, surplus ones are kept at the end of the last column.
    irregular
        Number of all such rows.
    skipped, header_rows, footer
        Lines before the header, records that it takes, and records below the table that were left out.
    beside
        The first of the lines left out, as they stand there.
    laid_out
        Whether what a file nests was laid out as columns or rows.
    doubts
        Why the table may have been read badly, one sentence each: then it is not assessed.
    notes
        Whatever else a reader should know, one sentence each.
    """

    location: str
    form: str
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    header: bool = True
    renamed: tuple[str, ...] = ()
    short_rows: tuple[int, ...] = ()
    long_rows: tuple[int, ...] = ()
    irregular: int = 0
    skipped: int = 0
    header_rows: int = 1
    footer: int = 0
    beside: tuple[str, ...] = ()
    laid_out: bool = False
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether DuckDB reads it alike by itself: one header at most, nothing left out below, nothing laid out anew."""
        return (
            self.form in ("csv", "parquet", "json", "jsonl")
            and self.header_rows <= 1
            and not self.footer
            and not self.laid_out
        )

    @property
    def sentence(self) -> str:
        """One sentence on how it was read.

        >>> Reading(location="a.csv", form="csv", encoding="utf-8", delimiter=";").sentence
        "csv, utf-8, delimiter ';', with a header"
        """
        parts = [self.form, self.encoding]
        if self.delimiter:
            parts += [f"delimiter {self.delimiter!r}", "with a header" if self.header else "without a header"]
        if self.irregular:
            parts.append(f"{self.irregular:,} rows with another number of fields")
        return ", ".join(filter(None, (*parts, *self.notes)))


MOST_ROWS = 1_000
"""Row numbers that a reading lists of each kind."""


def unique_names(found: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return names that are neither empty nor duplicated, and what was renamed.

    >>> unique_names(["id", "", "id"])
    (['id', 'column_2', 'id_2'], ("'' → column_2", 'id → id_2'))
    """
    names: dict[str, None] = {}
    numbers: dict[str, int] = {}
    renamed = []
    taken = {name for name in found if name.strip()}
    for place, name in enumerate(found, start=1):
        used = name if name.strip() else f"column_{place}"
        base = name.strip() or f"column_{place}"
        number = numbers.get(base, 2)
        while used in names or (used != name and used in taken):
            used = f"{base}_{number}"
            number += 1
        numbers[base] = number
        if used != name:
            renamed.append(f"{name if name.strip() else repr(name)} → {used}")
        names[used] = None
    return list(names), tuple(renamed)


IN_MEMORY = 192 << 20
"""Bytes of text that a table may have and stay in memory; what is larger is written to a temporary file."""


class Store(Protocol):
    """Columns of texts with a fixed order of rows."""

    columns: tuple[str, ...]
    rows: int

    def text(self, column: int) -> pa.ChunkedArray:
        """Return a column by its place, shape (rows,): large strings, or codes with a dictionary of them."""

    def blocks(self, size: int) -> Iterator[Store]:
        """Cut the table into stores of at most ``size`` rows, in order."""

    def relation(self) -> tuple[duckdb.DuckDBPyConnection, str]:
        """Return a connection and the SQL of a relation over the columns, all of them text."""


Keep: TypeAlias = Callable[[Iterator[pa.RecordBatch], pa.Schema], Store]
"""Takes batches of large strings and keeps them."""


def text_column(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as large strings, nulls kept."""
    kind = array.type
    if pa.types.is_large_string(kind):
        return array
    if pa.types.is_dictionary(kind):
        return text_column(array.cast(kind.value_type))
    return array.cast(pa.large_string())


class ArrowStore:
    """A table in memory."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self.columns = tuple(table.column_names)
        self.rows = table.num_rows

    def text(self, column: int) -> pa.ChunkedArray:
        """Return a column by its place."""
        return text_column(self._table.column(column))

    def blocks(self, size: int) -> Iterator[Store]:
        """Cut the table without copying."""
        for start in range(0, max(self.rows, 1), size):
            yield ArrowStore(self._table.slice(start, size))

    def relation(self) -> tuple[duckdb.DuckDBPyConnection, str]:
        """Register the table with a connection of its own."""
        connection = open_engine()
        connection.register("texts", self._table)
        return connection, "texts"


class EngineStore:
    """A relation of DuckDB: a parquet file, a table of a database file.

    Parameters
    ----------
    connection
        An open connection that keeps the order of rows.
    sql
        What stands behind FROM.
    columns
        Names to give to the relation's columns, in order.
    found
        The relation's own names.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, sql: str, columns: Sequence[str], found: Sequence[str]
    ) -> None:
        self._connection, self._sql, self._found = connection, sql, tuple(found)
        self.columns = tuple(columns)
        self.rows = int(connection.execute(f"SELECT count(*) FROM {sql}").fetchall()[0][0])  # noqa: S608

    def named(self) -> list[tuple[str, str]]:
        """Names of the columns, and what the relation calls them."""
        return list(zip(self.columns, self._found, strict=True))

    def _selected(self, columns: Sequence[str] | None = None) -> str:
        return ", ".join(
            f"CAST({quoted(found)} AS VARCHAR) AS {quoted(name)}"
            for name, found in self.named()
            if columns is None or name in columns
        )

    def text(self, column: int) -> pa.ChunkedArray:
        """Read a column by its place."""
        query = f"SELECT CAST({quoted(self._found[column])} AS VARCHAR) AS t FROM {self._sql}"  # noqa: S608
        return text_column(self._connection.sql(query).to_arrow_table().column(0))

    def blocks(self, size: int) -> Iterator[Store]:
        """Read the relation once, a block of rows at a time."""
        if self.rows <= size:
            yield self
            return
        yield from self.streamed(self.columns, size)

    def streamed(self, columns: Sequence[str], size: int) -> Iterator[ArrowStore]:
        """Read some columns once, a block of rows at a time."""
        query = f"SELECT {self._selected(columns)} FROM {self._sql}"  # noqa: S608
        held: list[pa.RecordBatch] = []
        count = 0
        for batch in self._connection.sql(query).to_arrow_reader(50_000):
            start = 0
            while start < batch.num_rows:
                part = batch.slice(start, size - count)
                held.append(part)
                count, start = count + part.num_rows, start + part.num_rows
                if count == size:
                    yield ArrowStore(pa.Table.from_batches(held))
                    held, count = [], 0
        if held:
            yield ArrowStore(pa.Table.from_batches(held))

    def relation(self) -> tuple[duckdb.DuckDBPyConnection, str]:
        """Return the relation, its columns as text under their names."""
        return self._connection, f"(SELECT {self._selected()} FROM {self._sql})"  # noqa: S608


class Workplace:
    """A temporary folder and the memory of the engine; the folder goes when the workplace does.

    Parameters
    ----------
    memory_limit
        Memory of the engine, such as ``4GB``; empty for what the consultant allows, or a quarter of the machine.
    spill_folder
        Where temporary files go; empty for what the consultant allows, or as `assess.core.scratch` says.
    name
        What messages call the file that is read.
    """

    def __init__(self, memory_limit: str = "", spill_folder: str = "", name: str = "the table") -> None:
        allowance = allowed()
        self.budget = Budget(name)
        self.memory_limit = memory_limit or allowance.memory
        self._parent = spill_folder or allowance.spill_folder
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder, made when it is first asked for."""
        if self._folder is None:
            self._folder = scratch.make_folder(self._parent)
            weakref.finalize(self, scratch.remove_folder, self._folder)
        return self._folder

    def connect(self, files: Sequence[Path] = (), database: Path | None = None) -> duckdb.DuckDBPyConnection:
        """Open DuckDB within the memory limit, spilling into the folder, with nothing else in reach."""
        connection = open_engine(self.folder, memory=self.memory_limit, files=files, database=database)
        weakref.finalize(connection, id, self)  # the folder stays for as long as what reads from it
        return connection

    def linked(self, path: Path) -> Path:
        """Return another path to a file, whose name is ours."""
        return linked(path, self.folder)

    def keep(self, batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Store:
        """Keep batches in memory, or in a parquet file in the folder once they are more than `IN_MEMORY`."""
        held: list[pa.RecordBatch] = []
        size = 0
        batches = self._bounded(batches)
        for batch in batches:
            held.append(batch)
            size += batch.nbytes
            if size > IN_MEMORY:
                return self._written(held, batches, schema)
        return ArrowStore(pa.Table.from_batches(held, schema))

    def _bounded(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Stop batches at the rows, cells and seconds that are allowed."""
        rows = 0
        for batch in batches:
            rows += batch.num_rows
            self.budget.check_rows(rows, batch.num_columns)
            yield batch

    def _written(
        self, held: list[pa.RecordBatch], rest: Iterator[pa.RecordBatch], schema: pa.Schema
    ) -> Store:
        path = self.folder / "texts.parquet"
        with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
            writer.write_table(pa.Table.from_batches(held, schema))
            held.clear()
            for batch in rest:
                held.append(batch)
                if sum(part.num_rows for part in held) >= 200_000:
                    writer.write_table(pa.Table.from_batches(held, schema))
                    held.clear()
            writer.write_table(pa.Table.from_batches(held, schema))
        sql = f"read_parquet({literal(str(path))})"
        return EngineStore(self.connect([path]), sql, schema.names, schema.names)
