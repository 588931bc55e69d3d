"""What the blocks of a long table say together of a column: different values, repeated ones, quantiles."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from .column import Column
from .facts import quantiles
from .fingerprint import Prints
from .spool import Spool
from .types import ColumnType

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
V = TypeVar("V", np.uint64, np.float64)

FEW = 500_000
"""Different values up to which they are kept in one list."""
MOST_AMOUNTS = 4_000_000
"""Different numbers up to which quantiles are exact."""


class Distinct:
    """The values of one column over all blocks, by their fingerprints.

    Parameters
    ----------
    folder
        Where the fingerprints go when they are many.
    """

    def __init__(self, folder: str = "") -> None:
        self._folder = folder
        self._prints: Prints = np.empty(0, np.uint64)
        self._counts: Counts = np.empty(0, np.int64)
        self._spool: Spool | None = None

    def look(self, column: Column, present: npt.NDArray[np.bool_]) -> None:
        """Take in the present values of a block."""
        prints, counts = column.prints[present], column.counts[present]
        if self._spool is not None:
            self._spool.append(prints, counts)
            return
        self._prints, self._counts = added(self._prints, self._counts, prints, counts)
        if len(self._prints) > FEW:
            self._spool = Spool(2, self._folder)
            self._spool.append(self._prints, self._counts)
            self._prints, self._counts = self._prints[:0], self._counts[:0]

    @property
    def told(self) -> tuple[int, int]:
        """Different values, and rows whose value another row holds too."""
        if self._spool is None:
            return len(self._counts), int(self._counts[self._counts > 1].sum())
        distinct = repeated = 0
        for _, rows in self._spool.parts():
            values, counts = added(
                rows[:0, 0], np.empty(0, np.int64), rows[:, 0], rows[:, 1].astype(np.int64)
            )
            distinct += len(values)
            repeated += int(counts[counts > 1].sum())
        return distinct, repeated


class Amounts:
    """The numbers of one column over all blocks, while they are not too many."""

    def __init__(self) -> None:
        self._worth: Floats = np.empty(0)
        self._counts: Counts = np.empty(0, np.int64)
        self.whole = True

    def look(self, column: Column, kind: ColumnType) -> None:
        """Take in the numbers of a block."""
        if kind.numbers is None or not self.whole:
            return
        worth, counts = kind.numbers.worth[kind.conforms], column.counts[kind.conforms]
        self._worth, self._counts = added(self._worth, self._counts, worth, counts)
        if len(self._worth) > MOST_AMOUNTS:
            self.whole = False
            self._worth, self._counts = self._worth[:0], self._counts[:0]

    @property
    def quantiles(self) -> tuple[float, ...]:
        """As of a single block; empty if there are no numbers, or too many."""
        return quantiles(self._worth, self._counts) if len(self._worth) else ()


def added(
    values: npt.NDArray[V], counts: Counts, more: npt.NDArray[V], times: Counts
) -> tuple[npt.NDArray[V], Counts]:
    """Add values with their counts to others, each once, ascending.

    >>> added(np.array([1.0]), np.array([2]), np.array([3.0, 1.0]), np.array([1, 5]))
    (array([1., 3.]), array([7, 1]))
    """
    every = np.concatenate([values, more])
    number = np.concatenate([counts, times])
    order = np.argsort(every, kind="stable")
    every = every[order]
    starts = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1]])[: len(every)])
    return every[starts], np.add.reduceat(number[order], starts) if len(starts) else number
