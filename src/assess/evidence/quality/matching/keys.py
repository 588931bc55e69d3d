"""Which columns join the records of two tables, alone or together, and which records have no partner."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from assess.core.places import distinct, pick_evenly
from assess.evidence.quality.column import Column, once_a_column
from assess.evidence.quality.table import Table

from .forms import FORMS, REMEMBERED, drop_leading_zeros, keep_digits, write_form
from .joins import (
    FEWEST,
    LIFT,
    MOSTLY,
    SHARED,
    TRIED,
    AlignedValues,
    Join,
    JoinKey,
    Rows,
    holds_measures,
    is_distinctive,
    is_filled,
    join_columns,
    join_rows,
)
from .records import agree_on

DISTINCT = 0.9
"""Distinct values a filled row, on one side at least, from which on a column may join records."""
LETTERED = 0.9
"""Share of the rows that must hold a number beside letters for the digits alone to be compared."""
CLEARER = 1.05
"""How many times more rows a looser form of the key must join to be preferred."""
APART = 1.01
"""How many times more rows may hold a value than of the best key: one record in a hundred is met by chance."""


def find_joins(source: Table, target: Table) -> tuple[Join, ...]:
    """Return every way in which columns of two tables share values, one of them nearly unique."""
    found = (
        _best_form(source.column(left), target.column(right)) for left, right in _candidates(source, target)
    )
    return tuple(join for join in found if join is not None)


def rank_joins(
    found: Sequence[Join], source: Table, target: Table, mapping: Sequence[tuple[str, str]]
) -> tuple[Join, ...]:
    """Keep the ways that join matched columns or surprise, the one that joins the most true records first.

    Parameters
    ----------
    found
        What `find_joins` found.
    source, target
        The tables.
    mapping
        Matched columns, whose agreement tells whether joined rows are the same records.
    """
    checked = [_checked(join, source, target, mapping, found) for join in found]
    agreeing = any((join.key.agreement or 0.0) >= LIFT for join in checked)
    kept = [
        _with(join, denied=agreeing and (join.key.agreement or 0.0) < LIFT)
        for join in checked
        if set(join.key.pairs) <= set(mapping) or _surprising(join.key)
    ]
    if any(join.key.true and not join.key.measured for join in kept):
        kept = [join for join in kept if not join.key.measured]
    return tuple(sorted(kept, key=_rank))


def _with(join: Join, **known: object) -> Join:
    return dataclasses.replace(join, key=join.key.model_copy(update=known))


def find_deciding(true: Sequence[JoinKey]) -> tuple[tuple[JoinKey, ...], tuple[JoinKey, ...]]:
    """Return the keys that tell the same records best apart, and the others, the best of them first.

    A key that several records share, such as a family name, finds some of them by chance: it decides whether a record
    has a partner only where the better keys hold nothing.
    """
    alike = {key: max(key.per_source, key.per_target) for key in true}
    least = APART * min(alike.values(), default=0.0)
    others = (key for key in true if alike[key] > least)
    return tuple(key for key in true if alike[key] <= least), tuple(sorted(others, key=alike.__getitem__))


def find_lone(true: Sequence[Join]) -> tuple[Rows, Rows]:
    """Return the rows of either side that the other lacks: those that none of the deciding keys finds there."""
    if not true:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    ways = {join.key: join for join in true}
    deciding, others = ([ways[key] for key in keys] for keys in find_deciding([*ways]))
    return (
        _lone(*([(j.source_lone, j.source_met) for j in joins] for joins in (deciding, others))),
        _lone(*([(j.target_lone, j.target_met) for j in joins] for joins in (deciding, others))),
    )


def _lone(deciding: Sequence[tuple[Rows, Rows]], others: Sequence[tuple[Rows, Rows]]) -> Rows:
    """Rows that no deciding key finds, nor, where these hold nothing, the first of the others that holds something."""
    last = max(rows.max(initial=-1) for way in (*deciding, *others) for rows in way)
    lacks = np.full(last + 1, -1, np.int8)
    for mine, _ in deciding:
        lacks[mine] = 1
    for _, found in deciding:
        lacks[found] = 0
    for way in others:
        mine, found = (rows[lacks[rows] < 0] for rows in way)
        lacks[mine], lacks[found] = 1, 0
    return np.flatnonzero(lacks == 1)


def _surprising(key: JoinKey) -> bool:
    """Whether columns that were not matched join nevertheless: shared values that others confirm."""
    return key.agreement is not None and key.agreement >= LIFT


def _rank(join: Join) -> tuple[bool, bool, float, str, str]:
    key = join.key
    weight = key.source_joined * (0.2 + max(0.0, key.agreement if key.agreement is not None else 0.1))
    strict = max(place for place, (form, _) in enumerate(FORMS) if form in key.forms)
    return (not key.true, key.measured, -weight / (1 + 0.1 * strict), key.source_column, key.target_column)


def _candidates(source: Table, target: Table) -> Iterator[tuple[str, str]]:
    """Pairs of columns of which one is nearly unique and some values are shared."""
    left, right = ([_sample(column) for column in table] for table in (source, target))
    for one in left:
        for other in right:
            if (one.unique or other.unique) and one.sample and other.sample and one.meets(other):
                yield one.name, other.name


@dataclass(frozen=True)
class _Sample:
    """What is enough to see that two columns can't join."""

    name: str
    unique: bool
    sample: frozenset[str]
    every: frozenset[str]
    digits: frozenset[str] | None = None
    """The digits alone of every value, where letters stand before or behind the numbers of nearly all."""

    def meets(self, other: _Sample) -> bool:
        """Whether enough values of either sample are known to the other side, letters beside their numbers ignored where one has some."""
        shares = [
            len(self.sample & other.every) / len(self.sample),
            len(other.sample & self.every) / len(other.sample),
        ]
        if self.digits is not None or other.digits is not None:
            mine, theirs = (
                self.every if self.digits is None else self.digits,
                other.every if other.digits is None else other.digits,
            )
            shares.append(len(mine & theirs) / max(1, min(len(mine), len(theirs))))
        return max(shares) >= SHARED


