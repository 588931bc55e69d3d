"""Numbers in another unit, scale or writing."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assess.core.personal import show_example
from assess.core.places import distinct
from assess.evidence.quality.checks.check import DefinitionCheck, Texts
from assess.evidence.quality.column import Column
from assess.evidence.quality.matching.joins import Join
from assess.evidence.quality.matching.pair import ColumnPair, DefinitionConflict, Marks, show_examples
from assess.evidence.quality.table import Table
from assess.evidence.quality.types import numbers
from assess.evidence.quality.types.numbers import TOLERANCE, decimal_sign, factor_meaning, name_factor

Floats = npt.NDArray[np.float64]

FEWEST = 10
"""Joined records, or rows of each side, from which on a factor is believed."""
SHARE = 0.03
"""Share of the joined records that must stand in the factor."""
LIKE = 0.12
"""Distance in powers of ten of the quantiles' ratios from a whole power, without a join."""

DIFFERENT = 3
"""Different numbers on each side that must stand in a factor: one or two are codes, not amounts."""


def find_scale_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report numbers that differ from the target's by a known factor."""
    mine, theirs = pair.source_kind.numbers, pair.target_kind.numbers
    if mine is None or theirs is None or pair.key:
        return []
    both = pair.joint
    if both.rows >= FEWEST:
        return _joined(pair, mine.worth, theirs.worth)
    return _apart(pair, mine.worth, theirs.worth)


def _joined(pair: ColumnPair, mine: Floats, theirs: Floats) -> list[DefinitionConflict]:
    """Factors of joined records other than one, the most frequent first; what is told of them `explain_factors` decides."""
    both = pair.joint
    left, right = mine[both.source], theirs[both.target]
    usable = np.isfinite(left) & np.isfinite(right) & (left != 0) & (right != 0)
    if both.counts[usable].sum() < FEWEST:
        return []
    ratio, counts, source = right[usable] / left[usable], both.counts[usable], both.source[usable]
    found: list[DefinitionConflict] = []
    free = np.abs(ratio - 1) > 2 * TOLERANCE
    for _ in range(3):
        factor = _densest(ratio[free], counts[free])
        if factor is None:
            break
        here = free & (np.abs(ratio / factor - 1) <= TOLERANCE)
        free &= ~here
        if min(len(distinct(left[usable][here])), len(distinct(right[usable][here]))) < DIFFERENT:
            continue
        share = float(counts[here].sum() / counts.sum())
        words = factor_meaning(factor)
        if (
            share < SHARE
            or counts[here].sum() < FEWEST
            or _is_step(factor, left[usable][here], right[usable][here])
        ):
            continue
        found.append(_conflict(pair, factor, words, share, np.isin(np.arange(len(mine)), source[here])))
    return found


FINEST = 6
"""Decimals up to which the smallest step of written numbers is looked for."""


def _is_step(factor: float, mine: Floats, theirs: Floats) -> bool:
    """Whether a factor says no more of these numbers than that they differ by a step or two of the last digit: 6.8 and 6.7."""
    both = np.concatenate([mine, theirs])
    finest = next((n for n in range(FINEST) if np.isclose(both, np.round(both, n)).all()), FINEST)
    return bool(abs(factor - 1) * np.ptp(np.abs(mine)) <= 2 * 10.0**-finest)


def _densest(ratio: Floats, counts: npt.NDArray[np.int64]) -> float | None:
    """The ratio, of either sign, with most records within the tolerance."""
    best, most = None, 0
    for sign in (1, -1):
        here = sign * ratio > 0
        if not here.any():
            continue
        order = np.argsort(sign * ratio[here], kind="stable")
        sorted_, held = sign * ratio[here][order], counts[here][order]
        rows = np.concatenate([[0], np.cumsum(held)])
        ends = np.searchsorted(sorted_, sorted_ * (1 + TOLERANCE), side="right")
        within = rows[ends] - rows[np.arange(len(sorted_))]
        place = int(np.argmax(within))
        if within[place] > most:
            window = slice(place, int(ends[place]))
            best, most = sign * float(np.average(sorted_[window], weights=held[window])), int(within[place])
    return best


