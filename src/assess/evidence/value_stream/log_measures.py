"""What an event log measures: lead times of cases, and process and waiting time of each activity."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assess.core.estimate import Estimate
from assess.core.source import Source

from .calendar import WorkingCalendar
from .event_log import EventLog
from .result import ActivityMeasure, LogMeasures, Transition

Numbers = NDArray[np.float64]

DONE: frozenset[str] = frozenset({"resolved", "closed", "done", "finished", "end"})
"""States or activities that end a case, without case."""

OUTSIDE = re.compile(r"\b(wait|pending|hold)\w*\b.*\b(user|customer|client|claimant|requester|caller)", re.I)
"""States in which the case waits for somebody outside."""

WAITING = re.compile(r"\b(wait|await|queue|pending|hold|assign)", re.I)
"""States in which nobody works on the case."""

USUAL = 0.5
"""Share of events within working hours below which the calendar does not describe a log, and elapsed time is used."""

STANDARD: frozenset[str] = frozenset(
    {"", "schedule", "assign", "reassign", "start", "suspend", "resume", "complete", "withdraw", "autoskip",
     "manualskip", "ate_abort", "pi_abort", "abort_activity", "abort_case", "unknown"}
)  # fmt: skip
"""Lifecycle transitions of the standard XES model. A log with others records states, not activities."""


def measure(log: EventLog, calendar: WorkingCalendar, done: Collection[str] = DONE) -> LogMeasures:
    """Measure one event log.

    Parameters
    ----------
    log
        From `event_log.read`.
    calendar
        Converts elapsed into working time.
    done
        States or activities that end a case, in lower case.

    Returns
    -------
    LogMeasures
        Lead time runs from a case's first event to its first ``done`` state. Cases that never reach one are counted
        apart and have no lead time. A log without any such state takes each case's last event, and says so.
        Quantiles are linear between order statistics.
    """
    events = log.events
    states = is_state_log(events)
    label = (events["state"] if states else events["activity"]).where(lambda s: s != "", events["activity"])
    ended = _is_done(events, done)
    if not ended.any():
        last = events["case"] != events["case"].shift(-1)
        ended = last
        basis = "last event"
    else:
        basis = "first state that ends a case"
    first = events.groupby("case", sort=True)["time"].min()
    finish = events[ended].groupby("case", sort=True)["time"].min()
    begin = first.reindex(finish.index).to_numpy(dtype=np.float64)
    end = finish.to_numpy(dtype=np.float64)
    beyond = tuple(sorted({str(s) for s in label.unique() if OUTSIDE.search(str(s))})) if states else ()
    outside = _outside(events, label, finish) if beyond else pd.Series(0.0, index=finish.index)
    source = Source(
        kind="measurement", place=f"{log.name}/lead_time", detail=f"{len(events)} events, {basis}"
    )
    hours = (end - begin) / 3600
    inside = _inside(events, calendar)
    variants, path, cases = _main_path(events, label)
    spans = _spans(events, label, states, calendar if inside >= USUAL else None)
    return LogMeasures(
        name=log.name,
        events=len(events),
        dropped=log.dropped,
        cases=int(events["case"].nunique()),
        resolved=len(finish),
        unresolved=int(events["case"].nunique() - len(finish)),
        basis=basis,
        state_log=states,
        first=_day(float(events["time"].min())),
        last=_day(float(events["time"].max())),
        lead_hours=_spread(hours, "hours", source),
        lead_working_hours=_spread(calendar.minutes_between(begin, end) / 60, "working hours", source),
        lead_hours_without_outside=_spread(hours - outside.to_numpy(dtype=np.float64), "hours", source)
        if beyond
        else None,
        outside_states=beyond,
        inside_hours=inside,
        activities=_activities(events, label, spans, log.name),
        transitions=_transitions(events, label),
        variants=variants,
        main_path=path,
        main_cases=cases,
    )


def is_state_log(events: pd.DataFrame) -> bool:
    """Whether most of a log's lifecycle transitions are states of its own rather than start, complete and so on."""
    unusual = ~events["state"].str.casefold().isin(STANDARD)
    return bool(unusual.mean() > 0.5)


def _is_done(events: pd.DataFrame, done: Collection[str]) -> pd.Series[bool]:
    return events["state"].str.casefold().isin(done) | events["activity"].str.casefold().isin(done)


def _outside(events: pd.DataFrame, label: pd.Series[str], finish: pd.Series[float]) -> pd.Series[float]:
    """Hours that each finished case waited for somebody outside, before it was finished."""
    following = events.groupby("case", sort=False)["time"].shift(-1)
    until = events["case"].map(finish)
    waits = label.map({s: bool(OUTSIDE.search(str(s))) for s in label.unique()}) & (events["time"] < until)
    hours = (np.minimum(following[waits], until[waits]) - events["time"][waits]) / 3600
    summed = hours.groupby(events["case"][waits]).sum()
    return pd.Series(summed.reindex(finish.index).fillna(0.0), dtype="float64")


def _inside(events: pd.DataFrame, calendar: WorkingCalendar) -> float:
    """Share of the events that happen within working hours."""
    at = events["time"].to_numpy(dtype=np.float64)
    return float((calendar.minutes_between(at, at + 60) > 0).mean())


