"""The integration stack: gateway, broker, orchestration and the rest; what is needed, there, missing, or paid for in vain."""

from .needs import Need, Part, needs, parts
from .result import PartState, Stack, State
from .reviewing import review

__all__ = ["Need", "Part", "PartState", "Stack", "State", "needs", "parts", "review"]
