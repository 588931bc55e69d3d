"""What each option costs over its life, how sure that is, and what is worth finding out before signing."""

from .allocation import Allocation, per_integration
from .result import CashLine, OptionCost, Pilot, PlanPrice, Quantiles, Question, Swing, TotalCost
from .total import estimate

__all__ = [
    "Allocation",
    "CashLine",
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
