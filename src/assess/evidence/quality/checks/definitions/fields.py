"""What will not fit the target's field, and fields of joined records that disagree or are cut otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

import numpy as np
import numpy.typing as npt

from assess.core.missing import missing_condition
from assess.core.numbers import count
from assess.core.places import distinct
from assess.evidence.quality.checks.check import EXPLAINING, Check, DefinitionCheck, Texts
from assess.evidence.quality.matching.forms import drop_leading_zeros, write_form
from assess.evidence.quality.matching.joins import Join
from assess.evidence.quality.matching.pair import (
    ColumnPair,
    DefinitionConflict,
    Marks,
    name_rows,
    show_examples,
)
from assess.evidence.quality.matching.records import FEWEST_RECORDS, SEPARATORS, WORD, JoinedField
from assess.evidence.quality.table import Table
from assess.evidence.quality.types import ColumnType

FEWEST = 50
"""Rows of the target from which on "never blank" is believed."""
PILE = 0.005
"""Share of the target's rows that must have the greatest length for it to look like a limit."""


def find_null_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report blanks of the source in a column that the target never leaves blank."""
    blank = ~pair.source_kind.present
    empty = pair.rows_of(blank)
    required = pair.target.rows >= FEWEST and not pair.target.counts[~pair.target_kind.present].sum()
    if not required or not empty:
        return []
    says = f"{count(empty, 'row')} {'holds' if empty == 1 else 'hold'} nothing in a column that the target always fills"
    condition = missing_condition("{}", pair.source.own_words)
    return [
        pair.conflict(
            "nullability",
            says,
            blank,
            0.9,
            condition=condition,
            examples=show_examples(pair.source, np.flatnonzero(blank), pair.clear),
        )
    ]


def find_length_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report texts longer than the target's limit: where its values pile up, or where they are cut off."""
    if pair.source_kind.physical != "text" or pair.target_kind.physical != "text":
        return []
    mine, theirs = _lengths(pair.source.values), _lengths(pair.target.values)
    limit = int(theirs.max(initial=0))
    long = (mine > limit) & pair.source_kind.present
    if not limit or not pair.rows_of(long):
        return []
    piled = int(pair.target.counts[theirs == limit].sum())
    cut, joined = _cut(pair, limit)
    if cut == 0 and (joined or piled < max(2, PILE * pair.target.rows)):
        return []
    seen = (
        f"{cut:,} joined values are cut off there"
        if cut
        else f"{piled:,} of its values have just that length"
    )
    says = f"{pair.rows_of(long):,} texts are longer than the target's limit of {limit} characters ({seen})"
    return [
        pair.conflict(
            "length", says, long, 0.95 if cut else 0.7, condition=f"length({{}}) > {limit}", fix=f"left({{}}, {limit})", factor=float(limit) if cut else None,
            examples=show_examples(pair.source, np.flatnonzero(long), pair.clear),
        )
    ]  # fmt: skip


def _cut(pair: ColumnPair, limit: int) -> tuple[int, int]:
    """Joined records whose source is longer than the limit: those whose target is its beginning, and all.

    One text that begins as the target's word does (``Antarctica``, ``Antarctic``) is another word for it.
    """
    both = pair.joint
    cut = joined = 0
    shortened = set[str]()
    for s, t, rows in zip(both.source, both.target, both.counts.tolist(), strict=True):
        mine, theirs = str(pair.source.values[s]), str(pair.target.values[t])
        if len(mine.rstrip()) > limit:
            joined += rows
            if len(theirs) >= limit - 1 and mine.startswith(theirs.rstrip()):
                cut += rows
                shortened.add(mine)
    return cut if len(shortened) > 1 else 0, joined


def find_precision_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report numbers with more decimals than the target ever holds."""
    mine, theirs = pair.source_kind.numbers, pair.target_kind.numbers
    if mine is None or theirs is None:
        return []
    most = int(_decimals(pair.target.values[np.isfinite(theirs.worth)]).max(initial=0))
    digits = np.zeros(len(pair.source.values), np.int64)
    digits[np.isfinite(mine.worth)] = _decimals(pair.source.values[np.isfinite(mine.worth)])
    finer = digits > most
    rounded = finer & (np.abs(mine.worth * 10.0**most - np.round(mine.worth * 10.0**most)) > 1e-6)
    if pair.target.rows < FEWEST or not pair.rows_of(rounded):
        return []
    says = f"{pair.rows_of(rounded):,} numbers have more than the {most} decimals that the target keeps"
    return [
        pair.conflict(
            "precision",
            says,
            rounded,
            0.85,
            examples=show_examples(pair.source, np.flatnonzero(rounded), pair.clear),
        )
    ]


def find_type_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report values that can't be stored in the target's type."""
    wanted = pair.target_kind.physical
    if wanted in ("text", "empty") or pair.source_kind.physical == "empty":
        return []
    if not _held(pair.target_kind.conforms, pair):
        return []
    wrong = pair.source_kind.present & ~_fits(pair, wanted)
    if not pair.rows_of(wrong):
        return []
    says = f"{pair.rows_of(wrong):,} values are no {wanted}, as all of the target's are"
    return [
        pair.conflict(
            "type",
            says,
            wrong,
            0.9,
            examples=show_examples(pair.source, np.flatnonzero(wrong), pair.clear),
        )
    ]


