"""The table of a chapter: typed columns, cells that know their unit, format and evidence."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, Self

import pandas as pd
from pydantic import model_validator

from assess.core.record import Record
from assess.core.source import Source

Format = Literal["text", "number", "money", "share", "date", "state", "code"]
"""How a column is shown. ``share``: a number from 0 to 1, shown in percent. ``money``: in the
column's unit, an ISO 4217 code. ``state``: a sign, see `STATES`, and the note as its word. ``code``:
a runnable text, shown as it is."""

Plain = str | int | float | bool | None

STATES = ("good", "partial", "bad", "unknown", "critical", "high", "medium", "low", "info")
"""Words of a ``state`` column that have a sign; any other word is shown without one."""


class Column(Record):
    """A column of a table.

    Parameters
    ----------
    key
        Name of the column in the data.
    label
        Its heading.
    format
        How its cells are shown.
    unit
        Unit of its numbers; an ISO 4217 code for money; empty for a count.
    digits
        Digits after the decimal point; None leaves the choice to the page (three significant digits).
    sources
        Ids of the sources of every cell of the column that names none of its own.
    """

    key: str
    label: str = ""
    format: Format = "text"
    unit: str = ""
    digits: int | None = None
    sources: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether its cells are numbers, shown at the right."""
        return self.format in ("number", "money", "share")


class Cell(Record):
    """A cell of a table.

    Parameters
    ----------
    value
        The value; None means not assessed, and is shown as a dash with that word.
    low, high
        Limits of its interval, in the unit of the column.
    unit
        Unit, where it differs from the column's.
    sources
        Ids of the sources it came from; empty means the column's.
    shade
        From 0 to 1: how strongly the cell of a heat map is filled; None leaves it plain.
    note
        A few words shown below the value; in a ``state`` column the word shown instead of it.
    """

    value: Plain = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    sources: tuple[str, ...] = ()
    shade: float | None = None
    note: str = ""

    @model_validator(mode="after")
    def _finite(self) -> Self:
        for number in (self.value, self.low, self.high, self.shade):
            if isinstance(number, float) and not math.isfinite(number):
                raise ValueError("a cell holds no NaN and no infinity: None means not assessed")
        return self


class DataTable(Record):
    """A table of a chapter, or the data behind a figure.

    Parameters
    ----------
    id
        Stable name within the chapter, such as ``options``.
    caption
        What the table shows, in one sentence.
    columns
        Its columns; the first names the row.
    rows
        Its rows, each with one cell a column.
    sources
        The sources that its cells and columns name by id.
    total
        Number of rows there are, where only the first are shown; None means all are.

    Raises
    ------
    pydantic.ValidationError
        If a row has not one cell a column.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()
    sources: tuple[Source, ...] = ()
    total: int | None = None

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.id}: row {number} has {len(row)} cells, there are {len(self.columns)} columns"
                )
        return self

    @property
    def table(self) -> pd.DataFrame:
        """The values as a DataFrame, one row a row, columns by key."""
        return pd.DataFrame(
            [[cell.value for cell in row] for row in self.rows], columns=[c.key for c in self.columns]
        )


Traced = Source | Iterable[Source] | Callable[[Mapping[str, Any]], Iterable[Source]]
"""Where a column's numbers come from: one source, several, or what a row (a mapping by column) says."""


def from_frame(
    frame: pd.DataFrame,
    *,
    id: str,
    caption: str,
    columns: Iterable[Column] | None = None,
    sources: Mapping[str, Traced] | None = None,
    ranges: Mapping[str, tuple[str, str]] | None = None,
    limit: int | None = None,
) -> DataTable:
    """Turn a DataFrame into a table of a chapter.

    Parameters
    ----------
    frame
        The rows; the index is left out.
    columns
        Which columns, in which order, and how they are shown; default all, numbers as numbers.
    sources
        By column key, where its cells come from.
    ranges
        By column key, the columns of ``frame`` that hold the low and the high limit.
    limit
        Show the first rows only; the table then says how many there are.

    Returns
    -------
    DataTable
        With as many rows as ``frame``, or ``limit`` where that is less.

    Examples
    --------
    >>> frame = pd.DataFrame({"option": ["ipaas"], "npv": [2.9e6]})
    >>> from_frame(frame, id="options", caption="Cost of each option").rows[0][1].value
    2900000.0
    """
    columns = tuple(columns) if columns is not None else tuple(_column(frame, key) for key in frame.columns)
    traced, ranges = dict(sources or {}), dict(ranges or {})
    known: dict[str, Source] = {}
    fixed = {key: _ids(known, said) for key, said in traced.items() if not callable(said)}
    columns = tuple(c.model_copy(update={"sources": fixed.get(c.key, c.sources)}) for c in columns)
    rows = []
    for record in frame.head(len(frame) if limit is None else limit).to_dict("records"):
        row = {str(key): plain(value) for key, value in record.items()}
        rows.append(tuple(_cell(row, column, traced, ranges, known) for column in columns))
    total = len(frame) if limit is not None and len(frame) > limit else None
    return DataTable(
        id=id, caption=caption, columns=columns, rows=tuple(rows), sources=tuple(known.values()), total=total
    )


def plain(value: Any) -> Plain:
    """Turn a value of a DataFrame into a plain one: NaN, NaT and NA become None, dates ISO text.

    >>> plain(float("nan")) is None, plain(pd.Timestamp("2026-11-22"))
    (True, '2026-11-22')
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, pd.Timestamp | dt.datetime):
        return value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, sorted(value, key=str) if isinstance(value, set | frozenset) else value))
    return str(value)


def _column(frame: pd.DataFrame, key: str) -> Column:
    number = pd.api.types.is_numeric_dtype(frame[key]) and not pd.api.types.is_bool_dtype(frame[key])
    label = str(key).replace("_", " ").capitalize()
    return Column(key=str(key), label=label, format="number" if number else "text")


def _cell(
    row: Mapping[str, Any],
    column: Column,
    traced: Mapping[str, Traced],
    ranges: Mapping[str, tuple[str, str]],
    known: dict[str, Source],
) -> Cell:
    said = traced.get(column.key)
    low, high = ranges.get(column.key, ("", ""))
    return Cell(
        value=row[column.key],
        low=row.get(low),
        high=row.get(high),
        sources=_ids(known, said(row)) if callable(said) else (),
    )


def _ids(known: dict[str, Source], said: Source | Iterable[Source]) -> tuple[str, ...]:
    sources = (said,) if isinstance(said, Source) else tuple(said)
    known.update({source.id: source for source in sources})
    return tuple(source.id for source in sources)
