"""Which texts of a column with very many are judged one by one.

A table that is profiled is cut first (`ReducedTable`): every value whose mask is rare stays, the most frequent
values, of numbers the tails and what is no number, and evenly spread ones of the rest. All other values are
counted as one of the kept ones of the same mask (of numbers: as their nearest). Nothing that was merged is ever
reported: only rows whose own value was kept.

Judging a text costs a thousand times what reading it does: of a column that still has more than `WHOLE` distinct
texts (`open_view`) are judged every blank and placeholder, those of the rarest masks, the rarest of a closed
vocabulary, the most frequent, the extremes of numbers, and an even sample of the rest that stands for it in all
shares. Where in the table a value lies plays no part: dirt that begins at the last row is as visible as at the
first. What stays unseen is a slip, in a nearly unique column, that keeps the value's mask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.missing import DATES, PERHAPS_ZERO, SIGNS, WORDS
from assess.core.places import distinct, pick_evenly
from assess.evidence.quality.table import Table
from assess.evidence.quality.types import ColumnType

from . import Column
from .view import Floats, Ints, Mask, View, Whole

if TYPE_CHECKING:
    from assess.evidence.quality.types import ColumnType


Places = npt.NDArray[np.int64]

MOST = 8_000
"""Distinct values of a column that are judged one by one."""
RARE_MASKS, FREQUENT_VALUES, TAIL, EVEN = 1_000, 300, 300, 700
"""Values kept of a larger column: of rare masks, frequent ones, of each tail, evenly spread."""


class ReducedTable(Table):
    """A table whose largest columns are cut.

    Parameters
    ----------
    table
        The table.
    kinds
        Types of its columns, in order.
    """

    def __init__(self, table: Table, kinds: tuple[ColumnType, ...]) -> None:
        super().__init__(table.name, table.store, table.reading)
        self._kept: dict[str, npt.NDArray[np.bool_]] = {}
        self._held: dict[str, tuple[Column, ColumnType]] = {}
        for name, kind in zip(table.columns, kinds, strict=True):
            column = table.column(name)
            self._held[name] = column, kind
            if column.distinct > MOST:
                column, self._kept[name] = reduce_column(column, kind)
            self._encoded[name] = column

    def held(self, name: str) -> tuple[Column, ColumnType | None]:
        """Return a column with all its values, and what it holds."""
        return self._held[name]

    @property
    def cut(self) -> tuple[str, ...]:
        """What is to be said of the columns that were cut."""
        return tuple(
            f"single values of {name}: of more than {MOST:,} different ones a selection was judged one by one, "
            "the others by their masks"
            for name in self._kept
        )

    def kept(self, name: str) -> npt.NDArray[np.bool_] | None:
        """Rows of a column that still hold their own value, shape (rows,); None if it was not cut."""
        return self._kept.get(name)


def reduce_column(column: Column, kind: ColumnType) -> tuple[Column, npt.NDArray[np.bool_]]:
    """Cut a column.

    Returns
    -------
    column, kept
        The column with fewer values, and a mask of shape (rows,) of the rows that still hold their own.
    """
    if kind.numbers is not None and kind.semantic == "quantity":
        keep, target = _numbers(column, kind)
    else:
        keep, target = _texts(column)
    places = np.flatnonzero(keep)
    new = np.full(column.distinct, -1, np.int64)
    new[places] = np.arange(len(places))
    mapped = np.where(keep, new, new[target]).astype(np.int32)
    counts = np.bincount(mapped, weights=column.counts, minlength=len(places)).astype(np.int64)
    smaller = Column(column.name, column.texts.take(pa.array(places)), counts, mapped[column.codes])
    return smaller, keep[column.codes]


def _frequent(column: Column) -> Places:
    return np.argsort(-column.counts, kind="stable")[:FREQUENT_VALUES]


def _texts(column: Column) -> tuple[npt.NDArray[np.bool_], Places]:
    codes, labels = column.masked
    rows = np.bincount(codes, weights=column.counts, minlength=len(labels))
    distinct = np.bincount(codes, minlength=len(labels))
    rising = np.argsort(rows, kind="stable")
    rare = np.zeros(len(labels), bool)
    rare[rising[np.cumsum(distinct[rising]) <= RARE_MASKS]] = True
    keep = rare[codes]
    keep[_frequent(column)] = True
    keep[pick_evenly(column.distinct, EVEN)] = True
    keep[np.unique(codes, return_index=True)[1]] = True
    order = np.lexsort((~keep, codes))
    first = order[np.concatenate([[True], np.diff(codes[order]) > 0])]
    stand_in = _spread(np.flatnonzero(keep), codes)
    target = np.where(stand_in >= 0, stand_in, first[codes])
    return keep, target


def _spread(kept: Places, codes: npt.NDArray[np.int32]) -> Places:
    """For each value a kept one of its mask, the kept ones in turn."""
    order = kept[np.argsort(codes[kept], kind="stable")]
    kinds, starts, sizes = np.unique(codes[order], return_index=True, return_counts=True)
    start = np.full(int(codes.max()) + 1, -1, np.int64)
    size = np.ones(int(codes.max()) + 1, np.int64)
    start[kinds], size[kinds] = starts, sizes
    turn = np.arange(len(codes)) % size[codes]
    at = start[codes]
    return np.where(at >= 0, order[np.minimum(np.maximum(at, 0) + turn, len(order) - 1)], -1)


def _numbers(column: Column, kind: ColumnType) -> tuple[npt.NDArray[np.bool_], Places]:
    assert kind.numbers is not None
    fine = kind.conforms
    keep, target = _texts(column)
    keep &= ~fine
    rising = np.flatnonzero(fine)[np.argsort(kind.numbers.worth[fine], kind="stable")]
    keep[rising[:TAIL]] = keep[rising[-TAIL:]] = True
    keep[rising[pick_evenly(len(rising), EVEN)]] = True
    keep[_frequent(column)] = True
    at = np.flatnonzero(keep[rising])
    nearest = at[np.searchsorted(at, np.arange(len(rising)), side="right").clip(1, len(at)) - 1]
    target[rising] = rising[nearest]
    odd = ~fine & ~keep
    if odd.any():
        other = np.flatnonzero(keep & ~fine)
        target[odd] = other[0] if len(other) else rising[0]
    return keep, target


WHOLE = 12_000
"""Distinct texts up to which a column is judged whole."""
RARE, FREQUENT, SAMPLE, EXTREME = 1_200, 1_000, 1_000, 60
CLOSED = 20.0
"""Rows per distinct text from which a vocabulary is held for closed."""
COMMON_MASK = 0.005
LONGEST, END = 1_000, 100
"""Characters of a text that the checks see, and how many of them are its last."""


def open_view(
    column: Column, position: int, source: Column | None = None, kind: ColumnType | None = None
) -> View:
    """Open one column for the detectors, whole or as a digest.

    Parameters
    ----------
    column
        What is judged.
    position
        Its place in the table.
    source, kind
        The column as the table holds it, where ``column`` was cut, and what it holds.
    """
    if column.distinct <= WHOLE:
        texts = ["" if v is None else shorten_text(str(v)) for v in column.values]
        return View(
            column.name, position, texts, column.counts, column.codes, column=column,
            source=source or column, type=kind,
        )  # fmt: skip
    arrow = pc.fill_null(column.texts, "")
    missing = _missing(arrow)
    if column.own_words:
        own = pc.is_in(
            pc.utf8_trim_whitespace(arrow), value_set=pa.array(sorted(column.own_words), arrow.type)
        )
        missing &= ~np.asarray(own.to_numpy(zero_copy_only=False), bool)
    picked, rest = choose_texts(column, arrow, missing)
    texts = [shorten_text(str(t)) for t in arrow.take(pa.array(picked)).to_pylist()]
    counts = column.counts[picked]
    weights = counts.copy()
    left = int(column.counts.sum() - counts.sum())
    if len(rest):
        share = np.full(len(rest), left // len(rest), np.int64)
        weights[np.searchsorted(picked, rest)] += share
    number = np.full(column.distinct, len(picked), np.int32)
    number[picked] = np.arange(len(picked), dtype=np.int32)
    stand_in = texts[int(np.searchsorted(picked, rest[0]))] if len(rest) else texts[0]
    whole = Whole(column.codes, missing, column.counts, arrow)
    return View(
        column.name, position, [*texts, stand_in], np.append(counts, 0), number[column.codes],
        np.append(weights, 0), whole, source=source or column, type=kind,
    )  # fmt: skip


def shorten_text(text: str) -> str:
    """Return what the checks see of a text: all of it, or the beginning and the end of one of more than `LONGEST`.

    A check may take time that grows with the square of a text's length; a cell of a megabyte must not stop it.

    >>> len(shorten_text("a" * 1_000_000)), shorten_text("a")
    (1000, 'a')
    """
    return text if len(text) <= LONGEST else text[: LONGEST - END] + text[-END:]


def _missing(texts: pa.Array) -> Mask:
    """Texts that are blank or stand for a missing value, shape (d,)."""
    trimmed = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    words = sorted({"", *WORDS, *(date.lower() for date in DATES)} - PERHAPS_ZERO)
    held = pc.is_in(trimmed, value_set=pa.array(words, trimmed.type))
    signs = pc.match_substring_regex(trimmed, f"^(?:{SIGNS.pattern})$")
    zero = pc.is_in(trimmed, value_set=pa.array(sorted(PERHAPS_ZERO), trimmed.type))
    held = pc.or_(held, pc.and_not(pc.fill_null(signs, False), zero))
    return np.asarray(held.to_numpy(zero_copy_only=False), bool)


def choose_texts(column: Column, texts: pa.Array, missing: Mask) -> tuple[Ints, Ints]:
    """Choose the texts to judge, and which of them stand for the rest; numbers ascending."""
    counts = column.counts
    chosen = [np.flatnonzero(missing)]
    codes, masks = column.masked
    by_mask = np.bincount(codes, counts, len(masks))
    rare = by_mask[codes] < COMMON_MASK * counts.sum()
    if rare.mean() < 0.3:
        found = np.flatnonzero(rare)
        order = np.lexsort((found, by_mask[codes[found]]))
        chosen.append(found[order][:RARE])
    if counts.sum() > CLOSED * len(counts):
        chosen.append(np.argsort(counts, kind="stable")[:RARE])
    frequent = np.argsort(-counts, kind="stable")[:FREQUENT]
    chosen.append(frequent[counts[frequent] > 1])
    if all(c in "9.-+," for c in masks[int(by_mask.argmax())]):
        chosen.append(_extremes(parse_numbers(texts)))
    usual = np.flatnonzero(~missing & ~rare) if rare.mean() < 0.3 else np.flatnonzero(~missing)
    sample = usual[:: max(1, len(usual) // SAMPLE)]
    chosen.append(sample)
    picked = distinct(np.concatenate(chosen))
    return picked, distinct(sample)


def parse_numbers(texts: pa.Array) -> Floats:
    """Texts as numbers, NaN where they are none."""
    return np.asarray(pd.to_numeric(texts.to_pandas(), errors="coerce"), np.float64)


def _extremes(numbers: Floats) -> Ints:
    """The lowest and highest numbers."""
    real = np.flatnonzero(np.isfinite(numbers))
    order = real[np.argsort(numbers[real], kind="stable")]
    return np.concatenate([order[:EXTREME], order[-EXTREME:]])


def open_views(table: Table) -> list[View]:
    """Open every column of a table for the detectors."""
    return [
        open_view(table.column(name), place, *table.held(name)) for place, name in enumerate(table.columns)
    ]
