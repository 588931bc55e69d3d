"""What the target holds, as a contract for the source: conflicts of definition, and cells that break it.

Cells are judged after the translation: that every date of a column is written in another way is one conflict,
to be agreed once; a date that is wrong even then is a wrong cell.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from assess.evidence.quality.column import Column
from assess.evidence.quality.matching.pair import ColumnPair, DefinitionConflict, Floats
from assess.evidence.quality.table import Table

from .cells.formats import ALPHABET, character_classes
from .cells.lookups import LOOKUP, blame_cells, find_links, find_target_values
from .cells.missing import BLANK
from .cells.rows import IDENTITY, compare_keys, find_newcomers
from .cells.spelling import NEAR_TARGET
from .check import EXPLAINING, Suspicion, Texts, ValueCheck
from .definitions.fields import DISAGREEMENT, find_differing, find_disagreement
from .registry import DEFINITIONS, VALUES

Rows = npt.NDArray[np.int64]

MOST_ROWS = 0.5
"""Share of the source's rows from which on a conflict concerns most of them."""
BY_KIND = {check.name: check for check in DEFINITIONS}


def find_conflicts(pair: ColumnPair) -> tuple[DefinitionConflict, ...]:
    """Return every conflict of a matched pair of columns."""
    found: list[DefinitionConflict] = []
    for check in DEFINITIONS:
        explained = any(c.kind in check.unless and c.share >= MOST_ROWS for c in found)
        if check.find and not explained and not any(c.kind in check.never_with for c in found):
            found += check.find(_worded(pair, found) if check is DISAGREEMENT else pair)
    return tuple(found)


def _worded(pair: ColumnPair, found: Sequence[DefinitionConflict]) -> ColumnPair:
    """The pair with the source's words in the target's, where a conflict tells both: that they differ is told already."""
    known = {mine: theirs for conflict in found for mine, theirs in conflict.translation}
    if not known:
        return pair
    texts = np.array([known.get(value, value) for value in pair.source.values], object)
    return replace(pair, source=_encoded(pair.source, texts))


def translate_column(pair: ColumnPair, found: Sequence[DefinitionConflict]) -> Column | None:
    """Return the source's column in the target's terms; None if no conflict gives a rule.

    Parameters
    ----------
    pair
        The matched columns.
    found
        Their conflicts.
    """
    texts: Texts | None = None
    filled = pair.rows_of(pair.source_kind.present)
    for conflict in found:
        check = BY_KIND[conflict.kind]
        if check.translate and conflict.rows >= check.whole * filled:
            made = check.translate(pair, conflict)
            texts = texts if made is None else made
    return None if texts is None else _encoded(pair.source, texts)


def _encoded(column: Column, texts: Texts) -> Column:
    places, kept = pd.factorize(texts, use_na_sentinel=False)
    values = np.array([None if pd.isna(text) else text for text in kept], object)
    counts = np.bincount(places, weights=column.counts, minlength=len(values)).astype(np.int64)
    return column.recoded(values, counts, places.astype(np.int32)[column.codes])


def is_blurred(found: Sequence[DefinitionConflict]) -> bool:
    """Whether a conflict hides what a cell should hold, so that single cells can't be judged."""
    return any(BY_KIND[conflict.kind].blurs for conflict in found)


def agree_definitions(
    pair: ColumnPair, found: Sequence[DefinitionConflict], column: Column | None
) -> ColumnPair:
    """Return the pair once its definition conflicts are agreed.

    Parameters
    ----------
    pair
        The columns as they are.
    found
        Their conflicts.
    column
        The source's column in the target's terms (`translate_column`); None leaves it as it is.
    """
    if column is None or not any(c.kind in EXPLAINING and c.share >= MOST_ROWS for c in found):
        return pair
    return replace(pair, source=column)


def find_disagreements(
    pair: ColumnPair, found: Sequence[DefinitionConflict], column: Column | None
) -> tuple[DefinitionConflict | None, Rows]:
    """Return the conflict that fields disagree even in the target's terms, and the joined records concerned.

    Records are places in the pair's join. Where a time zone hides what is meant there is no conflict.
    """
    if is_blurred(found):
        return None, np.empty(0, np.int64)
    if any(c.kind == "disagreement" for c in found):
        worded = _worded(pair, found)
        return None, worded.records(find_differing(worded))
    agreed = agree_definitions(pair, found, column)
    if agreed is pair:
        return None, np.empty(0, np.int64)
    new = find_disagreement(agreed)
    return (new[0] if new else None), agreed.records(find_differing(agreed))


