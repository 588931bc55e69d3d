"""Parquet files: texts straight from the file, with the file's own dictionaries; all other types through DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assess.core.engine import literal
from assess.core.unpacking import UnreadableTable

from .store import (
    ArrowStore,
    EngineStore,
    Reading,
    Store,
    Workplace,
    text_column,
    unique_names,
)

DENSEST = 100
"""Rows a byte of the file: where there are more, nearly all of them are equal, and the table has to fit into memory."""
LENGTH = 4
"""Bytes that a plain text takes besides its characters: a column of fewer a value is held as a dictionary."""


def read_parquet(path: Path, workplace: Workplace) -> tuple[Store, Reading]:
    """Open a parquet file.

    Raises
    ------
    UnreadableTable
        If it is none.
    """
    try:
        check_footer(path, workplace)
        link = workplace.linked(path)
        sql = f"read_parquet({literal(str(link))}, hive_partitioning = false)"
        connection = workplace.connect([link])
        found = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()]  # noqa: S608
        texts = _Texts(path, found)
    except (duckdb.Error, pa.ArrowException, OSError) as problem:
        raise UnreadableTable(f"{path.name} is no parquet file") from problem
    names, renamed = unique_names(found)
    store = ParquetStore(connection, sql, names, found, texts)
    return store, Reading(location=path.name, form="parquet", renamed=renamed)


def check_footer(path: Path, workplace: Workplace) -> int:
    """Refuse what its own footer says to be too much, and rows that so few bytes can't hold; return the rows."""
    data = pq.read_metadata(path)
    budget, columns = workplace.budget, data.num_columns
    budget.check_rows(data.num_rows, columns)
    groups = [data.row_group(group) for group in range(data.num_row_groups)]
    budget.check_bytes(
        sum(max(group.column(leaf).total_uncompressed_size, 0) for group in groups for leaf in range(columns))
    )
    if data.num_rows > DENSEST * path.stat().st_size:
        budget.check_whole(data.num_rows * columns, 8)
    return int(data.num_rows)


class _Texts:
    """The columns of a parquet file that are texts there.

    Parameters
    ----------
    path
        The file.
    found
        Names of the columns as DuckDB sees them.
    """

    def __init__(self, path: Path, found: Sequence[str]) -> None:
        data = pq.read_metadata(path)
        schema = data.schema.to_arrow_schema()
        leaves = [data.schema.column(place).path for place in range(data.num_columns)]
        self.names = frozenset(
            name
            for name in found
            if "." not in name and leaves.count(name) == schema.names.count(name) == 1
            and (pa.types.is_string(kind := schema.field(name).type) or pa.types.is_large_string(kind))
        )  # fmt: skip
        coded = [name for name in self.names if _coded(data, leaves.index(name))]
        self._file = pq.ParquetFile(path, read_dictionary=coded)
        self._said = path.name
        self.groups = [data.row_group(group).num_rows for group in range(data.num_row_groups)]

    def read(self, name: str, start: int, stop: int) -> pa.ChunkedArray:
        """Return the rows from ``start`` up to ``stop`` of a column.

        Raises
        ------
        UnreadableTable
            If the file is damaged there, or its texts are not UTF-8.
        """
        groups: list[int] = []
        first, before = start, 0
        for group, rows in enumerate(self.groups):
            if before < stop and start < before + rows:
                first = first if groups else before
                groups.append(group)
            before += rows
        try:
            column = self._file.read_row_groups(groups, columns=[name], use_threads=False).column(0)
            column = column.slice(start - first, stop - start)
            column.validate(full=True)
        except (pa.ArrowException, OSError) as problem:
            raise UnreadableTable(f"{self._said}: column {name!r} can't be read: {problem}") from problem
        if pa.types.is_dictionary(column.type):
            return column.cast(pa.dictionary(pa.int32(), pa.large_string()))
        return text_column(column)


def _coded(data: pq.FileMetaData, leaf: int) -> bool:
    """Whether a column is held as codes: its values take fewer bytes than plain texts could."""
    parts = [data.row_group(group).column(leaf) for group in range(data.num_row_groups)]
    size = sum(part.total_uncompressed_size for part in parts)
    return bool(parts) and size < LENGTH * data.num_rows and all(part.has_dictionary_page for part in parts)


class ParquetStore(EngineStore):
    """A parquet file.

    Parameters
    ----------
    connection, sql, columns, found
        As of an `EngineStore`.
    texts
        Its columns of texts.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        sql: str,
        columns: Sequence[str],
        found: Sequence[str],
        texts: _Texts,
    ) -> None:
        super().__init__(connection, sql, columns, found)
        self.texts = texts

    def text(self, column: int) -> pa.ChunkedArray:
        """Read a column by its place."""
        if self._found[column] in self.texts.names:
            return self.texts.read(self._found[column], 0, self.rows)
        return super().text(column)

    def blocks(self, size: int) -> Iterator[Store]:
        """Cut the file into blocks whose texts are read when they are asked for, all else as it comes by.

        A file whose row groups are larger than a block is read once from beginning to end.
        """
        if self.rows <= size or max(self.texts.groups) > size:
            yield from super().blocks(size)
            return
        others = [name for name, found in self.named() if found not in self.texts.names]
        rest = self.streamed(others, size) if others else None
        for start in range(0, self.rows, size):
            yield _Block(self, start, min(start + size, self.rows), next(rest) if rest else None)


class _Block:
    """Some rows of a parquet file; what is no text there has been read."""

    def __init__(self, file: ParquetStore, start: int, stop: int, others: ArrowStore | None) -> None:
        self.columns, self.rows = file.columns, stop - start
        self._file, self._start, self._stop, self._others = file, start, stop, others

    def text(self, column: int) -> pa.ChunkedArray:
        """Read a column by its place."""
        name, found = self._file.named()[column]
        if found in self._file.texts.names:
            return self._file.texts.read(found, self._start, self._stop)
        assert self._others is not None
        return self._others.text(self._others.columns.index(name))

    def blocks(self, size: int) -> Iterator[Store]:
        """Cut the block further."""
        yield from self._whole().blocks(size)

    def relation(self) -> tuple[duckdb.DuckDBPyConnection, str]:
        """Register the block with a connection of its own."""
        return self._whole().relation()

    def _whole(self) -> ArrowStore:
        texts = {name: text_column(self.text(place)) for place, name in enumerate(self.columns)}
        return ArrowStore(pa.table(texts))
