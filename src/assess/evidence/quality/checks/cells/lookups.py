"""Fields that contradict what the target holds for the same key: dependencies learned there, applied here."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from assess.evidence.quality.checks.check import ValueCheck
from assess.evidence.quality.matching.forms import drop_leading_zeros, write_form
from assess.evidence.quality.matching.pair import CERTAIN, ColumnPair, Floats, Marks, posterior

Rows = npt.NDArray[np.int64]

FEWEST = 10
"""Rows of the source whose key the target holds, below which a dependency is not applied."""
AGREEING = 0.9
"""Agreement of a key's rows above chance (Cohen's kappa, Educational and Psychological Measurement 20, 1960) from which on it tells a
field, and share of joined rows that must agree before a key without repetitions in the target is believed."""
UNTOLD = 0.6
"""Confidence that the source is the wrong side where only one row of each side tells."""
SUPPORTS = (1, 2, 3)
"""Classes of support: one, two, three or more rows of the target that hold the key."""
SAMPLE = 20_000
"""Rows of the target on which dependencies are looked for before they are measured on all."""
CHANCE = 0.01
"""Probability, of all dependencies of two tables together, that one which is none is believed (Bonferroni)."""
PROMISING = 0.8
"""Share of sampled rows with a repeated key that must hold their key's majority."""


@dataclass(frozen=True, eq=False)
class LookupDependency:
    """A dependency of one column on another, applied to the source's rows.

    Parameters
    ----------
    key, field
        Places of the two columns.
    wrong
        Rows that contradict the target, ascending.
    sure
        Confidence of each.
    held
        Place of the target's value for each.
    told
        Rows for which the target says anything, shape (rows,).
    """

    key: int
    field: int
    wrong: Rows
    sure: Floats
    held: npt.NDArray[np.int64]
    told: Marks = dataclasses.field(repr=False)


@dataclass(frozen=True, eq=False)
class Contradiction:
    """A cell that contradicts what the target holds.

    Parameters
    ----------
    row, column
        The cell.
    sure
        Confidence.
    key
        Place of the column that tells; -1 where the cell is itself the key that fits nothing.
    held
        Place of the target's value, -1 if it is not known or columns tell different ones.
    """

    row: int
    column: int
    sure: float
    key: int
    held: int


def find_links(pairs: Sequence[ColumnPair], keys: frozenset[int] = frozenset()) -> list[LookupDependency]:
    """Return every dependency of the target that tells something about the source.

    Parameters
    ----------
    pairs
        The matched columns.
    keys
        Places of those that are known to join the two tables: only they are believed where a key
        occurs once in the target.
    """
    codes = [pair.place[pair.source.codes] for pair in pairs]
    found = []
    for key, field_ in _promising(pairs):
        link = _link(pairs, codes, key, field_, key in keys)
        if link is not None:
            found.append(link)
    return found


