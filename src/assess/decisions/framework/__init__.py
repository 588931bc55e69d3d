"""Which integration style fits each integration, why, how surely, and which styles to adopt together."""

from .fitting import StyleCosts, fit
from .result import (
    Adoption,
    ConstraintCheck,
    Framework,
    InputFlip,
    IntegrationFit,
    Portfolio,
    ScoreDifference,
    StyleFit,
    Term,
    WeightFlip,
)

__all__ = [
    "Adoption",
    "ConstraintCheck",
    "Framework",
    "InputFlip",
    "IntegrationFit",
    "Portfolio",
    "ScoreDifference",
    "StyleCosts",
    "StyleFit",
    "Term",
    "WeightFlip",
    "fit",
]