REPORTED = 0.5
"""Confidence from which on a cell is reported: more probably wrong than right."""


@dataclass(frozen=True, eq=False)
class Breaches:
    """Confidence, check and known repair of every cell of the matched columns.

    Parameters
    ----------
    columns
        Names of the source's matched columns.
    confidence, check
        Shape (rows, columns); ``check`` is the place in `registry.VALUES`, -1 where nothing was found.
    repairs
        By row and place of the column, the value that the target holds instead.
    """

    columns: tuple[str, ...]
    confidence: npt.NDArray[np.float32]
    check: npt.NDArray[np.int8]
    repairs: dict[tuple[int, int], str]

    def suspicions(self) -> tuple[Suspicion, ...]:
        """Return the cells that are sure enough to be reported, by column and check."""
        found = []
        for place, column in enumerate(self.columns):
            for number, check in enumerate(VALUES):
                rows = np.flatnonzero(
                    (self.check[:, place] == number) & (self.confidence[:, place] >= REPORTED)
                )
                if len(rows):
                    found.append(self._suspicion(column, place, check, rows))
        return tuple(found)

    def _suspicion(
        self, column: str, place: int, check: ValueCheck, rows: npt.NDArray[np.int64]
    ) -> Suspicion:
        repairs = np.array([self.repairs.get((int(row), place)) for row in rows], object)
        return Suspicion(
            column=column, check=check.name, rows=rows,
            confidence=np.round(self.confidence[rows, place].astype(np.float64), 4),
            detail=check.title, repairs=repairs if any(r is not None for r in repairs) else None,
        )  # fmt: skip


def find_breaches(
    source: Table,
    target: Table,
    mapping: Sequence[tuple[str, str]],
    keys: Collection[tuple[str, str]] = (),
    parts: Collection[tuple[str, str]] = (),
    translated: Mapping[str, Column] | None = None,
    sound: Mapping[str, npt.NDArray[np.bool_]] | None = None,
) -> Breaches:
    """Judge every cell of the source's matched columns by what the target holds.

    Parameters
    ----------
    source, target
        The opened tables.
    mapping
        Matched columns: name in the source, name in the target.
    keys
        Those of them that are known to join the two tables.
    parts
        Those of them that do so together with others.
    translated
        Columns of the source in the target's terms, by name, where a definition conflict was found.
    sound
        By column of the target, which of its distinct values are what the column holds; default all.
    """
    pairs = _pairs(source, target, mapping, translated or {}, sound or {})
    shape = (source.rows, len(pairs))
    confidence, check = np.zeros(shape, np.float32), np.full(shape, -1, np.int8)
    repairs: dict[tuple[int, int], str] = {}
    if not source.rows or not target.rows or not pairs:
        return Breaches(tuple(s for s, _ in mapping), confidence, check, repairs)
    for place, pair in enumerate(pairs):
        sure, number = _values(pair, mapping[place] in keys or mapping[place] in parts)
        confidence[:, place], check[:, place] = sure[pair.source.codes], number[pair.source.codes]
        repairs |= _repairs(pair, place, number)
    fresh = find_newcomers(pairs)
    confidence[fresh], check[fresh] = 0, -1
    joining = frozenset(place for place, pair in enumerate(mapping) if pair in keys)
    _contradictions(pairs, joining, confidence, check, repairs)
    for key, sure_rows in compare_keys(pairs).items():
        _raise(confidence, check, np.arange(len(sure_rows)), key, sure_rows, VALUES.index(IDENTITY))
    return Breaches(tuple(s for s, _ in mapping), confidence, check, repairs)


def _pairs(
    source: Table,
    target: Table,
    mapping: Sequence[tuple[str, str]],
    translated: Mapping[str, Column],
    sound: Mapping[str, npt.NDArray[np.bool_]],
) -> list[ColumnPair]:
    sides = []
    for mine, theirs in mapping:
        left, right = translated.get(mine) or source.column(mine), target.column(theirs)
        trimmed = _padded(left) or _padded(right)
        full = right.without_nulls(trimmed=trimmed)
        sides.append((left.without_nulls(trimmed=trimmed), full, _sound(right, full, sound.get(theirs))))
    letters = frozenset[str]().union(*(character_classes(full.values) for _, full, _ in sides))
    return [ColumnPair(left, right, sound=known, alphabet=letters) for left, right, known in sides]


