"""Candidate keys: columns, alone or in pairs, that tell every row from every other."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from assess.core.record import Record

from .facts import ColumnFacts
from .fingerprint import repeating
from .rows import fingerprints
from .spool import Spool
from .table import Table

NEARLY = 0.98
"""Share of distinct values from which a column is held for a key that was broken."""
PAIRED = 5
"""Columns of the most distinct values that are tried in pairs where no single one is a key."""


class Key(Record):
    """Columns that tell rows apart.

    Parameters
    ----------
    columns
        One or two columns.
    unique
        Distinct values to rows that hold one.
    repeated
        Rows whose value occurs in another row too.
    empty
        Rows without a value.
    """

    columns: tuple[str, ...]
    unique: float
    repeated: int
    empty: int

    @property
    def holds(self) -> bool:
        """Whether every row has a value of its own."""
        return not self.repeated and not self.empty


def single(facts: ColumnFacts, repeated_rows: int) -> Key | None:
    """Return the key that a column is or nearly is; a measure with decimals, a date or a long text is none."""
    share = facts.unique_share
    telling = facts.present >= max(2, 0.95 * facts.rows)
    if share is None or share < NEARLY or not telling or facts.physical in ("decimal", "date", "timestamp"):
        return None
    if (facts.mean_length or 0) > 50:
        return None
    return Key(
        columns=(facts.name,),
        unique=round(share, 6),
        repeated=repeated_rows,
        empty=facts.rows - facts.present,
    )


class Pairs:
    """Looks block by block for pairs of columns that are a key together, where neither is one alone.

    Parameters
    ----------
    folder
        Where the prints of rows go when they are many; empty for the system's place.
    """

    def __init__(self, folder: str = "") -> None:
        self._folder = folder
        self._left: dict[tuple[str, str], Spool] | None = None

    def look(self, block: Table, facts: tuple[ColumnFacts, ...]) -> None:
        """Take in a block; a pair that repeats within it is none."""
        if self._left is None:
            self._left = {pair: Spool(1, self._folder) for pair in _likely(block, facts)}
        for pair in list(self._left):
            prints = fingerprints(block, pair)
            if len(repeating(prints)):
                del self._left[pair]
            else:
                self._left[pair].append(prints)

    @property
    def found(self) -> tuple[Key, ...]:
        """The pairs of which no two rows of any blocks hold the same."""
        return tuple(
            Key(columns=pair, unique=1.0, repeated=0, empty=0)
            for pair, spool in (self._left or {}).items()
            if not any(len(repeating(prints[:, 0])) for _, prints in spool.parts())
        )


def _likely(table: Table, facts: tuple[ColumnFacts, ...]) -> list[tuple[str, str]]:
    useful = [
        f for f in facts
        if f.present == f.rows and f.distinct > 1 and f.physical not in ("decimal", "timestamp")
    ]  # fmt: skip
    useful.sort(key=lambda f: -f.distinct)
    found = []
    for one, other in combinations(useful[:PAIRED], 2):
        if one.distinct * other.distinct < 2 * table.rows:
            continue
        first, second = (name for name in table.columns if name in (one.name, other.name))
        found.append((first, second))
    return found


def repeated_rows(counts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """Rows whose value occurs more than once, from the counts of the present distinct values.

    >>> repeated_rows(np.array([1, 3, 1]))
    3
    """
    return int(counts[counts > 1].sum())
