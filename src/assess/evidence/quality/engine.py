"""Engines that tables lie in: what each must be able to say of a table, and DuckDB's own answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from assess.core.engine import literal, quoted

Counts = list[tuple[str | None, int]]


class NotAssessed(Exception):
    """What an engine lacks: reported as "not assessed on this engine", never skipped in silence."""

    def __init__(self, primitive: str, engine: str) -> None:
        super().__init__(f"{primitive}: not assessed on {engine}")
        self.primitive, self.engine = primitive, engine


class Engine(Protocol):
    """A table where it lies; every column is seen as text.

    Each method raises `NotAssessed` if the engine lacks it.
    """

    name: str
    columns: tuple[str, ...]

    def count(self) -> int:
        """Rows."""

    def nulls(self, column: str) -> int:
        """Rows that hold a null."""

    def distinct(self, column: str) -> int:
        """Distinct values, nulls not counted."""

    def limits(self, column: str) -> tuple[float | None, float | None]:
        """Smallest and largest of the values that are numbers; None without any."""

    def quantile(self, column: str, share: float) -> float | None:
        """Quantile of the values that are numbers: the smallest value that reaches the share; None without any."""

    def rate(self, column: str, pattern: str) -> float | None:
        """Share of the non-null values in which a regular expression is found; None without any."""

    def frequencies(self, column: str, most: int) -> Counts:
        """The most frequent values with their rows, then by value; nulls are left out."""

    def masks(self, column: str, most: int) -> Counts:
        """The most frequent masks of ASCII letters and digits with their rows, then by mask."""

    def lengths(self, column: str) -> tuple[int | None, int | None]:
        """Fewest and most characters of a value; None without any."""

    def repeated(self, columns: Sequence[str]) -> int:
        """Rows whose values in these columns occur in another row too, nulls equal to nulls."""

    def joined(self, column: str, other: str) -> int:
        """Rows whose value in a column occurs in another column of the table."""

    def sample(self, rows: int) -> pa.Table:
        """At most so many rows, as text."""


class DuckDBEngine:
    """A relation of DuckDB.

    Parameters
    ----------
    connection
        An open connection.
    relation
        What stands behind FROM; all its columns are text.
    columns
        Their names.
    """

    name = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> None:
        self._connection, self._relation = connection, relation
        self.columns = tuple(columns)

    def _rows(self, select: str, rest: str = "") -> list[tuple[Any, ...]]:
        return self._connection.execute(f"SELECT {select} FROM {self._relation} {rest}").fetchall()  # noqa: S608

    def _one(self, select: str, rest: str = "") -> Any:
        return self._rows(select, rest)[0][0]

    def count(self) -> int:
        """Rows."""
        return int(self._one("count(*)"))

    def nulls(self, column: str) -> int:
        """Rows that hold a null."""
        return int(self._one(f"count(*) - count({quoted(column)})"))

    def distinct(self, column: str) -> int:
        """Distinct values, nulls not counted."""
        return int(self._one(f"count(DISTINCT {quoted(column)})"))

    def limits(self, column: str) -> tuple[float | None, float | None]:
        """Smallest and largest of the values that are numbers."""
        number = _number_of(column)
        low, high = self._rows(f"min({number}), max({number})")[0]
        return low, high

    def quantile(self, column: str, share: float) -> float | None:
        """Quantile of the values that are numbers: the smallest value that reaches the share."""
        value = self._one(f"quantile_disc({_number_of(column)}, {share})")
        return None if value is None else float(value)

    def rate(self, column: str, pattern: str) -> float | None:
        """Share of the non-null values in which a regular expression is found."""
        value = self._one(f"avg(CAST(regexp_matches({quoted(column)}, {literal(pattern)}) AS INT))")
        return None if value is None else float(value)

    def frequencies(self, column: str, most: int) -> Counts:
        """The most frequent values with their rows."""
        return self._counted(quoted(column), most)

    def masks(self, column: str, most: int) -> Counts:
        """The most frequent masks with their rows."""
        return self._counted(f"translate({quoted(column)}, {literal(_FROM)}, {literal(_TO)})", most)

    def _counted(self, expression: str, most: int) -> Counts:
        rows = self._rows(
            f"{expression} AS v, count(*) AS n",
            f"WHERE {expression} IS NOT NULL GROUP BY v ORDER BY n DESC, v LIMIT {int(most)}",
        )
        return [(value, int(count)) for value, count in rows]

    def lengths(self, column: str) -> tuple[int | None, int | None]:
        """Fewest and most characters of a value."""
        least, most = self._rows(f"min(length({quoted(column)})), max(length({quoted(column)}))")[0]
        return least, most

    def repeated(self, columns: Sequence[str]) -> int:
        """Rows whose values in these columns occur in another row too."""
        names = ", ".join(map(quoted, columns))
        query = f"SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM {self._relation} GROUP BY {names}) WHERE n > 1"  # noqa: S608
        return int(self._connection.execute(query).fetchall()[0][0])

    def joined(self, column: str, other: str) -> int:
        """Rows whose value in a column occurs in another column."""
        inside = f"SELECT {quoted(other)} FROM {self._relation}"  # noqa: S608
        return int(self._one("count(*)", f"WHERE {quoted(column)} IN ({inside})"))

    def sample(self, rows: int) -> pa.Table:
        """At most so many rows, drawn with a fixed seed."""
        query = f"SELECT * FROM {self._relation} USING SAMPLE reservoir({int(rows)} ROWS) REPEATABLE (1)"  # noqa: S608
        return self._connection.sql(query).to_arrow_table()


_FROM = "bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ012345678"
_TO = "a" * 25 + "A" * 25 + "9" * 9


def _number_of(column: str) -> str:
    return f"TRY_CAST({quoted(column)} AS DOUBLE)"
