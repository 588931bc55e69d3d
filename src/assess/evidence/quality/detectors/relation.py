"""Columns that say the same in another way: numbers that are a line of each other, or quoted in a text.

A line is found by the repeated median idea of Theil and Sen on pairs of rows far apart, so up to about a
third of wrong rows doesn't bend it; a row is judged by its distance in robust deviations.
"""

from __future__ import annotations

import re

import numpy as np

from .evidence import Evidence
from .view import Floats, Ints, View

QUOTED = re.compile(r"-?\d+\.\d+|-?\d{4,}")
PAIRS = 400
"""Pairs of rows whose slopes are compared."""
TIGHT = 0.04
"""Median residual, in quartile ranges of Y, up to which a line is a rule."""
LEAST = 0.5
SCREEN_ROWS = 4_000
MOST_COLUMNS = 40


def judge(views: list[View], evidence: Evidence) -> None:
    """Judge all pairs of number columns, and numbers quoted in text columns."""
    numeric = [v for v in views if v.numeric > 0.8 and len(v.texts) > 5 and v.filled >= 12][:MOST_COLUMNS]
    values = {v.position: v.row_numbers for v in numeric}
    off: dict[int, Floats] = {}
    for a in numeric:
        for b in numeric:
            if a.position < b.position:
                _line(values, a.position, b.position, off)
    for position, total in off.items():
        evidence.say_of_rows(position, "off_line", total)
    for text in views:
        if text.whole is None and text.numeric < 0.3 and text.unique > 0.3 and text.filled >= 12:
            for column in numeric:
                _quote(text, column, values[column.position], evidence)


def _line(values: dict[int, Floats], i: int, j: int, off: dict[int, Floats]) -> None:
    """Add to ``off`` how far each row is from the line between two columns, if there is one."""
    x, y = values[i], values[j]
    rows = np.flatnonzero(~np.isnan(x) & ~np.isnan(y))
    if len(rows) < 12:
        return
    residual = line_residual(x[rows], y[rows])
    if residual is None:
        return
    away = np.maximum(0, np.log(np.maximum(residual, 1e-9)) - np.log(8.0)) * (residual > 8)
    if (away > 0).mean() > 0.35:
        return
    for k in (i, j):
        total = off.setdefault(k, np.zeros(len(x)))
        total[rows] += np.minimum(away, 4.0)


def line_residual(x: Floats, y: Floats) -> Floats | None:
    """Distance of each row from the line y = a + b x in median distances, None if there is no line.

    >>> x = np.arange(40.0); y = 3 * x + 1; y[7] = 500
    >>> int(line_residual(x, y).argmax())
    7
    """
    step = max(1, len(x) // SCREEN_ROWS)
    xs, ys = x[::step], y[::step]
    order = np.argsort(xs, kind="stable")
    half = len(order) // 2
    a = order[:half][:: max(1, half // PAIRS)]
    b = order[len(order) - half :][:: max(1, half // PAIRS)]
    dx = xs[b] - xs[a]
    keep = dx > 0
    if keep.sum() < 5:
        return None
    slope = float(np.median((ys[b] - ys[a])[keep] / dx[keep]))
    rest = ys - slope * xs
    middle = float(np.median(rest))
    spread = float(np.median(np.abs(rest - middle)))
    low, high = np.quantile(ys, (0.25, 0.75))
    if slope == 0 or high <= low or spread > TIGHT * (high - low):
        return None
    floor = max(spread, 1e-7 * (high - low), 1e-12)
    return np.asarray(np.abs(y - slope * x - middle) / floor)


def _quote(text: View, column: View, numbers: Floats, evidence: Evidence) -> None:
    """Judge rows whose text should quote the number of another column, as most rows do."""
    place = _place(text, column, numbers)
    if place is None:
        return
    quoted = np.array([_quoted(t, place) for t in text.texts])[text.codes]
    usable = ~np.isnan(numbers) & ~text.blank[text.codes]
    same = _same(quoted, numbers)
    share = float(same[usable].mean()) if usable.any() else 0.0
    if share < LEAST:
        return
    wrong = np.where(usable & ~same, share, 0.0)
    for position in (text.position, column.position):
        rows, kept = evidence.cells[position].get("misquoted", (np.empty(0, np.int64), np.empty(0)))
        dense = np.zeros(text.rows)
        dense[rows] = kept
        evidence.say_of_rows(position, "misquoted", dense + wrong)


def _place(text: View, column: View, numbers: Floats) -> int | None:
    """Find which of the numbers in a text is the other column's, on rows spread over the table."""
    some: Ints = np.arange(0, text.rows, max(1, text.rows // 200))
    quotes = [QUOTED.findall(text.texts[text.codes[r]]) for r in some]
    most = int(np.median([len(q) for q in quotes])) if quotes else 0
    for place in range(min(most, 4)):
        got = np.array([float(q[place]) if len(q) > place else np.nan for q in quotes])
        if _same(got, numbers[some]).mean() > LEAST:
            return place
    return None


def _quoted(text: str, place: int) -> float:
    found = QUOTED.findall(text)
    return float(found[place]) if len(found) > place else float("nan")


def _same(a: Floats, b: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Equal up to the rounding of eight significant digits."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(a - b) <= 1e-7 * np.maximum(np.abs(b), 1e-3))
