"""The same values in another form: signs, leading zeros, letters in front, Unicode composition."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import numpy as np
import pandas as pd

from assess.core.engine import literal
from assess.evidence.quality.checks.check import EXPLAINING, DefinitionCheck, Texts
from assess.evidence.quality.column import Column
from assess.evidence.quality.matching.forms import FORMS, keep_digits, keeps_apart, write_form
from assess.evidence.quality.matching.pair import ColumnPair, DefinitionConflict, Marks, show_examples

SHARE_FORMS = 0.01
"""Share of joined records, or of the source's rows, that must differ in form only."""
FEWEST_FORMS = 5
FORM_NAMES = ("", "unicode", "case", "punctuation", "leading zeros", "prefix")
"""What a looser form of `FORMS` ignores."""


def find_form_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report values that the target holds in another form, by joined records or by the values alone."""
    if pair.source_kind.dates is not None or pair.measured:
        return []
    found = _forms(pair)
    conflicts = []
    for number, marked in enumerate(found[1:], start=1):
        rows = pair.rows_of(marked)
        if rows >= max(FEWEST_FORMS, SHARE_FORMS * pair.source.rows):
            says = f"{rows:,} values equal the target's only if they are compared with {FORMS[number][0]}"
            ends = _beginnings(pair, marked) if FORM_NAMES[number] == "prefix" else None
            if ends is not None:
                marked = _begins(pair.source, pair.source_kind.present, ends[0])
                says = f"{pair.rows_of(marked):,} values are written {_compare_beginnings(*ends)}"
            conflicts.append(
                pair.conflict(
                    FORM_NAMES[number], says, marked, 0.9, examples=show_examples(pair.source, np.flatnonzero(marked), pair.clear),
                    fix="" if ends is None else f"{literal(ends[1])} || substr({{}}, {len(ends[0]) + 1})",
                )
            )  # fmt: skip
    return conflicts


BEGINNING = re.compile(r"\D*")
ONE_BEGINNING = 0.95
"""Share of the rows of either side that must begin alike, and of equal numbers that are equal texts then."""


def _beginnings(pair: ColumnPair, marked: Marks) -> tuple[str, str] | None:
    """What stands before the numbers of either side, where it is one for nearly all; None if it varies, or is not all that differs."""
    heads = []
    for column, present in ((pair.source, marked), (pair.target, pair.target_kind.present)):
        found = pd.Series([_head(value) for value in column.values[present]], dtype=object)
        rows = pd.Series(column.counts[present]).groupby(found).sum()
        if not len(rows) or rows.max() < ONE_BEGINNING * rows.sum():
            return None
        heads.append(str(rows.idxmax()))
    theirs = {str(value) for value in pair.target.values[pair.target_kind.present]}
    equal = np.mean(
        [heads[1] + str(value)[len(heads[0]) :] in theirs for value in pair.source.values[marked]]
    )
    return (heads[0], heads[1]) if heads[0] != heads[1] and equal >= ONE_BEGINNING else None


def _head(value: object) -> str:
    return str(value)[: BEGINNING.match(str(value)).end()]  # type: ignore[union-attr]


def _begins(column: Column, present: Marks, head: str) -> Marks:
    """Values that begin with just that before their number."""
    alike = [_head(value) == head != str(value) for value in column.values]
    return np.asarray(present & np.array(alike, bool))


def _compare_beginnings(mine: str, theirs: str) -> str:
    """Say how two sides begin the same numbers.

    >>> _compare_beginnings("", "P"), _compare_beginnings("C-", ""), _compare_beginnings("C-", "K")
    ("without the “P” in front of the target's", "with “C-” in front, the target's without", "with “C-” in front, the target's with “K”")
    """
    if not mine:
        return f"without the “{theirs}” in front of the target's"
    return f"with “{mine}” in front, the target's " + (f"with “{theirs}”" if theirs else "without")


def translate_beginning(pair: ColumnPair, conflict: DefinitionConflict) -> Texts | None:
    """Numbers with what stands before the target's, where it is one for all."""
    marked = _forms(pair)[FORM_NAMES.index("prefix")]
    ends = _beginnings(pair, marked) if marked.any() else None
    if ends is None:
        return None
    texts = pair.source.values.copy()
    marked = _begins(pair.source, pair.source_kind.present, ends[0])
    texts[marked] = [ends[1] + str(value)[len(ends[0]) :] for value in texts[marked]]
    return texts


