"""Days on which an integration moved, or took, unusually much or little, and volumes that moved to another level."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from assess.core.record import Record

LEVEL_DAYS = 21
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


def _split(values: npt.NDArray[np.float64]) -> int:
    """Return where two medians fit best (least absolute deviations), each side at least `LEVEL_DAYS` long."""

    def misfit(split: int) -> float:
        return sum(float(np.abs(side - np.median(side)).sum()) for side in (values[:split], values[split:]))

    return min(range(LEVEL_DAYS, len(values) - LEVEL_DAYS + 1), key=misfit)


FAMILY = 0.05
"""Chance that a whole log without any event shows one, by Bonferroni over its days."""
WEEKS = 4
"""Same weekdays on each side that say what is usual: a month."""
MIN_DAYS = 28
"""Four whole weeks; less has no usual week."""
MIN_PEERS = 3
FEW = 10.0
"""Median messages of an active day below which days are counted, not measured."""
GAPS = 0.25
"""Share of empty days on active weekdays from which days are counted, not measured."""
NORMAL_MAD = 1.482602218505602
"""Standard deviations in a median absolute deviation of a normal distribution, 1 / 0.6745."""

Days = npt.NDArray[np.float64]


class Anomaly(Record):
    """Days in a row that stand out.

    Parameters
    ----------
    what
        ``volume``: messages of a day. ``latency``: median latency of a day, seconds.
    first, last
        The days, both included; idle weekdays between them do not part them.
    observed, expected
        Sum of the messages of these days, or their median latency, and what same weekdays around them show.
    """

    what: Literal["volume", "latency"]
    first: dt.date
    last: dt.date
    observed: float
    expected: float


class Odd(NamedTuple):
    """A day that stands out: its place, what was usual, and whether it is above."""

    place: int
    expected: float
    above: bool


def usual(values: Days) -> tuple[Days, Days]:
    """Return the median of the same weekdays around each day, without the day itself, and how many there were.

    Parameters
    ----------
    values
        Shape (days,); NaN where nothing was measured.

    Returns
    -------
    tuple
        Shape (days,) each. The median is NaN where fewer than `MIN_PEERS` were measured.
    """
    n = len(values)
    padded = np.full(n + 14 * 2 * WEEKS, np.nan)
    begin = 14 * WEEKS
    padded[begin : begin + n] = values
    # at an edge of the log the weeks that are missing on one side are taken from the other
    offsets = [7 * week * side for week in range(1, 2 * WEEKS + 1) for side in (-1, 1)]
    peers = np.stack([padded[begin + offset : begin + offset + n] for offset in offsets])
    near = np.cumsum(~np.isnan(peers), axis=0) <= 2 * WEEKS
    peers = np.where(near, peers, np.nan)
    known = (~np.isnan(peers)).sum(axis=0).astype(float)
    ordered = np.sort(peers, axis=0)  # NaN last
    low = np.clip((known - 1) // 2, 0, None).astype(int)
    high = np.clip(known // 2, 0, len(offsets) - 1).astype(int)
    columns = np.arange(n)
    middle = (ordered[low, columns] + ordered[high, columns]) / 2
    return np.where(known >= MIN_PEERS, middle, np.nan), known


def odd_days(values: Days) -> list[Odd]:
    """Return the days that stand out of a series of one level, in their order.

    A day's residual is the logarithm of its value over the median of the same weekdays around it (seasonal lag of
    seven days, up to four weeks on each side). Its scale is the median absolute deviation of all residuals, at
    least the counting noise ``1 / sqrt(usual day)``. A day stands out where its residual is beyond the normal
    quantile of ``0.05 / days`` on two sides and its value differs by 30% or more. A series of few or rare messages is counted
    instead: see `rare_days`. A peak that comes again in another month is a habit: see `habits`.

    Parameters
    ----------
    values
        Shape (days,), 0 or more; NaN where nothing was measured.
    """
    measured = values[~np.isnan(values)]
    if len(measured) < MIN_DAYS:
        return []
    expected, _ = usual(values)
    active = expected > 0
    kept = active & ~np.isnan(values)
    if not kept.any():
        return rare_days(values)
    if np.median(values[kept]) < FEW or float((values[kept] == 0).mean()) > GAPS:
        return rare_days(values)
    half = 0.5
    residual = np.full(len(values), np.nan)
    residual[kept] = np.log((values[kept] + half) / (expected[kept] + half))
    spread = NORMAL_MAD * float(np.median(np.abs(residual[kept] - np.median(residual[kept]))))
    scale = np.maximum(spread, 1 / np.sqrt(np.where(kept, expected, 1.0)))
    limit = -special.ndtri(FAMILY / 2 / len(measured))
    with np.errstate(invalid="ignore"):
        beyond = kept & (np.abs(residual) > limit * scale) & (np.abs(residual) >= np.log(MIN_FACTOR))
    return [Odd(int(at), float(expected[at]), bool(residual[at] > 0)) for at in np.flatnonzero(beyond)]


def rare_days(values: Days) -> list[Odd]:
    """Return the days with so many messages that few or rare ones explain them, by a count model.

    Counts follow a negative binomial distribution of their mean and variance (a Poisson one where the variance is not
    above the mean), both without the day itself; a day stands out where so much or more has less than
    ``0.05 / days`` probability. That nothing came is judged by the cadence, `traffic.silence`.
    """
    known = np.flatnonzero(~np.isnan(values))
    counts = values[known]
    n = len(counts)
    if n < MIN_DAYS or not counts.any():
        return []
    total, squares = counts.sum(), (counts**2).sum()
    found = []
    for at, count in zip(known, counts, strict=True):
        mean = (total - count) / (n - 1)
        variance = (squares - count**2) / (n - 1) - mean**2
        if count > MIN_FACTOR * mean and _at_least(count, mean, variance) < FAMILY / n:
            found.append(Odd(int(at), float(mean), True))
    return found


def _at_least(count: float, mean: float, variance: float) -> float:
    """Return the probability of so many or more.

    >>> round(_at_least(3, 1.0, 1.0), 4)  # Poisson: 1 - exp(-1) (1 + 1 + 1/2)
    0.0803
    """
    if mean <= 0:
        return 0.0
    if variance <= mean:
        return float(special.gammainc(count, mean))
    size = mean**2 / (variance - mean)
    return float(special.betainc(count, size, mean / (mean + size)))


def habits(first: dt.date, odd: Sequence[Odd], values: Days) -> set[int]:
    """Return the places of those days whose peak comes again in another month, such as at its end.

    Again means: as many days from the begin or from the end of another month, give or take one, at least half of
    the excess stands there too.
    """
    recurring = set()
    expected, _ = usual(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(expected > 0, values / expected, np.nan)
    days = [first + dt.timedelta(days=n) for n in range(len(values))]
    for day in odd:
        if not day.above:
            continue
        needed = 1 + (ratio[day.place] - 1) / 2
        for other, moment in enumerate(days):
            same_month = (moment.year, moment.month) == (days[day.place].year, days[day.place].month)
            if not same_month and ratio[other] >= needed and _alike(days[day.place], moment):
                recurring.add(day.place)
                break
    return recurring


def _alike(one: dt.date, other: dt.date) -> bool:
    return abs(one.day - other.day) <= 1 or abs(_left(one) - _left(other)) <= 1


def _left(day: dt.date) -> int:
    following = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return (following - day).days


def anomalies(
    first: dt.date, values: Days, what: Literal["volume", "latency"], cuts: Sequence[int] = ()
) -> tuple[Anomaly, ...]:
    """Return the events of a series: days that stand out, in a row and on one side, as one.

    Parameters
    ----------
    first
        Day of the first value.
    cuts
        Places at which another level begins; each level is judged by itself.
    """
    found: list[Anomaly] = []
    bounds = [0, *sorted(cuts), len(values)]
    for begin, end in pairwise(bounds):
        part = values[begin:end]
        start = first + dt.timedelta(days=begin)
        odd = odd_days(part)
        expected = {day.place: day.expected for day in odd}
        again = habits(start, odd, part)
        for group in _in_a_row([day for day in odd if day.place not in again], part):
            places = [day.place for day in group]
            seen = [float(part[place]) for place in places]
            usually = [expected[place] for place in places]
            together = sum if what == "volume" else np.median
            found.append(
                Anomaly(
                    what=what,
                    first=start + dt.timedelta(days=places[0]),
                    last=start + dt.timedelta(days=places[-1]),
                    observed=float(together(seen)),
                    expected=float(together(usually)),
                )
            )
    return tuple(found)


def _in_a_row(odd: Sequence[Odd], values: Days) -> list[list[Odd]]:
    """Join days on one side that follow each other, idle ones between them aside."""
    groups: list[list[Odd]] = []
    idle = np.nan_to_num(usual(values)[0]) <= 0
    for day in odd:
        last = groups[-1][-1] if groups else None
        if last and last.above == day.above and bool(idle[last.place + 1 : day.place].all()):
            groups[-1].append(day)
        else:
            groups.append([day])
    return groups
