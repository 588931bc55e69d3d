"""Chapter 3: which style fits each integration, which was chosen, and how close that was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from assess.core.numbers import number, quantity
from assess.core.source import Source
from assess.decisions.assessment import Assessment
from assess.decisions.decision import RECOMMENDED, Decision, PricedOption
from assess.decisions.framework import Framework, IntegrationFit, StyleFit
from assess.decisions.framework.criteria import points
from assess.decisions.framework.ranking import BYPASS
from assess.intake.engagement.landscape import STYLE_NAMES, STYLE_PLAIN, Style
from assess.report import charts
from assess.report.ask_sheet import supply
from assess.report.chapter import Chapter
from assess.report.charts.comparisons import Scored, frontier, grid
from assess.report.figure import Figure
from assess.report.prose import and_list, cited, concise, count, resolve, sentence_case
from assess.report.tables import ColumnSpec, DataTable, TableCell
from assess.report.whatif import Deeper, WhatIf
from assess.report.whatif.weights import near, served, what_if

MOST = 40
"""Integrations that the grid of fits shows; the table below it holds all."""

MAX_CHANGES = 5
"""Sentences on what would change the answer; the nearest first."""

TERMS = 3
"""Terms of a lead that are named, the largest first."""


def integration_profile(assessment: Assessment) -> Chapter:
    """Say which style fits each integration, why, how surely, and which styles to adopt together."""
    result, decision = assessment.framework, assessment.decision
    shell = Chapter(
        number=3,
        key="integration_profile",
        title="Style",
        question="Which way of connecting fits each integration?",
        state="not_assessed",
        missing=supply("framework", assessment.questions, result.missing),
    )
    if not result.integrations:
        return shell
    chosen = running(decision)
    drawn = (*front(decision), *counts(result, chosen))
    near_calls = closest(result)
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(decision),
            "lead": lead(result, decision),
            "shown": (*(figure.id for figure in drawn), *(table.id for table in near_calls)),
            "subject": f"{count(len(result.integrations), 'integration')}, judged by {len(result.weights)} criteria on "
            f"fixed scales after the hard constraints",
            "facts": result.facts,
            "figures": (heat_map(result, chosen), *drawn),
            "tables": (*near_calls, *without_api(result, chosen), reasons(result)),
            "findings": (*result.findings, *decision.findings),
            "changes": changes(result),
            "method": (
                f"Fit is a weighted sum of {len(result.weights)} properties on fixed scales, after the constraints that "
                "exclude a style; cost is never part of it.",
                "The set with the best expected money under all constraints is chosen, not the best fit of each.",
            ),
            "whatif": explored(assessment),
        }
    )
    known = chapter.evidence()
    return Chapter.model_validate(
        chapter.model_copy(update={"sources": resolve(assessment.engagement, known)})
    )


def running(decision: Decision) -> dict[str, Style]:
    """Return the style in which each integration runs as decided."""
    return {id: style for id, style in decision.landscape.items() if style is not None}


def verdict(decision: Decision) -> str:
    """Answer in one sentence what the decision builds or buys in which style, and what it leaves."""
    done, total = Counter(decision.assignment.values()), len(decision.integrations)
    kept = len(decision.kept)
    if not done:
        if not kept:
            return "No integration can be built under the present constraints"
        return f"Of {count(total, 'integration')}, {kept} {'stays' if kept == 1 else 'stay'} as today; none is connected another way"
    verb = "is" if done.total() == 1 else "are"
    if decision.verdict.state != "decide" or decision.loses:
        verb = "would be"
    some = (
        f"Of {count(total, 'integration')}, {done.total()}"
        if done.total() < total
        else f"All {total} integrations"
    )
    built = f"{some if total > 1 else 'The one integration'} {verb} connected anew"
    ways = [f"{number} by {STYLE_PLAIN[style]}" for style, number in done.most_common()]
    names = f": {and_list(ways)}" if len(ways) > 1 else f", {ways[0].partition(' ')[2]}"
    most = f", most by {STYLE_PLAIN[done.most_common(1)[0][0]]}"
    stay = f"; {kept} {'stays' if kept == 1 else 'stay'} as today" if kept else ""
    return concise(f"{built}{names}{stay}", f"{built}{names}", f"{built}{most}{stay}", built)


def lead(result: Framework, decision: Decision) -> tuple[str, ...]:
    """Say in which styles all runs from then on, what can't be built, whether open answers matter, and the closest call."""
    mix = Counter(running(decision).values()).most_common()
    said = []
    if mix:
        parts = [f"{STYLE_NAMES[style]} for {number}" for style, number in mix]
        few = [
            [*parts[:shown], f"other ways for {sum(number for _, number in mix[shown:])}"]
            for shown in range(len(parts) - 1, 0, -1)
        ]
        said.append(
            concise(
                f"Ways in use from then on: {and_list(parts)}.",
                *(f"Ways in use then: {and_list(shown)}." for shown in (parts, *few)),
            )
        )
    lost = sum(item.choice == "open" for item in decision.integrations)
    if lost:
        said.append(f"Under the present constraints {count(lost, 'integration')} can't be built.")
    unsettled = next((fact for fact in result.facts if fact.id == "framework.unsettled"), None)
    if unsettled is not None and isinstance(unsettled.value, int):
        said.append(
            f"Open answers could still change the best fit of {cited(unsettled, count(unsettled.value, 'integration'))}."
            if unsettled.value
            else f"{cited(unsettled, 'No open answer')} could still change a best fit."
        )
    calls = _calls(result)
    if calls:
        fit, flip = calls[0]
        said.append(
            concise(
                f"The closest call is “{fit.label}”: shifting {quantity(flip, 'share')} of the weights makes another way fit best.",
                f"In the closest call {quantity(flip, 'share')} of the weights decide.",
            )
        )
    return tuple(said)


