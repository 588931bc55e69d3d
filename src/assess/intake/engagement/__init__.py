"""The engagement: everything that the client told us, as one frozen object."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from assess.core import reads
from assess.core.grants import is_url, split_part
from assess.core.record import Record
from assess.core.secrets import mask_location
from assess.intake.assumptions import Assumptions
from assess.intake.problem import Problem

from .answers import (
    Answer,
    ChangeRequest,
    Constraints,
    DataAccess,
    Goal,
    Incident,
    LinkReview,
    LogColumn,
    OwnPractice,
    ProcessStep,
    ReadinessAnswer,
    RiskRow,
    RunName,
    Team,
)
from .landscape import (
    STYLE_NAMES,
    Component,
    Criticality,
    ExtractTable,
    Integration,
    Interaction,
    Interface,
    Meter,
    Product,
    Quote,
    Row,
    Style,
    StyleToday,
    System,
    Unit,
)

__all__ = [
    "STYLE_NAMES",
    "Answer",
    "ChangeRequest",
    "Component",
    "Constraints",
    "Criticality",
    "DataAccess",
    "Engagement",
    "ExtractTable",
    "Goal",
    "Incident",
    "InputFile",
    "Integration",
    "Interaction",
    "Interface",
    "LinkReview",
    "LogColumn",
    "Meter",
    "OwnPractice",
    "ProcessStep",
    "Product",
    "Quote",
    "ReadinessAnswer",
    "RiskRow",
    "Row",
    "RunName",
    "Style",
    "StyleToday",
    "System",
    "Team",
    "Unit",
]


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
    employees: Annotated[PositiveInt | None, Unit(name="people")] = None
    """How many people work for the client: from a shop of six to a group, defaults and gates follow its size."""
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
    platform: tuple[str, ...] = ()
    """Products that are chosen already, by their name in the price list or in quotes; at most one of each style."""
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
    stack: tuple[Product, ...] = ()
    quotes: tuple[Quote, ...] = ()
    value_stream: tuple[ProcessStep, ...] = ()
    practices: tuple[OwnPractice, ...] = ()
    readiness: tuple[ReadinessAnswer, ...] = ()
    risks: tuple[RiskRow, ...] = ()
    change_requests: tuple[ChangeRequest, ...] = ()
    incidents: tuple[Incident, ...] = ()
    run_names: tuple[RunName, ...] = ()
    log_columns: tuple[LogColumn, ...] = ()
    link_reviews: tuple[LinkReview, ...] = ()
    contracts: tuple[str, ...] = ()
    """Files under contracts/, relative to the folder; likewise the next three."""
    catalog: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    run_logs: tuple[str, ...] = ()
    event_logs: tuple[str, ...] = ()
    """Event logs of the process under event_logs/: case, activity, time, resource as CSV, Parquet or XES."""
    files: tuple[InputFile, ...] = ()
    notes: tuple[Problem, ...] = ()
    """How cells were read that people should confirm, and what is not read."""

    @property
    def tables(self) -> tuple[ExtractTable, ...]:
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

    def exchange(self, currency: str) -> float | None:
        """Return the price of one unit of a currency in the engagement's; None where no rate is known.

        A rate that is stated comes first; others go over the euro by its stated rate or the dated defaults.
        """
        if currency == self.currency:
            return 1.0
        if currency in self.exchange_rates:
            return self.exchange_rates[currency]
        euros, own = self._euros(currency), self._euros(self.currency)
        return None if euros is None or own is None else euros / own

    def _euros(self, currency: str) -> float | None:
        """Price of one unit of a currency in EUR; None where it is not known."""
        if currency == "EUR":
            return 1.0
        if currency == self.currency and "EUR" in self.exchange_rates:
            return 1 / self.exchange_rates["EUR"]
        key = f"fx.eur_per_{currency.lower()}"
        return self.assumptions[key].likely if key in set(self.assumptions.keys()) else None

    def of_size(self, employees: int) -> Engagement:
        """Return the engagement of a client of another size."""
        assumptions = self.assumptions.model_copy(update={"employees": employees})
        return self.model_copy(update={"employees": employees, "assumptions": assumptions})

    def locate(self, location: str) -> str:
        """Return an absolute path or the URL of a location of the engagement."""
        if is_url(location):
            reads.note(reads.FILE + mask_location(location))
            return location
        folder: Path = self.__dict__["folder"]
        part = split_part(str(folder / location))[1]
        reads.note(reads.FILE + location.removesuffix(f"#{part}"))
        return str((folder / location).resolve())

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
