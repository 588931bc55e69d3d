"""How probably two columns mean the same: all evidence in one number."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

from . import evidence, names
from .contents import Contents

Scores = npt.NDArray[np.float64]

NAME = 0.55
"""Weight of the names where both say something in one script."""
NEUTRAL_NAME = 0.25
"""Weight of equal names that say nothing (``c3`` and ``c3``): a shared layout."""
NAMELESS = 0.85
"""Factor where the names can't be compared: the values alone never make certain."""
LOOK, KIND, SPREAD, SIZE = 0.4, 0.3, 0.15, 0.15
"""Weights of look, type, shares of filled and distinct values, and size of the numbers."""
SHARED = 0.6
"""How far shared values can lift what the look leaves open."""
WORDS = 0.7
"""Weight of shared words against shared values."""
AGREEING = 0.25
"""Agreement in joined records, above chance, from which on columns are held for the same."""
AGREED = 0.5
"""Lowest score of columns that agree in joined records."""
NAMED = 0.9
"""Score from which on names and values are believed against the joined records."""
DENIED = 0.35
"""Factor on the score of columns that do not agree in joined records."""
NEIGHBOURS = 0.1
"""Weight of what the columns beside them say (one round of similarity flooding)."""


def scores(source: list[Contents], target: list[Contents]) -> Scores:
    """Return the score of every pair of columns, shape (source, target), from 0 to 1.

    Names, types, look, shared values and words and the quantiles of numbers are combined as in
    composite matchers (Do and Rahm, COMA, VLDB 2002); one round of Similarity Flooding (Melnik,
    Garcia-Molina and Rahm, ICDE 2002) over the order of the columns then lets the neighbours speak.
    """
    first, second = (names.shortened([c.name for c in side]) for side in (source, target))
    own = np.array(
        [
            [score(left, right, name, other) for right, other in zip(target, second, strict=True)]
            for left, name in zip(source, first, strict=True)
        ]
    ).reshape(len(source), len(target))
    return np.asarray(np.clip(own + NEIGHBOURS * own * (_flooded(own) - own.mean() if own.size else 0), 0, 1))


def with_records(own: Scores, told: Scores) -> Scores:
    """Let joined records decide: columns that agree in them match, columns that do not rarely do.

    Parameters
    ----------
    own
        Scores without records, shape (source, target).
    told
        Agreement in joined records above chance, same shape, NaN where it is not known.
    """
    agrees = AGREED + (1 - AGREED) * np.sqrt(np.where(np.isfinite(told), told, 0)) * (0.5 + 0.5 * own)
    silent = own * np.where(own >= NAMED, 1.0, DENIED)
    made = np.where(told >= AGREEING, np.maximum(own, agrees), silent)
    return np.asarray(np.where(np.isfinite(told), made, own))


def _flooded(own: Scores) -> Scores:
    """Mean of the pairs before and behind each pair, in the order of the columns."""
    framed = np.pad(own, 1, constant_values=np.nan)
    beside = np.stack([framed[:-2, :-2], framed[2:, 2:]])
    known = np.isfinite(beside)
    total = np.where(known, beside, 0).sum(axis=0)
    return np.asarray(np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), own))


def score(left: Contents, right: Contents, first: str, second: str) -> float:
    """Return how well two columns fit, without their neighbours; ``first`` and ``second`` are their names."""
    name = names.similarity(first, second)
    if "empty" in (left.physical, right.physical):
        return name if left.name == right.name or (name > 0.8 and names.telling(first)) else 0.0
    told = values(left, right)
    weight = _weight(first, second)
    if weight is None:
        return NAMELESS * told
    return weight * name + (1 - weight) * told


def values(left: Contents, right: Contents) -> float:
    """Return how well the values of two columns fit."""
    look = evidence.look(left, right)
    numeric = len(left.numbers) and len(right.numbers)
    size = evidence.size(left, right) if numeric else look
    kind = evidence.kind(left, right)
    alike = LOOK * look + KIND * kind + SPREAD * evidence.spread(left, right) + SIZE * size
    shared = max(evidence.overlap(left, right), WORDS * evidence.vocabulary(left, right))
    fit = 1 - (1 - alike) * (1 - SHARED * shared)
    return fit if kind > 0 else fit / 2


def _weight(left: str, right: str) -> float | None:
    """Weight of the names, None where they can't be compared."""
    telling = names.telling(left), names.telling(right)
    if not any(telling):
        return NEUTRAL_NAME
    if all(telling) and _scripts(left) & _scripts(right):
        return NAME
    return None


@cache
def _scripts(name: str) -> frozenset[str]:
    return frozenset(unicodedata.name(letter, "?").split()[0] for letter in name if letter.isalpha())
