"""Values of a shape, or of a length within the shape, that the target does not know."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from .excess import Counts, Floats
from .pair import Marks, Pair


def shape(pair: Pair, left: Marks) -> Floats:
    """Values whose mask, runs said once, is rare or absent in the target."""
    return _judge(pair, left, pair.source.shapes, pair.target.shapes)


def mask(pair: Pair, left: Marks) -> Floats:
    """Values whose exact mask is rare or absent in the target; numbers are judged by their size instead."""
    if pair.numeric:
        left = left & ~pair.source.read.found
    return _judge(pair, left, pair.source.masks, pair.target.masks)


def _judge(
    pair: Pair, left: Marks, source: npt.NDArray[np.object_], target: npt.NDArray[np.object_]
) -> Floats:
    codes, known = pd.factorize(target)
    rows = np.bincount(codes, weights=pair.target.counts, minlength=len(known)).astype(np.int64)
    place = pd.Index(known).get_indexer(pd.Index(source))
    held = (
        np.where(place >= 0, rows[np.maximum(place, 0)], 0) if len(rows) else np.zeros(len(source), np.int64)
    )
    rare = float(np.count_nonzero(rows == 2))
    return pair.judge(left, rarity(held, pair.target.rows), rarity(rows[codes] - 1, pair.target.rows), rare)


def rarity(held: Counts, rows: int) -> Floats:
    """Half decades by which the rows that hold a pattern fall short of a third of all rows."""
    return np.asarray(np.maximum(0, np.round(2 * np.log10(rows / np.maximum(held, 0.3))) - 1))
