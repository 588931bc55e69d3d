"""What every platform would bill for what is decided, what it lacks for it, and with which of them another answer were right."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from assess.core.finding import Finding
from assess.core.formula_evaluation import Evaluation
from assess.core.formula_graph import Formula
from assess.core.numbers import quantity
from assess.core.record import Record
from assess.core.source import Source
from assess.decisions.cost.billing import Plan, PlanEnds, price
from assess.decisions.cost.cashflow import Model, drawn
from assess.decisions.cost.draws import likely
from assess.decisions.cost.finance import MissingRate
from assess.decisions.cost.model import counted_name
from assess.decisions.cost.parameters import Assigned, Inputs, Terms, gather
from assess.decisions.cost.plans import plans_on_offer, price_plans
from assess.decisions.framework.result import Framework
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLES, Meter, Style

from .deciding import find_rule
from .pricing import CONNECTORS, lacks
from .result import Decision

PLATFORM: Style = "ipaas"
"""Style whose plans turn the answer between building and buying."""

COUNTED: Mapping[Meter, str] = {
    "message": "messages a month", "step": "steps a month", "flow": "copies of flows", "connection": "connections",
    "vcore": "vCores", "throughput": "units of 1,000 messages a second", "gigabyte": "GB a month",
}  # fmt: skip
"""Meters in words; what is paid once a month counts nothing."""


class PlanBill(Record):
    """What a price plan would bill a year for what its style carries, all live, at likely values.

    Parameters
    ----------
    carries
        Integrations that it is asked to carry: those that the decision gives to its style, or all where it gives none.
    chosen
        Whether the decision buys it.
    on_offer
        Whether it may be bought: a named platform, an offer, or the price list where there is neither.
    first_year, last_year
        In the engagement's currency; the last year of the horizon with growth and rises of price. None where it ends
        below the volume, or its currency has no exchange rate.
    counted
        What is counted, and how much of it.
    tier
        Which edition and which tier that reaches; empty where there is one.
    lacks
        What it cannot do that those integrations need, and for how many of them; empty where it can do all.
    public
        Whether every price of it is published or was offered; False where one is elicited.
    source, date
        Where its prices come from, and the day of the oldest.
    valid_until, expired
        Of an offer.
    """

    plan: str
    name: str
    style: Style
    carries: int
    chosen: bool
    on_offer: bool
    first_year: float | None = None
    last_year: float | None = None
    counted: str = ""
    tier: str = ""
    lacks: dict[str, int] = {}
    quoted: bool = False
    public: bool = True
    source: str = ""
    date: dt.date
    valid_until: dt.date | None = None
    expired: bool = False
    note: str = ""
    sources: tuple[Source, ...] = ()

    @property
    def missing(self) -> str:
        """What it lacks, in words."""
        return "; ".join(f"{reason} for {count} of {self.carries}" for reason, count in self.lacks.items())

    @property
    def comparable(self) -> bool:
        """Whether it could be bought for most of what it is asked to carry: all that it may lack are some connectors."""
        return self.first_year is not None and all(
            reason == CONNECTORS and count < self.carries for reason, count in self.lacks.items()
        )


class PlatformAnswer(Record):
    """How much would be bought if a platform were the only one.

    Parameters
    ----------
    first_year
        Its bill for what the decision gives to a platform, or for all.
    bought
        Integrations that would run on it; None where neighbours in price give the same answer, so that it was not decided.
    buys
        Whether anything would be bought.
    flips
        Whether that is another answer than the decision's.
    """

    plan: str
    name: str
    first_year: float
    bought: int | None
    buys: bool
    flips: bool


class Platforms(Record):
    """Every platform at this volume, and what it would change.

    Parameters
    ----------
    bills
        By style, the cheapest first.
    answers
        Of the plans for buying that can do what is asked, the cheapest first; empty where no style buys.
    """

    currency: str
    bills: tuple[PlanBill, ...] = ()
    answers: tuple[PlatformAnswer, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row a plan."""
        rows = [bill.model_dump(exclude={"sources"}) | {"lacks": bill.missing} for bill in self.bills]
        return pd.DataFrame(rows)

    @property
    def flips(self) -> tuple[PlatformAnswer, ...]:
        """The platforms with which another answer were right."""
        return tuple(answer for answer in self.answers if answer.flips)


