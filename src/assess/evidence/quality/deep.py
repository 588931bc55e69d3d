"""The deep profile: pages of fg-data-profiling beside the report, source against target, bounded."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from .table import Table

ROWS, COLUMNS = 10_000, 40
"""Rows (evenly spread) and columns (the first) that a page shows at most; what is left out is said in its title."""
LONGEST = 200
"""Characters of a cell that are shown."""


def write(tables: Sequence[Table], folder: Path, name: str = "") -> Path:
    """Write the deep profile of one table, or of a source against a target, as an HTML page.

    Parameters
    ----------
    tables
        One table, or source and target.
    folder
        Where the page goes.
    name
        Name of the file without suffix; default the tables' names.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ValueError
        If there are not one or two tables, or one has no rows.
    """
    if not 1 <= len(tables) <= 2 or not all(table.rows for table in tables):
        raise ValueError("a deep profile needs one or two tables, each with rows")
    os.environ["YDATA_PROFILING_NO_ANALYTICS"] = "1"
    os.environ["TQDM_DISABLE"] = "1"
    frames = [bounded(table) for table in tables]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from data_profiling import ProfileReport

        reports = [
            ProfileReport(frame, title=title(table, frame), minimal=True, progress_bar=False)
            for table, frame in zip(tables, frames, strict=True)
        ]
        report = reports[0] if len(reports) == 1 else reports[0].compare(reports[1])
        html = report.to_html()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name or '-'.join(table.name for table in tables)}.html"
    path.write_text(html, encoding="utf-8")
    return path


def bounded(table: Table) -> pd.DataFrame:
    """Return the rows and columns that a page shows, texts cut to `LONGEST`."""
    frame = table.frame.iloc[:: max(1, -(-table.rows // ROWS)), :COLUMNS]
    return pd.DataFrame({name: frame[name].str.slice(0, LONGEST) for name in frame.columns})


def title(table: Table, frame: pd.DataFrame) -> str:
    """Return the page's title, with what was left out."""
    if frame.shape == (table.rows, len(table.columns)):
        return table.name
    return f"{table.name} ({len(frame):,} of {table.rows:,} rows, {frame.shape[1]} of {len(table.columns)} columns)"
