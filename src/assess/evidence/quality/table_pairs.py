"""Which tables of an engagement meet in an integration, which integrations a table touches, and records that no number joins."""

from __future__ import annotations

from collections.abc import Sequence

from assess.core.record import Record
from assess.evidence.quality.checks.definitions.fields import NO_COMMON_KEY
from assess.evidence.quality.finding import rank_findings
from assess.evidence.quality.linkage import link
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement, LinkReview
from assess.intake.engagement.landscape import ExtractTable, Integration, System

from .compare import TableComparison
from .compare.findings import PairWriter
from .table import Table, open_table
from .types import infer_type


class TablePair(Record):
    """A table of a source and a table of a target that hold the same entity.

    Parameters
    ----------
    integrations
        Ids of the integrations that move it, in the engagement's order.
    """

    source: ExtractTable
    target: ExtractTable
    integrations: tuple[str, ...]

    def reviews(self, engagement: Engagement) -> tuple[LinkReview, ...]:
        """What people said of links between both."""
        ends = self.source.name, self.target.name
        return tuple(said for said in engagement.link_reviews if (said.source, said.target) == ends)


def find_table_pairs(engagement: Engagement) -> tuple[TablePair, ...]:
    """Return the pairs to compare, each once, in the order of the integrations.

    Tables of the two systems of an integration meet if they hold the integration's entity; where the
    entity is not stated, or a side has no table of it, the tables meet if each system has exactly one.
    """
    systems = {system.id: system for system in engagement.systems}
    met: dict[tuple[str, str], list[str]] = {}
    tables = {table.name: table for table in engagement.tables}
    for integration in engagement.integrations:
        source, target = systems.get(integration.source), systems.get(integration.target)
        if source is None or target is None or source.id == target.id:
            continue
        for one, other in shared_tables(source, target, integration.entity):
            met.setdefault((one.name, other.name), []).append(integration.id)
    return tuple(
        TablePair(source=tables[one], target=tables[other], integrations=tuple(ids))
        for (one, other), ids in met.items()
    )


def shared_tables(source: System, target: System, entity: str) -> list[tuple[ExtractTable, ExtractTable]]:
    """Return the pairs of tables of two systems that hold an entity."""
    if entity:
        pairs = [
            (one, other)
            for one in source.tables
            for other in target.tables
            if one.entity == entity and other.entity == entity
        ]
        if pairs:
            return pairs
    if len(source.tables) == 1 and len(target.tables) == 1:
        return [(source.tables[0], target.tables[0])]
    return []


def find_uncompared(engagement: Engagement, pairs: Sequence[TablePair]) -> tuple[Integration, ...]:
    """Return the integrations for which no two tables meet."""
    met = {id for pair in pairs for id in pair.integrations}
    return tuple(integration for integration in engagement.integrations if integration.id not in met)


def touching_integrations(engagement: Engagement, table: ExtractTable) -> tuple[str, ...]:
    """Return the ids of the integrations that move a table's entity from or to its system."""
    return tuple(
        integration.id
        for integration in engagement.integrations
        if table.system in (integration.source, integration.target)
        and (not integration.entity or not table.entity or integration.entity == table.entity)
    )


def open_extract(engagement: Engagement, extract: ExtractTable) -> Table:
    """Open an extract as its system's is written.

    Raises
    ------
    UnreadableTable
        If it can't be read.
    """
    form = engagement.system(extract.system).stated_form
    return open_table(engagement.locate(extract.location), extract.name, **form)


OWN = frozenset({"uuid", "e-mail", "iban", "lei", "isin", "vat number", "isbn", "issn", "ean"})
"""Semantic types of what one party or thing alone has."""


def link_unjoined(
    found: TableComparison,
    source: Table,
    target: Table,
    *,
    reviews: Sequence[LinkReview] = (),
    both_ways: bool = False,
    assumptions: Assumptions | None = None,
    clear: bool = False,
) -> TableComparison:
    """Return a comparison with its records linked by what they say, and the price of those that are not, where no number joins them.

    What other columns join, such as names or towns, says little of who has no partner: where records could be linked, its
    findings give way. An address or number that one party alone has, such as an e-mail address, says it.
    """
    guessed = any(finding.check == NO_COMMON_KEY.name for finding in found.findings) and not any(
        way.true and infer_type(source.column(name)).semantic in OWN
        for way in found.ways
        for name in way.source_columns
    )
    if found.not_assessed or found.drawn or (found.joined is not None and not guessed):
        return found
    linkage = link(source, target).reviewed(reviews, source, target)
    if linkage.refused and found.joined is not None:
        return found
    kept = [finding for finding in found.findings if not finding.check.endswith(" only")]
    made = PairWriter(source, target, assumptions, clear, both_ways=both_ways).unlinked(linkage)
    return found.model_copy(update={"linkage": linkage, "findings": rank_findings([*kept, *made])})
