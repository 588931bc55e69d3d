"""Near copies within one table: records that are one but for a misspelt, shortened or missing text and a number of their own.

Two records are near copies where they say the same in all columns but at most `APART` of texts, and are alike in
those. That such a likeness is no chance is read from the table: of the pairs that agree in all the other columns
most must be alike in these as well, or agreeing there says nothing (Fellegi and Sunter, JASA 64 (1969), judge a
pattern of agreement by how often it occurs among records that are not the same; here the table counts it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import DamerauLevenshtein
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from assess.core.places import distinct
from assess.core.record import Record
from assess.evidence.quality.column import Column
from assess.evidence.quality.column.facts import ColumnFacts
from assess.evidence.quality.column.texts import Prints, find_repeating, salt_prints
from assess.evidence.quality.table import Frame, Table, same_frames

from .check import Check
from .uniqueness import LISTED, NEARLY, Duplicates, is_identifier, tells_rows_apart

Places = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

APART = 3
"""Columns at most in which near copies differ."""
COMPARISONS = 1 << 25
"""Row prints that a search may sort: longer and wider tables are searched for fewer differing columns."""
FEWEST_LETTERS = 4
"""Letters below which a text that differs is another."""
SLIPS, LETTERS_A_SLIP = 2, 6
"""Slips at most (a letter lost, added, replaced or exchanged: Damerau, Communications of the ACM 7, 1964), and letters for each."""
RARE = 3
"""Rows that hold a text that tells records apart, at most."""
MOSTLY = 0.5
"""Share of the pairs that agree in the other columns that must be alike in these."""
WORD, DIGITS = re.compile(r"[^\W_]+"), re.compile(r"\d+")
PHYSICAL_TEXT = "text"


class NearCopies(Record):
    """The records that a table holds several times, exactly or nearly.

    Parameters
    ----------
    table, rows
        Its name and rows.
    clusters
        Records of groups of two and more: cluster (from 0), row, columns (those in which it differs from the
        record of its group that it is nearest to; empty where it differs in none).
    searched
        Columns in which copies may differ, at most; 0 where the table is too long or wide to look for any.
    """

    table: str
    rows: int
    clusters: Frame
    searched: int = APART

    @property
    def surplus(self) -> int:
        """Records beyond the first of each group."""
        return len(self.clusters) - int(self.clusters["cluster"].nunique())

    def differing(self) -> Duplicates | None:
        """Return the records that differ in a text from an earlier one, or from one that others repeat exactly; None if there are none."""
        near = self.clusters[self.clusters["columns"] != ""]
        if not len(near):
            return None
        exact_first = self.clusters.sort_values(
            ["columns", "row"], key=lambda c: c != "" if c.name == "columns" else c, kind="stable"
        )
        kept = exact_first.groupby("cluster")["row"].first()
        near = near.assign(of=near["cluster"].map(kept))
        near = near[near["of"] != near["row"]]
        names = near["columns"].value_counts().index
        return Duplicates(
            kind="near", columns=tuple(dict.fromkeys(name for text in names for name in text.split(", "))),
            groups=int(near["cluster"].nunique()), surplus=len(near),
            rows=tuple(near["row"].tolist()[:LISTED]), of=tuple(near["of"].tolist()[:LISTED]),
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NearCopies):
            return NotImplemented
        mine, others = ((r.table, r.rows, r.searched) for r in (self, other))
        return mine == others and same_frames(self.clusters, other.clusters)


def find_own_numbers(facts: Sequence[ColumnFacts]) -> list[str]:
    """Return the columns that number the records: a copy has a number of its own."""
    return [f.name for f in facts if (f.unique_share or 0.0) >= NEARLY and is_identifier(f)]


def find_near_copies(table: Table, facts: Sequence[ColumnFacts]) -> NearCopies:
    """Find the records that a table holds several times, exactly or nearly, in groups of any size.

    Parameters
    ----------
    table
        The whole table.
    facts
        Of its columns, in their order.

    Notes
    -----
    Case, spaces and punctuation never count. Columns whose values number the records are left out, for a copy
    has a number of its own; of several such columns at least half must agree. Numbers and days have to be equal.
    """
    own = find_own_numbers(facts)
    compared = [f for f in facts if f.name not in own and f.present and f.distinct > 1]
    if table.rows < 2 or len(compared) < 2:
        return NearCopies(table=table.name, rows=table.rows, clusters=_no_clusters(), searched=0)
    search = _Search(table, compared, own)
    pairs = list(search.pairs())
    return NearCopies(
        table=table.name, rows=table.rows, clusters=group_pairs(pairs, table.rows), searched=search.apart
    )


class _Search:
    def __init__(self, table: Table, compared: Sequence[ColumnFacts], own: Sequence[str]) -> None:
        self.table = table
        self.names = [f.name for f in compared]
        self.texts = [f.name for f in compared if f.physical == PHYSICAL_TEXT]
        self.prints = {
            name: _print_rows(table.column(name), place) for place, name in enumerate(self.names, 1)
        }
        self.numbers = {name: _print_rows(table.column(name), 0) for name in own}
        self.total = self._add(self.names)
        self.apart = self._most_apart()

    def _add(self, names: Sequence[str]) -> Prints:
        total = np.zeros(self.table.rows, np.uint64)
        for name in names:
            total += self.prints[name]
        return total

    def _most_apart(self) -> int:
        """How many columns may differ: as many as `COMPARISONS` allow, and always fewer than agree."""
        most, sets = min(APART, (len(self.names) - 1) // 2, len(self.texts)), 0
        for size in range(1, most + 1):
            sets += sum(1 for _ in combinations(self.texts, size))
            if sets * self.table.rows > COMPARISONS:
                return size - 1
        return most

    def pairs(self) -> Iterator[tuple[tuple[str, ...], Places, Places]]:
        """The columns in which pairs differ, and the pairs' rows."""
        if tells_rows_apart(self.table, self.names, self.table.rows):
            rows, partners = _pair_up(self.total, self.table.rows)
            alike = self._numbered_alike(rows, partners)
            yield (), rows[alike], partners[alike]
        for size in range(1, self.apart + 1):
            for differing in combinations(self.texts, size):
                found = self._differing(differing)
                if found is not None and len(found[0]):
                    yield (differing, *found)

    def _differing(self, names: tuple[str, ...]) -> tuple[Places, Places] | None:
        rest: Prints = np.subtract(self.total, self._add(names))
        rows, partners = _pair_up(rest, self.table.rows)
        other = np.ones(len(rows), bool)
        for name in names:
            other &= self.prints[name][rows] != self.prints[name][partners]
        rows, partners = rows[other], partners[other]
        if not len(rows):
            return None
        alike = np.ones(len(rows), bool)
        known = self._known(rows, partners, names)
        for name in names:
            at = np.flatnonzero(alike)
            alike[at] = find_alike(self.table.column(name), rows[at], partners[at], known[at])
            if alike.sum() < MOSTLY * len(rows):
                return None
        alike &= self._numbered_alike(rows, partners)
        return rows[alike], partners[alike]

    def _known(self, rows: Places, partners: Places, names: tuple[str, ...]) -> Marks:
        """Where records agree in a text that hardly another holds, so that less alike texts suffice."""
        known = np.zeros(len(rows), bool)
        for name in self.names:
            if name not in names:
                column = self.table.column(name)
                known |= (column.counts[column.codes[rows]] <= RARE) & _filled(column)[column.codes[rows]]
        return known

    def _numbered_alike(self, rows: Places, partners: Places) -> Marks:
        """Where at most half of the records' own numbers differ: one may, of one or two."""
        if not self.numbers:
            return np.ones(len(rows), bool)
        differ = np.sum([prints[rows] != prints[partners] for prints in self.numbers.values()], axis=0)
        return np.asarray(differ <= max(1, len(self.numbers) // 2), bool)


def _print_rows(column: Column, salt: int) -> Prints:
    return salt_prints(column.plain_prints, salt)[column.codes]


def _filled(column: Column) -> Marks:
    return np.asarray(
        pc.greater(pc.utf8_length(pc.fill_null(column.texts, "")), 0).to_numpy(zero_copy_only=False)
    )


def _pair_up(prints: Prints, rows: int) -> tuple[Places, Places]:
    """Return the pairs of rows of equal prints, each once; none where there are more than rows: such prints tell nothing."""
    nothing = np.empty(0, np.int64)
    among = find_repeating(prints)
    if not len(among):
        return nothing, nothing
    order = among[np.argsort(prints[among], kind="stable")]
    starts = np.flatnonzero(np.r_[True, prints[order[1:]] != prints[order[:-1]]])
    sizes = np.diff(np.r_[starts, len(order)])
    if (sizes * (sizes - 1) // 2).sum() > rows:
        return nothing, nothing
    group = np.repeat(np.arange(len(sizes)), sizes)
    found = []
    for step in range(1, int(sizes.max())):
        same = np.flatnonzero(group[step:] == group[:-step])
        found.append((order[same], order[same + step]))
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])


def find_alike(column: Column, rows: Places, partners: Places, known: Marks) -> Marks:
    """Return which pairs of rows hold texts that one person may have meant alike, shape (pairs,).

    Parameters
    ----------
    known
        Where the records agree in something that tells them apart: then a text may also be missing, shortened or longer
        by a word.
    """
    filled = pc.fill_null(column.texts, "")
    held = (
        filled.take(pa.array(column.codes[rows])).to_pylist(),
        filled.take(pa.array(column.codes[partners])).to_pylist(),
    )
    rarer = np.minimum(column.counts[column.codes[rows]], column.counts[column.codes[partners]]) <= RARE
    return np.array(
        [
            bool(rare) and are_alike(one, other, known=bool(sure))
            for one, other, rare, sure in zip(*held, rarer, known, strict=True)
        ],
        bool,
    )


def are_alike(one: str, other: str, *, known: bool = False) -> bool:
    """Whether two texts differ by slips, or, of records ``known`` to agree, by a missing, shortened or added word.

    >>> are_alike("Grosvenor House", "Grosvenr House"), are_alike("Route 12", "Route 13"), are_alike("Hall A", "Hall B")
    (True, False, False)
    >>> are_alike("Main Street 4", "Main St. 4"), are_alike("Main Street 4", "Main St. 4", known=True)
    (False, True)
    """
    one, other = " ".join(one.casefold().split()), " ".join(other.casefold().split())
    if not one or not other:
        return known
    if DIGITS.findall(one) != DIGITS.findall(other):
        return False
    letters = max(len(one), len(other))
    allowed = min(SLIPS, max(1, letters // LETTERS_A_SLIP))
    if letters >= FEWEST_LETTERS and DamerauLevenshtein.distance(one, other, score_cutoff=allowed) <= allowed:
        return _same_initials(one, other)
    if not known:
        return False
    few, many = sorted(
        (WORD.findall(one), WORD.findall(other)), key=lambda words: (len(words), sum(map(len, words)))
    )
    return _stand_for(few, many)


def _same_initials(one: str, other: str) -> bool:
    """Whether the words of one letter are the same: they tell one hall from the next."""
    single = [[word for word in WORD.findall(text) if len(word) == 1] for text in (one, other)]
    return single[0] == single[1]


def _stand_for(few: list[str], many: list[str]) -> bool:
    """Whether each of a few words begins one of many of their own, one word more at most."""
    if not few or len(many) - len(few) > 1:
        return False
    left = list(many)
    for word in few:
        held = next((w for w in left if w == word), None) or next(
            (w for w in left if len(word) > 1 and w.startswith(word)), None
        )
        if held is None:
            return False
        left.remove(held)
    return True


def _no_clusters() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cluster": pd.Series(dtype=np.int64),
            "row": pd.Series(dtype=np.int64),
            "columns": pd.Series(dtype=object),
        }
    )


def group_pairs(pairs: Sequence[tuple[tuple[str, ...], Places, Places]], size: int) -> pd.DataFrame:
    """Join pairs to groups, with the columns in which each row differs from the one that it is nearest to."""
    if not any(len(rows) for _, rows, _ in pairs):
        return _no_clusters()
    rows = np.concatenate([rows for _, rows, _ in pairs])
    partners = np.concatenate([partners for _, _, partners in pairs])
    links = coo_matrix((np.ones(len(rows), np.int8), (rows, partners)), shape=(size, size))
    _, label = connected_components(links, directed=False)
    differing = np.full(size, "", object)
    for names, one, other in reversed(pairs):
        differing[np.r_[one, other]] = ", ".join(names)
    members = distinct(np.r_[rows, partners])
    first = {
        group: int(row)
        for row, group in reversed(list(zip(members.tolist(), label[members].tolist(), strict=True)))
    }
    order = sorted(members.tolist(), key=lambda row: (first[label[row]], row))
    cluster = pd.factorize(np.array([first[label[row]] for row in order]))[0]
    return pd.DataFrame(
        {"cluster": cluster.astype(np.int64), "row": np.array(order, np.int64), "columns": differing[order]}
    )


NEAR_COPIES = Check(
    name="near copies",
    scope="table",
    subject="Key",
    title="nearly repeat an earlier row",
    matters="One customer or part stands there twice under two spellings: it is written to twice, counted twice, and its history is split.",
    action="Look at the pairs, decide by rule which record and which field survives, and merge before loading.",
)
