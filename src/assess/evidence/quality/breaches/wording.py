"""Values with a word, or with a run of letters, that the target's column never uses."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from .excess import Floats
from .neighbours import Neighbours
from .pair import Marks, Pair

WORD = re.compile(r"[^\W\d_]+|\d+")
SHORTEST = 3
"""Letters of a word from which on a near word counts."""
LONG = 5
MOST = 20_000
"""Values of each side that are read word by word."""


def words(pair: Pair, left: Marks) -> Floats:
    """Values with a word that the target does not know; worse if it is one edit from a word it knows."""
    source = [_words(text) for text in pair.source.texts[np.flatnonzero(left)[:MOST]]]
    known: Counter[str] = Counter()
    texts = pair.target.texts[: 10 * MOST]
    target = [_words(text) for text in texts]
    for found, rows in zip(target, pair.target.counts.tolist(), strict=False):
        for word in found:
            known[word] += rows
    index = Neighbours(list(known), np.fromiter(known.values(), np.int64, len(known)))
    judged = _Strangeness(known, index)
    scores = np.zeros(len(pair.source.texts)), np.zeros(len(pair.target.texts))
    for place, found in zip(np.flatnonzero(left), source, strict=False):
        scores[0][place] = judged(found, 0)
    for place in np.flatnonzero(pair.alone[: len(texts)])[:MOST]:
        scores[1][place] = judged(target[place], 1)
    return pair.judge(left, *scores, float(sum(rows == 2 for rows in known.values())))


class _Strangeness:
    """How strange the strangest word of a value is."""

    def __init__(self, known: Counter[str], index: Neighbours) -> None:
        self._known, self._index = known, index
        self._rows = list(known.values())
        self._scores: dict[str, float] = {}

    def __call__(self, found: set[str], own: int) -> float:
        return max((self._score(word) for word in found if self._known[word] <= own), default=0.0)

    def _score(self, word: str) -> float:
        if word not in self._scores:
            self._scores[word] = self._judge(word)
        return self._scores[word]

    def _judge(self, word: str) -> float:
        if not word.isalpha() or len(word) < SHORTEST:
            return 1.0
        place = self._index.nearest(word)
        if place < 0:
            return 1.0
        return (4 if len(word) >= LONG else 2) + min(4.0, float(np.floor(np.log2(self._rows[place]))))


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.lower()))


def runs(pair: Pair, left: Marks) -> Floats:
    """Values by how many runs of three letters they have that the target's column never holds."""
    known: Counter[str] = Counter()
    target = [_runs(text) for text in pair.target.texts[:MOST]]
    for found, rows in zip(target, pair.target.counts.tolist(), strict=False):
        for run in found:
            known[run] += rows
    scores = np.zeros(len(pair.source.texts)), np.zeros(len(pair.target.texts))
    for place in np.flatnonzero(left)[:MOST]:
        scores[0][place] = sum(known[run] == 0 for run in _runs(pair.source.texts[place]))
    for place in np.flatnonzero(pair.alone[: len(target)]):
        scores[1][place] = sum(known[run] <= 1 for run in target[place])
    return pair.judge(left, *scores, 1.0)


def _runs(text: str) -> set[str]:
    framed = "^" + re.sub(r"\d", "9", text.lower()) + "$"
    return {framed[i : i + 3] for i in range(len(framed) - 2)}
