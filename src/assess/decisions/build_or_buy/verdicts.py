"""Build, buy, or start on the platform and migrate later: one integration at a time.

Compared is what an integration adds to each way: fixed costs of a platform are the same for all and
are not shared out here. Whoever builds later has a more experienced team, pays for the platform until
then, and builds for fewer years; what is left of a built integration's life at the end of the horizon
is credited (straight line, as residual values in NIST Handbook 135).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.core.numbers import quantity
from assess.decisions.cost.calendar import MONTHS, Calendar
from assess.decisions.cost.cashflow import HOURS_PER_DAY, build_costs, connector_share, learning
from assess.decisions.cost.draws import Draws
from assess.decisions.cost.parameters import Terms
from assess.decisions.cost.usage import bill_of, quantities
from assess.intake.engagement import Engagement

from .result import Choice, Verdict

Floats = NDArray[np.float64]

CLEAR = 0.02
"""Share of the cost by which one way has to be cheaper to be called the choice."""


@dataclass(frozen=True)
class Streams:
    """Flows of each integration: built once, run each year in base-date money or in contract money.

    ``once`` is shape ``(draws, integrations)``; ``real`` the same, a year; ``contract`` is shape
    ``(draws, integrations, years)``.
    """

    once: Floats
    real: Floats
    contract: Floats


def verdicts(
    engagement: Engagement, terms: Terms, draws: Draws, build_style: str, buy_style: str
) -> tuple[Verdict, ...]:
    """Return what to do with each integration, in the order of the engagement."""
    growth = engagement.assumptions["skill.growth"].likely
    life = engagement.assumptions["build.life_years"].likely
    calendar = Calendar.of(terms)
    build, buy = streams(terms, draws, build_style), streams(terms, draws, buy_style)
    later = [_easing(terms, draws, build_style, growth * year) for year in range(terms.horizon)]
    worth = [_migrated(calendar, build, buy, year, later[year], life) for year in range(terms.horizon)]
    stay = _kept(calendar, buy)
    return tuple(
        _verdict(engagement, terms, place, [item[:, place] for item in worth], stay[:, place])
        for place in range(len(terms.integrations))
    )


def streams(terms: Terms, draws: Draws, style: str) -> Streams:
    """Return what each integration costs in a style, with the average learning of the style."""
    places = list(range(len(terms.integrations)))
    costs = build_costs(terms, draws)
    eased = costs * _average_learning(draws, costs)[:, None]
    covered = connector_share(terms, draws, places) if style == "ipaas" else np.zeros((1, len(places)))
    built = eased * (1 - covered) * _column(draws, f"build.factor.{style}")
    settings = eased * covered * _column(draws, "build.config_share")
    hard = 1 + (_column(draws, "skill.psi") - 1) * (1 - terms.skills[style])
    hard = hard * _column(draws, f"overrun:{style}") * _column(draws, "overrun.factor")
    keep = _column(draws, "maintenance.custom") * (1 - _column(draws, "maintenance.change_share"))
    relief = covered * _column(draws, "change.abstraction")
    per_change = _column(draws, "change.hours") / HOURS_PER_DAY * _column(draws, "team.day_rate")
    leave = costs * _column(draws, f"exit.share.{style}") * _column(draws, f"exit.hazard.{style}")
    return Streams(
        once=built * hard + settings,
        real=built * keep
        + settings * _column(draws, "maintenance.ipaas")
        + draws.family["changes"] * (1 - relief) * per_change
        + leave,
        contract=_use(terms, draws, style, places),
    )


def _column(draws: Draws, name: str) -> Floats:
    return np.reshape(draws[name], (-1, 1))


def _average_learning(draws: Draws, costs: Floats) -> Floats:
    """Return planned cost with learning over planned cost without, in the order of the list."""
    factors = learning(draws, costs.shape[1])
    total = costs.sum(axis=1)
    eased = np.einsum("ni,ni->n", costs, factors)
    return np.asarray(np.divide(eased, total, out=np.ones_like(total), where=total > 0))


def _use(terms: Terms, draws: Draws, style: str, places: list[int]) -> Floats:
    """Share the yearly bill beyond the base fee out by what each integration is billed for.

    Shape ``(draws, integrations, years)``. An integration's part of the total is its part of the
    messages; on plans that count flows or cores each flow has an equal part, too.
    """
    shape = (draws.size, len(places), terms.horizon)
    plan = terms.plans.get(style)
    if plan is None:
        return np.zeros(shape)
    live = np.ones((draws.size, terms.horizon))
    counted = quantities(terms, draws, plan, places, live)
    none = {meter: amount if meter == "month" else np.zeros_like(amount) for meter, amount in counted.items()}
    total = bill_of(terms, draws, style, counted) - bill_of(terms, draws, style, none)
    part = np.zeros((draws.size, len(places)))
    volumes = draws.family["volume"]
    sums = volumes.sum(axis=1, keepdims=True)
    by_volume = np.divide(volumes, sums, out=np.full(volumes.shape, 1 / len(places)), where=sums > 0)
    if {"flow", "vcore", "connection"} & set(plan.meters):
        part = (by_volume + 1 / len(places)) / 2
    else:
        part = by_volume
    return np.asarray(part[:, :, None] * total[:, None, :])


def _easing(terms: Terms, draws: Draws, style: str, gained: float) -> Floats:
    """Return the build cost against today's once the team has gained experience, shape ``(draws, 1)``."""
    skill = terms.skills[style]
    harder = _column(draws, "skill.psi") - 1
    now, then = 1 + harder * (1 - skill), 1 + harder * (1 - min(skill + gained, 1.0))
    return np.asarray(then / now)


