"""Values whose parts stand in another order than in the target, such as day and month swapped."""

from __future__ import annotations

import itertools
import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from assess.evidence.quality.types import dates

from .excess import CERTAIN, Counts, Floats
from .pair import Marks, Pair

DIGITS = re.compile(r"\d+")
FEWEST = 30
"""Rows of each side from which on an order is learned."""
GAIN = 10.0
"""Log-likelihood by which a second order must explain the source better (a Bayes factor beyond 20,000)."""
ROUNDS = 50
DATED = 0.9
"""Share of the target's values that must read as dates: parts of codes and numbers have one order only."""

Parts = npt.NDArray[np.int64]
Order = tuple[int, ...]


def judge(pair: Pair, left: Marks) -> Floats:
    """Values better explained by another order of their parts.

    The parts of the target's values, position by position, make a model; the source is a mixture of
    the target's order and of one other, the mixture's share is fitted by expectation maximisation
    (Dempster, Laird and Rubin 1977), and a value's confidence is its posterior of the other order.
    Values are judged whether the target holds them or not: a swapped date is a date.
    """
    made = np.zeros(len(pair.source.texts))
    shape = _common(pair)
    if not shape:
        return made
    at, on = np.flatnonzero(pair.source.shapes == shape), np.flatnonzero(pair.target.shapes == shape)
    asked, known = _parts(pair.source.texts[at]), _parts(pair.target.texts[on])
    counts, held = pair.source.counts[at], pair.target.counts[on]
    if counts.sum() < FEWEST or held.sum() < FEWEST:
        return made
    found = explain(asked, counts, known, held)
    if found is not None:
        made[at] = found[1]
    return made


def explain(asked: Parts, counts: Counts, known: Parts, held: Counts) -> tuple[Order, Floats] | None:
    """Return the order that explains the source best, and each value's posterior of it; None without one.

    Parameters
    ----------
    asked, counts
        Parts of the source's values, shape (s, k), and their rows.
    known, held
        Parts of the target's values, shape (t, k), and their rows.
    """
    same = _likelihood(asked, known, held)
    base = float(counts @ same)
    best: tuple[float, Order, Floats] | None = None
    for order in itertools.permutations(range(asked.shape[1])):
        if order == tuple(range(asked.shape[1])):
            continue
        moved = asked[:, order]
        other = np.where((moved == asked).all(axis=1), -np.inf, _likelihood(moved, known, held))
        share, posterior = _mixture(same, other, counts)
        gain = float(counts @ np.logaddexp(same + np.log1p(-share), other + np.log(share))) - base
        if gain > GAIN and (best is None or gain > best[0]):
            best = gain, order, posterior
    return None if best is None else (best[1], np.clip(best[2], 0, CERTAIN))


def _likelihood(asked: Parts, known: Parts, held: Counts) -> Floats:
    """Log-probability of each row of parts, positions independent, one pseudo-row for all unseen parts."""
    total = np.zeros(len(asked))
    for i in range(known.shape[1]):
        codes, values = pd.factorize(known[:, i])
        rows = np.bincount(codes, weights=held, minlength=len(values))
        place = pd.Index(values).get_indexer(pd.Index(asked[:, i]))
        unseen = 0.5 / max(10.0, len(values))
        total += np.log(np.where(place >= 0, rows[np.maximum(place, 0)], unseen) / (held.sum() + 0.5))
    return total


def _mixture(same: Floats, other: Floats, counts: Counts) -> tuple[float, Floats]:
    """Fit the share of the other order; return it and the posterior of each value."""
    share, posterior = 0.5, np.zeros(len(same))
    for _ in range(ROUNDS):
        odds = other + np.log(share) - same - np.log1p(-share)
        posterior = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
        share = float(np.clip(counts @ posterior / counts.sum(), 1e-6, 1 - 1e-6))
    return share, posterior


def _common(pair: Pair) -> str:
    """The shape of both sides' majority if it has two to four numbers and reads as a date, else nothing."""
    common = []
    for side in (pair.source, pair.target):
        filled = ~side.blank
        rows = pd.Series(side.counts[filled]).groupby(side.shapes[filled]).sum()
        if rows.empty or rows.max() < 0.5 * rows.sum():
            return ""
        common.append(str(rows.idxmax()))
    if common[0] != common[1] or not 2 <= common[0].count("9") <= 4:
        return ""
    dated = dates.read(pair.target.texts[pair.target.shapes == common[0]]).found
    return common[0] if dated.mean() >= DATED else ""


def _parts(texts: npt.NDArray[np.object_]) -> Parts:
    return np.array([[int(part[:15]) for part in DIGITS.findall(text)] for text in texts], np.int64)