def _calls(result: Framework) -> list[tuple[IntegrationFit, float]]:
    """Return the integrations whose best fit a change of the weights turns, the closest first."""
    flips = [(fit, fit.weight_flip.moved) for fit in result.integrations if fit.winner and fit.weight_flip]
    return sorted(flips, key=lambda call: (call[1], call[0].integration))


def closest(result: Framework) -> tuple[DataTable, ...]:
    """Show how much of the weight would have to move to turn each best fit, the closest calls first."""
    calls = [fit for fit, _ in _calls(result)]
    if not calls:
        return ()
    facts = {fact.id: fact for fact in result.facts}
    return (
        DataTable.of(
            calls,
            (
                ColumnSpec("integration", "Integration", lambda fit: fit.label),
                ColumnSpec("best", "Best fit", lambda fit: STYLE_NAMES[best_style(fit)]),
                ColumnSpec(
                    "next", "Next", lambda fit: STYLE_NAMES[fit.weight_flip.to] if fit.weight_flip else ""
                ),
                ColumnSpec(
                    "moved",
                    "Weight to move",
                    lambda fit: fit.weight_flip.moved if fit.weight_flip else None,
                    "share",
                ),
            ),
            id="closest",
            caption="The closest calls: how little of the weight turns them",
            trace=lambda fit: facts[f"framework.{fit.integration}.robustness"].sources,
        ),
    )


def heat_map(result: Framework, chosen: Mapping[str, Style]) -> Figure:
    """Draw every score: integrations by styles, frames around the chosen ones."""
    fits = sorted(
        result.integrations,
        key=lambda f: list(STYLE_NAMES).index(chosen[f.integration]) if f.integration in chosen else -1,
    )
    shown = fits[:MOST]
    cells = [
        [
            Scored(
                value=None if scored.state == "excluded" else scored.score,
                chosen=chosen.get(fit.integration) == scored.style,
            )
            for scored in map(fit.style, result.in_question)
        ]
        for fit in shown
    ]
    return Figure(
        id="fit",
        caption=_agreement(result, chosen),
        alt="Grid: fit from 0 to 1 of each style for each integration; dashes are excluded styles, frames the chosen ones.",
        plot=grid([f.label for f in shown], [STYLE_NAMES[s] for s in result.in_question], cells),
        table=scores(result, chosen),
    )


