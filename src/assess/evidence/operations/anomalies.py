"""Hours and days on which an integration moved, or took, unusually much or little."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from assess.core.record import Record

from .volume import MIN_FACTOR, Daily, shift

Measure = Literal["volume", "latency"]

FAMILY = 0.05
"""Chance that a whole log of days without any event shows one, by Bonferroni over its days."""
WEEKS = 4
"""Same weekdays on each side that say what is usual: a month."""
MIN_DAYS = 28
"""Four whole weeks; less has no usual week."""
MIN_PEERS = 3
FEW = 10.0
"""Mean messages of an hour, or median ones of an active day, below which they are counted, not measured."""
GAPS = 0.25
"""Share of empty hours or days from which a series is counted, or is compared by days."""
NORMAL_MAD = 1.482602218505602
"""Standard deviations in a median absolute deviation of a normal distribution, 1 / 0.6745."""
SIGMAS = 3.0
"""Standard deviations beyond which an hour stands out of all hours, and of the same hours of other days."""
FAR = 5.0
"""Standard deviations beyond which it is enough to stand out of the same hours of other days."""
STABLE = 2.0
"""And of their square roots, whose spread does not grow with the level (Bartlett 1936)."""
WORTH = 0.5
"""Share of the usual amount by which an hour differs at least: single hours vary more than days, for which it is 30%."""
RARELY = 0.1 / 168
"""Probability of an hour so high where hours are counted: one false hour in ten weeks."""
CORE = 0.95
"""Share of the hours, the lowest, from which a count model starts, so that peaks do not hide each other."""
CLOSING = 2
"""Days from the begin or the end of a month at which closing the books is the usual reason of a peak."""
SEASONS = ((24, 14), (168, WEEKS))
"""Hours of a day and of a week, and how many of them on each side say what is usual."""

Mask = npt.NDArray[np.bool_]


class Anomaly(Record):
    """Days in a row that stand out.

    Parameters
    ----------
    what
        ``volume``: messages. ``latency``: median latency, seconds.
    first, last
        The days, both included; idle weekdays between them do not part them.
    observed, expected
        Sum of the messages of the hours that stand out (of the days, where ``hours`` is 0), or their median latency,
        and what same hours or weekdays around them show.
    hours
        How many hours stand out; 0 where days were compared.
    """

    what: Measure
    first: dt.date
    last: dt.date
    observed: float
    expected: float
    hours: int = 0


class Odd(NamedTuple):
    """A day that stands out: its place, what was seen and what was usual, whether it is above, and how many hours do."""

    place: int
    observed: float
    expected: float
    above: bool
    hours: int = 0


def usual(values: Daily) -> tuple[Daily, Daily]:
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


def odd_days(values: Daily) -> list[Odd]:
    """Return the days that stand out of a series of one level, in their order.

    A day's residual is the logarithm of its value over the median of the same weekdays around it (seasonal lag of
    seven days, up to four weeks on each side). Its scale is the median absolute deviation of all residuals, at
    least the counting noise ``1 / sqrt(usual day)``. A day stands out where its residual is beyond the normal
    quantile of ``0.05 / days`` on two sides and its value differs by 30% or more. A series of few or rare messages is counted
    instead: see `rare`. A peak that comes again in other months is a habit: see `habits`.

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
        return _rare_days(values)
    if np.median(values[kept]) < FEW or float((values[kept] == 0).mean()) > GAPS:
        return _rare_days(values)
    half = 0.5
    residual = np.full(len(values), np.nan)
    residual[kept] = np.log((values[kept] + half) / (expected[kept] + half))
    spread = NORMAL_MAD * float(np.median(np.abs(residual[kept] - np.median(residual[kept]))))
    scale = np.maximum(spread, 1 / np.sqrt(np.where(kept, expected, 1.0)))
    limit = -special.ndtri(FAMILY / 2 / len(measured))
    with np.errstate(invalid="ignore"):
        beyond = kept & (np.abs(residual) > limit * scale) & (np.abs(residual) >= np.log(MIN_FACTOR))
    return [
        Odd(int(at), float(values[at]), float(expected[at]), bool(residual[at] > 0))
        for at in np.flatnonzero(beyond)
    ]


def _rare_days(values: Daily) -> list[Odd]:
    measured = int((~np.isnan(values)).sum())
    if measured < MIN_DAYS:
        return []
    odd, mean = rare(values, FAMILY / measured)
    return [Odd(int(at), float(values[at]), mean, True) for at in np.flatnonzero(odd)]


