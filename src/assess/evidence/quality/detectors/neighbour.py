"""Texts one slip apart, found by symmetric deletion (Garbe 2012) without comparing every pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import OSA

LONGEST = 120
"""Characters beyond which a text is not compared."""


def shortened(text: str) -> set[str]:
    """Return the text and every text that lacks one of its characters.

    >>> sorted(shortened("aab"))
    ['aa', 'aab', 'ab']
    """
    short = {text[:place] + text[place + 1 :] for place in range(len(text))}
    short.add(text)
    return short


class Neighbours:
    """Index of texts that answers which of them are one slip away from a given one.

    >>> near = Neighbours(["Boston", "Austin"])
    >>> near.of("Botson"), near.of("Boston"), near.of("Paris")
    ([0], [], [])
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._by: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            if len(text) <= LONGEST:
                for short in shortened(text):
                    self._by[short].append(number)

    def of(self, text: str) -> list[int]:
        """Return the numbers of the texts at distance one (Damerau, restricted), ascending."""
        if len(text) > LONGEST:
            return []
        by = self._by
        seen: set[int] = set()
        for short in shortened(text):
            if short in by:
                seen.update(by[short])
        return [n for n in sorted(seen) if OSA.distance(text, self.texts[n], score_cutoff=1) == 1]


def chance(seen: str, meant: str, keys: float = 36.0) -> float:
    """Probability that one random slip of ``meant`` gives ``seen``, which is one slip away.

    Four kinds of slip, equally likely, at any place; an inserted or replaced character is one of
    ``keys``.

    >>> chance("Mlae", "Male") == 0.25 / 3
    True
    """
    length = len(meant)
    if len(seen) > length:
        return 0.25 / (length + 1) / keys * _same(seen, meant)
    if len(seen) < length:
        return 0.25 / length * _same(meant, seen)
    differ = [n for n in range(length) if seen[n] != meant[n]]
    return 0.25 / max(1, length - 1) if len(differ) == 2 else 0.25 / length / keys


def _same(long: str, short: str) -> int:
    """Count the places where taking one character out of the longer text gives the shorter."""
    return max(1, sum(text == short for text in _cuts(long)))


def _cuts(text: str) -> Iterable[str]:
    return (text[:n] + text[n + 1 :] for n in range(len(text)))
