"""Which values of a column stand for "nothing here", see `assess.core.missing`."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assess.core.missing import DATES, SIGNS, WORDS, is_disguised
from assess.core.personal import mask
from assess.evidence.quality.column import Column, once_a_column


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
