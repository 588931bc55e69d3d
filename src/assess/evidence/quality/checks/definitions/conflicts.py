"""Definition conflicts: ways in which two systems define the same field differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from assess.evidence.quality import types
from assess.evidence.quality.column import Column
from assess.evidence.quality.matching.pair import ColumnPair, Conflict

from .fields import (
    find_differing,
    find_disagreement,
    find_length_conflicts,
    find_null_conflicts,
    find_precision_conflicts,
    find_type_conflicts,
)
from .measures import (
    find_format_conflicts,
    find_freshness_conflicts,
    find_scale_conflicts,
    find_zone_conflicts,
)
from .translation import is_blurred
from .vocabulary import find_form_conflicts, find_reused_codes, find_word_conflicts

Rows = npt.NDArray[np.int64]

DETECTORS: tuple[tuple[str, Callable[[ColumnPair], list[Conflict]]], ...] = (
    ("scale", find_scale_conflicts),
    ("vocabulary", find_word_conflicts),
    ("code reuse", find_reused_codes),
    ("type", find_type_conflicts),
    ("date format", find_format_conflicts),
    ("time zone", find_zone_conflicts),
    ("form", find_form_conflicts),
    ("nullability", find_null_conflicts),
    ("length", find_length_conflicts),
    ("precision", find_precision_conflicts),
    ("freshness", find_freshness_conflicts),
    ("disagreement", find_disagreement),
)
"""The detectors, in the order in which their conflicts are listed."""

EXPLAINED = {"vocabulary", "code reuse", "case", "scale", "net-gross", "time zone"}
"""Conflicts that already say why joined records disagree, where they concern most rows."""

NEEDLESS = {"disagreement", "form", "type", "length", "vocabulary", "code reuse"}
"""Detectors that only repeat what an explaining conflict said."""


def agree_definitions(meeting: ColumnPair, found: Sequence[Conflict], column: Column | None) -> ColumnPair:
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


def find_disagreements(
    meeting: ColumnPair, found: Sequence[Conflict], column: Column | None
) -> tuple[Conflict | None, Rows]:
    """Return the conflict that fields disagree even in the target's terms, and the joined records concerned.

    Records are places in the meeting's join. Where a time zone hides what is meant nothing is said.
    """
    told = next((c for c in found if c.kind == "disagreement"), None)
    if is_blurred(found):
        return None, np.empty(0, np.int64)
    if told is not None:
        return None, meeting.records(find_differing(meeting))
    met = agree_definitions(meeting, found, column)
    if met is meeting:
        return None, np.empty(0, np.int64)
    new = find_disagreement(met)
    return (new[0] if new else None), met.records(find_differing(met))


def find_conflicts(meeting: ColumnPair) -> tuple[Conflict, ...]:
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
