"""What the cost model says: options, cash flows, drivers, and the value of finding out more."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import pandas as pd

from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact, Source


class Quantiles(Record):
    """A distribution in seven numbers."""

    mean: float
    p5: float
    p10: float
    p50: float
    p80: float
    p90: float
    p95: float


class CashLine(Record):
    """One line of an option's cash flow.

    Parameters
    ----------
    line, label
        Key of `cashflow.LINES` and its words.
    years
        Mean flow at the start and in each year, not discounted, in the engagement's money; costs are
        positive, benefits negative.
    present_value
        Mean present value.
    of
        Ids of the sources that it was computed from.
    note
        Why it is zero, where it is.
    """

    line: str
    label: str
    years: tuple[float, ...]
    present_value: float
    of: tuple[str, ...] = ()
    note: str = ""


class OptionCost(Record):
    """What one option costs.

    Parameters
    ----------
    npv
        Present value of all costs less benefits over the horizon.
    spent
        Payments until all integrations run, not discounted: what a budget has to hold.
    annual
        The equal yearly amount that is worth the same.
    likely
        Present value when every parameter has its likely value, the overrun its median.
    cheapest
        Share of the draws in which it is the cheapest.
    regret
        Mean of what it costs more than the option that turns out cheapest.
    cvar95
        Mean of the worst 5 % of present values.
    fan
        P10, P50 and P90 of the cumulative present value at the start and after each year.
    running_gain
        Mean, P10 and P90 of what it has gained against leaving things as they are, present value at the start and after
        each year; empty where leaving them is no option.
    payback_month
        Month from which the benefits have paid for everything; None with ``payback_note``.
    break_even_month
        Month from which it is cheaper in total than the option with the lowest cost in the first
        year; None for that option itself, and where it stays dearer.
    months_to_build
        Months that the team needs to build everything: P10, P50, P90.
    within_budget
        Share of the futures in which ``spent`` is within the budget; None without one.
    """

    id: str
    label: str
    assignment: dict[str, str]
    npv: Quantiles
    spent: Quantiles
    annual: Quantiles
    likely: float
    lines: tuple[CashLine, ...]
    cheapest: float
    regret: float
    cvar95: float
    fan: tuple[tuple[float, float, float], ...]
    running_gain: tuple[tuple[float, float, float], ...] = ()
    payback_month: int | None
    payback_note: str = ""
    break_even_month: int | None
    months_to_build: tuple[float, float, float]
    within_budget: float | None = None


class Swing(Record):
    """What one parameter does alone: everything else at its likely value (tornado).

    Parameters
    ----------
    low, high
        Its P10 and P90; of a family, the factors on all its members together.
    cost_low, cost_high
        Present value of each option at these values.
    spent_low, spent_high
        What each option takes until all runs at these values.
    """

    parameter: str
    label: str
    unit: str = ""
    low: float
    high: float
    cost_low: dict[str, float]
    cost_high: dict[str, float]
    spent_low: dict[str, float] = {}
    spent_high: dict[str, float] = {}
    elicited: bool = False
    sources: tuple[Source, ...] = ()

    def span(self, option: str) -> float:
        """Return how far the cost of an option moves."""
        return abs(self.cost_high[option] - self.cost_low[option])


class GainSwing(NamedTuple):
    """What one parameter alone does to the gain of the recommended option: gain at its low, at likely and at its high."""

    swing: Swing
    low: float
    likely: float
    high: float


class OpenQuestion(Record):
    """A question that could be answered before signing, and what the answer is worth.

    Parameters
    ----------
    evppi
        The most that a full answer is worth, in the engagement's currency.
    shapley
        Share of the variance of the recommended option's cost that it causes (Shapley effect).
    parameters
        The parameters that it is about.
    """

    id: str
    label: str
    evppi: float
    shapley: float | None = None
    parameters: tuple[str, ...] = ()


class Pilot(Record):
    """The two-week pilot: what it would cost, and what it is worth for the choice (EVSI)."""

    cost: float
    worth: float
    questions: tuple[str, ...]
    resolved: float


class Excluded(Record):
    """An option that could not be priced, and why."""

    option: str
    reason: str


class TotalCost(Record):
    """The answer of the cost model.

    Parameters
    ----------
    best
        The option that the decision recommends; without a decision the one with the lowest mean of the present value.
        None where nothing was assessed.
    budget
        As the client states it; None where it does not.
    evpi
        What knowing everything before deciding is worth.
    correlation_moved
        Largest change of a correlation that made the matrix consistent; 0 where it was.
    """

    currency: str
    money: str
    discount_rate: float
    inflation: float
    horizon_years: int
    draws: int
    seed: int
    budget: float | None = None
    best: str | None
    options: tuple[OptionCost, ...] = ()
    swings: tuple[Swing, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    evpi: float | None = None
    pilot: Pilot | None = None
    excluded: tuple[Excluded, ...] = ()
    correlation_moved: float = 0.0
    overridden: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()
    sources: tuple[Source, ...] = ()

    def option(self, id: str) -> OptionCost:
        """Return one option.

        Raises
        ------
        KeyError
            If there is none of this id.
        """
        return {option.id: option for option in self.options}[id]

    @property
    def table(self) -> pd.DataFrame:
        """One row an option: present value, range, chance of being cheapest, regret, tail."""
        return pd.DataFrame(
            [
                {
                    "option": option.label,
                    "npv_p10": option.npv.p10,
                    "npv_p50": option.npv.p50,
                    "npv_p80": option.npv.p80,
                    "npv_p90": option.npv.p90,
                    "npv_mean": option.npv.mean,
                    "annual_p50": option.annual.p50,
                    "likely": option.likely,
                    "cheapest": option.cheapest,
                    "regret": option.regret,
                    "cvar95": option.cvar95,
                    "payback_month": option.payback_month,
                    "break_even_month": option.break_even_month,
                }
                for option in self.options
            ]
        )

    def gain_swings(self, standing: str, also: Collection[str] = ()) -> list[GainSwing]:
        """Return what each parameter alone does to the gain of the best option, the widest first; those that do nothing are left out.

        Parameters
        ----------
        standing
            Id of the option that leaves things as they are; where it has no price the gain is counted from zero.
        also
            Parameters that stay though they do nothing to it: they can put another option first.
        """
        best = next((option for option in self.options if option.id == self.best), None)
        if best is None:
            return []
        still = next((option.likely for option in self.options if option.id == standing), 0.0)
        moved = [
            GainSwing(
                swing,
                swing.cost_low.get(standing, 0.0) - swing.cost_low[best.id],
                still - best.likely,
                swing.cost_high.get(standing, 0.0) - swing.cost_high[best.id],
            )
            for swing in self.swings
        ]
        moved.sort(key=lambda row: (-abs(row.high - row.low), row.swing.parameter))
        return [row for row in moved if row.low != row.high or row.swing.parameter in also]
