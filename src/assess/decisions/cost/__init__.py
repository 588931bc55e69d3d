"""What each option costs over its life, how sure that is, and what is worth finding out before signing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from assess.core.finding import Missing
from assess.core.numbers import tidy
from assess.intake.engagement import Engagement

from . import findings, sources
from .billing import PlanEnds
from .cashflow import Flows, Model, carried_cash_flows, compare_cash_flows, drawn
from .draws import Draws, Ends, expected, one_at_a_time, sample, value_at
from .finance import (
    MissingRate,
    annuity_factor,
    break_even,
    first_year_cheapest,
    payback_month,
)
from .information import cheapest_share, expected_regret, perfect_information, pilot, questions, tail_mean
from .model import MONTHS
from .parameters import CostParameter, Inputs, Terms
from .result import CashLine, Excluded, OpenQuestion, OptionCost, Pilot, Quantiles, Swing, TotalCost

__all__ = [
    "CashLine",
    "Inputs",
    "OpenQuestion",
    "OptionCost",
    "Pilot",
    "Quantiles",
    "Swing",
    "TotalCost",
    "estimate",
]

Floats = NDArray[np.float64]

LABELS: Mapping[str, str] = {
    "api-first": "APIs where possible",
    "event-driven": "Events where possible",
    "ipaas": "A bought platform where possible",
    "file-exchange": "Files where possible",
    "api-facade": "An API in front where possible",
    "database-access": "Database access where possible",
    "native-connector": "The systems' own connectors where possible",
    "recommended": "Proposed",
    "as-is": "Leave as it is",
    "what-pays": "Only what pays",
    "everything": "Move all of them",
    "cheapest": "Cheapest way for each",
    "best-fit": "Best-fitting way for each",
}
"""Words for the options, by id: single styles, and those of a decision."""

FORCED = "If it must be done"
"""Words for the recommended option where it costs more than it brings: it is no proposal."""


def label_option(id: str, *, forced: bool = False) -> str:
    """Return the words for an option; ``forced`` says that the recommended one costs more than it brings."""
    return FORCED if forced and id == "recommended" else LABELS.get(id, id)


STANDING = "as-is"
"""Id of the option that leaves everything as it is, against which a gain is counted."""

ROWS = 512
"""Futures that are priced together where parameters are moved one at a time."""

LEVELS = (0.05, 0.1, 0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Priced:
    """The options that could be priced, with their flows, and the terms and futures that they were priced in."""

    assignments: Mapping[str, Mapping[str, str]]
    flows: Mapping[str, Flows]
    excluded: tuple[Excluded, ...]
    terms: Terms | None = None
    values: Draws | None = None

    @property
    def costs(self) -> Floats:
        """Present values, shape ``(draws, options)``."""
        return np.column_stack([flow.npv for flow in self.flows.values()])


def estimate(
    inputs: Inputs, *, draws: int = 10_000, seed: int = 7, priced: Priced | None = None
) -> TotalCost:
    """Estimate what each option costs over the horizon, and how sure the choice between them is.

    Parameters
    ----------
    draws
        Number of Monte Carlo draws, at least 2.
    seed
        The same seed gives the same result.
    priced
        The same options, priced already in these futures; None where they are not.

    Returns
    -------
    TotalCost
        Without integrations, or without an exchange rate that is needed, it has no options and says
        under ``missing`` what to supply.

    Raises
    ------
    ValueError
        If ``draws`` is below 2, or the overrun's cap is not above the mean of its tail.
    KeyError
        If a shift names an unknown parameter, or an assignment an unknown style or integration.
    """
    if draws < 2:
        raise ValueError(f"draws must be at least 2, got {draws}")
    if not inputs.options or not inputs.engagement.integrations:
        return _nothing(inputs.moved, draws, seed, findings.no_integrations())
    try:
        terms = inputs.terms()
    except MissingRate as error:
        return _nothing(inputs.moved, draws, seed, findings.no_rate(str(error)))
    if priced is None or priced.terms is None or priced.values is None:
        values = sample(terms, draws, seed)
        priced = price_options(terms, values, inputs.options)
    else:
        terms, values = priced.terms, priced.values
    if not priced.flows:
        return _nothing(inputs.moved, draws, seed, findings.no_plan(priced.excluded))
    return _result(inputs, terms, values, priced, seed)


def price_options(terms: Terms, values: Draws, assignments: Mapping[str, Mapping[str, str]]) -> Priced:
    """Return the cash flows of the options; those whose price plan ends are left out with the reason."""
    flows, excluded = {}, []
    every = compare_cash_flows(terms, values, [*assignments.values()])
    for name, found in zip(assignments, every, strict=True):
        if isinstance(found, PlanEnds):
            excluded.append(Excluded(option=name, reason=str(found)))
        else:
            flows[name] = found
    kept = {name: assignments[name] for name in flows}
    return Priced(kept, flows, tuple(excluded))


def _nothing(engagement: Engagement, draws: int, seed: int, missing: Missing) -> TotalCost:
    return TotalCost(
        currency=engagement.currency,
        money=engagement.money,
        discount_rate=engagement.discount_rate or 0.0,
        inflation=engagement.inflation or 0.0,
        horizon_years=engagement.horizon_years,
        draws=draws,
        seed=seed,
        best=None,
        missing=(missing,),
    )


def _result(inputs: Inputs, terms: Terms, values: Draws, priced: Priced, seed: int) -> TotalCost:
    engagement, assessed = inputs.moved, inputs.assessed
    tornado = swings(engagement, terms, priced.assignments)
    budget = engagement.constraints.budget
    options = _options(terms, priced, assessed, tornado.likely, budget, forced=inputs.forced)
    cheapest = min(options, key=lambda option: (option.npv.mean, option.id)).id
    best = inputs.recommended if inputs.recommended in priced.flows else cheapest
    asked = questions(terms, values, priced.costs, list(priced.flows).index(best))
    result = TotalCost(
        currency=engagement.currency,
        money=terms.money,
        discount_rate=terms.rate,
        inflation=terms.inflation,
        horizon_years=terms.horizon,
        draws=values.size,
        seed=seed,
        budget=budget,
        best=best,
        options=options,
        swings=tornado.swings,
        questions=asked,
        evpi=tidy(perfect_information(priced.costs)),
        pilot=pilot(engagement, terms, values, priced.costs),
        excluded=priced.excluded,
        correlation_moved=values.repair.moved if values.repair else 0.0,
        overridden=engagement.assumptions.own,
        notes=findings.notes(engagement, terms, assessed, inputs.shifts),
        missing=findings.missing(assessed),
        sources=sources.sources(engagement, terms),
    )
    found = findings.findings(engagement, terms, result)
    return result.model_copy(update={"findings": found, "facts": sources.facts(result, terms)})


def _options(
    terms: Terms,
    priced: Priced,
    assessed: Mapping[str, bool],
    likely: Mapping[str, float],
    budget: float | None,
    *,
    forced: bool,
) -> tuple[OptionCost, ...]:
    costs = priced.costs
    share, regret = cheapest_share(costs), expected_regret(costs)
    running = np.stack([np.cumsum(flow.present, axis=1) for flow in priced.flows.values()])
    standing = running[list(priced.flows).index(STANDING)] if STANDING in priced.flows else None
    total = {name: np.cumsum(sum(flow.lines.values())) for name, flow in priced.flows.items()}
    reference = first_year_cheapest(total)
    factor = annuity_factor(terms.rate, terms.horizon)
    found = []
    for place, (name, flow) in enumerate(priced.flows.items()):
        paid, paid_note = payback_month(flow.lines, assessed["benefits"], terms.horizon)
        found.append(
            OptionCost(
                id=name,
                label=label_option(name, forced=forced),
                assignment=dict(priced.assignments[name]),
                npv=quantiles(flow.npv),
                spent=quantiles(flow.spent),
                annual=quantiles(flow.npv / factor),
                likely=tidy(likely[name]),
                lines=_lines(terms, name, priced, assessed),
                cheapest=tidy(float(share[place])),
                regret=tidy(float(regret[place])),
                cvar95=tidy(tail_mean(flow.npv)),
                fan=_fan(running[place]),
                running_gain=() if standing is None else _running(standing - running[place]),
                payback_month=paid,
                payback_note=paid_note,
                break_even_month=break_even(name, reference, total),
                months_to_build=_triple(flow.duration),
                within_budget=None if budget is None else tidy(float((flow.spent <= budget).mean())),
            )
        )
    return tuple(found)


def _lines(terms: Terms, name: str, priced: Priced, assessed: Mapping[str, bool]) -> tuple[CashLine, ...]:
    flow = priced.flows[name]
    used = sorted(set(priced.assignments[name].values()))
    return tuple(
        CashLine(
            line=line,
            label=findings.line_label(line),
            years=tuple(
                tidy(value)
                for value in (monthly[0], *monthly[1:].reshape(terms.horizon, MONTHS).sum(axis=1).tolist())
            ),
            present_value=tidy(flow.line_present[line]),
            of=sources.line_sources(terms, line, used),
            note=findings.line_note(line, assessed),
        )
        for line, monthly in flow.lines.items()
    )


def _fan(running: Floats) -> tuple[tuple[float, float, float], ...]:
    return tuple(_triple(running[:, year]) for year in range(running.shape[1]))


def _running(gain: Floats) -> tuple[tuple[float, float, float], ...]:
    """Return mean, P10 and P90 of a running gain, shape ``(draws, years + 1)``, by year."""
    low, high = np.quantile(gain, [0.1, 0.9], axis=0)
    return tuple(
        (tidy(mean), tidy(one), tidy(other))
        for mean, one, other in zip(gain.mean(axis=0).tolist(), low.tolist(), high.tolist(), strict=True)
    )


def _triple(values: Floats) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
    return tidy(low), tidy(middle), tidy(high)


def quantiles(values: Floats) -> Quantiles:
    """Return a distribution in seven numbers."""
    p5, p10, p50, p80, p90, p95 = (tidy(value) for value in np.quantile(values, LEVELS).tolist())
    return Quantiles(mean=tidy(float(values.mean())), p5=p5, p10=p10, p50=p50, p80=p80, p90=p90, p95=p95)


class Tornado(NamedTuple):
    """The likely present value of each option, and the swings around it, largest first."""

    likely: dict[str, float]
    swings: tuple[Swing, ...]


def swings(engagement: Engagement, terms: Terms, assignments: Mapping[str, Mapping[str, str]]) -> Tornado:
    """Return what each parameter does to each option when it moves from its P10 to its P90.

    Parameters that move no option by a cent are left out.
    """
    draws, ends = one_at_a_time(terms)
    found = carried_cash_flows(terms, draws, [*assignments.values()])
    flows = dict(zip(assignments, found, strict=True))
    costs = {name: flow.npv for name, flow in flows.items()}
    spent = {name: np.broadcast_to(flow.spent, flow.npv.shape) for name, flow in flows.items()}
    every = [_swing(engagement, terms, end, costs, spent, 1 + 2 * place) for place, end in enumerate(ends)]
    some = [swing for swing in every if max(swing.span(name) for name in costs) >= 0.01]
    some.sort(key=lambda swing: (-max(swing.span(name) for name in costs), swing.parameter))
    return Tornado({name: float(cost[0]) for name, cost in costs.items()}, tuple(some))


def marginal_costs(
    terms: Terms, parameters: Sequence[CostParameter], options: Mapping[str, Mapping[str, str]]
) -> Floats:
    """Return what each option costs more a unit of each parameter, from its P10 to its P90, all others at their means.

    Where costs are linear in each parameter and what is drawn apart is independent, the mean cost given some parameters is the cost
    with all others at their means (Madan and others 2014, Strategies for efficient computation of the expected value of partial
    perfect information): no regression, and so no limit to the number of parameters by that of the futures.

    Returns
    -------
    ndarray
        Shape ``(parameters, options)``; from the mean to one end where a price plan does not reach the other, 0 where it reaches neither.
    """
    mean, size = expected(terms), 1 + 2 * len(parameters)
    values = {name: np.repeat(value, size) for name, value in mean.values.items()}
    family = {name: np.repeat(table, size, axis=0) for name, table in mean.family.items()}
    places = {name: [one.name for one in terms.parameters if one.family == name] for name in family}
    moved = np.zeros((len(parameters), 3))
    for row, one in enumerate(parameters):
        column = family[one.family][:, places[one.family].index(one.name)] if one.family else values[one.name]
        ends = value_at(one, ndtri(np.array([0.1, 0.9]))).tolist()
        moved[row] = [ends[0], column[0], ends[1]]
        column[1 + 2 * row : 3 + 2 * row] = ends
    draws = Draws(values, family, size)
    costs = np.zeros((size, len(options)))
    with np.errstate(divide="ignore", invalid="ignore"):
        for start in range(0, size, ROWS):
            part = draws.block(start, min(start + ROWS, size))
            model = Model.of(terms, part)
            for place, option in enumerate(options.values()):
                if option:
                    costs[start : start + part.size, place] = drawn(model.option(option)["npv"], part.size)
    paid = np.stack([costs[1::2], np.broadcast_to(costs[0], costs[1::2].shape), costs[2::2]])
    able = np.isfinite(paid)
    ends = np.where(able[[0, 2]], [[[0]], [[2]]], 1)
    low, high = (np.take_along_axis(paid, end[None], 0)[0] for end in ends)
    apart = moved[np.arange(len(moved))[:, None], ends[1]] - moved[np.arange(len(moved))[:, None], ends[0]]
    whole = np.isfinite(low) & np.isfinite(high) & (apart > 0)
    return np.asarray(np.divide(high - low, apart, out=np.zeros_like(apart), where=whole))


def _swing(
    engagement: Engagement,
    terms: Terms,
    end: Ends,
    costs: Mapping[str, Floats],
    spent: Mapping[str, Floats],
    row: int,
) -> Swing:
    """Return what stands in the two rows of one parameter, from ``row`` on."""
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
        cost_low={name: float(cost[row]) for name, cost in costs.items()},
        cost_high={name: float(cost[row + 1]) for name, cost in costs.items()},
        spent_low={name: float(paid[row]) for name, paid in spent.items()},
        spent_high={name: float(paid[row + 1]) for name, paid in spent.items()},
        elicited=any(engagement.assumptions.entry(key).elicited for key in sorted(keys)),
        sources=tuple({origin.id: origin for origin in origins}.values()),
    )
