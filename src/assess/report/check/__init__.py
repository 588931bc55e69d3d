"""The gate of a pipeline: contracts, catalog and policies checked, and the answer in the form that a tool reads."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from assess.core.finding import Finding, Missing, Severity
from assess.core.messages import escape_json
from assess.core.source import Source
from assess.evidence import catalog, contracts, operations, policy
from assess.evidence.catalog import Catalog
from assess.evidence.contracts import Contracts, Issue
from assess.evidence.policy import Policy
from assess.intake.engagement import Engagement

from . import audit, baseline
from .baseline import Acceptance
from .formats import render_github, render_junit, render_sarif, render_text, summary
from .result import Accept, Accepted, CheckResult, Violation, named, weigh

__all__ = [
    "FORMATS", "Accept", "Acceptance", "Accepted", "CheckedEvidence", "Gate", "Violation", "audit", "baseline", "check", "export", "inputs",
    "prefix", "render", "summary",
]  # fmt: skip

ISSUES: Mapping[str, Severity] = {"error": "high", "warning": "medium", "info": "low", "hint": "info"}
"""Severities of a contract's issues in the words of findings."""

Known = tuple[Violation, tuple[str, ...]]


def gather(policy: Policy, contracts: Contracts, catalog: Catalog) -> tuple[Violation, ...]:
    """Return everything that is wrong or can't be judged, in the order of files and lines.

    Input that a gate rests on and that is not there (no contracts, no catalog) is not evaluable: a gate that looked
    into a misspelt folder must not open.
    """
    return named(
        [
            *_of_policy(policy),
            *_of_contracts(contracts),
            *(known for finding in contracts.findings for known in _of_finding(finding, "contract")),
            *(known for finding in catalog.findings for known in _of_finding(finding, "catalog")),
            *_of_missing(policy.missing),
        ]
    )


def _of_policy(policy: Policy) -> Iterator[Known]:
    why = {rule.id: rule.rationale for rule in policy.rules}
    for outcome in policy.outcomes:
        if outcome.state != "pass":
            yield (
                Violation(
                    rule=f"policy/{outcome.rule}", severity=outcome.severity, state=outcome.state,
                    subject=f"{outcome.kind} {outcome.subject}".strip(), message=outcome.message,
                    why=why.get(outcome.rule, ""), fix=outcome.fix, file=outcome.source.place, line=outcome.source.row,
                ),
                (outcome.field,),
            )  # fmt: skip


def _of_contracts(contracts: Contracts) -> Iterator[Known]:
    for contract in contracts.contracts:
        for issue in contract.issues:
            yield _of_issue(issue)


def _of_issue(issue: Issue) -> Known:
    violation = Violation(
        rule=f"contract/{issue.rule}",
        severity=ISSUES[issue.severity],
        state="fail",
        subject=issue.pointer,
        message=issue.message,
        file=issue.path,
        line=issue.line,
    )
    return violation, ()


def _of_finding(finding: Finding, room: str) -> Iterator[Known]:
    place = finding.sources[0] if finding.sources else Source(kind="input", place=room)
    yield (
        Violation(
            rule=f"{room}/{_check(finding.id)}", severity=finding.severity, state="fail",
            subject=finding.id.rpartition("/")[0], message=finding.title.rstrip("."), why=finding.impact,
            fix=finding.action, file=place.place, line=place.row,
        ),
        (),
    )  # fmt: skip


def _check(id: str) -> str:
    return id.rpartition("/")[2] or id


def _of_missing(missing: tuple[Missing, ...]) -> Iterator[Known]:
    for item in missing:
        violation = Violation(
            rule="policy/input-supplied", severity="high", state="not evaluable", subject=item.supply,
            message=f"not supplied: {item.supply}", why="What is not there can't be judged.",
            fix=f"Supply {item.supply}.", file="engagement.yaml",
        )  # fmt: skip
        yield violation, ()


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

    @classmethod
    def of(cls, engagement: Engagement, today: dt.date) -> CheckedEvidence:
        """Read contracts, catalog and run logs of an engagement."""
        found, judged = catalog.read(engagement), contracts.assess(engagement)
        observed = operations.measure(engagement)
        return cls(found, judged, policy.collect(engagement, found, judged, observed, today=today))


def check(
    engagement: Engagement,
    evidence: CheckedEvidence,
    *,
    today: dt.date,
    limit: Severity = "low",
    known: Sequence[Accepted] = (),
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


def render(gate: CheckResult, form: str, prefix: str = "") -> str:
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
