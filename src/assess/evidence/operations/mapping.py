"""From the columns of a file to those of a run log: shipped mappings of products, names, and what the consultant says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from assess.core.engine import literal
from assess.core.moments import Order, read_moments
from assess.core.patterns import fits
from assess.core.record import Record
from assess.intake.engagement import LogColumn

TEXTS = ("integration", "run_id", "error", "parent")
MEANINGS = ("integration", "run_id", "started", "finished", "status", "records", "bytes", "latency", "attempt", "trigger", "error", "parent")  # fmt: skip
"""What a column may be said to mean."""
FLAGS = ("repeated", "test", "kind", "service", "lost", "date", "code")
"""What else an export's columns say, beside the columns of a run log."""
OWN = "columns by name"
"""What a file is called that no product's export is recognised in."""

_YES = "lower({0}) IN ('true', '1', 'yes')"
_MILLISECONDS = {
    "ns": "try_cast({0} AS DOUBLE) / 1000000",
    "us": "try_cast({0} AS DOUBLE) / 1000",
    "ms": "try_cast(replace({0}, ',', '') AS DOUBLE)",
    "s": "try_cast({0} AS DOUBLE) * 1000",
    "min": "try_cast({0} AS DOUBLE) * 60000",
    "clock": "1000 * (coalesce(try_cast(regexp_extract({0}, '^([0-9]+)[.]([0-9]+):', 1) AS DOUBLE), 0) * 86400"
    " + coalesce(try_cast(regexp_extract({0}, '([0-9]+):[0-9]+:[0-9.]+$', 1) AS DOUBLE), 0) * 3600"
    " + try_cast(regexp_extract({0}, '([0-9]+):[0-9.]+$', 1) AS DOUBLE) * 60"
    " + try_cast(regexp_extract({0}, ':([0-9]+(?:[.][0-9]+)?)$', 1) AS DOUBLE))",
    "iso": "CASE WHEN {0} LIKE 'P%' THEN 1000 * (coalesce(try_cast(regexp_extract({0}, '([0-9.]+)D', 1) AS DOUBLE), 0) * 86400"
    " + coalesce(try_cast(regexp_extract({0}, 'T.*?([0-9.]+)H', 1) AS DOUBLE), 0) * 3600"
    " + coalesce(try_cast(regexp_extract({0}, 'T.*?([0-9.]+)M', 1) AS DOUBLE), 0) * 60"
    " + coalesce(try_cast(regexp_extract({0}, '([0-9.]+)S', 1) AS DOUBLE), 0)) END",
}
"""Milliseconds of a duration by its unit."""
_MILLISECONDS["written"] = (
    f"CASE WHEN {{0}} LIKE 'P%' THEN {_MILLISECONDS['iso']} WHEN {{0}} LIKE '%:%' THEN {_MILLISECONDS['clock']} "
    "WHEN regexp_full_match({0}, '[0-9.]+ ?ms') THEN try_cast(regexp_extract({0}, '^[0-9.]+') AS DOUBLE) "
    "WHEN regexp_full_match({0}, '[0-9.]+ ?s') THEN try_cast(regexp_extract({0}, '^[0-9.]+') AS DOUBLE) * 1000 END"
)
"""A duration that names its unit itself; a mere number says nothing without one."""

_TOKENS = {
    "status": {"status", "state", "result", "outcome", "code"},
    "started": {"start", "started", "begin", "began", "created", "creation", "beginn"},
    "finished": {"end", "ended", "finish", "finished", "stop", "stopped", "completed", "ende"},
}
"""Parts of a column's name by which it is proposed, the last part first."""
_HTTP = re.compile(r"[1-5]\d\d")


class FoundColumn(Record):
    """A column of a file as `assess validate` shows it.

    Parameters
    ----------
    name
        As the file writes it.
    samples
        Up to three of its values, masked.
    meaning
        What it was taken for, or is proposed to be; empty for nothing.
    """

    name: str
    samples: tuple[str, ...] = ()
    meaning: str = ""


