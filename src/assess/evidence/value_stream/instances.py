"""Activity instances of an event log: what was scheduled, started and completed as one pass, with its waiting and its work."""

from __future__ import annotations

import re
from collections import defaultdict, deque

import numpy as np
import pandas as pd

from .calendar import WorkingCalendar

STANDARD: frozenset[str] = frozenset(
    {"", "schedule", "assign", "reassign", "start", "suspend", "resume", "complete", "withdraw", "autoskip",
     "manualskip", "ate_abort", "pi_abort", "abort_activity", "abort_case", "unknown"}
)  # fmt: skip
"""Lifecycle transitions of the standard XES model (IEEE 1849). A log with others records states, not activities."""

SCHEDULED = frozenset({"schedule", "assign", "reassign"})
PAUSED = frozenset({"suspend", "resume"})
ABANDONED = frozenset(
    {"withdraw", "autoskip", "manualskip", "ate_abort", "pi_abort", "abort_activity", "abort_case"}
)
"""Transitions that end an activity without a pass of it."""

WAITING = re.compile(r"\b(wait|await|queue|pending|hold|assign)", re.I)
"""States in which nobody works on the case."""

DONE: frozenset[str] = frozenset({"resolved", "closed", "done", "finished", "end"})
"""States or activities that end a case, without case."""

COLUMNS = ["case", "label", "resource", "begin", "end", "ready"]


def is_state_log(events: pd.DataFrame) -> bool:
    """Whether most of a log's lifecycle transitions are states of its own rather than start, complete and so on."""
    unusual = ~events["state"].str.casefold().isin(STANDARD)
    return bool(unusual.mean() > 0.5)


def find_instances(events: pd.DataFrame, label: pd.Series[str], states: bool) -> pd.DataFrame:
    """Return a row a pass of an activity, or of a state, in the order of cases and begins.

    The oldest open start of an activity belongs to its next completion in the case; a completion without an open
    start begins where its row says so, else nobody knows. A pass is ready when it was scheduled, or else when what ended
    last before it ended. A state is entered by its event and left by the next one of the case.

    Parameters
    ----------
    events
        As of `EventLog`.
    label
        Activity or state of each event.

    Returns
    -------
    pd.DataFrame
        case, label, resource; begin, end, ready in seconds since 1970, NaN where unknown. The last state of a case
        has no end.
    """
    if states:
        found = pd.DataFrame({"case": events["case"], "label": label, "resource": events["resource"]})
        found["begin"] = events["time"]
        found["end"] = events.groupby("case", sort=False)["time"].shift(-1)
        found["ready"] = events["time"]
        return found.reset_index(drop=True)
    rows = _paired(events, label)
    found = pd.DataFrame(rows, columns=COLUMNS).astype({"begin": float, "end": float, "ready": float})
    found.loc[found["begin"] > found["end"], "begin"] = np.nan
    known = found["begin"].notna()
    found["at"] = found["begin"].where(known, found["end"])
    found = found.sort_values(["case", "end"], kind="stable")
    before = found.groupby("case", sort=False)["end"].shift(1)
    found["ready"] = found["ready"].fillna(before.where(found["begin"].isna()))
    found = _ready_after_others(found)
    return found.sort_values(["case", "at", "end"], kind="stable").drop(columns="at").reset_index(drop=True)


def _paired(events: pd.DataFrame, label: pd.Series[str]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    scheduled: dict[tuple[str, str], float] = {}
    started: defaultdict[tuple[str, str], deque[tuple[float, float, str]]] = defaultdict(deque)
    columns = (events["case"], label, events["state"].str.casefold(), events["time"], events["begin"], events["resource"])  # fmt: skip
    for case, activity, move, time, begin, resource in zip(*(c.tolist() for c in columns), strict=True):
        key = (case, activity)
        if move in SCHEDULED:
            scheduled.setdefault(key, time)
        elif move == "start":
            started[key].append((time, scheduled.pop(key, np.nan), resource))
        elif move in ABANDONED:
            scheduled.pop(key, None)
            started.pop(key, None)
        elif move not in PAUSED:
            waiting = started[key]
            first, ready, by = waiting.popleft() if waiting else (begin, scheduled.pop(key, np.nan), "")
            rows.append((case, activity, resource or by, first, time, ready))
    return rows


def _ready_after_others(found: pd.DataFrame) -> pd.DataFrame:
    """Fill in when a pass of known begin could begin: when the last other one before it in the case had ended."""
    lacking = found["begin"].notna() & found["ready"].isna()
    if not lacking.any():
        return found
    ends = found[["case", "end"]].rename(columns={"end": "previous"}).sort_values("previous", kind="stable")
    asked = found.loc[lacking, ["case", "begin", "end"]].assign(row=np.flatnonzero(lacking))
    # a pass that took no time is not its own predecessor: only what ended before it did counts then
    asked["until"] = np.where(
        asked["begin"] < asked["end"], asked["begin"], np.nextafter(asked["begin"], -np.inf)
    )
    asked = asked.sort_values("until", kind="stable")
    met = pd.merge_asof(asked, ends, left_on="until", right_on="previous", by="case")
    column = found["ready"].to_numpy(float).copy()
    column[met["row"].to_numpy()] = met["previous"].to_numpy(float)
    return found.assign(ready=column)


def add_times(found: pd.DataFrame, states: bool, calendar: WorkingCalendar | None) -> pd.DataFrame:
    """Add the minutes of work and of waiting of each pass, NaN where unknown.

    Parameters
    ----------
    found
        From `find_instances`.
    calendar
        Counts the minutes of work; None for elapsed ones. Waiting is elapsed time.
    """
    begin, end, ready = (found[c].to_numpy(dtype=np.float64) for c in ("begin", "end", "ready"))
    known = np.isfinite(begin) & np.isfinite(end)
    work = np.full(len(found), np.nan)
    work[known] = (
        (end - begin)[known] / 60 if calendar is None else calendar.minutes_between(begin[known], end[known])
    )
    wait = np.maximum(np.where(np.isfinite(begin), begin, end) - ready, 0.0) / 60
    if states:
        idle = found["label"].map({s: bool(WAITING.search(str(s))) for s in found["label"].unique()})
        resting = idle.to_numpy(dtype=bool)
        wait = np.where(resting, (end - begin) / 60, np.nan)
        # nobody works on a case that is resolved, however long it takes until somebody opens it again
        closed = found["label"].str.casefold().isin(DONE).to_numpy(dtype=bool)
        work = np.where(resting | closed, np.nan, work)
    return found.assign(work=work, wait=wait)
