"""Whether the volume has moved to another level, and since when."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

MIN_DAYS = 21
"""Days on each side: three weeks, so that one odd week is no level."""
MIN_FACTOR = 1.3
ALPHA = 1e-4
"""Bonferroni over up to 250 days of a year's log leaves 2.5% in total."""
IDLE = 0.1
"""Weekdays with less than this share of the average day are idle."""


def weekdays(daily: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the factor of each day's weekday: the median of day over its centred 7-day mean.

    The moving mean follows a change of level, so the factors do not depend on one.
    """
    if len(daily) < 14:
        return np.ones(len(daily))
    mean = np.convolve(daily, np.full(7, 1 / 7), mode="valid")
    ratio = np.full(len(daily), np.nan)
    ratio[3:-3] = np.divide(daily[3:-3], mean, out=np.full(len(mean), np.nan), where=mean > 0)
    place = np.arange(len(daily)) % 7
    known = [ratio[(place == day) & ~np.isnan(ratio)] for day in range(7)]
    return np.array([float(np.median(values)) if len(values) else 0.0 for values in known])[place]


def shift(daily: npt.NDArray[np.float64]) -> tuple[int, float] | None:
    """Return the first day of a new level and its factor against the old one, or None.

    Each day is first divided by the factor of its weekday; idle weekdays are left out. There is a shift where
    Pettitt's rank statistic K (1979) is significant, 2 exp(-6 K^2 / (n^3 + n^2)) below 1e-4, and the medians of
    the two sides differ by 30% or more; its day is where two medians fit best.

    Parameters
    ----------
    daily
        Shape (days,), messages of each day.

    Examples
    --------
    >>> shift(np.r_[np.full(40, 100.0), np.full(40, 190.0)])
    (40, 1.9)
    >>> shift(np.full(80, 100.0)) is None
    True
    """
    usual = weekdays(daily)
    kept = np.flatnonzero(usual > IDLE)
    values = daily[kept] / usual[kept]
    n = len(values)
    if n < 2 * MIN_DAYS:
        return None
    ranks = pd.Series(values).rank().to_numpy()
    before = np.arange(1, n)
    statistic = 2 * np.cumsum(ranks)[:-1] - before * (n + 1)
    allowed = slice(MIN_DAYS - 1, n - MIN_DAYS)
    largest = float(np.abs(statistic[allowed]).max())
    significance = 2 * np.exp(-6.0 * largest**2 / (float(n) ** 3 + float(n) ** 2))
    split = _split(values)
    old, new = np.median(values[:split]), np.median(values[split:])
    if significance >= ALPHA or old <= 0 or new <= 0 or max(new / old, old / new) < MIN_FACTOR:
        return None
    return int(kept[split]), round(float(new / old), 4)


def _split(values: npt.NDArray[np.float64]) -> int:
    """Return where two medians fit best (least absolute deviations), each side at least `MIN_DAYS` long."""

    def misfit(split: int) -> float:
        return sum(float(np.abs(side - np.median(side)).sum()) for side in (values[:split], values[split:]))

    return min(range(MIN_DAYS, len(values) - MIN_DAYS + 1), key=misfit)
