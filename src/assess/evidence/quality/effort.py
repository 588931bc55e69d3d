"""What a repair takes, in person-days, from the dated defaults under ``remediation``."""

from __future__ import annotations

from bisect import bisect_left
from typing import Literal

from assess.core.estimate import Estimate
from assess.core.record import Record
from assess.core.source import Source
from assess.intake.assumptions import Assumptions


class Work(Record):
    """What the repair of one finding consists of; its price follows from the dated defaults.

    Parameters
    ----------
    kind
        ``rule``: cells are repaired by a rule. ``definition``: two owners agree on one definition and map it.
    cells, proposed
        Of a rule: cells to repair, and those whose right value the rule knows.
    """

    kind: Literal["rule", "definition"]
    cells: int = 0
    proposed: int = 0


def rule(cells: int, proposed: int) -> Work:
    """Return the work of repairing cells of one column by one rule."""
    return Work(kind="rule", cells=cells, proposed=proposed)


DEFINITION = Work(kind="definition")
"""The work of agreeing one definition between two owners and mapping it."""


def price(work: Work, assumptions: Assumptions | None = None) -> Estimate:
    """Return the person-days of some work.

    One rule is written, tested and agreed; of the cells for which it proposes a value a share is looked
    at by a person, at most the sample of an acceptance inspection, and all others are corrected by hand:
    ``rule_days + (min(proposed * by_hand_share, inspected(proposed)) + cells - proposed) / records_per_day``.
    A definition takes ``definition_days``.

    Parameters
    ----------
    assumptions
        The engagement's; default the dated defaults.

    Examples
    --------
    >>> effort = price(rule(1500, 1500))
    >>> (effort.low, effort.likely, effort.high)
    (0.35, 1.3333, 4.0833)
    >>> price(DEFINITION).likely
    2.0
    """
    known = assumptions or Assumptions()
    if work.kind == "definition":
        days = known["remediation.definition_days"]
        return Estimate(
            low=days.low, likely=days.likely, high=days.high, unit="person-days", source=_source(work.kind, days)
        )  # fmt: skip
    fixed, share = known["remediation.rule_days"], known["remediation.by_hand_share"]
    pace = known["remediation.records_per_day"]

    def days_of(once: float, looked_at: float, per_day: float) -> float:
        checked = min(work.proposed * looked_at, inspected(work.proposed))
        return round(once + (checked + work.cells - work.proposed) / per_day, 4)

    return Estimate(
        low=days_of(fixed.low, share.low, pace.high), likely=days_of(fixed.likely, share.likely, pace.likely),
        high=days_of(fixed.high, share.high, pace.low), unit="person-days",
        source=_source(work.kind, fixed, share, pace),
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


def _source(term: str, *of: Estimate) -> Source:
    return Source(
        kind="calculation",
        place=f"data_quality/effort/{term}",
        of=tuple(estimate.source.id for estimate in of if estimate.source is not None),
    )
