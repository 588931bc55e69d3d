"""A column of the source beside the column of the target that means the same.

How sure it is that a strange value is wrong: more of its kind in the source than the target's own rows predict.
Every check gives a score to the values of the source, and the same score to every value of the target *as if
its own row had not been seen*. The target's scores are the empirical null: they say how often a right value looks
that strange. What exceeds this is wrong. This is the target-decoy estimate of proteomics (Elias & Gygi, Nature
Methods 4, 2007) and the local false discovery rate of Efron (2010) with the target's rows, left out one at a
time, as the null; for "a value never seen" it is Good and Turing's estimate of the unseen mass (Good, Biometrika
40, 1953).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import isotonic_regression

from assess.core.missing import missing_condition
from assess.core.personal import show_example
from assess.core.places import distinct
from assess.core.record import Record
from assess.evidence.quality import types
from assess.evidence.quality.column import Column
from assess.evidence.quality.types import ColumnType, dates, numbers

from .joins import Join

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

CERTAIN = 0.99
"""Highest confidence: no statistic proves a value wrong."""

FLOOR = 0.15
"""Pseudo-count of a closed column, in which no value of the target stands alone: right surprises that
may still come (less than Jeffreys' 1/2, because not even pairs of rare values were seen)."""

OPEN = 0.5
"""Pseudo-count added (Jeffreys) where the target has rare values of the kind."""

COUNTING = 0.98
"""Different whole numbers a row of a column that numbers its records."""

CAUTION = 0.7
"""Standard errors of the null's count that are added to it."""


def posterior(found: Floats, null: Floats, rare: float, source_rows: int, target_rows: int) -> Floats:
    """Return the share of found cells that the null does not explain.

    Parameters
    ----------
    found
        Cells of the source at a score or above, shape (n,).
    null
        Cells of the target at that score or above when left out, shape (n,).
    rare
        Values of the target that nearly count (seen in one other row): whether the kind is open.
    source_rows, target_rows
        Rows of both sides.

    Returns
    -------
    ndarray
        ``1 - expected / found``, from 0 to `CERTAIN`, where ``expected`` is the null's count with its
        pseudo-count and `CAUTION` standard errors of a Poisson count, scaled to the source's rows.
    """
    count = null + FLOOR + OPEN * ((null + rare) > 0) + CAUTION * np.sqrt(null)
    expected = count * source_rows / max(target_rows, 1)
    return np.clip(1 - expected / np.maximum(found, 1e-9), 0, CERTAIN)


def levels(
    source: Floats, source_counts: Counts, target: Floats, target_counts: Counts, rare: float = 0
) -> Floats:
    """Return how probably each value of the source is wrong, given a score of both sides.

    Parameters
    ----------
    source, target
        Scores of the distinct values, shapes (s,) and (t,); 0 is not suspicious, more is more.
    source_counts, target_counts
        Rows of each value.
    rare
        See `posterior`.

    Returns
    -------
    ndarray
        Shape (s,), non-decreasing in the score: the lower of the tail's posterior and the local one
        (isotonic regression over the levels).
    """
    steps = distinct(source[source > 0])
    made = np.zeros(len(source))
    if not len(steps):
        return made
    source_rows, target_rows = int(source_counts.sum()), int(target_counts.sum())
    found, null = _above(source, source_counts, steps), _above(target, target_counts, steps)
    tail = np.maximum.accumulate(posterior(found, null, rare, source_rows, target_rows))
    here, expected = _differences(found), _differences(null) * source_rows / max(target_rows, 1)
    local = isotonic_regression(np.clip(1 - expected / here, -5, 1), weights=here).x
    sure = np.clip(np.minimum(tail, local), 0, CERTAIN)
    marked = source > 0
    made[marked] = sure[np.searchsorted(steps, source[marked])]
    return made


def _above(scores: Floats, counts: Counts, steps: Floats) -> Floats:
    """Rows with a score of at least each step."""
    order = np.argsort(scores, kind="stable")
    rows = np.concatenate([np.cumsum(counts[order][::-1])[::-1], [0]])
    return rows[np.searchsorted(scores[order], steps, side="left")].astype(np.float64)


def _differences(above: Floats) -> Floats:
    return -np.diff(np.append(above, 0.0))


def tail_share(scores: Floats, counts: Counts, at: Floats) -> Floats:
    """Return the share of rows expected at or above a score beyond those seen, by a Pareto tail.

    Parameters
    ----------
    scores, counts
        Scores of the target's values (non-negative) and their rows.
    at
        Scores asked for, shape (n,).

    Notes
    -----
    Hill's estimate (Annals of Statistics 3, 1975) over the top 5 % of the rows (at least 5), its index
    widened by its standard error; a heavy tail is assumed, so that what is called far off is far off.
    """
    order = np.argsort(-scores, kind="stable")
    heavy = np.repeat(scores[order][:2000], counts[order][:2000])
    rows = int(counts.sum())
    top = min(max(5, rows // 20), len(heavy) - 1)
    if top < 1:
        return np.ones(len(at))
    shifted, asked = heavy[: top + 1] + 1, at + 1
    index = max(float(np.mean(np.log(shifted[:top] / shifted[top]))), 0.02) * (1 + 1 / np.sqrt(top))
    share = top / rows * (asked / shifted[top]) ** (-1 / index)
    return np.where(asked > shifted[top], share, 1.0)


Marks = npt.NDArray[np.bool_]


Places = npt.NDArray[np.int64]


LISTED = 1_000
"""Rows that a condition names at most."""


class DefinitionConflict(Record):
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
class JointValues:
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
    """A column of the source and the column of the target that means the same, with the records that join them.

    Parameters
    ----------
    source, target
        The columns. For the judging of single values the source is in the target's terms, and neither has nulls.
    join
        Records of both sides that are the same, None if nothing joins the tables.
    key
        Whether these columns join the two tables.
    clear
        Show examples as they are.
    sound
        Values of the target that are what its column holds, neither missing in disguise nor malformed: only
        these can speak against the source, shape (t,); None where that is not known.
    alphabet
        Classes of characters that occur anywhere in the target table.
    """

    source: Column
    target: Column
    join: Join | None = None
    key: bool = False
    clear: bool = False
    sound: Marks | None = None
    alphabet: frozenset[str] = frozenset()

    @property
    def source_kind(self) -> ColumnType:
        """What the source's column holds."""
        return types.infer_type(self.source)

    @property
    def target_kind(self) -> ColumnType:
        """What the target's column holds."""
        return types.infer_type(self.target)

    @cached_property
    def source_numbers(self) -> numbers.Numbers:
        """The source's values as numbers."""
        return numbers.read(self.source.values)

    @cached_property
    def target_numbers(self) -> numbers.Numbers:
        """The target's values as numbers."""
        return numbers.read(self.target.values)

    @cached_property
    def place(self) -> npt.NDArray[np.int64]:
        """Place of each value of the source among the target's, -1 where the target has none, shape (s,)."""
        return np.asarray(pd.Index(self.target.values).get_indexer(pd.Index(self.source.values)), np.int64)

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
        read = self.target.counts[self.target_numbers.found & ~self.target.blank].sum()
        return bool(filled > 0 and read >= 0.9 * filled) and not self.dated

    @cached_property
    def counted_up(self) -> bool:
        """Whether both sides number their records: whole numbers, hardly one twice, and most of those between were given."""
        for read, column in ((self.source_numbers, self.source), (self.target_numbers, self.target)):
            worth = read.worth[read.integer]
            if not len(worth) or len(worth) < COUNTING * column.counts[~column.blank].sum():
                return False
            low, high = np.quantile(worth, (0.05, 0.95))
            if high - low > numbers.DENSE * len(worth):
                return False
        return True

    @cached_property
    def measured(self) -> bool:
        """Whether the target's values are numbers and either side writes points or commas in them: amounts, which no letters or digits spell."""
        read = ((self.source, self.source_numbers), (self.target, self.target_numbers))
        return self.numeric and any(
            "." in text or "," in text
            for column, found in read
            for text in map(str, column.values[found.found])
        )

    @cached_property
    def dated(self) -> bool:
        """Whether at least nine in ten of the target's filled values are written like dates."""
        known = ~self.target.blank
        return bool(known.any() and dates.read(self.target.values[known]).found.mean() >= 0.9)

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

    @cached_property
    def joint(self) -> JointValues:
        """Values of the same records where both sides hold something; empty if nothing joins the tables."""
        if self.join is None or not len(self.join.source):
            nothing = np.empty(0, np.int64)
            return JointValues(nothing, nothing, nothing)
        size = max(len(self.target.values), 1)
        mine, theirs = self.source.codes[self.join.source], self.target.codes[self.join.target]
        filled = self.source_kind.present[mine] & self.target_kind.present[theirs]
        pairs, counts = np.unique(mine[filled].astype(np.int64) * size + theirs[filled], return_counts=True)
        return JointValues(pairs // size, pairs % size, counts.astype(np.int64))

    def records(self, pairs: Marks) -> Places:
        """Return the joined records, as places in the join, that hold one of the marked pairs of values."""
        if self.join is None or not pairs.any():
            return np.empty(0, np.int64)
        size = max(len(self.target.values), 1)
        marked = self.joint.source[pairs].astype(np.int64) * size + self.joint.target[pairs]
        mine, theirs = self.source.codes[self.join.source], self.target.codes[self.join.target]
        return np.flatnonzero(np.isin(mine.astype(np.int64) * size + theirs, marked))

    def rows_of(self, values: Marks) -> int:
        """Rows of the source that hold any of the marked values."""
        return int(self.source.counts[values].sum())

    def are_codes(self, translation: Mapping[str, str]) -> bool:
        """Whether a translation names nothing but codes of the two columns."""
        mine, theirs = self.source.clear_values, self.target.clear_values
        return mine.issuperset(translation) and theirs.issuperset(translation.values())

    def conflict(
        self, kind: str, says: str, values: Marks, confidence: float, **more: object
    ) -> DefinitionConflict:
        """Write a conflict that concerns the marked values of the source."""
        rows = self.rows_of(values)
        return DefinitionConflict.model_validate(
            {
                "condition": self._condition(values),
                "kind": kind, "source_column": self.source.name, "target_column": self.target.name,
                "says": says, "rows": rows, "share": round(rows / max(self.source.rows, 1), 6),
                "confidence": round(min(confidence, 0.99), 4), **more,
            }
        )  # fmt: skip

    def _condition(self, values: Marks) -> str:
        """The condition that holds for the rows of the marked values; empty if they are too many to be named."""
        if values.any() and bool((values == self.source_kind.present).all()):
            return f"NOT {missing_condition('{}', self.source.own_words)}"
        return name_rows(self.source.numbered(self.source.rows_of(values)))


def name_rows(rows: Places) -> str:
    """Return the DuckDB condition that names rows; empty for none, and past `LISTED` of them.

    >>> name_rows(np.array([3, 5]))
    'row IN (3, 5)'
    """
    return f"row IN ({', '.join(map(str, rows.tolist()))})" if 0 < len(rows) <= LISTED else ""


def show_examples(column: Column, places: Places, clear: bool) -> tuple[str, ...]:
    """Return examples of the values at some places."""
    return tuple(
        dict.fromkeys(show_example(column.values[i], column.clear_values, clear=clear) for i in places[:50])
    )[:3]
