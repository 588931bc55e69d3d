"""Whether consumers of one version of a contract can go on with the next."""

from .comparing import between, compare
from .result import Certainty, Change, Compatibility, CompatibilityVerdict, Side

__all__ = ["Certainty", "Change", "Compatibility", "CompatibilityVerdict", "Side", "between", "compare"]
