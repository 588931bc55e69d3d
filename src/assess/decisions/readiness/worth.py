"""What closing a gap is worth: the cost model run again without the shifts of one practice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.decisions.shift import Shift

from .result import Readiness, Worth

Value = Callable[[Sequence[Shift]], float]
"""Expected cost of the programme under some shifts, in the engagement's currency."""


def price(result: Readiness, value: Value, day_rate: Estimate, currency: str = "EUR") -> tuple[Worth, ...]:
    """Price every practice that moves the cost model, the one with the highest net value first.

    The value of closing practice j is ``C(all shifts) - C(all shifts but those of j)``, once with likely,
    once with low and once with high factors. Values of several practices don't add up where they move the
    same parameter; `joint` gives what all together are worth.

    Parameters
    ----------
    value
        The cost model as a pure function of the shifts.
    day_rate
        Money of one person-day.
    """
    ends = (result.shifts_low, result.shifts, result.shifts_high)
    base = [value(shifts) for shifts in ends]
    found = []
    for practice in result.practices:
        own = f"readiness/{practice.id}"
        if not any(shift.id == own for shifts in ends for shift in shifts):
            continue
        saved = sorted(
            cost - value([shift for shift in shifts if shift.id != own])
            for cost, shifts in zip(base, ends, strict=True)
        )
        source = Source(
            kind="calculation",
            place=f"readiness/{practice.id}/worth",
            detail="cost model with all shifts less the same without those of this practice",
            of=tuple(dict.fromkeys(source.id for source in practice.sources)),
        )
        worth = Estimate(low=saved[0], likely=saved[1], high=saved[2], unit=currency, source=source)
        cost = _product(practice.days, day_rate, currency, source)
        found.append(Worth(practice=practice.id, value=worth, cost=cost, net=worth.likely - cost.likely))
    return tuple(sorted(found, key=lambda item: (-item.net, item.practice)))


def joint(result: Readiness, value: Value) -> float:
    """Return what closing every gap together is worth: ``C(all shifts) - C(none)``."""
    return value(result.shifts) - value(())


def _product(days: Estimate, rate: Estimate, currency: str, source: Source) -> Estimate:
    return Estimate(
        low=days.low * rate.low,
        likely=days.likely * rate.likely,
        high=days.high * rate.high,
        unit=currency,
        source=source,
    )
