"""How sure it is that a strange value is wrong: more of its kind in the source than the target's own rows predict.

Every check gives a score to the values of the source, and the same score to every value of the
target *as if its own row had not been seen*. The target's scores are the empirical null: they say
how often a right value looks that strange. What exceeds this is wrong. This is the target-decoy
estimate of proteomics (Elias & Gygi, Nature Methods 4, 2007) and the local false discovery rate of
Efron (2010) with the target's rows, left out one at a time, as the null; for "a value never seen"
it is Good and Turing's estimate of the unseen mass (Good, Biometrika 40, 1953).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

CERTAIN = 0.99
"""Highest confidence: no statistic proves a value wrong."""

FLOOR = 0.15
"""Pseudo-count of a closed column, in which no value of the target stands alone: right surprises that
may still come (less than Jeffreys' 1/2, because not even pairs of rare values were seen)."""

OPEN = 0.5
"""Pseudo-count added (Jeffreys) where the target has rare values of the kind."""

CAUTION = 0.7
"""Standard errors of the null's count that are added to it."""


def posterior(found: Floats, null: Floats, rare: float, source_rows: int, target_rows: int) -> Floats:
    """Return the share of found cells that the null does not explain.

    Parameters
    ----------
    found
        Cells of the source at a score or above, shape (n,).
    null
        Cells of the target at that score or above when left out, shape (n,).
    rare
        Values of the target that nearly count (seen in one other row): whether the kind is open.
    source_rows, target_rows
        Rows of both sides.

    Returns
    -------
    ndarray
        ``1 - expected / found``, from 0 to `CERTAIN`, where ``expected`` is the null's count with its
        pseudo-count and `CAUTION` standard errors of a Poisson count, scaled to the source's rows.
    """
    count = null + FLOOR + OPEN * ((null + rare) > 0) + CAUTION * np.sqrt(null)
    expected = count * source_rows / max(target_rows, 1)
    return np.clip(1 - expected / np.maximum(found, 1e-9), 0, CERTAIN)


def levels(
    source: Floats, source_counts: Counts, target: Floats, target_counts: Counts, rare: float = 0
) -> Floats:
    """Return how probably each value of the source is wrong, given a score of both sides.

    Parameters
    ----------
    source, target
        Scores of the distinct values, shapes (s,) and (t,); 0 is not suspicious, more is more.
    source_counts, target_counts
        Rows of each value.
    rare
        See `posterior`.

    Returns
    -------
    ndarray
        Shape (s,), non-decreasing in the score: the lower of the tail's posterior and the local one
        (isotonic regression over the levels).
    """
    steps = np.unique(source[source > 0])
    made = np.zeros(len(source))
    if not len(steps):
        return made
    source_rows, target_rows = int(source_counts.sum()), int(target_counts.sum())
    found, null = _above(source, source_counts, steps), _above(target, target_counts, steps)
    tail = np.maximum.accumulate(posterior(found, null, rare, source_rows, target_rows))
    here, expected = _differences(found), _differences(null) * source_rows / max(target_rows, 1)
    local = isotonic(np.clip(1 - expected / here, -5, 1), here)
    sure = np.clip(np.minimum(tail, local), 0, CERTAIN)
    marked = source > 0
    made[marked] = sure[np.searchsorted(steps, source[marked])]
    return made


def _above(scores: Floats, counts: Counts, steps: Floats) -> Floats:
    """Rows with a score of at least each step."""
    order = np.argsort(scores, kind="stable")
    rows = np.concatenate([np.cumsum(counts[order][::-1])[::-1], [0]])
    return rows[np.searchsorted(scores[order], steps, side="left")].astype(np.float64)


def _differences(above: Floats) -> Floats:
    return -np.diff(np.append(above, 0.0))


def isotonic(values: Floats, weights: Floats) -> Floats:
    """Return the non-decreasing sequence nearest to values in weighted squares (pool adjacent violators).

    >>> isotonic(np.array([0.0, 0.6, 0.2, 1.0]), np.ones(4)).tolist()
    [0.0, 0.4, 0.4, 1.0]
    """
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        block = (value, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, mass, size = blocks.pop()
            total = mass + block[1]
            block = ((mean * mass + block[0] * block[1]) / total, total, size + block[2])
        blocks.append(block)
    return np.concatenate([np.full(size, mean) for mean, _, size in blocks]) if blocks else np.empty(0)


def tail_share(scores: Floats, counts: Counts, at: Floats) -> Floats:
    """Return the share of rows expected at or above a score beyond those seen, by a Pareto tail.

    Parameters
    ----------
    scores, counts
        Scores of the target's values (non-negative) and their rows.
    at
        Scores asked for, shape (n,).

    Notes
    -----
    Hill's estimate (Annals of Statistics 3, 1975) over the top 5 % of the rows (at least 5), its index
    widened by its standard error; a heavy tail is assumed, so that what is called far off is far off.
    """
    order = np.argsort(-scores, kind="stable")
    heavy = np.repeat(scores[order][:2000], counts[order][:2000])
    rows = int(counts.sum())
    top = min(max(5, rows // 20), len(heavy) - 1)
    if top < 1:
        return np.ones(len(at))
    shifted, asked = heavy[: top + 1] + 1, at + 1
    index = max(float(np.mean(np.log(shifted[:top] / shifted[top]))), 0.02) * (1 + 1 / np.sqrt(top))
    share = top / rows * (asked / shifted[top]) ** (-1 / index)
    return np.where(asked > shifted[top], share, 1.0)
