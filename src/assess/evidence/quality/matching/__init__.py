"""Which columns of two tables mean the same, one to one, with the next best as alternatives."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.core.record import Record
from assess.evidence.quality.table import Table, open_table

from .similarity import (
    Contents,
    describe_column,
    fill_similarity,
    form_similarity,
    is_informative,
    is_part,
    name_similarity,
    size_similarity,
    strip_frequent_tokens,
    type_similarity,
    value_overlap,
    word_similarity,
)

ACCEPTED = 0.32
"""Score from which on a pair is reported as a match."""

UNCERTAIN = 0.5
"""Score below which a match is a guess: it is shown with its alternatives, and no cell is judged by it."""

ALTERNATIVES = 3


class Alternative(Record):
    """Another column of the target that would fit."""

    target_column: str
    confidence: float


class Match(Record):
    """Two columns that mean the same.

    Parameters
    ----------
    source_column, target_column
        Names of the columns.
    confidence
        Combined score, from 0 to 1.
    alternatives
        The next best columns of the target, best first.
    """

    source_column: str
    target_column: str
    confidence: float
    alternatives: tuple[Alternative, ...] = ()

    @property
    def uncertain(self) -> bool:
        """Whether the match is no more than a guess."""
        return self.confidence < UNCERTAIN


class Matching(Record):
    """The columns of two tables, matched.

    Parameters
    ----------
    matches
        In the order of the source's columns.
    source_only, target_only
        Columns without a partner.
    """

    matches: tuple[Match, ...]
    source_only: tuple[str, ...] = ()
    target_only: tuple[str, ...] = ()

    @property
    def pairs(self) -> pd.DataFrame:
        """One row per match: source_column, target_column, confidence."""
        rows = [(m.source_column, m.target_column, m.confidence) for m in self.matches]
        return pd.DataFrame(rows, columns=["source_column", "target_column", "confidence"])


def match_columns(
    source: str | Path | pd.DataFrame | Table, target: str | Path | pd.DataFrame | Table
) -> Matching:
    """Match the columns of two tables by names, types, look, values and order, offline.

    Parameters
    ----------
    source, target
        Paths, DataFrames, table URLs or opened tables.

    Examples
    --------
    >>> crm = pd.DataFrame({"cust_no": ["K-1", "K-2"], "city": ["Bonn", "Kiel"]})
    >>> billing = pd.DataFrame({"Ort": ["Kiel", "Bonn"], "CustomerNumber": ["K-2", "K-9"]})
    >>> match_columns(crm, billing).pairs[["source_column", "target_column"]].values.tolist()
    [['cust_no', 'CustomerNumber'], ['city', 'Ort']]
    """
    return match_contents(describe_columns(open_table(source)), describe_columns(open_table(target)))


def describe_columns(table: Table) -> list[Contents]:
    """Return the look of every column of a table: what `match_contents` compares."""
    return [describe_column(column) for column in table]


def assign_columns(found: Scores) -> list[tuple[int, int]]:
    """Return the pairs of rows and columns, each at most once, whose scores have the largest sum.

    Where every row has a best column of its own these are the pairs; otherwise the assignment problem is
    solved (Crouse 2016).

    >>> assign_columns(np.array([[0.9, 0.5], [0.8, 0.1]]))
    [(0, 1), (1, 0)]
    """
    if found.size and found.shape[0] <= found.shape[1]:
        best = found.argmax(1)
        alone = (found == found.max(1, keepdims=True)).sum(1) == 1
        if alone.all() and len(np.unique(best)) == len(best):
            return [(row, int(place)) for row, place in enumerate(best)]
    from scipy.optimize import linear_sum_assignment

    rows, places = linear_sum_assignment(-found)
    return [(int(row), int(place)) for row, place in zip(rows, places, strict=True)]


def match_contents(left: list[Contents], right: list[Contents], agreed: Scores | None = None) -> Matching:
    """Match columns by their looks.

    Parameters
    ----------
    left, right
        The looks of the source's and of the target's columns.
    agreed
        What joined records say (`records.agreement`), if any are known.
    """
    found = score_columns(left, right)
    if agreed is not None:
        same = np.array([[is_part(one.name, other.name) for other in right] for one in left], bool)
        found = apply_records(found, agreed, same.reshape(found.shape))
    taken = {i: j for i, j in assign_columns(found) if found[i, j] >= ACCEPTED}
    matches = tuple(
        Match(
            source_column=left[i].name, target_column=right[j].name,
            confidence=round(float(found[i, j]), 4),
            alternatives=_alternatives(found[i], j, [c.name for c in right]),
        )
        for i, j in sorted(taken.items())
    )  # fmt: skip
    return Matching(
        matches=matches,
        source_only=tuple(c.name for i, c in enumerate(left) if i not in taken),
        target_only=tuple(c.name for j, c in enumerate(right) if j not in taken.values()),
    )


def _alternatives(row: Scores, chosen: int, names: list[str]) -> tuple[Alternative, ...]:
    order = [int(j) for j in np.argsort(-row, kind="stable") if j != chosen and row[j] >= ACCEPTED]
    return tuple(
        Alternative(target_column=names[j], confidence=round(float(row[j]), 4)) for j in order[:ALTERNATIVES]
    )


Scores = npt.NDArray[np.float64]

NAME = 0.55
"""Weight of the names where both say something in one script."""
NEUTRAL_NAME = 0.25
"""Weight of equal names that say nothing (``c3`` and ``c3``): a shared layout."""
NAMELESS = 0.85
"""Factor where the names can't be compared: the values alone never make certain."""
GUESSED = 0.25
"""What is left of a score above `ACCEPTED` where nothing but the look of values speaks for a pair: sizes of numbers are alike by chance."""
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


