"""Conditional means by polynomial regression: what a group of parameters explains of a cost."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

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


def explained_share(target: Floats, features: Floats, degree: int | None = None) -> float:
    """Return ``Var(E[Y | X]) / Var(Y)``, the closed effect of a group of features.

    Of one independent input it is the first-order Sobol index; one less that of all others is the
    total index (Sobol 1993, Sudret 2008).
    """
    spread = float(np.var(target))
    return float(np.var(fitted(target[:, None], features, degree))) / spread if spread > 0 else 0.0


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
