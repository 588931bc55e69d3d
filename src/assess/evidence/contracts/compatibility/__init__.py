"""Whether consumers of one version of a contract can go on with the next."""

from .change import Certainty, Compatibility, CompatibilityVerdict, ContractChange, Side
from .comparing import between, compare

__all__ = [
    "Certainty",
    "Compatibility",
    "CompatibilityVerdict",
    "ContractChange",
    "Side",
    "between",
    "compare",
]
