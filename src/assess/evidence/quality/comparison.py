"""What two tables say of each other: the result of comparing a source with a target."""

from __future__ import annotations

import pandas as pd

from assess.core.frame import Frame
from assess.core.record import Record

from . import repairs
from .conflicts.meeting import Conflict
from .findings import DataFinding
from .joining import Key
from .matching import Matching


class Comparison(Record):
    """What breaks if the source's records go to the target.

    Parameters
    ----------
    source, target
        Names of the tables.
    source_rows, target_rows
        Their rows.
    columns
        The column mapping with alternatives and definition conflicts, one row a column of the source.
    cells
        Cells of the source that break what the target holds: row, column, check, confidence.
    suspected
        Number of such cells, also where `cells` was cut.
    keys
        Columns that join the two tables, the share joined, and the records on one side only.
    repairs, repaired
        What cells of the source should hold, see `repairs.proposed`, and their number, also where it was cut.
    lone
        Records on one side only: side (``source`` or ``target``), row, column of the key.
    apart
        Fields of joined records that disagree: source_row, source_column, target_row, target_column.
    findings
        Ranked.
    not_assessed
        What could not be judged, and why.
    mapping
        The matched columns with their alternatives, and the columns without a partner.
    conflicts
        Ways in which the two sides define the same field differently.
    ways
        Ways to join the tables, the best first: what `keys` shows.
    """

    source: str
    target: str
    source_rows: int
    target_rows: int
    columns: Frame
    cells: Frame
    suspected: int
    keys: Frame
    lone: Frame
    apart: Frame
    repairs: Frame
    repaired: int = 0
    findings: tuple[DataFinding, ...] = ()
    not_assessed: tuple[str, ...] = ()
    mapping: Matching = Matching(matches=())
    conflicts: tuple[Conflict, ...] = ()
    ways: tuple[Key, ...] = ()

    @property
    def joined(self) -> float | None:
        """Share of the source's records that the target holds; None if nothing joins the tables."""
        key = next((key for key in self.ways if key.true), None)
        return None if key is None or not key.source_rows else round(key.source_joined / key.source_rows, 6)

    def bounded(self, most: int = 10_000, *, clear: bool = False) -> Comparison:
        """Return what is kept in results: the surest ``most`` cells, as many records, repairs masked unless ``clear``."""
        surest = self.cells.sort_values("confidence", ascending=False, kind="stable").head(most)
        return self.model_copy(
            update={
                "cells": surest.sort_index().reset_index(drop=True), "lone": self.lone.head(most),
                "apart": self.apart.head(most), "repairs": repairs.bounded(self.repairs, clear),
            }
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Comparison):
            return NotImplemented
        mine, others = dict(self.__dict__), dict(other.__dict__)
        named = ("columns", "cells", "keys", "lone", "apart", "repairs")
        frames = [(mine.pop(name), others.pop(name)) for name in named]
        return mine == others and all(same(one, two) for one, two in frames)


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables hold the same under the same names; how numbers are stored does not matter."""
    return list(one.columns) == list(other.columns) and bool(
        one.reset_index(drop=True).astype(object).equals(other.reset_index(drop=True).astype(object))
    )
