"""Values and words that a closed column, or the target's column, does not hold.

A list is closed if few values fill nearly all rows and each of them many: what then occurs in a handful of
rows, far more rarely than the rarest of the usual ones, is foreign, whether it is a slip, a word of another
system or a number of nobody's scale. The reasoning is Good's (1953): the chance that the next row of a list
brings a value not seen before is the share of values seen once, which is zero in a closed list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from assess.core.places import distinct
from assess.evidence.quality.checks.check import REWRITTEN, CellCheck, Evidence, ValueCheck, above
from assess.evidence.quality.column.view import Floats, Mask, View
from assess.evidence.quality.matching.pair import ColumnPair, Marks
from assess.evidence.quality.types import vocabularies

from .formats import shorten_mask

Ints = npt.NDArray[np.int64]
Texts = Sequence[str] | npt.NDArray[np.object_]

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
SLIPS = 2
"""Rows that hold the same stranger at most, if it is written as usual words are: a slip rarely happens more often the same way, what is seldom does."""
LOCAL_NAMES, LOCAL_SHARE = 5, 0.2
"""Values of a list that its vocabulary lacks at most, and their share of the different ones, where they fill many rows: ``Korea`` for one of two."""
FREQUENT = 50.0
"""How many times more frequent than a slip the value that was meant must be."""


_WHEEL = 1 << 64
_BASE = 0x9E3779B97F4A7C15
_POWERS = np.array([pow(_BASE, n, _WHEEL) for n in range(LONGEST + 2)], np.uint64)
_BACK = np.uint64(pow(_BASE, -1, _WHEEL))


def shortened(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Return fingerprints of texts and of every text that lacks one of their characters, and which text each is of.

    A fingerprint is a polynomial of the characters, modulo 2^64 (Karp and Rabin 1987): two texts that are the same have the
    same one. Others hardly ever do.

    Parameters
    ----------
    texts
        Each of at most `LONGEST` and one characters.

    Examples
    --------
    >>> marks, owner = shortened(["aab", "ab"])
    >>> len(set(marks.tolist())), sorted(set(marks[owner == 0].tolist()) & set(marks[owner == 1].tolist())) == [marks[1]]
    (5, True)
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    ends = np.cumsum(lengths)
    starts, size = ends - lengths, int(ends[-1]) if len(texts) else 0
    owner = np.repeat(np.arange(len(texts)), lengths)
    place = np.arange(size) - starts[owner]
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    sums = np.zeros(size + 1, np.uint64)
    np.cumsum((letters + np.uint64(1)) * _POWERS[place], out=sums[1:])
    whole = sums[ends] - sums[starts]
    before = sums[:-1] - sums[starts[owner]]
    after = (sums[ends[owner]] - sums[1:]) * _BACK
    return np.concatenate([whole, before + after]), np.concatenate([np.arange(len(texts)), owner])


class Neighbours:
    """Index of texts that answers which of them are one slip away from given ones.

    Two texts are at most one edit apart only if they share a text made from each by leaving out at most one
    character; optimal string alignment then decides.

    Parameters
    ----------
    texts
        The texts that are known.
    longest
        Characters beyond which one is not compared, at most `LONGEST`.

    Examples
    --------
    >>> near = Neighbours(["Boston", "Austin"])
    >>> near.find(["Botson", "Boston", "Paris"])
    [[0], [], []]
    """

    def __init__(self, texts: Texts, longest: int = LONGEST) -> None:
        self.texts, self.longest = texts, longest

    @cached_property
    def _index(self) -> tuple[npt.NDArray[np.uint64], Ints, Ints, Ints]:
        """Fingerprints of texts, and texts without a character; where each begins, and how often it is, among their owners."""
        marks, owner = self._shortened(self.texts, self.longest)
        order = np.argsort(marks, kind="stable")
        different, starts, many = np.unique(marks[order], return_index=True, return_counts=True)
        return different, starts, many, owner[order]

    @staticmethod
    def _shortened(texts: Texts, longest: int) -> tuple[npt.NDArray[np.uint64], Ints]:
        """Fingerprints by `shortened` of the texts that are not too long, and the number of the text that each is of."""
        short = [number for number, text in enumerate(texts) if len(text) <= longest]
        marks, owner = shortened([texts[number] for number in short])
        return marks, np.array(short, np.int64)[owner]

    def find(self, texts: Texts) -> list[list[int]]:
        """Return for each text the numbers of the known ones at distance one (Damerau, restricted), ascending."""
        found: list[list[int]] = [[] for _ in texts]
        for asked, known in zip(*(places.tolist() for places in self.pairs(texts)), strict=True):
            found[asked].append(known)
        return found

    def find_frequent(self, texts: Texts, counts: Ints) -> Ints:
        """Return for each text the number of the most frequent one at distance one, by the rows of each; -1 if there is none."""
        best = np.full(len(texts), -1)
        asked, known = self.pairs(texts)
        mine, its = (np.array([*map(bool, some)], bool) for some in (texts, self.texts))
        asked, known = (places[mine[asked] & its[known] & (counts[known] > 0)] for places in (asked, known))
        order = np.lexsort((-known, counts[known], asked))
        best[asked[order]] = known[order]  # of each text the last, which is the most frequent one
        return best

    def pairs(self, texts: Texts) -> tuple[Ints, Ints]:
        """Numbers of asked and known texts at distance one, ordered by the first and then the second, shape (p,) each."""
        known_marks, starts, alike, known_owner = self._index
        if not len(texts) or not len(known_marks):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        marks, owner = self._shortened(texts, self.longest + 1)
        place = np.minimum(np.searchsorted(known_marks, marks), len(known_marks) - 1)
        many = np.where(known_marks[place] == marks, alike[place], 0)
        at = np.arange(int(many.sum())) + np.repeat(starts[place] - np.cumsum(many) + many, many)
        pair = np.sort(np.repeat(owner, many) * len(self.texts) + known_owner[at])
        asked, known = np.divmod(pair[np.diff(pair, prepend=-1) > 0], len(self.texts))
        left, right = ([some[n] for n in at.tolist()] for some, at in ((texts, asked), (self.texts, known)))
        one = cpdist(left, right, scorer=OSA.distance, score_cutoff=1) == 1
        return asked[one], known[one]


def judge_closed_list(view: View, evidence: Evidence) -> None:
    """Judge one column."""
    if view.large:
        standard = mask_standard_vocabulary(view)
        evidence.note(view.position, "stranger", find_strangers(view) * ~(standard | view.lists))
        if standard.any():
            repairs = evidence.repairs[view.position]["synonym"]
            evidence.note(view.position, "synonym", find_synonyms(view, repairs))


def judge_near_frequent(view: View, evidence: Evidence) -> None:
    """Judge texts one slip from a far more frequent one."""
    if view.large:
        found = evidence.repairs[view.position]["closed"]
        evidence.note(view.position, "near_common", find_near_frequent(view, found))


def find_strangers(view: View) -> Floats:
    """Texts foreign to a closed list: 1 minus the strangers' share, 0 elsewhere and in any other column, such as one of dates.

    The list ends at the widest gap between the counts of two values next to each other in frequency.
    """
    out = np.zeros(len(view.texts))
    usable = ~(view.blank | view.disguised) & (view.counts > 0)
    if (
        int((view.counts[usable] > 1).sum()) * CLOSED > view.filled
        or view.kind.physical in ("date", "timestamp")  # a day is foreign to no list of days
    ):
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
    usual = np.isin(word, order[: end + 1]) & usable
    foreign = np.isin(word, order[end + 1 :]) & ~_continues(view, usual)
    if view.numeric <= 0.9:
        form = np.array([shorten_mask(m.strip()) for m in view.masks], object)
        foreign &= (every[word] <= SLIPS) | ~np.isin(form, form[usual])
    return np.where(foreign & usable, 1 - rest[end] / total, 0.0)


def _continues(view: View, usual: Mask) -> Mask:
    """Numbers that no list shuts out: beside one default, and those that go on from usual ones in even steps (a count's tail)."""
    out = np.zeros(len(view.texts), bool)
    if view.numeric <= 0.9 or np.isnan(view.numbers[usual]).any():
        return out
    known = distinct(view.numbers[usual])
    if len(known) == 1:
        return ~np.isnan(view.numbers)
    steps = np.diff(known)
    if len(known) < 3 or steps.max() > steps.min():
        return out
    every = distinct(view.numbers[~np.isnan(view.numbers)])
    near = np.concatenate([[True], np.diff(every) <= steps[0]])
    first, last = (int(np.searchsorted(every, end)) for end in (known[0], known[-1]))
    none = (
        0 if every[0] in (0, -1) else -np.inf
    )  # 0 and -1 below all others say "none", and are no step of a scale
    while first and near[first] and every[first - 1] > none:
        first -= 1
    while last + 1 < len(every) and near[last + 1]:
        last += 1
    return np.asarray((view.numbers >= every[first]) & (view.numbers <= every[last]))


def mask_standard_vocabulary(view: View) -> Mask:
    """Texts of a vocabulary that the world agreed on, if they fill nearly all rows, or are most of the different ones: rare ones are not foreign to it."""
    known = np.zeros(len(view.texts), bool)
    most, unknown = int(view.weights.sum()), 0
    for k in np.argsort(-view.weights, kind="stable").tolist():
        text = view.texts[k]
        known[k] = (
            text.strip() in vocabularies.currency_codes()
            or vocabularies.plain(text) in vocabularies.calendar_names("months", "days")
            or vocabularies.country(text) is not None
        )
        if not known[k]:
            most -= int(view.weights[k])
            unknown += 1
            if most < 0.9 * view.filled and unknown > min(LOCAL_NAMES, LOCAL_SHARE * len(view.texts)):
                return np.zeros(len(view.texts), bool)
    return known


def find_synonyms(view: View, repairs: dict[int, str]) -> Floats:
    """Other names of a country that the column usually calls otherwise: 1 minus their rows over the usual name's."""
    out = np.zeros(len(view.texts))
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
    most = max((int(view.counts[k]) for k, _ in usual), default=0)
    rare = [
        (k, own)
        for k in np.flatnonzero((view.counts > 0) & (FREQUENT * view.counts <= most)).tolist()
        if len(own := view.texts[k].strip().casefold()) >= 4
    ]
    near = Neighbours([meant for _, meant in usual]).find([own for _, own in rare])
    for (k, own), found in zip(rare, near, strict=True):
        for other, meant in (usual[n] for n in found):
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
DIGIT = re.compile(r"\d")
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
    asked, alone = np.flatnonzero(left)[:MOST], np.flatnonzero(pair.alone[: len(texts)])[:MOST]
    new = [[word for word in found if not known[word]] for found in source]
    lone = [[word for word in target[place] if known[word] <= 1] for place in alone]
    strange = _strangeness({word for words in (*new, *lone) for word in words}, known)
    scores = np.zeros(len(pair.source.values)), np.zeros(len(pair.target.values))
    for side, places, held in ((scores[0], asked, new), (scores[1], alone, lone)):
        side[places] = [max((strange[word] for word in words), default=0.0) for words in held]
    return pair.judge(left, *scores, float(sum(rows == 2 for rows in known.values())))


def _strangeness(words: set[str], known: Counter[str]) -> dict[str, float]:
    """How strange each of some words is, given the rows that hold the known ones: most if it is one slip from a frequent one."""
    scores = dict.fromkeys(words, 1.0)
    asked = [word for word in words if word.isalpha() and len(word) >= SHORTEST]
    rows = np.fromiter(known.values(), np.int64, len(known))
    near = Neighbours(list(known), LONGEST_VALUE).find_frequent(asked, rows)
    for word, place in zip(asked, near, strict=True):
        if place >= 0:
            scores[word] = (4 if len(word) >= LONG else 2) + min(4.0, float(np.floor(np.log2(rows[place]))))
    return scores


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.lower()))


