"""Tables in many files of parquet or delimited text, read as one; which files they are: `file_lists`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assess.core.engine import linked, literal
from assess.core.unpacking import UnreadableTable, plain_suffix

from .file_lists import PARQUET, UNKNOWN, find_root, list_files, partitions
from .parquet import check_footer
from .store import MOST_ROWS, EngineStore, Reading, Store, Workplace, text_column, unique_names


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
