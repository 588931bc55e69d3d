"""Typing errors: texts that are a slip of another text, of another word, or of any text the column would hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from assess.evidence.quality.checks.check import CellCheck, Certain, Evidence, ValueCheck, above
from assess.evidence.quality.column import Column, once_a_column
from assess.evidence.quality.column.view import LONGEST, Floats, Mask, View, mask_text
from assess.evidence.quality.matching.pair import ColumnPair, Marks
from assess.evidence.quality.types.semantic import WORDED

from .dictionary import judge_misspelling
from .language import KEYS, find_slips, learn, undo_slip, write
from .rows import find_twins
from .vocabulary import LONGEST_VALUE, Neighbours, judge_near_frequent


def slip_chance(seen: Sequence[str], meant: Sequence[str], keys: float = KEYS) -> Floats:
    """Probability that one random slip of each ``meant`` gives the ``seen`` beside it, which is one slip away, shape (n,).

    Four kinds of slip, equally likely, at any place; an inserted or replaced character is one of
    ``keys``.

    >>> slip_chance(["Mlae"], ["Male"]).tolist() == [0.25 / 3]
    True
    """
    made = [_chances(seen[n : n + CHUNK], meant[n : n + CHUNK], keys) for n in range(0, len(seen), CHUNK)]
    return np.concatenate([np.empty(0), *made])


CHUNK = 1 << 15
"""Pairs of texts that are compared character by character at once."""


def _chances(seen: Sequence[str], meant: Sequence[str], keys: float) -> Floats:
    (mine, size), (theirs, length) = _points(seen), _points(meant)
    width = max(mine.shape[1], theirs.shape[1])
    mine, theirs = (np.pad(side, ((0, 0), (0, width - side.shape[1]))) for side in (mine, theirs))
    differs = mine != theirs
    more, fewer = size > length, size < length
    cut = _count_cuts(np.where(more[:, None], mine, theirs), differs, np.minimum(size, length))
    swapped = differs.sum(1) == 2
    same_length = np.where(swapped, 0.25 / np.maximum(1, length - 1), 0.25 / length / keys)
    return np.where(more, 0.25 / (length + 1) / keys * cut, np.where(fewer, 0.25 / length * cut, same_length))


def _points(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Characters of texts, shape (n, longest), zeros behind the last, and how many each has."""
    held = np.array(texts, np.str_)
    width = held.dtype.itemsize // 4
    return held.view(np.uint32).reshape(len(texts), width), np.array([*map(len, texts)], np.int64)


