"""Keys that repeat in the source, or name another record than in the target, where the target's are unique."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .excess import Floats, posterior
from .pair import Marks, Pair

UNIQUE = 0.98
"""Share of the target's rows with a value of their own, from which on a column is held for a key."""
FEWEST = 20
JOINING = 0.2
"""Share of joined rows beyond which a shared key is the rule and no defect."""
SAME = 0.5
"""Share of the other columns that agree where two rows are one record."""


def keys(pairs: Sequence[Pair]) -> list[int]:
    """Return the columns whose values are unique in the target."""
    return [
        i
        for i, pair in enumerate(pairs)
        if pair.target.rows >= FEWEST
        and pair.target.counts[(pair.target.counts == 1) & ~pair.target.blank].sum()
        >= UNIQUE * pair.target.rows
    ]


def judge(pairs: Sequence[Pair]) -> dict[int, Floats]:
    """Return for every key column how probably each row's key is wrong, shape (rows,)."""
    unique = keys(pairs)
    return {key: np.maximum(_repeated(pairs, unique, key), _borrowed(pairs, key)) for key in unique}


def _repeated(pairs: Sequence[Pair], unique: list[int], key: int) -> Floats:
    """Of k rows with one key at most one is right; a record that repeats as a whole is no wrong key."""
    side = pairs[key].source
    copies = np.where(side.blank, 1, side.counts)[side.codes]
    for other in unique:
        if other != key:
            copies = np.where(_together(side.codes, pairs[other].source.codes) > 1, 1, copies)
    return _share(pairs[key], copies > 1) * (1 - 1 / copies)


def _together(first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Rows that hold the same two values as each row."""
    both = first.astype(np.int64) << 32 | second
    _, place, rows = np.unique(both, return_inverse=True, return_counts=True)
    return np.asarray(rows[place], np.int64)


def _borrowed(pairs: Sequence[Pair], key: int) -> Floats:
    """The target holds the key for a record that differs in most columns."""
    place = pairs[key].place[pairs[key].source.codes]
    joined = (place >= 0) & ~pairs[key].source.blank[pairs[key].source.codes]
    if not joined.any() or joined.mean() > JOINING:
        return np.zeros(len(place))
    row = np.zeros(len(pairs[key].target.texts), np.int64)
    row[pairs[key].target.codes] = np.arange(pairs[key].target.rows)
    here, there = np.flatnonzero(joined), row[place[joined]]
    others = [pair for i, pair in enumerate(pairs) if i != key and len(pair.target.texts) > 1]
    same = [pair.place[pair.source.codes[here]] == pair.target.codes[there] for pair in others]
    if not same:
        return np.zeros(len(place))
    differs = np.zeros(len(place), bool)
    differs[here] = np.mean(same, axis=0) < SAME
    return _share(pairs[key], differs)


def _share(pair: Pair, found: Marks) -> Floats:
    """The posterior of rows that break uniqueness, against the target's own repetitions."""
    null = float(pair.target.counts[pair.target.counts > 1].sum())
    sure = posterior(np.array([float(found.sum())]), np.array([null]), 0, pair.source.rows, pair.target.rows)
    return np.where(found, sure[0], 0.0)
