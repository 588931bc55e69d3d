"""What tells rows apart: candidate keys, and rows that occur twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from assess.core.places import distinct, pick_evenly
from assess.core.record import Record
from assess.evidence.quality.column.facts import ColumnFacts
from assess.evidence.quality.column.texts import Prints, Spool, find_repeating, fingerprint_plain, salt_prints
from assess.evidence.quality.table import Table
from assess.evidence.quality.types.numbers import DENSE

from .check import Check
from .mixtures import POSTCODE


def fingerprint_rows(
    table: Table,
    columns: Sequence[str],
    rows: npt.NDArray[np.int64] | None = None,
    *,
    plain: bool = False,
) -> Prints:
    """Return a 64-bit fingerprint of each row over some columns, shape (rows,).

    The print over some columns plus that over others is the print over both. Two different rows share one with probability 2**-64; of 50 million rows a chance pair is expected
    once in 15,000 tables.

    Parameters
    ----------
    rows
        Rows to look at, ascending; default all.
    plain
        Whether case, spaces and punctuation are forgotten, see `fingerprint_plain`.
    """
    prints = np.zeros(table.rows if rows is None else len(rows), np.uint64)
    salts = {name: place for place, name in enumerate(table.columns, start=1)}
    for name in columns:
        column = table.column(name)
        codes = column.codes if rows is None else column.codes[rows]
        if not plain:
            own = column.prints
        elif rows is None:
            own = column.plain_prints
        else:
            seen, places = np.unique(codes, return_inverse=True)
            codes = places.astype(np.int32)
            own = fingerprint_plain(column.texts.take(pa.array(seen)))
        prints += salt_prints(own, salts[name])[codes]
    return prints


NEARLY = 0.98
"""Share of distinct values from which a column is held for a key that was broken."""
PAIRED = 5
"""Columns of the most distinct values that are tried in pairs where no single one is a key."""


class Key(Record):
    """Columns that tell rows apart.

    Parameters
    ----------
    columns
        One or two columns.
    unique
        Distinct values to rows that hold one.
    repeated
        Rows whose value occurs in another row too.
    empty
        Rows without a value.
    """

    columns: tuple[str, ...]
    unique: float
    repeated: int
    empty: int

    @property
    def holds(self) -> bool:
        """Whether every row has a value of its own."""
        return not self.repeated and not self.empty


ALIKE, MASKS = 0.8, 3
"""Share of an identifier's values that its most frequent masks hold, and their number."""
LONG = 6
"""Digits from which on numbers of one length are identifiers rather than amounts."""


def is_identifier(facts: ColumnFacts) -> bool:
    """Whether a column's values are made to tell records apart: codes of few masks, or numbers that were counted up.

    Names, titles and amounts may be unique and are none; a postcode tells a place, also in a list of places.
    """
    if not facts.present or facts.physical in ("decimal", "date", "timestamp") or POSTCODE.search(facts.name):
        return False
    if facts.physical == "integer":
        limits = facts.minimum, facts.maximum
        dense = None not in limits and float(limits[1] or 0) - float(limits[0] or 0) <= DENSE * facts.distinct
        main = facts.top_masks[0]
        return dense or (
            len(main.label) >= LONG and set(main.label) == {"9"} and main.rows >= ALIKE * facts.present
        )
    coded = [
        m.rows
        for m in facts.top_masks[:MASKS]
        if " " not in m.label and ("9" in m.label or m.label.isupper())
    ]
    return sum(coded) >= ALIKE * facts.present


def single_key(facts: ColumnFacts, repeated_rows: int) -> Key | None:
    """Return the key that a column is or, of identifiers, nearly is; a measure, a date or a long text is none."""
    share = facts.unique_share
    telling = facts.present >= max(2, 0.95 * facts.rows)
    if share is None or share < NEARLY or not telling or facts.physical in ("decimal", "date", "timestamp"):
        return None
    if (facts.mean_length or 0) > 50:
        return None
    empty = facts.rows - facts.present
    if (repeated_rows or empty) and not is_identifier(facts):
        return None
    return Key(columns=(facts.name,), unique=round(share, 6), repeated=repeated_rows, empty=empty)


