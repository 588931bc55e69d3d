"""Candidate keys: columns, alone or in pairs, that tell every row from every other."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from assess.intake.record import Record

from .facts import ColumnFacts
from .rows import fingerprints, repeated
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


def paired(table: Table, facts: tuple[ColumnFacts, ...]) -> tuple[Key, ...]:
    """Return pairs of columns that are a key together, where neither is one alone."""
    useful = [
        f for f in facts
        if f.present == f.rows and f.distinct > 1 and f.physical not in ("decimal", "timestamp")
    ]  # fmt: skip
    useful.sort(key=lambda f: -f.distinct)
    found = []
    for one, other in combinations(useful[:PAIRED], 2):
        if one.distinct * other.distinct < 2 * table.rows:
            continue
        pair = [name for name in table.columns if name in (one.name, other.name)]
        if not len(repeated(fingerprints(table, pair))[0]):
            found.append(Key(columns=tuple(pair), unique=1.0, repeated=0, empty=0))
    return tuple(found)


def repeated_rows(counts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """Rows whose value occurs more than once, from the counts of the present distinct values.

    >>> repeated_rows(np.array([1, 3, 1]))
    3
    """
    return int(counts[counts > 1].sum())
