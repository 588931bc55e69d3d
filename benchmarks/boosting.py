"""Boosted trees with one-way signals, small enough to read: learns what `detectors.weighing` applies.

Gradient boosting with second-order gains (Friedman 2001; Chen and Guestrin 2016), histograms of 24 limits per
signal, and bounds that keep each signal one-way (as in LightGBM's and XGBoost's monotone constraints).
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

LIMITS = 24


@dataclass
class Settings:
    """How to learn."""

    trees: int = 100
    depth: int = 4
    rate: float = 0.12
    ridge: float = 20.0
    least: float = 10.0
    share: float = 0.6
    seed: int = 0


@numba.njit(cache=True)
def histogram(bins, rows, g, h, signals, width):
    """Sums of gradient and curvature per signal and bin."""
    gs, hs = np.zeros((signals, width)), np.zeros((signals, width))
    for n in range(len(rows)):
        i = rows[n]
        for f in range(signals):
            b = bins[i, f]
            gs[f, b] += g[i]
            hs[f, b] += h[i]
    return gs, hs


def limits_of(x: np.ndarray) -> list[np.ndarray]:
    """Limits to try, per signal: between its values, or at its quantiles beyond 0."""
    found = []
    for f in range(x.shape[1]):
        values = np.unique(x[:, f])
        if len(values) > LIMITS:
            busy = x[:, f][x[:, f] != 0]
            found.append(np.unique(np.r_[0.0, np.quantile(busy, np.linspace(0, 1, LIMITS - 2)[1:-1])]))
        else:
            found.append((values[1:] + values[:-1]) / 2)
    return found


def learn(x: np.ndarray, y: np.ndarray, w: np.ndarray, way: np.ndarray, ask: Settings) -> dict:
    """Learn trees as plain lists: start, signal, limit, leaf."""
    limits = limits_of(x)
    bins = np.column_stack([np.searchsorted(e, x[:, f], side="left") for f, e in enumerate(limits)]).astype(
        np.uint8
    )
    width = max(len(e) for e in limits) + 1
    rng = np.random.default_rng(ask.seed)
    share = (w * y).sum() / w.sum()
    start = float(np.log(share / (1 - share)))
    total = np.full(len(y), start)
    model = {"start": round(start, 5), "signal": [], "limit": [], "leaf": []}
    for _ in range(ask.trees):
        p = 1 / (1 + np.exp(-total))
        tree = _tree(bins, limits, w * (y - p), w * p * (1 - p), way, ask, width, rng, total)
        for name, part in zip(("signal", "limit", "leaf"), tree, strict=True):
            model[name].append(part)
    return model


def _tree(bins, limits, g, h, way, ask, width, rng, total):
    inner = 2**ask.depth - 1
    signal, limit, leaf = [0] * inner, [3e38] * inner, [0.0] * (inner + 1)
    count = bins.shape[1]
    barred = np.ones(count, bool)
    barred[rng.choice(count, max(1, int(count * ask.share)), replace=False)] = False
    stack = [(0, np.arange(len(g)), 0, -1e9, 1e9)]
    while stack:
        node, rows, depth, low, high = stack.pop()
        gt, ht = g[rows].sum(), h[rows].sum()
        split = _split(bins, rows, g, h, gt, ht, way, ask, width, barred) if depth < ask.depth else None
        if split is None:
            value = ask.rate * min(max(gt / (ht + ask.ridge), low), high)
            total[rows] += value
            # everything under this node ends in one leaf: limits stay infinite, so all go left
            while node < inner:
                node = 2 * node + 1
            leaf[node - inner] = round(float(value), 5)
            continue
        f, b, left_value, right_value = split
        signal[node], limit[node] = int(f), float(np.float32(limits[f][b]))
        middle = (min(max(left_value, low), high) + min(max(right_value, low), high)) / 2
        lows, highs = {1: ((low, middle), (middle, high)), -1: ((middle, high), (low, middle))}.get(
            int(way[f]), ((low, high), (low, high))
        )
        left = bins[rows, f] <= b
        stack.append((2 * node + 1, rows[left], depth + 1, *lows))
        stack.append((2 * node + 2, rows[~left], depth + 1, *highs))
    return signal, limit, leaf


def _split(bins, rows, g, h, gt, ht, way, ask, width, barred):
    gs, hs = histogram(bins, rows, g, h, bins.shape[1], width)
    gl, hl = gs.cumsum(1)[:, :-1], hs.cumsum(1)[:, :-1]
    gr, hr = gt - gl, ht - hl
    vl, vr = gl / (hl + ask.ridge), gr / (hr + ask.ridge)
    gain = gl * vl + gr * vr - gt * gt / (ht + ask.ridge)
    gain[(hl < ask.least) | (hr < ask.least) | (way[:, None] * (vr - vl) < 0)] = -1
    gain[barred] = -1
    f, b = np.unravel_index(gain.argmax(), gain.shape)
    return (f, b, vl[f, b], vr[f, b]) if gain[f, b] > 1e-3 else None
