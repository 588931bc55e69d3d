"""What else the answers could be: for everything that is no answer of the client, the ends of its range.

A range has one home: the default that stands in (`assess.intake.assumptions`), the words that a cell may hold, or the
fixed scale of the criterion that reads it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_args

from assess.core.estimate import Estimate
from assess.core.numbers import number
from assess.core.source import Source
from assess.decisions.cost.finance import converted
from assess.decisions.cost.parameters import CostParameter, Terms
from assess.decisions.framework.constraints import MONTH_SECONDS
from assess.decisions.framework.criteria import CRITERIA
from assess.intake.asking import who, who_assumes
from assess.intake.columns import ColumnDefinition, find_table, keys
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import NATIVE, STYLE_PLAIN, STYLES, Integration, Row, StyleToday
from assess.intake.export import examples, left_over

from .result import AskedCell, Question, State

SETTINGS, ASSUMPTIONS = "engagement", "assumptions"

STANDS_IN: Mapping[str, str] = {
    "volume": "volume.messages",
    "changes_per_year": "change.per_year",
    "build_days": "build.cost",
    "growth": "volume.growth",
    "coverage": "build.coverage",
    "customisation": "build.coverage",
    "message_kb": "volume.message_kb",
    "peak_per_second": "volume.peak_factor",
}
"""Columns of integrations and the default that stands in for an empty cell."""

READ_BY_FIT: Mapping[str, tuple[str, ...]] = {
    "volume": ("volume",), "latency_seconds": ("latency",), "interaction": ("interaction",), "consumers": ("consumers",),
    "coverage": ("coverage",), "customisation": ("customisation",), "governance": ("governance",),
    "changes_per_year": ("change",), "partner": ("partner",), "peak_per_second": (), "style_today": (), "native_connector": (),
    "interfaces": ("heterogeneity",), "connectors": ("coverage",),
}  # fmt: skip
"""Columns that framework fit reads, and the criteria that they answer."""

Value = Callable[[Engagement, Integration], Any]


@dataclasses.dataclass(frozen=True)
class Variation:
    """One other answer to a question.

    Parameters
    ----------
    engagement
        The engagement with that answer in every open cell; None where a parameter of the cost is moved.
    parameters
        Names of the parameters that are moved, and to what.
    fit
        Columns that are read by framework fit and differ.
    """

    engagement: Engagement | None = None
    parameters: Mapping[str, float] = dataclasses.field(default_factory=dict)
    fit: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Open:
    """A question with the other answers that it could have.

    Parameters
    ----------
    places
        Places of the integrations whose cells are open, in the order of the question's cells; none for other questions.
    """

    question: Question
    variations: tuple[Variation, ...]
    places: tuple[int, ...] = ()


def open_questions(engagement: Engagement, stated: Engagement, terms: Terms) -> Iterator[Open]:
    """Yield every question about what the client has not answered.

    Parameters
    ----------
    engagement
        As it was decided about: measured values in the place of stated ones, assumptions moved.
    stated
        As the client told it.
    terms
        Of the cost model.
    """
    left = {name: frozenset(places) for name, places in left_over(stated).items()}
    yield from _integrations(engagement, left.get("integrations", frozenset()))
    yield from _systems(engagement, left.get("systems", frozenset()))
    yield from _settings(engagement, terms, template=bool(left))
    yield from _assumptions(engagement, terms)


def _integrations(engagement: Engagement, template: frozenset[int]) -> Iterator[Open]:
    columns = {column.field: column for column in find_table("integrations").columns}
    for name, column in columns.items():
        values = _values(engagement, name)
        places = [
            place
            for place, item in enumerate(engagement.integrations)
            if getattr(item, name) is None or (place in template and not _measured(getattr(item, name)))
        ]
        if (
            name == "customisation"
        ):  # asked as the coverage where that is open, too: the one stands in for the other
            places = [place for place in places if engagement.integrations[place].coverage is not None]
        if not values or not places:
            continue
        cells = tuple(
            _cell(item, column.name, item.id, "empty" if getattr(item, name) is None else "template")
            for item in (engagement.integrations[place] for place in places)
        )
        made = [_with_cells(engagement, name, places, value) for value in values]
        first = engagement.integrations[places[0]]
        ends = [value(engagement, first) for value in (values[0], values[-1])]
        yield Open(
            _asked("integrations", column, cells, engagement, ends),
            tuple(Variation(one, fit=(name,) if name in READ_BY_FIT else ()) for one in made),
            tuple(places),
        )


def _measured(value: Any) -> bool:
    return isinstance(value, Estimate) and value.source is not None and value.source.kind == "measurement"


def _with_cells(engagement: Engagement, field: str, places: Sequence[int], value: Value) -> Engagement:
    changed = list(engagement.integrations)
    for place in places:
        changed[place] = changed[place].model_copy(update={field: value(engagement, changed[place])})
    return engagement.model_copy(update={"integrations": tuple(changed)})


def _values(engagement: Engagement, field: str) -> list[Value]:
    """Return the answers that a cell of an integration could have, its ends first and last; none where it moves nothing."""

    def same(value: Any) -> Value:
        return lambda _engagement, _item: value

    if field in STANDS_IN:
        held = converted(engagement, engagement.assumptions.entry(STANDS_IN[field]))
        return [_standing_in(field, end) for end in (held.low, held.high)] if held.low < held.high else []
    words: Mapping[str, Sequence[Any]] = {
        "partner": (False, True),
        "native_connector": (False, True),
        "style_today": [word for word in get_args(StyleToday) if word != "none"],
    }
    column = {column.field: column for column in find_table("integrations").columns}[field]
    scale = next((c for c in CRITERIA if c.column == field and c.scale != "words"), None)
    if scale is not None:
        whole = column.kind == "whole number"
        return [same(int(anchor) if whole else float(anchor)) for anchor in scale.anchors]
    read = field in ("criticality", "governance", "interaction")
    return [same(word) for word in words.get(field, column.choices if read else ())]


def _standing_in(field: str, end: float) -> Value:
    def value(engagement: Engagement, item: Integration) -> Any:
        match field:
            case "build_days":
                rate = (
                    engagement.team.day_rate
                    or converted(engagement, engagement.assumptions.entry("team.day_rate")).likely
                )
                return Estimate.point(end / rate if rate else end, "person-days")
            case "volume" | "changes_per_year":
                return Estimate.point(end)
            case "peak_per_second":
                volume = item.volume or engagement.assumptions["volume.messages"]
                return volume.likely / MONTH_SECONDS * end
            case "customisation":
                return 1 - end
            case _:
                return end

    return value


def _systems(engagement: Engagement, template: frozenset[int]) -> Iterator[Open]:
    """Yield what decides which styles can reach the systems: their interfaces and connectors."""
    platforms = tuple(dict.fromkeys(name for item in engagement.systems for name in item.connectors)) or (
        "any",
    )
    ends: Mapping[str, Sequence[tuple[str, ...]]] = {
        "interfaces": (("none",), ("database",), ("file",), ("rest",)),
        "connectors": ((), platforms),
    }
    columns = {column.name: column for column in find_table("systems").columns}
    for name, values in ends.items():
        places = [
            place
            for place, item in enumerate(engagement.systems)
            if not getattr(item, name) or place in template
        ]
        if not places:
            continue
        cells = tuple(
            _cell(item, name, item.id, "template" if getattr(item, name) else "empty")
            for item in (engagement.systems[place] for place in places)
        )
        made = []
        for value in values:
            changed = list(engagement.systems)
            for place in places:
                changed[place] = changed[place].model_copy(update={name: value})
            made.append(Variation(engagement.model_copy(update={"systems": tuple(changed)}), fit=(name,)))
        shown = [value or ("none",) for value in (values[0], values[-1])]
        yield Open(_asked("systems", columns[name], cells, engagement, shown), tuple(made))


SETTING_DEFAULTS: Mapping[str, str] = {
    "discount_rate": "money.discount_rate",
    "inflation": "money.inflation",
    "team.people": "team.people",
    "team.day_rate": "team.day_rate",
    "team.focus": "team.focus",
    "team.maintenance_reserve": "team.reserve",
    **{f"team.skills.{style}": "team.skill" for style in STYLES if style != NATIVE},
}
"""Keys of the settings, and the default that stands in where they are not given."""


EMPLOYEES = "employees"
SIZES = (10, 5000)
"""People between which an unknown client lies: from ten people to a group."""


def _size(engagement: Engagement, column: ColumnDefinition) -> Iterator[Open]:
    """Yield how large the client is, where that is not stated."""
    if engagement.employees is None:
        cell = _setting_cell(engagement, EMPLOYEES, "assumed")
        yield Open(
            _asked(SETTINGS, column, (cell,), engagement, SIZES),
            tuple(Variation(engagement.of_size(people)) for people in SIZES),
        )


def _settings(engagement: Engagement, terms: Terms, *, template: bool) -> Iterator[Open]:
    columns = dict(keys())
    yield from _size(engagement, columns[EMPLOYEES])
    parameters = terms.by_name
    for key, default in SETTING_DEFAULTS.items():
        stated = _stated(engagement, key)
        left = template and stated is not None and stated == _stated(examples(), key)
        if stated is not None and not left:
            continue
        held = converted(engagement, engagement.assumptions.entry(default))
        if held.low >= held.high:
            continue
        named = next((style for style in STYLES if key == f"team.skills.{style}"), None)
        column = columns["team.skills" if named else key]
        column = dataclasses.replace(column.items or column, name=key, unit=column.unit)
        cell = _setting_cell(engagement, key, "template" if left else "assumed")
        if default in parameters and not named:
            made = [Variation(parameters={default: end}) for end in (held.low, held.high)]
        else:
            made = [
                Variation(_with_setting(engagement, key, end), fit=("team.skills",) if named else ())
                for end in (held.low, held.high)
            ]
        asked = _asked(SETTINGS, column, (cell,), engagement, (held.low, held.high))
        if named:
            asked = asked.model_copy(update={"ask": f"{asked.ask.rstrip('?')}: {STYLE_PLAIN[named]}?"})
        yield Open(asked, tuple(made))


def _stated(engagement: Engagement, key: str) -> Any:
    if key.startswith("team.skills."):
        return engagement.team.skills.get(key.rpartition(".")[2])  # type: ignore[call-overload]
    section, _, name = key.rpartition(".")
    return getattr(engagement.team if section else engagement, name)


def _with_setting(engagement: Engagement, key: str, value: float) -> Engagement:
    if key.startswith("team.skills."):
        skills: dict[str, float] = dict(engagement.team.skills.items())
        skills[key.rpartition(".")[2]] = value
        return engagement.model_copy(update={"team": engagement.team.model_copy(update={"skills": skills})})
    section, _, name = key.rpartition(".")
    if section:
        return engagement.model_copy(update={"team": engagement.team.model_copy(update={name: value})})
    return engagement.model_copy(update={name: value})


def _assumptions(engagement: Engagement, terms: Terms) -> Iterator[Open]:
    """Yield the defaults that the cost model draws and that nobody has replaced; those asked as a column or key are left out."""
    elsewhere = {*STANDS_IN.values(), *SETTING_DEFAULTS.values()}
    moved: dict[str, list[CostParameter]] = {}
    for parameter in terms.parameters:
        source = parameter.estimate.source
        if parameter.family or parameter.estimate.certain or source is None or source.kind != "assumption":
            continue
        if source.place not in elsewhere and not engagement.assumptions.entry(source.place).overridden:
            moved.setdefault(source.place, []).append(parameter)
    for key, parameters in moved.items():
        held = parameters[0].estimate
        entry = engagement.assumptions.entry(key)
        cell = _setting_cell(engagement, f"{ASSUMPTIONS}.{key}", "assumed")
        yield Open(
            Question(
                id=f"{ASSUMPTIONS}/{key}",
                ask=f"{entry.label}: how high here?",
                role=who_assumes(key),
                unit=held.unit,
                allowed="a number, or low / likely / high",
                low=_words(held.low, held.unit),
                high=_words(held.high, held.unit),
                cells=(cell,),
            ),
            tuple(
                Variation(parameters={one.name: end for one in parameters}) for end in (held.low, held.high)
            ),
        )


def _asked(
    table: str,
    column: ColumnDefinition,
    cells: tuple[AskedCell, ...],
    engagement: Engagement,
    ends: Sequence[Any],
) -> Question:
    asked = who(table, column.name)
    unit = column.unit.replace("money", engagement.currency)
    return Question(
        id=f"{table}/{column.name}",
        ask=asked.ask or column.help,
        role=asked.role,
        unit=unit,
        allowed=column.allowed,
        low=_words(ends[0], unit),
        high=_words(ends[1], unit),
        cells=cells,
    )


def _words(value: Any, unit: str) -> str:
    match value:
        case Estimate():
            return _words(value.likely, unit)
        case bool():
            return "yes" if value else "no"
        case tuple():
            return "; ".join(value)
        case int() | float():
            return f"{value:.0%}" if unit.startswith("share") else number(float(f"{value:.3g}"))
        case _:
            return str(value)


def _cell(row: Row, column: str, key: str, state: State) -> AskedCell:
    file, sheet = _place(row.origin)
    return AskedCell(row=key, file=file, sheet=sheet, line=row.origin.row, column=column, state=state)


def _place(origin: Source) -> tuple[str, str]:
    """Return file and sheet of an input."""
    file, mark, sheet = origin.place.rpartition(".xlsx/")
    return (f"{file}.xlsx", sheet) if mark else (origin.place, "")


def _setting_cell(engagement: Engagement, key: str, state: State) -> AskedCell:
    """Return where a setting is written: the file that holds the settings, an assumption of a workbook in its own sheet."""
    file, sheet = _place(engagement.origin)
    if sheet and key.startswith(f"{ASSUMPTIONS}."):
        sheet, key = ASSUMPTIONS, key.partition(".")[2]
    return AskedCell(file=file, sheet=sheet, column=key, state=state)
