"""What the value stream shows: steps, lead time, waste, what re-entry costs, the future state, and its benefits."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from assess.core.estimate import Estimate, total
from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact
from assess.intake.engagement.landscape import Yearly

WasteKind = Literal["waiting", "defects", "overprocessing", "transport"]
"""Of Ohno's seven wastes those that a flow of information shows: waiting, rework, re-entry, hand-offs."""

BenefitKind = Literal["cashable", "capacity"]
"""What a benefit is to the client: money, or hours of people who are paid anyway."""


class StepMeasure(Record):
    """One step, measured where a log shows it, stated otherwise.

    Parameters
    ----------
    basis
        ``measured`` where process or waiting time come from an event log.
    reached
        Probability that a case passes it, without loops and rework.
    visits
        Expected visits of a case, loops and rework included.
    process, wait
        Working minutes of one visit, and minutes of waiting before it; None where nobody said.
    cases
        Cases a month that pass it.
    load
        People who are busy with it all the time: work a month over working time of one person.
    critical
        Whether it lies on the critical path.
    """

    step: str
    name: str
    role: str
    system: str
    basis: Literal["stated", "measured"]
    reached: float
    visits: float
    process: Estimate | None
    wait: Estimate | None
    complete_accurate: float | None
    cases: Estimate | None
    load: Estimate | None
    critical: bool
    automated: bool | None
    reentry: bool | None
    decision: bool | None
    integration: str
    next: dict[str, float] = {}


class HandOff(Record):
    """A hand-over from one role or system to another."""

    before: str
    after: str
    roles: tuple[str, str] | None
    systems: tuple[str, str] | None


class Waste(Record):
    """Time that adds no value, for one case, with its price a year."""

    kind: WasteKind
    label: str
    minutes_per_case: Estimate | None
    count: int
    per_year: Estimate | None
    steps: tuple[str, ...]


class ReEntry(Record):
    """Data that is typed in again, and what that costs."""

    step: str
    name: str
    integration: str
    hours_per_year: Estimate | None
    per_year: Estimate | None


class Flow(Record):
    """The stream in one state: today, or with integrations applied.

    Parameters
    ----------
    integrations
        Those applied so far; empty for today.
    lead_time
        Working minutes on the critical path, first pass.
    lead_time_with_rework
        The same with loops and rework, expected.
    process_time
        Working minutes of process on the same path.
    activity_ratio
        Process time / lead time of the likely case; at most 1.
    rolled
        Product of the stated %C&A of the steps that a case passes; None where no step states one.
    elapsed_days
        Calendar days of a case that enters at the opening of the reference day, likely case, first pass.
    days
        Calendar days of the expected case in the long run: ``lead_time`` over the working share of the clock.
    manual_hours
        Hours a year of manual work in the stream; None where volumes or times are missing.
    benefit
        Money a year over today's state; None for today or where it can't be priced.
    """

    integrations: tuple[str, ...]
    lead_time: Estimate
    lead_time_with_rework: Estimate
    process_time: Estimate
    activity_ratio: float | None
    rolled: float | None
    elapsed_days: float
    days: float
    manual_hours: Estimate | None
    benefit: Estimate | None = None


class ActivityMeasure(Record):
    """What a log shows of one activity or state: P10 / median / P90 of its passes.

    Parameters
    ----------
    timed
        Passes whose begin and end are known.
    work_hours, wait_hours
        Of all passes together: where the time goes, which medians do not say.
    work_mean, wait_mean
        Minutes a pass.
    position
        How many passes come before its first one in the cases that pass it, on average.
    """

    activity: str
    cases: int
    passes: int
    resources: int
    process_minutes: Estimate | None
    wait_minutes: Estimate | None
    timed: int = 0
    work_hours: float | None = None
    wait_hours: float | None = None
    work_mean: float | None = None
    wait_mean: float | None = None
    position: float = 0.0


class Transition(Record):
    """How often one activity directly follows another."""

    before: str
    after: str
    count: int
    share: float


class Variant(Record):
    """An order of passes, with the cases that take it and the median hours of those that finish."""

    path: tuple[str, ...]
    cases: int
    share: float
    lead_hours: float | None


class LeadMonth(Record):
    """Cases that ended in a month, and their median lead time in hours."""

    month: str
    cases: int
    hours: float


