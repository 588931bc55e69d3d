"""What the chapter on styles says in words."""

from __future__ import annotations

from collections import Counter

from assess.decisions.framework import Framework, IntegrationFit, StyleFit
from assess.intake.engagement import STYLE_NAMES, Style
from assess.report.chapters.words import and_list, count

MAX_CHANGES = 5
"""Sentences on what would change the answer; the nearest first."""

TERMS = 3
"""Terms of a lead that are named, the largest first."""


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


def best_of(fit: IntegrationFit) -> Style:
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
    place = "the portfolio uses it" if chosen else ""
    open_answers = tuple(check.reason for check in style.untested)
    best = best_of(fit)
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
        f"equal to {STYLE_NAMES[best_of(fit)]}."
        for fit in near
        if fit.weight_flip is not None
    ]
    return tuple((opened + turned)[:MAX_CHANGES])
