"""What rules judge: an entity of the catalog, an integration, an application or a contract as one document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from assess.core.source import Source

CATALOG_KINDS = ("Component", "API", "System", "Domain", "Resource", "Group", "User", "Location", "Template")
"""Kinds of the catalog, as Backstage writes them."""

OWN_KINDS = ("Integration", "Application", "Contract")
"""Rows of integrations.csv and of systems.csv, and files under contracts/."""

KINDS = (*CATALOG_KINDS, *OWN_KINDS)

FREE = (("metadata", "annotations"), ("metadata", "labels"))
"""Where keys are free text that may hold dots."""

Document = Mapping[str, Any]


class Subject(NamedTuple):
    """Something that rules judge.

    Parameters
    ----------
    kind
        One of `KINDS`, or whatever the catalog says: no rule applies to a kind that nobody knows.
    id
        Name within its kind: stable, and unique.
    document
        Its fields as plain data: texts, numbers, booleans, lists and mappings. Absent fields are left out.
    source
        File and line, or row.
    integrations, systems
        Rows of the engagement that it touches.
    """

    kind: str
    id: str
    document: Document
    source: Source
    integrations: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Kind and id, such as ``Component crm``."""
        return f"{self.kind} {self.id}"


def reference(value: str, kinds: tuple[str, ...] = ("group", "system", "domain", "component")) -> str:
    """Return a reference of the catalog in its shortest form: references ignore case and default parts.

    >>> reference("group:default/Logistics"), reference("Finance-Systems"), reference("user:ada")
    ('logistics', 'finance-systems', 'user:ada')
    """
    text = value.strip().casefold()
    kind, colon, rest = text.partition(":")
    if colon and kind in kinds:
        text = rest
    elif colon:
        return f"{kind}:{rest.removeprefix('default/')}"
    return text.removeprefix("default/")
