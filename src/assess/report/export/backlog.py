"""Work and risks as rows: the risk register, and the backlog for Jira and GitHub."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from assess.core.finding import Severity
from assess.core.numbers import day, quantity
from assess.decisions.assessment import Assessment
from assess.decisions.risk import RiskItem
from assess.decisions.roadmap import PlanItem
from assess.intake.export import csv_text
from assess.report.prose import clean, sentence_case, unlinked

from .plan import KINDS, finished

DAY_HOURS = 8
"""Working hours of a person-day in an estimate: a convention of Jira and Microsoft Project."""


class WorkItem(NamedTuple):
    """Something to do: an item of the roadmap, or an action beside it.

    Parameters
    ----------
    days
        Person-days; None where nobody knows them.
    due
        Day by which the roadmap has it done; None where it plans none.
    after
        Ids of what it waits for.
    """

    id: str
    title: str
    group: str
    body: tuple[str, ...]
    severity: Severity
    owner: str
    days: float | None
    due: dt.date | None
    after: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


BESIDE = "Beside the plan"
"""Group of the actions that the roadmap does not plan."""


def work(assessment: Assessment) -> tuple[WorkItem, ...]:
    """Return all that is to be done, once: the items of the roadmap in their order, then the actions beside it by rank."""
    plan = assessment.roadmap
    items = [_planned(assessment, item) for item in plan.items]
    practices = {item.id.split(":", 2)[2] for item in plan.items if item.kind == "gate"}
    repaired = {item.id.partition(":")[2] for item in plan.items if item.kind == "repair"}
    currency = assessment.engagement.currency
    for action in assessment.actions.actions:
        name = action.id.partition("/")[2]
        if (action.kind == "gate" and name in practices) or (action.kind == "repair" and name in repaired):
            continue
        said = (
            f"Worth {quantity(action.value.likely, currency)} over the horizon ({action.basis})."
            if action.value
            else "The model can't say what it is worth.",
            f"Net of its cost: {quantity(action.net, currency)}." if action.net is not None else "",
            _about(assessment, action.integrations),
        )
        items.append(
            WorkItem(
                action.id, unlinked(action.title).rstrip("."), BESIDE, tuple(filter(None, said)), action.severity, action.owner,
                action.effort.mean if action.effort else None, None, labels=(action.kind,),
            )
        )  # fmt: skip
    return tuple(_distinct(items))


def _distinct(items: Sequence[WorkItem]) -> Iterator[WorkItem]:
    """Yield the items with titles of their own: where several have the same, each says which subject it is about."""
    often = Counter(item.title for item in items)
    for item in items:
        title = item.title
        if often[title] > 1:
            subject = " ".join(part for part in item.id.split("/")[1:] if part) or item.id
            title = f"{title} ({subject})"
        yield item._replace(title=title)


def _planned(assessment: Assessment, item: PlanItem) -> WorkItem:
    plan, currency = assessment.roadmap, assessment.engagement.currency
    late = item.late[2]
    said = [
        f"Each week of waiting costs {quantity(item.delay_cost, currency)}." if item.delay_cost else "",
        f"In eight of ten futures done by {day(finished(plan, late))}."
        if late is not None and plan.start
        else "",
        "On the longest chain: a delay moves the end of the plan." if item.critical else "",
    ]
    if item.kind == "integration":
        decided = assessment.decision.integration(item.id.partition(":")[2])
        where = f" on {decided.platform}" if decided.platform else ""
        said = [f"{sentence_case(decided.choice)} as {item.style}{where}.", *decided.reasons, *said]
    title = unlinked(item.label).rstrip(".")
    if item.kind == "integration":
        title = f"Build {title}"
    return WorkItem(
        item.id, title, KINDS[item.kind], tuple(filter(None, said)), "high" if item.critical else "medium", item.owner,
        item.days, finished(plan, item.end) if item.end is not None and plan.start else None, item.after,
        tuple(filter(None, (item.kind, item.style))),
    )  # fmt: skip


def _about(assessment: Assessment, integrations: Sequence[str]) -> str:
    names = {item.id: item.label for item in assessment.engagement.integrations}
    named = [names[id] for id in integrations if id in names]
    return f"Concerns: {', '.join(named)}." if named else ""


PRIORITIES: Mapping[Severity, str] = {
    "critical": "Highest", "high": "High", "medium": "Medium", "low": "Low", "info": "Lowest",
}  # fmt: skip
"""Names of Jira's default priority scheme."""

