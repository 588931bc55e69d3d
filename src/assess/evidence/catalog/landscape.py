"""The engagement's systems and integrations in the catalog: which entity is which, and how tangled they are.

Among n systems there are at most n(n-1)/2 pairs; a hub needs n connections. Where every system sends to every other,
n(n-1) translate directly (Hohpe & Woolf 2003, Enterprise Integration Patterns, "Canonical Data Model"). Real landscapes are
sparse, so the numbers of this landscape are counted, not taken from n.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assess.core.record import Record
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration
from assess.intake.problem import folded

from .entity import Entity, Relation

_LIKE_A_SYSTEM = ("Component", "System", "Resource")
"""Kinds that may be a system of systems.csv, the likeliest first."""


class Binding(Record):
    """What of the engagement stands in the catalog.

    Parameters
    ----------
    systems
        Reference of the entity by id of the system; systems that the catalog does not know are left out.
    carriers
        References of the entities that carry an integration, by its id: those that name it in an annotation, and
        APIs whose definition is its contract.
    declared
        Ids of the integrations whose systems are related in the catalog, or that an entity carries.
    open
        Ids of the integrations between two systems that the catalog knows, without a relation.
    """

    systems: dict[str, str]
    carriers: dict[str, tuple[str, ...]]
    declared: tuple[str, ...]
    open: tuple[str, ...]


NOTHING = Binding(systems={}, carriers={}, declared=(), open=())
"""Of an engagement without a catalog."""


def bind(engagement: Engagement, entities: Sequence[Entity], relations: Sequence[Relation]) -> Binding:
    """Find the systems and integrations of an engagement in its catalog.

    A system is the entity that names it in the annotation ``assess.example/system``, else a Component, System or
    Resource of the same name or title; case, space, hyphen and underscore do not count.
    """
    systems = _systems(engagement, entities)
    carriers = _carriers(engagement.integrations, entities)
    linked = _linked(relations)
    declared: list[str] = []
    open_: list[str] = []
    for integration in engagement.integrations:
        ends = systems.get(integration.source), systems.get(integration.target)
        if integration.id in carriers:
            declared.append(integration.id)
        elif ends[0] and ends[1]:
            known = frozenset(map(str, ends)) in linked
            (declared if known else open_).append(integration.id)
    return Binding(systems=systems, carriers=carriers, declared=tuple(declared), open=tuple(open_))


def _systems(engagement: Engagement, entities: Iterable[Entity]) -> dict[str, str]:
    named: dict[str, str] = {}
    called: dict[tuple[str, str], str] = {}
    for entity in entities:
        if entity.notes.system:
            named.setdefault(entity.notes.system, entity.ref)
        if entity.kind in _LIKE_A_SYSTEM:
            for word in (entity.name, entity.title):
                called.setdefault((entity.kind, folded(word)), entity.ref)
    found = {}
    for system in engagement.systems:
        ways = [(kind, folded(word)) for kind in _LIKE_A_SYSTEM for word in (system.id, system.name) if word]
        ref = named.get(system.id) or next((called[way] for way in ways if way in called), "")
        if ref:
            found[system.id] = ref
    return found


def _carriers(
    integrations: Iterable[Integration], entities: Iterable[Entity]
) -> Mapping[str, tuple[str, ...]]:
    by_contract: dict[str, list[str]] = {}
    by_id: dict[str, list[str]] = {}
    for entity in entities:
        if entity.definition and entity.definition.file:
            by_contract.setdefault(entity.definition.file, []).append(entity.ref)
        for id in entity.notes.integrations:
            by_id.setdefault(id, []).append(entity.ref)
    found = {}
    for integration in integrations:
        refs = dict.fromkeys([*by_id.get(integration.id, ()), *by_contract.get(integration.contract, ())])
        if refs:
            found[integration.id] = tuple(refs)
    return found


def pairs(relations: Iterable[Relation]) -> dict[frozenset[str], Relation]:
    """Return the pairs of entities that are connected, with the first relation that says so.

    Two are connected where one depends on the other, or consumes an API that the other provides.
    """
    stated = list(relations)
    provider: dict[str, list[str]] = {}
    for relation in stated:
        if relation.type == "providesApi":
            provider.setdefault(relation.target, []).append(relation.source)
    found: dict[frozenset[str], Relation] = {}
    for relation in stated:
        if relation.type == "dependsOn":
            found.setdefault(frozenset((relation.source, relation.target)), relation)
        elif relation.type == "consumesApi":
            for other in provider.get(relation.target, ()):
                found.setdefault(frozenset((relation.source, other)), relation)
    return {pair: relation for pair, relation in found.items() if len(pair) == 2}


def _linked(relations: Iterable[Relation]) -> frozenset[frozenset[str]]:
    return frozenset(pairs(relations))


class Tangle(Record):
    """The connections of a landscape, counted.

    Parameters
    ----------
    systems
        Systems that have a connection.
    integrations
        Directed connections.
    pairs
        Pairs of systems with at least one.
    density
        Share of all possible pairs that is connected; None below two systems.
    hub_links
        Connections to a hub that would replace the pairs: one a system.
    topics
        Different things sent (a system and what it sends): streams that would be published once.
    busiest
        The system with the most partners, and how many; empty without one.
    """

    systems: int
    integrations: int
    pairs: int
    density: float | None = None
    hub_links: int
    topics: int
    busiest: tuple[str, int] = ("", 0)


def measure(integrations: Iterable[Integration]) -> Tangle:
    """Count the connections of a landscape.

    An integration without a named entity is a thing of its own.

    Examples
    --------
    Every system to every other, six applications (Hohpe & Woolf 2003): 30 directed connections.

    >>> six = [Integration(id=f"{a}{b}", source=a, target=b, entity="x") for a in "abcdef" for b in "abcdef" if a != b]
    >>> found = measure(six)
    >>> found.integrations, found.pairs, found.hub_links, found.density
    (30, 15, 6, 1.0)
    """
    rows = list(integrations)
    partners: dict[str, set[str]] = {}
    sent = set()
    for row in rows:
        what = " ".join(row.entity.split()).casefold() or f"#{row.id}"
        sent.add((row.source, what))
        if row.source != row.target:
            partners.setdefault(row.source, set()).add(row.target)
            partners.setdefault(row.target, set()).add(row.source)
    n, pairs = len(partners), sum(map(len, partners.values())) // 2
    busiest = max(sorted(partners), key=lambda id: len(partners[id]), default="")
    return Tangle(
        systems=n,
        integrations=len(rows),
        pairs=pairs,
        density=pairs / (n * (n - 1) / 2) if n > 1 else None,
        hub_links=n,
        topics=len(sent),
        busiest=(busiest, len(partners.get(busiest, ()))),
    )
