"""The likely case of building and buying n average integrations, as numbers on named axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.decisions.cost.billing import Plan
from assess.decisions.cost.cashflow import HOURS_PER_DAY, build_costs, connector_share
from assess.decisions.cost.draws import Draws, likely
from assess.decisions.cost.likely_tariffs import NO_END
from assess.decisions.cost.parameters import STYLES, Terms, gather
from assess.decisions.shift import Shift, apply
from assess.intake.engagement import Engagement, Style

from .ways import DRIVEN, Weights, over_integrations, way, weights

Floats = NDArray[np.float64]
Constants = dict[str, tuple[tuple[str, ...], Floats]]


@dataclass(frozen=True)
class LikelyWays:
    """The likely case of both ways.

    Parameters
    ----------
    axes
        Labels of ``way`` (build, buy), ``year``, ``tier`` and ``nth``, the integrations one by one.
    constants
        Name to axes and values.
    inputs
        Likely values of ``number``, ``volume`` (factor), ``coverage``, ``skill`` (of building by hand),
        ``changes`` a year and ``overrun`` (factor).
    difference
        Build less buy, as the model computes it.
    """

    axes: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, tuple[tuple[str, ...], Floats]]
    inputs: Mapping[str, float]
    difference: float
    currency: str


def likely_ways(
    engagement: Engagement,
    *,
    shifts: Sequence[Shift] = (),
    build_style: Style = "api-first",
    buy_style: Style = "ipaas",
    limit: int = 150,
) -> LikelyWays:
    """Return the likely case of both ways; the number of integrations may move up to ``limit``.

    Raises
    ------
    ValueError
        If there are no integrations.
    MissingRate
        If a price is in a currency of which no exchange rate is known.
    """
    if not engagement.integrations:
        raise ValueError("building and buying can be compared from one integration on")
    both = (build_style, buy_style)
    terms = gather(apply(engagement, shifts), styles=[style for style in STYLES if style in both])
    draws = likely(terms)
    weight = weights(terms, draws)
    count = len(terms.integrations)
    items = way(terms, draws, build_style, weight), way(terms, draws, buy_style, weight)
    rows, tariffs = _tariffs(terms, draws, weight, both)
    costs = build_costs(terms, draws)[0]
    covered = connector_share(terms, draws, list(range(count)))[0]
    changes = draws.family["changes"][0]
    share = float((costs * covered).sum() / costs.sum()) if costs.sum() > 0 else float(covered.mean())
    relief = float((changes * covered).sum() / changes.sum()) if changes.sum() > 0 else share
    most = max(limit, 2 * count)
    return LikelyWays(
        axes={
            "way": ("build", "buy"),
            "year": tuple(str(year) for year in range(1, terms.horizon + 1)),
            "tier": tuple(rows) or ("none",),
            "nth": tuple(str(place) for place in range(1, most + 1)),
        },
        constants={
            **_constants(terms, draws, weight, both),
            **tariffs,
            "typical": ((), np.array([costs.mean()])),
            "relief_ratio": ((), np.array([relief / share if share > 0 else 1.0])),
        },
        inputs={
            "number": float(count),
            "volume": 1.0,
            "coverage": share,
            "skill": terms.skills[build_style],
            "changes": float(changes.mean()),
            "overrun": float(draws["overrun.factor"][0]),
        },
        difference=float(over_integrations(terms, draws, items, weight, np.array([float(count)]))[0, 0]),
        currency=engagement.currency,
    )


def _constants(terms: Terms, draws: Draws, weight: Weights, both: Sequence[str]) -> Constants:
    def of(topic: str) -> Floats:
        return np.array([float(draws[f"{topic}{style}"][0]) for style in both])

    def one(value: Floats | float) -> tuple[tuple[str, ...], Floats]:
        return (), np.atleast_1d(np.asarray(value, dtype=np.float64))[:1]

    rate = draws["team.day_rate"]
    year = np.arange(terms.horizon)
    hazard = of("exit.hazard.")[:, None]
    leaving = (hazard * (1 - hazard) ** year * of("exit.share.")[:, None]) @ weight.by_year
    return {
        "by_hand": (("way",), np.array([1.0, 0.0])),
        "platform": (("way",), np.array([float(style == "ipaas") for style in both])),
        "skill_now": (("way",), np.array([terms.skills[style] for style in both])),
        "factor": (("way",), of("build.factor.")),
        "overrun_median": (("way",), of("overrun:")),
        "setup": (("way",), of("setup.days.") * rate[0]),
        "ramp": one(draws["skill.ramp_days"] * draws["team.people"] * rate),
        "a_year": (("way",), of("infrastructure.") + of("people.fte.") * draws["people.wage"][0] * (1 + of("people.scarcity."))),
        "leaving": (("way",), leaving),
        "psi_novice": one(draws["skill.psi"]),
        "config_share": one(draws["build.config_share"]),
        "upkeep_custom": one(draws["maintenance.custom"] * (1 - draws["maintenance.change_share"])),
        "upkeep_config": one(draws["maintenance.ipaas"]),
        "per_change": one(draws["change.hours"] / HOURS_PER_DAY * rate),
        "abstraction": one(draws["change.abstraction"]),
        "learning": one(np.log2(draws["build.learning_rate"])),
        "spent": one(weight.spent),
        "live": one(weight.live),
        "always": one(weight.always),
        "contract": (("year",), weight.contract * (1 + draws["price.uplift"][0]) ** year),
    }  # fmt: skip


def _tariffs(terms: Terms, draws: Draws, weight: Weights, both: Sequence[str]) -> tuple[list[str], Constants]:
    """Return the tiers, and what one integration counts: a part that stands and a part that follows the volume."""
    names: list[str] = []
    rows: list[tuple[float, float, float, float]] = []
    once, each, moving = [], [], []
    doubled = Draws(draws.values, {**draws.family, "volume": 2 * draws.family["volume"]}, draws.size)
    count = len(terms.integrations)
    for place, style in enumerate(both):
        plan: Plan | None = terms.plans.get(style)
        if plan is None:
            continue
        now, twice = (way(terms, case, style, weight).counted for case in (draws, doubled))
        for component in plan.components:
            start = component.free
            amount = now[component.meter][0]
            following = amount if component.meter in DRIVEN else twice[component.meter][0] - amount
            monthly = component.meter == "month"
            for index, tier in enumerate(component.tiers):
                end = NO_END if index == len(component.tiers) - 1 else max(tier.upto, component.free)
                price = float(draws[tier.key][0]) if tier.key else tier.price
                rows.append((price / component.per / component.months, start, end, component.block))
                names.append(f"{plan.id}/{component.label or component.meter}/{index}")
                once.append(_row(place, amount if monthly else np.zeros_like(amount)))
                each.append(_row(place, np.zeros_like(amount) if monthly else (amount - following) / count))
                moving.append(_row(place, np.zeros_like(amount) if monthly else following / count))
                start = max(start, end)
    table = np.array(rows) if rows else np.zeros((1, 4))
    empty = [np.zeros((2, terms.horizon))]
    found: Constants = {
        name: (("tier",), table[:, column])
        for column, name in enumerate(("tier_price", "tier_start", "tier_end", "tier_block"))
    }
    for name, parts in (("once", once), ("each", each), ("moving", moving)):
        found[f"count_{name}"] = (("tier", "way", "year"), np.stack(parts or empty))
    return names, found


def _row(place: int, amount: Floats) -> Floats:
    """Return an amount of one way, the other zero, shape ``(2, years)``."""
    table = np.zeros((2, len(amount)))
    table[place] = amount
    return table
