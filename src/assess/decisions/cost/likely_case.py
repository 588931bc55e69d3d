"""The likely case of some options as formulas over a few inputs that may move, and the model with these moved.

Nothing is drawn in the likely case: every parameter has its likely value, the overrun its median. The
formulas are those of the cost graph that depend on an input that may move; all else is a constant.

The number of integrations may move: ``n`` of them are the first ``n`` of the engagement; beyond its end
they begin again with the first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assess.core.estimate import Estimate
from assess.core.formula_evaluation import Evaluation, Form
from assess.core.formula_graph import (
    Formula,
    Graph,
    Node,
    apply_function,
    form_data,
    named,
    number,
    renamed,
    total,
)
from assess.core.grids import Grid, arranged, single, without_draws
from assess.intake.engagement.landscape import Integration

from . import price_options
from .cashflow import cash_flows, collect_inputs, label_axes, option_inputs
from .distributions import Overrun
from .draws import likely, sample
from .finance import nominal_rate
from .information import cheapest_share
from .parameters import FAMILIES, CostParameter, Inputs, Terms

Floats = NDArray[np.float64]

COPIES, AT_LEAST = 3, 30
"""Up to how many times the integrations there are, and up to how many at least, the number may move."""

RUNAWAY = 0.9
"""Beyond this quantile an overrun counts as a runaway: the worst tenth."""

HIGHEST_CAP = 50.0
"""Up to where the cap of the overrun may move, times the plan."""

INPUTS: Mapping[str, str] = {
    "discount_rate": "discount",
    "day_rate": "team.day_rate",
    "wage": "people.wage",
    "uplift": "price.uplift",
    "overrun": "overrun.factor",
    "volume": "volume_factor",
    "number": "number",
    "cap": "cap",
}
"""What a reader may move: its name in a what-if, and in the cost graph. The discount rate is real; volume is a factor."""

RATES = ("day_rate", "wage", "uplift", "overrun")
"""Those that are one drawn parameter each."""


@dataclasses.dataclass(frozen=True)
class LikelyCase:
    """A case as formulas.

    Parameters
    ----------
    axes
        Labels of each axis.
    constants
        Name to axes and values.
    steps
        Formulas by name, in the order of evaluation.
    inputs
        Value of what a reader may move.
    npv
        Present value of each option, as the engine computes it; empty where it was not asked.
    """

    axes: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, tuple[tuple[str, ...], Floats]]
    steps: Mapping[str, Form]
    inputs: Mapping[str, float]
    npv: Mapping[str, float] = dataclasses.field(default_factory=dict)


def likely_case(inputs: Inputs) -> LikelyCase:
    """Return the likely case of the options.

    Its results are ``npv``, ``runaway`` (where every delivery runs away), ``once`` (before and while building) and ``per_year``, each along
    ``option``.

    Raises
    ------
    MissingRate
        If a price is in a currency of which no exchange rate is known.
    """
    terms, options = inputs.terms(), inputs.options
    count = len(terms.integrations)
    grown, over = repeated(terms, options, count * max(COPIES, -(-AT_LEAST // count)))
    stops = _stops(terms)
    runaway = total("cap", named("overrun_runaway") * _same(number("cap"), named("stop")))
    graph = grown.graph.variant(
        {"overrun.single": Node(form_data(runaway), "Overrun of a runaway")}, " of a runaway"
    )
    rate = named("discount") if terms.money == "real" else named("nominal")
    outputs = {
        "stop": apply_function("floor", named("cap") - stops[0] + 0.5) + 1,
        "runaway": named("npv of a runaway"),
        "once": named("paid.once") + total("year", named("worth.built")),
        "annuity": total("year", (1 + rate) ** -number("year")),
        "per_year": named("npv") / named("annuity"),
    }
    graph = graph.replaced(outputs)
    known = {
        "overrun_runaway": Grid(("style", "cap"), _runaways(terms, stops)),
        "cap": single(terms.overrun["cap"]),
        "number": single(count),
    }
    case = explorable(
        grown, graph, over, INPUTS, ("npv", "runaway", "once", "per_year"),
        axes={"cap": tuple(f"{stop:g}" for stop in stops)}, known=known,
    )  # fmt: skip
    draws = likely(terms)
    return dataclasses.replace(
        case, npv={name: float(cash_flows(terms, draws, item).npv[0]) for name, item in options.items()}
    )


def _same(one: Formula, other: Formula) -> Formula:
    return (one <= other) * (other <= one)


def explorable(
    terms: Terms,
    graph: Graph,
    assignments: Mapping[str, Mapping[str, str]],
    inputs: Mapping[str, str],
    outputs: Sequence[str],
    *,
    axes: Mapping[str, tuple[str, ...]],
    known: Mapping[str, Grid],
) -> LikelyCase:
    """Return what outputs of a graph follow from inputs, at the likely values of everything else.

    Parameters
    ----------
    inputs
        Name in the what-if to name in the graph, of what may move.
    axes, known
        Axes and values that the graph has beside those of the cost model.
    """
    options = {"option": tuple(assignments)}
    whole = {
        **options,
        **{name: tuple(map(str, labels)) for name, labels in label_axes(terms).items()},
        **axes,
    }
    values = likely_inputs(terms)
    each = [option_inputs(terms, assignment) for assignment in assignments.values()]
    for name, grid in each[0].items():
        values[name] = Grid(("option", *grid.axes), np.stack([item[name].data for item in each]))
    values |= known
    values = {name: arranged(grid.axes, grid.data, whole) for name, grid in values.items()}
    free = set(inputs.values())
    for outer, inner in inputs.items():
        if outer != inner and (outer in graph.nodes or outer in values):
            raise ValueError(f"{outer} is a name of the graph already")
    steps, constants = graph.steps(outputs, free)
    found = Evaluation(graph.formulas(), dict(values), whole)
    names = {inner: outer for outer, inner in inputs.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        still = {name: (found[name].axes, found[name].data) for name in constants}
    used = {axis for on, _ in still.values() for axis in on} | _axes_in(
        graph.nodes[name].form for name in steps
    )
    return LikelyCase(
        axes={axis: labels for axis, labels in whole.items() if axis in used},
        constants=still,
        steps={name: renamed(graph.nodes[name].form, names) for name in steps},
        inputs={outer: float(values[inner].data) for outer, inner in inputs.items()},
    )


def likely_inputs(terms: Terms) -> dict[str, Grid]:
    """Return the likely values of the inputs of the cost graph, but those of an option."""
    return without_draws(collect_inputs(terms, likely(terms)))


def _axes_in(forms: Iterable[Form]) -> set[str]:
    """Return the axes that are numbered in formulas."""
    found: set[str] = set()
    for form in forms:
        if isinstance(form, list | tuple):
            found |= {form[1]} if form[0] == "number" else _axes_in(form[1:])
    return found


def _stops(terms: Terms) -> list[float]:
    """Return the caps that are looked at: whole steps from the engagement's, above the mean of the tail."""
    cap, least = terms.overrun["cap"], max(terms.overrun["tail_mean"], 1.5)
    down = int(np.ceil(cap - least)) - 1
    up = max(0, int(HIGHEST_CAP - cap))
    return [cap + step for step in range(-max(down, 0), up + 1)] if up + down > 0 else [cap, cap + 1]


