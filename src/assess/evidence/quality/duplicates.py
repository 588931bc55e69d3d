"""Rows that occur twice: exactly, or but for case, spaces and punctuation, or but for their own key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from assess.core.record import Record

from .fingerprint import Prints, repeating
from .rows import fingerprints, plain
from .spool import Spool
from .table import Table

BY_CHANCE = 0.001
"""Share of rows that may have a twin by chance for twins to be held for duplicates."""
LISTED = 1_000
"""Rows of duplicates that are listed of each kind."""
AT_ONCE = 4_000_000
"""Rows that are compared further at once."""

Places = npt.NDArray[np.int64]


class Duplicates(Record):
    """Rows that say the same as another.

    Parameters
    ----------
    kind
        ``exact``; ``format``: equal when case, spaces and punctuation are forgotten.
    columns
        The columns that were compared: all, or all but those whose every value is another.
    groups
        Groups of equal rows.
    surplus
        Rows beyond the first of their group: what would go.
    rows
        Their row numbers, at most `LISTED`.
    """

    kind: str
    columns: tuple[str, ...]
    groups: int
    surplus: int
    rows: tuple[int, ...] = ()


class Search:
    """Looks for duplicates block by block; what it remembers of each row goes to a file when that is much.

    First the columns of few values are compared, where these tell rows apart, and then the others in the
    rows that agree on those.

    Parameters
    ----------
    columns
        The columns to compare.
    rows
        Rows of the whole table.
    folder
        Where the file goes; empty for the system's place.
    """

    def __init__(self, columns: Sequence[str], rows: int, folder: str = "") -> None:
        self.columns = tuple(columns)
        self.rows = rows
        self._first: tuple[str, ...] | None = None
        self._spool = Spool(2, folder)

    def look(self, block: Table) -> None:
        """Take in the rows of a block, in order."""
        if not self.columns:
            return
        if self._first is None:
            few = tuple(name for name in self.columns if block.column(name).distinct <= block.rows / 10)
            self._first = few if few and telling(block, few, self.rows) else self.columns
        self._spool.append(fingerprints(block, self._first, plain), fingerprints(block, self._first))

    def found(self, blocks: Callable[[], Iterable[Table]]) -> tuple[Duplicates, ...]:
        """What was found, exact duplicates first; those are left out of the others.

        Parameters
        ----------
        blocks
            Gives the same blocks again, for the rows in which not all columns have been compared.
        """
        found: dict[str, tuple[int, list[Places]]] = {"exact": (0, []), "format": (0, [])}
        for rows, prints in self._agreeing():
            if self._first != self.columns:
                prints = prints + self._rest(blocks(), rows)
            for kind, groups, surplus in judged(rows, prints):
                found[kind] = (found[kind][0] + groups, [*found[kind][1], surplus])
        return tuple(
            self._told(kind, groups, np.sort(np.concatenate(surplus)))
            for kind, (groups, surplus) in found.items()
            if groups
        )

    def _told(self, kind: str, groups: int, surplus: Places) -> Duplicates:
        some = tuple(int(row) for row in surplus[:LISTED])
        return Duplicates(kind=kind, columns=self.columns, groups=groups, surplus=len(surplus), rows=some)

    def _agreeing(self) -> Iterator[tuple[Places, Prints]]:
        """Rows, ascending, that agree with another on what was compared first, and their prints."""
        held: list[tuple[Places, Prints]] = []
        for rows, prints in self._spool.parts():
            some = repeating(prints[:, 0])
            held.append((rows[some], prints[some]))
            if sum(len(part) for part, _ in held) > AT_ONCE:
                yield _together(held)
                held = []
        if any(len(part) for part, _ in held):
            yield _together(held)

    def _rest(self, blocks: Iterable[Table], rows: Places) -> Prints:
        """Prints of some rows over the columns that were not compared first, shape (rows, 2)."""
        assert self._first is not None
        rest = [name for name in self.columns if name not in self._first]
        prints = np.zeros((len(rows), 2), np.uint64)
        start = 0
        for block in blocks:
            low, high = np.searchsorted(rows, [start, start + block.rows])
            if high > low:
                mine = rows[low:high] - start
                prints[low:high, 0] = fingerprints(block, rest, plain, mine)
                prints[low:high, 1] = fingerprints(block, rest, None, mine)
            start += block.rows
        return prints


def _together(parts: list[tuple[Places, Prints]]) -> tuple[Places, Prints]:
    rows = np.concatenate([rows for rows, _ in parts])
    prints = np.concatenate([prints for _, prints in parts])
    order = np.argsort(rows, kind="stable")
    return rows[order], prints[order]


def judged(rows: Places, prints: Prints) -> list[tuple[str, int, Places]]:
    """Tell the kinds of duplicates among some rows.

    Parameters
    ----------
    rows, prints
        Row numbers, ascending, and their prints but for format and exactly, shape (n, 2).

    Returns
    -------
    list of (kind, groups, surplus)
        Groups of equal rows, and the rows beyond the first of each.
    """
    exact = later(prints[:, 1])
    loose = later(prints[:, 0])
    loose = loose[~np.isin(loose, exact, assume_unique=True)]
    return [
        (kind, len(np.unique(prints[places, side])), rows[places])
        for kind, side, places in (("exact", 1, exact), ("format", 0, loose))
        if len(places)
    ]


def telling(table: Table, columns: Sequence[str], rows: int) -> bool:
    """Whether columns tell rows apart so well that equal rows are hardly equal by chance.

    With independent columns two rows agree with probability 2**-H, H the sum of the columns' collision
    entropies (Renyi 1961); by chance fewer than `BY_CHANCE` of the rows may have a twin.

    Parameters
    ----------
    table
        The table, or a block of it.
    columns
        The columns.
    rows
        Rows of the whole table.
    """
    bits = 0.0
    for name in columns:
        share = table.column(name).counts / table.rows
        bits -= float(np.log2((share**2).sum()))
    return bool(np.log2(rows / 2) - bits <= np.log2(BY_CHANCE))


def later(prints: Prints) -> npt.NDArray[np.int64]:
    """Return the rows whose fingerprint occurred in a row before, ascending.

    >>> later(np.array([5, 7, 5, 5, 8], np.uint64)).tolist()
    [2, 3]
    """
    among = repeating(prints)
    _, first = np.unique(prints[among], return_index=True)
    return np.delete(among, first)
