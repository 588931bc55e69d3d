"""The price plans that there are: those of the price list, those that were offered, and which of them a style may buy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from assess.core import reads
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Meter, Quote
from assess.intake.price_list import offers, price_key, price_list

from .billing import Capabilities, Component, Plan, Tier


@reads.remembered
def listed_plans(assumptions: Assumptions) -> Mapping[str, Plan]:
    """Return every plan of the price list by id, priced by the assumptions ``price.<plan>.<name>`` (likely values).

    Raises
    ------
    KeyError
        If a plan names a price of which there is no assumption.
    """
    return {plan: _plan(plan, entry, assumptions) for plan, entry in price_list().items()}


def price_plans(engagement: Engagement) -> dict[str, Plan]:
    """Return every plan by id: those of the price list, then the offers, of which one may take a list price's place."""
    listed = listed_plans(engagement.assumptions)
    return {**listed} | {
        plan: _offered(plan, rows, engagement, listed) for plan, rows in offers(engagement.quotes).items()
    }


def plans_on_offer(engagement: Engagement) -> dict[str, tuple[Plan, ...]]:
    """Return the plans among which each style may choose.

    The platform that the engagement names is the only one of its style. Else what was offered is: quotes that
    have not expired, and list prices that the engagement overrides. Else every plan of the price list is.
    """
    plans = price_plans(engagement)
    own = engagement.assumptions.own
    named = {plans[name].style: (plans[name],) for name in engagement.platform}
    found: dict[str, tuple[Plan, ...]] = {}
    for style in dict.fromkeys(plan.style for plan in plans.values()):
        every = [plan for plan in plans.values() if plan.style == style]
        offered = [
            plan
            for plan in every
            if (plan.quoted and not plan.expired(engagement.date)) or not set(plan.price_keys).isdisjoint(own)
        ]
        listed = [plan for plan in every if not plan.quoted]
        found[style] = named.get(style) or tuple(offered or listed or every)
    return found


def default_plans(engagement: Engagement) -> dict[str, Plan]:
    """Return the plan that each style uses unless another is chosen: the first of those on offer."""
    return {style: plans[0] for style, plans in plans_on_offer(engagement).items()}


def _plan(plan: str, entry: Mapping[str, Any], assumptions: Assumptions) -> Plan:
    components = tuple(_component(plan, line, assumptions) for line in entry["components"])
    currency = assumptions.entry(components[0].tiers[0].key).unit[:3]
    fields = {key: value for key, value in entry.items() if key not in ("components", "next")}
    fields["ceiling"] = {meter: float(limit) for meter, limit in entry.get("ceiling", {}).items()}
    if "next" in entry:
        fields["next"] = _plan(
            plan, {"name": entry["name"], "style": entry["style"], **entry["next"]}, assumptions
        )
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


def _offered(plan: str, rows: Sequence[Quote], engagement: Engagement, listed: Mapping[str, Plan]) -> Plan:
    """Return the plan of an offer; what it can do is what the same plan, or the same vendor's, of the price list can."""
    first = rows[0]
    lines: dict[tuple[str, Meter], list[tuple[int, Quote]]] = {}
    for place, quote in enumerate(rows):
        lines.setdefault((quote.line, quote.unit), []).append((place, quote))
    alike = [
        item for item in listed.values() if item.id == plan or _same(item.capabilities.vendor, first.vendor)
    ]
    known = next((item.capabilities for item in alike if item.style == first.style), Capabilities())
    return Plan(
        id=plan,
        name=first.product or first.vendor,
        style=first.style,
        currency=first.currency or engagement.currency,
        components=tuple(_line(plan, line, tiers) for (line, _), tiers in lines.items()),
        ceiling={
            unit: limit for (_, unit), tiers in lines.items() if (limit := tiers[-1][1].upto) is not None
        },
        capabilities=known.model_copy(update={"vendor": known.vendor or first.vendor}),
        quoted=True,
        valid_until=next((quote.valid_until for quote in rows if quote.valid_until), None),
    )


def _same(vendor: str, other: str) -> bool:
    return bool(vendor) and vendor.casefold() == other.casefold()


def _line(plan: str, line: str, tiers: Sequence[tuple[int, Quote]]) -> Component:
    """Return a line of an offer; what it says once holds for all its tiers."""

    def said(column: str, otherwise: float) -> float:
        return next(
            (float(value) for _, quote in tiers if (value := getattr(quote, column)) is not None), otherwise
        )

    first = tiers[0][1]
    yearly = any(quote.period == "year" for _, quote in tiers)
    size = said("size_kb", 0.0)
    return Component(
        label=line,
        meter=first.unit,
        tiers=tuple(
            Tier(
                price=quote.price.likely,
                upto=math.inf if quote.upto is None or place == tiers[-1][0] else quote.upto,
                key=price_key(plan, place),
            )
            for place, quote in tiers
        ),
        per=said("per", 1.0),
        free=said("included", 0.0),
        block=said("block", 0.0),
        months=12.0 if yearly else 1.0,
        chunk_kb=size or None,
    )
