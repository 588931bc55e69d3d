"""The stream in one state: lead time on the critical path, with and without rework, and the work it takes.

Of parallel paths the longest counts, of a decision's branches each with its share. The arithmetic is that of value
stream maps: takt, inventory in days, activity ratio.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from assess.core.estimate import Estimate
from assess.core.source import Source

from .calendar import WorkingCalendar
from .network import END, START, Network, monthly, passes, visits
from .result import Flow


def takt(available: float, demand: float) -> float:
    """Return the takt: available working time divided by demand in that time (Rother & Shook 1999).

    >>> takt(available=2 * 27_600, demand=920)
    60.0
    """
    return available / demand


def activity_ratio(process: float, lead: float) -> float | None:
    """Return process time on the critical path / lead time (Martin & Osterling 2013); None for no lead time.

    >>> activity_ratio(13.5, 54)
    0.25
    """
    return process / lead if lead > 0 else None


@dataclass(frozen=True)
class Path:
    """A way through the network: its time, a part of it, and the steps."""

    minutes: float
    part: float
    steps: tuple[str, ...]


def longest(net: Network, minutes: Mapping[str, float], part: Mapping[str, float] | None = None) -> Path:
    """Return the expected time through the network along its critical path.

    Parameters
    ----------
    minutes
        Step -> time of one pass.
    part
        Step -> a part of that time, such as its process time, added up along the same paths.

    Returns
    -------
    Path
        Of parallel paths the longest counts, of a decision's branches each with its share. The steps named are those
        of the longest parallel path and of the likeliest branch.
    """
    memo: dict[tuple[str, str], Path] = {}
    parts = part or {}

    def through(step: str, stop: str) -> Path:
        if step in (stop, END):
            return Path(0.0, 0.0, ())
        if (step, stop) not in memo:
            rest = beyond(step, stop)
            here = () if step == START else (step,)
            memo[step, stop] = Path(
                minutes.get(step, 0.0) + rest.minutes, parts.get(step, 0.0) + rest.part, here + rest.steps
            )
        return memo[step, stop]

    def beyond(step: str, stop: str) -> Path:
        ahead = net.forward[step]
        if net.splits(step):
            join = net.join[step]
            longest = max((through(to, join) for to in ahead), key=lambda path: path.minutes)
            rest = through(join, stop)
            return Path(longest.minutes + rest.minutes, longest.part + rest.part, longest.steps + rest.steps)
        branches = [(share, through(to, stop)) for to, share in ahead.items()]
        likeliest = max(branches, key=lambda branch: branch[0])[1]
        return Path(
            sum(share * path.minutes for share, path in branches),
            sum(share * path.part for share, path in branches),
            likeliest.steps,
        )

    for split, join in reversed(net.join.items()):  # from the end on, so that nothing nests deeply
        for step in reversed(net.order):
            if step in net.region(split):
                through(step, join)
    for step in reversed(net.order):
        through(step, END)
    return through(START, END)


CASES = (0, 1, 2)
"""Low, likely and high case of every estimate together."""

ZERO = Estimate.point(0.0, "minutes")

MONTHS = 12

DAY = 24 * 60


def at(estimate: Estimate, case: int) -> float:
    """Return low, likely or high."""
    return (estimate.low, estimate.likely, estimate.high)[case]


def combined(results: Iterable[float], unit: str, source: Source | None = None) -> Estimate:
    """Return an estimate of the results of the low, likely and high case; its limits hold all three."""
    cases = tuple(results)
    return Estimate(low=min(cases), likely=cases[1], high=max(cases), unit=unit, source=source)


def product(factors: Iterable[Estimate], unit: str, source: Source | None = None) -> Estimate:
    """Return the product of independent estimates of amounts that are not negative.

    Likely is the product of the likely values. The limits combine the factors' relative deviations by root-sum-square of
    their logarithms (JCGM 100:2008, 5.1.6): all factors at their lowest together would be too wide.

    >>> twice = Estimate(low=1, likely=2, high=4)
    >>> product([twice, twice], "").likely, round(product([twice, twice], "").high, 3)
    (4.0, 10.661)
    """
    parts = tuple(factors)
    likely = math.prod(part.likely for part in parts)
    if likely <= 0:
        return Estimate(
            low=0.0, likely=0.0, high=math.prod(part.high for part in parts), unit=unit, source=source
        )
    up = math.hypot(*(math.log(part.high / part.likely) for part in parts))
    low = 0.0
    if all(part.low > 0 for part in parts):
        low = likely * math.exp(-math.hypot(*(math.log(part.likely / part.low) for part in parts)))
    return Estimate(low=low, likely=likely, high=likely * math.exp(up), unit=unit, source=source)


@dataclass(frozen=True)
class Stream:
    """The network with the times of its steps.

    Parameters
    ----------
    process
        Step -> working minutes of one visit; absent where nobody said.
    wait
        Step -> minutes before it; elapsed or working as ``waits_elapsed`` says.
    stated
        Step -> cases a month that pass it, where somebody said.
    manual
        Steps that people do.
    """

    network: Network
    process: Mapping[str, Estimate]
    wait: Mapping[str, Estimate]
    stated: Mapping[str, Estimate]
    manual: frozenset[str]
    calendar: WorkingCalendar
    waits_elapsed: bool

    @cached_property
    def visits(self) -> dict[str, float]:
        """Expected visits of a case to each step, loops and rework included."""
        return visits(self.network)

    @cached_property
    def repeats(self) -> dict[str, float]:
        """Visits to a step of a case that passes it: 1 without loops and rework."""
        reached = self.network.reached
        return {
            step: self.visits[step] / reached[step] if reached[step] > 0 else 1.0
            for step in self.network.steps
        }

    @property
    def counted(self) -> bool:
        """Whether volumes are known."""
        return bool(self.stated)

    @cached_property
    def cases(self) -> dict[str, Estimate]:
        """Cases a month that pass each step; empty where no volume is known."""
        if not self.counted:
            return {}
        passing = [passes(self.network, self._stated(case)) for case in CASES]
        return {
            step: self.stated.get(step) or combined((p[step] for p in passing), "cases/month")
            for step in self.network.steps
        }

    @cached_property
    def monthly(self) -> tuple[dict[str, float], ...]:
        """Visits to each step a month, loops and rework included, in the low, likely and high case."""
        return tuple(monthly(self.network, self._stated(case)) for case in CASES)

    def _stated(self, case: int) -> dict[str, float]:
        return {step: at(estimate, case) for step, estimate in self.stated.items()}

    def yearly(self, step: str) -> Estimate:
        """Return the visits to a step a year, rework included."""
        return combined((MONTHS * visits[step] for visits in self.monthly), "visits/year")

    @property
    def waiting_share(self) -> float:
        """Working minutes in one minute of waiting, in the long run."""
        return self.calendar.share if self.waits_elapsed else 1.0

    def minutes(self, case: int, rework: bool) -> tuple[dict[str, float], dict[str, float]]:
        """Return step -> working minutes of wait and process, and of process alone."""
        total, work = {}, {}
        for step in self.network.steps:
            times = self.repeats[step] if rework else 1.0
            work[step] = at(self.process.get(step, ZERO), case) * times
            total[step] = work[step] + at(self.wait.get(step, ZERO), case) * self.waiting_share * times
        return total, work

    def path(self, case: int = 1, rework: bool = False) -> Path:
        """Return time, process time and steps of the critical path."""
        return longest(self.network, *self.minutes(case, rework))

    def work(self, case: int) -> float | None:
        """Return hours a year of work in manual steps, rework included; None without volumes."""
        if not self.cases:
            return None
        return sum(
            at(self.cases[step], case)
            * self.repeats[step]
            * at(self.process.get(step, ZERO), case)
            * MONTHS
            / 60
            for step in self.network.steps
            if step in self.manual
        )

    def with_steps(
        self, process: Mapping[str, Estimate], wait: Mapping[str, Estimate], accurate: Mapping[str, float]
    ) -> Stream:
        """Return the stream with other times and accuracies of some steps."""
        return replace(
            self,
            network=self.network.with_accuracy(accurate),
            process={**self.process, **process},
            wait={**self.wait, **wait},
        )

    @cached_property
    def rolled(self) -> float | None:
        """Product of the stated %C&A, each to the power of the probability that a case passes the step."""
        stated = self.network.accurate
        if not stated:
            return None
        product = 1.0
        for step in self.network.steps:
            product *= stated.get(step, 1.0) ** min(self.network.reached[step], 1.0)
        return product

    def elapsed(self, day: dt.date) -> float:
        """Return calendar days of a case that enters as the first working day from ``day`` opens.

        Likely times and branches, first pass; waits run by the clock or by the calendar, work by the calendar. Where
        parallel paths meet, the case goes on when the last of them arrives.
        """
        while not self.calendar.works(day):
            day += dt.timedelta(days=1)
        begun = self.calendar.hours(day)[0]
        ready = {START: begun}
        for step in self.network.order[:-1]:
            if step not in ready:
                continue
            now = ready[step] if step == START else self._passed(step, ready[step])
            ahead = self.network.forward[step]
            likely = ahead if self.network.splits(step) else [max(ahead, key=lambda to: ahead[to])]
            for to in likely:
                ready[to] = max(now, ready.get(to, now))
        return (ready[END] - begun).total_seconds() / 86400

    def _passed(self, step: str, moment: dt.datetime) -> dt.datetime:
        """Return when a case that is ready for a step at a moment leaves it."""
        wait = at(self.wait.get(step, ZERO), 1)
        moment = (
            moment + dt.timedelta(minutes=wait) if self.waits_elapsed else self.calendar.after(moment, wait)
        )
        return self.calendar.after(moment, at(self.process.get(step, ZERO), 1))

    def days(self, minutes: float) -> float:
        """Return the calendar days in which so many working minutes pass, in the long run."""
        return minutes / (self.calendar.share * DAY)


def describe(stream: Stream, integrations: tuple[str, ...], day: dt.date, of: tuple[str, ...]) -> Flow:
    """Return the record of one state."""
    once, again = ([stream.path(case, rework) for case in CASES] for rework in (False, True))
    place = "value_stream/" + ("+".join(integrations) or "today")

    def calculated(term: str, detail: str) -> Source:
        return Source(kind="calculation", place=f"{place}/{term}", detail=detail, of=of)

    work = [stream.work(case) for case in CASES]
    return Flow(
        integrations=integrations,
        lead_time=combined(
            (path.minutes for path in once),
            "working minutes",
            calculated("lead_time", "longest parallel path, shares of decisions"),
        ),
        lead_time_with_rework=combined(
            (path.minutes for path in again),
            "working minutes",
            calculated("lead_time_with_rework", "the same, each step times its expected visits"),
        ),
        process_time=combined(
            (path.part for path in once),
            "working minutes",
            calculated("process_time", "process on the same path"),
        ),
        activity_ratio=activity_ratio(once[1].part, once[1].minutes),
        rolled=stream.rolled,
        elapsed_days=stream.elapsed(day),
        days=stream.days(once[1].minutes),
        manual_hours=None
        if work[0] is None
        else combined(
            (hours or 0.0 for hours in work),
            "hours/year",
            calculated("manual_hours", "cases x visits x process"),
        ),
    )
