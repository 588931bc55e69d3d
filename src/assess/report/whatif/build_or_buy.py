"""The build-or-buy what-if: the four criteria as sliders, the likely case as formulas that a page computes."""

from __future__ import annotations

from collections.abc import Mapping

from assess.decisions.build_or_buy.typical import LikelyOptions

from .cost import build_case_model
from .model import Output, Slider, WhatIf

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
        sliders=tuple(_slider(ways, id) for id in SLIDERS),
        outputs=(
            Output(name="npv", label="Present value", unit=ways.currency, best="lowest"),
            Output(name="difference", label="Building less buying", unit=ways.currency),
        ),
        note="The likely case for that many average integrations: nothing is drawn. "
        "Where a price plan ends, there is no present value: ask the vendor.",
    )


def _slider(ways: LikelyOptions, id: str) -> Slider:
    label, unit, low, high, step = SLIDERS[id]
    value = ways.case.inputs[id]
    top = float(len(ways.case.axes["nth"])) if id == "number" else max(high, value)
    return Slider(id=id, label=label, unit=unit, value=value, low=min(low, value), high=top, step=step)
