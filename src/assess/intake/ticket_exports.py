"""Tables as ticket systems export them: columns and words of products, from ``ticket_exports.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assess.core.dates import read_time
from assess.core.patterns import fits
from assess.intake.problem import Problems, quote_value
from assess.intake.raw import Raw, RawRow, RawTable

Export = Mapping[str, Any]


@cache
def _shipped() -> dict[str, list[Export]]:
    return dict(yaml.safe_load(files(__package__).joinpath("ticket_exports.yaml").read_text("utf-8")))


def find_export(table: str, header: Sequence[str]) -> Export | None:
    """Return the product whose export has a header that stands in the place of a table; None where there is none.

    >>> find_export("incidents", ["number", "opened_at", "state"])["name"]
    'ServiceNow'
    >>> find_export("incidents", ["id", "started"])
    """
    known = {name.casefold() for name in header}
    for export in _shipped().get(table, ()):
        if all(known.intersection(names) for names in export["marks"]):
            return export
    return None


def translate(table: RawTable, header: Sequence[str], export: Export, problems: Problems) -> RawTable:
    """Return an export as the table whose place it takes; what each column was read as is noted."""
    written = {name.casefold(): name for name in reversed(header)}
    found = {
        column: [written[name] for name in names if name in written]
        for column, names in export["columns"].items()
    }
    columns = {column: names for column, names in found.items() if names}
    read = ", ".join(f"{' or '.join(names)} as {column}" for column, names in columns.items())
    problems.note(table.place, f"is read as an export of {export['name']}: {read}")
    words = {
        column: {str(word): meaning for word, meaning in meanings.items()}
        for column, meanings in export["words"].items()
    }
    rows = []
    for row in table.rows:
        cells = {}
        for column, names in columns.items():
            text = next((cell for name in names if (cell := row.cells.get(name, "").strip())), "")
            cells[column] = words.get(column, {}).get(text.casefold(), text)
        rows.append(RawRow(row.row, cells, row.whole))
    times = [column.name for column in table.table.columns if column.kind == "time"]
    return replace(table, columns=tuple(columns), rows=tuple(_timed(rows, times)), export=export["name"])


def _timed(rows: Sequence[RawRow], times: Sequence[str]) -> list[RawRow]:
    """Write moments of any form as ISO 8601; those without an offset stay without one."""
    texts = sorted(
        {text for row in rows for name in times if (text := row.cells.get(name)) and read_time(text) is None}
    )
    if not texts:
        return list(rows)
    from assess.core.moments import read_moments  # pandas is loaded only where it is needed

    here, elsewhere = read_moments(texts, "UTC").utc, read_moments(texts, "Etc/GMT+1").utc
    said = {
        text: f"{str(moment)[:19]}{'Z' if moment == other else ''}"
        for text, moment, other in zip(texts, here, elsewhere, strict=True)
        if moment == moment  # NaT is not
    }
    return [
        replace(row, cells={n: said.get(c, c) if n in times else c for n, c in row.cells.items()})
        for row in rows
    ]


def keep_own_tickets(raw: Raw, problems: Problems) -> None:
    """Leave out of an export of tickets what is about no integration of the engagement: a desk has many others."""
    table = raw.tables.get("incidents")
    if table is None or not table.export:
        return
    known = match_integrations(
        _pairs(raw, "integrations", "id", "name"),
        _pairs(raw, "run_names", "name", "integration"),
        {row.cells.get("integration", "") for row in table.rows},
    )
    kept = [
        replace(row, cells={**row.cells, "integration": known[name]})
        for row in table.rows
        if (name := row.cells.get("integration", "")) in known
    ]
    if left := len(table.rows) - len(kept):
        others = sorted({row.cells.get("integration", "") for row in table.rows} - set(known) - {""})
        named = f", such as {quote_value(others[0])}" if others else ""
        message = f"holds {left} tickets of {len(table.rows)} about no integration by its id, its name or operations/names.csv{named}; they are left out"
        problems.note(table.place, message)
    raw.tables["incidents"] = replace(table, rows=tuple(kept))


def _pairs(raw: Raw, table: str, first: str, second: str) -> list[tuple[str, str]]:
    rows = raw.tables[table].rows if table in raw.tables else ()
    return [(row.cells.get(first, "").strip(), row.cells.get(second, "").strip()) for row in rows]


def match_integrations(
    integrations: Iterable[tuple[str, str]], names: Iterable[tuple[str, str]], wanted: Iterable[str]
) -> dict[str, str]:
    """Return the integration that each name means; names that mean none are left out.

    A name is, in this order: the id of an integration; a name of ``operations/names.csv``, written out; the
    pattern there, with ``*``, that has the most letters; the name or the id of an integration in another case.

    Parameters
    ----------
    integrations
        Id and name of each.
    names
        Rows of ``operations/names.csv``: name or pattern, and the integration that is meant.

    Examples
    --------
    >>> known, names = [("orders", "Orders to ERP")], [("POST /orders/*", "orders")]
    >>> match_integrations(known, names, ["orders", "POST /orders/7", "orders TO erp", "GET /"])
    {'orders': 'orders', 'POST /orders/7': 'orders', 'orders TO erp': 'orders'}
    """
    stated, rows = list(integrations), list(names)
    ids = {id for id, _ in stated}
    written = {name: id for name, id in rows if "*" not in name}
    patterns = sorted(
        ((name.casefold().split("*"), id) for name, id in rows if "*" in name),
        key=lambda item: (-sum(map(len, item[0])), item[0]),
    )
    loose = {_loose(name): id for id, name in reversed(stated) if name}
    loose |= {_loose(id): id for id, _ in reversed(stated)}
    loose |= {_loose(name): id for name, id in written.items()}
    found: dict[str, str] = {}
    for name in wanted:
        if name in ids:
            found[name] = name
            continue
        hit = written.get(name) or next((id for parts, id in patterns if fits(name.casefold(), parts)), None)
        hit = hit or loose.get(_loose(name))
        if hit:
            found[name] = hit
    return found


def _loose(name: str) -> str:
    return " ".join(name.casefold().split())
