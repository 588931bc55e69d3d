"""Character masks: what a text looks like when its letters and digits are forgotten.

A digit becomes ``9``, an upper-case letter ``A``, any other letter ``a``; every other character
stays. Masks are made by a byte look-up table over Arrow's buffers where the texts are ASCII, and by
a look-up of the characters that occur beyond ASCII: no Python loop over values.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.personal import mask_sign

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
