"""Fit: rank every integration's styles, and draw how robust the ranking is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLE_NAMES, Integration, Style

from .criteria import KEYS, STYLES, value_tables, weights
from .findings import facts, findings, missing
from .probability import anywhere, around, first_shares
from .ranking import Ranked, input_flip, margin, rank, settled, style_fit, weight_flip
from .result import Framework, IntegrationFit

Numbers = NDArray[np.float64]

DRAWS = 4_000
"""Weight vectors drawn for each robustness share: its standard error is at most 0.8 points."""


def fit(engagement: Engagement, seed: int = 7, draws: int = DRAWS) -> Framework:
    """Judge which integration style fits each integration; which is taken is the decision's to say.

    Parameters
    ----------
    engagement
        With measured values in place of stated ones where there are any.
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
        If the engagement's weights name unknown criteria.
    """
    points, tables = weights(engagement), value_tables(engagement)
    concentration = engagement.assumptions["framework.concentration"].likely
    near = around(points, concentration, draws, np.random.default_rng([seed, 1]))
    everywhere = anywhere(len(points), draws, np.random.default_rng([seed, 2]))
    ranks = [rank(engagement, integration, points, tables) for integration in engagement.integrations]
    fits = tuple(_judge(ranked, near, everywhere) for ranked in ranks)
    return Framework(
        weights={key: float(weight) for key, weight in zip(KEYS, points, strict=True)},
        integrations=fits,
        draws=draws,
        seed=seed,
        findings=findings(engagement, fits),
        missing=missing(fits),
        facts=facts(fits),
    )


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


def constrained_fit(
    engagement: Engagement,
    integration: Integration,
    points: Numbers,
    tables: Mapping[str, Numbers],
    known: IntegrationFit | None = None,
) -> IntegrationFit:
    """Return what each style scores for one integration and whether it is feasible, without how robust that is and what explains it.

    Parameters
    ----------
    points, tables
        From `weights` and `value_tables`.
    known
        A fit of the same integration between the same systems, whose constraints hold here, too: only skills differ.
    """
    checks = None if known is None else {one.style: one.checks for one in known.styles}
    ranked = rank(engagement, integration, points, tables, checks)
    return IntegrationFit(
        integration=integration.id,
        label=integration.label,
        styles=tuple(style_fit(ranked, style, explained=False) for style in ranked.order),
        winner=None,
        runner_up=None,
        margin=None,
        settled=False,
    )


def _shares(values: Numbers, drawn: Numbers, candidates: Sequence[Style]) -> dict[Style, float]:
    if not candidates:
        return {}
    return dict(zip(candidates, first_shares(values, drawn).tolist(), strict=True))


def _openings(ranked: Ranked) -> tuple[str, ...]:
    """What would make each excluded style feasible, fewest broken constraints first."""
    broken = {style: [c for c in ranked.checks[style] if c.passed is False] for style in STYLES}
    nearest = sorted(STYLES, key=lambda style: (len(broken[style]), STYLES.index(style)))
    return tuple(
        f"{STYLE_NAMES[style]}: if {' and '.join(c.feasible_if for c in broken[style])}" for style in nearest
    )
