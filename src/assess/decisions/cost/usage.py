"""What a platform's use costs: from the messages of its integrations to yearly bills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .billing import Meter, Plan, price
from .draws import Draws
from .parameters import Terms

Floats = NDArray[np.float64]

SECONDS_PER_MONTH = 365 * 86_400 / 12
PEAK_UNIT = 1_000.0
"""Messages a second of one throughput unit (Event Hubs: 1 000 events a second of ingress)."""


def yearly_bill(terms: Terms, draws: Draws, style: str, places: Sequence[int], live: Floats) -> Floats:
    """Return the bill of each year in money of that year, shape ``(draws, years)``.

    ``12 * price(units) * (1 + uplift)^(t - 1)``. Units grow with the volume and with the share of
    the integrations that is live on average in the year.

    Parameters
    ----------
    live
        Average live share of each year, shape ``(draws, years)``.
    """
    plan = terms.plans[style]
    return bill_of(terms, draws, style, quantities(terms, draws, plan, places, live))


def quantities(
    terms: Terms, draws: Draws, plan: Plan, places: Sequence[int], live: Floats
) -> dict[str, Floats]:
    """Return what each meter of a plan counts in a month of each year, each shape ``(draws, years)``."""
    return {meter: quantity(terms, draws, plan, meter, places, live) for meter in plan.meters}


def bill_of(terms: Terms, draws: Draws, style: str, counted: Mapping[str, Floats]) -> Floats:
    """Return the bill of each year for quantities a month, with uplift, in money of that year."""
    plan = terms.plans[style]
    prices = {
        tier.key: np.reshape(draws[tier.key], (-1, 1))
        for component in plan.components
        for tier in component.tiers
        if tier.key
    }
    bill = price(plan, counted, {item.id: item for item in terms.plans.values()}, prices)
    rise = (1 + np.reshape(draws["price.uplift"], (-1, 1))) ** np.arange(terms.horizon)
    return np.asarray(np.broadcast_to(12 * bill * rise, (draws.size, terms.horizon)))


def quantity(
    terms: Terms, draws: Draws, plan: Plan, meter: Meter, places: Sequence[int], live: Floats
) -> Floats:
    """Return what a meter counts in a month of each year, shape ``(draws, years)``."""
    chunk = next((part.chunk_kb for part in plan.components if part.meter == meter), None)
    retry = 1 + np.reshape(draws["billing.retry_rate"], (-1, 1))
    if meter == "month":
        return np.ones_like(live)
    if meter == "flow":
        return live * len(places) * np.reshape(draws["billing.replicas"], (-1, 1))
    if meter == "connection":
        ends = {end for place in places for end in _ends(terms, place)}
        return live * len(ends)
    if meter == "throughput":
        return np.maximum(peak(terms, draws, places) / PEAK_UNIT, 1e-3)
    if meter == "gigabyte":
        return volume(terms, draws, places, [size / 1e6 for size in sizes(terms, places)]) * live * retry
    if meter == "vcore":
        cores = np.reshape(draws["billing.replicas"] * draws["billing.vcore_per_flow"], (-1, 1)) * len(places)
        load = volume(terms, draws, places) * retry / np.reshape(draws["billing.messages_per_vcore"], (-1, 1))
        return (cores + load) * live
    weights = [
        1.0 if chunk is None else max(float(np.ceil(size / chunk)), 1.0) for size in sizes(terms, places)
    ]
    messages = volume(terms, draws, places, weights) * live * retry
    if meter == "step":
        return messages * np.reshape(draws["billing.steps"] * draws["billing.loop_factor"], (-1, 1))
    return messages


def _ends(terms: Terms, place: int) -> tuple[str, str]:
    return terms.integrations[place].source, terms.integrations[place].target


def sizes(terms: Terms, places: Sequence[int]) -> list[float]:
    """Return the kB of a message of each integration, the default where none is stated."""
    return [
        terms.message_kb
        if terms.integrations[place].message_kb is None
        else float(terms.integrations[place].message_kb or 0)
        for place in places
    ]


def volume(
    terms: Terms, draws: Draws, places: Sequence[int], weights: Sequence[float] | None = None
) -> Floats:
    """Return the messages a month in each year, weighted, shape ``(draws, years)``.

    Year t has ``volume * (1 + growth)^(t - 1)``; growth is the integration's own where it is stated.
    """
    years = np.arange(terms.horizon)
    total = np.zeros((draws.size, terms.horizon))
    weight = [1.0] * len(places) if weights is None else list(weights)
    stated = [
        (place, share)
        for place, share in zip(places, weight, strict=True)
        if _growth(terms, place) is not None
    ]
    others = [
        (place, share) for place, share in zip(places, weight, strict=True) if _growth(terms, place) is None
    ]
    if stated:
        rise = np.array([share * (1 + (_growth(terms, place) or 0.0)) ** years for place, share in stated])
        total += np.einsum("ni,iy->ny", draws.family["volume"][:, [place for place, _ in stated]], rise)
    if others:
        today = np.einsum(
            "ni,i->n",
            draws.family["volume"][:, [place for place, _ in others]],
            np.array([share for _, share in others]),
        )
        total += today[:, None] * (1 + np.reshape(draws["volume.growth"], (-1, 1))) ** years
    return total


def _growth(terms: Terms, place: int) -> float | None:
    return terms.integrations[place].growth


def peak(terms: Terms, draws: Draws, places: Sequence[int]) -> Floats:
    """Return messages a second at the peak in each year, shape ``(draws, years)``.

    The stated peaks are added up and grow with the volume; where none is stated, the average load times the peak factor.
    """
    loads = [terms.integrations[place].peak_per_second for place in places]
    unknown = [place for place, load in zip(places, loads, strict=True) if load is None]
    known = [place for place, load in zip(places, loads, strict=True) if load is not None]
    total = np.zeros((draws.size, terms.horizon))
    if unknown:
        factor = np.reshape(draws["volume.peak_factor"], (-1, 1))
        total += volume(terms, draws, unknown) / SECONDS_PER_MONTH * factor
    years = np.arange(terms.horizon)
    growth = np.reshape(draws["volume.growth"], (-1, 1))
    for place in known:
        own = _growth(terms, place)
        rise = (1 + (growth if own is None else own)) ** years
        total += float(terms.integrations[place].peak_per_second or 0.0) * rise
    return total
