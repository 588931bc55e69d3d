"""In which order, by when, with whom: increments of two weeks that keep room for maintenance."""

from .plan import plan
from .result import Increment, OperatingModel, Phase, PlanItem, Roadmap, StaffNeed
from .scheduling import used_up_after

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
