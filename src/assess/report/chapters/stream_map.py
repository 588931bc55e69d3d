"""The value stream map of chapter 1: from the steps, or from what an event log shows most often."""

from __future__ import annotations

from collections.abc import Sequence

from assess.core.estimate import Estimate
from assess.core.source import Fact, Source
from assess.evidence.value_stream import ActivityMeasure, LogMeasures, StepMeasure, Transition, ValueStream
from assess.report.charts.swimlanes import Route, Station, swimlanes
from assess.report.figure import Figure
from assess.report.prose import and_list, cited, count, sentence_case
from assess.report.tables import ColumnSpec, DataTable, TableCell

OFTEN = 0.1
"""Share of what leaves an activity from which the map of a log shows where it leads."""

BOXES = 12
"""Boxes of the map of a log: what can be read on a page; the activities of fewest passes stand in one."""

REST = "Others"
"""Title of that box."""

KEY = (
    "Thick frame: on the critical path; filled: no person needed; thick arrow: handed to another role or system; "
    "circle: goes on at that box."
)


def span(minutes: float) -> str:
    """Write a time in the unit that reads best.

    >>> [span(m) for m in (0, 0.5, 12, 90, 1440, 28_800)]
    ['0 min', '30 s', '12 min', '1.5 h', '24 h', '20 d']
    """
    if 0 < minutes < 1:
        return f"{minutes * 60:.2g} s"
    if minutes < 60:
        return f"{minutes:.2g} min"
    return f"{minutes / 60:.2g} h" if minutes < 2880 else f"{minutes / 1440:,.2g} d"


def _span(estimate: Estimate | None) -> str:
    return "not stated" if estimate is None else span(estimate.likely)


def stream_map(result: ValueStream, sources: tuple[Source, ...]) -> Figure:
    """Draw the steps of the stream in lanes, with data boxes, hand-offs, re-entry and the ladder."""
    known = {step.step: step for step in result.steps}
    ways = [
        Route(step.step, to, f"{share:.0%}" if share < 1 else "", _handed(step, known[to]))
        for step in result.steps
        for to, share in step.next.items()
        if to in known
    ]
    flow = result.current
    total = ""
    if flow is not None:
        ratio = "" if flow.activity_ratio is None else f", {flow.activity_ratio:.1%} of it"
        total = (
            f"Lead time {flow.days:,.1f} days ({flow.lead_time.likely / 60:,.0f} working hours); "
            f"work on the way {span(flow.process_time.likely)}{ratio}"
        )
    stations = [_station(step, result) for step in result.steps]
    typed = [step for step in result.steps if step.reentry and not step.automated]
    return Figure(
        id="map",
        caption=_caption(result, len(typed)),
        alt=_told(result, total),
        sketch=swimlanes(stations, ways, total=total, key=KEY),
        table=DataTable.of(
            enumerate(result.steps, 1),
            (
                ColumnSpec("step", "Step", lambda row: f"{row[0]}. {row[1].name or row[1].step}"),
                ColumnSpec("lane", "Role", lambda row: row[1].role),
                ColumnSpec("system", "System", lambda row: row[1].system),
                ColumnSpec("data", "Needs a person", lambda row: "no" if row[1].automated else "yes"),
                ColumnSpec("next", "Leads to", lambda row: _leads(row[1], known)),
                ColumnSpec("mark", "Signs", lambda row: ", ".join(_signs(row[1], result))),
            ),
            id="map-data",
            caption="The boxes of the map and where each leads",
            sources=sources,
        ),
    )


def _station(step: StepMeasure, result: ValueStream) -> Station:
    right = "not stated" if step.complete_accurate is None else f"{step.complete_accurate:.0%}"
    basis = " · measured" if step.basis == "measured" else ""
    return Station(
        id=step.step,
        title=step.name or step.step,
        lane=step.role or step.system,
        lines=(
            f"{step.system}{basis}".strip(" ·"),
            f"Process {_span(step.process)}",
            f"Wait {_span(step.wait)}",
            f"%C&A {right}",
        ),
        mark="typed again" if step.reentry and not step.automated else "",
        alarm="bottleneck" if step.step == result.bottleneck else "",
        chief=step.step in result.critical_path,
        shaded=bool(step.automated),
        wait=span(step.wait.likely) if step.wait else "",
        work=span(step.process.likely) if step.process else "",
    )


