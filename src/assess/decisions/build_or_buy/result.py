"""What the comparison of building and buying says."""

from __future__ import annotations

from typing import Literal

from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact, Source
from assess.decisions.cost.result import Quantiles
from assess.intake.engagement.landscape import Style

Kind = Literal["integrations"]


class Crossing(Record):
    """Where building and buying change places: over integrations, volume or years.

    Parameters
    ----------
    p5, p50, p95
        Of the first change in the draws that have one; None where none has.
    none, several
        Share of the draws without a change, and with more than one.
    to_buy, to_build
        Share of the draws whose first change is towards buying, towards building.
    buy_at_start
        Share of the draws in which buying is the cheaper at the lowest value.
    histogram
        Value and share of all draws whose first change is there.
    limit
        Highest value that was looked at.
    """

    kind: Kind
    label: str
    unit: str
    p5: float | None
    p50: float | None
    p95: float | None
    none: float
    several: float
    to_buy: float
    to_build: float
    buy_at_start: float
    histogram: tuple[tuple[float, float], ...] = ()
    limit: float


class Curve(Record):
    """Present value of building less buying along an axis: mean, P10, P50 and P90 at each value."""

    kind: Kind
    values: tuple[float, ...]
    mean: tuple[float, ...]
    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]


class CrossoverCriterion(Record):
    """One of the four criteria, as a parameter of the cost model.

    Parameters
    ----------
    value
        Its likely value here.
    favours
        ``build`` or ``buy``: what it speaks for if it rises.
    difference_low, difference_high
        Likely present value of building less buying at ``low`` and at ``high``, all else unchanged.
    switch_at
        Value at which building and buying cost the same; None where no value from low to high does.
    """

    id: str
    label: str
    unit: str
    value: float
    low: float
    high: float
    favours: Literal["build", "buy", "neither"]
    difference_low: float
    difference_high: float
    switch_at: float | None
    sources: tuple[Source, ...] = ()


class BuildOrBuy(Record):
    """The answer of the comparison.

    Parameters
    ----------
    integrations
        How many integrations there are.
    buy_share
        Share of the draws in which buying is cheaper for all of them.
    difference
        Present value of building less buying.
    """

    currency: str
    horizon_years: int
    integrations: int
    build_style: Style
    buy_style: Style
    plan: str
    draws: int
    seed: int
    buy_share: float | None
    build: Quantiles | None = None
    buy: Quantiles | None = None
    difference: Quantiles | None = None
    crossings: tuple[Crossing, ...] = ()
    curves: tuple[Curve, ...] = ()
    criteria: tuple[CrossoverCriterion, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()
    sources: tuple[Source, ...] = ()

    def crossing(self, kind: Kind) -> Crossing:
        """Return the crossing over the number of integrations.

        Raises
        ------
        KeyError
            If nothing was assessed.
        """
        return {crossing.kind: crossing for crossing in self.crossings}[kind]
