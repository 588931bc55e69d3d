"""The price plans of the likely case as numbers: the tiers, and what each integration counts in them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .billing import Component
from .calendar import MONTHS, live_share
from .cashflow import grouped, rollout_months
from .draws import Draws
from .parameters import Terms
from .usage import PEAK_UNIT, bill_of, peak, quantities, quantity

Floats = NDArray[np.float64]
Constants = dict[str, tuple[tuple[str, ...], Floats]]

NO_END = 1e30
"""End of the last tier, in units; JSON and spreadsheets have no infinity."""

LEAST_LOAD = 1e-3
"""Least number of throughput units of a style that is used, as in `usage.quantity`."""


def is_fixed(terms: Terms, style: str) -> bool:
    """Whether the style's price plan ends or has a minimum, so that its bill is not a sum over tiers."""
    plan = terms.plans.get(style)
    return plan is not None and bool(plan.ceiling or plan.minimum or plan.next)


def tier_names(terms: Terms) -> list[str]:
    """Return the labels of the tiers of every plan that is a sum over them."""
    return [
        f"{terms.plans[style].id}/{component.label or component.meter}/{place}"
        for style in terms.styles
        if style in terms.plans and not is_fixed(terms, style)
        for component in terms.plans[style].components
        for place in range(len(component.tiers))
    ]


def tariffs(terms: Terms, draws: Draws, assignments: Mapping[str, Mapping[str, str]]) -> Constants:
    """Return the tiers, and what each integration adds to what they count, in its first year and fully live.

    ``tier_still`` stands, ``tier_moving`` follows the volume and grows; both shape ``(tiers, integrations)``.
    The flags say what else is counted: ``tier_month`` once a month, ``tier_ends`` the systems that are
    connected; ``tier_load`` does not wait for the integrations to go live.
    """
    rows: list[tuple[float, ...]] = []
    still: list[Floats] = []
    moving: list[Floats] = []
    for number, style in enumerate(terms.styles, start=1):
        if style not in terms.plans or is_fixed(terms, style):
            continue
        for component in terms.plans[style].components:
            stands, follows = _counted(terms, draws, style, component)
            for tier in _tiers(draws, component):
                meter = component.meter
                rows.append((*tier, number, meter == "month", meter == "connection", meter == "throughput"))
                still.append(stands)
                moving.append(follows)
    count = len(terms.integrations)
    table = np.array(rows, dtype=np.float64) if rows else np.zeros((1, 8))
    names = ("price", "start", "end", "block", "style", "month", "ends", "load")
    found: Constants = {f"tier_{name}": (("tier",), table[:, column]) for column, name in enumerate(names)}
    found["tier_still"] = (("tier", "place"), np.stack(still) if still else np.zeros((1, count)))
    found["tier_moving"] = (("tier", "place"), np.stack(moving) if moving else np.zeros((1, count)))
    found["tier_least"] = (("tier",), LEAST_LOAD * table[:, 7])
    return found


def _tiers(draws: Draws, component: Component) -> list[tuple[float, float, float, float]]:
    """Return price of one unit a month, start, end and block of each tier."""
    found, start = [], component.free
    for place, tier in enumerate(component.tiers):
        end = NO_END if place == len(component.tiers) - 1 else max(tier.upto, component.free)
        rate = float(draws[tier.key][0]) if tier.key else tier.price
        found.append((rate / component.per / component.months, start, end, component.block))
        start = max(start, end)
    return found


def _counted(terms: Terms, draws: Draws, style: str, component: Component) -> tuple[Floats, Floats]:
    """Return what each integration alone counts in its first year: the part that stands, the part that follows the volume."""
    meter, count = component.meter, len(terms.integrations)
    if meter in ("month", "connection"):
        return np.zeros(count), np.zeros(count)
    if meter == "throughput":
        return np.zeros(count), np.array(
            [peak(terms, draws, [place])[0, 0] for place in range(count)]
        ) / PEAK_UNIT
    doubled = Draws(draws.values, {**draws.family, "volume": 2 * draws.family["volume"]}, draws.size)
    full = np.ones((1, terms.horizon))
    once, twice = (
        np.array(
            [quantity(terms, case, terms.plans[style], meter, [place], full)[0, 0] for place in range(count)]
        )
        for case in (draws, doubled)
    )
    return 2 * once - twice, twice - once


def fixed_bills(
    terms: Terms, draws: Draws, assignments: Mapping[str, Mapping[str, str]]
) -> tuple[tuple[str, ...], Floats]:
    """Return the yearly bills, before uplift, of plans that end or have a minimum."""
    live = live_share(rollout_months(draws, terms.months), terms.months)
    share = live.reshape(1, terms.horizon, MONTHS).mean(axis=2)
    rise = (1 + float(draws["price.uplift"][0])) ** np.arange(terms.horizon)
    table = np.zeros((len(assignments), terms.horizon))
    for row, assignment in enumerate(assignments.values()):
        for style, places in grouped(terms, assignment).items():
            if is_fixed(terms, style):
                counted = quantities(terms, draws, terms.plans[style], places, share)
                table[row] += bill_of(terms, draws, style, counted)[0] / rise
    return ("option", "year"), table