def _conflict(pair: ColumnPair, factor: float, words: str, share: float, marked: Marks) -> DefinitionConflict:
    factor = name_factor(factor)
    three = {1000.0: pair.target, 0.001: pair.source}.get(factor)
    if three is not None and _has_three_decimals(three):
        return _sign_conflict(
            pair, ("," if three is pair.source else ".", "." if three is pair.source else ",")
        )
    kind = "net-gross" if words.startswith("net") else "scale"
    said = f" ({words})" if words else ""
    says = f"the target's number is {factor:g} times the source's{said} in {share:.0%} of the joined records"
    whole = share >= 0.9
    return pair.conflict(
        kind, says, pair.source_kind.present if whole else marked, 0.6 + 0.39 * min(1.0, share * 2),
        examples=show_examples(pair.source, np.flatnonzero(marked), pair.clear), factor=factor,
        fix=_times(pair, factor) if whole else "",
    )  # fmt: skip


def _times(pair: ColumnPair, factor: float) -> str:
    """The DuckDB expression of the source's number times a factor."""
    read = pair.source_kind.numbers
    bare = POINT if read is not None and decimal_sign(read, pair.source.counts) == "," else "{}"
    return f"CAST(CAST({bare} AS DOUBLE) * {factor!r} AS VARCHAR)"


POINT, COMMA = "replace(replace({}, '.', ''), ',', '.')", "replace(replace({}, ',', ''), '.', ',')"
"""Numbers with the other decimal sign, what stands between thousands left out."""
SIGNED = {",": re.compile(r"[^,]*,\d+[^\d,.]*"), ".": re.compile(r"[^.]*\.\d+[^\d,.]*")}
"""Numbers with decimals, by their sign."""
SIGNS = {",": "comma", ".": "point"}


def find_sign_conflicts(pair: ColumnPair) -> list[DefinitionConflict]:
    """Report numbers with a decimal comma where the target's have a decimal point, and the reverse."""
    mine, theirs = pair.source_kind.numbers, pair.target_kind.numbers
    if mine is None or theirs is None:
        return []
    held, wanted = decimal_sign(mine, pair.source.counts), decimal_sign(theirs, pair.target.counts)
    if not held or not wanted or held == wanted:
        return []
    return [_sign_conflict(pair, (held, wanted))]


THREE = re.compile(r"[+-]?\d{1,3},\d{3}")
"""A number whose comma is that of thousands, or that of three decimals."""


def _has_three_decimals(column: Column) -> bool:
    """Whether every number of a column has one comma, before three digits: what a factor of a thousand then tells is a decimal comma."""
    read = numbers.read(column.values)
    known = np.isfinite(read.worth)
    return bool(known.any()) and all(THREE.fullmatch(str(value).strip()) for value in column.values[known])


def _sign_conflict(pair: ColumnPair, signs: tuple[str, str]) -> DefinitionConflict:
    """Write that the source's numbers have one decimal sign, and the target's the other."""
    held, wanted = signs
    found = pair.source_kind.present.copy()
    found[found] = [SIGNED[held].fullmatch(str(v)) is not None for v in pair.source.values[found]]
    says = f"{pair.rows_of(found):,} numbers are written with a decimal {SIGNS[held]}, the target's with a decimal {SIGNS[wanted]}"
    fix = f"CASE WHEN regexp_full_match({{}}, '{SIGNED[held].pattern}') THEN {POINT if held == ',' else COMMA} ELSE {{}} END"
    return pair.conflict(
        "decimal sign", says, found, 0.95, examples=show_examples(pair.source, np.flatnonzero(found), pair.clear),
        counterparts=show_examples(pair.target, np.flatnonzero(pair.target_kind.present), pair.clear), fix=fix,
    )  # fmt: skip


