"""The same value written another way: case, spaces, zeros that got lost, a foreign mask among codes."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from .evidence import Evidence
from .pattern import shape_of
from .view import Floats, View

WRITTEN = re.compile(r"-?\d{1,3}(?:[.' ]\d{3})+(?:,\d+)?|-?\d+,\d+")
"""Numbers as written with another sign for decimals or thousands."""
COMMA = re.compile(r"-?\d+(?:[.' ]\d{3})*,\d+")
POINTED = re.compile(r"-?\d+\.\d+")
TIMES = 20
"""How much more frequent the usual spelling must be."""
RARE = 0.05
SAME = 0.93
"""Share of rows with one mask from which a column is one of codes of that mask."""
CLOSED = 20
"""Rows per distinct usual text from which a vocabulary is held for closed."""


def judge(view: View, evidence: Evidence) -> None:
    """Judge how the texts of one column are written."""
    if view.filled < 20:
        return
    evidence.say(view.position, "edge_space", _spaces(view))
    repairs = evidence.repairs[view.position]["variant"]
    evidence.say(view.position, "case", _case(view, repairs))
    evidence.say(view.position, "zeros_lost", _zeros(view, repairs))
    evidence.say(view.position, "foreign_mask", _foreign(view))
    evidence.say(view.position, "foreign_number", _numbers(view))


def _numbers(view: View) -> Floats:
    """Numbers written with another decimal sign than nearly all others: the share of those.

    Where nearly all numbers carry decimals behind a point, a comma without a point is a decimal comma too.
    """
    trimmed = [t.strip() for t in view.texts]
    comma = np.array([bool(COMMA.fullmatch(t)) for t in trimmed])
    point = np.array([bool(POINTED.fullmatch(t)) for t in trimmed])
    commas, points = (float(view.weights[m].sum()) / view.filled for m in (comma, point))
    if view.comma:
        return np.where(point, commas, 0.0)
    if points >= SAME:
        return np.where(comma, points, 0.0)
    written = np.array([bool(WRITTEN.fullmatch(t)) for t in trimmed])
    return np.where(written & np.isnan(view.numbers), view.numeric, 0.0)


def _spaces(view: View) -> Floats:
    """Leading, trailing or doubled spaces where nearly all rows have none: share of the rows without."""
    spaced = np.array([t != " ".join(t.split()) for t in view.texts]) & ~view.blank
    share = float(view.weights[spaced].sum()) / view.filled
    return np.where(spaced & (share < RARE), 1 - share, 0.0)


def _case(view: View, repairs: dict[int, str]) -> Floats:
    """Texts that equal a far more frequent one but for case: share of the more frequent."""
    best: dict[str, int] = {}
    for k in np.argsort(-view.counts, kind="stable").tolist():
        best.setdefault(view.texts[k].strip().casefold(), k)
    out = np.zeros(len(view.texts))
    for k, text in enumerate(view.texts):
        usual = best[text.strip().casefold()]
        mine, its = int(view.counts[k]), int(view.counts[usual])
        if usual != k and mine and text.strip() != view.texts[usual].strip() and its >= TIMES * mine:
            out[k] = its / (its + mine)
            repairs[k] = view.texts[usual]
    return out


def _zeros(view: View, repairs: dict[int, str]) -> Floats:
    """Digits shorter than the one length that nearly all rows share, where some begin with 0."""
    digits = np.array([t.isdigit() and t.isascii() for t in view.texts])
    width: Counter[int] = Counter()
    for t, n, d in zip(view.texts, view.weights, digits, strict=True):
        if d:
            width[len(t)] += int(n)
    out = np.zeros(len(view.texts))
    total = sum(width.values())
    if total < 0.5 * view.filled:
        return out
    usual, rows = width.most_common(1)[0]
    zeros = sum(
        int(n) for t, n, d in zip(view.texts, view.weights, digits, strict=True)
        if d and len(t) == usual and t[0] == "0"
    )  # fmt: skip
    if usual < 3 or rows < 0.85 * total or zeros < 0.02 * rows:
        return out
    known = set(view.texts)
    for k, text in enumerate(view.texts):
        if digits[k] and len(text) < usual and text[0] != "0":
            out[k] = 0.95 if text.zfill(usual) in known else rows / total
            repairs[k] = text.zfill(usual)
    return out


def _foreign(view: View) -> Floats:
    """Texts of another mask in a closed vocabulary whose usual texts all have one mask: that mask's share."""
    masks = [shape_of(t) for t in view.texts]
    rows: Counter[str] = Counter()
    for m, n, blank in zip(masks, view.weights, view.blank | view.disguised, strict=True):
        if not blank:
            rows[m] += int(n)
    out = np.zeros(len(masks))
    if not rows or "" in rows:
        return out
    main, most = rows.most_common(1)[0]
    share = most / view.filled
    usual = sum(m == main for m in masks)
    letters, rest = main.strip("A") == "", any(c not in "Aa" for c in main) and any(c in "Aa" for c in main)
    if share < SAME or most < CLOSED * usual or len(main) > 12 or not (rest or (letters and len(main) < 5)):
        return out
    other = np.array([m != main for m in masks]) & ~view.blank & ~view.disguised
    return np.where(other, share, 0.0)
