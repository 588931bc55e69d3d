"""The cost what-if: the likely case of the cost model as formulas that a page computes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from assess.decisions.cost.likely import LikelyCase

from .formulas import Formula
from .model import Array, Output, Slider, Step, WhatIf

ENDS: Mapping[str, tuple[float, float]] = {
    "discount_rate": (0.0, 0.3),
    "day_rate": (0.4, 2.5),
    "wage": (0.4, 2.5),
    "uplift": (0.0, 0.25),
    "overrun": (0.5, 5.0),
    "volume": (0.0, 20.0),
}
"""Limits of the sliders; of money as factors on where they stand."""

LABELS: Mapping[str, tuple[str, str, float]] = {
    "discount_rate": ("Discount rate, real", "share", 0.005),
    "day_rate": ("Cost of one person-day", "", 10.0),
    "wage": ("Full cost of one employee", "", 1000.0),
    "uplift": ("Rise of subscription prices at renewal", "share", 0.005),
    "overrun": ("Overrun against its likely value", "", 0.05),
    "volume": ("Volume against today", "", 0.05),
}


def what_if(case: LikelyCase, labels: Mapping[str, str]) -> WhatIf:
    """Return the what-if of the total cost.

    Parameters
    ----------
    labels
        Words for the options, by name.
    """
    axes = {name: tuple(values) for name, values in case.axes.items()}
    axes["option"] = tuple(labels.get(name, name) for name in case.axes["option"])
    note = (
        "The likely case: every parameter at its likely value, the overrun at its median. Nothing is drawn."
    )
    if case.fixed_plans:
        note += " The subscription of plans that end or have a minimum does not follow the volume here."
    return WhatIf(
        title="What if rates, prices and volumes were different?",
        sliders=tuple(_slider(case, id) for id in LABELS),
        axes=axes,
        constants={
            name: Array(axes=on, values=tuple(values.ravel().tolist()))
            for name, (on, values) in case.constants.items()
        },
        formulas=tuple(Step(name=name, formula=formula) for name, formula in formulas(case.money).items()),
        outputs=(
            Output(name="npv", label="Present value", unit=case.currency, best="lowest"),
            Output(name="once", label="Before and while building", unit=case.currency),
            Output(name="per_year", label="Equal yearly amount", unit=f"{case.currency}/year"),
        ),
        note=note,
    )


def _slider(case: LikelyCase, id: str) -> Slider:
    value = case.inputs[id]
    low, high = ENDS[id]
    label, unit, step = LABELS[id]
    if id in ("day_rate", "wage"):
        low, high = math.floor(low * value), max(math.ceil(high * value), 1)
        unit = f"{case.currency}/day" if id == "day_rate" else f"{case.currency}/year"
    return Slider(
        id=id, label=label, value=value, low=min(low, value), high=max(high, value), step=step, unit=unit
    )


def formulas(money: str) -> dict[str, Formula]:
    """Return the likely case as formulas, in the order of evaluation (docs/method/cost.md)."""
    work = ["*", "custom", "psi", "overrun_median", "overrun"]
    return {
        "base": ["+", 1, "discount_rate"],
        "nominal": ["*", "base", ["+", 1, "inflation"]],
        "real": ["^", "base", ["-", ["/", ["number", "month"], 12]]],
        "of_month": ["^", "nominal", ["-", ["/", ["number", "month"], 12]]],
        "real_year": ["/", ["sum", "month", ["*", "inside", "real"]], 12],
        "contract_year": ["/", ["sum", "month", ["*", "inside", "of_month"]], 12],
        "always": ["sum", "year", "real_year"],
        "while_live": ["/", ["sum", "month", ["*", "live", "real"]], 12],
        "while_built": ["sum", "month", ["*", "spent", "real"]],
        "custom": ["+", ["*", "custom_days", "day_rate"], "custom_money"],
        "config": ["+", ["*", "config_days", "day_rate"], "config_money"],
        "hand": ["+", ["*", "hand_days", "day_rate"], "hand_money"],
        "build": ["sum", "style", ["+", work, "config"]],
        "start": ["*", "day_rate", ["+", ["sum", "style", ["*", "used", "start_days"]], "remediation_days"]],
        "upkeep": ["sum", "style", ["+", ["*", "custom", "upkeep_custom"], ["*", "config", "upkeep_config"]]],
        "changes": ["*", "day_rate", ["sum", "style", "change_days"]],
        "platform": [
            "+",
            ["sum", "style", ["*", "used", ["+", "infrastructure", ["*", "posts", "wage"]]]],
            ["*", "coordination", "further_styles"],
        ],
        "exit": ["sum", "year", ["*", ["sum", "style", ["*", "hand", "leaving"]], "real_year"]],
        "counted": ["max", ["+", "still", ["*", "moving", "volume"]], "tier_floor_used"],
        "billed": [
            "if",
            ["<", 0, "tier_block"],
            ["*", ["ceil", ["-", ["/", "counted", ["max", "tier_block", 1e-9]], 5e-10]], "tier_block"],
            "counted",
        ],
        "in_tier": ["-", ["min", ["max", "billed", "tier_start"], "tier_end"], "tier_start"],
        "bill": [
            "+",
            ["*", 12, ["sum", "tier", ["*", "tier_price", "in_tier"]]],
            "npv_bill_fixed",
        ],
        "rise": ["^", ["+", 1, "uplift"], ["-", ["number", "year"], 1]],
        "subscription": ["sum", "year", ["*", "bill", "rise", "contract_year"]],
        "duration": ["max", "rollout", ["/", "build", ["*", "day_rate", "capacity"]]],
        "benefit_live": ["min", 1, ["/", ["number", "month"], "duration"]],
        "benefit": ["*", "benefits", ["/", ["sum", "month", ["*", "benefit_live", "real"]], 12]],
        "once": ["+", "start", ["*", "build", "while_built"]],
        "npv": [
            "+",
            "once",
            ["*", ["+", "upkeep", "changes", "losses"], "while_live"],
            ["*", "platform", "always"],
            "exit",
            "subscription",
            ["-", "benefit"],
        ],
        "yearly_base": "base" if money == "real" else "nominal",
        "annuity": ["sum", "year", ["^", "yearly_base", ["-", ["number", "year"]]]],
        "per_year": ["/", "npv", "annuity"],
    }
