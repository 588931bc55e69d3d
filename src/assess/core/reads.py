"""What a computation read of its engagement, so that it is repeated only when that has changed.

An `assess.intake.engagement.Engagement` notes each field and each file that is asked for, its assumptions
each key. Names are ``field risks``, ``assumption build.cost``, ``own assumptions``, ``file extracts/crm.csv``.
A result that is kept by content keeps what it read as well, see `assess.core.cache`.
"""

from __future__ import annotations

import contextlib
import functools
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, Self, TypeVar, cast, overload

K = TypeVar("K")
T = TypeVar("T")
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


class answer(Generic[T]):  # noqa: N801, a decorator as `functools.cached_property`
    """A property that is computed at its first use and kept; every use notes again what it rests on.

    So a result that asks for an answer that is there already still learns what the answer has read.

    >>> class Client:
    ...     @answer
    ...     def risk(self):
    ...         note("field risks")
    ...         return 0.3
    >>> client = Client()
    >>> client.risk
    0.3
    >>> with recorded() as seen:
    ...     again = client.risk
    >>> seen
    {'field risks'}
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute, self.__doc__ = compute, compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        kept = instance.__dict__
        if self.name in kept:
            note(*kept.get(f"{self.name} read", ()))
            return cast("T", kept[self.name])
        with recorded() as names:
            value = self.compute(instance)
        kept[self.name], kept[f"{self.name} read"] = value, frozenset(names)
        return value

    def __set__(self, instance: object, value: T) -> None:
        """Refuse: what was computed stays."""
        raise AttributeError(f"{self.name} is computed, and not set")


LAST = 4
"""Objects of which `remembered` keeps the results."""


def remembered(compute: Callable[[K], T]) -> Callable[[K], T]:
    """Compute a function of one frozen object once for each of the last objects; every use notes again what it rests on.

    >>> @remembered
    ... def risk(client):
    ...     note("field risks")
    ...     return object()
    >>> client = object()
    >>> with recorded() as seen:
    ...     risk(client) is risk(client)
    True
    >>> seen
    {'field risks'}
    """
    kept: list[tuple[K, T, frozenset[str]]] = []

    @functools.wraps(compute)
    def found(of: K) -> T:
        for known, value, names in kept:
            if known is of:
                note(*names)
                return value
        with recorded() as seen:
            value = compute(of)
        if not getattr(_here, "silent", False):  # else it is not known what it rests on
            kept[:] = [(of, value, frozenset(seen)), *kept[: LAST - 1]]
        return value

    return found


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
