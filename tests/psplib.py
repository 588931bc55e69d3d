"""Projects of PSPLIB (Kolisch and Sprecher 1997), single mode; the shortest schedule of a project, and what is wrong with one."""

from __future__ import annotations

import re

import numpy as np

from assess.decisions.roadmap.scheduling import Activity, Project, Schedule, ordered, search


def read(text: str) -> Project:
    """Read a ``.sm`` file.

    Raises
    ------
    ValueError
        If a section is missing, or an activity has more than one mode.
    """
    relations = _numbers(_between(text, "PRECEDENCE RELATIONS", "REQUESTS/DURATIONS"))
    requests = _numbers(_between(text, "REQUESTS/DURATIONS", "RESOURCEAVAILABILITIES"))
    available = _numbers(text[text.index("RESOURCEAVAILABILITIES") :])[0]
    before: dict[int, list[int]] = {row[0]: [] for row in requests}
    for job, modes, count, *successors in relations:
        if modes != 1 or len(successors) != count:
            raise ValueError(f"job {job}: one mode and {count} successors are expected")
        for successor in successors:
            before[successor].append(job - 1)
    activities = tuple(
        Activity(str(job), duration, tuple(map(float, demand)), tuple(before[job]))
        for job, _mode, duration, *demand in requests
    )
    horizon = sum(activity.duration for activity in activities) + 1
    return Project(activities, tuple(map(float, available)), horizon=horizon)


def _between(text: str, start: str, end: str) -> str:
    if start not in text or end not in text:
        raise ValueError(f"the section {start} is missing")
    return text[text.index(start) : text.index(end)]


def _numbers(text: str) -> list[list[int]]:
    rows = [line.split() for line in text.splitlines()]
    return [
        [int(cell) for cell in row] for row in rows if row and all(re.fullmatch(r"\d+", cell) for cell in row)
    ]


def earliest(project: Project) -> tuple[int, ...]:
    """Return the earliest end of each activity without limits of capacity (critical path method)."""
    ends = [0] * len(project.activities)
    for place in ordered(project):
        activity = project.activities[place]
        ends[place] = max((ends[before] for before in activity.after), default=0) + activity.duration
    return tuple(ends)


def latest(project: Project) -> tuple[int, ...]:
    """Return the latest end of each activity that keeps the critical path's length."""
    span = max(earliest(project), default=0)
    ends = [span] * len(project.activities)
    for place in reversed(ordered(project)):
        followers = project.successors[place]
        ends[place] = min(
            (ends[next] - project.activities[next].duration for next in followers), default=span
        )
    return tuple(ends)


def shortest(project: Project, *, restarts: int = 400, seed: int = 7) -> Schedule:
    """Return a schedule of small makespan: latest-finish priority (Kolisch 1996), restarts, improvement."""

    def length(schedule: Schedule) -> float:
        return float(project.horizon * 2 if schedule.makespan is None else schedule.makespan)

    bound = max(earliest(project), default=0)
    return search(
        project, latest(project), length, restarts=restarts,
        bound=float(bound), seed=seed,
    )  # fmt: skip


def violations(project: Project, schedule: Schedule) -> tuple[str, ...]:
    """Return every breach of precedence or capacity; nothing for a schedule of this engine."""
    found = []
    used = np.zeros((len(project.gross), project.horizon + 1))
    upkeep = np.zeros_like(used)
    for place, activity in enumerate(project.activities):
        start, end = schedule.starts[place], schedule.ends[place]
        if start is None or end is None:
            continue
        used[:, start:end] += np.asarray(activity.demand)[:, None]
        if activity.upkeep:
            upkeep[:, end:] += np.asarray(activity.upkeep)[:, None]
        for before in activity.after:
            done = schedule.ends[before]
            if done is None or done > start:
                found.append(f"{activity.name} starts before {project.activities[before].name} is done")
    room = np.asarray(project.gross)[:, None] - np.maximum(project.floor[:, None], upkeep)
    for resource, step in zip(*np.nonzero((used > room + 1e-6) & (used > 0)), strict=True):
        found.append(f"resource {resource} is exceeded in step {step}")
    return tuple(found)