def _sound(column: Column, full: Column, sound: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_] | None:
    """Which values of a column without nulls are sound: those that any sound value became."""
    if sound is None or full is column:
        return sound
    made = np.zeros(full.distinct, bool)
    made[full.codes[sound[column.codes]]] = True
    return made


PADDED = 0.5
"""Share of the rows from which on spaces at the end are the column's fixed width, and no mistakes."""


def _padded(column: Column) -> bool:
    """Whether most values are filled up with spaces, as fields of fixed width are."""
    padded = pc.fill_null(pc.ends_with(column.texts, " "), False).to_numpy(zero_copy_only=False)
    return bool(column.counts[np.asarray(padded, bool)].sum() > PADDED * max(1, column.rows))


APART = 0.1
"""Share of the rows whose keys the target does not hold, from which on these are other records, and no slips."""
OF_ANY_KEY = (BLANK, ALPHABET, NEAR_TARGET)
"""What can be wrong with the key of a record that the other side does not hold."""


def _values(pair: ColumnPair, joining: bool) -> tuple[Floats, npt.NDArray[np.int8]]:
    """Confidence and check of each distinct value, one check after the other."""
    sure, number = np.zeros(len(pair.source.values)), np.full(len(pair.source.values), -1, np.int8)
    if pair.target.blank.all():
        return sure, number
    unworded = pair.dated or pair.measured
    apart = joining and pair.rows_of(pair.new) > APART * pair.source.rows
    for place, check in enumerate(VALUES):
        left = pair.new & (sure < REPORTED)
        if check.judge is None or (not check.everywhere and not left.any()):
            continue
        if (check.wording and unworded) or (apart and check not in OF_ANY_KEY):
            continue
        if check.wording and pair.counted_up:
            left &= ~pair.source_numbers.integer
        found = check.judge(pair, left)
        if check.wording and pair.rows_of(found >= REPORTED) > MOST_ROWS * pair.source.rows:
            continue
        better = found > sure
        sure[better], number[better] = found[better], place
    return sure, number


def _repairs(pair: ColumnPair, place: int, number: npt.NDArray[np.int8]) -> dict[tuple[int, int], str]:
    """What the target holds instead of values whose check can tell."""
    repairs: dict[tuple[int, int], str] = {}
    for which, check in enumerate(VALUES):
        wrong = np.flatnonzero(number == which)
        if check.repair is None or not len(wrong):
            continue
        right = dict(zip(wrong.tolist(), check.repair(pair, wrong), strict=True))
        rows = np.flatnonzero(np.isin(pair.source.codes, wrong))
        found = ((int(row), right[int(pair.source.codes[row])]) for row in rows)
        repairs |= {(row, place): value for row, value in found if value is not None}
    return repairs


def _contradictions(
    pairs: Sequence[ColumnPair],
    joining: frozenset[int],
    confidence: npt.NDArray[np.float32],
    check: npt.NDArray[np.int8],
    repairs: dict[tuple[int, int], str],
) -> None:
    """Add what contradicts the target's dependencies; note the value that it holds."""
    found, suspected = find_links(pairs, joining), confidence >= REPORTED
    for (row, column), held in find_target_values(found, suspected).items():
        repairs.setdefault((row, column), str(pairs[column].target.values[held]))
    for cell in blame_cells(found, suspected, joining):
        if cell.held >= 0:
            repairs[cell.row, cell.column] = str(pairs[cell.column].target.values[cell.held])
        rows = np.array([cell.row])
        _raise(confidence, check, rows, cell.column, np.array([cell.sure]), VALUES.index(LOOKUP))


def _raise(
    confidence: npt.NDArray[np.float32],
    check: npt.NDArray[np.int8],
    rows: npt.NDArray[np.int64],
    column: int,
    sure: Floats,
    number: int,
) -> None:
    better = sure > confidence[rows, column]
    confidence[rows[better], column] = sure[better]
    check[rows[better], column] = number
