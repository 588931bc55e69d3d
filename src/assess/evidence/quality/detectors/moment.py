"""Dates: impossible ones, foreign forms, and rows whose day and month (or year) can't be told apart."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import numpy as np

from assess.evidence.quality import types

from .evidence import Evidence
from .number import FARTHEST, distance, quantiles
from .view import Floats, View

PARTS = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})(?:[T ].*)?")
DAY_TELLS = 1 - 12 * 12 / 365.25
"""Share of dates whose day can't be a month: what a column with one fixed order shows."""
FEWEST = 100
"""Rows of dates from which on one can be out of its column's time."""
LEAST = 0.5
"""Share of filled rows in date form from which a column is judged as one of dates."""
ORDERS = ("mdy", "dmy", "ymd")


def readings(text: str) -> dict[str, date]:
    """Return the valid dates that a text can mean, by the order of its parts.

    >>> sorted(readings("4/1/14")), sorted(readings("4/20/2014"))
    (['dmy', 'mdy', 'ymd'], ['mdy'])
    """
    found = PARTS.fullmatch(text.strip())
    if not found:
        return {}
    parts = (found[1], found[3], found[4])
    valid = {}
    for order in ORDERS:
        part = dict(zip(order, parts, strict=True))
        # a year written first may have lost its leading zero with those of month and day
        long_enough = len(part["y"]) in (2, 4) or (order == "ymd" and len(part["y"]) == 1)
        if long_enough and len(part["m"]) <= 2 and len(part["d"]) <= 2:
            year = int(part["y"]) if len(part["y"]) == 4 else _century(int(part["y"]))
            try:
                valid[order] = date(year, int(part["m"]), int(part["d"]))
            except ValueError:
                continue
    return valid


def _century(year: int) -> int:
    return year + (1900 if year > 68 else 2000)


GAP = 1.0
"""Width of the empty stretch before a date that is out of its column's time, against all but `RARE` of the others."""
RARE = 0.02


def extremes(view: View) -> Floats:
    """Dates far before or after all but `RARE` of the others, with nothing between: 1 minus their share."""
    out = np.zeros(len(view.texts))
    read = types.dates.read(np.array(view.texts, object), view.weights)
    at = np.flatnonzero(read.found & read.valid & ~view.disguised & (view.weights > 0))
    if view.filled < FEWEST or float(view.weights[at].sum()) < 0.9 * view.filled:
        return out
    days = read.instants[at].astype("datetime64[D]").astype(np.float64)
    order = np.argsort(days, kind="stable")
    x, n = days[order], view.weights[at][order].astype(np.float64)
    low, high = quantiles(x, n, (RARE, 1 - RARE))
    width = max(high - low, 1.0)
    steps = np.diff(x)
    for early in (True, False):
        empty = steps * (x[:-1] < low if early else x[1:] > high)
        if empty.max(initial=0) < GAP * width:
            continue
        cut = int(empty.argmax())
        beyond = np.arange(len(x)) <= cut if early else np.arange(len(x)) > cut
        share = float(n[beyond].sum() / n.sum())
        if share <= RARE:
            out[at[order[beyond]]] = 1 - share
    return out


def judge(view: View, evidence: Evidence) -> None:
    """Judge the dates of one column."""
    evidence.say(view.position, "extreme_date", extremes(view))
    form = np.fromiter((bool(PARTS.fullmatch(t.strip())) for t in view.texts), bool, len(view.texts))
    rows = float(view.weights[form].sum())
    if view.filled < 8 or rows < LEAST * view.filled:
        return
    means = [readings(t) for t in view.texts]
    held: Counter[str] = Counter()
    for reading, n in zip(means, view.weights, strict=True):
        held.update(dict.fromkeys(reading, int(n)))
    if not held:
        return
    main, main_rows = max(held.items(), key=lambda item: (item[1], item[0]))
    share = main_rows / view.filled
    wrong = np.array([main not in m for m in means]) & ~view.blank & ~view.disguised
    evidence.say(view.position, "no_date", np.where(wrong, share, 0.0))
    far = np.zeros(len(means))
    at = np.flatnonzero([main in m for m in means])
    days = np.array([float(means[k][main].toordinal()) for k in at])
    far[at] = np.log1p(np.minimum(distance(days, view.weights[at].astype(np.float64)), FARTHEST))
    evidence.say(view.position, "far_date", far)
    evidence.say(view.position, "ambiguous", _ambiguous(means, view.weights.astype(np.float64), main))


def _ambiguous(means: list[dict[str, date]], counts: Floats, main: str) -> Floats:
    """How open the order of a row's parts is: 1 if nothing in the column tells, 0 if days tell as they should.

    A row is open if its parts read in another order give another valid date. In a column with one fixed
    order, six dates in ten have a day above 12 and settle it; the rarer these, the less the column says.
    """
    dated = np.array([bool(m) for m in means])
    differ = np.array([main in m and len(set(m.values())) > 1 for m in means])
    tells = np.array([len(m) == 1 for m in means])
    told = float(counts[tells].sum() / max(1.0, counts[dated].sum()))
    rivals = {next(iter(m)) for m, t in zip(means, tells, strict=True) if t}
    openness = 1.0 if len(rivals) > 1 and _mixed(means, counts, tells) else max(0.0, 1 - told / DAY_TELLS)
    return np.where(differ & (openness > 0.3), openness, 0.0)


def _mixed(means: list[dict[str, date]], counts: Floats, tells: Floats) -> bool:
    """Tell whether two orders are both common (5 %) among the rows that settle theirs."""
    by: Counter[str] = Counter()
    for m, n, t in zip(means, counts, tells, strict=True):
        if t:
            by[next(iter(m))] += n
    ranked = [n for _, n in by.most_common(2)]
    return len(ranked) > 1 and ranked[1] > 0.05 * sum(by.values())
