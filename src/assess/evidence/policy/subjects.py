"""Collect what rules judge as documents: rows of the engagement, contracts, and entries of the catalog.

An entry holds what was written, and what follows from definition, annotations and run logs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assess.core.dates import read_day
from assess.evidence.catalog import Catalog, Entity
from assess.evidence.contracts import Contract, Contracts, ServiceLevel
from assess.evidence.contracts.contract import AGREED
from assess.evidence.operations import Operations, Traffic
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration, Row
from assess.intake.problem import Problem, closest_word, folded

from .rule import CATALOG_KINDS, OWN, REFERENCES, PolicySubject, reference

NO_SCHEMA = ("asyncapi-message-payload",)
"""Rules of `assess.evidence.contracts` that say of a message that it has no schema."""


def contract_fields(contract: Contract) -> dict[str, Any]:
    """Return what rules can ask of a contract."""
    found: dict[str, Any] = {"file": contract.path, "kind": contract.kind, "state": contract.state}
    if contract.version:
        found["version"] = contract.version
    if contract.state != "not assessable":
        undated = [part for part in contract.deprecations if part.until is None]
        found["deprecations_without_date"] = len(undated)
        found |= {name: text for name in AGREED if (text := contract.agreed(name))}
        if contract.messages:
            found["messages_without_schema"] = sum(issue.rule in NO_SCHEMA for issue in contract.issues)
    return found


def describe_levels(levels: tuple[ServiceLevel, ...]) -> str:
    """Say in words what a contract promises; empty where it names no number."""
    parts = []
    for level in levels:
        if level.latency_seconds is not None:
            parts.append(f"{level.latency_seconds:g} s")
        if level.throughput_per_second is not None:
            parts.append(f"{level.throughput_per_second:g}/s")
        if level.availability is not None:
            parts.append(f"{level.availability:.4g} available")
    return ", ".join(parts)


PREFIX = "assess.example/"
"""Before the annotations that hold what Backstage has no field for."""

LIFECYCLES = ("experimental", "production", "deprecated")
"""The well-known lifecycles of Backstage; what another word means for a retirement can't be told."""


@dataclass(frozen=True)
class Holder:
    """An entity whose annotations speak for an integration."""

    entity: Entity

    def note(self, name: str) -> object:
        """Return an annotation by the name of its field, None where there is none."""
        return noted(self.entity).get(PREFIX + name.replace("_", "-"))

    @property
    def promise(self) -> str:
        """What it promises about the service, where it is an API or says so of the integration itself."""
        speaks = self.entity.kind == "API" or bool(self.entity.notes.integrations)
        said = self.note("sla") if speaks else None
        return said.strip() if isinstance(said, str) else ""


