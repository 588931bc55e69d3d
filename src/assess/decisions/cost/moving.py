"""The cost model with some of its inputs moved: the futures of a what-if, drawn anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assess.core.estimate import Estimate
from assess.intake.engagement import Integration

from .draws import sample
from .finance import nominal_rate
from .information import cheapest_share
from .parameters import FAMILIES, Parameter, Terms
from .total import price_options

Floats = NDArray[np.float64]

RATES = {
    "day_rate": "team.day_rate",
    "wage": "people.wage",
    "uplift": "price.uplift",
    "overrun": "overrun.factor",
}
"""Inputs of `LikelyCase.inputs` that are one parameter each."""


@dataclasses.dataclass(frozen=True)
class Futures:
    """What the options cost in the futures that were drawn; each shape ``(options,)``."""

    p10: Floats
    p50: Floats
    p90: Floats
    cheapest: Floats


def futures(terms: Terms, assignments: Mapping[str, Mapping[str, str]], draws: int, seed: int) -> Futures:
    """Draw and price the options; one whose price plan ends below the volume costs infinitely much."""
    priced = price_options(terms, sample(terms, draws, seed), assignments)
    costs = np.column_stack(
        [priced.flows[name].npv if name in priced.flows else np.full(draws, np.inf) for name in assignments]
    )
    with np.errstate(invalid="ignore"):
        quantiles = np.quantile(costs, [0.1, 0.5, 0.9], axis=0)
    p10, p50, p90 = np.where(np.isnan(quantiles), np.inf, quantiles)
    return Futures(p10, p50, p90, cheapest_share(costs))


def move(
    terms: Terms, assignments: Mapping[str, Mapping[str, str]], values: Mapping[str, float]
) -> tuple[Terms, dict[str, dict[str, str]]]:
    """Return the terms and the options with inputs moved.

    Parameters
    ----------
    values
        By the names of `LikelyCase.inputs`. A rate moves with its whole range; ``number`` integrations are the
        first of the list, which begins again beyond its end.
    """
    grown, over = _numbered(terms, assignments, int(values.get("number", len(terms.integrations))))
    volume = values.get("volume", 1.0)
    parameters = tuple(_moved(item, values, volume) for item in grown.parameters)
    rate = values.get("discount_rate", terms.real_rate)
    return (
        dataclasses.replace(
            grown,
            integrations=tuple(_louder(item, volume) for item in grown.integrations),
            parameters=parameters,
            real_rate=rate,
            nominal_rate=nominal_rate(rate, terms.inflation),
            overrun={**terms.overrun, "cap": values.get("cap", terms.overrun["cap"])},
        ),
        over,
    )


def _moved(parameter: Parameter, values: Mapping[str, float], volume: float) -> Parameter:
    if parameter.family == "volume":
        return _with(parameter, parameter.estimate.scaled(volume))
    wanted = next((values[id] for id, name in RATES.items() if name == parameter.name and id in values), None)
    likely = parameter.estimate.likely
    if wanted is None or wanted == likely:
        return parameter
    return _with(
        parameter, parameter.estimate.scaled(wanted / likely) if likely > 0 else Estimate.point(wanted)
    )


def _with(parameter: Parameter, estimate: Estimate) -> Parameter:
    return parameter.model_copy(update={"estimate": estimate})


def _louder(item: Integration, volume: float) -> Integration:
    peak = item.peak_per_second
    return item if peak is None else item.model_copy(update={"peak_per_second": peak * volume})


def _numbered(
    terms: Terms, assignments: Mapping[str, Mapping[str, str]], number: int
) -> tuple[Terms, dict[str, dict[str, str]]]:
    """Return so many integrations with their parameters, and the options over them."""
    count = len(terms.integrations)
    own = {family: [item for item in terms.parameters if item.family == family] for family in FAMILIES}
    places = [(place % count, place // count) for place in range(number)]
    names = {
        (at, time): f"{terms.integrations[at].id}{f' #{time + 1}' if time else ''}" for at, time in places
    }
    integrations = tuple(
        terms.integrations[at].model_copy(update={"id": names[at, time]}) for at, time in places
    )
    added = tuple(
        own[family][at].model_copy(update={"name": f"{own[family][at].name.split(':')[0]}:{names[at, time]}"})
        for at, time in places
        for family in FAMILIES
    )
    shared = tuple(item for item in terms.parameters if not item.family)
    over = {
        name: {
            names[at, time]: assignment[terms.integrations[at].id]
            for at, time in places
            if terms.integrations[at].id in assignment
        }
        for name, assignment in assignments.items()
    }
    return dataclasses.replace(terms, integrations=integrations, parameters=shared + added), over
