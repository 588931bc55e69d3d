"""Keys that repeat, and sequences with a value out of order."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from .evidence import Evidence
from .view import Floats, Ints, View

UNIQUE = 0.55
"""Distinct values per filled row from which a column may be a key."""
RISING = 0.6
"""Share of steps in one direction from which a column is looked at as a sequence."""


def judge(view: View, evidence: Evidence) -> None:
    """Judge repeated values of a nearly unique column, and a sequence's order."""
    if view.filled < 8:
        return
    usable = ~(view.blank | view.disguised)
    if view.unique >= UNIQUE:
        again = usable & (view.counts > 1)
        singles = view.singles / view.filled
        evidence.say(
            view.position, "again", np.where(again, singles * (1 - 1 / np.maximum(1, view.counts)), 0.0)
        )
        evidence.say(
            view.position, "again_often", np.where(again, singles * np.log(np.maximum(1, view.counts)), 0.0)
        )
    if view.numeric > 0.9 and view.unique > 0.5:
        evidence.say_of_rows(view.position, "disorder", disorder(view.row_numbers))


def disorder(x: Floats) -> Floats:
    """Mark the rows outside the longest rising (or falling) run of a column that is nearly sorted.

    Shape (rows,), the share of rows inside the run where a row is outside, else 0.
    """
    rows = np.flatnonzero(~np.isnan(x))
    values = x[rows]
    out = np.zeros(len(x))
    if len(values) < 8:
        return out
    steps = np.diff(values)
    up, down = float((steps > 0).mean()), float((steps < 0).mean())
    if max(up, down) < RISING or max(up, down) == 1:
        return out
    inside = longest_rising(values if up >= down else -values)
    share = len(inside) / len(values)
    outside = np.ones(len(values), bool)
    outside[inside] = False
    out[rows[outside]] = share
    return out


def longest_rising(values: Floats) -> Ints:
    """Return the positions of one longest strictly rising subsequence (patience sorting, n log n).

    >>> longest_rising(np.array([1.0, 2.0, 9.0, 3.0, 4.0])).tolist()
    [0, 1, 3, 4]
    """
    tails: list[float] = []
    ends: list[int] = []
    before = np.full(len(values), -1, np.int64)
    for place, value in enumerate(values.tolist()):
        k = bisect_left(tails, value)
        if k == len(tails):
            tails.append(value)
            ends.append(place)
        else:
            tails[k], ends[k] = value, place
        before[place] = ends[k - 1] if k else -1
    run = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(at)
        at = int(before[at])
    return np.array(run[::-1], np.int64)
