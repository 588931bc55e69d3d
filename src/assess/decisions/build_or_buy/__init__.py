"""Build or buy: from how many integrations on a platform is cheaper, and which integrations to build by hand."""

from .comparison import decide
from .result import BuildOrBuy, BuildOrBuyVerdict, Crossing, CrossoverCriterion, Curve

__all__ = ["BuildOrBuy", "BuildOrBuyVerdict", "Crossing", "CrossoverCriterion", "Curve", "decide"]
