"""The what-if of the weights: every integration's best style, its lead and the smallest change that turns it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from assess.core.formula_evaluation import Form
from assess.core.grids import Floats
from assess.decisions.framework import Framework, IntegrationFit
from assess.decisions.framework.criteria import CRITERIA, KEYS, SKILL_LABEL
from assess.decisions.framework.probability import around, first_shares
from assess.intake.engagement.landscape import Style

from . import Array, Deeper, FormulaStep, Output, Slider, WhatIf

HIGHEST = 100.0
"""Points of a criterion to which its slider goes at least."""

NEAR = Output(name="near", label="First near these weights", unit="share")
"""Shown where the framework itself can be asked: it draws weights around the sliders' (see `near`)."""

NOTE = (
    "Exact for these weights: only the shares of the criteria count, not their sum. Which styles are feasible does not "
    "depend on weights, nor does the share of all weightings in which a style is first. What is decided rests on cost, too, and stays."
)


def what_if(
    result: Framework, points: Mapping[str, float], styles: Mapping[Style, str], chosen: Mapping[str, Style]
) -> WhatIf:
    """Return the what-if of the weights.

    Parameters
    ----------
    points
        Swing weight of each criterion, as the engagement states it.
    styles
        Words for the styles.
    chosen
        Style of each integration as decided.

    Raises
    ------
    ValueError
        If no integration has a style to choose.
    """
    fits = served(result)
    if not fits:
        raise ValueError("weights choose between styles only where one is feasible")
    order = sorted(styles)
    return WhatIf(
        title="What if the criteria had other weights?",
        sliders=tuple(_slider(key, points[key]) for key in KEYS),
        axes={
            "integration": tuple(fit.label for fit in fits),
            "criterion": KEYS,
            "other": KEYS,
            "style": tuple(styles[style] for style in order),
        },
        constants=_constants(fits, order, chosen),
        formulas=tuple(FormulaStep(name=name, formula=formula) for name, formula in formulas().items()),
        outputs=(
            Output(name="best", label="Best style", words="style"),
            Output(name="fit", label="Fit"),
            Output(name="lead", label="Lead"),
            Output(name="anywhere", label="First in all weightings", unit="share"),
            Output(name="flip", label="Turns if this weight moves", unit="share"),
            Output(name="turns_to", label="Then", words="style"),
            Output(name="portfolio_fit", label="Mean fit of what is decided"),
            Output(name="agreeing", label="Integrations that get their best style"),
            Output(
                name="changed",
                label="Integrations whose best style is another than with the report's weights",
            ),
        ),
        note=NOTE,
    )


def served(result: Framework) -> tuple[IntegrationFit, ...]:
    """Return the integrations that have a style to choose."""
    return tuple(fit for fit in result.integrations if fit.winner is not None)


def near(result: Framework, concentration: float) -> Deeper:
    """Return the share of weightings near the sliders' in which each best style is first, as the framework draws it.

    Parameters
    ----------
    concentration
        Of the weights that are drawn, as in the assumption ``framework.concentration``.
    """
    fits = served(result)
    tables = [
        np.array([[term.value for term in fit.style(s).terms] for s in fit.candidates]).T for fit in fits
    ]

    def shares(values: Mapping[str, float]) -> tuple[Floats, ...]:
        weights = np.array([values[key] for key in KEYS])
        if weights.sum() <= 0:
            return (np.full(len(fits), np.nan),)
        weights = weights / weights.sum()
        drawn = around(weights, concentration, result.draws, np.random.default_rng([result.seed, 1]))
        found = []
        for fit, table in zip(fits, tables, strict=True):
            scores = np.round(weights @ table, 12)
            best = min(range(len(scores)), key=lambda n: (-scores[n], fit.candidates[n]))
            found.append(float(first_shares(table, drawn)[best]))
        return (np.array(found),)

    return Deeper((NEAR,), shares)


def _slider(key: str, value: float) -> Slider:
    label = next((c.label for c in CRITERIA if c.key == key), SKILL_LABEL)
    return Slider(
        id=key, label=label, value=value, low=0.0, high=max(HIGHEST, value), step=1.0, unit="points"
    )


