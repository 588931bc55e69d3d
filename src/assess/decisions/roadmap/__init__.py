"""In which order, by when, with whom: increments of two weeks that keep room for maintenance."""

from .plan import plan
from .reserve import used_up_after
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
