"""Chances without random numbers: how surely a style ranks first, and what a beta-PERT quantity stays below.

Pure functions: shares of the weight simplex over a value matrix (criteria x styles) on fixed anchors, the smallest change
of weights that flips a rank, and probabilities of beta-PERT latency floors, peaks and capacities.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from assess.core.estimate import Estimate, pert_shape
from assess.decisions.cost.distributions import pert_quantile

Numbers = NDArray[np.float64]

TIE = 1e-12
"""Scores closer than this are equal."""


def scores(values: Numbers, weights: Numbers) -> Numbers:
    """Return ``S_p = sum_k w_k v_kp``: the additive value model (Keeney & Raiffa 1976, ch. 3).

    Parameters
    ----------
    values
        Shape (criteria, styles), from 0 to 1 on fixed anchors.
    weights
        Shape (criteria,) or (draws, criteria), each summing to 1.

    Returns
    -------
    numpy.ndarray
        Shape (styles,) or (draws, styles).

    Examples
    --------
    >>> scores(np.array([[1.0, 0.0], [0.0, 0.5]]), np.array([0.4, 0.6])).tolist()
    [0.4, 0.3]
    """
    return np.asarray(weights @ values, dtype=np.float64)


def around(weights: Numbers, concentration: float, draws: int, rng: np.random.Generator) -> Numbers:
    """Return Dirichlet draws with mean ``weights``, shape (draws, criteria).

    The standard deviation of weight ``w`` is ``sqrt(w (1 - w) / (concentration + 1))``. A criterion
    of weight zero stays at zero.
    """
    drawn = np.zeros((draws, len(weights)))
    used = weights > 0
    drawn[:, used] = rng.dirichlet(concentration * weights[used], draws)
    return drawn


def anywhere(criteria: int, draws: int, rng: np.random.Generator) -> Numbers:
    """Return weights drawn uniformly from the whole simplex, shape (draws, criteria)."""
    return rng.dirichlet(np.ones(criteria), draws)


def first_shares(values: Numbers, weights: Numbers) -> Numbers:
    """Return the share of the weight vectors in which each style ranks first; ties are shared equally.

    The rank-1 acceptability index of SMAA (Lahdelma & Salminen 2001).

    Parameters
    ----------
    values
        Shape (criteria, styles).
    weights
        Shape (draws, criteria).

    Returns
    -------
    numpy.ndarray
        Shape (styles,), summing to 1.
    """
    totals = scores(values, weights)
    first = totals >= totals.max(axis=1, keepdims=True) - TIE
    return np.asarray((first / first.sum(axis=1, keepdims=True)).mean(axis=0), dtype=np.float64)


def nearest_tie(difference: Numbers, weights: Numbers) -> tuple[float, Numbers] | None:
    """Return the smallest movement of weight that closes a gap, and the weights after it.

    Minimises half the L1 distance between weight vectors subject to a gap of zero. Weight goes to the criterion
    that favours the winner least, from those that favour it most: the greedy solution of that linear
    programme, exact because each unit of weight moved away from k gains ``difference_k - min``.

    Parameters
    ----------
    difference
        Shape (criteria,): ``v_k(winner) - v_k(rival)``.
    weights
        Shape (criteria,), summing to 1, with ``difference @ weights >= 0``.

    Returns
    -------
    tuple or None
        Share of the weight that moves and the new weights; None where the winner is at
        least as good on every criterion and no weights can do it.
    """
    gap = float(difference @ weights)
    sink = int(difference.argmin())
    if gap <= TIE:
        return 0.0, weights.copy()
    if difference[sink] > 0:
        return None
    changed = weights.copy()
    moved = 0.0
    for k in np.argsort(-difference, kind="stable"):
        gain = float(difference[k] - difference[sink])
        if gap <= TIE or gain <= TIE:
            break
        step = min(float(weights[k]), gap / gain)
        changed[k] -= step
        changed[sink] += step
        moved += step
        gap -= step * gain
    return moved, changed


def single_weight(difference: Numbers, weights: Numbers) -> tuple[int, float] | None:
    """Return the criterion whose weight alone closes the gap with the least change, and that weight.

    The other weights keep their proportions: ``t d_k + (1 - t) sum_{j != k} w_j d_j / (1 - w_k) = 0``.
    None where no single weight in [0, 1] does.
    """
    found: list[tuple[float, int, float]] = []
    for k, weight in enumerate(weights):
        if weight >= 1:
            continue
        rest = float(difference @ weights - difference[k] * weight) / (1 - float(weight))
        if abs(rest - difference[k]) <= TIE:
            continue
        needed = rest / (rest - float(difference[k]))
        if 0 <= needed <= 1:
            found.append((abs(needed - float(weight)), k, needed))
    return min(found)[1:] if found else None


def chance_below(estimate: Estimate, x: float) -> float:
    """Return P(X <= x) of the beta-PERT distribution of an estimate (shape 4, Malcolm et al. 1959).

    >>> chance_below(Estimate(low=0, likely=5, high=10), 5)
    0.5
    """
    if estimate.certain:
        return float(estimate.low <= x)
    a, b = pert_shape(*estimate.interval)
    return float(betainc(a, b, np.clip((x - estimate.low) / (estimate.high - estimate.low), 0.0, 1.0)))


def quantile(estimate: Estimate, p: float) -> float:
    """Return the p-quantile of the beta-PERT distribution of an estimate."""
    return _quantile(p, *estimate.interval)


@lru_cache(maxsize=16_384)
def _quantile(p: float, low: float, likely: float, high: float) -> float:
    return float(pert_quantile(p, low, likely, high))


def carries(capacity: Estimate, peak: tuple[Estimate, ...]) -> float:
    """Return P(peak <= capacity), the peak being the product of independent PERT estimates.

    Computed on the grid of the factors' mid-point quantiles (32 each): no random numbers.
    """
    return _carries(capacity.interval, tuple(factor.interval for factor in peak))


@lru_cache(maxsize=16_384)
def _carries(capacity: tuple[float, float, float], peak: tuple[tuple[float, float, float], ...]) -> float:
    """The same of the three points of each estimate: many integrations ask the same of the same style."""
    load = np.ones(1)
    for factor in peak:
        load = np.outer(load, _middles(*factor)).ravel()
    low, _, high = capacity
    if low == high:
        return float((load <= low).mean())
    a, b = pert_shape(*capacity)
    at = np.clip((load - low) / (high - low), 0.0, 1.0)
    return float(1 - betainc(a, b, at).mean())


@lru_cache(maxsize=4096)
def _middles(low: float, likely: float, high: float) -> NDArray[np.float64]:
    """Return 32 mid-point quantiles of a PERT distribution; one where it is certain."""
    return np.array([low]) if low == high else pert_quantile((np.arange(32) + 0.5) / 32, low, likely, high)
