"""What people type, in the words of a column: one meaning is read and listed to be confirmed, two are none.

Every function returns a text that `rows.parse` reads, or an empty one where the text has no meaning here, or several.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping

from .columns import ColumnDefinition, Kind

SECONDS: dict[str, float] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}
"""Length of what a clock measures."""

TIMES: dict[str, str] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sek", "sekunde", "sekunden"), "seconds"),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "minuten"), "minutes"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden"), "hours"),
    **dict.fromkeys(("d", "day", "days", "tag", "tage", "tagen"), "days"),
    **dict.fromkeys(("w", "week", "weeks", "woche", "wochen"), "weeks"),
    **dict.fromkeys(("month", "months", "monat", "monate"), "months"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years", "jahr", "jahre"), "years"),
}
"""Words for spans of time."""

KILOBYTES: dict[str, float] = {"b": 1e-3, "byte": 1e-3, "bytes": 1e-3, "kb": 1, "mb": 1e3, "gb": 1e6}

SCALES: dict[str, float] = {
    **dict.fromkeys(("k", "tsd", "thousand", "tausend"), 1e3),
    **dict.fromkeys(("mio", "mn", "million", "millions", "millionen"), 1e6),
}
"""Words behind a number that multiply it; ``m`` alone is a minute, a month, or a million."""

SIGNS: dict[str, tuple[str, ...]] = {
    "€": ("EUR",), "euro": ("EUR",), "euros": ("EUR",), "£": ("GBP",), "us$": ("USD",), "fr": ("CHF",), "sfr": ("CHF",),
    "zł": ("PLN",), "₹": ("INR",), "₩": ("KRW",), "a$": ("AUD",), "c$": ("CAD",),
    "$": ("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN"), "¥": ("JPY", "CNY"), "kr": ("SEK", "NOK", "DKK"),
}  # fmt: skip
"""Signs of money and the currencies that they stand for."""

YES_NO: dict[str, str] = {
    **dict.fromkeys(("ja", "oui", "si", "sí", "sì", "x", "✓", "✔", "1", "wahr"), "yes"),
    **dict.fromkeys(("nein", "non", "0", "falsch"), "no"),
}

CALLED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("edi", "edifact", "x12", "as2", "sftp", "ftp", "ftps", "mft", "managed file transfer", "flat file", "csv", "peppol"),
                    ("file-exchange", "file")),
    **dict.fromkeys(("file", "files", "file transfer"), ("file-exchange",)),
    **dict.fromkeys(("fhir", "hl7 fhir", "odata", "json api", "http api"), ("rest",)),
    **dict.fromkeys(("hl7", "hl7 v2", "hl7v2", "hl7 v2.x", "mllp"), ("events",)),
    **dict.fromkeys(("kafka", "mqtt", "amqp", "jms", "rabbitmq", "message broker"), ("events", "event-driven")),
    **dict.fromkeys(("own connector", "built-in connector", "plugin"), ("native-connector",)),
    **dict.fromkeys(("etl", "elt", "batch", "batch job", "bulk load", "nightly job", "file transfer job"), ("bulk",)),
    **dict.fromkeys(("cdc", "change data capture", "log-based replication"), ("notify-many", "events")),
    **dict.fromkeys(("publish-subscribe", "pub/sub", "pubsub", "event", "message queue"), ("notify-many", "events")),
    **dict.fromkeys(("request-response", "synchronous", "query", "rpc"), ("request-reply",)),
    **dict.fromkeys(("service bus", "enterprise service bus"), ("esb",)),
    **dict.fromkeys(("p2p", "custom code", "script", "direct connection"), ("point-to-point",)),
    **dict.fromkeys(("copy and paste", "copy & paste", "copy paste", "copy/paste", "re-entry", "reentry", "retyped", "typed in", "by hand"), ("manual",)),
    **dict.fromkeys(("web service", "wsdl", "xml-rpc"), ("soap",)),
    **dict.fromkeys(("jdbc", "odbc", "sql", "database link", "db"), ("database-access", "database")),
    **dict.fromkeys(("screen", "gui", "rpa", "robotic process automation"), ("ui",)),
}  # fmt: skip
"""What people call the words of a choice, and the word of each column that it means: of these a column has one at most."""

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS_ELSEWHERE = {"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12}

_ABOUT = re.compile(
    r"^(?:(?:ca|circa|approx|approximately|about|around|roughly|etwa|rund|ungefähr|environ|env)\b\.?|[~≈])\s*",
    re.IGNORECASE,
)
_NUMBER = r"[+-]?(?:\d[\d.,'’_ \u00a0\u202f]*\d|\d)"
_AMOUNT = re.compile(rf"(?P<before>[^\d\s+-]*)\s*(?P<number>{_NUMBER})\s*(?P<after>[^\d]*)")
_RANGE = re.compile(
    rf"(?:between\s+|zwischen\s+|from\s+|von\s+)?(?P<low>{_NUMBER}[^\d\s–-]*)\s*(?:-|–|—|\.\.|\bto\b|\bbis\b|\band\b|\bund\b)"
    rf"\s*(?P<high>\d[\d.,'’_ ]*)(?P<after>[^\d]*)",
    re.IGNORECASE,
)


def reword(text: str, column: ColumnDefinition, currency: str = "") -> str:
    """Return what a text means in a column, as `rows.parse` reads it; empty where that is not one thing.

    Parameters
    ----------
    text
        What was typed and `rows.parse` has refused.
    currency
        ISO 4217 code of the engagement's amounts.

    Examples
    --------
    >>> reword("ca. 1,5", ColumnDefinition("volume", "volume", "number"))
    '1.5'
    >>> reword("5 min", ColumnDefinition("latency_seconds", "latency_seconds", "number", unit="seconds"))
    '300'
    >>> reword("1,250", ColumnDefinition("volume", "volume", "number"))
    ''
    """
    reader = _READERS.get(column.kind)
    return reader(" ".join(text.split()), column, currency) if reader else ""


def _number(text: str, column: ColumnDefinition, currency: str) -> str:
    """Return a single number without the words around it, in the column's unit."""
    found = _AMOUNT.fullmatch(_ABOUT.sub("", text.replace("\u2212", "-")))
    if not found:
        return ""
    plain = plain_number(found["number"])
    if not plain:
        return ""
    factor = _factor(_words(found["before"]), _words(found["after"]), column, currency)
    if factor is None:
        return ""
    percentage = (
        column.kind == "share" and column.high is not None and column.high <= 1 and 2 <= float(plain) <= 100
    )
    if (column.kind == "share" and "%" in _words(found["after"])) or percentage:
        return f"{plain} %"
    return plain if factor == 1 else _written(float(plain) * factor)


