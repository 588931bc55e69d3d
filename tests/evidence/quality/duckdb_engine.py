"""The engine's answers in DuckDB's own SQL: what every other engine must say too."""

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from assess.core.engine import literal, quoted
from assess.evidence.quality.remote import Counts


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
        return self._connection.execute(f"SELECT {select} FROM {self._relation} {rest}").fetchall()

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
        query = f"SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM {self._relation} GROUP BY {names}) WHERE n > 1"
        return int(self._connection.execute(query).fetchall()[0][0])

    def joined(self, column: str, other: str) -> int:
        """Rows whose value in a column occurs in another column."""
        inside = f"SELECT {quoted(other)} FROM {self._relation}"
        return int(self._one("count(*)", f"WHERE {quoted(column)} IN ({inside})"))

    def sample(self, rows: int) -> pa.Table:
        """At most so many rows, drawn with a fixed seed."""
        query = f"SELECT * FROM {self._relation} USING SAMPLE reservoir({int(rows)} ROWS) REPEATABLE (1)"
        return self._connection.sql(query).to_arrow_table()


_FROM = "bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ012345678"
_TO = "a" * 25 + "A" * 25 + "9" * 9


def _number_of(column: str) -> str:
    return f"TRY_CAST({quoted(column)} AS DOUBLE)"
