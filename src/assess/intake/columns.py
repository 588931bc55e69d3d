"""What each table and key of an engagement may hold, derived from the annotations of the row records."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types as bounds
from pydantic.fields import FieldInfo

from assess.core.estimate import Estimate

from .engagement import (
    ChangeRequest,
    Constraints,
    DataAccess,
    Engagement,
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
from .engagement.landscape import ExtractTable, Integration, Product, Quote, Row, System, Unit

Kind = Literal[
    "text", "choice", "list", "yes/no", "whole number", "number", "share", "estimate", "date", "time", "data", "map",
]  # fmt: skip
"""How a cell is read. ``list``: separated by ``;``. ``data``: extracts of a system. ``map``: a
mapping in YAML, dotted keys in a workbook."""

EXPECTED: dict[Kind, str] = {
    "text": "text",
    "choice": "",
    "list": "a list separated by ;",
    "yes/no": "yes or no",
    "whole number": "a whole number",
    "number": "a number such as 1200 or 0.5",
    "share": "a share such as 0.35 or 35 %",
    "estimate": "a number, or low / likely / high such as 1000 / 2000 / 5000",
    "date": "a date such as 2026-05-31",
    "time": "a date and time such as 2026-05-31T14:30",
    "data": "the path of an extract, or entity=path; entity2=path",
    "map": "name: value pairs",
}

_PLAIN: dict[object, Kind] = {
    str: "text", bool: "yes/no", int: "whole number", float: "number",
    Estimate: "estimate", dt.date: "date", dt.datetime: "time",
}  # fmt: skip


@dataclass(frozen=True)
class ColumnDefinition:
    """A column of a table, or a key of the engagement.

    Parameters
    ----------
    name
        Header of the column, or key.
    field
        Field of the record that holds it.
    required
        Whether the cell must not be empty.
    help
        What it means, in one or two sentences.
    unit
        Unit of the number, empty for none.
    choices
        Allowed words of a ``choice`` or of the items of a ``list``; of the names of a ``map``.
    low, high
        Limits of a number, None for none; ``low_open`` and ``high_open`` exclude the limit itself.
    items
        How the values of a ``map`` are read.
    """

    name: str
    field: str
    kind: Kind
    required: bool = False
    help: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    items: ColumnDefinition | None = None

    @property
    def allowed(self) -> str:
        """What a cell may hold, in words."""
        words = EXPECTED[self.kind]
        if self.kind == "map" and self.items:
            words = f"{words}, each {self.items.allowed}"
        if self.choices:
            words = f"{words} of " if self.kind == "list" else f"{words}; names: " if words else ""
            words += ", ".join(self.choices)
        return words + self.range

    @property
    def range(self) -> str:
        """The limits of a number in words, empty where there are none."""
        parts = []
        if self.low is not None:
            parts.append(f"{'more than' if self.low_open else 'at least'} {self.low:g}")
        if self.high is not None:
            parts.append(f"{'less than' if self.high_open else 'at most'} {self.high:g}")
        return ", " + " and ".join(parts) if parts else ""

    def within(self, value: float) -> bool:
        """Return whether a number is inside the limits."""
        low = self.low is None or (value > self.low if self.low_open else value >= self.low)
        high = self.high is None or (value < self.high if self.high_open else value <= self.high)
        return low and high


@dataclass(frozen=True)
class TableDefinition:
    """A table of the engagement.

    Parameters
    ----------
    name
        Name of its sheet, and field of the `Engagement`.
    file
        Its CSV file within the folder; empty for goals, which a folder keeps in engagement.yaml.
    record
        Class of its rows.
    key
        Columns that together are unique.
    """

    name: str
    file: str
    record: type[Row]
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[ColumnDefinition, ...]:
        """Its columns in the order of the record's fields."""
        return derive_columns(self.record)

    @property
    def help(self) -> str:
        """What a row is."""
        return (self.record.__doc__ or "").strip().split("\n")[0]


TABLES: tuple[TableDefinition, ...] = (
    TableDefinition("goals", "", Goal, ("id",)),
    TableDefinition("systems", "systems.csv", System, ("id",)),
    TableDefinition("integrations", "integrations.csv", Integration, ("id",)),
    TableDefinition("stack", "stack.csv", Product, ("id",)),
    TableDefinition("quotes", "quotes.csv", Quote, ("plan", "line", "unit", "upto")),
    TableDefinition("value_stream", "value_stream.csv", ProcessStep, ("step",)),
    TableDefinition("practices", "practices.csv", OwnPractice, ("id",)),
    TableDefinition("readiness", "readiness.csv", ReadinessAnswer, ("practice", "respondent")),
    TableDefinition("risks", "risks.csv", RiskRow, ("id",)),
    TableDefinition("change_requests", "change_requests.csv", ChangeRequest, ("id",)),
    TableDefinition("incidents", "operations/incidents.csv", Incident, ("id",)),
    TableDefinition("run_names", "operations/names.csv", RunName, ("name",)),
    TableDefinition("log_columns", "operations/columns.csv", LogColumn, ("file", "found")),
    TableDefinition(
        "link_reviews", "link_reviews.csv", LinkReview, ("source", "target", "source_row", "target_row")
    ),
)
"""Every table, in the order in which a workbook shows them."""

