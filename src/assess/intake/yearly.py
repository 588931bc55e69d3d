"""An amount of money that comes every year: a benefit, or an expected loss."""

from __future__ import annotations

from typing import Literal

from assess.core.estimate import Estimate
from assess.core.record import Record

from .engagement.landscape import Style


class Yearly(Record):
    """What the value stream or a risk is worth a year; it becomes a line of its own in the cost model.

    Parameters
    ----------
    id
        Stable name, such as ``benefit/step-7/reentry``.
    per_year
        Amount a year in the engagement's currency, positive both for a benefit and for a loss,
        with its source.
    integrations
        The integrations that bring the benefit or carry the risk; empty means the programme as a whole.
    styles
        The styles to which it applies; empty means all.
    kind
        Of a benefit: ``cashable`` where money stays in the bank, ``capacity`` where people get hours for other work, which
        is money only if fewer are paid (HM Treasury 2022, Green Book: cash-releasing against non-cash-releasing).
    saves
        Of a benefit: what it is before its price, hours a year or days of a case.
    needed_seconds, today_seconds
        Of a benefit: age of the data at which it comes in full, and age today, at which none of it comes; None where its
        integration states no latency, or its steps no wait.
    limited_by
        Of a benefit: id of the goal whose stated baseline limits it, empty for none.
    """

    id: str
    label: str
    per_year: Estimate
    integrations: tuple[str, ...] = ()
    styles: tuple[Style, ...] = ()
    kind: Literal["", "cashable", "capacity"] = ""
    saves: Estimate | None = None
    needed_seconds: float | None = None
    today_seconds: float | None = None
    limited_by: str = ""
