"""Rows that remember what was planted in them, and the ledger that lists it."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

LEDGER_HEADER = ("system", "table", "row", "column", "kind", "detail")


@dataclass(eq=False)
class Row:
    """A row of an extract with the defects that were planted in it: (column, kind, detail)."""

    values: dict[str, str]
    planted: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing was planted here yet."""
        return not self.planted

    def plant(self, column: str, value: str, kind: str, detail: str = "") -> None:
        """Replace a value by a defect."""
        self.values[column] = value
        self.planted.append((column, kind, detail))


@dataclass
class Extract:
    """A table of a system while it is being made."""

    system: str
    entity: str
    rows: list[Row]
    columns: tuple[str, ...] = ()
    definitions: list[tuple[str, str, str]] = field(default_factory=list)
    """Conflicts of a whole column with another system: (column, kind, detail)."""

    @classmethod
    def of(cls, system: str, entity: str, records: Iterable[dict[str, Any]]) -> Extract:
        """Make an extract of records; None becomes an empty cell."""
        rows = [Row({k: "" if v is None else str(v) for k, v in record.items()}) for record in records]
        return cls(system, entity, rows, tuple(rows[0].values))

    @property
    def table(self) -> str:
        """The file's name."""
        return f"{self.system}_{self.entity}.csv"

    def pick(
        self,
        random: Random,
        count: int,
        column: str = "",
        where: Callable[[dict[str, str]], bool] | None = None,
    ) -> list[Row]:
        """Pick rows without a defect so far, with a value in the column, in the order of the table."""
        fitting = [
            i
            for i, row in enumerate(self.rows)
            if row.clean and (not column or row.values[column]) and (where is None or where(row.values))
        ]
        return [self.rows[i] for i in sorted(random.sample(fitting, min(count, len(fitting))))]

    def plant(
        self,
        random: Random,
        count: int,
        column: str,
        kind: str,
        change: Callable[[str], str],
        detail: str = "",
        where: Callable[[dict[str, str]], bool] | None = None,
    ) -> None:
        """Change a column's value in ``count`` rows; a change that leaves the value alone is not planted."""
        for row in self.pick(random, count, column, where):
            changed = change(row.values[column])
            if changed != row.values[column]:
                row.plant(column, changed, kind, detail)

    def duplicate(
        self,
        random: Random,
        count: int,
        kind: str,
        change: Callable[[dict[str, str]], dict[str, str]] | None = None,
        detail: str = "",
    ) -> None:
        """Append copies of clean rows somewhere below their originals."""
        for row in self.pick(random, count):
            twin = copy.deepcopy(row)
            if change:
                twin.values.update(change(twin.values))
            twin.planted.append(("", kind, detail))
            self.rows.insert(random.randint(self.rows.index(row) + 1, len(self.rows)), twin)

    def define(self, column: str, kind: str, detail: str) -> None:
        """Note a conflict of definition between this column and another system's."""
        self.definitions.append((column, kind, detail))

    def ledger(self) -> list[tuple[str, str, str, str, str, str]]:
        """List what was planted: first the columns' conflicts, then the rows' defects."""
        whole = [(self.system, self.table, "", c, kind, detail) for c, kind, detail in self.definitions]
        cells = [
            (self.system, self.table, str(i), c, kind, detail)
            for i, row in enumerate(self.rows)
            for c, kind, detail in row.planted
        ]
        return whole + cells

    def write(self, folder: Path, *, delimiter: str = ",", encoding: str = "utf-8") -> None:
        """Write the extract as csv."""
        write_csv(
            folder / self.table,
            self.columns,
            ([row.values[c] for c in self.columns] for row in self.rows),
            delimiter=delimiter,
            encoding=encoding,
        )


def write_csv(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> None:
    """Write a csv file with Unix line ends, whatever the machine."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_text(path, text.getvalue(), encoding)


def write_text(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a text file with the line ends as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def write_records(path: Path, records: Sequence[dict[str, object]], header: Sequence[str]) -> None:
    """Write dictionaries as csv; an absent or None value is an empty cell."""
    write_csv(path, header, (["" if r.get(k) is None else r.get(k) for k in header] for r in records))


def write_ledger(path: Path, extracts: Iterable[Extract]) -> None:
    """Write everything that was planted in the extracts."""
    write_csv(path, LEDGER_HEADER, [line for extract in extracts for line in extract.ledger()])
