"""Where the process loses time and accuracy, and what integrations would give back.

`map_value_stream` draws the stream from ``value_stream.csv`` and from event logs, measured beating stated. Process times are working
minutes; waits are elapsed minutes unless the engagement says otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from assess.core.estimate import Estimate
from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement, ProcessStep
from assess.intake.problem import folded

from . import event_log, findings
from .calendar import WorkingCalendar
from .findings import log_findings, missing, remedies
from .flow import CASES, MONTHS, Stream, at, combined, describe, product, takt
from .future import apply, priced
from .log_measures import measure
from .network import END, START, Network
from .result import (
    ActivityMeasure,
    Flow,
    HandOff,
    LogMeasures,
    ReEntry,
    StepMeasure,
    Transition,
    ValueStream,
    Waste,
)
from .rows import read_calendar, read_network

__all__ = [
    "ActivityMeasure",
    "Flow",
    "HandOff",
    "LogMeasures",
    "ReEntry",
    "StepMeasure",
    "Transition",
    "ValueStream",
    "Waste",
    "WorkingCalendar",
    "map_value_stream",
]

REFERENCE = dt.date(2024, 1, 1)
"""Day on which the reference case enters where the engagement has no date: a Monday."""

FEW = 30
"""Decisions seen fewer times than this keep their stated shares."""


def map_value_stream(
    engagement: Engagement,
    chosen: Sequence[str] | None = None,
    *,
    logs: tuple[LogMeasures, ...] | None = None,
) -> ValueStream:
    """Map the value stream: lead time, waste, bottleneck, what re-entry costs, and the future state.

    Parameters
    ----------
    engagement
        With ``value_stream.csv``, or event logs under ``event_logs/``, or both: measured beats stated.
    chosen
        Integrations to apply in the future state, in this order; default all that the stream names, in its order.
    logs
        What the event logs show, where that was measured before; default they are read.

    Raises
    ------
    InvalidEngagement
        With every problem of the steps, the calendar or a log.
    ValueError
        If ``chosen`` names an integration that no step names.
    """
    working = read_calendar(engagement)
    if logs is None:
        logs = tuple(
            measure(event_log.read(Path(engagement.locate(name)), name, working.zone), working)
            for name in engagement.event_logs
        )
    if not engagement.value_stream:
        return _from_logs(engagement, logs)
    rows, measured = _measured(engagement.value_stream, logs)
    net = _routed(read_network(rows), rows, logs)
    stream = _stream(engagement, rows, net, working)
    return _whole(
        engagement.model_copy(update={"value_stream": rows}), engagement, stream, measured, logs, chosen
    )


def _from_logs(engagement: Engagement, logs: tuple[LogMeasures, ...]) -> ValueStream:
    """The stream as far as logs alone show it: passes and times of activities, no states to compare."""
    steps = tuple(_step_of(activity, log) for log in logs for activity in log.activities)
    return ValueStream(
        steps=steps,
        logs=logs,
        findings=log_findings(logs),
        missing=missing(engagement, None, logs),
        facts=(*findings.facts(None, (), (), logs), *_log_costs(engagement, logs)),
    )


LEAST_DAYS = 28
"""Days that a log covers at least before its work is brought to a year."""


def _log_costs(engagement: Engagement, logs: Sequence[LogMeasures]) -> Iterator[Fact]:
    """Yield what the work of a log costs a year, and what of it is repeated; nothing where no begin is known.

    Hours of work of the log over the days that it covers, brought to 365.25 days, times the price of an hour. Repeated is
    what an activity is passed more often than there are cases that pass it, at its mean time.
    """
    rate = priced(engagement, "value_stream.hour_cost")
    for log in logs:
        days = (dt.date.fromisoformat(log.last) - dt.date.fromisoformat(log.first)).days + 1
        if rate is None or not log.work_hours or days < LEAST_DAYS:
            continue
        again = sum((a.passes - a.cases) * a.work_mean / 60 for a in log.activities if a.work_mean)
        for name, label, hours in (
            ("work_cost", "work that the log shows, a year", log.work_hours),
            ("rework_cost", "of it work on what a case had passed before, a year", again),
        ):
            source = Source(
                kind="calculation",
                place=f"{log.name}/{name}",
                detail=f"{hours:,.1f} h in {days} days, brought to a year, times the price of an hour",
                of=tuple(s.id for s in (rate.source,) if s),
            )
            cost = rate.scaled(hours * 365.25 / days)
            yield Fact(
                id=f"value_stream.{log.name}.{name}", label=f"{log.name}: {label}", value=cost.likely,
                unit=f"{engagement.currency}/year", low=cost.low, high=cost.high, sources=(source,),
            )  # fmt: skip


def _step_of(activity: ActivityMeasure, log: LogMeasures) -> StepMeasure:
    follows = {t.after: t.share for t in log.transitions if t.before == activity.activity}
    return StepMeasure(
        step=activity.activity,
        name="",
        role="",
        system="",
        basis="measured",
        reached=activity.cases / log.cases,
        visits=activity.passes / log.cases,
        process=activity.process_minutes,
        wait=activity.wait_minutes,
        complete_accurate=None,
        cases=None,
        load=None,
        critical=False,
        automated=None,
        reentry=None,
        decision=None,
        integration="",
        next=follows,
    )


def _measured(
    rows: Sequence[ProcessStep], logs: Sequence[LogMeasures]
) -> tuple[tuple[ProcessStep, ...], dict[str, ProcessStep]]:
    """Put measured times in place of stated ones; return the rows, and the stated row of each that changed."""
    found = {folded(a.activity): a for log in reversed(logs) for a in log.activities}
    changed: dict[str, ProcessStep] = {}
    new = []
    for row in rows:
        activity = found.get(folded(row.step)) or found.get(folded(row.name or row.step))
        times = {} if activity is None else _times(row, activity)
        if times:
            changed[row.step] = row
        new.append(row.model_copy(update=times))
    return tuple(new), changed


def _times(row: ProcessStep, activity: ActivityMeasure) -> dict[str, Estimate]:
    """Measured process and wait. Where a log has only completions, its time is wait and work: stated work is taken off."""
    times = {}
    if activity.process_minutes is not None:
        times["process_minutes"] = activity.process_minutes
    wait = activity.wait_minutes
    if wait is not None:
        if activity.process_minutes is None and row.process_minutes is not None:
            stated = row.process_minutes.likely
            wait = combined((max(at(wait, case) - stated, 0.0) for case in CASES), wait.unit, wait.source)
        times["wait_minutes"] = wait
    return times


def _routed(net: Network, rows: Sequence[ProcessStep], logs: Sequence[LogMeasures]) -> Network:
    """Put measured shares in place of stated ones at decisions that a log shows often enough."""
    names = {folded(row.step): row.step for row in rows} | {
        folded(row.name): row.step for row in rows if row.name
    }
    counts: dict[tuple[str, str], int] = {}
    for log in logs:
        for t in log.transitions:
            pair = names.get(folded(t.before), ""), names.get(folded(t.after), "")
            counts[pair] = counts.get(pair, 0) + t.count
    follows = {step: dict(ahead) for step, ahead in net.follows.items()}
    for step in net.decisions:
        seen = {to: counts.get((step, to), 0) for to in follows[step]}
        if len(seen) > 1 and all(seen.values()) and sum(seen.values()) >= FEW:
            follows[step] = {to: n / sum(seen.values()) for to, n in seen.items()}
    return Network(net.steps, follows, net.decisions, net.accurate, net.rework)


def _stream(
    engagement: Engagement, rows: Sequence[ProcessStep], net: Network, working: WorkingCalendar
) -> Stream:
    return Stream(
        network=net,
        process={row.step: row.process_minutes for row in rows if row.process_minutes is not None},
        wait={row.step: row.wait_minutes for row in rows if row.wait_minutes is not None},
        stated={row.step: row.volume for row in rows if row.volume is not None},
        manual=frozenset(row.step for row in rows if not row.automated),
        calendar=working,
        waits_elapsed=engagement.assumptions["value_stream.wait_elapsed"].likely >= 0.5,
    )


def _whole(
    engagement: Engagement,
    stated: Engagement,
    stream: Stream,
    measured: Mapping[str, ProcessStep],
    logs: tuple[LogMeasures, ...],
    chosen: Sequence[str] | None,
) -> ValueStream:
    named = tuple(dict.fromkeys(row.integration for row in engagement.value_stream if row.integration))
    unknown = sorted(set(chosen or ()) - set(named))
    if unknown:
        raise ValueError(
            f"no step of the value stream names {', '.join(unknown)}; named are {', '.join(named) or 'none'}"
        )
    day = engagement.start or engagement.date or REFERENCE
    of = _origins(engagement)
    critical = stream.path().steps
    future = apply(engagement, stream, named if chosen is None else tuple(chosen), day, of)
    steps = tuple(_step(row, stream, critical, row.step in measured) for row in engagement.value_stream)
    current = describe(stream, (), day, of)
    wastes, reentries = _wastes(engagement, stream), _reentries(engagement, stream)
    loads = {s.step: s.load.likely for s in steps if s.load is not None and s.load.likely > 0}
    result = ValueStream(
        steps=steps,
        current=current,
        future=future.flows,
        critical_path=critical,
        bottleneck=max(loads, key=lambda step: loads[step]) if loads else None,
        takt=_takt(stream),
        handoffs=_handoffs(engagement, stream.network),
        wastes=wastes,
        reentries=reentries,
        benefits=future.benefits,
        remedies=remedies(engagement, future.stream, of),
        logs=logs,
        notes=_notes(stream),
    )
    return result.model_copy(
        update={
            "findings": (
                *findings.findings(engagement, result, stream, measured, future.baselines, of),
                *log_findings(logs),
            ),
            "missing": missing(stated, result, logs),
            "facts": findings.facts(result, wastes, of, logs),
        }
    )


def _origins(engagement: Engagement) -> tuple[str, ...]:
    """Ids of the inputs and assumptions on which the stream's numbers depend."""
    estimates = [
        e for row in engagement.value_stream for e in (row.process_minutes, row.wait_minutes, row.volume)
    ]
    said = [e.source.id for e in estimates if e is not None and e.source is not None]
    said += [
        row.cite("complete_accurate").id
        for row in engagement.value_stream
        if row.complete_accurate is not None
    ]
    keys = engagement.assumptions.under("value_stream")
    return tuple(dict.fromkeys([*said, *(f"as:value_stream.{key}" for key in keys)]))


