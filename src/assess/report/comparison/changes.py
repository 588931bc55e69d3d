"""What is different between the inputs of two runs, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assess.core.numbers import interval, quantity
from assess.decisions.snapshot import PRICES, Snapshot
from assess.intake.assumptions import Assumption
from assess.intake.columns import SECTIONS, TABLES
from assess.intake.engagement import Engagement, Row
from assess.report.chapter import Results
from assess.report.quotes import words

from .result import Cause, Change
from .runs import Run

KEYS = {table.name: table.key for table in TABLES}
"""Tables of an engagement, and the columns by which a row is found again."""

LEFT_OUT = {"origin", "folder", "files", *PRICES, *KEYS, *SECTIONS}


def changes(before: Run, after: Run) -> tuple[Change, ...]:
    """List what is different, answers first; without the basis of both runs only what results tell."""
    found: list[Change] = []
    if before.snapshot is not None and after.snapshot is not None:
        found += _answers(before.snapshot.stated, after.snapshot.stated)
        found += _rates(before.snapshot, after.snapshot)
    found += _files(before.results, after.results)
    found += _prices(before.results, after.results)
    found += _model(before, after)
    order = {"answers": 0, "measurements": 1, "prices": 2, "model": 3}
    return tuple(sorted(found, key=lambda change: order[change.cause]))


def _answers(before: Engagement, after: Engagement) -> Iterator[Change]:
    for name in Engagement.model_fields:
        if name not in LEFT_OUT:
            one, two = told(getattr(before, name)), told(getattr(after, name))
            if one != two:
                yield Change(cause="answers", place=name, before=one, after=two)
    for name in SECTIONS:
        yield from _fields(name, getattr(before, name), getattr(after, name))
    for name, keys in KEYS.items():
        yield from _rows(name, keys, getattr(before, name), getattr(after, name))


def _rows(name: str, keys: Sequence[str], before: Sequence[Row], after: Sequence[Row]) -> Iterator[Change]:
    one, two = ({_key(row, keys): row for row in rows} for rows in (before, after))
    for key in dict.fromkeys((*one, *two)):
        place = f"{name}: {key}"
        if key not in two:
            yield Change(cause="answers", place=place, before="stated")
        elif key not in one:
            yield Change(cause="answers", place=place, after="new")
        else:
            yield from _fields(place, one[key], two[key])


def _fields(place: str, before: Row, after: Row) -> Iterator[Change]:
    for name in type(before).model_fields:
        if name == "origin":
            continue
        one, two = told(getattr(before, name)), told(getattr(after, name))
        if one != two:
            yield Change(cause="answers", place=f"{place}, {name}", before=one, after=two)


def _key(row: Row, keys: Sequence[str]) -> str:
    return " / ".join(str(getattr(row, key)) for key in keys)


def told(value: Any) -> str:
    """Write a value of the engagement, empty where nothing is stated.

    >>> told(None), told({"ipaas": 0.5}), told(("rest", "file"))
    ('', 'ipaas: 0.5', 'rest; file')
    """
    if value is None or value == "":
        return ""
    return words(value)


def _rates(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for name in PRICES:
        if name != "assumptions":
            one, two = told(getattr(before.stated, name)), told(getattr(after.stated, name))
            if one != two:
                yield Change(cause="prices", place=name, before=one, after=two)


def _files(before: Results, after: Results) -> Iterator[Change]:
    """Name the files of evidence that came, went or changed; answers are told row by row."""
    one, two = ({f.path: f for f in results.files if "/" in f.path} for results in (before, after))
    for path in dict.fromkeys((*one, *two)):
        first, second = one.get(path), two.get(path)
        if first is None or second is None or first.sha256 != second.sha256:
            sizes = [f"{f.bytes:,} bytes" if f else "" for f in (first, second)]
            yield Change(cause="measurements", place=path, before=sizes[0], after=sizes[1])


def _prices(before: Results, after: Results) -> Iterator[Change]:
    """Tell overrides as prices, and defaults that another version ships as part of the model."""
    one, two = ({a.key: a for a in results.assumptions} for results in (before, after))
    for key in dict.fromkeys((*one, *two)):
        first, second = one.get(key), two.get(key)
        texts = [_worth(a) for a in (first, second)]
        if texts[0] != texts[1]:
            own = any(a is not None and a.overridden for a in (first, second))
            label = next(a.label for a in (second, first) if a is not None)
            cause: Cause = "prices" if own else "model"
            yield Change(cause=cause, place=f"{key} ({label})", before=texts[0], after=texts[1])


def _worth(entry: Assumption | None) -> str:
    if entry is None:
        return ""
    value = quantity(entry.likely, entry.unit)
    return value if entry.low == entry.high else f"{value} ({interval(entry.low, entry.high, entry.unit)})"


def _model(before: Run, after: Run) -> Iterator[Change]:
    pairs: dict[str, tuple[Any, Any]] = {}
    for key in dict.fromkeys((*before.results.versions, *after.results.versions)):
        pairs[key] = (before.results.versions.get(key), after.results.versions.get(key))
    for key in ("seed", "draws"):
        one, two = (getattr(run.snapshot, key, None) for run in (before, after))
        pairs[f"parameter {key}"] = (one, two)
    for key, (first, second) in pairs.items():
        if first != second and None not in (first, second):
            yield Change(cause="model", place=key, before=str(first), after=str(second))
