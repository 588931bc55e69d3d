"""Build or buy: from how many integrations on a platform is cheaper, and which integrations to build by hand."""

from .comparison import decide
from .result import BuildOrBuy, Criterion, Crossing, Curve, Verdict

__all__ = ["BuildOrBuy", "Criterion", "Crossing", "Curve", "Verdict", "decide"]
