"""Answers of several people as one engagement: who said what, and where they differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from assess.intake.workbook.sheets import ASSUMPTION_COLUMNS

from .answers import PROVENANCE, PROVENANCE_COLUMNS, definition
from .columns import TABLES, ColumnDefinition, TableDefinition, find_table
from .engagement import Engagement
from .export import csv_text, examples, put, texts
from .loading import MOST_PROBLEMS, assemble, gather
from .problem import InputLocation, InvalidEngagement, Problem, Problems
from .raw import LocatedNode, Raw, RawRow, RawTable
from .rows import Money, WrongValue, read_rows, read_typed, write_cell
from .settings import CURRENCY, Settings
from .template import with_every_practice, write_out

DISAGREEMENTS = "_disagreements.csv"
"""Cells to which several answers were given, beside the merged tables."""
SETTINGS = "engagement"


class GivenAnswer(NamedTuple):
    """What somebody has answered: the name of the file, and the text."""

    who: str
    text: str


@dataclass(frozen=True)
class MergedCell:
    """A cell of the merged engagement.

    Parameters
    ----------
    table
        Name of the table, ``engagement`` for a setting.
    key
        Key of the row, parts joined by ``/``; empty for a setting.
    column
        Column, or dotted key of a setting.
    said
        Every answer, in the order of the files; the first is the one that counts.
    """

    table: str
    key: str
    column: str
    said: tuple[GivenAnswer, ...]

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return f"{self.table}, {self.key}, {self.column}" if self.key else f"{self.table}, {self.column}"

    @property
    def values(self) -> tuple[str, ...]:
        """What was answered, each text once."""
        return tuple(dict.fromkeys(item.text for item in self.said))


@dataclass(frozen=True)
class Merged:
    """The answers of several files as one.

    Parameters
    ----------
    cells
        Every answered cell, in the order of tables and rows.
    left_out
        Rows of the later files that are examples of the template: table and key.
    """

    cells: tuple[MergedCell, ...]
    left_out: tuple[tuple[str, str], ...]
    base: Raw
    folder: Path

    @property
    def disagreements(self) -> tuple[MergedCell, ...]:
        """The cells to which more than one answer was given."""
        return tuple(cell for cell in self.cells if len(cell.values) > 1)

    def engagement(self, cell: MergedCell | None = None, value: str = "") -> Engagement:
        """Return the merged engagement.

        Parameters
        ----------
        cell, value
            A cell in which another of its answers counts.

        Raises
        ------
        InvalidEngagement
            If the answers do not fit together.
        """
        held = {(c.table, c.key, c.column): c.values[0] for c in self.cells}
        if cell is not None:
            held[cell.table, cell.key, cell.column] = value
        problems = Problems(MOST_PROBLEMS)
        made = assemble(self.folder, _raw(self.base, held), problems)
        problems.stop()
        assert made is not None
        return made


def merge(sources: Sequence[str | Path]) -> Merged:
    """Merge the answers of several engagement folders or workbooks.

    An answer that only one file gives counts; where several differ, the first file's counts and all are kept. Two
    texts of one value (``1200`` and ``1,200.0``) do not differ. Rows are the same if their keys are, but for case.

    Parameters
    ----------
    sources
        At least one; extracts, contracts and logs are those of the first.

    Raises
    ------
    InvalidEngagement
        If a file has problems of its own; all of all files.
    """
    base, folder = Raw(), Path()
    found: dict[tuple[str, str, str], list[GivenAnswer]] = {}
    spelt: dict[tuple[str, str], str] = {}
    left_out: list[tuple[str, str]] = []
    wrong: list[Problem] = []
    for number, source in enumerate(sources):
        path, problems = Path(source), Problems(MOST_PROBLEMS)
        try:
            place, raw = gather(path, problems)
            tables = _read(raw, problems, found, path.name)
            problems.stop()
        except InvalidEngagement as invalid:
            inside = path.is_dir()
            wrong += [
                p.model_copy(update={"file": f"{path.name}/{p.file}"}) if inside else p
                for p in invalid.problems
            ]
            continue
        if number == 0:
            base, folder = raw, place
        for name, (table, currency) in tables.items():
            present = tuple(c.name for c in table.table.columns if c.name in table.columns)
            known = _examples(table.table, present) if number else frozenset()
            for row in table.rows:
                key = " / ".join(filter(None, (row.cells.get(c, "").strip() for c in table.table.key)))
                key = spelt.setdefault((name, " ".join(key.split()).casefold()), key)
                if tuple(row.cells.get(name, "").strip() for name in present) in known:
                    left_out.append((name, key))
                    continue
                for column in table.columns:
                    text = row.cells.get(column, "").strip()
                    if (column,) == table.table.key:
                        text = key  # as it is spelt first
                    if text:
                        _add(found, (name, key, column), GivenAnswer(path.name, text), currency)
    if wrong:
        raise InvalidEngagement(wrong)
    order = [SETTINGS, *(table.name for table in TABLES)]
    cells = sorted(found.items(), key=lambda item: order.index(item[0][0]))
    return Merged(
        tuple(MergedCell(*place, tuple(said)) for place, said in cells), tuple(left_out), base, folder
    )


def _read(
    raw: Raw, problems: Problems, found: dict[tuple[str, str, str], list[GivenAnswer]], who: str
) -> dict[str, tuple[RawTable, str]]:
    """Add the settings of a file; return its tables with its currency, goals among them, and note what is wrong."""
    settings = Settings(raw.settings_place, problems)
    values = settings.values(raw.settings) if raw.settings is not None else {}
    tables = dict(raw.tables)
    if raw.settings is not None and (goals := settings.goals(raw.settings)):
        tables["goals"] = goals
    for key, text in _settings(raw.settings):
        _add(found, (SETTINGS, "", key), GivenAnswer(who, text), settings.currency)
    money = Money(values.get("currency", CURRENCY), values.get("date"))
    for table in tables.values():
        read_rows(table, money, problems)
    return {name: (table, money.currency) for name, table in tables.items()}


def _add(
    found: dict[tuple[str, str, str], list[GivenAnswer]],
    place: tuple[str, str, str],
    new: GivenAnswer,
    currency: str,
) -> None:
    """Add an answer; one that means the same as an earlier one takes its text."""
    said = found.setdefault(place, [])
    same = next((old.text for old in said if _same(old.text, new.text, place, currency)), new.text)
    said.append(GivenAnswer(new.who, same))


def _same(one: str, other: str, place: tuple[str, str, str], currency: str) -> bool:
    if one == other:
        return True
    column = _column(place)
    if column is None:
        return False
    try:
        values = [write_cell(read_typed(text, column, currency)[0], column) for text in (one, other)]
    except WrongValue:
        return False
    return values[0] == values[1]


def _column(place: tuple[str, str, str]) -> ColumnDefinition | None:
    table, _, name = place
    try:
        return definition(table, name)
    except KeyError:
        return None


def _examples(table: TableDefinition, present: Collection[str]) -> frozenset[tuple[str, ...]]:
    """Return the example rows of the template, as texts of the columns that are present."""
    rows = getattr(with_every_practice(examples()), table.name)
    columns = [column for column in table.columns if column.name in present]
    return frozenset(tuple(texts(row, columns)) for row in rows)


def _settings(node: LocatedNode | None, prefix: str = "") -> Iterable[tuple[str, str]]:
    """Yield the dotted keys of the settings and their texts; goals are a table."""
    if node is None or not isinstance(node.value, Mapping):
        return
    for name, inner in node.value.items():
        key = f"{prefix}{name}"
        if key == "goals":
            continue
        if isinstance(inner.value, Mapping):
            yield from _settings(inner, f"{key}.")
        elif isinstance(inner.value, str):
            yield key, inner.value
        elif inner.value is not None:
            yield key, "; ".join(item.value for item in inner.value if isinstance(item.value, str))


def _raw(base: Raw, held: Mapping[tuple[str, str, str], str]) -> Raw:
    """Return the merged cells as an engagement in texts, at the places of the first file where that has them."""
    rows: dict[str, dict[str, dict[str, str]]] = {}
    for (name, key, column), text in held.items():
        rows.setdefault(name, {}).setdefault(key, {})[column] = text
    settings = _nodes(rows.pop(SETTINGS, {"": {}})[""])
    tables = {}
    for name, merged in rows.items():
        table = find_table(name)
        columns = tuple(c.name for c in table.columns)
        numbered = tuple(RawRow(number, cells) for number, cells in enumerate(merged.values(), start=2))
        tables[name] = RawTable(table, InputLocation(file=table.file or "goals"), columns, numbered)
    return replace(base, settings=settings, tables=tables, unreadable=set())


def _nodes(held: Mapping[str, str]) -> LocatedNode:
    root: dict[str, LocatedNode] = {}
    for key, text in held.items():
        within = root
        *heads, last = _path(key)
        for head in heads:
            inner = within.setdefault(head, LocatedNode(1, {})).value
            assert isinstance(inner, dict)
            within = inner
        within[last] = LocatedNode(1, text)
    return LocatedNode(1, root)


def _path(key: str) -> list[str]:
    """Return the keys that lead to a setting; names of assumptions have dots of their own.

    >>> _path("team.skills.ipaas"), _path("assumptions.fx.eur_per_usd.low")
    (['team', 'skills', 'ipaas'], ['assumptions', 'fx.eur_per_usd', 'low'])
    """
    head, _, rest = key.partition(".")
    if head != "assumptions":
        return key.split(".")
    name, _, part = rest.rpartition(".")
    return [head, name, part] if part in (*ASSUMPTION_COLUMNS, "value") else [head, rest]


def write_merged(merged: Merged, folder: str | Path, *, workbook: bool = False) -> Path:
    """Write the merged engagement, with who said what, and every disagreement, as two more tables.

    Raises
    ------
    InvalidEngagement
        If the answers do not fit together, or there is something in the folder.
    OSError
        If a file can't be written.
    """
    target = write_out(merged.engagement(), folder, set(merged.base.files), workbook=workbook)
    origins = [(c.table, c.key, c.column, s.text, s.who) for c in merged.cells for s in c.said]
    put(target / PROVENANCE, csv_text(PROVENANCE_COLUMNS, origins))
    different = [(c.table, c.key, c.column, s.text, s.who) for c in merged.disagreements for s in c.said]
    put(target / DISAGREEMENTS, csv_text(PROVENANCE_COLUMNS, different))
    return target
