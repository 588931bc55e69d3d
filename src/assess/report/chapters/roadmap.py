"""Chapter 9: in which order, by when, with whom."""

from __future__ import annotations

from assess.decisions.assessment import Assessment
from assess.decisions.decision import Decision, IntegrationDecision
from assess.decisions.roadmap import PlanItem, Roadmap, StaffNeed
from assess.intake.engagement.landscape import STYLE_NAMES
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.charts.timelines import gantt
from assess.report.figure import Figure
from assess.report.prose import and_list, count, resolve
from assess.report.tables import ColumnSpec, DataTable


def roadmap(assessment: Assessment) -> Chapter:
    """Say what is done when, by whom, how surely, and when the maintenance reserve is used up."""
    result = assessment.roadmap
    shell = Chapter(
        number=9,
        key="roadmap",
        title="Roadmap",
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
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result, names, assessment.decision),
            "subject": f"{count(len(result.items), 'item')} in {count(len(result.increments), 'increment')} of two weeks",
            "facts": result.facts,
            "headline": tuple(f.id for f in result.facts if f.id in HEADLINE and f.value is not None),
            "figures": (timeline(result), *load(result)),
            "tables": (
                order(result),
                phases(result),
                *organisation(result),
                *programme(assessment),
                increments(result),
                needs(result),
            ),
            "findings": result.findings,
            "changes": changes(result),
        }
    )
    known = chapter.evidence()
    return Chapter.model_validate(
        chapter.model_copy(update={"sources": resolve(assessment.engagement, known)})
    )


HEADLINE = ("roadmap.end", "roadmap.p80", "roadmap.on_time", "roadmap.reserve_week")


def untouched(decision: Decision) -> str:
    """Say that nothing is planned because the decision begins nothing; empty where it begins something or decides nothing."""
    if decision.programme or decision.retired or not (decision.kept or decision.later):
        return ""
    text = f"Nothing is planned: {count(len(decision.kept), 'integration')} {_stays(len(decision.kept))} as today"
    more = f", {count(len(decision.later), 'other')} {'is' if len(decision.later) == 1 else 'are'} for later"
    return text + (more if decision.later else "") + "."


def _stays(number: int) -> str:
    return "stays" if number == 1 else "stay"


def verdict(result: Roadmap, names: dict[str, str], decision: Decision) -> str:
    """Answer in a few sentences."""
    start = ""
    if result.pilot:
        start = f"Pilot “{names[result.pilot]}”, "
    if result.first:
        others = ", before any other" if len(result.programme) > 1 else ""
        start += f"{'then' if start else 'Begin with'} “{names[result.first]}” end to end{others}. "
    if result.end is None:
        return f"{start}{count(len(result.unplaced), 'item')} fit nowhere: maintenance takes the capacity."
    late = result.finish[2]
    sure = (
        f"{late:.0f} weeks in eight of ten futures"
        if late is not None
        else "no date holds in eight of ten futures"
    )
    text = f"{start}The programme runs after {result.end} weeks as planned; {sure}."
    if result.reserve_week is not None:
        text += f" Maintenance needs the whole reserve from week {result.reserve_week} on."
    elif result.reserve_at_full_pace is not None:
        text += " Maintenance stays within the reserve."
    left = [
        *(
            [f"{count(len(decision.kept), 'integration')} {_stays(len(decision.kept))} as today"]
            if decision.kept
            else []
        ),
        *(
            [f"{len(decision.later)} {'is' if len(decision.later) == 1 else 'are'} for later"]
            if decision.later
            else []
        ),
    ]
    return text + (f" Not in the plan: {and_list(left)}." if left else "")