@dataclass(frozen=True)
class Landscape:
    """What the parts of an engagement know of each other.

    Parameters
    ----------
    contracts, apis
        Contracts and APIs by file.
    components
        Components by the id of the system that they are, folded.
    carriers
        Entities by the id of an integration that they say they carry.
    traffic
        Traffic by integration; None where there are no run logs.
    """

    catalog: Catalog
    contracts: Mapping[str, Contract]
    apis: Mapping[str, tuple[Entity, ...]]
    components: Mapping[str, Entity]
    carriers: Mapping[str, tuple[Entity, ...]]
    traffic: Mapping[str, Traffic] | None
    by_system: Mapping[str, tuple[str, ...]]
    by_contract: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(
        cls, engagement: Engagement, catalog: Catalog, contracts: Contracts, operations: Operations
    ) -> Landscape:
        """Index an engagement."""
        apis: dict[str, list[Entity]] = {}
        carriers: dict[str, list[Entity]] = {}
        components: dict[str, Entity] = {}
        for entity in catalog.entities:
            if entity.kind == "API" and entity.definition and entity.definition.file:
                apis.setdefault(entity.definition.file, []).append(entity)
            if entity.kind == "Component":
                components.setdefault(folded(entity.notes.system or entity.name), entity)
            for id in entity.notes.integrations:
                carriers.setdefault(id, []).append(entity)
        by_system: dict[str, list[str]] = {}
        by_contract: dict[str, list[str]] = {}
        for item in engagement.integrations:
            for system in dict.fromkeys((item.source, item.target)):
                by_system.setdefault(folded(system), []).append(item.id)
            if item.contract:
                by_contract.setdefault(item.contract, []).append(item.id)
        traffic = {item.integration: item for item in operations.traffic}
        return cls(
            catalog,
            {item.path: item for item in contracts.contracts},
            {file: tuple(found) for file, found in apis.items()},
            components,
            {id: tuple(found) for id, found in carriers.items()},
            traffic if operations.logs else None,
            {id: tuple(found) for id, found in by_system.items()},
            {file: tuple(found) for file, found in by_contract.items()},
        )

    def holders(self, item: Integration) -> tuple[Holder, ...]:
        """Return the entities that speak for an integration: its own, the APIs of its contract, its source system."""
        source = self.components.get(folded(item.source))
        found = (
            *self.carriers.get(item.id, ()),
            *self.apis.get(item.contract, ()),
            *([source] if source else ()),
        )
        return tuple(Holder(entity) for entity in found)

    def carried(self, entity: Entity) -> tuple[str, ...]:
        """Return the integrations that run through an entity."""
        found = list(entity.notes.integrations)
        if entity.kind == "API" and entity.definition:
            found += self.by_contract.get(entity.definition.file, ())
        if entity.kind == "Component":
            found += self.by_system.get(folded(entity.notes.system or entity.name), ())
        return tuple(dict.fromkeys(found))

    def observed(self, integrations: tuple[str, ...], retired: dt.date | None = None) -> dict[str, Any]:
        """Return what the run logs show of integrations; empty without logs, or without integrations to look for."""
        if self.traffic is None or not integrations:
            return {}
        seen = [self.traffic[id] for id in integrations if id in self.traffic]
        days = [item.last_message for item in seen if item.last_message]
        found: dict[str, Any] = {"runs": sum(item.runs for item in seen)}
        if days:
            found["last"] = max(days).isoformat()
        if retired is not None:
            found["since_retirement"] = any(day >= retired for day in days)
        return found


def noted(entity: Entity) -> Mapping[str, Any]:
    """Return the annotations of an entity as they were written."""
    metadata = entity.descriptor.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def entry(entity: Entity, known: Landscape, today: dt.date | None) -> PolicySubject:
    """Return an entity as a subject."""
    document = dict(entity.descriptor)
    if isinstance(document.get("spec"), Mapping):
        document["spec"] = _spec(entity, document["spec"])
    if contract := _definition(entity, known):
        document["contract"] = contract
    holder = Holder(entity)
    for field, name in (("health_check", "health_check"), ("alerts", "alerts"), ("service_level", "sla")):
        if (said := holder.note(name)) is not None:
            document[field] = said
    integrations = known.carried(entity)
    retirement = _retirement(entity, today)
    if retirement:
        document["retirement"] = retirement
    day = read_day(str(retirement.get("date", "")))
    if observed := known.observed(integrations, day):
        document["observed"] = observed
    system = entity.notes.system or entity.name
    systems = (system,) if folded(system) in known.by_system else ()
    return PolicySubject(entity.kind, _name(entity), document, entity.source(), integrations, systems)


def _name(entity: Entity) -> str:
    return entity.name if entity.namespace == "default" else f"{entity.namespace}/{entity.name}"


