"""What the values of a column look like, as distributions that two columns can be compared by."""

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
from assess.evidence.quality.masks import shapes
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


def of(column: Column) -> Contents:
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
        shapes=_shares({shape} for shape in shapes(np.array(picked, object)).to_pylist()),
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
