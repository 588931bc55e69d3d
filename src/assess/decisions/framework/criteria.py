"""The criteria of framework fit: what each reads from an integration, and its fixed scale.

A criterion has named levels at fixed anchors. The value of each style at each level, 0 to 1, is
an assumption ``framework.value.<criterion>.<level>.<style>``, the swing weight of the criterion is
``framework.weight.<criterion>``; the engagement may override both. Between anchors values are
interpolated linearly (in the logarithm where the scale says so), beyond them they stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLES, Integration, Style, System

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """Where an integration stands on a criterion: positions on its scale, and the answer in words."""

    low: float
    likely: float
    high: float
    words: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Criterion:
    """One criterion with its fixed scale.

    Parameters
    ----------
    levels
        Names of the anchors, as in the keys of the assumptions.
    anchors
        Positions of the anchors, ascending, in ``unit``; 0, 1, 2 ... for words.
    column
        Column of ``integrations.csv`` (or input) that answers it.
    read
        Finds the level of an integration; None where the answer is missing.
    """

    key: str
    label: str
    levels: tuple[str, ...]
    anchors: tuple[float, ...]
    unit: str
    scale: Literal["linear", "log", "words"]
    column: str
    read: Callable[[Engagement, Integration], Level | None]

    def position(self, x: float | Numbers) -> Numbers:
        """Return positions on the scale on which values are linear, clamped to the anchors."""
        clamped = np.clip(np.asarray(x, dtype=np.float64), self.anchors[0], self.anchors[-1])
        return np.log10(clamped) if self.scale == "log" else clamped

    def apart(self, x: float, other: float) -> float:
        """Return the distance of two numbers as a share of the scale; beyond the anchors it goes on."""

        def place(value: float) -> float:
            return float(np.log10(max(value, self.anchors[0] * 1e-9))) if self.scale == "log" else value

        return abs(place(x) - place(other)) / (place(self.anchors[-1]) - place(self.anchors[0]))

    def values(self, table: Numbers, x: float | Numbers) -> Numbers:
        """Return the value of each style at each x.

        Parameters
        ----------
        table
            Shape (levels, styles): the values at the anchors.
        x
            Scalar or shape (n,), in ``unit``.

        Returns
        -------
        numpy.ndarray
            Shape (n, styles), n = 1 for a scalar.
        """
        at, anchors = np.atleast_1d(self.position(x)), self._positions
        left = np.clip(np.searchsorted(anchors, at, side="right") - 1, 0, len(anchors) - 2)
        slopes = np.diff(table, axis=0) / np.diff(anchors)[:, None]
        return np.asarray(slopes[left] * (at - anchors[left])[:, None] + table[left])

    @cached_property
    def _positions(self) -> Numbers:
        return self.position(np.array(self.anchors))

    def span(self, table: Numbers, level: Level | None) -> tuple[Numbers, Numbers, Numbers]:
        """Return the value of each style with its range, each of shape (styles,).

        Where the answer is missing the range covers every answer and the value is its lowest, so an unanswered
        criterion never helps a style.
        """
        if level is None:
            lowest = table.min(axis=0)
            return lowest, lowest, table.max(axis=0)
        within = [a for a in self.anchors if level.low < a < level.high]
        likely, *over = self.values(table, np.array([level.likely, level.low, *within, level.high]))
        return likely, np.min(over, axis=0), np.max(over, axis=0)


def _number(field: str, unit: str) -> Callable[[Engagement, Integration], Level | None]:
    def read(engagement: Engagement, integration: Integration) -> Level | None:
        stated = getattr(integration, field)
        if stated is None:
            return None
        if isinstance(stated, Estimate):
            source = stated.source or integration.cite(field)
            return Level(stated.low, stated.likely, stated.high, f"{stated.likely:,g} {unit}", (source,))
        words = f"{stated:.0%}" if unit == "share" else f"{stated:,g} {unit}"
        return Level(stated, stated, stated, words, (integration.cite(field),))

    return read


def _word(field: str, levels: tuple[object, ...]) -> Callable[[Engagement, Integration], Level | None]:
    def read(engagement: Engagement, integration: Integration) -> Level | None:
        stated = getattr(integration, field)
        if stated is None:
            return None
        at = float(levels.index(stated))
        words = {True: "yes", False: "no"}.get(stated, str(stated))
        return Level(at, at, at, words, (integration.cite(field),))

    return read


def ends(engagement: Engagement, integration: Integration) -> tuple[System, System] | None:
    """Return source and target system; None where one of them is not described."""
    systems = {system.id: system for system in engagement.systems}
    if integration.source not in systems or integration.target not in systems:
        return None
    return systems[integration.source], systems[integration.target]


def _heterogeneity(engagement: Engagement, integration: Integration) -> Level | None:
    """Jaccard distance between the interfaces of both systems: 0 all in common, 1 none."""
    pair = ends(engagement, integration)
    if pair is None or not all(system.interfaces for system in pair):
        return None
    a, b = (set(system.interfaces) for system in pair)
    distance = 1 - len(a & b) / len(a | b)
    words = f"{len(a & b)} of {len(a | b)} kinds of interface in common"
    return Level(distance, distance, distance, words, tuple(system.cite("interfaces") for system in pair))


def _coverage(engagement: Engagement, integration: Integration) -> Level | None:
    """Stated share, or the share of the two ends for which the best platform ships a connector."""
    if integration.coverage is not None:
        return _number("coverage", "share")(engagement, integration)
    pair = ends(engagement, integration)
    if pair is None or not all(system.connectors for system in pair):
        return None
    platforms = sorted({platform for system in pair for platform in system.connectors})
    best = max(sum(platform in system.connectors for system in pair) / 2 for platform in platforms)
    words = f"ready connectors at {best * 2:.0f} of 2 ends"
    return Level(best, best, best, words, tuple(system.cite("connectors") for system in pair))


CRITERIA: tuple[Criterion, ...] = (
    Criterion("volume", "Volume", ("thousand", "million", "billion"), (1e3, 1e6, 1e9), "messages/month", "log",
              "volume", _number("volume", "messages/month")),
    Criterion("latency", "Latency need", ("second", "minute", "hour", "day"), (1, 60, 3600, 86400), "s", "log",
              "latency_seconds", _number("latency_seconds", "s")),
    Criterion("interaction", "Interaction", ("request-reply", "notify-many", "bulk"), (0, 1, 2), "", "words",
              "interaction", _word("interaction", ("request-reply", "notify-many", "bulk"))),
    Criterion("consumers", "Consumers", ("one", "three", "ten"), (1, 3, 10), "consumers", "linear",
              "consumers", _number("consumers", "consumers")),
    Criterion("heterogeneity", "Heterogeneity of the two systems", ("same", "different"), (0, 1), "share", "linear",
              "interfaces", _heterogeneity),
    Criterion("coverage", "Coverage by ready connectors", ("none", "full"), (0, 1), "share", "linear",
              "coverage", _coverage),
    Criterion("customisation", "Customisation", ("standard", "specific"), (0, 1), "share", "linear",
              "customisation", _number("customisation", "share")),
    Criterion("governance", "Governance need", ("low", "medium", "high"), (0, 1, 2), "", "words",
              "governance", _word("governance", ("low", "medium", "high"))),
    Criterion("change", "Rate of change", ("never", "quarterly", "monthly"), (0, 4, 12), "changes/year", "linear",
              "changes_per_year", _number("changes_per_year", "changes/year")),
    Criterion("partner", "Partner-facing", ("inside", "partner"), (0, 1), "", "words",
              "partner", _word("partner", (False, True))),
)  # fmt: skip
"""The criteria that read a level; team skill (`SKILL`) is read for each style instead."""

SKILL = "skill"
SKILL_LABEL = "Team skill in the style"

KEYS: tuple[str, ...] = (*(criterion.key for criterion in CRITERIA), SKILL)
"""Every criterion: the rows of all value matrices."""


def value_tables(engagement: Engagement) -> Mapping[str, Numbers]:
    """Return the values at the anchors of each criterion, shape (levels, styles), from the assumptions.

    Raises
    ------
    ValueError
        If an override is outside 0 to 1.
    """
    tables = {}
    for criterion in CRITERIA:
        table = np.array(
            [
                [engagement.assumptions[value_key(criterion.key, level, style)].likely for style in STYLES]
                for level in criterion.levels
            ]
        )
        if (table < 0).any() or (table > 1).any():
            raise ValueError(f"assumptions framework.value.{criterion.key}.*: values must be from 0 to 1")
        tables[criterion.key] = table
    return tables


def value_key(criterion: str, level: str, style: Style) -> str:
    """Return the key of the assumption that holds a style's value at a level."""
    return f"framework.value.{criterion}.{level}.{style}"


def points(engagement: Engagement) -> dict[str, float]:
    """Return the swing weight of each criterion as it is stated, in the order of `KEYS`.

    Points come from the engagement's ``weights`` where it names a criterion, else from the assumptions.

    Raises
    ------
    ValueError
        If the engagement names an unknown criterion, or no weight is positive.
    """
    unknown = sorted(set(engagement.weights) - set(KEYS))
    if unknown:
        raise ValueError(f"weights: unknown criteria {', '.join(unknown)}; allowed are {', '.join(KEYS)}")
    stated = {
        key: engagement.weights.get(key, engagement.assumptions[f"framework.weight.{key}"].likely)
        for key in KEYS
    }
    if min(stated.values()) < 0 or sum(stated.values()) <= 0:
        raise ValueError("weights: no weight may be negative, and at least one must be above 0")
    return stated


def weights(engagement: Engagement) -> Numbers:
    """Return the normalised swing weights, shape (criteria,) in the order of `KEYS`.

    Raises
    ------
    ValueError
        As `points`.
    """
    stated = np.array(list(points(engagement).values()), dtype=np.float64)
    return np.asarray(stated / stated.sum(), dtype=np.float64)