def translate_sign(pair: ColumnPair, conflict: DefinitionConflict) -> Texts | None:
    """Numbers with the target's decimal sign, and nothing between thousands."""
    theirs, mine = pair.target_kind.numbers, pair.source_kind.numbers
    if theirs is None or mine is None:
        return None
    held, wanted = decimal_sign(mine, pair.source.counts), decimal_sign(theirs, pair.target.counts)
    if not held or not wanted:
        return None
    texts = pair.source.values.copy()
    for place, value in enumerate(texts):
        if value is not None and SIGNED[held].fullmatch(value):
            texts[place] = value.replace(wanted, "").replace(held, wanted)
    return texts


GROUPS = 50
"""Different values of a column on which a factor may depend, at most."""
MISTAKEN = ("punctuation", "leading zeros", "prefix", "precision", "disagreement", "contents")
"""What a factor that depends on another column was taken for."""
MOST = 0.5
"""Share of the joined records in which a factor without a known meaning must hold to be told."""
HOLDS = 0.95
"""Share of a group's joined records that must stand in its factor, and of all records in such groups."""


def explain_factors(
    source: Table, join: Join | None, pairs: Sequence[ColumnPair], found: Sequence[DefinitionConflict]
) -> list[DefinitionConflict]:
    """Say of a factor that holds for a part of the records on which column it depends, such as the currency.

    Parameters
    ----------
    source
        The source's table, whose other columns are tried.
    join
        The records of both sides that are the same.
    pairs
        The matched columns.
    found
        The conflicts; one of scale that a column explains is replaced, and one that nobody knows and that holds for fewer than `MOST`
        is left out where none does; the others stay.
    """
    made, explained = list(found), set[str]()
    for conflict in found:
        pair = next((p for p in pairs if p.source.name == conflict.source_column), None)
        if (
            join is None
            or pair is None
            or conflict.kind not in ("scale", "net-gross")
            or conflict.share >= 0.9
        ):
            continue
        made.remove(conflict)
        if conflict.source_column in explained:
            continue
        better = _depending(source, join, pair, conflict)
        if better is not None:
            made = [c for c in made if c.source_column != pair.source.name or c.kind not in MISTAKEN]
            explained.add(conflict.source_column)
        if better is not None or conflict.share >= MOST or factor_meaning(conflict.factor or 1.0):
            made.append(better or conflict)
    return made


def _depending(
    source: Table, join: Join, pair: ColumnPair, conflict: DefinitionConflict
) -> DefinitionConflict | None:
    mine, theirs = pair.source_kind.numbers, pair.target_kind.numbers
    if mine is None or theirs is None:
        return None
    left, right = mine.worth[pair.source.codes[join.source]], theirs.worth[pair.target.codes[join.target]]
    usable = np.isfinite(left) & np.isfinite(right) & (left != 0)
    ratio = right[usable] / left[usable]
    for column in source:
        if column.name == pair.source.name or not 1 < column.distinct <= GROUPS:
            continue
        by = _factor_by_value(column, column.codes[join.source[usable]], ratio)
        if by is None or max(by.values()) / min(by.values()) <= 1 + 2 * TOLERANCE:
            continue
        parts: dict[float, list[str]] = {}
        for place, factor in by.items():
            parts.setdefault(factor, []).append(
                show_example(column.values[place], column.clear_values, clear=pair.clear)
            )
        listed = "; ".join(f"{factor:g} times for {', '.join(values)}" for factor, values in parts.items())
        says = f"the target's number is {listed}: the factor depends on {column.name}"
        rows = pair.rows_of(pair.source_kind.present)
        whole = {"rows": rows, "share": round(rows / max(pair.source.rows, 1), 6), "condition": ""}
        return conflict.model_copy(update={"says": says, "fix": "", "confidence": 0.95, **whole})
    return None


def _factor_by_value(column: Column, codes: npt.NDArray[np.int32], ratio: Floats) -> dict[int, float] | None:
    """The factor of each value's records; None if it is not one for each, or of too few of them."""
    by, held = {}, 0
    for place in distinct(codes).tolist():
        mine = ratio[codes == place]
        factor = _densest(mine, np.ones(len(mine), np.int64))
        inside = 0 if factor is None else int((np.abs(mine / factor - 1) <= TOLERANCE).sum())
        if factor is None or len(mine) < FEWEST or inside < HOLDS * len(mine):
            continue
        by[place], held = name_factor(factor), held + len(mine)
    return by if held >= HOLDS * len(ratio) else None


