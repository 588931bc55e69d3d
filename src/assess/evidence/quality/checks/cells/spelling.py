"""Typing errors: texts that are a slip of another text, of another word, or of any text the column would hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from operator import ne

import numpy as np
import numpy.typing as npt

from assess.evidence.quality.checks.check import CellCheck, Evidence, ValueCheck, above
from assess.evidence.quality.column.view import LONGEST, Floats, View
from assess.evidence.quality.matching.pair import ColumnPair, Marks

from .language import KEYS, find_slips, learn, undo_slip, write
from .rows import find_twins
from .vocabulary import LONGEST_VALUE, Neighbours, judge_near_frequent


def slip_chance(seen: str, meant: str, keys: float = KEYS) -> float:
    """Probability that one random slip of ``meant`` gives ``seen``, which is one slip away.

    Four kinds of slip, equally likely, at any place; an inserted or replaced character is one of
    ``keys``.

    >>> slip_chance("Mlae", "Male") == 0.25 / 3
    True
    """
    length = len(meant)
    if len(seen) > length:
        return 0.25 / (length + 1) / keys * _same(seen, meant)
    if len(seen) < length:
        return 0.25 / length * _same(meant, seen)
    swapped = sum(map(ne, seen, meant)) == 2
    return 0.25 / max(1, length - 1) if swapped else 0.25 / length / keys


def _same(long: str, short: str) -> int:
    """Count the places where taking one character out of the longer text gives the shorter: the run that was cut.

    >>> _same("Hallle", "Halle"), _same("Male", "Mal")
    (3, 1)
    """
    at = next((n for n, (a, b) in enumerate(zip(long, short, strict=False)) if a != b), len(short))
    return at + 1 - len(long[: at + 1].rstrip(long[at]))


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


FEWEST_KNOWN = 20
"""Frequent texts from which on it is known how often texts look like slips by chance."""
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
    near = neighbours.find(rare)
    doubt = doubt_slips([bool(n) for n in neighbours.find(known)], [bool(n) for n in near])
    ratio: dict[str, float] = {}
    repair: dict[str, str] = {}
    for number, word in enumerate(rare):
        found = [(counts[known[k]] * slip_chance(word, known[k]), known[k]) for k in near[number]]
        split = _split(word, counts, pairs)
        if split:
            found.append(split)
        if found:
            meant = sum(rate for rate, _ in found)
            ratio[word] = float(np.log(meant) - np.log(len(rare)) - own[number] - doubt)
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
    left_out = view.blank | view.disguised | view.credits | view.composed
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
    evidence.repairs[view.position]["slip"] = {
        k: meant[k] for k in np.flatnonzero((found.ratio > 0) & whole).tolist()
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
    ratio, mult, digits = np.full(number, UNKNOWN), np.zeros(number), np.zeros(number, bool)
    repairs = evidence.repairs[view.position]["near"]
    far: dict[int, list[int]] = {}
    for k, n in zip(asked[worth].tolist(), known[worth].tolist(), strict=True):
        far.setdefault(k, []).append(n)
    rows = counts.tolist()
    for k, found in far.items():
        text = view.texts[k]
        if ROMAN.fullmatch(text):
            continue
        meant = sum(float(rows[u]) * slip_chance(text, view.texts[u]) for u in found)
        if rows[k] > 1.5 + 3 * HIGHEST * meant:
            continue
        ratio[k] = np.log(meant) - np.log(number) - own[k] - doubt
        best = max(found, key=lambda u: (rows[u], view.texts[u]))
        mult[k] = np.log(rows[best] / rows[k])
        digits[k] = only_digits_differ(text, view.texts[best])
        repairs[k] = view.texts[best]
    signal = shift(ratio) * (ratio > UNKNOWN) * ~view.credits
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
    for k, text in enumerate(view.texts):
        found = tokenize(text[:LONGEST])
        if words.known.issuperset(found):
            known[k] = float(bool(found))
            continue
        for at, word in enumerate(found):
            if word in words.known:
                continue
            unknown[k] += 1
            odd[k] = max(odd[k], words.odd.get(word, UNKNOWN))
            if words.ratio.get(word, UNKNOWN) > ratio[k]:
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


OFTENER = 4
"""How many times more rows the right value must have than the wrong one."""

MOST_NEW = 20_000
"""New values of one column that are compared; of more, the rarest by their text's order."""


def compare_spelling(pair: ColumnPair, left: Marks) -> Floats:
    """New values one edit from a value that is `OFTENER` times as frequent in the target."""
    scores = score_neighbours(pair, left)
    rare = float(np.count_nonzero(pair.target.counts == 2))
    return pair.judge(left, *scores, rare)


def score_neighbours(pair: ColumnPair, left: Marks) -> tuple[Floats, Floats]:
    """Doublings by which the neighbour is more frequent, plus one; 0 without such a neighbour."""
    index = Neighbours(pair.target.values, LONGEST_VALUE)
    source, target = np.zeros(len(pair.source.values)), np.zeros(len(pair.target.values))
    counts, some = pair.target.counts, _some(left)
    for i, place in zip(some, index.find_frequent(pair.source.values[some], counts), strict=True):
        if place >= 0:
            source[i] = _weight(counts[place] / pair.source.counts[i])
    some = _some(pair.alone)
    for i, place in zip(some, index.find_frequent(pair.target.values[some], counts), strict=True):
        if place >= 0:
            target[i] = _weight(float(counts[place]))
    return source, target


def repair_spelling(pair: ColumnPair, places: npt.NDArray[np.int64]) -> list[str | None]:
    """Return the target's value next to each of these values of the source, None where there is none."""
    index = Neighbours(pair.target.values, LONGEST_VALUE)
    found = index.find_frequent(pair.source.values[places], pair.target.counts)
    return [None if place < 0 else str(pair.target.values[place]) for place in found]


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
    ),
    judges=(judge_near_frequent,),
    table_judges=(judge_spelling, find_twins),
    certain=(above("near_common", 0.5, 0.95),),
    repairs=("closed", "near", "word", "slip"),
)


NEAR_TARGET = ValueCheck(
    name="spelling",
    subject="Typing error",
    title="one typing error from a frequent value of the target",
    judge=compare_spelling,
    wording=True,
    repair=repair_spelling,
)
