"""Delimiter, quote and header of a delimited file, found from its beginning."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

import numpy as np

from assess.evidence.quality.types import dates, numbers

DELIMITERS = ",;\t|"
"""Candidates, in the order that decides a tie."""
PROBE = 200
"""Records by which a candidate is judged."""


@dataclass(frozen=True)
class Dialect:
    """How the fields of a file are written."""

    delimiter: str
    quote: str = '"'
    header: bool = True


def found(head: str, whole: bool, suffix: str = "") -> Dialect:
    r"""Find the dialect of a file.

    Parameters
    ----------
    head
        The beginning of the file.
    whole
        Whether that is all of it; else its last line is left out.
    suffix
        The file name's suffix; ``.tsv`` prefers tabs.

    Examples
    --------
    >>> found("name;price\nx;1,5\ny;2,0\n", whole=True)
    Dialect(delimiter=';', quote='"', header=True)
    >>> found("1,2\n3,4\n5,6\n", whole=True).header
    False
    """
    lines = head if whole else head[: head.rfind("\n") + 1] or head
    candidates = ("\t" + DELIMITERS.replace("\t", "")) if suffix in (".tsv", ".tab") else DELIMITERS
    quote = "'" if lines.count('"') == 0 and _quoted_by_apostrophes(lines, candidates) else '"'
    records = {mark: _records(lines, mark, quote) for mark in candidates}
    delimiter = max(candidates, key=lambda mark: (_steadiness(records[mark]), -candidates.index(mark)))
    return Dialect(delimiter, quote, _has_header(records[delimiter]))


def _records(text: str, delimiter: str, quote: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    records = []
    try:
        for record in reader:
            records.append(record)
            if len(records) > PROBE:
                break
    except csv.Error:
        pass
    return [record for record in records if record]


def _steadiness(records: list[list[str]]) -> float:
    """Share of records with the usual number of fields, above 1 field; more fields win by a little."""
    if not records:
        return 0.0
    fields, times = Counter(map(len, records)).most_common(1)[0]
    return 0.0 if fields < 2 else times / len(records) + min(fields, 50) / 1000


def _quoted_by_apostrophes(text: str, delimiters: str) -> bool:
    first = text.split("\n", 2)[:2]
    return all(
        any(line.count(f"'{mark}'") >= 1 for mark in delimiters)
        and line.strip().startswith("'")
        and line.strip().endswith("'")
        for line in first
    )


def _has_header(records: list[list[str]]) -> bool:
    """Votes of the columns of numbers and dates: whether the first field is a name or one more of them."""
    if len(records) < 2:
        return True
    first, body = records[0], records[1:]
    names, against = 0, 0.0
    for place, field in enumerate(first):
        below = np.array([row[place] for row in body if place < len(row) and row[place].strip()], object)
        if not len(below) or not field.strip():
            continue
        typed = _typed(below)
        if typed.mean() < 0.8:
            against += 0.5 * (field in set(below[:50]) and len(set(below)) < len(below) / 2)
            continue
        like = bool(_typed(np.array([field], object))[0])
        year = field.strip().isdigit() and len(field.strip()) == 4 and 1800 <= int(field) <= 2200
        names += not like
        against += like and not (year and len(first) > 2)
    return names >= against


def _typed(
    values: np.ndarray[tuple[int], np.dtype[np.object_]],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(np.isfinite(numbers.read(values).worth) | dates.read(values).found, bool)
