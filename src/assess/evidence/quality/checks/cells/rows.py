"""Cells that contradict, or swallow, a cell of the same row, and keys that name another record than in the target.

A line between two columns of numbers is found by the repeated median idea of Theil and Sen on pairs of rows far
apart, so up to about a third of wrong rows doesn't bend it; a row is judged by its distance in robust deviations.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from assess.evidence.quality.checks.check import CellCheck, Evidence, ValueCheck, above
from assess.evidence.quality.column.view import Floats, Ints, View
from assess.evidence.quality.matching.pair import ColumnPair, Marks, posterior

from .rules import judge_quotations

MOST = 20_000
"""Rows per pair of columns that are compared letter by letter."""
APART = 60
"""Columns that lie further apart are not looked at as copies of each other."""
MOST_TWINS = 200_000
"""Rows beyond which copies are not looked for."""
TWINS = 0.2
"""Share of equal rows from which two columns are held for copies of each other."""


def find_merged(views: list[View], evidence: Evidence) -> None:
    """Find a value that ends in a value of another column which is empty in that row."""
    tails: dict[int, list[str]] = {}
    for other in views:
        empty = other.blank[other.codes]
        share = empty.mean() if other.rows else 1.0
        if not 0 < share < 0.5 or len(other.texts) > 5000:
            continue
        known = {t for t, b in zip(other.texts, other.blank, strict=True) if t.strip() and not b}
        rows = np.flatnonzero(empty)
        for view in views:
            if view is other or view.whole is not None or view.numeric > 0.5:
                continue
            if view.position not in tails:
                tails[view.position] = [_tail(t) for t in view.texts]
            tail = np.array([t in known for t in tails[view.position]])
            swallowed = rows[tail[view.codes[rows]]]
            everywhere = float(view.counts[tail].sum()) / view.rows
            if len(swallowed) < 3 or len(swallowed) / len(rows) < 3 * everywhere:
                continue
            _say(
                view, other, swallowed, min(1.0, len(swallowed) / max(1.0, everywhere * view.rows)), evidence
            )


def _tail(text: str) -> str:
    parts = text.rsplit(maxsplit=1)
    return parts[1] if len(parts) > 1 else ""


def _say(view: View, other: View, rows: Ints, sure: float, evidence: Evidence) -> None:
    dense = np.zeros(view.rows)
    dense[rows] = sure
    evidence.note_rows(view.position, "merged", dense)
    evidence.note_rows(other.position, "merged", dense)
    for r in rows.tolist():
        text = view.texts[view.codes[r]]
        evidence.row_repairs[view.position]["merged"][r] = text.rsplit(maxsplit=1)[0]
        evidence.row_repairs[other.position]["merged"][r] = _tail(text)


def find_twins(views: list[View], evidence: Evidence) -> None:
    """Find rows where two columns that often agree differ by one slip."""
    if views and views[0].rows > MOST_TWINS:
        return
    numbers: dict[str, int] = {}
    texts: list[str] = []
    global_codes = []
    for view in views:
        table = np.empty(len(view.texts), np.int64)
        for k, t in enumerate(view.texts):
            if t not in numbers:
                numbers[t] = len(texts)
                texts.append(t)
            table[k] = numbers[t]
        global_codes.append(np.where(view.blank[view.codes], -1 - view.position, table[view.codes]))
    for i, a in enumerate(views):
        for j in range(i + 1, min(len(views), i + 1 + APART)):
            same = global_codes[i] == global_codes[j]
            share = float(same.mean()) if len(same) else 0.0
            if share < TWINS or share == 1 or max(a.unique, views[j].unique) < 0.02:
                continue
            _twin(a, views[j], np.flatnonzero(~same), share, evidence)


def _twin(a: View, b: View, differ: Ints, share: float, evidence: Evidence) -> None:
    dense = np.zeros(a.rows)
    for r in differ[:MOST].tolist():
        left, right = a.texts[a.codes[r]], b.texts[b.codes[r]]
        if left.strip() and right.strip() and OSA.distance(left, right, score_cutoff=1) == 1:
            dense[r] = share
    evidence.note_rows(a.position, "twin", dense)
    evidence.note_rows(b.position, "twin", dense)


QUOTED = re.compile(r"-?\d+\.\d+|-?\d{4,}")
PAIRS = 400
"""Pairs of rows whose slopes are compared."""
TIGHT = 0.04
"""Median residual, in quartile ranges of Y, up to which a line is a rule."""
LEAST = 0.5
SCREEN_ROWS = 4_000
MOST_COLUMNS = 40


def judge_relations(views: list[View], evidence: Evidence) -> None:
    """Judge all pairs of number columns, and numbers quoted in text columns."""
    numeric = [v for v in views if v.numeric > 0.8 and len(v.texts) > 5 and v.filled >= 12][:MOST_COLUMNS]
    values = {v.position: v.row_numbers for v in numeric}
    off: dict[int, Floats] = {}
    for a in numeric:
        for b in numeric:
            if a.position < b.position:
                _line(values, a.position, b.position, off)
    for position, total in off.items():
        evidence.note_rows(position, "off_line", total)
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
        evidence.note_rows(position, "misquoted", dense + wrong)


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


UNIQUE = 0.98
"""Share of the target's rows with a value of their own, from which on a column is held for a key."""
FEWEST = 20
JOINING = 0.2
"""Share of joined rows beyond which a shared key is the rule and no defect."""
SAME = 0.5
"""Share of the other columns that agree where two rows are one record."""