def rare(counts: Daily, probability: float) -> tuple[Mask, float]:
    """Return where there are so many messages that few or rare ones do not explain them, and the usual mean.

    Counts follow a negative binomial distribution of their mean and variance (a Poisson one where the variance is not
    above the mean). Both are taken of the lowest 95%, then again of all that this does not call odd: of all at once,
    peaks would widen the variance that hides them (masking; Hadi 1992 starts from a clean core, too). That
    nothing came is judged by the cadence, `traffic.silence`.

    Parameters
    ----------
    counts
        Shape (n,), whole numbers; NaN where nothing was measured.
    probability
        Of so many or more, below which a count is odd.
    """
    known = ~np.isnan(counts)
    filled = np.nan_to_num(counts)
    kept = known & (filled <= max(1.0, float(np.nanquantile(counts, CORE))))
    odd, mean = np.zeros(len(counts), bool), 0.0
    for _ in range(2):
        mean = float(filled[kept].mean())
        odd = known & (at_least(filled, mean, float(filled[kept].var())) < probability)
        kept = known & ~odd
    return odd & (filled > MIN_FACTOR * mean), mean


def at_least(counts: Daily, mean: float, variance: float) -> Daily:
    """Return the probability of so many or more.

    >>> at_least(np.array([0, 3]), 1.0, 1.0).round(4).tolist()  # Poisson: 1 - exp(-1) (1 + 1 + 1/2)
    [1.0, 0.0803]
    """
    if mean <= 0:
        return np.where(counts > 0, 0.0, 1.0)
    some = np.maximum(counts, 1)
    if variance <= mean:
        found = special.gammainc(some, mean)
    else:
        size = mean**2 / (variance - mean)
        found = special.betainc(some, size, mean / (mean + size))
    return np.where(counts > 0, found, 1.0)


def clipped(values: Daily, sigmas: float, times: int) -> Mask:
    """Return where values are beyond so many standard deviations of the mean of those that are not (sigma clipping).

    Parameters
    ----------
    values
        Shape (n,); NaN is never beyond.
    times
        How often mean and deviation are taken at most; each time without what was beyond before.

    Examples
    --------
    One outlier widens the deviation behind which the other hides:

    >>> values = np.r_[np.resize([0.0, 1, 2], 60), 9, 60]
    >>> [int(clipped(values, 3, times).sum()) for times in (1, 2)]
    [1, 2]
    """
    known = ~np.isnan(values)
    kept = known
    for _ in range(times):
        if not kept.any():
            break
        mean, deviation = values[kept].mean(), values[kept].std()
        within = known & (np.abs(np.nan_to_num(values) - mean) <= sigmas * deviation)
        if (within == kept).all():
            break
        kept = within
    return known & ~kept


def significant(values: Daily) -> Mask:
    """Return which values a normal distribution does not explain, with at most `FAMILY` false among them.

    Benjamini and Hochberg 1995 (`scipy.stats.false_discovery_control`), on two-sided probabilities under the mean and the deviation of what is not
    beyond three deviations: of a thousand quiet hours three are beyond three deviations, and none is called.

    Examples
    --------
    >>> from scipy import special
    >>> quiet = special.ndtri((np.arange(1000) + 0.5) / 1000)
    >>> int((abs(quiet) > 3).sum()), int(significant(quiet).sum())
    (2, 0)
    >>> int(significant(np.r_[quiet, 6.0]).sum())
    1
    """
    known = ~np.isnan(values)
    kept = values[known & ~clipped(values, SIGMAS, len(values))]
    if not len(kept) or kept.std() == 0:
        other: Mask = values != (kept[0] if len(kept) else 0.0)
        return known & other
    probability = 2 * special.ndtr(-np.abs(values[known] - kept.mean()) / kept.std())
    odd = np.zeros(len(values), bool)
    odd[known] = stats.false_discovery_control(probability) <= FAMILY
    return odd


