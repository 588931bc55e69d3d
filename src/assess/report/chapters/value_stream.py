"""Chapter 1: where the process loses time and accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from assess.core.estimate import Estimate
from assess.core.numbers import quantity
from assess.core.source import Source
from assess.decisions.assessment import Assessment
from assess.evidence.value_stream import Flow, LogMeasures, StepMeasure, ValueStream
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.charts.timelines import draw_ladder
from assess.report.figure import Figure
from assess.report.prose import count, resolve
from assess.report.tables import ColumnSpec, DataTable

from .stream_map import activities, lead_months, log_map, log_verdict, stream_map, variants

HOUR = 60.0
HEADLINE = (
    "value_stream.today.days",
    "value_stream.today.activity_ratio",
    "value_stream.today.rolled",
    "value_stream.future.benefit",
)


def value_stream(assessment: Assessment) -> Chapter:
    """Say where time and accuracy are lost, and what the integrations give back, step by step."""
    result = assessment.value_stream
    shell = Chapter(
        number=1,
        key="value_stream",
        title="Value stream",
        question="Where does the process lose time and accuracy?",
        state="not_assessed",
        missing=result.missing,
    )
    if not result.facts:
        return shell.model_copy(update={"findings": result.findings})
    if result.current is None:
        return from_logs(assessment, result, shell)
    facts = tuple(f for f in result.facts if f.value is not None)
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result),
            "subject": f"{count(len(result.steps), 'step')}, {count(len(result.handoffs), 'hand-over')}, "
            f"{count(len(result.reentries), 're-entry', 're-entries')} of data that another system holds",
            "facts": facts,
            "headline": tuple(f.id for f in facts if f.id in HEADLINE),
            "figures": (
                stream_map(result, sources(result, "today.lead_time")),
                ladder(result),
                *futures(assessment, result),
                *prices(result),
            ),
            "tables": (
                steps(assessment, result),
                *states(assessment, result),
                *benefits(assessment, result),
                *log_tables(result.logs),
            ),
            "findings": result.findings,
            "changes": result.notes,
        }
    )
    more = resolve(assessment.stated, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": more}))


def from_logs(assessment: Assessment, result: ValueStream, shell: Chapter) -> Chapter:
    """Say what event logs show where nobody described the steps."""
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": log_verdict(result.logs, result.facts),
            "subject": ", ".join(f"{count(log.events, 'event')} of {log.name}" for log in result.logs),
            "facts": tuple(f for f in result.facts if f.value is not None),
            "figures": tuple(log_map(log, measurement(log)) for log in result.logs),
            "tables": log_tables(result.logs),
            "findings": result.findings,
            "changes": result.notes,
        }
    )
    more = resolve(assessment.stated, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": more}))


def log_tables(logs: Sequence[LogMeasures]) -> tuple[DataTable, ...]:
    """Show activities, commonest orders and lead time of each log."""
    return tuple(
        table
        for log in logs
        for table in (
            activities(log, measurement(log)),
            variants(log, measurement(log)),
            *lead_months(log, measurement(log)),
        )
    )


def measurement(log: LogMeasures) -> Source:
    """Return the source of what a log shows."""
    return Source(kind="measurement", place=log.name, detail=f"{log.events:,} events, {log.basis}")


def sources(result: ValueStream, name: str) -> tuple[Source, ...]:
    """Return the sources of a fact by the end of its id."""
    fact = next((f for f in result.facts if f.id == f"value_stream.{name}"), None)
    return fact.sources if fact else result.facts[0].sources


def verdict(result: ValueStream) -> str:
    """Answer in two sentences: what a case takes and how little of it is work, and what the integrations give back."""
    now = result.current
    assert now is not None
    ratio = "" if now.activity_ratio is None else f", of which {now.activity_ratio:.1%} is work"
    text = f"A case takes [{now.days:,.0f} days](value_stream.today.days){ratio}"
    if now.rolled is not None:
        text += (
            f"; [{now.rolled:.0%}](value_stream.today.rolled) of the cases go through without a correction"
        )
    if result.future:
        then = result.future[-1]
        text += f". With {count(len(result.future), 'integration')} applied it takes {then.days:,.0f} days"
        if then.benefit is not None and then.benefit.likely > 0:
            text += f" and saves [{quantity(then.benefit.likely, then.benefit.unit.split('/')[0])} a year](value_stream.future.benefit)"
            text += split(result)
    return text + "."


def split(result: ValueStream) -> str:
    """Say which part of the benefits is money and which is hours of people who are paid anyway."""
    cash, hours = result.worth("cashable"), result.worth("capacity")
    whole = sum(part.likely for part in (cash, hours) if part)
    if whole <= 0:
        return ""
    if hours is None or hours.likely <= 0:
        return ", all of it in cash"
    if cash is None or cash.likely <= 0:
        return ", all of it in hours for other work, which is cash only if fewer are paid"
    share = cash.likely / whole
    return (
        f", of it [{share:.0%} in cash](value_stream.future.cashable) and the rest in "
        "[hours for other work](value_stream.future.capacity), which is cash only if fewer are paid"
    )


def benefits(assessment: Assessment, result: ValueStream) -> tuple[DataTable, ...]:
    """Show every benefit: what is saved, what that is worth, whether in cash, and what limits it."""
    if not result.benefits:
        return ()
    unit = result.benefits[0].per_year.unit.split("/")[0]
    goals = {goal.id: goal.goal for goal in assessment.stated.goals}
    limits = any(benefit.limited_by for benefit in result.benefits)
    note = "; a limited one is cut to what a goal says there is today" if limits else ""
    return (
        DataTable.of(
            result.benefits,
            (
                ColumnSpec("benefit", "Benefit", lambda b: b.label),
                ColumnSpec(
                    "kind", "Comes as", lambda b: "cash" if b.kind == "cashable" else "hours for other work"
                ),
                ColumnSpec(
                    "saves",
                    "Saves",
                    lambda b: b.saves.likely if b.saves else None,
                    "number",
                    low=lambda b: b.saves.low if b.saves else None,
                    high=lambda b: b.saves.high if b.saves else None,
                    trace=lambda b: b.per_year.source,
                    note=lambda b: b.saves.unit.replace("/", " a ") if b.saves else "",
                ),
                ColumnSpec(
                    "worth",
                    "Worth a year",
                    lambda b: b.per_year,
                    "money",
                    unit=unit,
                    trace=lambda b: b.per_year.source,
                ),
                ColumnSpec("limit", "Limited by the goal", lambda b: goals.get(b.limited_by, "")),
            ),
            id="benefits",
            caption=f"What the integrations save a year, each on top of those before{note}",
            sources=tuple({s.id: s for b in result.benefits if (s := b.per_year.source)}.values()),
        ),
    )


def ladder(result: ValueStream) -> Figure:
    """Draw the time line of the critical path: waiting and working of each step."""
    path = [s for s in result.steps if s.critical] or list(result.steps)
    waits, works = [_hours(s.wait) for s in path], [_hours(s.process) for s in path]
    longest = max(range(len(path)), key=lambda k: waits[k])
    total = sum(waits) + sum(works)
    share = waits[longest] / total if total else 0.0
    return Figure(
        id="ladder",
        caption=f"Waiting before “{path[longest].name or path[longest].step}” takes {share:.0%} of the time",
        alt="Time line of the critical path: waiting and working time of each step, one below the other.",
        plot=draw_ladder([s.name or s.step for s in path], waits, works),
        table=DataTable.of(
            zip(path, waits, works, strict=True),
            (
                ColumnSpec("step", "Step", lambda row: row[0].name or row[0].step),
                ColumnSpec("wait", "Waits", lambda row: row[1], "number", unit="h"),
                ColumnSpec("work", "Works", lambda row: row[2], "number", unit="h"),
            ),
            id="ladder-data",
            caption="Waiting and working on the critical path, as stated or measured",
            trace=sources(result, "today.lead_time"),
        ),
    )


def _hours(minutes: Estimate | None) -> float:
    return minutes.likely / HOUR if minutes is not None else 0.0


def futures(assessment: Assessment, result: ValueStream) -> tuple[Figure, ...]:
    """Draw the lead time as integration after integration is applied."""
    if not result.future or result.current is None:
        return ()
    flows = (result.current, *result.future)
    labels = [_state(assessment, flow) for flow in flows]
    days = [flow.days for flow in flows]
    drops = [before - after for before, after in pairwise(days)]
    best = max(range(len(drops)), key=lambda k: drops[k])
    caption = (
        f"{labels[best + 1]} takes off the most: {drops[best]:,.1f} days"
        if drops[best] > 0
        else "None of the integrations shortens the way of a case"
    )
    return (
        Figure(
            id="future",
            caption=caption,
            alt="Bars: calendar days of a case today and with each integration applied on top of those before.",
            plot=charts.bars(labels, days, unit="days", highlight=[labels[best + 1]]),
            table=states(assessment, result)[0].model_copy(update={"id": "future-data"}),
        ),
    )


def _state(assessment: Assessment, flow: Flow) -> str:
    """Name a state by what was applied last."""
    if not flow.integrations:
        return "today"
    last = flow.integrations[-1]
    return f"+ {next((i.label for i in assessment.stated.integrations if i.id == last), last)}"


def prices(result: ValueStream) -> tuple[Figure, ...]:
    """Draw what re-entry costs a year, step by step."""
    priced = [(r, r.per_year) for r in result.reentries if r.per_year is not None]
    priced.sort(key=lambda item: (-item[1].likely, item[0].step))
    if not priced:
        return ()
    currency = priced[0][1].unit.split("/")[0]
    names = [r.name or r.step for r, _ in priced]
    return (
        Figure(
            id="reentry",
            caption=f"Typing in again costs most at “{names[0]}”: {quantity(priced[0][1].likely, currency)} a year",
            alt="Dots: price a year of each re-entry, likely value with low and high.",
            plot=charts.dots(
                names,
                [e.likely for _, e in priced],
                low=[e.low for _, e in priced],
                high=[e.high for _, e in priced],
                unit=currency,
                highlight=names[:1],
            ),
            table=DataTable.of(
                priced,
                (
                    ColumnSpec("step", "Step", lambda row: row[0].name or row[0].step),
                    ColumnSpec("by", "Replaced by", lambda row: row[0].integration),
                    ColumnSpec(
                        "hours",
                        "Hours a year",
                        lambda row: row[0].hours_per_year.likely if row[0].hours_per_year else None,
                        "count",
                    ),
                    ColumnSpec(
                        "price",
                        "Price a year",
                        lambda row: row[1].likely,
                        "money",
                        unit=currency,
                        low=lambda row: row[1].low,
                        high=lambda row: row[1].high,
                    ),
                ),
                id="reentry-data",
                caption="Data that is typed in again, and what would replace it",
                trace=sources(result, "waste.overprocessing"),
            ),
        ),
    )


def steps(assessment: Assessment, result: ValueStream) -> DataTable:
    """Show every step with its times and accuracy, linked to its row."""
    rows = {row.step: row for row in assessment.stated.value_stream}
    known = {
        s.step: _origin(s, rows[s.step].origin if s.step in rows else None, result) for s in result.steps
    }
    return DataTable.of(
        result.steps,
        (
            ColumnSpec("step", "Step", lambda s: s.name or s.step),
            ColumnSpec("role", "Role", lambda s: s.role),
            ColumnSpec("system", "System", lambda s: s.system),
            ColumnSpec(
                "work", "Works", lambda s: s.process.likely if s.process else None, "number", unit="min"
            ),
            ColumnSpec("wait", "Waits", lambda s: s.wait.likely if s.wait else None, "number", unit="min"),
            ColumnSpec("right", "Right first time", lambda s: s.complete_accurate, "share"),
            ColumnSpec("visits", "Visits a case", lambda s: s.visits, "number", digits=2),
            ColumnSpec(
                "busy", "People busy", lambda s: s.load.likely if s.load else None, "number", digits=1
            ),
            ColumnSpec("basis", "Basis", lambda s: s.basis + (", re-entry" if s.reentry else "")),
        ),
        id="steps",
        caption="The steps as stated or measured: working and waiting minutes, and the share that is right first time",
        trace=lambda s: known[s.step],
    )


def _origin(step: StepMeasure, row: Source | None, result: ValueStream) -> Source:
    measured = step.process.source if step.basis == "measured" and step.process else None
    return measured or row or result.facts[0].sources[0]


def states(assessment: Assessment, result: ValueStream) -> tuple[DataTable, ...]:
    """Show the future state, integration by integration."""
    if result.current is None:
        return ()
    flows = (result.current, *result.future)
    money = next((f.benefit.unit.split("/")[0] for f in result.future if f.benefit), "")
    return (
        DataTable.of(
            flows,
            (
                ColumnSpec("state", "State", lambda flow: _state(assessment, flow)),
                ColumnSpec("days", "A case takes", lambda flow: flow.days, "number", unit="days", digits=1),
                ColumnSpec("ratio", "Of it work", lambda flow: flow.activity_ratio, "share"),
                ColumnSpec("right", "Without correction", lambda flow: flow.rolled, "share"),
                ColumnSpec(
                    "hours",
                    "Manual hours a year",
                    lambda flow: flow.manual_hours.likely if flow.manual_hours else None,
                    "count",
                ),
                ColumnSpec("benefit", "Benefit a year", lambda flow: flow.benefit, "money", unit=money),
            ),
            id="states",
            caption="Today, and with each integration on top of those before",
            trace=sources(result, "future.days"),
        ),
    )
