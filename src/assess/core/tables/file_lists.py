"""Which files a table of many files has: those of a folder, or of a pattern such as ``orders/*.parquet``.

Files are taken in the order of their paths. ``year=2026`` in a folder's name is a column (a hive partition). What begins
with ``.`` or ``_`` is left out, as Spark and Hive do.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import unquote

from assess.core.cache import content
from assess.core.unpacking import UnreadableTable, plain_suffix

PARQUET = (".parquet", ".pq")
DELIMITED = (".csv", ".tsv", ".tab", ".txt", ".psv", ".dat")
MOST_FILES = 20_000
"""Files of one table."""
WILD = re.compile(r"[*?]")
PART = re.compile(r"([^=/\\]+)=(.*)")
UNKNOWN = "__HIVE_DEFAULT_PARTITION__"
"""What Hive calls the folder of rows whose value is null."""


def is_many(path: Path) -> bool:
    """Return whether a path names many files: a folder, or a pattern with ``*`` or ``?`` that is no file's own name."""
    try:
        return path.is_dir() or (bool(WILD.search(str(path))) and not path.exists())
    except (OSError, ValueError):
        return False


def list_files(path: Path) -> list[Path]:
    """Return the files of a folder or pattern that hold the table, all of one kind, in the order of their paths.

    Raises
    ------
    UnreadableTable
        If there is none, they are of two kinds, one leads out of the folder by a link, or it is a Delta or Iceberg table.
    """
    root = find_root(path)
    if path.is_dir():
        _refuse_lakes(path)
        found = [Path(parent, name) for parent, _, names in os.walk(path) for name in names]
    else:
        pattern = path.relative_to(root).as_posix().replace("[", "[[]")  # only * and ? are signs
        found = list(root.glob(pattern))
    found = [
        f for f in found if not any(part.startswith((".", "_")) for part in f.relative_to(root).parts[-1:])
        and not any(part.startswith((".", "_")) and "=" not in part for part in f.relative_to(root).parts[:-1])
    ]  # fmt: skip
    files = sorted(
        (f for f in found if plain_suffix(f) in (*PARQUET, *DELIMITED) and f.is_file()),
        key=lambda f: f.as_posix(),
    )
    if not files:
        kind = "is a folder that" if path.is_dir() else "is a pattern that"
        raise UnreadableTable(f"{path.name} {kind} holds no parquet or csv file")
    if len(files) > MOST_FILES:
        raise UnreadableTable(
            f"{path.name} holds {len(files):,} files, and at most {MOST_FILES:,} are read as one table"
        )
    kinds = {plain_suffix(file) in PARQUET for file in files}
    if len(kinds) == 2:
        raise UnreadableTable(
            f"{path.name} holds parquet and text files: name those of one kind, as in {root.name}/**/*.parquet"
        )
    for file in files:
        if not file.resolve().is_relative_to(root.resolve()):
            raise UnreadableTable(
                f"{file.relative_to(root)} leads out of {root.name} by a link; name the folder that it leads to"
            )
    return files


def hash_files(path: Path) -> str:
    """SHA-256 of a file, or of all files of a table with their places."""
    if not is_many(path):
        return content(path)
    digest, root = hashlib.sha256(), find_root(path)
    for file in list_files(path):
        digest.update(
            f"{file.relative_to(root).as_posix()}\n{content(file)}\n".encode("utf-8", "surrogatepass")
        )
    return digest.hexdigest()


def partitions(place: Path) -> dict[str, str | None]:
    """Return the columns that the folders of a file stand for.

    >>> partitions(Path("year=2026/land=a%2Fb/part-0.parquet"))
    {'year': '2026', 'land': 'a/b'}
    """
    found = (PART.fullmatch(part) for part in place.parts[:-1])
    return {unquote(m[1]): None if m[2] == UNKNOWN else unquote(m[2]) for m in found if m}


def find_root(path: Path) -> Path:
    """The folder below which the files lie: what stands before the first sign of a pattern."""
    if path.is_dir():
        return path
    wild = next(place for place, part in enumerate(path.parts) if WILD.search(part))
    return Path(*path.parts[:wild])


def _refuse_lakes(folder: Path) -> None:
    for form, mark in (("delta", folder / "_delta_log"), ("iceberg", folder / "metadata")):
        if mark.is_dir() and (form == "delta" or any(mark.glob("*.metadata.json"))):
            raise UnreadableTable(
                f"{folder.name} is a table of {form.title()}, whose log says which of its files count;"
                f" name it as {form}+file://{folder.resolve().as_posix()}"
            )
