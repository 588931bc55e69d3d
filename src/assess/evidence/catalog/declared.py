"""What is declared against what is stated and seen: the catalog beside systems.csv, integrations.csv and the run logs."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.finding import Finding
from assess.evidence.operations import Operations
from assess.intake.engagement import Engagement, System
from assess.intake.problem import folded, listed

from .annotations import PREFIX
from .binding import Binding
from .findings import CITED, between
from .ref import short
from .result import Catalog


def compare(
    engagement: Engagement, catalog: Catalog, binding: Binding, operations: Operations | None
) -> Iterator[Finding]:
    """Yield where the catalog and the engagement do not know the same."""
    yield from _systems(engagement, catalog, binding)
    yield from _integrations(engagement, binding, operations)
    yield from _relations(engagement, catalog, binding)


def _systems(engagement: Engagement, catalog: Catalog, binding: Binding) -> Iterator[Finding]:
    unknown = [system for system in engagement.systems if system.id not in binding.systems]
    if not unknown:
        return
    hints = [hint for system in unknown if (hint := _hint(system, catalog))]
    yield Finding(
        id="governance/catalog/unknown-systems",
        section="governance",
        severity="medium",
        title=f"The catalog does not know {_of(len(unknown), len(engagement.systems), 'system')} of systems.csv",
        evidence="; ".join([listed(system.id for system in unknown), *hints]),
        impact="What depends on them is not found before a change",
        action=f"Register them, or name the entry that is meant: annotation {PREFIX}system",
        effort=engagement.assumptions["catalog.days.entry"].scaled(len(unknown)),
        systems=tuple(system.id for system in unknown),
        sources=tuple(system.said("id") for system in unknown)[:CITED],
    )


def _hint(system: System, catalog: Catalog) -> str:
    """Say which component provides an API of the system's name."""
    apis = {
        e.ref for e in catalog.of_kind("API") if folded(e.name) in (folded(system.id), folded(system.name))
    }
    makers = [r.source for r in catalog.relations if r.type == "providesApi" and r.target in apis]
    return f"an API {system.id} is provided by {short(makers[0])}" if makers else ""


def _integrations(
    engagement: Engagement, binding: Binding, operations: Operations | None
) -> Iterator[Finding]:
    if not binding.open:
        return
    rows = [engagement.integration(id) for id in binding.open]
    seen = {row.id: operations.of(row.id) for row in rows} if operations else {}
    running = {id: traffic for id, traffic in seen.items() if traffic and traffic.runs}
    said = [f"{id} ({traffic.runs:,} runs logged)" for id, traffic in running.items()]
    said += [row.id for row in rows if row.id not in running]
    measured = [t.volume.source for t in running.values() if t.volume and t.volume.source]
    known = len(binding.open) + len(binding.declared)
    yield Finding(
        id="governance/catalog/undeclared-integrations",
        section="governance",
        severity="medium",
        title=f"The catalog lacks {_of(len(rows), known, 'integration')} that it could hold; {len(running):,} of them run, by the logs",
        evidence=listed(said, 30),
        impact="A change of the source is announced to nobody who takes its data this way",
        action=f"Declare them: an API or a dependency, or the annotation {PREFIX}integration on what carries them",
        effort=engagement.assumptions["catalog.days.entry"].scaled(len(rows)),
        integrations=tuple(row.id for row in rows),
        systems=tuple(dict.fromkeys(id for row in rows for id in (row.source, row.target))),
        sources=(*(row.said("id") for row in rows), *measured)[:CITED],
    )


def _relations(engagement: Engagement, catalog: Catalog, binding: Binding) -> Iterator[Finding]:
    found = between(engagement, catalog, binding)
    if not found:
        return
    system_of = {ref: id for id, ref in binding.systems.items()}
    yield Finding(
        id="governance/catalog/unstated-relations",
        section="governance",
        severity="low",
        title=f"The catalog connects {len(found)} {'pair' if len(found) == 1 else 'pairs'} of systems between which integrations.csv has nothing",
        evidence=listed(f"{short(r.source)} {r.field.split('.')[1]} {short(r.target)}" for r in found),
        impact="An integration is not in the assessment: its cost and its risk are missing",
        action="Add it to integrations.csv, or delete the dependency from the catalog",
        systems=tuple(
            dict.fromkeys(system_of[ref] for r in found for ref in (r.source, r.target) if ref in system_of)
        ),
        sources=tuple(r.origin for r in found)[:CITED],
    )


def _of(part: int, whole: int, noun: str) -> str:
    return f"{part:,} of {whole:,} {noun}{'' if whole == 1 else 's'}"
