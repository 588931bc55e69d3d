"""The cash flows of an option in every drawn future: the cost graph evaluated with NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.core.formula_evaluation import Evaluation
from assess.core.formula_graph import Formula, Graph
from assess.core.grids import DRAW, Axes, Grid, arranged, single
from assess.intake.engagement.landscape import NATIVE

from .billing import PlanEnds
from .draws import Draws
from .model import CRITICALITIES, GLOBALS, LINES, MONTHS, PER_LEVEL, PER_STYLE
from .parameters import KEEP, Terms, coverage

Floats = NDArray[np.float64]

BLOCK = 8192
"""Draws that are evaluated together, so that a month's table stays in the cache."""
CELLS, FEWEST = 1 << 19, 256
"""Values of all integrations that are evaluated together at most, so that memory does not grow with them; and draws at least."""

FAMILIES = {"messages": "volume", "effort": "build", "system_changes": "changes"}
"""Names in the graph of what is drawn for each integration."""


@dataclass(frozen=True)
class Flows:
    """What an option costs.

    Parameters
    ----------
    present
        Present value of each year's flows, shape ``(draws, years + 1)``; column 0 is the start.
    lines
        Mean flow of each line by month, shape ``(months + 1,)``; month 0 is the start. In the money
        of the engagement (real or nominal), not discounted.
    line_present
        Mean present value of each line.
    duration
        Months that the team needs to build everything, shape ``(draws,)``.
    spent
        What is paid until all integrations run, not discounted, in prices of the base date (of the contract for
        subscriptions), shape ``(draws,)``: what a budget has to hold. Expected losses and the cost of leaving are
        no payments of the programme, benefits do not flow into its budget.
    """

    present: Floats
    lines: Mapping[str, Floats]
    line_present: Mapping[str, float]
    duration: Floats
    spent: Floats

    @property
    def npv(self) -> Floats:
        """Present value of all costs less benefits, shape ``(draws,)``."""
        return np.asarray(self.present.sum(axis=1))


def label_axes(terms: Terms, size: int | None = None) -> dict[str, Sequence[str] | range]:
    """Return the labels of the axes of the graph; the futures come last, where there are some."""
    return {
        "style": tuple(terms.styles),
        "loss": tuple(item.id for item in terms.losses),
        "benefit": tuple(item.id for item in terms.benefits),
        "repair": tuple(finding.id for finding in terms.remediation),
        "criticality": CRITICALITIES,
        "plan": tuple(terms.plans),
        "place": tuple(item.id for item in terms.integrations),
        "year": tuple(str(year) for year in range(1, terms.horizon + 1)),
        "month": tuple(str(month) for month in range(1, terms.months + 1)),
        **({} if size is None else {DRAW: range(size)}),
    }


def collect_inputs(terms: Terms, draws: Draws) -> dict[str, Grid]:
    """Return the values of every input of the graph but those of an option."""

    def along(axis: str, names: Sequence[str]) -> Grid:
        values = [draws[name] for name in names]
        if not any(np.ndim(value) for value in values):
            return Grid((axis,), np.asarray(values, dtype=np.float64).reshape(len(names)))
        return Grid((axis, DRAW), np.stack([np.broadcast_to(value, (draws.size,)) for value in values]))

    def once(name: str) -> Grid:
        return Grid((DRAW,), draws[name]) if np.ndim(draws[name]) else single(float(draws[name]))

    prices = {key for plan in terms.plans.values() for key in plan.price_keys}
    found = {name: once(name) for name in (*GLOBALS, *sorted(prices)) if name != "overrun.single"}
    found |= {topic: along("style", [f"{topic}.{style}" for style in terms.styles]) for topic in PER_STYLE}
    found |= {
        topic: along("criticality", [f"{topic}.{level}" for level in CRITICALITIES]) for topic in PER_LEVEL
    }
    found["overrun.single"] = along("style", [f"overrun:{style}" for style in terms.styles])
    found["repair_days"] = along("repair", [f"remediation:{finding.id}" for finding in terms.remediation])
    for kind, items in (("loss", terms.losses), ("benefit", terms.benefits)):
        found[kind] = along(kind, [f"{kind}:{item.id}" for item in items])
    found |= {name: Grid(("place", DRAW), draws.family[family].T) for name, family in FAMILIES.items()}
    return found | collect_facts(terms)


