"""The engagement: everything that the client told us, as one frozen object."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from . import reads
from .assumptions import Assumptions
from .estimate import Estimate
from .problem import masked
from .record import Record
from .source import Source

Style = Literal["api-first", "event-driven", "ipaas", "file-exchange", "api-facade", "database-access"]
"""How an integration can be built. ``hybrid`` is no style: it is an assignment of integrations to styles."""

Share = float
"""A number from 0 to 1; the loader also reads ``35 %``."""

Criticality = Literal["low", "medium", "high", "critical"]
Interface = Literal["rest", "soap", "graphql", "grpc", "events", "webhook", "file", "database", "ui", "none"]
Interaction = Literal["request-reply", "notify-many", "bulk"]
StyleToday = Literal[
    "none",
    "manual",
    "file-exchange",
    "database-access",
    "point-to-point",
    "api-first",
    "event-driven",
    "ipaas",
]
Answer = Literal["unknown", "0", "0.25", "0.5", "0.75", "1"]


@dataclass(frozen=True)
class Unit:
    """The unit of a column, as metadata of its annotation; ``money`` stands for the engagement's currency."""

    name: str


class Row(Record):
    """A row of the engagement that knows which row it is; its fields' docstrings are the help of the columns."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    origin: Source = Field(default=Source(kind="input", place="engagement"), repr=False)

    def said(self, column: str) -> Source:
        """Return the source of one of the row's values: the same file and row, this column."""
        return self.origin.model_copy(update={"column": column})


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
    """How extracts may be read."""

    allow_outside: bool = False
    """Whether data paths may leave the engagement folder, or be URLs."""
    memory_limit: str = ""
    """Memory of the engine, such as ``4GB``; default a quarter of the machine."""
    spill_folder: str = ""
    """Where the engine puts what does not fit into memory; default a temporary folder."""


class Table(Record):
    """An extract of one entity of a system."""

    system: str
    entity: str
    location: str
    """Path relative to the engagement folder, absolute path or URL."""

    @property
    def name(self) -> str:
        """``system.entity``, or the system alone where it has one unnamed table."""
        return f"{self.system}.{self.entity}" if self.entity else self.system

    @property
    def shown(self) -> str:
        """Its location without the password of a URL: what may be printed."""
        return masked(self.location)


class System(Row):
    """An application whose data or functions are to be integrated."""

    id: str
    """Short name by which the other tables refer to it."""
    name: str = ""
    """Name as people say it."""
    owner: str = ""
    """Who answers for its data."""
    kind: str = ""
    """CRM, billing, support, e-commerce, warehouse ..."""
    vendor: str = ""
    """Who makes it."""
    interfaces: tuple[Interface, ...] = ()
    """What can be reached; empty means not stated, ``none`` means none."""
    tables: tuple[Table, ...] = ()
    """Extracts of its tables: a path within the engagement folder, or entity=path for each."""
    personal_data: bool | None = None
    """Whether it holds data about people."""
    residency: str = ""
    """Region in which its data must stay."""
    connectors: tuple[str, ...] = ()
    """Platforms that ship a ready connector for it."""
    team: str = ""
    """Team that runs it."""


class Integration(Row):
    """One directed connection, source system to target system. None means not stated."""

    id: str
    """Short name by which the other tables refer to it."""
    source: str
    """System that gives."""
    target: str
    """System that takes."""
    name: str = ""
    """Name as people say it; default source and target."""
    process: str = ""
    """Business process to which it belongs."""
    entity: str = ""
    """What moves (customers, orders ...): names the tables of both systems that are compared."""
    style_today: StyleToday | None = None
    """How it is done today; none where it does not exist."""
    interaction: Interaction | None = None
    """Whether the target asks and waits, many are notified, or records move in bulk."""
    volume: Annotated[Estimate | None, Unit(name="messages/month")] = None
    """Messages a month."""
    growth: Annotated[float | None, Unit(name="share")] = Field(default=None, ge=-1)
    """Growth of the volume a year, as a share."""
    peak_per_second: Annotated[NonNegativeFloat | None, Unit(name="messages/second")] = None
    """Messages in the busiest second."""
    message_kb: Annotated[NonNegativeFloat | None, Unit(name="kB")] = None
    """Size of a message."""
    latency_seconds: Annotated[NonNegativeFloat | None, Unit(name="seconds")] = None
    """Latest useful arrival after the change in the source."""
    consumers: NonNegativeInt | None = None
    """Number of systems that take what moves."""
    criticality: Criticality | None = None
    """What a day without it would mean."""
    changes_per_year: Annotated[Estimate | None, Unit(name="changes/year")] = None
    """How often its interface or mapping changes."""
    customisation: float | None = Field(default=None, ge=0, le=1)
    """Share of the logic that is specific to this client."""
    coverage: float | None = Field(default=None, ge=0, le=1)
    """Share of the work that a platform's ready connectors cover."""
    governance: Literal["low", "medium", "high"] | None = None
    """How much control and evidence auditors ask for."""
    partner: bool | None = None
    """Whether the other side is another company."""
    personal_data: bool | None = None
    """Whether data about people moves."""
    contract: str = ""
    """Its contract: a file under contracts/."""
    owner: str = ""
    """Who answers for it."""
    goals: tuple[str, ...] = ()
    """Ids of the goals that it serves."""
    build_days: Annotated[Estimate | None, Unit(name="person-days")] = None
    """Effort to build it by hand, person-days."""

    @property
    def label(self) -> str:
        """Its name, or source to target and entity."""
        return self.name or f"{self.source} → {self.target}" + (f" ({self.entity})" if self.entity else "")


