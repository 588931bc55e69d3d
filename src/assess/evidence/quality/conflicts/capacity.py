"""What will not fit: blanks in required fields, longer texts, finer numbers, another type."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .meeting import Conflict, Marks, Meeting, shown

FEWEST = 50
"""Rows of the target from which on "never blank" is believed."""
PILE = 0.005
"""Share of the target's rows that must have the greatest length for it to look like a limit."""


def nullability(meeting: Meeting) -> list[Conflict]:
    """Report blanks of the source in a column that the target never leaves blank."""
    blank = ~meeting.source_kind.present
    required = meeting.target.rows >= FEWEST and not meeting.target.counts[~meeting.target_kind.present].sum()
    if not required or not meeting.rows_of(blank):
        return []
    says = f"{meeting.rows_of(blank):,} rows hold nothing in a column that the target always fills"
    condition = "{} IS NULL OR trim({}) = ''"
    return [
        meeting.conflict(
            "nullability",
            says,
            blank,
            0.9,
            condition=condition,
            examples=shown(meeting.source, np.flatnonzero(blank), meeting.clear),
        )
    ]


def length(meeting: Meeting) -> list[Conflict]:
    """Report texts longer than the target's limit: where its values pile up, or where they are cut off."""
    if meeting.source_kind.physical != "text" or meeting.target_kind.physical != "text":
        return []
    mine, theirs = _lengths(meeting.source.values), _lengths(meeting.target.values)
    limit = int(theirs.max(initial=0))
    long = (mine > limit) & meeting.source_kind.present
    if not limit or not meeting.rows_of(long):
        return []
    piled = int(meeting.target.counts[theirs == limit].sum())
    cut = _cut(meeting, limit)
    if cut == 0 and piled < max(2, PILE * meeting.target.rows):
        return []
    seen = (
        f"{cut:,} joined values are cut off there"
        if cut
        else f"{piled:,} of its values have just that length"
    )
    says = (
        f"{meeting.rows_of(long):,} texts are longer than the target's limit of {limit} characters ({seen})"
    )
    return [
        meeting.conflict(
            "length", says, long, 0.95 if cut else 0.7, condition=f"length({{}}) > {limit}", fix=f"left({{}}, {limit})", factor=float(limit) if cut else None,
            examples=shown(meeting.source, np.flatnonzero(long), meeting.clear),
        )
    ]  # fmt: skip


def _cut(meeting: Meeting, limit: int) -> int:
    """Joined records whose target is the beginning of a longer source."""
    both = meeting.together
    return sum(
        int(rows)
        for s, t, rows in zip(both.source, both.target, both.counts, strict=True)
        if len(meeting.target.values[t]) >= limit - 1
        and len(meeting.source.values[s]) > limit
        and str(meeting.source.values[s]).startswith(str(meeting.target.values[t]).rstrip())
    )


def precision(meeting: Meeting) -> list[Conflict]:
    """Report numbers with more decimals than the target ever holds."""
    mine, theirs = meeting.source_kind.numbers, meeting.target_kind.numbers
    if mine is None or theirs is None:
        return []
    most = int(_decimals(meeting.target.values[np.isfinite(theirs.worth)]).max(initial=0))
    digits = np.zeros(len(meeting.source.values), np.int64)
    digits[np.isfinite(mine.worth)] = _decimals(meeting.source.values[np.isfinite(mine.worth)])
    finer = digits > most
    rounded = finer & (np.abs(mine.worth * 10.0**most - np.round(mine.worth * 10.0**most)) > 1e-6)
    if meeting.target.rows < FEWEST or not meeting.rows_of(rounded):
        return []
    says = f"{meeting.rows_of(rounded):,} numbers have more than the {most} decimals that the target keeps"
    return [
        meeting.conflict(
            "precision",
            says,
            rounded,
            0.85,
            examples=shown(meeting.source, np.flatnonzero(rounded), meeting.clear),
        )
    ]


def kind(meeting: Meeting) -> list[Conflict]:
    """Report values that can't be stored in the target's type."""
    wanted = meeting.target_kind.physical
    if wanted in ("text", "empty") or meeting.source_kind.physical == "empty":
        return []
    if not _held(meeting.target_kind.conforms, meeting):
        return []
    wrong = meeting.source_kind.present & ~_fits(meeting, wanted)
    if not meeting.rows_of(wrong):
        return []
    says = f"{meeting.rows_of(wrong):,} values are no {wanted}, as all of the target's are"
    return [
        meeting.conflict(
            "type", says, wrong, 0.9, examples=shown(meeting.source, np.flatnonzero(wrong), meeting.clear)
        )
    ]


def _held(conforms: Marks, meeting: Meeting) -> bool:
    """Whether nearly all present values of the target are of its type."""
    present = int(meeting.target.counts[meeting.target_kind.present].sum())
    return int(meeting.target.counts[conforms & meeting.target_kind.present].sum()) >= 0.99 * present


def _fits(meeting: Meeting, wanted: str) -> Marks:
    from assess.evidence.quality.types import dates, numbers

    if wanted in ("date", "timestamp"):
        return dates.read(meeting.source.values, meeting.source.counts).found
    if wanted in ("integer", "decimal"):
        return np.isfinite(numbers.read(meeting.source.values).worth)
    return np.ones(len(meeting.source.values), bool)


def _lengths(values: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    return np.fromiter(
        (0 if value is None else len(value.rstrip()) for value in values), np.int64, len(values)
    )


def _decimals(values: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Digits behind the last point or comma, zeros at the end left out."""
    tails = (str(value).strip().replace(",", ".").rpartition(".") for value in values)
    return np.fromiter(
        (len(tail.rstrip("0")) if dot and tail.isdigit() else 0 for _, dot, tail in tails),
        np.int64,
        len(values),
    )
