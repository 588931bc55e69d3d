"""What the value stream means for the client: findings, missing input, facts with their sources, and waste that no integration removes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing, Severity
from assess.core.numbers import quantity
from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement, ProcessStep
from assess.intake.engagement.landscape import Yearly

from .baseline import Baseline, compare
from .flow import CASES, MONTHS, ZERO, Stream, at, combined, product
from .future import priced
from .result import BenefitKind, Flow, LogMeasures, ReEntry, StepMeasure, ValueStream, Waste

ACCURATE = 0.9
"""%C&A below which a step's rework is a finding: rule of the method."""

KINDS: Mapping[BenefitKind, str] = {
    "cashable": "Benefit a year in cash",
    "capacity": "Benefit a year in hours for other work, priced",
}

MANY_HOURS = 200
"""Hours a year from which a re-entry is of high severity: a tenth of a working year, rule of the method."""


def findings(
    engagement: Engagement,
    result: ValueStream,
    stream: Stream,
    measured: Mapping[str, ProcessStep],
    baselines: Sequence[Baseline],
    of: tuple[str, ...],
) -> tuple[Finding, ...]:
    """Return what wastes time in the stream, and where the client's goals and volumes say something else than its steps."""
    rows = {row.step: row for row in engagement.value_stream}
    names = {integration.id: integration.label for integration in engagement.integrations}
    return (
        *(_reentry(reentry, rows[reentry.step], names) for reentry in result.reentries),
        *_defects(result.steps, rows),
        *_longest_wait(result, stream, rows),
        *_bottleneck(result, rows),
        *_disagreements(engagement, rows, measured),
        *_unmet(stream, rows),
        *compare(engagement, result, baselines, of),
    )


def _reentry(reentry: ReEntry, row: ProcessStep, names: Mapping[str, str]) -> Finding:
    hours, price = reentry.hours_per_year, reentry.per_year
    said = "" if hours is None else f", {hours.likely:,.0f} hours a year"
    said += "" if price is None else f" or {quantity(price.likely, price.unit.partition('/')[0])}"
    severity: Severity = "high" if hours is not None and hours.likely >= MANY_HOURS else "medium"
    return Finding(
        id=f"value_stream/{row.step}/reentry",
        section="value_stream",
        severity=severity,
        title=f"{reentry.name}: data is typed in again{said}",
        evidence=f"{row.role or 'somebody'} enters {row.data or 'data'} into {row.system or 'the next system'} by hand",
        impact="Costs work at every case, delays it, and adds errors that surface later.",
        action=f"Let “{names.get(row.integration, row.integration)}” carry the data."
        if row.integration
        else "Find the integration that would carry the data, and name it in the stream.",
        integrations=(row.integration,) if row.integration else (),
        systems=(row.system,) if row.system else (),
        sources=(row.cite("reentry"),),
    )


def _defects(steps: Sequence[StepMeasure], rows: Mapping[str, ProcessStep]) -> Iterator[Finding]:
    for step in steps:
        share = step.complete_accurate
        if share is not None and share < ACCURATE:
            row = rows[step.step]
            yield Finding(
                id=f"value_stream/{step.step}/accuracy",
                section="value_stream",
                severity="medium",
                title=f"{step.name or step.step}: only {share:.0%} of its work is complete and accurate",
                evidence=f"a case visits the step {step.visits:.2f} times on average",
                impact="Work goes back, is done again, and holds up what follows.",
                action=f"{step.name or step.step}: find the commonest gap in {row.data or 'what it receives'} and check it where it is entered.",
                integrations=(row.integration,) if row.integration else (),
                systems=(row.system,) if row.system else (),
                sources=(row.cite("complete_accurate"),),
            )


