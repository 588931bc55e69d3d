"""The fields that rules can ask for: closed for the engagement's own rows, open below metadata and spec of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .subject import CATALOG_KINDS, FREE, OWN_KINDS

Type = Literal["text", "number", "boolean", "date", "list"]

_CONTRACT: Mapping[str, Type] = {
    "contract.file": "text",
    "contract.kind": "text",
    "contract.state": "text",
    "contract.version": "text",
    "contract.messages_without_schema": "number",
    "contract.deprecations_without_date": "number",
}
_RUNNING: Mapping[str, Type] = {
    "health_check": "text",
    "alerts": "text",
    "service_level": "text",
    "observed.runs": "number",
    "observed.last": "date",
    "observed.since_retirement": "boolean",
}
_RETIREMENT: Mapping[str, Type] = {"retirement.state": "text", "retirement.date": "date"}

OWN: Mapping[str, Mapping[str, Type]] = {
    "Integration": {
        **dict.fromkeys(("id", "name", "source", "target", "process", "entity", "style_today"), "text"),
        **dict.fromkeys(("interaction", "criticality", "governance", "owner"), "text"),
        **dict.fromkeys(("partner", "personal_data"), "boolean"),
        **_CONTRACT,
        **_RUNNING,
    },
    "Application": {
        **dict.fromkeys(("id", "name", "owner", "kind", "vendor", "residency", "team"), "text"),
        "personal_data": "boolean",
        "interfaces": "list",
    },
    "Contract": {
        "file": "text",
        "title": "text",
        "integrations": "list",
        **{name.removeprefix("contract."): type for name, type in _CONTRACT.items()},
        "service_level": "text",
    },
}
"""Fields of rows of integrations.csv (Integration) and systems.csv (Application), and of files under contracts/."""

DERIVED: Mapping[str, Type] = {**_CONTRACT, **_RUNNING, **_RETIREMENT}
"""What is added to an entity of the catalog: from its definition file, its annotations and the run logs."""

ROOTS = ("apiVersion", "kind", "metadata", "spec")
"""Keys of a descriptor."""

SHORT: Mapping[str, str] = {
    "type": "spec.type",
    "lifecycle": "spec.lifecycle",
    "system": "spec.system",
    "owner": "spec.owner",
    "domain": "spec.domain",
    "name": "metadata.name",
    "namespace": "metadata.namespace",
}
"""Short names of fields of the catalog in ``applies_to``."""

REFERENCES = ("spec.system", "spec.owner", "spec.domain")
"""Fields that name another entity: they are compared in their shortest form."""


def known(kinds: tuple[str, ...]) -> Mapping[str, Type]:
    """Return the fields with a known type that every one of the kinds has.

    >>> known(("Integration",))["personal_data"], "spec.owner" in known(("API",))
    ('boolean', False)
    """
    fields = [OWN[kind] if kind in OWN_KINDS else DERIVED for kind in kinds]
    return {name: type for name, type in fields[0].items() if all(name in other for other in fields)}


def is_open(kinds: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Return whether a path may be anything: below metadata and spec of the catalog."""
    inside = path[0] in ROOTS and (len(path) > 1 or path[0] in ("apiVersion", "kind"))
    return inside and all(kind in CATALOG_KINDS for kind in kinds) and path not in FREE
