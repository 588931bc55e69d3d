"""Hostile text in every field of an engagement that takes free text, found by walking the records."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from assess import intake
from assess.intake.assumptions import Assumptions
from assess.intake.columns import SECTIONS, TABLES, ColumnDefinition, derive_columns
from assess.intake.engagement import Engagement
from assess.intake.references import REFERENCES

HOSTILE = {
    "name": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "closing": "\"'></td></script><!-- ]]> {{ 7*7 }}{% raise %} [x](javascript:alert(1)) %{y}",
    "customer": "=cmd|'/c calc'!A1",
    "direction": "\u202egnp.exe\u202c \u2067abc \u2066",
    "signs": "😀👩‍👩‍👧 Ünïcödé عربى",
    "long": "x" * 100_000,
    "name again": "<svg onload=alert(1)>",
    "formula": "@SUM(1+1)*cmd|' /C calc'!A0",
}
TEXTS = tuple(HOSTILE.values())
ID = "../../../<img src=x onerror=alert({})>\nDROP TABLE x --\"'=1+1 \u202eé😀"
"""An id: whatever is allowed in one."""
ENTITY = "<script>alert(1)<script>\"'"
"""What an extract holds; ``=``, ``:``, ``;`` and slashes separate it from its path."""
FILE = "<img src=x onerror=alert(1)>\"' &#x{}"
"""Name of a file, without its ending."""

FORMATTED = {
    "currency", "time_zone", "holidays", "platform",  # of a form that is checked
    # a region or certificate that no product has rules out every style, and the other chapters with it
    "constraints.residency", "constraints.certifications",
    "systems.encoding", "systems.delimiter", "quotes.currency",
}  # fmt: skip
"""Settings and columns that take no free text."""


def free(column: ColumnDefinition) -> bool:
    """Return whether a column takes any text."""
    return column.kind == "text" or (column.kind == "list" and not column.choices)


def fields() -> Iterator[str]:
    """Yield every field that takes any text, as ``table.column`` or key of the settings."""
    for column in derive_columns(Engagement):
        if free(column) and column.name not in FORMATTED:
            yield column.name
    for section, record in SECTIONS.items():
        for column in derive_columns(record):
            if free(column) and f"{section}.{column.name}" not in FORMATTED:
                yield f"{section}.{column.name}"
    for table in TABLES:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if (free(column) or column.kind == "data") and name not in FORMATTED:
                yield name


def poison(source: Path, folder: Path) -> Engagement:
    """Write a copy of an engagement with hostile text in every such field, and return it as it is loaded."""
    before = intake.load(source)
    new_ids = {
        (table.name, getattr(row, table.key[0])): ID.format(f"{number}{place}")
        for number, table in enumerate(TABLES)
        if any(reference.to == table.name for reference in REFERENCES) or table.name == "practices"
        for place, row in enumerate(getattr(before, table.name))
    }
    files = _files(source, folder, before)
    _evidence(folder)
    tables = {}
    for number, table in enumerate(TABLES):
        rows = []
        for place, row in enumerate(getattr(before, table.name)):
            update = {}
            for position, column in enumerate(table.columns):
                if f"{table.name}.{column.name}" in FORMATTED:
                    continue
                if free(column) or column.kind == "data":
                    text = TEXTS[(number + place + position) % len(TEXTS)]
                    update[column.field] = _value(table, column, row, text, new_ids, files)
            if "required_by" in update:  # a reason stands beside a requirement only
                update["required"] = True
            rows.append(row.model_copy(update=update))
        tables[table.name] = tuple(rows)
    settings = {
        column.field: (text,) if column.kind == "list" else text
        for column, text in zip(derive_columns(Engagement), TEXTS * 9, strict=False)
        if free(column) and column.name not in FORMATTED
    }
    for section, record in SECTIONS.items():
        update = {
            column.field: (text,) if column.kind == "list" else text
            for column, text in zip(derive_columns(record), TEXTS * 9, strict=False)
            if free(column) and f"{section}.{column.name}" not in FORMATTED
        }
        settings[section] = getattr(before, section).model_copy(update=update)
    own = before.assumptions.entry("maintenance.custom").model_copy(update={"source": HOSTILE["name"]})
    settings["assumptions"] = Assumptions(overrides={"maintenance.custom": own})
    settings["weights"] = before.weights
    settings["targets"] = settings["importance"] = {ID.format(f"{_number('practices')}0"): 0.5}
    intake.to_folder(before.model_copy(update={**tables, **settings}), folder)
    return intake.load(folder)


def holds(engagement: Engagement, field: str) -> bool:
    """Return whether a field of an engagement holds hostile text."""
    first, _, name = field.partition(".")
    marks = (*TEXTS, "onerror=alert", "<script>")
    if first in SECTIONS or not name:
        found = [getattr(getattr(engagement, first), name) if name else getattr(engagement, first)]
    else:
        name = "tables" if field == "systems.data" else name
        found = [getattr(row, name) for row in getattr(engagement, first)]
    return any(mark in str(value) for mark in marks for value in found)


def _number(name: str) -> int:
    return [table.name for table in TABLES].index(name)


def _value(table, column, row, text, new_ids, files):
    """Return what stands in a field instead: an id, a reference to one, a file, or a text."""
    reference = next((r for r in REFERENCES if (r.table, r.column) == (table.name, column.name)), None)
    old = getattr(row, column.field)
    if column.kind == "data":
        return tuple(t.model_copy(update={"entity": ENTITY, "location": files[t.location]}) for t in old[:1])
    if column.name == "contract":
        return files.get(old, old)
    if column.name == "entity":
        return ENTITY if old else old
    if table.name == "link_reviews" and column.name in ("source", "target"):
        return f"{new_ids['systems', old.partition('.')[0]]}.{ENTITY}"
    if (table.name, column.name) == ("readiness", "practice"):
        return new_ids.get(("practices", old), old)
    if reference and column.kind == "list":
        parts = [item.rpartition(":") if ":" in item else (item, "", "") for item in old]
        return tuple(new_ids[reference.to, id] + sign + share for id, sign, share in parts)
    if reference:
        return new_ids[reference.to, old] if old else old
    if column.name == table.key[0]:
        return new_ids.get((table.name, old), text)
    return (text.replace(";", ","),) if column.kind == "list" else text


def _files(source: Path, folder: Path, engagement: Engagement) -> dict[str, str]:
    """Copy extracts, contracts and logs under hostile names; return the new path of each."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.yaml", "*.csv", "*.xlsx", ".*"))
    found = {}
    used = [table.location for table in engagement.tables] + list(engagement.contracts)
    for place, path in enumerate(used):
        new = Path(path).with_name(FILE.format(place) + Path(path).suffix).as_posix()
        found[path] = new
        text = (source / path).read_text("utf-8").replace("title: Customers", f"title: '{HOSTILE['name']}'")
        (folder / new).write_text(text, "utf-8")
    return found


