"""Rows of a table: the text of a cell to a value and back, and the values that know their source."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assess.core.dates import is_day, is_time, read_day, read_time
from assess.core.estimate import Estimate
from assess.core.missing import is_missing_word
from assess.core.numbers import parse_number, parse_share
from assess.core.source import Source

from .columns import EXPECTED, ColumnDefinition, Kind
from .engagement.landscape import ExtractTable, Row
from .problem import Problems, closest_word
from .raw import RawRow, RawTable
from .typed import reword

LONGEST = 131_072
"""Characters that a cell may hold."""

LONGEST_TYPED = 100
"""Characters up to which a text may be a number or a word with others around it."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
"""A number whose mark begins the decimals in one half of Europe and parts thousands in the other: 1.200, 1,200."""
_WITHIN = re.compile(r"(?<![\d.,])[1-9]\d{0,2}[.,]\d{3}(?![\d.,])", re.ASCII)
"""Such a number among words."""
_ENTITY = re.compile(r"\s*([^=:/\\;]+?)\s*=(.*)", re.DOTALL)
_BOOLEANS = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}


class WrongValue(ValueError):
    """A cell does not hold what its column expects.

    Parameters
    ----------
    message
        What is wrong with it.
    allowed
        What is allowed, where that is not the column's own `Column.allowed`.
    """

    def __init__(self, message: str, allowed: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.allowed = allowed


def clean(text: str) -> str:
    r"""Return a text without surrounding space, with ``\n`` for every line end.

    Raises
    ------
    WrongValue
        If it is longer than `LONGEST`, or holds characters that no table can carry.
    """
    if len(text) > LONGEST:
        raise WrongValue("is too long", f"at most {LONGEST} characters")
    if wrong := _CONTROL.search(text):
        name = f"U+{ord(wrong[0]):04X}"
        raise WrongValue(f"holds the character {name}, which is no text", "text without control characters")
    return _LINE_END.sub("\n", text).strip()


def parse(text: str, column: ColumnDefinition) -> Any:
    """Read the text of a cell as its column says; an empty cell is None.

    Returns
    -------
    None, str, float, int, bool, date, datetime, a tuple, an `Estimate` without source, or for
    ``data`` a tuple of (entity, path).

    Raises
    ------
    WrongValue
        If the text is not allowed.

    Examples
    --------
    >>> parse("35 %", ColumnDefinition("growth", "growth", "share"))
    0.35
    >>> parse("a; b", ColumnDefinition("goals", "goals", "list"))
    ('a', 'b')
    """
    text = clean(text)
    if not text:
        return None
    return _READERS[column.kind](text, column)


def read_typed(text: str, column: ColumnDefinition, currency: str) -> tuple[Any, str]:
    """Read the text of a cell as people type it: as `parse`, else by its one meaning.

    Returns
    -------
    The value, and the text as which it was read; empty where it was read as it stands.

    Raises
    ------
    WrongValue
        If it has no meaning in the column, or several.
    """
    try:
        return parse(text, column), ""
    except WrongValue as wrong:
        if is_missing_word(text) and not column.required and column.kind not in ("text", "data", "map"):
            return None, "empty, because nobody knows"
        said = reword(text, column, currency) if len(text) <= LONGEST_TYPED else ""
        if not said:
            raise
        try:
            return parse(said, column), said
        except WrongValue:
            raise wrong from None


def _text(text: str, column: ColumnDefinition) -> str:
    return text


def _choice(text: str, column: ColumnDefinition) -> str:
    if text in column.choices:
        return text
    if number := _same_number(text, column.choices):
        return number
    near = closest_word(text, column.choices)
    raise WrongValue(f"is not allowed{_hint(near)}")


def _hint(near: str) -> str:
    return f', did you mean "{near}"?' if near else ""


def _same_number(text: str, choices: tuple[str, ...]) -> str:
    """Return the choice that is the same number (``1.0`` and ``1``, ``50 %`` and ``0.5``), or empty."""
    value = parse_share(text)
    return next((c for c in choices if value is not None and parse_number(c) == value), "")


def _list(text: str, column: ColumnDefinition) -> tuple[str, ...]:
    items = tuple(item.strip() for item in text.split(";") if item.strip())
    wrong = [item for item in items if column.choices and item not in column.choices]
    if wrong:
        near = closest_word(wrong[0], column.choices) if len(wrong) == 1 else ""
        listed = " and ".join(f'"{item}"' for item in wrong)
        named = "is" if items == tuple(wrong[:1]) else f"holds {listed},"
        raise WrongValue(f"{named} not allowed{_hint(near)}")
    if len(set(items)) < len(items):
        raise WrongValue("names something twice")
    return items


def _yes_no(text: str, column: ColumnDefinition) -> bool:
    try:
        return _BOOLEANS[text.casefold()]
    except KeyError:
        raise WrongValue("is neither yes nor no", EXPECTED["yes/no"]) from None


def _float(text: str, column: ColumnDefinition) -> float:
    if text.endswith("%") and column.kind != "share":
        raise WrongValue("is a percentage where a plain number is expected")
    value = parse_share(text)
    if value is None:
        raise WrongValue(f"is not a number{_how_to_write(text.removesuffix('%').rstrip(), column)}")
    if not math.isfinite(value):
        raise WrongValue("is too large")
    return value


def _how_to_write(text: str, column: ColumnDefinition) -> str:
    """Return what a text that is nearly a number should have been, in words."""
    if found := _WITHIN.search(text):
        able = any(column.within(float(meant)) for meant in _meanings(found[0]).split(" or "))
        return f"; {found[0]} can be {_meanings(found[0])}: write one of them" if able else ""
    if re.fullmatch(r"[+-]?[\d. ]*,\d+", text):
        return "; write decimals with a point"
    if re.fullmatch(r"[+-]?\d{1,3}([.,]\d{3})+([.,]\d+)?", text):
        return "; write thousands without a sign or with a space"
    if re.fullmatch(r"[\d., ]+\s*(-|–|to|bis|\.\.)\s*[\d., ]+\W*", text):
        return f"; write {'a range as low / likely / high' if column.kind == 'estimate' else 'one number, here no range is taken'}"
    if _is_not_known(text):
        return "; leave the cell empty where nobody knows"
    if is_time(text):
        return "; Excel may have made a date of it: format the cell as text and type it again"
    if re.fullmatch(r"\W*\d[\d.,' ]*\s*[^\d\s/]+|[^\d\s/+-]+\s*\d[\d.,' ]*", text):
        known = column.unit and column.unit != "share" and "money" not in column.unit
        days = " (a day may be of 24 hours or of work)" if re.search(r"(?i)\b(day|tag)", text) else ""
        return f"; write the number alone, {f'in {column.unit}{days}' if known else 'without its unit'}"
    return ""


def _meanings(text: str) -> str:
    """Return both numbers that a text with one mark before three digits can be."""
    return f"{re.sub('[.,]', '', text)} or {float(text.replace(',', '.')):g}"


def _number(text: str, column: ColumnDefinition) -> float:
    if column.name and column.kind != "share" and _THOUSANDS.fullmatch(text):
        whole, decimals = re.sub("[.,]", "", text), text.replace(",", ".")
        if not column.within(float(whole)) and (
            column.kind == "whole number" or not column.within(float(decimals))
        ):
            raise WrongValue("is out of range")
        raise WrongValue(
            f"can be {_meanings(text)}; write one of them",
            f"{whole}, or {decimals}0 if the {'comma' if ',' in text else 'point'} begins the decimals",
        )
    value = _float(text, column)
    if is_doubtful(value, column) and not text.endswith("%"):
        meanings = f"{value:g} % or {percent(value)}"
        raise WrongValue(f"can be {meanings}; write one of them with its sign", meanings)
    if not column.within(value):
        if value < 0 and column.low is not None and column.low >= 0:
            raise WrongValue("is negative")
        near = column.kind == "share" and 2 <= value <= 100 and column.within(value / 100)
        raise WrongValue(f"is out of range{_hint(f'{value:g} %') if near else ''}")
    return value


def is_doubtful(value: float, column: ColumnDefinition) -> bool:
    """Whether a number without a sign can be a share or its percentage: 20 is 20 % to most people, and 2000 % to few."""
    return column.unit == "share" and column.high is None and value >= 2


def percent(value: float) -> str:
    """Return a share as a percentage that `parse` reads as the same number.

    >>> percent(2.5), percent(20.0)
    ('250 %', '2000 %')
    """
    return f"{Decimal(repr(float(value))).scaleb(2).normalize():f} %"


def _whole_number(text: str, column: ColumnDefinition) -> int:
    value = _number(text, column)
    if value != int(value) or abs(value) > 2**53:
        raise WrongValue("is not a whole number")
    return int(value)


def _is_not_known(text: str) -> bool:
    """Whether a text is what people write into a cell of numbers where they know none."""
    return is_missing_word(text) or text.strip().casefold() == "x"


def _estimate(text: str, column: ColumnDefinition) -> Estimate:
    parts = [part.strip() for part in text.split("/")]
    if len(parts) not in (1, 3):
        if _is_not_known(text):
            raise WrongValue(f"is not a number{_how_to_write(text, column)}")
        raise WrongValue(f"has {len(parts)} parts")
    numbers = [_number(part, column) for part in parts]
    low, likely, high = numbers if len(numbers) == 3 else numbers * 3
    if not low <= likely <= high:
        raise WrongValue("is not in order", "low <= likely <= high, such as 1000 / 2000 / 5000")
    return Estimate(low=low, likely=likely, high=high)


def _date(text: str, column: ColumnDefinition) -> dt.date:
    if not is_day(text):
        if is_time(text):
            raise WrongValue("is a date with a time; leave out the time")
        if re.fullmatch(r"[1-9]\d{4}", text, re.ASCII):
            raise WrongValue("is not a date; it may be Excel's number of a day: format the cell as a date")
        raise WrongValue("is not a date")
    day = read_day(text)
    if day is None:
        raise WrongValue("is not a day of the calendar")
    return day


def _time(text: str, column: ColumnDefinition) -> dt.datetime:
    if not is_time(text):
        raise WrongValue("is not a date and time")
    time = read_time(text)
    if time is None:
        raise WrongValue("is not a time of the calendar")
    return time


def _data(text: str, column: ColumnDefinition) -> tuple[tuple[str, str], ...]:
    tables = []
    for item in filter(str.strip, text.split(";")):
        named = _ENTITY.fullmatch(item)
        entity, path = (named[1], named[2].strip()) if named else ("", item.strip())
        if not path:
            raise WrongValue("names an entity without a path")
        tables.append((entity, path))
    if len({entity for entity, _ in tables}) < len(tables):
        raise WrongValue("names an entity twice, or has several paths without an entity")
    return tuple(tables)


def _map(text: str, column: ColumnDefinition) -> None:
    raise WrongValue("is a single value")


_READERS: dict[Kind, Callable[[str, ColumnDefinition], Any]] = {
    "text": _text,
    "choice": _choice,
    "list": _list,
    "yes/no": _yes_no,
    "whole number": _whole_number,
    "number": _number,
    "share": _number,
    "estimate": _estimate,
    "date": _date,
    "time": _time,
    "data": _data,
    "map": _map,
}


def number(value: float) -> str:
    """Return the shortest text that `parse` reads as the same number.

    >>> number(2000.0), number(0.1), number(3), number(1.125)
    ('2000', '0.1', '3', '1.1250')
    """
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = repr(float(value))
    return f"{text}0" if _THOUSANDS.fullmatch(text) else text


def write_cell(value: Any, column: ColumnDefinition | None = None) -> str:
    """Return the text of a value that `parse` reads back; None is an empty cell.

    Parameters
    ----------
    column
        Column of the cell; without one, shares are written as decimals.

    Examples
    --------
    >>> write_cell((True, "x")), write_cell(Estimate(low=1, likely=2, high=5))
    ('yes; x', '1 / 2 / 5')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return percent(value) if column and is_doubtful(value, column) else number(value)
        case dt.date() | dt.datetime():
            return value.isoformat()
        case Estimate():
            parts = (value.low, value.likely, value.high)
            return number(value.low) if value.certain else " / ".join(map(number, parts))
        case ExtractTable():
            return f"{value.entity}={value.location}" if value.entity else value.location
        case tuple():
            return "; ".join(map(write_cell, value))
        case _:
            return str(value)


@dataclass(frozen=True)
class ReadRow:
    """The values of a row by column, None where empty; ``failed`` names the columns that could not be read."""

    row: int
    values: dict[str, Any]
    texts: Mapping[str, str]
    whole: bool = True
    failed: frozenset[str] = field(default=frozenset())

    def key(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the values of the key, empty texts where there is none."""
        return tuple(str(self.values.get(column) or "") for column in columns)


@dataclass(frozen=True)
class Money:
    """What an engagement says once for all its numbers: currency, and when it was said."""

    currency: str
    date: dt.date | None = None

    def unit(self, column: ColumnDefinition) -> str:
        """Return the unit of a column with the currency in place of ``money``."""
        return column.unit.replace("money", self.currency)


def read_rows(raw: RawTable, money: Money, problems: Problems) -> tuple[ReadRow, ...]:
    """Read every row; what is not allowed is noted with its place."""
    return tuple(_row(raw, row, money, problems) for row in raw.rows)


def _row(raw: RawTable, row: RawRow, money: Money, problems: Problems) -> ReadRow:
    values: dict[str, Any] = {}
    failed = set()
    for column in raw.table.columns:
        text = row.cells.get(column.name, "")
        if not row.whole and column.name not in raw.table.key:
            continue
        name = raw.prefix + column.name
        try:
            value, said = read_typed(text, column, money.currency)
        except WrongValue as wrong:
            failed.add(column.name)
            allowed = column.allowed if wrong.allowed is None else wrong.allowed
            if row.whole:
                problems.add(raw.place, wrong.message, row=row.row, column=name, value=text, allowed=allowed)
            continue
        if said:
            problems.note(raw.place, f"is read as {said}", row=row.row, column=name, value=text)
        if value is None and column.required and row.whole:
            failed.add(column.name)
            if column.name in raw.columns:  # a column that is missing was said once
                problems.add(raw.place, "is required", row=row.row, column=name, allowed=column.allowed)
        if isinstance(value, Estimate):
            source = Source(kind="input", place=raw.place.source, row=row.row, column=name, date=money.date)
            value = value.model_copy(update={"unit": money.unit(column), "source": source})
        values[column.name] = value
    return ReadRow(row.row, values, row.cells, row.whole, frozenset(failed))


def make_record(raw: RawTable, row: ReadRow) -> Row:
    """Make the record of a row without problems.

    Raises
    ------
    pydantic.ValidationError
        If the record allows less than its columns do.
    """
    fields = {
        column.field: row.values[column.name]
        for column in raw.table.columns
        if row.values.get(column.name) is not None
    }
    if "tables" in fields:
        fields["tables"] = tuple(
            ExtractTable(system=fields["id"], entity=entity, location=path)
            for entity, path in fields["tables"]
        )
    return raw.table.record(**fields, origin=Source(kind="input", place=raw.place.source, row=row.row))
