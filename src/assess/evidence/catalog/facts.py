"""The figures of a catalog."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement

from .result import Catalog

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
    for name, label, value, unit in (
        ("density", "Pairs of systems that are connected point to point", tangle.density, "share"),
        ("pairs", "Connected pairs of systems", tangle.pairs, ""),
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
