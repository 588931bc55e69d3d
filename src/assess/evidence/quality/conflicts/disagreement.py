"""Fields of joined records that disagree, and which side is likely right."""

from __future__ import annotations

import numpy as np

from assess.evidence.quality.joining import FORMS

from .meeting import Conflict, Marks, Meeting, shown

FEWEST = 10
AGREEING = 0.5
"""Share of joined records that must agree: below, the columns are no copies of each other."""
SAME = 0.005
"""Relative difference up to which numbers agree, where they are rounded."""
EXACT = 0.9
"""Share of joined records whose numbers are equal from which on they are not rounded: any difference counts."""


def find(meeting: Meeting) -> list[Conflict]:
    """Report joined records whose fields differ in more than form."""
    both = meeting.together
    differs = differing(meeting)
    rows = int(both.counts[differs].sum())
    if not rows:
        return []
    source_right, target_right = _right(meeting, differs)
    marked = np.isin(np.arange(len(meeting.source.values)), both.source[differs])
    says = f"{rows:,} of {both.rows:,} joined records disagree"
    if source_right or target_right:
        says += f"; the source is likely right in {source_right:,}, the target in {target_right:,}"
    conflict = meeting.conflict(
        "disagreement", says, marked, 0.8, examples=shown(meeting.source, both.source[differs], meeting.clear),
        counterparts=shown(meeting.target, both.target[differs], meeting.clear),
    )  # fmt: skip
    return [conflict.model_copy(update={"rows": rows, "share": round(rows / max(meeting.source.rows, 1), 6)})]


def differing(meeting: Meeting) -> Marks:
    """Which pairs of values of `Meeting.together` disagree; none where the columns are no copies of each other."""
    both = meeting.together
    if meeting.key or both.rows < FEWEST:
        return np.zeros(len(both.counts), bool)
    differs = ~_same(meeting)
    rows = int(both.counts[differs].sum())
    return differs if rows <= (1 - AGREEING) * both.rows else np.zeros(len(both.counts), bool)


def _same(meeting: Meeting) -> Marks:
    """Which pairs of values agree: as texts but for form, as numbers, or as days."""
    both = meeting.together
    normal = FORMS[3][1]
    texts = zip(both.source, both.target, strict=True)
    same = np.fromiter(
        (normal(str(meeting.source.values[s])) == normal(str(meeting.target.values[t])) for s, t in texts),
        bool, len(both.source),
    )  # fmt: skip
    mine, theirs = meeting.source_kind.numbers, meeting.target_kind.numbers
    if mine is not None and theirs is not None:
        left, right = mine.worth[both.source], theirs.worth[both.target]
        with np.errstate(invalid="ignore"):
            apart, size = np.abs(left - right), np.maximum(np.abs(left), np.abs(right))
            equal = apart <= 1e-9 * size
            known = np.isfinite(apart)
            exact = both.counts[equal & known].sum() >= EXACT * both.counts[known].sum()
            same |= equal if exact else apart <= SAME * size
    first, second = meeting.source_kind.dates, meeting.target_kind.dates
    if first is not None and second is not None:
        days = (read.instants.astype("datetime64[D]") for read in (first, second))
        left_days, right_days = next(days)[both.source], next(days)[both.target]
        same |= left_days == right_days
    return same


def _right(meeting: Meeting, differs: Marks) -> tuple[int, int]:
    """Joined records for which one side's value is the likelier: it fits its type, or occurs in both tables."""
    both = meeting.together
    known = [set(map(str, column.values)) for column in (meeting.source, meeting.target)]
    points = np.zeros(len(both.source))
    for i in np.flatnonzero(differs):
        s, t = both.source[i], both.target[i]
        mine, theirs = str(meeting.source.values[s]), str(meeting.target.values[t])
        points[i] += bool(meeting.source_kind.conforms[s]) - bool(meeting.target_kind.conforms[t])
        points[i] += (mine in known[1]) - (theirs in known[0])
    return int(both.counts[differs & (points > 0)].sum()), int(both.counts[differs & (points < 0)].sum())
