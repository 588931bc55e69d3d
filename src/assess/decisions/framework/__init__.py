"""Which integration style fits each integration, why, how surely, and which styles to adopt together."""

from .fitting import StyleCosts, fit
from .result import (
    Adoption,
    Check,
    Framework,
    Gap,
    InputFlip,
    IntegrationFit,
    Portfolio,
    StyleFit,
    Term,
    WeightFlip,
)

__all__ = [
    "Adoption",
    "Check",
    "Framework",
    "Gap",
    "InputFlip",
    "IntegrationFit",
    "Portfolio",
    "StyleCosts",
    "StyleFit",
    "Term",
    "WeightFlip",
    "fit",
]