def _held(conforms: Marks, pair: ColumnPair) -> bool:
    """Whether nearly all present values of the target are of its type."""
    present = int(pair.target.counts[pair.target_kind.present].sum())
    return int(pair.target.counts[conforms & pair.target_kind.present].sum()) >= 0.99 * present


def _fits(pair: ColumnPair, wanted: str) -> Marks:
    from assess.evidence.quality.types import dates, numbers

    if wanted in ("date", "timestamp"):
        return dates.read(pair.source.values, pair.source.counts).found
    if wanted in ("integer", "decimal"):
        return np.isfinite(numbers.read(pair.source.values).worth)
    return np.ones(len(pair.source.values), bool)


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


def find_disagreement(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report joined records whose fields differ in more than form."""
    both = pair.joint
    differs = find_differing(pair)
    rows = int(both.counts[differs].sum())
    if not rows:
        return []
    source_right, target_right = _right(pair, differs)
    marked = np.isin(np.arange(len(pair.source.values)), both.source[differs])
    says = f"{rows:,} of {both.rows:,} joined records disagree"
    if source_right or target_right:
        says += f"; the source is likely right in {source_right:,}, the target in {target_right:,}"
    concerned = pair.join.source[pair.records(differs)] if pair.join else np.empty(0, np.int64)
    conflict = pair.conflict(
        "disagreement", says, marked, 0.8, condition=name_rows(pair.source.numbered(distinct(concerned))), examples=show_examples(pair.source, both.source[differs], pair.clear),
        counterparts=show_examples(pair.target, both.target[differs], pair.clear),
    )  # fmt: skip
    return [conflict.model_copy(update={"rows": rows, "share": round(rows / max(pair.source.rows, 1), 6)})]


SAME_WORDS = 0.8
"""Share of joined records whose texts have a word in common, from which on they say the same in another order."""


def find_other_contents(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report columns that are held for the same while most joined records hold something else in them."""
    both = pair.joint
    sure = pair.join is not None and pair.join.key.agreement is not None
    if pair.key or not sure or both.rows < FEWEST:
        return []
    differs = ~_same(pair)
    rows = int(both.counts[differs].sum())
    if rows <= (1 - AGREEING) * both.rows:
        return []
    mine, theirs = (_split_words(column.values) for column in (pair.source, pair.target))
    shared = np.fromiter(
        (bool(mine[s] & theirs[t]) for s, t in zip(both.source, both.target, strict=True)),
        bool,
        len(both.counts),
    )
    if float(both.counts[shared].sum()) >= SAME_WORDS * both.rows:
        says = f"the same words in another order or form in {both.counts[shared].sum():,} of {both.rows:,} joined records"
    else:
        says = f"likely the same field, but {rows:,} of {both.rows:,} joined records hold different values"
    marked = np.isin(np.arange(len(pair.source.values)), both.source[differs])
    places = both.source[differs][:3], both.target[differs][:3]
    conflict = pair.conflict(
        "contents", says, marked, 0.7, examples=show_examples(pair.source, places[0], pair.clear),
        counterparts=show_examples(pair.target, places[1], pair.clear),
    )  # fmt: skip
    return [conflict.model_copy(update={"rows": rows, "share": round(rows / max(pair.source.rows, 1), 6)})]


def _split_words(values: npt.NDArray[np.object_]) -> list[frozenset[str]]:
    return [
        frozenset(w for w in SEPARATORS.split(str(text or "").casefold()) if len(w) >= WORD)
        for text in values
    ]


def find_differing(pair: ColumnPair) -> Marks:
    """Which pairs of values of `ColumnPair.joint` disagree; none where the columns are no copies of each other."""
    both = pair.joint
    if pair.key or both.rows < FEWEST_JOINED:
        return np.zeros(len(both.counts), bool)
    differs = ~_same(pair)
    rows = int(both.counts[differs].sum())
    return differs if rows <= (1 - AGREEING) * both.rows else np.zeros(len(both.counts), bool)


def _same(pair: ColumnPair) -> Marks:
    """Which pairs of values agree: as texts but for form, as numbers, or as days."""
    both = pair.joint
    mine_bare, their_bare = (write_form(side, drop_leading_zeros) for side in (pair.source, pair.target))
    same = np.asarray(mine_bare[both.source] == their_bare[both.target], bool)
    mine, theirs = pair.source_kind.numbers, pair.target_kind.numbers
    if mine is not None and theirs is not None:
        left, right = mine.worth[both.source], theirs.worth[both.target]
        with np.errstate(invalid="ignore"):
            apart, size = np.abs(left - right), np.maximum(np.abs(left), np.abs(right))
            equal = apart <= 1e-9 * size
            known = np.isfinite(apart)
            exact = both.counts[equal & known].sum() >= EXACT * both.counts[known].sum()
            same |= equal if exact else apart <= SAME * size
    first, second = pair.source_kind.dates, pair.target_kind.dates
    if first is not None and second is not None:
        days = (read.instants.astype("datetime64[D]") for read in (first, second))
        left_days, right_days = next(days)[both.source], next(days)[both.target]
        same |= left_days == right_days
    return same


def _right(pair: ColumnPair, differs: Marks) -> tuple[int, int]:
    """Joined records for which one side's value is the likelier: it fits its type, or occurs in both tables."""
    both = pair.joint
    known = [set(map(str, column.values)) for column in (pair.source, pair.target)]
    points = np.zeros(len(both.source))
    for i in np.flatnonzero(differs):
        s, t = both.source[i], both.target[i]
        mine, theirs = str(pair.source.values[s]), str(pair.target.values[t])
        points[i] += bool(pair.source_kind.conforms[s]) - bool(pair.target_kind.conforms[t])
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
) -> list[DefinitionConflict]:
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
            name: JoinedField.of(table.column(name), rows[::step]).texts
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


