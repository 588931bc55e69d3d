"""Opening whatever holds a table: the choice of the reader."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from assess.core.unpacking import check_regular

from . import databases, delimited, documents, parquet
from .reading import Reading, UnreadableTable, unique_names
from .store import ArrowStore, Store, Workplace

DELIMITED = {".csv", ".tsv", ".tab", ".txt", ".psv", ".dat"}
JSON = {".json", ".jsonl", ".ndjson"}
DATABASES = {".duckdb", ".ddb", ".sqlite", ".sqlite3", ".db"}
READABLE = "csv, tsv, xlsx, json, jsonl, parquet, DuckDB and SQLite files, and table URLs"


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


def from_file(path: Path, part: str, workplace: Workplace) -> tuple[Store, Reading]:
    """Read a file, by its suffix.

    Parameters
    ----------
    path
        The file.
    part
        Sheet or table within the file, empty for the only one.

    Raises
    ------
    UnreadableTable
        If there is no such file, it is a folder, is empty, or is not what its suffix says.
    """
    check_regular(path)
    suffix = path.suffix.lower()
    if path.stat().st_size == 0:
        raise UnreadableTable(f"{path.name} is empty (0 bytes)")
    if suffix in DELIMITED:
        return delimited.read(path, workplace.folder, workplace.keep, workplace.budget)
    if suffix in JSON:
        table, reading = documents.read_json(path, workplace.budget)
        return ArrowStore(table), reading
    if suffix in (".xlsx", ".xlsm"):
        return documents.read_workbook(path, part, workplace)
    if suffix in (".parquet", ".pq"):
        return parquet.read_parquet(path, workplace)
    if suffix in DATABASES:
        with path.open("rb") as file:
            lite = file.read(16).startswith(b"SQLite format 3")
        reader = databases.read_sqlite if lite or suffix.startswith(".sqlite") else databases.read_duckdb
        return reader(path, part, workplace)
    raise UnreadableTable(
        f"{path.name}: no reader for {suffix or 'a file without suffix'}; readable are {READABLE}"
    )
