"""Which columns of two tables mean the same, one to one, with the next best as alternatives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from assess.core.record import Record
from assess.evidence.quality.table import Table, open_table

from . import contents
from .contents import Contents
from .scoring import Scores, scores, with_records

__all__ = ["ACCEPTED", "UNCERTAIN", "Alternative", "Match", "Matching", "match", "match_columns"]

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
    return match(look(open_table(source)), look(open_table(target)))


def look(table: Table) -> list[Contents]:
    """Return the look of every column of a table: what `match` compares."""
    return [contents.of(column) for column in table]


def assigned(found: Scores) -> list[tuple[int, int]]:
    """Return the pairs of rows and columns, each at most once, whose scores have the largest sum.

    Where every row has a best column of its own these are the pairs; otherwise the assignment problem is
    solved (Crouse 2016).

    >>> assigned(np.array([[0.9, 0.5], [0.8, 0.1]]))
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


def match(left: list[Contents], right: list[Contents], told: Scores | None = None) -> Matching:
    """Match columns by their looks.

    Parameters
    ----------
    left, right
        The looks of the source's and of the target's columns.
    told
        What joined records say (`records.agreement`), if any are known.
    """
    found = scores(left, right)
    if told is not None:
        found = with_records(found, told)
    taken = {i: j for i, j in assigned(found) if found[i, j] >= ACCEPTED}
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
