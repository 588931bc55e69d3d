"""Present values by the discount factor of the cost model's own graph, for published cases of yearly flows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assess.core.formula_evaluation import Evaluation, Formulas
from assess.core.grids import single as number
from assess.decisions.cost.model import cost_graph


def factors(rate: float, years: int) -> NDArray[np.float64]:
    """Discount factors at the end of years 0, 1, 2, ..., shape ``(years + 1,)``."""
    formulas = Formulas({"real_factor": cost_graph({}, 1).nodes["real_factor"].form})
    found = Evaluation(formulas, {"discount": number(rate)}, {"month": range(12 * years)})
    return np.append(1.0, found["real_factor"].data[11::12]) if years else np.ones(1)


def npv(rate: float, flows: Sequence[float]) -> float:
    """Present value of flows at times 0, 1, 2, ..."""
    return float(factors(rate, len(flows) - 1) @ np.asarray(flows, dtype=np.float64))


def single(rate: float, amount: float, year: int) -> float:
    """Present value of one amount at the end of a year (SPV of NIST Handbook 135)."""
    return float(amount * factors(rate, year)[-1])
