"""Fit: rank every integration's styles, draw the robustness, choose the portfolio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assess.core.record import Record
from assess.intake.engagement import Engagement, Integration, Style

from . import portfolio as optimum
from .criteria import KEYS, STYLES, value_tables, weights
from .findings import facts, findings, missing
from .flips import input_flip, weight_flip
from .ranking import Ranked, margin, rank, settled, style_fit
from .result import Adoption, Framework, IntegrationFit, Portfolio
from .robustness import anywhere, around, first_shares

Numbers = NDArray[np.float64]

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
    choices = optimum.sets(variable, usable, fixed, costs.coordination)
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


def _mean_fit(choice: optimum.Choice, score: Numbers) -> float | None:
    served = choice.assigned >= 0
    return float(score[served, choice.assigned[served]].mean()) if served.any() else None


def _front(
    variable: Numbers, usable: NDArray[np.bool_], fixed: Numbers, score: Numbers, coordination: float
) -> tuple[Adoption, ...]:
    points = optimum.front(variable, usable, fixed, score, coordination)
    kept = sorted({round(n) for n in np.linspace(0, len(points) - 1, min(SHOWN, len(points)))})
    return tuple(Adoption(styles=_names(points[n][0]), cost=points[n][1], fit=points[n][2]) for n in kept)
