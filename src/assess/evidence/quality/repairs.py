"""What suspect cells should hold instead: one row a cell, as a table that a fix can read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from .detectors.suspicion import Suspicion
from .masking import example
from .table import Table

COLUMNS = ("row", "column", "check", "held", "value", "confidence")
KEPT = 50_000
"""Repairs of a table that a result keeps, the surest; all are counted."""


def proposed(suspicions: Sequence[Suspicion], table: Table, start: int = 0) -> pd.DataFrame:
    """List every cell whose right value is known, once: the surest proposal where several checks have one.

    Parameters
    ----------
    table
        The table, or a block of it.
    start
        Rows before the block.

    Returns
    -------
    DataFrame
        ``row`` (from 0 below the header), ``column``, ``check``, ``held`` and ``value`` (what the cell holds
        and should hold; a null is None), ``confidence``; by row and column.
    """
    parts = [_known(item, table) for item in suspicions if item.repairs is not None and len(item)]
    every = joined(parts)
    surest = every.sort_values("confidence", ascending=False, kind="stable").drop_duplicates(
        ["row", "column"]
    )
    ordered = surest.sort_values(["row", "column"], kind="stable").reset_index(drop=True)
    return ordered.assign(row=ordered["row"] + start)


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the repairs of blocks together."""
    return pd.concat(parts, ignore_index=True) if parts else _empty()


def _known(item: Suspicion, table: Table) -> pd.DataFrame:
    assert item.repairs is not None
    known = np.array([value is not None for value in item.repairs], bool)
    column, rows = table.column(item.column), item.rows[known]
    held = column.texts.take(pa.array(column.codes[rows])).to_pylist()
    return pd.DataFrame({
        "row": rows, "column": item.column, "check": item.check, "held": pd.Series(held, dtype=object),
        "value": item.repairs[known], "confidence": item.confidence[known].round(4),
    }).astype(_TYPES)  # fmt: skip


_TYPES = {"row": np.int64, "column": object, "check": object, "held": object, "value": object, "confidence": np.float64}  # fmt: skip


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: np.empty(0, kind) for name, kind in _TYPES.items()})


def bounded(repairs: pd.DataFrame, clear: bool, most: int = KEPT) -> pd.DataFrame:
    """Return the surest ``most`` repairs as a result keeps them: values by their look unless asked for."""
    kept = repairs.sort_values("confidence", ascending=False, kind="stable").head(most).sort_index()
    kept = kept.reset_index(drop=True)
    if clear:
        return kept
    looks = {name: [example(value) for value in kept[name].tolist()] for name in ("held", "value")}
    return kept.assign(**{name: pd.Series(shown, dtype=object) for name, shown in looks.items()})
