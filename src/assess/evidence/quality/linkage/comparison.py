"""What speaks for two records being the same: candidates, the columns that mean the same, and how alike both are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist
from scipy.optimize import linear_sum_assignment

from assess.core.places import distinct, pick_evenly
from assess.evidence.quality.column import Column
from assess.evidence.quality.table import Table
from assess.evidence.quality.types import numbers

from .spaces import (
    Field,
    Floats,
    Matrix,
    Rows,
    Single,
    Space,
    Vocabulary,
    add_fields,
    find_nearest,
    read_fields,
)

Sides = tuple[int, int]
Progress = Callable[[str, float], None]

ACROSS, WITHIN_LEFT, WITHIN_RIGHT = (0, 1), (0, 0), (1, 1)

NEAREST = 5
"""Candidates that each record of the smaller side looks up in each space."""
SEEDS, MOST_SEEDS = 20, 1_500
"""Pairs at least from which a first model is learned, and pairs at most by which columns are aligned."""
LIFT, MOST_ALIGNED = 0.1, 12
"""Similarity in seeds above that in shifted seeds from which on two columns mean the same; pairs of columns at most."""
FEWEST_BOTH = 10
"""Seeds that fill both columns at least."""
MOSTLY = 0.8
"""Share of a column's filled rows that must be numbers for it to be compared as such."""
APART = 5.0
"""Numbers a fifth apart are unlike."""
SAMPLED = 2_000
"""Records of each side, evenly spread, whose like in their own table is looked up."""
AT_ONCE = 1 << 21
"""Pairs whose features are measured at once."""
RAREST = 3.0
"""Rare words from which on more say no more."""


@dataclass(frozen=True, eq=False)
class CandidatePairs:
    """Pairs of records that may be the same, ordered by row and partner; every array has shape (pairs,).

    Parameters
    ----------
    rows, partners
        Records of the two sides.
    sizes
        Records of each side.
    similarity
        Mean of the cosines over words and letters.
    features
        What speaks for and against, NaN where a field is empty, shape (pairs, features).
    filled
        Fields that the fuller record of each pair fills.
    found
        Which pairs the left record would find by itself if both tables were one, and which the right one.
    asked
        Records for which candidates were looked up, evenly spread over the side.
    """

    rows: Rows
    partners: Rows
    sizes: Sides
    similarity: Single
    features: Single
    filled: Rows
    found: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]
    asked: int


@dataclass(frozen=True, eq=False)
class ComparedRecords:
    """Two tables' records compared.

    Parameters
    ----------
    across
        Candidates between both.
    within
        Each side's sampled records with their like in their own table.
    names
        Of the features: the aligned columns (or None for the whole record) and what is measured.
    aligned
        Columns that mean the same, with their agreement in seeds beyond chance.
    fullest
        Fields that the fullest record of each side fills.
    """

    across: CandidatePairs
    within: tuple[CandidatePairs, ...]
    names: tuple[tuple[tuple[str, str] | None, str], ...]
    aligned: tuple[tuple[str, str, float], ...]
    fullest: tuple[int, int]


