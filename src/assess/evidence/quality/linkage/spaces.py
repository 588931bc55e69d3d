"""The records of two tables as weighted bags of words and letter triples, and the candidates for one record."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

from assess.evidence.quality.column import Column
from assess.evidence.quality.table import Table

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Matrix = sp.csr_matrix
Single = npt.NDArray[np.float32]

WORD = re.compile(r"[^\W_]+")
GRAM = 3
"""Letters of a gram; trigrams are the usual choice for names and titles."""
FEWEST_FILLED, FEWEST_DISTINCT = 5, 2
"""Filled rows and distinct values below which a column tells nothing."""
DENSE = 20
"""Width of a row counter's range to its rows at most: beyond it, a number met in another table is met by chance in one of twenty."""
PRODUCTS, LEAST_PRODUCTS = 1_500, 300_000_000
"""Products of two weights a row that a search may cost, and what every search may: rarer terms are searched first."""
BLOCK, BLOCK_PRODUCTS = 4_096, 16_000_000
"""Rows searched at once, and the products that they may cost."""
LONGEST = 80
"""Characters of a text whose spelling is compared."""
PAIRS = 1 << 18
"""Candidates compared at once."""
SHORTEST, KIN, ALIKE = 3, 10, 0.85
"""Letters of a word that may be misspelt, words near it in triples that are looked at, and the similarity from which on two are alike."""


def fold(text: str) -> str:
    """Return a text without accents and case.

    >>> fold("Zürich GARE")
    'zurich gare'
    """
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.casefold()


def letter_grams(word: str) -> list[str]:
    """Return the triples of letters of a word with its ends marked.

    >>> letter_grams("bonn")
    [' bo', 'bon', 'onn', 'nn ']
    """
    marked = f" {word} "
    return [marked[k : k + GRAM] for k in range(max(1, len(marked) - GRAM + 1))]


