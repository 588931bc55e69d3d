"""What people answered and what they reported: steps, practices, risks, wishes, incidents."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from assess.core.estimate import Estimate
from assess.core.grants import typed
from assess.core.trust import Allowed
from assess.intake.problem import quote_value

from .landscape import NATIVE, Row, Style, Unit

Counted = Literal["hours-a-day", "hours-a-week", "hours-a-month", "hours-a-year", "posts", "days-a-case"]
"""What a metric can count that benefits save: hours of work in a period, full-time posts, or days of a case."""


class Goal(Row):
    """A business goal, the metric that shows it, and where the metric stands."""

    id: str
    """Short name by which integrations refer to it."""
    goal: str
    """What the business wants, in its own words."""
    metric: str = ""
    """What is measured to see it."""
    unit: str = ""
    """Unit of the metric."""
    counts: Counted | None = None
    """What the metric counts, where it is the work or the days that integrations save: no more is saved than there is today."""
    today: float | None = None
    """Where the metric stands now."""
    target: float | None = None
    """Where it should be."""
    owner: str = ""
    """Who answers for it."""


class Team(Row):
    """Who builds and runs the integrations."""

    people: NonNegativeFloat | None = None
    """Number of people who build and run integrations."""
    teams: PositiveInt | None = None
    """Number of teams among which they are divided."""
    day_rate: Annotated[NonNegativeFloat | None, Unit(name="money")] = None
    """Cost of one person-day, in the engagement's currency."""
    days_per_week: PositiveFloat = 5
    """Working days in a week."""
    focus: float | None = Field(default=None, ge=0, le=1)
    """Share of the working time that goes into integration work."""
    maintenance_reserve: float | None = Field(default=None, ge=0, le=1)
    """Share of the working time that is kept for maintenance."""
    skills: dict[Style, Annotated[float, Field(ge=0, le=1)]] = {}
    """Experience with each style from 0 (none) to 1 (has run it in production for years)."""

    def experience(self, style: Style, unstated: float) -> float:
        """Return the experience with a style, or what stands in for it; a native connector asks none."""
        return 1.0 if style == NATIVE else self.skills.get(style, unstated)


class Constraints(Row):
    """What every solution must respect."""

    residency: tuple[str, ...] = ()
    """Regions in which data may be processed; empty means anywhere."""
    certifications: tuple[str, ...] = ()
    """Certifications that a platform must hold."""
    excluded_styles: tuple[Style, ...] = ()
    """Styles that are ruled out, for whatever reason."""
    budget: Annotated[NonNegativeFloat | None, Unit(name="money")] = None
    """Most that may be spent until all integrations run."""


class DataAccess(Row):
    """What the engagement asks for when its extracts are read; the consultant allows it, see `assess.core.trust`.

    Nothing is read or written because it stands here.
    """

    allow_outside: bool = False
    """Whether it asks for data outside its folder, or behind URLs."""
    memory_limit: str = ""
    """Memory of the engine that it asks for, such as ``4GB``."""
    spill_folder: str = ""
    """Where it asks to put what does not fit into memory."""

    def refused(self, allowance: Allowed) -> tuple[str, ...]:
        """Return what it asks for and was not allowed, a sentence each, with the option that allows it."""
        asked = {
            "allow_outside": (
                self.allow_outside and not allowance.sources,
                "yes",
                "--allow SOURCE, for each place",
            ),
            "memory_limit": (
                self.memory_limit not in ("", allowance.memory),
                self.memory_limit,
                f"--memory {typed(self.memory_limit)}",
            ),
            "spill_folder": (
                bool(self.spill_folder) and not allowance.spill_folder,
                self.spill_folder,
                f"--spill-folder {typed(self.spill_folder)}",
            ),
        }
        place = self.origin.place if self.origin else "engagement.yaml"
        return tuple(
            f'{place}, key data.{key}: asks for "{quote_value(value)}", which an engagement can\'t allow and is not done; '
            f"it is yours to allow: {option if quote_value(value) == value else option.partition(' ')[0]}"
            for key, (refused, value, option) in asked.items()
            if refused
        )


Answer = Literal["unknown", "0", "0.25", "0.5", "0.75", "1"]


class ProcessStep(Row):
    """A step of the value stream."""

    step: str
    """Short name by which other steps refer to it."""
    name: str = ""
    """Name as people say it."""
    role: str = ""
    """Who does it."""
    system: str = ""
    """System in which it is done."""
    process_minutes: Annotated[Estimate | None, Unit(name="minutes")] = None
    """Working time of one case."""
    wait_minutes: Annotated[Estimate | None, Unit(name="minutes")] = None
    """Waiting before the step starts."""
    complete_accurate: float | None = Field(default=None, ge=0, le=1)
    """%C&A: share of the work that arrives at the next step complete and accurate."""
    automated: bool | None = None
    """Whether no person is needed."""
    reentry: bool | None = None
    """Whether data that another system holds is typed in again."""
    decision: bool | None = None
    """Whether the case takes one of several ways from here."""
    next: tuple[str, ...] = ()
    """Steps that follow, with their share at a decision: ``approve:0.8; reject:0.2``."""
    volume: Annotated[Estimate | None, Unit(name="cases/month")] = None
    """Cases a month."""
    integration: str = ""
    """The integration that would replace the hand-over or re-entry."""
    data: str = ""
    """Data that the step depends on."""
    rework_to: str = ""
    """Step to which incomplete work returns; default the step before."""


class ReadinessAnswer(Row):
    """One respondent's answer to one practice of the readiness checklist."""

    practice: str
    """Id of the practice."""
    answer: Answer
    """How far it is true, from 0 (not at all) to 1 (fully); unknown where nobody can say."""
    respondent: str = ""
    """Who said so."""
    evidence: str = ""
    """What shows it: a document, a system, a number."""
    date: dt.date | None = None
    """When it was said."""


