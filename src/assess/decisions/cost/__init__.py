"""What each option costs over its life, how sure that is, and what is worth finding out before signing."""

from .allocation import Allocation, per_integration
from .estimation import estimate
from .parameters import Inputs
from .result import CashLine, OptionCost, Pilot, PlanPrice, Quantiles, Question, Swing, TotalCost

__all__ = [
    "Allocation",
    "CashLine",
    "Inputs",
    "OptionCost",
    "Pilot",
    "PlanPrice",
    "Quantiles",
    "Question",
    "Swing",
    "TotalCost",
    "estimate",
    "per_integration",
]
