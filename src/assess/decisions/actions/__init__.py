"""The one ranked list: every gap as an action, valued by the cost model run again with that gap closed."""

from .gaps import CostDrivers, pricer
from .ranking import rank
from .result import Action, Actions, NextStep

__all__ = ["Action", "Actions", "CostDrivers", "NextStep", "pricer", "rank"]
