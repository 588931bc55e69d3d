"""Definition conflicts: ways in which two systems define the same field differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from assess.evidence.quality import types
from assess.evidence.quality.column import Column

from . import capacity, codes, disagreement, form, moments, scale, structure, vocabulary
from .meeting import Conflict, Meeting
from .translation import blurred, translated

__all__ = [
    "DETECTORS", "Conflict", "Meeting", "blurred", "disagreements", "find", "structure", "translated",
]  # fmt: skip

Rows = npt.NDArray[np.int64]

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


def agreed(meeting: Meeting, found: Sequence[Conflict], column: Column | None) -> Meeting:
    """Return the columns as they meet once their definition conflicts are agreed.

    Parameters
    ----------
    meeting
        As they are.
    found
        Their conflicts.
    column
        The source's column in the target's terms (`translated`); None leaves it as it is.
    """
    if column is None or not any(c.kind in EXPLAINED and c.share >= 0.5 for c in found):
        return meeting
    return replace(meeting, source=column, source_kind=types.of(column))


def disagreements(
    meeting: Meeting, found: Sequence[Conflict], column: Column | None
) -> tuple[Conflict | None, Rows]:
    """Return the conflict that fields disagree even in the target's terms, and the joined records concerned.

    Records are places in the meeting's join. Where a time zone hides what is meant nothing is said.
    """
    told = next((c for c in found if c.kind == "disagreement"), None)
    if blurred(found):
        return None, np.empty(0, np.int64)
    if told is not None:
        return None, meeting.records(disagreement.differing(meeting))
    met = agreed(meeting, found, column)
    if met is meeting:
        return None, np.empty(0, np.int64)
    new = disagreement.find(met)
    return (new[0] if new else None), met.records(disagreement.differing(met))


def find(meeting: Meeting) -> tuple[Conflict, ...]:
    """Return every conflict of a matched pair of columns."""
    found: list[Conflict] = []
    for name, detector in DETECTORS:
        silent = EXPLAINED - {"case"} if name == "length" else EXPLAINED
        explained = any(c.kind in silent and c.share >= 0.5 for c in found)
        if name in NEEDLESS and explained:
            continue
        if name == "form" and any(c.kind in ("vocabulary", "case") for c in found):
            continue
        found += detector(meeting)
    return tuple(found)
