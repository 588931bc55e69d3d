"""Values and words that a closed column, or the target's column, does not hold.

A list is closed if few values fill nearly all rows and each of them many: what then occurs in a handful of
rows, far more rarely than the rarest of the usual ones, is foreign, whether it is a slip, a word of another
system or a number of nobody's scale. The reasoning is Good's (1953): the chance that the next row of a list
brings a value not seen before is the share of values seen once, which is zero in a closed list.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from assess.evidence.quality.checks.check import CellCheck, Evidence, ValueCheck, above
from assess.evidence.quality.column.view import Floats, Mask, View
from assess.evidence.quality.matching.pair import ColumnPair, Marks
from assess.evidence.quality.types import vocabularies

LONGEST = 120
"""Characters beyond which a text is not compared."""
LONGEST_VALUE = 40
"""Characters beyond which whole values of two systems are not compared: their words are."""
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
FREQUENT = 50.0
"""How many times more frequent than a slip the value that was meant must be."""


def shorten(text: str) -> set[str]:
    """Return the text and every text that lacks one of its characters.

    >>> sorted(shorten("aab"))
    ['aa', 'aab', 'ab']
    """
    short = {text[:place] + text[place + 1 :] for place in range(len(text))}
    short.add(text)
    return short


class Neighbours:
    """Index of texts that answers which of them are one slip away from a given one.

    Two texts are at most one edit apart only if they share a text made from each by leaving out at most one
    character; optimal string alignment then decides.

    Parameters
    ----------
    texts
        The texts that are known.
    longest
        Characters beyond which one is not compared.

    Examples
    --------
    >>> near = Neighbours(["Boston", "Austin"])
    >>> near.find("Botson"), near.find("Boston"), near.find("Paris")
    ([0], [], [])
    """

    def __init__(self, texts: Sequence[str] | npt.NDArray[np.object_], longest: int = LONGEST) -> None:
        self.texts, self.longest = texts, longest
        self._by: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            if len(text) <= longest:
                for short in shorten(text):
                    self._by[short].append(number)

    def find(self, text: str) -> list[int]:
        """Return the numbers of the texts at distance one (Damerau, restricted), ascending."""
        return [n for n in self._candidates(text) if OSA.distance(text, self.texts[n], score_cutoff=1) == 1]

    def find_frequent(self, text: str, counts: npt.NDArray[np.int64]) -> int:
        """Return the number of the most frequent text at distance one, by the rows of each; -1 if there is none."""
        best, most = -1, 0
        for n in self._candidates(text) if text else ():
            known = self.texts[n]
            if counts[n] > most and known and OSA.distance(text, known, score_cutoff=1) == 1:
                best, most = n, int(counts[n])
        return best

    def _candidates(self, text: str) -> list[int]:
        if len(text) > self.longest + 1:
            return []
        by = self._by
        seen: set[int] = set()
        for short in shorten(text):
            if short in by:
                seen.update(by[short])
        return sorted(seen)


def judge_closed_list(view: View, evidence: Evidence) -> None:
    """Judge one column."""
    if view.large:
        evidence.note(view.position, "stranger", find_strangers(view) * ~mask_standard_vocabulary(view))
        evidence.note(
            view.position, "synonym", find_synonyms(view, evidence.repairs[view.position]["synonym"])
        )


def judge_near_frequent(view: View, evidence: Evidence) -> None:
    """Judge texts one slip from a far more frequent one."""
    if view.large:
        repairs = evidence.repairs[view.position]["closed"]
        evidence.note(view.position, "near_common", find_near_frequent(view, repairs))


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
    foreign = np.isin(word, order[end + 1 :]) & ~_continues(view, np.isin(word, order[: end + 1]) & usable)
    return np.where(foreign & usable, 1 - rest[end] / total, 0.0)


def _continues(view: View, usual: Mask) -> Mask:
    """Numbers that go on above the usual ones, which follow each other in even steps: the tail of a count."""
    out = np.zeros(len(view.texts), bool)
    if view.numeric <= 0.9 or np.isnan(view.numbers[usual]).any():
        return out
    known = np.unique(view.numbers[usual])
    steps = np.diff(known)
    if len(known) < 3 or steps.max() > steps.min():
        return out
    every = np.unique(view.numbers[~np.isnan(view.numbers)])
    above = every[int(np.searchsorted(every, known[-1])) :]
    reached = above[np.r_[True, np.cumprod(np.diff(above) <= steps[0]).astype(bool)]][-1]
    return np.asarray((view.numbers > known[-1]) & (view.numbers <= reached))


def mask_standard_vocabulary(view: View) -> Mask:
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
    if not mask_standard_vocabulary(view).any():
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


def find_near_frequent(view: View, repairs: dict[int, str]) -> Floats:
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
        for other, meant in (usual[n] for n in near.find(own)):
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


def compare_novelty(pair: ColumnPair, left: Marks) -> Floats:
    """New values beyond the share of new values that the target's lone values predict (Good and Turing)."""
    rare = float(np.count_nonzero(pair.target.counts == 2))
    return pair.judge(left, np.ones(len(pair.source.values)), np.ones(len(pair.target.values)), rare)


