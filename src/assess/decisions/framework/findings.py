"""What the ranking means for the client: findings, missing input, and facts with their sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assess.core.finding import Finding, Missing
from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement

from .constraints import duration
from .result import InputFlip, IntegrationFit

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
