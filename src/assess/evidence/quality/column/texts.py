"""Texts of a column as numbers and as masks.

A fingerprint is a number for each text: equal texts have equal ones, different texts hardly ever; many of them lie on disk.

A mask is what a text looks like when its letters and digits are forgotten. A digit becomes ``9``, an upper-case letter ``A``,
any other letter ``a``; every other character stays. Masks are made by a byte look-up table over Arrow's buffers where the texts
are ASCII, and by a look-up of the characters that occur beyond ASCII: no Python loop over values.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.personal import mask_sign
from assess.core.places import distinct

Bytes = npt.NDArray[np.uint8]


_BYTES = bytes(ord(mask_sign(chr(byte))) if byte < 128 else byte for byte in range(256))
_CLASS = np.isin(np.arange(256), [ord(sign) for sign in "Aa9"])
_NEVER = 0xFF
"""A byte that occurs in no UTF-8 text."""


def arrow_texts(values: npt.NDArray[np.object_] | pa.Array | list[str | None]) -> pa.Array:
    """Return values as one Arrow array of large strings."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        return values if pa.types.is_large_string(values.type) else values.cast(pa.large_string())
    return pa.array(values, pa.large_string())


def mask_all(values: npt.NDArray[np.object_] | pa.Array) -> pa.Array:
    """Return the mask of every value, an Arrow array of the same length; a null stays null."""
    array = arrow_texts(values)
    offsets, data = text_buffers(array)
    beyond = np.flatnonzero(data >= 0x80)
    if not len(beyond):
        return rebuild_texts(array, offsets, data.tobytes().translate(_BYTES)) if len(data) else array
    data, gone = _shortened(data, beyond)
    owner = np.searchsorted(offsets, gone, side="right") - 1
    shorter = np.cumsum(np.bincount(owner, minlength=len(array)))
    offsets = offsets - np.concatenate([[0], shorter])
    return rebuild_texts(array, offsets, data.tobytes().translate(_BYTES, bytes([_NEVER])))


def shape_all(values: npt.NDArray[np.object_] | pa.Array) -> pa.Array:
    """Return the shape (runs said once) of every value, an Arrow array of the same length."""
    array = mask_all(values)
    offsets, data = text_buffers(array)
    if not len(data):
        return array
    keep = np.ones(len(data), bool)
    keep[1:] = (data[1:] != data[:-1]) | ~_CLASS[data[1:]]
    keep[offsets[:-1][offsets[:-1] < len(data)]] = True
    kept = np.concatenate([[0], np.cumsum(keep)])
    return rebuild_texts(array, kept[offsets], data[keep])


def text_buffers(array: pa.Array) -> tuple[npt.NDArray[np.int64], Bytes]:
    """Offsets (from 0, one more than values) and bytes of a large string array."""
    _, ends, data = array.buffers()
    if not len(array) or data is None:
        return np.zeros(len(array) + 1, np.int64), np.empty(0, np.uint8)
    offsets = np.frombuffer(ends, np.int64)[array.offset : array.offset + len(array) + 1]
    return offsets - offsets[0], np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]


def rebuild_texts(array: pa.Array, offsets: npt.NDArray[np.int64], data: Bytes | bytes) -> pa.Array:
    """The texts of other bytes, null where the array is."""
    nulls = pc.is_valid(array).buffers()[1] if array.null_count else None
    held = data if isinstance(data, bytes) else np.ascontiguousarray(data)
    ends = np.ascontiguousarray(offsets, np.int64)
    return pa.LargeStringArray.from_buffers(len(array), pa.py_buffer(ends), pa.py_buffer(held), nulls)


