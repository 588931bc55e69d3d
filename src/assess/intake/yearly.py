"""An amount of money that comes every year: a benefit, or an expected loss."""

from __future__ import annotations

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
    """

    id: str
    label: str
    per_year: Estimate
    integrations: tuple[str, ...] = ()
    styles: tuple[Style, ...] = ()
