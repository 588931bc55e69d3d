"""The roadmap for planning tools: Microsoft Project's XML (MSPDI), and CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import count
from xml.etree import ElementTree as ET

from assess.core.numbers import day
from assess.decisions.assessment import Assessment
from assess.decisions.roadmap import PlanItem, Roadmap
from assess.intake.export import csv_text
from assess.report.prose import clean, unlinked

from . import NotExported

KINDS: Mapping[str, str] = {
    "gate": "Gates", "foundation": "Foundations", "contract": "Contracts", "repair": "Repairs of data",
    "integration": "Integrations", "retire": "Retirements",
}  # fmt: skip
"""Kinds of work as the groups of a plan are called, in their order."""

NAMESPACE = "http://schemas.microsoft.com/project"
MORNING, EVENING = dt.time(8), dt.time(17)
"""First and last minute of a working day: eight hours and a break, the standard calendar of Microsoft Project."""


def finished(plan: Roadmap, weeks: float) -> dt.date:
    """Return the last working day of an item that ends after so many weeks of the plan."""
    last = _start(plan) + dt.timedelta(days=round(7 * weeks) - 1)
    return last - dt.timedelta(days=max(last.weekday() - 4, 0))


def _start(plan: Roadmap) -> dt.date:
    """Return the first day of the plan.

    Raises
    ------
    NotExported
        If nothing is planned, or nobody said when.
    """
    if plan.start is None:
        raise NotExported("the plan has no first day: state start or date in engagement.yaml")
    return plan.start


def _placed(plan: Roadmap) -> tuple[PlanItem, ...]:
    placed = tuple(item for item in plan.items if item.start is not None and item.end is not None)
    if not placed:
        raise NotExported(
            "nothing is planned: "
            + (plan.missing[0].supply if plan.missing else "the decision moves no integration")
        )
    return placed


ROADMAP = ("id", "item", "kind", "style", "owner", "start", "finish", "finish in 8 of 10 futures", "person-days", "after", "longest chain")  # fmt: skip


def roadmap(assessment: Assessment) -> str:
    """Write the roadmap, a row an item in the order of their start, as CSV."""
    plan = assessment.roadmap
    rows = []
    for item in _placed(plan):
        first, last = _span(plan, item)
        late = item.late[2]
        rows.append([
            item.id, unlinked(item.label), item.kind, item.style, item.owner, first.isoformat(), last.isoformat(),
            finished(plan, late).isoformat() if late is not None else "beyond the plan", f"{item.days:.1f}", "; ".join(item.after),
            "yes" if item.critical else "no",
        ])  # fmt: skip
    return csv_text(ROADMAP, ([clean(cell) for cell in row] for row in rows))


def _span(plan: Roadmap, item: PlanItem) -> tuple[dt.date, dt.date]:
    return _start(plan) + dt.timedelta(weeks=item.start or 0), finished(plan, item.end or 0)


def msproject(assessment: Assessment) -> str:
    """Write the roadmap as MSPDI: tasks with days, predecessors and owners, below one summary a kind of work.

    A task starts no earlier than the roadmap has it start; its work is the person-days of the plan, its note says by when it is
    done in eight of ten futures.
    """
    engagement, plan = assessment.engagement, assessment.roadmap
    placed = _placed(plan)
    root = ET.Element("Project", xmlns=NAMESPACE)
    end = max(_span(plan, item)[1] for item in placed)
    _put(root, SaveVersion=14, Name=f"{engagement.client} roadmap.xml", Title=engagement.title or "Integration roadmap",
         ScheduleFromStart=1, StartDate=_moment(_start(plan), MORNING), FinishDate=_moment(end, EVENING), CalendarUID=1,
         DefaultStartTime="08:00:00", DefaultFinishTime="17:00:00", MinutesPerDay=480, MinutesPerWeek=2400, DaysPerMonth=20,
         CurrencyCode=engagement.currency)  # fmt: skip
    _calendar(root)
    tasks, resources, assignments = (
        ET.SubElement(root, name) for name in ("Tasks", "Resources", "Assignments")
    )
    numbers = count(1)
    groups = {
        kind: [item for item in placed if item.kind == kind]
        for kind in KINDS
        if any(item.kind == kind for item in placed)
    }
    uids: dict[str, int] = {}
    for kind, items in groups.items():
        uids[kind] = next(numbers)
        uids |= {item.id: next(numbers) for item in items}
    owners = {name: place for place, name in enumerate(dict.fromkeys(item.owner or "nobody yet" for item in placed), 1)}  # fmt: skip
    for name, place in owners.items():
        _put(ET.SubElement(resources, "Resource"), UID=place, ID=place, Name=name, Type=1)
    for number, (kind, items) in enumerate(groups.items(), 1):
        spans = [_span(plan, item) for item in items]
        _task(tasks, uids[kind], KINDS[kind], f"{number}", 1, (min(s for s, _ in spans), max(e for _, e in spans)), summary=True)  # fmt: skip
        for place, item in enumerate(items, 1):
            task = _task(tasks, uids[item.id], unlinked(item.label), f"{number}.{place}", 2, _span(plan, item), note=_note(plan, item), days=item.days)  # fmt: skip
            for before in item.after:
                if before in uids:
                    _put(ET.SubElement(task, "PredecessorLink"), PredecessorUID=uids[before], Type=1)
            _put(ET.SubElement(assignments, "Assignment"), UID=uids[item.id], TaskUID=uids[item.id],
                 ResourceUID=owners[item.owner or "nobody yet"], Work=_hours(item.days))  # fmt: skip
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + ET.tostring(root, "unicode") + "\n"


def _task(
    tasks: ET.Element, uid: int, name: str, outline: str, level: int, span: tuple[dt.date, dt.date], *, summary: bool = False, note: str = "", days: float | None = None,
) -> ET.Element:  # fmt: skip
    first, last = span
    worked = sum((first + dt.timedelta(n)).weekday() < 5 for n in range((last - first).days + 1))
    task = ET.SubElement(tasks, "Task")
    _put(task, UID=uid, ID=uid, Name=name, Type=1, OutlineNumber=outline, OutlineLevel=level, Start=_moment(first, MORNING),
         Finish=_moment(last, EVENING), Duration=_hours(worked), DurationFormat=7)  # fmt: skip
    if days is not None:
        _put(task, Work=_hours(days))
    _put(task, Milestone=0, Summary=int(summary))
    if not summary:
        _put(task, ConstraintType=4, ConstraintDate=_moment(first, MORNING))
    if note:
        _put(task, Notes=note)
    return task


def _note(plan: Roadmap, item: PlanItem) -> str:
    late = item.late[2]
    said = [f"In eight of ten futures done by {day(finished(plan, late))}." if late is not None else ""]
    said.append("On the longest chain: a delay moves the end of the plan." if item.critical else "")
    return " ".join(filter(None, said))


def _calendar(root: ET.Element) -> None:
    """Add the standard calendar: Monday to Friday, 8 to 12 and 13 to 17."""
    calendar = ET.SubElement(ET.SubElement(root, "Calendars"), "Calendar")
    _put(calendar, UID=1, Name="Standard", IsBaseCalendar=1)
    days = ET.SubElement(calendar, "WeekDays")
    for kind in range(1, 8):
        weekday = ET.SubElement(days, "WeekDay")
        working = 2 <= kind <= 6
        _put(weekday, DayType=kind, DayWorking=int(working))
        if working:
            times = ET.SubElement(weekday, "WorkingTimes")
            for begins, ends in (("08:00:00", "12:00:00"), ("13:00:00", "17:00:00")):
                _put(ET.SubElement(times, "WorkingTime"), FromTime=begins, ToTime=ends)


def _put(parent: ET.Element, **values: object) -> None:
    """Add elements that hold a text each, in the order in which the schema wants them."""
    for name, value in values.items():
        ET.SubElement(parent, name).text = clean(str(value))


def _moment(date: dt.date, time: dt.time) -> str:
    return dt.datetime.combine(date, time).isoformat()


def _hours(days: float) -> str:
    """Write working days of eight hours as MSPDI does."""
    minutes = round(days * 480)
    return f"PT{minutes // 60}H{minutes % 60}M0S"
