"""A column of the source beside the column of the target that means the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.evidence.quality import masks
from assess.evidence.quality.table import Column
from assess.evidence.quality.types import dates, numbers

from .excess import Counts, Floats, levels

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
        return np.asarray(masks.shapes(self.texts).to_numpy(zero_copy_only=False), object)

    @cached_property
    def masks(self) -> npt.NDArray[np.object_]:
        """Masks, shape (d,)."""
        return np.asarray(masks.masks(self.texts).to_numpy(zero_copy_only=False), object)

    @cached_property
    def read(self) -> numbers.Numbers:
        """The texts as numbers."""
        return numbers.read(self.texts)


@dataclass(frozen=True, eq=False)
class Pair:
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
