"""The annotations ``assess.example/...`` of a descriptor as typed values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from .entity import Notes, Sla

PREFIX = "assess.example/"
PATH = "metadata.annotations"

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%?\Z")
_LATENCY = re.compile(
    r"(\d+(?:\.\d+)?)\s*(ms|s|min|h)(?:\s+at\s+(\d+(?:\.\d+)?)\s*(?:/\s*s|requests?/s|per second))?\Z"
)
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}


class WrongNote(ValueError):
    """An annotation says nothing that can be used; the message is what is allowed."""


def sla(text: str) -> Sla:
    """Read a service level.

    Raises
    ------
    WrongNote
        If it is neither a share of the time nor a latency.

    Examples
    --------
    >>> sla("99.5").availability, sla("2 s at 100/s").per_second, sla("800 ms").latency_seconds
    (0.995, 100.0, 0.8)
    """
    plain = " ".join(text.split())
    if (found := _PERCENT.match(plain)) and 0 < float(found[1]) <= 100:
        return Sla(text=plain, availability=float(found[1]) / 100)
    if found := _LATENCY.match(plain):
        load = float(found[3]) if found[3] else None
        return Sla(text=plain, latency_seconds=float(found[1]) * _SECONDS[found[2]], per_second=load)
    raise WrongNote("a share of the time such as 99.5, or a latency such as 0.8 s at 20/s")


def day(text: str) -> dt.date:
    """Read a day.

    Raises
    ------
    WrongNote
        If it is none.
    """
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise WrongNote("a date such as 2026-12-31") from None


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


_READ: dict[str, tuple[str, Callable[[str], Any]]] = {
    "sla": ("sla", sla),
    "health-check": ("health_check", str.strip),
    "alerts": ("alerts", str.strip),
    "version": ("version", str.strip),
    "deprecated": ("deprecated", day),
    "retirement": ("retirement", day),
    "last-seen": ("last_seen", day),
    "events": ("events", _words),
    "system": ("system", str.strip),
    "integration": ("integrations", _words),
}
KEYS = tuple(_READ)
"""Every annotation that is read, without its prefix."""


def notes(annotations: object) -> tuple[Notes, list[tuple[str, str, str]]]:
    """Return what the annotations promise, and what could not be read: path, value, what is allowed.

    An annotation with the prefix and another name is told too: a misspelt promise must not look like none.
    """
    found: dict[str, Any] = {}
    wrong: list[tuple[str, str, str]] = []
    for key, text in annotations.items() if isinstance(annotations, Mapping) else ():
        if not key.startswith(PREFIX):
            continue
        path = f"{PATH}.{key}"
        name, read = _READ.get(key.removeprefix(PREFIX).lower(), ("", str.strip))
        if not name:
            wrong.append((path, key, "one of " + ", ".join(KEYS)))
        elif isinstance(text, str):  # anything else breaks the schema, which says so
            try:
                found[name] = read(text)
            except WrongNote as error:
                wrong.append((path, text, str(error)))
    return Notes(**found), wrong
