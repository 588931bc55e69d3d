"""The four criteria as parameters: what each does to the difference, and where it would turn the answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assess.core.source import Source
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import Draws, likely
from assess.decisions.cost.parameters import Terms, coverage

from .crossing import positions
from .result import Criterion
from .ways import over_integrations, way, weights

Floats = NDArray[np.float64]

POINTS = 21


def criteria(terms: Terms, build_style: str, buy_style: str, limit: int) -> tuple[Criterion, ...]:
    """Return number, uniqueness, expertise and rate of change, each varied alone in the likely case.

    Parameters
    ----------
    limit
        Highest number of integrations that is looked at.
    """
    count = len(terms.integrations)
    base = likely(terms)
    default = float(base["build.coverage"][0])
    covered = float(
        np.mean([default if (own := coverage(item)) is None else own for item in terms.integrations])
    )
    pace = float(base.family["changes"].mean())
    numbers = np.unique(np.linspace(1, limit, min(limit, 100)).round())
    share, years = np.linspace(0, 1, POINTS), np.linspace(0, max(24.0, 2 * pace), POINTS)

    def at(values: Floats, change: Callable[[float], tuple[Terms, Draws]]) -> Floats:
        return np.array([_difference(*change(float(value)), build_style, buy_style) for value in values])

    def with_pace(value: float) -> tuple[Terms, Draws]:
        draws = likely(terms)
        draws.family["changes"][:] = value
        return terms, draws

    found = (
        ("number", "Number of integrations", "integrations", float(count), numbers,
         _over_numbers(terms, base, build_style, buy_style, numbers), "integrations.csv"),
        ("uniqueness", "Share that ready connectors cover", "share", covered, share,
         at(share, lambda value: (_covered(terms, value), base)), "integrations.csv"),
        ("expertise", "Experience with building by hand", "share", terms.skills[build_style], share,
         at(share, lambda value: (_skilled(terms, build_style, value), base)), "engagement.yaml"),
        ("change", "Changes of each connected system", "changes/year", pace, years,
         at(years, with_pace), "integrations.csv"),
    )  # fmt: skip
    return tuple(
        _criterion(id, label, unit, value, axis, line, place)
        for id, label, unit, value, axis, line, place in found
    )


def _over_numbers(terms: Terms, draws: Draws, build_style: str, buy_style: str, numbers: Floats) -> Floats:
    weight = weights(terms, draws)
    items = way(terms, draws, build_style, weight), way(terms, draws, buy_style, weight)
    return np.asarray(over_integrations(terms, draws, items, weight, numbers)[0])


def _difference(terms: Terms, draws: Draws, build_style: str, buy_style: str) -> float:
    build, buy = (
        cash_flows(terms, draws, {item.id: style for item in terms.integrations}).npv
        for style in (build_style, buy_style)
    )
    return float(build[0] - buy[0])


def _covered(terms: Terms, value: float) -> Terms:
    changed = tuple(item.model_copy(update={"coverage": value}) for item in terms.integrations)
    return dataclasses.replace(terms, integrations=changed)


def _skilled(terms: Terms, style: str, value: float) -> Terms:
    return dataclasses.replace(terms, skills={**terms.skills, style: value})


def _criterion(
    id: str, label: str, unit: str, value: float, axis: Floats, line: Floats, place: str
) -> Criterion:
    turns = positions(line[None, :], axis)[0]
    low, high = float(line[0]), float(line[-1])
    nearest = min(turns, key=lambda turn: abs(turn - value)) if turns else None
    return Criterion(
        id=id,
        label=label,
        unit=unit,
        value=value,
        low=float(axis[0]),
        high=float(axis[-1]),
        favours="buy" if high > low else "build" if high < low else "neither",
        difference_low=round(low, 2),
        difference_high=round(high, 2),
        switch_at=None if nearest is None else round(nearest, 4),
        sources=(Source(kind="input", place=place),),
    )