class Vocabulary:
    """Words met so far, numbered, and the letter triples that each consists of."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.places)

    def count(self, texts: Sequence[str]) -> tuple[Rows, Rows]:
        """Return the word numbers of texts one after the other, and where each text begins, shape (texts + 1,)."""
        places, found, ends = self.places, [], [0]
        for text in texts:
            found += [places.setdefault(word, len(places)) for word in WORD.findall(fold(text))]
            ends.append(len(found))
        return np.array(found, np.int64), np.array(ends, np.int64)

    @cached_property
    def grams(self) -> Matrix:
        """How often each word holds each letter triple, shape (words, triples)."""
        known: dict[str, int] = {}
        found, ends = [], [0]
        for word in self.places:
            found += [known.setdefault(gram, len(known)) for gram in letter_grams(word)]
            ends.append(len(found))
        return _count_matrix(np.array(found, np.int64), np.array(ends, np.int64), len(known))

    @cached_property
    def alike(self) -> Matrix:
        """How alike words are that are spelt alike, as a part of 1; each is itself, shape (words, words)."""
        words = np.array(list(self.places), object)
        asked = np.flatnonzero(np.array([len(w) >= SHORTEST and w.isalpha() for w in words], bool))
        vectors = _unit(self.grams, np.ones(self.grams.shape[1], np.float32))[asked]
        rows, partners = find_nearest(vectors, vectors, KIN, np.arange(len(asked)))
        one, other = asked[rows], asked[partners]
        near = np.asarray(
            cpdist(words[one], words[other], scorer=JaroWinkler.normalized_similarity, dtype=np.float32)
        )
        kept, size = near >= ALIKE, len(words)
        pairs = sp.csr_matrix((near[kept], (one[kept], other[kept])), shape=(size, size))
        return sp.csr_matrix(pairs.maximum(pairs.T) + sp.identity(size, np.float32))

    @cached_property
    def with_digit(self) -> npt.NDArray[np.bool_]:
        """Which words hold a digit, shape (words,)."""
        return np.fromiter((any(c.isdigit() for c in word) for word in self.places), bool, len(self.places))


def _count_matrix(found: Rows, ends: Rows, width: int) -> Matrix:
    counted = sp.csr_matrix(
        (np.ones(len(found), np.float32), found.astype(np.int32), ends), shape=(len(ends) - 1, width)
    )
    counted.sum_duplicates()
    return counted


@dataclass(frozen=True, eq=False)
class Field:
    """A column of one side.

    Parameters
    ----------
    column
        Its distinct texts, trimmed, a null as an empty one.
    words
        Counts of each distinct text's words, shape (d, words).
    """

    column: Column
    words: Matrix

    @property
    def name(self) -> str:
        """Of the column."""
        return self.column.name

    @cached_property
    def filled(self) -> npt.NDArray[np.bool_]:
        """Which rows hold a text, shape (rows,)."""
        return np.asarray((self.column.values != "")[self.column.codes], bool)

    @cached_property
    def folded(self) -> npt.NDArray[np.object_]:
        """The beginnings of the distinct texts without accents and case, shape (d,)."""
        return np.array([fold(text[:LONGEST]) for text in self.column.values.tolist()] or [], object)

    def take(self, rows: Rows) -> Field:
        """Return some rows of it, in that order."""
        places, codes = np.unique(self.column.codes[rows], return_inverse=True)
        column = Column(
            self.name,
            self.column.values[places],
            np.bincount(codes, minlength=len(places)),
            codes.astype(np.int32),
        )
        return Field(column, self.words[places])


def usable_columns(table: Table) -> list[Column]:
    """Return the columns that can tell records apart: not empty, not constant, no mere counter of rows."""
    columns = (column.without_nulls(trimmed=True) for column in table)
    return [column for column in columns if _tells(column)]


def _tells(column: Column) -> bool:
    filled = column.values != ""
    if column.counts[filled].sum() < FEWEST_FILLED or filled.sum() < FEWEST_DISTINCT:
        return False
    return not (filled.all() and column.distinct == column.rows and _counts_rows(column.values.tolist()))


def _counts_rows(texts: list[str]) -> bool:
    if not all(text.isascii() and text.isdigit() for text in texts):
        return False
    numbers = [int(text) for text in texts]
    return max(numbers) - min(numbers) + 1 <= DENSE * len(numbers)


def read_fields(left: Table, right: Table) -> tuple[list[Field], list[Field], Vocabulary]:
    """Return the usable columns of both sides over one vocabulary."""
    vocabulary = Vocabulary()
    sides = [usable_columns(left), usable_columns(right)]
    counted = [[vocabulary.count(column.values.tolist()) for column in side] for side in sides]
    made = [
        [
            Field(column, _count_matrix(*found, len(vocabulary)))
            for column, found in zip(side, counts, strict=True)
        ]
        for side, counts in zip(sides, counted, strict=True)
    ]
    return made[0], made[1], vocabulary


def add_fields(fields: Sequence[Field], rows: int, words: int) -> Matrix:
    """Return the words of whole records, shape (rows, words)."""
    total = _count_matrix(np.empty(0, np.int64), np.zeros(rows + 1, np.int64), words)
    for field in fields:
        total = sp.csr_matrix(total + field.words[field.column.codes])
    return total


@dataclass(frozen=True, eq=False)
class Space:
    """Texts of both sides as vectors of unit length, weighted by (1 + ln count) ln((N + 1)/(df + 1/2)).

    Parameters
    ----------
    left, right
        Shapes (n, terms) and (m, terms).
    weights
        Inverse document frequency of each term, shape (terms,).
    """

    left: Matrix
    right: Matrix
    weights: Single

    @classmethod
    def weigh(cls, left: Matrix, right: Matrix, times: tuple[Rows, Rows] | None = None) -> Space:
        """Weigh counts of terms; ``times`` are the rows that each text stands for."""
        ones = times or (np.ones(left.shape[0], np.int64), np.ones(right.shape[0], np.int64))
        documents = sum(_document_frequency(m, t) for m, t in zip((left, right), ones, strict=True))
        number = sum(int(t.sum()) for t in ones)
        weights = np.log((number + 1) / (documents + 0.5)).clip(min=0).astype(np.float32)
        return cls(_unit(left, weights), _unit(right, weights), weights)

    def weigh_alike(self, counts: Matrix) -> Matrix:
        """Return the vectors of other texts by the same weights."""
        return _unit(counts, self.weights)

    @property
    def sides(self) -> tuple[Matrix, Matrix]:
        """Both sides' vectors."""
        return self.left, self.right

    def cosine(self, sides: tuple[int, int], rows: Rows, partners: Rows) -> Single:
        """Return the cosine of pairs of texts of two sides, shape (pairs,)."""
        return multiply_rows(self.sides[sides[0]], self.sides[sides[1]], rows, partners)

    @cached_property
    def present(self) -> tuple[Matrix, Matrix]:
        """Which terms each text of both sides holds, as ones."""
        made = [sp.csr_matrix((np.ones_like(m.data), m.indices, m.indptr), shape=m.shape) for m in self.sides]
        return made[0], made[1]

    def masses(self, kept: npt.NDArray[np.bool_] | None = None) -> tuple[Single, Single]:
        """Return the sum of the weights of each text's different terms, of those kept, shapes (n,) and (m,)."""
        weights = self.weights if kept is None else self.weights * kept
        return self.present[0] @ weights, self.present[1] @ weights

    def share(
        self, sides: tuple[int, int], rows: Rows, partners: Rows, kept: npt.NDArray[np.bool_] | None = None
    ) -> Single:
        """Return the sum of the weights of the terms, of those kept, that both texts of pairs hold, shape (pairs,)."""
        weights = self.weights if kept is None else self.weights * kept
        return multiply_rows(_scale(self.present[sides[0]], weights), self.present[sides[1]], rows, partners)

    def share_of(self, parts: Matrix, side: int, rows: Rows, partners: Rows) -> Single:
        """Return how much of the weight of other texts, such as one field's, a side's texts hold, 0 to 1, shape (pairs,)."""
        weighted = _scale(parts, self.weights)
        masses = np.asarray(weighted.sum(axis=1)).ravel()
        found = multiply_rows(weighted, self.present[side], rows, partners) / np.maximum(masses[rows], 1e-6)
        return np.asarray(found, np.float32)

    def share_alike(
        self, alike: Matrix, sides: tuple[int, int], rows: Rows, partners: Rows
    ) -> tuple[Single, Single]:
        """Return how much of the weight of each text of pairs the other one holds, words that are spelt alike as a part, shapes (pairs,)."""
        ends, made = (rows, partners), []
        for own, other in ((0, 1), (1, 0)):
            spread = self.present[sides[other]] @ alike
            spread.data = np.minimum(spread.data, 1.0)
            weighted, mass = _scale(self.present[sides[own]], self.weights), self.masses()[sides[own]]
            shared = multiply_rows(weighted, spread, ends[own], ends[other])
            made.append(np.asarray(shared / np.maximum(mass[ends[own]], 1e-6), np.float32))
        return made[0], made[1]

    def rarest(self, sides: tuple[int, int], rows: Rows, partners: Rows) -> Single:
        """Return the weight of the rarest term that both texts of pairs hold, 0 if none, shape (pairs,)."""
        left, right = _scale(self.present[sides[0]], self.weights), self.present[sides[1]]
        return _by_pairs(
            lambda i, j: left[i].multiply(right[j]).tocsr().max(axis=1).toarray().ravel(), rows, partners
        )


