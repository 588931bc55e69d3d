"""Records of what is worth asking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from assess.core.record import Record

State = Literal["empty", "assumed", "template"]
"""``empty``: nobody answered. ``assumed``: a default stands in. ``template``: an invented example was left."""


UNFELT = 1e-4
"""Share of the largest move up to which an answer moves nothing that anybody would notice."""


class AskedCell(Record):
    """A cell or key that holds no answer of the client.

    Parameters
    ----------
    row
        Key of its row; empty for a setting or an assumption.
    file, sheet, line
        Where it is written: file, sheet of a workbook, and row as a spreadsheet shows it; None where the row or key is new.
    column
        Its column, or dotted key.
    swing
        What it alone moves the gain by, in the engagement's currency; None where that was not computed.
    flips
        Whether what is done depends on it.
    """

    row: str = ""
    file: str
    sheet: str = ""
    line: int | None = None
    column: str
    state: State
    swing: float | None = None
    flips: bool = False


class Question(Record):
    """A question to the client with what its answer moves.

    Parameters
    ----------
    id
        ``table/column``, ``engagement/key`` or ``assumptions/key``.
    ask
        In plain words.
    role
        Id of the role that can answer it (`assess.intake.asking.roles`).
    unit
        Unit of the answer; empty for none.
    allowed
        What its cells may hold.
    low, high
        The answers between which the gain was computed.
    gains
        Average gain against leaving things as they are under each of the answers, all cells alike; what is done is decided
        anew under each.
    swing
        Largest less smallest of these and of the gain as things stand; None where no range is known.
    flips
        Whether what is done depends on it.
    gate
        Whether nothing can be advised before it is answered.
    pays_from
        Of the value stream: from which saving a year on the programme pays; None where it pays without, or is not known.
    cells
        Where the answer is written, the cell that moves most first.
    """

    id: str
    ask: str
    role: str
    unit: str = ""
    allowed: str = ""
    low: str = ""
    high: str = ""
    gains: tuple[float, ...] = ()
    swing: float | None = None
    flips: bool = False
    gate: bool = False
    pays_from: float | None = None
    cells: tuple[AskedCell, ...] = ()

    @property
    def table(self) -> str:
        """Its table, ``engagement`` or ``assumptions``."""
        return self.id.partition("/")[0]

    @property
    def where(self) -> str:
        """Where its answer is written, in words.

        >>> cells = [AskedCell(row="a", file="integrations.csv", line=n, column="volume", state="empty") for n in (2, 3)]
        >>> Question(id="integrations/volume", ask="", role="operations", cells=cells).where
        'integrations.csv, column volume, rows 2, 3'
        """
        if not self.cells:
            return ""
        first = self.cells[0]
        parts = [first.file, *([f"sheet {first.sheet}"] if first.sheet else [])]
        parts.append(f"{'key' if first.file.endswith('.yaml') or not first.row else 'column'} {first.column}")
        rows = sorted({cell.line for cell in self.cells if cell.line is not None and cell.row})
        if rows:
            shown = ", ".join(map(str, rows[:MOST_ROWS]))
            parts.append(
                f"{'row' if len(rows) == 1 else 'rows'} {shown}{' ...' if len(rows) > MOST_ROWS else ''}"
            )
        return ", ".join(parts)


MOST_ROWS = 6
"""Rows that a place in words names."""


class Questions(Record):
    """Everything that is not the client's own answer, by what it moves.

    Parameters
    ----------
    ranked
        Gates first, then by swing; what has no swing last.
    gain
        Average gain as things stand, at the expected values of everything; None where nothing is decided.
    """

    currency: str
    gain: float | None = None
    ranked: tuple[Question, ...] = ()

    @property
    def client(self) -> tuple[Question, ...]:
        """The questions that somebody at the client can answer and that move something, or are gates."""
        least = UNFELT * max((q.swing or 0.0 for q in self.ranked), default=0.0)
        return tuple(
            q for q in self.ranked if q.role != "method" and (q.gate or (q.swing or 0.0) > least or q.flips)
        )

    def of(self, tables: Sequence[str]) -> tuple[Question, ...]:
        """Return the client's questions of some tables, or of ids that begin so, in the order of the rank."""
        wanted = tuple(tables)
        return tuple(q for q in self.client if q.table in wanted or q.id.startswith(wanted))

    @property
    def table(self) -> pd.DataFrame:
        """One row a question."""
        return pd.DataFrame([{**q.model_dump(exclude={"cells"}), "where": q.where} for q in self.ranked])
