"""Moments written as text: one order of day and month for a whole column, zones, epochs, fractions of a second."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

Order = Literal["", "dmy", "mdy"]

LONGEST = 64
"""Signs of a text that are read as a moment; longer ones are none."""
_DIGITS = re.compile(r"(?P<whole>\d{10}|\d{13}|\d{16}|\d{19})(?P<part>\.\d{1,9})?$")
_DOTNET = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/$")
"""JSON of .NET and of OData 2, milliseconds."""
_LOGGED = re.compile(r"(\d{1,2}/[A-Za-z]{3}/\d{4}):(\d\d:\d\d:\d\d.*)$")
"""The common log format puts a colon between day and time."""
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:,?[ T]+(.*))?$")
_OFFSET = re.compile(r"(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$", re.IGNORECASE)
_TIME = re.compile(r"\d:\d\d")
_COMMA = re.compile(r"(:\d\d),(\d{1,9})(?!\d)")
_HALF = re.compile(r"\b[ap]\.?m\b", re.IGNORECASE)


class Moments(NamedTuple):
    """What texts say.

    Parameters
    ----------
    utc
        Shape (n,), datetime64[us] in UTC; NaT where a text is no moment.
    order
        Order of day and month that the column has; empty where none of it needs one.
    problem
        Why nothing of the column that needs an order was read; empty where it was.
    """

    utc: npt.NDArray[np.datetime64]
    order: Order = ""
    problem: str = ""


def read_moments(texts: Sequence[str | None], zone: str = "UTC", order: Order = "") -> Moments:
    """Read the texts of one column as moments.

    ISO 8601, seconds to nanoseconds since 1970, month names, the common log format, and days written with the year
    last, all of a column in one order: the one that is stated, else the only one that fits every text, else day
    first where they are written with full stops and month first where a time has AM or PM. Where both orders fit, or
    neither fits all, those texts are not read and ``problem`` says so.

    Parameters
    ----------
    texts
        Shape (n,), as they are written; None and blanks are no moment.
    zone
        Of a moment without an offset: of an hour that a clock change repeats the first is meant, and an hour that it
        skips counts as the moment of the change.
    order
        Of day and month, where it is known.

    Examples
    --------
    >>> read_moments(["13.09.2026 10:00", "01.09.2026 10:00:00,5"]).utc.astype("datetime64[ms]").astype(str).tolist()
    ['2026-09-13T10:00:00.000', '2026-09-01T10:00:00.500']
    >>> read_moments(["9/1/2026, 10:00:00 AM"], "Europe/Berlin").utc.astype("datetime64[s]").astype(str).tolist()
    ['2026-09-01T08:00:00']
    >>> read_moments(["09/10/2026 10:00", "09/11/2026 10:00"]).problem
    'days and months can be exchanged: 09/10/2026 10:00'
    >>> read_moments(["1788256800123", "/Date(1788256800000)/"]).utc.astype("datetime64[s]").astype(str).tolist()
    ['2026-09-01T10:00:00', '2026-09-01T10:00:00']
    """
    column = pd.Series(list(texts), dtype=object)
    codes, distinct = pd.factorize(column)
    written = [str(text).strip() for text in distinct]
    found = np.full(len(written) + 1, np.datetime64("NaT", "us"))
    rest: dict[int, str] = {}
    late: dict[int, re.Match[str]] = {}
    for place, text in enumerate(written):
        if not text or len(text) > LONGEST:
            continue
        if (epoch := _epoch(text)) is not None:
            found[place] = epoch
        elif match := _YEAR_LAST.match(text):
            late[place] = match
        else:
            rest[place] = text
    used, problem = _settle(list(late.values()), order)
    if used and not problem:
        rest |= {place: _year_first(match, used) for place, match in late.items()}
    places = np.fromiter(rest, np.int64, len(rest))
    found[places] = _parsed(list(rest.values()), zone)
    years = found.astype("datetime64[Y]").astype(np.int64) + 1970
    found[(years < 1970) | (years > 2999)] = np.datetime64("NaT", "us")
    return Moments(found[codes], used if late else "", problem)


def to_utc(moment: dt.datetime, zone: str = "UTC") -> dt.datetime:
    """Return a moment in UTC without its zone; one without an offset is of the zone, the first of a repeated hour.

    >>> to_utc(dt.datetime(2026, 10, 25, 3, 30), "Europe/Berlin") - to_utc(dt.datetime(2026, 10, 25, 1, 30), "Europe/Berlin")
    datetime.timedelta(seconds=10800)
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(dt.UTC).replace(tzinfo=None)


