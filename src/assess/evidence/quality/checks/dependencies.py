"""Approximate functional dependencies: columns whose value nearly always follows from another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from assess.core.engine import quoted
from assess.core.record import Record
from assess.evidence.quality.column.texts import Prints
from assess.evidence.quality.table import Table

SAMPLE = 8_000
"""Rows, evenly spread, on which a dependency must show before it is measured on all."""
TELLING = 100
"""Of these, rows that share their determinant with another from which only such rows are asked."""
MOST_ERROR = 0.05
"""Share of rows that may break a dependency (g3 of Kivinen and Mannila 1995) for it to be told."""
REPEATS = 2.0
"""Rows that each value of the determinant must have on average: a key determines everything."""

WIDE = 60
"""Columns that are tried against each other: the first so many that may take part."""

Codes = npt.NDArray[np.int64]


class Dependency(Record):
    """A column that nearly always follows from another.

    Parameters
    ----------
    determinant, dependent
        Names of the columns.
    error
        g3: share of rows that must go for the dependency to hold.
    breaking
        Those rows.
    groups
        Values of the determinant that occur in two rows or more.
    gain
        How much better the determinant tells the dependent than its most frequent value does, from 0
        to 1 (Goodman and Kruskal's lambda, 1954).
    """

    determinant: str
    dependent: str
    error: float
    breaking: int
    groups: int
    gain: float


class DependencySearch:
    """Looks block by block for the approximate functional dependencies between two columns of a table.

    Columns that are constant, nearly a key, or empty take no part, nor those past the first `WIDE`. A
    dependency counts if at most `MOST_ERROR` of the rows break it and it removes at least half of the errors
    of guessing. Candidates are found on rows spread evenly over the whole table; each is then measured on all.

    Parameters
    ----------
    rows
        Rows of the whole table.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._step = max(1, rows // SAMPLE)
        self._spread: dict[str, list[Prints]] = {}
        self._start = 0

    def add(self, block: Table) -> None:
        """Take the block's share of the spread rows."""
        first = -self._start % self._step
        for name in block.columns:
            column = block.column(name)
            self._spread.setdefault(name, []).append(column.prints[column.codes[first :: self._step]])
        self._start += block.rows

    def candidates(self, distinct: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
        """Return the pairs that show on the spread rows.

        Parameters
        ----------
        distinct
            Different values of each column in the whole table.
        """
        useful = [name for name, number in distinct.items() if 1 < number <= self.rows / REPEATS][:WIDE]
        small = {name: _dense(np.concatenate(self._spread[name])) for name in useful}
        return tuple(pair for pair in permutations(useful, 2) if _plausible(*(small[name] for name in pair)))

    def measure(self, candidates: Sequence[tuple[str, str]], table: Table) -> tuple[Dependency, ...]:
        """Measure candidates on all rows: by the table's codes where it was added as one block, else in its engine."""
        if all(len(parts) == 1 for parts in self._spread.values()):
            counts = [table.pairs(*pair) for pair in candidates]
            rated = [_judged(pairs.left, pairs.right, pairs.counts) for pairs in counts]
        else:
            most = {name: _most_frequent(table, name) for name in {pair[1] for pair in candidates}}
            rated = [_rated(self.rows, *_count_in_engine(table, *pair), most[pair[1]]) for pair in candidates]
        told = (self._describe(pair, *strength) for pair, strength in zip(candidates, rated, strict=True))
        return tuple(one for one in told if one is not None)

    def _describe(self, pair: tuple[str, str], error: float, gain: float, groups: int) -> Dependency | None:
        if error > MOST_ERROR or gain < 0.5:
            return None
        return Dependency(
            determinant=pair[0], dependent=pair[1], error=round(error, 6),
            breaking=round(error * self.rows), groups=groups, gain=round(gain, 6),
        )  # fmt: skip


def _count_in_engine(table: Table, determinant: str, dependent: str) -> tuple[int, int]:
    """Rows that hold the most frequent dependent of their determinant, and determinants of two rows or more."""
    connection, relation = table.store.relation()
    asked = (
        "SELECT sum(most), count(*) FILTER (together > 1) FROM (SELECT max(number) AS most, sum(number) AS together FROM ("  # noqa: S608
        f"SELECT hash({quoted(determinant)}) AS one, hash({quoted(dependent)}) AS other, count(*) AS number FROM {relation} GROUP BY ALL"
        ") GROUP BY one)"
    )
    (found,) = connection.execute(asked).fetchall()
    return int(found[0]), int(found[1])


def _most_frequent(table: Table, name: str) -> int:
    """Rows that hold the most frequent value of a column."""
    connection, relation = table.store.relation()
    asked = (
        f"SELECT max(number) FROM (SELECT count(*) AS number FROM {relation} GROUP BY hash({quoted(name)}))"  # noqa: S608
    )
    return int(connection.execute(asked).fetchall()[0][0])


def _plausible(left: Codes, right: Codes) -> bool:
    """Whether a dependency shows, where they tell among the rows whose determinant occurs again."""
    again = np.bincount(left)[left] > 1
    if again.sum() >= TELLING:
        left, right = left[again], right[again]
    error, gain, _ = _strength(left, right)
    return error <= 2 * MOST_ERROR and gain >= 0.3


def _dense(values: npt.NDArray[Any]) -> Codes:
    """Numbers from 0 for the different values, in their order."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _strength(left: Codes, right: Codes) -> tuple[float, float, int]:
    """g3 error, Goodman and Kruskal's lambda, and determinant values of two rows or more, from each row's codes."""
    wide = int(right.max()) + 1
    pairs, times = np.unique(left * wide + right, return_counts=True)
    return _judged(pairs // wide, pairs % wide, times)


def _judged(
    left: npt.NDArray[np.integer], right: npt.NDArray[np.integer], times: Codes
) -> tuple[float, float, int]:
    """The same from the pairs that occur, ascending by the determinant, and how often."""
    rows = int(times.sum())
    starts = np.flatnonzero(np.concatenate([[True], np.diff(left) > 0]))
    kept = int(np.maximum.reduceat(times, starts).sum())
    groups = int((np.add.reduceat(times, starts) > 1).sum())
    return _rated(rows, kept, groups, int(np.bincount(right, times).max()))


def _rated(rows: int, kept: int, groups: int, most: int) -> tuple[float, float, int]:
    """The same from the rows with their determinant's most frequent dependent, and those with the most frequent of all."""
    wrong, guess = rows - kept, rows - most
    return wrong / rows, 1 - wrong / guess if guess else 0.0, groups
