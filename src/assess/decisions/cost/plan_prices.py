"""What every price plan would bill for these integrations: unit prices differ by five orders of magnitude."""

from __future__ import annotations

import dataclasses

import numpy as np

from assess.intake.engagement import Engagement

from .billing import Plan, PlanEnds
from .draws import likely
from .money import MissingRate, converted
from .parameters import Parameter, Terms
from .plans import price_plans
from .result import PlanPrice
from .usage import yearly_bill


def plan_prices(engagement: Engagement, terms: Terms) -> tuple[PlanPrice, ...]:
    """Return the likely monthly bill of every plan if it carried all integrations, all live.

    In the engagement's currency; the last year with growth and uplift.
    """
    chosen = {plan.id for plan in terms.plans.values()}
    plans = {plan.id: plan for plan in terms.plans.values()} | price_plans(engagement.assumptions)
    return tuple(_one(engagement, terms, plan, plan.id in chosen) for plan in plans.values())


def _one(engagement: Engagement, terms: Terms, plan: Plan, chosen: bool) -> PlanPrice:
    fields = {"plan": plan.id, "name": plan.name or plan.id, "style": plan.style, "chosen": chosen}
    try:
        priced = _with_prices(engagement, terms, plan)
        everything = list(range(len(terms.integrations)))
        bills = (
            yearly_bill(priced, likely(priced), plan.style, everything, np.ones((1, terms.horizon)))[0] / 12
        )
    except (PlanEnds, MissingRate) as error:
        return PlanPrice(**fields, first_year=None, last_year=None, note=str(error))
    return PlanPrice(
        **fields, first_year=round(float(bills[0]), 2), last_year=round(float(bills[-1]), 2), note=plan.note
    )


def _with_prices(engagement: Engagement, terms: Terms, plan: Plan) -> Terms:
    """Return the terms with this plan in its style, and its prices among the parameters."""
    keys = {tier.key for component in plan.components for tier in component.tiers if tier.key}
    known = set(terms.by_name)
    added = tuple(
        Parameter(name=key, label=entry.label, question="price", estimate=converted(engagement, entry))
        for key, entry in ((key, engagement.assumptions.entry(key)) for key in sorted(keys - known))
    )
    return dataclasses.replace(terms, plans={plan.style: plan}, parameters=terms.parameters + added)