FOLDERS: dict[str, str] = {
    "contracts": "contracts",
    "catalog": "catalog",
    "policies": "policies",
    "operations": "run_logs",
    "event_logs": "event_logs",
}
"""Folders whose files are listed, and the field of the `Engagement` that lists them."""

SECTIONS: dict[str, type[Row]] = {"team": Team, "constraints": Constraints}
"""Mappings of engagement.yaml with keys of their own."""

REQUESTS: dict[str, type[Row]] = {"data": DataAccess}
"""Mappings of earlier engagements that are read as what the client asks for, and written no more."""

_ELSEWHERE = {"folder", "assumptions", "files", "notes", *SECTIONS, *REQUESTS, *FOLDERS.values()} | {
    table.name for table in TABLES
}


def find_table(name: str) -> TableDefinition:
    """Return the table of this name."""
    return next(table for table in TABLES if table.name == name)


@cache
def derive_columns(record: type[Row]) -> tuple[ColumnDefinition, ...]:
    """Derive the columns of a record: one a field, without its origin.

    >>> [c.name for c in derive_columns(Goal) if c.required]
    ['id', 'goal']
    """
    skipped = _ELSEWHERE | {"origin"} if record is Engagement else {"origin"}
    return tuple(_column(name, field) for name, field in record.model_fields.items() if name not in skipped)


def keys() -> Iterator[tuple[str, ColumnDefinition]]:
    """Yield every dotted key of engagement.yaml with its column, except goals and assumptions.

    >>> dict(keys())["team.day_rate"].unit
    'money'
    """
    for column in derive_columns(Engagement):
        yield column.name, column
    for section, record in SECTIONS.items():
        for column in derive_columns(record):
            yield f"{section}.{column.name}", column


def _column(name: str, field: FieldInfo) -> ColumnDefinition:
    kind, choices, metadata, items = _read(field.annotation)
    limits = _limits([*field.metadata, *metadata])
    unit = next((m.name for m in [*field.metadata, *metadata] if isinstance(m, Unit)), "")
    if kind == "number" and (unit == "share" or limits.get("high") == 1):
        kind, unit = "share", "share"
    if kind == "estimate":
        limits = {"low": 0.0}
    return ColumnDefinition(
        name="data" if kind == "data" else name,
        field=name,
        kind=kind,
        required=field.is_required(),
        help=" ".join((field.description or "").split()),
        unit=unit,
        choices=choices,
        items=items,
        **limits,
    )


def _read(annotation: Any) -> tuple[Kind, tuple[str, ...], list[Any], ColumnDefinition | None]:
    """Return kind, choices, metadata and items of an annotation."""
    metadata: list[Any] = []
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata += [
                m for item in more for m in (item.metadata if isinstance(item, FieldInfo) else [item])
            ]
        elif get_origin(annotation) in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            break
    origin, parameters = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return "choice", parameters, metadata, None
    if origin is tuple:
        if parameters[0] is ExtractTable:
            return "data", (), metadata, None
        return "list", _read(parameters[0])[1], metadata, None
    if origin is dict:
        kind, _, inner, _ = _read(parameters[1])
        limits = _limits(inner)
        if limits.get("high") == 1:
            kind = "share"
        value = ColumnDefinition(name="", field="", kind=kind, **limits)
        return "map", _read(parameters[0])[1], metadata, value
    return _PLAIN[annotation], (), metadata, None


def _limits(metadata: list[Any]) -> dict[str, Any]:
    """Return the limits of a number from the metadata of its annotation."""
    limits: dict[str, Any] = {}
    for item in metadata:
        match item:
            case bounds.Ge(ge=value):
                limits |= {"low": float(value)}  # type: ignore[arg-type]
            case bounds.Gt(gt=value):
                limits |= {"low": float(value), "low_open": True}  # type: ignore[arg-type]
            case bounds.Le(le=value):
                limits |= {"high": float(value)}  # type: ignore[arg-type]
            case bounds.Lt(lt=value):
                limits |= {"high": float(value), "high_open": True}  # type: ignore[arg-type]
    return limits