def _longest_wait(result: ValueStream, stream: Stream, rows: Mapping[str, ProcessStep]) -> Iterator[Finding]:
    waits = {step: stream.wait[step].likely for step in result.critical_path if step in stream.wait}
    if not waits or result.current is None or max(waits.values()) <= 0:
        return
    step = max(waits, key=lambda name: waits[name])
    row, share = rows[step], waits[step] * stream.waiting_share / result.current.lead_time.likely
    yield Finding(
        id=f"value_stream/{step}/wait",
        section="value_stream",
        severity="medium" if share >= 0.25 else "low",
        title=f"{row.name or step}: cases wait {_duration(waits[step])} before it, {share:.0%} of the lead time",
        evidence=f"lead time {_duration(result.current.lead_time.likely)} of working time, process time {_duration(result.current.process_time.likely)}",
        impact="The customer waits; nobody works on the case.",
        action="Look first at what this step waits for.",
        integrations=(row.integration,) if row.integration else (),
        systems=(row.system,) if row.system else (),
        sources=_source_of(row.wait_minutes, row, "wait_minutes"),
    )


def _bottleneck(result: ValueStream, rows: Mapping[str, ProcessStep]) -> Iterator[Finding]:
    if result.bottleneck is None:
        return
    step = next(s for s in result.steps if s.step == result.bottleneck)
    row = rows[step.step]
    load = step.load.likely if step.load is not None else 0.0
    yield Finding(
        id=f"value_stream/{step.step}/bottleneck",
        section="value_stream",
        severity="info",
        title=f"{step.name or step.step} is the bottleneck: it keeps {load:.1f} people busy",
        evidence=f"{step.visits:.2f} visits a case, takt {result.takt or 0:.1f} minutes a person",
        impact="The stream can't be faster than this step.",
        action="Relieve this step before any other.",
        integrations=(row.integration,) if row.integration else (),
        sources=_source_of(row.process_minutes, row, "process_minutes"),
    )


def _disagreements(
    engagement: Engagement, rows: Mapping[str, ProcessStep], measured: Mapping[str, ProcessStep]
) -> Iterator[Finding]:
    tolerance = engagement.assumptions["value_stream.tolerance"].likely
    for step, stated in measured.items():
        for column, label in (("process_minutes", "process time"), ("wait_minutes", "wait")):
            said, seen = getattr(stated, column), getattr(rows[step], column)
            if said is None or seen is None or said == seen:
                continue
            if abs(seen.likely - said.likely) > tolerance * max(said.likely, seen.likely):
                yield Finding(
                    id=f"value_stream/{step}/{column}",
                    section="value_stream",
                    severity="low",
                    title=f"{stated.name or step}: {label} is {_duration(seen.likely)} by the log, {_duration(said.likely)} was stated",
                    evidence=f"median of the log against the stated likely value, tolerance {tolerance:.0%}",
                    impact="The measured time is used.",
                    action="Ask the step's owner what explains the difference.",
                    sources=(*_source_of(said, stated, column), *_source_of(seen, stated, column)),
                )


def _unmet(stream: Stream, rows: Mapping[str, ProcessStep]) -> Iterator[Finding]:
    for step in stream.network.unmet:
        yield Finding(
            id=f"value_stream/{step}/unmet",
            section="value_stream",
            severity="low",
            title=f"Parallel paths reach {rows[step].name or step} without having met",
            evidence=f"{stream.network.reached[step]:.2f} passes a case",
            impact="The step is counted once for each path.",
            action="Say where the paths meet, or make the step that divides them a decision.",
            sources=(rows[step].origin,),
        )


def log_findings(logs: Sequence[LogMeasures]) -> tuple[Finding, ...]:
    """Return what event logs show beside their times."""
    return tuple(finding for log in logs for finding in _of_log(log))


def _of_log(log: LogMeasures) -> Iterator[Finding]:
    source = Source(kind="measurement", place=log.name)
    if log.dropped:
        yield Finding(
            id=f"value_stream/{log.name}/dropped",
            section="value_stream",
            severity="low",
            title=f"{log.dropped:,} rows of {log.name} have no case, activity or readable time",
            evidence=f"{log.events:,} events were used",
            impact="Lead times miss these events.",
            action="Export the log again with these columns filled.",
            sources=(source,),
        )
    if log.unresolved:
        yield Finding(
            id=f"value_stream/{log.name}/unresolved",
            section="value_stream",
            severity="medium" if log.unresolved > 0.1 * log.cases else "low",
            title=f"{log.unresolved:,} of {log.cases:,} cases of {log.name} never reach an end",
            evidence=f"no state that ends a case between {log.first} and {log.last}",
            impact="They have no lead time and are not in its quantiles.",
            action="Find out whether they are still open or were closed without a word.",
            sources=(source,),
        )
    if log.inside_hours < 0.5:
        yield Finding(
            id=f"value_stream/{log.name}/hours",
            section="value_stream",
            severity="info",
            title=f"Only {log.inside_hours:.0%} of the events of {log.name} are within working hours",
            evidence="working calendar of the engagement",
            impact="Process times of this log are elapsed times.",
            action="State the hours of the process under assumptions: value_stream.",
            sources=(source,),
        )