class LogMeasures(Record):
    """What an event log shows; lead times of finished cases only, P10 / median / P90.

    Parameters
    ----------
    resolved, unresolved
        Cases that reached a state that ends them, and those that never did.
    lead_hours_without_outside
        Lead time less the states in which the case waited for somebody outside; None where there is no such state.
    lead_hours_to_last, reopened
        Lead time to the last end, and how many cases went on after their first one; None and 0 where none did.
    variants, commonest
        How many different orders of passes there are, and the commonest. ``main_path`` is the order that most cases take,
        a label that follows itself counted once, ``main_cases`` of them.
    rework_share
        Share of the cases that pass an activity more than once.
    handoffs_per_case
        Changes of the resource between two passes; None where the log names none.
    work_hours, wait_hours
        Of all passes together, work in working hours where the calendar describes the log; None where no begin is known.
    work_share
        Share of work in work and waiting, both by the clock.
    lead_trend, lead_trend_chance
        Kendall's tau of lead time against the moment of the end, above zero where it grows, and the two-sided
        probability of so much by chance; None below 20 cases or three months.
    inside_hours
        Share of the events within the working calendar; below one half, process time is elapsed time.
    """

    name: str
    events: int
    dropped: int
    cases: int
    resolved: int
    unresolved: int
    basis: str
    first: str
    last: str
    lead_hours: Estimate | None
    lead_hours_without_outside: Estimate | None
    inside_hours: float
    activities: tuple[ActivityMeasure, ...]
    transitions: tuple[Transition, ...]
    variants: int
    main_path: tuple[str, ...]
    main_cases: int
    lead_hours_to_last: Estimate | None = None
    reopened: int = 0
    lead_mean_hours: float | None = None
    commonest: tuple[Variant, ...] = ()
    rework_share: float = 0.0
    handoffs_per_case: float | None = None
    work_hours: float | None = None
    wait_hours: float | None = None
    work_share: float | None = None
    months: tuple[LeadMonth, ...] = ()
    lead_trend: float | None = None
    lead_trend_chance: float | None = None

    @property
    def table(self) -> pd.DataFrame:
        """One row an activity."""
        rows = [
            (a.activity, a.cases, a.passes, a.resources, _likely(a.process_minutes), _likely(a.wait_minutes))
            for a in self.activities
        ]
        names = ["activity", "cases", "passes", "resources", "process_minutes", "wait_minutes"]
        return pd.DataFrame(rows, columns=names)


class ValueStream(Record):
    """Where the process loses time and accuracy, and what integrations would give back.

    Parameters
    ----------
    current
        None where no steps were supplied.
    future
        One state for each integration applied, in their order, each on top of those before.
    critical_path
        Steps of the longest parallel path and the likeliest branches.
    bottleneck
        Step that keeps most people busy; None where volumes or times are missing.
    benefits, remedies
        What the integrations bring a year; and what repairing steps would save on top, which no integration removes.
    takt
        Working minutes of one person between two cases: what one person may spend on a case.
    """

    steps: tuple[StepMeasure, ...] = ()
    current: Flow | None = None
    future: tuple[Flow, ...] = ()
    critical_path: tuple[str, ...] = ()
    bottleneck: str | None = None
    takt: float | None = None
    handoffs: tuple[HandOff, ...] = ()
    wastes: tuple[Waste, ...] = ()
    reentries: tuple[ReEntry, ...] = ()
    benefits: tuple[Yearly, ...] = ()
    remedies: tuple[Yearly, ...] = ()
    logs: tuple[LogMeasures, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row a step, times of the likely case in minutes."""
        rows = [
            (s.step, s.name, s.role, s.system, s.basis, _likely(s.process), _likely(s.wait), s.complete_accurate,
             s.reached, s.visits, _likely(s.cases), _likely(s.load), s.critical, s.reentry, s.integration)
            for s in self.steps
        ]  # fmt: skip
        names = ["step", "name", "role", "system", "basis", "process_minutes", "wait_minutes", "complete_accurate",
                 "reached", "visits", "cases_per_month", "people_busy", "critical", "reentry", "integration"]  # fmt: skip
        return pd.DataFrame(rows, columns=names)

    def worth(self, kind: BenefitKind) -> Estimate | None:
        """Return what all benefits of a kind bring a year; None where there is none."""
        parts = [benefit.per_year for benefit in self.benefits if benefit.kind == kind]
        return total(parts) if parts else None


def _likely(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.likely