def _conflict(rows: int, target: str, first: str, second: str, share: float) -> DefinitionConflict:
    return DefinitionConflict(
        kind="structure", source_column=first, target_column=target,
        says=f"{target} holds {first} and {second} together in {share:.0%} of the joined records",
        rows=round(share * rows), share=round(share, 6), confidence=0.9,
        fix=f"concat_ws(' ', \"{first}\", \"{second}\")",
    )  # fmt: skip


def translate_length(pair: ColumnPair, conflict: DefinitionConflict) -> Texts | None:
    """Texts cut where the target cuts them."""
    if not conflict.factor:
        return None
    limit = int(conflict.factor)
    values = pair.source.values
    return np.array([value if value is None else value[:limit].rstrip() for value in values], object)


TYPE = DefinitionCheck(
    name="type",
    subject="Validity",
    matters="The target rejects the value, or converts it to something else.",
    grave=True,
    find=find_type_conflicts,
    unless=(*EXPLAINING, "prefix", "date format"),
)

NULLABILITY = DefinitionCheck(
    name="nullability",
    subject="Missing",
    matters="A required field is empty: the record stops at the interface.",
    find=find_null_conflicts,
)

LENGTH = DefinitionCheck(
    name="length",
    subject="Validity",
    matters="The text is cut off or rejected.",
    agreed=True,
    find=find_length_conflicts,
    unless=tuple(kind for kind in EXPLAINING if kind != "case"),
    translate=translate_length,
    whole=0.0,
)

PRECISION = DefinitionCheck(
    name="precision",
    subject="Validity",
    matters="Decimals are rounded away; sums no longer agree.",
    agreed=True,
    find=find_precision_conflicts,
    unless=("scale",),
)

DISAGREEMENT = DefinitionCheck(
    name="disagreement",
    subject="Definition",
    matters=(
        "The two systems tell different stories about the same record; a synchronisation "
        "spreads the wrong one."
    ),
    agreed=True,
    find=find_disagreement,
    unless=EXPLAINING,
)

STRUCTURE = DefinitionCheck(
    name="structure",
    subject="Definition",
    matters="Nobody can tell where one field ends and the next begins once they were joined.",
    agreed=True,
)


CONTENTS = DefinitionCheck(
    name="contents",
    find=find_other_contents,
    subject="Definition",
    title="hold other values in the same records",
    unless=(*EXPLAINING, "date format", "leading zeros", "prefix", "punctuation", "disagreement"),
    looks_for="Columns of like names and kinds whose values disagree in most joined records, with no rule that explains it.",
    matters="Either the two fields mean different things, or one of them is wrong: no load can tell which.",
    action="Ask both owners what the field means before anything is mapped to it.",
    agreed=True,
    blurs=True,
)


# what joins the records of two sides; their findings are written where the tables are compared

NO_KEY = Check(
    name="no key",
    scope="pair",
    subject="Key",
    matters="Records can only be matched by name or address: some will be missed, some joined wrongly.",
    action="Agree on a shared key, or keep a cross-reference made by record linkage.",
)
NO_COMMON_KEY = Check(
    name="no common key",
    scope="pair",
    subject="Key",
    matters="Every synchronisation has to guess which records are the same.",
    action="Store the source's number in the target, or keep a cross-reference table.",
)
SOURCE_ONLY, TARGET_ONLY = (
    Check(
        name=name,
        scope="pair",
        subject="Key",
        matters="Processes that need both sides stop at these records, or create them twice.",
        action="Decide for each group whether the record is to be created, closed or matched by hand.",
    )
    for name in ("source only", "target only")
)
GRAIN = Check(
    name="grain",
    scope="pair",
    subject="Key",
    matters="A join multiplies rows: amounts are counted more than once.",
    action="Say what one row is on each side, and aggregate or split before loading.",
)
