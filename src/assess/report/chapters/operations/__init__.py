"""Chapter 7: how today's integrations really run; its figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from assess.core.numbers import day, number, quantity
from assess.core.source import Fact, Source
from assess.decisions.assessment import Assessment
from assess.evidence.contracts import Contracts
from assess.evidence.operations import Operations, Traffic
from assess.evidence.reconcile import Reconciled
from assess.intake.engagement import Engagement
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.chapters.governance.tables import service_level
from assess.report.chapters.ranked_actions import once
from assess.report.charts.timelines import Lane, against, days, lasting
from assess.report.figure import Figure
from assess.report.prose import and_list, cited, concise, count, first_few, resolve, sentence_case, spoken
from assess.report.tables import ColumnSpec, DataTable

from .tables import (
    apart,
    developed,
    files,
    incidents,
    integrations,
    metrics,
    stated_against_measured,
    unusual,
)

DRAWN = 7
"""Integrations of a figure: those that are farthest off, or deliver least."""
MEANT = {
    "detect": "from its start to its detection",
    "resolve": "from its detection to its last resolution",
    "restore": "from its start to its last resolution",
    "work": "from its detection to its last resolution, waits for others left out",
}
"""What each definition counts: which is meant moves the median most."""
LANES = 6
"""Integrations whose days are drawn."""


def stated_and_measured(
    engagement: Engagement, result: Operations, reconciled: Reconciled
) -> tuple[Figure, ...]:
    """Draw stated beside measured volumes, those farthest apart first."""
    rows = []
    for traffic in result.traffic:
        integration = engagement.integration(traffic.integration)
        said, seen = integration.volume, traffic.volume
        if said is not None and seen is not None and said.likely > 0 and seen.likely > 0:
            known = said if said.source else said.model_copy(update={"source": integration.cite("volume")})
            rows.append((abs(float(np.log(seen.likely / said.likely))), integration, known, seen))
    rows.sort(key=lambda row: (-row[0], row[1].id))
    if not rows:
        return ()
    shown = rows[:DRAWN]
    wrong = {f.integrations[0] for f in reconciled.findings if f.id.endswith("/stated-volume")}
    _, integration, said, seen = shown[0]
    ratio = seen.likely / said.likely
    times = f"{number(ratio, 1)} times" if ratio > 1 else quantity(ratio, "share")
    return (
        Figure(
            id="stated-measured",
            caption=f"“{integration.label}” moves {times}{'' if ratio > 1 else ' of'} what was stated"
            if max(ratio, 1 / ratio) >= 1.05
            else "Stated and measured volumes agree",
            alt="Dots on a logarithmic axis: messages a month as measured, with a stroke where they were stated.",
            plot=against(
                [i.label for _, i, _, _ in shown],
                [s.likely for _, _, s, _ in shown],
                [m.likely for _, _, _, m in shown],
                low=[max(m.low, m.likely / 100) for _, _, _, m in shown],
                high=[m.high for _, _, _, m in shown],
                unit="messages a month",
                highlight=[i.label for _, i, _, _ in shown if i.id in wrong],
            ),
            table=DataTable.of(
                rows,
                (
                    ColumnSpec("integration", "Integration", lambda row: row[1].label),
                    ColumnSpec("stated", "Stated", lambda row: row[2], "count"),
                    ColumnSpec("measured", "Measured", lambda row: row[3], "count"),
                ),
                id="stated-measured-data",
                caption="Messages a month, stated and measured",
            ),
        ),
    )


def success(engagement: Engagement, result: Operations) -> tuple[Figure, ...]:
    """Draw the share of runs that deliver against the target, the lowest first."""
    rated = [(t, t.success_rate) for t in result.traffic if t.success_rate is not None]
    if not rated:
        return ()
    target = engagement.assumptions["operations.success_target"]
    rated.sort(key=lambda row: (row[1].high >= target.likely, row[1].likely, row[0].integration))
    shown = rated[:DRAWN]
    labels = [engagement.integration(t.integration).label for t, _ in shown]
    below = sum(rate.high < target.likely for _, rate in rated)
    lowest = min(rate.low for _, rate in shown)
    aim = quantity(target.likely, "share")
    return (
        Figure(
            id="success",
            caption=f"Of {count(len(rated), 'integration')}, {below} {'is' if below == 1 else 'are'} below the target of {aim}, even at the upper limit"
            if below
            else f"None of {count(len(rated), 'integration')} is surely below the target of {aim}",
            alt="Dots: share of the runs that deliver, with 95% limits and the target, the lowest first.",
            plot=charts.dots(
                labels,
                [rate.likely for _, rate in shown],
                low=[rate.low for _, rate in shown],
                high=[rate.high for _, rate in shown],
                unit="share",
                highlight=labels[:below] or labels,
                targets=[target.likely] * len(shown),
                span=(max(0.0, lowest - 0.03 * (1 - lowest)), 1.0 + 0.03 * (1 - lowest)),
            ),
            table=DataTable.of(
                rated,
                (
                    ColumnSpec(
                        "integration",
                        "Integration",
                        lambda row: engagement.integration(row[0].integration).label,
                    ),
                    ColumnSpec("rate", "Deliver", lambda row: row[1], "share"),
                    ColumnSpec("target", "Target", lambda row: target, "share"),
                ),
                id="success-data",
                caption="Share of the runs that deliver, retries included, with Wilson's 95% limits",
            ),
        ),
    )


def volumes(engagement: Engagement, result: Operations) -> tuple[Figure, ...]:
    """Draw the days of the integrations that stand out: silent, at another level, or with unusual days."""
    odd = [t for t in result.traffic if t.silent_days or t.level or _marks(t)]
    if not odd:
        return ()
    shown = sorted(
        odd, key=lambda t: (-(t.silent_days or 0), t.level is None, -len(_marks(t)), t.integration)
    )[:LANES]
    first = min(t.first_day for t in shown)
    lanes = [_lane(engagement.integration(t.integration).label, t, first) for t in shown]
    trace = once(t.volume.source for t in shown if t.volume and t.volume.source)
    return (
        Figure(
            id="days",
            caption=_standing_out(engagement, odd),
            alt="Lines, one lane an integration: messages of each day; dashed: the median day of each level; red: unusual days.",
            plot=days(first, lanes, unit="messages"),
            table=DataTable.of(
                (
                    (
                        lane.label,
                        first + dt.timedelta(days=begin),
                        usual,
                        traffic.level[1] if place and traffic.level else None,
                    )
                    for lane, traffic in zip(lanes, shown, strict=True)
                    for place, (begin, usual) in enumerate(lane.levels)
                ),
                (
                    ColumnSpec("integration", "Integration", lambda row: row[0]),
                    ColumnSpec("from", "From", lambda row: row[1].isoformat(), "date"),
                    ColumnSpec("usual", "Median day", lambda row: row[2], "number"),
                    ColumnSpec("times", "Times as much as before", lambda row: row[3], "number", digits=1),
                ),
                id="days-data",
                caption="Usual messages of a day, by integration and level",
                trace=trace,
            ),
        ),
    )


def _marks(traffic: Traffic) -> list[int]:
    """Return the places of the days with an unusual volume."""
    return [
        place
        for anomaly in traffic.anomalies
        if anomaly.what == "volume"
        for place in range(
            (anomaly.first - traffic.first_day).days, (anomaly.last - traffic.first_day).days + 1
        )
    ]


def _standing_out(engagement: Engagement, odd: list[Traffic]) -> str:
    silent = [t for t in odd if t.silent_days]
    moved = [t for t in odd if t.level]
    parts = []
    if silent:
        most = max(silent, key=lambda t: t.silent_days or 0)
        parts.append(
            f"“{engagement.integration(most.integration).label}” has moved nothing since {most.last_message and day(most.last_message)}"
        )
    if moved:
        most = max(moved, key=lambda t: abs(float(np.log(t.level[1]))) if t.level else 0.0)
        since, factor = most.level or (most.first_day, 1.0)
        parts.append(
            f"“{engagement.integration(most.integration).label}” moves {factor:.1f} times as much since {day(since)}"
        )
    if any(a.what == "volume" for t in odd for a in t.anomalies):
        parts.append("unusual days are red")
    return sentence_case("; ".join(parts))


def _lane(label: str, traffic: Traffic, first: dt.date) -> Lane:
    """Place an integration's days after the first day of the figure, with the median of each level."""
    before = (traffic.first_day - first).days
    values = np.r_[np.zeros(before), np.asarray(traffic.daily)]
    cut = None
    if traffic.level is not None:
        cut = (traffic.level[0] - first).days
    elif traffic.last_message is not None:
        cut = (traffic.last_message - first).days + 1
    bounds = [before, *([cut] if cut is not None and before < cut < len(values) else []), len(values)]
    levels = tuple((begin, float(np.median(values[begin:end]))) for begin, end in pairwise(bounds))
    odd = [before + place for place in _marks(traffic)]
    return Lane(label=label, values=values.tolist(), odd=odd, levels=levels)


