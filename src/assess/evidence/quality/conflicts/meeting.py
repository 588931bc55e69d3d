"""Two matched columns as they meet: their types, and which values stand in the same record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from assess.core.record import Record
from assess.evidence.quality.column import Column
from assess.evidence.quality.joining import Join
from assess.evidence.quality.types.column_type import ColumnType

Marks = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


class Conflict(Record):
    """One way in which two systems define the same field differently.

    Parameters
    ----------
    kind
        Name of the detector: vocabulary, scale, time zone ...
    source_column, target_column
        The matched columns.
    says
        What is different, in one sentence with its numbers.
    rows
        Rows of the source concerned.
    share
        Of the source's rows, 0 to 1.
    confidence
        How sure it is.
    examples, counterparts
        Values of the source and what the target holds instead, masked unless they were asked for.
    translation
        The target's value for each of the source's, where values must be translated.
    fix
        A DuckDB expression that turns the source's value into the target's, ``{}`` standing for the
        column; empty if no rule is known.
    condition
        A DuckDB condition on the source's column, ``{}`` standing for it, true for the rows concerned.
    unclear
        Rows whose right value no rule can know, such as dates in which day and month could be swapped.
    factor
        Target over source, where numbers differ by a factor; hours, where times differ; characters that
        the target keeps, where texts are too long.
    """

    kind: str
    source_column: str
    target_column: str
    says: str
    rows: int
    share: float
    confidence: float
    examples: tuple[str, ...] = ()
    counterparts: tuple[str, ...] = ()
    translation: tuple[tuple[str, str], ...] = ()
    unclear: int = 0
    fix: str = ""
    condition: str = ""
    factor: float | None = None


@dataclass(frozen=True, eq=False)
class Together:
    """How often two values stand in the same joined record.

    Parameters
    ----------
    source, target
        Places among the distinct values of both sides, shapes (p,).
    counts
        Joined records with both, shape (p,).
    """

    source: Places
    target: Places
    counts: Places

    @property
    def rows(self) -> int:
        """Joined records."""
        return int(self.counts.sum())


@dataclass(frozen=True, eq=False)
class Meeting:
    """A matched pair of columns with its joined records.

    Parameters
    ----------
    source, target
        The columns.
    source_kind, target_kind
        What they hold.
    join
        Records of both sides that are the same, None if nothing joins the tables.
    key
        Whether these columns are the join's own key.
    clear
        Show examples as they are.
    """

    source: Column
    target: Column
    source_kind: ColumnType
    target_kind: ColumnType
    join: Join | None = None
    key: bool = False
    clear: bool = False

    @cached_property
    def together(self) -> Together:
        """Values of the same records where both sides hold something; empty if nothing joins the tables."""
        if self.join is None or not len(self.join.source):
            nothing = np.empty(0, np.int64)
            return Together(nothing, nothing, nothing)
        size = max(len(self.target.values), 1)
        mine, theirs = self.source.codes[self.join.source], self.target.codes[self.join.target]
        filled = self.source_kind.present[mine] & self.target_kind.present[theirs]
        pairs, counts = np.unique(mine[filled].astype(np.int64) * size + theirs[filled], return_counts=True)
        return Together(pairs // size, pairs % size, counts.astype(np.int64))

    def records(self, pairs: Marks) -> Places:
        """Return the joined records, as places in the join, that hold one of the marked pairs of values."""
        if self.join is None or not pairs.any():
            return np.empty(0, np.int64)
        size = max(len(self.target.values), 1)
        marked = self.together.source[pairs].astype(np.int64) * size + self.together.target[pairs]
        mine, theirs = self.source.codes[self.join.source], self.target.codes[self.join.target]
        return np.flatnonzero(np.isin(mine.astype(np.int64) * size + theirs, marked))

    def rows_of(self, values: Marks) -> int:
        """Rows of the source that hold any of the marked values."""
        return int(self.source.counts[values].sum())

    def conflict(self, kind: str, says: str, values: Marks, confidence: float, **more: object) -> Conflict:
        """Write a conflict that concerns the marked values of the source."""
        rows = self.rows_of(values)
        return Conflict.model_validate(
            {
                "kind": kind, "source_column": self.source.name, "target_column": self.target.name,
                "says": says, "rows": rows, "share": round(rows / max(self.source.rows, 1), 6),
                "confidence": round(min(confidence, 0.99), 4), **more,
            }
        )  # fmt: skip


def shown(column: Column, places: Places, clear: bool, most: int = 3) -> tuple[str, ...]:
    """Return examples of the values at some places."""
    from assess.evidence.quality.masking import example

    return tuple(dict.fromkeys(example(column.values[i], clear=clear) for i in places[:50]))[:most]
