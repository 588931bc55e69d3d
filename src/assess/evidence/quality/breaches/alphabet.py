"""Characters of a class that the target holds nowhere, such as the remains of a wrong encoding."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

import numpy as np

from .excess import Floats
from .pair import Marks, Pair

LATIN_END = 0x250
"""First code point after the Latin blocks of Unicode."""


@cache
def kind(character: str) -> str:
    """Name the class of a character: ASCII, or its Unicode category within or beyond the Latin blocks."""
    if character.isascii():
        return "ascii"
    return unicodedata.category(character) + ("" if ord(character) < LATIN_END else "+")


def kinds(texts: Iterable[str]) -> frozenset[str]:
    """Return the classes of characters that occur in texts."""
    characters: set[str] = set()
    for text in texts:
        if not text.isascii():
            characters.update(text)
    return frozenset({"ascii", *map(kind, characters)})


def judge(pair: Pair, left: Marks) -> Floats:
    """Values with a class of characters that no column of the target holds."""
    strange = np.zeros(len(pair.source.texts))
    for i in np.flatnonzero(left):
        text = pair.source.texts[i]
        if not text.isascii() and not pair.alphabet.issuperset(map(kind, text)):
            strange[i] = 1
    return pair.judge(left, strange, np.zeros(len(pair.target.texts)))
