"""What a repair takes, in person-days, from the dated defaults under ``remediation``."""

from __future__ import annotations

from bisect import bisect_left

from assess.intake.assumptions import Assumptions
from assess.intake.estimate import Estimate
from assess.intake.source import Source


def of_rule(cells: int, proposed: int, assumptions: Assumptions | None = None) -> Estimate:
    """Return the person-days to repair cells of one column by one rule.

    One rule is written, tested and agreed; of the cells for which it proposes a value a share is looked
    at by a person, at most the sample of an acceptance inspection, and all others are corrected by hand:
    ``rule_days + (min(proposed * by_hand_share, inspected(proposed)) + cells - proposed) / records_per_day``.

    Parameters
    ----------
    cells
        Cells to repair.
    proposed
        Those whose right value a rule knows.
    assumptions
        The engagement's; default the dated defaults.

    Examples
    --------
    >>> effort = of_rule(1500, 1500)
    >>> (effort.low, effort.likely, effort.high)
    (0.35, 1.3333, 4.0833)
    """
    known = assumptions or Assumptions()
    rule, share = known["remediation.rule_days"], known["remediation.by_hand_share"]
    pace = known["remediation.records_per_day"]

    def days(fixed: float, looked_at: float, per_day: float) -> float:
        checked = min(proposed * looked_at, inspected(proposed))
        return round(fixed + (checked + cells - proposed) / per_day, 4)

    return Estimate(
        low=days(rule.low, share.low, pace.high), likely=days(rule.likely, share.likely, pace.likely),
        high=days(rule.high, share.high, pace.low), unit="person-days",
        source=_source("rule", rule, share, pace),
    )  # fmt: skip


LOTS = (8, 15, 25, 50, 90, 150, 280, 500, 1_200, 3_200, 10_000, 35_000, 150_000, 500_000)
SAMPLES = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1_250)
"""Lot sizes up to which, and samples: ISO 2859-1:1999, general inspection level II, single sampling."""


def inspected(cells: int) -> int:
    """Return how many of the repaired cells an acceptance inspection looks at.

    >>> inspected(10_000), inspected(10_001), inspected(50_000_000)
    (200, 315, 1250)
    """
    return SAMPLES[bisect_left(LOTS, cells)]


def of_definition(assumptions: Assumptions | None = None) -> Estimate:
    """Return the person-days to agree one definition between two owners and to map it.

    >>> of_definition().likely
    2.0
    """
    days = (assumptions or Assumptions())["remediation.definition_days"]
    return Estimate(
        low=days.low,
        likely=days.likely,
        high=days.high,
        unit="person-days",
        source=_source("definition", days),
    )


def _source(term: str, *of: Estimate) -> Source:
    return Source(
        kind="calculation",
        place=f"data_quality/effort/{term}",
        of=tuple(estimate.source.id for estimate in of if estimate.source is not None),
    )
