"""Whether consumers of one version of a contract can go on with the next."""

from .change import Certainty, Change, Compatibility, CompatibilityVerdict, Side
from .comparing import between, compare

__all__ = ["Certainty", "Change", "Compatibility", "CompatibilityVerdict", "Side", "between", "compare"]
