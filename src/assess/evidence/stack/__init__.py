"""The integration stack: gateway, broker, orchestration and the rest; what is needed, there, missing, or paid for in vain."""

from .result import Part, PartNeed, PartState, Stack, State, needs, parts
from .review import review

__all__ = ["Part", "PartNeed", "PartState", "Stack", "State", "needs", "parts", "review"]
