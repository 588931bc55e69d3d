"""The records that one table holds several times: what the strict search proves, and what those proofs teach of other copies.

The strict search (`checks.near_copies`) finds copies that differ in a few texts and are alike in those. Where it finds
some, they show how this table's copies differ, and every record is held against the records nearest to it: a pair is
a copy where what both say is more likely of a copy than of two records that chance made agree (Fellegi and Sunter,
JASA 64, 1969). The chance is counted in the table itself; of a table without proved copies nothing is learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import cpdist
from scipy.special import expit

from assess.evidence.quality.checks.near_copies import (
    DIGITS,
    SLIPS,
    WORD,
    NearCopies,
    are_alike,
    find_near_copies,
    find_own_numbers,
    group_pairs,
)
from assess.evidence.quality.column.facts import ColumnFacts, gather_facts
from assess.evidence.quality.table import Table, open_table
from assess.evidence.quality.types import infer_type

from .comparison import RecordComparison
from .spaces import Field, Floats, Rows, fold, read_fields

Levels = npt.NDArray[np.int8]
Codes = npt.NDArray[np.integer]
SAME, ALIKE, OTHER, EMPTY = range(4)
"""How two records agree in a field; an empty one says nothing."""
FEWEST_PROVED, MOST_ROWS = 5, 20_000
"""Proved copies from which on something can be learned, and records that are held against each other at most."""
LARGEST = 50
"""Records of a group that teach as pairs at most."""
BEFORE = np.array([0.85, 0.1, 0.05])
"""How copies agree before any was seen, with the weight of one pair."""
CHANCE_PAIRS, FEWEST_PAIRS = 20_000, 30
"""Pairs by which it is counted how often chance makes records agree, and at least for one column given another."""
APART = 1 / 3
"""Share of the other fields in which two records agree at most for their agreement in one to be chance; and share of the new copies that may differ in a column."""
ROUNDS, SURELY = 2, 0.9
"""Times that copies are looked for, and the probability from which on those found teach the next time."""
NEIGHBOURS = 5
"""Records with the same value that each is paired with."""


def find_duplicates(table: str | Path | pd.DataFrame | Table) -> NearCopies:
    """Find the records that a table holds several times, exactly or nearly, in groups of any size.

    Parameters
    ----------
    table
        Path, DataFrame, table URL or opened table.

    Raises
    ------
    UnreadableTable
        If it can't be read.

    Examples
    --------
    >>> names = [f"{a}{b}" for a in ("Ann", "Bob", "Cem", "Dora") for b in ("berg", "mann", "stein", "hof")]
    >>> frame = pd.DataFrame({"name": [*names, "Anberg"], "town": [*"ABCDEFGHIJKLMNOP", "A"], "born": [*range(16), 0]})
    >>> find_duplicates(frame).clusters["row"].tolist()
    [0, 16]
    """
    opened = open_table(table)
    return learn_duplicates(opened, [gather_facts(column, infer_type(column)) for column in opened])


def learn_duplicates(opened: Table, facts: Sequence[ColumnFacts]) -> NearCopies:
    """Return what `find_duplicates` does, of a whole table and what is known of its columns, in their order."""
    proved = find_near_copies(opened, facts)
    near = proved.clusters[proved.clusters["columns"] != ""]
    if near["cluster"].nunique() < FEWEST_PROVED or opened.rows > MOST_ROWS:
        return proved
    own = set(find_own_numbers(facts))
    fields, _, vocabulary = read_fields(opened, opened)
    fields = [field for field in fields if field.name not in own]
    whole = RecordComparison((fields, fields), (opened.rows, opened.rows), vocabulary)
    groups = proved.clusters.groupby("cluster")["row"].agg(list)
    taught = np.array([pair for rows in groups for pair in combinations(sorted(rows[:LARGEST]), 2)], np.int64)
    ends = np.sort(np.column_stack(whole.find_like(0, opened.rows)), axis=1)
    pairs = np.unique(np.vstack([ends, taught]), axis=0)
    levels = compare_fields(fields, pairs[:, 0], pairs[:, 1])
    copies = _among(pairs, taught)
    found = copies | choose_copies(fields, pairs, levels, copies)
    differing = (levels[found] != SAME) & ~_both_empty(fields, pairs[found])
    listed = [
        (tuple(np.array([f.name for f in fields])[marks].tolist()), pair[:1], pair[1:])
        for marks, pair in zip(differing, pairs[found], strict=True)
    ]
    listed.sort(key=lambda item: len(item[0]))
    return proved.model_copy(update={"clusters": group_pairs(listed, opened.rows)})


def _among(pairs: Rows, some: Rows) -> npt.NDArray[np.bool_]:
    width = int(pairs.max()) + 1
    return np.isin(pairs[:, 0] * width + pairs[:, 1], some[:, 0] * width + some[:, 1])


def _both_empty(fields: list[Field], pairs: Rows) -> npt.NDArray[np.bool_]:
    return np.column_stack([~(field.filled[pairs[:, 0]] | field.filled[pairs[:, 1]]) for field in fields])


def compare_fields(fields: list[Field], rows: Rows, partners: Rows) -> Levels:
    """Return how pairs of records agree in each field, shape (pairs, fields)."""
    alike = lru_cache(maxsize=None)(lambda one, other: are_alike(one, other, known=True))
    made = np.full((len(rows), len(fields)), OTHER, np.int8)
    for place, field in enumerate(fields):
        i, j, texts = field.column.codes[rows], field.column.codes[partners], field.column.values
        kinds = pd.factorize(np.array(["".join(fold(text).split()) for text in texts], object))[0]
        level = made[:, place]
        level[kinds[i] == kinds[j]] = SAME
        level[~(field.filled[rows] & field.filled[partners])] = EMPTY
        apart = np.flatnonzero(level == OTHER)
        for at in apart[_may_be_alike(texts, i[apart], j[apart])].tolist():
            if alike(texts[i[at]], texts[j[at]]):
                level[at] = ALIKE
    return made


def _may_be_alike(texts: npt.NDArray[np.object_], i: Codes, j: Codes) -> npt.NDArray[np.bool_]:
    """Which pairs of texts are worth a look by `are_alike`: of the same digits, and near in letters or of words that begin alike."""
    plain = np.array([" ".join(text.casefold().split()) for text in texts], object)
    digits = pd.factorize(np.array([" ".join(DIGITS.findall(text)) for text in plain], object))[0]
    found = np.asarray(digits[i] == digits[j], bool)
    i, j = i[found], j[found]
    begins = np.array(
        [sum({1 << ord(word[0]) % 63 for word in WORD.findall(text)}) for text in plain], np.int64
    )
    slips = cpdist(plain[i], plain[j], scorer=DamerauLevenshtein.distance, score_cutoff=SLIPS)
    common = begins[i] & begins[j]
    found[found] = (slips <= SLIPS) | (common == begins[i]) | (common == begins[j])
    return found


def choose_copies(
    fields: list[Field], pairs: Rows, levels: Levels, taught: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Return which pairs are more likely copies than not, by how the taught ones agree, shape (pairs,).

    Notes
    -----
    The odds are D/N for D taught copies among N pairs, times in each field m/u: m as often as the taught agree so, u as often as
    chance does. Of the same value u is its share of the records, and no less than the chance given any other field in which both
    agree: a town tells nothing beside its postcode. A column in which more than a third of the new copies differ is one that
    tells records apart, and who differs in it is none.
    """
    rows, draw = len(fields[0].filled), np.random.default_rng(0)
    drawn = draw.integers(0, rows, (CHANCE_PAIRS, 2))
    drawn = drawn[drawn[:, 0] != drawn[:, 1]]
    by_chance = _shares(compare_fields(fields, drawn[:, 0], drawn[:, 1]), np.full(3, 1 / 3))
    values, chance = _same_values(fields, pairs, levels), np.zeros(len(pairs))
    for _ in range(ROUNDS):
        of_copies = _shares(levels[taught], BEFORE)
        score = values + np.log(max(int(taught.sum()), 1)) - np.log(rows * (rows - 1) / 2)
        score += sum(_weigh(levels[:, c], of_copies[c], by_chance[c]) for c in range(len(fields)))
        chance = _without_siblings(expit(score), levels)
        taught = taught | (chance >= SURELY)
    return np.asarray(chance >= 0.5)


