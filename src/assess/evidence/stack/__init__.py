"""The integration stack: gateway, broker, orchestration and the rest; what is needed, there, missing, or paid for in vain."""

from .result import Need, Part, PartState, Stack, State, needs, parts
from .review import review

__all__ = ["Need", "Part", "PartState", "Stack", "State", "needs", "parts", "review"]
