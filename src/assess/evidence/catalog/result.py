"""The catalog of an engagement, as it was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from graphlib import TopologicalSorter

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact
from assess.intake.problem import Problem

from .entity import Entity, Kind, Relation
from .landscape import Binding, Tangle

EVENTS = ("asyncapi", "event", "events", "webhook", "cloudevents")
"""Types of an API whose provider does not wait for its consumers, nor they for it."""


def needs(relations: Iterable[Relation]) -> Iterator[tuple[str, str]]:
    """Yield who needs whom: what a change or failure of the second can reach is the first.

    A consumer needs the API, the API its provider, a dependent what it depends on, and a system or component its parts.
    """
    for relation in relations:
        match relation.type:
            case "dependsOn" | "consumesApi":
                yield relation.source, relation.target
            case "providesApi":
                yield relation.target, relation.source
            case "partOf" if relation.target.startswith(("system:", "component:")):
                yield relation.target, relation.source


def calls(relations: Iterable[Relation], entities: Mapping[str, Entity]) -> Iterator[tuple[str, str]]:
    """Yield which component can't work while which other does not: dependencies, and APIs that answer.

    Events are left out: who publishes does not wait.
    """
    stated = list(relations)
    provider: dict[str, list[str]] = {}
    for relation in stated:
        if relation.type == "providesApi":
            provider.setdefault(relation.target, []).append(relation.source)
    for relation in stated:
        if relation.type == "dependsOn":
            yield relation.source, relation.target
        elif relation.type == "consumesApi":
            api = entities.get(relation.target)
            if api is None or api.type.lower() not in EVENTS:
                yield from ((relation.source, other) for other in provider.get(relation.target, ()))


def circles(relations: Iterable[Relation], entities: Mapping[str, Entity]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of components that all need each other at the same moment."""
    return DependencyGraph(sorted(entities), calls(relations, entities)).circles


Adjacency = Sequence[Sequence[int]]


class DependencyGraph:
    """A directed graph of names; an edge leads from what needs to what is needed.

    Parameters
    ----------
    names
        Every node once; the order of every answer.
    edges
        Pairs of names; an edge to or from a name that is no node is left out, as are repetitions.

    Examples
    --------
    >>> graph = DependencyGraph(["shop", "billing", "erp"], [("erp", "billing"), ("billing", "shop")])
    >>> graph.needed_by("shop"), graph.needs("erp")
    (('billing', 'erp'), ('shop', 'billing'))
    """

    def __init__(self, names: Iterable[str], edges: Iterable[tuple[str, str]]) -> None:
        self.names = tuple(names)
        self._at = {name: n for n, name in enumerate(self.names)}
        ahead: list[set[int]] = [set() for _ in self.names]
        for source, target in edges:
            if source in self._at and target in self._at:
                ahead[self._at[source]].add(self._at[target])
        self._ahead = tuple(tuple(sorted(targets)) for targets in ahead)

    @cached_property
    def _components(self) -> tuple[tuple[int, ...], ...]:
        return tuple(components(self._ahead))

    @cached_property
    def _of(self) -> list[int]:
        """The number of each node's component."""
        found = [0] * len(self.names)
        for number, members in enumerate(self._components):
            for member in members:
                found[member] = number
        return found

    @cached_property
    def _sets(self) -> tuple[list[int], list[int]]:
        """For each component the bitset of all that it needs, and of all that need it, itself included."""
        own = [sum(1 << member for member in members) for members in self._components]
        down, up = list(own), list(own)
        following = [
            {self._of[target] for member in members for target in self._ahead[member]} - {number}
            for number, members in enumerate(self._components)
        ]
        for number in range(len(own)):
            for target in following[number]:
                down[number] |= down[target]
        for number in reversed(range(len(own))):
            for target in following[number]:
                up[target] |= up[number]
        return down, up

    def needs(self, name: str) -> tuple[str, ...]:
        """Return everything that a node needs, directly or by others; itself only where it stands in a circle.

        Raises
        ------
        KeyError
            If there is no such node.
        """
        return self._listed(self._at[name], self._sets[0])

    def needed_by(self, name: str) -> tuple[str, ...]:
        """Return everything that needs a node, directly or by others: what its change or failure can reach.

        Raises
        ------
        KeyError
            If there is no such node.
        """
        return self._listed(self._at[name], self._sets[1])

    def reach(self) -> dict[str, int]:
        """Return how many other nodes need each node."""
        up = self._sets[1]
        return {name: up[self._of[n]].bit_count() - 1 for n, name in enumerate(self.names)}

    @property
    def circles(self) -> tuple[tuple[str, ...], ...]:
        """Groups of nodes that all need each other, and nodes that need themselves."""
        found = [
            members
            for members in strong_components(self._ahead)
            if len(members) > 1 or members[0] in self._ahead[members[0]]
        ]
        return tuple(tuple(self.names[n] for n in members) for members in sorted(found))

    def _listed(self, node: int, sets: list[int]) -> tuple[str, ...]:
        bits = sets[self._of[node]]
        if len(self._components[self._of[node]]) == 1 and node not in self._ahead[node]:
            bits &= ~(1 << node)
        return tuple(self.names[n] for n in _ones(bits))


