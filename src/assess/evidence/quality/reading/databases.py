"""Tables in database files: DuckDB and SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa

from .reading import Reading, UnreadableTable, unique_names
from .store import EngineStore, Store, Workplace, quoted

PART = 50_000


def read_duckdb(path: Path, table: str, workplace: Workplace) -> tuple[Store, Reading]:
    """Open a table of a DuckDB file, read-only.

    Raises
    ------
    UnreadableTable
        If the file is no DuckDB database, or the table is not named and there are several.
    """
    try:
        connection = workplace.connect(str(path), read_only=True)
        found = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() ORDER BY 1, 2"
        ).fetchall()
    except duckdb.Error as problem:
        raise UnreadableTable(f"{path.name} is no DuckDB database: {_first_line(problem)}") from problem
    names = [name if schema == "main" else f"{schema}.{name}" for schema, name in found]
    chosen = _chosen(path, table, names)
    sql = ".".join(map(quoted, chosen.split(".")))
    columns = [row[0] for row in connection.execute(f"DESCRIBE {sql}").fetchall()]
    reading = Reading(location=path.name, form="duckdb", notes=(f"table {chosen}",))
    return EngineStore(connection, sql, columns, columns), reading


def read_sqlite(path: Path, table: str, workplace: Workplace) -> tuple[Store, Reading]:
    """Read a table of a SQLite file.

    Raises
    ------
    UnreadableTable
        If the file is no SQLite database, or the table is not named and there are several.
    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        try:
            found = connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
                " ORDER BY name"
            ).fetchall()
        except sqlite3.DatabaseError as problem:
            raise UnreadableTable(f"{path.name} is no SQLite database: {problem}") from problem
        chosen = _chosen(path, table, [name for (name,) in found])
        cursor = connection.execute(f"SELECT * FROM {quoted(chosen)}")  # noqa: S608
        names, renamed = unique_names([column[0] for column in cursor.description])
        schema = pa.schema([(name, pa.large_string()) for name in names])
        store = workplace.keep(_batches(cursor, schema), schema)
    reading = Reading(location=path.name, form="sqlite", renamed=renamed, notes=(f"table {chosen}",))
    return store, reading


def _batches(cursor: sqlite3.Cursor, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while rows := cursor.fetchmany(PART):
        columns = [
            pa.array(
                [None if v is None else v if isinstance(v, str) else _text(v) for v in column],
                pa.large_string(),
            )
            for column in zip(*rows, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _chosen(path: Path, table: str, names: list[str]) -> str:
    if table and table in names:
        return table
    said = ", ".join(names) or "no table at all"
    if table:
        raise UnreadableTable(f"{path.name} has no table {table!r}; it has {said}")
    if len(names) != 1:
        raise UnreadableTable(f"{path.name} has {said}: name one, as in {path.name}#table")
    return names[0]


def _first_line(problem: Exception) -> str:
    return str(problem).splitlines()[0]