def compare_platforms(
    engagement: Engagement, decision: Decision, bought: Callable[[str], int] | None = None
) -> Platforms:
    """Price every platform for what a decision gives to its style, and say which of them would change it.

    Parameters
    ----------
    bought
        The number of integrations that are bought where a plan, by its id, is the only one; without it no answers are given.
    """
    bills = list_bills(engagement, decision)
    rivals = [bill for bill in bills if bill.style == PLATFORM and bill.comparable]
    buys = PLATFORM in decision.assignment.values()
    answers = _answers(rivals, buys, bought) if bought and bills else ()
    return Platforms(
        currency=engagement.currency,
        bills=bills,
        answers=answers,
        findings=(*_expired(bills), *_flipping(answers, buys, engagement.currency)),
    )


def count_bought(inputs: Inputs, framework: Framework, *, seed: int = 7) -> Callable[[str], int]:
    """Return how many integrations are bought where a platform is the only one, as `compare_platforms` asks.

    Parameters
    ----------
    inputs, framework, seed
        As `decide` takes them.
    """

    def bought(plan: str) -> int:
        engagement = inputs.engagement
        others = [name for name in engagement.platform if price_plans(engagement)[name].style != PLATFORM]
        named = engagement.model_copy(update={"platform": (*others, plan)})
        _, rule = find_rule(dataclasses.replace(inputs, engagement=named), framework, seed)
        return int((rule.ruling().recommended.codes == rule.pricer.code(PLATFORM)).sum())

    return bought


def list_bills(engagement: Engagement, decision: Decision) -> tuple[PlanBill, ...]:
    """Return what every plan would bill, by style, the cheapest first and those without a bill last.

    Nothing where an exchange rate is missing.
    """
    if not engagement.integrations:
        return ()
    try:
        terms = gather(engagement, plans=price_plans(engagement))
    except MissingRate:  # the decision says which rate to supply
        return ()
    offered = {plan.id for style in plans_on_offer(engagement).values() for plan in style}
    chosen = set(decision.options[0].plans.values()) if decision.options else set()
    model = Model.of(terms, likely(terms))
    found = []
    for style in STYLES:
        own = [plan for plan in terms.plans.values() if plan.style == style]
        carried = [id for id, given in decision.assignment.items() if given == style]
        carried = carried or [item.id for item in engagement.integrations]
        live = model.option(Assigned(dict.fromkeys(carried, style)), {"live_year": Formula(1.0)})
        bills = [
            _bill(engagement, terms, plan, style, live, carried).model_copy(
                update={"chosen": plan.id in chosen, "on_offer": plan.id in offered}
            )
            for plan in own
        ]
        found += sorted(bills, key=lambda bill: (bill.first_year is None, bill.first_year or 0.0, bill.plan))
    return tuple(found)


def _bill(
    engagement: Engagement, terms: Terms, plan: Plan, style: Style, live: Evaluation, carried: Sequence[str]
) -> PlanBill:
    prices = {key: terms.by_name[key].estimate.likely for key in plan.price_keys}
    counted = {
        meter: np.broadcast_to(drawn(live[counted_name(meter, plan.id)], 1)[..., 0], (terms.horizon,))
        for meter in plan.meters
        if meter != "month"
    }
    entries = [engagement.assumptions.entry(key) for key in plan.price_keys]
    missing = Counter(reason for id in carried for reason in lacks(engagement, plan, id))
    bill = PlanBill(
        plan=plan.id,
        name=plan.name or plan.id,
        style=style,
        carries=len(carried),
        chosen=False,
        on_offer=False,
        counted=", ".join(quantity(float(use[0]), COUNTED[meter]) for meter, use in counted.items()),
        lacks=dict(missing),
        quoted=plan.quoted,
        public=not any(entry.believed for entry in entries),
        source="; ".join(dict.fromkeys(entry.source for entry in entries)),
        date=min(entry.date for entry in entries),
        valid_until=plan.valid_until,
        expired=plan.expired(engagement.date),
        note=plan.note,
        sources=tuple(source for entry in entries if (source := entry.estimate.source)),
    )
    try:
        monthly = np.broadcast_to(
            price(plan, {str(meter): use for meter, use in counted.items()}, prices=prices), (terms.horizon,)
        )
    except PlanEnds as error:
        return bill.model_copy(update={"note": str(error)})
    raised = np.broadcast_to(drawn(live["raised"], 1)[..., 0], (terms.horizon,))
    yearly = 12 * monthly * raised
    return bill.model_copy(
        update={
            "first_year": round(float(yearly[0]), 2),
            "last_year": round(float(yearly[-1]), 2),
            "tier": _reached(plan, {meter: float(use[0]) for meter, use in counted.items()}, prices),
        }
    )


