"""Numbers as people write them in a cell, and as they read in findings, sentences and tables alike: thousands, money, shares, ranges."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from decimal import Decimal

GAP = "\u00a0"
"""No-break space, between a number and its unit."""

MINUS = "\u2212"

MANY = 1e7
"""From here on a quantity is written in millions or billions."""

_SCALES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
_SHORT = {"person-days": "d", "person-day": "d", "EUR": "€"}
CURRENCIES = frozenset(
    [
        "EUR",
        "USD",
        "GBP",
        "CHF",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
        "HUF",
        "RON",
        "BGN",
        "TRY",
        "JPY",
        "CNY",
        "INR",
        "AUD",
        "CAD",
        "NZD",
        "BRL",
        "MXN",
        "ZAR",
        "SGD",
        "HKD",
        "KRW",
        "ILS",
        "AED",
        "SAR",
    ]
)

_NUMBER = re.compile(r"[+-]?(\d{1,3}([ _'\u00a0\u202f’]\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d{1,4})?", re.ASCII)
_GROUPS = re.compile(r"[ _'\u00a0\u202f’]")


def parse_number(text: str) -> float | None:
    """Read a number that a person states: decimals with a point, thousands with nothing, a space or an apostrophe.

    A comma is refused: it parts thousands for one reader and decimals for another. What is too large is infinite.

    >>> parse_number("12 500.5"), parse_number("\u22121e3"), parse_number("1,200"), parse_number("nan")
    (12500.5, -1000.0, None, None)
    """
    plain = _plain(text)
    return float(plain) if plain else None


def parse_share(text: str) -> float | None:
    """Read a share that a person states: a number, or a percentage.

    >>> parse_share("0.35"), parse_share("35 %"), parse_share("a third")
    (0.35, 0.35, None)
    """
    if not text.endswith("%"):
        return parse_number(text)
    plain = _plain(text[:-1].rstrip())
    return float(Decimal(plain).scaleb(-2)) if plain else None


def _plain(text: str) -> str:
    """Return a number that a person states as programs write it; empty where it is none."""
    text = text.replace(MINUS, "-")
    stated = _NUMBER.fullmatch(text) and any("0" <= sign <= "9" for sign in text)
    return _GROUPS.sub("", text) if stated else ""


def is_money(unit: str) -> bool:
    """Whether a unit is a currency (an ISO 4217 code that the page knows).

    >>> is_money("EUR"), is_money("days"), is_money("API")
    (True, False, False)
    """
    return unit in CURRENCIES


def number(value: float, digits: int | None = None) -> str:
    """Write a number: whole numbers in full, others with three significant digits.

    Examples
    --------
    >>> number(14208), number(0.12345), number(3.14159), number(1234.5), number(-2.5)
    ('14,208', '0.123', '3.14', '1,234', '−2.5')
    >>> number(3.14159, digits=1)
    '3.1'
    """
    if not math.isfinite(value):
        raise ValueError("a number of the report must be finite")
    if digits is None:
        digits = _digits(value)
        text = f"{abs(value):,.{digits}f}"
        if digits and "." in text:
            text = text.rstrip("0").rstrip(".")
    else:
        text = f"{abs(value):,.{digits}f}"
    negative = value < 0 and any(c in "123456789" for c in text)
    return (MINUS if negative else "") + text


def money(value: float, currency: str) -> str:
    """Write an amount of money as leaders say it.

    Examples
    --------
    >>> money(2_914_000, "EUR").replace(GAP, " "), money(240_300, "USD").replace(GAP, " ")
    ('2.9 M€', '240 k USD')
    >>> money(75, "EUR").replace(GAP, " "), money(-999_999, "EUR").replace(GAP, " ")
    ('75 €', '−1.0 M€')
    >>> [money(value, "EUR").replace(GAP, " ") for value in (2.02, 0.00042, 0.0, 1e-12)]
    ['2.02 €', '0.00042 €', '0 €', '0 €']
    """
    scaled, scale = _scaled(value)
    return scaled + GAP + _currency(scale, currency)


def quantity(value: float | str | bool | None, unit: str = "", digits: int | None = None) -> str:
    """Write a value with its unit; money is scaled, a ``share`` becomes percent, a ``chance`` whole percent.

    A chance is a share of drawn futures: nobody knows it more exactly than to a percent, nor that it is none or all.

    Examples
    --------
    >>> [quantity(value, "chance").replace(GAP, " ") for value in (0.0, 0.0093, 0.19149, 0.766, 0.9901, 1.0)]
    ['under 1%', 'under 1%', '19%', '77%', 'over 99%', 'over 99%']
    >>> quantity(0.714, "share").replace(GAP, " "), quantity(19, "months").replace(GAP, " ")
    ('71.4%', '19 months')
    >>> [quantity(value, "share").replace(GAP, " ") for value in (0.0004, 0.38, 0.995, 0.9996, 1, 2)]
    ['0.04%', '38%', '99.5%', '99.96%', '100%', '200%']
    >>> [quantity(value, "person-days").replace(GAP, " ") for value in (0.527, 8, 19.14, 212.6)]
    ['0.5 d', '8 d', '19.1 d', '213 d']
    >>> quantity(1_478_107_050, "messages/month").replace(GAP, " ")
    '1.48 bn messages/month'
    >>> quantity(1.25e6, "EUR/year").replace(GAP, " ")
    '1.2 M€/year'
    >>> [quantity(value, "days").replace(GAP, " ") for value in (27.66, 0.176, 0.01)]
    ['27.7 days', '4.2 hours', '14 min']
    >>> quantity(14_006_858, "", 0)
    '14,006,858'
    >>> quantity(None), quantity(True), quantity("ipaas")
    ('not assessed', 'yes', 'ipaas')
    """
    if value is None:
        return "not assessed"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    currency, slash, per = unit.partition("/")
    if is_money(currency):
        return money(value, currency) + slash + per
    if unit == "days" and 0 < abs(value) < 1:
        return (
            f"{number(value * 1440, 0)}{GAP}min"
            if abs(value) < 1 / 24
            else f"{number(value * 24, 1)}{GAP}hours"
        )
    if unit == "chance":
        return f"under{GAP}1%" if value < 0.01 else f"over{GAP}99%" if value > 0.99 else f"{value:.0%}"
    if unit == "share":
        value, digits = value * 100, share_digits(value) if digits is None else digits
    if _SHORT.get(unit) == "d" and digits is None and 0.05 <= abs(value) < MANY:
        return number(value, 0 if abs(value) >= 99.95 else 1).removesuffix(".0") + GAP + "d"
    exact = digits == 0 and not unit  # a whole number of a table, which may be a part of a sum
    text = number(value, digits) if exact or abs(value) < MANY else GAP.join(_scaled(value, 2))
    if unit in ("share", "%"):
        return text + "%"
    sign = _SHORT.get(unit, unit)
    return text + (GAP + sign if sign else "")


def count(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun.

    >>> count(1, "integration"), count(1200, "row"), count(0, "entry", "entries")
    ('1 integration', '1,200 rows', '0 entries')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def first_few(words: Sequence[str], most: int = 3) -> str:
    """List the first words and count the others.

    >>> first_few(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" and {rest} more" if rest > 0 else "")