def failures_last(result: Operations) -> tuple[Figure, ...]:
    """Draw how long failures stay unnoticed and unresolved."""
    held = [d for d in (result.detect, result.resolve) if d is not None and len(d.curve) > 1]
    curves = {
        "unnoticed" if d.what == "detect" else "unresolved, once noticed": [
            (hours, share) for hours, share in d.curve if hours > 0
        ]
        for d in held
    }
    curves = {name: steps for name, steps in curves.items() if len(steps) > 1}
    if not curves:
        return ()
    middle = next((d for d in held if d.hours is not None), None)
    trace: tuple[Source, ...] = once(d.source for d in result.durations)
    caption = (
        f"Half of the failures stay {'unnoticed' if middle.what == 'detect' else 'unresolved'} for "
        f"{quantity(middle.hours, 'hours')} or longer"
        if middle
        else "Fewer than half of the failures have ended"
    )
    return (
        Figure(
            id="failures-last",
            caption=caption,
            alt="Falling staircases: share of the failures that last longer than a number of hours, open ones included.",
            plot=lasting(curves, x_label="hours"),
            table=DataTable.of(
                result.durations,
                (
                    ColumnSpec("what", "A failure lasts", lambda d: MEANT[d.what]),
                    ColumnSpec(
                        "median",
                        "Median",
                        lambda d: d.hours,
                        "number",
                        unit="h",
                        low=lambda d: d.low,
                        high=lambda d: d.high,
                    ),
                    ColumnSpec("total", "Together", lambda d: d.total, "count", unit="h"),
                    ColumnSpec("counted", "Failures", lambda d: d.incidents, "count"),
                    ColumnSpec("open", "Of them open", lambda d: d.open, "count"),
                ),
                id="failures-last-data",
                caption="Median hours with 95% limits, mean hours, and hours of all failures together (Kaplan-Meier, open ones censored)",
                trace=lambda d: d.source,
                sources=trace,
            ),
        ),
    )


