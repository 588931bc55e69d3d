"""What threatens the plan: risks, their yearly loss, what reduces it, and what to do with wishes."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact, Source
from assess.intake.engagement.landscape import Style, Yearly

from .losses import Severity


class Influence(Record):
    """Evidence that raises (above 1) or lowers (below 1) how often a risk strikes."""

    factor: float
    because: str
    sources: tuple[Source, ...]


class Mitigation(Record):
    """What would reduce a risk, and whether it pays.

    Parameters
    ----------
    cost
        Paid once.
    running_per_year, running
        What keeping it up costs a year, and its present value over the horizon.
    effect
        Share of the expected loss that it removes.
    saved
        Present value over the horizon of what the annualised loss falls by.
    net
        ``saved`` less ``cost`` and ``running``.
    """

    text: str
    cost: float
    running_per_year: float
    running: float
    effect: float
    saved: float
    net: float


class RiskItem(Record):
    """One risk.

    Parameters
    ----------
    stated
        Whether the client states it; otherwise it is one of the article's four with dated defaults.
    frequency
        Events a year as they count: measured, or stated, or a default after the influences; ``stated_frequency`` is what
        was stated or assumed before.
    measured
        What was counted, in words; empty where the frequency is not measured.
    annual
        Annualised loss expectancy at the low, likely and high frequency, where all that it concerns has a style that it
        threatens; its PERT mean times ``share`` is the ALE.
    held_by
        Line of the cost model that holds this loss already, so that it isn't counted twice; empty if none.
    priced
        Part of ``annual`` that the line of expected failures of the cost model prices already, a year.
    share
        Part of its integrations (of all where it names none) that run in a style that it threatens, as decided; 1 where
        it threatens all styles, or nothing is decided.
    """

    id: str
    name: str
    category: str
    stated: bool
    stated_frequency: Estimate
    frequency: Estimate
    measured: str = ""
    severity: Severity
    annual: Estimate
    influences: tuple[Influence, ...]
    styles: tuple[Style, ...]
    integrations: tuple[str, ...]
    share: float = 1.0
    owner: str
    mitigation: Mitigation | None
    held_by: str
    priced: float = 0.0
    sources: tuple[Source, ...]

    @property
    def ale(self) -> float:
        """Annualised loss expectancy, as decided."""
        return self.annual.mean * self.share


class Exceedance(Record):
    """P(a year brings more than ``loss``), as things are and with every mitigation that pays."""

    loss: float
    before: float
    after: float


class ChangeDecision(Record):
    """What to do with a change request, and why.

    Parameters
    ----------
    cost
        Effort with what the change breaks, in money.
    benefit
        Present value over the horizon; None where nobody stated one.
    gain
        Benefit less cost: P10, mean, P90.
    chance
        P(gain > 0).
    """

    id: str
    title: str
    decision: Literal["include", "defer"]
    reason: str
    effort: Estimate | None
    cost: Estimate | None
    benefit: Estimate | None
    gain: Estimate | None
    chance: float | None
    integration: str
    sources: tuple[Source, ...]


class Risk(Record):
    """What threatens the plan.

    Parameters
    ----------
    items
        The largest annualised loss first.
    curve
        Loss exceedance of a year, all risks together.
    ale, ale_after
        Annualised loss of all risks, as things are and with every mitigation that pays.
    losses
        What goes into the cost model: risks that no other line of it holds.
    """

    items: tuple[RiskItem, ...] = ()
    curve: tuple[Exceedance, ...] = ()
    ale: float | None = None
    ale_after: float | None = None
    p90: float | None = None
    losses: tuple[Yearly, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()

    def item(self, id: str) -> RiskItem:
        """Return one risk.

        Raises
        ------
        KeyError
            If there is none of this id.
        """
        return {item.id: item for item in self.items}[id]

    @property
    def table(self) -> pd.DataFrame:
        """One row per risk."""
        rows = [
            [i.id, i.name, i.category, i.stated, i.frequency.mean, i.severity.mean, i.ale,
             i.mitigation.net if i.mitigation else None, i.held_by, i.owner]
            for i in self.items
        ]  # fmt: skip
        names = ["risk", "name", "category", "stated", "events", "loss", "ale", "net", "held_by", "owner"]
        return pd.DataFrame(rows, columns=names)