def _step(row: ProcessStep, stream: Stream, critical: Sequence[str], measured: bool) -> StepMeasure:
    cases = stream.cases.get(row.step)
    return StepMeasure(
        step=row.step,
        name=row.name,
        role=row.role,
        system=row.system,
        basis="measured" if measured else "stated",
        reached=stream.network.reached[row.step],
        visits=stream.visits[row.step],
        process=row.process_minutes,
        wait=row.wait_minutes,
        complete_accurate=row.complete_accurate,
        cases=cases,
        load=_load(row, stream, cases),
        critical=row.step in critical,
        automated=row.automated,
        reentry=row.reentry,
        decision=row.step in stream.network.decisions,
        integration=row.integration,
        next=dict(stream.network.follows[row.step]),
    )


def _load(row: ProcessStep, stream: Stream, cases: Estimate | None) -> Estimate | None:
    """People who are busy with the step all the time."""
    if cases is None or row.process_minutes is None:
        return None
    process, month = row.process_minutes, stream.calendar.minutes_per_month
    return combined((stream.monthly[c][row.step] * at(process, c) / month for c in CASES), "people")


def _takt(stream: Stream) -> float | None:
    start = stream.cases.get(stream.network.starts[0])
    if start is None or start.likely <= 0:
        return None
    return takt(stream.calendar.minutes_per_month, start.likely)


