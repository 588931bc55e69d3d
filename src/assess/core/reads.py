"""What a computation read of its engagement, so that it is repeated only when that has changed.

An `assess.intake.engagement.Engagement` notes each field and each file that is asked for, its assumptions
each key. Names are ``field risks``, ``assumption build.cost``, ``own assumptions``, ``file extracts/crm.csv``.
A result that is kept by content keeps what it read as well, see `assess.core.cache`.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

FIELD, ASSUMPTION, FILE = "field ", "assumption ", "file "
OWN = "own assumptions"
"""Stands for which assumptions the engagement overrides, and with what."""

NAMES = "names of own assumptions"
"""Stands for which assumptions the engagement overrides."""

EVERYTHING = "everything"
"""Stands for the whole engagement and all of its files."""

_active: list[set[str]] = [set()]
_here = threading.local()


def note(*names: str) -> None:
    """Note that something was read; every recording under way learns of it."""
    if not getattr(_here, "silent", False):
        for seen in _active:
            seen.update(names)


@contextlib.contextmanager
def recorded() -> Iterator[set[str]]:
    """Give the set of names that are read while the block runs.

    >>> with recorded() as seen:
    ...     note("field risks")
    >>> seen
    {'field risks'}
    """
    seen: set[str] = set()
    _active.append(seen)
    try:
        yield seen
    finally:
        _active[:] = [other for other in _active if other is not seen]


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Let this thread read without a note: to make a key of a whole engagement, or to load one."""
    before = getattr(_here, "silent", False)
    _here.silent = True
    try:
        yield
    finally:
        _here.silent = before


def text(names: Iterable[str]) -> str:
    """Write names as JSON."""
    return json.dumps(sorted(names))


def parsed(content: str | bytes) -> list[str]:
    """Read what `text` wrote.

    Raises
    ------
    ValueError
        If it is something else.
    """
    found = json.loads(content)
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise ValueError("is no list of names")
    return found


def save(path: Path) -> None:
    """Write down everything that this process has read so far."""
    path.write_text(text(_active[0]), "utf-8")