def compare_letters(pair: ColumnPair, left: Marks) -> Floats:
    """Values by how many runs of three letters they have that the target's column never holds."""
    theirs, mine = pair.target.values[:MOST], np.flatnonzero(left)[:MOST]
    owner, run = _runs([*theirs, *pair.source.values[mine]])
    of_target = owner < len(theirs)
    rows = np.bincount(run[of_target], pair.target.counts[owner[of_target]], int(run.max(initial=-1)) + 1)
    new = np.bincount(owner[rows[run] == 0], minlength=len(theirs) + len(mine))[len(theirs) :]
    lone = np.bincount(owner[of_target & (rows[run] <= 1)], minlength=len(theirs))[: len(theirs)]
    source, target = np.zeros(len(pair.source.values)), np.zeros(len(pair.target.values))
    source[mine] = new
    target[: len(theirs)] = np.where(pair.alone[: len(theirs)], lone, 0)
    return pair.judge(left, source, target, 1.0)


def _runs(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """The different runs of three characters of each text, any digit as another, by number: the text, and the run.

    >>> [places.tolist() for places in _runs(["A1", "a2a"])]
    [[0, 0, 1, 1, 1], [1, 2, 0, 1, 3]]
    """
    framed = ["^" + DIGIT.sub("9", text.lower()) + "$" for text in texts]
    points = np.frombuffer("".join(framed).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)
    owner = np.repeat(np.arange(len(framed)), [*map(len, framed)])
    runs = (points[:-2] << 42) | (points[1:-1] << 21) | points[2:]
    inside = owner[:-2] == owner[2:]
    number, different = pd.factorize(runs[inside], sort=True)
    held = np.sort(owner[:-2][inside] * max(1, len(different)) + number)
    return np.divmod(held[np.diff(held, prepend=-1) > 0], max(1, len(different)))


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
    repairs=("synonym", *REWRITTEN),
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
