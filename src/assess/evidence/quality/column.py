"""A column as its distinct texts, how often each occurs, and in which rows."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from . import fingerprint, masks

JUDGED = 200
"""Characters of a text that its type and its mask are told by."""


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
    """

    def __init__(
        self,
        name: str,
        values: npt.NDArray[np.object_] | pa.Array,
        counts: npt.NDArray[np.int64],
        codes: npt.NDArray[np.int32],
        prints: fingerprint.Prints | None = None,
    ) -> None:
        self.name = name
        self._values = values
        self.counts = counts
        self.codes = codes
        self._prints = prints

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
    def prints(self) -> fingerprint.Prints:
        """Fingerprint of each distinct value, shape (d,)."""
        return fingerprint.of(self.texts) if self._prints is None else self._prints

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
        coded = masks.masks(pc.fill_null(self.heads, "")).dictionary_encode()
        return np.asarray(
            coded.indices.to_numpy(zero_copy_only=False), np.int32
        ), coded.dictionary.to_pylist()

    def rows_of(self, values: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Return the rows, ascending, that hold any of the values marked in a mask of shape (d,)."""
        return np.flatnonzero(values[self.codes]) if self.distinct else np.empty(0, np.int64)
