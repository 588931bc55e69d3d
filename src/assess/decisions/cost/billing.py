"""Price plans and their monthly bill: tiers, free shares, commitments, editions that end."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assess.core.formula_evaluation import Evaluation, Formulas
from assess.core.formula_graph import ENDLESS, Formula, apply_function, highest, lowest, named, where
from assess.core.grids import DRAW, Grid
from assess.core.record import Record
from assess.intake.engagement.landscape import Interaction, Meter

Floats = NDArray[np.float64]


class Tier(Record):
    """A price that holds up to a quantity.

    Parameters
    ----------
    price
        Price of one priced unit (``per`` units of the component), in the plan's currency.
    upto
        Quantity up to which it holds, in units; infinite for the last tier.
    key
        The assumption that the price came from.
    """

    price: float
    upto: float = math.inf
    key: str = ""


class Component(Record):
    """One line of a bill.

    Parameters
    ----------
    meter
        What is counted.
    per
        Units that one price pays for: 1e6 where prices are per million.
    free
        Units that cost nothing, or that a commitment includes: the first tier starts behind them.
        The limits of the tiers count from zero, as price lists print them.
    block
        Units beyond the free ones are sold in blocks of this size, rounded up; 0 means by the unit.
    months
        Months that one price pays for: 12 where the list is by the year.
    chunk_kb
        Size of a message that counts as one unit; None where size does not matter.
    """

    label: str = ""
    meter: Meter
    tiers: tuple[Tier, ...]
    per: float = 1.0
    free: float = 0.0
    block: float = 0.0
    months: float = 1.0
    chunk_kb: float | None = 64.0


class Capabilities(Record):
    """What a plan can do, as ``price_plans.yaml`` says; empty where that is not known.

    Parameters
    ----------
    vendor
        The platform's name in the column ``connectors`` of the systems; `ANY_VENDOR` for a reference price.
    interactions
        Patterns that it serves; empty means all.
    fan_out
        Whether one message reaches several consumers.
    regions, certificates
        Where it runs and what it holds; None where only what platforms in general offer is known.
    """

    vendor: str = ""
    interactions: tuple[Interaction, ...] = ()
    fan_out: bool = True
    regions: tuple[str, ...] | None = None
    certificates: tuple[str, ...] | None = None


ANY_VENDOR = "any"
"""Vendor of a plan that stands for whichever platform has the connectors."""


class Plan(Record):
    """A price plan: its components, what it costs at least, and where it ends.

    Parameters
    ----------
    currency
        ISO code of its prices.
    minimum
        Least bill of a month (commitment in money), in its currency.
    ceiling
        Hard ends of this edition: units of a meter a month that it does not go beyond.
    next
        The edition that follows; None where there is none, then nothing is sold beyond the ceiling.
    quoted
        Whether it was offered to the client.
    valid_until
        Last day of an offer.
    """

    id: str
    name: str = ""
    style: str = ""
    currency: str = "USD"
    components: tuple[Component, ...]
    minimum: float = 0.0
    ceiling: dict[str, float] = {}
    next: Plan | None = None
    note: str = ""
    capabilities: Capabilities = Capabilities()
    quoted: bool = False
    valid_until: dt.date | None = None

    @property
    def meters(self) -> tuple[Meter, ...]:
        """What it counts, in the order of its components."""
        return tuple(dict.fromkeys(part.meter for edition in self.editions for part in edition.components))

    @property
    def editions(self) -> tuple[Plan, ...]:
        """The plan itself and the editions that follow it."""
        return (self, *(self.next.editions if self.next else ()))

    @property
    def price_keys(self) -> tuple[str, ...]:
        """Keys of the assumptions that its prices come from, those of later editions too."""
        tiers = (tier for edition in self.editions for part in edition.components for tier in part.tiers)
        return tuple(dict.fromkeys(tier.key for tier in tiers if tier.key))

    def expired(self, day: dt.date | None) -> bool:
        """Whether an offer can't be accepted any more on a day; never where the day is not known."""
        return day is not None and self.valid_until is not None and self.valid_until < day


