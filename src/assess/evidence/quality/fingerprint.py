"""A number for each text: equal texts have equal ones, different texts hardly ever."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from . import masks

Prints = npt.NDArray[np.uint64]

PART = 1 << 14
"""Texts that are taken at a time: what is in work stays in the processor's cache."""
_SPREAD, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_KEPT = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
NULL = np.uint64(0x2545F4914F6CDD1D)
"""The print of a null."""


def of(texts: pa.Array) -> Prints:
    """Return a 64-bit fingerprint of each text, shape (d,).

    The bytes are taken eight at a time; each step is an exclusive or and a multiplication by an odd number
    (so nothing is lost) and a shift, as in the finaliser of Steele, Lea and Flood (2014, SplitMix). Two
    different texts share a fingerprint with probability 2**-64.

    >>> one, other, again, longer = of(pa.array(["ab", "ba", "ab", "a longer text"], pa.large_string()))
    >>> bool(one == again), bool(one == other), bool(one == longer)
    (True, False, False)
    """
    prints = np.empty(len(texts), np.uint64)
    for start in range(0, len(texts), PART):
        part = texts.slice(start, PART)
        prints[start : start + PART] = _part(*masks.buffers(part))
    if texts.null_count:
        prints[np.asarray(texts.is_null().to_numpy(zero_copy_only=False))] = NULL
    return prints


def repeating(prints: Prints) -> npt.NDArray[np.int64]:
    """Return the places of prints that occur more than once, ascending.

    >>> repeating(np.array([5, 7, 5, 8], np.uint64)).tolist()
    [0, 2]
    """
    ordered = np.sort(prints)
    several = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if len(several) > len(prints) / 8:
        return np.flatnonzero(several[np.searchsorted(several, prints).clip(0, len(several) - 1)] == prints)
    low = np.zeros(1 << 16, bool)
    low[several.astype(np.uint16)] = True
    places = np.flatnonzero(low[prints.astype(np.uint16)])
    return places[np.isin(prints[places], several)]


def salted(prints: Prints, salt: int) -> Prints:
    """Return other fingerprints of the same texts, independent of the first: one kind for each salt.

    The sum of the prints of a row's texts, each with its column's salt, is a print of the row.
    """
    mixed = (prints ^ np.uint64(salt * int(_SPREAD) & 0xFFFFFFFFFFFFFFFF)) * _MIX
    mixed ^= mixed >> np.uint64(31)
    mixed *= _SPREAD
    return np.asarray(mixed ^ (mixed >> np.uint64(29)))


def _part(offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]) -> Prints:
    starts, lengths = offsets[:-1], np.diff(offsets)
    padded = np.zeros(len(data) + 8, np.uint8)
    padded[: len(data)] = data
    words = np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))
    prints = lengths.astype(np.uint64) * _SPREAD
    rows = np.flatnonzero(lengths)
    for at in range(0, int(lengths.max(initial=0)), 8):
        rows = rows[lengths[rows] > at]
        word = words[starts[rows] + at] & _KEPT[np.minimum(lengths[rows] - at, 8)]
        mixed = (prints[rows] ^ word) * _MIX
        prints[rows] = mixed ^ (mixed >> np.uint64(29))
    prints *= _SPREAD
    return np.asarray(prints ^ (prints >> np.uint64(32)))
