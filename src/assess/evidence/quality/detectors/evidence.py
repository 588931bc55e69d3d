"""What speaks for or against each cell, before it is weighed: named signals per distinct text and per row."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from .view import Floats, Ints


@dataclass(eq=False)
class Evidence:
    """Signals by column position and name; where nothing was said the signal is 0.

    Parameters
    ----------
    texts
        Signal per distinct text, shape (d,).
    cells
        Signal of single rows: rows ascending and their values, both shape (n,).
    repairs
        Per column what single texts should be: text number to text.
    row_repairs
        Per column what single cells should be: rows and texts.
    basis
        By column and check the names of the columns that the judgement rests on.
    """

    texts: dict[int, dict[str, Floats]] = field(default_factory=lambda: defaultdict(dict))
    cells: dict[int, dict[str, tuple[Ints, Floats]]] = field(default_factory=lambda: defaultdict(dict))
    repairs: dict[int, dict[str, dict[int, str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    row_repairs: dict[int, dict[str, dict[int, str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )

    basis: dict[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)

    def say(self, column: int, name: str, values: Floats) -> None:
        """Record a signal per distinct text."""
        if np.any(values != 0):
            self.texts[column][name] = values

    def say_of_rows(self, column: int, name: str, dense: Floats) -> None:
        """Record a signal per row, shape (rows,); only rows that differ from 0 are kept."""
        rows = np.flatnonzero(dense)
        if len(rows):
            self.cells[column][name] = (rows, dense[rows])