def _handoffs(engagement: Engagement, net: Network) -> tuple[HandOff, ...]:
    rows = {row.step: row for row in engagement.value_stream}
    found = []
    for before in net.order:
        for after in net.forward[before]:
            if START not in (before, after) and END not in (before, after):
                a, b = rows[before], rows[after]
                roles = (a.role, b.role) if a.role and b.role and a.role != b.role else None
                systems = (a.system, b.system) if a.system and b.system and a.system != b.system else None
                if roles or systems:
                    found.append(HandOff(before=before, after=after, roles=roles, systems=systems))
    return tuple(found)


def _wastes(engagement: Engagement, stream: Stream) -> tuple[Waste, ...]:
    typed = tuple(row.step for row in engagement.value_stream if row.reentry and not row.automated)
    again = tuple(step for step in stream.network.steps if stream.repeats[step] > 1 + 1e-9)
    waiting = tuple(
        step for step in stream.path().steps if step in stream.wait and stream.wait[step].likely > 0
    )
    handoffs = _handoffs(engagement, stream.network)
    idle = combined((stream.path(c).minutes - stream.path(c).part for c in CASES), "working minutes")
    return (
        Waste(kind="waiting", label="Waiting on the critical path", minutes_per_case=idle, count=len(waiting), per_year=None, steps=waiting),
        _timed(engagement, stream, "defects", "Work done again", again, rework=True),
        _timed(engagement, stream, "overprocessing", "Typing in what another system holds", typed, rework=False),
        Waste(kind="transport", label="Hand-overs between roles or systems", minutes_per_case=None, count=len(handoffs), per_year=None,
              steps=tuple(h.after for h in handoffs)),
    )  # fmt: skip


