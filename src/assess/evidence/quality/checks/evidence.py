"""What speaks for and against each cell, and what is suspected in the end."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.evidence.quality.column.view import Floats, Ints


@dataclass(eq=False)
class Evidence:
    """Signals by column position and name; where nothing was said the signal is 0.

    Parameters
    ----------
    texts
        Signal per distinct text, shape (d,).
    cells
        Signal of single rows: rows ascending and their values, both shape (n,).
    repairs
        Per column what single texts should be: text number to text.
    row_repairs
        Per column what single cells should be: rows and texts.
    basis
        By column and check the names of the columns that the judgement rests on.
    """

    texts: dict[int, dict[str, Floats]] = field(default_factory=lambda: defaultdict(dict))
    cells: dict[int, dict[str, tuple[Ints, Floats]]] = field(default_factory=lambda: defaultdict(dict))
    repairs: dict[int, dict[str, dict[int, str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    row_repairs: dict[int, dict[str, dict[int, str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )

    basis: dict[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)

    def say(self, column: int, name: str, values: Floats) -> None:
        """Record a signal per distinct text."""
        if np.any(values != 0):
            self.texts[column][name] = values

    def say_of_rows(self, column: int, name: str, dense: Floats) -> None:
        """Record a signal per row, shape (rows,); only rows that differ from 0 are kept."""
        rows = np.flatnonzero(dense)
        if len(rows):
            self.cells[column][name] = (rows, dense[rows])


Rows = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Suspicion:
    """Cells of one column that one check holds for wrong.

    Parameters
    ----------
    column
        Name of the column.
    check
        Name of the check in the registry, such as ``spelling``.
    rows
        Row numbers, ascending, row 0 the first below the header, shape (n,).
    confidence
        Probability that each of these cells is wrong, shape (n,).
    detail
        What was seen, in one sentence without client values.
    repairs
        The text each cell should hold, None where it is not known, shape (n,); None if no repair is
        known for any.
    basis
        Other columns the judgement rests on, such as the determinant of a dependency.
    condition
        A DuckDB expression over the columns, true for the cells in question; empty if only the rows tell.
    """

    column: str
    check: str
    rows: Rows
    confidence: Shares
    detail: str = ""
    repairs: Texts | None = None
    basis: tuple[str, ...] = ()
    condition: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, keep: npt.NDArray[np.bool_]) -> Suspicion:
        """Keep the cells marked in a mask of shape (n,)."""
        repairs = None if self.repairs is None else self.repairs[keep]
        return Suspicion(
            self.column, self.check, self.rows[keep], self.confidence[keep], self.detail, repairs,
            self.basis, self.condition,
        )  # fmt: skip

    def shifted(self, start: int) -> Suspicion:
        """Return the suspicion of a block with the rows of the whole table."""
        return dataclasses.replace(self, rows=self.rows + start)


@dataclass(frozen=True, eq=False)
class Suspicions:
    """All suspicions about one table, in the order of its columns and of the registry.

    Parameters
    ----------
    items
        The suspicions, each with the cells at or above the operating point.
    considered
        The same before the operating point was applied: what a stricter or looser reader starts from.
    """

    items: tuple[Suspicion, ...]
    considered: tuple[Suspicion, ...] = field(default=(), repr=False)

    def __iter__(self) -> Iterator[Suspicion]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def cells(self) -> pd.DataFrame:
        """One row per suspected cell: row, column, check (the surest), confidence (of all its checks)."""
        return list_cells(self.items)


def list_cells(suspicions: Sequence[Suspicion]) -> pd.DataFrame:
    """List each suspected cell once, with its surest check and that check's confidence."""
    parts = [
        pd.DataFrame({"row": s.rows, "column": s.column, "check": s.check, "confidence": s.confidence})
        for s in suspicions
        if len(s)
    ]
    if not parts:
        return pd.DataFrame(
            {"row": np.empty(0, np.int64), "column": [], "check": [], "confidence": np.empty(0)}
        )
    every = pd.concat(parts, ignore_index=True)
    surest = every.sort_values("confidence", ascending=False, kind="stable")
    first = surest.drop_duplicates(["row", "column"])
    return first.sort_index(kind="stable").reset_index(drop=True)
