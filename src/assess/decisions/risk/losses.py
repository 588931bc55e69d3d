"""What losses come to: Poisson events of lognormal size, and their worth in money and time."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from assess.core.estimate import Estimate, pert_shape
from assess.core.record import Record
from assess.decisions.cost.finance import MissingRate, annuity_factor, converted
from assess.intake.engagement import Engagement

Floats = NDArray[np.float64]

WIDTH = float(2 * ndtri(0.95))
"""Standard deviations between the limits of a 90 % interval, 3.2897."""


class Severity(Record):
    """Lognormal loss of one event, from its 90 % interval.

    ``mu = (ln low + ln high) / 2`` and ``sigma = (ln high - ln low) / 3.29`` (Hubbard and Seiersen 2016,
    *How to Measure Anything in Cybersecurity Risk*, ch. 3).

    Examples
    --------
    >>> round(Severity.of(1, 10).mean, 6)
    4.040013
    """

    low: float
    high: float
    mu: float
    sigma: float

    @classmethod
    def of(cls, low: float, high: float) -> Severity:
        """Return the severity with this 90 % interval.

        Raises
        ------
        ValueError
            If ``0 < low <= high`` does not hold.
        """
        if not 0 < low <= high:
            raise ValueError(f"0 < low <= high does not hold for {low:g} / {high:g}")
        lower, upper = math.log(low), math.log(high)
        return cls(low=low, high=high, mu=(lower + upper) / 2, sigma=(upper - lower) / WIDTH)

    @property
    def mean(self) -> float:
        """Mean loss of one event, ``exp(mu + sigma^2 / 2)``."""
        return math.exp(self.mu + self.sigma**2 / 2)

    @property
    def median(self) -> float:
        """Loss of one event that is exceeded every second time."""
        return math.exp(self.mu)


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers of one risk: they do not depend on which other risks there are."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, key])))


def pert(estimate: Estimate, size: int, rng: np.random.Generator) -> Floats:
    """Draw from the beta-PERT distribution of an estimate, shape ``(size,)``."""
    if estimate.certain:
        return np.full(size, estimate.likely)
    span = estimate.high - estimate.low
    return np.asarray(estimate.low + span * rng.beta(*pert_shape(*estimate.interval), size))


def yearly_losses(frequency: Estimate, severity: Severity, size: int, rng: np.random.Generator) -> Floats:
    """Draw the loss of a year: N ~ Poisson(lambda), lambda ~ PERT, each of N events lognormal; shape ``(size,)``."""
    events = rng.poisson(np.maximum(pert(frequency, size, rng), 0.0))
    losses = rng.lognormal(severity.mu, severity.sigma, int(events.sum()))
    return np.asarray(
        np.bincount(np.repeat(np.arange(size), events), weights=losses, minlength=size), dtype=np.float64
    )


def exceedance(losses: Floats, levels: Sequence[float]) -> tuple[float, ...]:
    """Return the share of years whose loss is greater than each level.

    >>> exceedance(np.array([0.0, 1.0, 2.0, 3.0]), [0.0, 2.0])
    (0.75, 0.25)
    """
    ordered = np.sort(losses)
    above = losses.size - np.searchsorted(ordered, np.asarray(levels), side="right")
    return tuple(float(value) for value in above / losses.size)


@dataclass(frozen=True)
class LossTerms:
    """What turns days and years into money.

    ``day_rate`` is None where neither a rate nor an exchange rate for the default is known. ``upkeep`` is what keeping up
    something that was done costs a year, as a share of what it cost.
    """

    currency: str
    day_rate: Estimate | None
    annuity: float
    upkeep: Estimate

    @classmethod
    def of(cls, engagement: Engagement) -> LossTerms:
        """Return the terms of an engagement."""
        years = engagement.horizon_years
        annuity = annuity_factor(real_rate(engagement), years)
        upkeep = engagement.assumptions["actions.upkeep"]
        return cls(engagement.currency, day_rate(engagement), annuity, upkeep)


def day_rate(engagement: Engagement) -> Estimate | None:
    """Return the money of one person-day: stated, or the dated default in the engagement's currency."""
    stated = engagement.team.day_rate
    if stated is not None:
        return Estimate.point(stated, f"{engagement.currency}/day", engagement.team.cite("team.day_rate"))
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
