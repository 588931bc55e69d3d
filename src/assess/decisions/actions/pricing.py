"""The cost model as a pure function of what is open and what is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assess.core.finding import Finding
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import sample
from assess.decisions.cost.parameters import STYLES, gather
from assess.decisions.shift import Shift, apply
from assess.intake.engagement import Engagement, Style
from assess.intake.yearly import Yearly

NEARLY_NONE = 1e-9
"""A loss or benefit is scaled to this instead of left out, so that all runs draw the same numbers."""


@dataclass(frozen=True)
class Case:
    """What moves the cost of the programme."""

    shifts: tuple[Shift, ...] = ()
    losses: tuple[Yearly, ...] = ()
    benefits: tuple[Yearly, ...] = ()

    def without_shifts(self, id: str) -> Case:
        """Return the case in which the shifts of one practice are gone."""
        kept = tuple(shift for shift in self.shifts if shift.id != id)
        return Case(kept, self.losses, self.benefits)

    def with_loss(self, id: str, factor: float) -> Case:
        """Return the case in which a loss is multiplied."""
        return Case(self.shifts, _scaled(self.losses, {id}, factor), self.benefits)

    def with_benefit(self, benefit: Yearly) -> Case:
        """Return the case in which a benefit comes that was `possible` only."""
        known = tuple(benefit if item.id == benefit.id else item for item in self.benefits)
        return Case(self.shifts, self.losses, known)

    def without_benefits(self, ids: Sequence[str]) -> Case:
        """Return the case in which some benefits do not come."""
        return Case(self.shifts, self.losses, _scaled(self.benefits, set(ids), 0.0))


def possible(benefits: Sequence[Yearly]) -> tuple[Yearly, ...]:
    """Return benefits that do not come yet: so small that they count for nothing, so that all runs draw the same."""
    return _scaled(benefits, {item.id for item in benefits}, 0.0)


def _scaled(items: Sequence[Yearly], ids: set[str], factor: float) -> tuple[Yearly, ...]:
    by = max(factor, NEARLY_NONE)
    return tuple(
        item.model_copy(update={"per_year": item.per_year.scaled(by)}) if item.id in ids else item
        for item in items
    )


def pricer(
    engagement: Engagement,
    assignment: Mapping[str, Style],
    remediation: Sequence[Finding] = (),
    *,
    draws: int = 400,
    seed: int = 7,
) -> Callable[[Case], float]:
    """Return the expected present value of an assignment as a function of the case.

    All cases see the same drawn futures, so that a difference is the effect of the gap alone.

    Raises
    ------
    assess.decisions.cost.money.MissingRate
        When called, if no exchange rate is known for a price.
    assess.decisions.cost.billing.PlanEnds
        When called, if the price plan of a style ends below the volume.
    """
    used = set(assignment.values())
    styles = [style for style in STYLES if style in used]
    known: dict[str, float] = {}

    def value(case: Case) -> float:
        key = repr((
            [(shift.parameter, shift.factor) for shift in case.shifts],
            [(item.id, item.per_year.low, item.per_year.likely, item.per_year.high) for item in case.losses],
            [(item.id, item.per_year.low, item.per_year.likely, item.per_year.high) for item in case.benefits],
        ))  # fmt: skip
        if key not in known:
            terms = gather(
                apply(engagement, case.shifts), styles=styles, plans=None, remediation=remediation,
                benefits=case.benefits, losses=case.losses,
            )  # fmt: skip
            known[key] = float(cash_flows(terms, sample(terms, draws, seed), assignment).npv.mean())
        return known[key]

    return value
