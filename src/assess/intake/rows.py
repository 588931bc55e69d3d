"""The rows of a table: texts to values that know their source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assess.core.estimate import Estimate
from assess.core.source import Source

from .cell import WrongValue, parse
from .columns import Column
from .engagement import Row, Table
from .problem import Problems
from .raw import RawRow, RawTable


@dataclass(frozen=True)
class ReadRow:
    """The values of a row by column, None where empty; ``failed`` names the columns that could not be read."""

    row: int
    values: dict[str, Any]
    texts: Mapping[str, str]
    whole: bool = True
    failed: frozenset[str] = field(default=frozenset())

    def key(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the values of the key, empty texts where there is none."""
        return tuple(str(self.values.get(column) or "") for column in columns)


@dataclass(frozen=True)
class Money:
    """What an engagement says once for all its numbers: currency, and when it was said."""

    currency: str
    date: dt.date | None = None

    def unit(self, column: Column) -> str:
        """Return the unit of a column with the currency in place of ``money``."""
        return column.unit.replace("money", self.currency)


def read(raw: RawTable, money: Money, problems: Problems) -> tuple[ReadRow, ...]:
    """Read every row; what is not allowed is noted with its place."""
    return tuple(_row(raw, row, money, problems) for row in raw.rows)


def _row(raw: RawTable, row: RawRow, money: Money, problems: Problems) -> ReadRow:
    values: dict[str, Any] = {}
    failed = set()
    for column in raw.table.columns:
        text = row.cells.get(column.name, "")
        if not row.whole and column.name not in raw.table.key:
            continue
        name = raw.prefix + column.name
        try:
            value = parse(text, column)
        except WrongValue as wrong:
            failed.add(column.name)
            allowed = column.allowed if wrong.allowed is None else wrong.allowed
            if row.whole:
                problems.add(raw.place, wrong.message, row=row.row, column=name, value=text, allowed=allowed)
            continue
        if value is None and column.required and row.whole:
            failed.add(column.name)
            if column.name in raw.columns:  # a column that is missing was said once
                problems.add(raw.place, "is required", row=row.row, column=name, allowed=column.allowed)
        if isinstance(value, Estimate):
            source = Source(kind="input", place=raw.place.source, row=row.row, column=name, date=money.date)
            value = value.model_copy(update={"unit": money.unit(column), "source": source})
        values[column.name] = value
    return ReadRow(row.row, values, row.cells, row.whole, frozenset(failed))


def record(raw: RawTable, row: ReadRow) -> Row:
    """Make the record of a row without problems.

    Raises
    ------
    pydantic.ValidationError
        If the record allows less than its columns do.
    """
    fields = {
        column.field: row.values[column.name]
        for column in raw.table.columns
        if row.values.get(column.name) is not None
    }
    if "tables" in fields:
        fields["tables"] = tuple(
            Table(system=fields["id"], entity=entity, location=path) for entity, path in fields["tables"]
        )
    return raw.table.record(**fields, origin=Source(kind="input", place=raw.place.source, row=row.row))