def _agreement(result: Framework, chosen: Mapping[str, Style]) -> str:
    """Count from the scores as drawn where the highest belongs to the chosen style."""
    total, agreed, given = len(result.integrations), 0, 0.0
    for fit in result.integrations:
        drawn = {scored.style: scored.score for scored in fit.styles if scored.state != "excluded"}
        style = chosen.get(fit.integration)
        if drawn and style in drawn:
            agreed += drawn[style] == max(drawn.values())
            given = max(given, max(drawn.values()) - drawn[style])
    text = f"Choice and highest fit agree for {agreed} of {count(total, 'integration')}"
    return f"{text}; the others give up at most {number(given, 2)} of 1" if given >= 0.005 else text


def counts(result: Framework, chosen: Mapping[str, Style]) -> tuple[Figure, ...]:
    """Draw how many integrations each style is chosen for, and how many it fits best."""
    winners = Counter(fit.winner for fit in result.integrations if fit.winner)
    assigned = Counter(chosen.values())
    styles = [style for style in STYLE_NAMES if winners[style] or assigned[style]]
    if not styles:
        return ()
    styles.sort(key=lambda style: (-assigned[style], -winners[style]))
    apart = max(styles, key=lambda style: abs(winners[style] - assigned[style]))
    trace = next(f.sources for f in result.facts if f.id == "framework.unsettled")
    name = sentence_case(STYLE_NAMES[apart])
    return (
        Figure(
            id="styles",
            caption=f"{name}: best fit for {winners[apart]}, chosen for {assigned[apart]}"
            if winners[apart] != assigned[apart]
            else "Each way is chosen for as many as it fits best",
            alt="Paired bars: integrations for which each style is chosen, and that it fits best.",
            plot=charts.bars(
                [
                    f"{sentence_case(STYLE_NAMES[s])}, {kind}"
                    for s in styles
                    for kind in ("chosen", "best fit")
                ],
                [float(number) for s in styles for number in (assigned[s], winners[s])],
                highlight=[f"{sentence_case(STYLE_NAMES[s])}, chosen" for s in styles],
            ),
            table=DataTable.of(
                styles,
                (
                    ColumnSpec("style", "Style", lambda s: STYLE_NAMES[s]),
                    ColumnSpec("chosen", "Chosen", lambda s: assigned[s], "count"),
                    ColumnSpec("best", "Fits best", lambda s: winners[s], "count"),
                ),
                id="styles-data",
                caption="Integrations by style",
                trace=trace[0],
            ),
        ),
    )


def front(decision: Decision) -> tuple[Figure, ...]:
    """Draw what the options cost against how well they fit, the recommended one with a ring."""
    trace = next((fact.sources for fact in decision.facts), ())
    priced = [option for option in decision.options if option.fit is not None and option.cost is not None]
    if len(priced) < 2 or priced[0].id != RECOMMENDED:
        return ()
    points = {option.id: (option.fit or 0.0, option.cost or 0.0, option.label) for option in priced}
    best = points[RECOMMENDED]
    return (
        Figure(
            id="front",
            caption=_price_of_fit(priced, decision),
            alt="Points: expected cost against mean fit of the options; a ring marks the proposed one.",
            plot=frontier(
                sorted(one for one in points.values() if not _beaten(one, list(points.values()))),
                [one for one in points.values() if _beaten(one, list(points.values()))],
                chosen=(*best[:2], "proposed" if not decision.loses else priced[0].label),
                x_label="Mean fit",
                y_label="cost",
                unit=decision.currency,
            ),
            table=DataTable.of(
                priced,
                (
                    ColumnSpec("option", "Option", lambda option: option.label),
                    ColumnSpec("fit", "Mean fit", lambda option: option.fit, "number", digits=3),
                    ColumnSpec("cost", "Cost", lambda option: option.cost, "money"),
                ),
                id="front-data",
                caption="Mean fit of what is built or bought, from 0 to 1, and expected cost over the horizon before benefits",
                trace=trace,
                currency=decision.currency,
            ),
        ),
    )


