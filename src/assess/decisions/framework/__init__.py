"""Which integration style fits each integration, why, and how surely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assess.core.finding import Finding, Missing
from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLE_NAMES, STYLES, Integration, Style

from .constraints import duration
from .criteria import KEYS, value_tables, weights
from .probability import anywhere, around, first_shares
from .ranking import Ranked, input_flip, margin, rank, settled, style_fit, weight_flip
from .result import (
    ConstraintCheck,
    Framework,
    InputFlip,
    IntegrationFit,
    ScoreDifference,
    StyleFit,
    Term,
    WeightFlip,
)

__all__ = [
    "ConstraintCheck",
    "Framework",
    "InputFlip",
    "IntegrationFit",
    "ScoreDifference",
    "StyleFit",
    "Term",
    "WeightFlip",
    "fit",
]

FRAGILE = 0.6
"""Share of first ranks around the stated weights below which a winner is called fragile: rule of the method."""


def findings(engagement: Engagement, fits: Sequence[IntegrationFit]) -> tuple[Finding, ...]:
    """Return what must be done about the fit, most severe first."""
    return (
        *_impossible(engagement, fits),
        *_fragile(fits),
    )


def _impossible(engagement: Engagement, fits: Sequence[IntegrationFit]) -> Iterator[Finding]:
    for fit in fits:
        if fit.winner is None:
            row = engagement.integration(fit.integration)
            yield Finding(
                id=f"framework/{fit.integration}/infeasible",
                section="framework",
                severity="critical",
                title=f"No integration style is feasible for {fit.label}",
                evidence="; ".join(", ".join(c.reason for c in s.exclusions) for s in fit.styles),
                impact="The integration cannot be built until one of the constraints changes.",
                action="Change one of these: " + "; ".join(fit.would_have_to_change[:3]),
                owner=row.owner,
                integrations=(fit.integration,),
                sources=(row.origin,),
            )


def _fragile(fits: Sequence[IntegrationFit]) -> Iterator[Finding]:
    for fit in fits:
        share = None if fit.winner is None else fit.shares_stated[fit.winner]
        if share is not None and share < FRAGILE and fit.runner_up is not None:
            yield Finding(
                id=f"framework/{fit.integration}/fragile",
                section="framework",
                severity="low",
                title=f"{fit.label}: {fit.winner} leads {fit.runner_up} in only {share:.0%} of the weightings near yours",
                evidence=_turn(fit),
                impact="The choice depends on the weights more than on the integration.",
                action="Agree on the weights with the owners, or let the cost decide between the two.",
                integrations=(fit.integration,),
                sources=(Source(kind="calculation", place=f"framework/robustness/{fit.integration}"),),
            )


def _turn(fit: IntegrationFit) -> str:
    parts = [f"lead {fit.margin:.3f}"] if fit.margin is not None else []
    if fit.weight_flip is not None:
        parts.append(f"moving {fit.weight_flip.moved:.1%} of the weight brings {fit.weight_flip.to} level")
    if fit.input_flip is not None:
        flip = fit.input_flip
        parts.append(f"{flip.criterion} at {_said(flip)} puts {flip.to or 'nothing'} first")
    return "; ".join(parts)


def _said(flip: InputFlip) -> str:
    """Return the answer of a flip in words."""
    if isinstance(flip.becomes, str):
        return flip.becomes
    if flip.unit == "s":
        return duration(flip.becomes)
    return f"{flip.becomes:.0%}" if flip.unit == "share" else f"{flip.becomes:,.4g} {flip.unit}"


def missing(fits: Sequence[IntegrationFit]) -> tuple[Missing, ...]:
    """Return that there are no integrations; what is not answered about them is ranked by `assess.decisions.questions`."""
    if fits:
        return ()
    return (
        Missing(
            section="framework",
            supply="the integrations, in integrations.csv",
            changes="Each integration gets the style that fits it.",
        ),
    )


def facts(fits: Sequence[IntegrationFit]) -> tuple[Fact, ...]:
    """Return the numbers that the report states, each with what it was calculated from."""
    return (*_overall(fits), *(fact for fit in fits for fact in _of(fit)))


def _overall(fits: Sequence[IntegrationFit]) -> Iterator[Fact]:
    if not fits:
        return
    judged = Source(
        kind="calculation",
        place="framework/fit",
        detail="hard constraints first, then the score",
        of=tuple(f"ca:framework/score/{fit.integration}" for fit in fits),
    )
    yield Fact(
        id="framework.unserved",
        label="Integrations for which no style is feasible",
        value=sum(fit.winner is None for fit in fits),
        sources=(judged,),
    )
    yield Fact(
        id="framework.unsettled",
        label="Integrations whose best fit an open answer could change",
        value=sum(not fit.settled for fit in fits),
        sources=(judged,),
    )


def _of(fit: IntegrationFit) -> Iterator[Fact]:
    name = f"framework.{fit.integration}"
    source = Source(
        kind="calculation",
        place=f"framework/score/{fit.integration}",
        detail="sum of weight times value on fixed scales, after the hard constraints",
        of=_origins(fit),
    )
    yield Fact(id=f"{name}.winner", label=f"{fit.label}: best fit", value=fit.winner, sources=(source,))
    if fit.winner is None:
        return
    best = fit.style(fit.winner)
    yield Fact(
        id=f"{name}.score",
        label=f"{fit.label}: score of {fit.winner}, with the range that open answers leave",
        value=best.score,
        low=best.low,
        high=best.high,
        sources=(source,),
    )
    yield Fact(
        id=f"{name}.robustness",
        label=f"{fit.label}: share of weightings near the stated ones in which {fit.winner} is first",
        value=fit.shares_stated[fit.winner],
        unit="share",
        sources=(source,),
    )


def _origins(fit: IntegrationFit) -> tuple[str, ...]:
    """Ids of the answers and assumptions behind the best style's score and constraints."""
    best = fit.styles[0]
    of = [id for term in best.terms for id in term.of]
    of += [id for check in best.checks for id in check.of]
    return tuple(dict.fromkeys(of))


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
        A fit of the same integration between the same systems, of which all but what skills say holds here, too.
    """
    ranked = rank(engagement, integration, points, tables, known)
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