def plain_number(text: str) -> str:
    """Return digits with one point for the decimals; empty where the point or comma may begin decimals or thousands.

    >>> plain_number("1.250,5"), plain_number("1,250,000"), plain_number("0,5"), plain_number("2,500")
    ('1250.5', '1250000', '0.5', '')
    """
    text = re.sub(r"[ _'’\u00a0\u202f]", "", text)
    marks = [c for c in text if c in ".,"]
    if not marks:
        return text
    last = marks[-1]
    head, _, tail = text.rpartition(last)
    if len(set(marks)) == 2:  # the last one begins the decimals, the others part thousands
        other = "," if last == "." else "."
        grouped = last not in head and re.fullmatch(rf"[+-]?\d{{1,3}}(?:\{other}\d{{3}})+", head)
        return f"{head.replace(other, '')}.{tail}" if grouped else ""
    if len(marks) > 1:
        return text.replace(last, "") if re.fullmatch(rf"[+-]?\d{{1,3}}(?:\{last}\d{{3}})+", text) else ""
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", text):
        return ""
    return f"{head}.{tail}"


def _words(text: str) -> list[str]:
    """Return the words of what stands beside a number, without full stops."""
    return [word.rstrip(".") for word in re.findall(r"%|[^\s%/()]+", text.casefold()) if word.strip("./")]


def _factor(before: list[str], after: list[str], column: ColumnDefinition, currency: str) -> float | None:
    """Return what a number has to be multiplied with, None where a word beside it has no meaning in the column."""
    unit, factor = _unit(column), 1.0
    own = set(re.findall(r"[a-z]+", column.unit.casefold())) | {unit, "per", "a", "pro", "each", "je"}
    for word in (*before, *after):
        meant = TIMES.get(word, "")
        if word in SCALES and factor == 1:
            factor = SCALES[word]
        elif (
            (word == "%" and column.kind == "share")
            or (column.unit.startswith("money") and _is_sign(word, currency))
            or (meant and meant == unit)
        ):
            continue
        elif meant in SECONDS and unit in SECONDS and _fixed(meant, unit) and factor == 1:
            factor = SECONDS[meant] / SECONDS[unit]
        elif column.unit == "kB" and word in KILOBYTES and factor == 1:
            factor = KILOBYTES[word]
        elif not own & {word, meant, f"{word}s"} - {""}:
            return None
    return factor


def _unit(column: ColumnDefinition) -> str:
    """Return the span of time in which a column counts, by its unit or the end of its name; empty for none."""
    if column.unit.startswith("person"):  # of work, which no clock measures
        return ""
    last = column.name.rpartition("_")[2]
    return column.unit if column.unit in SECONDS else TIMES.get(last, "") if last in TIMES.values() else ""


def _fixed(one: str, other: str) -> bool:
    """Say whether a clock converts them: where people work by the hour or minute, a day is no 24 hours."""
    return one not in ("days", "weeks") or other in ("seconds", "days", "weeks")


def _is_sign(word: str, currency: str) -> bool:
    return word == currency.casefold() or currency in SIGNS.get(word, ())


def _written(value: float) -> str:
    text = repr(value)
    return text.removesuffix(".0") if "e" not in text else f"{value:.0f}"


