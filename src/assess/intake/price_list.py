"""What platforms cost: the price list that ships, the quotes of an engagement, and the platforms that it names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import yaml

from .assumptions import Assumption
from .engagement.landscape import Quote
from .problem import InputLocation, Problems, closest_word, listed
from .raw import RawTable
from .rows import ReadRow
from .settings import is_currency

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

OFFER = ("vendor", "product", "style", "currency", "valid_until", "date")
"""Columns that are the same in every row of an offer."""

LINE = ("per", "included", "block", "size_kb", "period")
"""Columns that are the same in every tier of a line."""


@cache
def price_list() -> Mapping[str, Mapping[str, Any]]:
    """Return the plans that ship with the package (``intake/price_plans.yaml``), by id.

    >>> price_list()["workato"]["style"]
    'ipaas'
    """
    text = files(__package__).joinpath("price_plans.yaml").read_text("utf-8")
    entries: Mapping[str, Mapping[str, Any]] = yaml.load(text, Loader=_LOADER)  # noqa: S506 - safe, in C where there is C
    return entries


def offers(quotes: Iterable[Quote]) -> dict[str, tuple[Quote, ...]]:
    """Return the rows of each offer by its plan, in the order of the table."""
    found: dict[str, tuple[Quote, ...]] = {}
    for quote in quotes:
        found[quote.plan] = (*found.get(quote.plan, ()), quote)
    return found


def price_key(plan: str, place: int) -> str:
    """Return the key of the assumption that holds the price of the how many-th row of an offer, from 0.

    >>> price_key("acme", 0)
    'quote.acme.1'
    """
    return f"quote.{plan}.{place + 1}"


def quoted_prices(
    quotes: Iterable[Quote], currency: str, date: dt.date | None = None
) -> dict[str, Assumption]:
    """Return the price of each row of each offer, by `price_key`.

    Parameters
    ----------
    currency
        The engagement's, of offers that name none.
    date
        The engagement's, of offers that have none.

    Raises
    ------
    ValueError
        If neither an offer nor the engagement has a date; `check_quotes` notes it before.
    """
    found = {}
    for plan, rows in offers(quotes).items():
        for place, quote in enumerate(rows):
            day = quote.date or date
            if day is None:
                raise ValueError(f"the offer {plan} has no date")
            key = price_key(plan, place)
            found[key] = Assumption(
                key=key,
                label=", ".join(filter(None, [quote.product or quote.vendor, quote.line or quote.unit])),
                low=quote.price.low,
                likely=quote.price.likely,
                high=quote.price.high,
                unit=f"{quote.currency or currency}/{_counted(quote)}",
                source=quote.source or f"offer of {quote.vendor}",
                date=day,
                origin=quote.cite("price"),
            )
    return found


def _counted(quote: Quote) -> str:
    """Return what one price pays for, in words.

    >>> _counted(Quote.model_construct(unit="step", per=1e6, period=None)), _counted(Quote.model_construct(unit="month", per=None, period="year"))
    ('1000000 steps', 'year')
    """
    period = quote.period or "month"
    if quote.unit == "month":
        return period
    one = quote.unit if quote.per in (None, 1) else f"{quote.per:g} {quote.unit}s".replace("1e+06", "1000000")
    return one if quote.unit in ("message", "step", "gigabyte") else f"{one}-{period}"


def check_quotes(raw: RawTable, rows: Sequence[ReadRow], date: dt.date | None, problems: Problems) -> None:
    """Note offers whose rows contradict each other, whose tiers are not in order, or that have no date or currency.

    Parameters
    ----------
    date
        Date of the engagement, which offers without one take.
    """
    plans: dict[str, list[ReadRow]] = {}
    for row in rows:
        plan, currency = row.values.get("plan"), row.values.get("currency")
        if currency and not is_currency(currency):
            _note(raw, row, "currency", "is no currency", "an ISO 4217 code such as EUR", problems)
        if plan and ";" in plan:
            _note(raw, row, "plan", "holds a separator", "a name without ;", problems)
        elif plan:
            plans.setdefault(plan, []).append(row)
    for group in plans.values():
        if date is None and not any(row.values.get("date") for row in group):
            _note(
                raw, group[0], "date", "has no date", "a date here, or the date of the engagement", problems
            )
        _agree(raw, group, OFFER, "the offer", problems)
        lines: dict[tuple[object, object], list[ReadRow]] = {}
        for row in group:
            lines.setdefault((row.values.get("line"), row.values.get("unit")), []).append(row)
        for tiers in lines.values():
            _agree(raw, tiers, LINE, "the line", problems)
            _ascending(raw, tiers, problems)


def _agree(
    raw: RawTable, rows: Sequence[ReadRow], columns: Iterable[str], what: str, problems: Problems
) -> None:
    """Note a row that says something else than an earlier one; an empty cell says nothing."""
    for column in columns:
        first = next((row for row in rows if row.values.get(column) is not None), None)
        for row in rows:
            value = row.values.get(column)
            if first is not None and value not in (None, first.values[column]):
                allowed = f"{first.texts[column]}, as in row {first.row}: {what} has one {column}"
                _note(raw, row, column, f"is not that of row {first.row}", allowed, problems)


def _ascending(raw: RawTable, tiers: Sequence[ReadRow], problems: Problems) -> None:
    """Note tiers whose limits do not rise, and one without a limit that is not the last."""
    for before, after in pairwise(tiers):
        low, high = before.values.get("upto"), after.values.get("upto")
        if "upto" in before.failed | after.failed:
            continue
        if low is None:
            message = f"is empty, but row {after.row} goes on with the same line"
            _note(raw, before, "upto", message, "a limit in all tiers but the last", problems)
        elif high is not None and high <= low:
            message = f"is not more than in row {before.row}"
            _note(raw, after, "upto", message, f"more than {before.texts['upto']}", problems)


def _note(raw: RawTable, row: ReadRow, column: str, message: str, allowed: str, problems: Problems) -> None:
    value = row.texts.get(column) or None
    problems.add(raw.place, message, row=row.row, column=column, value=value, allowed=allowed)


def check_platforms(
    named: Sequence[str], rows: Iterable[ReadRow], place: InputLocation, line: int | None, problems: Problems
) -> None:
    """Note named platforms that neither the price list nor a quote has, and two of one style.

    Parameters
    ----------
    named
        What the key ``platform`` names.
    rows
        Rows of the quotes.
    line
        Line of the key.
    """
    known = {plan: str(entry["style"]) for plan, entry in price_list().items()}
    known |= {
        str(row.values["plan"]): str(row.values["style"])
        for row in rows
        if row.values.get("plan") and row.values.get("style")
    }
    served: dict[str, str] = {}
    for name in named:
        if name not in known:
            near = closest_word(name, known)
            hint = f', did you mean "{near}"?' if near else ""
            message, allowed = f"is neither in the price list nor in quotes{hint}", listed(sorted(known), 60)
        elif (earlier := served.setdefault(known[name], name)) != name:
            message, allowed = f"serves {known[name]} as {earlier} does", "one platform of each style"
        else:
            continue
        problems.add(place, message, row=line, column="platform", value=name, allowed=allowed)