def collect_facts(terms: Terms) -> dict[str, Grid]:
    """Return the inputs that are not drawn: facts of the engagement, its integrations, losses and benefits."""

    def of_places(values: Sequence[float | bool]) -> Grid:
        return Grid(("place",), np.asarray(values, dtype=np.float64))

    def stated(values: Sequence[float | None]) -> tuple[Grid, Grid]:
        """Return whether each value is stated, and the value, 0 where it is not."""
        return of_places([value is not None for value in values]), of_places(
            [value or 0.0 for value in values]
        )

    items = terms.integrations
    styles = {style: float(style == "ipaas") for style in terms.styles}
    known = {
        "discount": single(terms.real_rate),
        "inflation": single(terms.inflation),
        "days_per_week": single(terms.days_per_week),
        "reserve": single(terms.reserve),
        "number": single(len(items)),
        "volume_factor": single(1.0),
        "experience": Grid(("style",), np.array([terms.skills[style] for style in styles])),
        "platform": Grid(("style",), np.array(list(styles.values()))),
        "coordinated": Grid(("style",), np.array([float(style != NATIVE) for style in styles])),
        "in_days": of_places(
            [item.name.startswith("build.days:") for item in terms.parameters if item.family == "build"]
        ),
        "kb": of_places([terms.message_kb if item.message_kb is None else item.message_kb for item in items]),
    }
    known["cover_stated"], known["own_cover"] = stated([coverage(item) for item in items])
    known["growth_stated"], known["own_growth"] = stated([item.growth for item in items])
    known["peak_stated"], known["own_peak"] = stated([item.peak_per_second for item in items])
    known["critical_is"] = Grid(
        ("criticality", "place"),
        np.array(
            [[(item.criticality or "medium") == level for item in items] for level in CRITICALITIES],
            dtype=np.float64,
        ).reshape(len(CRITICALITIES), len(items)),
    )
    known["more_consumers"] = of_places([max((item.consumers or 1) - 1, 0) for item in items])
    known["controlled"] = of_places([GOVERNED[item.governance] for item in items])
    known["hosted_today"] = of_places([item.style_today != "point-to-point" for item in items])
    seen = [terms.observed.get(item.id) for item in items]
    known["seen_failures"] = of_places([one.failures if one else 0.0 for one in seen])
    known["seen_years"] = of_places([one.years if one else 0.0 for one in seen])
    known["automated"] = of_places([terms.automated.get(item.id, 1.0) for item in items])
    products = [terms.owned.get(style) for style in styles]
    known["owned"] = Grid(("style",), np.array([float(one is not None) for one in products]))
    costs = [None if one is None else one.cost for one in products]
    known["owned_priced"] = Grid(("style",), np.array([float(cost is not None) for cost in costs]))
    known["owned_cost"] = Grid(("style",), np.array([cost or 0.0 for cost in costs]))
    arrived = [[terms.fresh.get((item.id, style), 1.0) for item in items] for style in styles]
    known["fresh"] = Grid(("style", "place"), np.array(arrived).reshape(len(styles), len(items)))
    known["repair_concerns"] = Grid(
        ("repair", "place"),
        np.array(
            [
                [not one.integrations or item.id in one.integrations for item in items]
                for one in terms.remediation
            ],
            dtype=np.float64,
        ).reshape(len(terms.remediation), len(items)),
    )
    known["loss_by_hand"] = Grid(("loss",), np.array([float(not item.styles) for item in terms.losses]))
    for kind, found in (("loss", terms.losses), ("benefit", terms.benefits)):
        serves = [[not item.styles or style in item.styles for style in styles] for item in found]
        concerns = [
            [not item.integrations or place.id in item.integrations for place in items] for item in found
        ]
        known[f"{kind}_serves"] = Grid(
            (kind, "style"), np.array(serves, dtype=np.float64).reshape(len(found), len(styles))
        )
        known[f"{kind}_concerns"] = Grid(
            (kind, "place"), np.array(concerns, dtype=np.float64).reshape(len(found), len(items))
        )
        known[f"{kind}_named"] = Grid(
            (kind,), np.array([len(item.integrations) for item in found], dtype=np.float64)
        )
    # In the order of the axes: losses, benefits and repairs lie before places, styles before them.
    axes = label_axes(terms, 0)
    return {name: arranged(grid.axes, grid.data, axes) for name, grid in known.items()}


