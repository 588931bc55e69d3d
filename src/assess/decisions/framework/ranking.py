"""Rank the styles of one integration, and find what would put another first.

Feasible styles come first, then the score decides; another is put first by the smallest change of the weights, or of one answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assess.core.estimate import Estimate
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import NATIVE, STYLES, Integration, Style

from .constraints import MONTH_SECONDS, ConstraintCase, IntegrationNeeds, check, last_resort, state
from .criteria import CRITERIA, KEYS, SKILL, Criterion, Level, value_key
from .probability import TIE, carries, chance_below, nearest_tie, quantile, scores, single_weight
from .result import ConstraintCheck, InputFlip, IntegrationFit, State, StyleFit, Term, WeightFlip

Numbers = NDArray[np.float64]

ORDER: dict[State, int] = {"feasible": 0, "open": 1, "excluded": 2}

BYPASS = (
    "Reads and writes past the application's own logic and can make its data inconsistent: "
    "monitor strictly, read only where possible, and replace it when an API appears."
)


@dataclass(frozen=True)
class Ranked:
    """The numbers behind one integration's ranking.

    Parameters
    ----------
    values, low, high
        Shape (criteria, styles) in the order of `KEYS` and `STYLES`.
    levels
        What is known, by criterion; None where it is missing.
    checks
        By style.
    order
        Styles, best first: feasible before open before excluded, then by score.
    """

    engagement: Engagement
    integration: Integration
    weights: Numbers
    tables: Mapping[str, Numbers]
    levels: Mapping[str, Level | None]
    values: Numbers
    low: Numbers
    high: Numbers
    checks: Mapping[Style, tuple[ConstraintCheck, ...]]
    order: tuple[Style, ...]

    @property
    def candidates(self) -> tuple[Style, ...]:
        """The styles in the winner's state: those that it competes with; empty where all are excluded."""
        best = state(self.checks[self.order[0]])
        return () if best == "excluded" else tuple(s for s in self.order if state(self.checks[s]) == best)

    def column(self, style: Style) -> int:
        """Return the column of a style in the matrices."""
        return STYLES.index(style)


def rank(
    engagement: Engagement,
    integration: Integration,
    weights: Numbers,
    tables: Mapping[str, Numbers],
    known: IntegrationFit | None = None,
) -> Ranked:
    """Rank the styles of one integration.

    Parameters
    ----------
    weights
        Normalised, in the order of `KEYS`.
    tables
        Values at the anchors, from `value_tables`.
    known
        A fit of the same integration between the same systems, explained: only skills differ, so that its other values and its
        constraints hold here, too; the levels are left out.
    """
    if known is None:
        levels = {criterion.key: criterion.read(engagement, integration) for criterion in CRITERIA}
        spans = [criterion.span(tables[criterion.key], levels[criterion.key]) for criterion in CRITERIA]
        checks = dict(constrained(engagement, integration))
    else:
        levels, spans = {}, _spans(known)
        checks = {one.style: one.checks for one in known.styles}
    spans.append(_skill(engagement))
    values, low, high = (np.array([span[n] for span in spans]) for n in range(3))
    order = best_first(scores(values, weights), checks)
    return Ranked(engagement, integration, weights, tables, levels, values, low, high, checks, order)


def _spans(known: IntegrationFit) -> list[tuple[Numbers, Numbers, Numbers]]:
    """Return the value of each style with its range, by criterion without `SKILL`, as a fit holds them."""
    terms = {one.style: one.terms for one in known.styles}
    held = np.array([[(t.value, t.low, t.high) for t in terms[style][: len(CRITERIA)]] for style in STYLES])
    return [tuple(ends) for ends in held.transpose(1, 2, 0)]


def best_first(totals: Numbers, checks: Mapping[Style, tuple[ConstraintCheck, ...]]) -> tuple[Style, ...]:
    """Order the styles: feasible before open before excluded, then by score, then by name."""
    keys = {s: (ORDER[state(checks[s])], -round(float(totals[p]), 12), s) for p, s in enumerate(STYLES)}
    return tuple(sorted(STYLES, key=lambda s: keys[s]))


def _skill(engagement: Engagement) -> tuple[Numbers, Numbers, Numbers]:
    """Experience with each style, 0 to 1; unanswered counts as none, up to full. A native connector asks none."""
    skills = engagement.team.skills
    stated = np.array([style in skills or style == NATIVE for style in STYLES])
    value = np.array([engagement.team.experience(style, 0.0) for style in STYLES])
    return value, value, np.where(stated, value, 1.0)


def constrained(engagement: Engagement, integration: Integration) -> dict[Style, tuple[ConstraintCheck, ...]]:
    """Return the hard constraints of every style, direct database access being the last resort."""
    needs = IntegrationNeeds(engagement, integration)
    checks = {style: check(needs, style) for style in STYLES}
    others = tuple(s for s in STYLES if s != "database-access" and state(checks[s]) != "excluded")
    return checks | {"database-access": (*checks["database-access"], last_resort(others))}


