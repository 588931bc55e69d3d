"""The integration stack: what the chosen styles need, what is there, and what is paid for in vain."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact, Source
from assess.intake.engagement import Component, Style
from assess.intake.yearly import Yearly

State = Literal["in-use", "brought", "planned", "unused", "missing", "not-needed", "unknown"]
"""Of a part. ``in-use``: a product is. ``brought``: a product in use for another part brings it along. ``planned``.
``unused``: one is paid for and nobody uses it. ``missing``: needed, and nothing is there. ``not-needed``: not needed and
not there. ``unknown``: nobody filled in stack.csv."""


class PartState(Record):
    """One part of the stack.

    Parameters
    ----------
    required_by, helpful_for
        Styles among the chosen ones that need it.
    integrations
        How many integrations those styles that require it serve.
    products
        Ids of the products of stack.csv, in its order.
    cost_per_year
        What its products cost a year, retired and planned ones left out; None where nothing is stated.
    priced
        Keys of the cost model's defaults that hold the part already.
    examples
        Products that the field names; no recommendation.
    """

    component: Component
    label: str
    does: str
    state: State
    required_by: tuple[Style, ...] = ()
    helpful_for: tuple[Style, ...] = ()
    integrations: int = 0
    products: tuple[str, ...] = ()
    cost_per_year: Estimate | None = None
    priced: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


class Stack(Record):
    """The integration stack of an engagement.

    Parameters
    ----------
    parts
        Every part, in the order in which the field names them.
    styles
        How many integrations each chosen style serves.
    paid_per_year
        What all products together cost a year, planned ones left out; None where nothing is stated.
    unused_per_year
        What of it is paid for products that nobody uses; None where nothing is stated.
    savings
        What ending each of these would save a year; none for one that a chosen style lacks, for that is to be used.
    """

    parts: tuple[PartState, ...] = ()
    styles: dict[Style, int] = {}
    paid_per_year: Estimate | None = None
    unused_per_year: Estimate | None = None
    savings: tuple[Yearly, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def assessed(self) -> bool:
        """Whether anybody said what is there."""
        return any(part.state != "unknown" for part in self.parts)

    def part(self, component: Component) -> PartState:
        """Return the state of one part.

        Raises
        ------
        KeyError
            If the stack was not reviewed.
        """
        return {part.component: part for part in self.parts}[component]

    @property
    def table(self) -> pd.DataFrame:
        """One row per part; empty cells where nothing is said."""
        return pd.DataFrame([_row(part) for part in self.parts], columns=list(_COLUMNS))


_COLUMNS = (
    "component",
    "state",
    "required_by",
    "helpful_for",
    "products",
    "cost_per_year",
    "priced",
    "examples",
)


def _row(part: PartState) -> dict[str, object]:
    return {
        "component": part.component,
        "state": part.state,
        "required_by": ", ".join(part.required_by),
        "helpful_for": ", ".join(part.helpful_for),
        "products": ", ".join(part.products),
        "cost_per_year": part.cost_per_year.likely if part.cost_per_year else None,
        "priced": ", ".join(part.priced),
        "examples": ", ".join(part.examples),
    }
