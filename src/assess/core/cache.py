"""Results kept by content: what was computed from the same input by the same code is not computed twice.

They lie in the user's cache folder, never in an engagement, and each is signed with the user's key: one that was
forged or changed is computed again. They hold client data, so that only the user can read them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

from pydantic import ValidationError

from . import reads
from .record import Record
from .signature import NO_LINK, is_own, is_signed, make_private, open_plain, sign, user_folder
from .trust import allowed

R = TypeVar("R", bound=Record)

CODE = Path(__file__).parents[1]
"""The package: whose results are kept."""

LIMIT = 2 << 30
"""Bytes that are kept; above them what was not used for the longest time goes."""

DAY = 86_400.0
"""Seconds after which an unfinished file is taken for left over, where no lock can say so."""

ENTRY = re.compile(r"[a-z]+-[0-9a-f]{32}\.json")
LOCK = re.compile(r"[a-z]+-[0-9a-f]{32}\.lock")
PART = re.compile(r"\.[\w-]+\.part")


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


def cache_folder() -> Path | None:
    """Return where this user's results are kept, see `assess.core.trust.Allowed`; None keeps nothing."""
    chosen = allowed().cache_folder
    if not chosen:
        return user_folder("cache")
    folder = Path(chosen).expanduser() / "assess-results"
    return folder if make_private(folder) else None


class Cache:
    """A folder of results.

    Parameters
    ----------
    folder
        Where they lie; None keeps nothing. So does a folder that is a link, somebody else's, writable for others, or
        can't be written, and a user without a key.
    rooms
        The code that makes them; what it made before it was changed is made again.
    """

    def __init__(self, folder: Path | None, rooms: Path = CODE) -> None:
        self.folder = folder
        self.rooms = rooms

    def get(self, kind: type[R], parts: tuple[str, ...], compute: Callable[[], R]) -> R:
        """Return the result kept for these parts, or compute and keep it.

        Of several processes that ask at the same time one computes, the others wait for it. The result is
        written aside and moved in place; one that can't be read, or that this user has not signed, is computed again.

        Parameters
        ----------
        parts
            Everything that the result depends on, as texts.
        """
        if self.folder is None or not make_private(self.folder) or not sign("cache"):
            return compute()
        key = hashlib.sha256(
            "\0".join((code(self.rooms), kind.__qualname__, allowed().decisive, *parts)).encode()
        ).hexdigest()
        path = self.folder / f"{kind.__name__.lower()}-{key[:32]}.json"
        with _alone(path.with_suffix(".lock")):
            with contextlib.suppress(OSError, ValidationError, ValueError):
                seen, text = _read(path, key)
                kept = kind.from_json(text)
                reads.note(*reads.parsed(seen))
                os.utime(path)
                return kept
            with reads.recorded() as names:
                result = compute()
            with contextlib.suppress(OSError):
                _write(path, key, reads.text(names).encode(), result.to_json().encode())
            return result


def _read(path: Path, key: str) -> tuple[bytes, bytes]:
    """Read what was noted and the result; ValueError if the user has not signed them for this key."""
    with open_plain(path) as file:
        signature, seen, text = file.readline().strip(), file.readline().strip(), file.read()
    if not is_signed(signature.decode("ascii", "replace"), "cache", key.encode(), seen, text):
        raise ValueError("is not signed by this user")
    return seen, text


def _write(path: Path, key: str, seen: bytes, text: bytes) -> None:
    """Write a result so that it is whole or not there, and make room for it."""
    signature = sign("cache", key.encode(), seen, text).encode()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            lock(file)  # until it is whole: a file that nobody holds is left over
            file.writelines((signature, b"\n", seen, b"\n", text))
            file.flush()
            Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if path.parent not in _tidied:
        _tidied.add(path.parent)
        tidy(path.parent)


_tidied: set[Path] = set()
"""Folders in which this process has made room: it does so once."""


def lock(file: int | IO[bytes], *, wait: bool = True) -> bool:
    """Lock an open file until it is closed; False where another holds it, or where there are no such locks."""
    if os.name != "posix":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock file while the block runs; where there are no such locks, go on without."""
    handle = _locked(path)
    try:
        yield
    finally:
        if handle is not None:
            path.unlink(missing_ok=True)
            os.close(handle)


def _locked(path: Path) -> int | None:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | NO_LINK, 0o600)
        except OSError:
            return None
        if not lock(handle):
            os.close(handle)
            return None
        try:
            if os.path.samestat(os.fstat(handle), path.lstat()):
                return handle
        except OSError:
            pass
        os.close(handle)  # the one who held it has removed it: another file has its name now


class CacheContents(NamedTuple):
    """What lies in a cache folder: entries with size and time of the last use, oldest first; what is unfinished."""

    entries: tuple[tuple[Path, int], ...]
    unfinished: tuple[Path, ...]
    foreign: tuple[Path, ...]


def _kept(folder: Path) -> CacheContents:
    entries: list[tuple[float, Path, int]] = []
    unfinished, foreign = [], []
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            found = path.lstat()
            ours = stat.S_ISREG(found.st_mode) and is_own(found)
            if ours and ENTRY.fullmatch(path.name):
                entries.append((found.st_mtime, path, found.st_size))
            elif ours and (PART.fullmatch(path.name) or (LOCK.fullmatch(path.name) and not found.st_size)):
                unfinished.append(path)
            else:
                foreign.append(path)
    return CacheContents(
        tuple((path, size) for _, path, size in sorted(entries)), tuple(unfinished), tuple(foreign)
    )


def tidy(folder: Path, limit: int = LIMIT) -> None:
    """Remove what died unfinished, and above the limit what was not used for the longest time.

    Parameters
    ----------
    limit
        Bytes.
    """
    if not make_private(folder):
        return
    found = _kept(folder)
    for path in found.unfinished:
        _remove_if_free(path)
    total = sum(size for _, size in found.entries)
    for path, size in found.entries:
        if total <= limit:
            break
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size


def _remove_if_free(path: Path) -> None:
    """Remove an unfinished file that no process holds."""
    with contextlib.suppress(OSError):
        if os.name != "posix":
            if time.time() - path.lstat().st_mtime > DAY:
                path.unlink()
            return
        handle = os.open(path, os.O_RDWR | NO_LINK)
        try:
            if lock(handle, wait=False):
                path.unlink()
        finally:
            os.close(handle)


class Emptied(NamedTuple):
    """What was removed from a cache folder, and what lies there still because it is none of ours or in use."""

    results: int
    bytes: int
    left: tuple[Path, ...]


def empty(folder: Path) -> Emptied:
    """Remove every kept result from a cache folder, and nothing else."""
    found = _kept(folder)
    results = size = 0
    for path, bytes_ in found.entries:
        with contextlib.suppress(OSError):
            path.unlink()
            results, size = results + 1, size + bytes_
    for path in found.unfinished:
        _remove_if_free(path)
    return Emptied(results, size, tuple(sorted(folder.iterdir())) if folder.is_dir() else ())