def _runaways(terms: Terms, stops: Sequence[float]) -> Floats:
    """Return the mean of the worst tenth of large projects for each cap; the same in every style."""
    worst = [Overrun(**{**terms.overrun, "cap": cap}).beyond(RUNAWAY) for cap in stops]
    return np.tile(worst, (len(terms.styles), 1))


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
        By the names of `INPUTS`. A rate moves with its whole range; ``number`` integrations are the first of the
        list, which begins again beyond its end.
    """
    grown, over = repeated(terms, assignments, int(values.get("number", len(terms.integrations))))
    volume = values.get("volume", 1.0)
    rate = values.get("discount_rate", terms.real_rate)
    return (
        dataclasses.replace(
            grown,
            integrations=tuple(_with_volume(item, volume) for item in grown.integrations),
            parameters=tuple(_moved(item, values, volume) for item in grown.parameters),
            real_rate=rate,
            nominal_rate=nominal_rate(rate, terms.inflation),
            overrun={**terms.overrun, "cap": values.get("cap", terms.overrun["cap"])},
        ),
        over,
    )


def _moved(parameter: CostParameter, values: Mapping[str, float], volume: float) -> CostParameter:
    if parameter.family == "volume":
        return parameter.model_copy(update={"estimate": parameter.estimate.scaled(volume)})
    wanted = next((values[id] for id in RATES if INPUTS[id] == parameter.name and id in values), None)
    now = parameter.estimate.likely
    if wanted is None or wanted == now:
        return parameter
    estimate = parameter.estimate.scaled(wanted / now) if now > 0 else Estimate.point(wanted)
    return parameter.model_copy(update={"estimate": estimate})


def _with_volume(item: Integration, volume: float) -> Integration:
    peak = item.peak_per_second
    return item if peak is None else item.model_copy(update={"peak_per_second": peak * volume})


def repeated(
    terms: Terms, assignments: Mapping[str, Mapping[str, str]], number: int
) -> tuple[Terms, dict[str, dict[str, str]]]:
    """Return so many integrations with their parameters, the list begun again beyond its end, and the options over them."""
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