def missing(
    engagement: Engagement, result: ValueStream | None, logs: Sequence[LogMeasures]
) -> tuple[Missing, ...]:
    """Return what was not supplied."""
    if result is None:
        supply = "the steps of the process, in value_stream.csv" + (
            "" if logs else ", or an event log under event_logs/"
        )
        return (
            Missing(
                section="value_stream",
                supply=supply,
                changes="Lead time, waste and bottleneck are shown, and what integrations would give back enters the cost model.",
            ),
        )
    asked = (
        ("process_minutes", [s.step for s in result.steps if s.process is None], "lead time and work are too low without it"),
        ("wait_minutes", [s.step for s in result.steps if s.wait is None], "lead time is too low without it"),
        ("complete_accurate", [s.step for s in result.steps if s.complete_accurate is None], "their rework is not counted"),
        ("volume", [] if result.takt is not None else [s.step for s in result.steps[:1]], "nothing can be priced a year"),
    )  # fmt: skip
    gaps = [
        Missing(
            section="value_stream",
            supply=f"{column} of {', '.join(steps)} in value_stream.csv",
            changes=f"Now {changes}.",
        )
        for column, steps, changes in asked
        if steps
    ]
    if engagement.assumptions["value_stream.delay_value"].high == 0:
        gaps.append(
            Missing(
                section="value_stream",
                supply="value_stream.delay_value under assumptions in engagement.yaml",
                changes="Days saved are shown, and get a price.",
            )
        )
    return tuple(gaps)


def facts(
    result: ValueStream | None,
    wastes: Sequence[Waste],
    of: tuple[str, ...],
    logs: Sequence[LogMeasures],
) -> tuple[Fact, ...]:
    """Return the numbers that the report states."""
    found: list[Fact] = []
    if result is not None and result.current is not None:
        found += _flow_facts("value_stream.today", "today", result.current, of)
        if result.future:
            found += _flow_facts(
                "value_stream.future", "with all integrations applied", result.future[-1], of
            )
        counted = Source(
            kind="calculation", place="value_stream/hand-overs", detail="steps that follow each other", of=of
        )
        found += [
            Fact(id=f"value_stream.{name}", label=label, value=len(held), sources=(counted,))
            for name, label, held in (
                ("handoffs", "Hand-overs on the way", result.handoffs),
                ("reentries", "Re-entries of data on the way", result.reentries),
            )
        ]
        for waste in wastes:
            if waste.per_year is not None:
                label = f"{waste.label}, price a year"
                found.append(_fact(f"value_stream.waste.{waste.kind}", label, waste.per_year, of))
        for kind, label in KINDS.items():
            worth = result.worth(kind)
            if worth is not None:
                found.append(_fact(f"value_stream.future.{kind}", label, worth, of))
        found += [_fact(f"value_stream.{b.id}", b.label, b.per_year, of) for b in result.benefits]
    for log in logs:
        source = Source(kind="measurement", place=log.name)
        found.append(
            Fact(
                id=f"value_stream.{log.name}.resolved",
                label=f"{log.name}: cases that reach an end",
                value=log.resolved,
                sources=(source,),
            )
        )
        found.append(
            Fact(
                id=f"value_stream.{log.name}.unresolved",
                label=f"{log.name}: cases that never do",
                value=log.unresolved,
                sources=(source,),
            )
        )
        for name, label, value, unit in (
            ("repeated", "cases that pass an activity more than once", log.rework_share, "share"),
            ("handed_over", "times a case changes hands", log.handoffs_per_case, ""),
            ("worked", "work by the clock, of the time of all passes", log.work_share, "share"),
        ):
            if value is not None:
                said = f"{log.name}: {label}"
                found.append(
                    Fact(
                        id=f"value_stream.{log.name}.{name}",
                        label=said,
                        value=value,
                        unit=unit,
                        sources=(source,),
                    )
                )
        if log.lead_hours is not None:
            found.append(
                _fact(f"value_stream.{log.name}.lead", f"{log.name}: median lead time", log.lead_hours, of)
            )
    return tuple(found)


