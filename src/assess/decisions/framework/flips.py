"""What would put another style first: the smallest change of the weights, and of one answer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import numpy as np

from assess.core.estimate import Estimate
from assess.intake.engagement import Style

from .constraints import MONTH_SECONDS, Case, state
from .criteria import CRITERIA, KEYS, STYLES, Criterion
from .pert import below, carries, quantile
from .ranking import Ranked, best_first, constrained
from .result import InputFlip, WeightFlip
from .robustness import nearest_tie, scores, single_weight

FIELDS = {
    "volume": "volume", "latency": "latency_seconds", "interaction": "interaction", "consumers": "consumers",
    "coverage": "coverage", "customisation": "customisation", "governance": "governance",
    "change": "changes_per_year", "partner": "partner",
}  # fmt: skip
"""Criteria whose answer is one cell of the integration's row."""

CONSTRAINED = frozenset({"volume", "latency", "interaction"})
"""Criteria whose answer also decides what is feasible."""


def weight_flip(ranked: Ranked) -> WeightFlip | None:
    """Return the smallest change of the weights that lets another candidate draw level; None where none can."""
    if len(ranked.candidates) < 2:
        return None
    winner = ranked.column(ranked.candidates[0])
    found = []
    for rival in ranked.candidates[1:]:
        difference = ranked.values[:, winner] - ranked.values[:, ranked.column(rival)]
        tie = nearest_tie(difference, ranked.weights)
        if tie is not None:
            found.append((tie[0], rival, tie[1], single_weight(difference, ranked.weights)))
    if not found:
        return None
    moved, rival, nearest, single = min(found, key=lambda f: (f[0], f[1]))
    return WeightFlip(
        to=rival,
        moved=moved,
        weights={key: float(w) for key, w in zip(KEYS, nearest, strict=True)},
        criterion=KEYS[single[0]] if single else None,
        criterion_weight=single[1] if single else None,
    )


def input_flip(ranked: Ranked) -> InputFlip | None:
    """Return the smallest change of one answer of the integration that puts another style first.

    Constraints and scores are both judged anew with the changed answer. Numbers are tried at every point where
    the ranking can change: where two scores cross between two anchors, and where a style's
    latency floor or capacity becomes the limit. Words, and answers that are missing, are tried at each level.
    Changes are compared as shares of the criteria's fixed scales. None where no single answer does.
    """
    if not ranked.candidates:
        return None
    criteria = [c for c in CRITERIA if c.key in FIELDS]
    points = [(far, n, x) for n, c in enumerate(criteria) for far, x in _turning_points(ranked, c)]
    for distance, n, x in sorted(points):
        to = _winner_with(ranked, criteria[n], x)
        if to != ranked.candidates[0]:
            return _record(ranked, criteria[n], x, to, distance)
    return None


def _record(ranked: Ranked, criterion: Criterion, x: float, to: Style | None, distance: float) -> InputFlip:
    level = ranked.levels[criterion.key]
    known: float | str | None = None
    if level is not None:
        known = level.words if criterion.scale == "words" else level.likely
    becomes = _cell(criterion, x)
    if isinstance(becomes, Estimate):
        becomes = x
    if isinstance(becomes, bool):
        becomes = "yes" if becomes else "no"
    return InputFlip(
        criterion=criterion.key, was=known, becomes=becomes, unit=criterion.unit, to=to, distance=distance
    )


def _turning_points(ranked: Ranked, criterion: Criterion) -> Iterator[tuple[float, float]]:
    """Answers at which the first rank can change, with their distance as a share of the scale."""
    level = ranked.levels[criterion.key]
    if level is None or criterion.scale == "words":
        for x in criterion.anchors:
            if level is None or x != level.likely:
                yield 1.0, x
        return
    for x in (*_crossings(ranked, criterion), *_limits(ranked, criterion)):
        past = _beyond(criterion, x, level.likely)
        yield criterion.apart(past, level.likely), past