def seasonal(hours: Daily) -> Daily:
    """Return what is usual in each hour: the median of the same hours around it, give or take one, without its own day.

    Same hours are those of the two weeks on each side, or those of the same weekday of four weeks on each side where
    that is nearer to what was seen (median absolute difference). Shape (hours,), NaN where none is known; a
    log of less than three days has no usual hour.
    """
    best, found = np.inf, np.full(len(hours), np.nan)
    for period, around in SEASONS:
        if len(hours) < 3 * period:
            continue
        edge = period * around + 1
        padded = np.pad(hours, edge, constant_values=np.nan)
        offsets = [period * n + near for n in range(-around, around + 1) if n for near in (-1, 0, 1)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # an hour that no other day has
            middle = np.nanmedian(
                np.stack([padded[edge + o : edge + o + len(hours)] for o in offsets]), axis=0
            )
            misfit = float(np.nanmedian(np.abs(hours - middle)))
        if misfit < best:
            best, found = misfit, middle
    return found


def odd_hours(hours: Daily) -> tuple[Mask, Daily]:
    """Return which hours stand out of a series of one level, and what was usual in each.

    An hour stands out where it is beyond three standard deviations both of all hours and of the same hours of other days
    (`seasonal`), the deviations taken again without what was beyond at first; or beyond five of the same
    hours of other days alone, taken until nothing changes. Either differs by half or more. The square roots, too, differ by
    two deviations and more than the many hours of a log explain by chance in the first case (`significant`), by five in
    the second.

    Parameters
    ----------
    hours
        Shape (hours,), 0 or more; NaN where nothing was measured.
    """
    expected = seasonal(hours)
    both = clipped(hours, SIGMAS, 2)
    if np.isnan(expected).all():
        return both, np.full(len(hours), float(np.nanmedian(hours)))
    residual, stable = hours - expected, np.sqrt(hours) - np.sqrt(expected)
    both &= clipped(residual, SIGMAS, 2) & clipped(stable, STABLE, 1) & significant(stable)
    alone = clipped(residual, FAR, len(hours)) & clipped(stable, FAR, len(hours))
    with np.errstate(invalid="ignore"):
        worth = np.abs(residual) >= WORTH * expected
    return (both | alone) & worth, expected


def by_hours(hours: Daily) -> bool:
    """Return whether a series is compared by hours: more than three of four have a value above zero, or few have many.

    What comes in batches, many messages in few hours, is compared by days.
    """
    active = hours[hours > 0]
    empty = 1 - len(active) / max(1, len(hours))
    return len(active) > 0 and (empty <= GAPS or float(np.median(active)) < FEW)


def _hourly(hours: Daily, place: npt.NDArray[np.int64], measure: Measure) -> list[Odd]:
    """Return the days with hours that stand out, each side by itself; ``place`` is the day of each hour."""
    known = hours[~np.isnan(hours)]
    core = hours[~clipped(hours, SIGMAS, 2)]
    counted = measure == "volume" and not (known % 1).any() and float(np.nanmean(core)) < FEW
    if counted:
        odd, mean = rare(hours, RARELY)
        expected = np.full(len(hours), mean)
    else:
        odd, expected = odd_hours(hours)
    together = np.sum if measure == "volume" else np.median
    found = []
    with np.errstate(invalid="ignore"):
        above = hours > expected
    for day in np.unique(place[odd]):
        for upward in (True, False):
            chosen = odd & (place == day) & (above == upward)
            if chosen.any():
                seen, usually = together(hours[chosen]), together(expected[chosen])
                found.append(Odd(int(day), float(seen), float(usually), upward, int(chosen.sum())))
    return found


def habits(first: dt.date, odd: Sequence[Odd], values: Daily) -> set[int]:
    """Return the places of those days whose peak comes again in other months, such as at their end.

    Again means: in at least half of the other months, as many days from their begin or from their end, give or take
    one, another day of these has at least half of its excess. At the begin and the end of a month, where books are
    closed, one other month is enough; elsewhere two peaks a month apart may be chance, and two others are needed. A day
    that is not above the usual one by 30% as a whole is no such peak.
    """
    recurring = set()
    expected, _ = usual(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(expected > 0, values / expected, np.nan)
    days = [first + dt.timedelta(days=n) for n in range(len(values))]
    peaks = {day.place for day in odd if day.above}
    for day in odd:
        if not day.above or not ratio[day.place] >= MIN_FACTOR:
            continue
        needed = 1 + (ratio[day.place] - 1) / 2
        own = days[day.place]
        months: dict[tuple[int, int], bool] = {}
        for other, moment in enumerate(days):
            month = (moment.year, moment.month)
            if month != (own.year, own.month) and _alike(own, moment):
                months[month] = months.get(month, False) or (other in peaks and bool(ratio[other] >= needed))
        again = sum(months.values())
        enough = 1 if min(own.day - 1, _left(own)) <= CLOSING else 2
        if again >= enough and 2 * again >= len(months):
            recurring.add(day.place)
    return recurring


def _alike(one: dt.date, other: dt.date) -> bool:
    return abs(one.day - other.day) <= 1 or abs(_left(one) - _left(other)) <= 1


def _left(day: dt.date) -> int:
    following = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return (following - day).days


def anomalies(series: pd.Series, measure: Measure, cuts: Sequence[dt.date] = ()) -> tuple[Anomaly, ...]:
    """Return the events of a series: days that stand out, in a row and on one side, as one.

    Parameters
    ----------
    series
        Messages of each hour, or their median latency in seconds, indexed by moments whose days are meant, with a zone or
        without one; an hour that is absent or NaN was not measured.
    cuts
        Days at which another level begins; each level is judged by itself.
    """
    hourly = series.astype(float).asfreq("h")
    days = pd.DatetimeIndex(hourly.index).tz_localize(None).normalize()
    begin = np.datetime64(hourly.index[0].date()) if len(hourly) else np.datetime64("1970-01-01")
    place = ((days.to_numpy() - begin) / np.timedelta64(1, "D")).astype(int)
    bounds = [
        0,
        *sorted(int((np.datetime64(cut) - begin) / np.timedelta64(1, "D")) for cut in cuts),
        len(hourly),
    ]
    found: list[Anomaly] = []
    for low, high in pairwise(bounds):
        part = hourly[(place >= low) & (place < high)]
        if part.notna().any():
            found += _events(part, measure)
    return tuple(found)


def _events(hourly: pd.Series, measure: Measure) -> list[Anomaly]:
    hours = hourly.to_numpy(float)
    first = hourly.index[0].date()
    grouped = hourly.groupby(np.asarray(pd.DatetimeIndex(hourly.index).date))
    daily = (grouped.sum(min_count=1) if measure == "volume" else grouped.median()).to_numpy(float)
    place = np.asarray(grouped.ngroup(), np.int64)
    odd = _hourly(hours, place, measure) if by_hours(hours) else odd_days(daily)
    again = habits(first, odd, daily)
    together = sum if measure == "volume" else np.median
    return [
        Anomaly(
            what=measure,
            first=first + dt.timedelta(days=group[0].place),
            last=first + dt.timedelta(days=group[-1].place),
            observed=float(together([day.observed for day in group])),
            expected=float(together([day.expected for day in group])),
            hours=sum(day.hours for day in group),
        )
        for group in _in_a_row([day for day in odd if day.place not in again], daily)
    ]


def _in_a_row(odd: Sequence[Odd], daily: Daily) -> list[list[Odd]]:
    """Join days on one side that follow each other, idle ones between them aside."""
    groups: list[list[Odd]] = []
    idle = np.nan_to_num(usual(daily)[0]) <= 0 if len(daily) >= MIN_DAYS else np.zeros(len(daily), bool)
    for upward in (True, False):
        side: list[list[Odd]] = []
        for day in odd:
            if day.above != upward:
                continue
            last = side[-1][-1] if side else None
            if last and bool(idle[last.place + 1 : day.place].all()):
                side[-1].append(day)
            else:
                side.append([day])
        groups += side
    return sorted(groups, key=lambda group: (group[0].place, not group[0].above))


def unusual(series: pd.Series, measure: Measure) -> pd.DataFrame:
    """Return the unusual events of an hourly series, a row an event; levels are found and judged by themselves.

    Parameters
    ----------
    series
        Shape (hours,), indexed by moments whose days are meant, with a zone or without one: messages of each hour (``volume``), or latency in seconds
        (``latency``); NaN where nothing was measured.

    Returns
    -------
    pd.DataFrame
        ``first`` and ``last`` day, ``observed``, ``expected`` and ``hours`` as in `Anomaly`.
    """
    hourly = series.astype(float).asfreq("h")
    cuts = []
    if measure == "volume" and len(hourly):
        daily = hourly.groupby(np.asarray(pd.DatetimeIndex(hourly.index).date)).sum()
        moved = shift(np.asarray(daily, float))
        cuts = [daily.index[moved[0]]] if moved else []
    found = anomalies(hourly, measure, cuts)
    return pd.DataFrame(
        [(a.first, a.last, a.observed, a.expected, a.hours) for a in found],
        columns=["first", "last", "observed", "expected", "hours"],
    )
