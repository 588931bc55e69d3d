"""Fit: rank every integration's styles, draw the robustness, choose the portfolio as an exact optimisation.

The hybrid answer as an exact optimisation: which styles to adopt, and which integration uses which.

Minimise ``sum of F_p over adopted p + sum over i of min c_ip over adopted, feasible p +
coordination * (adopted - 1)``: an uncapacitated facility location problem, solved by enumerating
every set of styles (at most 2^6). Pure functions of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assess.core.record import Record
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration, Style

from .criteria import KEYS, STYLES, value_tables, weights
from .findings import facts, findings, missing
from .probability import anywhere, around, first_shares
from .ranking import Ranked, input_flip, margin, rank, settled, style_fit, weight_flip
from .result import Adoption, Framework, IntegrationFit, Portfolio

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


DRAWS = 4_000
"""Weight vectors drawn for each robustness share: its standard error is at most 0.8 points."""

SHOWN = 60
"""Points of the Pareto front that are kept, evenly spread, the ends included."""


class StyleCosts(Record):
    """What the styles cost, in the engagement's currency and as present values over one horizon.

    Parameters
    ----------
    variable
        Integration id -> style -> expected cost of this integration in this style.
    fixed
        Style -> cost of adopting it at all.
    coordination
        Cost of each adopted style beyond the first.
    """

    variable: dict[str, dict[Style, float]]
    fixed: dict[Style, float]
    coordination: float = 0.0

    @classmethod
    def of(
        cls,
        variable: Mapping[tuple[str, Style], float],
        fixed: Mapping[Style, float],
        coordination: float = 0.0,
    ) -> StyleCosts:
        """Return the costs from a mapping of (integration id, style)."""
        nested: dict[str, dict[Style, float]] = {}
        for (integration, style), cost in variable.items():
            nested.setdefault(integration, {})[style] = cost
        return cls(variable=nested, fixed=dict(fixed), coordination=coordination)


def fit(
    engagement: Engagement, costs: StyleCosts | None = None, seed: int = 7, draws: int = DRAWS
) -> Framework:
    """Judge which integration style fits each integration, and which styles to adopt together.

    Parameters
    ----------
    engagement
        With measured values in place of stated ones where there are any.
    costs
        Expected costs; without them the assignment is each integration's own winner, and says so.
        A style of which an integration has no cost is not considered for it.
    seed
        Of the weight vectors drawn for the robustness shares.
    draws
        Number of weight vectors.

    Returns
    -------
    Framework
        Integrations in the engagement's order.

    Raises
    ------
    ValueError
        If the engagement's weights name unknown criteria, or costs are not finite numbers.
    """
    points, tables = weights(engagement), value_tables(engagement)
    concentration = engagement.assumptions["framework.concentration"].likely
    near = around(points, concentration, draws, np.random.default_rng([seed, 1]))
    everywhere = anywhere(len(points), draws, np.random.default_rng([seed, 2]))
    ranks = [rank(engagement, integration, points, tables) for integration in engagement.integrations]
    fits = tuple(_judge(ranked, near, everywhere) for ranked in ranks)
    chosen = by_fit(fits) if costs is None else by_cost(fits, costs)
    return Framework(
        weights={key: float(weight) for key, weight in zip(KEYS, points, strict=True)},
        integrations=fits,
        portfolio=chosen,
        draws=draws,
        seed=seed,
        notes=_notes(costs),
        findings=findings(engagement, fits, chosen),
        missing=missing(engagement, fits, chosen),
        facts=facts(engagement, fits, chosen),
    )


def _notes(costs: StyleCosts | None) -> tuple[str, ...]:
    if costs is None:
        return (
            "The assignment is by fit alone: no costs were given, so adopting a further style costs nothing here.",
        )
    return ()


def _judge(ranked: Ranked, near: Numbers, everywhere: Numbers) -> IntegrationFit:
    integration: Integration = ranked.integration
    candidates = ranked.candidates
    styles = tuple(style_fit(ranked, style) for style in ranked.order)
    columns = [ranked.column(style) for style in candidates]
    return IntegrationFit(
        integration=integration.id,
        label=integration.label,
        styles=styles,
        winner=candidates[0] if candidates else None,
        runner_up=candidates[1] if len(candidates) > 1 else None,
        margin=margin(ranked),
        settled=settled(ranked),
        shares_stated=_shares(ranked.values[:, columns], near, candidates),
        shares_simplex=_shares(ranked.values[:, columns], everywhere, candidates),
        weight_flip=weight_flip(ranked),
        input_flip=input_flip(ranked),
        would_have_to_change=() if candidates else _openings(ranked),
    )


def _shares(values: Numbers, drawn: Numbers, candidates: Sequence[Style]) -> dict[Style, float]:
    if not candidates:
        return {}
    return dict(zip(candidates, first_shares(values, drawn).tolist(), strict=True))


def _openings(ranked: Ranked) -> tuple[str, ...]:
    """What would make each excluded style feasible, fewest broken constraints first."""
    broken = {style: [c for c in ranked.checks[style] if c.passed is False] for style in STYLES}
    nearest = sorted(STYLES, key=lambda style: (len(broken[style]), STYLES.index(style)))
    return tuple(f"{style}: if {' and '.join(c.feasible_if for c in broken[style])}" for style in nearest)


def by_fit(fits: Sequence[IntegrationFit]) -> Portfolio:
    """Assign each integration its own winner."""
    assignment = {fit.integration: fit.winner for fit in fits if fit.winner is not None}
    means = [fit.style(fit.winner).score for fit in fits if fit.winner is not None]
    return Portfolio(
        basis="fit",
        styles=tuple(style for style in STYLES if style in assignment.values()),
        assignment=assignment,
        fit=float(np.mean(means)) if means else None,
        unserved=tuple(fit.integration for fit in fits if fit.winner is None),
    )


def by_cost(fits: Sequence[IntegrationFit], costs: StyleCosts) -> Portfolio:
    """Choose the styles and the assignment of least expected cost, and the front of cost against fit."""
    numbers = [costs.variable.get(fit.integration, {}) for fit in fits]
    variable = np.array([[row.get(style, np.inf) for style in STYLES] for row in numbers]).reshape(
        -1, len(STYLES)
    )
    fixed = np.array([costs.fixed.get(style, 0.0) for style in STYLES])
    allowed = np.array([[s in fit.candidates for s in STYLES] for fit in fits]).reshape(variable.shape)
    usable = allowed & np.isfinite(variable)
    score = np.array([[fit.style(s).score for s in STYLES] for fit in fits]).reshape(variable.shape)
    choices = sets(variable, usable, fixed, costs.coordination)
    best = choices[0]
    return Portfolio(
        basis="cost",
        styles=_names(best.styles),
        assignment={f.integration: STYLES[p] for f, p in zip(fits, best.assigned, strict=True) if p >= 0},
        fit=_mean_fit(best, score),
        cost=best.cost,
        variable=best.variable,
        fixed=best.fixed,
        coordination=best.coordination,
        unserved=tuple(f.integration for f, p in zip(fits, best.assigned, strict=True) if p < 0),
        alternatives=tuple(
            Adoption(styles=_names(c.styles), cost=c.cost, fit=_mean_fit(c, score) or 0.0)
            for c in choices[1:]
        ),
        front=_front(variable, usable, fixed, score, costs.coordination),
    )


def _names(columns: Sequence[int]) -> tuple[Style, ...]:
    return tuple(STYLES[p] for p in columns)


def _mean_fit(choice: Choice, score: Numbers) -> float | None:
    served = choice.assigned >= 0
    return float(score[served, choice.assigned[served]].mean()) if served.any() else None


def _front(
    variable: Numbers, usable: NDArray[np.bool_], fixed: Numbers, score: Numbers, coordination: float
) -> tuple[Adoption, ...]:
    points = front(variable, usable, fixed, score, coordination)
    kept = sorted({round(n) for n in np.linspace(0, len(points) - 1, min(SHOWN, len(points)))})
    return tuple(Adoption(styles=_names(points[n][0]), cost=points[n][1], fit=points[n][2]) for n in kept)
