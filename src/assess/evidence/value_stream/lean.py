"""The arithmetic of value stream maps: takt, inventory in days, capacity, activity ratio, Little's law."""

from __future__ import annotations

import math
from collections.abc import Iterable


def takt(available: float, demand: float) -> float:
    """Return the takt: available working time divided by demand in that time (Rother & Shook 1999).

    >>> takt(available=2 * 27_600, demand=920)
    60.0
    """
    return available / demand


def days_of_inventory(pieces: float, daily_demand: float) -> float:
    """Return how many days an inventory lasts (Rother & Shook 1999).

    >>> round(days_of_inventory(7_000, 920), 1)
    7.6
    """
    return pieces / daily_demand


def capacity(available: float, cycle: float, uptime: float = 1.0) -> float:
    """Return pieces in the available time at a cycle time and uptime (Rother & Shook 1999).

    >>> int(capacity(27_600, 46, uptime=0.8))
    480
    """
    return available * uptime / cycle


def lead_time(work_in_process: float, throughput: float) -> float:
    """Return Little's law, lead time = work in process / throughput (Little 1961).

    >>> lead_time(work_in_process=50, throughput=2)
    25.0
    """
    return work_in_process / throughput


def activity_ratio(process: float, lead: float) -> float | None:
    """Return process time on the critical path / lead time (Martin & Osterling 2013); None for no lead time.

    >>> activity_ratio(13.5, 54)
    0.25
    """
    return process / lead if lead > 0 else None


def rolled(shares: Iterable[float]) -> float:
    """Return rolled %C&A, the product of the steps' shares (Martin & Osterling 2013).

    >>> round(rolled([0.8, 0.7, 0.9, 0.6, 0.75, 0.95]), 3)
    0.215
    """
    return math.prod(shares)