WORD = re.compile(r"[^\W\d_]+|\d+")
SHORTEST = 3
"""Letters of a word from which on a near word counts."""
LONG = 5
MOST = 20_000
"""Values of each side that are read word by word."""


def compare_tokens(pair: ColumnPair, left: Marks) -> Floats:
    """Values with a word that the target does not know; worse if it is one edit from a word it knows."""
    source = [_words(text) for text in pair.source.values[np.flatnonzero(left)[:MOST]]]
    known: Counter[str] = Counter()
    texts = pair.target.values[: 10 * MOST]
    target = [_words(text) for text in texts]
    for found, rows in zip(target, pair.target.counts.tolist(), strict=False):
        for word in found:
            known[word] += rows
    index = Neighbours(list(known), LONGEST_VALUE)
    judged = _Strangeness(known, index)
    scores = np.zeros(len(pair.source.values)), np.zeros(len(pair.target.values))
    for place, found in zip(np.flatnonzero(left), source, strict=False):
        scores[0][place] = judged(found, 0)
    for place in np.flatnonzero(pair.alone[: len(texts)])[:MOST]:
        scores[1][place] = judged(target[place], 1)
    return pair.judge(left, *scores, float(sum(rows == 2 for rows in known.values())))


class _Strangeness:
    """How strange the strangest word of a value is."""

    def __init__(self, known: Counter[str], index: Neighbours) -> None:
        self._known, self._index = known, index
        self._rows = np.fromiter(known.values(), np.int64, len(known))
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
        place = self._index.find_frequent(word, self._rows)
        if place < 0:
            return 1.0
        return (4 if len(word) >= LONG else 2) + min(4.0, float(np.floor(np.log2(self._rows[place]))))


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.lower()))


def compare_letters(pair: ColumnPair, left: Marks) -> Floats:
    """Values by how many runs of three letters they have that the target's column never holds."""
    known: Counter[str] = Counter()
    target = [_runs(text) for text in pair.target.values[:MOST]]
    for found, rows in zip(target, pair.target.counts.tolist(), strict=False):
        for run in found:
            known[run] += rows
    scores = np.zeros(len(pair.source.values)), np.zeros(len(pair.target.values))
    for place in np.flatnonzero(left)[:MOST]:
        scores[0][place] = sum(known[run] == 0 for run in _runs(pair.source.values[place]))
    for place in np.flatnonzero(pair.alone[: len(target)]):
        scores[1][place] = sum(known[run] <= 1 for run in target[place])
    return pair.judge(left, *scores, 1.0)


def _runs(text: str) -> set[str]:
    framed = "^" + re.sub(r"\d", "9", text.lower()) + "$"
    return {framed[i : i + 3] for i in range(len(framed) - 2)}


VOCABULARY = CellCheck(
    name="vocabulary",
    scope="column",
    subject="Definition",
    title="are foreign to their column's short list of values",
    looks_for=(
        "Values far rarer than the rarest usual value of a short, closed list, and other "
        "names for what the column usually calls otherwise."
    ),
    matters="The target files the record under nothing, or under a new value that nobody maintains.",
    action="Map each foreign value to one of the list, or agree to add it.",
    signals=(
        "stranger",
        "synonym",
    ),
    judges=(judge_closed_list,),
    certain=(above("stranger", 0.5, 0.65), above("synonym", 0.5, 0.9)),
    repairs=("synonym",),
)


UNKNOWN_WORD = ValueCheck(
    name="word",
    subject="Typing error",
    title="a word that the target does not use",
    judge=compare_tokens,
    wording=True,
)


LETTERS = ValueCheck(
    name="letters",
    subject="Format",
    title="runs of letters that the target does not use",
    judge=compare_letters,
    wording=True,
)


NOVEL = ValueCheck(
    name="novel",
    subject="Typing error",
    title="a value that the target's closed vocabulary does not hold",
    judge=compare_novelty,
    wording=True,
)
