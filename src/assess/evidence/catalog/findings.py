"""What is wrong with a catalog, place by place: what is missing, dangling, there twice, in a circle, unused or silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Severity
from assess.core.source import Source
from assess.evidence.operations import Operations
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration
from assess.intake.problem import folded, listed, quote_value

from .entity import Entity, Relation, parts, short
from .landscape import Binding, pairs
from .result import Catalog, circles


def group_duplicates(integrations: Iterable[Integration]) -> tuple[tuple[Integration, ...], ...]:
    """Return the groups of integrations that move the same entity from the same system to the same system.

    The way back is no duplicate: it may be how two systems are kept alike. Without a named entity nothing is said.
    """
    groups: dict[tuple[str, str, str], list[Integration]] = {}
    for row in integrations:
        if row.entity.strip():
            groups.setdefault((row.source, row.target, folded(row.entity)), []).append(row)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def group_definitions(entities: Iterable[Entity]) -> tuple[tuple[Entity, ...], ...]:
    """Return the groups of APIs with one definition: the same file, or the same text but for white space."""
    groups: dict[str, list[Entity]] = {}
    for entity in entities:
        spec = entity.descriptor.get("spec")
        text = spec.get("definition") if isinstance(spec, dict) else None
        if entity.kind == "API" and isinstance(text, str) and (plain := " ".join(text.split())):
            groups.setdefault(plain, []).append(entity)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def group_names(entities: Sequence[Entity]) -> tuple[tuple[Entity, ...], ...]:
    """Return the groups of a kind and namespace whose names differ only by hyphens, dots and underscores."""
    groups: dict[tuple[str, str, str], list[Entity]] = {}
    for entity in entities:
        word = folded(entity.name).replace(".", "")
        groups.setdefault((entity.kind, entity.namespace.lower(), word), []).append(entity)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


EACH = 25
"""Findings of one class up to which each stands alone; more are told as one."""
CITED = 50
"""Places that one finding cites."""

_VERBS = {
    "ownedBy": "is owned by",
    "partOf": "is part of",
    "providesApi": "provides",
    "consumesApi": "consumes",
    "dependsOn": "depends on",
    "childOf": "belongs to",
    "memberOf": "is a member of",
}


@dataclass(frozen=True)
class Spot:
    """One place at which something is wrong.

    Parameters
    ----------
    key
        What it is known by from run to run where the id does not say all of it: the members of a group, a target.
    """

    id: str
    title: str
    sources: tuple[Source, ...]
    evidence: str = ""
    owner: str = ""
    about: str = ""
    systems: tuple[str, ...] = ()
    integrations: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True)
class FindingKind:
    """A class of things that are wrong: what many of them are called, what it means, what to do."""

    name: str
    severity: Severity
    many: str
    impact: str
    action: str


BROKEN = FindingKind("unreadable", "medium", "places of the catalog can't be read or break the schema of Backstage",
              "Backstage refuses the entry; nobody finds it, and no rule can be checked on it", "Correct the descriptor")  # fmt: skip
NO_TEXT = FindingKind("definition", "high", "definitions of interfaces are not there",
               "Nobody can check a call or a message against the contract, nor see a break before it happens",
               "Put the file where the descriptor expects it, or correct the path")  # fmt: skip
NO_OWNER = FindingKind("owner-missing", "medium", "entries have no owner",
                "Nobody is asked before a change, and nobody answers at a failure", "Name the team that answers for it")  # fmt: skip
NO_TEAM = FindingKind("owner-unknown", "medium", "entries are owned by somebody whom the catalog does not know",
               "The owner can't be reached by the catalog", "Register the team, or correct the owner")  # fmt: skip
DANGLING = FindingKind("dangling", "high", "references lead to nothing that is registered",
                "The dependency is real but invisible: no owner, no contract, no warning before it changes",
                "Register what is meant, or correct the reference")  # fmt: skip
CIRCLE = FindingKind("circle", "low", "groups of components all need each other",
              "None of them can be released, tested or restored without the others",
              "Turn one of the calls into an event, or let one side keep the data")  # fmt: skip
TWICE = FindingKind("duplicate", "medium", "groups of integrations move the same between the same systems",
             "Both are paid for, and the target can receive two versions of the truth", "Keep one, retire the others")  # fmt: skip
ALIKE = FindingKind("alike", "low", "groups of entries look like one",
             "Consumers choose between two registrations of one thing; each is incomplete", "Merge them, or say how they differ")  # fmt: skip
UNUSED = FindingKind("unused", "low", "entries are used by nobody and use nothing",
              "It is run, patched and paid for without a user, or the catalog does not say who uses it",
              "Ask the owner: retire it, or register who uses it")  # fmt: skip
SILENT = FindingKind("silent", "medium", "interfaces carry only integrations that have fallen silent",
              "The interface is kept for traffic that no longer comes", "Ask the owner: repair it, or retire it")  # fmt: skip


REGISTERED = (NO_TEXT, BROKEN, NO_OWNER, NO_TEAM, DANGLING, ALIKE)
"""What is repaired by editing an entry, in the time that `catalog.days.entry` says."""


REMOTE = FindingKind("definition-remote", "low", "definitions of interfaces lie on the network and are not fetched",
              "What they say is not judged, and a break in them is not seen", "Keep the file beside the catalog")  # fmt: skip
STRANGE = FindingKind("unknown-word", "info", "kinds and types are not known", "What they describe is not judged",
               "Use a kind or type that Backstage describes, or leave it as it is")  # fmt: skip
ELSEWHERE = FindingKind("owner-elsewhere", "info", "owners are not in the catalog",
                        "The owner can't be reached by the catalog", "Register the groups, or leave them to the directory")  # fmt: skip
API_TYPES = frozenset(
    {
        "openapi",
        "asyncapi",
        "graphql",
        "grpc",
        "trpc",
        "wsdl",
        "soap",
        "xsd",
        "avro",
        "json-schema",
        "protobuf",
    }
)
"""Types of an API in the documentation of Backstage, and the formats of contracts."""


def judge(
    engagement: Engagement, catalog: Catalog, binding: Binding, operations: Operations | None
) -> tuple[Finding, ...]:
    """Return the findings, in a fixed order of classes and places."""
    days = engagement.assumptions["catalog.days.entry"]
    found: list[Finding] = []
    for kind, spots in gaps(engagement, catalog, binding, operations):
        effort = days if kind in REGISTERED else None
        if len(spots) > EACH:
            effort = None if effort is None else effort.scaled(len(spots))
            spots = [_all(kind, spots)]
        found += [_finding(kind, spot, effort) for spot in spots]
    return tuple(found)


def gaps(
    engagement: Engagement, catalog: Catalog, binding: Binding, operations: Operations | None
) -> Iterator[tuple[FindingKind, list[Spot]]]:
    """Yield what is wrong by class, each with all of its places, in a fixed order."""
    view = _View(engagement, catalog, binding)
    yield NO_TEXT, list(view.texts())
    yield REMOTE, list(view.remote())
    yield BROKEN, list(view.broken())
    yield NO_OWNER, list(view.ownerless())
    yield NO_TEAM, list(view.unknown_owners())
    yield DANGLING, list(view.dangling())
    yield TWICE, list(view.twice())
    yield ALIKE, list(view.alike())
    yield CIRCLE, list(view.circles())
    yield UNUSED, list(view.unused())
    yield SILENT, list(view.silent(operations))


def remarks(
    engagement: Engagement, catalog: Catalog, binding: Binding
) -> Iterator[tuple[FindingKind, list[Spot]]]:
    """Yield what is worth a word and no finding: words that are not known, owners whom a directory may know."""
    view = _View(engagement, catalog, binding)
    yield STRANGE, [*view.strange_kinds(), *view.strange_types()]
    yield ELSEWHERE, list(view.unknown_teams())


def _finding(kind: FindingKind, spot: Spot, effort: Estimate | None = None) -> Finding:
    """Return a place at which something is wrong as a finding."""
    return Finding(
        id=f"governance/catalog/{spot.id}/{kind.name}" if spot.id else f"governance/catalog/{kind.name}",
        section="governance",
        severity=kind.severity,
        title=spot.title,
        evidence=spot.evidence,
        impact=kind.impact,
        action=f"{kind.action} ({spot.about})" if spot.about else kind.action,
        effort=effort,
        owner=spot.owner,
        systems=spot.systems,
        integrations=spot.integrations,
        sources=spot.sources,
    )


def _all(kind: FindingKind, spots: Sequence[Spot]) -> Spot:
    return Spot(
        id="",
        title=f"{len(spots):,} {kind.many}",
        evidence=listed((spot.title for spot in spots), 8),
        sources=tuple(dict.fromkeys(source for spot in spots for source in spot.sources))[:CITED],
        systems=tuple(dict.fromkeys(id for spot in spots for id in spot.systems)),
        integrations=tuple(dict.fromkeys(id for spot in spots for id in spot.integrations)),
    )


class _View:
    """A catalog with what is looked up again and again."""

    def __init__(self, engagement: Engagement, catalog: Catalog, binding: Binding) -> None:
        self.engagement = engagement
        self.catalog = catalog
        self.binding = binding
        self.by_ref: Mapping[str, Entity] = {entity.ref: entity for entity in catalog.entities}
        self.system_of = {ref: id for id, ref in binding.systems.items()}
        self.stated_owner = {system.id: system.owner for system in engagement.systems}

    def owner(self, entity: Entity | None) -> str:
        """Return who answers: its owner, that of the system that it is or belongs to; empty where nobody is known."""
        if entity is None:
            return ""
        if entity.owner:
            return self.label(entity.owner)
        stated = self.stated_owner.get(self.system_of.get(entity.ref, ""), "")
        system = self.by_ref.get(entity.system)
        return stated or (self.label(system.owner) if system and system.owner else "")

    def label(self, ref: str) -> str:
        """Return the title of an entity, or its name as it is written in references."""
        entity = self.by_ref.get(ref)
        return entity.label if entity else parts(ref)[2]

    def systems(self, *refs: str) -> tuple[str, ...]:
        """Return the systems that entities are."""
        return tuple(dict.fromkeys(self.system_of[ref] for ref in refs if ref in self.system_of))

    def texts(self) -> Iterator[Spot]:
        """Yield definitions that are not there."""
        for entity in self.catalog.entities:
            text = entity.definition
            if entity.kind == "API" and text and text.problem:
                users = [r.source for r in self.catalog.relations if r.target == entity.ref]
                yield Spot(
                    about=entity.label,
                    id=entity.ref,
                    title=f"The definition of the API {entity.label} is not there",
                    evidence=f"{quote_value(text.location)} {text.problem}",
                    owner=self.owner(entity),
                    systems=self.systems(*users),
                    sources=(entity.source(text.field),),
                )

    def broken(self) -> Iterator[Spot]:
        """Yield what can't be assessed and is not told under another heading."""
        told = {(e.file, e.line_of(t.field)) for e in self.catalog.of_kind("API") for t in e.texts if t.field == "spec.definition"}  # fmt: skip
        told |= {
            (e.file, e.line_of("spec.owner")) for e in self.catalog.entities if not e.owner and _owned(e)
        }
        for problem in self.catalog.problems:
            if (problem.file, problem.row) in told:
                continue
            place = Source(kind="input", place=problem.file, row=problem.row, column=problem.column)
            yield Spot(
                id=f"{problem.file}:{problem.row}:{problem.column}", title=str(problem), sources=(place,)
            )

    def ownerless(self) -> Iterator[Spot]:
        """Yield what should have an owner and names none."""
        for entity in self.catalog.entities:
            if _owned(entity) and not entity.owner and not _names_owner(entity):
                yield Spot(
                    about=entity.label,
                    id=entity.ref,
                    title=f"{_named(entity)} has no owner",
                    owner=self.owner(entity),
                    systems=self.systems(entity.ref),
                    sources=(entity.source("spec.owner"),),
                )

    def unknown_owners(self) -> Iterator[Spot]:
        """Yield owners that are in no descriptor; none where the catalog holds no groups and users at all."""
        if not self.catalog.of_kind("Group", "User"):
            return
        for relation in self.catalog.relations:
            if relation.type == "ownedBy" and relation.target not in self.by_ref:
                entity = self.by_ref[relation.source]
                yield Spot(
                    about=entity.label,
                    id=entity.ref,
                    key=f"{entity.ref} {relation.target}",
                    title=f"{_named(entity)} is owned by {short(relation.target)}, which is not registered",
                    systems=self.systems(entity.ref),
                    sources=(relation.origin,),
                )

    def unknown_teams(self) -> Iterator[Spot]:
        """Yield each owner of a catalog without groups and users, with the number of entries that it owns."""
        if self.catalog.of_kind("Group", "User"):
            return
        owned: dict[str, list[Relation]] = {}
        for relation in self.catalog.relations:
            if relation.type == "ownedBy" and relation.target not in self.by_ref:
                owned.setdefault(relation.target, []).append(relation)
        for owner, relations in owned.items():
            number = f"{len(relations):,} {'entry' if len(relations) == 1 else 'entries'}"
            yield Spot(
                about=short(owner),
                id=owner,
                title=f"{short(owner)} is said to own {number} and is not registered: the catalog holds no groups and users",
                sources=tuple(relation.origin for relation in relations[:CITED]),
            )

    def remote(self) -> Iterator[Spot]:
        """Yield definitions on the network."""
        for entity in self.catalog.of_kind("API"):
            if entity.definition and entity.definition.remote:
                yield Spot(
                    about=entity.label,
                    id=entity.ref,
                    title=f"The definition of the API {entity.label} lies on the network and is not fetched",
                    evidence=quote_value(entity.definition.location),
                    owner=self.owner(entity),
                    sources=(entity.source("spec.definition"),),
                )

    def strange_kinds(self) -> Iterator[Spot]:
        """Yield each kind of descriptor that is not read, once."""
        seen: dict[str, list[Source]] = {}
        for problem in self.catalog.skipped:
            if problem.column == "kind" and problem.value:
                place = Source(kind="input", place=problem.file, row=problem.row, column="kind")
                seen.setdefault(problem.value, []).append(place)
        for kind, places in seen.items():
            number = "1 descriptor is" if len(places) == 1 else f"{len(places):,} descriptors are"
            yield Spot(
                id=f"kind {kind}",
                title=f"{number} of the kind {kind}, which is not read",
                sources=tuple(places[:CITED]),
            )

    def strange_types(self) -> Iterator[Spot]:
        """Yield each type of API that Backstage has no word for, once."""
        seen: dict[str, list[Entity]] = {}
        for entity in self.catalog.of_kind("API"):
            if entity.type and entity.type.lower() not in API_TYPES:
                seen.setdefault(entity.type, []).append(entity)
        for kind, entities in seen.items():
            number = "1 API is" if len(entities) == 1 else f"{len(entities):,} APIs are"
            yield Spot(
                id=f"type {kind}",
                title=f"{number} of the type {quote_value(kind)}, which is not known: the contract is judged by what it holds",
                sources=tuple(e.source("spec.type") for e in entities[:CITED]),
            )

    def dangling(self) -> Iterator[Spot]:
        """Yield references to what nobody registered, owners apart."""
        for relation in self.catalog.dangling:
            if relation.type == "ownedBy":
                continue
            said_by = relation.source if relation.source in self.by_ref else relation.target
            gone = relation.target if said_by == relation.source else relation.source
            entity = self.by_ref.get(said_by)
            if entity is None or (
                relation.type in ("memberOf", "childOf") and entity.kind in ("Group", "User")
            ):
                continue  # people and teams come from a directory
            yield Spot(
                about=f"{entity.label}: {short(gone)}",
                id=f"{said_by}/{relation.field}",
                key=f"{said_by} {relation.field.rstrip('0123456789.')} {gone}",
                title=f"{entity.label} {_verb(relation, said_by)} {short(gone)}, which is not registered",
                evidence=relation.field,
                owner=self.owner(entity),
                systems=self.systems(said_by),
                sources=(relation.origin,),
            )

    def twice(self) -> Iterator[Spot]:
        """Yield integrations that move the same."""
        for group in group_duplicates(self.engagement.integrations):
            first = group[0]
            yield Spot(
                about=listed(row.id for row in group),
                id=first.id,
                key=" ".join(row.id for row in group),
                title=f"{len(group)} integrations move {first.entity} from {first.source} to {first.target}",
                evidence=listed(row.id for row in group),
                owner=next((row.owner for row in group if row.owner), ""),
                systems=(first.source, first.target),
                integrations=tuple(row.id for row in group),
                sources=tuple(row.origin for row in group),
            )

    def alike(self) -> Iterator[Spot]:
        """Yield entries that look like one: the same definition, or the same name but for its hyphens."""
        entities = self.catalog.entities
        groups = [("have one definition", g) for g in group_definitions(entities)]
        groups += [("differ only by signs in their name", g) for g in group_names(entities)]
        for what, group in groups:
            yield Spot(
                about=listed(e.label for e in group),
                id=group[0].ref,
                key=" ".join(e.ref for e in group),
                title=f"{listed(e.label for e in group)} {what}",
                owner=self.owner(group[0]),
                systems=self.systems(*(e.ref for e in group)),
                sources=tuple(e.source() for e in group)[:CITED],
            )

    def circles(self) -> Iterator[Spot]:
        """Yield groups of components that need each other at the same moment."""
        for group in circles(self.catalog.relations, self.by_ref):
            entities = [self.by_ref[ref] for ref in group]
            names = listed(e.label for e in entities)
            yield Spot(
                about=names,
                id=group[0],
                key=" ".join(group),
                title=f"{names} need each other" if len(group) > 1 else f"{names} needs itself",
                evidence="by dependencies and by APIs that answer; events do not count",
                owner=self.owner(entities[0]),
                systems=self.systems(*group),
                sources=tuple(e.source() for e in entities)[:CITED],
            )

    def unused(self) -> Iterator[Spot]:
        """Yield components, APIs and resources that nothing refers to and that refer to nothing but owner and system."""
        used = {ref for r in self.catalog.relations if r.type not in ("ownedBy",) and not _home(r) for ref in (r.source, r.target)}  # fmt: skip
        connected = {id for row in self.engagement.integrations for id in (row.source, row.target)}
        carrying = {ref for refs in self.binding.carriers.values() for ref in refs}
        for entity in self.catalog.of_kind("Component", "API", "Resource"):
            moves = self.system_of.get(entity.ref) in connected or entity.ref in carrying
            if entity.ref in used or moves:
                continue
            state = f" ({entity.lifecycle})" if entity.lifecycle == "deprecated" else ""
            yield Spot(
                about=entity.label,
                id=entity.ref,
                title=f"{_named(entity)}{state} is used by nobody and uses nothing",
                evidence=quote_value(entity.description) if entity.description else "",
                owner=self.owner(entity),
                systems=self.systems(entity.ref),
                sources=(entity.source(),),
            )

    def silent(self, operations: Operations | None) -> Iterator[Spot]:
        """Yield interfaces all of whose integrations have been silent for longer than their own cadence allows."""
        carried: dict[str, list[str]] = {}
        for id, refs in self.binding.carriers.items():
            for ref in refs:
                carried.setdefault(ref, []).append(id)
        for ref, ids in carried.items():
            seen = [operations.of(id) if operations else None for id in ids]
            if all(traffic is not None and traffic.silent_days is not None for traffic in seen):
                entity = self.by_ref[ref]
                yield Spot(
                    about=entity.label,
                    id=ref,
                    title=f"{_named(entity)} carries only integrations that have fallen silent",
                    evidence=listed(f"{t.integration}: silent for {t.silent_days} days" for t in seen if t),
                    owner=self.owner(entity),
                    integrations=tuple(ids),
                    sources=(entity.source(),),
                )


