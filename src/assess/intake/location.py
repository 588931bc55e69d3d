"""Paths of an engagement: what is inside its folder, what may be opened, and fingerprints."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assess.core.grants import is_url
from assess.core.tables.encoding import TITLES, UnknownEncoding, stated_encoding
from assess.core.tables.file_lists import hash_files, is_many, list_files
from assess.core.unpacking import UnreadableTable

from .engagement import InputFile
from .engagement.landscape import TAB

_ABSOLUTE = re.compile(r"[A-Za-z]:[\\/]|[\\/~]")


def forward(location: str) -> str:
    r"""Return a relative path with forward slashes, as Windows users type them the other way round.

    >>> forward("extracts\\crm.csv")
    'extracts/crm.csv'
    """
    return location if is_url(location) else location.replace("\\", "/")


def escapes(folder: Path, location: str) -> str:
    """Return how a location leaves the folder, in words; empty where it stays inside."""
    if is_url(location):
        return "is a URL"
    if _ABSOLUTE.match(location):
        return "is an absolute path"
    try:
        target, root = (folder / location).resolve(), folder.resolve()
    except (OSError, RuntimeError, ValueError):
        return "is no path"
    if target.is_relative_to(root):
        return ""
    return "leaves the engagement folder" + (
        " by a symbolic link" if ".." not in Path(location).parts else ""
    )


def unopenable(path: Path) -> str:
    """Return why a file can't be an extract, in words; empty where it looks openable.

    Looks at existence, kind and size, and at the first bytes of formats that have magic bytes;
    encoding and content are the business of the data's assessment.
    """
    try:
        if not path.exists():
            return "does not exist"
        if path.is_dir():
            return "is a directory"
        if not path.is_file():
            return "is no regular file"
        if not path.stat().st_size:
            return "is empty (0 bytes)"
        return _damaged(path)
    except (OSError, ValueError) as error:
        return f"can't be read ({getattr(error, 'strerror', None) or 'no path'})"


def unopenable_table(path: Path) -> str:
    """Return why a file, folder or pattern of files can't be an extract, in words; empty where it looks openable."""
    if not is_many(path):
        return unopenable(path)
    try:
        files = list_files(path)
    except (UnreadableTable, OSError) as problem:
        return f"can't be read: {problem}"
    wrong = ((file, unopenable(file)) for file in files)
    return next((f"holds {file.name}, which {reason}" for file, reason in wrong if reason), "")


def _damaged(path: Path) -> str:
    kind = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(4)
        if kind in (".parquet", ".pq"):
            file.seek(max(0, path.stat().st_size - 4))
            whole = head == b"PAR1" == file.read(4) and path.stat().st_size >= 12
            return "" if whole else "is not a Parquet file"
    if kind == ".xlsx":
        try:
            with zipfile.ZipFile(path) as archive:
                whole = "xl/workbook.xml" in archive.namelist()
        except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError):
            whole = False
        return "" if whole else "is not an Excel workbook"
    return ""


def wrong_forms(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the stated form of a system's extracts: the column, why, and what is allowed.

    >>> [column for column, *_ in wrong_forms({"encoding": "Latin 99", "delimiter": ";;"})]
    ['encoding', 'delimiter']
    """
    try:
        stated_encoding(row.get("encoding") or "UTF-8")
    except UnknownEncoding:
        yield "encoding", "is no encoding of text", f"such as UTF-8, {', '.join(TITLES.values())}"
    mark = row.get("delimiter") or ";"
    if mark != TAB and (len(mark) > 1 or mark.isalnum() or mark in "\"'"):
        yield "delimiter", "is no delimiter", f"one sign, such as ; or , or |, or the word {TAB}"


def enclosing(location: Path) -> Path:
    """Return the folder of an engagement, which is a folder or a workbook."""
    return location if location.is_dir() else location.parent


def under(folder: Path, name: str) -> tuple[str, ...]:
    """Return every file under a folder of the engagement, relative with forward slashes, sorted; hidden ones are left out."""
    found = []
    for parent, folders, names in os.walk(folder / name):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        found += [
            Path(parent, n).relative_to(folder).as_posix() for n in names if not n.startswith((".", "~$"))
        ]
    return tuple(sorted(found))


def fingerprint(folder: Path, path: str) -> InputFile:
    """Return size and SHA-256 of a file, streamed; of all files of a table that is a folder or a pattern.

    Raises
    ------
    OSError
        If it can't be read.
    """
    if is_many(folder / path):
        files = list_files(folder / path)
        bytes_ = sum(file.stat().st_size for file in files)
        return InputFile(path=path, sha256=hash_files(folder / path), bytes=bytes_)
    with (folder / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return InputFile(path=path, sha256=digest, bytes=file.tell())
