"""Which texts of a column with very many are judged one by one.

Judging a text costs a thousand times what reading it does. Of a column with more than `WHOLE` distinct texts
are judged: every blank and placeholder, those of the rarest masks, the rarest of a closed vocabulary, the
most frequent, the extremes of numbers, and an even sample of the rest that stands for it in all shares. Where
in the table a value lies plays no part: dirt that begins at the last row is as visible as at the first. What
stays unseen is a slip, in a nearly unique column, that keeps the value's mask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .view import DISGUISED, PERHAPS_ZERO, Floats, Ints, Mask, View, Whole

if TYPE_CHECKING:
    from assess.evidence.quality.column import Column
    from assess.evidence.quality.table import Table
    from assess.evidence.quality.types.column_type import ColumnType

WHOLE = 12_000
"""Distinct texts up to which a column is judged whole."""
RARE, FREQUENT, SAMPLE, EXTREME = 1_200, 1_000, 1_000, 60
CLOSED = 20.0
"""Rows per distinct text from which a vocabulary is held for closed."""
COMMON_MASK = 0.005


def view_of(
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
        texts = ["" if v is None else str(v) for v in column.values]
        return View(
            column.name, position, texts, column.counts, column.codes, column=column,
            source=source or column, type=kind,
        )  # fmt: skip
    arrow = pc.fill_null(column.texts, "")
    missing = _missing(arrow)
    picked, rest = choose(column, arrow, missing)
    texts = [str(t) for t in arrow.take(pa.array(picked)).to_pylist()]
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


def _missing(texts: pa.Array) -> Mask:
    """Texts that are blank or stand for a missing value, shape (d,)."""
    trimmed = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    held = pc.is_in(trimmed, value_set=pa.array(["", *sorted(DISGUISED - PERHAPS_ZERO)], trimmed.type))
    return np.asarray(held.to_numpy(zero_copy_only=False), bool)


def choose(column: Column, texts: pa.Array, missing: Mask) -> tuple[Ints, Ints]:
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
        chosen.append(_extremes(numbers_of(texts)))
    usual = np.flatnonzero(~missing & ~rare) if rare.mean() < 0.3 else np.flatnonzero(~missing)
    sample = usual[:: max(1, len(usual) // SAMPLE)]
    chosen.append(sample)
    picked = np.unique(np.concatenate(chosen))
    return picked, np.unique(sample)


def numbers_of(texts: pa.Array) -> Floats:
    """Texts as numbers, NaN where they are none."""
    return np.asarray(pd.to_numeric(texts.to_pandas(), errors="coerce"), np.float64)


def _extremes(numbers: Floats) -> Ints:
    """The lowest and highest numbers."""
    real = np.flatnonzero(np.isfinite(numbers))
    order = real[np.argsort(numbers[real], kind="stable")]
    return np.concatenate([order[:EXTREME], order[-EXTREME:]])


def look(table: Table) -> list[View]:
    """Open every column of a table for the detectors."""
    return [view_of(table.column(name), place, *table.held(name)) for place, name in enumerate(table.columns)]