class PairSearch:
    """Looks block by block for pairs of columns that are a key together, where neither is one alone.

    Parameters
    ----------
    folder
        Where the prints of rows go when they are many; empty for the system's place.
    """

    def __init__(self, folder: str = "") -> None:
        self._folder = folder
        self._left: dict[tuple[str, str], Spool] | None = None

    def add(self, block: Table, facts: tuple[ColumnFacts, ...]) -> None:
        """Take in a block; a pair that repeats within it is none."""
        if self._left is None:
            self._left = {pair: Spool(1, self._folder) for pair in _likely(block, facts)}
        for pair in list(self._left):
            prints = fingerprint_rows(block, pair)
            if len(find_repeating(prints)):
                del self._left[pair]
            else:
                self._left[pair].append(prints)

    @property
    def found(self) -> tuple[Key, ...]:
        """The pairs of which no two rows of any blocks hold the same."""
        return tuple(
            Key(columns=pair, unique=1.0, repeated=0, empty=0)
            for pair, spool in (self._left or {}).items()
            if not any(len(find_repeating(prints[:, 0])) for _, prints in spool.parts())
        )


def _likely(table: Table, facts: tuple[ColumnFacts, ...]) -> list[tuple[str, str]]:
    useful = [
        f for f in facts
        if f.present == f.rows and f.distinct > 1 and f.physical not in ("decimal", "timestamp")
    ]  # fmt: skip
    useful.sort(key=lambda f: -f.distinct)
    found = []
    for one, other in combinations(useful[:PAIRED], 2):
        if one.distinct * other.distinct < 2 * table.rows:
            continue
        first, second = (name for name in table.columns if name in (one.name, other.name))
        found.append((first, second))
    return found