def to_local(moment: dt.datetime, zone: str) -> dt.datetime:
    """Return what the clocks of a zone show, without an offset; a moment without an offset is in UTC.

    >>> to_local(dt.datetime(2026, 3, 28, 23, 30), "Europe/Berlin")
    datetime.datetime(2026, 3, 29, 0, 30)
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return aware.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def find_offsets(zone: str, first: dt.datetime, last: dt.datetime) -> list[tuple[dt.datetime, dt.timedelta]]:
    """Return how far the clocks of a zone are ahead of UTC: from which moment on, and by how much.

    Parameters
    ----------
    first, last
        In UTC, without an offset; the first entry holds before ``first`` too.

    Examples
    --------
    >>> for since, ahead in find_offsets("Europe/Berlin", dt.datetime(2026, 1, 1), dt.datetime(2026, 12, 31)):
    ...     print(since, ahead)
    2026-01-01 00:00:00 1:00:00
    2026-03-29 01:00:00 2:00:00
    2026-10-25 01:00:00 1:00:00
    """
    clock, second = ZoneInfo(zone), dt.timedelta(seconds=1)

    def ahead(moment: dt.datetime) -> dt.timedelta:
        return moment.replace(tzinfo=dt.UTC).astimezone(clock).utcoffset() or dt.timedelta()

    found = [(first, ahead(first))]
    day = first
    while day < last:
        following = min(day + dt.timedelta(days=1), last)
        if ahead(following) != found[-1][1]:
            low, high = day, following
            while high - low > second:
                middle = low + (high - low) // 2
                low, high = (middle, high) if ahead(middle) == found[-1][1] else (low, middle)
            change = high.replace(microsecond=0)
            found.append((change, ahead(change)))
        day = following
    return found


def _epoch(text: str) -> np.datetime64 | None:
    if match := _DOTNET.match(text):
        return np.datetime64(int(match[1]) * 1000, "us")
    match = _DIGITS.match(text)
    if match is None:
        return None
    power = {10: 6, 13: 3, 16: 0, 19: -3}[len(match["whole"])]
    whole = int(match["whole"]) * 10**power if power >= 0 else int(match["whole"]) // 10**-power
    part = round(float(match["part"]) * 10**power) if match["part"] and power > 0 else 0
    return np.datetime64(whole + part, "us")


def _settle(matches: list[re.Match[str]], order: Order) -> tuple[Order, str]:
    """Return the order of day and month of a column, or why there is none."""
    if not matches or order:
        return order, ""
    dmy = [m for m in matches if int(m[1]) > 12]
    mdy = [m for m in matches if int(m[3]) > 12]
    if dmy and mdy:
        return "", f"days and months stand in two orders: {dmy[0][0]} and {mdy[0][0]}"
    if dmy or mdy:
        return ("dmy" if dmy else "mdy"), ""
    if all(m[2] == "." for m in matches):
        return "dmy", ""
    if all(_HALF.search(m[5] or "") for m in matches):
        return "mdy", ""
    exchangeable = next((m for m in matches if m[1] != m[3]), None)
    return ("", f"days and months can be exchanged: {exchangeable[0]}") if exchangeable else ("dmy", "")


def _year_first(match: re.Match[str], order: Order) -> str:
    one, other = int(match[1]), int(match[3])
    day, month = (one, other) if order == "dmy" else (other, one)
    year = int(match[4])
    year += (2000 if year < 70 else 1900) if len(match[4]) == 2 else 0
    return f"{year:04}-{month:02}-{day:02} {match[5] or '00:00'}"


def _parsed(texts: list[str], zone: str) -> npt.NDArray[np.datetime64]:
    """Return moments whose year stands first, or whose month is a word."""
    plain = pd.Series([_COMMA.sub(r"\1.\2", _LOGGED.sub(r"\1 \2", text)) for text in texts], dtype=object)
    offset = np.array(
        [bool(_OFFSET.search(t)) and bool(_TIME.search(t) or "T" in t) for t in plain], dtype=bool
    )
    found = np.full(len(plain), np.datetime64("NaT", "us"))
    for mask, aware in ((offset, True), (~offset, False)):
        if not mask.any():
            continue
        parsed = _pandas(plain[mask], aware)
        if not aware:
            first = np.ones(len(parsed), dtype=bool)
            parsed = parsed.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
        utc: pd.Series[Any] = parsed.dt.tz_convert("UTC").dt.tz_localize(None)
        found[mask] = utc.to_numpy("datetime64[us]")
    return found


def _pandas(texts: pd.Series[Any], aware: bool) -> pd.Series[Any]:
    parsed = pd.to_datetime(texts, errors="coerce", utc=aware, format="ISO8601")
    missing = parsed.isna() & texts.str.contains(r"\d", regex=True)
    if missing.any():
        again = pd.to_datetime(texts[missing], errors="coerce", utc=aware, format="mixed")
        parsed = parsed.where(~missing, again)
    return parsed.astype("datetime64[us, UTC]" if aware else "datetime64[us]")