def _promising(pairs: Sequence[ColumnPair]) -> list[tuple[int, int]]:
    """Pairs of columns whose dependency holds in a sample of the target or joins the two tables."""
    if not pairs or not pairs[0].target.rows or not pairs[0].source.rows:
        return []
    step = max(1, pairs[0].target.rows // SAMPLE)
    sampled = [pair.target.codes[::step] for pair in pairs]
    telling = [
        (pair.seen[pair.source.codes] > 0).sum() >= FEWEST and len(pair.target.values) > 1 for pair in pairs
    ]
    wanted = []
    for key in range(len(pairs)):
        if telling[key]:
            fields = [f for f in range(len(pairs)) if f != key and len(pairs[f].target.values) > 1]
            wanted += [(key, f) for f in fields if _holds(sampled[key], sampled[f])]
    return wanted


def _holds(key: npt.NDArray[np.int32], field_: npt.NDArray[np.int32]) -> bool:
    """Whether repeated keys mostly hold one value of a field; keys without repetitions always do."""
    together = np.sort(key.astype(np.int64) << 32 | field_)
    starts = np.flatnonzero(np.r_[True, together[1:] != together[:-1]])
    sizes = np.diff(np.r_[starts, len(together)])
    keys = together[starts] >> 32
    firsts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    rows, most = np.add.reduceat(sizes, firsts), np.maximum.reduceat(sizes, firsts)
    repeated = rows > 1
    return not repeated.any() or bool(most[repeated].sum() >= PROMISING * rows[repeated].sum())


def _link(
    pairs: Sequence[ColumnPair], codes: list[Rows], key: int, field_: int, joining: bool
) -> LookupDependency | None:
    """Measure one dependency by support: contradictions in the source against the target's own."""
    pair = pairs[key]
    groups = _groups(pair, pairs[field_], joining, len(SUPPORTS) * len(pairs) * (len(pairs) - 1))
    asked = codes[key]
    known = asked >= 0
    place = np.where(known, asked, 0)
    told = known & groups.pure[place]
    if told.sum() < FEWEST:
        return None
    support = np.minimum(pair.target.counts[place], SUPPORTS[-1])
    wrong = told & (groups.value[place] != codes[field_])
    wrong[wrong] = ~_alike(pairs[field_], np.flatnonzero(wrong), groups.value[place[wrong]])
    sure = np.zeros(len(asked))
    for size in SUPPORTS:
        here = told & (support == size)
        sure[here & wrong] = _sure(groups, size, int(here.sum()), int((here & wrong).sum()))
    rows = np.flatnonzero(wrong & (sure > 0))
    told &= np.isin(support, [s for s in SUPPORTS if groups.trusted(s, told & (support == s), wrong)])
    if not told.any():
        return None
    return LookupDependency(key, field_, rows, sure[rows], groups.value[place[rows]], told)


def _alike(pair: ColumnPair, rows: Rows, held: Rows) -> Marks:
    """Whether rows hold what the target holds but for case, signs and leading zeros: no other fact."""
    codes = pair.source.codes[rows]
    mine, theirs = (
        write_form(pair.source, drop_leading_zeros)[codes],
        write_form(pair.target, drop_leading_zeros)[held],
    )
    return np.asarray((mine == theirs) & (theirs != ""), bool)


@dataclass(frozen=True, eq=False)
class _Groups:
    """What the target holds for each of its keys.

    Parameters
    ----------
    value
        Place of the field's most frequent value, shape (keys,).
    pure
        Whether all rows of the key hold it, and it is not blank.
    judged, contradicting
        By support: rows of the target that the key's other rows judge, and those that contradict them.
    holds
        By support: whether the key tells the field, far better than any other row would, and more surely than one of so many
        dependencies does by chance.
    joining
        Whether the key is known to join the two tables.
    """

    value: Rows
    pure: Marks
    judged: tuple[int, ...]
    contradicting: tuple[int, ...]
    holds: tuple[bool, ...]
    joining: bool

    def trusted(self, size: int, here: Marks, wrong: Marks) -> bool:
        """Whether agreement at this support speaks for a cell."""
        return _sure(self, size, int(here.sum()), max(1, int((here & wrong).sum()))) > 0


def _sure(groups: _Groups, size: int, told: int, wrong: int) -> float:
    if not told or not wrong:
        return 0.0
    judged, contradicting = groups.judged[size - 1], groups.contradicting[size - 1]
    if judged < FEWEST:
        agreeing = told >= FEWEST and wrong <= (1 - AGREEING) * told
        return UNTOLD if groups.joining and agreeing else 0.0
    if not groups.holds[size - 1]:
        return 0.0
    return float(posterior(np.array([float(wrong)]), np.array([float(contradicting)]), 0, told, judged)[0])


def _groups(key: ColumnPair, field_: ColumnPair, joining: bool, tried: int) -> _Groups:
    """What the target holds for each key; its rule is believed, of so many that are tried, as `holds` says.

    Where s other rows of a key agree, another row contradicts them by chance with probability sum(p^s (1 - p)) / sum(p^s), p the shares of the field's values; each row of
    a key beyond the first is a trial.
    """
    size = len(field_.target.values)
    together, rows = np.unique(
        key.target.codes.astype(np.int64) * size + field_.target.codes, return_counts=True
    )
    keys, values = together // size, together % size
    order = np.lexsort((rows, keys))
    value = np.zeros(len(key.target.values), np.int64)
    value[keys[order]] = values[order]
    kinds = np.bincount(keys, minlength=len(value))
    all_rows = key.target.counts
    judged, contradicting, holds = [0, 0, 0], [0, 0, 0], [False, False, False]
    shares = field_.target.counts / field_.target.counts.sum()
    lone = np.bincount(keys, weights=rows == 1, minlength=len(value)).astype(np.int64)
    for support in SUPPORTS:
        last = support == SUPPORTS[-1]
        here = (all_rows - 1 >= support) if last else (all_rows - 1 == support)
        pure, split = here & (kinds == 1), here & (kinds == 2) & (lone >= 1)
        contradicting[support - 1] = int(lone[split].sum())
        judged[support - 1] = int(all_rows[pure].sum()) + contradicting[support - 1]
        by_chance = float((shares**support * (1 - shares)).sum() / (shares**support).sum())
        few = contradicting[support - 1] <= (1 - AGREEING) * by_chance * judged[support - 1]
        luck = (
            binom.cdf(int(split.sum()), int((all_rows[pure] - 1).sum() + split.sum()), by_chance)
            if few
            else 1.0
        )
        holds[support - 1] = bool(luck <= CHANCE / tried)
    telling = (kinds == 1) & ~field_.target.blank[value]
    if field_.sound is not None:
        telling &= field_.sound[value]
    return _Groups(value, telling, tuple(judged), tuple(contradicting), tuple(holds), joining)


def blame_cells(
    found: Sequence[LookupDependency], suspected: npt.NDArray[np.bool_], keys: frozenset[int] = frozenset()
) -> list[Contradiction]:
    """Decide which cells of each contradiction are wrong.

    Parameters
    ----------
    found
        What `find_links` found.
    suspected
        Cells that are already held for wrong, shape (rows, columns): they explain their contradictions.
    keys
        Places of the columns that are known to join the two tables.

    Notes
    -----
    A contradiction of a key and a field says that one of the two is wrong. The fewest cells that explain
    all contradictions of a row are blamed (greedy vertex cover, the principle of minimal repair in
    Kolahi and Lakshmanan, ICDT 2009); of equals, the one that fewer other columns speak for. A key's
    contradictions are weighed by their share of what it tells: one that agrees in all fields but two is
    right. A tie that nothing breaks halves the confidence of both.
    """
    edges: dict[int, list[tuple[int, int, float, int]]] = {}
    for link in found:
        fresh = ~suspected[link.wrong, link.key] & ~suspected[link.wrong, link.field]
        for row, sure, held in zip(
            link.wrong[fresh].tolist(), link.sure[fresh].tolist(), link.held[fresh].tolist(), strict=True
        ):
            edges.setdefault(row, []).append((link.key, link.field, sure, held))
    told = _told(found, suspected.shape)
    return [cell for row in sorted(edges) for cell in _cover(row, edges[row], told[row], keys)]


def _told(found: Sequence[LookupDependency], shape: tuple[int, ...]) -> npt.NDArray[np.int16]:
    """Number of dependencies that say anything about each cell."""
    told = np.zeros(shape, np.int16)
    for link in found:
        told[:, link.key] += link.told
        told[:, link.field] += link.told
    return told


def _cover(
    row: int, edges: list[tuple[int, int, float, int]], told: npt.NDArray[np.int16], keys: frozenset[int]
) -> list[Contradiction]:
    blamed = []
    while edges:
        degree = Counter(column for edge in edges for column in edge[:2])
        share = {c: degree[c] / max(1, int(told[c])) for c in degree}
        # a key of the two tables that mostly agrees with what it is tied to is not the one that is wrong
        weight = {c: degree[c] * (share[c] if c in keys else 1.0) for c in degree}
        most = max(degree, key=lambda c: (weight[c], share[c], -c))
        equal = [c for c in degree if degree[c] == degree[most] and share[c] == share[most]]
        mine = [edge for edge in edges if most in edge[:2]]
        tied = [c for c in sorted(equal) if c == most or any(c in edge[:2] for edge in mine)]
        wrong, factor = (tied, 0.5) if len(tied) == 2 else ([most], 1.0)
        blamed += [_contradiction(row, column, mine, factor) for column in wrong]
        edges = [edge for edge in edges if most not in edge[:2]]
    return blamed


def _contradiction(
    row: int, column: int, edges: list[tuple[int, int, float, int]], factor: float
) -> Contradiction:
    told = [edge for edge in edges if edge[1] == column]
    sure = min(CERTAIN, 1 - float(np.prod([1 - edge[2] for edge in edges if column in edge[:2]] or [1])))
    best = max(told, key=lambda edge: edge[2], default=None)
    held = best[3] if best and all(edge[3] == best[3] for edge in told) else -1
    return Contradiction(row, column, factor * sure, best[0] if best else -1, held)


def find_target_values(
    found: Sequence[LookupDependency], suspected: npt.NDArray[np.bool_]
) -> dict[tuple[int, int], int]:
    """Return what the target holds for cells that are already held for wrong, by row and column: the place of its value.

    Told by columns of the same row that are not suspected; nothing where two of them tell different values.
    """
    held: dict[tuple[int, int], int] = {}
    for link in found:
        asked = suspected[link.wrong, link.field] & ~suspected[link.wrong, link.key]
        for row, value in zip(link.wrong[asked].tolist(), link.held[asked].tolist(), strict=True):
            cell = row, link.field
            held[cell] = value if held.get(cell, value) == value else -1
    return {cell: value for cell, value in held.items() if value >= 0}


LOOKUP = ValueCheck(
    name="lookup",
    subject="Rule",
    title="another value than the target always holds beside another field of the row",
)
