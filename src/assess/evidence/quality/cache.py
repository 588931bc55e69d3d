"""Results kept by content: the same file, engine and settings are not measured twice."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from assess.intake.record import Record

R = TypeVar("R", bound=Record)


@cache
def engine() -> str:
    """Fingerprint of the engine's own code: what another version measured is measured again."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".json", ".yaml", ".csv")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def content(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Cache:
    """A folder of results.

    Parameters
    ----------
    folder
        Where they lie; None keeps nothing.
    settings
        Whatever else the results depend on, as text.
    """

    def __init__(self, folder: Path | None, settings: str = "") -> None:
        self.folder = None if folder is None else Path(folder) / "quality"
        self._settings = settings

    def key(self, *parts: str) -> str:
        """Return the key of a result over parts such as file contents and names."""
        return hashlib.sha256("\0".join((engine(), self._settings, *parts)).encode()).hexdigest()

    def get(self, kind: type[R], key: str, measure: Callable[[], R]) -> R:
        """Return the kept result, or measure and keep it.

        It is written aside and moved in place, so that a reader never sees half of it; a kept result
        that can't be read is measured again.
        """
        if self.folder is None:
            return measure()
        path = self.folder / f"{kind.__name__.lower()}-{key}.json"
        try:
            return kind.from_json(path.read_bytes())
        except (OSError, ValidationError, ValueError):
            result = measure()
        write(path, result.to_json())
        return result


def write(path: Path, text: str) -> None:
    """Write a file so that it is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
