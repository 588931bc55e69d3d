"""A column as its distinct texts, how often each occurs, and in which rows: the one view that all rooms share."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.missing import is_missing_word
from assess.core.personal import LEAST, MOST, find_codes, is_personal, mask_runs

from .texts import Prints, find_repeating, fingerprint_plain, fingerprint_texts, mask_all, shape_all

Rest = ParamSpec("Rest")
Made = TypeVar("Made")

JUDGED = 200
"""Characters of a text that its type and its mask are told by."""


SHORT_WORD = 4
"""Letters of a word for missing that may be a code."""
SAME_FORM = 0.95
"""Share of the other filled rows that must have a word's form before it is one of the column's own values."""
SEVERAL = 8
"""Different values of a word's form, none rarer than the word, among codes of several forms."""
NAMES = frozenset({"Null", "Nan", "Nil", "Na", "Nd"})
"""Words for missing that are names of persons where they are written as such; ``None`` is what Python writes for nothing."""


class Column:
    """One column, dictionary-encoded: judge ``values`` with their ``counts``, then resolve the rows.

    Parameters
    ----------
    name
        As in the table's header.
    values
        Distinct texts in the order of their first row, shape (d,), dtype object (or Arrow large strings);
        a null of the engine is None (at most one), an empty text is ``""``.
    counts
        Rows that hold each value, shape (d,).
    codes
        Index into ``values`` of each row, shape (rows,), dtype int32.
    prints
        Fingerprint of each value, shape (d,), if they are known.

    Attributes
    ----------
    hidden
        Whether no value may stand in clear, because the column of another table that means the same tells of persons.
    numbers
        Number of each row in the table that these rows were drawn from, -1 where they have none; None for a whole table.
    """

    def __init__(
        self,
        name: str,
        values: npt.NDArray[np.object_] | pa.Array,
        counts: npt.NDArray[np.int64],
        codes: npt.NDArray[np.int32],
        prints: Prints | None = None,
    ) -> None:
        self.name = name
        self._values = values
        self.counts = counts
        self.codes = codes
        self._prints = prints
        self.hidden = False
        self.numbers: npt.NDArray[np.int64] | None = None

    @cached_property
    def values(self) -> npt.NDArray[np.object_]:
        """The distinct values as Python texts, shape (d,), dtype object."""
        held = self._values
        return (
            held if isinstance(held, np.ndarray) else np.asarray(held.to_numpy(zero_copy_only=False), object)
        )

    @cached_property
    def texts(self) -> pa.Array:
        """The distinct values as an Arrow array of large strings, shape (d,)."""
        held = self._values
        return pa.array(held, pa.large_string()) if isinstance(held, np.ndarray) else held

    @cached_property
    def prints(self) -> Prints:
        """Fingerprint of each distinct value, shape (d,)."""
        return fingerprint_texts(self.texts) if self._prints is None else self._prints

    @cached_property
    def plain_prints(self) -> Prints:
        """Fingerprint of each distinct value without case, spaces and punctuation, shape (d,)."""
        return fingerprint_plain(self.texts)

    @property
    def distinct(self) -> int:
        """Number of distinct values, a null counted as one."""
        return len(self._values)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.codes)

    @cached_property
    def blank(self) -> npt.NDArray[np.bool_]:
        """Mask over the distinct values: null, empty, or nothing but white space."""
        trimmed = pc.utf8_trim_whitespace(self.texts)
        return np.asarray(pc.fill_null(pc.equal(trimmed, ""), True).to_numpy(zero_copy_only=False), bool)

    @cached_property
    def heads(self) -> pa.Array:
        """The first `JUDGED` characters of the distinct values, shape (d,): what types and masks are told by."""
        if (pc.max(pc.binary_length(self.texts)).as_py() or 0) <= JUDGED:
            return self.texts
        return pc.utf8_slice_codeunits(self.texts, 0, JUDGED)

    @cached_property
    def masked(self) -> tuple[npt.NDArray[np.int32], list[str]]:
        """Mask of each distinct value as codes, shape (d,), and the masks; of a long text its beginning's."""
        coded = mask_all(pc.fill_null(self.heads, "")).dictionary_encode()
        return np.asarray(
            coded.indices.to_numpy(zero_copy_only=False), np.int32
        ), coded.dictionary.to_pylist()

    @cached_property
    def bare_masks(self) -> list[str]:
        """The masks that `masked` numbers, without spaces at the edges."""
        return [label.strip() for label in self.masked[1]]

    @cached_property
    def own_words(self) -> frozenset[str]:
        """Texts that mean "nothing here" elsewhere and are values of this column, by what stands around them.

        A word of at most `SHORT_WORD` letters is a code where nearly all other values have its very form: ``NA`` among
        country codes is Namibia, ``UNK`` among codes of three capitals one of them, ``Na`` among symbols of one or two
        letters sodium. ``Null``, ``Nan`` or ``Nil``, written as a name, is a name in a column of persons, and where it stands once
        in a list of texts that each stand once: Nan is a province.
        """
        codes, labels = self.masked
        letters = [1 < len(label) <= SHORT_WORD and not label.strip("Aa") for label in labels]
        short = (
            np.flatnonzero(np.array(letters, bool)[codes] & ~self.blank)
            if any(letters)
            else np.empty(0, np.int64)
        )
        texts = self.texts.take(pa.array(short)).to_pylist()
        words = {
            text: place for place, text in zip(short.tolist(), texts, strict=True) if is_missing_word(text)
        }
        if not words:
            return frozenset()
        others = ~self.blank
        others[list(words.values())] = False
        rows = np.bincount(codes[others], self.counts[others], len(labels))
        distinct = np.bincount(codes[others], minlength=len(labels))
        most = np.zeros(len(labels), np.int64)
        np.maximum.at(most, codes[others], self.counts[others])
        brief = np.array([0 < len(label) <= SHORT_WORD and not label.strip("Aa9-") for label in labels], bool)
        coded = float(rows[brief].sum()) >= SAME_FORM * rows.sum()
        named = sum(float(rows[k]) for k, label in enumerate(labels) if mask_runs(label) == "Aa")
        form = {text: int(codes[place]) for text, place in words.items()}
        listed = others.sum() >= SAME_FORM * self.counts[others].sum()
        return frozenset(
            text
            for text in words
            if (text in NAMES and named >= SAME_FORM * rows.sum() and is_personal(self.name))
            or (text in NAMES and self.counts[words[text]] == 1 and listed)
            or (distinct[form[text]] > 1 and rows[form[text]] >= SAME_FORM * rows.sum())
            or (coded and distinct[form[text]] >= SEVERAL and self.counts[words[text]] <= most[form[text]])
        )

    @property
    def clear_values(self) -> frozenset[str]:
        """The values that may stand in clear, see `assess.core.personal.find_codes`."""
        return frozenset() if self.hidden else self._codes

    @cached_property
    def _codes(self) -> frozenset[str]:
        frequent = (self.counts >= LEAST) & ~self.blank
        often = np.flatnonzero(frequent)
        if not 0 < len(often) <= MOST:
            return frozenset()
        values, rare = (
            self.texts.take(pa.array(often)).to_pylist(),
            self.counts[~frequent & ~self.blank].sum(),
        )
        return find_codes(self.name, values, self.counts[often].tolist(), rare=int(rare))

    @cached_property
    def masks(self) -> npt.NDArray[np.object_]:
        """Mask of each distinct value, shape (d,)."""
        return np.asarray(mask_all(self.texts).to_numpy(zero_copy_only=False), object)

    @cached_property
    def shapes(self) -> npt.NDArray[np.object_]:
        """Mask of each distinct value with runs said once, shape (d,)."""
        return np.asarray(shape_all(self.texts).to_numpy(zero_copy_only=False), object)

    def without_nulls(self, *, trimmed: bool = False) -> Column:
        """Return the column with nulls as empty texts, and without spaces at the edges where that is asked for."""
        null = np.array([value is None for value in self.values], bool)
        if not null.any() and not trimmed:
            return self
        texts = np.where(null, "", self.values)
        if trimmed:
            texts = np.array([text.strip() for text in texts], object)
        places, kept = pd.factorize(texts)
        counts = np.bincount(places, weights=self.counts, minlength=len(kept)).astype(np.int64)
        return self.recoded(np.asarray(kept, object), counts, places.astype(np.int32)[self.codes])

    def recoded(
        self, values: npt.NDArray[np.object_], counts: npt.NDArray[np.int64], codes: npt.NDArray[np.int32]
    ) -> Column:
        """Return the same rows with other values."""
        made = Column(self.name, values, counts, codes)
        made.hidden, made.numbers = self.hidden, self.numbers
        return made

    def numbered(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the numbers of rows in the whole table, of those that have one."""
        if self.numbers is None:
            return rows
        found = self.numbers[rows]
        return found[found >= 0]

    def rows_of(self, values: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Return the rows, ascending, that hold any of the values marked in a mask of shape (d,)."""
        return np.flatnonzero(values[self.codes]) if self.distinct else np.empty(0, np.int64)


def once_a_column(
    up_to: float = float("inf"),
) -> Callable[[Callable[Concatenate[Column, Rest], Made]], Callable[Concatenate[Column, Rest], Made]]:
    """Let a function remember what it made of a column, as long as somebody holds the column.

    Parameters
    ----------
    up_to
        Distinct values beyond which nothing is remembered, where what is made grows with them.

    Examples
    --------
    >>> column, asked = encode_column("a", pa.chunked_array([["x", "y"]], pa.large_string())), []
    >>> small, large = (once_a_column(up_to=most)(lambda c, n: asked.append(n) or n) for most in (2, 1))
    >>> [small(column, 1), small(column, 1), small(column, 2), large(column, 3), large(column, 3)], asked
    ([1, 1, 2, 3, 3], [1, 2, 3, 3])
    """

    def decorate(
        work: Callable[Concatenate[Column, Rest], Made],
    ) -> Callable[Concatenate[Column, Rest], Made]:
        made: WeakKeyDictionary[Column, dict[tuple[object, ...], Made]] = WeakKeyDictionary()

        @wraps(work)
        def remembered(column: Column, /, *rest: Rest.args, **named: Rest.kwargs) -> Made:
            if column.distinct > up_to:
                return work(column, *rest, **named)
            known = made.setdefault(column, {})
            if rest not in known:
                known[rest] = work(column, *rest, **named)
            return known[rest]

        return remembered

    return decorate


Codes = npt.NDArray[np.int32]

LOOKED_AT = 16_384
"""Texts, evenly spread, by which a column is held for nearly unique."""
REPEATED = 0.02
"""Share of those that may repeat another; it decides about the way only, never about the result."""


def encode_column(name: str, texts: pa.ChunkedArray) -> Column:
    """Encode a column.

    Parameters
    ----------
    name
        Of the column.
    texts
        Large strings, or codes with a dictionary of large strings, as a file holds them.

    Returns
    -------
    Column
        The distinct texts in the order of their first row, whichever way they were found.

    Examples
    --------
    >>> column = encode_column("a", pa.chunked_array([["x", "y", None, "x"]], pa.large_string()))
    >>> column.texts.to_pylist(), column.counts.tolist(), column.codes.tolist()
    (['x', 'y', None], [2, 1, 1], [0, 1, 2, 0])
    """
    if not len(texts):
        return Column(name, np.empty(0, object), np.empty(0, np.int64), np.empty(0, np.int32))
    if pa.types.is_dictionary(texts.type):
        return _renumbered(name, texts)
    whole = texts.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # more than 2 GiB of text
        whole = pa.concat_arrays(whole.chunks)
    return _nearly_unique(name, whole) or _hashed(name, whole)


def _hashed(name: str, texts: pa.Array) -> Column:
    """Look every text up in a hash table."""
    coded = texts.dictionary_encode(null_encoding="encode")
    codes = np.asarray(coded.indices.to_numpy(zero_copy_only=False), np.int32)
    return Column(name, coded.dictionary, np.bincount(codes, minlength=len(coded.dictionary)), codes)


def _renumbered(name: str, texts: pa.ChunkedArray) -> Column:
    """Take over the codes of a file: each distinct text once, in the order of the first rows."""
    whole = texts.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    held = pa.concat_arrays([whole.dictionary, pa.nulls(1, whole.dictionary.type)])
    held = held.dictionary_encode(null_encoding="encode")
    null = len(whole.dictionary)
    raw = np.asarray(pc.fill_null(whole.indices, null).to_numpy(zero_copy_only=False))
    first = np.full(len(held), len(raw), np.int64)
    first[raw[::-1]] = np.arange(len(raw) - 1, -1, -1)
    same = np.asarray(held.indices.to_numpy(zero_copy_only=False))
    row = np.full(len(held.dictionary), len(raw), np.int64)
    np.minimum.at(row, same, first)
    order = np.argsort(row, kind="stable")[: int((row < len(raw)).sum())]
    number = np.empty(len(row), np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    codes = number[same][raw]
    return Column(
        name, held.dictionary.take(pa.array(order)), np.bincount(codes, minlength=len(order)), codes
    )


def _nearly_unique(name: str, texts: pa.Array) -> Column | None:
    """Find the few texts that repeat by sorting fingerprints; None if they are not few."""
    if len(texts) < 2 * LOOKED_AT:
        return None
    some = texts.take(pa.array(np.linspace(0, len(texts) - 1, LOOKED_AT).astype(np.int64)))
    if len(some.unique()) < (1 - REPEATED) * LOOKED_AT:
        return None
    prints = fingerprint_texts(texts)
    rows = find_repeating(prints)
    _, lead, kind = np.unique(prints[rows], return_index=True, return_inverse=True)
    first = rows[lead[kind]]
    if len(rows) > len(texts) / 2 or not _equal(texts.take(pa.array(rows)), texts.take(pa.array(first))):
        return None
    leads = np.ones(len(texts), bool)
    leads[rows[rows != first]] = False
    codes = np.cumsum(leads, dtype=np.int32) - np.int32(1)
    codes[rows] = codes[first]
    held = texts if leads.all() else texts.filter(pa.array(leads))
    return Column(name, held, np.bincount(codes, minlength=len(held)), codes, prints[leads])


def _equal(one: pa.Array, other: pa.Array) -> bool:
    same = pc.or_kleene(pc.equal(one, other), pc.and_(pc.is_null(one), pc.is_null(other)))
    return not len(one) or bool(pc.all(pc.fill_null(same, False)).as_py())
