"""Collect what rules judge: rows of the engagement, contracts and entries of the catalog, as documents."""

from __future__ import annotations

from typing import Any

from assess.intake.engagement import Engagement, Integration, System
from assess.intake.engagement.row import Row

from .fields import OWN
from .subject import Subject


def collect(engagement: Engagement) -> tuple[Subject, ...]:
    """Return every subject of an engagement: integrations, applications, contracts, entries of the catalog."""
    return (
        *(_integration(item) for item in engagement.integrations),
        *(_application(item) for item in engagement.systems),
    )


def _integration(item: Integration) -> Subject:
    return Subject(
        "Integration", item.id, _row(item, "Integration"), item.origin, (item.id,), (item.source, item.target)
    )


def _application(item: System) -> Subject:
    return Subject("Application", item.id, _row(item, "Application"), item.origin, (), (item.id,))


def _row(row: Row, kind: str) -> dict[str, Any]:
    """Return the stated fields of a row; what was not stated is left out."""
    values = ((name, getattr(row, name, None)) for name in OWN[kind] if "." not in name)
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values
        if value is not None and value != "" and value != ()
    }
