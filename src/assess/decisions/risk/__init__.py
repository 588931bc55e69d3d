"""What threatens the plan, what a year of it costs, what pays against it, and what to do with wishes."""

from .changes import decide
from .losses import Severity
from .quantify import quantify
from .result import ChangeDecision, Exceedance, Influence, Mitigation, Risk, RiskItem

__all__ = [
    "ChangeDecision",
    "Exceedance",
    "Influence",
    "Mitigation",
    "Risk",
    "RiskItem",
    "Severity",
    "decide",
    "quantify",
]