def _forms(pair: ColumnPair) -> list[Marks]:
    """Values of the source by the strictest form in which the target holds them (for joined records: theirs)."""
    size = len(pair.source.values)
    open_ = pair.source_kind.present.copy()
    made: list[Marks] = []
    for _, normal in FORMS:
        places, hit = np.flatnonzero(open_), np.zeros(size, bool)
        made.append(hit)
        if not len(places) or (normal is keep_digits and not (pair.key or _same_digits(pair))):
            continue
        theirs = write_form(pair.target, normal)[pair.target_kind.present]
        mine = write_form(pair.source, normal)[places]
        if normal is keep_digits and not (keeps_apart(mine) and keeps_apart(theirs)):
            continue
        known = set(theirs.tolist()) - {""}
        hit[places] = [text in known for text in mine.tolist()]
        open_ &= ~hit
    return made


NUMBERED_ALIKE = 0.9
"""Share of the joined records whose digits must be the same, beside other letters, for the numbers to be the same."""


def _same_digits(pair: ColumnPair) -> bool:
    """Whether joined records have the same digits: numbers that only one side, or each with others, gives letters to."""
    both = pair.joint
    if both.rows < FEWEST_FORMS:
        return False
    mine = write_form(pair.source, keep_digits)[both.source]
    same = (mine != "") & (mine == write_form(pair.target, keep_digits)[both.target])
    return float(both.counts[same].sum()) >= NUMBERED_ALIKE * both.rows


def translate_zeros(pair: ColumnPair, conflict: DefinitionConflict) -> Texts | None:
    """Numbers with as many leading zeros as the target's: filled to its one width, or bare."""
    theirs = pair.target.values[pair.target_kind.present]
    digits = [str(v).strip() for v in theirs if str(v).strip().isdigit()]
    width = len(digits[0]) if digits and len({len(t) for t in digits[:1_000]}) == 1 else 0

    def as_there(text: str) -> str:
        bare = text.strip().lstrip("0") or "0"
        return bare.zfill(width) if text.strip().isdigit() else text

    return np.array([value if value is None else as_there(value) for value in pair.source.values], object)


def translate_unicode(pair: ColumnPair, conflict: DefinitionConflict) -> Texts | None:
    """Texts composed, or taken apart, as most of the target's are."""
    theirs = [str(v) for v in pair.target.values[pair.target_kind.present][:1_000] if not str(v).isascii()]
    composed = sum(unicodedata.is_normalized("NFC", text) for text in theirs) >= len(theirs) / 2
    form: Literal["NFC", "NFD"] = "NFC" if composed else "NFD"
    return np.array([v if v is None else unicodedata.normalize(form, v) for v in pair.source.values], object)


UNICODE = DefinitionCheck(
    name="unicode",
    subject="Format",
    matters="Texts that look alike are different to every comparison: joins and searches miss them.",
    action="Normalise to NFC at the interface.",
    ruled=True,
    translate=translate_unicode,
)


PUNCTUATION = DefinitionCheck(
    name="punctuation",
    subject="Format",
    matters="The same value does not join until both sides are normalised.",
    ruled=True,
    find=find_form_conflicts,
    unless=EXPLAINING,
    never_with=("vocabulary", "case"),
)

LEADING_ZEROS = DefinitionCheck(
    name="leading zeros",
    subject="Format",
    matters="The same number does not join until both sides are normalised.",
    ruled=True,
    translate=translate_zeros,
)

PREFIX = DefinitionCheck(
    name="prefix",
    subject="Format",
    matters="The same number does not join until both sides begin it alike.",
    ruled=True,
    translate=translate_beginning,
)