def _apart(pair: ColumnPair, mine: Floats, theirs: Floats) -> list[DefinitionConflict]:
    """Without a join: all quantiles differ by the same power of ten, and only one side has decimals."""
    sides = [
        _quantiles(values, column.counts) for values, column in ((mine, pair.source), (theirs, pair.target))
    ]
    if any(len(q) == 0 or (q <= 0).any() for q in sides):
        return []
    powers = np.log10(sides[1] / sides[0])
    power = round(float(np.median(powers)))
    whole = [bool((np.floor(v[np.isfinite(v)]) == v[np.isfinite(v)]).all()) for v in (mine, theirs)]
    if power == 0 or np.abs(powers - power).max() > LIKE or whole[0] == whole[1]:
        return []
    factor = float(10.0**power)
    says = f"all quantiles of the target are about {factor:g} times the source's ({factor_meaning(factor) or 'a power of ten'})"
    marked = pair.source_kind.present
    return [
        pair.conflict(
            "scale", says, marked, 0.7, examples=show_examples(pair.source, np.flatnonzero(marked), pair.clear),
            counterparts=show_examples(pair.target, np.flatnonzero(pair.target_kind.present), pair.clear),
            factor=factor, fix=_times(pair, factor),
        )
    ]  # fmt: skip


def _quantiles(values: Floats, counts: npt.NDArray[np.int64]) -> Floats:
    """Five quantiles of the non-zero numbers by rows; empty if there are too few."""
    used = np.isfinite(values) & (values != 0)
    if counts[used].sum() < 5 * FEWEST:
        return np.empty(0)
    order = np.argsort(values[used], kind="stable")
    rows = np.cumsum(counts[used][order])
    places = np.searchsorted(rows, np.array([0.1, 0.3, 0.5, 0.7, 0.9]) * rows[-1])
    return np.asarray(values[used][order][places])


def translate_scale(pair: ColumnPair, conflict: DefinitionConflict) -> Texts | None:
    """Numbers times the factor, with as many decimals as most of the target's have.

    Another factor than a power of ten is kept with more digits or fewer by somebody else, so the last digit may be the target's.
    """
    mine, theirs = pair.source_kind.numbers, pair.target_kind.numbers
    factor = conflict.factor
    if mine is None or theirs is None or factor is None or not conflict.fix:
        return None
    held = np.isfinite(theirs.worth)
    written = [str(v).strip() for v in pair.target.values[held]]
    rows_ = pair.target.counts[held]
    sign = decimal_sign(theirs, pair.target.counts) or "."
    decimals = [len(t.rpartition(sign)[2]) if sign in t else 0 for t in written]
    rows = np.bincount(decimals, weights=rows_)
    digits = int(rows.argmax()) if len(rows) else 2
    texts = pair.source.values.copy()
    known = np.isfinite(mine.worth)
    texts[known] = [f"{worth * factor:.{digits}f}".replace(".", sign) for worth in mine.worth[known]]
    if math.log10(abs(factor)).is_integer():
        return texts
    both = pair.joint
    near = np.abs(mine.worth[both.source] * factor - theirs.worth[both.target]) <= (1 + 1e-9) * 10.0**-digits
    texts[both.source[near]] = pair.target.values[both.target[near]]
    return texts


SCALE = DefinitionCheck(
    name="scale",
    subject="Definition",
    matters="Amounts arrive wrong by the factor, without any error.",
    grave=True,
    agreed=True,
    ruled=True,
    find=find_scale_conflicts,
    translate=translate_scale,
)

NET_GROSS = DefinitionCheck(
    name="net-gross",
    subject="Definition",
    matters="Taxes are counted twice or lost, without any error.",
    grave=True,
    agreed=True,
    translate=translate_scale,
)

DECIMAL_SIGN = DefinitionCheck(
    name="decimal sign",
    subject="Format",
    matters="The number is rejected, or read as another one: 1,234 is a thousand times 1.234.",
    find=find_sign_conflicts,
    ruled=True,
    translate=translate_sign,
)
