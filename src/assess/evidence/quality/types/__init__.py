"""What the texts of a column are: dates, numbers, and the semantic types of the world."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.missing import DATES, SIGNS, WORDS, is_disguised
from assess.core.personal import mask
from assess.core.places import distinct
from assess.evidence.quality.column import Column, once_a_column

from . import dates, numbers, semantic

__all__ = ["ColumnType", "infer_type"]


def disguises(column: Column | npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Mark the distinct values of a column that `is_disguised` holds for missing, nulls and blanks left out.

    Only values whose mask is that of a disguise are read.
    """
    if not isinstance(column, Column):
        column = Column("", column, np.ones(len(column), np.int64), np.arange(len(column), dtype=np.int32))
    return _marked(column)


@once_a_column()
def _marked(column: Column) -> npt.NDArray[np.bool_]:
    codes, labels = column.masked
    looks = np.fromiter((_look(label) in _looks(WORDS) for label in labels), np.bool_, len(labels))
    looks |= np.fromiter(
        (SIGNS.fullmatch(label.strip()) is not None for label in labels), np.bool_, len(labels)
    )
    dated = np.fromiter((_look(label) in _looks(DATES) for label in labels), np.bool_, len(labels))
    marked = (looks | dated)[codes] & ~column.blank
    places = np.flatnonzero(marked)
    if len(places):
        some = column.texts.take(pa.array(places))
        days = pc.is_in(pc.utf8_trim_whitespace(some), value_set=pa.array(sorted(DATES), some.type))
        disguised = np.asarray(days.to_numpy(zero_copy_only=False), bool).copy()
        worded = np.flatnonzero(looks[codes[places]])
        disguised[worded] = [is_disguised(text) for text in some.take(pa.array(worded)).to_pylist()]
        if column.own_words:
            own = pc.is_in(some, value_set=pa.array(sorted(column.own_words), some.type))
            disguised &= ~np.asarray(own.to_numpy(zero_copy_only=False), bool)
        marked[places] = disguised
    return marked


def _look(label: str) -> str:
    return label.strip().casefold()


@cache
def _looks(texts: frozenset[str]) -> frozenset[str]:
    return frozenset(mask(text).casefold() for text in texts)


Physical = Literal["empty", "text", "integer", "decimal", "date", "timestamp", "boolean"]

NEARLY_ALL = 0.8
"""Share of the present values (of rows, and of distinct values) that must be of a type."""

SOME = 0.05
"""Share of the values tried that must be dates, or numbers, for all to be read as such."""
TRIED = 2_000
"""Distinct values that are tried."""


@dataclass(frozen=True, eq=False)
class ColumnType:
    """What a column holds.

    Parameters
    ----------
    physical
        Type in which a database would store it without loss.
    semantic
        Meaning, such as ``e-mail``, ``date``, ``code``, ``quantity``, ``text``; ``""`` if the column is empty.
    present
        Mask over the distinct values: neither null nor empty nor a disguise of missing, shape (d,).
    conforms
        Mask over the distinct values: present and of the type, shape (d,).
    conformity
        Share of the present rows that conform; None if there are none.
    judged
        Share of the present rows that were judged (below 1 where a slow rule met too many values).
    dates, numbers
        The values read as such, where that is the physical type.
    """

    physical: Physical
    semantic: str
    present: npt.NDArray[np.bool_]
    conforms: npt.NDArray[np.bool_]
    conformity: float | None
    judged: float = 1.0
    dates: dates.Dates | None = None
    numbers: numbers.Numbers | None = None


@once_a_column()
def infer_type(column: Column) -> ColumnType:
    """Say what a column holds, from its distinct values; what was said of a column is remembered with it.

    Examples
    --------
    >>> import pandas as pd
    >>> from assess.evidence.quality.table import open_table
    >>> table = open_table(pd.DataFrame({"a": ["1", "2", "n/a"], "b": ["2024-01-31", "31.01.2024", ""]}))
    >>> [(infer_type(column).physical, infer_type(column).semantic) for column in table]
    [('integer', 'quantity'), ('date', 'date')]
    """
    present = ~column.blank & ~disguises(column)
    if not present.any():
        return ColumnType("empty", "", present, present, None)
    kind = semantic.choose_semantic_type(column.heads, column.counts, np.flatnonzero(present))
    if kind is not None:
        return _meant(column, present, kind)
    some = _spread(column, present)
    if dates.read(some).found.mean() >= SOME:
        as_dates = dates.read(column.heads, column.counts)
        if _nearly_all(as_dates.found, present, column.counts):
            return _dated(column, present, as_dates)
    if np.isfinite(numbers.read(some).worth).mean() >= SOME:
        as_numbers = numbers.read(column.heads)
        if _nearly_all(np.isfinite(as_numbers.worth), present, column.counts):
            return _numeric(column, present, as_numbers)
    return ColumnType("text", _wording(column, present), present, present, 1.0)


