"""What may be done with each integration: the styles that fit nearly as well as the best, and whether it may stay."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from assess.decisions.cost.parameters import style_today
from assess.decisions.framework.constraints import LOAD, ConstraintCase, IntegrationNeeds
from assess.decisions.framework.result import Framework, IntegrationFit, StyleFit
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLES, Integration, Style, Yearly

WINDOW = 0.10
"""Fit points below the best feasible style up to which a style is a candidate."""

NEEDS = ("client's rule", "interaction pattern", "data residency", "certification", LOAD)
"""Constraints that what runs today must meet, too; it shows by running that it reaches its systems."""


@dataclass(frozen=True)
class Candidates:
    """What may be done with one integration.

    Parameters
    ----------
    styles
        In which styles it may be built or bought, best fit first.
    may_stay
        Whether it may stay as it is: it runs today and meets the stated need.
    may_wait
        Whether it may be left undone: it does not run today, or by hand, a benefit says what doing it is worth, and the
        client does not say that it is required.
    misses
        Stated needs that today's style does not meet, in words.
    unused
        Whether it runs no more, as measured, and nobody owns it: then it is retired.
    """

    integration: Integration
    fit: IntegrationFit
    styles: tuple[Style, ...]
    may_stay: bool
    may_wait: bool
    misses: tuple[str, ...] = ()
    unused: bool = False

    @property
    def required(self) -> bool:
        """Whether it is chosen how it is done, not whether."""
        return not (self.may_stay or self.may_wait or self.misses or self.unused)

    @property
    def obliged(self) -> bool:
        """Whether it must be done whatever it brings, as the client says: what is required and may not stay as it is."""
        return bool(self.integration.required) and not self.may_stay


def may_be(item: Candidates, style: Style) -> bool:
    """Say whether a style may be one that fits: feasible, and within the window as far as the answers tell."""
    if style in item.styles:
        return True
    best = max((item.fit.style(one).score for one in item.fit.candidates), default=0.0)
    return style in item.fit.candidates and item.fit.style(style).high >= best - WINDOW


def candidates(
    engagement: Engagement, framework: Framework, benefits: tuple[Yearly, ...], unused: Collection[str] = ()
) -> tuple[Candidates, ...]:
    """Return what may be done with each integration, in the engagement's order."""
    paying = {id for benefit in benefits if benefit.per_year.high > 0 for id in benefit.integrations}
    everywhere = any(not benefit.integrations and benefit.per_year.high > 0 for benefit in benefits)
    return tuple(
        judge(item, framework.integration(item.id), everywhere or item.id in paying, item.id in unused)
        for item in engagement.integrations
    )


def judge(integration: Integration, fit: IntegrationFit, pays: bool, unused: bool) -> Candidates:
    """Return what may be done with one integration.

    Parameters
    ----------
    pays
        Whether a benefit says what doing it is worth.
    unused
        Whether it runs no more and nobody owns it.
    """
    unused = unused and not integration.required
    feasible = fit.candidates
    best = max((fit.style(style).score for style in feasible), default=0.0)
    near = tuple(style for style in feasible if fit.style(style).score >= best - WINDOW - 1e-9)
    today = style_today(integration)
    misses = () if today is None else _missed(fit, today)
    return Candidates(
        integration=integration,
        fit=fit,
        styles=() if unused else near,
        may_stay=today is not None and not unused and (not misses or not near),
        may_wait=today is None and pays and not integration.required,
        misses=misses,
        unused=unused,
    )


def _missed(fit: IntegrationFit, today: Style) -> tuple[str, ...]:
    checks = fit.style(today).checks
    return tuple(check.reason for check in checks if check.passed is False and check.constraint in NEEDS)


def nearest_miss(fit: IntegrationFit) -> StyleFit | None:
    """Return the style that a single broken constraint keeps out by least; None where each breaks none or several.

    One that is too slow or too weak misses by the share of cases that it lacks, any other by something as a whole; of equals the
    best fit.
    """

    def lacks(one: StyleFit) -> tuple[float, float]:
        (broken,) = one.exclusions
        return (-(broken.slack or 0.0) if broken.constraint == LOAD else 1.0, -one.score)

    return min((one for one in fit.styles if len(one.exclusions) == 1), key=lacks, default=None)


def freshness(engagement: Engagement, benefits: tuple[Yearly, ...]) -> Mapping[tuple[str, str], float]:
    """Return which share of its benefits each style brings for each integration: they fall with the latency that it delivers.

    A benefit comes in full up to one age of the data, and not at all from another on; in between its share falls in
    proportion. What a style delivers is the likely floor of its latency. Shares of 1 are left out.
    """
    found: dict[tuple[str, str], float] = {}
    for integration in engagement.integrations:
        own = [one for one in benefits if integration.id in one.integrations]
        whole = sum(one.per_year.mean for one in own)
        for style in STYLES if whole > 0 else ():
            age = ConstraintCase(IntegrationNeeds(engagement, integration), style).floor.likely
            share = sum(one.per_year.mean * _share(one, age) for one in own) / whole
            if share < 1:
                found[integration.id, style] = share
    return found


def _share(benefit: Yearly, age: float) -> float:
    needed, today = benefit.needed_seconds, benefit.today_seconds
    if needed is None or today is None or today <= needed:
        return 1.0
    return min(max((today - age) / (today - needed), 0.0), 1.0)