def _price_of_fit(priced: list[PricedOption], decision: Decision) -> str:
    """Say what the option of best fit costs against the recommended one, the first."""
    ours, best = priced[0], max(priced, key=lambda option: option.fit or 0.0)
    better = round(best.fit or 0.0, 3) - round(ours.fit or 0.0, 3)
    if better <= 0:
        return f"No option fits better than {decision.named}"
    dearer = (best.cost or 0.0) - (ours.cost or 0.0)
    fits = [number(option.fit or 0.0, 3) for option in (best, ours)]
    return (
        f"“{best.label}” fits best, {fits[0]} of 1 against {fits[1]}, "
        f"and costs {quantity(abs(dearer), decision.currency)} {'more' if dearer >= 0 else 'less'}"
    )


def _beaten(one: tuple[float, float, str], all_of: list[tuple[float, float, str]]) -> bool:
    """Say whether another option fits at least as well and costs less, or fits better and costs no more."""
    return any(
        (other[0] >= one[0] and other[1] < one[1]) or (other[0] > one[0] and other[1] <= one[1])
        for other in all_of
    )


def best_style(fit: IntegrationFit) -> Style:
    """Return the best style of an integration that has one."""
    assert fit.winner is not None
    return fit.winner


def terms(fit: IntegrationFit, style: Style, other: Style) -> tuple[str, str]:
    """Write what speaks for a style against another, and what against it: weight times difference in value."""
    gaps = [(gap.criterion, gap.difference) for gap in fit.explain(style, other)]
    return _signed([g for g in gaps if g[1] > 0.0005]), _signed([g for g in gaps if g[1] < -0.0005])


