"""Service levels that a contract states, who answers for it, and which of its parts are to go."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from assess.core.dates import read_day
from assess.core.moments import read_moments
from assess.core.source import Source

from .contract import Deprecation, ServiceLevel
from .document import Pointer, written
from .lint.subject import Hit, LintRule, LintSubject, mapping

EXTENSIONS = ("x-service-level", "x-service-levels", "x-sla", "x-slo")
SUNSET = ("x-sunset", "x-sunset-date", "x-deprecated-until", "x-deprecation-date", "x-removed-on")
_LATENCY = re.compile(r"(?:latency|response-time)(?:-p([0-9]{2}(?:\.[0-9]+)?))?-(seconds|s|milliseconds|ms)")
_RATE = re.compile(r"(?:throughput|requests|messages|events)-per-(second|minute|hour)")
_WORDS = {
    "owner": "owner",
    "team": "owner",
    "errors": "errors",
    "error-handling": "errors",
    "retry": "errors",
    "authentication": "authentication",
    "delivery": "delivery",
    "ordering": "ordering",
    "idempotency": "idempotency",
    "replay": "replay",
}
_OPEN = re.compile(r"(?i)(?:to be (?:agreed|defined|named|decided)|tb[acd]|open|unknown|none yet|[-?.]*)\.?")
"""What people write where nothing is agreed: no promise."""
_SHARES = {"availability": "availability", "uptime": "availability", "error-rate": "error_rate"}
_PER = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
KNOWN = (
    "latency-p95-seconds, latency-p95-ms, throughput-per-second, availability, error-rate, owner, error-handling, "
    "authentication, delivery, ordering, idempotency, replay"
)


def levels(subject: LintSubject) -> tuple[ServiceLevel, ...]:
    """Return the service levels of a contract: of the whole, then of single operations or channels."""
    return tuple(level for pointer, node in _blocks(subject) if (level := _level(subject, pointer, node)))


def problems(subject: LintSubject) -> Iterator[Hit]:
    """Yield what a service level says that can't be read: a misspelt key must not pass as a promise."""
    for pointer, node in _blocks(subject):
        if not isinstance(node, dict):
            yield pointer, f"A service level is a mapping of {KNOWN}"
            continue
        for key, value in node.items():
            name = key.lower().replace("_", "-")
            numeric = bool(_LATENCY.fullmatch(name) or _RATE.fullmatch(name) or name in _SHARES)
            if not numeric and name not in _WORDS:
                yield (*pointer, key), f"The service level {key!r} is not known; known are {KNOWN}"
            elif numeric and _read(name, value) is None:
                yield (*pointer, key), f"{key} is {value!r}; it must be a number above zero"


def owner(subject: LintSubject, stated: tuple[ServiceLevel, ...]) -> str:
    """Return who answers for a contract: the owner of its service level, else its contact."""
    named = [level.owner for level in stated if level.owner]
    contact = mapping(mapping(subject.tree.get("info")).get("contact"))
    named += [str(contact[key]) for key in ("name", "email", "url") if isinstance(contact.get(key), str)]
    return next((name for name in named if name.strip()), "")


def deprecations(subject: LintSubject) -> tuple[Deprecation, ...]:
    """Return the parts that are marked as deprecated, with the day until which they stay where that is said."""
    return tuple(
        Deprecation(
            what=_what(pointer),
            pointer=written(pointer),
            line=subject.document.line((*pointer, "deprecated")),
            until=_until(node),
        )
        for pointer, node in subject.nodes
        if node.get("deprecated") is True
    )


def _what(pointer: Pointer) -> str:
    if len(pointer) == 3 and pointer[0] in ("paths", "webhooks"):
        return f"{str(pointer[2]).upper()} {pointer[1]}"
    return str(pointer[-1]) if pointer else "the whole contract"


def _until(node: dict[str, Any]) -> dt.date | None:
    for key in SUNSET:
        value = node.get(key)
        if isinstance(value, str) and (day := _day(value.strip())):
            return day
    return None


def _day(text: str) -> dt.date | None:
    """Read a day, or the day of a time, such as that of the header Sunset (RFC 8594)."""
    if day := read_day(text):
        return day
    time = read_moments([text]).utc[0]
    return None if np.isnat(time) else time.astype("datetime64[D]").item()


def _blocks(subject: LintSubject) -> Iterator[tuple[Pointer, Any]]:
    """Yield the service levels as they are written, with their place."""
    info = mapping(subject.tree.get("info"))
    places: list[tuple[Pointer, dict[str, Any]]] = [((), subject.tree), (("info",), info)]
    places += [(operation.pointer, operation.node) for operation in subject.operations]
    places += [
        (p, n) for p, n in subject.nodes if p and p[0] in ("channels", "operations") and len(p) in (2, 3)
    ]
    for pointer, node in places:
        for name in EXTENSIONS:
            if name in node:
                yield (*pointer, name), node[name]


def _level(subject: LintSubject, pointer: Pointer, node: Any) -> ServiceLevel | None:
    found: dict[str, Any] = {}
    for key, value in mapping(node).items():
        name = key.lower().replace("_", "-")
        latency, rate = _LATENCY.fullmatch(name), _RATE.fullmatch(name)
        if name in _WORDS and isinstance(value, str):
            found[_WORDS[name]] = "" if _OPEN.fullmatch(value.strip()) else value.strip()
            continue
        number = _read(name, value)
        if number is None:
            continue
        if latency:
            found["latency_seconds"] = number
            found["quantile"] = float(latency.group(1)) / 100 if latency.group(1) else None
        elif rate:
            found["throughput_per_second"] = number
        else:
            found[_SHARES[name]] = number
    if not found:
        return None
    above = pointer[:-1]
    scope = "" if above in ((), ("info",)) else written(above)
    path, line = subject.document.position(pointer)
    source = Source(kind="input", place=path, row=line, column=str(pointer[-1]))
    return ServiceLevel(scope=scope, sources=(source,), **found)


def _read(name: str, value: Any) -> float | None:
    """Return a number in seconds, a second, or as a share; None where it is none.

    A share above 1 and up to 100 is in percent: an availability of 99.9 is .999.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return 0.0 if name == "error-rate" and value == 0 and not isinstance(value, bool) else None
    latency, rate = _LATENCY.fullmatch(name), _RATE.fullmatch(name)
    if latency:
        return float(value) / (1000 if latency.group(2) in ("milliseconds", "ms") else 1)
    if rate:
        return float(value) / _PER[rate.group(1)]
    if name in _SHARES:
        return None if value > 100 else float(value) / 100 if value > 1 else float(value)
    return None


RULE = LintRule("service-level", "warning", ("openapi", "swagger", "asyncapi"), problems)