def find_unique(pairs: Sequence[ColumnPair]) -> list[int]:
    """Return the columns whose values are unique in the target."""
    return [
        i
        for i, pair in enumerate(pairs)
        if pair.target.rows >= FEWEST
        and pair.target.counts[(pair.target.counts == 1) & ~pair.target.blank].sum()
        >= UNIQUE * pair.target.rows
    ]


def compare_keys(pairs: Sequence[ColumnPair]) -> dict[int, Floats]:
    """Return for every key column how probably each row's key is wrong, shape (rows,)."""
    unique = find_unique(pairs)
    return {key: np.maximum(_repeated(pairs, unique, key), _borrowed(pairs, key)) for key in unique}


def _repeated(pairs: Sequence[ColumnPair], unique: list[int], key: int) -> Floats:
    """Of k rows with one key at most one is right; a record that repeats as a whole is no wrong key."""
    side = pairs[key].source
    copies = np.where(side.blank, 1, side.counts)[side.codes]
    for other in unique:
        if other != key:
            copies = np.where(_together(side.codes, pairs[other].source.codes) > 1, 1, copies)
    if (copies > 1).mean() > SEVERAL:  # a record has many rows: what the grain tells
        return np.zeros(len(copies))
    return _share(pairs[key], copies > 1) * (1 - 1 / copies)


