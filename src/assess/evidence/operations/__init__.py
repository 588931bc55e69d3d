"""How the client's integrations really run, measured from run logs and incidents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from assess.core.estimate import Estimate
from assess.core.finding import Missing
from assess.core.moments import to_utc
from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration

from . import anomalies, runs
from .anomalies import Anomaly, unusual
from .findings import judge
from .log import LogFile, connect, read_logs
from .metrics import Metric, describe_trend, find_metrics
from .promise import PromiseEvidence, judge_promise
from .recovery import Duration, recover
from .result import Operations, months
from .traffic import PERIOD_DAYS, WINDOWS, Latency, Loaded, Traffic, budget, measured, wilson
from .volume import monthly, shift, silence

__all__ = [
    "Duration",
    "Latency",
    "LogFile",
    "Metric",
    "Operations",
    "PromiseEvidence",
    "Traffic",
    "describe_trend",
    "find_metrics",
    "judge_promise",
    "measure",
    "read_run_logs",
    "unusual",
]

BY_HAND = ("manual", "none")
"""Styles of today that write no run log."""


def automated(integration: Integration) -> bool:
    """Return whether it runs without a person today, so that a log of it is to be expected."""
    return integration.style_today is not None and integration.style_today not in BY_HAND


def facts(engagement: Engagement, operations: Operations) -> tuple[Fact, ...]:
    """Return the numbers of the whole: volume, success, work by hand, how long failures last."""
    facts = []
    volumes = [t.volume for t in operations.traffic if t.volume]
    if volumes:
        sources = tuple(v.source for v in volumes if v.source)
        total = sum(v.likely for v in volumes)
        facts.append(
            Fact(id="operations.measured", label="Integrations measured", value=len(volumes), sources=sources)
        )
        facts.append(
            Fact(
                id="operations.volume",
                label="Messages measured",
                value=total,
                unit="messages/month",
                sources=sources,
            )
        )
    ended = [(t.delivered, t.delivered + t.failed) for t in operations.traffic if t.delivered + t.failed]
    if ended:
        low, share, high = wilson(sum(d for d, _ in ended), sum(n for _, n in ended))
        facts.append(
            Fact(
                id="operations.success_rate",
                label="Runs that delivered, retries included (95% limits)",
                value=share,
                unit="share",
                low=low,
                high=high,
                sources=tuple(
                    t.success_rate.source
                    for t in operations.traffic
                    if t.success_rate and t.success_rate.source
                ),
            )
        )
    facts += _by_hand(engagement, operations)
    for duration, label in ((operations.detect, "unnoticed"), (operations.resolve, "unresolved")):
        if duration is not None:
            facts += _durations(duration, label)
    return tuple(facts)


def _durations(duration: Duration, label: str) -> tuple[Fact, Fact, Fact]:
    source = duration.source
    together = Fact(
        id=f"operations.hours_to_{duration.what}",
        label=f"Hours that {duration.incidents} failures stayed {label}, together",
        value=duration.total,
        unit="hours",
        sources=(source,),
    )
    average = Fact(
        id=f"operations.mean_time_to_{duration.what}",
        label=f"Mean time that a failure stays {label} (MTT{'D' if duration.what == 'detect' else 'R'}), open ones as far as seen",
        value=duration.mean,
        unit="hours",
        sources=(source,),
    )
    middle = Fact(
        id=f"operations.time_to_{duration.what}",
        label=f"Median time that a failure stays {label} (95% limits)",
        value=duration.hours,
        unit="hours",
        low=duration.low,
        high=duration.high,
        sources=(source,),
    )
    return middle, average, together


def _by_hand(engagement: Engagement, operations: Operations) -> list[Fact]:
    """Return how many existing connections run without a person, and how many runs a person started."""
    found = []
    existing = [i for i in engagement.integrations if i.style_today not in (None, "none")]
    if existing and operations.traffic:
        rows = tuple(i.cite("style_today") for i in existing)
        found.append(
            Fact(
                id="operations.automated",
                label="Existing connections that run without a person",
                value=sum(map(automated, existing)) / len(existing),
                unit="share",
                sources=rows,
            )
        )
    if operations.traffic and any(t.manual for t in operations.traffic):
        source = Source(
            kind="measurement", place="operations/manual", detail="runs whose trigger is manual, of all runs"
        )
        total = sum(t.runs for t in operations.traffic)
        low, share, high = wilson(sum(t.manual for t in operations.traffic), total)
        found.append(
            Fact(
                id="operations.manual",
                label="Runs that a person started (95% limits)",
                value=share,
                unit="share",
                low=low,
                high=high,
                sources=(source,),
            )
        )
    return found


def measure(engagement: Engagement) -> Operations:
    """Measure how the engagement's integrations run, from its run logs and incidents.

    Nothing is measured where nothing was supplied: the result then says what is missing. Log lines that
    are no attempt of a run, files that can't be read and integrations that the engagement does not know
    are findings; they never stop the rest.
    """
    with connect() as engine:
        paths = [(path, engagement.locate(path)) for path in engagement.run_logs]
        logs = read_logs(engine, paths, engagement.log_columns, engagement.time_zone)
        unknown, strangers = runs.gather(
            engine, lambda found: runs.assigned(engagement, found), engagement.time_zone
        )
        seen = _traffic(
            engine,
            engagement.time_zone,
            float(engagement.assumptions["operations.silence_factor"].likely),
            float(engagement.assumptions["operations.success_target"].likely),
        )
        developed = months(engine, engagement.incidents, engagement.time_zone)
        weeks = runs.weekly_latencies(engine)
        failures = runs.last_failures(engine)
        logged = _last(engine)
    as_of = _now(engagement, logged)
    zone = engagement.time_zone
    operations = Operations(
        traffic=tuple(seen[i.id] for i in engagement.integrations if i.id in seen),
        logs=logs,
        unknown=unknown,
        strangers=strangers,
        detect=recover(engagement.incidents, "detect", as_of, zone) if as_of else None,
        resolve=recover(engagement.incidents, "resolve", as_of, zone) if as_of else None,
        restore=recover(engagement.incidents, "restore", as_of, zone) if as_of else None,
        work=recover(engagement.incidents, "work", as_of, zone) if as_of and _paused(engagement) else None,
        months=developed,
        latency_weeks=weeks,
        as_of=as_of,
        missing=_missing(engagement, logs, set(seen)),
    )
    findings = judge(
        engagement, operations, {str(k): list(v) for k, v in failures.groupby("integration").started}
    )
    return operations.model_copy(update={"findings": findings, "facts": facts(engagement, operations)})


def read_run_logs(engagement: Engagement) -> tuple[LogFile, ...]:
    """Return what becomes of each run log of an engagement, without measuring anything."""
    paths = [(path, engagement.locate(path)) for path in engagement.run_logs]
    with connect() as engine:
        return read_logs(engine, paths, engagement.log_columns, engagement.time_zone)


def _paused(engagement: Engagement) -> bool:
    return any(incident.paused_hours for incident in engagement.incidents)


def _traffic(
    engine: duckdb.DuckDBPyConnection, zone: str, silence_factor: float, target: float
) -> dict[str, Traffic]:
    latency = _by_integration(runs.latencies(engine))
    hours = {str(k): v for k, v in runs.messages(engine).groupby("integration")}
    peaks = {str(k): v.peak.to_numpy() for k, v in runs.loads(engine).groupby("integration")}
    resolution = _by_integration(runs.resolution(engine))
    loaded = {str(k): _loaded(v) for k, v in runs.under_load(engine).groupby("integration")}
    late = {str(k): v for k, v in runs.hourly_latencies(engine).groupby("integration")}
    counts = runs.lately(engine, (*WINDOWS, 24 * PERIOD_DAYS))
    cadence = runs.cadences(engine)
    found = {}
    for id, row in _by_integration(runs.summary(engine)).items():
        hourly = _hourly(row, hours.get(id), zone)
        traffic = _one(id, row, hourly, latency.get(id), peaks.get(id), resolution.get(id), silence_factor)
        found[id] = traffic.model_copy(
            update={
                "loaded": loaded.get(id),
                "cadence": cadence.get(id),
                "anomalies": _anomalies(traffic, hourly, late.get(id)),
                "budget": budget(id, counts.get(id, {}), target, str(traffic.last_day)),
            }
        )
    return found


def _hourly(row: Mapping[str, Any], messages: pd.DataFrame | None, zone: str) -> pd.Series:
    """Return the messages of every hour of the days of the zone that the logs cover, 0 where there was no run."""
    days = (row["first_day"], row["last_day"] + pd.Timedelta(1, "D"))
    begin, end = (pd.Timestamp(to_utc(day.to_pydatetime(), zone), tz="UTC") for day in days)
    if messages is None or messages.empty:
        return pd.Series(0.0, index=pd.date_range(begin, end, freq="h", inclusive="left").tz_convert(zone))
    counted = messages.set_index(pd.DatetimeIndex(messages.hour).tz_localize("UTC")).messages
    apart = (counted.index[0] - begin) % pd.Timedelta(1, "h")  # where the clocks change by half an hour
    whole = pd.date_range(begin + apart, end, freq="h", inclusive="left").tz_convert(zone)
    return counted.reindex(whole, fill_value=0.0)


def _by_day(hourly: pd.Series) -> np.ndarray[Any, Any]:
    """Return the sum of each day, which has 23 or 25 hours where the clocks change."""
    return hourly.groupby(np.asarray(pd.DatetimeIndex(hourly.index).date)).sum().to_numpy(float)


def _anomalies(traffic: Traffic, hourly: pd.Series, late: pd.DataFrame | None) -> tuple[Anomaly, ...]:
    """Return the days that stand out, each level by itself; what fell silent is judged until then."""
    silent = pd.Timedelta(traffic.silent_days or 0, "D")
    lived = hourly[np.asarray(pd.DatetimeIndex(hourly.index).date) <= (traffic.last_day - silent)]
    found = anomalies.anomalies(lived, "volume", [traffic.level[0]] if traffic.level else [])
    if late is not None:
        found += anomalies.anomalies(
            late.set_index(pd.DatetimeIndex(late.hour).tz_localize("UTC")).latency.reindex(hourly.index),
            "latency",
        )
    return found


def _loaded(rows: pd.DataFrame) -> Loaded:
    def pairs(kept: pd.DataFrame) -> tuple[tuple[float | None, float], ...]:
        loads = (None if np.isnan(load) else float(load) for load in kept.load)
        return tuple(zip(loads, map(float, kept.latency), strict=True))

    return Loaded(busiest=pairs(rows[rows.busiest]), sample=pairs(rows[rows.sampled]))


def _by_integration(frame: pd.DataFrame) -> dict[str, Mapping[str, Any]]:
    return {str(row["integration"]): row for row in frame.to_dict("records")}  # type: ignore[misc]


def _one(
    id: str,
    row: Mapping[str, Any],
    hourly: pd.Series,
    latency: Mapping[str, Any] | None,
    peaks: np.ndarray[Any, Any] | None,
    resolution: Mapping[str, Any] | None,
    silence_factor: float,
) -> Traffic:
    first, last = row["first_day"].date(), row["last_day"].date()
    observed = (last - first).days + 1
    counts = {name: int(row[name]) for name in ("tests", "children")}
    if pd.isna(row["runs"]):  # only test runs, or parts of other runs
        return Traffic(integration=id, first_day=first, last_day=last, days_observed=observed, **counts)
    daily = _by_day(hourly)
    silent = silence(daily, silence_factor)
    moved = None if silent else shift(daily)
    ended, delivered = int(row["delivered"] + row["failed"]), int(row["delivered"])
    unknown = int(row["unknown"])
    active = np.flatnonzero(daily > 0)
    return Traffic(
        integration=id,
        first_day=first,
        last_day=last,
        days_observed=observed,
        runs=int(row["runs"]),
        delivered=delivered,
        warnings=int(row["warnings"]),
        failed=int(row["failed"]),
        unfinished=int(row["unfinished"]),
        unknown=unknown,
        manual=int(row["manual"]),
        retries=int(row["attempts"] - row["runs"]),
        **counts,
        volume=_volume(id, daily, moved, last, bool(row["counts_records"])),
        peak_per_second=_peak(id, peaks, last),
        peak_resolution=int(resolution["seconds"]) if resolution else None,
        latency=_latency(id, latency, last),
        success_rate=_rate(id, "success-rate", delivered, ended, last, "after retries", unknown),
        first_attempt_rate=_rate(
            id, "first-attempt-rate", int(row["at_once"]), ended, last, "at the first attempt", unknown
        ),
        message_kb=float(row["bytes"] / row["weighed"] / 1024) if row["weighed"] > 0 else None,
        last_message=first + dt.timedelta(days=int(active[-1])) if len(active) else None,
        silent_days=silent,
        level=(first + dt.timedelta(days=moved[0]), moved[1]) if moved else None,
        daily=tuple(daily.tolist()),
    )


def _volume(
    id: str, daily: np.ndarray[Any, Any], moved: tuple[int, float] | None, last: dt.date, counted: bool
) -> Estimate:
    used = daily[moved[0] :] if moved else daily
    what = "records of delivered runs" if counted else "delivered runs, as the log counts no records"
    since = f", since the level changed {len(used)} days ago" if moved else ""
    how = f"{what}, mean day x 30.4375 over {len(used)} days{since}; low and high are the least and greatest window"
    return measured(monthly(used), "messages/month", id, "volume", how, last)


def _peak(id: str, peaks: np.ndarray[Any, Any] | None, last: dt.date) -> Estimate | None:
    if peaks is None or not len(peaks):
        return None
    how = f"busiest moment of each of {len(peaks)} weeks, records spread over their run, at least a minute"
    values = float(peaks.min()), float(np.median(peaks)), float(peaks.max())
    return measured(values, "messages/s", id, "peak", how, last)


def _latency(id: str, row: Mapping[str, Any] | None, last: dt.date) -> Latency | None:
    if row is None:
        return None
    how = f"order statistic of {row['n']} delivered runs, retries included; 95% limits"
    quantiles = {
        name: measured(
            [float(row[f"{name}_{part}"]) for part in ("low", "likely", "high")],
            "s",
            id,
            f"latency-{name}",
            how,
            last,
        )
        for name in ("p50", "p95", "p99")
    }
    return Latency(runs=int(row["n"]), **quantiles)


def _rate(
    id: str, what: str, successes: int, trials: int, last: dt.date, how: str, unknown: int
) -> Estimate | None:
    if not trials + unknown:
        return None
    text = f"{successes} of {trials} ended runs delivered {how}; Wilson 95%"
    low, share, high = wilson(successes, trials) if trials else (0.0, 0.5, 1.0)
    if unknown:
        text += f"; {unknown} runs of an unknown status count as failed in the low end and as delivered in the high one"
        low = min(low, wilson(successes, trials + unknown)[0])
        high = max(high, wilson(successes + unknown, trials + unknown)[2])
    return measured((low, share, high), "share", id, what, text, last)


def _last(engine: duckdb.DuckDBPyConnection) -> dt.datetime | None:
    (row,) = engine.execute("SELECT max(coalesce(finished, started)) FROM attempts").fetchall()
    return row[0] if row[0] else None


def _now(engagement: Engagement, logged: dt.datetime | None) -> dt.datetime | None:
    """Return until when open incidents are known to be open, in UTC: midday of the engagement's date, or what is written later."""
    zone = engagement.time_zone
    said = [m for i in engagement.incidents for m in (i.started, i.detected, i.resolved) if m]
    moments = [logged, *(to_utc(moment, zone) for moment in said)]
    if engagement.date and said:
        moments.append(to_utc(dt.datetime.combine(engagement.date, dt.time(12)), zone))
    return max((moment for moment in moments if moment is not None), default=None)


def _missing(engagement: Engagement, logs: tuple[LogFile, ...], seen: set[str]) -> tuple[Missing, ...]:
    missing = []
    silent = [i.id for i in engagement.integrations if automated(i) and i.id not in seen]
    if not engagement.run_logs:
        missing.append(
            Missing(
                section="operations",
                supply="run logs under operations/ (csv or jsonl: integration, started, finished, status, records; or exports of the platform)",
                changes="volumes, peaks, latencies and success rates are measured instead of stated",
            )
        )
    elif not any(log.attempts for log in logs):
        missing.append(
            Missing(
                section="operations",
                supply="run logs that can be read: assess validate shows what their columns seem to mean, "
                "operations/columns.csv says it",
                changes="nothing of the run logs was read: volumes, latencies and success rates are as stated",
            )
        )
    elif silent:
        missing.append(
            Missing(
                section="operations",
                supply=f"run logs of {', '.join(silent)}",
                changes="their volumes, latencies and success rates are measured instead of stated",
            )
        )
    if not engagement.incidents:
        missing.append(
            Missing(
                section="operations",
                supply="operations/incidents.csv (integration, started, detected, resolved)",
                changes="how long failures stay unnoticed and unresolved is measured",
            )
        )
    return tuple(missing)
