"""Values whose shape is rare in their column."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from .evidence import Evidence
from .view import LONGEST, Floats, Mask, View

RUNS = re.compile(r"(.)\1+", re.S)
FILLER = re.compile(r"([^\w\s.\-/])\1{1,}|\.{4,}|-{3,}|/{3,}")


def shape_of(text: str) -> str:
    """Return the mask of a text: A upper, a lower, 9 digit, signs themselves.

    >>> shape_of("Rd. 12")
    'Aa. 99'
    """
    return "".join(
        "9" if c.isdigit() else ("A" if c.isupper() else "a") if c.isalpha() else c for c in text[:LONGEST]
    )


def short_of(shape: str) -> str:
    """Return a mask with its runs cut to one character.

    >>> short_of("Aaaa 999")
    'Aa 9'
    """
    return RUNS.sub(r"\1", shape)


def judge(view: View, evidence: Evidence) -> None:
    """Judge the shapes of one column."""
    shapes = [shape_of(t) for t in view.texts]
    shorts = [short_of(s) for s in shapes]
    rows = float(view.rows)
    filled = ~view.blank
    for name, masks in (("shape", shapes), ("short_shape", shorts)):
        rare, order = _rarity(masks, view.weights.astype(np.float64), filled)
        rare = rare * ~view.credits
        evidence.say(view.position, name, rare * order)
        evidence.say(view.position, name + "_rare", rare)
    signs = _signs(view, rows) * ~view.credits
    evidence.say(view.position, "sign", signs)
    filler = np.fromiter((bool(FILLER.search(t)) for t in view.texts), bool, len(view.texts))
    share = float(view.weights[filler].sum()) / rows
    evidence.say(view.position, "filler", np.where(filler, -np.log(max(share, 1e-9)), 0.0))
    edge = np.fromiter((t != t.strip() or "  " in t for t in view.texts), bool, len(view.texts)) & filled
    share = float(view.weights[edge].sum()) / rows
    evidence.say(view.position, "space", np.where(edge, -np.log(max(share, 1e-9)), 0.0))


def _rarity(masks: list[str], counts: Floats, filled: Mask) -> tuple[Floats, float]:
    """Minus log share of each mask among the other rows, and how ordered the column is (sum of squares)."""
    total: Counter[str] = Counter()
    for mask, n, keep in zip(masks, counts, filled, strict=True):
        if keep:
            total[mask] += n
    rows = max(1.0, float(counts[filled].sum()))
    order = sum((n / rows) ** 2 for n in total.values())
    rare = np.array(
        [-np.log((total[m] + 0.5) / (rows + 1)) if k else 0.0 for m, k in zip(masks, filled, strict=True)]
    )
    return np.maximum(rare, 0), float(order)


def _signs(view: View, rows: float) -> Floats:
    """Rarity of the rarest sign that a text holds: minus log of the share of rows that hold it."""
    holders: Counter[str] = Counter()
    sets = [{c for c in t[:LONGEST] if not c.isalnum()} for t in view.texts]
    for signs, n in zip(sets, view.weights, strict=True):
        for c in signs:
            holders[c] += int(n)
    return np.array([max((-np.log(holders[c] / rows) for c in s), default=0.0) for s in sets])
