"""Collect what rules judge: rows of the engagement, contracts and entries of the catalog, as documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from assess.evidence.catalog import Catalog
from assess.evidence.contracts import Contract, Contracts
from assess.evidence.operations import Operations
from assess.intake.engagement import Engagement
from assess.intake.engagement.row import Row

from .described import fields_of, level_of
from .entries import Landscape, entry
from .fields import OWN
from .subject import Subject


def collect(
    engagement: Engagement,
    catalog: Catalog | None = None,
    contracts: Contracts | None = None,
    operations: Operations | None = None,
    *,
    today: dt.date | None = None,
) -> tuple[Subject, ...]:
    """Return every subject of an engagement: integrations, applications, contracts, entries of the catalog.

    Parameters
    ----------
    today
        Day that decides whether a retirement is past; default the day of the engagement.
    """
    known = Landscape.of(
        engagement, catalog or Catalog(), contracts or Contracts(), operations or Operations()
    )
    day = today or engagement.date
    return (
        *_integrations(engagement, known),
        *(
            Subject("Application", item.id, _row(item, "Application"), item.origin, (), (item.id,))
            for item in engagement.systems
        ),
        *(_contract(item) for item in known.contracts.values()),
        *(entry(item, known, day) for item in known.catalog.entities),
    )


def _integrations(engagement: Engagement, known: Landscape) -> Iterator[Subject]:
    for item in engagement.integrations:
        document = _row(item, "Integration")
        contract = known.contracts.get(item.contract)
        if contract is not None:
            document["contract"] = fields_of(contract)
        holders = known.holders(item)
        for name in ("health_check", "alerts"):
            said = [text for holder in holders if isinstance(text := holder.note(name), str) and text.strip()]
            if said:
                document[name] = said[0]
        level = level_of(contract.levels) if contract is not None else ""
        level = level or next((text for holder in holders if (text := holder.promise)), "")
        if level:
            document["service_level"] = level
        if observed := known.observed((item.id,)):
            document["observed"] = observed
        touched = (item.source, item.target)
        yield Subject("Integration", item.id, document, item.origin, (item.id,), touched)


def _contract(contract: Contract) -> Subject:
    document: dict[str, Any] = fields_of(contract)
    if contract.title:
        document["title"] = contract.title
    if contract.integrations:
        document["integrations"] = list(contract.integrations)
    if level := level_of(contract.levels):
        document["service_level"] = level
    return Subject("Contract", contract.path, document, contract.source(), contract.integrations)


def _row(row: Row, kind: str) -> dict[str, Any]:
    """Return the stated fields of a row; what was not stated is left out."""
    values = ((name, getattr(row, name, None)) for name in OWN[kind] if "." not in name)
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values
        if value is not None and value != "" and value != ()
    }