def _shortened(data: Bytes, beyond: npt.NDArray[np.int64]) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """Write the sign of each letter and digit beyond ASCII in place of its bytes.

    Parameters
    ----------
    data
        UTF-8.
    beyond
        Places of its bytes from 0x80, ascending.

    Returns
    -------
    data, gone
        The bytes with `_NEVER` where one is no longer needed, and these places, ascending.
    """
    leads = beyond[data[beyond] >= 0xC0]
    lead = data[leads]
    width = 2 + (lead >= 0xE0).astype(np.int64) + (lead >= 0xF0)
    point = (lead & (0x7F >> width)).astype(np.int64)
    for step in (1, 2, 3):
        more = np.flatnonzero(width > step)
        point[more] = (point[more] << 6) | (data[leads[more] + step] & 0x3F)
    signs_of = np.zeros(int(point.max(initial=0)) + 1, np.int64)
    signs_of[point] = 1
    seen = np.flatnonzero(signs_of)
    signs_of[seen] = [ord(mask_sign(chr(one))) for one in seen]
    signs = signs_of[point]
    classed = np.flatnonzero(signs < 0x80)
    out = data.copy()
    out[leads[classed]] = signs[classed]
    gone = [leads[some] + step for step in (1, 2, 3) if len(some := classed[width[classed] > step])]
    places = np.sort(np.concatenate(gone)) if gone else np.empty(0, np.int64)
    out[places] = _NEVER
    return out, places


Prints = npt.NDArray[np.uint64]

PART_TEXTS = 1 << 14
"""Texts that are taken at a time: what is in work stays in the processor's cache."""
_SPREAD, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_KEPT = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
NULL = np.uint64(0x2545F4914F6CDD1D)
"""The print of a null."""


def fingerprint_texts(texts: pa.Array) -> Prints:
    """Return a 64-bit fingerprint of each text, shape (d,).

    The bytes are taken eight at a time; each step is an exclusive or and a multiplication by an odd number
    (so nothing is lost) and a shift, as in the finaliser of Steele, Lea and Flood (2014, SplitMix). Two
    different texts share a fingerprint with probability 2**-64.

    >>> one, other, again, longer = fingerprint_texts(pa.array(["ab", "ba", "ab", "a longer text"], pa.large_string()))
    >>> bool(one == again), bool(one == other), bool(one == longer)
    (True, False, False)
    """
    prints = np.empty(len(texts), np.uint64)
    for start in range(0, len(texts), PART_TEXTS):
        part = texts.slice(start, PART_TEXTS)
        prints[start : start + PART_TEXTS] = _part(*text_buffers(part))
    if texts.null_count:
        prints[np.asarray(texts.is_null().to_numpy(zero_copy_only=False))] = NULL
    return prints


_LOWER = bytes(range(256)).lower()
ASCII_SIGNS = bytes(byte for byte in range(128) if not chr(byte).isalnum())
"""What is neither a letter nor a digit."""
_IS_KEPT = np.array([byte not in ASCII_SIGNS for byte in range(256)])


def fingerprint_plain(texts: pa.Array) -> Prints:
    """Return a fingerprint of each text without case, spaces and punctuation, shape (d,), see `plain_texts`.

    >>> one, other, empty = fingerprint_plain(pa.array(["Ann-Lee 7", "ANNLEE7", ""], pa.large_string()))
    >>> bool(one == other), bool(one == empty)
    (True, False)
    """
    prints = np.empty(len(texts), np.uint64)
    beyond: list[npt.NDArray[np.int64]] = []
    for start in range(0, len(texts), PART_TEXTS):
        part = texts.slice(start, PART_TEXTS)
        offsets, data = text_buffers(part)
        prints[start : start + PART_TEXTS] = _part(*_plain_bytes(offsets, data))
        foreign = np.flatnonzero(data >= 0x80)
        if len(foreign):
            beyond.append(distinct(np.searchsorted(offsets, foreign, side="right") - 1) + start)
    if beyond:
        places = np.concatenate(beyond)
        prints[places] = fingerprint_texts(plain_texts(texts.take(pa.array(places))))
    if texts.null_count:
        prints[np.asarray(texts.is_null().to_numpy(zero_copy_only=False))] = NULL
    return prints


