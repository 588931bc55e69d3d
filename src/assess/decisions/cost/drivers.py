"""Which inputs move a figure most: the largest of the swings that the model has made already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from assess.core.numbers import interval, tidy
from assess.core.source import Driver, Fact, rank_drivers

from .draws import Draws
from .parameters import FAMILIES, Terms
from .result import Swing, TotalCost

Floats = NDArray[np.float64]

FIFTH = 0.2
"""Share of the futures in which an input counts as low, and as high."""


def swing_drivers(swings: Sequence[Swing], effect: Callable[[Swing], float]) -> tuple[Driver, ...]:
    """Return the inputs that move a figure most when each goes from its P10 to its P90, the others likely."""
    return rank_drivers(
        Driver(
            source=swing.sources[0].id,
            label=swing.label,
            value=_span(swing.low, swing.high, swing.unit),
            effect=tidy(effect(swing)),
        )
        for swing in swings
        if swing.sources
    )


def _span(low: float, high: float, unit: str) -> str:
    """Write the ends of an input; a factor is a multiple of what is likely."""
    first, last = (float(f"{value:.3g}") for value in (low, high))
    return f"{first:g} to {last:g} times" if unit == "factor" else interval(first, last, unit)


def _drawn(values: Floats, unit: str) -> str:
    low, high = np.quantile(values, [0.1, 0.9]).tolist()
    return _span(low, high, unit)


def chance_drivers(terms: Terms, values: Draws, happens: Floats) -> tuple[Driver, ...]:
    """Return the inputs that move the chance of an event most.

    The effect is the chance where the input is in its highest fifth less that where it is in its lowest.

    Parameters
    ----------
    happens
        1 in the futures in which it happens, else 0, shape ``(draws,)``.
    """
    if happens.min() == happens.max():
        return ()
    single = [item for item in terms.parameters if not item.family and np.ndim(values[item.name])]
    found = [(item.label, item.estimate.unit, item.estimate.source, values[item.name]) for item in single]
    for name in FAMILIES:
        members = [item for item in terms.parameters if item.family == name and not item.estimate.certain]
        if members:
            drawn = values.family[name].sum(axis=1)
            label = {"volume": "Volume", "build": "Effort", "changes": "Changes"}[name]
            found.append(
                (f"{label} of all integrations", members[0].estimate.unit, members[0].estimate.source, drawn)
            )
    return rank_drivers(
        Driver(source=source.id, label=label, value=_drawn(drawn, unit), effect=_apart(drawn, happens))
        for label, unit, source, drawn in found
        if source is not None
    )  # fmt: skip


def _apart(drawn: Floats, happens: Floats) -> float:
    low, high = np.quantile(drawn, [FIFTH, 1 - FIFTH])
    return tidy(happens[drawn >= high].mean() - happens[drawn <= low].mean())


def explain_gain(facts: Iterable[Fact], cost: TotalCost, standing: str) -> tuple[Fact, ...]:
    """Return the facts of a decision, its gain with the inputs that move it most.

    Parameters
    ----------
    cost
        Of its options, the best of which is the recommended one.
    standing
        Id of the option against which the gain is counted; it costs nothing where it is not priced.
    """
    best = cost.best

    def gained(swing: Swing) -> float:
        ends = [costs.get(standing, 0.0) - costs[best or ""] for costs in (swing.cost_low, swing.cost_high)]
        return ends[1] - ends[0]

    found = swing_drivers(cost.swings, gained) if best else ()
    return tuple(_driven(fact, found) if fact.id == "decision.gain" else fact for fact in facts)


def _driven(fact: Fact, drivers: tuple[Driver, ...]) -> Fact:
    """Return a fact with its drivers, its calculation naming them."""
    own = fact.sources[0]
    named = own.model_copy(update={"of": tuple(dict.fromkeys((*own.of, *(d.source for d in drivers))))})
    return fact.model_copy(update={"drivers": drivers, "sources": (named, *fact.sources[1:])})
