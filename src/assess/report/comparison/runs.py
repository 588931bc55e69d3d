"""The folders that runs left, opened to be compared."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from assess.core.atomic_folder import RESULTS
from assess.core.secrets import mask_values
from assess.core.unpacking import TooMuch, UnreadableTable, read_whole
from assess.decisions.snapshot import Snapshot
from assess.report.chapter import SCHEMA_VERSION, Results

BASIS = "basis.json.gz"
"""What the answers of a run rest on, beside its results."""


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


def opened(places: Sequence[Path]) -> tuple[Run, ...]:
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
    told = json.loads(snapshot.to_json())
    safe = json.dumps(mask_values(told), ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(safe.encode("utf-8", "surrogatepass"), 9, mtime=0)
    (folder / BASIS).write_bytes(packed)


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
