"""Values of every parameter: drawn together (Gaussian copula), likely, or one at a time at its ends."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from assess.core.estimate import Estimate

from .distributions import pert_from_normal
from .parameters import FAMILIES, CostParameter, Terms

Floats = NDArray[np.float64]


class Repair(NamedTuple):
    """A correlation matrix that is one, and how far it had to be moved.

    ``smallest`` is the smallest eigenvalue of the stated matrix, ``moved`` the largest change of
    an entry; zero where the stated matrix was positive semi-definite.
    """

    matrix: Floats
    smallest: float
    moved: float


@dataclass(frozen=True)
class Draws:
    """Values of the parameters.

    Parameters
    ----------
    values
        By name, shape ``(draws,)`` or a plain number where it does not vary.
    family
        ``volume``, ``build`` (money or days) and ``changes`` of the integrations, shape ``(draws, integrations)``.
    size
        Number of draws.
    repair
        What had to be done to the correlation matrix; None where nothing was drawn.
    kept
        What was computed from these draws alone and is the same for every option.
    """

    values: Mapping[str, Floats]
    family: Mapping[str, Floats]
    size: int
    repair: Repair | None = None
    kept: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Floats:
        return self.values[name]

    def block(self, start: int, stop: int) -> Draws:
        """Return the draws from ``start`` to ``stop``; asked again, the same object."""
        if (start, stop) not in self.kept:
            self.kept[start, stop] = self.cut(start, stop)
        part: Draws = self.kept[start, stop]
        return part

    def cut(self, start: int, stop: int) -> Draws:
        """Return the draws from ``start`` to ``stop``, of which nothing is kept here."""
        values = {name: value[start:stop] if value.ndim else value for name, value in self.values.items()}
        return Draws(values, {name: value[start:stop] for name, value in self.family.items()}, stop - start)

    def where(self, kept: NDArray[np.bool_]) -> Draws:
        """Return those draws of which ``kept``, shape ``(draws,)``, says so."""
        values = {name: value[kept] if value.ndim else value for name, value in self.values.items()}
        return Draws(values, {name: value[kept] for name, value in self.family.items()}, int(kept.sum()))


def value_at(parameter: CostParameter, z: Floats) -> Floats:
    """Return a parameter's values at standard normal scores, same shape."""
    held = parameter.estimate
    return pert_from_normal(z, held.low, held.likely, held.high)


def sample(terms: Terms, draws: int, seed: int) -> Draws:
    """Draw every parameter.

    Parameters
    ----------
    draws
        Number of draws, at least 1.
    seed
        The same seed gives the same values, whatever other parameters there are.
    """
    linked, repair = _linked_scores(terms, draws, seed)
    values: dict[str, Floats] = {}
    for parameter in terms.parameters:
        if parameter.family:
            continue
        if parameter.estimate.certain:
            values[parameter.name] = np.asarray(parameter.estimate.likely)
            continue
        score = linked.get(parameter.name)
        values[parameter.name] = value_at(
            parameter, normals(seed, parameter.name, draws) if score is None else score
        )
    family = {name: _family(terms, name, linked[f"family:{name}"], draws, seed) for name in FAMILIES}
    return Draws(values, family, draws, repair)


def _linked_scores(terms: Terms, draws: int, seed: int) -> tuple[dict[str, Floats], Repair]:
    overruns = [f"overrun:{style}" for style in terms.styles]
    names = [
        *overruns, "maintenance.custom", "people.wage", "team.day_rate", "change.hours",
        *(f"family:{name}" for name in FAMILIES),
    ]  # fmt: skip
    rho = terms.correlations
    pairs = {
        (one, other): rho["overrun"] for place, one in enumerate(overruns) for other in overruns[place + 1 :]
    }
    pairs |= {(one, "maintenance.custom"): rho["overrun_maintenance"] for one in overruns}
    pairs[("people.wage", "team.day_rate")] = rho["wage_day_rate"]
    pairs[("change.hours", "family:build")] = rho["build_change"]
    repair = nearest_correlation(correlation_matrix(names, pairs))
    return copula(seed, names, repair.matrix, draws), repair


def _family(terms: Terms, name: str, common: Floats, draws: int, seed: int) -> Floats:
    """Draw one parameter of every integration: scores share a common factor with loading sqrt(rho)."""
    members = [parameter for parameter in terms.parameters if parameter.family == name]
    rho = terms.correlations["change" if name == "changes" else name]
    out = np.empty((draws, len(members)), order="F")
    for place, parameter in enumerate(members):
        held = parameter.estimate
        if held.certain:
            out[:, place] = held.likely
            continue
        score = normals(seed, parameter.name, draws)
        score *= np.sqrt(1 - rho)
        score += np.sqrt(rho) * common
        out[:, place] = pert_from_normal(score, held.low, held.likely, held.high)
    return out


def likely(terms: Terms, rows: int = 1) -> Draws:
    """Return the likely value of every parameter, in ``rows`` equal draws."""
    return _fixed(terms, rows, lambda held: held.likely)


