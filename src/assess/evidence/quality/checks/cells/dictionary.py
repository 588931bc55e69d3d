"""Words that a language does not have, one slip from one that it has: what no other row of the table has to show.

How often a word is written in a language is what wordfreq says (Speer 2022): words on Zipf's scale, the decimal logarithm
of its occurrences in a billion words (van Heuven and others 2014).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from math import log10
from string import ascii_lowercase

import numpy as np

from assess.evidence.quality.checks.check import Evidence
from assess.evidence.quality.column.view import View
from assess.evidence.quality.types.vocabularies import LOCALES

from .language import undo_slip

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
COMMON, RARE, KNOWN = 3.5, 1.5, 2.0
"""Zipf frequencies of a word that may be meant at least, of one that the language hardly has at most, and of one that it has."""
OF_A_LANGUAGE = 0.85
"""Share of a column's words that a language has, from which on they are its own."""
FEWEST, SHORTEST, NAMED = 8, 6, 4
"""Words from which on a column has a language, letters of a word that can be told, and of one that counts."""
MOST = 2_000
"""Unknown words from which on a column's words are of no dictionary."""
LIKELY = 0.75
"""Probability of a slip from which on it is told: words of a language are also coined."""
SELDOM = 3
"""Rows that hold a slip at most."""
BY_CHANCE = {6: 0.27, 7: 0.14, 8: 0.10, 9: 0.07, 10: 0.045}
"""Share of the rare words of English that are one slip from a common one, by their letters (`benchmarks/quality_lists.py --chance`); of longer ones `LONGER`."""
LONGER = 0.04
ROUNDS = 50


@cache
def _frequencies(language: str, size: str = "best") -> dict[str, float]:
    """Share of each word among all words written in a language; ``small`` lists hold those of Zipf frequency 3 and more."""
    import wordfreq  # its lists are read where words are, and only there

    return wordfreq.get_frequency_dict(language, wordlist=size)


def _zipf(word: str, language: str) -> float:
    """Zipf frequency of a word, 0 of one that the list does not have."""
    share = _frequencies(language).get(word, 0.0)
    return log10(share) + 9 if share else 0.0


def find_language(words: Iterable[str]) -> str:
    """Return the language of `LOCALES` that has the most of some words, empty where none has `OF_A_LANGUAGE` of them.

    >>> find_language("system support order customer delivery address street".split()), find_language(["xqz"] * 9)
    ('en', '')
    """
    every = list(words)
    most = max(LOCALES, key=lambda name: sum(w in _frequencies(name, "small") for w in every))
    known = sum(_zipf(word, most) >= KNOWN for word in every)
    return most if known >= OF_A_LANGUAGE * len(every) else ""


def find_correction(word: str, language: str) -> tuple[int, int, str] | None:
    """Return the slip (as `undo_slip` takes it) whose undoing gives the most common word, None where there is none.

    >>> undo_slip("recieve", *find_correction("recieve", "en"))
    'receive'
    """
    slips = [(kind, place, "") for kind in (0, 1) for place in range(len(word) - kind)]
    slips += [
        (kind, place, c) for kind in (2, 3) for place in range(len(word) + 3 - kind) for c in ascii_lowercase
    ]
    known = _frequencies(language)
    best = max(slips, key=lambda slip: known.get(undo_slip(word, *slip), 0.0))
    return best if _zipf(undo_slip(word, *best), language) >= COMMON else None


def slip_probability(near: list[int], unknown: int) -> dict[int, float]:
    """Probability that an unknown word one slip from a common one is that slip, by its letters.

    Unknown words are slips or coined. A slip always has a common neighbour, a coined word as often as rare words do
    (`BY_CHANCE`); the share of slips is found by expectation maximisation (Dempster, Laird and Rubin 1977), beginning with
    one word of each kind.

    Parameters
    ----------
    near
        Letters of each unknown word that is one slip from a common one.
    unknown
        Number of unknown words.

    >>> {n: round(p, 2) for n, p in slip_probability([8], 1).items()}, {n: round(p, 2) for n, p in slip_probability([8], 40).items()}
    ({8: 0.95}, {8: 0.23})
    """
    share, chances = 0.5, dict.fromkeys(near, 0.0)
    for _ in range(ROUNDS):
        chances = {n: share / (share + (1 - share) * BY_CHANCE.get(n, LONGER)) for n in chances}
        share = (sum(chances[n] for n in near) + 1) / (unknown + 2)
    return chances


def judge_misspelling(view: View, evidence: Evidence) -> None:
    """Note the probability that a text holds a slip of a common word of the column's language."""
    if view.prose or view.numeric > 0.5:
        return
    capitals = view.weights @ np.array([t.isupper() for t in view.texts]) > 0.5 * view.filled
    texts: dict[str, list[int]] = {}
    for k, text in enumerate(view.texts):
        for written in set(WORD.findall(text)):
            if written[1:].islower() or (capitals and written.isupper()):  # others are coined
                texts.setdefault(written.lower().replace("’", "'").removesuffix("'s"), []).append(k)
    words = [word for word in texts if len(word) >= NAMED]
    language = find_language(words) if len(words) >= FEWEST else ""
    if not language:
        return
    unknown = [
        word for word in words
        if word.isascii() and _zipf(word, language) < RARE and not any(word in _frequencies(name, "small") for name in LOCALES)
    ]  # fmt: skip
    if len(unknown) > MOST:
        return
    long = (word for word in unknown if len(word) >= SHORTEST)
    slips = {word: slip for word in long if (slip := find_correction(word, language))}
    chances = slip_probability([len(word) for word in slips], len(unknown))
    note = np.zeros(len(view.texts))
    repairs = evidence.repairs[view.position]["dictionary"]
    for word, slip in slips.items():
        if len(texts[word]) == 1 and view.weights[k := texts[word][0]] <= SELDOM:
            note[k] = chances[len(word)]
            repairs[k] = _rewritten(view.texts[k], word, undo_slip(word, *slip))
    evidence.note(view.position, "misspelt", np.where(note >= LIKELY, note, 0.0))


def _rewritten(text: str, word: str, right: str) -> str:
    """Write a word right in the case in which it stands in a text."""

    def cased(found: re.Match[str]) -> str:
        held = found[0]
        return right.upper() if held.isupper() else right.capitalize() if held[0].isupper() else right

    return re.sub(rf"(?i)\b{re.escape(word)}\b", cased, text, count=1)
