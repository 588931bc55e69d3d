"""Every advice of a message is followed, and the problem is gone: of every column, for what people type wrongly."""

import re

import pytest

from assess.intake.columns import TABLES, keys
from assess.intake.rows import WrongValue, parse, read_typed

TYPED = (
    "n/a", "tbd", "x", "ca. viel", "high?", "very low", "maybe", "teilweise", "2.500", "1,250", "12,5", "1.234.567", "1 200,50 EUR",
    "10-20", "5 to 7", "1/2", "1 / 2 / 3 / 4", "9 / 5 / 1", "-3", "150 %", "20", "0.5.5", "5 min", "300 kg", "2026-13-40", "31.02.2026",
    "46000", "2026-05-31T14:30", "yesterday", "a; a", "rest; fax", "intergations", "api first", "NaN", "inf", "1e400", "\x00", "=1+1",
)  # fmt: skip
COLUMNS = [(f"{table.name}.{column.name}", column) for table in TABLES for column in table.columns] + [
    (key, column.items or column) for key, column in keys() if column.kind != "map" or column.items
]


def followed(text, message, allowed):
    """Yield what a person would type next who reads a message: the likely meaning first, then what is allowed."""
    if meant := re.search(r'did you mean "([^"]+)"', message):
        yield meant[1] if ";" not in text else text
    if "leave the cell empty" in message or allowed.startswith("text without"):
        yield ""
    if meanings := re.search(r"can be (.+?) or (.+?)[:;]", message):
        first, _, other = allowed.partition(", or ")
        if " if " in other:
            yield first
            yield other.partition(" if ")[0]
        yield from meanings.groups()
    if "point" in message and "decimals" in message:
        yield text.replace(" ", "").replace(",", ".")
    if "without a sign" in message:
        yield re.sub(r"[.,]", "", text)
    if "such as" in allowed:
        yield allowed.rpartition("such as ")[2].partition(" or ")[0].partition(",")[0]
        yield allowed.partition("such as ")[2].partition(" or ")[0].partition(",")[0]
    if "yes or no" in allowed:
        yield "yes"
    if "whole number" in allowed:
        yield "1"
    if allowed.startswith("a list separated by ;"):
        yield allowed.partition(" of ")[2].partition(",")[0] or "one; other"
    if limit := re.search(r"at least (-?[\d.]+)", allowed):
        yield limit[1]
    if limit := re.search(r"at most (-?[\d.]+)", allowed):
        yield limit[1]
    yield allowed.partition(",")[0]


@pytest.mark.parametrize("name, column", COLUMNS, ids=[name for name, _ in COLUMNS])
def test_what_a_message_allows_is_read_when_it_is_typed(name, column):
    for text in TYPED:
        try:
            read_typed(text, column, "EUR")
        except WrongValue as wrong:
            allowed = column.allowed if wrong.allowed is None else wrong.allowed
            assert allowed, (name, text)
            tried = list(followed(text, wrong.message, allowed))
            for value in tried:
                try:
                    parse(value, column)
                    break
                except WrongValue:
                    continue
            else:
                pytest.fail(f"{name}: {text!r} {wrong.message}; allowed: {allowed}; tried {tried}")


@pytest.mark.parametrize("name, column", [c for c in COLUMNS if c[1].kind in ("number", "estimate", "share", "whole number")],
                         ids=[n for n, c in COLUMNS if c.kind in ("number", "estimate", "share", "whole number")])  # fmt: skip
def test_the_first_thing_that_is_said_about_a_number_works(name, column):
    """Where a message says how to write this very number, that is read, if it is within what the column may hold."""
    for text in ("2.500", "1,250", "n/a", "x"):
        try:
            read_typed(text, column, "EUR")
        except WrongValue as wrong:
            allowed = column.allowed if wrong.allowed is None else wrong.allowed
            first = next(followed(text, wrong.message, allowed))
            try:
                parse(first, column)
            except WrongValue as again:
                assert (
                    "out of range" in again.message or "whole number" in again.message or "%" in again.message
                ), f"{name}: {text!r} {wrong.message} -> {first!r} {again.message}"
