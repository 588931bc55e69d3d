"""Build or buy: from how many integrations on a platform is cheaper, and which integrations to build by hand."""

from .comparison import decide
from .result import BuildOrBuy, Crossing, CrossoverCriterion, Curve

__all__ = ["BuildOrBuy", "Crossing", "CrossoverCriterion", "Curve", "decide"]
