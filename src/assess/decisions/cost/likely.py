"""The likely case as numbers on named axes: what a page or a spreadsheet needs to compute it again.

Nothing is drawn: every parameter has its likely value, the overrun its median. The constants are
those of each integration; the formulas over them stand in docs/method/cost.md and are written once more,
as data, by the report's what-if.

The number of integrations may move: ``n`` of them are the first ``n`` of the engagement; beyond its end
they begin again with the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.core.finding import Finding
from assess.decisions.shift import Shift, apply
from assess.intake.engagement import Engagement
from assess.intake.yearly import Yearly

from .calendar import MONTHS, WEEKS_PER_MONTH, Calendar, live_share, spent_share
from .cashflow import HOURS_PER_DAY, applicable, cash_flows, connector_share, grouped, psi, rollout_months
from .draws import Draws, likely, overrun_of
from .likely_tariffs import fixed_bills, is_fixed, tariffs, tier_names
from .parameters import STYLES, Terms, gather

Floats = NDArray[np.float64]
Constants = dict[str, tuple[tuple[str, ...], Floats]]

COPIES, AT_LEAST = 3, 30
"""Up to how many times the integrations there are, and up to how many at least, the number may move."""

RUNAWAY = 0.9
"""Beyond this quantile an overrun counts as a runaway: the worst tenth."""

HIGHEST_CAP = 50.0
"""Up to where the cap of the overrun may move, times the plan."""


@dataclass(frozen=True)
class LikelyCase:
    """The likely case of some options.

    Parameters
    ----------
    axes
        Labels of the axes ``option``, ``style``, ``year``, ``month``, ``tier``, ``place`` (the integrations),
        ``copy`` (how often the list begins) and ``cap`` (stops of the overrun's cap).
    constants
        Name to axes and values.
    inputs
        Name to likely value of what a reader may move: ``discount_rate`` (real), ``day_rate``,
        ``wage``, ``uplift``, ``overrun`` (factor), ``cap`` (times the plan), ``volume`` (factor),
        ``number`` (of integrations).
    npv
        Present value of each option, as the engine computes it.
    fixed_plans
        Styles whose price plan ends or has a minimum: their subscription does not follow the volume.
    """

    axes: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, tuple[tuple[str, ...], Floats]]
    inputs: Mapping[str, float]
    npv: Mapping[str, float]
    currency: str
    money: str
    fixed_plans: tuple[str, ...] = ()


def option_terms(
    engagement: Engagement,
    assignments: Mapping[str, Mapping[str, str]],
    *,
    remediation: Sequence[Finding] = (),
    benefits: Sequence[Yearly] = (),
    losses: Sequence[Yearly] = (),
    shifts: Sequence[Shift] = (),
) -> Terms:
    """Return the terms of the styles that options ``name -> integration id -> style`` use.

    Raises
    ------
    MissingRate
        If a price is in a currency of which no exchange rate is known.
    """
    used = {style for assignment in assignments.values() for style in assignment.values()}
    return gather(
        apply(engagement, shifts),
        styles=[style for style in STYLES if style in used],
        remediation=remediation,
        benefits=benefits,
        losses=losses,
    )


def likely_case(
    engagement: Engagement,
    assignments: Mapping[str, Mapping[str, str]],
    *,
    remediation: Sequence[Finding] = (),
    benefits: Sequence[Yearly] = (),
    losses: Sequence[Yearly] = (),
    shifts: Sequence[Shift] = (),
) -> LikelyCase:
    """Return the likely case of options ``name -> integration id -> style``.

    Raises
    ------
    MissingRate
        As `option_terms`.
    """
    terms = option_terms(
        engagement, assignments, remediation=remediation, benefits=benefits, losses=losses, shifts=shifts
    )
    draws = likely(terms)
    axes = {
        "option": tuple(assignments),
        "style": tuple(terms.styles),
        "year": tuple(str(year) for year in range(1, terms.horizon + 1)),
        "month": tuple(str(month) for month in range(1, terms.months + 1)),
        "tier": tuple(tier_names(terms)) or ("none",),
        "place": tuple(item.id for item in terms.integrations),
        "copy": tuple(str(time) for time in range(1, _copies(len(terms.integrations)) + 1)),
        "cap": tuple(f"{stop:g}" for stop in _stops(terms)),
    }
    constants = {
        **_places(terms, draws),
        **_assigned(terms, assignments),
        **_style_constants(terms, draws),
        **_yearly(terms, draws, assignments),
        **_shared_constants(terms, draws),
        **_time_constants(terms, draws),
        **tariffs(terms, draws, assignments),
        "npv_bill_fixed": fixed_bills(terms, draws, assignments),
    }
    return LikelyCase(
        axes=axes,
        constants=constants,
        inputs={
            "discount_rate": terms.real_rate,
            "day_rate": float(draws["team.day_rate"][0]),
            "wage": float(draws["people.wage"][0]),
            "uplift": float(draws["price.uplift"][0]),
            "overrun": float(draws["overrun.factor"][0]),
            "cap": terms.overrun["cap"],
            "volume": 1.0,
            "number": float(len(terms.integrations)),
        },
        npv={name: float(cash_flows(terms, draws, item).npv[0]) for name, item in assignments.items()},
        currency=engagement.currency,
        money=terms.money,
        fixed_plans=tuple(style for style in terms.styles if is_fixed(terms, style)),
    )


def _copies(count: int) -> int:
    return max(COPIES, -(-AT_LEAST // count))


def _stops(terms: Terms) -> list[float]:
    """Return the caps that are looked at: whole steps from the engagement's, above the mean of the tail."""
    cap, least = terms.overrun["cap"], max(terms.overrun["tail_mean"], 1.5)
    down = int(np.ceil(cap - least)) - 1
    up = max(0, int(HIGHEST_CAP - cap))
    return [cap + step for step in range(-max(down, 0), up + 1)] if up + down > 0 else [cap, cap + 1]


def _places(terms: Terms, draws: Draws) -> Constants:
    """Return what each integration brings: planned cost (days, priced by the day rate, or money), changes, cover."""
    days = np.array(
        [item.name.startswith("build.days:") for item in terms.parameters if item.family == "build"]
    )
    plain = draws.family["build"][0]
    everywhere = list(range(len(terms.integrations)))
    growth = float(draws["volume.growth"][0])
    found = {
        "plain_days": plain * days,
        "plain_money": plain * ~days,
        "covered": connector_share(terms, draws, everywhere)[0],
        "changes_each": draws.family["changes"][0],
        "growth": np.array([growth if item.growth is None else item.growth for item in terms.integrations]),
    }
    return {name: (("place",), np.asarray(values, dtype=np.float64)) for name, values in found.items()}


def _assigned(terms: Terms, assignments: Mapping[str, Mapping[str, str]]) -> Constants:
    """Return the number of the style of each integration (0: not built), its rank in it, and the systems it adds."""
    shape = (len(assignments), len(terms.integrations))
    style_of, rank, ends = np.zeros(shape), np.ones(shape), np.zeros(shape)
    for row, assignment in enumerate(assignments.values()):
        for style, places in grouped(terms, assignment).items():
            seen: set[str] = set()
            for position, place in enumerate(places):
                style_of[row, place] = terms.styles.index(style) + 1
                rank[row, place] = position + 1
                item = terms.integrations[place]
                ends[row, place] = len({item.source, item.target} - seen)
                seen |= {item.source, item.target}
    named = {"style_of": style_of, "rank": rank, "new_ends": ends}
    return {name: (("option", "place"), values) for name, values in named.items()}


def _style_constants(terms: Terms, draws: Draws) -> Constants:
    def of(topic: str) -> Floats:
        return np.array([float(draws[f"{topic}{style}"][0]) for style in terms.styles])

    ramp = float(draws["skill.ramp_days"][0] * draws["team.people"][0])
    year = np.arange(terms.horizon)
    hazard = of("exit.hazard.")[:, None]
    return {
        "platform_style": (("style",), np.array([float(style == "ipaas") for style in terms.styles])),
        "factor": (("style",), of("build.factor.")),
        "psi": (("style",), np.array([float(psi(terms, draws, style)[0]) for style in terms.styles])),
        "overrun_median": (("style",), of("overrun:")),
        "overrun_runaway": (("style", "cap"), _runaways(terms)),
        "start_days": (
            ("style",),
            of("setup.days.") + np.array([ramp * (1 - terms.skills[style]) for style in terms.styles]),
        ),
        "infrastructure": (("style",), of("infrastructure.")),
        "posts": (("style",), of("people.fte.") * (1 + of("people.scarcity."))),
        "leaving": (("style", "year"), hazard * (1 - hazard) ** year * of("exit.share.")[:, None]),
    }


def _runaways(terms: Terms) -> Floats:
    """Return the mean of the worst tenth of the overrun of each style, for each cap."""
    bodies = [terms.by_name[f"overrun:{style}"] for style in terms.styles]
    found = [
        [overrun_of(terms, body)._replace(cap=cap).beyond(RUNAWAY) for cap in _stops(terms)]
        for body in bodies
    ]
    return np.array(found)


def _shared_constants(terms: Terms, draws: Draws) -> Constants:
    """Return the numbers that exist once."""
    capacity = (
        draws["team.people"]
        * draws["team.focus"]
        * terms.days_per_week
        * WEEKS_PER_MONTH
        * (1 - terms.reserve)
    )
    work = sum(float(draws[f"remediation:{name}"][0]) for name in terms.remediation)
    keep = draws["maintenance.custom"] * (1 - draws["maintenance.change_share"])
    found = {
        "places": len(terms.integrations),
        "first_cap": _stops(terms)[0],
        "learning": np.log2(draws["build.learning_rate"]),
        "config_share": draws["build.config_share"],
        "abstraction": draws["change.abstraction"],
        "days_per_change": draws["change.hours"] / HOURS_PER_DAY,
        "coordination": draws["portfolio.coordination"],
        "remediation_days": work * draws["rework.factor"],
        "upkeep_custom": keep,
        "upkeep_config": draws["maintenance.ipaas"],
        "capacity": np.maximum(capacity, 1.0),
        "inflation": terms.inflation,
    }
    return {
        name: ((), np.atleast_1d(np.asarray(value, dtype=np.float64))[:1]) for name, value in found.items()
    }


def _yearly(terms: Terms, draws: Draws, assignments: Mapping[str, Mapping[str, str]]) -> Constants:
    """Return losses and benefits a year: of integrations that are named, and by style where all are meant."""
    found: Constants = {}
    for name, kind, items in (("losses", "loss", terms.losses), ("benefits", "benefit", terms.benefits)):
        named = np.zeros((len(assignments), len(terms.integrations)))
        general = np.zeros(len(terms.styles))
        for item in items:
            amount = float(draws[f"{kind}:{item.id}"][0])
            if not item.integrations:
                general += amount * np.array(
                    [not item.styles or style in item.styles for style in terms.styles]
                )
                continue
            for row, assignment in enumerate(assignments.values()):
                for place, integration in enumerate(terms.integrations):
                    own = {integration.id: assignment[integration.id]} if integration.id in assignment else {}
                    if integration.id in item.integrations:
                        named[row, place] += amount * applicable(item.integrations, item.styles, own)
        found[f"{name}_named"] = (("option", "place"), named)
        found[f"{name}_general"] = (("style",), general)
    return found


def _time_constants(terms: Terms, draws: Draws) -> Constants:
    calendar = Calendar.of(terms)
    rollout = rollout_months(draws, calendar.months)
    live = live_share(rollout, calendar.months)
    inside = np.kron(np.eye(terms.horizon), np.ones(MONTHS))
    return {
        "live": (("month",), live[0]),
        "spent": (("month",), spent_share(live)[0]),
        "inside": (("year", "month"), inside),
        "rollout": ((), rollout[:1]),
    }
