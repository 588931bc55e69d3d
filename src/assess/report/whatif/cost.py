"""The cost what-if: the likely case of the cost model as formulas that a page computes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from assess.decisions.cost.likely import LikelyCase
from assess.decisions.cost.moving import futures, move
from assess.decisions.cost.parameters import Terms

from .formulas import Floats, Formula
from .model import Array, Deeper, Output, Slider, Step, WhatIf

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


def what_if(case: LikelyCase, labels: Mapping[str, str]) -> WhatIf:
    """Return the what-if of the total cost.

    Parameters
    ----------
    labels
        Words for the options, by name.
    """
    axes = {name: tuple(values) for name, values in case.axes.items()}
    axes["option"] = tuple(labels.get(name, name) for name in case.axes["option"])
    fixed = " The subscription of plans that end or have a minimum does not follow volume and number here."
    return WhatIf(
        title="What if volume, number, rates, prices and overruns were different?",
        sliders=tuple(_slider(case, id) for id in LABELS),
        axes=axes,
        constants={
            name: Array(axes=on, values=tuple(values.ravel().tolist()))
            for name, (on, values) in case.constants.items()
        },
        formulas=tuple(Step(name=name, formula=formula) for name, formula in formulas(case.money).items()),
        outputs=(
            Output(name="npv", label="Present value", unit=case.currency, best="lowest"),
            Output(name="runaway", label="If delivery runs away", unit=case.currency),
            Output(name="once", label="Before and while building", unit=case.currency),
            Output(name="per_year", label="Equal yearly amount", unit=f"{case.currency}/year"),
        ),
        note=NOTE + (fixed if case.fixed_plans else ""),
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
            Output(name="p10", label="P10", unit=currency),
            Output(name="p50", label="P50", unit=currency),
            Output(name="p90", label="P90", unit=currency),
            Output(name="cheapest", label="Cheapest in", unit="share", best="highest"),
        ),
        compute,
    )


def _slider(case: LikelyCase, id: str) -> Slider:
    value = case.inputs[id]
    label, unit, step, help = LABELS[id]
    if id in ("day_rate", "wage"):
        unit = f"{case.currency}/day" if id == "day_rate" else f"{case.currency}/year"
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
        return 1.0, float(len(case.axes["place"]) * len(case.axes["copy"]))
    if id == "cap":
        return float(case.axes["cap"][0]), float(case.axes["cap"][-1])
    low, high = ENDS[id]
    if id in ("day_rate", "wage"):
        return math.floor(low * case.inputs[id]), max(math.ceil(high * case.inputs[id]), 1)
    return low, high


def formulas(money: str) -> dict[str, Formula]:
    """Return the likely case as formulas, in the order of evaluation (docs/method/cost.md)."""
    return _times() | _members() | _efforts() | _bills() | _totals(money)


def _times() -> dict[str, Formula]:
    """Return the worth of money in each month and year."""
    return {
        "base": ["+", 1, "discount_rate"],
        "nominal": ["*", "base", ["+", 1, "inflation"]],
        "real": ["^", "base", ["-", ["/", ["number", "month"], 12]]],
        "of_month": ["^", "nominal", ["-", ["/", ["number", "month"], 12]]],
        "real_year": ["/", ["sum", "month", ["*", "inside", "real"]], 12],
        "contract_year": ["/", ["sum", "month", ["*", "inside", "of_month"]], 12],
        "live_year": ["/", ["sum", "month", ["*", "inside", "live"]], 12],
        "always": ["sum", "year", "real_year"],
        "while_live": ["/", ["sum", "month", ["*", "live", "real"]], 12],
        "while_built": ["sum", "month", ["*", "spent", "real"]],
    }


def _same(one: Formula, other: Formula) -> Formula:
    return ["*", ["<=", one, other], ["<=", other, one]]


def _members() -> dict[str, Formula]:
    """Return how often each integration is built, in which style, and as the how many-th of it."""
    behind = ["+", ["-", ["floor", "number"], ["number", "place"]], 1]
    before = ["-", ["number", "copy"], 1]
    return {
        "times": ["max", 0, ["ceil", ["/", behind, "places"]]],
        "once_each": ["min", 1, "times"],
        "member": _same("style_of", ["number", "style"]),
        "in_style": ["*", "member", "times"],
        "built": ["sum", "place", "in_style"],
        "used": ["min", 1, "built"],
        "further_styles": ["max", 0, ["-", ["sum", "style", "used"], 1]],
        "all_built": ["max", 1, ["sum", "style", "built"]],
        "together": ["sum", "style", ["*", "member", ["sum", "place", "member"]]],
        "eased": [
            "sum",
            "copy",
            [
                "*",
                ["<=", ["number", "copy"], "times"],
                ["^", ["+", "rank", ["*", before, "together"]], "learning"],
            ],
        ],
        "cover": ["*", "covered", ["sum", "style", ["*", "member", "platform_style"]]],
    }


def _efforts() -> dict[str, Formula]:
    """Return what building, keeping, changing and leaving take, by option and style."""

    def summed(*factors: Formula) -> Formula:
        return ["sum", "place", ["*", "member", *factors]]

    open_part = ["-", 1, "cover"]
    relieved = ["-", 1, ["*", "cover", "abstraction"]]
    priced = ["+", ["*", "plain_days", "day_rate"], "plain_money"]
    runaway = ["sum", "cap", ["*", "overrun_runaway", _same(["number", "cap"], "cap_stop")]]
    work = ["*", "custom", "psi", "overrun"]
    return {
        "planned": ["*", priced, "eased"],
        "custom": ["*", summed("planned", open_part), "factor"],
        "config": ["*", summed("planned", "cover"), "config_share"],
        "hand": summed(priced, "times"),
        "change_days": ["*", summed("changes_each", relieved, "times"), "days_per_change"],
        "cap_stop": ["+", ["floor", ["+", ["-", "cap", "first_cap"], 0.5]], 1],
        "build": ["sum", "style", ["+", ["*", work, "overrun_median"], "config"]],
        "build_runaway": ["sum", "style", ["+", ["*", work, runaway], "config"]],
        "start": ["*", "day_rate", ["+", ["sum", "style", ["*", "used", "start_days"]], "remediation_days"]],
        "upkeep": ["sum", "style", ["+", ["*", "custom", "upkeep_custom"], ["*", "config", "upkeep_config"]]],
        "changes": ["*", "day_rate", ["sum", "style", "change_days"]],
        "platform": [
            "+",
            ["sum", "style", ["*", "used", ["+", "infrastructure", ["*", "posts", "wage"]]]],
            ["*", "coordination", "further_styles"],
        ],
        "exit": ["sum", "year", ["*", ["sum", "style", ["*", "hand", "leaving"]], "real_year"]],
    }


def _bills() -> dict[str, Formula]:
    """Return the subscriptions: what each tier counts in each year, and its price."""
    here = ["*", _same("style_of", "tier_style"), "times"]
    first = ["*", _same("style_of", "tier_style"), "once_each", "new_ends"]
    rise = ["^", ["+", 1, "growth"], ["-", ["number", "year"], 1]]
    stands = ["+", ["sum", "place", ["*", here, "tier_still"]], ["*", "tier_ends", ["sum", "place", first]]]
    follows = ["*", "volume", ["sum", "place", ["*", here, "tier_moving", rise]]]
    return {
        "tier_used": ["min", 1, ["sum", "place", here]],
        "live_tier": ["if", "tier_load", 1, "live_year"],
        "counted": [
            "max",
            ["+", ["*", "tier_month", "tier_used"], ["*", "live_tier", ["+", stands, follows]]],
            ["*", "tier_least", "tier_used"],
        ],
        "billed": [
            "if",
            ["<", 0, "tier_block"],
            ["*", ["ceil", ["-", ["/", "counted", ["max", "tier_block", 1e-9]], 5e-10]], "tier_block"],
            "counted",
        ],
        "in_tier": ["-", ["min", ["max", "billed", "tier_start"], "tier_end"], "tier_start"],
        "bill": ["+", ["*", 12, ["sum", "tier", ["*", "tier_price", "in_tier"]]], "npv_bill_fixed"],
        "raised": ["^", ["+", 1, "uplift"], ["-", ["number", "year"], 1]],
        "subscription": ["sum", "year", ["*", "bill", "raised", "contract_year"]],
    }


def _yearly(kind: str) -> Formula:
    """Return losses or benefits a year: those of named integrations, and those of all by the share of each style."""
    named = ["sum", "place", ["*", f"{kind}_named", "once_each"]]
    return ["+", named, ["/", ["sum", "style", ["*", f"{kind}_general", "built"]], "all_built"]]


def _totals(money: str) -> dict[str, Formula]:
    """Return the present values: of the likely case, and of one in which every delivery runs away."""

    def benefit(build: str) -> Formula:
        duration = ["max", "rollout", ["/", build, ["*", "day_rate", "capacity"]]]
        gained = ["min", 1, ["/", ["number", "month"], duration]]
        return ["*", "benefits", ["/", ["sum", "month", ["*", gained, "real"]], 12]]

    return {
        "losses": _yearly("losses"),
        "benefits": _yearly("benefits"),
        "running": [
            "+",
            ["*", ["+", "upkeep", "changes", "losses"], "while_live"],
            ["*", "platform", "always"],
            "exit",
            "subscription",
        ],
        "once": ["+", "start", ["*", "build", "while_built"]],
        "npv": ["+", "once", "running", ["-", benefit("build")]],
        "runaway": [
            "+",
            "start",
            ["*", "build_runaway", "while_built"],
            "running",
            ["-", benefit("build_runaway")],
        ],
        "yearly_base": "base" if money == "real" else "nominal",
        "annuity": ["sum", "year", ["^", "yearly_base", ["-", ["number", "year"]]]],
        "per_year": ["/", "npv", "annuity"],
    }
