"""The integration catalog of an engagement: Backstage descriptors, what refers to what, and what is wrong with it."""

from collections.abc import Iterator

from assess.core.finding import Finding, Missing
from assess.core.record import pause_collector
from assess.core.source import Fact, Source
from assess.evidence.operations import Operations
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import System
from assess.intake.problem import folded, listed

from .entity import Entity, Kind, Notes, Relation, RelationType, Text, short
from .findings import CITED, FindingKind, Spot, between, gaps, judge, remarks
from .landscape import NOTHING, Binding, Tangle, bind, measure
from .reading import PREFIX, read_files
from .result import Catalog

__all__ = [
    "Binding",
    "Catalog",
    "Entity",
    "Kind",
    "Notes",
    "Relation",
    "RelationType",
    "Tangle",
    "Text",
    "list_gaps",
    "load",
    "read",
]


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
        sources=tuple(system.cite("id") for system in unknown)[:CITED],
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
        sources=(*(row.cite("id") for row in rows), *measured)[:CITED],
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


UNKNOWN = FindingKind("unknown-systems", "medium", "systems are not in the catalog", "What depends on it is not found before a change",
               f"Register it, or name the entry that is meant: annotation {PREFIX}system")  # fmt: skip
UNDECLARED = FindingKind("undeclared-integrations", "medium", "integrations are not in the catalog",
                  "A change of the source is announced to nobody who takes its data this way",
                  f"Declare it: an API or a dependency, or the annotation {PREFIX}integration on what carries it")  # fmt: skip
UNSTATED = FindingKind("unstated-relations", "low", "relations are not in integrations.csv",
                "An integration is not in the assessment: its cost and its risk are missing",
                "Add it to integrations.csv, or delete the dependency from the catalog")  # fmt: skip


def list_gaps(engagement: Engagement, catalog: Catalog) -> Iterator[tuple[FindingKind, list[Spot]]]:
    """Yield everything that is wrong with a catalog, place by place: the findings of many places are told as one."""
    binding = catalog.binding or NOTHING
    yield from gaps(engagement, catalog, binding, None)
    yield from remarks(engagement, catalog, binding)
    if not catalog.binding:
        return
    unknown = [system for system in engagement.systems if system.id not in binding.systems]
    yield (
        UNKNOWN,
        [
            Spot(system.id, f"The catalog does not know the system {system.id}", (system.cite("id"),))
            for system in unknown
        ],
    )
    rows = [engagement.integration(id) for id in binding.open]
    yield (
        UNDECLARED,
        [
            Spot(
                row.id, f"The catalog lacks the integration {row.id}, which it could hold", (row.cite("id"),)
            )
            for row in rows
        ],
    )
    yield (
        UNSTATED,
        [
            Spot(
                f"{relation.source} {relation.target}",
                f"{short(relation.source)} {relation.field.split('.')[1]} {short(relation.target)}, and integrations.csv has nothing between them",
                (relation.origin,),
            )
            for relation in between(engagement, catalog, binding)
        ],
    )


def _of(part: int, whole: int, noun: str) -> str:
    return f"{part:,} of {whole:,} {noun}{'' if whole == 1 else 's'}"


OWNED = ("Component", "API", "System", "Domain", "Resource")


def facts(engagement: Engagement, catalog: Catalog) -> Iterator[Fact]:
    """Yield what the report states, each with its source."""
    yield from _tangle(engagement, catalog)
    if not catalog.assessed:
        return
    source = counted(catalog)
    owned = [entity for entity in catalog.entities if entity.kind in OWNED]
    binding = catalog.binding
    yield _fact("entries", "Entries of the catalog", len(catalog.entities), source)
    yield _fact("problems", "Places that can't be read or break the schema", len(catalog.problems), source)
    yield _fact("dangling", "References to what nobody registered", len(catalog.dangling), source)
    if owned:
        share = sum(bool(entity.owner) for entity in owned) / len(owned)
        yield _fact("owned", "Entries that name an owner", share, source, "share")
    if binding and engagement.systems:
        known = len(binding.systems) / len(engagement.systems)
        yield _fact("systems", "Systems that the catalog knows", known, source, "share")
    if binding and (between := len(binding.declared) + len(binding.open)):
        declared = len(binding.declared) / between
        label = "Integrations between known systems that the catalog declares"
        yield _fact("declared", label, declared, source, "share")
    reach = catalog.graph.reach() if catalog.entities else {}
    if reach and (most := max(reach.values())):
        widest = min(ref for ref, count in reach.items() if count == most)
        entity = catalog.get(widest)
        name = entity.label if entity else widest
        yield _fact("reach", f"Entries that a change of {name} can reach, the most of all", most, source)


