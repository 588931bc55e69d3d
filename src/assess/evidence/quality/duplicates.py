"""Rows that occur twice: exactly, or but for case, spaces and punctuation, or but for their own key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assess.intake.record import Record

from .rows import Prints, fingerprints, plain, repeated
from .table import Table

BY_CHANCE = 0.001
"""Share of rows that may have a twin by chance for twins to be held for duplicates."""
LISTED = 1_000
"""Rows of duplicates that are listed of each kind."""


class Duplicates(Record):
    """Rows that say the same as another.

    Parameters
    ----------
    kind
        ``exact``; ``format``: equal when case, spaces and punctuation are forgotten.
    columns
        The columns that were compared: all, or all but those whose every value is another.
    groups
        Groups of equal rows.
    surplus
        Rows beyond the first of their group: what would go.
    rows
        Their row numbers, at most `LISTED`.
    """

    kind: str
    columns: tuple[str, ...]
    groups: int
    surplus: int
    rows: tuple[int, ...] = ()


class Search:
    """Looks for duplicates block by block: memory for eight bytes a row and kind.

    Parameters
    ----------
    columns
        The columns to compare.
    alone
        Whether one block is the whole table; then columns of many values are only read where the others
        are equal.
    """

    def __init__(self, columns: Sequence[str], alone: bool = False) -> None:
        self.columns = tuple(columns)
        self.alone = alone
        self._exact: list[Prints] = []
        self._plain: list[Prints] = []

    def look(self, block: Table) -> None:
        """Take in the rows of a block, in order."""
        if not self.columns:
            return
        large = [name for name in self.columns if block.column(name).distinct > block.rows / 10]
        if self.alone and large and len(large) < len(self.columns):
            self._narrowed(block, large)
            return
        self._exact.append(fingerprints(block, self.columns))
        self._plain.append(fingerprints(block, self.columns, plain))

    def _narrowed(self, block: Table, large: list[str]) -> None:
        """Compare the columns of few values first, and all columns where those are equal."""
        small = [name for name in self.columns if name not in large]
        several, _ = repeated(loose := fingerprints(block, small, plain))
        same = np.flatnonzero(np.isin(loose, several))
        own = np.arange(block.rows, dtype=np.uint64)
        exact, also = own.copy(), own.copy()
        exact[same] = fingerprints(block, self.columns, rows=same)
        also[same] = fingerprints(block, self.columns, plain, rows=same)
        self._exact.append(exact)
        self._plain.append(also)

    @property
    def found(self) -> tuple[Duplicates, ...]:
        """What was found, exact duplicates first; those are left out of the others."""
        if not self._exact:
            return ()
        exact, loose = np.concatenate(self._exact), np.concatenate(self._plain)
        surplus = later(exact)
        also = later(loose)
        also = also[~np.isin(also, surplus, assume_unique=True)]
        found = []
        for kind, prints, rows in (("exact", exact, surplus), ("format", loose, also)):
            if len(rows):
                groups = len(np.unique(prints[rows]))
                some = tuple(int(row) for row in rows[:LISTED])
                found.append(
                    Duplicates(kind=kind, columns=self.columns, groups=groups, surplus=len(rows), rows=some)
                )
        return tuple(found)


def telling(table: Table, columns: Sequence[str]) -> bool:
    """Whether columns tell rows apart so well that equal rows are hardly equal by chance.

    With independent columns two rows agree with probability 2**-H, H the sum of the columns' collision
    entropies (Renyi 1961); by chance fewer than `BY_CHANCE` of the rows may have a twin.
    """
    bits = 0.0
    for name in columns:
        share = table.column(name).counts / table.rows
        bits -= float(np.log2((share**2).sum()))
    return bool(np.log2(table.rows / 2) - bits <= np.log2(BY_CHANCE))


def later(prints: Prints) -> npt.NDArray[np.int64]:
    """Return the rows whose fingerprint occurred in a row before, ascending.

    >>> later(np.array([5, 7, 5, 5, 8], np.uint64)).tolist()
    [2, 3]
    """
    several, _ = repeated(prints)
    if not len(several):
        return np.empty(0, np.int64)
    places = np.searchsorted(several, prints).clip(0, len(several) - 1)
    among = np.flatnonzero(several[places] == prints)
    _, first = np.unique(prints[among], return_index=True)
    return np.delete(among, first).astype(np.int64)