def _handed(before: StepMeasure, after: StepMeasure) -> bool:
    roles = before.role and after.role and before.role != after.role
    return bool(roles or (before.system and after.system and before.system != after.system))


def _signs(step: StepMeasure, result: ValueStream) -> list[str]:
    return [
        word
        for word, holds in (
            ("typed again", step.reentry and not step.automated),
            ("bottleneck", step.step == result.bottleneck),
            ("on the critical path", step.step in result.critical_path),
            ("measured", step.basis == "measured"),
        )
        if holds
    ]


def _leads(step: StepMeasure, known: dict[str, StepMeasure]) -> str:
    ahead = [
        f"{known[to].name or to}{f' ({share:.0%})' if share < 1 else ''}"
        for to, share in step.next.items()
        if to in known
    ]
    return "; ".join(ahead) or "the end"


def _caption(result: ValueStream, typed: int) -> str:
    known = {step.step: step.name or step.step for step in result.steps}
    said = [
        f"{count(len(result.handoffs), 'hand-over')} and {count(typed, 're-entry', 're-entries')} on the way"
    ]
    if result.bottleneck:
        said.append(f"“{known[result.bottleneck]}” is the bottleneck")
    return "; ".join(said)


def _told(result: ValueStream, total: str) -> str:
    """Tell the map to who can't see it: the critical path with its lanes."""
    known = {step.step: step for step in result.steps}
    path = [
        f"{known[id].name or id} ({known[id].role or known[id].system or 'no role'})"
        for id in result.critical_path
    ]
    lanes = dict.fromkeys(step.role or step.system for step in result.steps)
    return (
        f"Value stream map in {count(len(lanes), 'lane')}. Critical path: {', then '.join(path)}. {total}. "
        "Every box with its times is in the table of the steps."
    )