def _tangle(engagement: Engagement, catalog: Catalog) -> Iterator[Fact]:
    tangle = catalog.tangle
    if tangle is None or tangle.density is None:
        return
    rows = tuple(row.origin for row in engagement.integrations[:50])
    told = Source(
        kind="calculation",
        place="catalog/tangle",
        detail=f"{tangle.pairs} connected pairs of {tangle.systems} systems / (n(n-1)/2)",
        of=tuple(row.id for row in rows),
    )
    busiest, partners = tangle.busiest
    name_of_busiest = {s.id: s.name for s in engagement.systems}.get(busiest) or busiest
    for name, label, value, unit in (
        ("busiest", f"Other systems that {name_of_busiest} is connected with, the most of all", partners, ""),
        ("density", "Pairs of systems that are connected point to point", tangle.density, "share"),
        ("pairs", "Connected pairs of systems", tangle.pairs, ""),
        ("possible", "Possible pairs of systems", tangle.systems * (tangle.systems - 1) // 2, ""),
        ("hub_links", "Connections that a hub would need instead", tangle.hub_links, ""),
        ("topics", "Streams that would replace the interfaces of the sources", tangle.topics, ""),
    ):
        yield Fact(id=f"catalog.{name}", label=label, value=value, unit=unit, sources=(told, *rows))


def counted(catalog: Catalog) -> Source:
    """Return the source of what was counted over a whole catalog."""
    files = len({entity.file for entity in catalog.entities})
    detail = f"{len(catalog.entities):,} entries of {files:,} files"
    return Source(kind="measurement", place="catalog", detail=detail)


def _fact(name: str, label: str, value: float, source: Source, unit: str = "") -> Fact:
    return Fact(id=f"catalog.{name}", label=label, value=value, unit=unit, sources=(source,))


def read(engagement: Engagement, operations: Operations | None = None) -> Catalog:
    """Read the catalog of an engagement and judge it.

    Never raises for what stands in a file: a descriptor that can't be read, breaks the schema or refers to
    nothing is told with file and line. Files outside the engagement and the network are never touched.

    Parameters
    ----------
    operations
        What the run logs show: which undeclared integrations really run, which interfaces have fallen silent.
    """
    catalog = load(engagement)
    binding = catalog.binding or NOTHING
    found = judge(engagement, catalog, binding, operations)
    if catalog.binding:
        found = (*found, *compare(engagement, catalog, binding, operations))
    return catalog.model_copy(update={"findings": found, "facts": tuple(facts(engagement, catalog))})


@pause_collector()
def load(engagement: Engagement) -> Catalog:
    """Read the catalog of an engagement without judging it; see `read`."""
    measured = measure(engagement.integrations) if engagement.integrations else None
    if not engagement.catalog:
        return Catalog(tangle=measured, missing=(_NONE,))
    out = read_files(engagement)
    entities, stated = tuple(out.entities.values()), tuple(out.relations)
    return Catalog(
        entities=entities,
        relations=stated,
        problems=tuple(out.problems),
        skipped=tuple(out.skipped),
        binding=bind(engagement, entities, stated),
        tangle=measured,
    )


_NONE = Missing(
    section="governance",
    supply="Backstage descriptors (catalog-info.yaml) under catalog/",
    changes="owners, dependencies, duplicates and the reach of a change are read instead of unknown",
)
