"""What speaks for two columns meaning the same: one number from 0 to 1 for each kind of evidence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .contents import Contents

KINDS = {
    "integer": "number", "decimal": "number", "date": "time", "timestamp": "time",
    "text": "text", "boolean": "text", "empty": "empty",
}  # fmt: skip
LOOSE = {"", "text", "code", "quantity", "category", "name", "word", "phrase", "amount"}
"""Semantic types so wide that sharing them says little."""


def overlap(left: Contents, right: Contents) -> float:
    """Share of the smaller side's distinct values that the other holds too."""
    smaller = min(len(left.values), len(right.values))
    return len(left.values & right.values) / smaller if smaller else 0.0


def vocabulary(left: Contents, right: Contents) -> float:
    """Cosine of the words' shares, words weighted down by how common they are in both."""
    return cosine(left.words, right.words)


def look(left: Contents, right: Contents) -> float:
    """How alike shapes, characters and lengths are."""
    shape = sum(min(share, right.shapes.get(key, 0.0)) for key, share in left.shapes.items())
    letters = sum(min(share, right.characters.get(key, 0.0)) for key, share in left.characters.items())
    return float(0.3 * shape + 0.4 * letters + 0.3 * nearness(left.lengths, right.lengths))


def size(left: Contents, right: Contents) -> float:
    """How alike the quantiles of numbers are; 0 where either is no number."""
    return nearness(left.numbers, right.numbers)


def kind(left: Contents, right: Contents) -> float:
    """Whether the types agree: 1 for the same telling type, 0 for types that exclude each other."""
    if "empty" in (left.physical, right.physical):
        return 0.3
    first, second = KINDS[left.physical], KINDS[right.physical]
    if left.semantic == right.semantic and left.semantic not in LOOSE:
        return 1.0
    if left.semantic != right.semantic and not {left.semantic, right.semantic} & LOOSE:
        return 0.6 if first == second == "time" else 0.0
    if first == second:
        return 0.6
    return 0.0 if {first, second} == {"number", "time"} else 0.2


def spread(left: Contents, right: Contents) -> float:
    """How alike the shares of filled and of distinct values are."""
    return 1 - (abs(left.filled - right.filled) + 2 * abs(left.distinct - right.distinct)) / 3


def nearness(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> float:
    """Return how near two sets of quantiles are: 1 if equal, falling with their distance in signed logs."""
    if not len(left) or not len(right):
        return 0.0
    first, second = (np.sign(q) * np.log1p(np.abs(q)) for q in (left, right))
    return float(np.exp(-np.abs(first - second).mean()))


def cosine(left: dict[str, float], right: dict[str, float]) -> float:
    """Return the cosine of two weighted bags."""
    product = sum(weight * right.get(key, 0.0) for key, weight in left.items())
    lengths = np.sqrt(sum(w * w for w in left.values()) * sum(w * w for w in right.values()))
    return float(product / lengths) if lengths else 0.0