def _estimate(text: str, column: ColumnDefinition, currency: str) -> str:
    """Return one number, three, or a range with its middle as the likely value."""
    if (found := _RANGE.fullmatch(_ABOUT.sub("", text))) and "/" not in text:
        low, high = found["low"].strip(), (found["high"] + found["after"]).strip()
        if low[-1].isdigit():
            low += found["after"]
        ends = [_number(end, column, currency) for end in (low, high)]
        if all(ends) and float(ends[0]) <= float(ends[1]):
            return " / ".join((ends[0], _written((float(ends[0]) + float(ends[1])) / 2), ends[1]))
        return ""
    parts = [part.strip() for part in text.split("/")]
    if len(parts) != 3:
        return _number(text, column, currency)
    read = [_number(part, column, currency) for part in parts]
    return " / ".join(read) if all(read) else ""


def folded_word(text: str, *, plural: bool = True) -> str:
    """Return a word as people mean it: without case and signs, and without the plural where that is no other word.

    >>> folded_word("Google Sheets") == folded_word("google-sheet")
    True
    >>> folded_word("orders", plural=False)
    'orders'
    """
    word = re.sub(r"[\W_]+", "", text.casefold())
    return word.removesuffix("s") if plural else word


def unique_word(text: str, known: Iterable[tuple[str, str]], *, plural: bool = True) -> str:
    """Return the id that a text names; empty where there is none or several.

    Parameters
    ----------
    known
        Pairs of a word, by which it may be called, and the id.

    Examples
    --------
    >>> unique_word("Shopify", [("shopify", "shop"), ("sheets", "sheets")])
    'shop'
    """
    own = folded_word(text, plural=plural)
    meant = {id for word, id in known if own and folded_word(word, plural=plural) == own}
    return meant.pop() if len(meant) == 1 else ""


def _known(column: ColumnDefinition) -> list[tuple[str, str]]:
    """Return the words of a column with what each means: its own, and what people call them."""
    own = [(choice, choice) for choice in column.choices]
    return own + [(word, id) for word, meant in CALLED.items() for id in meant if id in column.choices]


def _choice(text: str, column: ColumnDefinition, currency: str) -> str:
    found = unique_word(text, _known(column))
    if not found and {"0", "1"} <= set(column.choices):  # how far something is true
        word = YES_NO.get(text.casefold(), text.casefold())
        percentage = float(text) / 100 if re.fullmatch(r"\d{2,3}", text) else None
        same = next((c for c in column.choices if c[0].isdigit() and float(c) == percentage), "")
        found = {"yes": "1", "no": "0"}.get(word, same)
    return found


def _list(text: str, column: ColumnDefinition, currency: str) -> str:
    if not column.choices:
        return ""
    items = [item.strip() for item in re.split(r"[;,\n]", text) if item.strip()]
    known = _known(column)
    found = [
        unique_word(item, known) or unique_word(re.sub(r"(?i)[ -]apis?$", "", item), known) for item in items
    ]
    return "; ".join(dict.fromkeys(found)) if all(found) else ""


def _yes_no(text: str, column: ColumnDefinition, currency: str) -> str:
    return YES_NO.get(text.casefold(), "")


def _date(text: str, column: ColumnDefinition, currency: str) -> str:
    """Return a day that is written in one of the ways that leave no doubt which part is the month."""
    if found := re.fullmatch(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})", text):
        day, month, year = map(int, found.groups())
    elif found := re.fullmatch(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", text):
        year, month, day = map(int, found.groups())
    elif found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        day, month, year = map(int, found.groups())
        if month > 12:
            day, month = month, day
        elif day <= 12 and day != month:
            return ""
    elif found := re.fullmatch(r"(\d{1,2})\.? (\w{3,9})\.?,? (\d{4})|(\w{3,9})\.? (\d{1,2}),? (\d{4})", text):
        parts = found.groups()
        day, name, year = (
            (int(parts[0]), parts[1], int(parts[2])) if parts[0] else (int(parts[4]), parts[3], int(parts[5]))
        )
        month = _month(name)
    else:
        return ""
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return ""


def _month(name: str) -> int:
    short = name.casefold()[:3]
    return MONTHS.index(short) + 1 if short in MONTHS else MONTHS_ELSEWHERE.get(short, 0)


def currency_code(text: str) -> str:
    """Return the ISO 4217 code that a sign or word stands for; empty where there is none or several.

    >>> currency_code("US$"), currency_code("$"), currency_code("eur")
    ('USD', '', 'EUR')
    """
    word = text.strip().casefold().rstrip(".")
    if re.fullmatch(r"[a-z]{3}", word):
        return word.upper()
    codes = SIGNS.get(word, ())
    return codes[0] if len(codes) == 1 else ""


_READERS: Mapping[Kind, Callable[[str, ColumnDefinition, str], str]] = {
    "number": _number,
    "whole number": _number,
    "share": _number,
    "estimate": _estimate,
    "choice": _choice,
    "list": _list,
    "yes/no": _yes_no,
    "date": _date,
}
