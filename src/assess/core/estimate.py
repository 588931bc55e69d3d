"""What somebody believes about a quantity: low, likely, high, and who said so.

An interval has one meaning: ``low`` and ``high`` are the lowest and the highest value that are credible, the
ends of a beta-PERT distribution. Sums, differences and products of estimates follow interval arithmetic
(Moore 1966, Interval Analysis): the ends of the result are credible whatever the dependence of the parts,
since nobody stated that they are independent; likely comes from likely. Where the spread of a sum decides
something, futures are drawn instead (`assess.decisions.cost`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Self

from pydantic import model_validator

from .record import Record
from .source import Source

LAMBDA = 4.0
"""Weight of the likely value of a beta-PERT distribution (Malcolm et al. 1959, Vose 2008)."""


def pert_mean(low: float, likely: float, high: float) -> float:
    """Return the mean of a beta-PERT distribution, (low + 4 likely + high) / 6.

    >>> pert_mean(2, 4, 12)
    5.0
    """
    return (low + LAMBDA * likely + high) / (LAMBDA + 2)


def pert_shape(low: float, likely: float, high: float) -> tuple[float, float]:
    """Return the two shape parameters of the beta distribution behind a beta-PERT."""
    mode = (likely - low) / (high - low)
    return 1 + LAMBDA * mode, 1 + LAMBDA * (1 - mode)


class Estimate(Record):
    """A quantity with its uncertainty.

    Parameters
    ----------
    low, likely, high
        Lowest, most likely and highest credible value, in ``unit``; ``low <= likely <= high``.
        They are the parameters of a beta-PERT distribution where one is drawn.
    unit
        Unit of all three.
    source
        The input row, measurement or dated default that it came from.

    Raises
    ------
    pydantic.ValidationError
        If a value is not finite, or the three are not in order.
    """

    low: float
    likely: float
    high: float
    unit: str = ""
    source: Source | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not all(map(math.isfinite, (self.low, self.likely, self.high))):
            raise ValueError("low, likely and high must be finite numbers")
        if not self.low <= self.likely <= self.high:
            raise ValueError(
                f"low <= likely <= high does not hold for {self.low:g} / {self.likely:g} / {self.high:g}"
            )
        return self

    @classmethod
    def point(cls, value: float, unit: str = "", source: Source | None = None) -> Self:
        """Return an estimate without spread."""
        return cls(low=value, likely=value, high=value, unit=unit, source=source)

    @property
    def certain(self) -> bool:
        """Whether the three values are one."""
        return self.low == self.high

    @property
    def mean(self) -> float:
        """Mean of the beta-PERT distribution, (low + 4 likely + high) / 6 (Malcolm et al. 1959).

        >>> Estimate(low=2, likely=4, high=12).mean
        5.0
        """
        return pert_mean(self.low, self.likely, self.high)

    def __add__(self, other: Estimate | float) -> Estimate:
        """Return the sum, in the unit of the first that has one.

        >>> str(sum([Estimate(low=1, likely=2, high=4), Estimate(low=0, likely=1, high=3)]).interval)
        '(1.0, 3.0, 7.0)'
        """
        more = _estimate(other)
        return Estimate(
            low=self.low + more.low,
            likely=self.likely + more.likely,
            high=self.high + more.high,
            unit=self.unit or more.unit,
        )

    __radd__ = __add__

    def __neg__(self) -> Estimate:
        return Estimate(low=-self.high, likely=-self.likely, high=-self.low, unit=self.unit)

    def __sub__(self, other: Estimate | float) -> Estimate:
        """Return the difference: least where most is taken away.

        >>> (1 - Estimate(low=0.1, likely=0.2, high=0.5)).interval
        (0.5, 0.8, 0.9)
        """
        return self + -_estimate(other)

    def __rsub__(self, other: float) -> Estimate:
        return -self + other

    def __mul__(self, other: Estimate | float) -> Estimate:
        """Return the product, in the unit of the first that has one.

        >>> (Estimate(low=2, likely=3, high=5) * Estimate(low=10, likely=20, high=30)).interval
        (20.0, 60.0, 150.0)
        """
        more = _estimate(other)
        ends = [one * two for one in (self.low, self.high) for two in (more.low, more.high)]
        return Estimate(
            low=min(ends), likely=self.likely * more.likely, high=max(ends), unit=self.unit or more.unit
        )

    __rmul__ = __mul__

    @property
    def interval(self) -> tuple[float, float, float]:
        """Low, likely and high."""
        return self.low, self.likely, self.high

    def named(self, unit: str, source: Source | None = None) -> Estimate:
        """Return the same values in another unit, with where they come from."""
        return Estimate(low=self.low, likely=self.likely, high=self.high, unit=unit, source=source)

    def scaled(self, factor: float, unit: str | None = None) -> Self:
        """Return the estimate times a non-negative factor, in another unit where one is given; its source stays."""
        low, likely, high = (self * factor).interval
        unit = self.unit if unit is None else unit
        return self.model_copy(update={"low": low, "likely": likely, "high": high, "unit": unit})


def total(estimates: Iterable[Estimate], unit: str = "", source: Source | None = None) -> Estimate:
    """Return the sum of estimates, in a unit of its own and with where it comes from.

    Raises
    ------
    ValueError
        If there are none.
    """
    parts = list(estimates)
    if not parts:
        raise ValueError("a sum of no estimates is no estimate")
    found = sum(parts[1:], parts[0])
    return found.named(unit or found.unit, source)


def _estimate(value: Estimate | float) -> Estimate:
    return value if isinstance(value, Estimate) else Estimate.point(value)
