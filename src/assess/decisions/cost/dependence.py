"""Dependence: a Gaussian copula between parameters, repaired where the stated correlations contradict."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Repair(NamedTuple):
    """A correlation matrix that is one, and how far it had to be moved.

    ``smallest`` is the smallest eigenvalue of the stated matrix, ``moved`` the largest change of
    an entry; zero where the stated matrix was positive semi-definite.
    """

    matrix: Floats
    smallest: float
    moved: float


def nearest_correlation(stated: Floats, *, floor: float = 1e-8, rounds: int = 200) -> Repair:
    """Return the nearest correlation matrix in the Frobenius norm (Higham 2002, alternating projections).

    Parameters
    ----------
    stated
        Symmetric, unit diagonal, shape ``(n, n)``.
    floor
        Smallest eigenvalue of the result, so that it has a Cholesky factor.
    """
    smallest = float(np.linalg.eigvalsh(stated)[0])
    if smallest >= floor:
        return Repair(stated, smallest, 0.0)
    current, correction = stated.copy(), np.zeros_like(stated)
    for _ in range(rounds):
        shifted = current - correction
        values, vectors = np.linalg.eigh(shifted)
        projected = (vectors * np.maximum(values, floor)) @ vectors.T
        correction = projected - shifted
        following = projected.copy()
        np.fill_diagonal(following, 1.0)
        done = float(np.max(np.abs(following - current))) < 1e-12
        current = following
        if done:
            break
    current = _unit_diagonal(current, floor)
    return Repair(current, smallest, float(np.max(np.abs(current - stated))))


def _unit_diagonal(matrix: Floats, floor: float) -> Floats:
    """Clip the last negative eigenvalues and scale the diagonal back to one."""
    values, vectors = np.linalg.eigh(matrix)
    clipped = (vectors * np.maximum(values, floor)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(clipped))
    return np.asarray((clipped * scale) * scale[:, None])


def correlation_matrix(names: Sequence[str], pairs: Mapping[tuple[str, str], float]) -> Floats:
    """Return the matrix of pairwise correlations, shape ``(n, n)``; pairs that are not named are 0.

    Raises
    ------
    ValueError
        If a correlation is outside [-1, 1].
    """
    place = {name: index for index, name in enumerate(names)}
    matrix = np.eye(len(names))
    for (one, other), value in pairs.items():
        if not -1 <= value <= 1:
            raise ValueError(f"the correlation of {one} and {other} must be from -1 to 1, got {value:g}")
        matrix[place[one], place[other]] = matrix[place[other], place[one]] = value
    return matrix


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers of one parameter: they depend on the seed and its name alone.

    So two runs that differ in other parameters draw the same values of this one (common random
    numbers), and the difference of their results is the effect of the change.
    """
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.Generator(np.random.Philox(key=[seed % 2**64, int.from_bytes(digest[:8], "little")]))


def normals(seed: int, name: str, draws: int) -> Floats:
    """Return standard normal scores of one parameter, shape ``(draws,)``."""
    return stream(seed, name).standard_normal(draws)


def copula(seed: int, names: Sequence[str], matrix: Floats, draws: int) -> dict[str, Floats]:
    """Return correlated standard normal scores by name (Gaussian copula, Cholesky factor)."""
    factor = np.linalg.cholesky(matrix)
    independent = [normals(seed, name, draws) for name in names]
    mixed = {}
    for row, name in enumerate(names):
        score = factor[row, row] * independent[row]
        for column in range(row):
            if factor[row, column]:
                score = score + factor[row, column] * independent[column]
        mixed[name] = score
    return mixed
