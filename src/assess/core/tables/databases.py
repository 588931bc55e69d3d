"""Tables in database files: DuckDB and SQLite. A view is the client's program, so that one is read only of a file that the consultant allows."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from assess.core.engine import CLIENT, quoted
from assess.core.grants import advice
from assess.core.trust import allowed
from assess.core.unpacking import LONGEST, UnreadableTable

from .store import EngineStore, Reading, Store, Workplace, unique_names

PART = 50_000
MOST_HELD = 5_000_000
"""Rows, and values, that are taken at a time."""
STEPS = 1_000_000
"""Steps of SQLite's machine between two looks at the clock."""
VIEW = "ENABLE_VIEW"
T = TypeVar("T")


def read_duckdb(path: Path, table: str, workplace: Workplace) -> tuple[Store, Reading]:
    """Open a table of a DuckDB file, read-only, on an engine that sees nothing but this file.

    The tables are listed by the system's own function, which no macro of the file can replace.

    Raises
    ------
    UnreadableTable
        If the file is no DuckDB database, or the table is not named and there are several.
    """
    try:
        connection = workplace.connect(database=path)
        found = connection.execute(
            "SELECT schema_name, table_name FROM system.main.duckdb_tables()"
            " WHERE database_name = ? AND NOT internal ORDER BY 1, 2",
            [CLIENT],
        ).fetchall()
        views = connection.execute(
            "SELECT schema_name, view_name FROM system.main.duckdb_views()"
            " WHERE database_name = ? AND NOT internal ORDER BY 1, 2",
            [CLIENT],
        ).fetchall()
        tables = {_called(*names): names for names in found}
        schema, name = _chosen(path, table, tables, {_called(*names): names for names in views})
        described = connection.execute(
            "SELECT column_name, is_generated FROM system.main.duckdb_columns()"
            " WHERE database_name = ? AND schema_name = ? AND table_name = ? ORDER BY column_index",
            [CLIENT, schema, name],
        ).fetchall()
    except duckdb.Error as problem:
        raise UnreadableTable(f"{path.name} is no DuckDB database: {_first_line(problem)}") from problem
    columns = [str(column) for column, generated in described if not generated]
    notes = _notes(_called(schema, name), [str(column) for column, generated in described if generated])
    sql = ".".join((CLIENT, quoted(schema), quoted(name)))
    try:
        store = EngineStore(connection, sql, columns, columns)
    except duckdb.Error as problem:  # a view over what is out of its reach
        raise UnreadableTable(f"{path.name}: {name} can't be read: {_first_line(problem)}") from problem
    workplace.budget.check_rows(store.rows, len(columns))
    return store, Reading(location=path.name, form="duckdb", notes=notes)


def read_sqlite(path: Path, table: str, workplace: Workplace) -> tuple[Store, Reading]:
    """Read a table of a SQLite file, on a connection that runs nothing which the file brings along.

    Raises
    ------
    UnreadableTable
        If the file is no SQLite database, or the table is not named and there are several.
    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        try:
            _lock(connection, workplace.budget.limits.seconds)
            found = connection.execute(
                "SELECT name, type FROM pragma_table_list WHERE schema = 'main'"
            ).fetchall()
            kinds = {str(name): str(kind) for name, kind in found if not str(name).startswith("sqlite_")}
            tables = {name: name for name, kind in sorted(kinds.items()) if kind == "table"}
            views = {name: name for name, kind in kinds.items() if kind == "view"}
            chosen = _chosen(
                path, table, tables, views, [n for n, kind in kinds.items() if kind == "virtual"]
            )
            if chosen in views and hasattr(connection, "setconfig"):
                connection.setconfig(getattr(sqlite3, f"SQLITE_DBCONFIG_{VIEW}"), True)
            described = connection.execute(
                "SELECT name, hidden FROM pragma_table_xinfo(?)", [chosen]
            ).fetchall()
            plain = [str(name) for name, hidden in described if not hidden]
            names, renamed = unique_names(plain)
            schema = pa.schema([(name, pa.large_string()) for name in names])
            picked = ", ".join(map(quoted, plain))
            cursor = connection.execute(f"SELECT {picked} FROM main.{quoted(chosen)}")  # noqa: S608
            store = workplace.keep(_batches(cursor, schema), schema)
        except (sqlite3.DatabaseError, sqlite3.DataError) as problem:
            if "interrupted" in str(problem):
                workplace.budget.check_time()
            raise UnreadableTable(
                f"{path.name} is no SQLite database, or a damaged one: {problem}"
            ) from problem
    notes = _notes(chosen, [str(name) for name, hidden in described if hidden])
    return store, Reading(location=path.name, form="sqlite", renamed=renamed, notes=notes)


def _lock(connection: sqlite3.Connection, seconds: float) -> None:
    """Take from a connection what a file could abuse: writing, programs in its schema, huge values, endless queries."""
    for pragma in ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    if hasattr(connection, "setconfig"):  # from Python 3.12
        for name, on in (("DEFENSIVE", True), (VIEW, False), ("ENABLE_TRIGGER", False)):
            connection.setconfig(getattr(sqlite3, f"SQLITE_DBCONFIG_{name}"), on)
    until = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > until, STEPS)


def _called(schema: str, name: str) -> str:
    return name if schema == "main" else f"{schema}.{name}"


def _notes(table: str, generated: Sequence[str]) -> tuple[str, ...]:
    if not generated:
        return (f"table {table}",)
    return (f"table {table}", f"computed columns, which are not read: {', '.join(generated)}")


def _batches(cursor: sqlite3.Cursor, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while rows := cursor.fetchmany(max(min(PART, MOST_HELD // len(schema)), 1)):
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


def _chosen(
    path: Path, table: str, tables: Mapping[str, T], views: Mapping[str, T], virtual: Sequence[str] = ()
) -> T:
    if table and table in tables:
        return tables[table]
    has = ", ".join(tables) or "no table at all"
    if table in views:
        if allowed().permits(str(path.resolve()), path.parent):
            return views[table]
        raise UnreadableTable(
            f"{path.name}: {table} is a view, a program of whoever made the file, and is read only of a file that you"
            f" allow: {advice(str(path.resolve()), path.parent)}; or name one of: {has}"
        )
    if table in virtual:
        raise UnreadableTable(
            f"{path.name}: {table} is a virtual table, which is not read; name one of: {has}"
        )
    if table:
        raise UnreadableTable(f"{path.name} has no table {table!r}; it has {has}")
    if len(tables) != 1:
        hint = f" ({len(views) + len(virtual)} views are not read unless named)" if views or virtual else ""
        raise UnreadableTable(f"{path.name} has {has}{hint}: name one, as in {path.name}#table")
    return next(iter(tables.values()))


def _first_line(problem: Exception) -> str:
    return str(problem).splitlines()[0]
