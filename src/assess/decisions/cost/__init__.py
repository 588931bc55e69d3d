"""What each option costs over its life, how sure that is, and what is worth finding out before signing."""

from .allocation import Allocation, per_integration
from .estimation import estimate
from .parameters import Inputs
from .result import CashLine, OpenQuestion, OptionCost, Pilot, PlanPrice, Quantiles, Swing, TotalCost

__all__ = [
    "Allocation",
    "CashLine",
    "Inputs",
    "OpenQuestion",
    "OptionCost",
    "Pilot",
    "PlanPrice",
    "Quantiles",
    "Swing",
    "TotalCost",
    "estimate",
    "per_integration",
]
