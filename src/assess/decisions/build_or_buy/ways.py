"""The present value of building and of buying n typical integrations, per draw.

``build(n)`` and ``buy(n)`` are the cost model's lines for n integrations that are the average of the
engagement's; with n integrations that are all alike they are exactly its options.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.decisions.cost.calendar import MONTHS, Calendar, live_share, spent_share
from assess.decisions.cost.cashflow import (
    build_costs,
    change_cost,
    connector_share,
    exit_cost,
    psi,
    ramp_cost,
    rollout_months,
)
from assess.decisions.cost.draws import Draws
from assess.decisions.cost.parameters import Terms
from assess.decisions.cost.usage import bill_of, quantities

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """Present value of 1 of each kind of flow, per draw.

    ``spent``: of 1 that is spent as the integrations are built. ``live``: of 1 a year while they are
    live, shape ``(draws,)``. ``always``: of 1 a year from the start. ``contract``: of 1 in each
    contract year, shape ``(years,)``. ``share``: average live share, shape ``(draws, years)``.
    """

    spent: Floats
    live: Floats
    always: float
    by_year: Floats
    contract: Floats
    share: Floats


def weights(terms: Terms, draws: Draws) -> Weights:
    """Return the present values of the flows' shapes."""
    calendar = Calendar.of(terms)
    live = live_share(rollout_months(draws, calendar.months), calendar.months)
    return Weights(
        spent=np.einsum("nm,m->n", spent_share(live), calendar.real),
        live=np.einsum("nm,m->n", live, calendar.real) / MONTHS,
        always=float(calendar.real.sum()) / MONTHS,
        by_year=calendar.yearly(calendar.real) / MONTHS,
        contract=calendar.yearly(calendar.contract) / MONTHS,
        share=calendar.yearly(live) / MONTHS,
    )


@dataclass(frozen=True)
class Way:
    """One way to do it: what is paid once, per unit of learning-weighted build, per integration; ``(draws,)``."""

    style: str
    fixed: Floats
    per_learned: Floats
    per_integration: Floats
    counted: dict[str, Floats]


def way(terms: Terms, draws: Draws, style: str, weight: Weights) -> Way:
    """Return the pieces of the present value of a style for a typical integration."""
    count = len(terms.integrations)
    places = list(range(count))
    costs = build_costs(terms, draws)
    typical = costs.mean(axis=1)
    covered = connector_share(terms, draws, places) if style == "ipaas" else np.zeros((1, count))
    configured = np.einsum("ni,ni->n", costs, np.broadcast_to(covered, costs.shape)) / count
    built = (typical - configured) * draws[f"build.factor.{style}"]
    settings = configured * draws["build.config_share"]
    paid = built * psi(terms, draws, style) * draws[f"overrun:{style}"] * draws["overrun.factor"] + settings
    keep = draws["maintenance.custom"] * (1 - draws["maintenance.change_share"])
    upkeep = built * keep + settings * draws["maintenance.ipaas"]
    follow = change_cost(draws, style, places, 1 - covered) / count
    leave = exit_cost(draws, style, typical, terms.horizon) @ weight.by_year
    wages = draws[f"people.fte.{style}"] * draws["people.wage"] * (1 + draws[f"people.scarcity.{style}"])
    fixed = draws[f"setup.days.{style}"] * draws["team.day_rate"] + ramp_cost(terms, draws, style)
    fixed = fixed + (draws[f"infrastructure.{style}"] + wages) * weight.always
    counted = (
        quantities(terms, draws, terms.plans[style], places, weight.share) if style in terms.plans else {}
    )
    return Way(
        style=style,
        fixed=np.broadcast_to(fixed, (draws.size,)),
        per_learned=paid * weight.spent + upkeep * weight.live,
        per_integration=follow * weight.live + leave,
        counted=counted,
    )


def subscription(
    terms: Terms, draws: Draws, item: Way, weight: Weights, scale: float, volume: float = 1.0
) -> Floats:
    """Return the present value of the subscription when all quantities are ``scale`` times today's.

    ``volume`` multiplies only what messages cause. Shape ``(draws,)``.
    """
    if not item.counted:
        return np.zeros(draws.size)
    counted = {
        meter: amount if meter == "month" else amount * scale * (volume if meter in DRIVEN else 1.0)
        for meter, amount in item.counted.items()
    }
    if "vcore" in counted and volume != 1.0:
        flows = np.reshape(draws["billing.replicas"] * draws["billing.vcore_per_flow"], (-1, 1))
        still = flows * len(terms.integrations) * weight.share * scale
        counted["vcore"] = still + (counted["vcore"] - still) * volume
    return np.asarray(bill_of(terms, draws, item.style, counted) @ weight.contract)


DRIVEN = frozenset({"message", "step", "gigabyte", "throughput"})
"""Meters that count messages."""


def learned(draws: Draws, count: int) -> Floats:
    """Return ``sum over j <= n of j ** log2(learning rate)`` for n = 1 .. count, shape ``(draws, count)``."""
    exponent = np.broadcast_to(np.log2(draws["build.learning_rate"]), (draws.size,))
    return np.cumsum(np.exp(exponent[:, None] * np.log(np.arange(1, count + 1, dtype=np.float64))), axis=1)


def over_integrations(
    terms: Terms, draws: Draws, items: tuple[Way, Way], weight: Weights, numbers: Floats
) -> Floats:
    """Return build less buy for each number of integrations, shape ``(draws, numbers)``."""
    sums = learned(draws, int(numbers.max()))
    count = len(terms.integrations)
    sides = []
    for item in items:
        total = np.empty((draws.size, len(numbers)))
        for place, number in enumerate(numbers):
            total[:, place] = (
                item.fixed + item.per_learned * sums[:, int(number) - 1] + item.per_integration * number
            )
            total[:, place] += subscription(terms, draws, item, weight, float(number) / count)
        sides.append(total)
    return sides[0] - sides[1]


def over_volume(
    terms: Terms, draws: Draws, items: tuple[Way, Way], weight: Weights, factors: Floats
) -> Floats:
    """Return build less buy for each factor on the volume of all integrations, shape ``(draws, factors)``."""
    count = len(terms.integrations)
    sums = learned(draws, count)[:, -1]
    sides = []
    for item in items:
        still = item.fixed + item.per_learned * sums + item.per_integration * count
        bills = [subscription(terms, draws, item, weight, 1.0, float(factor)) for factor in factors]
        sides.append(still[:, None] + np.column_stack(bills))
    return sides[0] - sides[1]
