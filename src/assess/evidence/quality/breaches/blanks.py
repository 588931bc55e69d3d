"""Cells that are blank where the target's are filled."""

from __future__ import annotations

import numpy as np

from .excess import Floats, posterior
from .pair import Marks, Pair


def judge(pair: Pair, left: Marks) -> Floats:
    """Blank cells beyond the share of blank cells in the target."""
    made = np.zeros(len(pair.source.texts))
    blank = pair.source.blank
    if not blank.any():
        return made
    found = np.array([float(pair.source.counts[blank].sum())])
    null = np.array([float(pair.target.counts[pair.target.blank].sum())])
    made[blank] = posterior(found, null, 0, pair.source.rows, pair.target.rows)[0]
    return made
