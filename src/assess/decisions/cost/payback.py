"""When an option has paid for itself, and from when on it is the cheaper one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .cashflow import Flows
from .finance import payback

Floats = NDArray[np.float64]


def payback_month(flow: Flows, assessed: bool, years: int) -> tuple[int | None, str]:
    """Return the month from which mean benefits have paid for all mean costs, or None and why."""
    if not assessed or not flow.lines["benefits"].any():
        return None, "no benefits were assessed"
    month = payback(-np.asarray(sum(flow.lines.values())))
    return (month, "") if month is not None else (None, f"not within {years} years")


def first_year_cheapest(total: Mapping[str, Floats]) -> str:
    """Return the option with the lowest cumulative cost after a year; the first of equals."""
    return min(total, key=lambda name: float(total[name][12]))


def break_even(name: str, reference: str, total: Mapping[str, Floats]) -> tuple[int | None, str]:
    """Return the month from which an option's cumulative cost stays at or below the reference's.

    Parameters
    ----------
    total
        Mean cumulative cost of each option at the start and after each month.
    """
    if name == reference:
        return None, "it is the cheapest to start with"
    month = payback(np.diff(total[reference] - total[name], prepend=0.0))
    if month is None:
        return None, f"it stays dearer than {reference} over the whole horizon"
    return month, ""
