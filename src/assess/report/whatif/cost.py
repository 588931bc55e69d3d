"""The cost what-if: the likely case of the cost model as formulas that a page computes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from assess.core.grids import Floats
from assess.decisions.build_or_buy.typical import LikelyOptions
from assess.decisions.cost.likely_case import LikelyCase, futures, move
from assess.decisions.cost.parameters import Terms

from . import Array, Deeper, FormulaStep, Output, Slider, WhatIf

ENDS: Mapping[str, tuple[float, float]] = {
    "discount_rate": (0.0, 0.3),
    "day_rate": (0.4, 2.5),
    "wage": (0.4, 2.5),
    "uplift": (0.0, 0.25),
    "overrun": (0.5, 5.0),
    "volume": (0.0, 20.0),
}
"""Limits of the sliders; of money as factors on where they stand."""

LABELS: Mapping[str, tuple[str, str, float, str]] = {
    "volume": ("Volume against today", "×", 0.05, ""),
    "number": (
        "Number of integrations",
        "",
        1.0,
        "the first of the list; beyond its end it begins again",
    ),
    "day_rate": ("Cost of one person-day", "", 10.0, ""),
    "wage": ("Full cost of one employee", "", 1000.0, ""),
    "uplift": ("Rise of subscription prices at renewal", "share", 0.005, "a year"),
    "discount_rate": ("Discount rate, real", "share", 0.005, ""),
    "overrun": ("Overrun against its likely value", "×", 0.05, ""),
    "cap": ("Cap of the overrun: where a runaway would be stopped", "× the plan", 1.0, "in whole steps"),
}
"""Label, unit, step and help of each slider, in the order of the page."""

REDRAWN = 1_000
"""Futures that a notebook draws at each move: a share is then exact to 1.6 points."""

NOTE = (
    "The likely case: every parameter at its likely value, the overrun at its median; nothing is drawn. Data repair and "
    "the months of the rollout stay as they are when the number of integrations moves, and a repeated integration brings "
    "no further benefit or loss of its own. The cap moves only the runaway: the mean of the worst tenth of overruns, "
    "met by every style at once."
)


def what_if(case: LikelyCase, labels: Mapping[str, str], currency: str) -> WhatIf:
    """Return the what-if of the total cost.

    Parameters
    ----------
    labels
        Words for the options, by name.
    """
    return build_case_model(
        case,
        labels,
        title="What if volume, number, rates, prices and overruns were different?",
        sliders=tuple(_slider(case, id, currency) for id in LABELS),
        outputs=(
            Output(name="npv", label="Cost less benefits", unit=currency, best="lowest"),
            Output(name="runaway", label="If delivery runs away", unit=currency),
            Output(name="once", label="Before and while building", unit=currency),
            Output(name="per_year", label="Equal yearly amount", unit=f"{currency}/year"),
        ),
        note=NOTE,
    )


def build_case_model(
    case: LikelyCase,
    labels: Mapping[str, str],
    *,
    title: str,
    sliders: tuple[Slider, ...],
    outputs: tuple[Output, ...],
    note: str,
) -> WhatIf:
    """Return a case of the cost model as a what-if; ``labels`` are words for its options."""
    axes = dict(case.axes)
    axes["option"] = tuple(labels.get(name, name) for name in case.axes["option"])
    return WhatIf(
        title=title,
        sliders=sliders,
        axes=axes,
        constants={
            name: Array(axes=on, values=tuple(values.ravel().tolist()))
            for name, (on, values) in case.constants.items()
        },
        formulas=tuple(FormulaStep(name=name, formula=form) for name, form in case.steps.items()),
        outputs=outputs,
        note=note,
    )


def redrawn(
    terms: Terms,
    assignments: Mapping[str, Mapping[str, str]],
    currency: str,
    *,
    draws: int = REDRAWN,
    seed: int = 7,
) -> Deeper:
    """Return the range of each option and its chance of being the cheapest, drawn anew for the sliders' positions."""

    def compute(values: Mapping[str, float]) -> tuple[Floats, ...]:
        found = futures(*move(terms, assignments, values), draws, seed)
        return found.p10, found.p50, found.p90, found.cheapest

    return Deeper(
        (
            Output(name="p10", label="One in ten below", unit=currency),
            Output(name="p50", label="Middle future", unit=currency),
            Output(name="p90", label="One in ten above", unit=currency),
            Output(name="cheapest", label="Cheapest in", unit="share", best="highest"),
        ),
        compute,
    )


def _slider(case: LikelyCase, id: str, currency: str) -> Slider:
    value = case.inputs[id]
    label, unit, step, help = LABELS[id]
    if id in ("day_rate", "wage"):
        unit = f"{currency}/day" if id == "day_rate" else f"{currency}/year"
    low, high = _limits(case, id)
    return Slider(
        id=id,
        label=label,
        value=value,
        low=min(low, value),
        high=max(high, value),
        step=step,
        unit=unit,
        help=help,
    )


def _limits(case: LikelyCase, id: str) -> tuple[float, float]:
    if id == "number":
        return 1.0, float(len(case.axes["place"]))
    if id == "cap":
        return float(case.axes["cap"][0]), float(case.axes["cap"][-1])
    low, high = ENDS[id]
    if id in ("day_rate", "wage"):
        return math.floor(low * case.inputs[id]), max(math.ceil(high * case.inputs[id]), 1)
    return low, high


SLIDERS: Mapping[str, tuple[str, str, float, float, float]] = {
    "number": ("Number of integrations", "", 1, 150, 1),
    "coverage": ("Share that ready connectors cover (uniqueness)", "share", 0, 1, 0.01),
    "skill": ("Experience with building by hand (expertise)", "share", 0, 1, 0.01),
    "changes": ("Changes of each connected system a year (rate of change)", "", 0, 24, 0.1),
    "volume": ("Volume against today", "×", 0, 20, 0.05),
    "overrun": ("Overrun against its likely value", "×", 0.5, 5, 0.05),
}
"""Label, unit, lowest, highest and step of each slider."""


def build_or_buy_what_if(ways: LikelyOptions) -> WhatIf:
    """Return the what-if of building against buying for ``number`` average integrations."""
    return build_case_model(
        ways.case,
        {},
        title="What if the four criteria were different?",
        sliders=tuple(_criterion_slider(ways, id) for id in SLIDERS),
        outputs=(
            Output(name="npv", label="Cost", unit=ways.currency, best="lowest"),
            Output(name="difference", label="Building less buying", unit=ways.currency),
        ),
        note="The likely case for that many average integrations: nothing is drawn. "
        "Where a price plan ends, there is no present value: ask the vendor.",
    )


def _criterion_slider(ways: LikelyOptions, id: str) -> Slider:
    label, unit, low, high, step = SLIDERS[id]
    value = ways.case.inputs[id]
    top = float(len(ways.case.axes["nth"])) if id == "number" else max(high, value)
    return Slider(id=id, label=label, unit=unit, value=value, low=min(low, value), high=top, step=step)