def _spread(column: Column, present: npt.NDArray[np.bool_]) -> pa.Array:
    """Up to `TRIED` present values: the most frequent, and others evenly spread."""
    places = np.flatnonzero(present)
    if len(places) > TRIED:
        frequent = places[np.argsort(-column.counts[places], kind="stable")[: TRIED // 10]]
        even = places[np.linspace(0, len(places) - 1, TRIED).astype(np.int64)]
        places = distinct(np.concatenate([frequent, even]))
    return column.heads.take(pa.array(places))


def _nearly_all(
    mask: npt.NDArray[np.bool_], present: npt.NDArray[np.bool_], counts: npt.NDArray[np.int64]
) -> bool:
    inside = mask & present
    return bool(
        inside.sum() >= NEARLY_ALL * present.sum() or counts[inside].sum() >= 0.95 * counts[present].sum()
    )


def _share(part: npt.NDArray[np.bool_], whole: npt.NDArray[np.bool_], counts: npt.NDArray[np.int64]) -> float:
    total = int(counts[whole].sum())
    return float(counts[part & whole].sum() / total) if total else 1.0


def _meant(column: Column, present: npt.NDArray[np.bool_], kind: semantic.SemanticType) -> ColumnType:
    fine, judged = semantic.conforming(kind, column, present)
    conforms, seen = present.copy(), present.copy()
    conforms[present], seen[present] = fine, judged
    physical: Physical = "boolean" if kind.name == "yes or no" else "text"
    return ColumnType(
        physical, kind.name, present, conforms | (present & ~seen), _share(conforms, seen, column.counts),
        _share(seen, present, column.counts),
    )  # fmt: skip


def _dated(column: Column, present: npt.NDArray[np.bool_], read: dates.Dates) -> ColumnType:
    conforms = present & read.found & read.valid
    timed = present & read.found & np.array([" hh" in f if f else False for f in read.formats], bool)
    physical: Physical = "timestamp" if timed.any() else "date"
    return ColumnType(
        physical, physical, present, conforms, _share(conforms, present, column.counts), dates=read
    )


def _numeric(column: Column, present: npt.NDArray[np.bool_], read: numbers.Numbers) -> ColumnType:
    conforms = present & read.found
    united = present & np.isfinite(read.worth) & (read.units != "")
    if not conforms.any() or column.counts[united].sum() > column.counts[conforms].sum():
        conforms = united
    whole = conforms & (np.modf(np.where(np.isfinite(read.worth), read.worth, 0.5))[0] == 0)
    coded = bool((read.leading_zero & present).any())
    physical: Physical = "text" if coded else "integer" if (whole | ~conforms).all() else "decimal"
    meaning = (
        "code"
        if coded
        else "quantity"
        if (read.units == "").all() or not united.any()
        else "quantity with unit"
    )
    return ColumnType(
        physical, meaning, present, conforms, _share(conforms, present, column.counts), numbers=read
    )


def _wording(column: Column, present: npt.NDArray[np.bool_]) -> str:
    """Category, code, or free text, by how the values repeat and how they look."""
    rows, distinct = int(column.counts[present].sum()), int(present.sum())
    if distinct <= max(20, rows**0.5) and rows >= 2 * distinct:
        return "category"
    places = np.flatnonzero(present)[:: max(1, distinct // 1000)]
    some = column.heads.take(pa.array(places)).to_pylist()
    coded = np.mean([any(c.isdigit() for c in v) and " " not in v.strip() for v in some])
    return "code" if coded >= NEARLY_ALL else "text"
