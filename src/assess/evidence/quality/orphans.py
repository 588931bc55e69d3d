"""What is to be said of references between an engagement's tables that lead nowhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assess.core.record import Record
from assess.intake.assumptions import Assumptions

from . import findings, references
from .findings import DataFinding
from .references import Reference
from .table import Table


class References(Record):
    """The references between tables, and a finding for each that has orphans."""

    found: tuple[Reference, ...] = ()
    findings: tuple[DataFinding, ...] = ()


def look(
    tables: Sequence[Table], assumptions: Assumptions | None = None, *, clear: bool = False
) -> References:
    """Find which columns name records of other tables, and word the orphans.

    Parameters
    ----------
    tables
        Opened tables with different names.
    assumptions
        The engagement's, for the price of repairs.
    clear
        Show examples as they are instead of masked.
    """
    opened = {table.name: table for table in tables}
    found = references.find(tables)
    worded = []
    for one in found:
        if one.orphans:
            table = opened[one.table]
            writer = findings.Writer(
                table.name, table.reading, table.rows, assumptions=assumptions, clear=clear
            )
            examples = findings.shown(table, one.column, np.array(one.lone, np.int64), clear)
            worded.append(writer.orphans(one, opened[one.target].reading, examples))
    return References(found=found, findings=tuple(worded))
