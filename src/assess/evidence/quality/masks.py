"""Character masks: what a text looks like when its letters and digits are forgotten.

A digit becomes ``9``, an upper-case letter ``A``, any other letter ``a``; every other character
stays. Masks are made by a byte look-up table over Arrow's buffers where the texts are ASCII, and by
a look-up over the code points that occur where they are not: no Python loop over values.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def mask(text: str) -> str:
    """Return the mask of one text.

    >>> mask("Köln 50667, DE-NW")
    'Aaaa 99999, AA-AA'
    """
    return "".join(map(_sign, text))


def shape(text: str) -> str:
    """Return the mask with every run of the same class said once.

    >>> shape("Köln 50667, DE-NW")
    'Aa 9, A-A'
    """
    signs = mask(text)
    return "".join(s for i, s in enumerate(signs) if s not in "Aa9" or not i or signs[i - 1] != s)


@cache
def _sign(character: str) -> str:
    if character.isascii():
        return _ascii_sign(character)
    kind = unicodedata.category(character)
    if kind in ("Lu", "Lt"):
        return "A"
    return "a" if kind[0] in "LM" else "9" if kind == "Nd" else character


def _ascii_sign(character: str) -> str:
    if character.isdigit():
        return "9"
    return "A" if character.isupper() else "a" if character.islower() else character


_BYTES = np.array([ord(_ascii_sign(chr(byte))) if byte < 128 else byte for byte in range(256)], np.uint8)
_CLASS = np.isin(np.arange(256), [ord(sign) for sign in "Aa9"])


def texts(values: npt.NDArray[np.object_] | pa.Array | list[str | None]) -> pa.Array:
    """Return values as one Arrow array of large strings."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        return values if pa.types.is_large_string(values.type) else values.cast(pa.large_string())
    return pa.array(values, pa.large_string())


def masks(values: npt.NDArray[np.object_] | pa.Array) -> pa.Array:
    """Return the mask of every value, an Arrow array of the same length; a null stays null."""
    array = texts(values)
    offsets, data = _buffers(array)
    if not len(data):
        return array
    beyond = np.flatnonzero(data >= 0x80)
    if not len(beyond):
        return _rebuilt(array, offsets, _BYTES[data])
    wide = np.diff(np.searchsorted(beyond, offsets)) > 0
    both = pa.concat_arrays([masks(array.filter(pa.array(~wide))), _exact(array.filter(pa.array(wide)))])
    place = np.where(wide, np.cumsum(wide) - 1 + int((~wide).sum()), np.cumsum(~wide) - 1)
    return both.take(pa.array(place))


def shapes(values: npt.NDArray[np.object_] | pa.Array) -> pa.Array:
    """Return the shape (runs said once) of every value, an Arrow array of the same length."""
    array = masks(values)
    offsets, data = _buffers(array)
    if not len(data):
        return array
    keep = np.ones(len(data), bool)
    keep[1:] = (data[1:] != data[:-1]) | ~_CLASS[data[1:]]
    keep[offsets[:-1][offsets[:-1] < len(data)]] = True
    kept = np.concatenate([[0], np.cumsum(keep)])
    return _rebuilt(array, kept[offsets], data[keep])


def _buffers(array: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Offsets (from 0, one more than values) and bytes of a large string array."""
    _, ends, data = array.buffers()
    if not len(array) or data is None:
        return np.zeros(len(array) + 1, np.int64), np.empty(0, np.uint8)
    offsets = np.frombuffer(ends, np.int64)[array.offset : array.offset + len(array) + 1]
    return offsets - offsets[0], np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]


def _rebuilt(array: pa.Array, offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]) -> pa.Array:
    """The texts of other bytes, null where the array is."""
    nulls = None
    if array.null_count:
        nulls = pc.is_valid(array).buffers()[1]
    return pa.LargeStringArray.from_buffers(
        len(array),
        pa.py_buffer(np.ascontiguousarray(offsets, np.int64)),
        pa.py_buffer(np.ascontiguousarray(data)),
        nulls,
    )


def _exact(array: pa.Array) -> pa.Array:
    """Masks of texts with characters beyond ASCII, by a table of the code points that occur; no nulls."""
    _, data = _buffers(array)
    points = np.frombuffer(data.tobytes().decode("utf-8", "replace").encode("utf-32-le"), np.uint32)
    if not len(points):
        return array
    marked = np.zeros(int(points.max()) + 1, np.uint32)
    marked[points] = 1
    seen = np.flatnonzero(marked)
    marked[seen] = np.arange(len(seen))
    index = marked[points]
    signs = np.array([ord(_sign(chr(point))) for point in seen], np.uint32)
    widths = 1 + (signs >= 0x80).astype(np.int64) + (signs >= 0x800) + (signs >= 0x10000)
    ends = np.concatenate([[0], np.cumsum(pc.utf8_length(array).to_numpy(zero_copy_only=False))])
    offsets = np.concatenate([[0], np.cumsum(widths[index])])[ends]
    masked = signs[index].astype("<u4").tobytes().decode("utf-32-le").encode("utf-8")
    return _rebuilt(array, offsets, np.frombuffer(masked, np.uint8))