def _beyond(criterion: Criterion, x: float, was: float) -> float:
    """Step a hair past a turning point; a whole number of consumers past it."""
    step = 1e-6 * max(abs(x), 1e-3)
    past = x + step if x > was else x - step
    if criterion.key == "consumers":
        past = float(np.ceil(past) if x > was else np.floor(past))
    return min(max(past, 0.0), 1.0) if criterion.unit == "share" else max(past, 0.0)


def _crossings(ranked: Ranked, criterion: Criterion) -> list[float]:
    """Where the winner's score and another's cross as this answer changes, between each two anchors."""
    k, table = KEYS.index(criterion.key), ranked.tables[criterion.key]
    winner = ranked.column(ranked.candidates[0])
    others = scores(ranked.values, ranked.weights) - ranked.weights[k] * ranked.values[k]
    totals = others + ranked.weights[k] * table
    at = criterion.position(np.array(criterion.anchors))
    found = []
    for p in range(len(STYLES)):
        lead = totals[:, winner] - totals[:, p]
        for (x0, y0), (x1, y1) in pairwise(zip(at, lead, strict=True)):
            if p != winner and y0 * y1 < 0:
                x = float(x0 + (x1 - x0) * y0 / (y0 - y1))
                found.append(10**x if criterion.scale == "log" else x)
    return found


def _limits(ranked: Ranked, criterion: Criterion) -> list[float]:
    """Answers at which a style's latency floor or capacity becomes the limit."""
    if criterion.key not in ("latency", "volume"):
        return []
    confidence = ranked.engagement.assumptions["framework.confidence"].likely
    found = []
    for style in STYLES:
        case = Case(ranked.engagement, ranked.integration, style)
        limit = (
            _latency_limit(case, confidence)
            if criterion.key == "latency"
            else _volume_limit(case, confidence)
        )
        if limit is not None:
            found.append(limit)
    return found


def _latency_limit(case: Case, confidence: float) -> float | None:
    strong = carries(case.capacity, case.peak) if case.peak else 1.0
    return quantile(case.floor, confidence / strong) if strong >= confidence else None


def _volume_limit(case: Case, confidence: float) -> float | None:
    """Messages a month from which the peak exceeds the capacity too often; None where a peak is stated."""
    need = case.integration.latency_seconds
    fast = 1.0 if need is None else below(case.floor, need)
    if case.integration.peak_per_second is not None or fast < confidence:
        return None
    factor = case.engagement.assumptions["framework.peak_factor"]
    capacity = case.capacity
    return _most(
        (capacity.low, capacity.likely, capacity.high),
        (factor.low, factor.likely, factor.high),
        confidence / fast,
    )


@lru_cache(maxsize=1024)
def _most(
    capacity: tuple[float, float, float], factor: tuple[float, float, float], confidence: float
) -> float:
    """Largest volume that the capacity carries with this confidence, by bisection in the logarithm."""
    able, times = (Estimate(low=e[0], likely=e[1], high=e[2]) for e in (capacity, factor))
    low, high = 0.0, 18.0
    for _ in range(50):
        middle = (low + high) / 2
        held = carries(able, (Estimate.point(10**middle / MONTH_SECONDS), times)) >= confidence
        low, high = (middle, high) if held else (low, middle)
    return float(10**low)


def _winner_with(ranked: Ranked, criterion: Criterion, x: float) -> Style | None:
    """Return the winner with one answer changed, constraints included."""
    k = KEYS.index(criterion.key)
    values = ranked.values.copy()
    values[k] = criterion.values(ranked.tables[criterion.key], x)[0]
    checks = ranked.checks
    if criterion.key in CONSTRAINED:
        changed = ranked.integration.model_copy(update={FIELDS[criterion.key]: _cell(criterion, x)})
        checks = constrained(ranked.engagement, changed)
    best = best_first(scores(values, ranked.weights), checks)[0]
    return None if state(checks[best]) == "excluded" else best


def _cell(criterion: Criterion, x: float) -> float | str | bool | Estimate:
    """Return the changed answer as the cell of the integration's row."""
    if criterion.key in ("volume", "change"):
        return Estimate.point(x, criterion.unit)
    if criterion.key == "partner":
        return bool(x)
    if criterion.key == "consumers":
        return int(x)
    return criterion.levels[int(x)] if criterion.scale == "words" else x
