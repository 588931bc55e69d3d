"""Money and time of the risk model: day rate, exchange rate, present value of a yearly amount."""

from __future__ import annotations

from dataclasses import dataclass

from assess.decisions.cost.finance import annuity_factor
from assess.decisions.cost.money import MissingRate, rate
from assess.intake.engagement import Engagement
from assess.intake.estimate import Estimate


@dataclass(frozen=True)
class Terms:
    """What turns days and years into money.

    ``day_rate`` is None where neither a rate nor an exchange rate for the default is known.
    """

    currency: str
    euro: float | None
    day_rate: Estimate | None
    annuity: float

    @classmethod
    def of(cls, engagement: Engagement) -> Terms:
        """Return the terms of an engagement."""
        try:
            euro: float | None = rate(engagement, "EUR")[0]
        except MissingRate:
            euro = None
        return cls(
            engagement.currency,
            euro,
            day_rate(engagement, euro),
            annuity_factor(real_rate(engagement), engagement.horizon_years),
        )


def day_rate(engagement: Engagement, euro: float | None) -> Estimate | None:
    """Return the money of one person-day: stated, or the dated default in the engagement's currency."""
    stated = engagement.team.day_rate
    unit = f"{engagement.currency}/day"
    if stated is not None:
        return Estimate.point(stated, unit, engagement.team.said("team.day_rate"))
    return assumed(engagement, "team.day_rate", euro, unit)


def assumed(engagement: Engagement, key: str, euro: float | None, unit: str) -> Estimate | None:
    """Return an amount of the defaults in the engagement's currency; an override is in it already."""
    entry = engagement.assumptions.entry(key)
    if entry.overridden:
        return entry.estimate
    return None if euro is None else entry.estimate.scaled(euro, unit)


def real_rate(engagement: Engagement) -> float:
    """Return the real discount rate: ``(1 + n) / (1 + i) - 1`` where the engagement is nominal (Fisher 1930)."""
    stated = engagement.discount_rate
    if stated is None:
        return engagement.assumptions["money.discount_rate"].likely
    if engagement.money == "real":
        return stated
    inflation = engagement.inflation
    inflation = engagement.assumptions["money.inflation"].likely if inflation is None else inflation
    return (1 + stated) / (1 + inflation) - 1
