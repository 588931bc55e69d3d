"""Cells of the source that break what the target holds: the checks, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from assess.evidence.quality.column import Column
from assess.evidence.quality.matching.pair import Marks, Side, ValuePair
from assess.evidence.quality.table import Table

from .cells.formats import character_classes, compare_alphabet, compare_masks, compare_shapes
from .cells.lookups import blame_cells, find_links
from .cells.missing import compare_blanks
from .cells.numbers import compare_magnitude, compare_part_sizes, compare_parts
from .cells.rows import compare_keys, find_newcomers
from .cells.spelling import compare_spelling, repair_spelling
from .cells.validity import compare_order
from .cells.vocabulary import compare_letters, compare_novelty, compare_words
from .evidence import Suspicion
from .excess import Floats

OPERATING = 0.5
"""Confidence from which on a cell is reported: more probably wrong than right."""


@dataclass(frozen=True)
class ValueCheck:
    """One way in which a value can break the target's contract.

    Parameters
    ----------
    name
        As it appears in ``cells``.
    judge
        Gives each distinct value of the source a confidence, given those still in question.
    says
        What it means, for a reader.
    everywhere
        Whether it also judges values that the target holds.
    """

    name: str
    judge: Callable[[ValuePair, Marks], Floats]
    says: str
    everywhere: bool = False


VALUE_CHECKS = (
    ValueCheck("blank", compare_blanks, "blank where the target is filled", everywhere=True),
    ValueCheck("alphabet", compare_alphabet, "characters that the target uses nowhere"),
    ValueCheck("rearranged", compare_order, "parts in another order than in the target", everywhere=True),
    ValueCheck("shape", compare_shapes, "a shape that the target does not know"),
    ValueCheck("mask", compare_masks, "a length or pattern that the target does not know"),
    ValueCheck("magnitude", compare_magnitude, "a number far beyond the target's"),
    ValueCheck("spelling", compare_spelling, "one typing error from a frequent value of the target"),
    ValueCheck("part", compare_parts, "a part that the target never holds at this position"),
    ValueCheck("part_magnitude", compare_part_sizes, "a part far beyond the target's"),
    ValueCheck("word", compare_words, "a word that the target does not use"),
    ValueCheck("letters", compare_letters, "runs of letters that the target does not use"),
    ValueCheck("novel", compare_novelty, "a value that the target's closed vocabulary does not hold"),
)
"""The checks of values, the most specific first: what one explains is left out of the next."""

WORDED = {"spelling", "word", "letters", "novel"}
"""Checks of vocabulary, which say nothing of dates: another day is another value."""

LOOKUP = ValueCheck(
    "lookup", lambda pair, left: np.zeros(0), "another value than the target holds for the same key"
)
IDENTITY = ValueCheck("identity", lambda pair, left: np.zeros(0), "a key of another record")


@dataclass(frozen=True, eq=False)
class Breaches:
    """Confidence, check and known repair of every cell of the matched columns.

    Parameters
    ----------
    columns
        Names of the source's matched columns.
    confidence, check
        Shape (rows, columns); ``check`` is the place in `NAMES`, -1 where nothing was found.
    repairs
        By row and place of the column, the value that the target holds instead.
    """

    columns: tuple[str, ...]
    confidence: npt.NDArray[np.float32]
    check: npt.NDArray[np.int8]
    repairs: dict[tuple[int, int], str]

    def suspicions(self, at_least: float = OPERATING) -> tuple[Suspicion, ...]:
        """Return the cells at or above a confidence, by column and check."""
        found = []
        for place, column in enumerate(self.columns):
            for number, check in enumerate(CELL_CHECKS):
                rows = np.flatnonzero(
                    (self.check[:, place] == number) & (self.confidence[:, place] >= at_least)
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
            detail=check.says, repairs=repairs if any(r is not None for r in repairs) else None,
        )  # fmt: skip


CELL_CHECKS = (*VALUE_CHECKS, LOOKUP, IDENTITY)
"""Every check of `Breaches.check`, in its order."""


def find_breaches(
    source: Table,
    target: Table,
    mapping: Sequence[tuple[str, str]],
    keys: Collection[tuple[str, str]] = (),
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
        sure, number = _values(pair)
        confidence[:, place], check[:, place] = sure[pair.source.codes], number[pair.source.codes]
        repairs |= _spelled(pair, place, number)
    fresh = find_newcomers(pairs)
    confidence[fresh], check[fresh] = 0, -1
    joining = frozenset(place for place, pair in enumerate(mapping) if pair in keys)
    _contradictions(pairs, joining, confidence, check, repairs)
    for key, sure_rows in compare_keys(pairs).items():
        _raise(confidence, check, np.arange(len(sure_rows)), key, sure_rows, CELL_CHECKS.index(IDENTITY))
    return Breaches(tuple(s for s, _ in mapping), confidence, check, repairs)


def _pairs(
    source: Table,
    target: Table,
    mapping: Sequence[tuple[str, str]],
    translated: Mapping[str, Column],
    sound: Mapping[str, npt.NDArray[np.bool_]],
) -> list[ValuePair]:
    sides = []
    for mine, theirs in mapping:
        left, right = translated.get(mine) or source.column(mine), target.column(theirs)
        bare = _padded(left) or _padded(right)
        sides.append((Side.of(left, bare=bare), Side.of(right, sound.get(theirs), bare=bare)))
    letters = frozenset[str]().union(*(character_classes(side.texts) for _, side in sides))
    return [ValuePair(left, right, letters) for left, right in sides]


PADDED = 0.5
"""Share of the rows from which on spaces at the end are the column's fixed width, and no mistakes."""