def find_seeds(score: Single, rows: Rows, partners: Rows, sizes: Sides) -> Rows:
    """Return the half of the reciprocal best pairs that stand furthest above their runners-up, at least `SEEDS`."""
    gaps = np.minimum(
        score - find_runner_up(score, rows, sizes[0]), score - find_runner_up(score, partners, sizes[1])
    )
    best = [np.full(size, -np.inf) for size in sizes]
    np.maximum.at(best[0], rows, score)
    np.maximum.at(best[1], partners, score)
    met = np.flatnonzero((score >= best[0][rows]) & (score >= best[1][partners]) & (score > 0))
    return met[np.argsort(-gaps[met], kind="stable")][: max(SEEDS, len(met) // 2)]


def find_runner_up(score: Single, rows: Rows, size: int) -> Floats:
    """Return for each pair the best score among the other pairs of its record, minus infinity if there is none.

    >>> find_runner_up(np.array([0.9, 0.4, 0.7], np.float32), np.array([0, 0, 1]), 2).round(1).tolist()
    [0.4, 0.9, -inf]
    """
    order = np.lexsort((-score, rows))
    ordered = rows[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)]
    best, winner, second = np.full(size, -np.inf), np.full(size, -1), np.full(size, -np.inf)
    best[ordered[first]], winner[ordered[first]] = score[order][first], order[first]
    follows = np.r_[False, first[:-1]][: len(ordered)] & ~first
    second[ordered[follows]] = score[order][follows]
    return np.where(winner[rows] == np.arange(len(score)), second[rows], best[rows])


def closeness(one: Floats, other: Floats) -> Floats:
    """Return 1 for equal numbers, falling to 0 where they are a fifth apart, NaN where one is none.

    >>> closeness(np.array([100.0, 5.0, np.nan]), np.array([90.0, 50.0, 1.0])).tolist()
    [0.5, 0.0, nan]
    """
    with np.errstate(all="ignore"):
        apart = np.abs(one - other) / np.maximum(np.maximum(np.abs(one), np.abs(other)), 1e-9)
    return np.asarray(np.maximum(0.0, 1 - APART * apart))


def read_worths(column: Column) -> Floats | None:
    """Return a column's numbers by distinct text, NaN for what is none; None unless it mostly holds numbers."""
    filled = column.values != ""
    found = numbers.read(column.values).worth
    most = column.counts[filled & np.isfinite(found)].sum() > MOSTLY * column.counts[filled].sum()
    return np.asarray(found, np.float64) if most else None


def spread_numbers(left: Column, right: Column) -> tuple[Floats, Floats]:
    """Return the different numbers of two columns, ascending, and the share of their filled rows up to each."""
    worths = [np.asarray(numbers.read(column.values).worth, np.float64) for column in (left, right)]
    held, times = np.concatenate(worths), np.concatenate([left.counts, right.counts])
    order = np.argsort(held, kind="stable")[: np.isfinite(held).sum()]
    return held[order], np.cumsum(times[order]) / max(times[order].sum(), 1)


def find_seldom(spread: tuple[Floats, Floats], one: Floats, other: Floats) -> Floats:
    """Return how seldom numbers are as near as those of pairs: -ln of the share of the columns' numbers that are as near to one of them.

    That two records agree in a value says as much as the value is rare (Fellegi and Sunter 1969, their second method).

    >>> find_seldom((np.array([1.0, 2.0, 9.0]), np.array([0.25, 0.5, 1.0])), np.array([1.0, 9.0]), np.array([1.0, 9.0])).round(2).tolist()
    [1.39, 0.69]
    """
    held, share = spread
    below, apart = np.r_[0.0, share], np.abs(one - other) * (1 + 1e-9)
    near = [
        below[np.searchsorted(held, middle + apart, "right")]
        - below[np.searchsorted(held, middle - apart, "left")]
        for middle in (one, other)
    ]
    return np.where(np.isfinite(apart), -np.log(np.clip(np.maximum(*near), 1e-9, 1.0)), np.nan)


class ColumnComparison:
    """How alike a column of each side is, by distinct texts.

    Parameters
    ----------
    left, right
        The columns.
    vocabulary
        Of both tables.
    own
        The left table's column that means what ``right`` means, and the right table's that means what ``left`` means:
        with these the records of one table are compared with each other. Default ``left`` and ``right``.
    """

    def __init__(
        self, left: Field, right: Field, vocabulary: Vocabulary, own: tuple[Field, Field] | None = None
    ) -> None:
        one, other = own or (left, right)
        self.ends = {ACROSS: (left, right), WITHIN_LEFT: (left, one), WITHIN_RIGHT: (other, right)}
        self.numeric = read_worths(left.column) is not None and read_worths(right.column) is not None
        self.vocabulary = vocabulary
        if self.numeric:
            self.spread = spread_numbers(left.column, right.column)
            return
        times = tuple(field.column.counts * (field.column.values != "") for field in (left, right))
        self.words = self._spaces([field.words for field in (left, right, one, other)], (times[0], times[1]))
        self.grams = self._spaces(
            [field.words @ vocabulary.grams for field in (left, right, one, other)], (times[0], times[1])
        )

    def _spaces(self, counts: list[Matrix], times: tuple[Rows, Rows]) -> dict[Sides, Space]:
        met = Space.weigh(counts[0], counts[1], times)
        left, right = self.ends[ACROSS]
        one = met.left if self.ends[WITHIN_LEFT][1] is left else met.weigh_alike(counts[2])
        other = met.right if self.ends[WITHIN_RIGHT][0] is right else met.weigh_alike(counts[3])
        return {
            ACROSS: met,
            WITHIN_LEFT: Space(met.left, one, met.weights),
            WITHIN_RIGHT: Space(other, met.right, met.weights),
        }

    def codes(self, sides: Sides, rows: Rows, partners: Rows) -> tuple[Rows, Rows, npt.NDArray[np.bool_]]:
        """Return the distinct texts that pairs hold, and where both hold something."""
        one, other = self.ends[sides]
        i, j = one.column.codes[rows].astype(np.int64), other.column.codes[partners].astype(np.int64)
        return i, j, np.asarray(one.filled[rows] & other.filled[partners], bool)

    def similarity(self, sides: Sides, rows: Rows, partners: Rows) -> Floats:
        """Return one similarity of pairs, of numbers or of letters, NaN where a field is empty, shape (pairs,)."""
        i, j, both = self.codes(sides, rows, partners)
        near = self._near(sides, i, j) if self.numeric else self.grams[sides].cosine(ACROSS, i, j)
        return np.where(both, np.nan_to_num(near), np.nan)

    def _near(self, sides: Sides, i: Rows, j: Rows) -> Floats:
        one, other = (numbers.read(field.column.values).worth for field in self.ends[sides])
        return closeness(np.asarray(one, np.float64)[i], np.asarray(other, np.float64)[j])

    def _seldom(self, sides: Sides, i: Rows, j: Rows) -> Floats:
        one, other = (numbers.read(field.column.values).worth for field in self.ends[sides])
        return find_seldom(self.spread, np.asarray(one, np.float64)[i], np.asarray(other, np.float64)[j])

    OF_TEXTS = ("letters", "words", "spelling", "shared words", "other words", "alike left", "alike right")

    @property
    def names(self) -> tuple[str, ...]:
        """Of the features."""
        return ("near", "equal", "seldom so near") if self.numeric else self.OF_TEXTS

    def features(self, sides: Sides, rows: Rows, partners: Rows) -> Single:
        """Return what this pair of columns says of pairs of records, shape (pairs, features)."""
        i, j, both = self.codes(sides, rows, partners)
        if self.numeric:
            near = self._near(sides, i, j)
            found = [near, np.where(np.isfinite(near), near > 1 - 1e-8, np.nan), self._seldom(sides, i, j)]
        else:
            words, (one, other) = self.words[sides], self.ends[sides]
            top = max(float(words.weights.max(initial=0)), 1e-6)
            shared, masses = words.share(ACROSS, i, j), words.masses()
            found = [
                self.grams[sides].cosine(ACROSS, i, j),
                words.cosine(ACROSS, i, j),
                compare_spelling(one.folded[i], other.folded[j]),
                np.minimum(shared / top, RAREST),
                (np.minimum(masses[0][i], masses[1][j]) - shared) / top,
                *words.share_alike(self.vocabulary.alike, ACROSS, i, j),
            ]
        return np.where(both[:, None], np.column_stack(found), np.nan).astype(np.float32)


def compare_spelling(one: npt.NDArray[np.object_], other: npt.NDArray[np.object_]) -> Single:
    """Return the similarity of Jaro and Winkler of pairs of texts, shape (pairs,).

    Winkler, String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter MatchModel of Record
    Linkage (1990): the published values of ``tests/quality/test_linkage.py``.

    >>> compare_spelling(np.array(["martha"], object), np.array(["marhta"], object)).round(3).tolist()
    [0.9610000252723694]
    """
    return np.asarray(
        cpdist(one.tolist(), other.tolist(), scorer=JaroWinkler.normalized_similarity, dtype=np.float32)
    )


class RecordComparison:
    """How alike whole records are."""

    NAMES = (
        "words",
        "letters",
        "words contained",
        "letters contained",
        "rarest shared word",
        "shared numbers",
        "other numbers",
    )

    def __init__(self, fields: tuple[list[Field], list[Field]], sizes: Sides, vocabulary: Vocabulary) -> None:
        counts = [add_fields(side, size, len(vocabulary)) for side, size in zip(fields, sizes, strict=True)]
        self.sizes = sizes
        self.words = Space.weigh(counts[0], counts[1])
        self.grams = Space.weigh(counts[0] @ vocabulary.grams, counts[1] @ vocabulary.grams)
        self.digits = vocabulary.with_digit

    def similarity(self, sides: Sides, rows: Rows, partners: Rows) -> Single:
        """Return the mean of both cosines, shape (pairs,)."""
        both = self.words.cosine(sides, rows, partners) + self.grams.cosine(sides, rows, partners)
        return np.asarray(both / 2, np.float32)

    def features(self, sides: Sides, rows: Rows, partners: Rows) -> Single:
        """Return what whole records say of pairs, shape (pairs, features)."""
        found = [self.words.cosine(sides, rows, partners), self.grams.cosine(sides, rows, partners)]
        for space in (self.words, self.grams):
            masses = space.masses()
            least = np.minimum(masses[sides[0]][rows], masses[sides[1]][partners])
            found.append(np.asarray(space.share(sides, rows, partners) / np.maximum(least, 1e-6), np.float32))
        top = max(float(self.words.weights.max(initial=0)), 1e-6)
        masses = self.words.masses(self.digits)
        shared = self.words.share(sides, rows, partners, self.digits)
        other = np.minimum(masses[sides[0]][rows], masses[sides[1]][partners]) - shared
        found += [self.words.rarest(sides, rows, partners) / top, shared / top, other / top]
        return np.column_stack(found).astype(np.float32)

    def contained(
        self, ends: dict[Sides, tuple[Field, Field]], place: int, sides: Sides, rows: Rows, partners: Rows
    ) -> Single:
        """Return how much of one field's words the whole other record holds, NaN where it is empty, shape (pairs, 1)."""
        field = ends[sides][place]
        own, other, side = (partners, rows, sides[0]) if place else (rows, partners, sides[1])
        share = self.words.share_of(field.words, side, field.column.codes[own].astype(np.int64), other)
        return np.where(field.filled[own], share, np.nan).astype(np.float32)[:, None]

    def most(self, side: int) -> int:
        """Return how many candidates a record of a side looks up in each space."""
        return max(2, -(-NEAREST * min(self.sizes) // max(self.sizes[side], 1)))

    def find_candidates(self) -> tuple[Rows, Rows, tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
        """Return the pairs that either side finds near in either space, each once, ordered, and which of both found it."""
        width, keys = max(self.sizes[1], 1), []
        for side in (0, 1):
            ends = [
                find_nearest(space.sides[side], space.sides[1 - side], self.most(side))
                for space in (self.words, self.grams)
            ]
            keys.append(distinct(np.concatenate([e[side] * width + e[1 - side] for e in ends])))
        met = distinct(np.concatenate(keys))
        found = [np.isin(met, own, assume_unique=True) for own in keys]
        return met // width, met % width, (found[0], found[1])

    def find_like(self, side: int, most: int = SAMPLED) -> tuple[Rows, Rows]:
        """Return up to ``most`` records of one side with those of the same side that are nearest."""
        size = self.sizes[side]
        picked = pick_evenly(size, most)
        keys = []
        for space in (self.words, self.grams):
            own = space.sides[side]
            rows, partners = find_nearest(own[picked], own, NEAREST, picked)
            keys.append(picked[rows] * max(size, 1) + partners)
        met = distinct(np.concatenate(keys))
        return met // max(size, 1), met % max(size, 1)

    def pool(
        self, side: int, across: tuple[Rows, Rows], like: tuple[Rows, Rows]
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Return which pairs a record would find if both tables were one: the `NEAREST` in each space, wherever they lie."""
        records = np.r_[across[side], like[0]]
        kept = np.zeros(len(records), bool)
        for space in (self.words, self.grams):
            near = np.r_[space.cosine(ACROSS, *across), space.cosine((side, side), *like)]
            order = np.lexsort((-near, records))
            starts = np.flatnonzero(np.r_[True, np.diff(records[order]) != 0][: len(order)])
            ends = np.r_[starts[1:], len(order)]
            last = np.zeros(self.sizes[side])
            last[records[order][starts]] = near[order][np.minimum(starts + NEAREST, ends) - 1]
            kept |= near >= last[records]
        return kept[: len(across[0])], kept[len(across[0]) :]


def align_columns(
    fields: tuple[list[Field], list[Field]], vocabulary: Vocabulary, rows: Rows, partners: Rows
) -> list[tuple[Field, Field, float]]:
    """Return the columns that agree in seeds beyond what they agree in seeds whose partners were exchanged."""
    if len(rows) > MOST_SEEDS:
        picked = pick_evenly(len(rows), MOST_SEEDS)
        rows, partners = rows[picked], partners[picked]
    places = np.arange(len(rows))
    moved = np.roll(places, 1 + len(places) // 3)
    mine, theirs = [
        [field.take(at) for field in side] for side, at in zip(fields, (rows, partners), strict=True)
    ]
    found = []
    for one, left in zip(fields[0], mine, strict=True):
        for other, right in zip(fields[1], theirs, strict=True):
            compared = ColumnComparison(left, right, vocabulary)
            same, by_chance = (compared.similarity(ACROSS, places, at) for at in (places, moved))
            if np.isfinite(same).sum() < FEWEST_BOTH or np.isfinite(by_chance).sum() < FEWEST_BOTH // 2:
                continue
            lift = float(np.nanmean(same) - np.nanmean(by_chance))
            if lift >= LIFT:
                found.append((one, other, lift))
    return sorted(found, key=lambda pair: -pair[2])[:MOST_ALIGNED]


def find_counterparts(
    aligned: Sequence[tuple[Field, Field, float]],
) -> tuple[dict[str, Field], dict[str, Field]]:
    """Return by name the right column that means what a left one means, and the left column that means what a right one means.

    Each column once, so that the sum of lifts less the differences of the filled shares is highest (Kuhn 1955): words in
    another order agree as well as words in the same, and then how often a column is filled tells which is which. Where
    names meet names and short names, a table's own records are thus compared in the same way, a name with a short name.
    """
    lefts = {one.name: one for one, _, _ in aligned}
    rights = {other.name: other for _, other, _ in aligned}
    places = [{name: k for k, name in enumerate(names)} for names in (lefts, rights)]
    worth = np.zeros((len(lefts), len(rights)))
    for one, other, lift in aligned:
        apart = abs(float(one.filled.mean()) - float(other.filled.mean()))
        worth[places[0][one.name], places[1][other.name]] = max(lift - apart, 1e-6)
    chosen = [(i, j) for i, j in zip(*linear_sum_assignment(-worth), strict=True) if worth[i, j] > 0]
    names = list(lefts), list(rights)
    return (
        {names[0][i]: rights[names[1][j]] for i, j in chosen},
        {names[1][j]: lefts[names[0][i]] for i, j in chosen},
    )


def compare_records(left: Table, right: Table, progress: Progress) -> ComparedRecords:
    """Find the pairs of records that may be the same, and measure what speaks for each."""
    progress("reading both tables", 0.0)
    *fields, vocabulary = read_fields(left, right)
    sides = fields[0], fields[1]
    whole = RecordComparison(sides, (left.rows, right.rows), vocabulary)
    progress("looking for candidates", 0.1)
    *across, by = whole.find_candidates()
    places = {ACROSS: (across[0], across[1])}
    progress("looking for candidates in each table", 0.4)
    for side, at in enumerate((WITHIN_LEFT, WITHIN_RIGHT)):
        like = whole.find_like(side)
        mine = np.flatnonzero(by[side])
        kept, near = whole.pool(side, (across[0][mine], across[1][mine]), like)
        by[side][mine[~kept]] = False
        places[at] = like[0][near], like[1][near]
    similarity = {at: whole.similarity(at, *pairs) for at, pairs in places.items()}
    progress("aligning columns", 0.5)
    rows, partners = places[ACROSS]
    seeds = find_seeds(similarity[ACROSS], rows, partners, whole.sizes)
    aligned = align_columns(sides, vocabulary, rows[seeds], partners[seeds])
    features, names = _measure(whole, aligned, vocabulary, places, progress)
    held = [
        np.sum([f.filled for f in side], axis=0) if side else np.zeros(size)
        for side, size in zip(sides, whole.sizes, strict=True)
    ]
    found = {
        at: CandidatePairs(*places[at], (whole.sizes[at[0]], whole.sizes[at[1]]), similarity[at], features[at],
                           np.maximum(held[at[0]][places[at][0]], held[at[1]][places[at][1]]),
                           by if at == ACROSS else (np.ones(len(places[at][0]), bool),) * 2,
                           whole.sizes[at[0]] if at == ACROSS else min(SAMPLED, whole.sizes[at[0]]))
        for at in places
    }  # fmt: skip
    return ComparedRecords(
        found[ACROSS], (found[WITHIN_LEFT], found[WITHIN_RIGHT]), names,
        tuple((one.name, other.name, lift) for one, other, lift in aligned),
        (int(held[0].max(initial=0)), int(held[1].max(initial=0))),
    )  # fmt: skip


def _measure(
    whole: RecordComparison, aligned: Sequence[tuple[Field, Field, float]], vocabulary: Vocabulary,
    places: dict[Sides, tuple[Rows, Rows]], progress: Progress,
) -> tuple[dict[Sides, Single], tuple[tuple[tuple[str, str] | None, str], ...]]:  # fmt: skip
    """Measure the features of all lists of pairs, one pair of columns after the other, in parts of `AT_ONCE` pairs."""
    widest = len(whole.NAMES) + len(aligned) * (len(ColumnComparison.OF_TEXTS) + 2)
    made = {at: np.empty((len(pairs[0]), widest), np.float32, "F") for at, pairs in places.items()}

    def put(start: int, what: Callable[[Sides, Rows, Rows], Single]) -> None:
        for at, (rows, partners) in places.items():
            for k in range(0, len(rows), AT_ONCE):
                part = slice(k, k + AT_ONCE)
                found = what(at, rows[part], partners[part])
                made[at][part, start : start + found.shape[1]] = found

    put(0, whole.features)
    names: list[tuple[tuple[str, str] | None, str]] = [(None, name) for name in whole.NAMES]
    asked: set[tuple[int, str]] = set()
    to_right, to_left = find_counterparts(aligned)
    for place, (one, other, _) in enumerate(aligned):
        progress(f"comparing {one.name} with {other.name}", 0.5 + 0.3 * place / len(aligned))
        own = to_left.get(other.name, one), to_right.get(one.name, other)
        compared, key = ColumnComparison(one, other, vocabulary, own), (one.name, other.name)
        put(len(names), compared.features)
        names += [(key, name) for name in compared.names]
        for side, field in enumerate((one, other)):
            if (side, field.name) not in asked:
                asked.add((side, field.name))
                put(len(names), partial(whole.contained, compared.ends, side))
                names.append((key, "in the whole record"))
    return {at: held[:, : len(names)] for at, held in made.items()}, tuple(names)
