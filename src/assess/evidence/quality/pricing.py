"""What a repair costs: its work, priced by the dated defaults, and what cells of a sample stand for."""

from __future__ import annotations

from bisect import bisect_left
from typing import Literal, TypedDict

from assess.core.estimate import Estimate
from assess.core.record import Record
from assess.core.source import Source
from assess.intake.assumptions import Assumptions


class RepairWork(Record):
    """What the repair of one finding consists of; its price follows from the dated defaults.

    Parameters
    ----------
    kind
        ``rule_work``: cells are repaired by a rule. ``definition``: two owners agree on one definition and map it.
    cells, proposed
        Of a rule: cells to repair, and those whose right value the rule knows.
    """

    kind: Literal["rule", "definition"]
    cells: int = 0
    proposed: int = 0


def rule_work(cells: int, proposed: int) -> RepairWork:
    """Return the work of repairing cells of one column by one rule."""
    return RepairWork(kind="rule", cells=cells, proposed=proposed)


DEFINITION = RepairWork(kind="definition")
"""The work of agreeing one definition between two owners and mapping it."""
TRANSFORM = RepairWork(kind="rule")
"""The work of a rule that leaves no choice, such as another unit or normal form: it is tested, and no cell is looked at."""


def price_work(work: RepairWork, assumptions: Assumptions | None = None) -> Estimate:
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
    >>> effort = price_work(rule_work(1500, 1500))
    >>> (effort.low, effort.likely, effort.high)
    (0.35, 1.3333, 4.0833)
    >>> price_work(DEFINITION).likely
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


class PricedRepair(TypedDict):
    """The fields of a finding that say what its repair takes."""

    work: RepairWork
    effort: Estimate


def price_fields(work: RepairWork, assumptions: Assumptions | None) -> PricedRepair:
    """Return the fields of a finding that say what its repair takes."""
    return {"work": work, "effort": price_work(work, assumptions)}


NORMAL_80 = 1.2816
"""Quantile of the normal distribution that leaves a tenth above it."""


def share_interval(seen: int, drawn: int) -> tuple[float, float]:
    """Return the 80 % interval of a share that a sample shows (Wilson 1927).

    >>> [round(limit, 4) for limit in share_interval(50, 1000)]
    [0.0419, 0.0596]
    """
    share, z = seen / drawn, NORMAL_80**2
    middle = share + z / (2 * drawn)
    half = NORMAL_80 * ((share * (1 - share) + z / (4 * drawn)) / drawn) ** 0.5
    return max((middle - half) / (1 + z / drawn), 0.0), min((middle + half) / (1 + z / drawn), 1.0)


def scale_cells(
    seen: int, proposed: int, drawn: int, rows: int, assumptions: Assumptions | None
) -> tuple[int, str, PricedRepair]:
    """Say what cells of a sample stand for: how many there are in all, how sure that is, and what their repair takes.

    Parameters
    ----------
    seen, proposed
        Cells seen, and those of them for which a value is proposed.
    drawn, rows
        Rows drawn, and rows of the table.
    assumptions
        The engagement's, for the price.

    Returns
    -------
    tuple
        Cells in all, a sentence with the 80 % interval (empty where all rows were drawn), and the price.
    """
    if drawn >= rows:
        return seen, "", price_fields(rule_work(seen, proposed), assumptions)
    share = seen / max(drawn, 1)
    low, high = (round(limit * rows) for limit in share_interval(seen, max(drawn, 1)))
    told = round(share * rows)
    ratio = proposed / seen if seen else 0.0
    some, most = (price_work(rule_work(n, round(n * ratio)), assumptions) for n in (low, high))
    priced = price_fields(rule_work(told, round(told * ratio)), assumptions)
    priced["effort"] = priced["effort"].model_copy(update={"low": some.low, "high": most.high})
    return (
        told,
        f"Seen in {seen:,} of {drawn:,} rows drawn; of all {rows:,} it is {low:,} to {high:,} (80 %).",
        priced,
    )
