"""The landscape: systems, their tables, the integrations between them, and what every row of the engagement has."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict, get_args

from pydantic import ConfigDict, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat

from assess.core.estimate import Estimate
from assess.core.record import Record
from assess.core.secrets import mask_location
from assess.core.source import Source


@dataclass(frozen=True)
class Unit:
    """The unit of a column, as metadata of its annotation; ``money`` stands for the engagement's currency."""

    name: str


class Row(Record):
    """A row of the engagement that knows which row it is; its fields' docstrings are the help of the columns."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    origin: Source = Field(default=Source(kind="input", place="engagement"), repr=False)

    def cite(self, column: str) -> Source:
        """Return the source of one of the row's values: the same file and row, this column."""
        return self.origin.model_copy(update={"column": column})


Style = Literal[
    "api-first", "event-driven", "ipaas", "file-exchange", "api-facade", "database-access", "native-connector"
]
"""How an integration can be built. ``hybrid`` is no style: it is an assignment of integrations to styles."""

STYLES: tuple[Style, ...] = get_args(Style)
"""All of them, in that order."""

STYLE_NAMES: dict[Style, str] = {
    "api-first": "APIs",
    "event-driven": "events",
    "ipaas": "bought platform",
    "file-exchange": "files",
    "api-facade": "API in front",
    "database-access": "database access",
    "native-connector": "native connector",
}
"""Styles as leaders read them, in the order in which they are shown."""

STYLE_PLAIN: dict[Style, str] = {
    "api-first": "APIs",
    "event-driven": "events",
    "ipaas": "a bought platform",
    "file-exchange": "files",
    "api-facade": "an API in front of the old system",
    "database-access": "direct database access",
    "native-connector": "the systems' own connectors",
}
"""The same in a sentence."""

NATIVE: Style = "native-connector"
"""What one system ships to connect to the other: set up, not built; it needs no platform, no foundation and no training."""

Criticality = Literal["low", "medium", "high", "critical"]
Interface = Literal["rest", "soap", "graphql", "grpc", "events", "webhook", "file", "database", "ui", "none"]
Interaction = Literal["request-reply", "notify-many", "bulk"]
StyleToday = Literal[
    "none",
    "manual",
    "file-exchange",
    "database-access",
    "point-to-point",
    "esb",
    "api-first",
    "event-driven",
    "ipaas",
    "native-connector",
]
"""How an integration is done today. ``esb``: over an enterprise service bus, code and mappings on a hub that the client runs."""

Component = Literal[
    "api-gateway",
    "message-broker",
    "orchestration",
    "transformation",
    "observability",
    "schema-registry",
    "service-mesh",
    "secret-store",
    "file-transfer",
]
"""What an integration stack is made of; ``orchestration`` is an iPaaS or what was built in its place."""

Meter = Literal["month", "message", "step", "flow", "connection", "vcore", "throughput", "gigabyte"]
"""What a price counts. ``month``: once a month, whatever the use. ``message``: messages in chunks, with retries.
``step``: the same times steps and loops. ``flow``: copies of flows. ``connection``: systems that are connected.
``vcore``: cores that flows and load occupy. ``throughput``: units of 1 000 messages a second at the peak."""


TAB = "tab"
"""How the delimiter that can't be seen is written."""
MOST_ABOVE = 200
"""Line of the header of an extract at most: what a reader looks at before it reads."""


class ExtractTable(Record):
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
        """Its location without the secrets of a URL: what may be printed."""
        return mask_location(self.location)


class StatedForm(TypedDict):
    """How an extract is written, as stated: arguments of a reader of tables; what is empty or 0 is to be found."""

    encoding: str
    delimiter: str
    header_row: int


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
    """What can be reached; empty means not stated, ``none`` means none. EDI and managed file transfer are file, change data capture is events."""
    tables: tuple[ExtractTable, ...] = ()
    """Extracts of its tables: a path within the engagement folder, or entity=path for each."""
    encoding: str = ""
    """Encoding of its extracts that are text, such as Windows-1250; empty where it is to be found."""
    delimiter: str = ""
    """Sign between the fields of its extracts, such as ; or tab; empty where it is to be found."""
    header_row: Annotated[int, Field(ge=1, le=MOST_ABOVE)] | None = None
    """Line, or row of the sheet, that holds the names of the columns; empty where it is to be found."""
    personal_data: bool | None = None
    """Whether it holds data about people."""
    residency: str = ""
    """Region in which its data must stay."""
    connectors: tuple[str, ...] = ()
    """Platforms that ship a ready connector for it."""
    team: str = ""
    """Team that runs it."""
    requested_on: dt.date | None = None
    """When somebody asked for it to be connected."""
    connected_on: dt.date | None = None
    """When its first integration ran."""

    @property
    def stated_form(self) -> StatedForm:
        """How its extracts are written, as stated."""
        mark = "\t" if self.delimiter == TAB else self.delimiter
        return {"encoding": self.encoding, "delimiter": mark, "header_row": self.header_row or 0}


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
    """How it is done today; none where it does not exist. EDI and managed file transfer are file-exchange, a service bus is esb."""
    interaction: Interaction | None = None
    """Whether the target asks and waits, many are notified (also change data capture), or records move in bulk (also ETL and ELT)."""
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
    native_connector: bool | None = None
    """Whether one of the two systems ships a connector to the other that does it, such as a webshop to accounting."""
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
    required: bool | None = None
    """Whether it must be there even if it does not pay: a law, a regulator or a contract asks for it."""
    required_by: str = ""
    """What asks for it: the law, regulator or contract."""
    build_days: Annotated[Estimate | None, Unit(name="person-days")] = None
    """Effort to build it by hand, person-days."""

    @property
    def label(self) -> str:
        """Its name, or source to target and entity."""
        return self.name or f"{self.source} → {self.target}" + (f" ({self.entity})" if self.entity else "")


