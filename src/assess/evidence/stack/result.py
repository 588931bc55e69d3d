"""Which part of a stack each style needs: a dated data file (``needs.yaml``), each line with its source."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import pandas as pd
import yaml

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact, Source
from assess.intake.engagement.landscape import Component, Style, Yearly

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Part(Record):
    """A part of an integration stack.

    Parameters
    ----------
    does
        What it is for, in words that follow its name.
    products
        Examples that the field names; no recommendation.
    covers
        Parts that it brings along.
    """

    id: Component
    label: str
    does: str
    products: tuple[str, ...] = ()
    covers: tuple[Component, ...] = ()


class PartNeed(Record):
    """A style needs a part.

    Parameters
    ----------
    need
        ``required``: the style does not run safely without it. ``helpful``: many add it.
    source
        Who says so.
    priced
        Keys of the cost model's defaults that hold it for this style; empty where no line does.
    """

    style: Style
    component: Component
    need: Literal["required", "helpful"]
    source: Source
    priced: tuple[str, ...] = ()


@cache
def parts() -> dict[Component, Part]:
    """Return every part of a stack by its id, in the order in which the field names them."""
    return {entry["id"]: Part(**entry) for entry in _read()["components"]}


@cache
def needs() -> tuple[PartNeed, ...]:
    """Return what each style needs."""
    read = _read()
    date: dt.date = read["date"]
    return tuple(
        PartNeed(
            **{
                **entry,
                "source": Source(
                    kind="assumption",
                    place=f"stack.{entry['style']}.{entry['component']}",
                    detail=read["sources"][entry["source"]],
                    date=date,
                ),
            }
        )
        for entry in read["needs"]
    )


@cache
def _read() -> dict[str, Any]:
    text = files(__package__).joinpath("needs.yaml").read_text("utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=_LOADER)  # noqa: S506 - safe, in C where there is C
    return read


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