@once_a_column(up_to=REMEMBERED)
def _sample(column: Column) -> _Sample:
    places = np.flatnonzero(is_filled(column))
    rows = int(column.counts[places].sum())
    unique = len(places) >= max(FEWEST, DISTINCT * rows)
    if len(places) < FEWEST:
        return _Sample(column.name, False, frozenset(), frozenset())
    held = column.values[places]
    short = np.array([len(text) <= 100 for text in held], bool)
    bare = write_form(column, drop_leading_zeros)[places]
    picked = pick_evenly(len(places), TRIED)
    tried = picked[short[picked]]
    alone = np.where(short, write_form(column, keep_digits)[places], "")
    lettered = int(((alone[tried] != "") & (alone[tried] != bare[tried])).sum())
    digits = None
    if lettered >= LETTERED * len(tried) > 0:
        numbered = column.counts[places][alone != ""].sum()
        digits = frozenset(alone.tolist()) - {""} if numbered >= LETTERED * rows else None
    return _Sample(
        column.name, unique, frozenset(bare[tried].tolist()), frozenset(bare[short].tolist()), digits
    )


def _best_form(left: Column, right: Column) -> Join | None:
    best: Join | None = None
    before: list[npt.NDArray[np.object_]] = []
    for form, normal in FORMS[:3] if holds_measures(left) or holds_measures(right) else FORMS:
        texts = [write_form(column, normal) for column in (left, right)]
        if before and all(map(np.array_equal, texts, before)):
            continue  # what joins them, or not, was found out
        before = texts
        join = join_columns(left, right, form, normal)
        if join is None:
            continue
        if best is None or join.key.source_joined > CLEARER * best.key.source_joined + FEWEST:
            best = join
        if CLEARER * best.key.source_joined + FEWEST >= left.rows:
            break
    return best


def _checked(
    join: Join, source: Table, target: Table, mapping: Sequence[tuple[str, str]], found: Sequence[Join]
) -> Join:
    """Note how much matched columns beside the key's agree on the joined rows, above chance; what was known if none can tell."""
    lifts, key = [], join.key
    for left, right in mapping:
        if left in key.source_columns or right in key.target_columns:
            continue  # that another column repeats the key's says nothing of the records
        if len(join.source) >= FEWEST:
            lift = agree_on(source.column(left), target.column(right), join.source, join.target, surely=True)
            if lift is not None:
                other = next((way for way in found if way.key.pairs == ((left, right),)), None)
                # two counters confirm nothing: they agree where they were counted alike
                telling = other is not None and (join.key.telling or other.key.telling)
                lifts.append(max(lift, share_alike(join, other)) if other is not None and telling else lift)
    agreement = round(float(np.mean(sorted(lifts)[-3:])), 4) if lifts else join.key.agreement
    return _with(join, agreement=agreement)


def share_alike(one: Join, other: Join) -> float:
    """Return the share of the rows of two ways that they join alike, 0 where they have too few in common."""
    _, mine, theirs = np.intersect1d(one.source, other.source, assume_unique=True, return_indices=True)
    return float(np.mean(one.target[mine] == other.target[theirs])) if len(mine) >= FEWEST else 0.0


MOST_COLUMNS = 4
"""Columns of a key at most."""
MOST_PARTS = 9
"""Pairs of columns, those of the most different values, that may be part of a key."""
FILLED = 0.95
"""Share of the rows that a part of a key fills."""
UNIQUE = 0.98
"""Different values a row, on one side at least, from which on columns are a key, where none are unique altogether."""
SCREENED = 20_000
"""Rows of each side, in blocks spread over the table, by which combinations are left out."""
VERIFIED = 8
"""Combinations of one size, the most unique first, that are joined on all rows."""


