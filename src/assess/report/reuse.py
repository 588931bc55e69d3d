"""What an earlier run left and this one can keep: notebooks that read nothing that has changed since.

A kept notebook is, byte for byte, what executing it again would leave. It is kept only if the same code with
the same parameters made it, if everything that it read (fields, assumptions, files) is the same now, and if
what it left still lies there unchanged. What it rests on is believed only if the report's manifest proves that a run
of this user has written it, see `assess.core.atomic_folder`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from assess.core import reads
from assess.core.atomic_folder import Manifest, copy_proven
from assess.core.cache import code, content
from assess.core.record import Record
from assess.core.trust import allowed
from assess.intake.engagement import Engagement

from .execution import Outcome, collect, facts_beside

TRACE = "reads.json"
"""Beside the results: what each notebook read, with fingerprints."""


class Kept(Record):
    """What an executed notebook rests on, and what it left.

    Parameters
    ----------
    made_by
        Fingerprint of the code, the notebook and its parameters.
    reads
        By name, as `assess.core.reads` notes them, the fingerprint of what was read.
    files
        By path within the report's folder, the SHA-256 of what the notebook left.
    """

    made_by: str
    reads: dict[str, str]
    files: dict[str, str]


class Trace(Record):
    """What the notebooks of a run rest on, by name of the notebook."""

    notebooks: dict[str, Kept] = {}


class Earlier(NamedTuple):
    """The report that lies where a run is to leave its own."""

    folder: Path
    trace: Trace

    @classmethod
    def at(cls, folder: Path) -> Earlier:
        """Look at a report; one that says nothing usable, or that this user's runs have not left, keeps nothing."""
        manifest = Manifest.read(folder)
        if manifest is None or not manifest.proves(folder, TRACE):
            return cls(folder, Trace())
        try:
            return cls(folder, Trace.from_json((folder / TRACE).read_bytes()))
        except (OSError, ValidationError):
            return cls(folder, Trace())

    def take(self, stem: str, made_by: str, engagement: Engagement, to: Path) -> tuple[Kept, Outcome] | None:
        """Copy what a notebook left into the new report, if executing it again would leave the same.

        Parameters
        ----------
        stem
            Name of the notebook without its ending.
        to
            The scratch folder of the new report.
        """
        kept = self.trace.notebooks.get(stem)
        if kept is None or kept.made_by != made_by:
            return None
        if fingerprints(engagement, kept.reads) != kept.reads:
            return None
        try:
            if not all(copy_proven(self.folder, name, found, to) for name, found in kept.files.items()):
                return None
            outcome = collect(facts_beside(to / "notebooks" / f"{stem}.ipynb"))
        except (OSError, ValueError):
            return None
        return (kept, outcome) if outcome.chapter is not None else None


def made_by(notebook: Path, parameters: Mapping[str, Any], versions: Mapping[str, str]) -> str:
    """Fingerprint of what executes: code, library versions, the notebook, its parameters, limits that may stop it."""
    parts = [
        code(),
        content(notebook),
        allowed().decisive,
        json.dumps([parameters, versions], sort_keys=True, default=str),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def fingerprints(engagement: Engagement, names: Iterable[str]) -> dict[str, str]:
    """Return the fingerprint of each thing that was read; what can't be told has none and never fits.

    Parameters
    ----------
    names
        As `assess.core.reads` notes them.
    """
    with reads.silent():
        found = {name: _content(engagement, name) for name in names}
    return {name: _sha256(text) for name, text in found.items() if text is not None}


def _content(engagement: Engagement, name: str) -> str | None:
    if name.startswith(reads.ASSUMPTION):
        key = name.removeprefix(reads.ASSUMPTION)
        return engagement.assumptions.entry(key).to_json() if key in engagement.assumptions else None
    if name == reads.OWN:
        return engagement.assumptions.to_json()
    if name == reads.NAMES:
        return "\n".join(engagement.assumptions.own)
    if name.startswith(reads.FILE):
        path = name.removeprefix(reads.FILE)
        return next((file.sha256 for file in engagement.files if file.path == path), None)
    field = name.removeprefix(reads.FIELD)
    if field == reads.EVERYTHING:
        return engagement.model_dump_json()
    if field == "folder" or field not in type(engagement).model_fields:
        return None
    return engagement.model_dump_json(include={field})


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def keep(
    stem: str, made: str, engagement: Engagement, noted: Path, left: Iterable[Path], folder: Path
) -> Kept | None:
    """Say what an executed notebook rests on; None where it noted nothing, or something that can't be told.

    Parameters
    ----------
    noted
        What its kernel wrote down, see `assess.core.reads.save`.
    left
        Files that it left within ``folder``, beside the notebook itself.
    """
    try:
        names = reads.parsed(noted.read_bytes())
        files = {path.relative_to(folder).as_posix(): content(path) for path in left}
    except (OSError, ValueError):
        return None
    found = fingerprints(engagement, names)
    complete = len(found) == len(names)
    return Kept(made_by=made, reads=found, files=files) if complete else None
