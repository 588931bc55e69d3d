"""Temporary folders that prove whose they are, so that what a killed process left can be removed, and nothing else.

A process has one in each place, with folders of its own inside. Its name holds the user's signature of the name and of
where it lies, from the moment it is made, and it is locked for as long as the process lives: a folder is removed only if
the signature is right (another user's, a mailed or a copied folder has none) and nobody holds the lock (the number of a
process would return).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import threading
from pathlib import Path

from .cache import lock
from .signature import NO_LINK, is_own, sign

WORK = "ASSESS_WORK"
"""Environment variable with the folder in which temporary folders are made; without it the system's place."""
PREFIX = ".assess-"


class _Root:
    """The folder of this process in one place."""

    def __init__(self, place: Path) -> None:
        self.pid = os.getpid()
        while True:
            token = secrets.token_hex(4)
            self.folder = place / f"{PREFIX}{token}{_proof(place, token)}"
            self.folder.mkdir(0o700)
            try:
                self.handle = _locked(self.folder)
            except FileNotFoundError:  # another process has tidied before it was locked
                continue
            except OSError:
                self.folder.rmdir()
                raise
            return

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.handle is not None:
            os.close(self.handle)


def _proof(place: Path, token: str) -> str:
    """Return the user's signature of a folder, 96 bits of it; empty without a key."""
    return sign("scratch", os.fsencode(place.resolve()), token.encode())[:24]


def _locked(folder: Path) -> int | None:
    """Lock a folder that must be there; None where folders can't be locked."""
    if os.name != "posix":
        return None
    handle = os.open(folder, os.O_RDONLY | NO_LINK)
    try:
        lock(handle)
        if not os.path.samestat(os.fstat(handle), folder.lstat()):
            raise FileNotFoundError(folder)
    except OSError:
        os.close(handle)
        raise
    return handle


_roots: dict[Path, _Root] = {}
_guard = threading.Lock()


def make_folder(parent: str | Path = "") -> Path:
    """Make a temporary folder of this process, and remove those of processes that have died.

    Parameters
    ----------
    parent
        Where; empty for the folder that `WORK` names, or the system's place.
    """
    place = Path(parent or os.environ.get(WORK, "") or tempfile.gettempdir()).absolute()
    place.mkdir(parents=True, exist_ok=True)
    with _guard:
        root = _roots.get(place)
        if root is None or root.pid != os.getpid() or not root.folder.is_dir():
            tidy(place)
            root = _roots[place] = _Root(place)
        return Path(tempfile.mkdtemp(prefix="", dir=root.folder))


def remove_folder(folder: Path) -> None:
    """Remove a folder that `make_folder` made in this process; one that another process made is left to it."""
    with _guard:
        root = next((root for root in _roots.values() if root.folder == folder.parent), None)
        if root is None or root.pid != os.getpid():
            return
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            if not any(root.folder.iterdir()):
                del _roots[root.folder.parent]
                root.close()


def tidy(place: Path) -> None:
    """Remove the temporary folders of this user's processes that have died without removing their own."""
    with contextlib.suppress(OSError):
        for folder in list(place.iterdir()):
            if folder.name.startswith(PREFIX):
                _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    token, proof = folder.name[len(PREFIX) :][:8], folder.name[len(PREFIX) :][8:]
    if not proof or proof != _proof(folder.parent, token) or os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | NO_LINK)
        try:
            if is_own(os.fstat(handle)) and lock(handle, wait=False):
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)
