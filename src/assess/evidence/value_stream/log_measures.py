"""What an event log measures: lead times of cases, and process and waiting time of each activity."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assess.core.estimate import Estimate
from assess.core.source import Source

from .calendar import WorkingCalendar
from .event_log import DONE, EventLog, add_times, find_instances, is_state_log
from .result import ActivityMeasure, LeadMonth, LogMeasures, Transition, Variant

Numbers = NDArray[np.float64]

OUTSIDE = re.compile(r"\b(wait|pending|hold)\w*\b.*\b(user|customer|client|claimant|requester|caller)", re.I)
"""States in which the case waits for somebody outside."""

USUAL = 0.5
"""Share of events within working hours below which the calendar does not describe a log, and elapsed time is used."""

MOST_VARIANTS = 10
"""Variants that are listed, those of most cases."""
TREND_MONTHS = 3
"""Months with finished cases from which a trend of the lead time is tested."""


def measure(log: EventLog, calendar: WorkingCalendar) -> LogMeasures:
    """Measure one event log.

    Parameters
    ----------
    log
        From `event_log.read`.
    calendar
        Converts elapsed into working time.

    Returns
    -------
    LogMeasures
        Lead time runs from a case's first event, or its first begin, to its first state of `DONE`; to the last one where a
        case was opened again, too. Cases that never reach one are counted
        apart and have no lead time. A log without any such state takes each case's last event, and says so.
        Quantiles are linear between order statistics.
    """
    events = log.events
    states = is_state_log(events)
    label = (events["state"] if states else events["activity"]).where(lambda s: s != "", events["activity"])
    ended = _is_done(events)
    if not ended.any():
        last = events["case"] != events["case"].shift(-1)
        ended = last
        basis = "last event"
    else:
        basis = "first state that ends a case"
    opened = events["begin"].where(events["begin"] < events["time"], events["time"])
    first = opened.groupby(events["case"], sort=True).min()
    finish = events[ended].groupby("case", sort=True)["time"].min()
    again = _reopened(events, ended, finish)
    begin = first.reindex(finish.index).to_numpy(dtype=np.float64)
    end = finish.to_numpy(dtype=np.float64)
    beyond = states and any(OUTSIDE.search(str(s)) for s in label.unique())
    outside = _outside(events, label, finish) if beyond else pd.Series(0.0, index=finish.index)
    source = Source(
        kind="measurement", place=f"{log.name}/lead_time", detail=f"{len(events)} events, {basis}"
    )
    hours = (end - begin) / 3600
    inside = _inside(events, calendar)
    found = find_instances(events, label, states)
    spans = add_times(found, states, calendar if inside >= USUAL else None)
    path, main_cases = _main_path(found)
    number, variants = _variants(found, pd.Series(hours, index=finish.index))
    repeated = found.groupby(["case", "label"], sort=True).size()
    trend, chance = _trend(finish, hours, calendar.zone)
    return LogMeasures(
        name=log.name,
        events=len(events),
        dropped=log.dropped,
        cases=int(events["case"].nunique()),
        resolved=len(finish),
        unresolved=int(events["case"].nunique() - len(finish)),
        basis=basis,
        first=_clock(events["time"].min(), calendar.zone).date().isoformat(),
        last=_clock(events["time"].max(), calendar.zone).date().isoformat(),
        lead_hours=_spread(hours, "hours", source),
        lead_hours_to_last=_spread(_to_last(events, ended, finish) - begin / 3600, "hours", source)
        if again
        else None,
        reopened=again,
        lead_mean_hours=float(hours.mean()) if len(hours) else None,
        lead_hours_without_outside=_spread(hours - outside.to_numpy(dtype=np.float64), "hours", source)
        if beyond
        else None,
        inside_hours=inside,
        activities=_activities(found, spans, states, log.name),
        transitions=_transitions(found),
        variants=number,
        commonest=variants,
        main_path=path,
        main_cases=main_cases,
        rework_share=float((repeated.groupby("case").max() > 1).mean()) if len(repeated) else 0.0,
        handoffs_per_case=_handoffs(found),
        work_hours=_total(spans["work"]),
        wait_hours=_total(spans["wait"]),
        work_share=_work_share(spans),
        months=_months(finish, hours, calendar.zone),
        lead_trend=trend,
        lead_trend_chance=chance,
    )


def _reopened(events: pd.DataFrame, ended: pd.Series[bool], finish: pd.Series[float]) -> int:
    """Return in how many cases something that ends none follows a first end."""
    after = events["time"] > events["case"].map(finish)
    return int(events.loc[after & ~ended, "case"].nunique())


def _to_last(events: pd.DataFrame, ended: pd.Series[bool], finish: pd.Series[float]) -> Numbers:
    """Return the hours since 1970 at which each finished case ended for the last time."""
    last = events[ended].groupby("case", sort=True)["time"].max().reindex(finish.index)
    return last.to_numpy(dtype=np.float64) / 3600


def _variants(found: pd.DataFrame, lead: pd.Series[float]) -> tuple[int, tuple[Variant, ...]]:
    """Return how many orders of passes there are, and the commonest with their cases and their median lead time."""
    traces = found.groupby("case", sort=True)["label"].agg(tuple)
    cases: dict[tuple[str, ...], list[str]] = {}
    for case, trace in traces.items():
        cases.setdefault(tuple(str(name) for name in trace), []).append(str(case))
    ranked = sorted(cases.items(), key=lambda item: (-len(item[1]), len(item[0]), item[0]))
    listed = []
    for path, taken in ranked[:MOST_VARIANTS]:
        hours = lead.reindex(taken).dropna()
        listed.append(
            Variant(
                path=path,
                cases=len(taken),
                share=len(taken) / len(traces),
                lead_hours=float(hours.median()) if len(hours) else None,
            )
        )
    return len(cases), tuple(listed)


def _handoffs(found: pd.DataFrame) -> float | None:
    """Return how often a case goes from one resource to another between two passes, a case; None without resources."""
    named = found[found["resource"] != ""]
    if named.empty:
        return None
    before = named.groupby("case", sort=False)["resource"].shift(1)
    changes = (named["resource"] != before) & before.notna()
    return float(changes.sum() / named["case"].nunique())


def _total(minutes: pd.Series[float]) -> float | None:
    return float(minutes.sum() / 60) if minutes.notna().any() else None


def _work_share(spans: pd.DataFrame) -> float | None:
    """Return the share of work in work and waiting, both by the clock; None where no begin is known."""
    worked = spans["work"].notna()
    elapsed = float((spans["end"] - spans["begin"])[worked].sum() / 3600)
    waited = float(spans["wait"].sum() / 60)
    return elapsed / (elapsed + waited) if worked.any() and elapsed + waited > 0 else None


def _months(finish: pd.Series[float], hours: Numbers, zone: str) -> tuple[LeadMonth, ...]:
    """Return the lead time of the cases that ended in each month of a zone."""
    month = _clock(finish.to_numpy(), zone).strftime("%Y-%m")
    grouped = pd.Series(hours).groupby(month, sort=True)
    return tuple(
        LeadMonth(month=str(key), cases=len(values), hours=float(values.median())) for key, values in grouped
    )


def _trend(finish: pd.Series[float], hours: Numbers, zone: str) -> tuple[float | None, float | None]:
    """Return Kendall's tau of lead time against the moment of the end, and its probability by chance.

    A case that takes long ends late, so the first weeks of a log hold only short ones: cases that ended within the
    ninetieth percentile of the lead time after the first are left out.
    """
    from scipy.stats import kendalltau

    at = finish.to_numpy(dtype=np.float64)
    if len(at) < 20:
        return None, None
    kept = at >= at.min() + 3600 * float(np.quantile(hours, 0.9))
    months = _clock(at[kept], zone).strftime("%Y-%m").nunique()
    if kept.sum() < 20 or months < TREND_MONTHS:
        return None, None
    tested = kendalltau(at[kept], hours[kept])
    return float(tested.statistic), float(tested.pvalue)


def _is_done(events: pd.DataFrame) -> pd.Series[bool]:
    return events["state"].str.casefold().isin(DONE) | events["activity"].str.casefold().isin(DONE)


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


def _activities(
    found: pd.DataFrame, spans: pd.DataFrame, states: bool, name: str
) -> tuple[ActivityMeasure, ...]:
    measures = []
    cases = found.groupby("label", sort=True)["case"].nunique()
    passed = spans[spans["end"].notna()] if states else spans
    numbers = found.groupby("case", sort=False).cumcount()
    first: pd.Series[int] = numbers.groupby([found["label"], found["case"]], sort=True).min()
    positions = first.groupby(level=0, sort=True).mean()
    grouped = {str(key): group for key, group in passed.groupby("label", sort=True)}
    for activity in sorted(map(str, cases.index)):
        group = grouped.get(activity, passed.iloc[:0])
        source = Source(
            kind="measurement", place=f"{name}/{activity}", detail="P10, median and P90 of its passes"
        )
        measures.append(
            ActivityMeasure(
                activity=activity,
                cases=int(cases[activity]),
                passes=len(group),
                resources=int(group.loc[group["resource"] != "", "resource"].nunique()),
                process_minutes=_spread(_known(group["work"]), "working minutes", source),
                wait_minutes=_spread(_known(group["wait"]), "minutes", source),
                timed=int(group["work"].notna().sum()),
                work_hours=_total(group["work"]),
                wait_hours=_total(group["wait"]),
                work_mean=_mean(group["work"]),
                wait_mean=_mean(group["wait"]),
                position=float(positions[activity]),
            )
        )
    return tuple(measures)


def _mean(minutes: pd.Series[float]) -> float | None:
    return float(minutes.mean()) if minutes.notna().any() else None


def _known(values: pd.Series[float]) -> Numbers:
    return np.asarray(values.dropna(), dtype=np.float64)


def _transitions(found: pd.DataFrame) -> tuple[Transition, ...]:
    """How often one pass directly follows another in a case, in the order of their begins, with what leaves the first."""
    following = found.groupby("case", sort=False)["label"].shift(-1)
    pairs = pd.DataFrame({"before": found["label"], "after": following})[following.notna()]
    counts = pairs.groupby(["before", "after"], sort=True).size().reset_index(name="count")
    counts["share"] = counts["count"] / counts.groupby("before")["count"].transform("sum")
    return tuple(
        Transition(before=str(row.before), after=str(row.after), count=int(row[3]), share=float(row[4]))
        for row in counts.itertuples()
    )


def _main_path(found: pd.DataFrame) -> tuple[tuple[str, ...], int]:
    """Return the commonest order with its cases, a label that follows itself once; the shorter, then the earlier word wins a tie."""
    changed = (found["case"] != found["case"].shift(1)) | (found["label"] != found["label"].shift(1))
    traces = found["label"][changed].groupby(found["case"][changed], sort=True).agg(tuple)
    counts = traces.value_counts()
    if counts.empty:
        return (), 0
    top = int(counts.iloc[0])
    path = min((trace for trace in counts[counts == top].index), key=lambda trace: (len(trace), trace))
    return tuple(map(str, path)), top


def _spread(values: Numbers, unit: str, source: Source) -> Estimate | None:
    """P10, median and P90."""
    if not len(values):
        return None
    low, middle, high = np.quantile(np.maximum(values, 0.0), [0.1, 0.5, 0.9])
    return Estimate(low=float(low), likely=float(middle), high=float(high), unit=unit, source=source)


def _clock(seconds: Any, zone: str) -> Any:
    """Return what the clocks of a zone show, of one moment or of many, in seconds since 1970."""
    return pd.to_datetime(seconds, unit="s", utc=True).tz_convert(zone)