ODD = (
    ("late", "takes longer than needed", "take longer than needed"),
    ("waiting", "waits too long for its batch", "wait too long for their batch"),
)
"""Kinds of findings that the lead counts, each with its verb."""


def operations(assessment: Assessment) -> Chapter:
    """Say how integrations run today, how far that is from what was stated, and what stands out."""
    result, reconciled = assessment.operations, assessment.reconciled
    shell = Chapter(
        number=7,
        key="operations",
        title="Operations",
        question="How do today's integrations really run?",
        state="not_assessed",
        findings=(*result.findings, *reconciled.findings),
        missing=result.missing,
    )
    if not result.traffic and result.resolve is None and result.detect is None:
        return shell
    facts = tuple(
        f for f in (*result.facts, *differing(reconciled), *standing_out(result)) if f.value is not None
    )
    stated = assessment.stated
    drawn = (*stated_and_measured(stated, result, reconciled), *success(stated, result))
    slow, measured = late(stated, assessment.contracts), integrations(stated, result)
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result),
            "lead": lead(stated, result, {fact.id: fact for fact in facts}),
            "shown": (*(figure.id for figure in drawn), *(table.id for table in (*slow, *measured)[:1])),
            "subject": subject(assessment),
            "facts": facts,
            "figures": (
                *drawn,
                *volumes(stated, result),
                *failures_last(result),
            ),
            "tables": (
                *slow,
                metrics(assessment),
                *measured,
                *stated_against_measured(stated, result, reconciled),
                *developed(result),
                *unusual(stated, result),
                *apart(result),
                *files(result),
                *incidents(stated, result),
            ),
            "changes": changes(stated, result),
            "method": (
                "Retries belong to their run; test runs and parts of other runs are in no measure.",
                "How long failures last counts open ones as lasting until now.",
            ),
        }
    )
    more = resolve(stated, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": more}))


def changes(engagement: Engagement, result: Operations) -> tuple[str, ...]:
    """Say which integrations that run today no log shows: what is stated of them stands unmeasured."""
    seen = {traffic.integration for traffic in result.traffic}
    dark = [
        i.label
        for i in engagement.integrations
        if i.id not in seen and i.style_today not in (None, "none", "manual")
    ]
    if not dark:
        return ()
    return (f"Run logs of {first_few(dark)}: volume, speed and success are only stated.",)


def subject(assessment: Assessment) -> str:
    """Say what was looked at: integrations, runs, days, incidents."""
    result = assessment.operations
    parts = []
    if result.traffic:
        first, last = min(t.first_day for t in result.traffic), max(t.last_day for t in result.traffic)
        parts.append(
            f"{count(sum(t.runs for t in result.traffic), 'run')} of {len(result.traffic)} of "
            f"{count(len(assessment.stated.integrations), 'integration')} from {first} to {last}"
        )
    if assessment.stated.incidents:
        parts.append(count(len(assessment.stated.incidents), "incident"))
    return "; ".join(parts)


def differing(reconciled: Reconciled) -> tuple[Fact, ...]:
    """Return how many stated numbers the logs contradict; none where nothing was measured."""
    if not reconciled.measured:
        return ()
    source = Source(
        kind="calculation",
        place="operations/stated",
        detail="stated and measured numbers that differ by more than the tolerance",
        of=tuple(source.id for finding in reconciled.findings for source in finding.sources),
    )
    label = "Stated numbers that the logs contradict"
    return (
        Fact(id="operations.contradicted", label=label, value=len(reconciled.findings), sources=(source,)),
    )


def standing_out(result: Operations) -> Iterator[Fact]:
    """Yield how many integrations take longer than needed, or wait too long for their batch; none of a kind that there is not."""
    for kind, one, _ in ODD:
        found = [finding for finding in result.findings if finding.id.endswith(f"/{kind}")]
        if found:
            source = Source(
                kind="calculation",
                place=f"operations/{kind}",
                of=tuple(s.id for f in found for s in f.sources),
            )
            label = f"Integrations of which one {one}"
            yield Fact(
                id=f"operations.{kind}",
                label=label,
                value=len(found),
                sources=(source, *once(s for f in found for s in f.sources)),
            )


def verdict(result: Operations) -> str:
    """Answer in one sentence: which share of the runs delivers, and how long failures go unseen."""
    facts = {fact.id: fact for fact in result.facts if fact.value is not None}
    rate, unseen = facts.get("operations.success_rate"), facts.get("operations.time_to_detect")
    text = f"Of the runs, {spoken(rate.value, rate.unit)} deliver" if rate else "No run in the logs has ended"
    if not result.traffic:
        text = "How many runs deliver is not known"
    if unseen is not None:
        return (
            f"{text}; half of the failures stay unnoticed for {spoken(unseen.value, unseen.unit)} or longer"
        )
    return (
        f"{text}; more than half of the failures are not noticed yet" if result.detect is not None else text
    )


def lead(engagement: Engagement, result: Operations, facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Say how many runs were seen, what stands out, and which statements the logs contradict."""
    rate, wrong = facts.get("operations.success_rate"), facts.get("operations.contradicted")
    said = []
    if rate:
        runs = sum(traffic.runs for traffic in result.traffic)
        said.append(
            f"The logs hold {runs:,} runs of {count(len(result.traffic), 'integration')}; {cited(rate)} of them deliver."
        )
    silent = [traffic for traffic in result.traffic if traffic.silent_days and traffic.last_message]
    if silent:
        most = max(silent, key=lambda traffic: traffic.silent_days or 0)
        label = engagement.integration(most.integration).label
        since = f"has moved nothing since {day(most.last_message)}" if most.last_message else "is silent"
        said.append(
            concise(f"“{label}” {since}.", f"{count(len(silent), 'integration')} moved nothing lately.")
        )
    odd = [
        f"{cited(fact)} {one if fact.value == 1 else two}"
        for kind, one, two in ODD
        if (fact := facts.get(f"operations.{kind}"))
    ]
    if odd:
        said.append(f"Of the integrations, {and_list(odd)}.")
    if wrong and wrong.value:
        said.append(
            f"The logs contradict {cited(wrong)} stated numbers; the decisions use the measured ones."
        )
    return tuple(said)


def late(engagement: Engagement, contracts: Contracts) -> tuple[DataTable, ...]:
    """Show what is promised or needed and which share of the runs is in time, the lowest first; none where no log shows it."""
    held = [(promise, promise.share) for promise in contracts.promises if promise.share is not None]
    if not held:
        return ()
    known = {integration.id: integration.label for integration in engagement.integrations}
    return (
        DataTable.of(
            sorted(held, key=lambda row: (row[1].likely, row[0].integration, row[0].contract)),
            (
                ColumnSpec(
                    "integration",
                    "Integration",
                    lambda row: known.get(row[0].integration, row[0].integration),
                ),
                ColumnSpec(
                    "level",
                    "Promise or need",
                    lambda row: service_level(row[0].level),
                    trace=lambda row: row[0].level.sources,
                ),
                ColumnSpec(
                    "by", "Said by", lambda row: "contract" if row[0].contract else "the integration's need"
                ),
                ColumnSpec("share", "Runs in time", lambda row: row[1], "share"),
                ColumnSpec(
                    "load",
                    "At that load",
                    lambda row: {"shown": "kept", "broken": "broken"}.get(row[0].verdict, "never reached"),
                ),
            ),
            id="promises",
            caption="The slowest against what was promised or is needed",
        ),
    )
