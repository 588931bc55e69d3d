"""The price plans that ship with the package, with prices from the dated assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assess.intake.assumptions import Assumptions

from .billing import Component, Plan, Tier


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
