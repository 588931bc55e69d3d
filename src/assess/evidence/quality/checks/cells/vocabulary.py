"""Values and words that a closed column, or the target's column, does not hold.

Values that a column closed to them does not hold: strangers in a short list, blanks in a full column.

A list is closed if few values fill nearly all rows and each of them many: what then occurs in a handful of
rows, far more rarely than the rarest of the usual ones, is foreign, whether it is a slip, a word of another
system or a number of nobody's scale. The reasoning is Good's (1953): the chance that the next row of a list
brings a value not seen before is the share of values seen once, which is zero in a closed list.

Values that a closed column of the target does not hold.

Values with a word, or with a run of letters, that the target's column never uses.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from assess.evidence.quality.checks.evidence import Evidence
from assess.evidence.quality.column.view import Floats, Mask, View
from assess.evidence.quality.matching.pair import Marks, ValuePair
from assess.evidence.quality.types import vocabularies

from .numbers import number_quantiles
from .spelling import CountedNeighbours, Neighbours

FEWEST = 300
"""Rows from which on a list can be held for closed, and a column for full or never negative."""
LONGEST_LIST = 60
"""Usual values of a list at most."""
CLOSED = 25.0
"""Rows per usual value of a list at least."""
STRANGE = 0.03
"""Share of the filled rows that all strangers together may hold."""
FEW = 0.006
"""Share of the filled rows that a single stranger may hold."""
GAP = 8.0
"""How many times more frequent the rarest usual value must be than the most frequent stranger."""
EMPTY = 0.01
"""Share of rows up to which a blank in an otherwise full column is a gap and not a habit."""
BELOW = 0.006
"""Share of numbers up to which a negative one is foreign to a column."""
FREQUENT = 50.0
"""How many times more frequent than a slip the value that was meant must be."""
DECIMAL, DECIMAL_SMALL = 0.005, 0.02
"""Share of numbers up to which decimals are foreign to a column of whole numbers: at any place, and where
they lie below nearly all others (another unit)."""


def judge_closed_list(view: View, evidence: Evidence) -> None:
    """Judge one column."""
    if view.filled < FEWEST or view.whole is not None:
        return
    evidence.say(view.position, "stranger", find_strangers(view) * ~standard_words(view))
    evidence.say(view.position, "synonym", find_synonyms(view, evidence.repairs[view.position]["synonym"]))
    evidence.say(
        view.position, "near_common", find_near_common(view, evidence.repairs[view.position]["closed"])
    )
    evidence.say(view.position, "rare_blank", _blanks(view))
    if view.numeric > 0.95:
        evidence.say(view.position, "text_among_numbers", _texts(view))
        evidence.say(view.position, "negative", _negative(view))
        evidence.say(view.position, "decimal", _decimals(view))


def find_strangers(view: View) -> Floats:
    """Texts foreign to a closed list: 1 minus the strangers' share, 0 elsewhere and in any other column.

    The list ends at the widest gap between the counts of two values next to each other in frequency.
    """
    out = np.zeros(len(view.texts))
    usable = ~(view.blank | view.disguised) & (view.counts > 0)
    if int((view.counts[usable] > 1).sum()) * CLOSED > view.filled:
        return out
    place: dict[str, int] = {}
    word = np.array([place.setdefault(t.strip().casefold(), len(place)) for t in view.texts], np.int64)
    every = np.bincount(word[usable], view.counts[usable], len(place))
    order = np.argsort(-every, kind="stable")[: int((every > 0).sum())]
    counts = every[order]
    total = float(counts.sum())
    if len(counts) < 2:
        return out
    number = np.arange(1, len(counts))
    rest = total - np.cumsum(counts)[:-1]
    ends = (
        (rest <= STRANGE * total) & (counts[1:] <= max(2.0, FEW * total)) & (counts[:-1] >= GAP * counts[1:])
    )
    ends &= (number <= LONGEST_LIST) & (total >= CLOSED * number)
    if not ends.any():
        return out
    end = int(np.argmax(np.where(ends, counts[:-1] / counts[1:], 0)))
    foreign = np.isin(word, order[end + 1 :])
    return np.where(foreign & usable, 1 - rest[end] / total, 0.0)


def standard_words(view: View) -> Mask:
    """Texts of a vocabulary that the world agreed on: rare ones are not foreign to it."""
    known = np.array(
        [
            vocabularies.country(t) is not None or t.strip() in vocabularies.currency_codes()
            for t in view.texts
        ]
    )
    return known & (float(view.weights[known].sum()) >= 0.9 * view.filled)


def find_synonyms(view: View, repairs: dict[int, str]) -> Floats:
    """Other names of a country that the column usually calls otherwise: 1 minus their rows over the usual name's."""
    out = np.zeros(len(view.texts))
    if not standard_words(view).any():
        return out
    usual: dict[str, int] = {}
    means = [vocabularies.country(t) for t in view.texts]
    for k in np.argsort(-view.counts, kind="stable").tolist():
        if means[k] is not None:
            usual.setdefault(str(means[k]), k)
    for k, meant in enumerate(means):
        other = usual.get(str(meant), k)
        if other != k and view.counts[other] >= FREQUENT * view.counts[k] > 0:
            out[k] = 1 - view.counts[k] / view.counts[other]
            repairs[k] = view.texts[other]
    return out


