"""Values that a closed column of the target does not hold."""

from __future__ import annotations

import numpy as np

from .excess import Floats
from .pair import Marks, Pair


def judge(pair: Pair, left: Marks) -> Floats:
    """New values beyond the share of new values that the target's lone values predict (Good and Turing)."""
    rare = float(np.count_nonzero(pair.target.counts == 2))
    return pair.judge(left, np.ones(len(pair.source.texts)), np.ones(len(pair.target.texts)), rare)
