"""The engine's answers in DuckDB's own SQL: what every other engine must say too."""

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from assess.core.engine import quoted
from assess.core.tables.store import Workplace
from assess.evidence.quality import remote
from assess.evidence.quality.table import Table


def open_in_engine(location: str) -> Table:
    """Open a table of a DuckDB file as one that lies in an engine; the product reads such a file whole."""
    store, reading = remote.fetched(location, Workplace())
    return Table(reading.location.rpartition("#")[2], store, reading)


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

    def distinct(self, column: str) -> int:
        """Distinct values, nulls not counted."""
        return int(self._one(f"count(DISTINCT {quoted(column)})"))

    def quantile(self, column: str, share: float) -> float | None:
        """Quantile of the values that are numbers: the smallest value that reaches the share."""
        value = self._one(f"quantile_disc({_number_of(column)}, {share})")
        return None if value is None else float(value)

    def repeated(self, columns: Sequence[str]) -> int:
        """Rows whose values in these columns occur in another row too."""
        names = ", ".join(map(quoted, columns))
        query = f"SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM {self._relation} GROUP BY {names}) WHERE n > 1"
        return int(self._connection.execute(query).fetchall()[0][0])

    def sample(self, rows: int) -> pa.Table:
        """At most so many rows: those of the lowest MD5 of all that they hold."""
        whole = " || '|' || ".join(f"coalesce({quoted(name)}, '~')" for name in self.columns)
        query = f"SELECT * FROM {self._relation} ORDER BY md5({whole}) LIMIT {int(rows)}"
        return self._connection.sql(query).to_arrow_table()


def _number_of(column: str) -> str:
    return f"TRY_CAST({quoted(column)} AS DOUBLE)"