def option_inputs(terms: Terms, assignment: Mapping[str, str]) -> dict[str, Grid]:
    """Return the inputs of an option ``integration id -> style``, or `KEEP`.

    Raises
    ------
    KeyError
        If a style is named that the terms hold no parameters of.
    """
    row: dict[str, int] = {style: place for place, style in enumerate(terms.styles)}
    member, kept = (np.zeros((len(row), len(terms.integrations))) for _ in range(2))
    ends, stays = (np.zeros(len(terms.integrations)) for _ in range(2))
    seen: dict[str, set[str]] = {style: set() for style in row}
    for place, item in enumerate(terms.integrations):
        chosen = assignment.get(item.id)
        if chosen is None:
            continue
        style = terms.style_of(item.id, chosen)
        if chosen == KEEP:
            stays[place] = item.style_today not in (None, "none")
        if style:
            (kept if chosen == KEEP else member)[row[style], place] = 1.0
            ends[place] = len({item.source, item.target} - seen[style])
            seen[style] |= {item.source, item.target}
    bought = terms.buys(assignment).values()
    return {
        "member": Grid(("style", "place"), member),
        "kept": Grid(("style", "place"), kept),
        "stays": Grid(("place",), stays),
        "new_ends": Grid(("place",), ends),
        "plan_chosen": Grid(("plan",), np.array([float(plan in bought) for plan in terms.plans])),
    }


OPTION_INPUTS = ("member", "kept", "stays", "new_ends", "plan_chosen")
"""Inputs of the graph that an option gives."""

GOVERNED: Mapping[str | None, float] = {"low": 0.0, None: 0.35, "medium": 0.35, "high": 1.0}
"""Part of the days of control that a need for governance asks for."""


@dataclass(frozen=True)
class Model:
    """The cost graph of some terms, ready for the options of some draws.

    Names that depend on no option are computed once for all of them.
    """

    terms: Terms
    graph: Graph
    shared: Evaluation

    @classmethod
    def of(cls, terms: Terms, draws: Draws) -> Model:
        """Return the model of some draws; asked again for the same terms, the same object."""
        kept: Model | None = draws.kept.get("model")
        if kept is None or kept.terms is not terms:
            kept = draws.kept["model"] = cls.with_inputs(terms, collect_inputs(terms, draws), draws.size)
        return kept

    @classmethod
    def with_inputs(cls, terms: Terms, known: dict[str, Grid], size: int) -> Model:
        """Return the model of given inputs, in ``size`` futures."""
        formulas = terms.graph.formulas(*OPTION_INPUTS)
        return cls(terms, terms.graph, Evaluation(formulas, known, label_axes(terms, size)))

    def option(
        self,
        assignment: Mapping[str, str],
        changes: Mapping[str, Formula] | None = None,
        known: Mapping[str, Grid] | None = None,
        axes: Axes | None = None,
    ) -> Evaluation:
        """Return the values of an option.

        Parameters
        ----------
        changes
            Names that are computed by other formulas.
        known, axes
            Inputs that have other values, which may lie along axes of their own.
        """
        own = option_inputs(self.terms, assignment) | dict(known or {})
        return self._evaluation(own, changes or {}, axes or {})

    def _evaluation(self, own: dict[str, Grid], changes: Mapping[str, Formula], axes: Axes) -> Evaluation:
        graph = self.graph
        if changes:
            graph = graph.replaced(changes)
        formulas = graph.formulas(*own, *changes, apart=False)
        return Evaluation(formulas, own, {**axes, **self.shared.axes}, self.shared)


def cash_flows(terms: Terms, draws: Draws, assignment: Mapping[str, str]) -> Flows:
    """Return the cash flows of an assignment ``integration id -> style``.

    Integrations that the assignment does not name are not built and cost nothing.

    Raises
    ------
    KeyError
        If a style is named that the terms hold no parameters of.
    PlanEnds
        If a price plan ends below the volume.
    """
    return carried_cash_flows(terms, draws, [assignment])[0]


def carried_cash_flows(terms: Terms, draws: Draws, assignments: Sequence[Mapping[str, str]]) -> list[Flows]:
    """Return the cash flows of several assignments in the same futures.

    Raises
    ------
    KeyError
        If a style is named that the terms hold no parameters of.
    PlanEnds
        If a price plan ends below the volume of one of them.
    """
    found = compare_cash_flows(terms, draws, assignments)
    for end in found:
        if isinstance(end, PlanEnds):
            raise end
    return [flows for flows in found if isinstance(flows, Flows)]


