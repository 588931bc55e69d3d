"""Values one typing error away from a value that the target holds often."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .excess import Floats
from .neighbours import Neighbours
from .pair import Marks, Pair

OFTENER = 4
"""How many times more rows the right value must have than the wrong one."""

MOST = 20_000
"""New values of one column that are compared; of more, the rarest by their text's order."""


def judge(pair: Pair, left: Marks) -> Floats:
    """New values one edit from a value that is `OFTENER` times as frequent in the target."""
    scores = score(pair, left)
    rare = float(np.count_nonzero(pair.target.counts == 2))
    return pair.judge(left, *scores, rare)


def score(pair: Pair, left: Marks) -> tuple[Floats, Floats]:
    """Doublings by which the neighbour is more frequent, plus one; 0 without such a neighbour."""
    index = Neighbours(pair.target.texts, pair.target.counts)
    source, target = np.zeros(len(pair.source.texts)), np.zeros(len(pair.target.texts))
    for i in _some(left):
        place = index.nearest(pair.source.texts[i])
        if place >= 0:
            source[i] = _weight(pair.target.counts[place] / pair.source.counts[i])
    for i in _some(pair.alone):
        place = index.nearest(pair.target.texts[i])
        if place >= 0:
            target[i] = _weight(float(pair.target.counts[place]))
    return source, target


def repairs(pair: Pair, places: npt.NDArray[np.int64]) -> list[str | None]:
    """Return the target's value next to each of these values of the source, None where there is none."""
    index = Neighbours(pair.target.texts, pair.target.counts)
    found = (index.nearest(pair.source.texts[i]) for i in places)
    return [None if place < 0 else str(pair.target.texts[place]) for place in found]


def _some(marks: Marks) -> list[int]:
    return [int(i) for i in np.flatnonzero(marks)[:MOST]]


def _weight(ratio: float) -> float:
    return 1 + np.floor(np.log2(ratio)) if ratio >= OFTENER else 0.0