@dataclass(frozen=True, eq=False)
class _Part:
    """A pair of matched columns that may be part of a key, and what each row holds in it (-1 for nothing)."""

    pair: tuple[str, str]
    form: str
    source: Rows
    target: Rows
    number: int
    telling: bool


def find_composite(source: Table, target: Table, mapping: Sequence[tuple[str, str]]) -> Join | None:
    """Return how two to `MOST_COLUMNS` matched columns join the tables together; the fewest and foremost that do.

    Parameters
    ----------
    source, target
        The tables.
    mapping
        Matched columns: name in the source, name in the target.

    Notes
    -----
    A minimal unique combination of columns is looked for level by level (Heise and others, Scalable Discovery of Unique
    Column Combinations, VLDB 2013), among columns that share their values.
    """
    found = (_part(source.column(mine), target.column(theirs)) for mine, theirs in mapping)
    parts = sorted((part for part in found if part is not None), key=lambda part: -part.number)[:MOST_PARTS]
    order = [source.columns.index(part.pair[0]) for part in parts]
    salts = [
        np.random.default_rng(n).integers(0, 1 << 63, p.number + 1, np.uint64) for n, p in enumerate(parts)
    ]
    some = [
        [salt[side[_spread(len(side))]] for salt, side in zip(salts, sides, strict=True)]
        for sides in ([part.source for part in parts], [part.target for part in parts])
    ]
    for least in (1.0, UNIQUE):
        for size in range(2, min(MOST_COLUMNS, len(parts)) + 1):
            unique = {
                places: max(
                    _distinct(np.sum([side[p] for p in places], axis=0, dtype=np.uint64)) for side in some
                )
                for places in combinations(range(len(parts)), size)
            }
            promising = sorted(
                (p for p in unique if unique[p] >= least),
                key=lambda p: (-unique[p], sum(order[n] for n in p)),
            )
            joins = [_join([parts[place] for place in places], least) for places in promising[:VERIFIED]]
            if kept := [join for join in joins if join is not None]:
                return max(kept, key=lambda join: join.key.source_joined)
    return None


def _part(left: Column, right: Column) -> _Part | None:
    """The pair in the strictest form in which its values are shared; None if it is no part of a key."""
    if holds_measures(left) or holds_measures(right) or max(left.distinct, right.distinct) < 2:
        return None
    best: tuple[float, str, AlignedValues] | None = None
    for form, normal in FORMS[:-1]:
        aligned = AlignedValues.of(left, right, normal)
        mine, theirs = aligned.rows
        if mine.sum() < max(1, FILLED * left.rows) or theirs.sum() < max(1, FILLED * right.rows):
            return None
        shared = (mine > 0) & (theirs > 0)
        share = max(float(mine[shared].sum() / mine.sum()), float(theirs[shared].sum() / theirs.sum()))
        if best is None or share > CLEARER * best[0]:
            best = share, form, aligned
        if share == 1:
            break
    if best is None or best[0] < MOSTLY:
        return None
    codes, telling = best[2].codes, is_distinctive(left) and is_distinctive(right)
    return _Part((left.name, right.name), best[1], *codes, best[2].number, telling)


def _spread(rows: int) -> Rows:
    step = max(1, rows // SCREENED)
    every = np.arange(rows)
    return every if step == 1 else every[(every // 64) % step == 0]


def _distinct(prints: npt.NDArray[np.uint64]) -> float:
    return len(distinct(prints)) / max(1, len(prints))


def _join(parts: Sequence[_Part], least: float) -> Join | None:
    """Join the rows that agree in all parts; None if the parts are no key or join too few."""
    split = len(parts[0].source)
    every = np.zeros(split + len(parts[0].target), np.int64)
    filled = np.ones(len(every), bool)
    for part in parts:
        codes = np.concatenate([part.source, part.target])
        filled &= codes >= 0
        every = np.unique(every * (part.number + 1) + codes, return_inverse=True)[1].astype(np.int64)
    every[~filled] = -1
    left, right = every[:split], every[split:]
    rows = [codes[codes >= 0] for codes in (left, right)]
    mine, theirs = map(distinct, rows)
    if max(len(mine) / max(1, len(rows[0])), len(theirs) / max(1, len(rows[1]))) < least:
        return None
    if len(np.intersect1d(mine, theirs, assume_unique=True)) < FEWEST:
        return None
    join = join_rows(
        tuple(part.pair for part in parts), tuple(part.form for part in parts), left, right,
        telling=any(part.telling for part in parts),
    )  # fmt: skip
    smaller = min(join.key.source_rows, join.key.target_rows)
    enough = min(join.key.source_joined, join.key.target_joined) >= MOSTLY * smaller
    return join if enough else None
