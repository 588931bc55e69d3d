"""Cells that contradict, or swallow, a cell of the same row."""

from __future__ import annotations

import numpy as np
from rapidfuzz.distance import OSA

from .evidence import Evidence
from .view import Ints, View

MOST = 20_000
"""Rows per pair of columns that are compared letter by letter."""
APART = 60
"""Columns that lie further apart are not looked at as copies of each other."""
MOST_TWINS = 200_000
"""Rows beyond which copies are not looked for."""
TWINS = 0.2
"""Share of equal rows from which two columns are held for copies of each other."""


def judge(views: list[View], evidence: Evidence) -> None:
    """Judge pairs of columns row by row."""
    merged(views, evidence)
    twins(views, evidence)


def merged(views: list[View], evidence: Evidence) -> None:
    """Find a value that ends in a value of another column which is empty in that row."""
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
            tail = np.array([_tail(t) in known for t in view.texts])
            swallowed = rows[tail[view.codes[rows]]]
            everywhere = float(view.counts[tail].sum()) / view.rows
            if len(swallowed) < 3 or len(swallowed) / len(rows) < 3 * everywhere:
                continue
            _say(
                view, other, swallowed, min(1.0, len(swallowed) / max(1.0, everywhere * view.rows)), evidence
            )


def _tail(text: str) -> str:
    return text.rsplit(maxsplit=1)[1] if len(text.split(maxsplit=1)) > 1 else ""


def _say(view: View, other: View, rows: Ints, sure: float, evidence: Evidence) -> None:
    dense = np.zeros(view.rows)
    dense[rows] = sure
    evidence.say_of_rows(view.position, "merged", dense)
    evidence.say_of_rows(other.position, "merged", dense)
    for r in rows.tolist():
        text = view.texts[view.codes[r]]
        evidence.row_repairs[view.position]["merged"][r] = text.rsplit(maxsplit=1)[0]
        evidence.row_repairs[other.position]["merged"][r] = _tail(text)


def twins(views: list[View], evidence: Evidence) -> None:
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
    evidence.say_of_rows(a.position, "twin", dense)
    evidence.say_of_rows(b.position, "twin", dense)