def _flow_facts(name: str, when: str, flow: Flow, of: tuple[str, ...]) -> list[Fact]:
    source = Source(kind="calculation", place=name.replace(".", "/"), detail="see the method", of=of)
    found = [
        _fact(f"{name}.lead_time", f"Lead time {when}", flow.lead_time, of),
        _fact(f"{name}.lead_time_with_rework", f"Lead time {when}, rework included", flow.lead_time_with_rework, of),
        _fact(f"{name}.process_time", f"Process time {when}", flow.process_time, of),
        Fact(id=f"{name}.days", label=f"Calendar days {when}", value=flow.days, unit="days", sources=(source,)),
        Fact(id=f"{name}.elapsed_days", label=f"Calendar days of a case that enters on the first day, {when}", value=flow.elapsed_days, unit="days", sources=(source,)),
        Fact(id=f"{name}.activity_ratio", label=f"Activity ratio {when}", value=flow.activity_ratio, unit="share", sources=(source,)),
        Fact(id=f"{name}.rolled", label=f"Rolled %C&A {when}", value=flow.rolled, unit="share", sources=(source,)),
    ]  # fmt: skip
    if flow.benefit is not None:
        found.append(_fact(f"{name}.benefit", f"Benefit a year {when}", flow.benefit, of))
    return found


def _fact(id: str, label: str, estimate: Estimate, of: tuple[str, ...]) -> Fact:
    source = estimate.source or Source(kind="calculation", place=id.replace(".", "/"), of=of)
    return Fact(
        id=id,
        label=label,
        value=estimate.likely,
        unit=estimate.unit,
        low=estimate.low,
        high=estimate.high,
        sources=(source,),
    )


def _source_of(estimate: Estimate | None, row: ProcessStep, column: str) -> tuple[Source, ...]:
    return (estimate.source if estimate is not None and estimate.source is not None else row.cite(column),)


def _duration(minutes: float) -> str:
    """Return minutes in the unit that reads best.

    >>> _duration(90), _duration(45), _duration(2880)
    ('1.5 h', '45 min', '48 h')
    """
    return f"{minutes:.3g} min" if minutes < 60 else f"{minutes / 60:,.3g} h"


def remedies(engagement: Engagement, future: Stream, of: tuple[str, ...]) -> tuple[Yearly, ...]:
    """Return what each inaccurate step would save if its work were complete and accurate as often as it should be.

    Parameters
    ----------
    future
        The stream with every chosen integration applied: what those save is not counted again.

    Returns
    -------
    tuple of Yearly
        One per step whose %C&A stays below `ACCURATE`: hours a year of manual work that is no longer done again, times
        the cost of an hour. Empty where volumes or a price are missing.
    """
    rate = priced(engagement, "value_stream.hour_cost")
    if rate is None or not future.counted:
        return ()
    found = []
    for row in engagement.value_stream:
        share = future.network.accurate.get(row.step)
        if share is None or share >= ACCURATE:
            continue
        better = future.with_steps({}, {}, {row.step: ACCURATE})
        hours = combined((_saved(future, better, case) for case in CASES), "hours/year")
        if hours.high <= 0:
            continue
        label = f"Rework avoided at {row.name or row.step}"
        source = Source(kind="calculation", place=f"value_stream/remedy/{row.step}", detail=label, of=of)
        worth = product((hours, rate), f"{engagement.currency}/year", source)
        found.append(Yearly(id=f"remedy/{row.step}", label=label, per_year=worth))
    return tuple(found)


def _saved(before: Stream, after: Stream, case: int) -> float:
    """Hours a year of manual work that go because fewer cases come back."""

    def hours(stream: Stream) -> Mapping[str, float]:
        visits = stream.monthly[case]
        return {step: visits[step] * at(stream.process.get(step, ZERO), case) for step in stream.manual}

    again, once = hours(before), hours(after)
    return (
        sum(max(again[step] - once[step], 0.0) for step in before.network.steps if step in again)
        * MONTHS
        / 60
    )