def _without_siblings(chance: Floats, levels: Levels) -> Floats:
    """Take back the pairs that differ in a column in which more than a third of the believed ones differ: it tells records apart."""
    while (chance >= 0.5).any():
        telling = (levels[chance >= 0.5] == OTHER).mean(axis=0) > APART
        siblings = (levels[:, telling] == OTHER).any(axis=1)
        if not (chance[siblings] >= 0.5).any():
            break
        chance = np.where(siblings, 0.0, chance)
    return chance


def _shares(levels: Levels, before: Floats) -> Floats:
    """How often pairs agree in which way in each field, those that fill it, shape (fields, 3)."""
    counts = np.stack([(levels == level).sum(axis=0) for level in (SAME, ALIKE, OTHER)], axis=1)
    return np.asarray((counts + before) / (counts.sum(axis=1, keepdims=True) + 1))


def _weigh(level: npt.NDArray[np.int8], of_copies: Floats, by_chance: Floats) -> Floats:
    """Log of m/u, of the same value of m alone: its u is its own, see `_same_values`."""
    return np.array([np.log(of_copies[SAME]), *np.log(of_copies[1:] / by_chance[1:]), 0.0])[level]


def _same_values(fields: list[Field], pairs: Rows, levels: Levels) -> Floats:
    """Minus log of the chance that both records of pairs hold the values that they share, shape (pairs,)."""
    own = [-np.log(field.column.counts / len(field.filled)) for field in fields]
    order = np.argsort([-(f.column.counts * bits).sum() for f, bits in zip(fields, own, strict=True)])
    given = _given_others(fields)
    agree, total = levels == SAME, np.zeros(len(pairs))
    for n, c in enumerate(order):
        told = own[c][fields[c].column.codes[pairs[:, 0]]]
        for b in order[:n]:
            told = np.where(agree[:, b], np.minimum(told, given[c, b]), told)
        total += np.where(agree[:, c], told, 0.0)
    return total


