"""Which values of a column stand for "nothing here", see `assess.core.missing`."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from assess.core.missing import DATES, SIGNS, WORDS, is_disguised
from assess.core.personal import mask
from assess.evidence.quality.column import Column


def disguises(column: Column | npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Mark the distinct values of a column that `is_disguised` holds for missing, nulls and blanks left out.

    Only values whose mask is that of a disguise are read.
    """
    if not isinstance(column, Column):
        column = Column("", column, np.ones(len(column), np.int64), np.arange(len(column), dtype=np.int32))
    codes, labels = column.masked
    looks = np.fromiter((_look(label) in _looks() for label in labels), np.bool_, len(labels))
    looks |= np.fromiter(
        (SIGNS.fullmatch(label.strip()) is not None for label in labels), np.bool_, len(labels)
    )
    marked = looks[codes] & ~column.blank
    places = np.flatnonzero(marked)
    if len(places):
        some = column.texts.take(pa.array(places)).to_pylist()
        own = column.own_words
        disguised = (is_disguised(text) and text not in own for text in some)
        marked[places] = np.fromiter(disguised, np.bool_, len(places))
    return marked


def _look(label: str) -> str:
    return label.strip().casefold()


@cache
def _looks() -> frozenset[str]:
    return frozenset(mask(text).casefold() for text in (*WORDS, *DATES))
