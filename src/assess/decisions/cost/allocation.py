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

from assess.intake.engagement import Engagement, Style

from .calendar import Calendar
from .cashflow import build_costs, cash_flows, connector_share, psi
from .draws import Draws, sample
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
    return Allocation(costs, fixed, _coordination(terms, values))


def _coordination(terms: Terms, values: Draws) -> float:
    calendar = Calendar.of(terms)
    return float(np.mean(values["portfolio.coordination"]) * calendar.real.sum() / 12)


def _share_out(terms: Terms, values: Draws, style: str) -> tuple[list[float], float]:
    everything = {item.id: style for item in terms.integrations}
    if not everything:
        return [], 0.0
    worth = cash_flows(terms, values, everything).line_present
    base = _base_subscription(terms, values, style)
    once = sum(worth[line] for line in FIXED) + base
    build = _shares(_paid(terms, values, style))
    hand = _shares(build_costs(terms, values).mean(axis=0))
    change = _shares(_changes(terms, values, style))
    use = _shares(_use(terms, values, style))
    parts = (
        worth["build"] * build
        + worth["maintenance"] * build
        + worth["changes"] * change
        + worth["exit"] * hand
        + (worth["subscription"] - base) * use
    )
    return parts.tolist(), once


def _shares(amounts: Floats) -> Floats:
    """Return amounts as shares of their sum; equal shares where all are zero."""
    total = float(amounts.sum())
    return np.asarray(amounts / total) if total > 0 else np.full(amounts.shape, 1 / amounts.size)


def _places(terms: Terms) -> list[int]:
    return list(range(len(terms.integrations)))


def _paid(terms: Terms, values: Draws, style: str) -> Floats:
    costs = build_costs(terms, values)
    if style != "ipaas":
        return np.asarray(costs.mean(axis=0))
    covered = connector_share(terms, values, _places(terms))
    hard = (
        values["build.factor.ipaas"]
        * psi(terms, values, style)
        * values[f"overrun:{style}"]
        * values["overrun.factor"]
    )
    unit = covered * np.reshape(values["build.config_share"], (-1, 1)) + (1 - covered) * np.reshape(
        hard, (-1, 1)
    )
    return np.asarray((costs * unit).mean(axis=0))


def _changes(terms: Terms, values: Draws, style: str) -> Floats:
    count = values.family["changes"]
    if style != "ipaas":
        return np.asarray(count.mean(axis=0))
    covered = connector_share(terms, values, _places(terms))
    return np.asarray(
        (count * (1 - covered * np.reshape(values["change.abstraction"], (-1, 1)))).mean(axis=0)
    )


def _use(terms: Terms, values: Draws, style: str) -> Floats:
    plan = terms.plans.get(style)
    messages = np.asarray(values.family["volume"].mean(axis=0))
    if plan is None or not {"flow", "connection", "vcore"} & set(plan.meters):
        return messages
    return np.asarray(messages + float(messages.mean()))


def _base_subscription(terms: Terms, values: Draws, style: str) -> float:
    """Return the present value of the plan's monthly components: what one integration alone would pay, too."""
    plan = terms.plans.get(style)
    if plan is None:
        return 0.0
    calendar = Calendar.of(terms)
    uplift = np.reshape(values["price.uplift"], (-1, 1))
    yearly = (1 + uplift) ** np.arange(terms.horizon)
    worth = yearly @ (calendar.yearly(calendar.contract) / 12)
    base = sum(
        (
            12 * np.reshape(values[component.tiers[0].key], (-1,)) / component.per / component.months
            for component in plan.components
            if component.meter == "month"
        ),
        np.zeros(1),
    )
    return float(np.mean(base * worth))