def _given_others(fields: list[Field]) -> Floats:
    """Minus log of the chance to agree in one field (row) given agreement in another (column), infinite where it is not known.

    Counted over records that agree in little else, for copies agree in everything.
    """
    draw, k = np.random.default_rng(1), len(fields)
    codes = np.column_stack([field.column.codes for field in fields])
    filled = np.column_stack([field.filled for field in fields])
    made = np.full((k, k), np.inf)
    for b in range(k):
        held = draw.permutation(np.flatnonzero(filled[:, b]))
        held = held[np.argsort(codes[held, b], kind="stable")]
        steps = [(held[s:], held[:-s]) for s in range(1, NEIGHBOURS + 1)]
        met = np.concatenate(
            [np.column_stack(ends)[codes[ends[0], b] == codes[ends[1], b]] for ends in steps]
        )
        met = met[draw.permutation(len(met))[:CHANCE_PAIRS]]
        both = filled[met[:, 0]] & filled[met[:, 1]]
        same = both & (codes[met[:, 0]] == codes[met[:, 1]])
        for c in set(range(k)) - {b}:
            others = [n for n in range(k) if n not in (b, c)]
            counted = both[:, c] & (same[:, others].sum(axis=1) <= APART * both[:, others].sum(axis=1))
            if counted.sum() >= FEWEST_PAIRS:
                made[c, b] = -np.log((same[counted, c].sum() + 1) / (counted.sum() + 1))
    return made
