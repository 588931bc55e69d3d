"""The same code with another meaning on the other side."""

from __future__ import annotations

import numpy as np

from .meeting import Conflict, Meeting, shown
from .vocabulary import FEWEST, LEARNED, MOST, cases

CONCERNS = 0.05
"""Share of the source's rows that must hold such codes: fewer are wrong cells, no other meaning."""


def _rows(meeting: Meeting, word: str) -> int:
    return int(meeting.source.counts[meeting.source.values == word].sum())


def find(meeting: Meeting) -> list[Conflict]:
    """Report codes that both sides use, but for other things: joined records hold another code."""
    both = meeting.together
    few = 1 < int(meeting.source_kind.present.sum()) <= MOST
    if meeting.key or not few or both.rows < FEWEST:
        return []
    held = {str(v) for v in meeting.target.values[meeting.target_kind.present]}
    reused: dict[str, str] = {}
    for place in np.unique(both.source):
        mine = both.source == place
        best = both.target[mine][np.argmax(both.counts[mine])]
        rows, most = int(both.counts[mine].sum()), int(both.counts[mine].max())
        word, other = str(meeting.source.values[place]), str(meeting.target.values[best])
        if rows >= FEWEST and most >= LEARNED * rows and word in held and word != other:
            reused[word] = other
    if sum(_rows(meeting, word) for word in reused) < CONCERNS * meeting.source.rows:
        return []
    marked = np.array([str(value) in reused for value in meeting.source.values], bool)
    if not reused:
        return []
    places = np.flatnonzero(marked)
    says = f"{len(reused)} codes that both sides use mean something else in the target: joined records hold another code"
    return [
        meeting.conflict(
            "code reuse", says, marked, 0.95, examples=shown(meeting.source, places, meeting.clear),
            translation=tuple(sorted(reused.items())), fix=cases(reused),
        )
    ]  # fmt: skip
