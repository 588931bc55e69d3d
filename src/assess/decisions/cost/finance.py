"""The time value of money: annuities, paybacks, real against nominal; present values are formulas of `assess.decisions.cost.model`.

Every function takes end-of-year flows unless it says otherwise. Costs are
positive, as in life-cycle costing (NIST Handbook 135), so that the cheaper
option has the smaller present value.

Prices are in the engagement's currency, by the exchange rates that it states, else by the dated defaults.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assess.core.estimate import Estimate
from assess.intake.assumptions import Assumption
from assess.intake.engagement import Engagement

Floats = NDArray[np.float64]


def annuity_factor(rate: float, years: float) -> float:
    """Return the present value of 1 at the end of each year (UPV of NIST Handbook 135).

    At a rate of zero it is the number of years.

    >>> round(annuity_factor(0.03, 15), 4)
    11.9379
    """
    return float(years) if rate == 0 else float((1 - (1 + rate) ** -years) / rate)


def real_rate(nominal: float, inflation: float) -> float:
    """Return the real discount rate (Fisher 1930): ``(1 + nominal) / (1 + inflation) - 1``."""
    return (1 + nominal) / (1 + inflation) - 1


def nominal_rate(real: float, inflation: float) -> float:
    """Return the nominal discount rate (Fisher 1930): ``(1 + real) (1 + inflation) - 1``."""
    return (1 + real) * (1 + inflation) - 1


def payback(flows: ArrayLike) -> int | None:
    """Return the first period from which the cumulative net flow stays at or above zero.

    Parameters
    ----------
    flows
        Net flows (income positive) at times 0, 1, 2, ...; discount them first for the discounted payback.

    Returns
    -------
    int or None
        None if the sum is still below zero at the end. A later loss that pulls the sum below zero
        again moves the payback behind it.

    >>> payback([-10, 4, 4, 4])
    3
    """
    total = np.cumsum(np.asarray(flows, dtype=np.float64))
    scale = float(np.max(np.abs(total), initial=0.0))
    below = np.flatnonzero(total < -1e-12 * scale)
    first = int(below[-1]) + 1 if below.size else 0
    return first if first < total.size else None


def payback_month(lines: Mapping[str, Floats], assessed: bool, years: int) -> tuple[int | None, str]:
    """Return the month from which mean benefits have paid for all mean costs, or None and why."""
    if not assessed or not lines["benefits"].any():
        return None, "no benefits were assessed"
    month = payback(-np.asarray(sum(lines.values())))
    return (month, "") if month is not None else (None, f"not within {years} years")


def first_year_cheapest(total: Mapping[str, Floats]) -> str:
    """Return the option with the lowest cumulative cost after a year; the first of equals."""
    return min(total, key=lambda name: float(total[name][12]))


def break_even(name: str, reference: str, total: Mapping[str, Floats]) -> int | None:
    """Return the month from which an option's cumulative cost stays at or below the reference's; None where it never does.

    Parameters
    ----------
    total
        Mean cumulative cost of each option at the start and after each month.
    """
    if name == reference:
        return None
    return payback(np.diff(total[reference] - total[name], prepend=0.0))


class MissingRate(ValueError):
    """No exchange rate is known for a currency that the model needs."""


def parse_currency(unit: str) -> str:
    """Return the currency that a unit such as ``EUR/day`` begins with; empty where there is none.

    >>> parse_currency("USD/M requests"), parse_currency("share/year")
    ('USD', '')
    """
    head = unit.split("/")[0].strip()
    return head if len(head) == 3 and head.isalpha() and head.isupper() and head != "FTE" else ""


def rate(engagement: Engagement, currency: str) -> float:
    """Return the price of one unit of a currency in the engagement's, see `Engagement.exchange`.

    Raises
    ------
    MissingRate
        If neither the engagement nor the defaults know the currency.
    """
    price = engagement.exchange(currency)
    if price is None:
        raise MissingRate(
            f"no exchange rate is known between {currency} and {engagement.currency}: "
            f"add exchange_rates with EUR and USD to engagement.yaml"
        )
    return price


def converted(engagement: Engagement, entry: Assumption) -> Estimate:
    """Return an assumption as an estimate in the engagement's currency.

    An override is in the engagement's currency already; a default is converted by the currency
    that its unit begins with. Units without a currency stay.
    """
    currency = parse_currency(entry.unit)
    if not currency or entry.overridden or currency == engagement.currency:
        return entry.estimate
    factor = rate(engagement, currency)
    return entry.estimate.scaled(factor, entry.unit.replace(currency, engagement.currency, 1))
