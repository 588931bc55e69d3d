"""The one decision: keep, retire, build or buy, in which style, on which platform, for how much, and how sure."""

from .deciding import decide, list_options, option_inputs
from .platforms import PlanBill, PlatformAnswer, Platforms, compare_platforms, count_bought
from .result import (
    RECOMMENDED,
    STANDING,
    Bridge,
    Decision,
    Gain,
    IntegrationDecision,
    PricedOption,
    Rival,
    StyleUse,
    Verdict,
    WorthQuestion,
)

__all__ = [
    "RECOMMENDED",
    "STANDING",
    "Bridge",
    "Decision",
    "Gain",
    "IntegrationDecision",
    "PlanBill",
    "PlatformAnswer",
    "Platforms",
    "PricedOption",
    "Rival",
    "StyleUse",
    "Verdict",
    "WorthQuestion",
    "compare_platforms",
    "count_bought",
    "decide",
    "list_options",
    "option_inputs",
]
