"""Temporary folders that prove whose they are, so that what a killed process left can be removed, and nothing else.

A process has one in each place, with folders of its own inside. The file `TOKEN` in it holds the user's signature of
where it lies, and is locked for as long as the process lives: a folder is removed only if the signature is right
(another user's, a mailed or a copied folder has none) and nobody holds the lock (a number of a process can return).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import threading
from pathlib import Path

from .cache import lock
from .signature import NO_LINK, is_own, is_signed, open_plain, sign

WORK = "ASSESS_WORK"
"""Environment variable with the folder in which temporary folders are made; without it the system's place."""
PREFIX = ".assess-"
TOKEN = "token"  # noqa: S105 the name of a file


class _Root:
    """The folder of this process in one place."""

    def __init__(self, place: Path) -> None:
        self.pid = os.getpid()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINK
        self.handle = os.open(self.folder / TOKEN, flags, 0o600)
        lock(self.handle)
        os.write(self.handle, _signature(self.folder))

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.handle)


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
            if [path.name for path in root.folder.iterdir()] == [TOKEN]:
                del _roots[root.folder.parent]
                root.close()


def tidy(place: Path) -> None:
    """Remove the temporary folders of this user's processes that have died without removing their own."""
    with contextlib.suppress(OSError):
        for folder in list(place.iterdir()):
            if folder.name.startswith(PREFIX):
                _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    with contextlib.suppress(OSError):
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or not is_own(found):
            return
        with open_plain(folder / TOKEN) as file:
            proof = file.read(100).decode("ascii", "replace")
            if is_signed(proof, "scratch", _place(folder)) and lock(file, wait=False):
                shutil.rmtree(folder, ignore_errors=True)


def _signature(folder: Path) -> bytes:
    return sign("scratch", _place(folder)).encode()


def _place(folder: Path) -> bytes:
    return os.fsencode(folder.resolve())
