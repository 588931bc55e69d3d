"""The folders that runs left, and what is different between their inputs, row by row."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from assess.core.atomic_folder import BASIS, RESULTS
from assess.core.numbers import interval, quantity
from assess.core.secrets import mask_values
from assess.core.unpacking import TooMuch, UnreadableTable, read_whole
from assess.decisions.snapshot import PRICES, Snapshot
from assess.intake.assumptions import Assumption
from assess.intake.columns import SECTIONS, TABLES
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Row
from assess.report.chapter import SCHEMA_VERSION, Results
from assess.report.prose import format_value

from .result import Cause, Change


class NotRuns(ValueError):
    """What was named can't be compared; one line each in ``problems``."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Run(NamedTuple):
    """A run: its results, and what they rest on, None where that was not kept."""

    name: str
    results: Results
    snapshot: Snapshot | None
    sha256: str
    bytes: int = 0
    lack: str = ""


def open_runs(places: Sequence[Path]) -> tuple[Run, ...]:
    """Open runs.

    Parameters
    ----------
    places
        At least two folders that ``assess run`` left, or their ``results.json``, the earliest first.

    Raises
    ------
    NotRuns
        With every problem: a place is no run, was left by a version with another format of results, or
        belongs to another client or another currency than the first.
    """
    problems: list[str] = [] if len(places) > 1 else ["name at least two runs to compare"]
    runs: list[Run] = []
    for place in places:
        try:
            runs.append(_open(place))
        except ValueError as error:
            problems.append(str(error))
    problems += _strangers(runs)
    if problems:
        raise NotRuns(problems)
    return tuple(runs)


def keep(snapshot: Snapshot, folder: Path) -> None:
    """Write the basis of a run, secrets in the client's texts hidden; the same snapshot gives the same bytes."""
    safe = json.dumps(mask_values(json.loads(snapshot.to_json())), ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(safe.encode("utf-8", "surrogatepass"), 9, mtime=0)
    part = folder / f".{BASIS}"
    part.write_bytes(packed)
    part.replace(folder / BASIS)


def _open(place: Path) -> Run:
    file = place / RESULTS if place.is_dir() else place
    if not place.exists():
        raise ValueError(f"{place}: does not exist; name a folder that assess run left")
    if not file.is_file():
        raise ValueError(f"{place}: holds no {RESULTS}; name a folder that assess run left")
    try:
        content = read_whole(file)
        raw: Any = json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{file}: can't be read as JSON ({error})") from None
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if version is None or not isinstance(raw.get("engagement"), dict):
        raise ValueError(f"{file}: is not the results of a run")
    if version != SCHEMA_VERSION:
        raise ValueError(
            f"{file}: has results of format {version!s:.20}; this version of assess compares format {SCHEMA_VERSION}. "
            "Run the engagement again, or compare with the version that made it"
        )
    try:
        results = Results.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(
            f"{file}: is damaged: {where}: {first['msg']} ({error.error_count()} problems)"
        ) from None
    snapshot, lack = _snapshot(file.parent)
    return Run(str(place), results, snapshot, hashlib.sha256(content).hexdigest(), len(content), lack)


def _snapshot(folder: Path) -> tuple[Snapshot | None, str]:
    try:
        content = read_whole(folder / BASIS)
    except TooMuch as error:
        return None, str(error)
    except UnreadableTable:
        return None, f"it has no {BASIS}"
    except (OSError, EOFError, zlib.error):
        return None, f"its {BASIS} is damaged"
    try:
        return Snapshot.from_json(content), ""
    except (ValueError, RecursionError):
        return None, f"its {BASIS} was left by another version of assess, or is damaged"


def _strangers(runs: Sequence[Run]) -> list[str]:
    """Say which runs are not of the first one's client and currency."""
    said = []
    for run in runs[1:]:
        ours, theirs = runs[0].results.engagement, run.results.engagement
        if theirs.client != ours.client:
            said.append(
                f"{run.name}: is a run for {theirs.client!r:.80}, {runs[0].name} one for {ours.client!r:.80}"
            )
        elif theirs.currency != ours.currency:
            said.append(
                f"{run.name}: is in {theirs.currency}, {runs[0].name} in {ours.currency}; amounts can't be compared"
            )
    return said


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
            one, two = write_text(getattr(before, name)), write_text(getattr(after, name))
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
        one, two = write_text(getattr(before, name)), write_text(getattr(after, name))
        if one != two:
            yield Change(cause="answers", place=f"{place}, {name}", before=one, after=two)


def _key(row: Row, keys: Sequence[str]) -> str:
    return " / ".join(str(getattr(row, key)) for key in keys)


def write_text(value: Any) -> str:
    """Write a value of the engagement, empty where nothing is stated.

    >>> write_text(None), write_text({"ipaas": 0.5}), write_text(("rest", "file"))
    ('', 'ipaas: 0.5', 'rest; file')
    """
    if value is None or value == "":
        return ""
    return format_value(value)


def _rates(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for name in PRICES:
        if name != "assumptions":
            one, two = write_text(getattr(before.stated, name)), write_text(getattr(after.stated, name))
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
    """Tell overrides and quotes as prices, and defaults that another version ships as part of the model."""
    one, two = ({a.key: a for a in results.assumptions} for results in (before, after))
    for key in dict.fromkeys((*one, *two)):
        first, second = one.get(key), two.get(key)
        texts = [_worth(a) for a in (first, second)]
        if texts[0] != texts[1]:
            own = any(a is not None and a.origin is not None for a in (first, second))
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