class Step(Row):
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
    """When it worked again; empty while it does not."""
    severity: Literal["low", "medium", "high", "critical"] | None = None
    """How bad it was."""
    reopened: NonNegativeInt | None = None
    """How many times it came back."""
    description: str = ""
    """What happened."""


class InputFile(Record):
    """A file of the engagement with its fingerprint."""

    path: str
    sha256: str
    bytes: int


class Engagement(Row):
    """Everything that the client told us.

    Made by `assess.intake.load`; every tuple is empty where its table was not supplied.
    """

    folder: Path
    client: str
    """Name of the client."""
    title: str = ""
    """What the report is called."""
    date: dt.date | None = None
    """Day on which the answers were given; "today" of the report."""
    currency: str = "EUR"
    """ISO 4217 code of every amount."""
    money: Literal["real", "nominal"] = "real"
    """Whether amounts are in prices of today (real) or grow with inflation (nominal)."""
    discount_rate: float | None = Field(default=None, ge=0, lt=1)
    """A year; real or nominal as ``money`` says."""
    inflation: float | None = Field(default=None, gt=-1, lt=1)
    """A year; turns nominal amounts into real ones and the reverse."""
    exchange_rates: dict[str, PositiveFloat] = {}
    """Price of one unit of a foreign currency in the engagement's currency, such as ``USD: 0.92``."""
    horizon_years: int = Field(default=5, ge=1, le=15)
    """Years over which costs are compared."""
    start: dt.date | None = None
    """First day on which work can start."""
    time_zone: str = "UTC"
    """IANA name of the zone in which the process works, such as ``Europe/Berlin``."""
    holidays: tuple[str, ...] = ()
    """Days on which the process does not work, such as ``2026-12-25``."""
    team: Team = Team()
    constraints: Constraints = Constraints()
    data: DataAccess = DataAccess()
    goals: tuple[Goal, ...] = ()
    weights: dict[str, NonNegativeFloat] = {}
    """Swing weights of the criteria of framework fit."""
    targets: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    """Own thresholds of readiness practices."""
    importance: dict[str, NonNegativeFloat] = {}
    """Own weights of readiness practices within their question; 1 where none is given."""
    assumptions: Assumptions
    systems: tuple[System, ...] = ()
    integrations: tuple[Integration, ...] = ()
    value_stream: tuple[Step, ...] = ()
    practices: tuple[OwnPractice, ...] = ()
    readiness: tuple[ReadinessAnswer, ...] = ()
    risks: tuple[RiskRow, ...] = ()
    change_requests: tuple[ChangeRequest, ...] = ()
    incidents: tuple[Incident, ...] = ()
    contracts: tuple[str, ...] = ()
    """Files under contracts/, relative to the folder; likewise the next three."""
    catalog: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    run_logs: tuple[str, ...] = ()
    event_logs: tuple[str, ...] = ()
    """Event logs of the process under event_logs/: case, activity, time, resource as CSV, Parquet or XES."""
    files: tuple[InputFile, ...] = ()

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every extract of every system."""
        return tuple(table for system in self.systems for table in system.tables)

    def system(self, id: str) -> System:
        """Return the system of this id.

        Raises
        ------
        KeyError
            If there is none.
        """
        return {system.id: system for system in self.systems}[id]

    def integration(self, id: str) -> Integration:
        """Return the integration of this id.

        Raises
        ------
        KeyError
            If there is none.
        """
        return {integration.id: integration for integration in self.integrations}[id]

    def locate(self, location: str) -> str:
        """Return an absolute path or the URL of a location of the engagement."""
        reads.note(reads.FILE + location)
        folder: Path = self.__dict__["folder"]
        return location if "://" in location else str((folder / location).resolve())

    def model_dump_json(self, **options: Any) -> str:
        """Write everything as JSON."""
        reads.note(reads.EVERYTHING)
        return super().model_dump_json(**options)

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """Return everything as plain data."""
        reads.note(reads.EVERYTHING)
        return super().model_dump(**options)

    if not TYPE_CHECKING:

        def __getattribute__(self, name: str) -> Any:
            if name in _FIELDS:
                reads.note(reads.FIELD + name)
            return super().__getattribute__(name)


_FIELDS = frozenset(Engagement.model_fields) - {"assumptions", "origin"}
"""Fields whose reading is noted; assumptions note each key themselves.  An origin is no content."""
