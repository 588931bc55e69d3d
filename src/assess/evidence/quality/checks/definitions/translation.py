"""A column of the source as the target would hold it, once the definition conflicts are agreed.

Cells are judged after this translation: that every date of a column is written in another way is one
conflict, to be agreed once; a date that is wrong even then is a wrong cell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.evidence.quality.column import Column
from assess.evidence.quality.matching.pair import ColumnPair, Conflict
from assess.evidence.quality.types.dates import Dates

Texts = npt.NDArray[np.object_]

MOSTLY = 0.5
"""Share of the source's rows from which on a conflict is the definition and not single wrong cells."""


def translate_column(meeting: ColumnPair, found: Sequence[Conflict]) -> Column | None:
    """Return the source's column in the target's terms; None if no conflict gives a rule.

    Parameters
    ----------
    meeting
        The matched columns.
    found
        Their conflicts.
    """
    texts: Texts | None = None
    for conflict in found:
        if conflict.share < MOSTLY and conflict.kind != "length":
            continue
        if conflict.translation and conflict.kind in ("vocabulary", "case", "code reuse"):
            texts = _words(meeting.source.values, dict(conflict.translation))
        elif conflict.factor is not None and conflict.fix and conflict.kind in ("scale", "net-gross"):
            texts = _scaled(meeting, conflict.factor)
        elif conflict.kind == "date format":
            texts = _dated(meeting)
        elif conflict.kind == "length" and conflict.factor:
            texts = _cut(meeting.source.values, int(conflict.factor))
        elif conflict.kind == "leading zeros":
            texts = _zeros(meeting)
    return None if texts is None else _encoded(meeting.source, texts)


def _encoded(column: Column, texts: Texts) -> Column:
    places, kept = pd.factorize(texts, use_na_sentinel=False)
    values = np.array([None if pd.isna(text) else text for text in kept], object)
    counts = np.bincount(places, weights=column.counts, minlength=len(values)).astype(np.int64)
    return Column(column.name, values, counts, places.astype(np.int32)[column.codes])


def is_blurred(found: Sequence[Conflict]) -> bool:
    """Whether a conflict hides what a cell should hold, so that single cells can't be judged: a time zone."""
    return any(conflict.kind == "time zone" for conflict in found)


def _cut(values: Texts, limit: int) -> Texts:
    return np.array([value if value is None else value[:limit].rstrip() for value in values], object)


def _zeros(meeting: ColumnPair) -> Texts:
    """Numbers with as many leading zeros as the target's: filled to its one width, or bare."""
    theirs = meeting.target.values[meeting.target_kind.present]
    digits = [str(v).strip() for v in theirs if str(v).strip().isdigit()]
    width = len(digits[0]) if digits and len({len(t) for t in digits[:1_000]}) == 1 else 0

    def as_there(text: str) -> str:
        bare = text.strip().lstrip("0") or "0"
        return bare.zfill(width) if text.strip().isdigit() else text

    return np.array([value if value is None else as_there(value) for value in meeting.source.values], object)


def _words(values: Texts, translation: dict[str, str]) -> Texts:
    return np.array([value if value is None else translation.get(value, value) for value in values], object)


def _scaled(meeting: ColumnPair, factor: float) -> Texts | None:
    """Numbers times the factor, with as many decimals as most of the target's have."""
    mine, theirs = meeting.source_kind.numbers, meeting.target_kind.numbers
    if mine is None or theirs is None:
        return None
    held = np.isfinite(theirs.worth)
    written = [str(v).strip() for v in meeting.target.values[held]]
    rows_ = meeting.target.counts[held]
    comma = float(rows_[[form == "1234,5" for form in theirs.forms[held]]].sum()) > 0.5 * float(rows_.sum())
    sign = "," if comma else "."
    decimals = [len(t.rpartition(sign)[2]) if sign in t else 0 for t in written]
    rows = np.bincount(decimals, weights=rows_)
    digits = int(rows.argmax()) if len(rows) else 2
    texts = meeting.source.values.copy()
    known = np.isfinite(mine.worth)
    texts[known] = [f"{worth * factor:.{digits}f}".replace(".", sign) for worth in mine.worth[known]]
    return texts


STRFTIME = {
    "YYYY": "%Y",
    "YY": "%y",
    "MM": "%m",
    "DD": "%d",
    "hh": "%H",
    "mm": "%M",
    "ss": "%S",
    "Mon": "%b",
    "D": "%d",
}


def _dated(meeting: ColumnPair) -> Texts | None:
    """Existing dates in the target's main format; without one that tells day from month, none."""
    mine, theirs = meeting.source_kind.dates, meeting.target_kind.dates
    if mine is None or theirs is None:
        return None
    wanted = main_format(theirs, meeting.target.counts)
    if "#" in wanted or " am" in wanted:
        return None
    century = wanted.startswith("C")
    pattern = _pattern(wanted[1:] if century else wanted)
    utc = meeting.target.values[theirs.found]
    joint = "T" if any("T" in str(value) for value in utc[:20]) else " "
    pattern = pattern.replace(" %H", f"{joint}%H").replace(
        " zone", "Z" if any(str(v).endswith("Z") for v in utc[:20]) else ""
    )
    texts = meeting.source.values.copy()
    known = np.flatnonzero(mine.valid & mine.found)
    moments = pd.DatetimeIndex(mine.instants[known])
    written = moments.strftime(pattern).to_numpy(object)
    texts[known] = (
        [f"{year // 100 - 19}{text}" for year, text in zip(moments.year, written, strict=True)]
        if century
        else written
    )
    return texts


def main_format(read: Dates, counts: npt.NDArray[np.int64]) -> str:
    """Return the format of most rows; one that does not tell day from month only if no other does."""
    rows: dict[str, int] = {}
    for name, count in zip(read.formats, counts.tolist(), strict=True):
        if name is not None:
            rows[name] = rows.get(name, 0) + count
    telling = {name: count for name, count in rows.items() if not name.startswith("##")} or rows
    return max(sorted(telling), key=lambda name: telling[name], default="")


def _pattern(name: str) -> str:
    """Turn a format's name into that of `strftime`.

    >>> _pattern("DD.MM.YYYY hh:mm")
    '%d.%m.%Y %H:%M'
    """
    for part in ("YYYY", "YY", "Mon", "MM", "DD", "hh", "mm", "ss"):
        name = name.replace(part, STRFTIME[part])
    return name.replace("D", "%d", 1) if "D" in name.replace("%D", "") else name
