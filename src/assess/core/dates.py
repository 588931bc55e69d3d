"""Days and times as ISO 8601 writes them, wherever a person or a file states one; other forms are `assess.core.moments`."""

from __future__ import annotations

import datetime as dt
import re

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?", re.ASCII
)


def is_day(text: str) -> bool:
    """Return whether a text is written as a day, whether the calendar has it or not."""
    return _DAY.fullmatch(text) is not None


def is_time(text: str) -> bool:
    """Return whether a text is written as a day or as a time of one, whether the calendar has it or not."""
    return _TIME.fullmatch(text) is not None


def read_day(text: str) -> dt.date | None:
    """Return the day that a text names as YYYY-MM-DD, None where it names none.

    Other forms of ISO 8601 (20261231, 2026-W53-4) are none: no other part of a pipeline reads them alike.

    >>> read_day("2026-12-31"), read_day("2026-02-30"), read_day("20261231")
    (datetime.date(2026, 12, 31), None, None)
    """
    try:
        return dt.date.fromisoformat(text) if is_day(text) else None
    except ValueError:
        return None


def read_time(text: str) -> dt.datetime | None:
    """Return the time that a text names, or the first moment of the day that it names; None where it names none.

    >>> read_time("2026-12-31T09:00Z"), read_time("2026-12-31").hour, read_time("2026-12-31T25:00")
    (datetime.datetime(2026, 12, 31, 9, 0, tzinfo=datetime.timezone.utc), 0, None)
    """
    try:
        return dt.datetime.fromisoformat(text) if is_time(text) else None
    except ValueError:
        return None
