"""One field on one side, several on the other: a full name against first and last name."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

import numpy as np

from assess.evidence.quality.joining import Join
from assess.evidence.quality.matching.records import FEWEST, Field
from assess.evidence.quality.table import Table
from assess.evidence.quality.types.column_type import ColumnType

from .meeting import Conflict

SHARE = 0.1
"""Share of the joined records in which the two fields together must be the one."""
SPACED = 0.3
"""Share of the target's texts with a space, from which on they may hold two fields."""


def find(
    source: Table,
    target: Table,
    join: Join | None,
    kinds: tuple[Mapping[str, ColumnType], Mapping[str, ColumnType]],
) -> list[Conflict]:
    """Report fields of the target that hold two fields of the source, one behind the other.

    Parameters
    ----------
    source, target
        The tables.
    join
        Records of both sides that are the same; None finds nothing.
    kinds
        What the columns of both sides hold, by name.
    """
    if join is None or len(join.source) < FEWEST:
        return []
    step = max(1, len(join.source) // 1_000)
    mine, theirs = (
        {
            name: Field.of(table.column(name), rows[::step]).texts
            for name in table.columns
            if held[name].physical == "text"
        }
        for table, rows, held in zip((source, target), (join.source, join.target), kinds, strict=True)
    )
    found = []
    for name, texts in theirs.items():
        if np.mean([" " in text for text in texts]) < SPACED:
            continue
        for first, second in permutations(mine, 2):
            both = (mine[first] != "") & (mine[second] != "")
            share = float(np.mean(both & (mine[first] + " " + mine[second] == texts)))
            if share >= SHARE:
                found.append(_conflict(source.rows, name, first, second, share))
    return found


def _conflict(rows: int, target: str, first: str, second: str, share: float) -> Conflict:
    return Conflict(
        kind="structure", source_column=first, target_column=target,
        says=f"{target} holds {first} and {second} together in {share:.0%} of the joined records",
        rows=round(share * rows), share=round(share, 6), confidence=0.9,
        fix=f"concat_ws(' ', \"{first}\", \"{second}\")",
    )  # fmt: skip
