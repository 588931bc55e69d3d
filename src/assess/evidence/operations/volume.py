"""What the messages of each day show: messages a month, a new level, silence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

DAYS_PER_MONTH = 365.25 / 12
WINDOW_DAYS = 31
"""The longest month: every window of this length holds a run of a monthly job."""
LEVEL_DAYS = 21
"""Days on each side: three weeks, so that one odd week is no level."""
MIN_FACTOR = 1.3
"""Ratio below which a difference is not worth a question, whatever its significance."""
ALPHA = 1e-4
"""Bonferroni over up to 250 days of a year's log leaves 2.5% in total."""
IDLE = 0.1
"""Weekdays with less than this share of the average day are idle."""


Daily = npt.NDArray[np.float64]


def weekdays(daily: Daily) -> Daily:
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


def shift(daily: Daily) -> tuple[int, float] | None:
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
    if n < 2 * LEVEL_DAYS:
        return None
    ranks = pd.Series(values).rank().to_numpy()
    before = np.arange(1, n)
    statistic = 2 * np.cumsum(ranks)[:-1] - before * (n + 1)
    allowed = slice(LEVEL_DAYS - 1, n - LEVEL_DAYS)
    largest = float(np.abs(statistic[allowed]).max())
    significance = 2 * np.exp(-6.0 * largest**2 / (float(n) ** 3 + float(n) ** 2))
    split = _split(values)
    old, new = np.median(values[:split]), np.median(values[split:])
    if significance >= ALPHA or old <= 0 or new <= 0 or max(new / old, old / new) < MIN_FACTOR:
        return None
    return int(kept[split]), round(float(new / old), 4)


def _split(values: Daily) -> int:
    """Return where two medians fit best (least absolute deviations), each side at least `LEVEL_DAYS` long."""

    def misfit(split: int) -> float:
        return sum(float(np.abs(side - np.median(side)).sum()) for side in (values[:split], values[split:]))

    return min(range(LEVEL_DAYS, len(values) - LEVEL_DAYS + 1), key=misfit)


def monthly(daily: Daily) -> tuple[float, float, float]:
    """Return messages a month, low, likely, high, from the messages of each observed day.

    Likely is the mean day times 30.4375. Low and high are the least and the greatest of all windows of 31
    days in a row (of 7 days where fewer than 45 were observed, of one where fewer than 14), brought to 30.4375
    days: what a month could have looked like within the log, week and month end included.

    Parameters
    ----------
    daily
        Shape (days,), messages; a day without a run is 0.

    Examples
    --------
    >>> monthly(np.full(90, 100.0))
    (3043.75, 3043.75, 3043.75)
    """
    window = WINDOW_DAYS if len(daily) >= 45 else 7 if len(daily) >= 14 else 1
    sums = np.convolve(daily, np.ones(window), mode="valid")
    likely = float(daily.mean() * DAYS_PER_MONTH)
    low, high = float(sums.min() * DAYS_PER_MONTH / window), float(sums.max() * DAYS_PER_MONTH / window)
    return min(low, likely), likely, max(high, likely)


def silence(daily: Daily, factor: float) -> int | None:
    """Return the days since the last message where the integration's own cadence makes that unusual.

    Unusual is more than ``factor`` times the longest gap between two days with messages, and at least
    two days. One day with messages has no cadence, so it is never silent.

    Examples
    --------
    >>> silence(np.array([5, 0, 4, 6, 0, 0, 0, 0, 0.0]), factor=2)
    5
    >>> silence(np.array([5, 0, 0, 0, 6, 0, 0, 0, 0.0]), factor=2) is None
    True
    """
    active = np.flatnonzero(daily > 0)
    if len(active) < 2:
        return None
    since = len(daily) - 1 - int(active[-1])
    return since if since >= 2 and since > factor * int(np.diff(active).max()) else None
