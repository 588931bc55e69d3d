"""From a source back to its place: what calculations name by id, and the value that the engagement holds there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assess.core import reads
from assess.core.estimate import Estimate
from assess.core.secrets import mask_secrets
from assess.core.source import Source
from assess.intake.columns import SECTIONS, TABLES
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable, Row


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
        return by_row[stem].cite(column)
    if id.startswith("as:") and id[3:] in engagement.assumptions:
        return engagement.assumptions[id[3:]].source
    return None


def quotes(engagement: Engagement, sources: Iterable[Source]) -> dict[str, str]:
    """Return, by id of each input source, the value that the engagement holds there, as text.

    Sources that name no row, no column, or a column whose value is not stated are left out.
    """
    by_place = {(row.origin.place, row.origin.row): row for row in rows(engagement)}
    found = {}
    for source in sources:
        row = by_place.get((source.place, source.row)) if source.kind == "input" else None
        value = getattr(row, source.column, None) if row is not None else None
        if value not in (None, "", ()):
            found[source.id] = mask_secrets(format_value(value))
    return found


def format_value(value: Any) -> str:
    """Write a value of the engagement as a consultant would.

    >>> format_value(Estimate(low=1, likely=2, high=5)), format_value(True), format_value(("rest", "file")), format_value({"ipaas": 0.5})
    ('1 / 2 / 5', 'yes', 'rest; file', 'ipaas: 0.5')
    """
    if isinstance(value, Estimate):
        return f"{value.likely:g}" if value.certain else f"{value.low:g} / {value.likely:g} / {value.high:g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {format_value(item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return "; ".join(format_value(item) for item in value)
    if isinstance(value, ExtractTable):
        return f"{value.name}={value.shown}"
    if isinstance(value, Row):
        return str(getattr(value, "id", value.origin.place))
    return f"{value:g}" if isinstance(value, float) else str(value)
