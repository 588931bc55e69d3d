"""In which order, by when, with whom: increments of two weeks that keep room for maintenance."""

from .capacity import used_up_after
from .plan import plan
from .result import Increment, Need, OperatingModel, Phase, PlanItem, Roadmap

__all__ = [
    "Increment",
    "Need",
    "OperatingModel",
    "Phase",
    "PlanItem",
    "Roadmap",
    "plan",
    "used_up_after",
]
