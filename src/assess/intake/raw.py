"""An engagement as text, before anything is understood: the same for a folder and a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from .columns import TableDefinition
from .problem import InputLocation, Problems, closest_word, listed

MOST_TITLES = 10
"""Rows in which the header is looked for."""


@dataclass(frozen=True)
class LocatedNode:
    """A value of engagement.yaml, or of the sheet ``engagement``, with its line.

    ``value`` is a text, None for an empty one, a mapping of nodes or a sequence of nodes.
    """

    line: int
    value: str | Mapping[str, LocatedNode] | Sequence[LocatedNode] | None


@dataclass(frozen=True)
class RawRow:
    """The texts of a row by column, and its number as a spreadsheet shows it."""

    row: int
    cells: Mapping[str, str]
    whole: bool = True
    """False where the row has another number of fields than the header: only its key is of use."""


@dataclass(frozen=True)
class RawTable:
    """A table as it was found.

    Parameters
    ----------
    columns
        Known columns that its header has.
    prefix
        What stands before a column's name in messages (``goals.`` for the goals of a YAML file).
    complete
        False where the file could not be read to its end: what refers to its rows can't be judged.
    export
        The product whose export took the table's place; empty where it is the table itself.
    """

    table: TableDefinition
    place: InputLocation
    columns: tuple[str, ...]
    rows: tuple[RawRow, ...]
    prefix: str = ""
    complete: bool = True
    export: str = ""


@dataclass
class Raw:
    """Everything that was found: settings, tables, and the files that were read."""

    settings: LocatedNode | None = None
    settings_place: InputLocation = field(default_factory=lambda: InputLocation(file="engagement.yaml"))
    tables: dict[str, RawTable] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    """Names of tables that were supplied but could not be read."""
    files: list[str] = field(default_factory=list)
    """Files that were read, relative to the folder."""


def headed(
    table: TableDefinition,
    place: InputLocation,
    records: Iterable[tuple[int, Sequence[str]]],
    problems: Problems,
    *,
    ragged: bool = False,
) -> RawTable | None:
    """Turn records, the first of which is the header, into a table; note what is wrong with its shape.

    Parameters
    ----------
    records
        Row number and texts of each record.
    ragged
        Whether a row may have fewer or more fields than the header.
    """
    filled = [(number, cells) for number, cells in records if any(map(str.strip, cells))]
    if not filled:
        allowed = "a header with the columns " + listed((c.name for c in table.columns), 40)
        problems.add(place, "is empty", allowed=allowed)
        return None
    at = next((at for at, (_, cells) in enumerate(filled[:MOST_TITLES]) if heads(cells, table)), 0)
    for number, cells in filled[:at]:
        problems.note(
            place, "stands above the header and is not read", row=number, value=" ".join(cells).strip()
        )
    first, rows = filled[at], filled[at + 1 :]
    header = [name.strip().lstrip("\ufeff") for name in first[1]]
    before = len(problems)
    _check_header(table, place, first[0], header, problems)
    broken = len(problems) > before
    found = []
    for number, cells in rows:
        whole = ragged or len(cells) == len(header)
        if not whole:
            message = f"has {len(cells)} fields, the header has {len(header)}"
            problems.add(
                place,
                message,
                row=number,
                allowed=f"{len(header)} fields; quotes around a text with a separator",
            )
        unnamed = [c for name, c in zip_longest(header, cells, fillvalue="") if not name and c.strip()]
        if unnamed and whole:
            allowed = "a heading in row 1, or nothing below it"
            problems.add(
                place, "stands in a column without a name", row=number, value=unnamed[0], allowed=allowed
            )
        found.append(RawRow(number, {n: c for n, c in zip(header, cells, strict=False) if n}, whole))
    known = tuple(c.name for c in table.columns if c.name in header)
    return None if broken and not known else RawTable(table, place, known, tuple(found))


def heads(cells: Sequence[str], table: TableDefinition) -> bool:
    """Return whether at least half of a record are names of columns."""
    names = {cell.strip() for cell in cells} - {""}
    known = names & {column.name for column in table.columns}
    return bool(known) and 2 * len(known) >= len(names)


def _check_header(
    table: TableDefinition, place: InputLocation, row: int, header: Sequence[str], problems: Problems
) -> None:
    known = [column.name for column in table.columns]
    for name in dict.fromkeys(filter(None, header)):
        if name not in known:
            near = "" if name.startswith("_") else closest_word(name, known)
            if near:
                message = f'is no column of this table, did you mean "{near}"?'
                allowed = f"{listed(known, 40)}; a column of your own whose name starts with _"
                problems.add(place, message, row=row, value=name, allowed=allowed)
            else:
                problems.note(place, "is a column of your own and is not read", row=row, value=name)
        elif header.count(name) > 1:
            message = f"is {header.count(name)} columns with the same name"
            problems.add(place, message, row=row, value=name, allowed="each column once")
    for column in table.columns:
        if column.required and column.name not in header:
            needed = listed((c.name for c in table.columns if c.required), 40)
            allowed = f"a header with {needed}; {column.name}: {column.allowed}"
            problems.add(place, "is missing", row=row, column=column.name, allowed=allowed)
