"""Things that are there twice: integrations that move the same, interfaces with one definition, names that differ by a hyphen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assess.intake.engagement import Integration
from assess.intake.problem import folded

from .entity import Entity


def same_way(integrations: Iterable[Integration]) -> tuple[tuple[Integration, ...], ...]:
    """Return the groups of integrations that move the same entity from the same system to the same system.

    The way back is no duplicate: it may be how two systems are kept alike. Without a named entity nothing is said.
    """
    groups: dict[tuple[str, str, str], list[Integration]] = {}
    for row in integrations:
        if row.entity.strip():
            groups.setdefault((row.source, row.target, folded(row.entity)), []).append(row)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def same_definition(entities: Iterable[Entity]) -> tuple[tuple[Entity, ...], ...]:
    """Return the groups of APIs with one definition: the same file, or the same text but for white space."""
    groups: dict[str, list[Entity]] = {}
    for entity in entities:
        spec = entity.descriptor.get("spec")
        text = spec.get("definition") if isinstance(spec, dict) else None
        if entity.kind == "API" and isinstance(text, str) and (plain := " ".join(text.split())):
            groups.setdefault(plain, []).append(entity)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def same_name(entities: Sequence[Entity]) -> tuple[tuple[Entity, ...], ...]:
    """Return the groups of a kind and namespace whose names differ only by hyphens, dots and underscores."""
    groups: dict[tuple[str, str, str], list[Entity]] = {}
    for entity in entities:
        word = folded(entity.name).replace(".", "")
        groups.setdefault((entity.kind, entity.namespace.lower(), word), []).append(entity)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
