"""Rank the styles of one integration: feasible ones first, then by score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assess.intake.engagement import Engagement, Integration, Style

from .constraints import check, last_resort, state
from .criteria import CRITERIA, KEYS, SKILL, STYLES, Criterion, Level, value_key
from .result import Check, State, StyleFit, Term
from .robustness import TIE, scores

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
    checks: Mapping[Style, tuple[Check, ...]]
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
    engagement: Engagement, integration: Integration, weights: Numbers, tables: Mapping[str, Numbers]
) -> Ranked:
    """Rank the styles of one integration.

    Parameters
    ----------
    weights
        Normalised, in the order of `KEYS`.
    tables
        Values at the anchors, from `value_tables`.
    """
    levels = {criterion.key: criterion.read(engagement, integration) for criterion in CRITERIA}
    spans = [criterion.span(tables[criterion.key], levels[criterion.key]) for criterion in CRITERIA]
    spans.append(_skill(engagement))
    values, low, high = (np.array([span[n] for span in spans]) for n in range(3))
    checks = constrained(engagement, integration)
    order = best_first(scores(values, weights), checks)
    return Ranked(engagement, integration, weights, tables, levels, values, low, high, checks, order)


def best_first(totals: Numbers, checks: Mapping[Style, tuple[Check, ...]]) -> tuple[Style, ...]:
    """Order the styles: feasible before open before excluded, then by score, then by name."""
    keys = {s: (ORDER[state(checks[s])], -round(float(totals[p]), 12), s) for p, s in enumerate(STYLES)}
    return tuple(sorted(STYLES, key=lambda s: keys[s]))


def _skill(engagement: Engagement) -> tuple[Numbers, Numbers, Numbers]:
    """Experience with each style, 0 to 1; unanswered counts as none, up to full."""
    skills = engagement.team.skills
    stated = np.array([style in skills for style in STYLES])
    value = np.array([skills.get(style, 0.0) for style in STYLES])
    return value, value, np.where(stated, value, 1.0)


def constrained(engagement: Engagement, integration: Integration) -> dict[Style, tuple[Check, ...]]:
    """Return the hard constraints of every style, direct database access being the last resort."""
    checks = {style: check(engagement, integration, style) for style in STYLES}
    others = tuple(s for s in STYLES if s != "database-access" and state(checks[s]) != "excluded")
    return checks | {"database-access": (*checks["database-access"], last_resort(others))}


def style_fit(ranked: Ranked, style: Style) -> StyleFit:
    """Return the record of one style: its terms, its score with range, and its constraints."""
    p = ranked.column(style)
    terms = tuple(_term(ranked, style, k) for k in range(len(KEYS)))
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
        stated = style in team.skills
        words = f"{team.skills[style]:.0%} experience" if stated else "not stated"
        return stated, words, (team.said("skills").id,) if stated else ()
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
    x = float(np.clip(level.likely, criterion.anchors[0], criterion.anchors[-1]))
    for (a, below), (b, above) in pairwise(zip(criterion.anchors, criterion.levels, strict=True)):
        if a <= x <= b:
            return tuple(name for name, at in ((below, a), (above, b)) if at == x) or (below, above)
    return criterion.levels


def _weight_source(engagement: Engagement, key: str) -> str:
    return engagement.said(f"weights.{key}").id if key in engagement.weights else f"as:framework.weight.{key}"


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