def graduated(quantity: Formula, tiers: Sequence[Tier], *, free: float = 0.0, per: float = 1.0) -> Formula:
    """Return the price of a quantity when each tier prices only what falls into it.

    Parameters
    ----------
    quantity
        Units.
    tiers
        In ascending order of ``upto``; what lies beyond the last one costs its price, too. A tier with a key
        costs what is called by its key.
    free
        Units at the start that cost nothing.

    >>> graduated(named("calls"), [Tier(price=2)]).form
    ('/', ('*', ('-', ('max', 'calls', 0.0), 0.0), 2.0), 1.0)
    """
    pieces: list[Formula] = []
    start = free
    for place, tier in enumerate(tiers):
        end = math.inf if place == len(tiers) - 1 else max(tier.upto, free)
        reached = highest(quantity, start)
        inside = (reached if end == math.inf else lowest(reached, end)) - start
        pieces.append(inside * (named(tier.key) if tier.key else tier.price) / per)
        start = max(start, end)
    return sum(pieces[1:], pieces[0])


def charge(component: Component, quantity: Formula) -> Formula:
    """Return the monthly charge of one component for its quantity."""
    amount = quantity
    if component.block > 0:
        beyond = highest(quantity - component.free, 0) if component.free else quantity
        amount = apply_function("ceil", beyond / component.block - ROUNDING) * component.block
        amount = amount + component.free if component.free else amount
    bill = graduated(amount, component.tiers, free=component.free, per=component.per)
    return bill / component.months if component.months != 1 else bill


ROUNDING = 5e-10
"""Part of a block that is no further block: the rounding of a sum of quantities."""


class Quantities(Protocol):
    """Units a month by meter, as formulas."""

    def __getitem__(self, meter: str, /) -> Formula:
        """Return the units of a meter."""


def plan_bill(plan: Plan, quantities: Quantities, endless: Formula) -> Formula:
    """Return the monthly bill of a plan: of the cheapest edition that carries the quantities.

    Nobody buys the dearer one of several editions, so more use never costs less.

    Parameters
    ----------
    quantities
        Units a month by meter.
    endless
        What is billed beyond the last edition, where nothing is sold.
    """
    bills = []
    for edition in plan.editions:
        charges = [charge(part, quantities[part.meter]) for part in edition.components]
        bill = sum(charges[1:], charges[0])
        bill = highest(bill, edition.minimum) if edition.minimum else bill
        for meter, limit in edition.ceiling.items():
            bill = where(limit < quantities[meter], endless, bill)
        bills.append(bill)
    return lowest(*bills) if len(bills) > 1 else bills[0]


class PlanEnds(ValueError):
    """A quantity is beyond the last edition of a price plan."""

    def __init__(self, plan: Plan) -> None:
        name = plan.name or plan.id
        most = ", ".join(f"{quantity:,.0f} {meter}s" for meter, quantity in plan.ceiling.items())
        super().__init__(f"{name} ends below the volume: nothing is sold beyond {most} a month")


class _Counted(dict[str, Formula]):
    """Quantities by meter; one that is not stated is zero, the month is one."""

    def __missing__(self, meter: str) -> Formula:
        return Formula(1.0 if meter == "month" else 0.0)


def price(
    plan: Plan,
    quantities: Mapping[str, ArrayLike],
    prices: Mapping[str, ArrayLike] | None = None,
) -> Floats:
    """Return the monthly bill of a plan.

    Parameters
    ----------
    quantities
        Units a month by meter; arrays broadcast. A missing meter counts zero.
    prices
        Prices by key that replace those of the tiers.

    Returns
    -------
    ndarray
        In the plan's currency, broadcast shape of the quantities and prices.

    Raises
    ------
    PlanEnds
        If a quantity is beyond the ceiling of the last edition.
    """
    own = {tier.key: tier.price for edition in plan.editions
           for part in edition.components for tier in part.tiers if tier.key}  # fmt: skip
    known = {**own, **(prices or {}), **quantities}
    shape = np.broadcast_shapes(*(np.shape(value) for value in known.values()))
    counted = _Counted({meter: named(meter) for meter in quantities})
    form = plan_bill(plan, counted, ENDLESS).form
    size = math.prod(shape)
    grids = {
        name: Grid((DRAW,), np.broadcast_to(np.asarray(value, dtype=np.float64), shape).reshape(-1))
        for name, value in known.items()
    }
    with np.errstate(all="ignore"):
        bill = np.broadcast_to(
            Evaluation(Formulas({}), grids, {DRAW: range(size)}).value(form).data, (size,)
        ).reshape(shape)
    if np.isinf(bill).any():
        raise PlanEnds(plan)
    return np.asarray(bill)