def _padded(column: Column) -> bool:
    """Whether most values are filled up with spaces, as fields of fixed width are."""
    padded = pc.fill_null(pc.ends_with(column.texts, " "), False).to_numpy(zero_copy_only=False)
    return bool(column.counts[np.asarray(padded, bool)].sum() > PADDED * max(1, column.rows))


def _values(pair: ValuePair) -> tuple[Floats, npt.NDArray[np.int8]]:
    """Confidence and check of each distinct value, one check after the other."""
    sure, number = np.zeros(len(pair.source.texts)), np.full(len(pair.source.texts), -1, np.int8)
    for place, check in enumerate(VALUE_CHECKS):
        left = pair.new & (sure < OPERATING)
        if not check.everywhere and not left.any():
            continue
        if check.name in WORDED and pair.dated:
            continue
        found = check.judge(pair, left)
        better = found > sure
        sure[better], number[better] = found[better], place
    return sure, number


def _spelled(pair: ValuePair, place: int, number: npt.NDArray[np.int8]) -> dict[tuple[int, int], str]:
    """Repairs of misspelt values: the target's value next to them."""
    wrong = np.flatnonzero(number == [c.name for c in VALUE_CHECKS].index("spelling"))
    right = dict(zip(wrong.tolist(), repair_spelling(pair, wrong), strict=True)) if len(wrong) else {}
    rows = np.flatnonzero(np.isin(pair.source.codes, wrong))
    found = ((int(row), right[int(pair.source.codes[row])]) for row in rows)
    return {(row, place): value for row, value in found if value is not None}


def _contradictions(
    pairs: Sequence[ValuePair],
    joining: frozenset[int],
    confidence: npt.NDArray[np.float32],
    check: npt.NDArray[np.int8],
    repairs: dict[tuple[int, int], str],
) -> None:
    """Add what contradicts the target's dependencies; note the value that it holds."""
    found = find_links(pairs, joining)
    for cell in blame_cells(found, confidence >= OPERATING, joining):
        if cell.held >= 0:
            repairs[cell.row, cell.column] = str(pairs[cell.column].target.texts[cell.held])
        rows = np.array([cell.row])
        _raise(confidence, check, rows, cell.column, np.array([cell.sure]), CELL_CHECKS.index(LOOKUP))


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