def count_repeated(counts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """Rows whose value occurs more than once, from the counts of the present distinct values.

    >>> count_repeated(np.array([1, 3, 1]))
    3
    """
    return int(counts[counts > 1].sum())


BY_CHANCE = 0.001
"""Share of rows that may have a twin by chance for twins to be held for duplicates."""
SAMPLED = 2_000
"""Different rows, evenly spread, by which it is seen what a column tells beyond another."""
MOST_OTHERS = 12
"""Columns, those that tell the most, that a column is held against."""
FEWEST_PAIRS = 30
"""Pairs of rows that must agree in a column before another is held against it."""
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
        ``exact``; ``format``: equal when case, spaces and punctuation are forgotten; ``near``: alike in all texts.
    columns
        The columns that were compared: all, or all but those whose every value is another; of near copies those that differ.
    groups
        Groups of equal rows.
    surplus
        Rows beyond the first of their group: what would go.
    rows
        Their row numbers, at most `LISTED`.
    of
        Of near copies the rows that those repeat, in the same order.
    """

    kind: str
    columns: tuple[str, ...]
    groups: int
    surplus: int
    rows: tuple[int, ...] = ()
    of: tuple[int, ...] = ()


class DuplicateSearch:
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
        self._taken = 0

    def add(self, block: Table) -> None:
        """Take in the rows of a block, in order."""
        if not self.columns:
            return
        if self._first is None:
            few = tuple(name for name in self.columns if block.column(name).distinct <= block.rows / 10)
            self._first = few if few and tells_rows_apart(block, few, self.rows) else self.columns
        prints = [fingerprint_rows(block, self._first, plain=loose) for loose in (True, False)]
        columns = [block.column(name) for name in self.columns]
        if all(column.blank.any() for column in columns):
            # rows that hold nothing but their number repeat nothing
            empty = np.all([column.blank[column.codes] for column in columns], axis=0)
            for some in prints:
                some[empty] = np.random.default_rng(self._taken).integers(
                    0, 1 << 63, int(empty.sum()), np.uint64
                )
        self._taken += block.rows
        self._spool.append(*prints)

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
            for kind, groups, surplus in judge_prints(rows, prints):
                found[kind] = (found[kind][0] + groups, [*found[kind][1], surplus])
        return tuple(
            self._describe(kind, groups, np.sort(np.concatenate(surplus)))
            for kind, (groups, surplus) in found.items()
            if groups
        )

    def _describe(self, kind: str, groups: int, surplus: Places) -> Duplicates:
        some = tuple(int(row) for row in surplus[:LISTED])
        return Duplicates(kind=kind, columns=self.columns, groups=groups, surplus=len(surplus), rows=some)

    def _agreeing(self) -> Iterator[tuple[Places, Prints]]:
        """Rows, ascending, that agree with another on what was compared first, and their prints."""
        held: list[tuple[Places, Prints]] = []
        for rows, prints in self._spool.parts():
            some = find_repeating(prints[:, 0])
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
                prints[low:high, 0] = fingerprint_rows(block, rest, mine, plain=True)
                prints[low:high, 1] = fingerprint_rows(block, rest, mine)
            start += block.rows
        return prints


def _together(parts: list[tuple[Places, Prints]]) -> tuple[Places, Prints]:
    rows = np.concatenate([rows for rows, _ in parts])
    prints = np.concatenate([prints for _, prints in parts])
    order = np.argsort(rows, kind="stable")
    return rows[order], prints[order]


def judge_prints(rows: Places, prints: Prints) -> list[tuple[str, int, Places]]:
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
    exact = find_later(prints[:, 1])
    loose = find_later(prints[:, 0])
    loose = loose[~np.isin(loose, exact, assume_unique=True)]
    return [
        (kind, len(distinct(prints[places, side])), rows[places])
        for kind, side, places in (("exact", 1, exact), ("format", 0, loose))
        if len(places)
    ]


def tells_rows_apart(table: Table, columns: Sequence[str], rows: int) -> bool:
    """Whether columns tell rows apart so well that equal rows are hardly equal by chance.

    Two rows agree with probability 2**-H, H the sum of the columns' collision entropies (Renyi 1961), of each only what it
    tells beyond any column before it: a town tells nothing where the postcode is the same. By chance fewer than
    `BY_CHANCE` of the rows may have a twin.

    Parameters
    ----------
    table
        The table, or a block of it.
    columns
        The columns.
    rows
        Rows of the whole table.
    """
    needed = float(np.log2(rows / 2) - np.log2(BY_CHANCE))
    shares = {name: table.column(name).counts / max(1, table.rows) for name in columns}
    whole = {name: -float(np.log2((share**2).sum())) for name, share in shares.items()}
    order = sorted(columns, key=lambda name: -whole[name])
    places = pick_evenly(table.rows, SAMPLED)
    codes = np.unique(
        np.column_stack([table.column(name).codes[places] for name in order]).astype(np.int64), axis=0
    )
    bits = 0.0
    for n, name in enumerate(order):
        further = whole[name]
        for other in codes.T[: min(n, MOST_OTHERS)]:
            agreeing = _equal_pairs(other)
            if agreeing >= FEWEST_PAIRS:
                both = _equal_pairs(other * (codes[:, n].max() + 1) + codes[:, n])
                further = min(further, -float(np.log2(max(both, 0.5) / agreeing)))
        bits += further
        if bits >= needed:
            return True
    return False


def _equal_pairs(codes: Places) -> float:
    """Pairs of rows that hold the same."""
    held = np.unique(codes, return_counts=True)[1]
    return float((held * (held - 1)).sum() / 2)


def find_later(prints: Prints) -> npt.NDArray[np.int64]:
    """Return the rows whose fingerprint occurred in a row before, ascending.

    >>> find_later(np.array([5, 7, 5, 5, 8], np.uint64)).tolist()
    [2, 3]
    """
    among = find_repeating(prints)
    _, first = np.unique(prints[among], return_index=True)
    return np.delete(among, first)


BROKEN_KEY = Check(
    name="broken key",
    scope="table",
    subject="Key",
    title="repeat or lack the key",
    matters="Records are updated twice, or onto each other, and joins multiply rows.",
    action="Decide which record survives, and enforce the key in the source.",
)


DUPLICATES = Check(
    name="duplicates",
    scope="table",
    subject="Key",
    title="repeat an earlier row",
    matters="The same fact arrives twice: amounts are counted double, customers are written to twice.",
    action="Drop the repeated rows, and find out which job writes them.",
)


DUPLICATES_BUT_FOR_FORMAT = Check(
    name="duplicates but for format",
    scope="table",
    subject="Key",
    title="repeat an earlier row but for case, spaces and punctuation",
    matters=("The same record exists twice under two spellings: no exact comparison will ever join them."),
    action="Normalise before loading, and decide which spelling survives.",
)
