"""Where a number comes from, and the number that knows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from .record import Record

Kind = Literal["input", "measurement", "assumption", "calculation"]

PREFIX: dict[Kind, str] = {"input": "in", "measurement": "ms", "assumption": "as", "calculation": "ca"}


class Source(Record):
    """Where a number comes from.

    Parameters
    ----------
    kind
        ``input``: what people told us (a row of the engagement). ``measurement``: what we
        measured ourselves. ``assumption``: a dated default, or its override in the engagement.
        ``calculation``: computed from other sources, which ``of`` names.
    place
        File or sheet of an input (``integrations.csv``), table and check of a measurement
        (``crm.customers/missing``), key of an assumption (``build.days``), or
        model and term of a calculation (``cost/npv/ipaas``).
    row
        Line of the file or row of the sheet as a spreadsheet shows it (the header is row 1).
    column
        Column of the table, or key in a YAML file.
    detail
        The person or document, the publication, the query or the formula in words.
    date
        When it was said, measured or published.
    of
        Ids of the sources that a calculation used.
    """

    kind: Kind
    place: str
    row: int | None = None
    column: str = ""
    detail: str = ""
    date: dt.date | None = None
    of: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Stable name of the place, such as ``in:integrations.csv:5:volume``.

        >>> Source(kind="input", place="integrations.csv", row=5, column="volume").id
        'in:integrations.csv:5:volume'
        >>> Source(kind="assumption", place="build.days").id
        'as:build.days'
        """
        parts = [PREFIX[self.kind], self.place]
        if self.row is not None:
            parts.append(str(self.row))
        if self.column:
            parts.append(self.column)
        return ":".join(parts)


class Driver(Record):
    """An input that a figure rests on, with what it moves.

    Parameters
    ----------
    source
        Id of the input's source.
    label
        What the input is, in a leader's words.
    value
        What it is taken to be, as text with its unit.
    effect
        By how much the figure changes, in the figure's unit, from the input's low to its high value, the others as they
        are; signed.
    """

    source: str
    label: str
    value: str = ""
    effect: float


MOST = 5
"""Inputs that are named of a figure."""


def rank_drivers(found: Iterable[Driver]) -> tuple[Driver, ...]:
    """Return the inputs that move a figure most, the largest effect first."""
    moving = [driver for driver in found if driver.effect]
    return tuple(sorted(moving, key=lambda driver: (-abs(driver.effect), driver.source))[:MOST])


class Fact(Record):
    """A value that the report states, with its unit, its range and where it comes from.

    Parameters
    ----------
    id
        Stable name within the results, such as ``cost.ipaas.npv``.
    label
        What the number is, in a leader's words.
    value
        The number (or word); None means not assessed, never zero.
    unit
        ``EUR``, ``days``, ``%``, ``messages/month`` ...; empty for a plain count or word.
    low, high
        P10 and P90, or the limits of the interval that ``label`` names; None where there is none.
    note
        A few words that stand below the value where it is shown large: its range, a budget; empty for none.
    sources
        Where it comes from; never empty for a number.
    formula
        How it is worked out, in words.
    drivers
        The inputs that move it most, the largest effect first; at most five.
    """

    id: str
    label: str
    value: float | int | str | bool | None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    note: str = ""
    sources: tuple[Source, ...] = ()
    formula: str = ""
    drivers: tuple[Driver, ...] = ()
