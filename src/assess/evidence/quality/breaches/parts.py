"""Parts of structured values (numbers, codes, dates, coordinates) that the target does not hold there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from .excess import Floats
from .magnitude import beyond
from .pair import Marks, Pair

PART = re.compile(r"\d+|[^\W\d_]+|\s+|[\W_]")
COMMON = 0.1
"""Share of the target's rows from which on a shape's parts are learned."""
FEWEST = 8
MOST_SHAPES = 5
PERIOD = 0.2
"""Share of the source's dates with a new part from which on they are of another period, not wrong."""


@dataclass(frozen=True, eq=False)
class Position:
    """One position in the values of one shape.

    Parameters
    ----------
    source, target
        Places of the values of that shape, shapes (m,) and (n,).
    asked, known
        The part of each of them at this position.
    fraction
        Whether it is the digits behind a decimal point.
    """

    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    asked: list[str]
    known: list[str]
    fraction: bool


def positions(pair: Pair) -> Iterator[Position]:
    """Yield the positions of each common shape of the target that has digits or punctuation."""
    frame = pd.DataFrame({"shape": pair.target.shapes, "rows": pair.target.counts})
    rows = frame.groupby("shape", sort=True)["rows"].sum().sort_values(ascending=False, kind="stable")
    for shape in rows[rows >= max(FEWEST, COMMON * pair.target.rows)].index[:MOST_SHAPES]:
        if len(shape) > 1 and re.search(r"[^Aa ]", shape):
            yield from _positions(pair, shape)


def _positions(pair: Pair, shape: str) -> Iterator[Position]:
    source = np.flatnonzero(pair.source.shapes == shape)
    if not len(source):
        return
    target = np.flatnonzero(pair.target.shapes == shape)
    asked = [PART.findall(text) for text in pair.source.texts[source]]
    known = [PART.findall(text) for text in pair.target.texts[target]]
    size = len(known[0])
    if size < 2 or any(len(parts) != size for parts in known) or any(len(parts) != size for parts in asked):
        return
    for i in range(size):
        fraction = i > 1 and known[0][i - 1] in ".," and known[0][i - 2].isdigit()
        yield Position(source, target, [p[i] for p in asked], [p[i] for p in known], fraction)


def unknown(pair: Pair, left: Marks) -> Floats:
    """Values with a part that the target never holds at that position."""
    made = np.zeros(len(pair.source.texts))
    for position in positions(pair):
        codes, known = pd.factorize(np.array(position.known, object))
        rows = np.bincount(codes, weights=pair.target.counts[position.target], minlength=len(known))
        source, target = np.zeros(len(pair.source.texts)), np.zeros(len(pair.target.texts))
        source[position.source] = pd.Index(known).get_indexer(pd.Index(position.asked)) < 0
        target[position.target] = rows[codes] <= 1
        if source.any():
            made = np.maximum(made, pair.judge(left, source, target, float(np.count_nonzero(rows == 2))))
    other = pair.dated and pair.source.counts[made > 0].sum() > PERIOD * pair.source.rows
    return np.zeros(len(made)) if other else made


def distant(pair: Pair, left: Marks) -> Floats:
    """Values with a number, as a part, far beyond those that the target holds at that position."""
    made = np.zeros(len(pair.source.texts))
    for position in positions(pair):
        if position.fraction or not position.known[0].isdecimal():
            continue
        asked, known = np.array(position.asked, np.float64), np.array(position.known, np.float64)
        far = beyond(
            known, pair.target.counts[position.target], asked, pair.source.counts[position.source],
            pair.source.rows,
        )  # fmt: skip
        made[position.source] = np.maximum(made[position.source], far)
    return np.where(left, made, 0.0)