class LinkReview(Row):
    """What a person says of two records that were linked by what they say, or may be the same."""

    source: str
    """Table of the source, such as crm.customers."""
    target: str
    """Table of the target, such as erp.customers."""
    source_row: NonNegativeInt
    """Row of the source's record, from 0 below the header."""
    target_row: NonNegativeInt
    """Row of the target's record, from 0 below the header."""
    same: bool | None = None
    """Whether both are the same; empty where nobody has looked yet."""
    source_record: str = Field(default="", exclude=True)
    """What the source's record says; where the extract says something else by now, the answer no longer counts."""
    target_record: str = Field(default="", exclude=True)
    """What the target's record says; likewise."""
    compared: str = Field(default="", exclude=True)
    """Which fields of both are the same, alike or different: also where they are masked."""
    respondent: str = ""
    """Who looked."""
    date: dt.date | None = None
    """When."""


class OwnPractice(Row):
    """A practice that this client adds to the readiness checklist."""

    id: str
    """Short name by which answers, targets and importance refer to it."""
    text: str
    """What is true where it is in place, in one sentence."""
    days: Annotated[Estimate, Unit(name="person-days")]
    """Work to put it in place, person-days."""
    question: str = ""
    """One of the seven questions, such as data-governance, or a question of the client's own."""
    select: float | None = Field(default=None, ge=0, le=1)
    """Answer from which it lets a framework be selected; empty where it does not hold that gate."""
    pilot: float | None = Field(default=None, ge=0, le=1)
    """Answer from which it lets a pilot begin; empty where it does not hold that gate."""
    scale: float | None = Field(default=None, ge=0, le=1)
    """Answer from which it lets all integrations follow; empty where it does not hold that gate."""
    owner: str = ""
    """Who puts it in place."""
    action: str = ""
    """What to do; default to put in place what the text says."""


class RiskRow(Row):
    """A risk as the client sees it."""

    id: str
    """Short name."""
    name: str = ""
    """What could happen."""
    category: str = ""
    """scope, data-quality, lock-in, testing, or the client's own word."""
    frequency: Annotated[Estimate | None, Unit(name="events/year")] = None
    """Events a year."""
    loss_low: Annotated[NonNegativeFloat | None, Unit(name="money")] = None
    """Lower limit of the 90 % interval of the loss of one event."""
    loss_high: Annotated[NonNegativeFloat | None, Unit(name="money")] = None
    """Upper limit of the 90 % interval of the loss of one event."""
    styles: tuple[Style, ...] = ()
    """Styles that it threatens; empty means all."""
    integrations: tuple[str, ...] = ()
    """Integrations that carry it; empty means all."""
    mitigation: str = ""
    """What would reduce it."""
    mitigation_cost: Annotated[NonNegativeFloat | None, Unit(name="money")] = None
    """What that costs once."""
    mitigation_cost_per_year: Annotated[NonNegativeFloat | None, Unit(name="money/year")] = None
    """What keeping it up costs a year; default a share of what it costs once."""
    mitigation_effect: float | None = Field(default=None, ge=0, le=1)
    """Share of the expected loss that the mitigation removes."""
    owner: str = ""
    """Who answers for it."""


class ChangeRequest(Row):
    """A wish that came up after the scope was set."""

    id: str
    """Short name."""
    title: str = ""
    """What is wished."""
    integration: str = ""
    """Integration that it changes; empty for a new one."""
    effort_days: Annotated[Estimate | None, Unit(name="person-days")] = None
    """Work that it takes."""
    risk: Literal["low", "medium", "high"] | None = None
    """How likely it breaks what works."""
    benefit_per_year: Annotated[Estimate | None, Unit(name="money/year")] = None
    """What it brings."""
    requested_by: str = ""
    """Who wishes it."""
    date: dt.date | None = None
    """When it was wished."""


class Incident(Row):
    """A failure of an integration that somebody dealt with."""

    id: str
    """Number or short name."""
    integration: str = ""
    """Integration that failed."""
    started: dt.datetime | None = None
    """When it began to fail."""
    detected: dt.datetime | None = None
    """When somebody noticed."""
    resolved: dt.datetime | None = None
    """When it worked again, for the last time; empty while it does not."""
    paused_hours: Annotated[NonNegativeFloat | None, Unit(name="hours")] = None
    """Hours in which it waited for somebody else, such as a supplier; they count as no work on it."""
    severity: Literal["low", "medium", "high", "critical"] | None = None
    """How bad it was."""
    reopened: NonNegativeInt | None = None
    """How many times it came back."""
    description: str = ""
    """What happened."""


class RunName(Row):
    """What the run logs call an integration: the name of a recipe, a process, a route or a span."""

    name: str
    """The name as the log writes it; * stands for any letters, as in POST /orders/*."""
    integration: str
    """Integration whose runs these are."""


class LogColumn(Row):
    """What a column of a run log means, or a word in its status column, where the tool's own name does not say so."""

    file: str = ""
    """Run log that it is about, as operations/runs.csv; * stands for any letters; empty for all."""
    found: str
    """Name of the column as the file writes it; or a word of its status column."""
    meaning: Literal[
        "integration", "run_id", "started", "finished", "status", "records", "bytes", "latency", "attempt", "trigger",
        "error", "parent", "nothing", "success", "warning", "failed", "running", "skipped",
    ]  # fmt: skip
    """What it means; nothing: it is not to be read; success to skipped: what the word of a status means."""
    form: str = ""
    """How it is written: dmy or mdy for days, ns, us, ms, s, min, clock (hh:mm:ss) or iso (PT5M) for a latency."""