def _grouped(log: LogMeasures) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the box of each activity, and the boxes in the order in which cases first come to them."""
    ranked = sorted(log.activities, key=lambda a: (a.activity not in log.main_path, -a.passes, a.activity))
    place = {a.activity: (a.position, a.activity) for a in log.activities}
    kept = [a.activity for a in ranked][: BOXES if len(ranked) <= BOXES else BOXES - 1]
    rest = [a.activity for a in ranked[len(kept) :]]
    title = f"{REST} ({len(rest)} activities)"
    boxes = {name: name for name in kept} | dict.fromkeys(rest, title)
    ordered = sorted(kept, key=lambda name: place[name])
    return boxes, (*ordered, *([title] if rest else []))


def _arrows(log: LogMeasures, boxes: dict[str, str]) -> list[Transition]:
    """Return how often one box follows another, what stays within a box left out."""
    counts: dict[tuple[str, str], int] = {}
    for t in log.transitions:
        pair = (boxes[t.before], boxes[t.after])
        if pair[0] != pair[1]:
            counts[pair] = counts.get(pair, 0) + t.count
    leaves: dict[str, int] = {}
    for (before, _), number in counts.items():
        leaves[before] = leaves.get(before, 0) + number
    return [
        Transition(before=before, after=after, count=number, share=number / leaves[before])
        for (before, after), number in counts.items()
    ]


def log_map(log: LogMeasures, source: Source) -> Figure:
    """Draw the commonest way through an event log, with how many cases pass each activity; at most `BOXES` boxes."""
    boxes, names = _grouped(log)
    known = {a.activity: a for a in log.activities}
    spent = {a.activity: (a.work_hours or 0.0) + (a.wait_hours or 0.0) for a in log.activities}
    longest = max(spent, key=lambda name: spent[name])
    everything = sum(spent.values())
    stations = [
        Station(
            id=name,
            title=name,
            lane=log.name.rpartition("/")[2],
            lines=_lines(known.get(name), [a for a in log.activities if boxes[a.activity] == name], log),
            alarm="most time" if name == boxes[longest] and spent[longest] > 0 else "",
            chief=name in log.main_path,
            wait=_short(known[name].wait_minutes) if name in known else "",
            work=_short(known[name].process_minutes) if name in known else "",
        )
        for name in names
    ]
    arrows = [arrow for arrow in _arrows(log, boxes) if arrow.share >= OFTEN and arrow.before in known]
    ways = [Route(t.before, t.after, f"{t.share:.0%}" if t.share < 0.995 else "") for t in arrows]
    place = {name: n for n, name in enumerate(names)}
    back = {(w.before, w.after) for w in ways if place[w.after] < place[w.before]}
    most = f"; {spent[longest] / everything:.0%} of the time lies at “{longest}”" if everything > 0 else ""
    return Figure(
        id=f"map-{log.name}",
        caption=f"{log.main_cases / log.cases:.0%} of the cases go the same way through {log.name}, repeats aside{most}",
        alt=f"Map of the event log. The commonest way: {', then '.join(log.main_path)}. "
        f"At most {BOXES} boxes; activities of fewest passes stand in one.",
        sketch=swimlanes(
            stations,
            ways,
            back=back,
            key="In a box: the cases that pass it, median times. Thick frame: on the commonest way; percent at an arrow: of what leaves the box.",
        ),
        table=DataTable.of(
            sorted(
                (t for t in log.transitions if t.share >= OFTEN), key=lambda t: (-t.count, t.before, t.after)
            ),
            (
                ColumnSpec("before", "After", lambda t: t.before),
                ColumnSpec("after", "comes", lambda t: t.after),
                ColumnSpec("count", "Times", lambda t: t.count, "count"),
                ColumnSpec("share", "Of what leaves", lambda t: t.share, "share"),
            ),
            id=f"map-data-{log.name}",
            caption="How often one activity follows another, in the order of their begins",
            trace=source,
        ),
    )


def _lines(one: ActivityMeasure | None, several: list[ActivityMeasure], log: LogMeasures) -> tuple[str, ...]:
    if one is not None:
        return (
            f"{one.cases:,} cases ({one.cases / log.cases:.0%})",
            f"Process {_short(one.process_minutes) or '–'}",
            f"Wait {_short(one.wait_minutes) or '–'}",
        )
    return (f"{sum(a.passes for a in several):,} passes", "Process –", "Wait –")


def _short(estimate: Estimate | None) -> str:
    return span(estimate.likely) if estimate else ""


def log_verdict(logs: Sequence[LogMeasures]) -> str:
    """Answer from the largest event log alone: what half of the finished cases take, or how many never finish."""
    log = max(logs, key=lambda log: log.cases)
    if log.lead_hours is None:
        return f"None of {count(log.cases, 'case')} in the log reaches an end"
    took = f"Half of the finished cases take less than {span(log.lead_hours.likely * 60)}"
    return f"{took}; {log.unresolved:,} of {log.cases:,} never reach an end" if log.unresolved else took


def log_lead(logs: Sequence[LogMeasures], facts: Sequence[Fact]) -> tuple[str, ...]:
    """Say of each log how many cases end and how long the slow ones take, and what the work in it costs."""
    said = []
    for log in logs:
        name = log.name.rpartition("/")[2]
        slow = f"; one in ten takes more than {span(log.lead_hours.high * 60)}" if log.lead_hours else ""
        said.append(f"Of {count(log.cases, 'case')} in {name}, {log.resolved:,} reach an end{slow}.")
    costs = [fact for fact in facts if fact.id.endswith(".work_cost")]
    said += [f"The work that the log shows costs about {cited(fact)}." for fact in costs[:1]]
    return (*said[:3], "What integrations would save needs the steps and their volumes.")


def activities(log: LogMeasures, source: Source) -> DataTable:
    """Show every activity of a log with its cases, people and times."""
    return DataTable.of(
        sorted(log.activities, key=lambda a: (-a.cases, a.activity)),
        (
            ColumnSpec("activity", "Activity", lambda a: a.activity),
            ColumnSpec("cases", "Cases", lambda a: a.cases, "count"),
            ColumnSpec("passes", "Passes", lambda a: a.passes, "count"),
            ColumnSpec("people", "People", lambda a: a.resources or None, "count"),
            ColumnSpec("work", "Works, median", lambda a: _timed(a.process_minutes), "number", unit="min"),
            ColumnSpec("work_mean", "mean", lambda a: a.work_mean, "number", unit="min"),
            ColumnSpec("work_total", "together", lambda a: a.work_hours, "number", unit="h"),
            ColumnSpec("wait", "Waits, median", lambda a: _timed(a.wait_minutes), "number", unit="min"),
            ColumnSpec("wait_mean", "mean", lambda a: a.wait_mean, "number", unit="min"),
            ColumnSpec("wait_total", "together", lambda a: a.wait_hours, "number", unit="h"),
        ),
        id=f"activities-{log.name}",
        caption=f"Activities of {log.name}: times of their passes. {_behaviour(log)}",
        trace=source,
        sources=(source,),
    )


def _behaviour(log: LogMeasures) -> str:
    """Say how cases behave: what is repeated, handed over, worked and waited."""
    said = [f"{log.rework_share:.0%} of the cases pass an activity more than once"]
    if log.handoffs_per_case is not None:
        said.append(f"a case changes hands {log.handoffs_per_case:.1f} times")
    if log.work_share is not None:
        said.append(f"{log.work_share:.0%} of the time of all passes is work by the clock, the rest waiting")
    if log.reopened and log.lead_hours_to_last is not None:
        said.append(
            f"After an end, {count(log.reopened, 'case')} went on (median to the last one "
            f"{span(log.lead_hours_to_last.likely * 60)})"
        )
    text = and_list(said)
    return sentence_case(text) + "."


def variants(log: LogMeasures, source: Source) -> DataTable:
    """Show the commonest orders of a log with their share and lead time."""
    return DataTable.of(
        log.commonest,
        (
            ColumnSpec("path", "Order", lambda v: " → ".join(v.path)),
            ColumnSpec("cases", "Cases", lambda v: v.cases, "count"),
            ColumnSpec("share", "Share", lambda v: v.share, "share"),
            ColumnSpec("lead", "Median lead time", lambda v: v.lead_hours, "number", unit="h"),
        ),
        id=f"variants-{log.name}",
        caption=f"The commonest of {count(log.variants, 'order')} in {log.name}",
        trace=source,
        sources=(source,),
        total=log.variants,
    )


def lead_months(log: LogMeasures, source: Source) -> tuple[DataTable, ...]:
    """Show the lead time of the cases that ended in each month; none below two months."""
    if len(log.months) < 2:
        return ()
    return (
        DataTable.of(
            log.months,
            (
                ColumnSpec("month", "Ended in", lambda m: m.month),
                ColumnSpec("cases", "Cases", lambda m: m.cases, "count"),
                ColumnSpec("lead", "Median lead time", lambda m: m.hours, "number", unit="h"),
            ),
            id=f"months-{log.name}",
            caption=f"Lead time in {log.name}: {describe_trend(log)}",
            trace=source,
            sources=(source,),
        ),
    )


def describe_trend(log: LogMeasures) -> str:
    """Say whether the lead time grows, falls or does neither beyond chance."""
    if log.lead_trend is None or log.lead_trend_chance is None:
        return "too few cases or months for a trend"
    if log.lead_trend_chance >= 0.05:
        return f"no trend beyond chance (Kendall's test, p = {log.lead_trend_chance:.2g})"
    word = "grows" if log.lead_trend > 0 else "falls"
    return f"it {word} (Kendall's tau {log.lead_trend:+.2f}, p = {log.lead_trend_chance:.2g})"


def _timed(estimate: Estimate | None) -> TableCell:
    if estimate is None:
        return TableCell(value=None)
    return TableCell(value=estimate.likely, low=estimate.low, high=estimate.high)
