"""What it is worth to know more before deciding: EVPI, EVPPI, the value of a pilot, regret and tails.

Costs are lower-is-better; every function takes them as shape ``(draws, options)``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from .regression import fitted

Floats = NDArray[np.float64]


def perfect_information(costs: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the EVPI: ``min_p E[C_p] - E[min_p C_p]`` (Raiffa and Schlaifer 1961).

    Parameters
    ----------
    costs
        Shape ``(states, options)``; payoffs enter with a minus sign.
    weights
        Probabilities of the states, shape ``(states,)``; equal where none are given.

    >>> perfect_information([[-200_000, -100_000, 0], [180_000, 20_000, 0]], [0.5, 0.5])
    60000.0
    """
    table = np.asarray(costs, dtype=np.float64)
    share = np.full(len(table), 1 / len(table)) if weights is None else np.asarray(weights, dtype=np.float64)
    return _worth(float(np.min(share @ table) - share @ np.min(table, axis=1)), table)


def partial_information(costs: Floats, features: Floats, *, resolved: float = 1.0) -> float:
    """Return the EVPPI of knowing ``features``: ``min_p E[C_p] - E[min_p E[C_p | X]]``.

    The conditional means are regressions of the cost differences on the features (Strong, Oakley and
    Brennan 2014), shrunk by their adjusted R2 so that noise is not taken for knowledge.

    Parameters
    ----------
    costs
        Shape ``(draws, options)``.
    features
        Shape ``(draws, features)``.
    resolved
        Share of the variance of the conditional means that a study resolves; below 1 the result is the
        EVSI in the moment-matching form of Jalal and Alarid-Escudero 2018.
    """
    if costs.shape[1] < 2:
        return 0.0
    reference = costs[:, :1]
    differences = costs[:, 1:] - reference
    means = differences.mean(axis=0)
    known = means + math.sqrt(resolved) * (fitted(differences, features) - means)
    table = np.column_stack([np.zeros(len(known)), known])
    return _worth(float(np.min(table.mean(axis=0)) - np.min(table, axis=1).mean()), table)


NOISE = 1e-12
"""Below this share of the largest amount, a difference of two means is the rounding of their sums."""


def _worth(value: float, amounts: Floats) -> float:
    """Return a value of information: never negative, and zero where it is the rounding of sums."""
    return value if value > NOISE * float(np.abs(amounts).max(initial=0.0)) else 0.0


def normal_linear_loss(mean: float, sd: float) -> float:
    """Return the expected opportunity loss of a normal difference of two options (Schlaifer 1959).

    ``sd phi(mean / sd) - |mean| Phi(-|mean| / sd)``: the EVPI where the difference of two costs is
    normal. Zero where there is no spread.

    >>> round(normal_linear_loss(0.5, 1), 4)
    0.1978
    """
    if sd == 0:
        return 0.0
    score = abs(mean) / sd
    density = math.exp(-score * score / 2) / math.sqrt(2 * math.pi)
    return float(sd * density - abs(mean) * ndtr(-score))


def cheapest_share(costs: Floats) -> Floats:
    """Return how often each option is the cheapest, shape ``(options,)``; ties are shared."""
    best = costs == costs.min(axis=1, keepdims=True)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def expected_regret(costs: Floats) -> Floats:
    """Return the mean of ``C_p - min_q C_q`` of each option, shape ``(options,)``.

    The smallest of them is the EVPI.
    """
    return np.asarray((costs - costs.min(axis=1, keepdims=True)).mean(axis=0))


def tail_mean(values: Floats, level: float = 0.95) -> float:
    """Return the CVaR: the mean of the worst ``1 - level`` of the values (Rockafellar and Uryasev 2000).

    The value at the edge counts with the part of it that lies in the tail.

    >>> tail_mean(np.arange(1.0, 11.0), 0.75)
    9.2
    """
    ordered = np.sort(values)[::-1]
    size = len(ordered) * (1 - level)
    whole = min(int(size + 1e-9), len(ordered) - 1)
    rest = size - whole
    return float((ordered[:whole].sum() + rest * ordered[whole]) / size)
