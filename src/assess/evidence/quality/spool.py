"""Numbers that are kept row by row without filling the memory, and taken up again a part at a time."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from typing import IO

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint64]

HELD = 1 << 22
"""Numbers that stay in memory; what is more goes to a temporary file, which no name leads to."""
PART = 6_000_000
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
        if sum(part.size for part in self._held) > HELD:
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
        parts = -(-self.rows // PART)
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
            while data := self._file.read(8 * self._width * (HELD // self._width)):
                yield np.frombuffer(data, np.uint64).reshape(-1, self._width)
        yield from self._held