def compare_cash_flows(
    terms: Terms, draws: Draws, assignments: Sequence[Mapping[str, str]]
) -> list[Flows | PlanEnds]:
    """Return the cash flows of several assignments in the same futures, or which price plan ends below the volume of each.

    Of many integrations the futures are taken in blocks, one after the other for all assignments: what these share is computed
    once a block and let go with it, so that memory does not grow with the futures.

    Raises
    ------
    KeyError
        If a style is named that the terms hold no parameters of.
    """
    step = max(FEWEST, min(BLOCK, CELLS // max(1, len(terms.integrations))))
    parts: list[list[Flows]] = [[] for _ in assignments]
    ends: dict[int, PlanEnds] = {}
    for start in range(0, draws.size, step):
        stop = min(start + step, draws.size)
        block = draws.block(start, stop) if draws.size <= step else draws.cut(start, stop)
        for place, assignment in enumerate(assignments):
            if place not in ends:
                try:
                    parts[place].append(_block(terms, block, assignment))
                except PlanEnds as end:
                    ends[place] = end
    return [ends[place] if place in ends else _joined(some) for place, some in enumerate(parts)]


def _joined(parts: Sequence[Flows]) -> Flows:
    size = sum(part.duration.size for part in parts)
    pairs = [(part, part.duration.size / size) for part in parts]
    return Flows(
        present=np.concatenate([part.present for part in parts]),
        lines={
            line.key: np.asarray(sum(part.lines[line.key] * share for part, share in pairs)) for line in LINES
        },
        line_present={
            line.key: float(sum(part.line_present[line.key] * share for part, share in pairs))
            for line in LINES
        },
        duration=np.concatenate([part.duration for part in parts]),
        spent=np.concatenate([part.spent for part in parts]),
    )


def lasting(terms: Terms, draws: Draws, assignment: Mapping[str, str]) -> NDArray[np.bool_]:
    """Return in which futures every price plan of an assignment carries the volume to the end, shape ``(draws,)``."""
    found = Model.of(terms, draws).option(assignment)
    kept = np.ones(draws.size, np.bool_)
    with np.errstate(divide="ignore", invalid="ignore"):
        for id in terms.buys(assignment).values():
            kept &= np.isfinite(drawn(found[f"bill.{id}"], draws.size)).reshape(-1, draws.size).all(axis=0)
    return kept


def _block(terms: Terms, draws: Draws, assignment: Mapping[str, str]) -> Flows:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = Model.of(terms, draws).option(assignment)
        for id in terms.buys(assignment).values():
            if np.isinf(found[f"bill.{id}"].data).any():
                raise PlanEnds(terms.plans[id])
        size = draws.size
        present = np.empty((size, terms.horizon + 1))
        present[:, 0] = drawn(found["paid.once"], size)
        present[:, 1:] = drawn(found["present"], size).T
        months = _Months(terms, found, size)
        lines = {line.key: months.mean(line.key, line.paid) for line in LINES}
    return Flows(
        present=present,
        lines={key: months.in_money(key, flow) for key, flow in lines.items()},
        line_present={key: months.worth(key, flow) for key, flow in lines.items()},
        duration=np.array(drawn(found["duration"], size)),
        spent=np.array(drawn(found["spent"], size)),
    )


def drawn(grid: Grid, size: int) -> Floats:
    """Return the values of a grid in every future, also where they are the same in all; futures come last."""
    return grid.data if DRAW in grid.axes else np.broadcast_to(grid.data[..., None], (*grid.data.shape, size))


class _Months:
    """The mean of each line in each month, in base-date money, or in the money of the contract."""

    def __init__(self, terms: Terms, found: Evaluation, size: int) -> None:
        self.terms, self.found, self.size = terms, found, size
        self.contract = {line.key for line in LINES if line.paid == "contract"}
        inflated = (1 + terms.inflation) ** (np.arange(1, terms.months + 1) / MONTHS)
        real = terms.money == "real"
        self.real_money = np.ones(terms.months) if real else inflated
        self.contract_money = 1 / inflated if real else np.ones(terms.months)

    def mean(self, key: str, paid: str) -> Floats:
        """Return the mean flow at the start and in each month, shape ``(months + 1,)``."""
        amount = self.found[f"line.{key}"]
        flow = np.zeros(self.terms.months + 1)
        if paid == "once":
            flow[0] = amount.data.mean()
        elif paid in ("always", "contract"):
            yearly = amount.data.mean(axis=-1) if DRAW in amount.axes else amount.data
            flow[1:] = np.repeat(np.broadcast_to(yearly / MONTHS, (self.terms.horizon,)), MONTHS)
        else:
            profile = self.found[paid]
            each = drawn(amount, self.size)
            flow[1:] = np.einsum("md,d->m", drawn(profile, self.size), each) / self.size
            flow[1:] /= 1 if paid == "built" else MONTHS
        return flow

    def in_money(self, key: str, flow: Floats) -> Floats:
        """Return a flow in the money of the engagement."""
        factor = self.contract_money if key in self.contract else self.real_money
        return np.append(flow[:1], flow[1:] * factor)

    def worth(self, key: str, flow: Floats) -> float:
        """Return the present value of a flow."""
        factor = self.found["contract_factor" if key in self.contract else "real_factor"].data
        return float(flow[0] + flow[1:] @ factor)