JIRA = (
    "Summary", "Issue Type", "Issue Id", "Parent Id", "Description", "Priority", "Labels", "Labels", "Original Estimate",
    "Due Date", "Blocked by", "Owner",
)  # fmt: skip
"""Columns that Jira's importer maps by their names, without punctuation; labels stand in one column each."""


def jira(assessment: Assessment) -> str:
    """Write the backlog for Jira's CSV importer: an epic a kind of work, its tasks below it.

    Estimates are in seconds, as the importer wants them; ``Blocked by`` holds issue ids of the same file.
    """
    items = work(assessment)
    groups = list(dict.fromkeys(item.group for item in items))
    numbers = {item.id: place for place, item in enumerate(items, len(groups) + 1)}
    epics = [
        [group, "Epic", str(place), "", "", "Medium", "", "", "", "", "", ""]
        for place, group in enumerate(groups, 1)
    ]
    tasks = [
        [
            item.title, "Task", str(numbers[item.id]), str(groups.index(item.group) + 1), "\n".join(item.body), PRIORITIES[item.severity],
            *(*item.labels, "", "")[:2], "" if item.days is None else f"{item.days * DAY_HOURS * 3600:.0f}",
            item.due.isoformat() if item.due else "", " ".join(str(numbers[id]) for id in item.after if id in numbers), item.owner,
        ]
        for item in items
    ]  # fmt: skip
    return csv_text(JIRA, ([clean(cell) for cell in row] for row in (*epics, *tasks)))


GITHUB = ("title", "body", "labels", "milestone")


def github(assessment: Assessment) -> str:
    """Write the backlog for GitHub issues: title, body with a task's owner, days and day, labels, and its kind as milestone."""

    def body(item: WorkItem) -> Iterator[str]:
        yield from item.body
        if item.owner:
            yield f"Owner: {item.owner}"
        if item.days is not None:
            yield f"Effort: {quantity(item.days, 'person-days')}"
        if item.due:
            yield f"Due: {item.due.isoformat()}"
        waits = [names[id] for id in item.after if id in names]
        if waits:
            yield f"After: {'; '.join(waits)}"

    items = work(assessment)
    names = {item.id: item.title for item in items}
    rows = (
        [item.title, "\n\n".join(body(item)), ",".join((*item.labels, f"priority:{item.severity}")), item.group]
        for item in items
    )  # fmt: skip
    return csv_text(GITHUB, ([clean(cell) for cell in row] for row in rows))


RISKS = (
    "id", "risk", "category", "basis", "events a year low", "events a year likely", "events a year high", "loss of one event low",
    "loss of one event high", "expected loss a year", "counted in", "already priced as failures a year", "response", "response cost once",
    "response cost a year", "share removed", "saved over the horizon", "net over the horizon", "currency", "owner", "integrations",
)  # fmt: skip


def risks(assessment: Assessment) -> str:
    """Write the risk register, the largest expected loss first; losses of one event are the ends of a 90 % interval."""
    currency = assessment.engagement.currency
    return csv_text(
        RISKS, ([clean(cell) for cell in _risk(item, currency)] for item in assessment.risk.items)
    )


def _risk(item: RiskItem, currency: str) -> list[str]:
    """Return the row of one risk; amounts in whole units of the currency."""
    basis = "measured" if item.measured else "stated" if item.stated else "assumed"
    response = item.mitigation
    told: Sequence[object] = (
        ("", "", "", "", "", "")
        if response is None
        else (
            response.text, f"{response.cost:.0f}", f"{response.running_per_year:.0f}", f"{response.effect:.2f}", f"{response.saved:.0f}",
            f"{response.net:.0f}",
        )
    )  # fmt: skip
    events = item.frequency
    return [
        item.id, item.name, item.category, basis, *(f"{value:.3g}" for value in (events.low, events.likely, events.high)),
        f"{item.severity.low:.0f}", f"{item.severity.high:.0f}", f"{item.ale:.0f}", item.held_by or "losses", f"{item.priced:.0f}",
        *map(str, told), currency, item.owner, "; ".join(item.integrations),
    ]  # fmt: skip