def interval(low: float, high: float, unit: str = "", digits: int | None = None) -> str:
    """Write a range once with its unit.

    Examples
    --------
    >>> interval(2.2e6, 4.3e6, "EUR").replace(GAP, " ")
    '2.2 to 4.3 M€'
    >>> interval(900_000, 1_400_000, "EUR").replace(GAP, " ")
    '900 k€ to 1.4 M€'
    >>> interval(574_000, 1_700_000, "EUR/year").replace(GAP, " ")
    '574 k€ to 1.7 M€/year'
    >>> interval(0.41, 0.62, "share")
    '41 to 62%'
    """
    first, second = quantity(low, unit, digits), quantity(high, unit, digits)
    head, _, tail = first.rpartition(GAP)
    if head and second.endswith(GAP + tail):
        return f"{head} to {second}"
    per = unit[unit.find("/") :] if "/" in unit else "%"
    return f"{first.removesuffix(per)} to {second}"


_SPELLED = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def tidy(value: float) -> float:
    """Round to ten significant digits, so that results do not depend on the order of a sum."""
    return float(f"{value:.10g}")


def spelled(value: int) -> str:
    """Write a count as a sentence does: in words up to twelve.

    >>> spelled(0), spelled(12), spelled(1300)
    ('no', 'twelve', '1,300')
    """
    return _SPELLED[value] if 0 <= value < len(_SPELLED) else f"{value:,}"


def day(value: dt.date) -> str:
    """Write a day.

    >>> day(dt.date(2028, 3, 20)).replace(GAP, " ")
    '20 Mar 2028'
    """
    return f"{value.day}{GAP}{_MONTHS[value.month - 1]}{GAP}{value.year}"


def stamp(value: dt.datetime) -> str:
    """Write a moment to the minute, with its zone where it has one.

    >>> stamp(dt.datetime(2026, 12, 1, 9, 5, tzinfo=dt.UTC)).replace(GAP, " ")
    '1 Dec 2026, 09:05 UTC'
    """
    return f"{day(value)}, {value:%H:%M} {value.tzname() or ''}".strip()


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _digits(value: float) -> int:
    size = abs(value)
    if size >= 1000 or (float(value).is_integer() and size < 1e15):
        return 0
    if size == 0:
        return 0
    return max(0, 2 - math.floor(math.log10(size)))


def share_digits(value: float) -> int:
    """Digits of a percentage: two near none and near all, one elsewhere, none where it is whole."""
    percent = abs(value) * 100
    if 0 < percent < 1 or 99.9 < percent < 100:
        return 2
    whole = percent <= 99 or percent >= 100
    return 0 if whole and abs(percent - round(percent)) < 0.05 else 1


def _scaled(value: float, digits: int = 1) -> tuple[str, str]:
    size = abs(value)
    for scale, sign in _SCALES:
        if size >= scale * 0.9995:
            fine = size < 99.95 * scale and (scale > 1e3 or size < 9950)
            return number(value / scale, digits if fine else 0), sign
    if size >= 10 or size < 1e-9 or float(value).is_integer():
        return number(value, 0), ""
    return number(value, 2 if size >= 0.1 else 1 - math.floor(math.log10(size))), ""


def _currency(scale: str, currency: str) -> str:
    sign = _SHORT.get(currency, currency)
    return scale + sign if sign == "€" else f"{scale}{GAP}{sign}" if scale else sign