class Product(Row):
    """A product of the integration stack that the client has, pays for or plans."""

    id: str
    """Short name."""
    product: str
    """Product and edition, or what was built in its place."""
    component: Component
    """What it is in the stack; a platform that does several things is named by the first."""
    status: Literal["in-use", "unused", "planned", "retired"] | None = None
    """Whether it is in use, paid for and unused, planned, or retired."""
    owner: str = ""
    """Who answers for it."""
    cost_per_year: Annotated[Estimate | None, Unit(name="money/year")] = None
    """Licences, hosting and support a year."""
    systems: tuple[str, ...] = ()
    """Ids of the systems that use it."""
    integrations: tuple[str, ...] = ()
    """Ids of the integrations that run over it."""
    renewal: dt.date | None = None
    """Next day on which the contract can be ended."""


class Quote(Row):
    """One price of an offer: a line of its bill, or one tier of a line; rows with the same plan are one offer."""

    plan: str
    """Short name of the offer, by which the key platform names it; that of a plan of the price list replaces its price."""
    vendor: str
    """Who offers it: the platform's name as in the column connectors of systems."""
    product: str = ""
    """Product and edition."""
    style: Style
    """Style that it serves."""
    line: str = ""
    """What is paid for, such as subscription or support; tiers of one line share it."""
    unit: Meter
    """What is counted: month (once a month, whatever the use), message, step of a flow, flow, connection, vcore, throughput (1 000 messages a second) or gigabyte."""
    price: Annotated[Estimate, Unit(name="money")]
    """Price of one unit, or of as many as the column per says, in the currency of the offer."""
    per: PositiveFloat | None = None
    """Units that one price pays for, 1000000 where it is per million; empty is 1."""
    included: NonNegativeFloat | None = None
    """Units a month that cost nothing, or that another line pays for."""
    upto: PositiveFloat | None = None
    """Units a month up to which this price holds, counted from zero; beyond that of the last row nothing is sold."""
    block: PositiveFloat | None = None
    """Size of the blocks in which units are sold, rounded up; empty where each is sold by itself."""
    size_kb: PositiveFloat | None = None
    """Size up to which a message counts as one unit, in kB; empty where the size does not matter."""
    period: Literal["month", "year"] | None = None
    """Time that one price pays for; empty is a month."""
    currency: str = ""
    """ISO 4217 code of the prices; empty is the engagement's."""
    valid_until: dt.date | None = None
    """Last day on which the offer can be accepted."""
    date: dt.date | None = None
    """Day of the offer; empty is the date of the engagement."""
    source: str = ""
    """Where it stands: number of the offer, mail, page of a price list."""


class Yearly(Record):
    """What the value stream or a risk is worth a year; it becomes a line of its own in the cost model.

    Parameters
    ----------
    id
        Stable name, such as ``benefit/step-7/reentry``.
    per_year
        Amount a year in the engagement's currency, positive both for a benefit and for a loss,
        with its source.
    integrations
        The integrations that bring the benefit or carry the risk; empty means the programme as a whole.
    styles
        The styles to which it applies; empty means all.
    kind
        Of a benefit: ``cashable`` where money stays in the bank, ``capacity`` where people get hours for other work, which
        is money only if fewer are paid (HM Treasury 2022, Green Book: cash-releasing against non-cash-releasing).
    saves
        Of a benefit: what it is before its price, hours a year or days of a case.
    needed_seconds, today_seconds
        Of a benefit: age of the data at which it comes in full, and age today, at which none of it comes; None where its
        integration states no latency, or its steps no wait.
    limited_by
        Of a benefit: id of the goal whose stated baseline limits it, empty for none.
    """

    id: str
    label: str
    per_year: Estimate
    integrations: tuple[str, ...] = ()
    styles: tuple[Style, ...] = ()
    kind: Literal["", "cashable", "capacity"] = ""
    saves: Estimate | None = None
    needed_seconds: float | None = None
    today_seconds: float | None = None
    limited_by: str = ""
