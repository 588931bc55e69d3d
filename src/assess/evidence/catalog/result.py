"""The catalog of an engagement, as it was read."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact
from assess.intake.problem import Problem

from .entity import Entity, Kind, Relation
from .graph import DependencyGraph, needs
from .landscape import Binding, Tangle


class Impact(Record):
    """What hangs together with one entity.

    Parameters
    ----------
    ref
        The entity.
    affected
        Entities that a change or failure of it can reach: they need it, directly or by others.
    needed
        Entities that it needs, directly or by others.
    """

    ref: str
    affected: tuple[str, ...]
    needed: tuple[str, ...]


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

    def impact(self, ref: str) -> Impact:
        """Return what an entity can reach, and what it needs.

        Raises
        ------
        KeyError
            If the catalog has no such entity.
        """
        return Impact(ref=ref, affected=self.graph.needed_by(ref), needed=self.graph.needs(ref))

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
        "sla": notes.sla.text if notes.sla else "",
        "health_check": notes.health_check,
        "deprecated": notes.deprecated,
        "retirement": notes.retirement,
        "problems": len(entity.problems),
        "file": entity.file,
        "line": entity.line,
    }
