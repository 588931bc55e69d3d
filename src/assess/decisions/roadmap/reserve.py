"""How long the capacity that is kept for maintenance lasts."""

from __future__ import annotations

SPRINTS = 26
"""Increments of two weeks in a year."""


def used_up_after(maintenance: float, reserve: float = 0.2) -> float:
    """Return the weeks of building at full capacity after which maintenance needs the whole reserve.

    Each increment builds ``1 - reserve`` of the capacity and so adds ``maintenance (1 - reserve) / 26`` of
    it to the upkeep of every later increment: the reserve is used up after
    ``26 reserve / (maintenance (1 - reserve))`` increments, about ``6.5 / m`` at a fifth.

    Parameters
    ----------
    maintenance
        Upkeep a year, as a share of the effort to build; above 0.
    reserve
        Share of the capacity that is kept.

    >>> round(used_up_after(0.22)), round(used_up_after(0.25))
    (59, 52)
    """
    return 2 * SPRINTS * reserve / (maintenance * (1 - reserve))


def wsjf(cost_of_delay: float, size: float) -> float:
    """Return the weighted shortest job first: cost of delay over size (Reinertsen 2009).

    >>> wsjf(100 + 50 + 20, 10), wsjf(80 + 30 + 10, 5)
    (17.0, 24.0)
    """
    return cost_of_delay / max(size, 1e-9)
