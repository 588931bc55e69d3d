"""Rules between number or time columns that nearly all rows keep: sums, products, and what comes first."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, permutations

import numpy as np
import numpy.typing as npt

from assess.evidence.quality import types

from .evidence import Evidence
from .view import Floats, Mask, View

KEPT = 0.9
"""Share of rows that keep a rule from which the others break it."""
MOST_COLUMNS = 12
SCREEN = 400


def judge(views: list[View], evidence: Evidence) -> None:
    """Judge rows by the rules of the table."""
    numeric = [v for v in views if v.numeric > 0.9 and v.filled >= 30 and len(v.texts) > 8][:MOST_COLUMNS]
    totals(numeric, evidence)
    orderings(views, evidence)


def totals(numeric: list[View], evidence: Evidence) -> None:
    """Find c = a + b, c = a - b and c = a * b, c written last; judge the rows where it doesn't hold."""
    values = {v.position: v.row_numbers for v in numeric}
    for c in numeric:
        before = [v for v in numeric if v.position < c.position]
        for a, b in combinations(before, 2):
            rule = _rule(values[a.position], values[b.position], values[c.position])
            if rule is None:
                continue
            broken, share = rule
            _say(c.position, "total", np.where(broken, share, 0.0), evidence)


def _rule(a: Floats, b: Floats, c: Floats) -> tuple[Mask, float] | None:
    """Rows that break the arithmetic that ties three columns, and the share that keep it; None if none does."""
    usable = ~np.isnan(a) & ~np.isnan(b) & ~np.isnan(c)
    telling = usable & (a != 0) & (b != 0) & (a != 1) & (b != 1)
    some = np.flatnonzero(telling)
    some = some[:: max(1, len(some) // SCREEN)]
    if len(some) < 20:
        return None
    for combine in (np.add, np.subtract, np.multiply):
        if _holds(combine(a[some], b[some]), c[some]).mean() < KEPT - 0.1:
            continue
        made = combine(a, b)
        holds = _holds(made, c)
        share = float(holds[telling].mean())
        if share >= KEPT:
            return usable & ~holds, share
    return None


def _holds(made: Floats, said: Floats) -> Mask:
    """Equal up to one unit in the second decimal, or rounding of large numbers."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(made - said) <= np.maximum(0.0101, 1e-6 * np.abs(said)))


def moments(view: View) -> npt.NDArray[np.int64] | None:
    """Seconds of each row in a column of dates, the least integer where there is none; None if it isn't one."""
    if view.whole is not None or not view.texts:
        return None
    read = view.kind.dates or types.dates.read(np.array(view.texts, object), view.weights)
    if view.weights[read.found].sum() < 0.8 * max(1, view.filled):
        return None
    main = Counter(f for f in read.formats if f is not None).most_common(1)[0][0]
    instants = read.instants.astype("datetime64[s]").astype(np.int64)
    instants[np.array([f != main for f in read.formats]) | ~read.valid] = np.iinfo(np.int64).min
    return np.asarray(instants[view.codes])


def orderings(views: list[View], evidence: Evidence) -> None:
    """Find times that come before others in nearly every row; judge the later one where they don't."""
    least = np.iinfo(np.int64).min
    timed = [(v, m) for v in views if (m := moments(v)) is not None][:MOST_COLUMNS]
    for (_, start), (end_view, end) in permutations(timed, 2):
        both = (start != least) & (end != least)
        differ = both & (start != end)
        if differ.sum() < 30:
            continue
        wrong = differ & (end < start)
        share = 1 - wrong.sum() / both.sum()
        if wrong.any() and share >= 0.97 and wrong.sum() < 0.1 * differ.sum():
            _say(end_view.position, "order", np.where(wrong, share, 0.0), evidence)


def _say(position: int, name: str, dense: Floats, evidence: Evidence) -> None:
    """Record a row signal, the larger where there is one already."""
    if name in evidence.cells[position]:
        rows, values = evidence.cells[position][name]
        dense = dense.copy()
        dense[rows] = np.maximum(dense[rows], values)
    evidence.say_of_rows(position, name, dense)