def _ones(bits: int) -> Iterator[int]:
    """Yield the places of the ones, lowest first."""
    text = bin(bits)[:1:-1]
    place = text.find("1")
    while place >= 0:
        yield place
        place = text.find("1", place + 1)


def strong_components(ahead: Adjacency) -> list[tuple[int, ...]]:
    """Return the groups of nodes that all lead to each other, each sorted, in no order."""
    if not ahead:
        return []
    ends = np.cumsum([0, *map(len, ahead)])
    targets = np.array([target for row in ahead for target in row], dtype=np.int32)
    matrix = csr_array((np.ones(len(targets), np.int8), targets, ends), shape=(len(ahead), len(ahead)))
    count, labels = connected_components(matrix, directed=True, connection="strong")
    members: list[list[int]] = [[] for _ in range(count)]
    for node, label in enumerate(labels.tolist()):
        members[label].append(node)
    return [tuple(group) for group in members]


def components(ahead: Adjacency) -> list[tuple[int, ...]]:
    """Return the strongly connected components, each sorted; a component comes after all that it leads to.

    Examples
    --------
    >>> components([[1], [2], [1], [0]])
    [(1, 2), (0,), (3,)]
    """
    groups = strong_components(ahead)
    of = {member: number for number, members in enumerate(groups) for member in members}
    order = TopologicalSorter(
        {n: {of[t] for m in members for t in ahead[m]} - {n} for n, members in enumerate(groups)}
    )
    return [groups[number] for number in order.static_order()]


class Catalog(Record):
    """Every entity of the engagement's descriptors, and how they hang together.

    Parameters
    ----------
    entities
        In the order of files and lines; each reference once.
    relations
        Every reference that a descriptor makes, dangling ones included.
    problems
        What can't be assessed: file, line, key and reason.
    skipped
        What is no entity and does not have to be one: skeletons, other kinds, targets on the network.
    binding
        Which entity is which system and integration of the engagement; None without a catalog.
    tangle
        The engagement's connections, counted; None without integrations. It needs no catalog.
    """

    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Problem, ...] = ()
    binding: Binding | None = None
    tangle: Tangle | None = None
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def assessed(self) -> bool:
        """Whether there is a catalog."""
        return bool(self.entities or self.problems)

    def get(self, ref: str) -> Entity | None:
        """Return the entity of a canonical reference, None where there is none."""
        return self._by_ref.get(ref)

    def of_kind(self, *kinds: Kind) -> tuple[Entity, ...]:
        """Return the entities of these kinds, in order."""
        return tuple(entity for entity in self.entities if entity.kind in kinds)

    @cached_property
    def _by_ref(self) -> dict[str, Entity]:
        return {entity.ref: entity for entity in self.entities}

    @cached_property
    def graph(self) -> DependencyGraph:
        """Who needs whom."""
        return DependencyGraph(self._by_ref, needs(self.relations))

    @property
    def dangling(self) -> tuple[Relation, ...]:
        """References to or from an entity that no descriptor describes, in order."""
        return tuple(
            r for r in self.relations if r.target not in self._by_ref or r.source not in self._by_ref
        )

    @property
    def table(self) -> pd.DataFrame:
        """One row per entity; empty cells where nothing is said."""
        return pd.DataFrame([_row(entity) for entity in self.entities], columns=list(_COLUMNS))


_COLUMNS = (
    "ref", "kind", "name", "type", "lifecycle", "owner", "system", "sla", "health_check", "deprecated",
    "retirement", "problems", "file", "line",
)  # fmt: skip


def _row(entity: Entity) -> dict[str, object]:
    notes = entity.notes
    return {
        "ref": entity.ref,
        "kind": entity.kind,
        "name": entity.name,
        "type": entity.type,
        "lifecycle": entity.lifecycle,
        "owner": entity.owner,
        "system": entity.system,
        "sla": notes.sla,
        "health_check": notes.health_check,
        "deprecated": notes.deprecated,
        "retirement": notes.retirement,
        "problems": len(entity.problems),
        "file": entity.file,
        "line": entity.line,
    }