def _count_cuts(
    long: npt.NDArray[np.uint32], differs: npt.NDArray[np.bool_], short: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Count the places where taking one character out of the longer text gives the shorter: the run that was cut.

    >>> long, short = (_points(texts) for texts in (["Hallle", "Male"], ["Halle", "Mal"]))
    >>> _count_cuts(long[0], long[0] != np.pad(short[0], ((0, 0), (0, 1))), short[1]).tolist()
    [3, 1]
    """
    at = np.where(differs.any(1), differs.argmax(1), short)
    run = np.ones(long.shape, np.int64)
    for place in range(1, long.shape[1]):
        run[:, place] += np.where(long[:, place] == long[:, place - 1], run[:, place - 1], 0)
    return np.asarray(run[np.arange(len(long)), np.minimum(at, long.shape[1] - 1)])


WORD = re.compile(r"[^\W\d_]{2,}")
UNKNOWN = -30.0
"""Log ratio of a text that no slip explains."""
MOST_WORDS = 40_000
"""Most different words of a table that are judged: the rarest beyond are left out."""


@dataclass(frozen=True, eq=False)
class WordCounts:
    """Words of a table, lower case.

    Parameters
    ----------
    texts
        Number of different texts that hold each word.
    pairs
        Number of different texts that hold each pair of neighbouring words.
    ratio
        Per word held by one text only: log odds of "a slip of a known word" against "a word of its own",
        up to the rate of slips.
    odd
        Per such word the same from the character model of all words, so without a known word to point at.
    repair
        The known word that such a word is likely a slip of.
    """

    texts: Counter[str]
    pairs: Counter[tuple[str, str]]
    ratio: dict[str, float]
    odd: dict[str, float]
    repair: dict[str, str]

    @cached_property
    def known(self) -> frozenset[str]:
        """The words that another text holds as well."""
        return frozenset(word for word, texts in self.texts.items() if texts > 1)


def tokenize(text: str) -> list[str]:
    """Return the words of a text in order, lower case.

    >>> tokenize("12 Main Rd., Humbold tPark")
    ['main', 'rd', 'humbold', 'tpark']
    """
    return WORD.findall(text.lower()) if text.isascii() else [w.lower() for w in WORD.findall(text)]


SYMBOL = 2
"""Signs of a symbol at most: one slip leads from it to most others."""
FEWEST_KNOWN = 20
"""Frequent texts from which on it is known how often texts look like slips by chance."""
LONG_WORD = 8
"""Letters from which on words are as seldom alike by chance."""
MOST_DOUBT = 7.0
"""Log odds that chance takes from a slip at most."""


def count_tokens(texts: list[str]) -> WordCounts:
    """Count the words of different texts and judge those that occur once."""
    tokens = [tokenize(text) for text in texts]
    counts = Counter(chain.from_iterable(map(dict.fromkeys, tokens)))
    pairs = Counter(chain.from_iterable(dict.fromkeys(pairwise(words)) for words in tokens if len(words) > 1))
    known = [w for w, n in counts.items() if n > 1 and len(w) > 2]
    rare = [w for w, n in counts.items() if n == 1 and len(w) > 2][:MOST_WORDS]
    if not rare:
        return WordCounts(counts, pairs, {}, {}, {})
    every = rare + known
    model = learn(write(every), 1 + np.log([counts[w] for w in every]))
    odd = find_slips(model, np.array([len(w) for w in every])).ratio
    own: Floats = model.texts
    neighbours = Neighbours(known)
    asked, met = (places.tolist() for places in neighbours.pairs(rare))
    alike = np.array([bool(n) for n in neighbours.find(known)], bool)
    doubt = _doubt_by_length(known, alike, rare, np.isin(np.arange(len(rare)), asked))
    near: list[list[tuple[float, str]]] = [[] for _ in rare]
    chances = slip_chance([rare[n] for n in asked], [known[k] for k in met]).tolist()
    for number, k, chance in zip(asked, met, chances, strict=True):
        near[number].append((counts[known[k]] * chance, known[k]))
    ratio: dict[str, float] = {}
    repair: dict[str, str] = {}
    for number, word in enumerate(rare):
        found = near[number]
        split = _split(word, counts, pairs)
        if split:
            found.append(split)
        if found:
            meant = sum(rate for rate, _ in found)
            ratio[word] = float(np.log(meant) - np.log(len(rare)) - own[number] - doubt[number])
            repair[word] = max(found)[1]
    return WordCounts(counts, pairs, ratio, dict(zip(rare, odd[: len(rare)].tolist(), strict=True)), repair)


def doubt_slips(known: Sequence[bool], rare: Sequence[bool]) -> float:
    """Minus log of the share of the rare texts that look like a slip which chance does not explain.

    Frequent texts look like slips of each other because words do (names, plurals, codes), not because somebody slipped;
    rare ones do as often.

    Parameters
    ----------
    known, rare
        Whether each frequent and each rare text looks like a slip.

    Returns
    -------
    float
        0 where no frequent text does, at most `MOST_DOUBT`.

    Examples
    --------
    >>> doubt_slips([False] * 50, [True]), doubt_slips([True, False] * 25, [True, False, True, False])
    (0.0, 7.0)
    """
    alike = sum(rare)
    if not alike or len(known) < FEWEST_KNOWN:
        return 0.0
    by_chance = sum(known) / len(known) * len(rare) / alike
    return float(np.log(1 / max(np.exp(-MOST_DOUBT), 1 - by_chance)))


def _doubt_by_length(known: list[str], alike: Mask, rare: list[str], asked: Mask) -> Floats:
    """What chance takes from a slip of each rare word (see `doubt_slips`), among words as long: short ones are dense; shape (n,)."""
    held, seen = (np.minimum([*map(len, words)], LONG_WORD) for words in (known, rare))
    by_length = [
        doubt_slips(alike[held == n].tolist(), asked[seen == n].tolist()) for n in range(LONG_WORD + 1)
    ]
    return np.asarray(np.maximum(np.array(by_length)[seen], doubt_slips(alike.tolist(), asked.tolist())))


def _split(word: str, counts: Counter[str], pairs: Counter[tuple[str, str]]) -> tuple[float, str] | None:
    """Find the pair of words that the word is when a space got lost."""
    best: tuple[float, str] | None = None
    for place in range(1, len(word)):
        pair = word[:place], word[place:]
        if pair in pairs:
            rate = pairs[pair] * 0.25 / len(word)
            best = max(best or (0.0, ""), (rate, " ".join(pair)))
    return best


def moved_space(words: list[str], at: int, pairs: Counter[tuple[str, str]]) -> str:
    """Return the pair that two neighbouring words are when the space between them moved by one, or empty.

    >>> moved_space(["humbold", "tpark"], 0, Counter({("humboldt", "park"): 2}))
    'humboldt park'
    """
    left, right = words[at], words[at + 1]
    for pair in ((left + right[:1], right[1:]), (left[:-1], left[-1:] + right)):
        if pair in pairs:
            return " ".join(pair)
    return ""


KNOWN = 5_000
"""Most different frequent texts of a column that a rare one is compared with."""
HIGHEST = 0.3
"""Share of slips that is thinkable: a text more frequent than these explain is a text of its own."""
DIGITS = re.compile(r"\d+")
LEFT_OUT = 4.0
MOVED = 10.0


def judge_spelling(views: list[View], evidence: Evidence) -> None:
    """Judge the spelling of all columns."""
    words = count_tokens([t for v in views if v.numeric < 0.9 for t in v.texts])
    for view in views:
        if len(view.texts) > 1:
            _letters(view, evidence)
            _texts(view, evidence)
            _words(view, words, evidence)


def shift(ratio: Floats) -> Floats:
    """Bring a log ratio to a signal that is 0 where no slip explains the text, and at most 20."""
    return np.clip(ratio + LEFT_OUT, 0, 20)


def _letters(view: View, evidence: Evidence) -> None:
    """Slips that the column's character model sees."""
    texts = [t[:LONGEST] for t in view.texts]
    model = learn(write(texts), 1 + np.log(np.maximum(1, view.counts)))
    found = find_slips(model, view.lengths)
    letters = {number: chr(point) for point, number in model.script.known.items()}
    left_out = view.blank | view.disguised | view.credits | view.composed | view.lists
    again = (view.counts > 1) & ~left_out
    doubt = doubt_slips(
        (found.ratio > 0)[again].tolist(), (found.ratio > 0)[(view.counts == 1) & ~left_out].tolist()
    )
    signal = shift(found.ratio - doubt) * ~left_out / np.maximum(1, view.counts - 1)
    meant = {
        k: undo_slip(texts[k], int(found.kind[k]), int(found.place[k]), letters.get(int(found.letter[k]), ""))
        for k in np.flatnonzero((signal > 0) | (found.ratio > 0)).tolist()
    }
    digits = np.zeros(len(texts), bool)
    digits[[k for k, text in meant.items() if only_digits_differ(texts[k], text)]] = True
    evidence.note(view.position, "slip", signal * ~digits)
    evidence.note(view.position, "slip_digit", signal * digits)
    per = model.texts / (view.lengths + 1)
    strange = np.maximum(0, np.median(per) - per) * ~left_out
    evidence.note(view.position, "strange", strange)
    whole = view.lengths == [len(t) for t in view.texts]
    likely = {k: meant[k] for k in np.flatnonzero((found.ratio > 0) & whole).tolist()}
    evidence.repairs[view.position]["slip"] = likely
    evidence.repairs[view.position]["formed"] = {  # a number's form doesn't say which digit is missing
        k: text
        for k, text in likely.items()
        if np.isnan(view.numbers[k])
        and view.masks[k] not in view.usual_masks
        and mask_text(text) in view.usual_masks
    }
    _near_frequent(view, model.texts, evidence)


ROMAN = re.compile(r"M*(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
"""Roman numerals, each of which is one slip from the next."""


def _near_frequent(view: View, own: Floats, evidence: Evidence) -> None:
    """Rare texts one slip away from a frequent one, against the odds of being a text of its own."""
    counts, number = view.counts, len(view.texts)
    ranked = np.argsort(-counts, kind="stable")
    frequent = ranked[(counts > 1)[ranked] & ~view.blank[ranked]][:KNOWN]
    asked, known = Neighbours([view.texts[k] for k in frequent]).pairs(view.texts)
    near = np.isin(np.arange(number), asked)
    doubt = doubt_slips(near[frequent].tolist(), near[(counts == 1) & ~view.blank].tolist())
    known = frequent[known]
    more = (counts[known] > counts[asked]) & (counts > 0)[asked] & ~view.blank[asked]
    asked, known = asked[more], known[more]
    # what is too frequent for the likeliest slip of its length, see `slip_chance`, is judged no further
    length = view.lengths[known]
    longer = view.lengths[asked] - length
    likeliest = np.where(
        longer > 0, 0.25 / KEYS, np.where(longer < 0, 0.25, 0.25 / np.maximum(1, length - 1))
    )
    worth = (counts <= 1.5 + 3 * HIGHEST * np.bincount(asked, counts[known] * likeliest, number))[asked]
    worth &= ~np.isin(asked, [k for k in set(asked[worth].tolist()) if ROMAN.fullmatch(view.texts[k])])
    asked, known = asked[worth], known[worth]
    ratio, mult, digits = np.full(number, UNKNOWN), np.zeros(number), np.zeros(number, bool)
    repairs = evidence.repairs[view.position]["near"]
    chance = slip_chance([view.texts[k] for k in asked], [view.texts[k] for k in known])
    meant = np.bincount(asked, counts[known] * chance, number)
    likely = np.isin(np.arange(number), asked) & (counts <= 1.5 + 3 * HIGHEST * meant)
    ratio[likely] = np.log(meant[likely]) - np.log(number) - own[likely] - doubt
    rank = np.zeros(number, np.int64)
    rank[sorted(frequent.tolist(), key=view.texts.__getitem__)] = np.arange(len(frequent))
    best = np.zeros(number, np.int64)
    order = np.lexsort((rank[known], counts[known], asked))
    best[asked[order]] = known[order]  # of each text the last, which is the most frequent one
    mult[likely] = np.log(counts[best[likely]] / counts[likely])
    for k in np.flatnonzero(likely).tolist():
        repairs[k] = view.texts[best[k]]
        digits[k] = only_digits_differ(view.texts[k], repairs[k])
    signal = shift(ratio) * (ratio > UNKNOWN) * ~(view.credits | view.lists)
    evidence.note(view.position, "near", signal * ~digits)
    evidence.note(view.position, "near_times", mult * ~digits * ~view.credits)
    evidence.note(view.position, "near_digit", signal * digits)


def only_digits_differ(seen: str, meant: str) -> bool:
    """Tell whether two texts are the same but for their digits.

    >>> only_digits_differ("hf-3", "hf-13"), only_digits_differ("hf--3", "hf-3")
    (True, False)
    """
    return DIGITS.sub("", seen) == DIGITS.sub("", meant)


def _texts(view: View, evidence: Evidence) -> None:
    """Say how often a text occurs: a slip rarely happens twice the same way."""
    evidence.note(view.position, "often", np.log(np.maximum(1, view.counts)))


def _words(view: View, words: WordCounts, evidence: Evidence) -> None:
    """Words held by no other text of the table."""
    number = len(view.texts)
    ratio, odd = np.full(number, UNKNOWN), np.full(number, UNKNOWN)
    unknown, known = np.zeros(number), np.zeros(number)
    repairs = evidence.repairs[view.position]["word"]
    tokens = [tokenize(text[:LONGEST]) for text in view.texts]
    own = frozenset(chain.from_iterable(tokens))
    for k, (text, found) in enumerate(zip(view.texts, tokens, strict=True)):
        if words.known.issuperset(found):
            known[k] = float(bool(found))
            continue
        for at, word in enumerate(found):
            if word in words.known:
                continue
            unknown[k] += 1
            odd[k] = max(odd[k], words.odd.get(word, UNKNOWN))
            if words.ratio.get(word, UNKNOWN) > ratio[k] and own.issuperset(words.repair[word].split()):
                ratio[k] = words.ratio[word]
                repairs[k] = _replace(text, word, words.repair[word])
            if at + 1 < len(found) and moved_space(found, at, words.pairs):
                ratio[k] = max(ratio[k], MOVED)
            if at and found[at - 1] in words.known and moved_space(found, at - 1, words.pairs):
                ratio[k] = max(ratio[k], MOVED)
        known[k] = float(bool(found) and not unknown[k])
    once = 1 / np.maximum(1, view.counts - 1)
    evidence.note(view.position, "word", shift(ratio) * once)
    evidence.note(view.position, "odd_word", shift(odd) * once * (not view.composed))
    evidence.note(view.position, "unknown_words", np.minimum(unknown, 4) * (not view.composed))
    evidence.note(view.position, "known_words", known)


def _replace(text: str, word: str, by: str) -> str:
    """Replace a word, keeping its case as far as it has one."""
    at = text.lower().find(word)
    if at < 0:
        return text
    seen = text[at : at + len(word)]
    by = by.upper() if seen.isupper() else by.capitalize() if seen[:1].isupper() else by
    return text[:at] + by + text[at + len(word) :]


def _agreed(pair: ColumnPair) -> Marks:
    """Mark words of a list that the world agreed on, and symbols: one slip leads from each to others that are right."""
    kind = pair.source_kind
    short = np.array([len(str(value).strip()) <= SYMBOL for value in pair.source.values], bool)
    return np.asarray(short | (kind.conforms if kind.semantic in WORDED else False))


OFTENER = 4
"""How many times more rows the right value must have than the wrong one."""

MOST_NEW = 20_000
"""New values of one column that are compared; of more, the rarest by their text's order."""


def compare_spelling(pair: ColumnPair, left: Marks) -> Floats:
    """New values one edit from a value that is `OFTENER` times as frequent in the target."""
    left = left & ~_agreed(pair)
    scores = score_neighbours(pair, left)
    rare = float(np.count_nonzero(pair.target.counts == 2))
    return pair.judge(left, *scores, rare)


def score_neighbours(pair: ColumnPair, left: Marks) -> tuple[Floats, Floats]:
    """Doublings by which the neighbour is more frequent, plus one; 0 without such a neighbour."""
    source, target = np.zeros(len(pair.source.values)), np.zeros(len(pair.target.values))
    frequent, counts = _frequent(pair.target), pair.target.counts
    some = _some(left)
    for i, place in zip(some, frequent.find(pair.source.values[some]), strict=True):
        if place >= 0:
            source[i] = _weight(counts[place] / pair.source.counts[i])
    some = _some(pair.alone)
    for i, place in zip(some, frequent.find(pair.target.values[some]), strict=True):
        if place >= 0:
            target[i] = _weight(float(counts[place]))
    return source, target


def repair_spelling(pair: ColumnPair, places: npt.NDArray[np.int64]) -> list[str | None]:
    """Return the target's value next to each of these values of the source, None where there is none."""
    found = _frequent(pair.target).find(pair.source.values[places])
    return [None if place < 0 else str(pair.target.values[place]) for place in found]


@dataclass(frozen=True, eq=False)
class _Frequent:
    """The values that `OFTENER` rows hold: one that fewer hold is never so much oftener than another.

    Parameters
    ----------
    near
        Their index.
    places
        Place of each among the column's values.
    counts
        Rows that hold each.
    """

    near: Neighbours
    places: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    def find(self, texts: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
        """Return for each text the place of the most frequent value at distance one, -1 if there is none."""
        found = self.near.find_frequent(texts, self.counts)
        return np.append(self.places, -1)[found]


@once_a_column()
def _frequent(column: Column) -> _Frequent:
    places = np.flatnonzero(column.counts >= OFTENER)
    return _Frequent(Neighbours(column.values[places], LONGEST_VALUE), places, column.counts[places])


def _some(marks: Marks) -> npt.NDArray[np.int64]:
    return np.flatnonzero(marks)[:MOST_NEW]


def _weight(ratio: float) -> float:
    return 1 + np.floor(np.log2(ratio)) if ratio >= OFTENER else 0.0


SPELLING = CellCheck(
    name="spelling",
    scope="column",
    subject="Typing error",
    title="are probably typing errors",
    looks_for=(
        "Texts one slip of the keyboard away from a frequent text, from a known word, from "
        "the same row's copy, or from anything the column's character model would expect."
    ),
    matters="A mistyped value matches nothing in the other system, or the wrong record.",
    action="Correct to the value proposed, and offer a list instead of free text.",
    signals=(
        "slip",
        "slip_digit",
        "near",
        "near_digit",
        "near_times",
        "word",
        "odd_word",
        "strange",
        "unknown_words",
        "twin",
        "near_common",
        "misspelt",
    ),
    judges=(judge_near_frequent, judge_misspelling),
    table_judges=(judge_spelling, find_twins),
    certain=(above("near_common", 0.5, 0.95), Certain(("misspelt",), lambda chance: chance)),
    repairs=("closed", "near", "dictionary", "word", "slip"),
)


NEAR_TARGET = ValueCheck(
    name="spelling",
    subject="Typing error",
    title="one typing error from a frequent value of the target",
    judge=compare_spelling,
    wording=True,
    repair=repair_spelling,
)
