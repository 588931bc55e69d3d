"""Rows as numbers: a fingerprint per row by which equal rows are found without comparing texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from . import fingerprint, masks
from .fingerprint import Prints
from .table import Table

PART = 1 << 14
"""Texts that are made plain at a time."""
_LOWER = bytes(range(256)).lower()
_DROPPED = bytes(byte for byte in range(128) if not chr(byte).isalnum())
_KEPT = np.array([byte not in _DROPPED for byte in range(256)])


def fingerprints(
    table: Table,
    columns: Sequence[str],
    prepare: Callable[[pa.Array], pa.Array] | None = None,
    rows: npt.NDArray[np.int64] | None = None,
) -> Prints:
    """Return a 64-bit fingerprint of each row over some columns, shape (rows,).

    The print over some columns plus that over others is the print over both. Two different rows share one with probability 2**-64; of 50 million rows a chance pair is expected
    once in 15,000 tables.

    Parameters
    ----------
    prepare
        What is done to the distinct texts before, such as `plain`.
    rows
        Rows to look at, ascending; default all.
    """
    prints = np.zeros(table.rows if rows is None else len(rows), np.uint64)
    salts = {name: place for place, name in enumerate(table.columns, start=1)}
    for name in columns:
        column = table.column(name)
        codes = column.codes if rows is None else column.codes[rows]
        if prepare is None:
            own = column.prints
        elif rows is None:
            own = fingerprint.of(prepare(column.texts))
        else:
            seen, places = np.unique(codes, return_inverse=True)
            codes = places.astype(np.int32)
            own = fingerprint.of(prepare(column.texts.take(pa.array(seen))))
        prints += fingerprint.salted(own, salts[name])[codes]
    return prints


def plain(texts: pa.Array) -> pa.Array:
    """Forget case, spaces and punctuation: what two spellings of the same have in common."""
    parts = [_plain(texts.slice(start, PART)) for start in range(0, len(texts), PART)]
    return pa.concat_arrays(parts) if parts else texts


def _plain(texts: pa.Array) -> pa.Array:
    offsets, data = masks.buffers(texts)
    if (data >= 0x80).any():
        return pc.replace_substring_regex(pc.utf8_lower(texts), r"[^\pL\pN]+", "")
    kept = np.concatenate([[0], np.cumsum(_KEPT[data])])
    return masks.rebuilt(texts, kept[offsets], data.tobytes().translate(_LOWER, _DROPPED))
