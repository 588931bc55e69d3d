"""DuckDB as every part opens it: within the memory allowed, with nothing in reach but what it was given.

A file of a client may ask the engine to read other files, to load an extension, to connect somewhere or to change a
setting. So an engine sees the files that it is opened for, the database that is attached to it and what is registered
with it, and nothing else: no other file, no network, no extension, no secret of this machine, no variable of the
program that asks, and no setting can be changed afterwards.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from . import scratch
from .trust import allowed
from .unpacking import allowed_memory

CLIENT = "client"
"""Name under which a client's database is attached."""

_LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "preserve_insertion_order": "true",
}


def open_engine(
    folder: Path | None = None, *, memory: str = "", files: Sequence[Path] = (), database: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Open an engine in memory, its moments in UTC, rows in the order of what they are read from.

    Parameters
    ----------
    folder
        Of this run, where it may spill to disk; without one it does not spill.
    memory
        Such as ``4GB``; empty for what is allowed, else a quarter of the machine.
    files
        That its queries may read, by paths without signs that the engine would take for a pattern, see `linked`.
    database
        File of DuckDB to attach, read-only, as `CLIENT`.

    Raises
    ------
    duckdb.Error
        If the database is none.
    """
    spill = str(folder / "spill") if folder else ""
    limit = memory or f"{allowed_memory() >> 20}MiB"
    connection = duckdb.connect(":memory:", config=_LOCKED | {"memory_limit": limit, "temp_directory": spill})
    try:
        connection.execute("SET TimeZone = 'UTC'")
        if files:
            connection.execute(f"SET allowed_paths = [{', '.join(literal(str(path)) for path in files)}]")
        if database:
            connection.execute(f"ATTACH {literal(str(database))} AS {CLIENT} (READ_ONLY, TYPE duckdb)")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def open_spilling() -> duckdb.DuckDBPyConnection:
    """Open an engine that spills into a temporary folder of its own, which goes when the engine does."""
    folder = scratch.make_folder(allowed().spill_folder)
    connection = open_engine(folder)
    weakref.finalize(connection, scratch.remove_folder, folder)
    return connection


LAKE_EXTENSIONS = {"s3": "httpfs", "gs": "httpfs", "az": "azure", "delta": "delta", "iceberg": "iceberg"}
"""The extension of DuckDB that reads each place or form of a lake."""


class NoExtension(Exception):
    """An extension of DuckDB that was needed is not installed; the message says how to install it."""


def open_lake(url: str) -> tuple[duckdb.DuckDBPyConnection, str]:
    """Open an engine that reaches a lake, and return the SQL of the table there.

    It reaches the network, and what the log of a Delta or Iceberg table names: a URL, which the consultant allows.
    An extension is loaded where it is installed, never downloaded.

    Parameters
    ----------
    url
        ``s3://bucket/orders/*.parquet`` (also gs and az; csv likewise), ``delta+s3://bucket/orders``, ``iceberg+file:///lake/orders``.

    Raises
    ------
    NoExtension
        If one is not installed.
    duckdb.Error
        If nothing is there, or access is refused.
    """
    scheme, _, rest = url.partition("://")
    *form, place = scheme.lower().split("+")
    connection = duckdb.connect(":memory:", config=_LOCKED | {"memory_limit": f"{allowed_memory() >> 20}MiB"})
    try:
        for name in (*form, place):
            if name in LAKE_EXTENSIONS:
                _load(connection, LAKE_EXTENSIONS[name])
        if place in ("s3", "gs") and _has(
            connection, "aws"
        ):  # what the environment and ~/.aws say, as every tool of AWS does
            _load(connection, "aws")
            connection.execute(
                f"CREATE SECRET (TYPE {place.replace('gs', 'gcs')}, PROVIDER credential_chain)"
            )
        connection.execute("SET lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    where = literal(rest if place == "file" else f"{place}://{rest}")
    if form:
        return connection, f"{form[0]}_scan({where})"
    if rest.lower().endswith((".csv", ".csv.gz", ".tsv")):
        return connection, f"read_csv({where}, all_varchar = true, union_by_name = true)"
    return connection, f"read_parquet({where}, union_by_name = true)"


def _has(connection: duckdb.DuckDBPyConnection, extension: str) -> bool:
    asked = "SELECT installed FROM duckdb_extensions() WHERE extension_name = ?"
    return connection.execute(asked, [extension]).fetchall() == [(True,)]


def _load(connection: duckdb.DuckDBPyConnection, extension: str) -> None:
    if not _has(connection, extension):
        raise NoExtension(
            f"DuckDB's extension {extension}, which is not installed on this machine, and a run downloads nothing; once, with a network:"
            f" python -c \"import duckdb; duckdb.sql('INSTALL {extension}')\""
        )
    connection.load_extension(extension)


@contextlib.contextmanager
def open_reader(path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Open an engine that sees one file only, and give the path by which it is to read it."""
    folder = scratch.make_folder(allowed().spill_folder)
    try:
        link = linked(path, folder)
        with open_engine(folder, files=[link]) as reader:
            yield reader, str(link)
    finally:
        scratch.remove_folder(folder)


def linked(path: Path, folder: Path) -> Path:
    """Return another path to a file, whose name is ours.

    DuckDB takes ``log[1].csv`` for a pattern that ``log1.csv`` fits, ``*`` for every file, and ``year=2026`` in a
    folder's name for a column. A name is never a pattern here.
    """
    ending = "".join(suffix for suffix in path.suffixes[-2:] if suffix[1:].isalnum()).lower()
    link = folder / f"input-{len(list(folder.glob('input-*')))}{ending}"
    try:
        link.symlink_to(path.resolve())
    except OSError:  # a system on which not every user may link
        try:
            os.link(path, link)
        except OSError:
            shutil.copyfile(path, link)
    return link


def quoted(name: str) -> str:
    """Return a name as an SQL identifier.

    >>> quoted('the "id" of')
    '"the ""id"" of"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
