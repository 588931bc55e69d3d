"""Chapter 1: where the process loses time and accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from assess.core.estimate import Estimate
from assess.core.numbers import quantity
from assess.core.source import Fact, Source
from assess.decisions.assessment import Assessment
from assess.evidence.value_stream import Flow, LogMeasures, StepMeasure, ValueStream
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.figure import Figure
from assess.report.prose import cited, count, resolve, sentence_case
from assess.report.tables import ColumnSpec, DataTable

from .stream_map import activities, lead_months, log_lead, log_map, log_verdict, stream_map, variants

HOUR = 60.0


def value_stream(assessment: Assessment) -> Chapter:
    """Say where time and accuracy are lost, and what the integrations give back, step by step."""
    result = assessment.value_stream
    shell = Chapter(
        number=1,
        key="value_stream",
        title="Process",
        question="Where does the process lose time and accuracy?",
        state="not_assessed",
        missing=result.missing,
    )
    if not result.facts:
        return shell.model_copy(update={"findings": result.findings})
    if result.current is None:
        return from_logs(assessment, result, shell)
    facts = (*(f for f in result.facts if f.value is not None), *remedies(result))
    figures = (*savings(assessment, result), waiting(result))
    again = typed_again(assessment, result)
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result),
            "lead": (*lead(result), *counted(assessment, result)),
            "shown": (*(figure.id for figure in figures), again[0].id if again else "steps"),
            "subject": f"{count(len(result.steps), 'step')}, {count(len(result.handoffs), 'hand-over')}, "
            f"{count(len(result.reentries), 're-entry', 're-entries')} of data that another system holds",
            "facts": facts,
            "figures": (*figures, stream_map(result, sources(result, "today.lead_time"))),
            "tables": (
                *again,
                steps(assessment, result),
                *states(assessment, result),
                *benefits(assessment, result),
                *log_tables(result.logs),
            ),
            "findings": result.findings,
            "changes": changes(result),
            "method": method(result),
        }
    )
    more = resolve(assessment.stated, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": more}))


def from_logs(assessment: Assessment, result: ValueStream, shell: Chapter) -> Chapter:
    """Say what event logs show where nobody described the steps."""
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": log_verdict(result.logs),
            "lead": log_lead(result.logs, result.facts),
            "shown": tuple(
                id for log in result.logs[:1] for id in (f"map-{log.name}", f"activities-{log.name}")
            ),
            "subject": ", ".join(f"{count(log.events, 'event')} of {log.name}" for log in result.logs),
            "facts": tuple(f for f in result.facts if f.value is not None),
            "figures": tuple(log_map(log, measurement(log)) for log in result.logs),
            "tables": log_tables(result.logs),
            "findings": result.findings,
            "changes": (
                "The steps with their times and volumes: then the saving of each integration is known.",
            ),
            "method": result.notes,
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


def fact(result: ValueStream, name: str) -> Fact | None:
    """Return a fact that has a value by the end of its id."""
    return next((f for f in result.facts if f.id == f"value_stream.{name}" and f.value is not None), None)


LITTLE, HALF = 0.1, 0.5
"""Share of a case's time that is work: below the first nearly all is waiting, below the second most of it."""


def verdict(result: ValueStream) -> str:
    """Answer in one sentence: what typing again costs, how long a case takes, and whether it waits or is worked on."""
    now = result.current
    assert now is not None
    takes = f"a case takes {quantity(now.days, 'days')}"
    if now.activity_ratio is not None and now.activity_ratio < HALF:
        takes += ", nearly all of it waiting" if now.activity_ratio < LITTLE else ", most of it waiting"
    again = fact(result, "waste.overprocessing")
    if again is not None and isinstance(again.value, float) and again.value > 0:
        cost = quantity(again.value, again.unit.partition("/")[0])
        return f"Typing data in again costs {cost} a year; {takes}"
    return sentence_case(takes)


