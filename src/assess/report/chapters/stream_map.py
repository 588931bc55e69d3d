"""The value stream map of chapter 1: from the steps, or from what an event log shows most often."""

from __future__ import annotations

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.evidence.value_stream import LogMeasures, StepMeasure, ValueStream
from assess.report.charts.swimlanes import Route, Station, swimlanes
from assess.report.figure import Figure, list_boxes
from assess.report.prose import and_list, count
from assess.report.tables import ColumnSpec, DataTable, TableCell, TableColumn

OFTEN = 0.05
"""Share of what leaves an activity from which the map of a log shows where it leads."""

SEEN = 0.1
"""Share of the cases from which an activity beside the main path is on the map of a log."""

KEY = (
    "Thick frame: on the critical path; filled: no person needed; thick arrow: handed to another role or system; "
    "circle: goes on at that box."
)


def span(minutes: float) -> str:
    """Write a time in the unit that reads best.

    >>> [span(m) for m in (0.5, 12, 90, 1440, 28_800)]
    ['0.5 min', '12 min', '1.5 h', '24 h', '20 d']
    """
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
        strip=list_boxes(stations, ways),
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


def log_map(log: LogMeasures, source: Source) -> Figure:
    """Draw the commonest way through an event log, with how many cases pass each activity."""
    often = {a.activity for a in log.activities if a.cases >= SEEN * log.cases}
    beside = sorted((a for a in log.activities if a.activity in often), key=lambda a: (-a.cases, a.activity))
    names = tuple(dict.fromkeys((*log.main_path, *(a.activity for a in beside))))
    known = {a.activity: a for a in log.activities}
    spent = {
        name: known[name].passes
        * sum(e.likely for e in (known[name].process_minutes, known[name].wait_minutes) if e)
        for name in names
    }
    longest = max(spent, key=lambda name: spent[name])
    stations = [
        Station(
            id=name,
            title=name,
            lane=log.name.rpartition("/")[2],
            lines=(
                f"{known[name].cases:,} ({known[name].cases / log.cases:.0%})",
                f"Process {_short(known[name].process_minutes) or '–'}",
                f"Wait {_short(known[name].wait_minutes) or '–'}",
            ),
            alarm="most time" if name == longest and spent[name] > 0 else "",
            chief=name in log.main_path,
            wait=_short(known[name].wait_minutes),
            work=_short(known[name].process_minutes),
        )
        for name in names
    ]
    ways = [
        Route(t.before, t.after, f"{t.share:.0%}")
        for t in log.transitions
        if t.share >= OFTEN and t.before != t.after
    ]
    place = {name: n for n, name in enumerate(names)}
    back = {(w.before, w.after) for w in ways if place.get(w.after, 0) < place.get(w.before, 0)}
    return Figure(
        id=f"map-{log.name}",
        caption=f"The commonest of {count(log.variants, 'way')} through {log.name} is taken by "
        f"{log.main_cases / log.cases:.0%} of the cases",
        alt=f"Map of the event log. The commonest way: {', then '.join(log.main_path)}. "
        f"Activities that {SEEN:.0%} of the cases pass stand beside it.",
        sketch=swimlanes(
            stations,
            ways,
            back=back,
            key="In a box: the cases that pass it. Thick frame: on the commonest way; percent at an arrow: of what leaves the activity.",
        ),
        strip=list_boxes(stations, ways, back),
        table=DataTable(
            id=f"map-data-{log.name}",
            caption="How often one activity follows another",
            columns=(
                TableColumn(key="before", label="After"),
                TableColumn(key="after", label="comes"),
                TableColumn(key="count", label="Times", format="number", digits=0, sources=(source.id,)),
                TableColumn(key="share", label="Of what leaves", format="share", sources=(source.id,)),
            ),
            rows=tuple(
                (
                    TableCell(value=t.before),
                    TableCell(value=t.after),
                    TableCell(value=t.count),
                    TableCell(value=t.share),
                )
                for t in sorted(log.transitions, key=lambda t: (-t.count, t.before, t.after))
                if t.share >= OFTEN
            ),
            sources=(source,),
        ),
    )


def _short(estimate: Estimate | None) -> str:
    return span(estimate.likely) if estimate else ""


def log_verdict(logs: tuple[LogMeasures, ...]) -> str:
    """Answer from event logs alone: what half of the finished cases take, and how many never finish."""
    said = []
    for log in logs:
        lead = log.lead_hours
        took = (
            ""
            if lead is None
            else f": half of them take less than {span(lead.likely * 60)}, one in ten more than {span(lead.high * 60)}"
        )
        said.append(
            f"{log.resolved:,} of {count(log.cases, 'case')} of {log.name} reach an end{took}"
            + (f"; {log.unresolved:,} never do" if log.unresolved else "")
        )
    return and_list(said) + ". What a case costs is not known without the steps and their volumes."


def activities(log: LogMeasures, source: Source) -> DataTable:
    """Show every activity of a log with its cases, people and times."""
    return DataTable.of(
        sorted(log.activities, key=lambda a: (-a.cases, a.activity)),
        (
            ColumnSpec("activity", "Activity", lambda a: a.activity),
            ColumnSpec("cases", "Cases", lambda a: a.cases, "count"),
            ColumnSpec("passes", "Passes", lambda a: a.passes, "count"),
            ColumnSpec("people", "People", lambda a: a.resources or None, "count"),
            ColumnSpec("work", "Works", lambda a: _timed(a.process_minutes), "number", unit="min"),
            ColumnSpec("wait", "Waits", lambda a: _timed(a.wait_minutes), "number", unit="min"),
        ),
        id=f"activities-{log.name}",
        caption=f"Activities of {log.name}: median times of their passes",
        trace=source,
        sources=(source,),
    )


def _timed(estimate: Estimate | None) -> TableCell:
    if estimate is None:
        return TableCell(value=None)
    return TableCell(value=estimate.likely, low=estimate.low, high=estimate.high)
