"""What an engine must be able to say of a table: the primitives, one signature for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

Counts = list[tuple[str | None, int]]


class NotAssessed(Exception):
    """What an engine lacks: reported as "not assessed on this engine", never skipped in silence."""

    def __init__(self, primitive: str, engine: str) -> None:
        super().__init__(f"{primitive}: not assessed on {engine}")
        self.primitive, self.engine = primitive, engine


class Engine(Protocol):
    """A table where it lies; every column is seen as text.

    Each method raises `NotAssessed` if the engine lacks it.
    """

    name: str
    columns: tuple[str, ...]

    def count(self) -> int:
        """Rows."""

    def nulls(self, column: str) -> int:
        """Rows that hold a null."""

    def distinct(self, column: str) -> int:
        """Distinct values, nulls not counted."""

    def limits(self, column: str) -> tuple[float | None, float | None]:
        """Smallest and largest of the values that are numbers; None without any."""

    def quantile(self, column: str, share: float) -> float | None:
        """Quantile of the values that are numbers: the smallest value that reaches the share; None without any."""

    def rate(self, column: str, pattern: str) -> float | None:
        """Share of the non-null values in which a regular expression is found; None without any."""

    def frequencies(self, column: str, most: int) -> Counts:
        """The most frequent values with their rows, then by value; nulls are left out."""

    def masks(self, column: str, most: int) -> Counts:
        """The most frequent masks of ASCII letters and digits with their rows, then by mask."""

    def lengths(self, column: str) -> tuple[int | None, int | None]:
        """Fewest and most characters of a value; None without any."""

    def repeated(self, columns: Sequence[str]) -> int:
        """Rows whose values in these columns occur in another row too, nulls equal to nulls."""

    def joined(self, column: str, other: str) -> int:
        """Rows whose value in a column occurs in another column of the table."""

    def sample(self, rows: int) -> pa.Table:
        """At most so many rows, as text."""
