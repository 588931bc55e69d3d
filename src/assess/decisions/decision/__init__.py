"""The one decision: keep, retire, build or buy, in which style, on which platform, for how much, and how sure."""

from .deciding import decide, list_options, option_inputs
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
    "PricedOption",
    "Rival",
    "StyleUse",
    "Verdict",
    "WorthQuestion",
    "decide",
    "list_options",
    "option_inputs",
]