def expected(terms: Terms) -> Draws:
    """Return one draw in which every parameter has its mean: what is linear in them has its expected value."""
    return _fixed(terms, 1, lambda held: held.mean)


def _fixed(terms: Terms, rows: int, value: Callable[[Estimate], float]) -> Draws:
    values = {
        parameter.name: np.full(rows, value(parameter.estimate))
        for parameter in terms.parameters
        if not parameter.family
    }
    family = {}
    for name in FAMILIES:
        row = [value(parameter.estimate) for parameter in terms.parameters if parameter.family == name]
        family[name] = np.tile(np.asarray(row, dtype=np.float64), (rows, 1))
    return Draws(values, family, rows)


@dataclass(frozen=True)
class Ends:
    """One parameter at its P10 and its P90; of a family, the factors on the sum of its members."""

    name: str
    label: str
    low: float
    high: float


def one_at_a_time(terms: Terms, share: float = 0.1) -> tuple[Draws, tuple[Ends, ...]]:
    """Return the likely case in row 0, then a row for the P10 and a row for the P90 of each parameter.

    The parameters of a family move together, because they are one question. Certain ones stay out.
    """
    scores = ndtri(np.array([share, 1 - share]))
    single = [
        parameter for parameter in terms.parameters if not parameter.family and not parameter.estimate.certain
    ]
    grouped = [name for name in FAMILIES if _uncertain(terms, name)]
    rows = 1 + 2 * (len(single) + len(grouped))
    draws = likely(terms, rows)
    ends: list[Ends] = []
    for place, parameter in enumerate(single):
        low, high = value_at(parameter, scores).tolist()
        draws.values[parameter.name][1 + 2 * place : 3 + 2 * place] = (low, high)
        ends.append(Ends(parameter.name, parameter.label, low, high))
    for place, name in enumerate(grouped, start=len(single)):
        ends.append(_family_ends(terms, name, draws.family[name], 1 + 2 * place, scores))
    return draws, tuple(ends)


def _uncertain(terms: Terms, family: str) -> bool:
    return any(item.family == family and not item.estimate.certain for item in terms.parameters)


def _family_ends(terms: Terms, name: str, table: Floats, row: int, scores: Floats) -> Ends:
    members = [parameter for parameter in terms.parameters if parameter.family == name]
    for column, parameter in enumerate(members):
        table[row : row + 2, column] = value_at(parameter, scores)
    labels = {
        "volume": "Volume of all integrations",
        "build": "Effort of all integrations",
        "changes": "Changes of all systems",
    }
    likely_sum = float(table[0].sum())
    low, high = (table[row : row + 2].sum(axis=1) / likely_sum).tolist() if likely_sum > 0 else (1.0, 1.0)
    return Ends(f"family:{name}", labels[name], low, high)


def features(terms: Terms, draws: Draws) -> dict[str, Floats]:
    """Return what was drawn by question, each shape ``(draws, features)``.

    A family enters by the sum over its integrations.
    """
    found: dict[str, list[Floats]] = {}
    for parameter in terms.parameters:
        if not parameter.family and np.ndim(draws.values[parameter.name]):
            found.setdefault(parameter.question, []).append(draws.values[parameter.name])
    for name, question in zip(FAMILIES, ("volume", "effort", "changes"), strict=True):
        if draws.family[name].shape[1] and _uncertain(terms, name):
            found.setdefault(question, []).append(draws.family[name].sum(axis=1))
    return {question: np.column_stack(columns) for question, columns in found.items()}


def name_parameters(terms: Terms, questions: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the names of the parameters of each question."""
    return {
        question: tuple(item.name for item in terms.parameters if item.question == question)
        for question in questions
    }


FLOOR = 1e-8
"""Smallest eigenvalue of a repaired correlation matrix, so that it has a Cholesky factor."""
ROUNDS = 200


def nearest_correlation(stated: Floats) -> Repair:
    """Return the nearest correlation matrix in the Frobenius norm (Higham 2002, alternating projections).

    Parameters
    ----------
    stated
        Symmetric, unit diagonal, shape ``(n, n)``.
    """
    smallest = float(np.linalg.eigvalsh(stated)[0])
    if smallest >= FLOOR:
        return Repair(stated, smallest, 0.0)
    current, correction = stated.copy(), np.zeros_like(stated)
    for _ in range(ROUNDS):
        shifted = current - correction
        values, vectors = np.linalg.eigh(shifted)
        projected = (vectors * np.maximum(values, FLOOR)) @ vectors.T
        correction = projected - shifted
        following = projected.copy()
        np.fill_diagonal(following, 1.0)
        done = float(np.max(np.abs(following - current))) < 1e-12
        current = following
        if done:
            break
    current = _unit_diagonal(current)
    return Repair(current, smallest, float(np.max(np.abs(current - stated))))


def _unit_diagonal(matrix: Floats) -> Floats:
    """Clip the last negative eigenvalues and scale the diagonal back to one."""
    values, vectors = np.linalg.eigh(matrix)
    clipped = (vectors * np.maximum(values, FLOOR)) @ vectors.T
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