def _constants(
    fits: Sequence[IntegrationFit], order: Sequence[Style], chosen: Mapping[str, Style]
) -> dict[str, Array]:
    number = {style: place + 1.0 for place, style in enumerate(order)}
    return {
        "value": Array(
            axes=("integration", "style", "criterion"),
            values=tuple(term.value for fit in fits for style in order for term in fit.style(style).terms),
        ),
        "competes": Array(
            axes=("integration", "style"),
            values=tuple(float(style in fit.candidates) for fit in fits for style in order),
        ),
        "share": Array(
            axes=("integration", "style"),
            values=tuple(fit.shares_simplex.get(style, 0.0) for fit in fits for style in order),
        ),
        "assigned": Array(
            axes=("integration",),
            values=tuple(number[chosen[f.integration]] if f.integration in chosen else 0.0 for f in fits),
        ),
        "best_now": Array(axes=("integration",), values=tuple(number[f.winner] for f in fits if f.winner)),
    }


def _same(one: Form, other: Form) -> Form:
    return ["*", ["<=", one, other], ["<=", other, one]]


def formulas() -> dict[str, Form]:
    """Return the framework's ranking as formulas, in the order of evaluation (docs/method/framework.md).

    The smallest movement of weight ``m`` that closes the gap between two styles is a linear programme,
    ``min sum x_k`` subject to ``sum x_k g_k >= gap`` and ``0 <= x_k <= w_k``, where ``g_k`` is what a unit of
    weight gains when it moves from criterion ``k`` to the one that favours the best style least. Its dual,
    ``max over j of gap / g_j - sum_k w_k max(0, g_k / g_j - 1)``, needs no sorting.
    """
    infinite: Form = ["/", 1, 0]
    rival = ["*", "competes", ["-", 1, "is_best"]]
    beyond = ["max", 0, ["-", ["/", "gain", "gain_other"], 1]]
    moved = ["-", ["/", "gap", "gain_other"], ["sum", "criterion", ["*", "weight", beyond]]]
    return {
        "points": ["list", "criterion", *KEYS],
        "weight": ["/", "points", ["max", 1e-12, ["sum", "criterion", "points"]]],
        "score": ["sum", "criterion", ["*", "weight", "value"]],
        "contest": ["if", "competes", ["/", ["floor", ["+", ["*", "score", 1e12], 0.5]], 1e12], -1],
        "best": ["which", "style", "contest"],
        "is_best": _same("best", ["number", "style"]),
        "fit": ["sum", "style", ["*", "is_best", "score"]],
        "rivals": rival,
        "next": ["most", "style", ["if", "rivals", "score", ["-", infinite]]],
        "lead": ["-", "fit", "next"],
        "anywhere": ["sum", "style", ["*", "is_best", "share"]],
        "ahead": ["-", ["sum", "style", ["*", "is_best", "value"]], "value"],
        "gap": ["-", "fit", "score"],
        "least_ahead": ["least", "criterion", "ahead"],
        "gain": ["-", "ahead", "least_ahead"],
        "gain_other": ["as", "criterion", "other", "gain"],
        "moved": ["most", "other", ["if", ["<", 1e-12, "gain_other"], moved, 0]],
        "turn": ["if", ["*", "rivals", ["<=", "least_ahead", 0]], "moved", infinite],
        "flip": ["least", "style", "turn"],
        "turns_to": ["if", ["<", "flip", infinite], ["which", "style", ["-", "turn"]], infinite],
        "uses": _same("assigned", ["number", "style"]),
        "portfolio_fit": [
            "/",
            ["sum", "integration", ["sum", "style", ["*", "uses", "score"]]],
            ["max", 1, ["sum", "integration", ["sum", "style", "uses"]]],
        ],
        "agreeing": ["sum", "integration", ["sum", "style", ["*", "uses", "is_best"]]],
        "changed": ["sum", "integration", ["-", 1, _same("best", "best_now")]],
    }