def _signed(gaps: list[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {value:+.3f}".replace("-", "\u2212") for name, value in gaps[:TERMS])


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
        f"{fit.label}: moving {quantity(fit.weight_flip.moved, 'share')} of the weight makes {STYLE_NAMES[fit.weight_flip.to]} "
        f"equal to {STYLE_NAMES[best_style(fit)]}."
        for fit in near
        if fit.weight_flip is not None
    ]
    return tuple((opened + turned)[:MAX_CHANGES])


LEGACY: tuple[Style, ...] = ("file-exchange", "api-facade", "database-access")
"""What remains for systems that offer no API, the best way first."""

DIRECT: tuple[Style, ...] = ("api-first", "event-driven")
"""The styles that need an interface of the system itself."""


def scores(result: Framework, chosen: Mapping[str, Style]) -> DataTable:
    """Show every score: integrations by styles, the excluded ones with their reason."""
    sources = _winners(result)

    def score(style: Style) -> ColumnSpec[IntegrationFit]:
        return ColumnSpec(
            style,
            sentence_case(STYLE_NAMES[style]),
            lambda fit: _score(fit.style(style), tuple(s.id for s in sources[fit.integration])),
            "number",
            digits=2,
        )

    return DataTable.of(
        result.integrations,
        (
            ColumnSpec("integration", "Integration", lambda fit: fit.label),
            *map(score, result.in_question),
            ColumnSpec("chosen", "Chosen", lambda fit: _chosen(chosen, fit)),
        ),
        id="fit",
        caption="Fit of each style, from 0 to 1 on fixed scales; a dash means excluded, with the reason",
        sources=tuple(s for each in sources.values() for s in each),
    )


def _winners(result: Framework) -> dict[str, tuple[Source, ...]]:
    """Return by integration the sources of its best style."""
    facts = {f.id: f for f in result.facts}
    return {
        fit.integration: facts[f"framework.{fit.integration}.winner"].sources for fit in result.integrations
    }


def _chosen(chosen: Mapping[str, Style], fit: IntegrationFit) -> str:
    style = chosen.get(fit.integration)
    return STYLE_NAMES[style] if style else "none"


def _score(fit: StyleFit, sources: tuple[str, ...]) -> TableCell:
    if fit.state == "excluded":
        return TableCell(value=None, note="; ".join(check.reason for check in fit.exclusions))
    return TableCell(value=fit.score, shade=min(1.0, max(0.0, fit.score)), sources=sources)


def reasons(result: Framework) -> DataTable:
    """Show what speaks for the best style against the next one, term by term."""
    sources = _winners(result)
    leads = [
        (fit, STYLE_NAMES[fit.winner], STYLE_NAMES[fit.runner_up], *terms(fit, fit.winner, fit.runner_up))
        for fit in result.integrations
        if fit.winner is not None and fit.runner_up is not None and fit.margin is not None
    ]
    return DataTable.of(
        leads,
        (
            ColumnSpec("integration", "Integration", lambda lead: lead[0].label),
            ColumnSpec("best", "Best", lambda lead: lead[1]),
            ColumnSpec("next", "Next", lambda lead: lead[2]),
            ColumnSpec(
                "lead",
                "Lead",
                lambda lead: lead[0].margin,
                "number",
                digits=3,
                trace=lambda lead: sources[lead[0].integration],
            ),
            ColumnSpec("for", "Speaks for it", lambda lead: lead[3]),
            ColumnSpec("against", "Speaks against it", lambda lead: lead[4]),
        ),
        id="reasons",
        caption="Why the best style leads the next: the terms of the lead, weight times difference in value",
    )


def without_api(result: Framework, chosen: Mapping[str, Style]) -> tuple[DataTable, ...]:
    """Show for integrations that neither APIs nor events reach what remains, with its warnings; none where all are reached."""
    shut = [
        fit for fit in result.integrations if all(fit.style(style).state == "excluded" for style in DIRECT)
    ]
    if not shut:
        return ()
    sources = _winners(result)

    def way(style: Style) -> ColumnSpec[IntegrationFit]:
        return ColumnSpec(
            style,
            sentence_case(STYLE_NAMES[style]),
            lambda fit: _way(fit.style(style), tuple(s.id for s in sources[fit.integration])),
        )

    return (
        DataTable.of(
            shut,
            (
                ColumnSpec("integration", "Integration", lambda fit: fit.label),
                *map(way, LEGACY),
                ColumnSpec("chosen", "Chosen", lambda fit: _chosen(chosen, fit)),
                ColumnSpec(
                    "change",
                    "Would have to change",
                    lambda fit: "; ".join(fit.would_have_to_change[:2]) or "nothing",
                ),
            ),
            id="without-api",
            caption="Where neither an API nor events are offered: what remains, and what to beware of",
            sources=tuple(s for fit in shut for s in sources[fit.integration]),
        ),
    )


def _way(fit: StyleFit, sources: tuple[str, ...]) -> TableCell:
    """Say whether a way is open; direct access to a database never without its warning."""
    warning = BYPASS if fit.style == "database-access" else ""
    if fit.state == "excluded":
        last = [check.reason for check in fit.exclusions if check.constraint == "last resort"]
        said = "not needed" if last and len(fit.exclusions) == 1 else "no"
        return TableCell(
            value=said, note="; ".join(check.reason for check in fit.exclusions), sources=sources
        )
    untested = "; ".join(check.reason for check in fit.untested)
    said = "with a warning" if warning else "possible" if not untested else "perhaps"
    return TableCell(value=said, note="; ".join(filter(None, (warning, untested))), sources=sources)


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
