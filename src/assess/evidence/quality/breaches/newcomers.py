"""Records that the target does not know: new in several columns at once, and consistently."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .pair import Marks, Pair

REPEATED = 0.2
"""Share of the target's rows whose value occurs again, from which on a column names an entity."""
PURE = 0.98


def newcomers(pairs: Sequence[Pair]) -> npt.NDArray[np.bool_]:
    """Mark the cells that belong to an entity that is new as a whole, shape (rows, columns).

    Two columns of the target that name each other one to one (a code and its name) are both new in the
    same rows of the source, and there they name each other again: that is a record which the target
    lacks, not a typing error.
    """
    rows = pairs[0].source.rows if pairs else 0
    marks = np.zeros((rows, len(pairs)), bool)
    naming = [i for i, pair in enumerate(pairs) if _names(pair) and pair.new.any()]
    for place, first in enumerate(naming):
        for second in naming[place + 1 :]:
            both = _both(pairs[first], pairs[second])
            marks[:, first] |= both
            marks[:, second] |= both
    return marks


def _names(pair: Pair) -> bool:
    """Whether a column has several values, most of which occur again."""
    again = pair.target.counts[pair.target.counts > 1].sum()
    return len(pair.target.texts) > 2 and bool(again >= REPEATED * pair.target.rows)


def _both(first: Pair, second: Pair) -> Marks:
    rows = first.new[first.source.codes] & second.new[second.source.codes]
    if not rows.any() or _purity(first.target.codes, second.target.codes) < PURE:
        return np.zeros(len(rows), bool)
    exclusive = _exclusive(first.source.codes, second.source.codes)
    return rows & exclusive


def _purity(first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> float:
    """Share of rows whose two values only occur together."""
    return float(_exclusive(first, second).mean()) if len(first) else 0.0


def _exclusive(first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> Marks:
    both = first.astype(np.int64) << 32 | second
    _, place, rows = np.unique(both, return_inverse=True, return_counts=True)
    together = rows[place]
    alone = (np.bincount(first)[first] == together) & (np.bincount(second)[second] == together)
    return np.asarray(alone)