def find_near_common(view: View, repairs: dict[int, str]) -> Floats:
    """Texts one slip from a far more frequent one of the same column, in a column whose values repeat."""
    out = np.zeros(len(view.texts))
    if view.filled < CLOSED * int((view.counts > 1).sum()) or view.numeric > 0.2:
        return out
    known = [
        k
        for k in np.argsort(-view.counts, kind="stable").tolist()
        if view.counts[k] > 1 and len(view.texts[k].strip()) >= 4
    ]
    usual = [(k, view.texts[k].strip().casefold()) for k in known[:400]]
    near = Neighbours([meant for _, meant in usual])
    most = max((int(view.counts[k]) for k, _ in usual), default=0)
    for k, text in enumerate(view.texts):
        own = text.strip().casefold()
        if len(own) < 4 or not 0 < FREQUENT * view.counts[k] <= most:
            continue
        for other, meant in (usual[n] for n in near.of(own)):
            if view.counts[other] < FREQUENT * view.counts[k]:
                break
            if _letters(own, meant):
                out[k] = 1 - view.counts[k] / view.counts[other]
                repairs[k] = view.texts[other]
                break
    return out


def _letters(own: str, meant: str) -> bool:
    """Whether two texts differ in letters: another digit is another value."""
    return [c for c in own if c.isdigit()] == [c for c in meant if c.isdigit()]


def _blanks(view: View) -> Floats:
    """Blanks in a column that holds something in nearly every row."""
    empty = float(view.counts[view.blank].sum()) / max(1, view.rows)
    return np.where(view.blank & (0 < empty <= EMPTY), 1 - empty, 0.0)


def _texts(view: View) -> Floats:
    """Words among numbers, where nearly all are numbers: the share of the numbers."""
    words = np.isnan(view.numbers) & ~view.blank & ~view.disguised
    lettered = words & np.array(
        [any(c.isalpha() for c in t) or not any(c.isdigit() for c in t) for t in view.texts]
    )
    return np.where(lettered, view.numeric, 0.0)


def _negative(view: View) -> Floats:
    """Negative numbers where hardly any is."""
    with np.errstate(invalid="ignore"):
        below = view.numbers < 0
        positive = float(view.weights[view.numbers > 0].sum())
    share = float(view.weights[below].sum()) / max(1, view.filled)
    return np.where(below & (share <= BELOW) & (positive >= 0.5 * view.filled), 1 - share, 0.0)


def _decimals(view: View) -> Floats:
    """Numbers with decimals where nearly all are written whole: of another unit, or another field's."""
    whole = np.array([t.strip().lstrip("+-").isdigit() for t in view.texts])
    pointed = (
        ~whole & ~np.isnan(view.numbers) & np.array(["." in t and "e" not in t.lower() for t in view.texts])
    )
    if not pointed.any() or float(view.weights[whole].sum()) < 0.95 * view.filled:
        return np.zeros(len(view.texts))
    least = number_quantiles(view.numbers[whole], view.weights[whole].astype(np.float64), (0.01,))[0]
    small = pointed & (view.numbers < least)
    share = float(view.weights[pointed].sum()) / max(1, view.filled)
    fits = pointed & (share <= DECIMAL) | small & (share <= DECIMAL_SMALL)
    return np.where(fits, 1 - share, 0.0)


def compare_novelty(pair: ValuePair, left: Marks) -> Floats:
    """New values beyond the share of new values that the target's lone values predict (Good and Turing)."""
    rare = float(np.count_nonzero(pair.target.counts == 2))
    return pair.judge(left, np.ones(len(pair.source.texts)), np.ones(len(pair.target.texts)), rare)


WORD = re.compile(r"[^\W\d_]+|\d+")
SHORTEST = 3
"""Letters of a word from which on a near word counts."""
LONG = 5
MOST = 20_000
"""Values of each side that are read word by word."""


def compare_words(pair: ValuePair, left: Marks) -> Floats:
    """Values with a word that the target does not know; worse if it is one edit from a word it knows."""
    source = [_words(text) for text in pair.source.texts[np.flatnonzero(left)[:MOST]]]
    known: Counter[str] = Counter()
    texts = pair.target.texts[: 10 * MOST]
    target = [_words(text) for text in texts]
    for found, rows in zip(target, pair.target.counts.tolist(), strict=False):
        for word in found:
            known[word] += rows
    index = CountedNeighbours(list(known), np.fromiter(known.values(), np.int64, len(known)))
    judged = _Strangeness(known, index)
    scores = np.zeros(len(pair.source.texts)), np.zeros(len(pair.target.texts))
    for place, found in zip(np.flatnonzero(left), source, strict=False):
        scores[0][place] = judged(found, 0)
    for place in np.flatnonzero(pair.alone[: len(texts)])[:MOST]:
        scores[1][place] = judged(target[place], 1)
    return pair.judge(left, *scores, float(sum(rows == 2 for rows in known.values())))


class _Strangeness:
    """How strange the strangest word of a value is."""

    def __init__(self, known: Counter[str], index: CountedNeighbours) -> None:
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


def compare_letters(pair: ValuePair, left: Marks) -> Floats:
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