def between(engagement: Engagement, catalog: Catalog, binding: Binding) -> tuple[Relation, ...]:
    """Return the relations between two systems of the engagement for which it states no integration."""
    if len(binding.systems) < 2:
        return ()
    system_of = {ref: id for id, ref in binding.systems.items()}
    stated = {frozenset((row.source, row.target)) for row in engagement.integrations}
    return tuple(
        relation
        for pair, relation in pairs(catalog.relations).items()
        if all(ref in system_of for ref in pair) and frozenset(system_of[ref] for ref in pair) not in stated
    )


def _owned(entity: Entity) -> bool:
    return entity.kind in ("Component", "API", "System", "Domain", "Resource")


def _names_owner(entity: Entity) -> bool:
    """Return whether the spec holds an owner, readable or not."""
    spec = entity.descriptor.get("spec")
    return isinstance(spec, dict) and bool(spec.get("owner"))


def _home(relation: Relation) -> bool:
    """Return whether a relation only says where an entity belongs."""
    return relation.type == "partOf" and relation.target.startswith(("system:", "domain:"))


def _verb(relation: Relation, said_by: str) -> str:
    return _VERBS[relation.type] if said_by == relation.source else "is needed by"


def _named(entity: Entity) -> str:
    return f"{'The API' if entity.kind == 'API' else entity.kind} {entity.label}"
