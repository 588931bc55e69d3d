"""The likely case as numbers on named axes: what a page or a spreadsheet needs to compute it again.

Nothing is drawn: every parameter has its likely value, the overrun its median. The constants are
sums over integrations; the formulas over them stand in docs/method/cost.md and are written once more,
as data, by the report's what-if.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.decisions.shift import Shift, apply
from assess.intake.engagement import Engagement
from assess.intake.finding import Finding
from assess.intake.yearly import Yearly

from .calendar import MONTHS, WEEKS_PER_MONTH, Calendar, live_share, spent_share
from .cashflow import (
    HOURS_PER_DAY,
    applicable,
    cash_flows,
    connector_share,
    grouped,
    learning,
    psi,
    rollout_months,
)
from .draws import Draws, likely
from .parameters import STYLES, Terms, gather
from .usage import bill_of, quantities, quantity

Floats = NDArray[np.float64]

NO_END = 1e30
"""End of the last tier, in units; JSON and spreadsheets have no infinity."""


@dataclass(frozen=True)
class LikelyCase:
    """The likely case of some options.

    Parameters
    ----------
    axes
        Labels of the axes ``option``, ``style``, ``year``, ``month``, ``tier``.
    constants
        Name to axes and values.
    inputs
        Name to likely value of what a reader may move: ``discount_rate`` (real), ``day_rate``,
        ``wage``, ``uplift``, ``overrun`` (factor), ``volume`` (factor).
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
        If a price is in a currency of which no exchange rate is known.
    """
    moved = apply(engagement, shifts)
    used = {style for assignment in assignments.values() for style in assignment.values()}
    terms = gather(
        moved,
        styles=[style for style in STYLES if style in used],
        remediation=remediation,
        benefits=benefits,
        losses=losses,
    )
    draws = likely(terms)
    axes = {
        "option": tuple(assignments),
        "style": tuple(terms.styles),
        "year": tuple(str(year) for year in range(1, terms.horizon + 1)),
        "month": tuple(str(month) for month in range(1, terms.months + 1)),
        "tier": tuple(_tier_names(terms)) or ("none",),
    }
    constants = {
        **_efforts(terms, draws, assignments),
        **_style_constants(terms, draws),
        **_option_constants(terms, draws, assignments),
        **_time_constants(terms, draws),
        **_tariffs(terms, draws, assignments),
        "npv_bill_fixed": _fixed_bills(terms, draws, assignments),
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
            "volume": 1.0,
        },
        npv={name: float(cash_flows(terms, draws, item).npv[0]) for name, item in assignments.items()},
        currency=engagement.currency,
        money=terms.money,
        fixed_plans=tuple(style for style in terms.styles if _is_fixed(terms, style)),
    )


Constants = dict[str, tuple[tuple[str, ...], Floats]]


def _efforts(terms: Terms, draws: Draws, assignments: Mapping[str, Mapping[str, str]]) -> Constants:
    """Return what is built, configured and rebuilt: days (priced by the day rate) and money, by option and style."""
    days = np.array(
        [item.name.startswith("build.days:") for item in terms.parameters if item.family == "build"]
    )
    plain = draws.family["build"][0]
    shape = (len(assignments), len(terms.styles))
    names = (
        "custom_days",
        "custom_money",
        "config_days",
        "config_money",
        "hand_days",
        "hand_money",
        "change_days",
    )
    found = {name: np.zeros(shape) for name in names}
    for row, assignment in enumerate(assignments.values()):
        for style, places in grouped(terms, assignment).items():
            column = terms.styles.index(style)
            covered = connector_share(terms, draws, places)[0] if style == "ipaas" else np.zeros(len(places))
            planned = plain[places] * learning(draws, len(places))[0]
            factor = float(draws[f"build.factor.{style}"][0])
            for unit, chosen in (("days", days[places]), ("money", ~days[places])):
                found[f"custom_{unit}"][row, column] = ((1 - covered) * planned * chosen).sum() * factor
                configured = (covered * planned * chosen).sum()
                found[f"config_{unit}"][row, column] = configured * float(draws["build.config_share"][0])
                found[f"hand_{unit}"][row, column] = (plain[places] * chosen).sum()
            relief = covered * float(draws["change.abstraction"][0])
            count = (draws.family["changes"][0][places] * (1 - relief)).sum()
            found["change_days"][row, column] = count * float(draws["change.hours"][0]) / HOURS_PER_DAY
    return {name: (("option", "style"), values) for name, values in found.items()}


def _style_constants(terms: Terms, draws: Draws) -> Constants:
    def of(topic: str) -> Floats:
        return np.array([float(draws[f"{topic}{style}"][0]) for style in terms.styles])

    ramp = float(draws["skill.ramp_days"][0] * draws["team.people"][0])
    year = np.arange(terms.horizon)
    hazard = of("exit.hazard.")[:, None]
    return {
        "psi": (("style",), np.array([float(psi(terms, draws, style)[0]) for style in terms.styles])),
        "overrun_median": (("style",), of("overrun:")),
        "start_days": (
            ("style",),
            of("setup.days.") + np.array([ramp * (1 - terms.skills[style]) for style in terms.styles]),
        ),
        "infrastructure": (("style",), of("infrastructure.")),
        "posts": (("style",), of("people.fte.") * (1 + of("people.scarcity."))),
        "leaving": (("style", "year"), hazard * (1 - hazard) ** year * of("exit.share.")[:, None]),
    }


def _option_constants(terms: Terms, draws: Draws, assignments: Mapping[str, Mapping[str, str]]) -> Constants:
    used = np.zeros((len(assignments), len(terms.styles)))
    for row, assignment in enumerate(assignments.values()):
        for style in grouped(terms, assignment):
            used[row, terms.styles.index(style)] = 1
    capacity = (
        draws["team.people"]
        * draws["team.focus"]
        * terms.days_per_week
        * WEEKS_PER_MONTH
        * (1 - terms.reserve)
    )
    work = sum(float(draws[f"remediation:{name}"][0]) for name in terms.remediation)
    keep = draws["maintenance.custom"] * (1 - draws["maintenance.change_share"])

    def yearly(kind: str) -> Floats:
        items = terms.losses if kind == "loss" else terms.benefits
        return np.array(
            [
                sum(
                    float(draws[f"{kind}:{item.id}"][0])
                    * applicable(item.integrations, item.styles, assignment)
                    for item in items
                )
                for assignment in assignments.values()
            ],
            dtype=np.float64,
        )

    return {
        "used": (("option", "style"), used),
        "further_styles": (("option",), np.maximum(used.sum(axis=1) - 1, 0.0)),
        "coordination": ((), draws["portfolio.coordination"][:1]),
        "remediation_days": ((), np.array([work]) * draws["rework.factor"][:1]),
        "upkeep_custom": ((), keep[:1]),
        "upkeep_config": ((), draws["maintenance.ipaas"][:1]),
        "capacity": ((), np.maximum(capacity, 1.0)[:1]),
        "losses": (("option",), yearly("loss")),
        "benefits": (("option",), yearly("benefit")),
        "inflation": ((), np.array([terms.inflation])),
    }


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


def _is_fixed(terms: Terms, style: str) -> bool:
    plan = terms.plans.get(style)
    return plan is not None and bool(plan.ceiling or plan.minimum or plan.next)


def _tier_names(terms: Terms) -> list[str]:
    return [
        f"{terms.plans[style].id}/{component.label or component.meter}/{place}"
        for style in terms.styles
        if style in terms.plans and not _is_fixed(terms, style)
        for component in terms.plans[style].components
        for place in range(len(component.tiers))
    ]


def _tariffs(terms: Terms, draws: Draws, assignments: Mapping[str, Mapping[str, str]]) -> Constants:
    """Return the tiers of every plan, and what each counts: a part that stands and a part that follows the volume."""
    rows: list[tuple[float, float, float, float, float]] = []
    still: list[Floats] = []
    moving: list[Floats] = []
    doubled = _doubled(draws)
    live = live_share(rollout_months(draws, terms.months), terms.months)
    share = live.reshape(1, terms.horizon, MONTHS).mean(axis=2)
    for style in terms.styles:
        plan = terms.plans.get(style)
        if plan is None or _is_fixed(terms, style):
            continue
        for component in plan.components:
            once, twice = (
                np.stack([
                    quantity(terms, case, plan, component.meter, places, share)[0] if (places := grouped(terms, item).get(style)) else np.zeros(terms.horizon)
                    for item in assignments.values()
                ])
                for case in (draws, doubled)
            )  # fmt: skip
            loads = component.meter == "throughput"
            start = component.free
            for place, tier in enumerate(component.tiers):
                last = place == len(component.tiers) - 1
                end = NO_END if last else max(tier.upto, component.free)
                rate = float(draws[tier.key][0]) if tier.key else tier.price
                floor = 1e-3 if loads else 0.0
                rows.append((rate / component.per / component.months, start, end, component.block, floor))
                following = once if loads else twice - once
                moving.append(following)
                still.append(np.zeros_like(once) if loads else once - following)
                start = max(start, end)
    table = np.array(rows) if rows else np.zeros((1, 5))
    nothing = np.zeros((1, len(assignments), terms.horizon))
    names = ("tier_price", "tier_start", "tier_end", "tier_block", "tier_floor")
    found: Constants = {name: (("tier",), table[:, column]) for column, name in enumerate(names)}
    found["still"] = (("tier", "option", "year"), np.stack(still) if still else nothing)
    found["moving"] = (("tier", "option", "year"), np.stack(moving) if moving else nothing)
    used = found["still"][1] + found["moving"][1]
    found["tier_floor_used"] = (("tier", "option"), table[:, 4][:, None] * (used.max(axis=2) > 0))
    del found["tier_floor"]
    return found


def _doubled(draws: Draws) -> Draws:
    """Return the draws with twice the volume, to see what follows it."""
    return Draws(draws.values, {**draws.family, "volume": 2 * draws.family["volume"]}, draws.size)


def _fixed_bills(
    terms: Terms, draws: Draws, assignments: Mapping[str, Mapping[str, str]]
) -> tuple[tuple[str, ...], Floats]:
    """Return the yearly bills, before uplift, of plans that end or have a minimum."""
    live = live_share(rollout_months(draws, terms.months), terms.months)
    share = live.reshape(1, terms.horizon, MONTHS).mean(axis=2)
    rise = (1 + float(draws["price.uplift"][0])) ** np.arange(terms.horizon)
    table = np.zeros((len(assignments), terms.horizon))
    for row, assignment in enumerate(assignments.values()):
        for style, places in grouped(terms, assignment).items():
            if _is_fixed(terms, style):
                counted = quantities(terms, draws, terms.plans[style], places, share)
                table[row] += bill_of(terms, draws, style, counted)[0] / rise
    return ("option", "year"), table
