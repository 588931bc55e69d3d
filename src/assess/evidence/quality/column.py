"""A column as its distinct texts, how often each occurs, and in which rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Column:
    """One column, dictionary-encoded: judge ``values`` with their ``counts``, then resolve the rows.

    Parameters
    ----------
    name
        As in the table's header.
    values
        Distinct texts in the order of their first row, shape (d,), dtype object; a null of the engine is
        None (at most one), an empty text is ``""``.
    counts
        Rows that hold each value, shape (d,).
    codes
        Index into ``values`` of each row, shape (rows,), dtype int32.
    """

    name: str
    values: npt.NDArray[np.object_]
    counts: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int32]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.codes)

    @cached_property
    def texts(self) -> pa.Array:
        """The distinct values as an Arrow array of large strings, shape (d,)."""
        return pa.array(self.values, pa.large_string())

    def rows_of(self, values: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Return the rows, ascending, that hold any of the values marked in a mask of shape (d,)."""
        return np.flatnonzero(values[self.codes]) if len(self.values) else np.empty(0, np.int64)


def encoded(name: str, text: pa.ChunkedArray) -> Column:
    """Encode a column of texts."""
    if not len(text):
        return Column(name, np.empty(0, object), np.empty(0, np.int64), np.empty(0, np.int32))
    whole = text.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # more than 2 GiB of text
        whole = whole.unify_dictionaries()
    coded = whole.dictionary_encode(null_encoding="encode")
    codes = np.asarray(coded.indices.to_numpy(zero_copy_only=False), np.int32)
    values = coded.dictionary.to_numpy(zero_copy_only=False)
    counts = np.bincount(codes, minlength=len(values)).astype(np.int64)
    return Column(name, values, counts, codes)
