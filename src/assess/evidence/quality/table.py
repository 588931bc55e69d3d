"""A table as the engine sees it: per column the distinct texts, how often each occurs, and in which rows."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from assess.core.grants import NotGrantable, is_url, split_part, url_file
from assess.core.secrets import mask_location
from assess.core.tables import opening
from assess.core.tables.store import Reading, Store, Workplace, text_column
from assess.core.unpacking import UnreadableTable

from .column import Column, encode_column
from .types import ColumnType, dates, numbers


class _FrameSchema:
    """Tell pydantic how a DataFrame is read and written (``orient="table"`` keeps the types)."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read,
            serialization=core_schema.plain_serializer_function_ser_schema(cls._write, when_used="json"),
        )

    @staticmethod
    def _read(value: object) -> pd.DataFrame:
        if isinstance(value, pd.DataFrame):
            return value
        if isinstance(value, str):
            return pd.read_json(io.StringIO(value), orient="table", precise_float=True)
        raise ValueError("a table must be a DataFrame, or JSON text in pandas' table orientation")

    @staticmethod
    def _write(frame: pd.DataFrame) -> str:
        return str(frame.to_json(orient="table", index=False, double_precision=15))


Frame = Annotated[pd.DataFrame, _FrameSchema]


def same_frames(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables hold the same under the same names; how numbers are stored does not matter."""
    return list(one.columns) == list(other.columns) and bool(
        one.reset_index(drop=True).astype(object).equals(other.reset_index(drop=True).astype(object))
    )


HELD = 4_000_000
"""Distinct values that a table holds as Python texts before it lets the oldest column go."""


@dataclass(frozen=True, eq=False)
class ValuePairs:
    """How often the values of two columns occur together.

    Parameters
    ----------
    left, right
        Codes of the two columns, shape (p,), ordered by left and then right.
    counts
        Rows of each pair, shape (p,).
    """

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int64]


class Table:
    """An opened table. Row 0 is the first below the header; a row keeps its number.

    Parameters
    ----------
    name
        What the report calls it.
    data
        The texts: a store, or a DataFrame of texts.
    reading
        How it was read.
    numbers
        Number of each row in the table that it is a part of, -1 where rows have no order; None for a whole table.
    """

    def __init__(
        self,
        name: str,
        data: Store | pd.DataFrame,
        reading: Reading | None = None,
        numbers: npt.NDArray[np.int64] | None = None,
    ) -> None:
        if isinstance(data, pd.DataFrame):
            data, reading = opening.from_frame(data)
        self.name = name
        self.numbers = numbers
        self.store: Store = data
        self.reading = reading or Reading(location=name, form="frame")
        self._encoded: OrderedDict[str, Column] = OrderedDict()
        self._hidden: set[str] = set()
        self._places = {column: place for place, column in enumerate(self.columns)}

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return self.store.columns

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.store.rows

    @property
    def frame(self) -> pd.DataFrame:
        """All texts as a DataFrame of objects, a null as None: for small tables."""
        return pd.DataFrame(
            {name: text_column(self.store.text(place)).to_numpy() for name, place in self._places.items()},
            dtype=object,
        )

    def column(self, name: str) -> Column:
        """Return a column, encoded when it is first asked for.

        Raises
        ------
        KeyError
            If there is no such column.
        """
        if name in self._encoded:
            self._encoded.move_to_end(name)
            return self._encoded[name]
        column = encode_column(name, self.store.text(self._places[name]))
        column.hidden, column.numbers = name in self._hidden, self.numbers
        self._encoded[name] = column
        while len(self._encoded) > 1 and sum(c.distinct for c in self._encoded.values()) > HELD:
            self._encoded.popitem(last=False)
        return column

    def hide_values(self, name: str) -> None:
        """Let no value of a column stand in clear, because another table's column that means the same tells of persons."""
        self._hidden.add(name)
        if name in self._encoded:
            self._encoded[name].hidden = True

    def held(self, name: str) -> tuple[Column, ColumnType | None]:
        """Return a column with all its values, and what it holds where that is known already."""
        return self.column(name), None

    def __iter__(self) -> Iterator[Column]:
        return (self.column(name) for name in self.columns)

    def pairs(self, left: str, right: str) -> ValuePairs:
        """Count how often the values of two columns occur together."""
        one, other = self.column(left), self.column(right)
        width = max(other.distinct, 1)
        keys = one.codes.astype(np.int64) * width + other.codes
        if one.distinct * width <= max(4 * self.rows, 1 << 16):
            counted = np.bincount(keys, minlength=0)
            seen = np.flatnonzero(counted)
            counts = counted[seen]
        else:
            seen, counts = np.unique(keys, return_counts=True)
        return ValuePairs(
            (seen // width).astype(np.int32), (seen % width).astype(np.int32), counts.astype(np.int64)
        )

    def blocks(self, size: int) -> Iterator[Table]:
        """Cut the table into tables of at most ``size`` rows, in order, each read when it is reached."""
        if self.rows <= size:
            yield self
            return
        for store in self.store.blocks(size):
            yield Table(self.name, store, self.reading)


def open_table(
    table: str | Path | pd.DataFrame | Table,
    name: str = "",
    *,
    memory_limit: str = "",
    spill_folder: str = "",
    encoding: str = "",
    delimiter: str = "",
    header_row: int = 0,
) -> Table:
    """Open a table, everything read as text.

    Parameters
    ----------
    table
        Path of a csv, tsv, xlsx, json, jsonl, parquet, DuckDB or SQLite file (``file.xlsx#Sheet``,
        ``file.duckdb#table`` where it holds several), a folder or pattern of csv or parquet files, a DataFrame, or a table URL such as
        ``postgresql://user:password@host/database#schema.table``.
    name
        What to call it; default the file's name without suffix.
    memory_limit, spill_folder
        Memory of the engine, such as ``4GB`` (default a quarter of the machine), and where it spills.
    encoding, delimiter, header_row
        Of a text file, such as ``Windows-1250`` and ``;``, and the line (row of a sheet) that names the columns, from 1;
        empty or 0 where they are to be found.

    Raises
    ------
    UnreadableTable
        If it can't be read; the message says which, why and what to do.
    """
    if isinstance(table, Table):
        return table
    if isinstance(table, pd.DataFrame):
        return Table(name or "table", *opening.from_frame(table))
    location = str(table)
    workplace = Workplace(memory_limit, spill_folder, Path(location).name)
    path, part = (
        split_part(location) if not is_url(location) else (_local_file(location), location.partition("#")[2])
    )
    if is_url(location) and not path:
        from .remote import fetched

        drawn, reading = fetched(location, workplace)
        return Table(name or reading.location.rpartition("#")[2], drawn, reading)
    store, reading = opening.open_table(
        Path(path), part, workplace, encoding=encoding, delimiter=delimiter, header_row=header_row, are_values=are_values,
    )  # fmt: skip
    reading = reading.model_copy(update={"location": mask_location(location)})
    return Table(name or part or Path(path).stem, store, reading)


def _local_file(url: str) -> str:
    """Return the path of the file that a URL names, which is read whole as the file itself is; empty where it names a server."""
    try:
        return url_file(url) or ""
    except NotGrantable as wrong:
        raise UnreadableTable(f"{mask_location(url)} {wrong}") from None


def are_values(texts: Sequence[str]) -> list[bool]:
    """Return which texts are numbers or dates.

    >>> are_values(["1,5", "2026-01-31", "price"])
    [True, True, False]
    """
    held = np.array(texts, object)
    return list(map(bool, np.isfinite(numbers.read(held).worth) | dates.read(held).found))