def _reached(plan: Plan, counted: Mapping[str, float], prices: Mapping[str, float]) -> str:
    """Return the edition that is billed and the tiers that are reached, in words; empty where there is one of each."""
    alone = [edition.model_copy(update={"next": None}) for edition in plan.editions]
    bills = [_alone(edition, counted, prices) for edition in alone]
    place = bills.index(min(bills))
    said = [f"edition {place + 1} of {len(alone)}"] if len(alone) > 1 else []
    for part in alone[place].components:
        if len(part.tiers) > 1:
            use = counted.get(part.meter, 1.0)
            tier = next((at for at, one in enumerate(part.tiers) if use <= one.upto), len(part.tiers) - 1)
            said.append(f"{part.label.lower() or part.meter}: tier {tier + 1} of {len(part.tiers)}")
    return ", ".join(said)


def _alone(edition: Plan, counted: Mapping[str, float], prices: Mapping[str, float]) -> float:
    own: dict[str, ArrayLike] = {key: prices[key] for key in edition.price_keys}
    try:
        return float(price(edition, {str(meter): use for meter, use in counted.items()}, prices=own))
    except PlanEnds:
        return math.inf


def _answers(
    bills: Sequence[PlanBill], buys: bool, bought: Callable[[str], int]
) -> tuple[PlatformAnswer, ...]:
    """Return what each platform would lead to.

    A dearer platform never leads to buying where a cheaper one that can do the same does not, so the plan at which the
    answer turns is found by halving.
    """
    known: dict[int, int] = {}

    def ask(place: int) -> int:
        if place not in known:
            known[place] = bought(bills[place].plan)
        return known[place]

    low, high = 0, len(bills)  # from ``low`` on it is not known yet, from ``high`` on nothing is bought
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if ask(middle) else (low, middle)
    return tuple(
        PlatformAnswer(
            plan=bill.plan,
            name=bill.name,
            first_year=bill.first_year or 0.0,
            bought=known.get(place),
            buys=place < high,
            flips=(place < high) != buys,
        )
        for place, bill in enumerate(bills)
    )


def _expired(bills: Sequence[PlanBill]) -> list[Finding]:
    return [
        Finding(
            id=f"platforms/expired/{bill.plan}",
            section="cost",
            severity="medium" if bill.chosen else "low",
            title=f"The offer of {bill.name} could be accepted until {bill.valid_until}",
            evidence="It is the named platform and still priced"
            if bill.chosen
            else "It is listed, but decides nothing any more",
            action="Ask the vendor to renew it.",
            sources=bill.sources[:1],
        )
        for bill in bills
        if bill.expired
    ]


def _flipping(answers: Sequence[PlatformAnswer], buys: bool, currency: str) -> list[Finding]:
    """Name the platforms with which the answer would be another one."""
    flips = [answer for answer in answers if answer.flips]
    if not flips:
        return []
    near = flips[0] if buys else flips[-1]
    what = "nothing would be bought" if buys else "integrations would be bought"
    others = f" and {len(flips) - 1} others" if len(flips) > 1 else ""
    return [
        Finding(
            id="platforms/flip",
            section="cost",
            severity="medium",
            title=f"With {near.name}{others} {what}",
            evidence="; ".join(
                f"{one.name}: {quantity(one.first_year, f'{currency}/year')}" for one in flips
            ),
            impact="What buying costs decides between building and buying",
            action="Get a binding offer for quotes.csv before the decision is signed.",
        )
    ]
