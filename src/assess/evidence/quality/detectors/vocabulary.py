"""The words of a table: how many different texts hold each, and which follow each other."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .language import Floats, learn, write
from .neighbour import Neighbours, chance
from .slip import slips

WORD = re.compile(r"[^\W\d_]{2,}")
UNKNOWN = -30.0
"""Log ratio of a text that no slip explains."""
MOST = 40_000
"""Most different words of a table that are judged: the rarest beyond are left out."""


@dataclass(frozen=True, eq=False)
class Words:
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

    def known(self, word: str) -> bool:
        """Tell whether another text holds the word as well."""
        return self.texts[word] > 1


def words_of(text: str) -> list[str]:
    """Return the words of a text in order, lower case.

    >>> words_of("12 Main Rd., Humbold tPark")
    ['main', 'rd', 'humbold', 'tpark']
    """
    return [w.lower() for w in WORD.findall(text)]


def gather(texts: list[str]) -> Words:
    """Count the words of different texts and judge those that occur once."""
    counts: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for text in texts:
        words = words_of(text)
        counts.update(dict.fromkeys(words, 1))
        pairs.update(dict.fromkeys(pairwise(words), 1))
    known = [w for w, n in counts.items() if n > 1 and len(w) > 2]
    rare = [w for w, n in counts.items() if n == 1 and len(w) > 2][:MOST]
    if not rare:
        return Words(counts, pairs, {}, {}, {})
    every = rare + known
    model = learn(write(every), 1 + np.log([counts[w] for w in every]))
    odd = slips(model, np.array([len(w) for w in every])).ratio
    own: Floats = model.texts
    near = Neighbours(known)
    ratio: dict[str, float] = {}
    repair: dict[str, str] = {}
    for number, word in enumerate(rare):
        found = [(counts[known[k]] * chance(word, known[k]), known[k]) for k in near.of(word)]
        split = _split(word, counts, pairs)
        if split:
            found.append(split)
        if found:
            meant = sum(rate for rate, _ in found)
            ratio[word] = float(np.log(meant) - np.log(len(rare)) - own[number])
            repair[word] = max(found)[1]
    return Words(counts, pairs, ratio, dict(zip(rare, odd[: len(rare)].tolist(), strict=True)), repair)


def _split(word: str, counts: Counter[str], pairs: Counter[tuple[str, str]]) -> tuple[float, str] | None:
    """Find the pair of words that the word is when a space got lost."""
    best: tuple[float, str] | None = None
    for place in range(1, len(word)):
        pair = word[:place], word[place:]
        if pairs[pair] > 0:
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
        if pairs[pair] > 0:
            return " ".join(pair)
    return ""
