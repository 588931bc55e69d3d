"""Progress of long work, told to whoever started the process: a run that executes the notebooks."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

PLACE = "ASSESS_PROGRESS"
"""Environment variable with the file that takes the newest line; without it nothing is told."""
PAUSE = 0.2
"""Seconds between two lines."""

_last = 0.0


def write_progress(text: str, *, last: bool = False) -> None:
    """Write what is being done in place of what was told before, not more often than every `PAUSE`.

    Parameters
    ----------
    last
        Whether nothing follows, so that it is written in any case.
    """
    global _last
    place, now = os.environ.get(PLACE), time.monotonic()
    if not place or (now - _last < PAUSE and not last):
        return
    _last = now
    aside = Path(f"{place}.{os.getpid()}")
    with contextlib.suppress(OSError):
        aside.write_text(text, "utf-8")
        aside.replace(place)


def read_progress(place: Path) -> str:
    """Return the newest line, empty where none was written."""
    try:
        return place.read_text("utf-8")
    except OSError:
        return ""
