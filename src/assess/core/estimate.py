"""What somebody believes about a quantity: low, likely, high, and who said so."""

from __future__ import annotations

import math
from typing import Self

from pydantic import model_validator

from .record import Record
from .source import Source


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
        return (self.low + 4 * self.likely + self.high) / 6

    def scaled(self, factor: float, unit: str | None = None) -> Self:
        """Return the estimate times a non-negative factor, in another unit where one is given."""
        return self.model_copy(
            update={
                "low": self.low * factor,
                "likely": self.likely * factor,
                "high": self.high * factor,
                "unit": self.unit if unit is None else unit,
            }
        )
