"""Numbers that don't belong: too far out, of foreign precision, or text among numbers.

Distances are robust: from the quartile outwards, in units of the distance from the median to that
quartile, on the scale (plain or logarithmic) on which the middle half is more symmetric. Up to a quarter
of wrong values on one side doesn't move it.
"""

from __future__ import annotations

import re

import numpy as np

from .evidence import Evidence
from .view import Floats, Ints, Mask, View

DECIMALS = re.compile(r"\.(\d*?)0*$")
LEAST = 0.5
"""Share of numbers from which a column is judged as one of numbers."""
FARTHEST = 200.0
MOST_ALIKE = 20.0
"""Rows with the same number from which it is no single mistake, however large the table."""
EXTREME, EXTREME_GAP = 3.0, 4.0
"""log(1 + distance), on the scale where it is less, and log(1 + empty stretch) of a number beyond doubt."""
COMMON = 0.02
"""Share of rows from which a number is no single mistake."""


def judge(view: View, evidence: Evidence) -> None:
    """Judge the numbers of one column."""
    if view.numeric < LEAST or view.filled < 8:
        return
    numbers, counts = view.numbers, view.weights
    real = ~np.isnan(numbers)
    foreign = ~real & ~view.blank & ~view.disguised
    evidence.say(view.position, "foreign", np.where(foreign, view.numeric, 0.0))
    if real.sum() < 2:
        return
    x, n = numbers[real], counts[real].astype(np.float64)
    far = np.zeros(len(numbers))
    far[real] = distance(x, n)
    spread = _spread(numbers, counts, real)
    # a number that many rows hold is a code or a category, however far it lies
    single = counts < max(3.0, min(COMMON * view.filled, MOST_ALIKE))
    nearest = np.minimum(far, spread) * single
    evidence.say(view.position, "far", np.log1p(np.minimum(nearest, FARTHEST)))
    evidence.say(view.position, "far_log", np.log1p(np.minimum(spread * single, FARTHEST)))
    evidence.say(view.position, "far_both", both_sides(x, n, nearest[real], real))
    evidence.say(view.position, "precise", precision(view, real))
    evidence.say(view.position, "among_default", beside_default(numbers, counts, real) * single)
    gaps = gap(numbers, counts, real) * single
    evidence.say(view.position, "gap", gaps)
    extreme = (np.log1p(nearest) >= EXTREME) & (gaps >= EXTREME_GAP)
    few = float(counts[extreme].sum()) <= max(2.0, COMMON * view.filled)
    evidence.say(view.position, "extreme", np.where(extreme & few, 1.0, 0.0))


def quantiles(x: Floats, n: Floats, at: tuple[float, ...]) -> list[float]:
    """Weighted quantiles (inverse of the distribution function)."""
    order = np.argsort(x, kind="stable")
    share = np.cumsum(n[order]) / n.sum()
    return [float(x[order][min(int(np.searchsorted(share, q)), len(x) - 1)]) for q in at]


def distance(x: Floats, n: Floats) -> Floats:
    """Robust distance beyond the quartiles, 0 between them, shape (d,)."""
    low, mid, high = quantiles(x, n, (0.25, 0.5, 0.75))
    floor = max(abs(mid) * 1e-3, (high - low) / 4, 1e-9)
    up = (x - high) / max(high - mid, floor)
    down = (low - x) / max(mid - low, floor)
    return np.maximum(np.maximum(up, down), 0)


def both_sides(x: Floats, n: Floats, far: Floats, real: Mask) -> Floats:
    """Distance on either scale, weighted by how balanced the far numbers are above and below.

    Tails of amounts lie on one side, and shrink on the logarithmic scale; wrong numbers don't.
    """
    out = np.zeros(len(real))
    middle = quantiles(x, n, (0.5,))[0]
    above = float(n[(far > 4) & (x > middle)].sum())
    below = float(n[(far > 4) & (x < middle)].sum())
    balance = min(above, below) / max(above, below, 1.0)
    out[real] = np.log1p(np.minimum(far, FARTHEST)) * (0.3 + 0.7 * balance)
    return out


def _spread(numbers: Floats, counts: Ints, real: Mask) -> Floats:
    """The same distance of the logarithms of positive numbers, the plain one if not all are positive."""
    out = np.zeros(len(numbers))
    x, n = numbers[real], counts[real].astype(np.float64)
    out[real] = distance(np.log(x) if x.min() > 0 else np.sign(x) * np.log1p(np.abs(x)), n)
    return out


def gap(numbers: Floats, counts: Ints, real: Mask) -> Floats:
    """How wide the emptiest stretch is between a number and the middle, against the quartile range."""
    out = np.zeros(len(numbers))
    x, n = numbers[real], counts[real].astype(np.float64)
    low, mid, high = quantiles(x, n, (0.25, 0.5, 0.75))
    order = np.argsort(x, kind="stable")
    step = np.diff(x[order], prepend=x[order][0]) / max(high - low, abs(mid) * 1e-3, 1e-9)
    inner = x[order] >= mid
    widest = np.where(inner, np.maximum.accumulate(np.where(inner, step, 0)), 0)
    back = np.r_[step[1:], 0.0]
    widest_down = np.maximum.accumulate(np.where(~inner, back, 0)[::-1])[::-1]
    beyond = (x[order] > high) | (x[order] < low)
    ranked = np.where(inner, widest, widest_down) * beyond
    result = np.zeros(len(x))
    result[order] = np.log1p(np.minimum(ranked, FARTHEST))
    out[real] = result
    return out


def precision(view: View, real: Mask) -> Floats:
    """More decimals than nearly all other numbers have: minus log of the share with as many."""
    digits = np.array([_decimals(t) if r else 0 for t, r in zip(view.plain, real, strict=True)])
    n = np.where(real, view.weights, 0).astype(np.float64)
    share = np.bincount(digits, n) / n.sum()
    at_least = np.cumsum(share[::-1])[::-1][digits]
    usual = int(np.searchsorted(np.cumsum(share), 0.7))
    more = (digits > usual) & real
    return np.where(more, -np.log(np.maximum(at_least, 1e-6)) * np.minimum(digits - usual, 6) / 6, 0.0)


def _decimals(text: str) -> int:
    found = DECIMALS.search(text)
    return min(len(found[1]), 30) if found else 0


def beside_default(numbers: Floats, counts: Ints, real: Mask) -> Floats:
    """Scattered numbers around one value that nearly all rows hold.

    A value that is both dominant and in the middle of the others is a constant with wrong cells; one at
    their edge (0 of amounts) is a default. Signal: dominant share times how central it is.
    """
    n = np.where(real, counts, 0)
    top = int(n.argmax())
    share = n[top] / n.sum()
    others = real.copy()
    others[top] = False
    if share < 0.5 or not others.any():
        return np.zeros(len(numbers))
    below = float(n[others & (numbers < numbers[top])].sum() / n[others].sum())
    central = 2 * min(below, 1 - below)
    own = n / n.sum()
    return np.where(others, share * (0.1 + central) * (own < 0.05), 0.0)
