"""How a table was read: what was found in the file, and what had to be decided."""

from __future__ import annotations

from assess.core.record import Record
from assess.core.unpacking import UnreadableTable

__all__ = ["MOST_ROWS", "Reading", "UnreadableTable", "unique_names"]


class Reading(Record):
    """What was found when a table was opened; everything that was decided is said.

    Parameters
    ----------
    location
        Path or URL as it was given, without password.
    form
        ``csv``, ``xlsx``, ``json``, ``jsonl``, ``parquet``, ``duckdb``, ``sqlite``, ``frame``, or the
        scheme of a table URL.
    encoding, delimiter, quote
        Of a delimited file, as found.
    header
        Whether the first row names the columns.
    renamed
        Column names that were empty or duplicated, as ``found → used``.
    short_rows, long_rows
        Rows (from 0, below the header) with fewer or more fields than columns, at most `MOST_ROWS` of
        each: missing fields are null, surplus ones are kept at the end of the last column.
    irregular
        Number of all such rows.
    notes
        Whatever else a reader should know, one sentence each.
    """

    location: str
    form: str
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    header: bool = True
    renamed: tuple[str, ...] = ()
    short_rows: tuple[int, ...] = ()
    long_rows: tuple[int, ...] = ()
    irregular: int = 0
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """One sentence on how it was read.

        >>> Reading(location="a.csv", form="csv", encoding="utf-8", delimiter=";").sentence
        "csv, utf-8, delimiter ';', with a header"
        """
        parts = [self.form, self.encoding]
        if self.delimiter:
            parts += [f"delimiter {self.delimiter!r}", "with a header" if self.header else "without a header"]
        if self.irregular:
            parts.append(f"{self.irregular:,} rows with another number of fields")
        return ", ".join(filter(None, (*parts, *self.notes)))


MOST_ROWS = 1_000
"""Row numbers that a reading lists of each kind."""


def unique_names(found: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return names that are neither empty nor duplicated, and what was renamed.

    >>> unique_names(["id", "", "id"])
    (['id', 'column_2', 'id_2'], ("'' → column_2", 'id → id_2'))
    """
    names: dict[str, None] = {}
    numbers: dict[str, int] = {}
    renamed = []
    taken = {name for name in found if name.strip()}
    for place, name in enumerate(found, start=1):
        used = name if name.strip() else f"column_{place}"
        base = name.strip() or f"column_{place}"
        number = numbers.get(base, 2)
        while used in names or (used != name and used in taken):
            used = f"{base}_{number}"
            number += 1
        numbers[base] = number
        if used != name:
            renamed.append(f"{name if name.strip() else repr(name)} → {used}")
        names[used] = None
    return list(names), tuple(renamed)