def style_fit(ranked: Ranked, style: Style, *, explained: bool = True) -> StyleFit:
    """Return the record of one style: its terms unless it need not be ``explained``, its score with range, its constraints."""
    p = ranked.column(style)
    terms = tuple(_term(ranked, style, k) for k in range(len(KEYS))) if explained else ()
    used = style == "database-access" and state(ranked.checks[style]) != "excluded"
    return StyleFit(
        style=style,
        state=state(ranked.checks[style]),
        score=float(scores(ranked.values, ranked.weights)[p]),
        low=float(scores(ranked.low, ranked.weights)[p]),
        high=float(scores(ranked.high, ranked.weights)[p]),
        terms=terms,
        checks=ranked.checks[style],
        warnings=(BYPASS,) if used else (),
    )


def _term(ranked: Ranked, style: Style, k: int) -> Term:
    key, p = KEYS[k], ranked.column(style)
    stated, words, of = _answer(ranked, style, key)
    return Term(
        criterion=key,
        level=words,
        stated=stated,
        weight=float(ranked.weights[k]),
        value=float(ranked.values[k, p]),
        low=float(ranked.low[k, p]),
        high=float(ranked.high[k, p]),
        of=(*of, _weight_source(ranked.engagement, key)),
    )


def _answer(ranked: Ranked, style: Style, key: str) -> tuple[bool, str, tuple[str, ...]]:
    """Whether the criterion is answered, the answer in words, and the sources of answer and value."""
    team = ranked.engagement.team
    if key == SKILL:
        if style == NATIVE:
            return True, "nothing to learn", ()
        stated = style in team.skills
        words = f"{team.skills[style]:.0%} experience" if stated else "not stated"
        return stated, words, (team.cite("skills").id,) if stated else ()
    level = ranked.levels[key]
    criterion = next(c for c in CRITERIA if c.key == key)
    values = tuple(f"as:{value_key(key, name, style)}" for name in _near(criterion, level))
    if level is None:
        return False, "not stated", values
    return True, level.words, (*(source.id for source in level.sources), *values)


def _near(criterion: Criterion, level: Level | None) -> tuple[str, ...]:
    """Names of the anchors on which the value depends."""
    if level is None:
        return criterion.levels
    x = min(max(level.likely, criterion.anchors[0]), criterion.anchors[-1])
    for (a, below), (b, above) in pairwise(zip(criterion.anchors, criterion.levels, strict=True)):
        if a <= x <= b:
            return tuple(name for name, at in ((below, a), (above, b)) if at == x) or (below, above)
    return criterion.levels


def _weight_source(engagement: Engagement, key: str) -> str:
    return engagement.cite(f"weights.{key}").id if key in engagement.weights else f"as:framework.weight.{key}"


def margin(ranked: Ranked) -> float | None:
    """Return the winner's lead in score over the next candidate; None where there is no other."""
    rivals = ranked.candidates[1:]
    if not rivals:
        return None
    total = scores(ranked.values, ranked.weights)
    return float(total[ranked.column(ranked.candidates[0])] - total[ranked.column(rivals[0])])


def settled(ranked: Ranked) -> bool:
    """Whether the winner leads every style that may yet be feasible, whatever the open answers turn out to be.

    The least lead over a rival is additive: on each criterion the smallest difference over the answer's
    interval (or over every answer), both styles being judged by the same answer.
    """
    if not ranked.candidates:
        return False
    winner = ranked.candidates[0]
    if state(ranked.checks[winner]) == "open":
        return False
    rivals = [s for s in STYLES if s != winner and state(ranked.checks[s]) != "excluded"]
    return all(_least_lead(ranked, winner, rival) > TIE for rival in rivals)


def _least_lead(ranked: Ranked, winner: Style, rival: Style) -> float:
    a, b = ranked.column(winner), ranked.column(rival)
    least = [_least_difference(c, ranked.tables[c.key], ranked.levels[c.key], a, b) for c in CRITERIA]
    least.append(float(ranked.low[-1, a] - ranked.high[-1, b]))
    return float(ranked.weights @ np.array(least))


def _least_difference(criterion: Criterion, table: Numbers, level: Level | None, a: int, b: int) -> float:
    if level is None:
        return float((table[:, a] - table[:, b]).min())
    within = [x for x in criterion.anchors if level.low < x < level.high]
    over = criterion.values(table, np.array([level.low, *within, level.high]))
    return float((over[:, a] - over[:, b]).min())


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
    needs = IntegrationNeeds(ranked.engagement, ranked.integration)
    for style in STYLES:
        case = ConstraintCase(needs, style)
        limit = (
            _latency_limit(case, confidence)
            if criterion.key == "latency"
            else _volume_limit(case, confidence)
        )
        if limit is not None:
            found.append(limit)
    return found


def _latency_limit(case: ConstraintCase, confidence: float) -> float | None:
    strong = carries(case.capacity, case.needs.peak) if case.needs.peak else 1.0
    return quantile(case.floor, confidence / strong) if strong >= confidence else None


def _volume_limit(case: ConstraintCase, confidence: float) -> float | None:
    """Messages a month from which the peak exceeds the capacity too often; None where a peak is stated."""
    need = case.needs.integration.latency_seconds
    fast = 1.0 if need is None else chance_below(case.floor, need)
    if case.needs.integration.peak_per_second is not None or fast < confidence:
        return None
    factor = case.needs.engagement.assumptions["framework.peak_factor"]
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
