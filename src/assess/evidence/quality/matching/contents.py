"""What the values of a column look like, and how alike two columns are by it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from assess.evidence.quality.column import Column
from assess.evidence.quality.column.masks import shape_all
from assess.evidence.quality.types import column_type
from assess.evidence.quality.types.column_type import ColumnType

SAMPLE = 2_000
"""Distinct values, evenly spread, from which a column's look is taken."""
KNOWN = 100_000
"""Distinct values, evenly spread, that are compared one by one with the other side's."""
WORD = re.compile(r"[^\W\d_]+|\d+")
QUANTILES = np.linspace(0.05, 0.95, 10)


@dataclass(frozen=True, eq=False)
class Contents:
    """The look of a column.

    Parameters
    ----------
    name
        The column's name.
    kind
        Its type.
    values
        Distinct present texts, lower case and trimmed.
    words
        Share of sampled values that hold each word.
    shapes
        Share of sampled values of each shape.
    characters
        Share of each class of characters.
    lengths, numbers
        Quantiles of the lengths, and of the numbers if it is numeric (else empty).
    filled, distinct
        Share of filled rows; distinct values a filled row.
    """

    name: str
    kind: ColumnType
    values: frozenset[str]
    words: dict[str, float]
    shapes: dict[str, float]
    characters: dict[str, float]
    lengths: npt.NDArray[np.float64]
    numbers: npt.NDArray[np.float64]
    filled: float
    distinct: float

    @property
    def physical(self) -> str:
        """How a database would store it."""
        return self.kind.physical

    @property
    def semantic(self) -> str:
        """What it means."""
        return self.kind.semantic


def take_contents(column: Column) -> Contents:
    """Take a column's look from its distinct values."""
    kind = column_type.of(column)
    present = np.flatnonzero(kind.present)
    texts = [str(text).strip() for text in column.values[_spread(present, KNOWN)]]
    picked = [texts[i] for i in _spread(np.arange(len(texts)), SAMPLE)]
    filled = int(column.counts[present].sum())
    return Contents(
        name=column.name, kind=kind,
        values=frozenset(text.casefold() for text in texts),
        words=_shares(set(WORD.findall(text.casefold())) for text in picked),
        shapes=_shares({shape} for shape in shape_all(np.array(picked, object)).to_pylist()),
        characters=_characters(picked),
        lengths=_quantiles([float(len(text)) for text in picked]),
        numbers=_quantiles(kind.numbers.worth[present]) if kind.numbers is not None else np.empty(0),
        filled=filled / max(column.rows, 1), distinct=len(present) / max(filled, 1),
    )  # fmt: skip


def _spread(places: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.int64]:
    """At most that many of some places, evenly spread."""
    return (
        places[np.unique(np.linspace(0, len(places) - 1, most).astype(np.int64))] if len(places) else places
    )


def _shares(found: Iterable[set[str]]) -> dict[str, float]:
    counted: Counter[str] = Counter()
    size = 0
    for one in found:
        size += 1
        counted.update(one)
    return {key: rows / size for key, rows in sorted(counted.items())}


@cache
def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isalpha():
        script = unicodedata.name(character, "?").split()[0]
        return script if script != "LATIN" else "upper" if character.isupper() else "lower"
    return "space" if character.isspace() else character


def _characters(texts: list[str]) -> dict[str, float]:
    counted = Counter(_kind(character) for text in texts for character in text[:200])
    total = sum(counted.values())
    return {kind: count / total for kind, count in sorted(counted.items())}


def _quantiles(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    numbers = np.asarray(values, np.float64)
    numbers = numbers[np.isfinite(numbers)]
    return np.quantile(numbers, QUANTILES) if len(numbers) else np.empty(0)


KINDS = {
    "integer": "number", "decimal": "number", "date": "time", "timestamp": "time",
    "text": "text", "boolean": "text", "empty": "empty",
}  # fmt: skip
LOOSE = {"", "text", "code", "quantity", "category", "name", "word", "phrase", "amount"}
"""Semantic types so wide that sharing them says little."""


def value_overlap(left: Contents, right: Contents) -> float:
    """Share of the smaller side's distinct values that the other holds too."""
    smaller = min(len(left.values), len(right.values))
    return len(left.values & right.values) / smaller if smaller else 0.0


def word_similarity(left: Contents, right: Contents) -> float:
    """Cosine of the words' shares, words weighted down by how common they are in both."""
    return cosine(left.words, right.words)


def form_similarity(left: Contents, right: Contents) -> float:
    """How alike shapes, characters and lengths are."""
    shape = sum(min(share, right.shapes.get(key, 0.0)) for key, share in left.shapes.items())
    letters = sum(min(share, right.characters.get(key, 0.0)) for key, share in left.characters.items())
    return float(0.3 * shape + 0.4 * letters + 0.3 * nearness(left.lengths, right.lengths))


def size_similarity(left: Contents, right: Contents) -> float:
    """How alike the quantiles of numbers are; 0 where either is no number."""
    return nearness(left.numbers, right.numbers)


def type_similarity(left: Contents, right: Contents) -> float:
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


def fill_similarity(left: Contents, right: Contents) -> float:
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
