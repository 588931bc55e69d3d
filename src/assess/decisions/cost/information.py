"""What it is worth to know more before deciding: EVPI, EVPPI, a pilot, regret and tails; what drives the cost (Shapley).

Costs are lower-is-better; every function takes them as shape ``(draws, options)``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations, combinations_with_replacement
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assess.core.numbers import tidy
from assess.intake.engagement import Engagement

from .draws import Draws, features, name_parameters
from .model import QUESTIONS
from .parameters import Terms
from .result import OpenQuestion, Pilot

Floats = NDArray[np.float64]


def perfect_information(costs: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the EVPI: ``min_p E[C_p] - E[min_p C_p]`` (Raiffa and Schlaifer 1961).

    Parameters
    ----------
    costs
        Shape ``(states, options)``; payoffs enter with a minus sign.
    weights
        Probabilities of the states, shape ``(states,)``; equal where none are given.

    >>> perfect_information([[-200_000, -100_000, 0], [180_000, 20_000, 0]], [0.5, 0.5])
    60000.0
    """
    table = np.asarray(costs, dtype=np.float64)
    share = np.full(len(table), 1 / len(table)) if weights is None else np.asarray(weights, dtype=np.float64)
    return _worth(float(np.min(share @ table) - share @ np.min(table, axis=1)), table)


def partial_information(costs: Floats, features: Floats, *, resolved: float = 1.0) -> float:
    """Return the EVPPI of knowing ``features``: ``min_p E[C_p] - E[min_p E[C_p | X]]``.

    The conditional means are regressions of the cost differences on the features (Strong, Oakley and
    Brennan 2014), shrunk by their adjusted R2 so that noise is not taken for knowledge.

    Parameters
    ----------
    costs
        Shape ``(draws, options)``.
    features
        Shape ``(draws, features)``.
    resolved
        Share of the variance of the conditional means that a study resolves; below 1 the result is the
        EVSI in the moment-matching form of Jalal and Alarid-Escudero 2018.
    """
    if costs.shape[1] < 2:
        return 0.0
    reference = costs[:, :1]
    differences = costs[:, 1:] - reference
    means = differences.mean(axis=0)
    known = means + math.sqrt(resolved) * (fitted(differences, features) - means)
    table = np.column_stack([np.zeros(len(known)), known])
    return _worth(float(np.min(table.mean(axis=0)) - np.min(table, axis=1).mean()), table)


NOISE = 1e-12
"""Below this share of the largest amount, a difference of two means is the rounding of their sums."""


def _worth(value: float, amounts: Floats) -> float:
    """Return a value of information: never negative, and zero where it is the rounding of sums."""
    return value if value > NOISE * float(np.abs(amounts).max(initial=0.0)) else 0.0


def cheapest_share(costs: Floats) -> Floats:
    """Return how often each option is the cheapest, shape ``(options,)``; ties are shared."""
    best = costs == costs.min(axis=1, keepdims=True)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def expected_regret(costs: Floats) -> Floats:
    """Return the mean of ``C_p - min_q C_q`` of each option, shape ``(options,)``.

    The smallest of them is the EVPI.
    """
    return np.asarray((costs - costs.min(axis=1, keepdims=True)).mean(axis=0))


def tail_mean(values: Floats, level: float = 0.95) -> float:
    """Return the CVaR: the mean of the worst ``1 - level`` of the values (Rockafellar and Uryasev 2000).

    The value at the edge counts with the part of it that lies in the tail.

    >>> tail_mean(np.arange(1.0, 11.0), 0.75)
    9.2
    """
    ordered = np.sort(values)[::-1]
    size = len(ordered) * (1 - level)
    whole = min(int(size + 1e-9), len(ordered) - 1)
    rest = size - whole
    return float((ordered[:whole].sum() + rest * ordered[whole]) / size)


DEGREES = {1: 5, 2: 4, 3: 3, 4: 3}
"""Total degree by number of features; 2 up to eight, then squares without products."""


