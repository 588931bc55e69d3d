"""The gate of a pipeline: contracts, catalog and policies checked, told in the form that a tool reads."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from assess.core.finding import Severity
from assess.core.messages import escape_json
from assess.evidence import catalog, contracts, operations, policy
from assess.intake.engagement import Engagement

from . import audit, baseline, github, junit, sarif, text
from .baseline import Acceptance
from .gathering import gather
from .result import Accept, Accepted, Gate, weigh
from .violation import Violation

__all__ = [
    "FORMATS", "Accept", "Acceptance", "Accepted", "Evidence", "Gate", "Violation", "audit", "baseline", "check", "export", "inputs",
    "prefix",
    "render", "text",
]  # fmt: skip


def _json(gate: Gate, prefix: str) -> str:
    return escape_json(json.dumps(gate.model_dump(mode="json"), indent=1, ensure_ascii=False)) + "\n"


FORMATS: Mapping[str, Callable[[Gate, str], str]] = {
    "text": text.render,
    "json": _json,
    "sarif": sarif.render,
    "junit": junit.render,
    "github": github.render,
}


class Evidence(NamedTuple):
    """What a check looks at."""

    catalog: catalog.Catalog
    contracts: contracts.Contracts
    subjects: tuple[policy.PolicySubject, ...]

    @classmethod
    def of(cls, engagement: Engagement, today: dt.date) -> Evidence:
        """Read contracts, catalog and run logs of an engagement."""
        found, judged = catalog.read(engagement), contracts.assess(engagement)
        observed = operations.measure(engagement)
        return cls(found, judged, policy.collect(engagement, found, judged, observed, today=today))


def check(
    engagement: Engagement,
    evidence: Evidence,
    *,
    today: dt.date,
    limit: Severity = "low",
    known: Sequence[Accepted] = (),
) -> Gate:
    """Check contracts, catalog and policies of an engagement.

    Parameters
    ----------
    evidence
        Of the same engagement and day.
    today
        Day that decides which retirements are past and which entries of the baseline have expired.
    limit
        Severity from which on a violation holds the gate.
    known
        What a baseline accepts.
    """
    unreadable = policy.unreadable(evidence.catalog)
    answer = policy.check(engagement, evidence.subjects, unreadable=unreadable, today=today)
    met = [rule for rule in answer.rules if rule.judged]
    return weigh(
        gather(answer, evidence.contracts, evidence.catalog),
        tuple(known),
        engagement=engagement.client,
        today=today,
        limit=limit,
        rules=len(met),
        passed=sum(rule.state == "pass" for rule in met),
    )


def export(engagement: Engagement, evidence: Evidence, folder: Path, today: dt.date) -> None:
    """Write the rules (``assess.rego``) and what they judge (``input.json``) for Open Policy Agent into a folder.

    Raises
    ------
    OSError
        If a file can't be written.
    """
    own, _ = policy.client_rules(engagement)
    folder.mkdir(parents=True, exist_ok=True)
    module = policy.rego.module((*policy.built_in(), *own), today)
    (folder / "assess.rego").write_text(module, "utf-8")
    listing = json.dumps(policy.rego.documents(evidence.subjects), indent=1, ensure_ascii=False)
    (folder / "input.json").write_text(listing + "\n", "utf-8")


def render(gate: Gate, form: str, prefix: str = "") -> str:
    """Write a gate in one of the `FORMATS`; ``prefix`` stands before the path of each file."""
    return FORMATS[form](gate, prefix)


def inputs(engagement: Engagement) -> str:
    """Return the fingerprint of all files of an engagement: SHA-256 of their paths and fingerprints."""
    listing = json.dumps([[file.path, file.sha256] for file in engagement.files])
    return hashlib.sha256(listing.encode("utf-8", "surrogatepass")).hexdigest()


def prefix(folder: Path) -> str:
    """Return what stands before the paths of an engagement's files seen from here; nothing where it lies elsewhere."""
    place = folder if folder.is_dir() else folder.parent
    path = Path(os.path.relpath(place.resolve(), Path.cwd())).as_posix()
    return "" if path == "." or path.startswith("..") else f"{path}/"
