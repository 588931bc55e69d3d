"""Chapter 3: which framework fits each integration."""

from __future__ import annotations

from collections import Counter

from assess.decisions.assessment import Assessment
from assess.decisions.framework import Framework, IntegrationFit, StyleFit
from assess.decisions.framework.criteria import points
from assess.intake.engagement import Style
from assess.intake.source import Fact
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.figure import Figure
from assess.report.numbers import quantity
from assess.report.tables import Cell, Column, DataTable
from assess.report.trace import resolve
from assess.report.whatif import Deeper, WhatIf
from assess.report.whatif.weights import near, served, what_if

from .words import STYLE_NAMES, and_list, count, sentence_case

MAX_CHANGES = 5
"""Sentences on what would change the answer; the nearest first."""


def integration_profile(assessment: Assessment) -> Chapter:
    """Say which style fits each integration, why, how surely, and which styles to adopt together."""
    result = assessment.framework
    shell = Chapter(
        number=3,
        key="integration_profile",
        title="Framework",
        question="Which framework fits each integration?",
        state="not_assessed",
        missing=result.missing,
    )
    if not result.integrations:
        return shell
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result),
            "subject": f"{count(len(result.integrations), 'integration')}, judged by {len(result.weights)} criteria on "
            f"fixed scales after the hard constraints",
            "facts": result.facts,
            "headline": tuple(f.id for f in result.facts if f.id in HEADLINE),
            "figures": (counts(result), *front(result, assessment.engagement.currency), *certainty(result)),
            "tables": (heat_map(result), reasons(result)),
            "findings": result.findings,
            "changes": changes(result),
            "whatif": explored(assessment),
        }
    )
    known = chapter.evidence()
    return Chapter.model_validate(
        chapter.model_copy(update={"sources": resolve(assessment.engagement, known)})
    )


def explored(assessment: Assessment) -> WhatIf | None:
    """Return the weights for the reader to move; None where no integration has a style to choose."""
    result = assessment.framework
    return what_if(result, points(assessment.engagement), STYLE_NAMES) if served(result) else None


def near_weights(assessment: Assessment) -> Deeper:
    """Return how surely each best style leads near the weights of the what-if, drawn anew for a notebook."""
    return near(assessment.framework, assessment.engagement.assumptions["framework.concentration"].likely)


HEADLINE = ("framework.styles", "framework.settled", "framework.unserved", "framework.cost")


def verdict(result: Framework) -> str:
    """Answer in one or two sentences."""
    chosen = Counter(result.portfolio.assignment.values())
    if not chosen:
        return "No integration can be built under the present constraints; each says below what would have to change."
    parts = [f"{STYLE_NAMES[style]} for {number}" for style, number in chosen.most_common()]
    mix = "a hybrid" if result.portfolio.hybrid else "one style"
    basis = "the least expected cost" if result.portfolio.basis == "cost" else "the best fit of each"
    text = f"Adopt {mix}: {and_list(parts)} of {count(len(result.integrations), 'integration')}; this is {basis}."
    if result.portfolio.unserved:
        text += f" {count(len(result.portfolio.unserved), 'integration')} can't be built under the present constraints."
    return text


def counts(result: Framework) -> Figure:
    """Draw how many integrations each style is best for, and for how many it is chosen."""
    winners = Counter(fit.winner for fit in result.integrations if fit.winner)
    assigned = Counter(result.portfolio.assignment.values())
    styles = [style for style in STYLE_NAMES if winners[style] or assigned[style]]
    styles.sort(key=lambda style: (-assigned[style], -winners[style]))
    trace = next(f.sources for f in result.facts if f.id == "framework.styles")
    top = styles[0] if styles else "ipaas"
    return Figure(
        id="styles",
        caption=f"{sentence_case(STYLE_NAMES[top])} takes {assigned[top]} of {len(result.integrations)} integrations",
        alt="Bars: integrations by chosen style.",
        plot=charts.bars([STYLE_NAMES[s] for s in styles], [float(assigned[s]) for s in styles]),
        table=DataTable(
            id="styles-data",
            caption="Integrations by style",
            columns=(
                Column(key="style", label="Style"),
                Column(key="best", label="Fits best", format="number", digits=0, sources=(trace[0].id,)),
                Column(key="chosen", label="Chosen", format="number", digits=0, sources=(trace[0].id,)),
            ),
            rows=tuple(
                (Cell(value=STYLE_NAMES[s]), Cell(value=winners[s]), Cell(value=assigned[s])) for s in styles
            ),
            sources=trace,
        ),
    )


