"""Placeholders that pass for values: the first and last day of time, a row of nines, minus one."""

from __future__ import annotations

import re

import numpy as np

from .evidence import Evidence
from .number import quantiles
from .view import Floats, View

DATE = re.compile(
    r"(?:1900|1970|1899|1753|0001|9999|2099|2999)[-/.](?:01[-/.]01|12[-/.]3[01])(?:[T ].*)?"
    r"|(?:01[-/.]01|3[01][-/.]12|12[-/.]31)[-/.](?:1900|1970|0001|9999|2099|2999)(?:[ T].*)?"
)
"""Days that systems write for "none" and "for ever"."""
NUMBER = re.compile(r"-?9{2,}(?:\.9+|\.0+)?|-1(?:\.0+)?|-?0{2,}")
CODE = re.compile(r"0{3,}|9{3,}|[xX]{3,}")
LEAST = 3
RARE = 0.1


def judge(view: View, evidence: Evidence) -> None:
    """Judge placeholders of one column."""
    if view.filled < 20:
        return
    evidence.say(view.position, "default_date", _dates(view))
    if view.numeric > 0.9:
        evidence.say(view.position, "default_number", _numbers(view))
    evidence.say(view.position, "default_code", _codes(view))
    rare = (view.disguised & ~view.blank) & (view.counts < RARE * view.rows)
    word = np.array(
        [any(c.isalnum() for c in t) or t.strip() == "-" or not t.strip("? ") for t in view.texts]
    )
    evidence.say(view.position, "rare_disguise", (rare & word).astype(np.float64))


def _dates(view: View) -> Floats:
    """Default days that a small part of a column holds, beside other dates."""
    default = np.array([bool(DATE.fullmatch(t.strip())) for t in view.texts])
    share = float(view.counts[default].sum()) / view.filled
    return np.where(default & (share < RARE), 1 - share, 0.0)


def _codes(view: View) -> Floats:
    """Rows of one sign in a column of codes of one width that repeat, rare against the rest."""
    fits = np.array([t.isalnum() and any(c.isdigit() for c in t) for t in view.texts])
    placeholder = np.array([bool(CODE.fullmatch(t)) for t in view.texts]) & (view.counts >= LEAST)
    usual = fits & ~placeholder
    widths = {len(t) for t, u, n in zip(view.texts, usual, view.counts, strict=True) if u and n >= LEAST}
    share = float(view.counts[placeholder].sum()) / view.filled
    if len(widths) != 1 or view.weights[usual].sum() < 0.8 * view.filled or share > RARE:
        return np.zeros(len(view.texts))
    same = np.array([len(t) in widths for t in view.texts])
    return np.asarray(placeholder & same, np.float64)


def _numbers(view: View) -> Floats:
    """Placeholder numbers that occur too often for where they lie: a spike at or beyond the edge."""
    out = np.zeros(len(view.texts))
    real = ~np.isnan(view.numbers)
    shaped = np.array([bool(NUMBER.fullmatch(t.strip())) for t in view.plain]) & real
    if not shaped.any():
        return out
    x, n = view.numbers[real], view.weights[real].astype(np.float64)
    usual = real & ~shaped
    if not usual.any():
        return out
    low, high = quantiles(x, n, (0.01, 0.99))
    bottom, top = float(view.numbers[usual].min()), float(view.numbers[usual].max())
    typical = float(np.median(view.counts[usual]))
    for k in np.flatnonzero(shaped).tolist():
        value, rows = float(view.numbers[k]), int(view.counts[k])
        outside = value < bottom - 0.5 * abs(bottom) or value > 1.5 * top
        spike = (value <= low or value >= high) and rows >= 4 * typical
        if (outside or spike) and LEAST <= rows < RARE * view.filled:
            out[k] = 1.0
    return out