def plain_texts(texts: pa.Array) -> pa.Array:
    """Forget case, spaces and punctuation: what two spellings of the same have in common."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is False:
        return pc.replace_substring_regex(pc.utf8_lower(texts), r"[^\pL\pN]+", "")
    offsets, data = _plain_bytes(*text_buffers(texts))
    return rebuild_texts(texts, offsets, data)


def _plain_bytes(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """ASCII letters in lower case and digits, and the bytes beyond ASCII as they are."""
    plain = np.frombuffer(data.tobytes().translate(_LOWER, ASCII_SIGNS), np.uint8)
    if len(plain) == len(data):
        return offsets, plain
    kept = np.zeros(len(data) + 1, np.int64)
    np.cumsum(_IS_KEPT[data], out=kept[1:])
    return kept[offsets], plain


def find_repeating(prints: Prints) -> npt.NDArray[np.int64]:
    """Return the places of prints that occur more than once, ascending.

    >>> find_repeating(np.array([5, 7, 5, 8], np.uint64)).tolist()
    [0, 2]
    """
    ordered = np.sort(prints)
    several = distinct(ordered[1:][ordered[1:] == ordered[:-1]])
    if len(several) > len(prints) / 8:
        return np.flatnonzero(several[np.searchsorted(several, prints).clip(0, len(several) - 1)] == prints)
    low = np.zeros(1 << 16, bool)
    low[several.astype(np.uint16)] = True
    places = np.flatnonzero(low[prints.astype(np.uint16)])
    return places[np.isin(prints[places], several)]


def salt_prints(prints: Prints, salt: int) -> Prints:
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


Numbers = npt.NDArray[np.uint64]

IN_MEMORY = 1 << 22
"""Numbers that stay in memory; what is more goes to a temporary file, which no name leads to."""
PART_ROWS = 6_000_000
"""Rows of a part."""


class Spool:
    """Rows of so many numbers each, in the order in which they came.

    Parameters
    ----------
    width
        Numbers of a row; the first is the one by which the rows are parted.
    folder
        Where the file goes; empty for the system's place.
    """

    def __init__(self, width: int, folder: str = "") -> None:
        self.rows = 0
        self._width, self._folder = width, folder or None
        self._held: list[Numbers] = []
        self._file: IO[bytes] | None = None

    def append(self, *columns: npt.NDArray[np.unsignedinteger] | npt.NDArray[np.signedinteger]) -> None:
        """Take rows, given by their columns, each of shape (n,)."""
        self._held.append(np.column_stack([column.astype(np.uint64, copy=False) for column in columns]))
        self.rows += len(columns[0])
        if sum(part.size for part in self._held) > IN_MEMORY:
            file = self._opened()
            file.seek(0, 2)
            for part in self._held:
                file.write(np.ascontiguousarray(part).data)
            self._held.clear()

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        return self._file

    def parts(self) -> Iterator[tuple[npt.NDArray[np.int64], Numbers]]:
        """Yield the rows part by part; rows with the same first number are in the same part.

        Yields
        ------
        places, numbers
            Places of the rows, ascending, shape (n,), and the rows, shape (n, width).
        """
        parts = -(-self.rows // PART_ROWS)
        for part in range(parts):
            places: list[npt.NDArray[np.int64]] = []
            numbers: list[Numbers] = []
            start = 0
            for some in self._chunks():
                mine = (
                    np.flatnonzero(some[:, 0] % np.uint64(parts) == part)
                    if parts > 1
                    else np.arange(len(some))
                )
                places.append(mine + start)
                numbers.append(some[mine])
                start += len(some)
            yield np.concatenate(places), np.concatenate(numbers)

    def _chunks(self) -> Iterator[Numbers]:
        if self._file is not None:
            self._file.seek(0)
            while data := self._file.read(8 * self._width * (IN_MEMORY // self._width)):
                yield np.frombuffer(data, np.uint64).reshape(-1, self._width)
        yield from self._held
