"""Results kept by content: what was computed from the same input by the same code is not computed twice."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from . import reads
from .record import Record
from .scratch import alive
from .trust import allowed

R = TypeVar("R", bound=Record)

CODE = Path(__file__).parents[1]
"""The package: whose results are kept."""


@cache
def code(folder: Path = CODE) -> str:
    """Fingerprint of code and data in a folder: what another version computed is computed again."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".json", ".yaml", ".csv", ".j2")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def content(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


READ = ".reads"
"""Ending of the file beside a result that says what was read to compute it."""


class Cache:
    """A folder of results.

    Parameters
    ----------
    folder
        Where they lie; None keeps nothing. A folder that can't be written keeps nothing either.
    rooms
        The code that makes them; what it made before it was changed is made again.
    """

    def __init__(self, folder: Path | None, rooms: Path = CODE) -> None:
        self.folder = folder
        self.rooms = rooms

    def get(self, kind: type[R], parts: tuple[str, ...], compute: Callable[[], R]) -> R:
        """Return the result kept for these parts, or compute and keep it.

        Of several processes that ask at the same time one computes, the others wait for it. The result is
        written aside and moved in place; one that can't be read is computed again.

        Parameters
        ----------
        parts
            Everything that the result depends on, as texts.
        """
        if self.folder is None:
            return compute()
        key = hashlib.sha256(
            "\0".join((code(self.rooms), kind.__qualname__, allowed().decisive, *parts)).encode()
        ).hexdigest()
        path = self.folder / f"{kind.__name__.lower()}-{key[:32]}.json"
        with _alone(path.with_suffix(".lock")):
            with contextlib.suppress(OSError, ValidationError, ValueError):
                seen = reads.parsed(path.with_suffix(READ).read_bytes())
                kept = kind.from_json(path.read_bytes())
                reads.note(*seen)
                return kept
            with reads.recorded() as names:
                result = compute()
            with contextlib.suppress(OSError):
                write(path.with_suffix(READ), reads.text(names))
                write(path, result.to_json())
            return result


def write(path: Path, text: str) -> None:
    """Write a file so that it is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{os.getpid()}-", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock file while the block runs; where there are no such locks, go on without."""
    try:
        import fcntl

        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except (ImportError, OSError):
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def tidy(folder: Path) -> None:
    """Remove the unfinished files and the locks of processes that have died."""
    for part in folder.rglob(".*-*.part"):
        owner = part.name[1:].partition("-")[0]
        if owner.isdigit() and not alive(int(owner)):
            part.unlink(missing_ok=True)
    for lock in folder.rglob("*.lock"):
        if _free(lock):
            lock.unlink(missing_ok=True)


def _free(lock: Path) -> bool:
    try:
        import fcntl

        with lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True
