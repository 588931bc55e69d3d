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

from assess.core.formula_graph import DRAW, Formula, Grid, form_data, named, total, where
from assess.core.numbers import quantity
from assess.decisions.cost.allocation import counts_flows
from assess.decisions.cost.cashflow import Model, drawn
from assess.decisions.cost.draws import Draws
from assess.decisions.cost.model import HAZARD, LEAVING
from assess.decisions.cost.parameters import Terms
from assess.intake.engagement import Engagement

from .result import BuildOrBuyVerdict, Choice

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
    engagement: Engagement, terms: Terms, draws: Draws, styles: tuple[str, str]
) -> tuple[BuildOrBuyVerdict, ...]:
    """Return what to do with each integration, in the order of the engagement.

    Parameters
    ----------
    styles
        What is built, and what is bought.
    """
    growth = engagement.assumptions["skill.growth"].likely
    life = engagement.assumptions["build.life_years"].likely
    worth_of = IntegrationWorth.of(terms, draws)
    build, buy = (streams(terms, draws, style) for style in styles)
    later = [_easing(terms, draws, styles[0], growth * year) for year in range(terms.horizon)]
    worth = [_migrated(worth_of, build, buy, year, later[year], life) for year in range(terms.horizon)]
    stay = buy.once + worth_of.running(buy, 0, terms.horizon)
    return tuple(
        _verdict(engagement, terms, place, [item[:, place] for item in worth], stay[:, place])
        for place in range(len(terms.integrations))
    )


def streams(terms: Terms, draws: Draws, style: str) -> Streams:
    """Return what each integration costs in a style, with the average learning of the style."""
    model = Model.of(terms, draws)
    everything = {item.id: style for item in terms.integrations}
    found = model.option(everything)
    plain = total("place", named("plain"))
    learned = found.value(form_data(total("place", named("plain") * named("eased")) / where(plain, plain, 1)))
    spared = drawn(found.value(form_data(plain)), draws.size) > 0
    eased = Grid((DRAW,), np.where(spared, drawn(learned, draws.size), 1.0))
    alone = model.alone(style, known={"eased": eased})
    leaving = total("style", named("by_hand") * LEAVING * HAZARD)
    upkeep = named("line.maintenance") + named("line.changes") + leaving
    once, real = (drawn(alone.value(form_data(item)), draws.size).T for item in (named("line.build"), upkeep))
    return Streams(once=once, real=real, contract=_use(terms, draws, model, style))


def _use(terms: Terms, draws: Draws, model: Model, style: str) -> Floats:
    """Share the yearly bill beyond the base fee out by what each integration is billed for.

    Shape ``(draws, integrations, years)``. An integration's part of the total is its part of the
    messages; on plans that count flows or cores each flow has an equal part, too.
    """
    count = len(terms.integrations)
    plan = terms.plans.get(style)
    if plan is None:
        return np.zeros((draws.size, count, terms.horizon))
    everything = {item.id: style for item in terms.integrations}
    live = {"live_year": Formula(1.0)}
    none = {f"{meter}.{style}": Formula(0.0) for meter in plan.meters if meter != "month"}
    bills = [model.option(everything, change)[f"bill.{style}"] for change in (live, live | none)]
    whole, base = (np.broadcast_to(drawn(bill, draws.size), (terms.horizon, draws.size)) for bill in bills)
    volumes = draws.family["volume"]
    sums = volumes.sum(axis=1, keepdims=True)
    part = np.divide(volumes, sums, out=np.full(volumes.shape, 1 / count), where=sums > 0)
    if counts_flows(plan):
        part = (part + 1 / count) / 2
    return np.asarray(part[:, :, None] * (whole - base).T[:, None, :])


def _easing(terms: Terms, draws: Draws, style: str, gained: float) -> Floats:
    """Return the build cost against today's once the team has gained experience, shape ``(draws, 1)``."""
    skill = terms.skills[style]
    harder = np.reshape(draws["skill.psi"], (-1, 1)) - 1
    now, then = 1 + harder * (1 - skill), 1 + harder * (1 - min(skill + gained, 1.0))
    return np.asarray(then / now)


@dataclass(frozen=True)
class IntegrationWorth:
    """What 1 a year is worth in each year: in base-date money, in the money of the contract, shape ``(years,)``."""

    real: Floats
    contract: Floats
    rate: float

    @classmethod
    def of(cls, terms: Terms, draws: Draws) -> IntegrationWorth:
        """Return the worth of the years of the horizon."""
        shared = Model.of(terms, draws).shared
        return cls(shared["real_year"].data, shared["contract_year"].data, terms.real_rate)

    def running(self, item: Streams, first: int, last: int) -> Floats:
        """Return the present value of running from year ``first`` to before year ``last``."""
        contract = np.einsum("niy,y->ni", item.contract[:, :, first:last], self.contract[first:last])
        return np.asarray(item.real * self.real[first:last].sum() + contract)


def _migrated(
    worth: IntegrationWorth, build: Streams, buy: Streams, year: int, easing: Floats, life: float
) -> Floats:
    """Return the present value of the platform until ``year`` and of building by hand from then on."""
    years = len(worth.real)
    start = (1 + worth.rate) ** -float(year)
    end = (1 + worth.rate) ** -float(years)
    left = max(1 - (years - year) / life, 0.0)
    before = buy.once + worth.running(buy, 0, year) if year else np.zeros_like(build.once)
    made = build.once * easing
    return np.asarray(before + made * start - made * left * end + worth.running(build, year, years))


def _verdict(
    engagement: Engagement, terms: Terms, place: int, worth: list[Floats], stay: Floats
) -> BuildOrBuyVerdict:
    integration = terms.integrations[place]
    build, buy = float(worth[0].mean()), float(stay.mean())
    later = [float(item.mean()) for item in worth[1:]]
    year = int(np.argmin(later)) + 2 if later else None
    migrate = min(later) if later else None
    choice = _choice(build, buy, migrate)
    return BuildOrBuyVerdict(
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
