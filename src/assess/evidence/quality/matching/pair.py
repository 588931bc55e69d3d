"""A column of the source beside the column of the target that means the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.core.personal import show_example
from assess.core.record import Record
from assess.evidence.quality.checks.excess import Counts, Floats, levels
from assess.evidence.quality.column import Column
from assess.evidence.quality.column.masks import mask_all, shape_all
from assess.evidence.quality.types import dates, numbers
from assess.evidence.quality.types.column_type import ColumnType

from .keys import Join

Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Side:
    """The texts of one column: a null is the empty text here.

    Parameters
    ----------
    texts
        Distinct texts, shape (d,), dtype object.
    counts
        Rows of each, shape (d,).
    codes
        Index into ``texts`` of each row, shape (rows,).
    sound
        Texts that are what their column holds, neither missing in disguise nor malformed: only these can
        speak against the other side, shape (d,); None where that is not known.
    """

    texts: npt.NDArray[np.object_]
    counts: Counts
    codes: npt.NDArray[np.int32]
    sound: Marks | None = None

    @classmethod
    def of(cls, column: Column, sound: Marks | None = None, *, bare: bool = False) -> Side:
        """Take a column, its nulls as empty texts.

        Parameters
        ----------
        column
            The column.
        sound
            Which of its distinct values are what it holds.
        bare
            Leave out spaces at the edges.
        """
        values = column.values
        null = np.array([value is None for value in values], bool)
        if not null.any() and not bare:
            return cls(values, column.counts, column.codes, sound)
        texts = np.where(null, "", values)
        if bare:
            texts = np.array([text.strip() for text in texts], object)
        places, kept = pd.factorize(texts)
        counts = np.bincount(places, weights=column.counts, minlength=len(kept)).astype(np.int64)
        made = None if sound is None else np.zeros(len(kept), bool)
        if made is not None and sound is not None:
            np.logical_or.at(made, places, sound)
        return cls(np.asarray(kept, object), counts, places.astype(np.int32)[column.codes], made)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.codes)

    @cached_property
    def blank(self) -> Marks:
        """Texts of nothing but white space, shape (d,)."""
        return np.fromiter((not text or text.isspace() for text in self.texts), bool, len(self.texts))

    @cached_property
    def shapes(self) -> npt.NDArray[np.object_]:
        """Masks with runs said once, shape (d,)."""
        return np.asarray(shape_all(self.texts).to_numpy(zero_copy_only=False), object)

    @cached_property
    def masks(self) -> npt.NDArray[np.object_]:
        """Masks, shape (d,)."""
        return np.asarray(mask_all(self.texts).to_numpy(zero_copy_only=False), object)

    @cached_property
    def read(self) -> numbers.Numbers:
        """The texts as numbers."""
        return numbers.read(self.texts)


@dataclass(frozen=True, eq=False)
class ValuePair:
    """A matched pair of columns, judged by distinct values.

    Parameters
    ----------
    source, target
        Both sides.
    alphabet
        Classes of characters that occur anywhere in the target table.
    """

    source: Side
    target: Side
    alphabet: frozenset[str] = frozenset()

    @cached_property
    def place(self) -> npt.NDArray[np.int64]:
        """Place of each value of the source among the target's, -1 where the target has none, shape (s,)."""
        return np.asarray(pd.Index(self.target.texts).get_indexer(pd.Index(self.source.texts)), np.int64)

    @cached_property
    def seen(self) -> Counts:
        """Rows of the target that hold each value of the source, shape (s,)."""
        if not len(self.target.counts):
            return np.zeros(len(self.place), np.int64)
        return np.where(self.place >= 0, self.target.counts[np.maximum(self.place, 0)], 0)

    @cached_property
    def new(self) -> Marks:
        """Values of the source that the target does not hold, blanks aside, shape (s,)."""
        return np.asarray((self.seen == 0) & ~self.source.blank)

    @cached_property
    def alone(self) -> Marks:
        """Values of the target that would be new if their only row were left out, shape (t,)."""
        return np.asarray((self.target.counts == 1) & ~self.target.blank)

    @cached_property
    def numeric(self) -> bool:
        """Whether at least nine in ten filled rows of the target are numbers, and they are no compact dates."""
        filled = self.target.counts[~self.target.blank].sum()
        read = self.target.counts[self.target.read.found & ~self.target.blank].sum()
        return bool(filled > 0 and read >= 0.9 * filled) and not self.dated

    @cached_property
    def dated(self) -> bool:
        """Whether at least nine in ten of the target's filled values are written like dates."""
        known = ~self.target.blank
        return bool(known.any() and dates.read(self.target.texts[known]).found.mean() >= 0.9)

    def judge(self, left: Marks, source: Floats, target: Floats, rare: float = 0) -> Floats:
        """Turn scores into confidences: new values still in question against the target's lone ones.

        Parameters
        ----------
        left
            Values of the source in question, shape (s,).
        source, target
            Scores, shapes (s,) and (t,).
        rare
            Values of the target that nearly count.
        """
        return levels(
            np.where(left, source, 0.0), self.source.counts,
            np.where(self.alone, target, 0.0), self.target.counts, rare,
        )  # fmt: skip


def spread(values: Floats, counts: Counts) -> tuple[float, float]:
    """Return the median and the third quartile of the distance from it, by rows (NaN-free input).

    A zero scale means that three quarters of the rows hold one value; then the largest distance is taken.
    """
    order = np.argsort(values, kind="stable")
    middle = float(values[order][np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2)])
    distance = np.abs(values - middle)
    order = np.argsort(distance, kind="stable")
    scale = float(distance[order][np.searchsorted(np.cumsum(counts[order]), 0.75 * counts.sum())])
    return middle, scale or float(distance.max())


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
    codes
        Whether the translation names nothing but codes, which may stand in clear.
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
    codes: bool = False
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
class ColumnPair:
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

    def are_codes(self, translation: Mapping[str, str]) -> bool:
        """Whether a translation names nothing but codes of the two columns."""
        mine, theirs = self.source.clear_values, self.target.clear_values
        return mine.issuperset(translation) and theirs.issuperset(translation.values())

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


def show_examples(column: Column, places: Places, clear: bool, most: int = 3) -> tuple[str, ...]:
    """Return examples of the values at some places."""
    return tuple(
        dict.fromkeys(show_example(column.values[i], column.clear_values, clear=clear) for i in places[:50])
    )[:most]
