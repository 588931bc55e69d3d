"""What a repair takes, in person-days, from the dated defaults under ``remediation``."""

from __future__ import annotations

from assess.intake.assumptions import Assumptions
from assess.intake.estimate import Estimate
from assess.intake.source import Source


def of_rule(cells: int, proposed: int, assumptions: Assumptions | None = None) -> Estimate:
    """Return the person-days to repair cells of one column by one rule.

    One rule is written, tested and agreed; of the cells for which it proposes a value a share is looked
    at by a person, and all others are corrected by hand:
    ``rule_days + (proposed * by_hand_share + cells - proposed) / records_per_day``.

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
    (0.35, 1.5, 9.5)
    """
    known = assumptions or Assumptions()
    rule, share = known["remediation.rule_days"], known["remediation.by_hand_share"]
    pace = known["remediation.records_per_day"]

    def days(fixed: float, looked_at: float, per_day: float) -> float:
        return round(fixed + (proposed * looked_at + cells - proposed) / per_day, 4)

    return Estimate(
        low=days(rule.low, share.low, pace.high), likely=days(rule.likely, share.likely, pace.likely),
        high=days(rule.high, share.high, pace.low), unit="person-days",
        source=_source("rule", rule, share, pace),
    )  # fmt: skip


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