def _spans(
    events: pd.DataFrame, label: pd.Series[str], states: bool, calendar: WorkingCalendar | None
) -> pd.DataFrame:
    """One row a pass of an activity: case, label, begin, end, and the end of what came before in the case.

    States last until the next event: waiting where their name says so, work otherwise. Activities run from their start to the next complete of the same activity in
    the case, or from ``begin``; where a log has only completions, the begin is unknown (NaN).
    """
    frame = pd.DataFrame({"case": events["case"], "label": label, "resource": events["resource"]})
    if states:
        frame["begin"] = events["time"]
        frame["end"] = events.groupby("case", sort=False)["time"].shift(-1)
        frame["ready"] = frame["begin"]
        frame = frame[frame["end"].notna()]
    else:
        moves = events["state"].str.casefold()
        starts = moves == "start"
        pass_number = starts.astype(int).groupby([events["case"], label]).cumsum() - starts.astype(int)
        completes = moves != "start"
        nth = completes.astype(int).groupby([events["case"], label]).cumsum() - completes.astype(int)
        started = pd.Series(
            events["time"][starts].to_numpy(),
            index=pd.MultiIndex.from_arrays([events["case"][starts], label[starts], pass_number[starts]]),
        )
        keys = pd.MultiIndex.from_arrays([events["case"][completes], label[completes], nth[completes]])
        frame = frame[completes].copy()
        frame["end"] = events["time"][completes]
        matched = started.reindex(keys).to_numpy() if len(started) else np.full(len(frame), np.nan)
        frame["begin"] = np.where(
            np.isfinite(matched), matched, events["begin"][completes].to_numpy(dtype=np.float64)
        )
        frame.loc[frame["begin"] > frame["end"], "begin"] = np.nan
        frame = frame.sort_values(["case", "end"], kind="stable")
        frame["ready"] = frame.groupby("case", sort=False)["end"].shift(1)
    begin, end = (frame[c].to_numpy(dtype=np.float64) for c in ("begin", "end"))
    known = np.isfinite(begin)
    work = np.full(len(frame), np.nan)
    work[known] = (
        (end - begin)[known] / 60 if calendar is None else calendar.minutes_between(begin[known], end[known])
    )
    frame["work"] = work
    until = np.where(known, begin, end)
    frame["wait"] = np.maximum(until - frame["ready"].to_numpy(dtype=np.float64), 0.0) / 60
    if states:
        idle = (
            frame["label"]
            .map({s: bool(WAITING.search(str(s))) for s in frame["label"].unique()})
            .to_numpy(dtype=bool)
        )
        frame["wait"] = np.where(idle, (end - begin) / 60, np.nan)
        frame["work"] = np.where(idle, np.nan, work)
    return frame


def _activities(
    events: pd.DataFrame, label: pd.Series[str], spans: pd.DataFrame, name: str
) -> tuple[ActivityMeasure, ...]:
    found = []
    cases = events["case"].groupby(label).nunique()
    grouped = {str(key): group for key, group in spans.groupby("label", sort=True)}
    for activity in sorted(map(str, label.unique())):
        group = grouped.get(activity)
        source = Source(
            kind="measurement", place=f"{name}/{activity}", detail="P10, median and P90 of its passes"
        )
        passes = 0 if group is None else len(group)
        found.append(
            ActivityMeasure(
                activity=activity,
                cases=int(cases[activity]),
                passes=passes,
                resources=0
                if group is None
                else int(group.loc[group["resource"] != "", "resource"].nunique()),
                process_minutes=None
                if group is None
                else _spread(_known(group["work"]), "working minutes", source),
                wait_minutes=None if group is None else _spread(_known(group["wait"]), "minutes", source),
            )
        )
    return tuple(found)


def _known(values: pd.Series[float]) -> Numbers:
    return np.asarray(values.dropna(), dtype=np.float64)


def _transitions(events: pd.DataFrame, label: pd.Series[str]) -> tuple[Transition, ...]:
    """How often each label directly follows another in a case, with what leaves the first."""
    following = label.groupby(events["case"], sort=False).shift(-1)
    pairs = pd.DataFrame({"before": label, "after": following})[following.notna()]
    counts = pairs.groupby(["before", "after"], sort=True).size().reset_index(name="count")
    counts["share"] = counts["count"] / counts.groupby("before")["count"].transform("sum")
    return tuple(
        Transition(before=str(row.before), after=str(row.after), count=int(row[3]), share=float(row[4]))
        for row in counts.itertuples()
    )


def _main_path(events: pd.DataFrame, label: pd.Series[str]) -> tuple[int, tuple[str, ...], int]:
    """Return the number of variants, and the commonest one with its cases; the shorter, then the earlier word wins a tie.

    A variant is the order of a case's labels, one that follows itself counted once.
    """
    changed = (events["case"] != events["case"].shift(1)) | (label != label.shift(1))
    traces = label[changed].groupby(events["case"][changed], sort=True).agg(tuple)
    counts = traces.value_counts()
    top = int(counts.iloc[0])
    path = min((trace for trace in counts[counts == top].index), key=lambda trace: (len(trace), trace))
    return len(counts), tuple(map(str, path)), top


def _spread(values: Numbers, unit: str, source: Source) -> Estimate | None:
    """P10, median and P90."""
    if not len(values):
        return None
    low, middle, high = np.quantile(np.maximum(values, 0.0), [0.1, 0.5, 0.9])
    return Estimate(low=float(low), likely=float(middle), high=float(high), unit=unit, source=source)


def _day(seconds: float) -> str:
    return pd.Timestamp(seconds, unit="s", tz="UTC").date().isoformat()
