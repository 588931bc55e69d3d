"""Which rows of an engagement are still the examples of the template: invented, to be overwritten or deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import as_file, files

from .columns import TABLES, TableOf
from .engagement import Engagement, Row
from .export import texts
from .loading import load


@cache
def examples() -> Engagement:
    """Return the engagement of the template."""
    with as_file(files(__package__).joinpath("template")) as folder:
        return load(folder)


def left_over(engagement: Engagement) -> Mapping[str, tuple[int, ...]]:
    """Return the positions, from 0, of the rows of each table that say exactly what an example says.

    >>> left_over(examples())["systems"]
    (0, 1, 2)
    """
    found = {table.name: _left(table, getattr(engagement, table.name)) for table in TABLES}
    return {name: places for name, places in found.items() if places}


def _left(table: TableOf, rows: Iterable[Row]) -> tuple[int, ...]:
    known = {tuple(texts(row, table.columns)) for row in getattr(examples(), table.name)}
    return tuple(place for place, row in enumerate(rows) if tuple(texts(row, table.columns)) in known)


def told(engagement: Engagement) -> str:
    """Return in one sentence where examples are left, empty where there are none.

    >>> told(examples())[:44]
    'Still the invented examples of the template:'
    """
    places = []
    for name, positions in left_over(engagement).items():
        origins = [getattr(engagement, name)[position].origin for position in positions]
        rows = [str(origin.row) for origin in origins if origin and origin.row]
        places.append(f"{name} ({'row' if len(rows) == 1 else 'rows'} {', '.join(rows)})" if rows else name)
    if not places:
        return ""
    return f"Still the invented examples of the template: {'; '.join(places)}. Overwrite or delete them."
