"""The hybrid answer as an exact optimisation: which styles to adopt, and which integration uses which.

Minimise ``sum of F_p over adopted p + sum over i of min c_ip over adopted, feasible p +
coordination * (adopted - 1)``: an uncapacitated facility location problem, solved by enumerating
every set of styles (at most 2^6). Pure functions of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

UNSERVED = -1
"""Index of the style of an integration for which none is feasible."""


@dataclass(frozen=True)
class Choice:
    """A set of styles and the style of each integration.

    Parameters
    ----------
    styles
        Columns of the adopted styles, ascending. A style that no integration uses is never adopted.
    assigned
        Shape (integrations,): column of each integration's style, `UNSERVED` where none is feasible.
    cost
        Total: variable + fixed + coordination.
    """

    styles: tuple[int, ...]
    assigned: Indices
    cost: float
    variable: float
    fixed: float
    coordination: float


def choose(variable: Numbers, feasible: Flags, fixed: Numbers, coordination: float = 0.0) -> Choice:
    """Return the cheapest set of styles, by exact enumeration.

    Parameters
    ----------
    variable
        Shape (integrations, styles): expected cost of each integration in each style.
    feasible
        Same shape: whether the style passes the hard constraints.
    fixed
        Shape (styles,): cost of adopting a style at all.
    coordination
        Cost of each adopted style beyond the first.

    Raises
    ------
    ValueError
        If shapes disagree, there are more than 6 styles, or a needed number is negative or not finite.

    Examples
    --------
    >>> best = choose(np.array([[1.0, 6.0], [9.0, 2.0]]), np.ones((2, 2), bool), np.array([3.0, 4.0]), 1.0)
    >>> best.styles, best.assigned.tolist(), best.cost
    ((0, 1), [0, 1], 11.0)
    """
    return sets(variable, feasible, fixed, coordination)[0]


def sets(variable: Numbers, feasible: Flags, fixed: Numbers, coordination: float = 0.0) -> tuple[Choice, ...]:
    """Return every set of styles that serves all servable integrations and uses all it adopts, cheapest first.

    Equal costs are ordered by fewer styles, then by the styles' order. Parameters and errors as in `choose`.
    """
    _check(variable, feasible, fixed, coordination)
    masks = _masks(variable.shape[1])
    cost = np.where(feasible, variable, np.inf)
    servable: Flags = np.asarray(feasible.any(axis=1))
    choices = []
    for mask in masks:
        served = (feasible & mask).any(axis=1)
        if not np.array_equal(served, servable):
            continue
        choice = _commit(np.where(mask, cost, np.inf), servable, fixed, coordination)
        if len(choice.styles) == int(mask.sum()):
            choices.append(choice)
    return tuple(sorted(choices, key=lambda c: (c.cost, len(c.styles), c.styles)))


def front(
    variable: Numbers, feasible: Flags, fixed: Numbers, fit: Numbers, coordination: float = 0.0
) -> tuple[tuple[tuple[int, ...], float, float], ...]:
    """Return the supported Pareto front of cost (least) against mean fit (most), cheapest first.

    For each set of styles the cheapest assignment is improved in fit step by step, the step that
    buys most fit for its money first (the linear relaxation of the multiple-choice knapsack
    problem, Sinha & Zoltners 1979), so each point is optimal for some exchange rate between money
    and fit. Points that another set of styles dominates are dropped.

    Returns
    -------
    tuple
        ``(styles, cost, mean fit)`` of each point.
    """
    servable = feasible.any(axis=1)
    if not servable.any():
        return ()
    points: list[tuple[float, float, tuple[int, ...]]] = []
    for mask in _masks(variable.shape[1]):
        allowed = feasible & mask
        if not np.array_equal(allowed.any(axis=1), servable):
            continue
        styles = tuple(int(p) for p in np.flatnonzero(mask))
        base = float(fixed[mask].sum()) + coordination * (len(styles) - 1)
        for spent, gained in _frontier(variable[servable], allowed[servable], fit[servable]):
            points.append((base + spent, gained / float(servable.sum()), styles))
    return tuple((styles, cost, mean) for cost, mean, styles in _undominated(points))


def _check(variable: Numbers, feasible: Flags, fixed: Numbers, coordination: float) -> None:
    if variable.ndim != 2 or variable.shape != feasible.shape or fixed.shape != variable.shape[1:]:
        raise ValueError("variable and feasible must be integrations x styles, and fixed one number a style")
    if variable.shape[1] > 6:
        raise ValueError(f"at most 6 styles can be enumerated, not {variable.shape[1]}")
    needed = np.concatenate([variable[feasible], fixed, [coordination]])
    if not np.isfinite(needed).all() or (fixed < 0).any() or coordination < 0:
        raise ValueError("costs must be finite, fixed and coordination cost not negative")


def _masks(styles: int) -> Flags:
    """Every set of styles, shape (2^styles, styles)."""
    numbers = np.arange(2**styles)
    return np.asarray((numbers[:, None] >> np.arange(styles)) & 1 == 1, dtype=np.bool_)


def _commit(cost: Numbers, servable: Flags, fixed: Numbers, coordination: float) -> Choice:
    assigned = np.where(servable, cost.argmin(axis=1), UNSERVED)
    used = np.unique(assigned[servable])
    variable = float(cost[servable, assigned[servable]].sum())
    platform = float(fixed[used].sum())
    extra = coordination * max(len(used) - 1, 0)
    return Choice(
        tuple(int(p) for p in used), assigned, variable + platform + extra, variable, platform, extra
    )


def _frontier(cost: Numbers, allowed: Flags, fit: Numbers) -> list[tuple[float, float]]:
    """Total cost and total fit after each step from the cheapest assignment to the best fitting one."""
    spent = gained = 0.0
    steps: list[tuple[float, float, float]] = []
    for i in range(len(cost)):
        hull = _hull([(float(cost[i, p]), float(fit[i, p])) for p in np.flatnonzero(allowed[i])])
        spent += hull[0][0]
        gained += hull[0][1]
        steps += [((c1 - c0) / (f1 - f0), c1 - c0, f1 - f0) for (c0, f0), (c1, f1) in pairwise(hull)]
    totals = [(spent, gained)]
    for _, more_cost, more_fit in sorted(steps):
        spent += more_cost
        gained += more_fit
        totals.append((spent, gained))
    return totals


def _hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Cheapest point first, then the points at which more fit is bought at rising prices."""
    hull: list[tuple[float, float]] = []
    for cost, fit in sorted(points, key=lambda point: (point[0], -point[1])):
        if hull and fit <= hull[-1][1]:
            continue
        while len(hull) > 1 and _slope(hull[-2], hull[-1]) >= _slope(hull[-1], (cost, fit)):
            hull.pop()
        hull.append((cost, fit))
    return hull


def _slope(a: tuple[float, float], b: tuple[float, float]) -> float:
    return (b[0] - a[0]) / (b[1] - a[1])


def _undominated(
    points: list[tuple[float, float, tuple[int, ...]]],
) -> list[tuple[float, float, tuple[int, ...]]]:
    kept: list[tuple[float, float, tuple[int, ...]]] = []
    for point in sorted(points, key=lambda p: (p[0], -p[1], len(p[2]), p[2])):
        if not kept or point[1] > kept[-1][1] + 1e-12:
            kept.append(point)
    return kept