def basis(features: Floats, degree: int | None = None) -> Floats:
    """Return a polynomial basis without the constant, shape ``(draws, terms)``, columns of mean 0.

    Features are scaled to [-1, 1] and enter as Legendre polynomials of total degree up to ``degree``;
    where none is given, a degree that fits their number.
    """
    moving = features[:, np.ptp(features, axis=0) > 0]
    count = moving.shape[1]
    if not count:
        return np.empty((len(features), 0))
    low, high = moving.min(axis=0), moving.max(axis=0)
    scaled = (2 * moving - low - high) / (high - low)
    powers = _exponents(count, degree)
    highest = max(max(power) for power in powers)
    table = np.polynomial.legendre.legvander(scaled, highest)
    columns = []
    for power in powers:
        column = np.ones(len(features))
        for feature, exponent in enumerate(power):
            if exponent:
                column = column * table[:, feature, exponent]
        columns.append(column)
    matrix = np.column_stack(columns)
    return np.asarray(matrix - matrix.mean(axis=0))


def _exponents(count: int, degree: int | None) -> list[tuple[int, ...]]:
    """List the exponents of the terms, each one number a feature."""
    if degree is None and count > 8:
        return [
            tuple(power if place == feature else 0 for place in range(count))
            for feature in range(count)
            for power in (1, 2)
        ]
    total = DEGREES.get(count, 2) if degree is None else degree
    return [
        tuple(chosen.count(feature) for feature in range(count))
        for size in range(1, total + 1)
        for chosen in combinations_with_replacement(range(count), size)
    ]


def fitted(targets: Floats, features: Floats, degree: int | None = None) -> Floats:
    """Return the conditional means of targets given features, same shape ``(draws, targets)``.

    The fit is drawn towards the mean so that its variance is that of the adjusted R2; where that
    is not above zero the features explain nothing and the mean is returned.
    """
    means = targets.mean(axis=0)
    matrix = basis(features, degree)
    centred = targets - means
    if not matrix.shape[1]:
        return np.broadcast_to(means, targets.shape)
    fit = matrix @ solved(matrix.T @ matrix, matrix.T @ centred)
    shrink = np.sqrt(_adjusted(centred, fit, matrix.shape[1]))
    return np.asarray(means + fit * shrink)


def _adjusted(centred: Floats, fit: Floats, terms: int) -> Floats:
    """Return adjusted R2 over R2 of each target, 0 where nothing is explained."""
    total, explained = (centred**2).sum(axis=0), (fit**2).sum(axis=0)
    share = np.divide(explained, total, out=np.zeros_like(total), where=total > 0)
    freedom = max(len(centred) - terms - 1, 1)
    adjusted = np.maximum(1 - (1 - share) * (len(centred) - 1) / freedom, 0.0)
    return np.asarray(np.divide(adjusted, share, out=np.zeros_like(share), where=share > 0))


def explained_by_columns(gram: Floats, moment: Floats, columns: Sequence[int]) -> float:
    """Return the sum of squares that columns of a centred design explain, from its Gram matrix."""
    if not columns:
        return 0.0
    place = np.asarray(columns)
    part, right = gram[np.ix_(place, place)], moment[place]
    return float(right @ solved(part, right))


def solved(gram: Floats, moment: Floats) -> Floats:
    """Solve the normal equations; a ridge of 1e-11 of the mean diagonal keeps repeated columns solvable."""
    ridge = 1e-11 * float(np.trace(gram)) / len(gram)
    return np.asarray(np.linalg.solve(gram + max(ridge, 1e-300) * np.eye(len(gram)), moment))


PILOT = ("effort", "overrun", "skills")
"""Questions that building one integration in two weeks answers in part."""


def questions(terms: Terms, draws: Draws, costs: Floats, best: int) -> tuple[OpenQuestion, ...]:
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
    names = name_parameters(terms, tuple(known))
    found = [
        OpenQuestion(
            id=question,
            label=QUESTIONS[question],
            evppi=tidy(min(partial_information(costs, columns), ceiling)),
            shapley=tidy(shares[question]) if question in shares else None,
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
        cost=tidy(people * focus * terms.days_per_week * weeks * rate),
        worth=tidy(min(worth, perfect_information(costs))),
        questions=asked,
        resolved=share,
    )


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
