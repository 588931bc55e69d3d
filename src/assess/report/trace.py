"""From the id of a source back to the source: what calculations name, the page can show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assess.core import reads
from assess.core.source import Source
from assess.intake.columns import SECTIONS, TABLES
from assess.intake.engagement import Engagement, Row


def rows(engagement: Engagement) -> Iterator[Row]:
    """Every row of an engagement."""
    yield engagement
    for section in SECTIONS:
        yield getattr(engagement, section)
    for table in TABLES:
        yield from getattr(engagement, table.name)


def resolve(engagement: Engagement, sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return the inputs and assumptions that calculations name by id and that are not among the sources.

    Parameters
    ----------
    engagement
        Whose rows and assumptions are looked up.
    sources
        What a chapter carries already.
    """
    carried = {source.id: source for source in sources}
    wanted = dict.fromkeys(id for source in carried.values() for id in source.of if id not in carried)
    with reads.silent():  # who names a row has read it
        by_row = {row.origin.id: row for row in rows(engagement)}
    found = (_find(id, engagement, by_row) for id in wanted)
    return tuple(source for source in found if source is not None)


def _find(id: str, engagement: Engagement, by_row: dict[str, Row]) -> Source | None:
    if id in by_row:
        return by_row[id].origin
    stem, _, column = id.rpartition(":")
    if stem in by_row:
        return by_row[stem].said(column)
    if id.startswith("as:") and id[3:] in engagement.assumptions:
        return engagement.assumptions[id[3:]].source
    return None
