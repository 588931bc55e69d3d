"""What framework fit says: styles with their constraints, terms and ranks."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact
from assess.intake.engagement.landscape import NATIVE, STYLE_NAMES, Style

State = Literal["feasible", "open", "excluded"]
"""``open``: nothing known excludes the style, but a constraint could not be tested for want of an answer."""


class ConstraintCheck(Record):
    """One hard constraint held against one style.

    Parameters
    ----------
    passed
        None where the answer that would decide is missing.
    slack
        Distance to the limit in ``unit``, negative where the constraint is broken; None where it
        can't be measured.
    feasible_if
        What would have to change, for a constraint that is broken or could not be tested.
    of
        Ids of the sources that it was judged by.
    """

    constraint: str
    passed: bool | None
    reason: str
    slack: float | None = None
    unit: str = ""
    feasible_if: str = ""
    of: tuple[str, ...] = ()


class Term(Record):
    """One criterion's part of a score.

    Parameters
    ----------
    level
        What is known about the integration, in words; ``not stated`` where nothing is.
    weight
        Normalised swing weight, share of 1.
    value
        From 0 (worst of the fixed scale) to 1 (best); the style's worst value where nothing is stated.
    low, high
        Range of the value over the answer's interval, or over every possible answer where it is missing.
    of
        Ids of the sources of answer, value and weight.
    """

    criterion: str
    level: str
    stated: bool
    weight: float
    value: float
    low: float
    high: float
    of: tuple[str, ...] = ()


class ScoreDifference(Record):
    """One criterion's part of the difference between two styles: ``weight * (value - other)``."""

    criterion: str
    weight: float
    value: float
    other: float
    difference: float


class StyleFit(Record):
    """How one style fits one integration."""

    style: Style
    state: State
    score: float
    low: float
    high: float
    terms: tuple[Term, ...]
    checks: tuple[ConstraintCheck, ...]
    warnings: tuple[str, ...] = ()

    @property
    def exclusions(self) -> tuple[ConstraintCheck, ...]:
        """The constraints that are broken."""
        return tuple(check for check in self.checks if check.passed is False)

    @property
    def untested(self) -> tuple[ConstraintCheck, ...]:
        """The constraints that could not be tested."""
        return tuple(check for check in self.checks if check.passed is None)


class WeightFlip(Record):
    """The smallest change of the weights that puts another style first.

    Parameters
    ----------
    to
        The style that would then be level with the winner.
    moved
        Share of the total weight that has to move from some criteria to others
        (half the L1 distance between the two weight vectors).
    weights
        The nearest weights with that tie.
    criterion
        The single criterion whose weight alone, the others keeping their proportions, flips the
        winner with the least change; None where no single one does.
    """

    to: Style
    moved: float
    weights: dict[str, float]
    criterion: str | None = None


class InputFlip(Record):
    """The smallest change of one input that puts another style first.

    Parameters
    ----------
    was
        The present answer, None where it is missing.
    becomes
        The answer from which on another style leads.
    distance
        Size of the change as a share of the criterion's fixed scale.
    """

    criterion: str
    was: float | str | None
    becomes: float | str
    unit: str
    to: Style | None
    distance: float


class IntegrationFit(Record):
    """All styles for one integration, best first.

    Parameters
    ----------
    settled
        Whether the winner stays first whatever the missing answers and the intervals turn out to be.
    shares_stated, shares_simplex
        Share of weight vectors in which each candidate ranks first: drawn around the stated
        weights, and over the whole simplex.
    would_have_to_change
        Where no style is feasible: what would open one, the nearest style first.
    """

    integration: str
    label: str
    styles: tuple[StyleFit, ...]
    winner: Style | None
    runner_up: Style | None
    margin: float | None
    settled: bool
    shares_stated: dict[Style, float] = {}
    shares_simplex: dict[Style, float] = {}
    weight_flip: WeightFlip | None = None
    input_flip: InputFlip | None = None
    would_have_to_change: tuple[str, ...] = ()

    @property
    def candidates(self) -> tuple[Style, ...]:
        """The winner and the styles that compete with it, best first.

        These are the feasible styles; where there is none, the open ones.
        """
        best = self.styles[0].state
        return () if best == "excluded" else tuple(s.style for s in self.styles if s.state == best)

    def style(self, style: Style) -> StyleFit:
        """Return one style's fit.

        Raises
        ------
        KeyError
            If there is no such style.
        """
        return {fit.style: fit for fit in self.styles}[style]

    def explain(self, style: Style, other: Style) -> tuple[ScoreDifference, ...]:
        """Return the terms of ``score(style) - score(other)``, the largest first; they sum to the gap."""
        pairs = zip(self.style(style).terms, self.style(other).terms, strict=True)
        gaps = [
            ScoreDifference(
                criterion=a.criterion,
                weight=a.weight,
                value=a.value,
                other=b.value,
                difference=a.weight * (a.value - b.value),
            )
            for a, b in pairs
        ]
        return tuple(sorted(gaps, key=lambda gap: (-abs(gap.difference), gap.criterion)))


class Framework(Record):
    """Which style fits each integration, why, and how surely."""

    weights: dict[str, float]
    integrations: tuple[IntegrationFit, ...]
    draws: int
    seed: int
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row an integration: winner, score and interval, runner-up, margin, robustness."""
        return pd.DataFrame([_row(fit) for fit in self.integrations], columns=_COLUMNS)

    @property
    def in_question(self) -> tuple[Style, ...]:
        """The styles to show: a native connector only where some pair has one."""
        native = any(fit.style(NATIVE).state != "excluded" for fit in self.integrations)
        return tuple(style for style in STYLE_NAMES if native or style != NATIVE)

    def integration(self, id: str) -> IntegrationFit:
        """Return the fit of one integration.

        Raises
        ------
        KeyError
            If there is none.
        """
        return {fit.integration: fit for fit in self.integrations}[id]


_COLUMNS = [
    "integration", "label", "winner", "score", "low", "high", "runner_up", "margin",
    "first_around_stated", "first_anywhere", "settled",
]  # fmt: skip


def _row(fit: IntegrationFit) -> tuple[object, ...]:
    best = None if fit.winner is None else fit.style(fit.winner)
    return (
        fit.integration,
        fit.label,
        fit.winner,
        best and best.score,
        best and best.low,
        best and best.high,
        fit.runner_up,
        fit.margin,
        None if fit.winner is None else fit.shares_stated[fit.winner],
        None if fit.winner is None else fit.shares_simplex[fit.winner],
        fit.settled,
    )
