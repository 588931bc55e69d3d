"""Numbers far beyond those of the target."""

from __future__ import annotations

import numpy as np

from .excess import CERTAIN, Counts, Floats, tail_share
from .pair import Marks, Pair, spread

FEWEST = 8
"""Rows of the target below which no range is learned."""


def judge(pair: Pair, left: Marks) -> Floats:
    """Numbers outside the target's range, further than its tail explains."""
    made = np.zeros(len(pair.source.texts))
    if not pair.numeric:
        return made
    target, source = pair.target.read, pair.source.read
    known, asked = target.found & ~pair.target.blank, source.found & left
    made[asked] = beyond(
        target.worth[known], pair.target.counts[known],
        source.worth[asked], pair.source.counts[asked], pair.source.rows,
    )  # fmt: skip
    return made


def beyond(known: Floats, known_counts: Counts, asked: Floats, asked_counts: Counts, rows: int) -> Floats:
    """Return how probably numbers are wrong because they lie beyond the known ones.

    Parameters
    ----------
    known, known_counts
        Numbers of the target and their rows.
    asked, asked_counts
        Numbers of the source, new to the target, and their rows.
    rows
        All rows of the source.

    Returns
    -------
    ndarray
        ``1 - expected / found`` at or beyond each number: expected by the target's tail
        (`excess.tail_share`), doubled for what a fitted tail does not know; 0 within the known range.
    """
    made = np.zeros(len(asked))
    if known_counts.sum() < FEWEST or not len(asked):
        return made
    middle, scale = spread(known, known_counts)
    if scale <= 0:
        return made
    far, near = np.abs(asked - middle) / scale, np.abs(known - middle) / scale
    outside = far > near.max()
    order = np.argsort(far, kind="stable")
    found = np.empty(len(asked))
    found[order] = np.cumsum(asked_counts[order][::-1])[::-1]
    expected = 2 * rows * tail_share(near, known_counts, far)
    made[outside] = np.clip(1 - expected / np.maximum(found, 1), 0, CERTAIN)[outside]
    return made