def front(result: Framework, currency: str) -> tuple[Figure, ...]:
    """Draw what a better fit costs: the sets of styles that nothing beats in both."""
    points = sorted(result.portfolio.front, key=lambda point: (point.fit, point.cost))
    cost = next((f for f in result.facts if f.id == "framework.cost"), None)
    if len(points) < 2 or cost is None:
        return ()
    first, last = points[0], points[-1]
    extra = quantity(last.cost - first.cost, currency)
    place = tuple(s.id for s in cost.sources)
    return (
        Figure(
            id="front",
            caption=f"The best fit of all costs {extra} more than the cheapest assignment",
            alt="Line: expected cost of the cheapest assignment at each mean fit; from the cheapest to the best fitting.",
            plot=charts.lines(
                [p.fit for p in points],
                {"least cost": [p.cost for p in points]},
                unit=currency,
                x_label="Mean fit",
            ),
            table=DataTable(
                id="front-data",
                caption="Sets of styles that no other beats in both cost and fit",
                columns=(
                    Column(key="styles", label="Styles"),
                    Column(key="fit", label="Mean fit", format="number", digits=3, sources=place),
                    Column(key="cost", label="Expected cost", format="money", unit=currency, sources=place),
                ),
                rows=tuple(
                    (
                        Cell(value=and_list([STYLE_NAMES[s] for s in p.styles])),
                        Cell(value=p.fit),
                        Cell(value=p.cost),
                    )
                    for p in points
                ),
                sources=cost.sources,
            ),
        ),
    )


def certainty(result: Framework) -> tuple[Figure, ...]:
    """Draw how often each winner stays first when the weights move."""
    fits = sorted((f for f in result.integrations if f.winner), key=lambda f: f.shares_stated[_won(f)])
    if not fits:
        return ()
    fragile = [f for f in fits if f.shares_stated[_won(f)] < 0.6]
    facts = {f.id: f for f in result.facts}
    caption = (
        f"For {count(len(fragile), 'integration')} the best fit depends on the weights more than on the integration"
        if fragile
        else "Every best fit stays first in most weightings near yours"
    )
    shown = fits[:20]
    labels = [f.label for f in shown]
    return (
        Figure(
            id="certainty",
            caption=caption,
            alt="Dots: share of weightings near the stated ones in which the best style stays first, the least sure first.",
            plot=charts.dots(
                labels,
                [f.shares_stated[_won(f)] for f in shown],
                unit="share",
                highlight=[f.label for f in shown if f in fragile],
                span=(0.0, 1.0),
            ),
            table=DataTable(
                id="certainty-data",
                caption="How often the best style stays first",
                columns=(
                    Column(key="integration", label="Integration"),
                    Column(key="style", label="Best style"),
                    Column(key="near", label="Near your weights", format="share"),
                    Column(key="any", label="Any weights", format="share"),
                ),
                rows=tuple(_certain(f, facts) for f in fits),
                sources=tuple(
                    s for f in fits for s in facts[f"framework.{f.integration}.robustness"].sources
                ),
            ),
        ),
    )


def _won(fit: IntegrationFit) -> Style:
    assert fit.winner is not None
    return fit.winner


def _certain(fit: IntegrationFit, facts: dict[str, Fact]) -> tuple[Cell, ...]:
    ids = tuple(s.id for s in facts[f"framework.{fit.integration}.robustness"].sources)
    won = _won(fit)
    return (
        Cell(value=fit.label),
        Cell(value=STYLE_NAMES[won]),
        Cell(value=fit.shares_stated[won], sources=ids),
        Cell(value=fit.shares_simplex[won], sources=ids),
    )


