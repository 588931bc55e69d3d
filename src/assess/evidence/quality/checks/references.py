"""References between tables: columns whose values nearly all name a record of another table, and those that don't.

An approximate inclusion dependency (De Marchi et al. 2009) between a column and a column that is nearly a key,
both of codes: case, signs and leading zeros are ignored, so that what remains is a record that does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.places import pick_evenly
from assess.core.record import Record
from assess.evidence.quality import types
from assess.evidence.quality.column import Column
from assess.evidence.quality.column.texts import plain_texts
from assess.evidence.quality.table import Table
from assess.evidence.quality.types import disguises

from .check import Check

SHARE = 0.9
"""Share of a column's rows that must name a record of the other table for the rest to be orphans."""
KEY = 0.95
"""Distinct values a filled row from which on a column may be referred to."""
FEWEST = 20
"""Distinct values below which a column is a vocabulary and not a reference."""
SHORTEST = 4
"""Characters of a code: shorter numbers are found in any list of numbers by chance."""
TRIED = 200
"""Values, evenly spread, by which hopeless pairs are left out."""
LISTED = 10_000
"""Orphans whose rows a result lists; all are counted."""
FORM = "leading zeros ignored"
"""How values are compared (a name of `matching.forms.FORMS`)."""


class Reference(Record):
    """A column whose values name records of another table.

    Parameters
    ----------
    table, column
        Where the reference is.
    target, target_column
        The records that it names.
    rows
        Rows that hold a value.
    orphans
        Rows whose value names no record.
    lone
        Their row numbers, ascending, at most `LISTED`.
    """

    table: str
    column: str
    target: str
    target_column: str
    rows: int
    orphans: int
    lone: tuple[int, ...] = ()

    @property
    def share(self) -> float:
        """Share of the rows whose value names a record."""
        return 1 - self.orphans / self.rows if self.rows else 0.0


@dataclass(frozen=True, eq=False)
class _Codes:
    """A column of codes in the form in which they are compared."""

    table: Table
    column: Column
    place: int

    @cached_property
    def filled(self) -> npt.NDArray[np.bool_]:
        return ~self.column.blank & ~disguises(self.column)

    @cached_property
    def rows(self) -> int:
        return int(self.column.counts[self.filled].sum())

    @cached_property
    def unique(self) -> bool:
        return bool(self.filled.sum() >= KEY * self.rows)

    @cached_property
    def texts(self) -> pa.Array:
        return plain_codes(self.column.texts)

    @cached_property
    def some(self) -> pa.Array:
        places = np.flatnonzero(self.filled)
        picked = places[pick_evenly(len(places), TRIED)]
        return plain_codes(self.column.texts.take(pa.array(picked)))

    @cached_property
    def coded(self) -> bool:
        """Whether the column holds codes: one word with digits; no date, and nothing with a check of its own."""
        if self.filled.sum() < FEWEST:
            return False
        places = np.flatnonzero(self.filled)
        picked = places[pick_evenly(len(places), TRIED)]
        texts = [t.strip() for t in self.column.texts.take(pa.array(picked)).to_pylist()]
        fits = [
            SHORTEST <= len(t) <= 40
            and any(c.isdigit() for c in t)
            and t.replace("-", "").replace("/", "").replace("_", "").isalnum()
            for t in texts
        ]
        if float(np.mean(fits)) < SHARE:
            return False
        some = self.column.texts.take(pa.array(picked))
        return (
            types.semantic.choose_semantic_type(some) is None
            and float(types.dates.read(some).found.mean()) < 0.5
        )


def plain_codes(texts: pa.Array) -> pa.Array:
    """Return texts without case, signs and leading zeros.

    >>> plain_codes(pa.array(["00-12a", "000"], pa.large_string())).to_pylist()
    ['12a', '0']
    """
    return pc.replace_substring_regex(plain_texts(pc.fill_null(texts, "")), r"^0+(.)", r"\1")


def find_references(tables: Sequence[Table]) -> tuple[Reference, ...]:
    """Find the references between tables, each column's to where most of its values are records.

    A table's first column of unique codes numbers its own records and refers to nothing: which of these
    another system lacks is what `compare` says.

    Parameters
    ----------
    tables
        Opened tables with different names.

    Examples
    --------
    >>> import pandas as pd
    >>> from assess.evidence.quality.table import open_table
    >>> customers = open_table(pd.DataFrame({"no": [f"C{k:04d}" for k in range(40)]}), "customers")
    >>> names = [f"C{k % 40:04d}" for k in range(79)] + ["C9999"]
    >>> orders = open_table(pd.DataFrame({"customer": names}), "orders")
    >>> [(r.table, r.column, r.target, r.orphans, r.lone) for r in find_references([customers, orders])]
    [('orders', 'customer', 'customers', 1, (79,))]
    """
    every = [
        _Codes(table, column, place) for table in tables for place, column in enumerate(table) if column.rows
    ]
    codes = [one for one in every if one.coded]
    keys = [one for one in codes if one.unique]
    own = {id(key.table): key for key in reversed(keys)}
    found = []
    for one in codes:
        if own.get(id(one.table)) is one:
            continue
        best: tuple[float, int, Reference] | None = None
        for key in keys:
            if key.table is one.table:
                continue
            made = _reference(one, key)
            if made is not None and (best is None or (-made.share, key.place) < best[:2]):
                best = -made.share, key.place, made
        if best is not None:
            found.append(best[2])
    return tuple(found)


def _reference(one: _Codes, key: _Codes) -> Reference | None:
    """The reference of a column to a key, None if too few values are records."""
    hopeless = pc.is_in(one.some, value_set=key.texts).to_numpy(zero_copy_only=False).mean() < SHARE / 2
    if hopeless:
        return None
    known = np.asarray(pc.is_in(one.texts, value_set=key.texts).to_numpy(zero_copy_only=False), bool)
    lone = one.filled & ~known
    orphans = int(one.column.counts[lone].sum())
    if orphans > (1 - SHARE) * one.rows:
        return None
    rows = one.column.rows_of(lone)[:LISTED]
    return Reference(
        table=one.table.name, column=one.column.name, target=key.table.name, target_column=key.column.name,
        rows=one.rows, orphans=orphans, lone=tuple(rows.tolist()),
    )  # fmt: skip


READING = Check(
    name="reading",
    scope="table",
    subject="Format",
    title="the file may have been read badly, so nothing else is assessed",
    looks_for="Rows of another number of fields, one column that holds several, texts of a doubtful encoding.",
    matters="What is said of columns that were cut wrongly is wrong, and so is every load that cuts them likewise.",
    action="State encoding, delimiter and header row of the file, or supply it again.",
)


ORPHAN = Check(
    name="orphan",
    scope="pair",
    subject="Key",
    title="name no record",
    matters="The record arrives without its parent: the target refuses it, or books it on nobody.",
    action=("Find out whether the parent was deleted or mistyped, and enforce the reference in the source."),
)