def lead(result: ValueStream) -> tuple[str, ...]:
    """Say how much of a case is work, how many pass uncorrected, and what the integrations save in which form."""
    now, days, right = result.current, fact(result, "today.days"), fact(result, "today.rolled")
    assert now is not None and days is not None
    ratio = fact(result, "today.activity_ratio")
    said = [f"A case takes {cited(days)}" + (f", of which {cited(ratio)} is work." if ratio else ".")]
    if right:
        said.append(f"Of the cases, {cited(right)} pass without a correction.")
    saved, then = fact(result, "future.benefit"), fact(result, "future.days")
    if saved and then:
        number = len(result.future)
        who = "One integration" if number == 1 else f"Together, {number} integrations"
        said.append(f"{who} would save {cited(saved)} and bring a case to {cited(then)}.")
        said += split(result)
    return tuple(said)


def split(result: ValueStream) -> tuple[str, ...]:
    """Say which part of the benefits is money and which is hours of people who are paid anyway."""
    cash, hours = fact(result, "future.cashable"), fact(result, "future.capacity")
    if hours is None:
        return ("All of that is cash.",) if cash else ()
    if cash is None:
        return (
            f"All of that is {_link('hours for other work', hours)}, cash only if fewer people are paid.",
        )
    return (f"Of that, {cited(cash)} is cash; the rest is {_link('hours for other work', hours)}.",)


def counted(assessment: Assessment, result: ValueStream) -> tuple[str, ...]:
    """Say which share of what is promised here the decision, the roadmap and the goals count."""
    share = assessment.engagement.assumptions["benefits.realised"]
    if fact(result, "future.benefit") is None or share.mean >= 1:
        return ()
    return (
        f"The decision counts {quantity(share.mean, 'share')} of the stated benefits: so much comes true on average.",
    )


def _link(words: str, fact: Fact) -> str:
    return f"[{words}]({fact.id})"


def remedies(result: ValueStream) -> tuple[Fact, ...]:
    """Return what the two steps would save most whose rework no integration ends."""
    ranked = sorted(result.remedies, key=lambda remedy: -remedy.per_year.likely)[:2]
    return tuple(
        Fact(
            id=f"value_stream.{remedy.id}",
            label=remedy.label,
            value=remedy.per_year.likely,
            low=remedy.per_year.low,
            high=remedy.per_year.high,
            unit=remedy.per_year.unit,
            sources=(remedy.per_year.source,) if remedy.per_year.source else (),
        )
        for remedy in ranked
    )


def changes(result: ValueStream) -> tuple[str, ...]:
    """Say which statement of the stream would move its answer: the longest wait, and what steps that no integration ends would save."""
    path = _path(result)
    longest = max(path, key=lambda step: _hours(step.wait))
    said = (
        [f"The wait before “{_name(longest)}” as it is measured, not {longest.basis}."]
        if longest.basis == "stated"
        else []
    )
    said += [f"{fact.label}: {cited(fact)} more, which no integration brings." for fact in remedies(result)]
    return tuple(said)


def method(result: ValueStream) -> tuple[str, ...]:
    """Say how times were found and how the path was chosen."""
    measured = sum(step.basis == "measured" for step in result.steps)
    said = f"Times of {measured} of {count(len(result.steps), 'step')} come from an event log, the others from people."
    return (said, *result.notes)


def _path(result: ValueStream) -> list[StepMeasure]:
    return [s for s in result.steps if s.critical] or list(result.steps)


def _name(step: StepMeasure) -> str:
    return step.name or step.step


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


MOST = 9
"""Rows that a figure of bars draws."""


def waiting(result: ValueStream) -> Figure:
    """Draw how long a case waits before each step of the critical path, in the order of the path."""
    path = _path(result)
    waits, works = [_hours(s.wait) for s in path], [_hours(s.process) for s in path]
    longest = max(range(len(path)), key=lambda k: waits[k])
    total = sum(waits) + sum(works)
    drawn = sorted(sorted(range(len(path)), key=lambda k: -waits[k])[:MOST])
    scale, unit = (60.0, "min") if waits[longest] < 1 else (1.0, "h")
    return Figure(
        id="waiting",
        caption=f"Waiting before “{_name(path[longest])}” takes {quantity(waits[longest] / total, 'share')} of the time"
        if total
        else "No step waits",
        alt="Bars: how long a case waits before each step of its longest way.",
        plot=charts.bars(
            [_name(path[k]) for k in drawn],
            [scale * waits[k] for k in drawn],
            unit=unit,
            highlight=[_name(path[longest])],
        ),
        table=DataTable.of(
            zip(path, waits, works, strict=True),
            (
                ColumnSpec("step", "Step", lambda row: _name(row[0])),
                ColumnSpec("wait", "Waits", lambda row: scale * row[1], "number", unit=unit),
                ColumnSpec("work", "Works", lambda row: scale * row[2], "number", unit=unit),
            ),
            id="waiting-data",
            caption="Waiting and working on the longest way of a case, as stated or measured",
            trace=sources(result, "today.lead_time"),
        ),
    )


