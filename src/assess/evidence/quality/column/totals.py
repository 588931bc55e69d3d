"""Facts of all rows of a table that is not judged in one piece: gathered from its blocks, or from its engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from assess.evidence.quality.remote import IbisEngine, NotAssessed
from assess.evidence.quality.types import ColumnType

from . import Column
from .facts import QUANTILES, ColumnFacts, weighted_quantiles
from .texts import Prints, Spool

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
V = TypeVar("V", np.uint64, np.float64)

FEW = 500_000
"""Different values up to which they are kept in one list."""
MOST_AMOUNTS = 4_000_000
"""Different numbers up to which quantiles are exact."""


class DistinctValues:
    """The values of one column over all blocks, by their fingerprints.

    Parameters
    ----------
    folder
        Where the fingerprints go when they are many.
    """

    def __init__(self, folder: str = "") -> None:
        self._folder = folder
        self._prints: Prints = np.empty(0, np.uint64)
        self._counts: Counts = np.empty(0, np.int64)
        self._spool: Spool | None = None

    def add(self, column: Column, present: npt.NDArray[np.bool_]) -> None:
        """Take in the present values of a block."""
        prints, counts = column.prints[present], column.counts[present]
        if self._spool is not None:
            self._spool.append(prints, counts)
            return
        self._prints, self._counts = add_counts(self._prints, self._counts, prints, counts)
        if len(self._prints) > FEW:
            self._spool = Spool(2, self._folder)
            self._spool.append(self._prints, self._counts)
            self._prints, self._counts = self._prints[:0], self._counts[:0]

    @property
    def numbers(self) -> tuple[int, int]:
        """Different values, and rows whose value another row holds too."""
        if self._spool is None:
            return len(self._counts), int(self._counts[self._counts > 1].sum())
        distinct = repeated = 0
        for _, rows in self._spool.parts():
            values, counts = add_counts(
                rows[:0, 0], np.empty(0, np.int64), rows[:, 0], rows[:, 1].astype(np.int64)
            )
            distinct += len(values)
            repeated += int(counts[counts > 1].sum())
        return distinct, repeated


class Amounts:
    """The numbers of one column over all blocks, while they are not too many."""

    def __init__(self) -> None:
        self._worth: Floats = np.empty(0)
        self._counts: Counts = np.empty(0, np.int64)
        self.whole = True

    def add(self, column: Column, kind: ColumnType) -> None:
        """Take in the numbers of a block."""
        if kind.numbers is None or not self.whole:
            return
        worth, counts = kind.numbers.worth[kind.conforms], column.counts[kind.conforms]
        self._worth, self._counts = add_counts(self._worth, self._counts, worth, counts)
        if len(self._worth) > MOST_AMOUNTS:
            self.whole = False
            self._worth, self._counts = self._worth[:0], self._counts[:0]

    @property
    def quantiles(self) -> tuple[float, ...]:
        """As of a single block; empty if there are no numbers, or too many."""
        return weighted_quantiles(self._worth, self._counts) if len(self._worth) else ()


def add_counts(
    values: npt.NDArray[V], counts: Counts, more: npt.NDArray[V], times: Counts
) -> tuple[npt.NDArray[V], Counts]:
    """Add values with their counts to others, each once, ascending.

    >>> add_counts(np.array([1.0]), np.array([2]), np.array([3.0, 1.0]), np.array([1, 5]))
    (array([1., 3.]), array([7, 1]))
    """
    every = np.concatenate([values, more])
    number = np.concatenate([counts, times])
    order = np.argsort(every, kind="stable")
    every = every[order]
    starts = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1]])[: len(every)])
    return every[starts], np.add.reduceat(number[order], starts) if len(starts) else number


class Totals:
    """What the blocks of a table say together that none says alone.

    Parameters
    ----------
    columns
        Names of the columns.
    folder
        Where it goes when it is much; empty for the system's place.
    """

    def __init__(self, columns: Sequence[str], folder: str = "") -> None:
        self._distinct = {name: DistinctValues(folder) for name in columns}
        self._amounts = {name: Amounts() for name in columns}

    def add(self, column: Column, kind: ColumnType) -> None:
        """Take in a column of a block."""
        self._distinct[column.name].add(column, kind.present)
        self._amounts[column.name].add(column, kind)

    def complete(self, columns: Sequence[ColumnFacts]) -> tuple[tuple[ColumnFacts, ...], dict[str, int]]:
        """Complete the facts, and tell how many rows of each column hold what another row holds too."""
        repeated = {}
        facts = []
        for fact in columns:
            distinct, repeated[fact.name] = self._distinct[fact.name].numbers
            amounts = self._amounts[fact.name]
            lacking = fact.not_assessed
            if not amounts.whole:
                lacking = (*lacking, f"quantiles of {fact.name}: too many different values")
            number = fact.minimum is not None and fact.physical in ("integer", "decimal")
            known = {"distinct": distinct, "not_assessed": lacking}
            facts.append(fact.model_copy(update=known | ({"quantiles": amounts.quantiles} if number else {})))
        return tuple(facts), repeated


def ask_engine(facts: ColumnFacts, engine: IbisEngine) -> ColumnFacts:
    """Replace what blocks or a sample cannot tell by what the engine says of all rows.

    Distinct values less the disguises and blanks that the blocks found; quantiles of numbers. What the
    engine lacks stays in ``not_assessed``.
    """
    lacking: list[str] = []
    known: dict[str, Any] = {}

    def ask(name: str, question: Callable[[], Any]) -> None:
        try:
            known[name] = question()
        except NotAssessed as problem:
            lacking.append(str(problem))

    ask("distinct", lambda: engine.distinct(facts.name))
    if facts.quantiles or (facts.semantic == "quantity" and facts.physical in ("integer", "decimal")):
        ask("quantiles", lambda: tuple(engine.quantile(facts.name, share) for share in QUANTILES))
    if None in known.get("quantiles", ()):
        known.pop("quantiles")
    return facts.model_copy(update={**known, "not_assessed": tuple(lacking)})