def _kept(calendar: Calendar, item: Streams) -> Floats:
    return np.asarray(_run(calendar, item, 0, calendar.years) + item.once)


def _run(calendar: Calendar, item: Streams, first: int, last: int) -> Floats:
    """Return the present value of running from year ``first`` to before year ``last``."""
    real = (calendar.yearly(calendar.real) / MONTHS)[first:last]
    contract = (calendar.yearly(calendar.contract) / MONTHS)[first:last]
    return np.asarray(
        item.real * real.sum() + np.einsum("niy,y->ni", item.contract[:, :, first:last], contract)
    )


def _migrated(
    calendar: Calendar, build: Streams, buy: Streams, year: int, easing: Floats, life: float
) -> Floats:
    """Return the present value of the platform until ``year`` and of building by hand from then on."""
    start = (1 + calendar.real_rate) ** -float(year)
    end = (1 + calendar.real_rate) ** -float(calendar.years)
    left = max(1 - (calendar.years - year) / life, 0.0)
    before = buy.once + _run(calendar, buy, 0, year) if year else np.zeros_like(build.once)
    made = build.once * easing
    return np.asarray(before + made * start - made * left * end + _run(calendar, build, year, calendar.years))


def _verdict(engagement: Engagement, terms: Terms, place: int, worth: list[Floats], stay: Floats) -> Verdict:
    integration = terms.integrations[place]
    build, buy = float(worth[0].mean()), float(stay.mean())
    later = [float(item.mean()) for item in worth[1:]]
    year = int(np.argmin(later)) + 2 if later else None
    migrate = min(later) if later else None
    choice = _choice(build, buy, migrate)
    return Verdict(
        integration=integration.id,
        label=integration.label,
        choice=choice,
        build=round(build, 2),
        buy=round(buy, 2),
        migrate=None if migrate is None else round(migrate, 2),
        year=year,
        date=_date(engagement, year) if year else None,
        build_share=round(float((worth[0] < stay).mean()), 4),
        reason=_reason(choice, build, buy, migrate, year, engagement.currency),
    )


def _choice(build: float, buy: float, migrate: float | None) -> Choice:
    """Return the cheapest way; ``open`` where building and buying are within 2% of each other."""
    best = min(build, buy)
    if migrate is not None and migrate < best * (1 - CLEAR):
        return "platform-first"
    if abs(build - buy) <= CLEAR * max(abs(build), abs(buy)):
        return "open"
    return "build" if build < buy else "buy"


def _date(engagement: Engagement, year: int) -> dt.date | None:
    start = engagement.start or engagement.date
    if start is None:
        return None
    day = min(start.day, 28) if start.month == 2 else start.day
    return dt.date(start.year + year - 1, start.month, day)


def _reason(
    choice: Choice, build: float, buy: float, migrate: float | None, year: int | None, currency: str
) -> str:
    if choice == "platform-first" and migrate is not None:
        return (
            f"platform first, build it by hand from year {year}: saves {quantity(min(build, buy) - migrate, currency)} "
            "against the better of building and buying for good"
        )
    if choice == "open":
        return "building and buying cost the same within 2%: decide by fit and skills"
    gap, other = (buy - build, "buying") if choice == "build" else (build - buy, "building")
    return f"{quantity(gap, currency)} cheaper than {other}"
