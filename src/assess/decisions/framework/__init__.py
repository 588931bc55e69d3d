"""Which integration style fits each integration, why, and how surely."""

from .fitting import fit
from .result import (
    ConstraintCheck,
    Framework,
    InputFlip,
    IntegrationFit,
    ScoreDifference,
    StyleFit,
    Term,
    WeightFlip,
)

__all__ = [
    "ConstraintCheck",
    "Framework",
    "InputFlip",
    "IntegrationFit",
    "ScoreDifference",
    "StyleFit",
    "Term",
    "WeightFlip",
    "fit",
]
