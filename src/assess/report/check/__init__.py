"""The gate of a pipeline: contracts, catalog and policies checked, and the answer in the form that a tool reads."""

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
from assess.core.record import pause_collector
from assess.evidence import catalog, contracts, operations, policy
from assess.evidence.contracts import Compatibility
from assess.evidence.quality import open_data_contract
from assess.intake.engagement import Engagement
from assess.intake.location import enclosing

from . import audit, baseline
from .against import compare_against
from .baseline import Acceptance
from .formats import render_github, render_junit, render_sarif, render_text, summary
from .result import Accept, Accepted, CheckResult, Violation, weigh
from .violations import gather

__all__ = [
    "FORMATS",
    "Accept",
    "Acceptance",
    "Accepted",
    "CheckResult",
    "CheckedEvidence",
    "Violation",
    "audit",
    "baseline",
    "check",
    "compare_against",
    "export",
    "inputs",
    "prefix",
    "render",
    "summary",
]  # fmt: skip


def _json(gate: CheckResult, prefix: str) -> str:
    return escape_json(json.dumps(gate.model_dump(mode="json"), indent=1, ensure_ascii=False)) + "\n"


FORMATS: Mapping[str, Callable[[CheckResult, str], str]] = {
    "text": render_text,
    "json": _json,
    "sarif": render_sarif,
    "junit": render_junit,
    "github": render_github,
}


class CheckedEvidence(NamedTuple):
    """What a check looks at."""

    catalog: catalog.Catalog
    contracts: contracts.Contracts
    subjects: tuple[policy.PolicySubject, ...]
    broken: tuple[open_data_contract.ContractBreach, ...] = ()

    @classmethod
    def of(cls, engagement: Engagement, today: dt.date) -> CheckedEvidence:
        """Read contracts, catalog and run logs of an engagement, and the extracts that have a data contract."""
        found, judged = catalog.load(engagement), contracts.assess(engagement)
        observed = operations.measure(engagement)
        with pause_collector():
            subjects = policy.collect(engagement, found, judged, observed, today=today)
            return cls(found, judged, subjects, open_data_contract.check_all(engagement))


@pause_collector()
def check(
    engagement: Engagement,
    evidence: CheckedEvidence,
    *,
    today: dt.date,
    limit: Severity = "low",
    known: Sequence[Accepted] = (),
    changed: Sequence[Compatibility] = (),
) -> CheckResult:
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
    changed
        Contracts against what they were before, see `compare_against`.
    """
    unreadable = policy.unreadable(evidence.catalog)
    answer = policy.check(engagement, evidence.subjects, unreadable=unreadable, today=today)
    met = [rule for rule in answer.rules if rule.judged]
    return weigh(
        gather(engagement, answer, evidence.contracts, evidence.catalog, changed, evidence.broken),
        tuple(known),
        engagement=engagement.client,
        today=today,
        limit=limit,
        rules=len(met),
        passed=sum(rule.state == "pass" for rule in met),
    )


def export(engagement: Engagement, evidence: CheckedEvidence, folder: Path, today: dt.date) -> None:
    """Write the rules (``assess.rego``) and what they judge (``input.json``) for Open Policy Agent into a folder.

    Raises
    ------
    OSError
        If a file can't be written.
    """
    own, _ = policy.client_rules(engagement)
    folder.mkdir(parents=True, exist_ok=True)
    module = policy.write_rego((*policy.built_in(), *own), today)
    (folder / "assess.rego").write_text(module, "utf-8")
    listing = json.dumps(policy.write_rego_input(evidence.subjects), indent=1, ensure_ascii=False)
    (folder / "input.json").write_text(listing + "\n", "utf-8")


@pause_collector()
def render(gate: CheckResult, form: str, prefix: str = "") -> str:
    """Write a gate in one of the `FORMATS`; ``prefix`` stands before the path of each file."""
    return FORMATS[form](gate, prefix)


def inputs(engagement: Engagement) -> str:
    """Return the fingerprint of all files of an engagement: SHA-256 of their paths and fingerprints."""
    listing = json.dumps([[file.path, file.sha256] for file in engagement.files])
    return hashlib.sha256(listing.encode("utf-8", "surrogatepass")).hexdigest()


def prefix(folder: Path) -> str:
    """Return what stands before the paths of an engagement's files seen from here; nothing where it lies elsewhere."""
    place = enclosing(folder)
    path = Path(os.path.relpath(place.resolve(), Path.cwd())).as_posix()
    return "" if path == "." or path.startswith("..") else f"{path}/"