def _timed(
    engagement: Engagement, stream: Stream, kind: str, label: str, steps: tuple[str, ...], *, rework: bool
) -> Waste:
    """Work of some steps: all of it, or what comes on top of the first pass."""
    reached, visits = stream.network.reached, stream.visits

    def share(step: str) -> float:
        return max(visits[step] - reached[step], 0.0) if rework else visits[step]

    timed = tuple(step for step in steps if step in stream.process)
    minutes = combined(
        (sum(share(s) * at(stream.process[s], c) for s in timed) for c in CASES), "working minutes"
    )
    hours = _hours(stream, timed, rework=rework)
    return Waste.model_validate(
        {
            "kind": kind,
            "label": label,
            "minutes_per_case": minutes,
            "count": len(steps),
            "per_year": _money(engagement, hours),
            "steps": steps,
        }
    )


def _hours(stream: Stream, steps: Sequence[str], *, rework: bool) -> Estimate | None:
    """Hours a year of manual work in steps, or of what comes on top of the first pass."""
    if not stream.counted or not steps:
        return None

    def hours(step: str, case: int) -> float:
        first = at(stream.cases[step], case) if rework else 0.0
        return max(stream.monthly[case][step] - first, 0.0) * at(stream.process[step], case) * MONTHS / 60

    people = [step for step in steps if step in stream.manual]
    return combined((sum(hours(step, case) for step in people) for case in CASES), "hours/year")


def _money(engagement: Engagement, hours: Estimate | None) -> Estimate | None:
    rate = priced(engagement, "value_stream.hour_cost")
    if hours is None or rate is None:
        return None
    return product((hours, rate), f"{engagement.currency}/year")


def _reentries(engagement: Engagement, stream: Stream) -> tuple[ReEntry, ...]:
    found = []
    for row in engagement.value_stream:
        if row.reentry and not row.automated:
            hours, price = _typing(engagement, stream, row.step)
            name = row.name or row.step
            found.append(
                ReEntry(
                    step=row.step,
                    name=name,
                    integration=row.integration,
                    hours_per_year=hours,
                    per_year=price,
                )
            )
    return tuple(found)


def _typing(engagement: Engagement, stream: Stream, step: str) -> tuple[Estimate | None, Estimate | None]:
    """Hours and money a year that a step's work takes; None where time, volume or exchange rate is missing."""
    if step not in stream.process or not stream.counted:
        return None, None
    factors = (stream.yearly(step), stream.process[step].scaled(1 / 60, "hours"))
    rate = priced(engagement, "value_stream.hour_cost")
    price = None if rate is None else product((*factors, rate), f"{engagement.currency}/year")
    return product(factors, "hours/year"), price


def _notes(stream: Stream) -> tuple[str, ...]:
    unit = "elapsed" if stream.waits_elapsed else "working"
    notes = [
        f"Waits are {unit} time; of elapsed time {stream.calendar.share:.1%} is working time.",
        "Lead time is that of the expected case: the longest of parallel paths, decisions by their shares.",
    ]
    if stream.network.unmet:
        notes.append(
            f"Parallel paths do not meet before {', '.join(stream.network.unmet)}: a case passes there more than once."
        )
    return tuple(notes)
