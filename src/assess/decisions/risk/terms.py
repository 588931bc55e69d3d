"""Money and time of the risk model: day rate, exchange rate, present value of a yearly amount."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.estimate import Estimate
from assess.decisions.cost.finance import annuity_factor
from assess.decisions.cost.money import MissingRate, converted
from assess.intake.engagement import Engagement


@dataclass(frozen=True)
class Terms:
    """What turns days and years into money.

    ``day_rate`` is None where neither a rate nor an exchange rate for the default is known.
    """

    currency: str
    day_rate: Estimate | None
    annuity: float

    @classmethod
    def of(cls, engagement: Engagement) -> Terms:
        """Return the terms of an engagement."""
        years = engagement.horizon_years
        return cls(engagement.currency, day_rate(engagement), annuity_factor(real_rate(engagement), years))


def day_rate(engagement: Engagement) -> Estimate | None:
    """Return the money of one person-day: stated, or the dated default in the engagement's currency."""
    stated = engagement.team.day_rate
    if stated is not None:
        return Estimate.point(stated, f"{engagement.currency}/day", engagement.team.said("team.day_rate"))
    return assumed(engagement, "team.day_rate")


def assumed(engagement: Engagement, key: str) -> Estimate | None:
    """Return an amount of the defaults in the engagement's currency; None where no exchange rate is known."""
    try:
        return converted(engagement, engagement.assumptions.entry(key))
    except MissingRate:
        return None


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
