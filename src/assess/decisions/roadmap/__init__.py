"""In which order, by when, with whom: increments of two weeks that keep room for maintenance."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from assess.core.finding import Missing
from assess.core.numbers import interval, tidy
from assess.core.source import Driver, rank_drivers
from assess.decisions.cost.distributions import pareto_exponent, truncated_pareto_quantile
from assess.decisions.readiness import Readiness
from assess.decisions.risk.losses import pert
from assess.evidence.quality import QualityAssessment
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Style, Yearly

from . import findings
from .findings import operating_model, phases, pilot_proves
from .result import Increment, OperatingModel, Phase, PlanItem, Roadmap, StaffNeed
from .scheduling import Activity, Capacity, Project, Schedule, generate, ordered, search, used_up_after, wsjf
from .work import RoadmapWork, gather

__all__ = [
    "Increment",
    "OperatingModel",
    "Phase",
    "PlanItem",
    "Roadmap",
    "StaffNeed",
    "plan",
    "used_up_after",
]

Floats = NDArray[np.float64]

LEVELS = (0.1, 0.5, 0.8, 0.9)
RUNS = ("integration", "retire")
"""Kinds of items after which something runs, or no longer does: the last of them is when all is live."""

HORIZON = 520
"""Weeks in which an item must fit: ten years."""


def plan(
    engagement: Engagement,
    assignment: Mapping[str, Style],
    *,
    readiness: Readiness | None = None,
    quality: QualityAssessment | None = None,
    benefits: Sequence[Yearly] = (),
    retired: Collection[str] = (),
    later: Sequence[str] = (),
    founded: Collection[str] = (),
    forced: Mapping[str, float] = MappingProxyType({}),
    due_weeks: float | None = None,
    draws: int = 120,
    restarts: int = 20,
    seed: int = 7,
) -> Roadmap:
    """Plan the integrations of an assignment in increments of two weeks.

    Steps are weeks. What a week offers for new work is people x days x focus less the reserve, or less the
    maintenance of all that runs where that is more. Gates, foundations, contracts and repairs come before
    what needs them; the pilot before the most critical integration, that before all others. Of what may
    start, the highest cost of delay over size comes first; ties go to the more critical.

    Parameters
    ----------
    assignment
        Integration to style, of those that are built now: what is kept builds nothing.
    retired, later
        Integrations that end, which is work; and those that are decided but not begun, which is none.
    founded
        Styles whose foundation stands.
    forced
        Integrations of the assignment that are done only if they are required, with what each gains; below zero what it loses.
    readiness, quality, benefits
        Failed gates, repairs, and the money that an integration brings a year.
    due_weeks
        Weeks by which all should run; default design, first integration and rollout at the high end of the
        article's ranges.
    draws
        Futures: efforts are drawn with the overrun of the cost model, common to the programme.
    restarts
        Disturbed priorities that are tried.

    Returns
    -------
    Roadmap
        Without integrations, or with a team without capacity, it says under ``missing`` what to supply.

    Raises
    ------
    ValueError
        If items wait for each other in a circle.
    """
    team = Capacity.of(engagement)
    if not (assignment or retired) or team.free <= 0:
        empty = _nothing(engagement, bool(assignment or retired))
        return empty.model_copy(update={"later": tuple(later)})
    work, chosen = gather(
        engagement,
        assignment,
        readiness,
        quality,
        benefits,
        retired=retired,
        founded=founded,
        forced=forced,
    )
    efforts = np.asarray([item.effort.mean for item in work])
    project = _project(work, efforts, team)
    priority = _priorities(work, project)
    rank = _ranks(work, priority)
    schedule = search(
        project, rank, lambda found: _cost(found, work, project.horizon), restarts=restarts, seed=seed
    )
    order = [float(HORIZON if start is None else start) for start in schedule.starts]
    futures = _futures(engagement, work, team, order, draws, seed)
    due = due_weeks if due_weeks is not None else _due(engagement)
    runs = [place for place, item in enumerate(work) if item.kind in RUNS]
    finish = np.max(futures[:, runs], axis=1)
    items = _items(work, schedule, priority, futures, project)
    result = Roadmap(
        start=engagement.start or engagement.date,
        items=items,
        increments=_increments(engagement, work, project, schedule, team),
        end=_last([schedule.ends[place] for place in runs]),
        finish=_levels(finish),
        due=due,
        on_time=float((finish <= due).mean()),
        reserve_week=_reserve_week(project, schedule),
        reserve_at_full_pace=used_up_after(team.maintenance, team.reserve) if team.reserve < 1 else None,
        needs=_needs(work, project, schedule),
        pilot=chosen.pilot,
        pilot_proves=pilot_proves(engagement, chosen, assignment),
        first=chosen.first,
        operating_model=operating_model(engagement, items),
        unplaced=tuple(item.id for item in items if item.end is None),
        later=tuple(later),
        missing=_missing(benefits),
    )
    result = result.model_copy(update={"phases": phases(engagement, result)})
    moved = _drivers(engagement, work, efforts, items, team, order) if result.end is not None else ()
    return result.model_copy(
        update={
            "findings": findings.findings(engagement, result),
            "facts": findings.facts(result, team, moved),
        }
    )


def _last(ends: Sequence[int | None]) -> int | None:
    """Return the last of some ends; None where one of them fits nowhere."""
    placed = [end for end in ends if end is not None]
    return max(placed) if len(placed) == len(ends) else None


def _nothing(engagement: Engagement, served: bool) -> Roadmap:
    supply = (
        "a team with people and focus in engagement.yaml" if served else "integrations that a style can serve"
    )
    missing = Missing(
        section="roadmap", supply=supply, changes="The plan says what is done when, and by whom."
    )
    return Roadmap(start=engagement.start or engagement.date, missing=(missing,))


def _missing(benefits: Sequence[Yearly]) -> tuple[Missing, ...]:
    if any(benefit.per_year.high > 0 for benefit in benefits):
        return ()
    return (
        Missing(
            section="roadmap",
            supply="the value stream, in value_stream.csv or event_logs/",
            changes="The order follows money a week of waiting; until then it follows criticality.",
        ),
    )


def _project(work: Sequence[RoadmapWork], efforts: Floats, team: Capacity) -> Project:
    """Return the work as activities of weeks; maintenance of integrations as what they leave behind."""
    places = {item.id: place for place, item in enumerate(work)}
    activities = []
    for item, effort in zip(work, efforts.tolist(), strict=True):
        pace = team.pace if item.by_team else team.one_person
        duration = max(1, math.ceil(effort / pace - 1e-9))
        upkeep = (team.maintenance * effort / 52,) if item.kind == "integration" else ()
        activities.append(
            Activity(
                item.id,
                duration,
                (effort / duration if item.by_team else 0.0,),
                tuple(places[id] for id in dict.fromkeys(item.after) if id in places),
                upkeep,
            )
        )
    return Project(tuple(activities), (team.gross,), (team.gross * team.reserve,), HORIZON)


def _priorities(work: Sequence[RoadmapWork], project: Project) -> list[float]:
    """Return cost of delay over size; enabling work has the best of what waits for it."""
    found = [wsjf(item.delay_cost, item.effort.mean) for item in work]
    for place in reversed(ordered(project)):
        found[place] = max([found[place], *(found[next] for next in project.successors[place])])
    return found


def _ranks(work: Sequence[RoadmapWork], priority: Sequence[float]) -> list[float]:
    order = sorted(
        range(len(work)), key=lambda i: (-priority[i], -work[i].rank, work[i].effort.mean, work[i].id)
    )
    ranks = [0.0] * len(work)
    for rank, place in enumerate(order):
        ranks[place] = float(rank)
    return ranks


def _cost(schedule: Schedule, work: Sequence[RoadmapWork], horizon: int) -> float:
    """Return the cost of all waiting; criticality and the end of the plan decide where no money does."""
    ends = [horizon * 2 if end is None else end for end in schedule.ends]
    money = sum(item.delay_cost * end for item, end in zip(work, ends, strict=True))
    order = sum(
        (item.rank + 1) * end for item, end in zip(work, ends, strict=True) if item.kind == "integration"
    )
    return money + 1e-3 * order + 1e-2 * max(ends, default=0)


def _futures(
    engagement: Engagement,
    work: Sequence[RoadmapWork],
    team: Capacity,
    order: Sequence[float],
    draws: int,
    seed: int,
) -> Floats:
    """Return the end of every item in drawn futures, shape ``(draws, items)``; infinite where it fits nowhere."""
    rng = np.random.default_rng(seed)
    efforts = np.column_stack([pert(item.effort, draws, rng) for item in work])
    overrun = _overruns(engagement, draws, rng)[:, None]
    efforts = efforts * np.where([item.by_team for item in work], overrun, 1.0)
    found = np.full((draws, len(work)), np.inf)
    for draw in range(draws):
        ends = generate(_project(work, efforts[draw], team), order).ends
        found[draw] = [np.inf if end is None else end for end in ends]
    return found


def _drivers(
    engagement: Engagement,
    work: Sequence[RoadmapWork],
    efforts: Floats,
    items: Sequence[PlanItem],
    team: Capacity,
    order: Sequence[float],
) -> tuple[Driver, ...]:
    """Return what moves the day from which all runs most: the overrun, and the effort of each item on the longest chain."""

    def end(changed: Floats) -> float:
        ends = generate(_project(work, changed, team), order).ends
        runs = (value for item, value in zip(work, ends, strict=True) if item.kind in RUNS)
        return float(max(HORIZON if value is None else value for value in runs))

    body, factor = engagement.assumptions["overrun.body"], engagement.assumptions["overrun.factor"].likely
    by_team = np.array([item.by_team for item in work])
    found = []
    if body.source is not None:
        low, high = (body.low * factor, body.high * factor)
        ends = [end(efforts * np.where(by_team, factor, 1.0)) for factor in (low, high)]
        value = f"{low:.3g} to {high:.3g} times the plan"
        found.append(
            Driver(source=body.source.id, label="Overrun of the work", value=value, effect=ends[1] - ends[0])
        )
    chain = {item.id for item in items if item.critical}
    for place, item in enumerate(work):
        source = next(iter(item.sources), None)
        if item.id not in chain or source is None or item.effort.certain:
            continue
        ends = []
        for days in (item.effort.low, item.effort.high):
            changed = efforts.copy()
            changed[place] = days
            ends.append(end(changed))
        value = interval(item.effort.low, item.effort.high, "person-days")
        found.append(Driver(source=source.id, label=item.label, value=value, effect=ends[1] - ends[0]))
    return rank_drivers(found)


def _overruns(engagement: Engagement, size: int, rng: np.random.Generator) -> Floats:
    """Draw effort against plan: PERT body, and the tail of the projects that run away."""
    assumptions = engagement.assumptions
    body = assumptions["overrun.body"]
    share, mean, cap = (assumptions[f"overrun.{key}"].likely for key in ("tail_share", "tail_mean", "cap"))
    factor = assumptions["overrun.factor"].likely
    common = np.asarray(pert(body, size, rng))
    alpha = pareto_exponent(mean, body.high, cap)
    tail = np.asarray(truncated_pareto_quantile(rng.random(size), alpha, body.high, cap))
    return np.where(rng.random(size) < share, tail, common) * factor


def _due(engagement: Engagement) -> float:
    keys = ("design", "first", "rollout")
    return sum(engagement.assumptions[f"roadmap.phase.{key}"].high for key in keys)


def _levels(ends: Floats) -> tuple[float | None, float | None, float | None, float | None]:
    """Return quantiles that were reached in a draw, so that a future without an end stays one."""
    values = [float(v) for v in np.quantile(ends, LEVELS, method="higher")] if ends.size else [math.inf] * 4
    p10, p50, p80, p90 = (value if math.isfinite(value) else None for value in values)
    return p10, p50, p80, p90


def _items(
    work: Sequence[RoadmapWork],
    schedule: Schedule,
    priority: Sequence[float],
    futures: Floats,
    project: Project,
) -> tuple[PlanItem, ...]:
    chain = _longest_chain(work, project, schedule)
    found = [
        PlanItem(
            id=item.id,
            label=item.label,
            kind=item.kind,
            style=item.style,
            owner=item.owner,
            days=tidy(item.effort.mean),
            start=schedule.starts[place],
            end=schedule.ends[place],
            late=_levels(futures[:, place]),
            by_team=item.by_team,
            after=tuple(id for id in dict.fromkeys(item.after) if any(other.id == id for other in work)),
            delay_cost=item.delay_cost,
            priority=priority[place],
            critical=place in chain,
            sources=item.sources,
        )
        for place, item in enumerate(work)
    ]
    return tuple(
        sorted(found, key=lambda item: (item.start is None, item.start or 0, item.end or 0, item.id))
    )


def _longest_chain(work: Sequence[RoadmapWork], project: Project, schedule: Schedule) -> set[int]:
    """Return what leads to the last that runs: from there back to what ended when it could start."""
    placed = [place for place, end in enumerate(schedule.ends) if end is not None]
    runs = [place for place in placed if work[place].kind in RUNS]
    if not runs:
        return set()
    place = max(runs, key=lambda item: (schedule.ends[item] or 0, -item))
    found = {place}
    while True:
        start = schedule.starts[place] or 0
        before = [other for other in placed if schedule.ends[other] == start and other not in found]
        waited = [other for other in before if other in project.activities[place].after]
        if start == 0 or not before:
            return found
        place = min(waited or before)
        found.add(place)


def _weekly(project: Project, schedule: Schedule, weeks: int) -> tuple[Floats, Floats]:
    """Return person-days used and needed for maintenance in each week."""
    used, upkeep = np.zeros(weeks), np.zeros(weeks)
    for activity, start, end in zip(project.activities, schedule.starts, schedule.ends, strict=True):
        if start is not None and end is not None:
            used[start:end] += activity.demand[0]
            upkeep[end:] += activity.upkeep[0] if activity.upkeep else 0.0
    return used, upkeep


def _increments(
    engagement: Engagement, work: Sequence[RoadmapWork], project: Project, schedule: Schedule, team: Capacity
) -> tuple[Increment, ...]:
    end = max((value for value in schedule.ends if value is not None), default=0)
    count = math.ceil(end / 2)
    used, upkeep = _weekly(project, schedule, 2 * count)
    start = engagement.start or engagement.date
    found = []
    for number in range(count):
        weeks = slice(2 * number, 2 * number + 2)
        spans = zip(work, schedule.starts, schedule.ends, strict=True)
        kept = np.maximum(team.gross * team.reserve, upkeep[weeks])
        found.append(
            Increment(
                number=number + 1,
                start=None if start is None else start + dt.timedelta(weeks=2 * number),
                gross=2 * team.gross,
                maintenance=tidy(upkeep[weeks].sum()),
                capacity=tidy((team.gross - kept).sum()),
                used=tidy(used[weeks].sum()),
                items=tuple(
                    item.id
                    for item, begins, ends in spans
                    if begins is not None
                    and ends is not None
                    and begins < 2 * number + 2
                    and ends > 2 * number
                ),
            )
        )
    return tuple(found)


def _reserve_week(project: Project, schedule: Schedule) -> int | None:
    """Return the first week (counted from 1) in which maintenance needs more than the reserve."""
    _, upkeep = _weekly(project, schedule, project.horizon)
    beyond = np.flatnonzero(upkeep >= project.floor[0] - 1e-9) if project.floor[0] > 0 else np.empty(0)
    return int(beyond[0]) + 1 if beyond.size else None


def _needs(work: Sequence[RoadmapWork], project: Project, schedule: Schedule) -> tuple[StaffNeed, ...]:
    found: dict[tuple[int, str], float] = {}
    for place, item in enumerate(work):
        start, end = schedule.starts[place], schedule.ends[place]
        if start is None or end is None:
            continue
        skill = item.style or item.owner or "Integration team"
        daily = item.effort.mean / project.activities[place].duration
        for week in range(start, end):
            key = (week // 2 + 1, skill)
            found[key] = found.get(key, 0.0) + daily
    return tuple(
        StaffNeed(increment=number, skill=skill, days=tidy(days))
        for (number, skill), days in sorted(found.items())
    )