class ColumnMapping(NamedTuple):
    """How a file is read.

    Parameters
    ----------
    form
        The product whose export it is, or `OWN`.
    fields
        For each field, the columns that may fill it, squeezed, with their unit: the first that is filled counts.
    words
        What words of its status mean, squeezed.
    order
        Of day and month, where somebody said so.
    """

    form: str
    fields: Mapping[str, tuple[str, ...]]
    words: Mapping[str, str]
    order: Order = ""


def squeezed(name: str) -> str:
    """Write a name without what tools differ in: case, accents, blanks, hyphens, underscores, dots.

    >>> squeezed("Run ID"), squeezed("executionTime"), squeezed("@timestamp"), squeezed("Datensätze"), squeezed("Échec")
    ('runid', 'executiontime', 'timestamp', 'datensatze', 'echec')
    """
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if c.isalnum())


@cache
def shipped() -> dict[str, Any]:
    """Return the content of ``mappings.yaml``."""
    content = Path(__file__).with_name("mappings.yaml").read_text("utf-8")
    return dict(yaml.safe_load(content))


@cache
def status_meanings() -> dict[str, str]:
    """Return what the words of a status mean, squeezed."""
    return {squeezed(word): meaning for meaning, words in shipped()["status"].items() for word in words}


def recognise(columns: Collection[str]) -> Mapping[str, Any] | None:
    """Return the product whose export has these columns, squeezed; None where there is none.

    >>> recognise({"executionid", "executiontime", "status"})["name"]
    'Boomi executions'
    >>> recognise({"time", "method", "path", "status"})["name"], recognise({"a"})
    ('access log', None)
    """
    if {"integration", "started"} <= set(columns):
        return None
    for product in shipped()["products"]:
        marked = all(mark in columns for mark in product.get("marks", ()))
        among = (product.get(key) for key in ("any", "also", "and"))
        if marked and all(any(name in columns for name in names) for names in among if names):
            return dict(product)
    return None


def find_mapping(columns: Sequence[str], stated: Sequence[LogColumn] = (), file: str = "") -> ColumnMapping:
    """Return how a file of these columns is read: what is stated, else a product's mapping, else the names.

    Parameters
    ----------
    columns
        Squeezed, in their order.
    stated
        Rows of ``operations/columns.csv``; those of other files are left out.

    Examples
    --------
    >>> found = find_mapping(["beginn", "ende", "status", "datensatze"])
    >>> found.form, dict(found.fields)
    ('columns by name', {'started': ('beginn',), 'finished': ('ende',), 'status': ('status',), 'records': ('datensatze',)})
    """
    rows = [row for row in stated if not row.file or fits(file.casefold(), row.file.casefold().split("*"))]
    product = recognise(columns)
    fields = _of_product(product, columns) if product else _by_name(columns)
    words = {squeezed(str(word)): meaning for word, meaning in (product or {}).get("words", {}).items()}
    order: Order = ""
    for row in rows:
        name = squeezed(row.found)
        if row.meaning in shipped()["status"]:
            words[name] = row.meaning
        elif name in columns:
            fields = {
                field: tuple(c for c in cells if c.split(" ")[0] != name) for field, cells in fields.items()
            }
            if row.meaning != "nothing":
                unit = f" {row.form or 'written'}" if row.meaning == "latency" else ""
                fields[row.meaning] = (f"{name}{unit}",)
            if row.form == "dmy" or row.form == "mdy":
                order = "dmy" if row.form == "dmy" else "mdy"
    fields = {field: cells for field, cells in fields.items() if cells}
    return ColumnMapping(product["name"] if product else OWN, fields, words, order)


def _of_product(product: Mapping[str, Any], columns: Collection[str]) -> dict[str, tuple[str, ...]]:
    found = {}
    for field, cells in product["fields"].items():
        there = tuple(cell for cell in cells if cell.split(" ")[0] in columns)
        if there:
            found[field] = there
    return found


