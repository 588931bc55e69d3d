"""What is worth finding out before signing, and for how much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assess.intake.engagement import Engagement

from .draws import Draws, features, names_of
from .information import partial_information, perfect_information
from .parameters import QUESTIONS, Terms
from .result import Pilot, Question
from .shapley import effects

Floats = NDArray[np.float64]

PILOT = ("effort", "overrun", "skills")
"""Questions that building one integration in two weeks answers in part."""


def questions(terms: Terms, draws: Draws, costs: Floats, best: int) -> tuple[Question, ...]:
    """Return every question with its EVPPI and its share of the best option's variance.

    Parameters
    ----------
    costs
        Present values, shape ``(draws, options)``.
    best
        Column of the recommended option.
    """
    known = features(terms, draws)
    ceiling = perfect_information(costs)
    shares = effects(costs[:, best], known)
    names = names_of(terms, tuple(known))
    found = [
        Question(
            id=question,
            label=QUESTIONS[question],
            evppi=_round(min(partial_information(costs, columns), ceiling)),
            shapley=_round(shares[question]) if question in shares else None,
            parameters=names[question],
        )
        for question, columns in known.items()
    ]
    return tuple(sorted(found, key=lambda item: (-item.evppi, -(item.shapley or 0.0), item.id)))


def pilot(engagement: Engagement, terms: Terms, draws: Draws, costs: Floats) -> Pilot:
    """Return what the two-week pilot costs, and what its partial answers are worth (EVSI).

    It costs the team's working days; it resolves ``pilot.resolved`` of the variance of effort,
    overrun and productivity.
    """
    known = features(terms, draws)
    asked = tuple(question for question in PILOT if question in known)
    share = engagement.assumptions["pilot.resolved"].likely
    weeks = engagement.assumptions["pilot.weeks"].likely
    parameters = terms.by_name
    people, focus, rate = (
        parameters[key].estimate.likely for key in ("team.people", "team.focus", "team.day_rate")
    )
    worth = (
        partial_information(costs, np.column_stack([known[key] for key in asked]), resolved=share)
        if asked
        else 0.0
    )
    return Pilot(
        cost=_round(people * focus * terms.days_per_week * weeks * rate),
        worth=_round(min(worth, perfect_information(costs))),
        questions=asked,
        resolved=share,
    )


def _round(value: float) -> float:
    return float(f"{value:.10g}")