def _scale(terms: Matrix, weights: Single) -> Matrix:
    return sp.csr_matrix((weights[terms.indices], terms.indices, terms.indptr), shape=terms.shape)


def _document_frequency(counts: Matrix, times: Rows) -> Floats:
    rows = np.repeat(times, np.diff(counts.indptr))
    return np.asarray(np.bincount(counts.indices, rows, counts.shape[1]), np.float64)


def _unit(counts: Matrix, weights: Single) -> Matrix:
    data = (1 + np.log(counts.data)) * weights[counts.indices]
    made = sp.csr_matrix((data.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape)
    lengths = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
    made.data /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(made.indptr)).astype(np.float32)
    return made


def multiply_rows(left: Matrix, right: Matrix, rows: Rows, partners: Rows) -> Single:
    """Return the product of each row of one matrix with a row of another, shape (pairs,)."""
    return _by_pairs(lambda i, j: np.asarray(left[i].multiply(right[j]).sum(axis=1)).ravel(), rows, partners)


def _by_pairs(work: Callable[[Rows, Rows], npt.NDArray[np.float32]], rows: Rows, partners: Rows) -> Single:
    made = np.zeros(len(rows), np.float32)
    for start in range(0, len(rows), PAIRS):
        part = slice(start, start + PAIRS)
        made[part] = work(rows[part], partners[part])
    return made


def find_nearest(queries: Matrix, others: Matrix, most: int, barred: Rows | None = None) -> tuple[Rows, Rows]:
    """Return for each row of ``queries`` the up to ``most`` rows of ``others`` with the highest product.

    Terms that many rows hold are left out of the search where it would cost more than `PRODUCTS` a row.

    Parameters
    ----------
    queries, others
        Unit vectors, shapes (n, terms) and (m, terms).
    most
        Rows found for each at most.
    barred
        The row of ``others`` that each query may not find, itself where both are of one table, shape (n,).
    """
    searched = sp.csr_matrix(others.multiply(_searchable(queries, others)))
    searched.eliminate_zeros()
    turned = sp.csr_matrix(searched.T)
    block = max(1, min(BLOCK, BLOCK_PRODUCTS * queries.shape[0] // _allowed(queries)))
    found: list[tuple[Rows, Rows]] = []
    for start in range(0, queries.shape[0], block):
        product = queries[start : start + block] @ turned
        for row in range(product.shape[0]):
            best = _best(product, row, most, -1 if barred is None else int(barred[start + row]))
            found.append((np.full(len(best), start + row, np.int64), best))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate([rows for rows, _ in found]), np.concatenate([partners for _, partners in found])


def _best(product: Matrix, row: int, most: int, barred: int) -> Rows:
    part = slice(product.indptr[row], product.indptr[row + 1])
    places, values = product.indices[part], product.data[part]
    if barred >= 0:
        values = np.where(places == barred, -1.0, values)
    if len(values) > most:
        places = places[np.argpartition(values, len(values) - most)[-most:]]
    return np.asarray(places[places != barred], np.int64)


def _searchable(queries: Matrix, others: Matrix) -> Single:
    """Which terms a search uses: the rarest, as many as their products allow."""
    cost = np.bincount(queries.indices, minlength=queries.shape[1]) * np.bincount(
        others.indices, minlength=others.shape[1]
    ).astype(np.float64)
    order = np.argsort(cost, kind="stable")
    kept = np.zeros(len(cost), np.float32)
    kept[order[np.cumsum(cost[order]) <= _allowed(queries)]] = 1
    return kept


def _allowed(queries: Matrix) -> int:
    return max(LEAST_PRODUCTS, PRODUCTS * queries.shape[0])