def _by_name(columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the columns whose names are known; no column has two meanings, the likeliest name comes first."""
    found: dict[str, tuple[str, ...]] = {}
    used: set[str] = set()
    for field, names in shipped()["names"].items():
        for name in names:
            column, _, unit = name.partition(" ")
            if squeezed(column) in columns and squeezed(column) not in used:
                used.add(squeezed(column))
                found[field] = (f"{squeezed(column)} {unit}".strip(),)
                break
    return found


def expressions(mapping: ColumnMapping, file: str) -> dict[str, str]:
    """Return the SQL of each column of a run log over the columns of the file.

    Parameters
    ----------
    file
        Its name without folder and ending: the integration where no column names one.
    """
    cells = {
        field: [_expression(cell, field) for cell in names]
        for field, names in mapping.fields.items()
        if field not in FLAGS
    }
    found = {field: _first(parts) for field, parts in cells.items()}
    flags = {field: _first([_expression(cell, field) for cell in mapping.fields[field]])
            for field in FLAGS if field in mapping.fields}  # fmt: skip
    if "date" in flags:
        found["started"] = f"{flags['date']} || 'T' || {found['started']} || 'Z'"
    found["integration"] = _integration(found, flags, file)
    if "parent" in found and "kind" in flags:
        found["parent"] = (
            f"CASE WHEN {flags['kind']} NOT IN ('SERVER', 'CONSUMER') THEN {found['parent']} END"
        )
    if "code" in flags:
        found["status"], found["records"] = (
            _answered(flags["code"]),
            found.get("records", _moved(flags["code"])),
        )
    if "failed_if" in found:
        other = found.get("status", "'success'")
        found["status"] = f"CASE WHEN {_YES.format(found['failed_if'])} THEN 'failed' ELSE {other} END"
        if "status" not in cells and "finished" in found:
            found["status"] = f"CASE WHEN {_YES.format(found['failed_if'])} THEN 'failed' WHEN {found['finished']} IS NULL THEN 'running' ELSE 'success' END"  # fmt: skip
    if "lost" in flags and "records" in found:
        found["records"] = f"greatest(try_cast({found['records']} AS BIGINT) - coalesce(try_cast({flags['lost']} AS BIGINT), 0), 0)::VARCHAR"  # fmt: skip
    found.update(_repeats(found, flags))
    return {field: sql for field, sql in found.items() if field in MEANINGS}


def _repeats(found: Mapping[str, str], flags: Mapping[str, str]) -> dict[str, str]:
    """Return attempt and trigger: a repeated run is a further attempt, a test is one whatever started it."""
    again: dict[str, str] = {}
    word = f"lower(regexp_replace(coalesce({found['trigger']}, ''), '[^A-Za-z]', '', 'g'))" if "trigger" in found else ""  # fmt: skip
    repeated = [_YES.format(flags["repeated"])] if "repeated" in flags else []
    if word:
        repeated.append(f"{word} IN ({_listed(shipped()['trigger']['repeated'])})")
    if repeated:
        attempt = found.get("attempt", "NULL")
        again["attempt"] = (
            f"CASE WHEN {' OR '.join(repeated)} THEN coalesce({attempt}, '2') ELSE {attempt} END"
        )
    if "test" in flags:
        other = found.get("trigger", "NULL")
        again["trigger"] = f"CASE WHEN {_YES.format(flags['test'])} THEN 'test' ELSE {other} END"
    return again


def _integration(found: Mapping[str, str], flags: Mapping[str, str], file: str) -> str:
    """Return whose run it is: a name, a service and a name, a method and a path without its query, or the file's name."""
    parts = []
    if "service" in flags and "integration" in found:
        parts.append(f"{flags['service']} || ' ' || {found['integration']}")
    elif "integration" in found:
        parts.append(found["integration"])
    if "request" in found:
        plain = f"regexp_replace({found['request']}, ' HTTP/[0-9.]+$', '')"
        plain = f"regexp_replace({plain}, '^([A-Z]+) [a-z]+://[^/ ]+', '\\1 ')"
        parts.append(f"regexp_replace({plain}, '[?].*$', '')")
    elif "path" in found and "method" in found:
        parts.append(f"{found['method']} || ' ' || regexp_replace({found['path']}, '[?].*$', '')")
    return _first(parts or [literal(file)])


def _first(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"


def _expression(cell: str, field: str) -> str:
    name, _, form = cell.partition(" ")
    text = f"nullif(nullif(trim(\"{name}\"), ''), '-')"
    if form.startswith("~"):
        return f"nullif(regexp_extract({text}, {literal(form[1:])}, 1), '')"
    if form == "again":
        return f"(try_cast({text} AS INTEGER) + 1)::VARCHAR"
    if form == "given":
        return f"CASE WHEN {text} IS NOT NULL AND lower({text}) NOT IN ('null', 'false') THEN 'true' END"
    if field == "latency":
        return f"({_MILLISECONDS[form or 'ms'].format(text)})::VARCHAR"
    return text


def _answered(code: str) -> str:
    """Return what an HTTP status means: 5xx and 429 failed; other 4xx were answered and moved nothing.

    The fault is the caller's: sre.google/workbook/implementing-slos counts 5xx only as bad, too.
    """
    value = f"try_cast({code} AS INTEGER)"
    return (
        f"CASE WHEN {value} BETWEEN 100 AND 399 THEN 'success' WHEN {value} = 429 THEN 'failed' "
        f"WHEN {value} BETWEEN 400 AND 499 THEN 'warning' WHEN {value} BETWEEN 500 AND 599 THEN 'failed' ELSE {code} END"
    )


def _moved(code: str) -> str:
    return f"CASE WHEN try_cast({code} AS INTEGER) BETWEEN 200 AND 399 THEN '1' ELSE '0' END"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(literal(squeezed(str(word))) for word in words)


def propose(columns: Mapping[str, Sequence[str]], mapping: ColumnMapping) -> dict[str, str]:
    """Return what each column of a file seems to mean: what it is read as, else what its values look like.

    Parameters
    ----------
    columns
        Values of some rows by the squeezed name of the column.

    Examples
    --------
    >>> sample = {"wann": ["2026-09-01 10:00", "2026-09-02 10:00"], "wie": ["OK", "Fehler"], "wer": ["a", "b"]}
    >>> propose(sample, find_mapping(list(sample)))
    {'wann': 'started', 'wie': 'status'}
    """
    found = {cell.split(" ")[0]: field for field, cells in mapping.fields.items() for cell in cells}
    lacking = [field for field in ("started", "status", "finished") if field not in mapping.fields]
    if "code" in mapping.fields or "failed_if" in mapping.fields:
        lacking = [field for field in lacking if field != "status"]
    filled = {
        name: [value for value in values if value] for name, values in columns.items() if name not in found
    }
    for field in lacking:
        fitting = [name for name, values in filled.items() if values and _fits(field, values)]
        named = [
            name for name in fitting if any(name.endswith(t) or name.startswith(t) for t in _TOKENS[field])
        ]
        by_token = [
            name for name, values in filled.items()
            if field == "status" and values and name.endswith(tuple(_TOKENS["status"]))
        ]  # fmt: skip
        chosen = named or ([] if field == "finished" else fitting) or by_token
        inner = [name for name in fitting if any(token in name for token in _TOKENS[field])]
        for name in (chosen or inner)[:1]:
            found[name] = field
            del filled[name]
    return {name: found[name] for name in columns if name in found}


def _fits(field: str, values: Sequence[str]) -> bool:
    """Return whether values look like a field: moments, or words of a status or HTTP codes."""
    if field != "status":
        return _are_moments(values)
    known = sum(squeezed(v) in status_meanings() or bool(_HTTP.fullmatch(v)) for v in values)
    return known >= 0.5 * len(values)


def _are_moments(values: Sequence[str]) -> bool:
    """Return whether at least four of five values are moments and not mere numbers."""
    if all(re.fullmatch(r"[\d.]+", value) for value in values):
        return False
    return bool((~np.isnat(read_moments(values, order="dmy").utc)).sum() >= 0.8 * len(values))
