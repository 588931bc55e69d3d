"""What is worth finding out before signing, for how much, and what drives the cost (Shapley effects)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from assess.intake.engagement import Engagement

from .draws import Draws, features, names_of
from .information import basis, explained_by_columns, partial_information, perfect_information, solved
from .model import QUESTIONS
from .parameters import Terms
from .result import Pilot, Question

Floats = NDArray[np.float64]

PILOT = ("effort", "overrun", "skills")
"""Questions that building one integration in two weeks answers in part."""


def questions(terms: Terms, draws: Draws, costs: Floats, best: int) -> tuple[Question, ...]:
    """Return every question with its EVPPI and its share of the best option's variance.

    Parameters
    ----------
    costs
        Present values, shape ``(draws, options)``.
    best
        Column of the recommended option.
    """
    known = features(terms, draws)
    ceiling = perfect_information(costs)
    shares = effects(costs[:, best], known)
    names = names_of(terms, tuple(known))
    found = [
        Question(
            id=question,
            label=QUESTIONS[question],
            evppi=_round(min(partial_information(costs, columns), ceiling)),
            shapley=_round(shares[question]) if question in shares else None,
            parameters=names[question],
        )
        for question, columns in known.items()
    ]
    return tuple(sorted(found, key=lambda item: (-item.evppi, -(item.shapley or 0.0), item.id)))


def pilot(engagement: Engagement, terms: Terms, draws: Draws, costs: Floats) -> Pilot:
    """Return what the two-week pilot costs, and what its partial answers are worth (EVSI).

    It costs the team's working days; it resolves ``pilot.resolved`` of the variance of effort,
    overrun and productivity.
    """
    known = features(terms, draws)
    asked = tuple(question for question in PILOT if question in known)
    share = engagement.assumptions["pilot.resolved"].likely
    weeks = engagement.assumptions["pilot.weeks"].likely
    parameters = terms.by_name
    people, focus, rate = (
        parameters[key].estimate.likely for key in ("team.people", "team.focus", "team.day_rate")
    )
    worth = (
        partial_information(costs, np.column_stack([known[key] for key in asked]), resolved=share)
        if asked
        else 0.0
    )
    return Pilot(
        cost=_round(people * focus * terms.days_per_week * weeks * rate),
        worth=_round(min(worth, perfect_information(costs))),
        questions=asked,
        resolved=share,
    )


def _round(value: float) -> float:
    return float(f"{value:.10g}")


MOST = 9
"""Groups that are kept apart; the smaller ones are one group, so that 2^n stays small."""

OTHER = "other"


def effects(target: Floats, groups: Mapping[str, Floats], *, most: int = MOST) -> dict[str, float]:
    """Return the Shapley effect of each group: its fair share of the variance of ``target``.

    ``Sh_j = sum over U without j of |U|! (k - |U| - 1)! / k! (c(U + j) - c(U))`` with
    ``c(U) = Var(E[Y | X_U]) / Var(Y)`` (Owen 2014; Song, Nelson and Staum 2016). The conditional
    means are regressions: first an additive polynomial gives each group a score, then scores and
    their products are regressed for every subset.

    Parameters
    ----------
    groups
        Name to features, shape ``(draws, features)``; they may be correlated.
    most
        Number of groups that are kept apart; the rest is summed up under ``other``.

    Returns
    -------
    dict
        Effects by group, largest first. They add up to the share of the variance that the
        regression explains, which is 1 where it holds exactly.
    """
    spread = float(np.var(target))
    if spread == 0 or not groups:
        return dict.fromkeys(groups, 0.0)
    centred = target - target.mean()
    scores = _merge(_scores(centred, groups), most)
    names = list(scores)
    design, owners = _design(scores)
    gram, moment = design.T @ design, design.T @ centred
    total = spread * len(target)
    worth = {
        subset: explained_by_columns(gram, moment, _inside(owners, subset)) / total
        for size in range(len(names) + 1)
        for subset in combinations(range(len(names)), size)
    }
    shares = {name: _fair_share(place, len(names), worth) for place, name in enumerate(names)}
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


def _scores(centred: Floats, groups: Mapping[str, Floats]) -> dict[str, Floats]:
    """Fit the target by a sum of one polynomial a group and return each group's part."""
    parts = {name: basis(features) for name, features in groups.items()}
    parts = {name: part for name, part in parts.items() if part.shape[1]}
    if not parts:
        return {}
    matrix = np.column_stack(list(parts.values()))
    weights = solved(matrix.T @ matrix, matrix.T @ centred)
    found, start = {}, 0
    for name, part in parts.items():
        found[name] = part @ weights[start : start + part.shape[1]]
        start += part.shape[1]
    return found


def _merge(scores: Mapping[str, Floats], most: int) -> dict[str, Floats]:
    """Keep the groups whose parts vary most and add up the others."""
    ranked = sorted(scores, key=lambda name: (-float(np.var(scores[name])), name))
    if len(ranked) <= most:
        return {name: scores[name] for name in ranked}
    kept = {name: scores[name] for name in ranked[: most - 1]}
    rest: Floats = np.sum([scores[name] for name in ranked[most - 1 :]], axis=0)
    return {**kept, OTHER: rest}


def _design(scores: Mapping[str, Floats]) -> tuple[Floats, list[frozenset[int]]]:
    """Return the scores and their pairwise products, centred, and the groups that each column needs."""
    columns, owners = [], []
    values = list(scores.values())
    for place, score in enumerate(values):
        columns.append(score)
        owners.append(frozenset({place}))
    for one, other in combinations(range(len(values)), 2):
        columns.append(values[one] * values[other])
        owners.append(frozenset({one, other}))
    matrix = np.column_stack(columns)
    scale = matrix.std(axis=0)
    return np.asarray((matrix - matrix.mean(axis=0)) / np.where(scale > 0, scale, 1.0)), owners


def _inside(owners: list[frozenset[int]], subset: tuple[int, ...]) -> list[int]:
    known = set(subset)
    return [column for column, needed in enumerate(owners) if needed <= known]


def _fair_share(place: int, count: int, worth: Mapping[tuple[int, ...], float]) -> float:
    others = [other for other in range(count) if other != place]
    total = 0.0
    for size in range(count):
        weight = factorial(size) * factorial(count - size - 1) / factorial(count)
        for subset in combinations(others, size):
            joined = tuple(sorted((*subset, place)))
            total += weight * (worth[joined] - worth[subset])
    return total
