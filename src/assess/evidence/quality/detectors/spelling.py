"""Typing errors: texts that are a slip of another text, of another word, or of any text the column would hold."""

from __future__ import annotations

import re

import numpy as np

from .evidence import Evidence
from .language import learn, write
from .neighbour import Neighbours, chance
from .slip import repaired, slips
from .view import LONGEST, Floats, View
from .vocabulary import UNKNOWN, Words, gather, moved_space, words_of

KNOWN = 5_000
"""Most different frequent texts of a column that a rare one is compared with."""
MOST = 60_000
"""Most different texts of a column that are judged letter by letter."""
HIGHEST = 0.3
"""Share of slips that is thinkable: a text more frequent than these explain is a text of its own."""
DIGITS = re.compile(r"\d+")
LEFT_OUT = 4.0
MOVED = 10.0


def judge(views: list[View], evidence: Evidence) -> None:
    """Judge the spelling of all columns."""
    words = gather([t for v in views if v.numeric < 0.9 for t in v.texts])
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
    found = slips(model, view.lengths)
    letters = {number: chr(point) for point, number in model.script.known.items()}
    meant = [
        repaired(texts[k], int(found.kind[k]), int(found.place[k]), letters.get(int(found.letter[k]), ""))
        for k in range(len(texts))
    ]
    digits = np.fromiter(
        (only_digits_differ(t, m) for t, m in zip(texts, meant, strict=True)), bool, len(texts)
    )
    left_out = view.blank | view.disguised | view.credits
    signal = shift(found.ratio) * ~left_out / np.maximum(1, view.counts - 1)
    evidence.say(view.position, "slip", signal * ~digits)
    evidence.say(view.position, "slip_digit", signal * digits)
    per = model.texts / (view.lengths + 1)
    strange = np.maximum(0, np.median(per) - per) * ~left_out
    evidence.say(view.position, "strange", strange)
    whole = view.lengths == [len(t) for t in view.texts]
    evidence.repairs[view.position]["slip"] = {
        k: meant[k] for k in np.flatnonzero((found.ratio > 0) & whole).tolist()
    }
    _near_frequent(view, model.texts, evidence)


def _near_frequent(view: View, own: Floats, evidence: Evidence) -> None:
    """Rare texts one slip away from a frequent one, against the odds of being a text of its own."""
    counts, number = view.counts, len(view.texts)
    ranked = np.argsort(-counts, kind="stable")
    frequent = [int(k) for k in ranked if counts[k] > 1 and not view.blank[k]][:KNOWN]
    near = Neighbours([view.texts[k] for k in frequent])
    ratio = np.full(number, UNKNOWN)
    mult = np.zeros(number)
    digits = np.zeros(number, bool)
    repairs = evidence.repairs[view.position]["near"]
    for k in range(number):
        found = [frequent[n] for n in near.of(view.texts[k]) if counts[frequent[n]] > counts[k]]
        meant = sum(float(counts[u]) * chance(view.texts[k], view.texts[u]) for u in found)
        if not found or not counts[k] or counts[k] > 1.5 + 3 * HIGHEST * meant or view.blank[k]:
            continue
        ratio[k] = np.log(meant) - np.log(number) - own[k]
        best = max(found, key=lambda u: (counts[u], view.texts[u]))
        mult[k] = np.log(counts[best] / counts[k])
        digits[k] = only_digits_differ(view.texts[k], view.texts[best])
        repairs[k] = view.texts[best]
    signal = shift(ratio) * (ratio > UNKNOWN) * ~view.credits
    evidence.say(view.position, "near", signal * ~digits)
    evidence.say(view.position, "near_times", mult * ~digits * ~view.credits)
    evidence.say(view.position, "near_digit", signal * digits)


def only_digits_differ(seen: str, meant: str) -> bool:
    """Tell whether two texts are the same but for their digits.

    >>> only_digits_differ("hf-3", "hf-13"), only_digits_differ("hf--3", "hf-3")
    (True, False)
    """
    return DIGITS.sub("", seen) == DIGITS.sub("", meant)


def _texts(view: View, evidence: Evidence) -> None:
    """Say how often a text occurs: a slip rarely happens twice the same way."""
    evidence.say(view.position, "often", np.log(np.maximum(1, view.counts)))


def _words(view: View, words: Words, evidence: Evidence) -> None:
    """Words held by no other text of the table."""
    number = len(view.texts)
    ratio, odd = np.full(number, UNKNOWN), np.full(number, UNKNOWN)
    unknown, known = np.zeros(number), np.zeros(number)
    repairs = evidence.repairs[view.position]["word"]
    for k, text in enumerate(view.texts):
        found = words_of(text[:LONGEST])
        for at, word in enumerate(found):
            if words.known(word):
                continue
            unknown[k] += 1
            odd[k] = max(odd[k], words.odd.get(word, UNKNOWN))
            if words.ratio.get(word, UNKNOWN) > ratio[k]:
                ratio[k] = words.ratio[word]
                repairs[k] = _replace(text, word, words.repair[word])
            if at + 1 < len(found) and moved_space(found, at, words.pairs):
                ratio[k] = max(ratio[k], MOVED)
            if at and words.known(found[at - 1]) and moved_space(found, at - 1, words.pairs):
                ratio[k] = max(ratio[k], MOVED)
        known[k] = float(bool(found) and not unknown[k])
    once = 1 / np.maximum(1, view.counts - 1)
    evidence.say(view.position, "word", shift(ratio) * once)
    evidence.say(view.position, "odd_word", shift(odd) * once)
    evidence.say(view.position, "unknown_words", np.minimum(unknown, 4))
    evidence.say(view.position, "known_words", known)


def _replace(text: str, word: str, by: str) -> str:
    """Replace a word, keeping its case as far as it has one."""
    at = text.lower().find(word)
    if at < 0:
        return text
    seen = text[at : at + len(word)]
    by = by.upper() if seen.isupper() else by.capitalize() if seen[:1].isupper() else by
    return text[:at] + by + text[at + len(word) :]
