"""The table of a chapter: typed columns, cells that know their unit, format and evidence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Generic, Literal, Self, TypeVar

import pandas as pd
from pydantic import model_validator

from assess.core.estimate import Estimate
from assess.core.record import Record
from assess.core.source import Source

Format = Literal["text", "number", "money", "share", "date", "state", "code"]
"""How a column is shown. ``share``: a number from 0 to 1, shown in percent. ``money``: in the
column's unit, an ISO 4217 code. ``state``: a sign, see `STATES`, and the note as its word. ``code``:
a runnable text, shown as it is."""

Plain = str | int | float | bool | None

STATES = ("good", "partial", "bad", "unknown", "critical", "high", "medium", "low", "info")
"""Words of a ``state`` column that have a sign; any other word is shown without one."""


class TableColumn(Record):
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
        Unit of its numbers; an ISO 4217 code for money; empty for a count; ``chance`` for a share of drawn futures.
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

    def unit_of(self, cell: TableCell) -> str:
        """Unit of one of its cells: the cell's own, the column's, or that of its format."""
        return cell.unit or self.unit or ("share" if self.format == "share" else "")


class TableCell(Record):
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


T = TypeVar("T")
Sources = Source | None | Iterable[Source | str]
"""Where something comes from: one source, several, or their ids."""


@dataclass(frozen=True, slots=True)
class ColumnSpec(Generic[T]):
    """A column and what it shows of a record: the definition from which `DataTable.of` makes cells.

    Parameters
    ----------
    key, label, digits
        As of a `TableColumn`.
    get
        The value of a record's cell. An estimate brings its likely value, its range and its source
        with it; a whole `TableCell` is taken as it is.
    format
        As of a `TableColumn`; ``count`` is a whole number.
    sources
        The sources of every cell of the column that names none of its own, or their ids.
    unit
        As of a `TableColumn`; a function gives the unit of each cell.
    low, high, note, shade
        What a `TableCell` holds beside its value.
    trace
        The sources of a record's cell, or their ids, where they differ from the column's.
    """

    key: str
    label: str
    get: Callable[[T], TableCell | Estimate | Plain]
    format: Format | Literal["count"] = "text"
    _: KW_ONLY
    unit: str | Callable[[T], str] = ""
    digits: int | None = None
    sources: Sources = ()
    low: Callable[[T], float | None] | None = None
    high: Callable[[T], float | None] | None = None
    note: Callable[[T], str] | None = None
    shade: Callable[[T], float | None] | None = None
    trace: Callable[[T], Sources] | None = None

    @property
    def head(self) -> TableColumn:
        """The column without its cells."""
        return TableColumn(
            key=self.key,
            label=self.label,
            format="number" if self.format == "count" else self.format,
            unit="" if callable(self.unit) else self.unit,
            digits=0 if self.format == "count" else self.digits,
            sources=_ids(self.sources),
        )

    def cell(self, record: T) -> TableCell:
        """Return the cell of one record."""
        value = self.get(record)
        if isinstance(value, Estimate):
            value = estimated(value)
        getters: dict[str, Callable[[T], Any] | None] = {
            "low": self.low,
            "high": self.high,
            "shade": self.shade,
            "note": self.note,
            "unit": self.unit if callable(self.unit) else None,
            "sources": self.trace,
        }
        given: dict[str, Any] = {name: read(record) for name, read in getters.items() if read is not None}
        if "sources" in given:
            given["sources"] = _ids(given["sources"])
        return TableCell(**(dict(value) if isinstance(value, TableCell) else {"value": value}) | given)

    def within(self, trace: Callable[[T], Sources] | Sources, currency: str) -> ColumnSpec[T]:
        """Return the column in a table: with the table's sources of numbers, and its currency, where it names none."""
        column = replace(self, unit=currency) if self.format == "money" and not self.unit else self
        if self.format not in ("number", "money", "share", "count") or self.trace or self.sources:
            return column
        return replace(column, trace=trace) if callable(trace) else replace(column, sources=trace)

    def named(self, record: T) -> Iterator[Source]:
        """Yield the sources that the cell of a record names."""
        value = self.get(record)
        if self.trace is not None:
            yield from _listed(self.trace(record))
        elif isinstance(value, Estimate) and value.source:
            yield value.source


def _ids(sources: Sources) -> tuple[str, ...]:
    listed = (sources,) if isinstance(sources, Source) else sources or ()
    return tuple(source if isinstance(source, str) else source.id for source in listed)


def _listed(sources: Sources) -> tuple[Source, ...]:
    listed = (sources,) if isinstance(sources, Source) else sources or ()
    return tuple(source for source in listed if isinstance(source, Source))


def estimated(value: Estimate | None) -> TableCell:
    """Show an estimate with its range and its source."""
    if value is None:
        return TableCell(value=None)
    traced = (value.source.id,) if value.source else ()
    return TableCell(value=value.likely, low=value.low, high=value.high, sources=traced)


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
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[TableCell, ...], ...] = ()
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

    @classmethod
    def of(
        cls,
        records: Iterable[T],
        columns: Iterable[ColumnSpec[T]],
        *,
        id: str,
        caption: str,
        trace: Callable[[T], Sources] | Sources = (),
        currency: str = "",
        sources: Iterable[Source] = (),
        total: int | None = None,
    ) -> DataTable:
        """Make a table from records: one row a record, one cell a column.

        Parameters
        ----------
        records
            What the rows are about.
        columns
            What the columns show of a record.
        trace
            The sources, or their ids, of the numbers of each column that names none: the same for all records, or of each.
        currency
            Unit of money of each column that names none.
        sources
            Sources that are named by their ids alone; the others are found where they are named.
        total
            Number of records there are, where ``records`` may be only the first of them.

        Examples
        --------
        >>> options = [("ipaas", Estimate(low=1, likely=2, high=4))]
        >>> columns = (ColumnSpec("option", "Option", lambda o: o[0]), ColumnSpec("npv", "Cost", lambda o: o[1]))
        >>> table = DataTable.of(options, columns, id="options", caption="Cost of each option")
        >>> table.rows[0][1].value, table.rows[0][1].high
        (2.0, 4.0)
        """
        columns, records = tuple(column.within(trace, currency) for column in columns), tuple(records)
        rows = tuple(tuple(column.cell(record) for column in columns) for record in records)
        heads = (source for column in columns for source in _listed(column.sources))
        cells = (source for record in records for column in columns for source in column.named(record))
        return cls(
            id=id,
            caption=caption,
            columns=tuple(column.head for column in columns),
            rows=rows,
            sources=tuple({source.id: source for source in (*sources, *heads, *cells)}.values()),
            total=total if total is not None and total > len(rows) else None,
        )

    @property
    def table(self) -> pd.DataFrame:
        """The values as a DataFrame, one row a row, columns by key."""
        return pd.DataFrame(
            [[cell.value for cell in row] for row in self.rows], columns=[c.key for c in self.columns]
        )
