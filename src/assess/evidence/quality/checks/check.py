"""What a check is: one kind of defect, how it is looked for, what it notes of cells, and what a finding says of it.

A check is written beside its judge, in the module of its subject, and listed once in the `registry`. Judges note
signals in the `Evidence`; what is more likely wrong than right becomes a `Suspicion`.
"""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.evidence.quality.column.view import Floats, Ints, View
from assess.evidence.quality.matching.pair import ColumnPair, DefinitionConflict, Marks


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

    def note(self, column: int, name: str, values: Floats) -> None:
        """Record a signal per distinct text."""
        if np.any(values != 0):
            self.texts[column][name] = values

    def note_rows(self, column: int, name: str, dense: Floats) -> None:
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


Scope = Literal["column", "row", "table", "pair"]
"""What a check must see: the column's own values, the rest of the row, the rows of the table, a second table."""

Subject = Literal["Missing", "Format", "Validity", "Typing error", "Rule", "Key", "Definition"]
"""Kinds of defect, as a report counts them."""

ColumnJudge = Callable[[View, Evidence], None]
TableJudge = Callable[[list[View], Evidence], None]
ValueJudge = Callable[[ColumnPair, Marks], Floats]
Finder = Callable[[ColumnPair], list[DefinitionConflict]]


ONE = (
    (r"^are\b", "is"), (r"^have\b", "has"), (r"^carry\b", "carries"), (r"^(nearly )?(?!is\b|has\b|carries\b)(\w+)", r"\1\2s"), (r"\bor lack\b", "or lacks"),
    (r"\btheir\b", "its"), (r"\bthey\b", "it"), (r"^is dates\b", "is a date"), (r"\btyping errors$", "a typing error"),
)  # fmt: skip
"""What becomes of the words about several cells where they are about one."""


def in_singular(words: str) -> str:
    """Return what is said of several for one.

    >>> in_singular("are probably typing errors"), in_singular("nearly repeat an earlier row")
    ('is probably a typing error', 'nearly repeats an earlier row')
    """
    for several, one in ONE:
        words = re.sub(several, one, words)
    return words


@dataclass(frozen=True, kw_only=True)
class Check:
    """One kind of defect.

    Parameters
    ----------
    name
        As in the cells of a profile, and in the id of a finding.
    scope
        What it must see.
    subject
        The kind of defect.
    title
        What is wrong, to follow "12 cells".
    looks_for
        What it looks for, in one sentence.
    matters
        What it does to an integration if nothing is done.
    action
        What to do.
    rule
        A DuckDB expression that repairs a value, ``{}`` standing for the quoted column; empty if only
        single values can be repaired.
    """

    name: str
    scope: Scope
    subject: Subject
    title: str = ""
    looks_for: str = ""
    matters: str = ""
    action: str = ""
    rule: str = ""

    def of(self, number: int) -> str:
        """Return what is wrong, to follow "12 cells" or "1 cell".

        >>> Check(name="c", scope="row", subject="Format", title="lie before the time that they must follow").of(1)
        'lies before the time that it must follow'
        """
        return self.title if number != 1 else in_singular(self.title)

    def fix(self, column: str) -> str:
        """Return the repairing expression for a quoted column, empty if there is none."""
        return self.rule.replace("{}", column)


@dataclass(frozen=True)
class Certain:
    """What needs no weighing: signals that are right by themselves.

    When it fires was set from what the check means; the probability it gives is the share of the cells it
    marked that were wrong, over the labelled public tables (dirty and clean) and the ledger of the samples
    together, to the nearest twentieth, between .55 and .95: ``benchmarks/accuracy.md`` shows the reliability
    of the result.

    Parameters
    ----------
    signals
        Names of the signals that it needs.
    chance
        Their values, in this order, to the probability that a cell is wrong.
    """

    signals: tuple[str, ...]
    chance: Callable[..., Floats]


def above(signal: str, least: float, sure: float) -> Certain:
    """Return the rule that a signal above a limit is right with a stated probability."""
    return Certain((signal,), lambda values: np.asarray(sure * (values > least)))


REWRITTEN = ("bare", "formed")
"""Where the right text of one that is written wrongly comes from: itself without a filler, or without a slip, where the column then holds it or is written so."""


@dataclass(frozen=True, kw_only=True)
class CellCheck(Check):
    """One kind of wrong cell in a single table; its signals are weighed together with those of all others.

    Parameters
    ----------
    judges, table_judges
        What notes its signals: column by column, and over all columns together. A judge that serves several
        checks stands with one of them.
    signals
        Signals that speak for it; those that `weighing` knows are weighed.
    certain
        Signals of it that need no weighing.
    repairs
        Where the right text comes from (a name in `Evidence.repairs`), best first.
    row_repairs
        Where the right text of a single row comes from (a name in `Evidence.row_repairs`).
    by_row
        Whether it judges every row by the value that it really holds, also where a column was cut.
    """

    judges: tuple[ColumnJudge, ...] = ()
    table_judges: tuple[TableJudge, ...] = ()
    signals: tuple[str, ...] = ()
    certain: tuple[Certain, ...] = ()
    repairs: tuple[str, ...] = ()
    row_repairs: str = ""
    by_row: bool = False


@dataclass(frozen=True, kw_only=True)
class ValueCheck(Check):
    """One way in which a value of the source can break what the target holds.

    Parameters
    ----------
    judge
        Gives each distinct value of the source a confidence, given those still in question; None where the
        rows are judged over all columns together (see `contract`).
    everywhere
        Whether it also judges values that the target holds.
    wording
        Whether it judges words, which say nothing of dates: another day is another value.
    repair
        The target's value next to some values of the source, by their places.
    """

    scope: Scope = "pair"
    judge: ValueJudge | None = None
    everywhere: bool = False
    wording: bool = False
    repair: Callable[[ColumnPair, npt.NDArray[np.int64]], list[str | None]] | None = None
    matters: str = "The target rejects the value, or stores what it can't use."
    action: str = "Repair in the source before the first load, and check at the interface."


EXPLAINING = ("vocabulary", "code reuse", "case", "scale", "net-gross", "time zone", "decimal sign")
"""Definition conflicts that already say why joined records disagree, where they concern most rows."""


@dataclass(frozen=True, kw_only=True)
class DefinitionCheck(Check):
    """One way in which two systems define the same field differently.

    Parameters
    ----------
    find
        Finds the conflicts; a finder that serves several checks stands with the first of them.
    unless
        Conflicts after which nothing is left to find, where they concern most rows.
    never_with
        Conflicts after which nothing is left to find, however many rows they concern.
    grave
        Whether it is wrong without an error, or stops every record: high from the first row on.
    agreed
        Whether two owners must agree about it before a rule can be written; a fix that is known and ``ruled`` needs no such talk.
    ruled
        Whether a rule repairs it, but for the rows that can be read in two ways.
    blurs
        Whether it hides what a cell should hold, so that single cells can't be judged.
    translate
        The source's values as the target would hold them once the conflict is agreed; None where no rule is
        known.
    whole
        Share of the source's filled rows from which on it is the definition, and not single wrong cells.
    """

    scope: Scope = "pair"
    find: Finder | None = None
    unless: tuple[str, ...] = ()
    never_with: tuple[str, ...] = ()
    grave: bool = False
    agreed: bool = False
    ruled: bool = False
    blurs: bool = False
    translate: Callable[[ColumnPair, DefinitionConflict], Texts | None] | None = field(default=None)
    whole: float = 0.5
