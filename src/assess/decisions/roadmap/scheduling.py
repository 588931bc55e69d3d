"""Schedule activities under precedence and capacity: one engine for textbook projects and for roadmaps.

Serial schedule generation (Kelley 1963; Kolisch 1996) places one activity after the other at its earliest
feasible start. Capacity may shrink as things are finished: each finished activity leaves upkeep, and what
is left for new work in a step is ``gross - max(reserve, upkeep of all that is finished)``. A placement is
feasible only if the whole profile stays feasible, so that the schedule is feasible by construction.
Restarts with disturbed priorities, and forward-backward improvement (Valls, Ballestin and Quintanilla 2005)
where capacity does not shrink, search for a better order. `Capacity` is what the team can do in a week.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from assess.core.source import Source
from assess.intake.engagement import Engagement

Floats = NDArray[np.float64]

SLACK = 1e-9


@dataclass(frozen=True)
class Activity:
    """Something that takes time and capacity.

    Parameters
    ----------
    duration
        Steps, at least 0.
    demand
        Capacity of each resource in each step.
    after
        Places of the activities that must be finished before.
    upkeep
        Capacity of each resource that it takes in every step after its end; empty means none.
    """

    name: str
    duration: int
    demand: tuple[float, ...]
    after: tuple[int, ...] = ()
    upkeep: tuple[float, ...] = ()


@dataclass(frozen=True)
class Project:
    """Activities, and the capacity of each resource in a step: ``gross - max(reserve, upkeep)``."""

    activities: tuple[Activity, ...]
    gross: tuple[float, ...]
    reserve: tuple[float, ...] = ()
    horizon: int = 520
    successors: tuple[tuple[int, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        found: list[list[int]] = [[] for _ in self.activities]
        for place, activity in enumerate(self.activities):
            for before in activity.after:
                found[before].append(place)
        object.__setattr__(self, "successors", tuple(map(tuple, found)))
        ordered(self)

    @property
    def floor(self) -> Floats:
        """The reserve of each resource."""
        return np.asarray(self.reserve or (0.0,) * len(self.gross))


@dataclass(frozen=True)
class Schedule:
    """Start and end of each activity in steps; None where it fits nowhere within the horizon."""

    starts: tuple[int | None, ...]
    ends: tuple[int | None, ...]

    @property
    def makespan(self) -> int | None:
        """End of the last activity; None if one fits nowhere."""
        done = [end for end in self.ends if end is not None]
        return max(done, default=0) if len(done) == len(self.ends) else None


def ordered(project: Project) -> tuple[int, ...]:
    """Return the activities so that each comes after those it waits for.

    Raises
    ------
    ValueError
        If they wait for each other in a circle; the message names them.
    """
    sorter = TopologicalSorter({place: item.after for place, item in enumerate(project.activities)})
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        names = [project.activities[place].name for place in sorted(set(error.args[1]))]
        raise ValueError(f"these wait for each other in a circle: {', '.join(names)}") from None


def generate(project: Project, priority: Sequence[float]) -> Schedule:
    """Place the activities one by one, the smallest priority number first among those that may start.

    An activity that fits nowhere within the horizon stays out, and so does all that waits for it.
    """
    state = _Profile(project)
    left = [len(set(activity.after)) for activity in project.activities]
    ready = [(priority[place], place) for place, count in enumerate(left) if count == 0]
    heapify(ready)
    starts: list[int | None] = [None] * len(left)
    ends: list[int | None] = [None] * len(left)
    while ready:
        _, place = heappop(ready)
        activity = project.activities[place]
        before = [ends[item] for item in activity.after]
        if all(end is not None for end in before):
            start = state.place(activity, max((end for end in before if end is not None), default=0))
            starts[place] = start
            ends[place] = None if start is None else start + activity.duration
        for successor in dict.fromkeys(project.successors[place]):
            left[successor] -= 1
            if left[successor] == 0:
                heappush(ready, (priority[successor], successor))
    return Schedule(tuple(starts), tuple(ends))


class _Profile:
    """What is used and what is kept free in every step, shape ``(resources, horizon)``."""

    def __init__(self, project: Project) -> None:
        self._gross = np.asarray(project.gross)[:, None]
        self._floor = project.floor[:, None]
        self._used = np.zeros((len(project.gross), project.horizon))
        self._upkeep = np.zeros_like(self._used)
        self._horizon = project.horizon

    def place(self, activity: Activity, ready: int) -> int | None:
        """Book the activity at its earliest feasible start; None if there is none."""
        length = activity.duration
        demand = np.asarray(activity.demand)[:, None]
        later = slice(ready, None)
        free = self._gross - np.maximum(self._floor, self._upkeep[:, later]) - self._used[:, later]
        fits = np.asarray((free >= demand - SLACK).all(axis=0))
        starts = _windows(fits, length, ready, self._horizon)
        if activity.upkeep:
            after = self._upkeep + np.asarray(activity.upkeep)[:, None]
            stays = (self._gross - np.maximum(self._floor, after) >= self._used - SLACK).all(axis=0)
            broken = np.flatnonzero(~stays)
            first = int(broken[-1]) + 1 if broken.size else 0
            starts = starts[starts + length >= first]
        if not starts.size:
            return None
        start = int(starts[0])
        self._used[:, start : start + length] += demand
        if activity.upkeep:
            self._upkeep[:, start + length :] += np.asarray(activity.upkeep)[:, None]
        return start


def _windows(fits: NDArray[np.bool_], length: int, ready: int, horizon: int) -> NDArray[np.intp]:
    """Return the starts from ``ready`` on at which ``length`` steps in a row fit; ``fits`` begins with the step ``ready``."""
    if length == 0:
        return np.arange(ready, horizon)
    count = np.concatenate([[0], np.cumsum(fits)])
    if count.size <= length:
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(count[length:] - count[:-length] == length) + ready


def improve(project: Project, schedule: Schedule) -> Schedule:
    """Shift everything to the right, then to the left, until the makespan no longer falls.

    Only where nothing leaves upkeep: a mirrored project is then a project.
    """
    best = schedule
    while best.makespan is not None:
        mirror = Project(
            tuple(
                Activity(item.name, item.duration, item.demand, project.successors[place])
                for place, item in enumerate(project.activities)
            ),
            project.gross,
            project.reserve,
            project.horizon,
        )
        right = generate(mirror, [-(end or 0) for end in best.ends])
        if right.makespan is None:
            return best
        left = generate(project, [-(end or 0) for end in right.ends])
        if left.makespan is None or left.makespan >= best.makespan:
            return best
        best = left
    return best


def search(
    project: Project,
    priority: Sequence[float],
    objective: Callable[[Schedule], float],
    *,
    restarts: int = 60,
    spread: float = 0.15,
    bound: float | None = None,
    seed: int = 7,
) -> Schedule:
    """Return the best schedule of some restarts around a priority.

    Parameters
    ----------
    priority
        Rank of each activity, the smallest first; disturbed in the restarts by ``spread`` of its range.
    objective
        What to minimise.
    bound
        Value of the objective from which no better one exists, where it is known.
    """
    rng = np.random.default_rng(seed)
    base = np.asarray(priority, dtype=np.float64)
    span = float(np.ptp(base)) or 1.0
    shrinks = any(activity.upkeep for activity in project.activities)
    best: Schedule | None = None
    least = np.inf
    for attempt in range(restarts + 1):
        noise = rng.normal(0.0, spread * span, base.size) if attempt else 0.0
        found = generate(project, (base + noise).tolist())
        if not shrinks:
            better = improve(project, found)
            found = min((found, better), key=objective)
        value = objective(found)
        if best is None or value < least - SLACK:
            best, least = found, value
        if bound is not None and least <= bound:
            break
    assert best is not None
    return best


@dataclass(frozen=True)
class Capacity:
    """Person-days of a week.

    Parameters
    ----------
    gross
        People times days times focus.
    reserve
        Share of it that is kept for maintenance.
    maintenance
        Upkeep a year of what was built, as a share of the effort.
    pace
        Most that one item takes in a week: a crew, but no more than there is.
    one_person
        What a person outside the team gives.
    """

    gross: float
    reserve: float
    maintenance: float
    pace: float
    one_person: float
    sources: tuple[Source, ...]

    @property
    def free(self) -> float:
        """What is left for new work before anything runs."""
        return self.gross * (1 - self.reserve)

    @classmethod
    def of(cls, engagement: Engagement) -> Capacity:
        """Return the capacity of the engagement's team, dated defaults where it says nothing."""
        team, assumptions = engagement.team, engagement.assumptions
        people = assumptions["team.people"].mean if team.people is None else team.people
        focus = assumptions["team.focus"].mean if team.focus is None else team.focus
        kept = team.maintenance_reserve
        kept = assumptions["team.reserve"].likely if kept is None else kept
        gross = people * team.days_per_week * focus
        crew = assumptions["roadmap.crew"].likely * team.days_per_week * focus
        upkeep = assumptions["maintenance.custom"]
        sources = [
            team.cite(f"team.{name}") if value is not None else assumptions[key].source
            for name, value, key in (
                ("people", team.people, "team.people"),
                ("focus", team.focus, "team.focus"),
                ("maintenance_reserve", team.maintenance_reserve, "team.reserve"),
            )
        ]
        return cls(
            gross=gross,
            reserve=kept,
            maintenance=upkeep.mean,
            pace=max(min(crew, gross * (1 - kept)), 1e-9),
            one_person=max(team.days_per_week * focus, 1e-9),
            sources=tuple(s for s in (*sources, upkeep.source, assumptions["roadmap.crew"].source) if s),
        )


SPRINTS = 26
"""Increments of two weeks in a year."""


def used_up_after(maintenance: float, reserve: float = 0.2) -> float:
    """Return the weeks of building at full capacity after which maintenance needs the whole reserve.

    Each increment builds ``1 - reserve`` of the capacity and so adds ``maintenance (1 - reserve) / 26`` of
    it to the upkeep of every later increment: the reserve is used up after
    ``26 reserve / (maintenance (1 - reserve))`` increments, about ``6.5 / m`` at a fifth.

    Parameters
    ----------
    maintenance
        Upkeep a year, as a share of the effort to build; above 0.
    reserve
        Share of the capacity that is kept.

    >>> round(used_up_after(0.22)), round(used_up_after(0.25))
    (59, 52)
    """
    return 2 * SPRINTS * reserve / (maintenance * (1 - reserve))


def wsjf(cost_of_delay: float, size: float) -> float:
    """Return the weighted shortest job first: cost of delay over size (Reinertsen 2009).

    >>> wsjf(100 + 50 + 20, 10), wsjf(80 + 30 + 10, 5)
    (17.0, 24.0)
    """
    return cost_of_delay / max(size, 1e-9)
