"""The tables and sentences of chapter 3: every score, why the best leads, and systems that offer no API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from assess.core.source import Source
from assess.decisions.decision import Decision
from assess.decisions.framework import Framework, IntegrationFit, StyleFit
from assess.decisions.framework.ranking import BYPASS
from assess.intake.engagement.landscape import STYLE_NAMES, Style
from assess.report.prose import and_list, count, sentence_case
from assess.report.tables import ColumnSpec, DataTable, TableCell

MAX_CHANGES = 5
"""Sentences on what would change the answer; the nearest first."""

TERMS = 3
"""Terms of a lead that are named, the largest first."""


def running(decision: Decision) -> dict[str, Style]:
    """Return the style in which each integration runs as decided."""
    return {id: style for id, style in decision.landscape.items() if style is not None}


def verdict(result: Framework, decision: Decision) -> str:
    """Answer in one or two sentences what the decision uses."""
    chosen = Counter(running(decision).values())
    if not chosen:
        return "No integration can be built under the present constraints; each says below what would have to change."
    parts = [f"{STYLE_NAMES[style]} for {number}" for style, number in chosen.most_common()]
    mix = "A hybrid" if len(chosen) > 1 else "One style"
    text = f"{mix}: {and_list(parts)} of {count(len(result.integrations), 'integration')}"
    kept = len(decision.kept)
    text += f"; {kept} of them stay as they are." if kept else "."
    lost = sum(item.choice == "open" for item in decision.integrations)
    if lost:
        text += f" {count(lost, 'integration')} can't be built under the present constraints."
    return text


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


def reason_lines(fit: IntegrationFit, style: StyleFit, chosen: bool) -> tuple[str, ...]:
    """Say line by line why a style stands where it stands: against the next one, or against the best."""
    head = f"{fit.label}: {STYLE_NAMES[style.style]}"
    if style.state == "excluded":
        changes = [check.feasible_if for check in style.exclusions if check.feasible_if]
        reasons = [check.reason for check in style.exclusions]
        return (head, "excluded:", *reasons, *(f"feasible if {change}" for change in changes))
    place = "the decision uses it" if chosen else ""
    open_answers = tuple(check.reason for check in style.untested)
    best = best_style(fit)
    other = fit.runner_up if style.style == best else best
    if other is None:
        return tuple(line for line in (head, "the only feasible style", place) if line)
    ahead, behind = terms(fit, style.style, other)
    gap = style.score - fit.style(other).score
    led = f"{abs(gap):.3f} {'ahead of' if gap >= 0 else 'behind'} {STYLE_NAMES[other]}"
    lines = (
        head,
        led,
        f"for it: {ahead}" if ahead else "",
        f"against it: {behind}" if behind else "",
        place,
        *open_answers,
    )
    return tuple(line for line in lines if line)


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
            *map(score, STYLE_NAMES),
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
