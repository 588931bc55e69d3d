"""A column of very many different values, cut to those that can tell something, for judges that look at each.

What stays as it is: every value whose mask is rare, the most frequent values, of numbers the tails and
what is no number, and evenly spread ones of the rest. All other values are counted as one of the kept ones
of the same mask (of numbers: as their nearest). Nothing that was merged is ever reported: only rows whose
own value was kept.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .column import Column
from .detectors.suspicion import Suspicion
from .table import Table
from .types import ColumnType

Places = npt.NDArray[np.int64]

MOST = 8_000
"""Distinct values of a column that are judged one by one."""
RARE, FREQUENT, TAIL, EVEN = 1_000, 300, 300, 700
"""Values kept of a larger column: of rare masks, frequent ones, of each tail, evenly spread."""

BY_ROW = frozenset({"arithmetic", "order"})
"""Checks that judge every row by the values it really holds, cut or not."""


class ReducedTable(Table):
    """A table whose largest columns are cut.

    Parameters
    ----------
    table
        The table.
    kinds
        Types of its columns, in order.
    """

    def __init__(self, table: Table, kinds: tuple[ColumnType, ...]) -> None:
        super().__init__(table.name, table.store, table.reading)
        self._kept: dict[str, npt.NDArray[np.bool_]] = {}
        self._held: dict[str, tuple[Column, ColumnType]] = {}
        for name, kind in zip(table.columns, kinds, strict=True):
            column = table.column(name)
            self._held[name] = column, kind
            if column.distinct > MOST:
                column, self._kept[name] = reduced(column, kind)
            self._encoded[name] = column

    def held(self, name: str) -> tuple[Column, ColumnType | None]:
        """Return a column with all its values, and what it holds."""
        return self._held[name]

    @property
    def cut(self) -> tuple[str, ...]:
        """What is to be said of the columns that were cut."""
        return tuple(
            f"single values of {name}: of more than {MOST:,} different ones a selection was judged one by one, "
            "the others by their masks"
            for name in self._kept
        )

    def own(self, found: Suspicion) -> Suspicion:
        """Keep what is suspected of rows whose own value was judged."""
        kept = self._kept.get(found.column)
        if kept is None or found.check in BY_ROW:
            return found
        return found.where(kept[found.rows])


def reduced(column: Column, kind: ColumnType) -> tuple[Column, npt.NDArray[np.bool_]]:
    """Cut a column.

    Returns
    -------
    column, kept
        The column with fewer values, and a mask of shape (rows,) of the rows that still hold their own.
    """
    if kind.numbers is not None and kind.semantic == "quantity":
        keep, target = _numbers(column, kind)
    else:
        keep, target = _texts(column)
    places = np.flatnonzero(keep)
    new = np.full(column.distinct, -1, np.int64)
    new[places] = np.arange(len(places))
    mapped = np.where(keep, new, new[target]).astype(np.int32)
    counts = np.bincount(mapped, weights=column.counts, minlength=len(places)).astype(np.int64)
    smaller = Column(column.name, column.texts.take(pa.array(places)), counts, mapped[column.codes])
    return smaller, keep[column.codes]


def _frequent(column: Column) -> Places:
    return np.argsort(-column.counts, kind="stable")[:FREQUENT]


def _even(places: Places, number: int) -> Places:
    if len(places) <= number:
        return places
    return places[np.linspace(0, len(places) - 1, number).astype(np.int64)]


def _texts(column: Column) -> tuple[npt.NDArray[np.bool_], Places]:
    codes, labels = column.masked
    rows = np.bincount(codes, weights=column.counts, minlength=len(labels))
    distinct = np.bincount(codes, minlength=len(labels))
    rising = np.argsort(rows, kind="stable")
    rare = np.zeros(len(labels), bool)
    rare[rising[np.cumsum(distinct[rising]) <= RARE]] = True
    keep = rare[codes]
    keep[_frequent(column)] = True
    keep[_even(np.arange(column.distinct), EVEN)] = True
    keep[np.unique(codes, return_index=True)[1]] = True
    order = np.lexsort((~keep, codes))
    first = order[np.concatenate([[True], np.diff(codes[order]) > 0])]
    stand_in = _spread(np.flatnonzero(keep), codes)
    target = np.where(stand_in >= 0, stand_in, first[codes])
    return keep, target


def _spread(kept: Places, codes: npt.NDArray[np.int32]) -> Places:
    """For each value a kept one of its mask, the kept ones in turn."""
    order = kept[np.argsort(codes[kept], kind="stable")]
    kinds, starts, sizes = np.unique(codes[order], return_index=True, return_counts=True)
    start = np.full(int(codes.max()) + 1, -1, np.int64)
    size = np.ones(int(codes.max()) + 1, np.int64)
    start[kinds], size[kinds] = starts, sizes
    turn = np.arange(len(codes)) % size[codes]
    at = start[codes]
    return np.where(at >= 0, order[np.minimum(np.maximum(at, 0) + turn, len(order) - 1)], -1)


def _numbers(column: Column, kind: ColumnType) -> tuple[npt.NDArray[np.bool_], Places]:
    assert kind.numbers is not None
    fine = kind.conforms
    keep, target = _texts(column)
    keep &= ~fine
    rising = np.flatnonzero(fine)[np.argsort(kind.numbers.worth[fine], kind="stable")]
    keep[rising[:TAIL]] = keep[rising[-TAIL:]] = True
    keep[_even(rising, EVEN)] = True
    keep[_frequent(column)] = True
    at = np.flatnonzero(keep[rising])
    nearest = at[np.searchsorted(at, np.arange(len(rising)), side="right").clip(1, len(at)) - 1]
    target[rising] = rising[nearest]
    odd = ~fine & ~keep
    if odd.any():
        other = np.flatnonzero(keep & ~fine)
        target[odd] = other[0] if len(other) else rising[0]
    return keep, target


def shifted(found: Suspicion, start: int) -> Suspicion:
    """Return a suspicion of a block with the rows of the whole table."""
    return replace(found, rows=found.rows + start)
