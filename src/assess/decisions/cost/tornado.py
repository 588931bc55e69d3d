"""One parameter at a time: what each does alone, and the likely case that they start from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from assess.intake.engagement import Engagement

from .cashflow import cash_flows
from .draws import Ends, one_at_a_time
from .parameters import Terms
from .result import Swing


class Tornado(NamedTuple):
    """The likely present value of each option, and the swings around it, largest first."""

    likely: dict[str, float]
    swings: tuple[Swing, ...]


def swings(engagement: Engagement, terms: Terms, assignments: Mapping[str, Mapping[str, str]]) -> Tornado:
    """Return what each parameter does to each option when it moves from its P10 to its P90.

    Parameters that move no option by a cent are left out.
    """
    draws, ends = one_at_a_time(terms)
    costs = {name: cash_flows(terms, draws, assignment).npv for name, assignment in assignments.items()}
    found = [
        _swing(engagement, terms, end, {name: float(cost[1 + 2 * place]) for name, cost in costs.items()},
               {name: float(cost[2 + 2 * place]) for name, cost in costs.items()})
        for place, end in enumerate(ends)
    ]  # fmt: skip
    found = [swing for swing in found if max(swing.span(name) for name in costs) >= 0.01]
    found.sort(key=lambda swing: (-max(swing.span(name) for name in costs), swing.parameter))
    return Tornado({name: float(cost[0]) for name, cost in costs.items()}, tuple(found))


def _swing(
    engagement: Engagement, terms: Terms, end: Ends, low: dict[str, float], high: dict[str, float]
) -> Swing:
    parameter = terms.by_name.get(end.name)
    members = (
        [parameter]
        if parameter
        else [item for item in terms.parameters if f"family:{item.family}" == end.name]
    )
    origins = [item.estimate.source for item in members if item.estimate.source]
    keys = {origin.place for origin in origins if origin.kind == "assumption"}
    unit = parameter.estimate.unit if parameter else "factor"
    return Swing(
        parameter=end.name,
        label=end.label,
        unit=unit,
        low=end.low,
        high=end.high,
        cost_low=low,
        cost_high=high,
        elicited=any(engagement.assumptions.entry(key).elicited for key in sorted(keys)),
        sources=tuple({origin.id: origin for origin in origins}.values()),
    )
