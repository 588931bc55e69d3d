"""In which order, by when, with whom: increments of two weeks that keep room for maintenance."""

from .capacity import used_up_after
from .plan import plan
from .result import Increment, OperatingModel, Phase, PlanItem, Roadmap, StaffNeed

__all__ = [
    "Increment",
    "OperatingModel",
    "Phase",
    "PlanItem",
    "Roadmap",
    "StaffNeed",
    "plan",
    "used_up_after",
]