def heat_map(result: Framework) -> DataTable:
    """Show every score: integrations by styles, the excluded ones with their reason."""
    facts = {f.id: f for f in result.facts}
    sources = {
        fit.integration: facts[f"framework.{fit.integration}.winner"].sources for fit in result.integrations
    }
    return DataTable(
        id="fit",
        caption="Fit of each style, from 0 to 1 on fixed scales; a dash means excluded, with the reason",
        columns=(
            Column(key="integration", label="Integration"),
            *(
                Column(key=style, label=sentence_case(name), format="number", digits=2)
                for style, name in STYLE_NAMES.items()
            ),
            Column(key="chosen", label="Chosen"),
        ),
        rows=tuple(
            (
                Cell(value=fit.label),
                *(
                    _score(fit.style(style), tuple(s.id for s in sources[fit.integration]))
                    for style in STYLE_NAMES
                ),
                Cell(value=_chosen(result, fit)),
            )
            for fit in result.integrations
        ),
        sources=tuple(s for each in sources.values() for s in each),
    )


def _chosen(result: Framework, fit: IntegrationFit) -> str:
    style = result.portfolio.assignment.get(fit.integration)
    return STYLE_NAMES[style] if style else "none"


def _score(fit: StyleFit, sources: tuple[str, ...]) -> Cell:
    if fit.state == "excluded":
        return Cell(value=None, note="; ".join(check.reason for check in fit.exclusions))
    return Cell(value=fit.score, shade=min(1.0, max(0.0, fit.score)), sources=sources)


def reasons(result: Framework) -> DataTable:
    """Show what speaks for the best style against the next one, term by term."""
    facts = {f.id: f for f in result.facts}
    rows, sources = [], []
    for fit in result.integrations:
        if fit.winner is None or fit.runner_up is None or fit.margin is None:
            continue
        gaps = fit.explain(fit.winner, fit.runner_up)
        ids = tuple(s.id for s in facts[f"framework.{fit.integration}.winner"].sources)
        sources += list(facts[f"framework.{fit.integration}.winner"].sources)
        rows.append(
            (
                Cell(value=fit.label),
                Cell(value=STYLE_NAMES[fit.winner]),
                Cell(value=STYLE_NAMES[fit.runner_up]),
                Cell(value=fit.margin, sources=ids),
                Cell(value=_terms([(g.criterion, g.difference) for g in gaps if g.difference > 0.0005])),
                Cell(value=_terms([(g.criterion, g.difference) for g in gaps if g.difference < -0.0005])),
            )
        )
    return DataTable(
        id="reasons",
        caption="Why the best style leads the next: the terms of the lead, weight times difference in value",
        columns=(
            Column(key="integration", label="Integration"),
            Column(key="best", label="Best"),
            Column(key="next", label="Next"),
            Column(key="lead", label="Lead", format="number", digits=3),
            Column(key="for", label="Speaks for it"),
            Column(key="against", label="Speaks against it"),
        ),
        rows=tuple(rows),
        sources=tuple(sources),
    )


def _terms(gaps: list[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {value:+.3f}".replace("-", "\u2212") for name, value in gaps[:3])


def changes(result: Framework) -> tuple[str, ...]:
    """Say the nearest changes that would turn a choice, and what would open an integration that has none."""
    opened = [
        f"{fit.label} becomes possible by one of these: {'; '.join(fit.would_have_to_change[:2])}."
        for fit in result.integrations
        if fit.winner is None
    ]
    near = sorted(
        (fit for fit in result.integrations if fit.weight_flip is not None),
        key=lambda fit: fit.weight_flip.moved if fit.weight_flip else 1.0,
    )
    turned = [
        f"{fit.label}: moving {fit.weight_flip.moved:.1%} of the weight makes {STYLE_NAMES[fit.weight_flip.to]} "
        f"equal to {STYLE_NAMES[_won(fit)]}."
        for fit in near
        if fit.weight_flip is not None
    ]
    return tuple((opened + turned)[:MAX_CHANGES])