def _evidence(folder: Path) -> None:
    """Write a contract, a catalog, own rules and run logs whose texts are hostile, one file of each."""
    attack, closing, formula, direction = (HOSTILE[k] for k in ("name", "closing", "customer", "direction"))
    contract = {
        "openapi": "3.1.0",
        "info": {"title": closing, "version": formula, "description": attack},
        "paths": {f"/{attack}": {"get": {"operationId": closing, "responses": {"200": {"description": ""}}}}},
    }
    entry = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "hostile", "title": attack, "description": closing, "tags": [formula]},
        "spec": {
            "type": direction,
            "lifecycle": formula,
            "owner": attack,
            "dependsOn": [f"component:{attack}"],
        },
    }
    rule = {
        "id": "acme/hostile",
        "severity": "high",
        "rationale": closing,
        "fix": attack,
        "applies_to": {"kind": "Component"},
        "required": ["metadata.annotations.acme/" + formula],
    }
    runs = [["integration", "started", "finished", "status", "error"]]
    for day, text in enumerate(TEXTS, 1):
        runs.append(
            [text[:500], f"2026-10-0{day}T01:00:00", f"2026-10-0{day}T01:05:00", "failed", text[:500]]
        )
    for name, content in {
        "contracts/hostile.json": contract,
        "catalog/catalog-info.yaml": entry,
        "policies/hostile.yaml": {"rules": [rule]},
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), "utf-8")  # JSON is YAML, too
    with (folder / "operations" / "hostile.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(runs)