def _spec(entity: Entity, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the specification with references in their shortest form and files instead of their contents."""
    found = dict(spec)
    for path in REFERENCES:
        name = path.partition(".")[2]
        if isinstance(found.get(name), str):
            found[name] = reference(found[name])
    for text in entity.texts:
        if text.field.startswith("spec.") and text.file:
            found[text.field.removeprefix("spec.")] = text.file
    return found


def _definition(entity: Entity, known: Landscape) -> dict[str, Any]:
    if entity.kind != "API":
        return {}
    text = entity.definition
    if text is None:
        return {"file": entity.file} if entity.descriptor.get("spec", {}).get("definition") else {}
    contract = known.contracts.get(text.file)
    return contract_fields(contract) if contract else {"file": text.file} if text.file else {}


def _retirement(entity: Entity, today: dt.date | None) -> dict[str, Any]:
    """Return whether and when an entity goes; without a state where that can't be told.

    ``none``, ``planned``, ``past``, ``undated`` (deprecated without a day) or ``unreadable`` (a day that is none).
    """
    if entity.kind not in ("Component", "API", "Resource"):
        return {}
    notes = noted(entity)
    said = notes.get(f"{PREFIX}retirement", notes.get(f"{PREFIX}deprecated"))
    spec = entity.descriptor.get("spec")
    lifecycle = spec.get("lifecycle") if isinstance(spec, Mapping) else None
    if said is not None:
        day = read_day(said) if isinstance(said, str) else None
        if day is None:
            return {"state": "unreadable", "date": said}
        if today is None:
            return {"date": said}
        return {"state": "past" if day <= today else "planned", "date": said}
    if lifecycle is None and entity.kind == "Resource":
        return {"state": "none"}
    if lifecycle not in LIFECYCLES:
        return {}
    return {"state": "undated" if lifecycle == "deprecated" else "none"}


def unreadable(catalog: Catalog) -> tuple[Problem, ...]:
    """Return what of a catalog no rule can judge: what can't be read, and what is nearly a kind that rules know."""
    strange = (
        problem
        for problem in catalog.skipped
        if problem.column == "kind" and problem.value and closest_word(problem.value, CATALOG_KINDS)
    )
    return (*catalog.problems, *(p for p in strange if p.value not in CATALOG_KINDS))


def collect(
    engagement: Engagement,
    catalog: Catalog | None = None,
    contracts: Contracts | None = None,
    operations: Operations | None = None,
    *,
    today: dt.date | None = None,
) -> tuple[PolicySubject, ...]:
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
            PolicySubject("Application", item.id, _row(item, "Application"), item.origin, (), (item.id,))
            for item in engagement.systems
        ),
        *(_contract(item) for item in known.contracts.values()),
        *(entry(item, known, day) for item in known.catalog.entities),
    )


def _integrations(engagement: Engagement, known: Landscape) -> Iterator[PolicySubject]:
    for item in engagement.integrations:
        document = _row(item, "Integration")
        contract = known.contracts.get(item.contract)
        if contract is not None:
            document["contract"] = contract_fields(contract)
        holders = known.holders(item)
        for name in ("health_check", "alerts"):
            said = [text for holder in holders if isinstance(text := holder.note(name), str) and text.strip()]
            if said:
                document[name] = said[0]
        level = describe_levels(contract.levels) if contract is not None else ""
        level = level or next((text for holder in holders if (text := holder.promise)), "")
        if level:
            document["service_level"] = level
        if observed := known.observed((item.id,)):
            document["observed"] = observed
        touched = (item.source, item.target)
        yield PolicySubject("Integration", item.id, document, item.origin, (item.id,), touched)


def _contract(contract: Contract) -> PolicySubject:
    document: dict[str, Any] = contract_fields(contract)
    if contract.title:
        document["title"] = contract.title
    if contract.integrations:
        document["integrations"] = list(contract.integrations)
    if level := describe_levels(contract.levels):
        document["service_level"] = level
    return PolicySubject("Contract", contract.path, document, contract.source(), contract.integrations)


def _row(row: Row, kind: str) -> dict[str, Any]:
    """Return the stated fields of a row; what was not stated is left out."""
    values = ((name, getattr(row, name, None)) for name in OWN[kind] if "." not in name)
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values
        if value is not None and value != "" and value != ()
    }
