"""Places in an array: those evenly spread over it, and whole numbers once each."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Numbers = TypeVar("Numbers", bound=np.generic)


def pick_evenly(size: int, most: int) -> npt.NDArray[np.int64]:
    """Return up to ``most`` of the first ``size`` whole numbers, ascending, the first and the last among them.

    >>> pick_evenly(3, 5).tolist(), pick_evenly(11, 3).tolist()
    ([0, 1, 2], [0, 5, 10])
    """
    return np.arange(size) if size <= most else np.linspace(0, size - 1, most).astype(np.int64)


def distinct(numbers: npt.NDArray[Numbers]) -> npt.NDArray[Numbers]:
    """Return each number once, ascending, by sorting.

    Since version 2.3 NumPy looks up in a hash table what it is asked for nothing but the different numbers, which takes
    some fifty times as long for a million of them.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    return np.asarray(np.unique(numbers, return_counts=True)[0])
