"""A finding about data: what is wrong in which column, how sure, how grave, and the runnable check and fix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from assess.core.finding import SEVERITIES, Finding, Severity
from assess.core.personal import show_example

from .pricing import RepairWork
from .table import Table

EXAMPLES = 3
"""Examples that a finding shows."""
HIGH, MEDIUM = 0.05, 0.005
"""Shares of a table's rows from which a defect is of high and of medium severity."""

SURE = 0.8
"""Mean confidence from which on a finding can be of high severity: below, one cell in five is told in error."""


class DataFinding(Finding):
    """A finding about a table, with what is needed to run its check and its fix.

    Parameters
    ----------
    table, column
        Where; the column is empty if it is about whole rows.
    check
        Name of the check, such as ``missing``.
    rows
        Rows concerned.
    share
        Of the table's rows, 0 to 1.
    confidence
        Mean probability that such a cell is wrong.
    examples
        Values concerned, masked unless they were asked for.
    counterparts
        What the other side holds, for a finding between two systems; likewise masked.
    check_sql, fix_sql
        DuckDB statements: the rows concerned, and the table repaired.
    telling
        Whether the statements name values of the client's tables.
    work
        What the repair consists of; its price is ``effort``.
    """

    table: str
    column: str = ""
    check: str
    rows: int
    share: float
    confidence: float = 1.0
    examples: tuple[str, ...] = ()
    counterparts: tuple[str, ...] = ()
    check_sql: str = ""
    fix_sql: str = ""
    telling: bool = False
    work: RepairWork | None = None


def grade_severity(share: float, key: bool = False, confidence: float = 1.0) -> Severity:
    """Return how much it matters: by the share of rows, one step more in a key column, none high that is a guess.

    >>> grade_severity(0.2), grade_severity(0.01), grade_severity(0.001), grade_severity(0.001, key=True)
    ('high', 'medium', 'low', 'medium')
    >>> grade_severity(0.2, confidence=0.7)
    'medium'
    """
    steps: tuple[Severity, ...] = ("low", "medium", "high")
    step = (share >= MEDIUM) + (share >= HIGH) + key
    return steps[min(step, 2 if confidence >= SURE else 1)]


def rank_findings(findings: Sequence[DataFinding]) -> tuple[DataFinding, ...]:
    """Order findings: the graver first, then the surer and larger ones, then by name."""
    return tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), -f.rows * f.confidence, f.id)))


def show_values(
    table: Table, column: str, rows: np.ndarray[tuple[int], np.dtype[np.int64]], clear: bool
) -> tuple[str, ...]:
    """Return a few different examples of the values in some rows."""
    held = table.column(column)
    codes = list(dict.fromkeys(held.codes[rows[:200]].tolist()))
    texts = held.texts.take(pa.array(codes[:50], pa.int64())).to_pylist()
    return tuple(dict.fromkeys(show_example(text, held.clear_values, clear=clear) for text in texts))[
        :EXAMPLES
    ]
