"""Definition conflicts: ways in which two systems define the same field differently."""

from __future__ import annotations

from collections.abc import Callable

from . import capacity, codes, disagreement, form, moments, scale, structure, vocabulary
from .meeting import Conflict, Meeting
from .translation import blurred, translated

__all__ = ["DETECTORS", "Conflict", "Meeting", "blurred", "find", "structure", "translated"]

DETECTORS: tuple[tuple[str, Callable[[Meeting], list[Conflict]]], ...] = (
    ("scale", scale.find),
    ("vocabulary", vocabulary.find),
    ("code reuse", codes.find),
    ("type", capacity.kind),
    ("date format", moments.formats),
    ("time zone", moments.zone),
    ("form", form.find),
    ("nullability", capacity.nullability),
    ("length", capacity.length),
    ("precision", capacity.precision),
    ("freshness", moments.freshness),
    ("disagreement", disagreement.find),
)
"""The detectors, in the order in which their conflicts are listed."""

EXPLAINED = {"vocabulary", "code reuse", "case", "scale", "net-gross", "time zone"}
"""Conflicts that already say why joined records disagree, where they concern most rows."""

NEEDLESS = {"disagreement", "form", "type", "length", "vocabulary", "code reuse"}
"""Detectors that only repeat what an explaining conflict said."""


def find(meeting: Meeting) -> tuple[Conflict, ...]:
    """Return every conflict of a matched pair of columns."""
    found: list[Conflict] = []
    for name, detector in DETECTORS:
        explained = any(c.kind in EXPLAINED and c.share >= 0.5 for c in found)
        if name in NEEDLESS and explained:
            continue
        if name == "form" and any(c.kind in ("vocabulary", "case") for c in found):
            continue
        found += detector(meeting)
    return tuple(found)
