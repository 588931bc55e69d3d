"""The landscape of chapter 6: who talks to whom, and what of it the catalog knows."""

from __future__ import annotations

from assess.decisions.assessment import Assessment
from assess.evidence.catalog import Catalog
from assess.evidence.operations import Operations
from assess.intake.engagement import Engagement
from assess.report.chapters.words import count
from assess.report.figure import Figure
from assess.report.tables import ColumnSpec, DataTable
from assess.report.wiring import Node, Sign, Wire, wiring

MOST = 60
"""Systems that are drawn; of more, those with the most partners."""

ROWS = 200
"""Connections that the table behind the drawing lists."""

WORDS: dict[Sign, str] = {
    "plain": "",
    "full": "in the catalog",
    "hollow": "not in the catalog",
    "bar": "has fallen silent",
}


def landscape(assessment: Assessment) -> tuple[Figure, ...]:
    """Draw the systems and their connections; none where no two systems are connected."""
    engagement, catalog = assessment.stated, assessment.catalog
    tangle = catalog.tangle
    if tangle is None or tangle.pairs == 0:
        return ()
    signs = _signs(engagement, catalog, assessment.operations)
    partners: dict[str, set[str]] = {system.id: set() for system in engagement.systems}
    for row in engagement.integrations:
        if row.source != row.target:
            partners[row.source].add(row.target)
            partners[row.target].add(row.source)
    order = {system.id: n for n, system in enumerate(engagement.systems)}
    shown = sorted((id for id in partners if partners[id]), key=lambda id: (-len(partners[id]), order[id]))[
        :MOST
    ]
    known = catalog.binding.systems if catalog.assessed and catalog.binding else None
    nodes = [
        Node(
            id=id,
            name=engagement.system(id).name or id,
            alarm=known is not None and id not in known,
            note="unknown" if known is not None and id not in known else "",
        )
        for id in shown
    ]
    wires = [Wire(row.source, row.target, signs[row.id]) for row in engagement.integrations]
    key = _key(set(signs.values()))
    caption = _caption(engagement, catalog)
    return (
        Figure(
            id="landscape",
            caption=caption,
            alt=f"A line for each of {count(len(shown), 'system')}, the one with most partners first; from each a trunk to "
            f"every system that it sends to. {caption}",
            sketch=wiring(nodes, wires, key),
            table=_table(engagement, signs),
        ),
    )


def _signs(engagement: Engagement, catalog: Catalog, operations: Operations) -> dict[str, Sign]:
    """Return the state of each integration: silent by the logs, else whether the catalog declares it."""
    declared = set(catalog.binding.declared) if catalog.assessed and catalog.binding else None
    signs: dict[str, Sign] = {}
    for row in engagement.integrations:
        traffic = operations.of(row.id)
        if traffic is not None and traffic.silent_days is not None:
            signs[row.id] = "bar"
        elif declared is None:
            signs[row.id] = "plain"
        else:
            signs[row.id] = "full" if row.id in declared else "hollow"
    return signs


def _caption(engagement: Engagement, catalog: Catalog) -> str:
    tangle = catalog.tangle
    assert tangle is not None
    possible = tangle.systems * (tangle.systems - 1) // 2
    busiest, partners = tangle.busiest
    text = (
        f"{tangle.pairs} of {possible} possible pairs of systems are connected; "
        f"{engagement.system(busiest).name or busiest} with {partners} of {tangle.systems - 1} others"
    )
    if not catalog.assessed or catalog.binding is None:
        return text
    lacking = len(engagement.integrations) - len(catalog.binding.declared)
    whole = count(len(engagement.integrations), "integration")
    return f"{text}; {lacking} of {whole} {'is' if lacking == 1 else 'are'} not in the catalog"


def _key(used: set[Sign]) -> str:
    names: dict[Sign, str] = {"full": "Filled", "hollow": "Hollow", "bar": "Bar"}
    said = [f"{name}: {WORDS[sign]}" for sign, name in names.items() if sign in used]
    return "; ".join(said) + "." if said else ""


def _table(engagement: Engagement, signs: dict[str, Sign]) -> DataTable:
    rows = engagement.integrations[:ROWS]
    return DataTable.of(
        rows,
        (
            ColumnSpec("source", "From", lambda row: row.source),
            ColumnSpec("target", "To", lambda row: row.target),
            ColumnSpec("integration", "Integration", lambda row: row.label, trace=lambda row: row.origin),
            ColumnSpec("state", "State", lambda row: WORDS[signs[row.id]] or "not assessed"),
        ),
        id="landscape-data",
        caption="The connections",
        sources=tuple(row.origin for row in rows),
    )
