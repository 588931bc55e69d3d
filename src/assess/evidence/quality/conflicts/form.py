"""The same values written differently: case, spaces, punctuation, leading zeros."""

from __future__ import annotations

import numpy as np

from assess.evidence.quality.joining import FORMS

from .meeting import Conflict, Marks, Meeting, shown

SHARE = 0.01
"""Share of joined records, or of the source's rows, that must differ in form only."""
FEWEST = 5
NAMES = ("", "case", "punctuation", "leading zeros", "prefix")
"""What a looser form of `FORMS` ignores."""


def find(meeting: Meeting) -> list[Conflict]:
    """Report values that the target holds in another form, by joined records or by the values alone."""
    if meeting.source_kind.dates is not None or meeting.source_kind.physical == "decimal":
        return []
    found = _forms(meeting)
    conflicts = []
    for number, marked in enumerate(found[1:], start=1):
        rows = meeting.rows_of(marked)
        if rows >= max(FEWEST, SHARE * meeting.source.rows):
            says = f"{rows:,} values equal the target's only if they are compared with {FORMS[number][0]}"
            conflicts.append(
                meeting.conflict(
                    NAMES[number],
                    says,
                    marked,
                    0.9,
                    examples=shown(meeting.source, np.flatnonzero(marked), meeting.clear),
                )
            )
    return conflicts


def _forms(meeting: Meeting) -> list[Marks]:
    """Values of the source by the strictest form in which the target holds them (for joined records: theirs)."""
    size = len(meeting.source.values)
    open_ = meeting.source_kind.present.copy()
    made: list[Marks] = []
    for number, (_, normal) in enumerate(FORMS):
        if number == len(FORMS) - 1 and not meeting.key:
            made.append(np.zeros(size, bool))
            continue
        places = np.flatnonzero(open_)
        if not len(places):
            made.append(np.zeros(size, bool))
            continue
        known = {normal(str(v)) for v in meeting.target.values[meeting.target_kind.present]} - {""}
        hit = np.zeros(size, bool)
        hit[places] = [normal(str(v)) in known for v in meeting.source.values[places]]
        open_ &= ~hit
        made.append(hit)
    return made
