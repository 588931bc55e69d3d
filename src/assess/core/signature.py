"""The key of a user: what it has signed, runs of this user have written, and nobody else.

A result that is kept, a report that is replaced and a temporary folder that is deleted are believed only if they
carry a signature of the user's key. The key is 32 random bytes in the user's data folder. Who has no folder of
their own (no home, a disk that can't be written) has no key: then nothing is kept, and nothing deleted.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO, Literal

import platformdirs

STATE = "ASSESS_STATE"
"""Environment variable with a folder that stands for the user's own; the kernels of a run inherit it."""

KEY = "key"
"""Name of the file with the key, in the user's data folder."""

NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Flags of every file of ours that is opened: never through a link."""


def user_folder(kind: Literal["data", "cache"]) -> Path | None:
    """Return the user's own folder for data or for the cache, made if need be; None if there is none that is private."""
    if state := os.environ.get(STATE, ""):
        folder = Path(state) / kind
    elif os.environ.get("HOME", "-"):
        path = platformdirs.user_data_path if kind == "data" else platformdirs.user_cache_path
        folder = path("assess", appauthor=False)
    else:
        return None
    return folder if make_private(folder) else None


def make_private(folder: Path) -> bool:
    """Make a folder into which only this user writes, and say whether it is one.

    It is none if it is a link, if it belongs to somebody else, if others can write into it, or if it can't be made.
    """
    if not folder.is_absolute():  # a home that is not known
        return False
    try:
        if not os.path.lexists(folder):
            above = next(parent for parent in folder.parents if parent.exists())
            if above == Path(above.anchor) or _is_foreign_home(above):
                return False
            folder.mkdir(0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode) and is_own(found) and not (os.name == "posix" and found.st_mode & 0o022)
    )


def _is_foreign_home(folder: Path) -> bool:
    """Whether root is about to write into the home of a user, who could not read it afterwards."""
    return os.name == "posix" and os.geteuid() == 0 != folder.stat().st_uid


def open_plain(path: Path) -> BinaryIO:
    """Open a file to read it: a plain one, not behind a link at its end, no folder, no pipe that would wait for ever.

    Raises
    ------
    OSError
        If it is none, or can't be read.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | NO_LINK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FileNotFoundError(f"{path} is no plain file")
    return os.fdopen(handle, "rb")


def is_own(found: os.stat_result) -> bool:
    """Whether a file belongs to this user; where files have no such owner, it is taken to."""
    return os.name != "posix" or found.st_uid == os.geteuid()


def sign(purpose: str, *parts: bytes) -> str:
    """Return the signature of some parts by HMAC-SHA256 (RFC 2104) as hexadecimal digits; empty without a key.

    Parameters
    ----------
    purpose
        What is signed. What was signed for one purpose proves nothing for another.
    """
    key = _user_key()
    if key is None:
        return ""
    code = hmac.new(key, purpose.encode() + b"\0", "sha256")
    for part in parts:  # each after its length, so that nothing can move from one part to the next
        code.update(len(part).to_bytes(8, "big"))
        code.update(part)
    return code.hexdigest()


def is_signed(signature: str, purpose: str, *parts: bytes) -> bool:
    """Whether the user's key has signed these parts for this purpose."""
    ours = sign(purpose, *parts)
    return bool(ours) and hmac.compare_digest(ours.encode(), signature.encode("utf-8", "replace"))


_keys: dict[Path, bytes] = {}


def _user_key() -> bytes | None:
    """Return the key; of several processes that need the first one at once all get the same."""
    folder = user_folder("data")
    if folder is None:
        return None
    path = folder / KEY
    if path not in _keys:
        key = _read_key(path) or _made_key(path)
        if key is None:
            return None
        _keys[path] = key
    return _keys[path]


def _read_key(path: Path) -> bytes | None:
    """Read the key, unless it is damaged, a link, somebody else's, or readable for others."""
    try:
        file = open_plain(path)
    except OSError:
        return None
    with file:
        found = os.fstat(file.fileno())
        closed = os.name != "posix" or not found.st_mode & 0o077
        key = file.read(33) if is_own(found) and closed else b""
    return key if len(key) == 32 else None


def _made_key(path: Path) -> bytes | None:
    """Write a key whole under another name, then give it its own, unless another process was first."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")
    except OSError:
        return None
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            _rename_new(aside, path)
        except FileExistsError:
            if _read_key(path) is None:  # what is there is no key, and not that of another process
                aside.replace(path)
    except OSError:
        return _read_key(path)
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
    return _read_key(path)


def _rename_new(aside: Path, path: Path) -> None:
    """Give a file another name; FileExistsError if that is taken."""
    if os.name != "posix":
        aside.rename(path)  # never replaces there
        return
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | NO_LINK, 0o600))
        aside.replace(path)