def timeline(result: Roadmap) -> Figure:
    """Draw foundations, repairs and integrations along time."""
    shown = [i for i in result.items if i.kind not in ("gate", "contract") and i.start is not None]
    ends = [float(item.end or 0) for item in shown]
    starts = [float(item.start or 0) for item in shown]
    late = [item.late[2] if item.late[2] is not None else end for item, end in zip(shown, ends, strict=True)]
    labels = _unique([item.label for item in shown])
    critical = [label for label, item in zip(labels, shown, strict=True) if item.critical]
    trace = result.facts[0].sources
    own = trace[:1]
    return Figure(
        id="gantt",
        caption=f"The plan ends after {result.end} weeks"
        if result.end is not None
        else "Not everything can be planned",
        alt="Bars along weeks: when each item is worked on, with the end that eight of ten futures keep.",
        plot=gantt(
            labels,
            starts,
            [end - start for start, end in zip(starts, ends, strict=True)],
            late=late,
            critical=critical,
            unit="weeks",
        ),
        table=DataTable.of(
            zip(labels, shown, strict=True),
            (
                ColumnSpec("item", "Item", lambda row: row[0]),
                ColumnSpec("start", "Start", lambda row: row[1].start, "count"),
                ColumnSpec("end", "End", lambda row: row[1].end, "count"),
                ColumnSpec("late", "End in eight of ten futures", lambda row: row[1].late[2], "count"),
            ),
            id="gantt-data",
            caption="When each item is worked on, in weeks from the start",
            trace=own,
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


VERBS = {"build": "build", "buy": "buy", "retire": "retire"}


def programme(assessment: Assessment) -> tuple[DataTable, ...]:
    """Show what of the decision is done, when it runs, and what it gains: the decision's own numbers."""
    done = [
        item
        for item in assessment.dated_decision.integrations
        if item.choice in VERBS and item.timing != "not"
    ]
    if not done:
        return ()
    unit = assessment.engagement.currency
    return (
        DataTable.of(
            done,
            (
                ColumnSpec("integration", "Integration", lambda i: i.label),
                ColumnSpec("what", "Decided", _decided),
                ColumnSpec("when", "Runs from", _when),
                ColumnSpec("benefit", "Brings", lambda i: i.benefit, "money"),
                ColumnSpec("cost", "Costs", lambda i: i.cost, "money"),
                ColumnSpec(
                    "net",
                    "Gains against today",
                    lambda i: i.net.mean if i.net else None,
                    "money",
                    low=lambda i: i.net.low if i.net else None,
                    high=lambda i: i.net.high if i.net else None,
                ),
            ),
            id="programme",
            caption="The programme of the decision: expected values over the horizon, and eight of ten futures",
            trace=lambda i: i.sources,
            currency=unit,
        ),
    )


def _decided(item: IntegrationDecision) -> str:
    style = f" as {STYLE_NAMES[item.style]}" if item.style and item.choice == "build" else ""
    return f"{VERBS[item.choice]}{style}" + (
        f": {item.platform}" if item.platform and item.choice == "buy" else ""
    )


def _when(item: IntegrationDecision) -> str:
    if item.timing == "later":
        return "later"
    return item.date.isoformat() if item.date else "not dated"


def increments(result: Roadmap) -> DataTable:
    """Show what each increment offers, keeps and plans."""
    trace = next(fact.sources for fact in result.facts if fact.id == "roadmap.capacity")
    labels = {item.id: item.label for item in result.items}
    return DataTable.of(
        result.increments,
        (
            ColumnSpec("increment", "Increment", lambda item: f"increment {item.number}"),
            ColumnSpec("start", "From", lambda item: item.start.isoformat() if item.start else ""),
            ColumnSpec("capacity", "Capacity", lambda item: item.capacity, "number", unit="person-days"),
            ColumnSpec("used", "Planned", lambda item: item.used, "number", unit="person-days"),
            ColumnSpec(
                "maintenance", "Maintenance", lambda item: item.maintenance, "number", unit="person-days"
            ),
            ColumnSpec("items", "Worked on", lambda item: "; ".join(labels[id] for id in item.items)),
        ),
        id="increments",
        caption="Increments of two weeks: person-days for new work, and what is worked on",
        trace=trace,
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
    found = [f"The pilot proves: {result.pilot_proves}"] if result.pilot_proves else []
    if result.operating_model:
        found.append(result.operating_model.text)
    if result.reserve_at_full_pace is not None:
        found.append(
            f"If the team only built, maintenance would need the whole reserve after {result.reserve_at_full_pace:.0f} weeks."
        )
    return tuple(found)
