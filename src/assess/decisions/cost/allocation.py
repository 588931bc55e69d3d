"""What each integration costs in each style, and what a style costs before the first integration.

The portfolio of styles chooses from these numbers. For a style that takes all integrations,
``fixed + sum of the integrations`` is exactly the expected present value of that option without
remediation, losses and benefits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.core.formula_graph import Evaluation, Formula, form_data, named, total
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Style

from .billing import Plan
from .cashflow import Model, cash_flows, drawn
from .draws import Draws, sample
from .model import COORDINATION
from .parameters import STYLES, Terms, gather

Floats = NDArray[np.float64]

FIXED = ("foundation", "ramp", "infrastructure", "people")
"""Lines that a style costs whatever the number of its integrations."""


@dataclass(frozen=True)
class Allocation:
    """Expected present values over the horizon, in the engagement's currency.

    Parameters
    ----------
    costs
        ``(integration id, style) -> cost`` of building, running and possibly leaving.
    fixed
        ``style -> cost`` of its foundation, learning, infrastructure, people and base subscription.
    coordination
        Cost of each further style.
    """

    costs: dict[tuple[str, Style], float]
    fixed: dict[Style, float]
    coordination: float


def per_integration(
    engagement: Engagement, *, styles: Sequence[Style] = STYLES, draws: int = 2_000, seed: int = 7
) -> Allocation:
    """Return the expected cost of each integration in each style, and the fixed cost of each style.

    Build, upkeep and exit of a style are shared out by what each integration contributes, with the
    average learning of the style (so that the order of the list does not matter); the variable part
    of the subscription by messages, or evenly where flows are counted.

    Raises
    ------
    MissingRate
        If a price is in a currency of which no exchange rate is known.
    """
    terms = gather(engagement, styles=styles)
    values = sample(terms, draws, seed)
    costs: dict[tuple[str, Style], float] = {}
    fixed: dict[Style, float] = {}
    for style in styles:
        shares, once = _share_out(terms, values, style)
        fixed[style] = once
        costs |= {(item.id, style): value for item, value in zip(terms.integrations, shares, strict=True)}
    further = Model.of(terms, values).shared.value(
        form_data(COORDINATION * total("year", named("real_year")))
    )
    return Allocation(costs, fixed, float(further.data.mean()))


def _share_out(terms: Terms, values: Draws, style: str) -> tuple[list[float], float]:
    everything = {item.id: style for item in terms.integrations}
    if not everything:
        return [], 0.0
    worth = cash_flows(terms, values, everything).line_present
    model = Model.of(terms, values)
    found = model.option(everything)
    base = base_subscription(terms, model, found, style)
    hand = share_amounts(drawn(found["plain"], values.size))
    build = share_amounts(drawn(model.alone(style)["line.build"], values.size)) if style == "ipaas" else hand
    parts = (
        (worth["build"] + worth["maintenance"]) * build
        + worth["changes"] * share_amounts(drawn(found["followed"], values.size))
        + worth["exit"] * hand
        + (worth["subscription"] - base) * share_amounts(_use(terms, values, style))
    )
    return parts.tolist(), sum(worth[line] for line in FIXED) + base


def share_amounts(amounts: Floats) -> Floats:
    """Return the share of each integration in the mean of amounts, shape ``(integrations, draws)``; equal where all are zero."""
    means = amounts.mean(axis=1)
    whole = float(means.sum())
    return np.asarray(means / whole) if whole > 0 else np.full(means.shape, 1 / means.size)


def counts_flows(plan: Plan | None) -> bool:
    """Say whether each integration has an equal part of what a plan counts, whatever its messages."""
    return plan is not None and bool({"flow", "connection", "vcore"} & set(plan.meters))


def _use(terms: Terms, values: Draws, style: str) -> Floats:
    messages = values.family["volume"].T
    return np.asarray(messages + messages.mean()) if counts_flows(terms.plans.get(style)) else messages


def base_subscription(terms: Terms, model: Model, found: Evaluation, style: str) -> float:
    """Return the mean present value of what a plan bills for no messages and no integrations."""
    plan = terms.plans.get(style)
    if plan is None:
        return 0.0
    none = {f"{meter}.{style}": Formula(0.0) for meter in plan.meters if meter != "month"}
    bill = model.option({item.id: style for item in terms.integrations}, none)
    worth = bill.value(form_data(total("year", named(f"bill.{style}") * named("contract_year"))))
    return float(worth.data.mean())