def _together(first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Rows that hold the same two values as each row."""
    both = first.astype(np.int64) << 32 | second
    _, place, rows = np.unique(both, return_inverse=True, return_counts=True)
    return np.asarray(rows[place], np.int64)


def _borrowed(pairs: Sequence[ColumnPair], key: int) -> Floats:
    """The target holds the key for a record that differs in most columns."""
    place = pairs[key].place[pairs[key].source.codes]
    joined = (place >= 0) & ~pairs[key].source.blank[pairs[key].source.codes]
    if not joined.any() or joined.mean() > JOINING:
        return np.zeros(len(place))
    row = np.zeros(len(pairs[key].target.values), np.int64)
    row[pairs[key].target.codes] = np.arange(pairs[key].target.rows)
    here, there = np.flatnonzero(joined), row[place[joined]]
    others = [pair for i, pair in enumerate(pairs) if i != key and len(pair.target.values) > 1]
    same = [pair.place[pair.source.codes[here]] == pair.target.codes[there] for pair in others]
    if not same:
        return np.zeros(len(place))
    differs = np.zeros(len(place), bool)
    differs[here] = np.mean(same, axis=0) < SAME
    return _share(pairs[key], differs)


def _share(pair: ColumnPair, found: Marks) -> Floats:
    """The posterior of rows that break uniqueness, against the target's own repetitions."""
    null = float(pair.target.counts[pair.target.counts > 1].sum())
    sure = posterior(np.array([float(found.sum())]), np.array([null]), 0, pair.source.rows, pair.target.rows)
    return np.where(found, sure[0], 0.0)


REPEATED = 0.2
"""Share of the target's rows whose value occurs again, from which on a column names an entity."""
SEVERAL = 0.5
"""Share of the source's rows that repeat a key of the target, beyond which that is no mistake."""
PURE = 0.98


def find_newcomers(pairs: Sequence[ColumnPair]) -> npt.NDArray[np.bool_]:
    """Mark the cells that belong to an entity that is new as a whole, shape (rows, columns).

    Two columns of the target that name each other one to one (a code and its name) are both new in the
    same rows of the source, and there they name each other again: that is a record which the target
    lacks, not a typing error.
    """
    rows = pairs[0].source.rows if pairs else 0
    marks = np.zeros((rows, len(pairs)), bool)
    naming = [i for i, pair in enumerate(pairs) if _names(pair) and pair.new.any()]
    for place, first in enumerate(naming):
        for second in naming[place + 1 :]:
            both = _both(pairs[first], pairs[second])
            marks[:, first] |= both
            marks[:, second] |= both
    return marks


def _names(pair: ColumnPair) -> bool:
    """Whether a column has several values, most of which occur again."""
    again = pair.target.counts[pair.target.counts > 1].sum()
    return len(pair.target.values) > 2 and bool(again >= REPEATED * pair.target.rows)


def _both(first: ColumnPair, second: ColumnPair) -> Marks:
    rows = first.new[first.source.codes] & second.new[second.source.codes]
    if not rows.any() or _purity(first.target.codes, second.target.codes) < PURE:
        return np.zeros(len(rows), bool)
    exclusive = _exclusive(first.source.codes, second.source.codes)
    return rows & exclusive


def _purity(first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> float:
    """Share of rows whose two values only occur together."""
    return float(_exclusive(first, second).mean()) if len(first) else 0.0


def _exclusive(first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> Marks:
    both = first.astype(np.int64) << 32 | second
    _, place, rows = np.unique(both, return_inverse=True, return_counts=True)
    together = rows[place]
    alone = (np.bincount(first)[first] == together) & (np.bincount(second)[second] == together)
    return np.asarray(alone)


MERGED = CellCheck(
    name="merged",
    scope="row",
    subject="Rule",
    title="hold two fields in one, the other left empty",
    looks_for="A value that ends in a value of another column which is empty in that row.",
    matters="Both fields are wrong in the target: one too long, one missing.",
    action="Split the value at the last word into both fields.",
    signals=("merged",),
    table_judges=(find_merged,),
    certain=(above("merged", 0.5, 0.95),),
    row_repairs="merged",
)


RELATION = CellCheck(
    name="relation",
    scope="row",
    subject="Rule",
    title="disagree with another column of the same row",
    looks_for=(
        "Numbers off the line that ties two columns, and values that a text column should hold at one place."
    ),
    matters="Two fields that must say the same differ: the target shows either.",
    action="Derive one from the other at the interface.",
    signals=(
        "off_line",
        "misquoted",
        "misheld",
    ),
    table_judges=(judge_relations, judge_quotations),
    certain=(above("misheld", 0.9, 0.8),),
)


IDENTITY = ValueCheck(
    name="identity",
    subject="Key",
    title="a key of another record",
)
