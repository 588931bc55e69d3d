"""Detectors of wrong cells in one table, without labels."""

from __future__ import annotations

from ..table import Table
from .suspicion import Suspicion, Suspicions

__all__ = ["Suspicion", "Suspicions", "detect"]


def detect(table: Table) -> Suspicions:
    """Find the cells of a table that are probably wrong.

    Parameters
    ----------
    table
        The opened table.

    Returns
    -------
    Suspicions
        Per column and check the rows, a calibrated confidence, and repairs where they are known.
    """
    return Suspicions(())