def _hours(minutes: Estimate | None) -> float:
    return minutes.likely / HOUR if minutes is not None else 0.0


BULK = 0.8
"""Share of a saving for which the integrations are counted that bring it."""


def savings(assessment: Assessment, result: ValueStream) -> tuple[Figure, ...]:
    """Draw what each integration saves a year on top of those before it, the largest first."""
    known = [flow for flow in result.future if flow.benefit is not None]
    if not known or known[-1].benefit is None or known[-1].benefit.likely <= 0:
        return ()
    unit = known[-1].benefit.unit
    totals = [0.0, *(flow.benefit.likely for flow in known if flow.benefit)]
    rows = [
        (_label(assessment, flow.integrations[-1]), after - before)
        for flow, (before, after) in zip(known, pairwise(totals), strict=True)
    ]
    rows.sort(key=lambda row: (-row[1], row[0]))
    shares = list(accumulate(saved / totals[-1] for _, saved in rows))
    few = next((n for n, share in enumerate(shares, 1) if share >= BULK), len(rows))
    return (
        Figure(
            id="savings",
            caption=f"All of the yearly saving comes from {count(few, 'integration')}"
            if few == len(rows)
            else f"Of the yearly saving, {quantity(min(shares[few - 1], 1.0), 'share')} comes from {count(few, 'integration')}",
            alt="Bars: saving a year of each integration on top of those before it, the largest first.",
            plot=charts.bars(
                [label for label, _ in rows[:MOST]],
                [saved for _, saved in rows[:MOST]],
                unit=unit.partition("/")[0],
                highlight=[label for label, _ in rows[:few]],
            ),
            table=DataTable.of(
                rows,
                (
                    ColumnSpec("integration", "Integration", lambda row: row[0]),
                    ColumnSpec(
                        "saves", "Saves a year", lambda row: row[1], "money", unit=unit.partition("/")[0]
                    ),
                ),
                id="savings-data",
                caption="What each integration saves a year, on top of those before it",
                trace=sources(result, "future.benefit"),
            ),
        ),
    )


def _label(assessment: Assessment, id: str) -> str:
    return next((i.label for i in assessment.stated.integrations if i.id == id), id)


def _state(assessment: Assessment, flow: Flow) -> str:
    """Name a state by what was applied last."""
    return f"+ {_label(assessment, flow.integrations[-1])}" if flow.integrations else "today"


def typed_again(assessment: Assessment, result: ValueStream) -> tuple[DataTable, ...]:
    """Show what typing in again costs a year, step by step, the dearest first; none where nothing is typed again."""
    priced = [(r, r.per_year) for r in result.reentries if r.per_year is not None]
    priced.sort(key=lambda item: (-item[1].likely, item[0].step))
    if not priced:
        return ()
    return (
        DataTable.of(
            priced,
            (
                ColumnSpec("step", "Typed again today", lambda row: row[0].name or row[0].step),
                ColumnSpec(
                    "hours",
                    "Hours a year",
                    lambda row: row[0].hours_per_year.likely if row[0].hours_per_year else None,
                    "count",
                ),
                ColumnSpec(
                    "price",
                    "Cost a year",
                    lambda row: row[1].likely,
                    "money",
                    unit=priced[0][1].unit.partition("/")[0],
                    low=lambda row: row[1].low,
                    high=lambda row: row[1].high,
                ),
                ColumnSpec(
                    "by",
                    "Ended by",
                    lambda row: (
                        _label(assessment, row[0].integration) if row[0].integration else "none named"
                    ),
                ),
            ),
            id="typed-again",
            caption="Data that is typed in again, and the integration that would end it",
            trace=sources(result, "waste.overprocessing"),
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
