"""Read projects of PSPLIB (Kolisch and Sprecher 1997), single mode."""

from __future__ import annotations

import re

from assess.decisions.roadmap.scheduling import Activity, Project


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
