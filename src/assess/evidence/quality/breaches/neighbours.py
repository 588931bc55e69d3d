"""Known texts one typing error away, found by symmetric deletion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from .excess import Counts

LONGEST = 40
"""Characters beyond which whole texts are not compared (their words are)."""


class Neighbours:
    """An index of known texts for look-ups at one insertion, deletion, replacement or swap.

    Parameters
    ----------
    known
        Texts, shape (k,).
    counts
        Rows that hold each.

    Notes
    -----
    Two texts are at most one edit apart only if they share a text made from each by deleting at most
    one character (symmetric deletion, as in SymSpell); optimal string alignment then decides.
    """

    def __init__(self, known: Sequence[str] | npt.NDArray[np.object_], counts: Counts) -> None:
        self._known, self._counts = known, counts
        self._index: dict[str, list[int]] = defaultdict(list)
        for i, text in enumerate(known):
            if text and len(text) <= LONGEST:
                for shorter in _deletions(text):
                    self._index[shorter].append(i)

    def nearest(self, text: str) -> int:
        """Return the place of the most frequent known text exactly one edit away, -1 if there is none."""
        if not text or len(text) > LONGEST + 1:
            return -1
        best, most = -1, 0
        for i in self._candidates(text):
            if self._counts[i] > most and OSA.distance(text, self._known[i], score_cutoff=1) == 1:
                best, most = i, int(self._counts[i])
        return best

    def _candidates(self, text: str) -> Iterable[int]:
        found: set[int] = set()
        for shorter in _deletions(text):
            found.update(self._index.get(shorter, ()))
        return sorted(found)


def _deletions(text: str) -> set[str]:
    return {text} | {text[:i] + text[i + 1 :] for i in range(len(text))}
