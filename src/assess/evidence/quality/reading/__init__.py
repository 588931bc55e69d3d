"""Reading tables as text: what was found, what was decided, and the texts in the order of their rows."""

from .reading import Reading, UnreadableTable
from .store import Store, Workplace

__all__ = ["Reading", "Store", "UnreadableTable", "Workplace"]
