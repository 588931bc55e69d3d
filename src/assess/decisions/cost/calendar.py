"""Time in the cost model: months, years, what is live when, and the factors that discount each month.

Flows fall at the ends of months. Prices of people and things are in money of the base date; a
subscription is fixed for a contract year in the money of that year. Real money of month m is
discounted by ``(1 + r)^(-m/12)``, nominal money by ``(1 + n)^(-m/12)`` with ``1 + n = (1 + r)(1 + i)``,
so that both conventions have the same present value (Fisher 1930).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .finance import month_factors
from .parameters import Terms

Floats = NDArray[np.float64]

MONTHS = 12
WEEKS_PER_MONTH = 52 / 12


@dataclass(frozen=True)
class Calendar:
    """The months of the horizon with their factors."""

    years: int
    real_rate: float
    nominal_rate: float
    inflation: float
    money: str

    @classmethod
    def of(cls, terms: Terms) -> Calendar:
        """Return the calendar of the terms."""
        return cls(terms.horizon, terms.real_rate, terms.nominal_rate, terms.inflation, terms.money)

    @property
    def months(self) -> int:
        """Number of months."""
        return self.years * MONTHS

    @property
    def rate(self) -> float:
        """The discount rate that belongs to the engagement's money."""
        return self.real_rate if self.money == "real" else self.nominal_rate

    @cached_property
    def real(self) -> Floats:
        """Discount factors of money of the base date, shape ``(months,)``."""
        return month_factors(self.real_rate, self.months)

    @cached_property
    def contract(self) -> Floats:
        """Discount factors of money of the month, shape ``(months,)``."""
        return month_factors(self.nominal_rate, self.months)

    @cached_property
    def real_money(self) -> Floats:
        """What 1 of base-date money is in the money of the tables, shape ``(months,)``."""
        return (
            np.ones(self.months)
            if self.money == "real"
            else month_factors(1 / (1 + self.inflation) - 1, self.months)
        )

    @cached_property
    def contract_money(self) -> Floats:
        """What 1 of the month's money is in the money of the tables, shape ``(months,)``."""
        return month_factors(self.inflation, self.months) if self.money == "real" else np.ones(self.months)

    def yearly(self, monthly: Floats) -> Floats:
        """Sum months to years along the last axis."""
        return np.asarray(monthly.reshape(*monthly.shape[:-1], self.years, MONTHS).sum(axis=-1))


def live_share(duration: Floats, months: int) -> Floats:
    """Return the share of the integrations that is live at the end of each month.

    Parameters
    ----------
    duration
        Months that building all takes, at least a little above 0, shape ``(draws,)``.

    Returns
    -------
    ndarray
        Shape ``(draws, months)``: ``min(1, m / duration)``. Integrations go live one by one, the first
        before the last is begun.
    """
    share = np.arange(1, months + 1, dtype=np.float64) / duration[:, None]
    return np.minimum(share, 1.0, out=share)


def spent_share(live: Floats) -> Floats:
    """Return the share of the build effort that is spent in each month, same shape as ``live``.

    The shares add up to 1 where the duration is within the months.
    """
    spent = live.copy()
    spent[:, 1:] -= live[:, :-1]
    return spent


@dataclass(frozen=True)
class Schedule:
    """When the plan brings integrations live, and what flows of its shapes are worth.

    Parameters
    ----------
    live
        Share that is live at the end of each month, shape ``(draws, months)``.
    built
        Present value in each year of 1 that is spent as the integrations are built, ``(draws, years)``.
    running
        Present value in each year of 1 a year while they are live, ``(draws, years)``.
    share
        Average live share of each year, ``(draws, years)``.
    before
        Share of each year that passes until all is live, ``(draws, years)``.
    waiting
        Years that an average integration is live until all are, ``(draws,)``: its share, summed over the months
        until then.
    """

    live: Floats
    built: Floats
    running: Floats
    share: Floats
    before: Floats
    waiting: Floats


def schedule(rollout: Floats, calendar: Calendar) -> Schedule:
    """Return the schedule of a rollout over ``rollout`` months, shape ``(draws,)``.

    The three sums over months are one matrix product: what is spent in a month is the change of
    what is live, so a month's live share counts at its own factor less at the next month's.
    """
    live = live_share(rollout, calendar.months)
    inside = np.kron(np.eye(calendar.years), np.ones((MONTHS, 1)))
    worth = inside * calendar.real[:, None]
    spent = worth.copy()
    spent[:-1] -= worth[1:]
    sums = live @ np.hstack([spent, worth / MONTHS, inside / MONTHS])
    built, running, share = np.split(sums, 3, axis=1)
    begins = np.arange(calendar.months, dtype=np.float64)
    open_ = np.clip(rollout[:, None] - begins, 0.0, 1.0)
    return Schedule(
        live=live,
        built=built,
        running=running,
        share=share,
        before=open_ @ inside / MONTHS,
        waiting=np.einsum("nm,nm->n", live, open_) / MONTHS,
    )
