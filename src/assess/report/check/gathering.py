"""Gather what contracts, catalog and policies hold against an engagement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assess.core.finding import Finding, Missing, Severity
from assess.core.source import Source
from assess.evidence.catalog import Catalog
from assess.evidence.contracts import Contracts, Issue
from assess.evidence.policy import Policy

from .violation import Violation, named

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
