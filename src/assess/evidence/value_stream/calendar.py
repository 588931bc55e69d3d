"""The working calendar: what of elapsed time is working time, safe across holidays and clock changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

WEEK_MINUTES = 7 * 24 * 60


@dataclass(frozen=True)
class WorkingCalendar:
    """When the process works.

    Parameters
    ----------
    opens
        Minute of the local day at which work starts.
    minutes_per_day
        Working minutes of a working day, by the local clock; at most to midnight.
    days_per_week
        Working days from Monday on; 5 is Monday to Friday.
    zone
        IANA time zone. Days are local days: work starts at the same local hour on both sides of a clock change,
        and a day that works round the clock has 23 or 25 hours then.
    holidays
        Local days without work.

    Examples
    --------
    >>> calendar = WorkingCalendar(zone="Europe/Berlin", holidays=frozenset({dt.date(2026, 4, 6)}))
    >>> thursday = dt.datetime(2026, 4, 2, 15, 0, tzinfo=calendar.timezone)
    >>> str(calendar.after(thursday, 4 * 60))  # two hours on Thursday, two on Friday
    '2026-04-03 11:00:00+02:00'
    """

    opens: float = 9 * 60
    minutes_per_day: float = 8 * 60
    days_per_week: int = 5
    zone: str = "UTC"
    holidays: frozenset[dt.date] = frozenset()

    def __post_init__(self) -> None:
        if not (
            self.minutes_per_day > 0 and self.opens >= 0 and self.opens + self.minutes_per_day <= 24 * 60
        ):
            raise ValueError("the working day must start and end within one local day")
        if not 1 <= self.days_per_week <= 7:
            raise ValueError("days_per_week must be from 1 to 7")

    @cached_property
    def timezone(self) -> ZoneInfo:
        """The zone."""
        return ZoneInfo(self.zone)

    @property
    def share(self) -> float:
        """Working share of elapsed time in a week without holidays."""
        return self.minutes_per_day * self.days_per_week / WEEK_MINUTES

    @property
    def minutes_per_month(self) -> float:
        """Working minutes of an average month (365.25 / 12 days), without holidays."""
        return self.minutes_per_day * self.days_per_week / 7 * 365.25 / 12

    def works(self, day: dt.date) -> bool:
        """Whether a local day is a working day."""
        return day.weekday() < self.days_per_week and day not in self.holidays

    def hours(self, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
        """Return start and end of work on a local day, as instants in UTC."""
        return self._instant(day, self.opens), self._instant(day, self.opens + self.minutes_per_day)

    def _instant(self, day: dt.date, minute: float) -> dt.datetime:
        local = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minute)
        return local.replace(tzinfo=self.timezone).astimezone(dt.UTC)

    def after(self, start: dt.datetime, minutes: float) -> dt.datetime:
        """Return the instant at which that many working minutes have passed, in local time.

        Work that ends exactly at closing time ends there, not at the next opening.

        Raises
        ------
        ValueError
            If minutes is negative, start has no zone, or no working day comes within ten years.
        """
        if minutes < 0 or start.tzinfo is None:
            raise ValueError("minutes must not be negative, and start must have a zone")
        left = minutes * 60.0
        now = start.astimezone(dt.UTC)
        day = start.astimezone(self.timezone).date()
        idle = 0
        while left > 0:
            if idle > 3660:
                raise ValueError("no working day within ten years")
            idle += 1
            if self.works(day):
                opens, closes = self.hours(day)
                begin = max(now, opens)
                free = (closes - begin).total_seconds()
                if free > 0:
                    idle = 0
                    used = min(free, left)
                    left -= used
                    now = begin + dt.timedelta(seconds=used)
            day += dt.timedelta(days=1)
        return now.astimezone(self.timezone)

    def between(self, start: dt.datetime, end: dt.datetime) -> float:
        """Return the working minutes from start to end; both need a zone."""
        times = np.array([start.timestamp(), end.timestamp()])
        return float(self.minutes_between(times[:1], times[1:])[0])

    def minutes_between(self, starts: Numbers, ends: Numbers) -> Numbers:
        """Return the working minutes between instants.

        Parameters
        ----------
        starts, ends
            Shape (n,): seconds since 1970 in UTC, each end not before its start.

        Returns
        -------
        numpy.ndarray
            Shape (n,): minutes.
        """
        if not len(starts):
            return np.zeros(0)
        opens, closes = self._days(float(starts.min()), float(ends.max()))
        if not len(opens):
            return np.zeros(len(starts))
        done = np.concatenate([[0.0], np.cumsum(closes - opens)])

        def worked(at: Numbers) -> Numbers:
            past = np.searchsorted(opens, at, side="right")  # days that have opened
            last = np.maximum(past - 1, 0)
            partial = np.clip(at - opens[last], 0.0, closes[last] - opens[last])
            return np.where(past > 0, done[last] + partial, 0.0)

        return np.asarray((worked(ends) - worked(starts)) / 60, dtype=np.float64)

    def _days(self, first: float, last: float) -> tuple[Numbers, Numbers]:
        """Opening and closing instants of the working days that touch an interval of instants."""
        day = dt.datetime.fromtimestamp(first, self.timezone).date() - dt.timedelta(days=1)
        end = dt.datetime.fromtimestamp(last, self.timezone).date() + dt.timedelta(days=1)
        opens, closes = [], []
        while day <= end:
            if self.works(day):
                a, b = self.hours(day)
                opens.append(a.timestamp())
                closes.append(b.timestamp())
            day += dt.timedelta(days=1)
        return np.array(opens), np.array(closes)
