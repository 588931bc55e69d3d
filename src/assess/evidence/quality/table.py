"""A table as the engine sees it: per column the distinct texts, how often each occurs, and in which rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True, eq=False)
class Column:
    """One column, dictionary-encoded: judge ``values`` with their ``counts``, then resolve the rows.

    Parameters
    ----------
    name
        As in the table's header.
    values
        Distinct texts, shape (d,), dtype object; a null of the engine is None (at most one), an
        empty text is ``""``.
    counts
        Rows that hold each value, shape (d,).
    codes
        Index into ``values`` of each row, shape (rows,), dtype int32.
    """

    name: str
    values: npt.NDArray[np.object_]
    counts: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int32]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.codes)

    def rows_of(self, values: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Return the rows, ascending, that hold any of the values marked in a mask of shape (d,)."""
        return np.flatnonzero(values[self.codes]) if len(self.values) else np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Table:
    """An opened table. Row 0 is the first below the header; a row keeps its number."""

    name: str
    frame: pd.DataFrame

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(map(str, self.frame.columns))

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.frame)

    @cached_property
    def _encoded(self) -> dict[str, Column]:
        encoded = {}
        for position, name in enumerate(self.columns):
            codes, values = pd.factorize(self.frame.iloc[:, position], use_na_sentinel=False)
            texts = np.array([None if pd.isna(v) else str(v) for v in values], dtype=object)
            counts = np.bincount(codes, minlength=len(texts)).astype(np.int64)
            encoded[name] = Column(name, texts, counts, codes.astype(np.int32))
        return encoded

    def column(self, name: str) -> Column:
        """Return a column, encoded once."""
        return self._encoded[name]

    def __iter__(self) -> Iterator[Column]:
        return (self.column(name) for name in self.columns)


def open_table(table: str | Path | pd.DataFrame, name: str = "") -> Table:
    """Open a file or DataFrame, everything read as text."""
    if isinstance(table, pd.DataFrame):
        return Table(name or "table", table.astype("string").astype(object).where(table.notna(), None))
    return Table(name or Path(table).stem, pd.read_csv(table, dtype=str, keep_default_na=False))
