"""What threatens the plan, what a year of it costs, what pays against it, and what to do with wishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing
from assess.core.numbers import interval, quantity, tidy
from assess.core.source import Driver, Fact, Source, rank_drivers
from assess.decisions.readiness import Readiness
from assess.evidence.operations import Operations
from assess.evidence.quality import QualityAssessment
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Style, Yearly

from .changes import decide
from .items import BUILT_IN, RiskEvidence, absent, default_risk, stated_risk, without_overlap
from .losses import LossTerms, Severity, exceedance, stream, yearly_losses
from .result import ChangeDecision, Exceedance, Influence, Mitigation, Risk, RiskItem

__all__ = [
    "ChangeDecision",
    "Exceedance",
    "Influence",
    "Mitigation",
    "Risk",
    "RiskItem",
    "Severity",
    "decide",
    "quantify",
]

Floats = NDArray[np.float64]

POINTS = 41
"""Points of the exceedance curve."""


def quantify(
    engagement: Engagement,
    readiness: Readiness | None = None,
    quality: QualityAssessment | None = None,
    operations: Operations | None = None,
    landscape: Mapping[str, Style | None] | None = None,
    *,
    draws: int = 20_000,
    seed: int = 7,
) -> Risk:
    """Say what threatens the plan and what that costs a year.

    Stated risks count as stated; of the article's four kinds those that nobody states count with dated
    defaults, which evidence multiplies. Incidents that were counted replace how often failures strike, whoever
    stated it. Events are Poisson, their losses lognormal.

    Parameters
    ----------
    readiness, quality, operations
        RiskEvidence; None where there is none, which neither raises nor lowers anything.
    draws
        Years that are drawn for the exceedance curve.
    """
    terms = LossTerms.of(engagement)
    evidence = RiskEvidence(engagement, readiness, quality, operations, landscape)
    found = [
        *(stated_risk(row, evidence, terms) for row in engagement.risks),
        *(default_risk(name, evidence, terms) for name in absent(engagement.risks)),
    ]
    missing = tuple(item for item in found if isinstance(item, Missing))
    ranked_by_loss = sorted(
        (item for item in found if isinstance(item, RiskItem)), key=lambda item: (-item.ale, item.id)
    )
    items = list(without_overlap(ranked_by_loss, evidence))
    pays = {item.id: item.mitigation.effect for item in items if item.mitigation and item.mitigation.net > 0}
    before, after = _years(items, pays, draws, seed)
    result = Risk(
        items=tuple(items),
        curve=_curve(before, after),
        ale=sum(item.ale for item in items) if items else None,
        ale_after=sum(item.ale * (1 - pays.get(item.id, 0.0)) for item in items) if items else None,
        p90=tidy(float(np.quantile(before, 0.9))) if items else None,
        losses=_losses(items),
        missing=(*missing, *_unstated(engagement)),
        notes=_notes(items, terms),
    )
    return result.model_copy(
        update={"findings": _findings(result, terms), "facts": _facts(result, engagement)}
    )


def _losses(items: Sequence[RiskItem]) -> tuple[Yearly, ...]:
    """Return the yearly losses that no other line of the cost model holds.

    Growth of scope, schedule and budget are in the overrun of the build line (the reference class of
    overruns includes them), a forced change of platform in the exit line, failures that nobody stated as a risk in the
    line of expected failures; of stated failures what is beyond that line.
    """
    return tuple(
        Yearly(
            id=f"risk/{item.id}",
            label=item.name,
            per_year=item.annual.scaled(1 - item.priced / item.annual.mean) if item.priced else item.annual,
            integrations=item.integrations,
            styles=item.styles,
        )
        for item in items
        if not item.held_by and (not item.priced or item.priced < item.annual.mean)
    )


def _years(items: Sequence[RiskItem], pays: dict[str, float], draws: int, seed: int) -> tuple[Floats, Floats]:
    """Draw years with every risk, as it is and with the mitigations that pay; events thin out by their effect."""
    before, after = np.zeros(draws), np.zeros(draws)
    for item in items:
        frequency = item.frequency.scaled(item.share)
        before += yearly_losses(frequency, item.severity, draws, stream(seed, item.id))
        effect = pays.get(item.id, 0.0)
        thinned = frequency.scaled(1 - effect)
        after += yearly_losses(
            thinned, item.severity, draws, stream(seed, f"{item.id}/mitigated" if effect else item.id)
        )
    return before, after


def _curve(before: Floats, after: Floats) -> tuple[Exceedance, ...]:
    top = float(np.quantile(before, 0.995)) if before.size else 0.0
    if top <= 0:
        return ()
    levels = np.linspace(0.0, top, POINTS)
    pairs = zip(levels, exceedance(before, levels.tolist()), exceedance(after, levels.tolist()), strict=True)
    return tuple(Exceedance(loss=tidy(float(loss)), before=more, after=less) for loss, more, less in pairs)


def _unstated(engagement: Engagement) -> tuple[Missing, ...]:
    names = [BUILT_IN[category].lower() for category in absent(engagement.risks)]
    if not names:
        return ()
    return (
        Missing(
            section="risk",
            supply=f"your own frequency and loss in risks.csv for: {'; '.join(names)}",
            changes="Until then the loss of one event, and how often it comes where no incidents were counted, are dated defaults.",
        ),
    )


def _notes(items: Sequence[RiskItem], terms: LossTerms) -> tuple[str, ...]:
    words = {
        "build": "the overrun of the build line",
        "exit": "the exit line",
        "failures": "the line of expected failures",
    }
    held = [
        f"{item.name}: not in the cost as a loss of its own, because {words[item.held_by]} holds it."
        for item in items
        if item.held_by
    ]
    unit = f"{terms.currency}/year"
    priced = [
        f"{item.name}: of {quantity(item.annual.mean, unit)} the line of expected failures holds {quantity(item.priced, unit)}; "
        "the cost has the rest as a loss of its own."
        for item in items
        if item.priced
    ]
    return (*held, *priced)


def _findings(result: Risk, terms: LossTerms) -> tuple[Finding, ...]:
    found = []
    for item in result.items:
        share = item.ale / result.ale if result.ale else 0.0
        raised = [influence for influence in item.influences if influence.factor > 1]
        mitigation = item.mitigation
        pays = mitigation is not None and mitigation.net > 0
        found.append(
            Finding(
                id=f"risk/{item.id}",
                section="risk",
                severity="high"
                if share >= 0.3
                else "medium"
                if share >= 0.1
                else "low"
                if item.ale
                else "info",
                title=f"{item.name}: {quantity(item.ale, terms.currency)} a year, {share:.0%} of all risks",
                evidence=f"{item.frequency.mean:.2g} events a year of {quantity(item.severity.mean, terms.currency)} each"
                + (f"; measured: {item.measured}" if item.measured else "")
                + (
                    ""
                    if item.share == 1
                    else f"; as decided it threatens {item.share:.0%} of what it concerns"
                )
                + "".join(f"; raised by: {influence.because}" for influence in raised),
                impact="" if item.stated else _default_words(item),
                action=mitigation.text if mitigation and pays else "",
                owner=item.owner,
                integrations=item.integrations,
                sources=item.sources,
            )
        )
        if item.stated and item.measured and not _within(item.frequency.mean, item.stated_frequency):
            found.append(_differs(item, terms))
    return tuple(found)


def _default_words(item: RiskItem) -> str:
    default = "The loss of one event is a dated default" if item.measured else "Dated default"
    return f"{default}, because nobody states a risk of this kind."


def _within(value: float, stated: Estimate) -> bool:
    return stated.low <= value <= stated.high


def _differs(item: RiskItem, terms: LossTerms) -> Finding:
    """Say that a risk strikes more or less often than the client stated."""
    stated, seen = item.stated_frequency, item.frequency
    more = seen.mean > stated.mean
    change = (seen.mean - stated.mean) * item.severity.mean
    return Finding(
        id=f"risk/{item.id}/stated-frequency",
        section="risk",
        severity="high" if more and seen.mean > 2 * stated.high else "medium",
        title=f"{item.name}: {seen.mean:.2g} a year by the incidents counted, {stated.mean:.2g} stated",
        evidence=f"{item.measured}; stated {stated.low:g} to {stated.high:g} a year",
        impact=f"The risk counts {quantity(abs(change), terms.currency)} a year {'more' if more else 'less'} than as stated.",
        action="Ask the owner which is right, and correct risks.csv or the register of incidents.",
        owner=item.owner,
        integrations=item.integrations,
        sources=item.sources,
    )


def _facts(result: Risk, engagement: Engagement) -> tuple[Fact, ...]:
    if result.ale is None:
        return ()
    source = Source(
        kind="calculation",
        place="risk/all",
        detail="sum of the annualised losses; quantiles of drawn years",
        of=tuple(item.annual.source.id for item in result.items if item.annual.source),
    )
    unit = f"{engagement.currency}/year"
    own = tuple(item.annual.source for item in result.items if item.annual.source)
    moved = rank_drivers(
        Driver(
            source=item.annual.source.id,
            label=item.name,
            value=f"{interval(item.annual.low * item.share, item.annual.high * item.share, engagement.currency)} a year",
            effect=tidy((item.annual.high - item.annual.low) * item.share),
        )
        for item in result.items
        if item.annual.source
    )
    return (
        Fact(id="risk.ale", label="Expected loss of a year", value=result.ale, unit=unit, sources=(source, *own),
             formula="Events a year times the loss of one, summed over all risks, for the ways that were decided", drivers=moved),
        Fact(id="risk.ale_after", label="The same with every mitigation that pays", value=result.ale_after, unit=unit, sources=(source,),
             formula="The expected loss of a year less what every measure that pays for itself takes off"),
        Fact(id="risk.p90", label="Loss that one year in ten exceeds", value=result.p90, unit=unit, sources=(source,),
             formula="Nine of ten drawn years lose less"),
    )  # fmt: skip
