"""Chapter 3: which framework fits each integration; its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from assess.core.numbers import quantity
from assess.core.source import Fact
from assess.decisions.assessment import Assessment
from assess.decisions.decision import Decision
from assess.decisions.framework import Framework, IntegrationFit
from assess.decisions.framework.criteria import points
from assess.intake.engagement.landscape import STYLE_NAMES, Style
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.charts.comparisons import Scored, frontier, grid
from assess.report.figure import Figure
from assess.report.prose import count, resolve, sentence_case
from assess.report.tables import ColumnSpec, DataTable, TableCell, TableColumn
from assess.report.whatif import Deeper, WhatIf
from assess.report.whatif.weights import near, served, what_if

from .tables import best_style, changes, reason_lines, reasons, running, scores, verdict, without_api

MOST = 40
"""Integrations that the heat map shows; the table below it holds all."""

FRAGILE = 0.6
"""Share of first ranks below which a best fit is fragile, as in `assess.decisions.framework.findings`."""


def heat_map(result: Framework, chosen: Mapping[str, Style]) -> Figure:
    """Draw every score: integrations by styles; pointed at, a cell says what speaks for it and against it."""
    fits = sorted(
        result.integrations,
        key=lambda f: list(STYLE_NAMES).index(chosen[f.integration]) if f.integration in chosen else -1,
    )
    shown = fits[:MOST]
    cells = [
        [
            Scored(
                value=None if scored.state == "excluded" else scored.score,
                lines=reason_lines(fit, scored, chosen.get(fit.integration) == style),
                chosen=chosen.get(fit.integration) == style,
            )
            for style in STYLE_NAMES
            for scored in (fit.style(style),)
        ]
        for fit in shown
    ]
    return Figure(
        id="fit",
        caption=_agreement(result, chosen, len(shown)),
        alt="Grid: fit from 0 to 1 of each style for each integration; dashes are excluded styles, frames the chosen ones.",
        plot=grid([f.label for f in shown], [STYLE_NAMES[s] for s in STYLE_NAMES], cells),
        table=scores(result, chosen),
    )


def _agreement(result: Framework, chosen: Mapping[str, Style], shown: int) -> str:
    agreed = sum(chosen.get(fit.integration) == fit.winner for fit in result.integrations if fit.winner)
    total = len(result.integrations)
    text = f"Choice and best fit agree for {agreed} of {count(total, 'integration')}"
    if agreed < len(chosen) and any(fit.winner and fit.integration in chosen for fit in result.integrations):
        given = [
            fit.style(best_style(fit)).score - fit.style(chosen[fit.integration]).score
            for fit in result.integrations
            if fit.winner and fit.integration in chosen
        ]
        text += f"; the others give up at most {max(given):.2f} of fit for a cheaper one"
    barred = sum(s.state == "excluded" for fit in result.integrations for s in fit.styles)
    text += f"; {barred} of {total * len(STYLE_NAMES)} combinations are excluded"
    return text + (f" (the first {shown} are drawn)" if shown < total else "")


def counts(result: Framework, chosen: Mapping[str, Style]) -> Figure:
    """Draw how many integrations each style is best for, and for how many it is chosen."""
    winners = Counter(fit.winner for fit in result.integrations if fit.winner)
    assigned = Counter(chosen.values())
    styles = [style for style in STYLE_NAMES if winners[style] or assigned[style]]
    styles.sort(key=lambda style: (-assigned[style], -winners[style]))
    trace = next(f.sources for f in result.facts if f.id == "framework.settled")
    top = styles[0] if styles else "ipaas"
    return Figure(
        id="styles",
        caption=f"{sentence_case(STYLE_NAMES[top])} takes {assigned[top]} of {len(result.integrations)} integrations",
        alt="Bars: integrations by chosen style.",
        plot=charts.bars([STYLE_NAMES[s] for s in styles], [float(assigned[s]) for s in styles]),
        table=DataTable.of(
            styles,
            (
                ColumnSpec("style", "Style", lambda s: STYLE_NAMES[s]),
                ColumnSpec("best", "Fits best", lambda s: winners[s], "count"),
                ColumnSpec("chosen", "Chosen", lambda s: assigned[s], "count"),
            ),
            id="styles-data",
            caption="Integrations by style",
            trace=trace[0],
        ),
    )


def front(decision: Decision) -> tuple[Figure, ...]:
    """Draw what the options cost against how well they fit, the recommended one with a ring."""
    trace = next((fact.sources for fact in decision.facts), ())
    priced = [
        (option.fit, option.cost, option.label)
        for option in decision.options
        if option.fit is not None and option.cost is not None
    ]
    if len(priced) < 2:
        return ()
    best, dearest = priced[0], max(priced, key=lambda one: one[1])
    return (
        Figure(
            id="front",
            caption=f"{best[2]}: a mean fit of {best[0]:.2f} for {quantity(best[1], decision.currency)}; "
            f"the dearest of the others is “{dearest[2]}”",
            alt="Points: expected cost against mean fit of the options; a ring marks the recommended one.",
            plot=frontier(
                sorted(one for one in priced if not _beaten(one, priced)),
                [one for one in priced if _beaten(one, priced)],
                chosen=best[:2],
                x_label="Mean fit",
                unit=decision.currency,
            ),
            table=DataTable.of(
                priced,
                (
                    ColumnSpec("option", "Option", lambda one: one[2]),
                    ColumnSpec("fit", "Mean fit", lambda one: one[0], "number", digits=3),
                    ColumnSpec("cost", "Expected cost", lambda one: one[1], "money", unit=decision.currency),
                ),
                id="front-data",
                caption="What the options cost, and how well what they build fits",
                trace=trace,
            ),
        ),
    )


def _beaten(one: tuple[float, float, str], all_of: list[tuple[float, float, str]]) -> bool:
    """Say whether another option fits at least as well and costs less, or fits better and costs no more."""
    return any(
        (other[0] >= one[0] and other[1] < one[1]) or (other[0] > one[0] and other[1] <= one[1])
        for other in all_of
    )


def certainty(result: Framework) -> tuple[Figure, ...]:
    """Draw how often each winner stays first when the weights move."""
    fits = sorted((f for f in result.integrations if f.winner), key=lambda f: f.shares_stated[best_style(f)])
    if not fits:
        return ()
    fragile = [f for f in fits if f.shares_stated[best_style(f)] < FRAGILE]
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
                [f.shares_stated[best_style(f)] for f in shown],
                unit="share",
                highlight=[f.label for f in shown if f in fragile],
                span=(0.0, 1.0),
            ),
            table=DataTable(
                id="certainty-data",
                caption="How often the best style stays first",
                columns=(
                    TableColumn(key="integration", label="Integration"),
                    TableColumn(key="style", label="Best style"),
                    TableColumn(key="near", label="Near your weights", format="share"),
                    TableColumn(key="any", label="Any weights", format="share"),
                ),
                rows=tuple(_certain(f, facts) for f in fits),
                sources=tuple(
                    s for f in fits for s in facts[f"framework.{f.integration}.robustness"].sources
                ),
            ),
        ),
    )


def _certain(fit: IntegrationFit, facts: dict[str, Fact]) -> tuple[TableCell, ...]:
    ids = tuple(s.id for s in facts[f"framework.{fit.integration}.robustness"].sources)
    won = best_style(fit)
    return (
        TableCell(value=fit.label),
        TableCell(value=STYLE_NAMES[won]),
        TableCell(value=fit.shares_stated[won], sources=ids),
        TableCell(value=fit.shares_simplex[won], sources=ids),
    )


HEADLINE = ("framework.settled", "framework.unserved")


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
    chosen = running(assessment.decision)
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result, assessment.decision),
            "subject": f"{count(len(result.integrations), 'integration')}, judged by {len(result.weights)} criteria on "
            f"fixed scales after the hard constraints",
            "facts": result.facts,
            "headline": tuple(f.id for f in result.facts if f.id in HEADLINE),
            "figures": (
                heat_map(result, chosen),
                *front(assessment.decision),
                *certainty(result),
                counts(result, chosen),
            ),
            "tables": (*without_api(result, chosen), reasons(result)),
            "findings": (*result.findings, *assessment.decision.findings),
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
    return (
        what_if(result, points(assessment.engagement), STYLE_NAMES, running(assessment.decision))
        if served(result)
        else None
    )


def near_weights(assessment: Assessment) -> Deeper:
    """Return how surely each best style leads near the weights of the what-if, drawn anew for a notebook."""
    return near(assessment.framework, assessment.engagement.assumptions["framework.concentration"].likely)
