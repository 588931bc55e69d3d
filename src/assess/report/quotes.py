"""What stands at a place of the input, so that the page can quote the row that a number came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assess.core.estimate import Estimate
from assess.core.secrets import mask_secrets
from assess.core.source import Source
from assess.intake.engagement import Engagement, Row, Table

from .trace import rows


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
            found[source.id] = mask_secrets(words(value))
    return found


def words(value: Any) -> str:
    """Write a value of the engagement as a consultant would.

    >>> words(Estimate(low=1, likely=2, high=5)), words(True), words(("rest", "file")), words({"ipaas": 0.5})
    ('1 / 2 / 5', 'yes', 'rest; file', 'ipaas: 0.5')
    """
    if isinstance(value, Estimate):
        return f"{value.likely:g}" if value.certain else f"{value.low:g} / {value.likely:g} / {value.high:g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {words(item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return "; ".join(words(item) for item in value)
    if isinstance(value, Table):
        return f"{value.name}={value.shown}"
    if isinstance(value, Row):
        return str(getattr(value, "id", value.origin.place))
    return f"{value:g}" if isinstance(value, float) else str(value)
