"""Chapter 9: in which order, by when, with whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from assess.core.numbers import GAP, day
from assess.decisions.assessment import Assessment
from assess.decisions.decision import Decision
from assess.decisions.roadmap import PlanItem, Roadmap, StaffNeed
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.charts.timelines import gantt
from assess.report.figure import Figure
from assess.report.prose import and_list, cited, concise, count, lower_first, resolve
from assess.report.tables import ColumnSpec, DataTable


def roadmap(assessment: Assessment) -> Chapter:
    """Say what is done when, by whom, how surely, and when the maintenance reserve is used up."""
    result = assessment.roadmap
    shell = Chapter(
        number=9,
        key="roadmap",
        title="Plan",
        question="In which order, by when, with whom?",
        state="not_assessed",
        missing=result.missing,
    )
    if not result.items:
        left = untouched(assessment.decision)
        return (
            shell.model_copy(update={"state": "assessed", "verdict": left, "missing": ()}) if left else shell
        )
    names = {item.id: item.label for item in assessment.engagement.integrations}
    drawn, reached = timeline(result), milestones(result, names)
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result, assessment.decision),
            "lead": lead(result, names, assessment.decision),
            "shown": (*(figure.id for figure in drawn), *(table.id for table in reached)),
            "subject": f"{count(len(result.items), 'item')} in {count(len(result.increments), 'increment')} of two weeks",
            "facts": result.facts,
            "figures": (*drawn, *load(result)),
            "tables": (*reached, order(result), phases(result), *organisation(result), needs(result)),
            "findings": result.findings,
            "changes": changes(result),
            "method": (
                "Work is done in the order of what it brings a week, after what it waits for, with the capacity that maintenance leaves.",
                "Weeks are drawn in the same futures as the cost, with its overruns; “eight of ten” is the end that eight of ten keep.",
            ),
        }
    )
    known = chapter.evidence()
    return Chapter.model_validate(
        chapter.model_copy(update={"sources": resolve(assessment.engagement, known)})
    )


def untouched(decision: Decision) -> str:
    """Say that nothing is planned because the decision begins nothing; empty where it begins something or decides nothing."""
    if decision.programme or decision.retired or not (decision.kept or decision.later):
        return ""
    text = f"Nothing is planned: {count(len(decision.kept), 'integration')} {_stays(len(decision.kept))} as today"
    more = f", {count(len(decision.later), 'other')} {'is' if len(decision.later) == 1 else 'are'} for later"
    return text + (more if decision.later else "")


def _stays(number: int) -> str:
    return "stays" if number == 1 else "stay"


def _when(result: Roadmap, week: float | None) -> str:
    """Write the end of a week as a day, as a week where the plan has no start, or that no date holds."""
    if week is None:
        return "no date"
    return day(result.start + dt.timedelta(weeks=week)) if result.start else f"week {week:g}"


def verdict(result: Roadmap, decision: Decision) -> str:
    """Answer in one sentence: by when all runs, as planned and in eight of ten futures; not as a plan before anybody can decide."""
    if result.end is None:
        return f"Of {count(len(result.items), 'item')}, {len(result.unplaced)} fit nowhere: maintenance takes the capacity"
    number = sum(item.kind in ("integration", "retire") for item in result.items)
    open_ = decision.verdict.state == "ask" or decision.loses
    basis = "as planned" if not open_ else "if required" if decision.loses else "as things stand"
    runs = (
        ("would be live", "would be live", "would be done")
        if decision.loses
        else ("are live", "is live", "is done")
    )
    what = (
        f"All {number} {runs[0]}"
        if number > 1
        else f"The integration {runs[1]}"
        if number
        else f"All {runs[2]}"
    )
    late = result.finish[2]
    sure = (
        f"by {_when(result, late)} in eight of ten futures"
        if late is not None
        else "no date holds in eight of ten futures"
    )
    return concise(f"{what} by {_when(result, result.end)} {basis}; {sure}")


def lead(result: Roadmap, names: dict[str, str], decision: Decision) -> tuple[str, ...]:
    """Say what comes first, how often the usual time is kept, whether maintenance eats the reserve, and what is not planned."""
    said = []
    pilot, first = names.get(result.pilot or ""), names.get(result.first or "")
    if pilot and first and pilot != first:
        said.append(
            concise(
                f"“{pilot}” is the pilot, then “{first}” is brought live end to end.",
                f"“{pilot}” is the pilot.",
            )
        )
    elif pilot or first:
        said.append(concise(f"“{pilot or first}” comes first.", "The pilot comes first."))
    if forced := len(decision.forced):
        are, they = ("is", "it") if forced == 1 else ("are", "they")
        said.append(
            f"In the plan {are} {count(forced, 'integration')} that {are} taken as required; nobody said that {they} {are}."
        )
    facts = {fact.id: fact for fact in result.facts if fact.value is not None}
    if result.due is not None and (kept := facts.get("roadmap.on_time")):
        said.append(f"In {cited(kept)} of futures all runs within the usual time, {result.due:g} weeks.")
    if reserve := facts.get("roadmap.reserve_week"):
        said.append(f"From week {cited(reserve)} on maintenance needs all the time that is kept free for it.")
    left = [
        f"{len(some)} {word}"
        for some, word in (
            (decision.kept, f"{_stays(len(decision.kept))} as today"),
            (decision.later, "is for later" if len(decision.later) == 1 else "are for later"),
        )
        if some
    ]
    if left:
        said.append(f"Not in the plan: {and_list(left)}.")
    return tuple(said)


ROWS = 14
"""Rows of the plan that are drawn: the first ones, and the last to run."""


def timeline(result: Roadmap) -> tuple[Figure, ...]:
    """Draw when each integration is worked on, all preparation in one bar; none where nothing has a place."""
    placed = [item for item in result.items if item.start is not None and item.end is not None]
    done = [item for item in placed if item.kind in ("integration", "retire")]
    before = [item for item in placed if item.kind not in ("integration", "retire", "contract")]
    rows = [_bar(before, "Preparation and repair of data")] if before else []
    rows += [_bar([item], item.label) for item in done]
    if not done:
        return ()
    labels = _unique([row.label for row in rows])
    last = max(rows[-len(done) :], key=lambda row: row.end)
    numbers: Sequence[int] = range(len(rows))
    if len(rows) > ROWS:
        numbers = sorted({*range(ROWS - 1), rows.index(last)})
    drawn = [rows[number] for number in numbers]
    some = f"; of {len(rows)} rows {len(drawn)} are drawn" if len(drawn) < len(rows) else ""
    trace = result.facts[0].sources[:1]
    return (
        Figure(
            id="gantt",
            caption=f"“{last.label}” is the last to run, at the end of week{GAP}{last.end}{some}",
            alt="Bars along weeks: when each integration is worked on, with the end that eight of ten futures keep.",
            plot=gantt(
                [labels[number] for number in numbers],
                [float(row.start) for row in drawn],
                [float(row.end - row.start) for row in drawn],
                late=[float(row.late if row.late is not None else row.end) for row in drawn],
                critical=[labels[number] for number in numbers if rows[number].critical],
                unit="weeks",
            ),
            table=DataTable.of(
                zip(labels, rows, strict=True),
                (
                    ColumnSpec("item", "Item", lambda row: row[0]),
                    ColumnSpec("start", "Start", lambda row: row[1].start, "count"),
                    ColumnSpec("end", "End", lambda row: row[1].end, "count"),
                    ColumnSpec("late", "End in eight of ten futures", lambda row: row[1].late, "count"),
                ),
                id="gantt-data",
                caption="When each is worked on, in weeks from the start",
                trace=trace,
            ),
        ),
    )


class PlanBar(NamedTuple):
    """A bar of the plan: first and last week, and the last in eight of ten futures."""

    label: str
    start: int
    end: int
    late: float | None
    critical: bool


def _bar(items: Sequence[PlanItem], label: str) -> PlanBar:
    late = [item.late[2] for item in items]
    return PlanBar(
        label=label,
        start=min(item.start or 0 for item in items),
        end=max(item.end or 0 for item in items),
        late=None if None in late else max(week or 0.0 for week in late),
        critical=any(item.critical for item in items),
    )


def milestones(result: Roadmap, names: dict[str, str]) -> tuple[DataTable, ...]:
    """Show when what matters is reached, as planned and in eight of ten futures; none where nothing is planned."""
    by_kind = {
        kind: [i for i in result.items if i.kind == kind and i.end is not None]
        for kind in ("gate", "repair", "integration")
    }
    runs = sorted(by_kind["integration"], key=lambda item: item.end or 0)
    wanted = [
        ("What the gates need is done", by_kind["gate"]),
        ("Data repaired", by_kind["repair"]),
        *((f"{word}: {names[id]}", [i for i in runs if i.id == f"build:{id}"])
          for word, id in (("Pilot live", result.pilot), ("First end to end", result.first)) if id in names),
        ("Half of the integrations live", runs[: -(-len(runs) // 2)] if len(runs) > 3 else []),
        ("All live", runs if len(runs) == sum(i.kind == "integration" for i in result.items) else []),
    ]  # fmt: skip
    reached = [_bar(items, label) for label, items in wanted if items]
    if (
        reached and reached[-1].label == "All live" and reached[-1].end == result.end
    ):  # the last of each future, not of each item
        reached[-1] = reached[-1]._replace(late=result.finish[2])
    if not reached:
        return ()
    reached.sort(key=lambda bar: bar.end)
    return (
        DataTable.of(
            reached,
            (
                ColumnSpec("milestone", "Milestone", lambda bar: bar.label),
                ColumnSpec("planned", "As planned", lambda bar: _when(result, bar.end)),
                ColumnSpec("late", "In eight of ten futures", lambda bar: _when(result, bar.late)),
            ),
            id="milestones",
            caption="When what matters is reached",
            trace=result.facts[0].sources[:1],
        ),
    )


def _unique(labels: list[str]) -> list[str]:
    """Number labels that appear again: a chart merges rows of one name.

    >>> _unique(["a", "b", "a"])
    ['a', 'b', 'a (2)']
    """
    seen: dict[str, int] = {}
    found = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        found.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return found


def load(result: Roadmap) -> tuple[Figure, ...]:
    """Draw person-days planned, kept for maintenance and free, by increment."""
    if not result.increments:
        return ()
    trace = next(fact.sources for fact in result.facts if fact.id == "roadmap.capacity")
    labels = [str(item.number) for item in result.increments]
    used = [item.used for item in result.increments]
    free = [max(item.capacity - item.used, 0.0) for item in result.increments]
    kept = [item.gross - item.capacity for item in result.increments]
    busy = sum(used) / max(sum(item.capacity for item in result.increments), 1e-9)
    return (
        Figure(
            id="load",
            caption=f"{busy:.0%} of the capacity for new work is planned",
            alt="Stacked columns by increment: person-days planned, free, and kept for maintenance.",
            plot=charts.columns(
                labels, {"planned": used, "free": free, "kept": kept}, unit="person-days", x_label="increment"
            ),
            table=DataTable.of(
                zip(labels, used, free, kept, strict=True),
                (
                    ColumnSpec("increment", "Increment", lambda row: row[0]),
                    ColumnSpec("used", "Planned", lambda row: row[1], "number", unit="person-days"),
                    ColumnSpec("free", "Free", lambda row: row[2], "number", unit="person-days"),
                    ColumnSpec("kept", "Kept", lambda row: row[3], "number", unit="person-days"),
                ),
                id="load-data",
                caption="Person-days of each increment",
                trace=trace,
            ),
        ),
    )


def order(result: Roadmap) -> DataTable:
    """Show every item in the order of its start."""
    return DataTable.of(
        result.items,
        (
            ColumnSpec("item", "Item", lambda item: item.label, note=_waiting),
            ColumnSpec("kind", "Kind", lambda item: item.kind),
            ColumnSpec("owner", "Owner", lambda item: item.owner),
            ColumnSpec("days", "Effort", lambda i: i.days, "number", unit="person-days"),
            ColumnSpec("start", "Start week", lambda item: item.start, "count"),
            ColumnSpec("end", "End week", lambda item: item.end, "count"),
            ColumnSpec(
                "late",
                "In eight of ten futures",
                lambda item: item.late[2],
                "count",
                low=lambda item: item.late[0],
                high=lambda item: item.late[3],
            ),
            ColumnSpec("priority", "Cost of delay over size", lambda i: i.priority, "number"),
        ),
        id="order",
        caption="What is done in which order, and what it waits for",
        trace=lambda i: i.sources,
    )


def _waiting(item: PlanItem) -> str:
    return f"waits for {count(len(item.after), 'item')}" if item.after else ""


def phases(result: Roadmap) -> DataTable:
    """Show the phases against the published ranges."""
    signs = {"within": "good", "shorter": "partial", "longer": "bad", "unknown": "unknown"}
    trace = result.facts[0].sources
    own = trace[:1]
    return DataTable.of(
        result.phases,
        (
            ColumnSpec("phase", "Phase", lambda phase: phase.label),
            ColumnSpec("weeks", "Weeks", lambda phase: phase.weeks, "count", trace=lambda phase: own),
            ColumnSpec("usual", "Usual, from", lambda phase: phase.low, "count"),
            ColumnSpec("to", "to", lambda phase: phase.high, "count"),
            ColumnSpec(
                "state",
                "State",
                lambda phase: signs[phase.verdict],
                "state",
                note=lambda phase: phase.verdict,
            ),
        ),
        id="phases",
        caption="Phases of the plan against the ranges that are usual",
        trace=lambda phase: phase.sources,
    )


def organisation(result: Roadmap) -> tuple[DataTable, ...]:
    """Show who sets standards and who delivers, where more than one team does."""
    model = result.operating_model
    if model is None or not model.shares:
        return ()
    return (
        DataTable.of(
            model.shares,
            (
                ColumnSpec("who", "Who", lambda share: share.who or "Nobody named yet"),
                ColumnSpec(
                    "does",
                    "Does",
                    lambda share: (
                        "foundations, contracts, templates, catalog, policies"
                        if share.standards
                        else "builds, tests and runs its integrations"
                    ),
                ),
                ColumnSpec(
                    "integrations",
                    "Integrations",
                    lambda share: None if share.standards else len(share.integrations),
                    "count",
                ),
                ColumnSpec("days", "Effort", lambda share: share.days, "number", unit="person-days"),
            ),
            id="organisation",
            caption="Central standards, distributed delivery: who does what of the plan",
            trace=model.sources,
        ),
    )


def needs(result: Roadmap) -> DataTable:
    """Show who is needed, and from when to when."""
    trace = result.facts[0].sources
    own = trace[:1]
    by_skill: dict[str, list[StaffNeed]] = {}
    for need in result.needs:
        by_skill.setdefault(need.skill, []).append(need)
    return DataTable.of(
        by_skill.values(),
        (
            ColumnSpec("skill", "Skill or owner", lambda needs: needs[0].skill),
            ColumnSpec(
                "days", "In all", lambda needs: sum(n.days for n in needs), "number", unit="person-days"
            ),
            ColumnSpec("first", "From increment", lambda needs: min(n.increment for n in needs), "count"),
            ColumnSpec("last", "To increment", lambda needs: max(n.increment for n in needs), "count"),
            ColumnSpec(
                "peak",
                "Most in one increment",
                lambda needs: max(n.days for n in needs),
                "number",
                unit="person-days",
            ),
        ),
        id="needs",
        caption="Who is needed when",
        trace=own,
    )


def changes(result: Roadmap) -> tuple[str, ...]:
    """Say what the pilot proves, who does what, and when the reserve would go."""
    found = [f"The pilot proves: {lower_first(result.pilot_proves)}"] if result.pilot_proves else []
    if result.operating_model:
        found.append(result.operating_model.text)
    pace = next((fact for fact in result.facts if fact.id == "roadmap.full_pace"), None)
    if pace is not None and pace.value is not None:
        found.append(
            f"If the team only built, maintenance would need all the time that is kept free for it after {cited(pace)}."
        )
    return tuple(found)
