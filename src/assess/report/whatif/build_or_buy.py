"""The build-or-buy what-if: the four criteria as sliders, the likely case as formulas that a page computes."""

from __future__ import annotations

from collections.abc import Mapping

from assess.decisions.build_or_buy.likely import LikelyWays

from .formulas import Formula
from .model import Array, Output, Slider, Step, WhatIf

SLIDERS: Mapping[str, tuple[str, str, float, float, float]] = {
    "number": ("Number of integrations", "", 1, 150, 1),
    "coverage": ("Share that ready connectors cover (uniqueness)", "share", 0, 1, 0.01),
    "skill": ("Experience with building by hand (expertise)", "share", 0, 1, 0.01),
    "changes": ("Changes of each connected system a year (rate of change)", "", 0, 24, 0.1),
    "volume": ("Volume against today", "×", 0, 20, 0.05),
    "overrun": ("Overrun against its likely value", "×", 0.5, 5, 0.05),
}
"""Label, unit, lowest, highest and step of each slider."""


def build_or_buy_what_if(case: LikelyWays) -> WhatIf:
    """Return the what-if of building against buying for ``number`` average integrations."""
    return WhatIf(
        title="What if the four criteria were different?",
        sliders=tuple(_slider(case, id) for id in SLIDERS),
        axes={name: tuple(values) for name, values in case.axes.items()},
        constants={
            name: Array(axes=on, values=tuple(values.ravel().tolist()))
            for name, (on, values) in case.constants.items()
        },
        formulas=tuple(Step(name=name, formula=formula) for name, formula in formulas().items()),
        outputs=(
            Output(name="cost", label="Present value", unit=case.currency, best="lowest"),
            Output(name="difference", label="Building less buying", unit=case.currency),
        ),
        note="The likely case for that many average integrations: nothing is drawn. "
        "The price plans stand for any volume; where one ends, ask the vendor.",
    )


def _slider(case: LikelyWays, id: str) -> Slider:
    label, unit, low, high, step = SLIDERS[id]
    value = case.inputs[id]
    top = float(len(case.axes["nth"])) if id == "number" else max(high, value)
    return Slider(id=id, label=label, unit=unit, value=value, low=min(low, value), high=top, step=step)


def formulas() -> dict[str, Formula]:
    """Return both ways as formulas, in the order of evaluation (docs/method/build-or-buy.md)."""
    return {
        "skilled": ["+", ["*", "by_hand", "skill"], ["*", ["-", 1, "by_hand"], "skill_now"]],
        "covered": ["*", "coverage", "platform"],
        "psi": ["+", 1, ["*", ["-", "psi_novice", 1], ["-", 1, "skilled"]]],
        "custom": ["*", "typical", ["-", 1, "covered"], "factor"],
        "config": ["*", "typical", "covered", "config_share"],
        "paid": ["+", ["*", "custom", "psi", "overrun_median", "overrun"], "config"],
        "upkeep": ["+", ["*", "custom", "upkeep_custom"], ["*", "config", "upkeep_config"]],
        "learned_cost": ["+", ["*", "paid", "spent"], ["*", "upkeep", "live"]],
        "relief": ["-", 1, ["*", "covered", "relief_ratio", "abstraction"]],
        "each_cost": [
            "+",
            ["*", "changes", "per_change", "relief", "live"],
            ["*", "typical", "leaving"],
        ],
        "fixed": ["+", "setup", ["*", "ramp", ["-", 1, "skilled"]], ["*", "a_year", "always"]],
        "learned": [
            "sum",
            "nth",
            ["*", ["^", ["number", "nth"], "learning"], ["<=", ["number", "nth"], "number"]],
        ],
        "counted": [
            "+",
            "count_once",
            ["*", "number", ["+", "count_each", ["*", "count_moving", "volume"]]],
        ],
        "billed": [
            "if",
            ["<", 0, "tier_block"],
            ["*", ["ceil", ["-", ["/", "counted", ["max", "tier_block", 1e-9]], 5e-10]], "tier_block"],
            "counted",
        ],
        "in_tier": ["-", ["min", ["max", "billed", "tier_start"], "tier_end"], "tier_start"],
        "bill": ["*", 12, ["sum", "tier", ["*", "tier_price", "in_tier"]]],
        "subscription": ["sum", "year", ["*", "bill", "contract"]],
        "cost": [
            "+",
            "fixed",
            ["*", "learned_cost", "learned"],
            ["*", "each_cost", "number"],
            "subscription",
        ],
        "difference": ["-", ["at", "way", "build", "cost"], ["at", "way", "buy", "cost"]],
    }
