"""Opening whatever holds a table: the choice of the reader."""

from __future__ import annotations

import lzma
import zlib
from pathlib import Path

import pandas as pd
import pyarrow as pa

from assess.core.unpacking import UnreadableTable, check_regular, plain_suffix

from . import databases, documents
from .delimited import read_delimited
from .file_lists import DELIMITED, PARQUET, is_many
from .folders import read_files
from .layout import AreValues
from .parquet import read_parquet
from .store import ArrowStore, Reading, Store, Workplace, unique_names

JSON = {".json", ".jsonl", ".ndjson"}
DATABASES = {".duckdb", ".ddb", ".sqlite", ".sqlite3", ".db"}
READABLE = "csv, tsv, xlsx, json, jsonl, parquet, DuckDB and SQLite files, folders and patterns of csv or parquet files, and table URLs"


def from_frame(frame: pd.DataFrame) -> tuple[Store, Reading]:
    """Take a DataFrame; every value becomes its text, a missing one null."""
    names, renamed = unique_names([str(name) for name in frame.columns])
    columns = [_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
    return ArrowStore(pa.table(columns, names)), Reading(location="frame", form="frame", renamed=renamed)


def _column(series: pd.Series) -> pa.Array:
    if series.dtype == object or isinstance(series.dtype, pd.StringDtype):
        values = [None if v is None or v is pd.NA or v != v else str(v) for v in series.tolist()]
        return pa.array(values, pa.large_string())
    return pa.array(series.astype("string").tolist(), pa.large_string(), from_pandas=True)


def open_table(
    path: Path, part: str = "", workplace: Workplace | None = None, *, encoding: str = "", delimiter: str = "",
    header_row: int = 0, are_values: AreValues | None = None, ragged: bool = True,
) -> tuple[Store, Reading]:  # fmt: skip
    """Open a file, folder or pattern of files that holds a table, by its suffix, everything as text.

    Parameters
    ----------
    path
        The file; a text or JSON file may be packed (``.csv.gz``). A folder or pattern as `folders` says.
    part
        Sheet or table within the file, empty for the only one.
    workplace
        Where what is larger than memory is kept; one of its own where there is none.
    encoding, delimiter, header_row
        As stated; empty or 0 where they are to be found.
    are_values, ragged
        As of `read_delimited`.

    Raises
    ------
    UnreadableTable
        If there is no such file, it is no regular file, is empty, is not what its suffix says, or costs more than is
        allowed.
    """
    place = workplace or Workplace(name=path.name)

    def text(file: Path) -> tuple[Store, Reading]:
        try:
            return read_delimited(file, place, encoding=encoding, delimiter=delimiter, header_row=header_row, are_values=are_values, ragged=ragged)  # fmt: skip
        except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
            raise UnreadableTable(f"{file.name} can't be read: it is damaged or cut off") from error

    if is_many(path):
        return read_files(path, place, text)
    check_regular(path)
    suffix = plain_suffix(path)
    if path.stat().st_size == 0:
        raise UnreadableTable(f"{path.name} is empty (0 bytes)")
    if suffix in DELIMITED:
        return text(path)
    if suffix in JSON:
        table, reading = documents.read_json(path, place.budget, part=part, encoding=encoding)
        return ArrowStore(table), reading
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return documents.read_workbook(path, part, place, header_row, are_values)
    if path.suffix.lower() in PARQUET:
        return read_parquet(path, place)
    if path.suffix.lower() in DATABASES:
        with path.open("rb") as file:
            lite = file.read(16).startswith(b"SQLite format 3")
        reader = databases.read_sqlite if lite or suffix.startswith(".sqlite") else databases.read_duckdb
        return reader(path, part, place)
    raise UnreadableTable(
        f"{path.name}: no reader for {suffix or 'a file without suffix'}; readable are {READABLE}"
    )
