"""Which way the entities of a catalog need each other, for impact and for circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .entity import Entity, Relation
from .graph import Graph

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
    return Graph(sorted(entities), calls(relations, entities)).circles
