"""What will not fit the target's field, and fields of joined records that disagree or are cut otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

import numpy as np
import numpy.typing as npt

from assess.evidence.quality.matching.keys import FORMS, Join
from assess.evidence.quality.matching.pair import ColumnPair, Conflict, Marks, show_examples
from assess.evidence.quality.matching.records import FEWEST_RECORDS, Field
from assess.evidence.quality.table import Table
from assess.evidence.quality.types.column_type import ColumnType

FEWEST = 50
"""Rows of the target from which on "never blank" is believed."""
PILE = 0.005
"""Share of the target's rows that must have the greatest length for it to look like a limit."""


def find_null_conflicts(meeting: ColumnPair) -> list[Conflict]:
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
            examples=show_examples(meeting.source, np.flatnonzero(blank), meeting.clear),
        )
    ]


def find_length_conflicts(meeting: ColumnPair) -> list[Conflict]:
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
            examples=show_examples(meeting.source, np.flatnonzero(long), meeting.clear),
        )
    ]  # fmt: skip


def _cut(meeting: ColumnPair, limit: int) -> int:
    """Joined records whose target is the beginning of a longer source."""
    both = meeting.together
    return sum(
        int(rows)
        for s, t, rows in zip(both.source, both.target, both.counts, strict=True)
        if len(meeting.target.values[t]) >= limit - 1
        and len(meeting.source.values[s]) > limit
        and str(meeting.source.values[s]).startswith(str(meeting.target.values[t]).rstrip())
    )


def find_precision_conflicts(meeting: ColumnPair) -> list[Conflict]:
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
            examples=show_examples(meeting.source, np.flatnonzero(rounded), meeting.clear),
        )
    ]


def find_type_conflicts(meeting: ColumnPair) -> list[Conflict]:
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
            "type",
            says,
            wrong,
            0.9,
            examples=show_examples(meeting.source, np.flatnonzero(wrong), meeting.clear),
        )
    ]


def _held(conforms: Marks, meeting: ColumnPair) -> bool:
    """Whether nearly all present values of the target are of its type."""
    present = int(meeting.target.counts[meeting.target_kind.present].sum())
    return int(meeting.target.counts[conforms & meeting.target_kind.present].sum()) >= 0.99 * present


def _fits(meeting: ColumnPair, wanted: str) -> Marks:
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


FEWEST_JOINED = 10
AGREEING = 0.5
"""Share of joined records that must agree: below, the columns are no copies of each other."""
SAME = 0.005
"""Relative difference up to which numbers agree, where they are rounded."""
EXACT = 0.9
"""Share of joined records whose numbers are equal from which on they are not rounded: any difference counts."""


def find_disagreement(meeting: ColumnPair) -> list[Conflict]:
    """Report joined records whose fields differ in more than form."""
    both = meeting.together
    differs = find_differing(meeting)
    rows = int(both.counts[differs].sum())
    if not rows:
        return []
    source_right, target_right = _right(meeting, differs)
    marked = np.isin(np.arange(len(meeting.source.values)), both.source[differs])
    says = f"{rows:,} of {both.rows:,} joined records disagree"
    if source_right or target_right:
        says += f"; the source is likely right in {source_right:,}, the target in {target_right:,}"
    conflict = meeting.conflict(
        "disagreement", says, marked, 0.8, examples=show_examples(meeting.source, both.source[differs], meeting.clear),
        counterparts=show_examples(meeting.target, both.target[differs], meeting.clear),
    )  # fmt: skip
    return [conflict.model_copy(update={"rows": rows, "share": round(rows / max(meeting.source.rows, 1), 6)})]


def find_differing(meeting: ColumnPair) -> Marks:
    """Which pairs of values of `Meeting.together` disagree; none where the columns are no copies of each other."""
    both = meeting.together
    if meeting.key or both.rows < FEWEST_JOINED:
        return np.zeros(len(both.counts), bool)
    differs = ~_same(meeting)
    rows = int(both.counts[differs].sum())
    return differs if rows <= (1 - AGREEING) * both.rows else np.zeros(len(both.counts), bool)


def _same(meeting: ColumnPair) -> Marks:
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


def _right(meeting: ColumnPair, differs: Marks) -> tuple[int, int]:
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


SHARE_JOINT = 0.1
"""Share of the joined records in which the two fields together must be the one."""
SPACED = 0.3
"""Share of the target's texts with a space, from which on they may hold two fields."""


def find_joint_fields(
    source: Table,
    target: Table,
    join: Join | None,
    kinds: tuple[Mapping[str, ColumnType], Mapping[str, ColumnType]],
) -> list[Conflict]:
    """Report fields of the target that hold two fields of the source, one behind the other.

    Parameters
    ----------
    source, target
        The tables.
    join
        Records of both sides that are the same; None finds nothing.
    kinds
        What the columns of both sides hold, by name.
    """
    if join is None or len(join.source) < FEWEST_RECORDS:
        return []
    step = max(1, len(join.source) // 1_000)
    mine, theirs = (
        {
            name: Field.of(table.column(name), rows[::step]).texts
            for name in table.columns
            if held[name].physical == "text"
        }
        for table, rows, held in zip((source, target), (join.source, join.target), kinds, strict=True)
    )
    found = []
    for name, texts in theirs.items():
        if np.mean([" " in text for text in texts]) < SPACED:
            continue
        for first, second in permutations(mine, 2):
            both = (mine[first] != "") & (mine[second] != "")
            share = float(np.mean(both & (mine[first] + " " + mine[second] == texts)))
            if share >= SHARE_JOINT:
                found.append(_conflict(source.rows, name, first, second, share))
    return found


def _conflict(rows: int, target: str, first: str, second: str, share: float) -> Conflict:
    return Conflict(
        kind="structure", source_column=first, target_column=target,
        says=f"{target} holds {first} and {second} together in {share:.0%} of the joined records",
        rows=round(share * rows), share=round(share, 6), confidence=0.9,
        fix=f"concat_ws(' ', \"{first}\", \"{second}\")",
    )  # fmt: skip
