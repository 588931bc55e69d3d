"""Probabilities of beta-PERT distributed latency floors, peaks and capacities, without random numbers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

from assess.core.estimate import Estimate


def below(estimate: Estimate, x: float) -> float:
    """Return P(X <= x) of the beta-PERT distribution of an estimate (shape 4, Malcolm et al. 1959).

    >>> below(Estimate(low=0, likely=5, high=10), 5)
    0.5
    """
    if estimate.certain:
        return float(estimate.low <= x)
    a, b = _shape(estimate)
    return float(betainc(a, b, np.clip((x - estimate.low) / (estimate.high - estimate.low), 0.0, 1.0)))


def quantile(estimate: Estimate, p: float) -> float:
    """Return the p-quantile of the beta-PERT distribution of an estimate."""
    if estimate.certain:
        return estimate.low
    a, b = _shape(estimate)
    return float(estimate.low + (estimate.high - estimate.low) * betaincinv(a, b, p))


def _shape(estimate: Estimate) -> tuple[float, float]:
    width = estimate.high - estimate.low
    return (
        1 + 4 * (estimate.likely - estimate.low) / width,
        1 + 4 * (estimate.high - estimate.likely) / width,
    )


def carries(capacity: Estimate, peak: tuple[Estimate, ...]) -> float:
    """Return P(peak <= capacity), the peak being the product of independent PERT estimates.

    Computed on the grid of the factors' mid-point quantiles (32 each): no random numbers.
    """
    load = np.ones(1)
    for factor in peak:
        load = np.outer(load, _middles(factor.low, factor.likely, factor.high)).ravel()
    if capacity.certain:
        return float((load <= capacity.low).mean())
    a, b = _shape(capacity)
    at = np.clip((load - capacity.low) / (capacity.high - capacity.low), 0.0, 1.0)
    return float(1 - betainc(a, b, at).mean())


@lru_cache(maxsize=4096)
def _middles(low: float, likely: float, high: float) -> NDArray[np.float64]:
    """Return 32 mid-point quantiles of a PERT distribution; one where it is certain."""
    estimate = Estimate(low=low, likely=likely, high=high)
    if estimate.certain:
        return np.array([low])
    a, b = _shape(estimate)
    return np.asarray(low + (high - low) * betaincinv(a, b, (np.arange(32) + 0.5) / 32), dtype=np.float64)
