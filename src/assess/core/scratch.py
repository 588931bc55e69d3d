"""Temporary folders that say whose they are, so that what a killed process left can be removed."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

WORK = "ASSESS_WORK"
"""Environment variable with the folder in which temporary folders are made; without it the system's place."""
PREFIX = "assess-"


def made(parent: str = "") -> Path:
    """Make a temporary folder of this process, and remove those of processes that have died.

    Parameters
    ----------
    parent
        Where; empty for the folder that `WORK` names, or the system's place.
    """
    place = Path(parent or os.environ.get(WORK, "") or tempfile.gettempdir())
    place.mkdir(parents=True, exist_ok=True)
    tidy(place)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))


def tidy(parent: Path) -> None:
    """Remove the temporary folders of processes that have died without removing their own."""
    for folder in parent.glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def alive(pid: int) -> bool:
    """Whether a process of this number runs; where that can't be known, it is taken to run."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