def score_columns(source: list[Contents], target: list[Contents]) -> Scores:
    """Return the score of every pair of columns, shape (source, target), from 0 to 1.

    Names, types, look, shared values and words and the quantiles of numbers are combined as in
    composite matchers (Do and Rahm, COMA, VLDB 2002); one round of Similarity Flooding (Melnik,
    Garcia-Molina and Rahm, ICDE 2002) over the order of the columns then lets the neighbours speak.
    """
    first, second = (strip_frequent_tokens([c.name for c in side]) for side in (source, target))
    own = np.array(
        [
            [score_pair(left, right, name, other) for right, other in zip(target, second, strict=True)]
            for left, name in zip(source, first, strict=True)
        ]
    ).reshape(len(source), len(target))
    return np.asarray(np.clip(own + NEIGHBOURS * own * (_flooded(own) - own.mean() if own.size else 0), 0, 1))


def apply_records(own: Scores, agreed: Scores, same: npt.NDArray[np.bool_]) -> Scores:
    """Let joined records decide: columns that agree in them match, and others give way to those.

    Where nothing agrees with either column, names of which one says what the other says are still believed: that the
    records disagree is then what there is to say of them, and no reason to leave them apart.

    Parameters
    ----------
    own
        Scores without records, shape (source, target).
    agreed
        Agreement in joined records above chance, same shape, NaN where it is not known.
    same
        Whether one name says what the other says (`is_part`), same shape.
    """
    agrees = AGREED + (1 - AGREED) * np.sqrt(np.where(np.isfinite(agreed), agreed, 0)) * (0.5 + 0.5 * own)
    sure = np.where(np.isfinite(agreed), agreed, 0) >= AGREEING
    rivals = np.logical_or(sure.any(axis=1, keepdims=True), sure.any(axis=0, keepdims=True))
    believed = np.where(rivals | ~same, NAMED, UNCERTAIN)
    silent = own * np.where(own >= believed, 1.0, DENIED)
    made = np.where(agreed >= AGREEING, np.maximum(own, agrees), silent)
    return np.asarray(np.where(np.isfinite(agreed), made, own))


def _flooded(own: Scores) -> Scores:
    """Mean of the pairs before and behind each pair, in the order of the columns."""
    framed = np.pad(own, 1, constant_values=np.nan)
    beside = np.stack([framed[:-2, :-2], framed[2:, 2:]])
    known = np.isfinite(beside)
    total = np.where(known, beside, 0).sum(axis=0)
    return np.asarray(np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), own))


def score_pair(left: Contents, right: Contents, first: str, second: str) -> float:
    """Return how well two columns fit, without their neighbours; ``first`` and ``second`` are their names."""
    name = name_similarity(first, second)
    if "empty" in (left.physical, right.physical):
        return name if left.name == right.name or (name > 0.8 and is_informative(first)) else 0.0
    agreed = score_values(left, right)
    weight = _weight(first, second)
    if weight is None:
        guess = NAMELESS * agreed
        measured = len(left.numbers) and len(right.numbers)
        return (
            guess
            if value_overlap(left, right) and not measured
            else min(guess, ACCEPTED + GUESSED * (guess - ACCEPTED))
        )
    return weight * name + (1 - weight) * agreed


def score_values(left: Contents, right: Contents) -> float:
    """Return how well the values of two columns fit."""
    look = form_similarity(left, right)
    numeric = len(left.numbers) and len(right.numbers)
    size = size_similarity(left, right) if numeric else look
    kind = type_similarity(left, right)
    alike = LOOK * look + KIND * kind + SPREAD * fill_similarity(left, right) + SIZE * size
    shared = max(value_overlap(left, right), WORDS * word_similarity(left, right))
    fit = 1 - (1 - alike) * (1 - SHARED * shared)
    return fit if kind > 0 else fit / 2


def _weight(left: str, right: str) -> float | None:
    """Weight of the names, None where they can't be compared."""
    telling = is_informative(left), is_informative(right)
    if not any(telling):
        return NEUTRAL_NAME
    if all(telling) and _scripts(left) & _scripts(right):
        return NAME
    return None


@cache
def _scripts(name: str) -> frozenset[str]:
    return frozenset(unicodedata.name(letter, "?").split()[0] for letter in name if letter.isalpha())
