"""Price plans and their monthly bill: tiers, free shares, commitments, editions that end; the plans that ship."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Protocol

import numpy as np
import yaml
from numpy.typing import ArrayLike, NDArray

from assess.core.formula_graph import (
    DRAW,
    ENDLESS,
    Evaluation,
    Formula,
    Grid,
    apply_function,
    highest,
    lowest,
    named,
    where,
)
from assess.core.record import Record
from assess.intake.assumptions import Assumptions
from assess.intake.engagement.landscape import Interaction

Floats = NDArray[np.float64]

Meter = Literal["month", "message", "step", "flow", "connection", "vcore", "throughput", "gigabyte"]
"""What a component of a plan counts. ``message``: messages in chunks, with retries. ``step``: the same times
steps and loops. ``flow``: copies of flows. ``vcore``: cores that flows and load occupy. ``throughput``: units
of 1 000 messages a second at the peak. ``month``: once a month, whatever the use."""


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
    capabilities: Capabilities = Capabilities()

    @property
    def meters(self) -> tuple[Meter, ...]:
        """What it counts, in the order of its components."""
        return tuple(dict.fromkeys(component.meter for component in self.components))


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
        amount = apply_function("ceil", quantity / component.block - ROUNDING) * component.block
    bill = graduated(amount, component.tiers, free=component.free, per=component.per)
    return bill / component.months if component.months != 1 else bill


ROUNDING = 5e-10
"""Part of a block that is no further block: the rounding of a sum of quantities."""


class Quantities(Protocol):
    """Units a month by meter, as formulas."""

    def __getitem__(self, meter: str, /) -> Formula:
        """Return the units of a meter."""


def plan_bill(plan: Plan, quantities: Quantities, editions: Mapping[str, Plan], endless: Formula) -> Formula:
    """Return the monthly bill of a plan: of the cheapest edition that carries the quantities.

    Nobody buys the dearer one of several editions, so more use never costs less.

    Parameters
    ----------
    quantities
        Units a month by meter.
    editions
        Plans by id, among which ``plan.next`` is looked up.
    endless
        What is billed beyond the last edition, where nothing is sold.
    """
    bills = []
    current, seen = plan, {plan.id}
    while True:
        charges = [charge(part, quantities[part.meter]) for part in current.components]
        bill = sum(charges[1:], charges[0])
        bill = highest(bill, current.minimum) if current.minimum else bill
        for meter, limit in current.ceiling.items():
            bill = where(limit < quantities[meter], endless, bill)
        bills.append(bill)
        follower = editions.get(current.next)
        if follower is None or follower.id in seen:
            return lowest(*bills)
        seen.add(follower.id)
        current = follower


class PlanEnds(ValueError):
    """A quantity is beyond the last edition of a price plan."""

    def __init__(self, plan: Plan) -> None:
        name = plan.name or plan.id
        super().__init__(f"{name} ends below the volume: nothing is sold beyond {plan.ceiling}")


class _Counted(dict[str, Formula]):
    """Quantities by meter; one that is not stated is zero, the month is one."""

    def __missing__(self, meter: str) -> Formula:
        return Formula(1.0 if meter == "month" else 0.0)


def price(
    plan: Plan,
    quantities: Mapping[str, ArrayLike],
    editions: Mapping[str, Plan] | None = None,
    prices: Mapping[str, ArrayLike] | None = None,
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
        In the plan's currency, broadcast shape of the quantities and prices.

    Raises
    ------
    PlanEnds
        If a quantity is beyond the ceiling of the last edition.
    """
    own = {tier.key: tier.price for edition in (plan, *(editions or {}).values())
           for part in edition.components for tier in part.tiers if tier.key}  # fmt: skip
    known = {**own, **(prices or {}), **quantities}
    shape = np.broadcast_shapes(*(np.shape(value) for value in known.values()))
    counted = _Counted({meter: named(meter) for meter in quantities})
    form = plan_bill(plan, counted, editions or {}, ENDLESS).form
    size = math.prod(shape)
    grids = {
        name: Grid((DRAW,), np.broadcast_to(np.asarray(value, dtype=np.float64), shape).reshape(-1))
        for name, value in known.items()
    }
    with np.errstate(all="ignore"):
        bill = np.broadcast_to(Evaluation({}, grids, {DRAW: range(size)}).value(form).data, (size,)).reshape(
            shape
        )
    if np.isinf(bill).any():
        raise PlanEnds(plan)
    return np.asarray(bill)


@cache
def _structure() -> Mapping[str, Mapping[str, Any]]:
    text = files("assess.intake").joinpath("price_plans.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def price_plans(assumptions: Assumptions) -> dict[str, Plan]:
    """Return every price plan by id, priced by the assumptions ``price.<plan>.<name>`` (likely values).

    Raises
    ------
    KeyError
        If a plan names a price of which there is no assumption.
    """
    return {plan: _plan(plan, entry, assumptions) for plan, entry in _structure().items()}


def default_plans(assumptions: Assumptions) -> dict[str, Plan]:
    """Return the plan that each style uses unless another is chosen: the first of its style."""
    chosen: dict[str, Plan] = {}
    for plan in price_plans(assumptions).values():
        chosen.setdefault(plan.style, plan)
    return chosen


def _plan(plan: str, entry: Mapping[str, Any], assumptions: Assumptions) -> Plan:
    components = tuple(_component(plan, line, assumptions) for line in entry["components"])
    currency = assumptions.entry(components[0].tiers[0].key).unit[:3]
    fields = {key: value for key, value in entry.items() if key != "components"}
    fields["ceiling"] = {meter: float(limit) for meter, limit in entry.get("ceiling", {}).items()}
    return Plan(id=plan, currency=currency, components=components, **fields)


def _component(plan: str, line: Mapping[str, Any], assumptions: Assumptions) -> Component:
    fields = {
        key: float(value) if key in ("per", "free", "block", "months") else value
        for key, value in line.items()
        if key != "tiers"
    }
    return Component(tiers=tuple(_tier(plan, tier, assumptions) for tier in line["tiers"]), **fields)


def _tier(plan: str, tier: Mapping[str, Any], assumptions: Assumptions) -> Tier:
    key = f"price.{plan}.{tier['price']}"
    return Tier(price=assumptions[key].likely, upto=float(tier.get("upto", "inf")), key=key)
