"""From messages to a monthly bill: billing units, tiers, free shares, commitments and editions that end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assess.core.record import Record

Floats = NDArray[np.float64]

Meter = Literal["month", "message", "step", "flow", "connection", "vcore", "throughput", "gigabyte"]
"""What a component of a plan counts. ``message``: messages in chunks, with retries. ``step``: the same times
steps and loops. ``flow``: copies of flows. ``vcore``: cores that flows and load occupy. ``throughput``: units
of 1 000 messages a second at the peak. ``month``: once a month, whatever the use."""


def units(
    messages: ArrayLike,
    *,
    steps: ArrayLike = 1.0,
    loop: ArrayLike = 1.0,
    kb: ArrayLike = 1.0,
    chunk_kb: float | None = 64.0,
    retry_rate: ArrayLike = 0.0,
) -> Floats:
    """Return the billing units of messages: ``messages * steps * loop * ceil(kB / chunk) * (1 + retry rate)``.

    Parameters
    ----------
    messages
        Messages a month, any shape; the others broadcast against it.
    chunk_kb
        Size that counts as one unit; None where size does not matter. A message of 0 kB is one chunk.

    >>> float(units(1_000, steps=3, kb=65, retry_rate=0.5))
    9000.0
    """
    size = np.asarray(kb, dtype=np.float64)
    chunks = np.ones_like(size) if chunk_kb is None else np.maximum(np.ceil(size / chunk_kb), 1.0)
    return np.asarray(
        np.asarray(messages, dtype=np.float64)
        * np.asarray(steps)
        * np.asarray(loop)
        * chunks
        * (1 + np.asarray(retry_rate))
    )


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
        Units are sold in blocks of this size, rounded up; 0 means by the unit.
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
        The edition that follows; empty where there is none, then nothing is sold beyond the ceiling.
    """

    id: str
    name: str = ""
    style: str = ""
    currency: str = "USD"
    components: tuple[Component, ...]
    minimum: float = 0.0
    ceiling: dict[str, float] = {}
    next: str = ""
    note: str = ""

    @property
    def meters(self) -> tuple[Meter, ...]:
        """What it counts, in the order of its components."""
        return tuple(dict.fromkeys(component.meter for component in self.components))


class PlanEnds(ValueError):
    """A quantity is beyond the last edition of a price plan."""


Prices = Mapping[str, ArrayLike]
"""Prices that are drawn or shifted, by key; a tier whose key is not in it keeps its own."""


def graduated(
    quantity: ArrayLike,
    tiers: Sequence[Tier],
    *,
    free: float = 0.0,
    per: float = 1.0,
    prices: Prices | None = None,
) -> Floats:
    """Return the price of a quantity when each tier prices only what falls into it.

    Parameters
    ----------
    quantity
        Units, any shape.
    tiers
        In ascending order of ``upto``; what lies beyond the last one costs its price, too.
    free
        Units at the start that cost nothing.
    prices
        Prices by key that replace those of the tiers, broadcast against the quantity.

    >>> float(graduated(1_000, [Tier(price=1, upto=300), Tier(price=0.9)]))
    930.0
    """
    amount = np.asarray(quantity, dtype=np.float64)
    total: Floats = np.zeros_like(amount)
    start = free
    last = len(tiers) - 1
    for place, tier in enumerate(tiers):
        end = math.inf if place == last else max(tier.upto, free)
        width = np.maximum(amount, start) - start if end == math.inf else np.clip(amount, start, end) - start
        cost = np.asarray((prices or {}).get(tier.key, tier.price), dtype=np.float64)
        total = total + width * (cost / per)
        start = max(start, end)
    return total


def charge(component: Component, quantity: ArrayLike, prices: Prices | None = None) -> Floats:
    """Return the monthly charge of one component for its quantity."""
    amount = np.asarray(quantity, dtype=np.float64)
    if component.block > 0:
        amount = np.ceil(np.round(amount / component.block, 9)) * component.block
    bill = graduated(amount, component.tiers, free=component.free, per=component.per, prices=prices)
    return bill / component.months


def edition_bill(plan: Plan, quantities: Mapping[str, ArrayLike], prices: Prices | None = None) -> Floats:
    """Return the monthly bill of one edition without regard to its ceiling."""
    shape = np.broadcast_shapes(*(np.shape(value) for value in quantities.values())) if quantities else ()
    total: Floats = np.zeros(shape)
    for component in plan.components:
        once = 1.0 if component.meter == "month" else 0.0
        total = total + charge(component, quantities.get(component.meter, once), prices)
    return np.maximum(total, plan.minimum)


def beyond(plan: Plan, quantities: Mapping[str, ArrayLike]) -> NDArray[np.bool_]:
    """Return where a quantity is above a hard ceiling of the edition."""
    shape = np.broadcast_shapes(*(np.shape(value) for value in quantities.values())) if quantities else ()
    over = np.zeros(shape, dtype=bool)
    for meter, limit in plan.ceiling.items():
        over = over | (np.asarray(quantities.get(meter, 0.0)) > limit)
    return over


def price(
    plan: Plan,
    quantities: Mapping[str, ArrayLike],
    editions: Mapping[str, Plan] | None = None,
    prices: Prices | None = None,
) -> Floats:
    """Return the monthly bill of a plan.

    Parameters
    ----------
    quantities
        Units a month by meter; arrays broadcast. A missing meter counts zero.
    editions
        Plans by id, among which ``plan.next`` is looked up.
    prices
        Prices by key that replace those of the tiers.

    Returns
    -------
    ndarray
        In the plan's currency, broadcast shape of the quantities. Where an edition ends, the next
        one is charged; where several allow the quantity, the cheapest (nobody buys the dearer one),
        so that more use never costs less.

    Raises
    ------
    PlanEnds
        If a quantity is beyond the ceiling of the last edition.
    """
    best: Floats = np.array(np.inf)
    current, seen = plan, {plan.id}
    while True:
        bill = np.where(beyond(current, quantities), np.inf, edition_bill(current, quantities, prices))
        best = np.minimum(best, bill)
        follower = (editions or {}).get(current.next)
        if follower is None or follower.id in seen:
            break
        seen.add(follower.id)
        current = follower
    if np.isinf(best).any():
        raise PlanEnds(
            f"{current.name or current.id} ends below the volume: nothing is sold beyond {current.ceiling}"
        )
    return np.asarray(best)
