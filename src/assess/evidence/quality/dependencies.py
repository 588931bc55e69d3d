"""Approximate functional dependencies: columns whose value nearly always follows from another's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assess.intake.record import Record

from .table import Table

SAMPLE = 8_000
"""Rows, evenly spread, on which a dependency must show before it is measured on all."""
MOST_ERROR = 0.05
"""Share of rows that may break a dependency (g3 of Kivinen and Mannila 1995) for it to be told."""
REPEATS = 2.0
"""Rows that each value of the determinant must have on average: a key determines everything."""

WIDE = 60
"""Columns that are tried against each other: the first so many that may take part."""

Codes = npt.NDArray[np.int32]


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


def find(table: Table) -> tuple[Dependency, ...]:
    """Find the approximate functional dependencies between two columns of a table.

    Columns that are constant, nearly a key, or empty take no part, nor those past the first `WIDE`. A dependency counts if at most
    `MOST_ERROR` of the rows break it and it removes at least half of the errors of guessing.

    Examples
    --------
    >>> import pandas as pd
    >>> from assess.evidence.quality.table import open_table
    >>> zips = pd.DataFrame({"zip": ["1", "2", "3"] * 40, "city": ["x", "y", "x"] * 39 + ["x", "y", "z"]})
    >>> [(d.determinant, d.dependent, d.breaking) for d in find(open_table(zips))]
    [('zip', 'city', 1)]
    """
    useful = [
        name for name in table.columns
        if 1 < table.column(name).distinct <= table.rows / REPEATS
    ][:WIDE]  # fmt: skip
    step = max(1, table.rows // SAMPLE)
    small = {name: _dense(table.column(name).codes[::step]) for name in useful}
    found = []
    for left in useful:
        for right in useful:
            if left == right or not _plausible(small[left], small[right]):
                continue
            dependency = _measured(table, left, right)
            if dependency is not None:
                found.append(dependency)
    return tuple(found)


def _plausible(left: Codes, right: Codes) -> bool:
    error, gain, _ = _strength(left, right, int(left.max()) + 1, int(right.max()) + 1)
    return error <= 2 * MOST_ERROR and gain >= 0.3


def _measured(table: Table, left: str, right: str) -> Dependency | None:
    one, other = table.column(left), table.column(right)
    error, gain, groups = _strength(one.codes, other.codes, one.distinct, other.distinct)
    if error > MOST_ERROR or gain < 0.5:
        return None
    return Dependency(
        determinant=left, dependent=right, error=round(error, 6), breaking=round(error * table.rows),
        groups=groups, gain=round(gain, 6),
    )  # fmt: skip


def _dense(codes: Codes) -> Codes:
    return np.unique(codes, return_inverse=True)[1].astype(np.int32)


def _strength(left: Codes, right: Codes, high: int, wide: int) -> tuple[float, float, int]:
    """g3 error, Goodman and Kruskal's lambda, and determinant values of two rows or more.

    Parameters
    ----------
    left, right
        Codes of the determinant and the dependent, shape (rows,).
    high, wide
        Codes that each has at most.
    """
    rows = len(left)
    keys = left * np.int64(wide) + right
    if wide * high <= max(4 * rows, 1 << 16):
        times = np.bincount(keys)
        pairs = np.flatnonzero(times)
        times = times[pairs]
    else:
        pairs, times = np.unique(keys, return_counts=True)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(pairs // wide) > 0]))
    largest = np.maximum.reduceat(times, starts)
    sizes = np.add.reduceat(times, starts)
    wrong = rows - int(largest.sum())
    guess = rows - int(np.bincount(pairs % wide, times).max())
    return wrong / rows, 1 - wrong / guess if guess else 0.0, int((sizes > 1).sum())
