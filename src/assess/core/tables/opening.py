"""Opening whatever holds a table: the choice of the reader, and many files of Parquet or delimited text as one (which: `file_lists`)."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from assess.core.engine import linked, literal
from assess.core.unpacking import UnreadableTable, check_regular, plain_suffix

from . import databases, documents
from .delimited import read_delimited
from .file_lists import DELIMITED, PARQUET, UNKNOWN, find_root, is_many, list_files, partitions
from .layout import AreValues
from .parquet import check_footer, read_parquet
from .store import MOST_ROWS, ArrowStore, EngineStore, Reading, Store, Workplace, text_column, unique_names


def read_files(
    path: Path, workplace: Workplace, read_text: Callable[[Path], tuple[Store, Reading]]
) -> tuple[Store, Reading]:
    """Open the table of a folder or pattern.

    Parameters
    ----------
    read_text
        Opens a text file.

    Raises
    ------
    UnreadableTable
        As `list_files`; also if the files do not have the same columns.
    """
    files = list_files(path)
    keys = [partitions(file.relative_to(find_root(path))) for file in files]
    if len({tuple(parts) for parts in keys}) > 1:
        raise UnreadableTable(f"{path.name}: its files lie in folders of different partitions: {', '.join(sorted({'/'.join(p) or 'none' for p in keys}))}")  # fmt: skip
    named = [*keys[0]]
    if plain_suffix(files[0]) in PARQUET:
        store, renamed, notes = _parquet(path.name, files, keys, workplace)
        reading = Reading(location=path.name, form="folder", renamed=renamed, notes=notes)
    else:
        store, reading = _texts(path.name, files, keys, workplace, read_text)
    kind = "parquet" if plain_suffix(files[0]) in PARQUET else "text"
    counted = f"{len(files):,} {kind} file{'s' if len(files) > 1 else ''}"
    said = (counted + (f", partitioned by {', '.join(named)}" if named else ""), *reading.notes)
    return store, reading.model_copy(update={"notes": said})


def _parquet(
    name: str, files: Sequence[Path], keys: Sequence[dict[str, str | None]], workplace: Workplace
) -> tuple[Store, tuple[str, ...], tuple[str, ...]]:
    kinds: dict[str, set[str]] = {}
    seen: dict[str, int] = {}
    rows = 0
    links: list[Path] = []
    try:
        for file, parts in zip(files, keys, strict=True):
            rows += check_footer(file, workplace)
            for field in pq.read_schema(file):
                kinds.setdefault(field.name, set()).add(str(field.type))
                seen[field.name] = seen.get(field.name, 0) + 1
            folder = workplace.folder.joinpath(
                "files",
                str(len(links)),
                *(
                    f"{quote(key, safe='')}={UNKNOWN if value is None else quote(value, safe='')}"
                    for key, value in parts.items()
                ),
            )
            folder.mkdir(parents=True, exist_ok=True)
            links.append(linked(file, folder))
        workplace.budget.check_rows(rows, len(kinds) + len(keys[0]))
        listed = ", ".join(literal(str(link)) for link in links)
        hive = str(bool(keys[0])).lower()
        sql = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = {hive}, hive_types_autocast = false)"
        connection = workplace.connect(links)
        found = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()]  # noqa: S608
    except (duckdb.Error, pa.ArrowException, OSError) as problem:
        mixed = [
            f"{column} is {' or '.join(sorted(types))}" for column, types in kinds.items() if len(types) > 1
        ]
        why = f"a column differs: {'; '.join(mixed)}" if mixed else f"{file.name} is no parquet file"
        raise UnreadableTable(f"{name}: its files can't be read as one table: {why}") from problem
    columns, renamed = unique_names(found)
    rare = [column for column, count in seen.items() if count < len(files)]
    notes = [f"null where a file lacks it: {', '.join(rare)}"] if rare else []
    notes += [
        f"{column} is {' or '.join(sorted(types))}" for column, types in kinds.items() if len(types) > 1
    ]
    return EngineStore(connection, sql, columns, found), renamed, tuple(notes)


def _texts(
    name: str, files: Sequence[Path], keys: Sequence[dict[str, str | None]], workplace: Workplace,
    read_text: Callable[[Path], tuple[Store, Reading]],
) -> tuple[Store, Reading]:  # fmt: skip
    """Read text files one after the other; all have the columns of the first, in any order."""
    first: Reading | None = None
    columns: tuple[str, ...] = ()
    short: list[int] = []
    long: list[int] = []
    irregular = start = 0
    doubts: list[str] = []

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal first, columns, irregular, start
        for file, parts in zip(files, keys, strict=True):
            store, reading = read_text(file)
            if first is None:
                first, columns = reading, store.columns
                if clash := [key for key in parts if key in columns]:
                    raise UnreadableTable(
                        f"{name}: {', '.join(clash)} is a column of the files and a partition"
                    )
            elif set(store.columns) != set(columns):
                raise UnreadableTable(
                    f"{name}: its files have different columns: {files[0].name} {', '.join(columns)}; {file.name} {', '.join(store.columns)}"
                )
            short.extend(row + start for row in reading.short_rows)
            long.extend(row + start for row in reading.long_rows)
            doubts.extend(f"{file.name}: {doubt}" for doubt in reading.doubts)
            irregular += reading.irregular
            for block in store.blocks(BLOCK):
                texts = [
                    text_column(block.text(store.columns.index(column))).combine_chunks()
                    for column in columns
                ]
                texts += [pa.array([value] * block.rows, pa.large_string()) for value in parts.values()]
                yield from pa.table(texts, [*columns, *parts]).to_batches()
            start += store.rows

    source = batches()
    head = next(source, None)
    assert first is not None
    schema = pa.schema([(column, pa.large_string()) for column in (*columns, *keys[0])])

    def every() -> Iterator[pa.RecordBatch]:
        if head is not None:
            yield head
        yield from source

    store = workplace.keep(every(), schema)
    update = {
        "location": name, "form": "folder", "short_rows": tuple(short[:MOST_ROWS]), "long_rows": tuple(long[:MOST_ROWS]),
        "irregular": irregular, "doubts": tuple(doubts),
    }  # fmt: skip
    return store, first.model_copy(update=update)


BLOCK = 200_000
"""Rows of a text file that are taken at a time."""


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
