"""What each option costs over its life, how sure that is, and what is worth finding out before signing."""

from .estimation import estimate
from .parameters import Inputs
from .result import CashLine, OpenQuestion, OptionCost, Pilot, Quantiles, Swing, TotalCost

__all__ = [
    "CashLine",
    "Inputs",
    "OpenQuestion",
    "OptionCost",
    "Pilot",
    "Quantiles",
    "Swing",
    "TotalCost",
    "estimate",
]
