"""Everything that a gate holds against an engagement, each thing once: issues, breaks, gaps of the catalog, rules not met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from assess.core.finding import Missing, Severity
from assess.core.source import Source
from assess.evidence import catalog, policy
from assess.evidence.catalog import Catalog
from assess.evidence.contracts import SUMMARIES, Compatibility, Contract, ContractChange, Contracts, Issue
from assess.evidence.policy import Policy
from assess.evidence.policy.result import RuleOutcome
from assess.evidence.quality.open_data_contract import ContractBreach
from assess.intake.engagement import Engagement

from .result import Violation, named

ISSUES: Mapping[str, Severity] = {"error": "high", "warning": "medium", "info": "low", "hint": "info"}
"""Severities of a contract's issues in the words of findings."""
SERIOUS = ("asyncapi-message-payload",)
"""Rules of good practice whose breach is as grave as an invalid contract: nobody can read the event."""
ONE_BY_ONE = ("contract-valid", "event-schema", "deprecated-operation-date")
"""Built-in rules about a contract whose every cause is told by itself."""
TWO_PARTS = ("too-weak", "broken")
"""Findings of contracts whose id ends with an integration."""

UNCOMPARED = ("protobuf", "xsd", "wsdl")
"""Kinds of contracts that are registered only."""

Known = tuple[Violation, tuple[str, ...]]


def gather(
    engagement: Engagement,
    policy: Policy,
    contracts: Contracts,
    catalog: Catalog,
    changed: Iterable[Compatibility] = (),
    broken: Iterable[ContractBreach] = (),
) -> tuple[Violation, ...]:
    """Return everything that is wrong or can't be judged, in the order of files and lines.

    Each thing is one violation and is told under one id: a baseline that accepts one accepts no other. Input that
    a gate rests on and that is not there (no contracts, no catalog) is not evaluable: a gate that looked into a
    misspelt folder must not open.

    Parameters
    ----------
    changed
        Contracts against what they were before, see `compare_against`.
    broken
        What extracts do not keep of their data contracts.
    """
    return named(
        [
            *_of_policy(policy, engagement, contracts, catalog),
            *_of_contracts(contracts),
            *_of_changes([*contracts.comparisons, *changed], contracts),
            *_of_catalog(engagement, catalog),
            *_of_missing(policy.missing),
            *map(_of_breach, broken),
        ]
    )


def _of_policy(
    found: Policy, engagement: Engagement, contracts: Contracts, catalog: Catalog
) -> Iterator[Known]:
    why = {rule.id: rule.rationale for rule in found.rules}
    own = {rule.id for rule in found.rules if rule.own}
    told: set[tuple[str, str, str]] = set()
    gaps = {finding.id for finding in contracts.findings}
    apis = (e for e in catalog.of_kind("API") if e.definition is not None and e.definition.problem)
    nowhere = {name for e in apis for name in (e.name, f"{e.namespace}/{e.name}")}
    for outcome in found.outcomes:
        if outcome.state == "pass":
            continue
        key = outcome.kind, outcome.subject, outcome.field
        if outcome.rule not in own and outcome.subject:
            if key in told or _told_elsewhere(outcome, engagement, nowhere, gaps):
                continue
            told.add(key)
        yield (
            Violation(
                rule=f"policy/{outcome.rule}", severity=outcome.severity, state=outcome.state,
                subject=f"{outcome.kind} {outcome.subject}".strip(), message=outcome.message,
                why=why.get(outcome.rule, ""), fix=outcome.fix, file=outcome.source.place, line=outcome.source.row,
            ),
            (outcome.field,) if outcome.subject else (outcome.field, outcome.reason),
        )  # fmt: skip


def _told_elsewhere(outcome: RuleOutcome, engagement: Engagement, nowhere: set[str], gaps: set[str]) -> bool:
    """Say whether the cause of a breach of a built-in rule is a violation of its own, nearer to its place.

    Parameters
    ----------
    nowhere
        APIs whose definition is not there, as rules call them.
    gaps
        Ids of the findings of contracts.
    """
    if outcome.rule in ONE_BY_ONE and outcome.kind == "Contract":
        return True
    if outcome.field == "contract.state" and outcome.state == "fail":
        return True  # the contract is there, and what is wrong with it is told
    if outcome.rule == "api-contract":
        return outcome.subject in nowhere
    if outcome.kind == "Integration" and outcome.rule in ("integration-version", "integration-service-level"):
        kind = "no-version" if outcome.rule == "integration-version" else "no-level"
        contract = engagement.integration(outcome.subject).contract
        return f"contracts/{contract.removeprefix('contracts/')}/{kind}" in gaps
    return False


def _of_breach(breach: ContractBreach) -> Known:
    violation = Violation(
        rule=f"data-contract/{breach.rule}", severity="high", state=breach.state, subject=breach.subject, message=breach.message,
        why="Consumers of the table rest on what its data contract says.",
        fix="Repair the extract at its source, or agree a new version of the data contract with its owner.",
        file=breach.file, line=breach.line,
    )  # fmt: skip
    return violation, (breach.subject, breach.rule)


def _of_contracts(contracts: Contracts) -> Iterator[Known]:
    for contract in contracts.contracts:
        for issue in contract.issues:
            yield _of_issue(issue)
        yield from _of_deprecations(contract)
    for finding in contracts.findings:
        *_, last = parts = finding.id.split("/")
        kind = parts[-2] if len(parts) > 2 and parts[-2] in TWO_PARTS else last
        if kind in SUMMARIES:
            continue
        place = finding.sources[0] if finding.sources else Source(kind="input", place="contracts")
        unclear = kind == "not-assessable"
        yield (
            Violation(
                rule=f"contract/{kind}", severity=finding.severity, state="not evaluable" if unclear else "fail",
                subject=finding.id.rpartition(f"/{kind}")[0], message=finding.title.rstrip("."), why=finding.impact,
                fix=finding.action, file=place.place, line=place.row,
            ),
            (finding.title,),
        )  # fmt: skip


def _of_issue(issue: Issue) -> Known:
    grave = issue.conformance or issue.rule in SERIOUS
    violation = Violation(
        rule=f"contract/{issue.rule}",
        severity="high" if grave else ISSUES[issue.severity],
        state="fail",
        subject=issue.pointer,
        message=issue.message,
        file=issue.path,
        line=issue.line,
    )
    return violation, (issue.message,)


def _of_deprecations(contract: Contract) -> Iterator[Known]:
    for part in contract.deprecations:
        if part.until is None:
            yield (
                Violation(
                    rule="contract/deprecated-undated", severity="medium", state="fail", subject=part.pointer,
                    message=f"{part.what} is deprecated without a date", file=contract.path, line=part.line,
                    why="Consumers don't know by when they have to move", fix="Say until when it stays (x-sunset)",
                ),
                (),
            )  # fmt: skip


def _of_changes(comparisons: Iterable[Compatibility], contracts: Contracts) -> Iterator[Known]:
    used = {contract.path for contract in contracts.contracts if contract.integrations}
    judged = {contract.path for contract in contracts.contracts if contract.state != "not assessable"}
    for comparison in comparisons:
        certain: Severity = "medium"
        if comparison.old in used or not comparison.announced:
            certain = "high"
        for change in comparison.changes:
            yield _of_change(change, comparison, certain)
        if comparison.reason and comparison.new in judged:
            yield _not_compared(comparison)


def _not_compared(comparison: Compatibility) -> Known:
    """Return that a changed contract could not be compared; of a format that nobody compares that is worth a note only."""
    violation = Violation(
        rule="contract/not-compared", severity="info" if comparison.kind in UNCOMPARED else "medium", state="not evaluable",
        subject=comparison.old, message=f"{comparison.new} is not compared with what it was: {comparison.reason}",
        why="Whether it breaks anybody is not known", fix="Compare it by hand", file=comparison.new,
    )  # fmt: skip
    return violation, (comparison.reason,)


def _of_change(change: ContractChange, comparison: Compatibility, severity: Severity) -> Known:
    possible = change.certainty == "possible"
    violation = Violation(
        rule=f"contract/{'possibly-breaking' if possible else 'breaking'}",
        severity="medium" if possible else severity,
        state="fail",
        subject=change.where,
        message=change.message + (f" ({change.reason})" if change.reason else ""),
        why="Integrations on the old version fail when this one takes its place",
        fix="Keep both versions until every consumer has moved, and give the old one an end date",
        file=change.path,
        line=change.line,
        payload=change.payload,
    )
    known_by = (comparison.old, change.rule, change.side, change.pointer, change.at, change.message)
    return violation, known_by


def _of_catalog(engagement: Engagement, found: Catalog) -> Iterator[Known]:
    told = {(problem.file, problem.row) for problem in policy.unreadable(found)}
    for kind, spots in catalog.list_gaps(engagement, found):
        for spot in spots:
            place = spot.sources[0] if spot.sources else Source(kind="input", place="catalog")
            if (
                kind.name in ("unreadable", "definition", "owner-missing")
                and (place.place, place.row) in told
            ):
                continue
            yield (
                Violation(
                    rule=f"catalog/{kind.name}", severity=kind.severity, state="fail", subject=spot.key or spot.id,
                    message=spot.title.rstrip("."), why=kind.impact, fix=kind.action, file=place.place, line=place.row,
                ),
                (),
            )  # fmt: skip


def _of_missing(missing: tuple[Missing, ...]) -> Iterator[Known]:
    for item in missing:
        violation = Violation(
            rule="policy/input-supplied", severity="high", state="not evaluable", subject=item.supply,
            message=f"not supplied: {item.supply}", why="What is not there can't be judged.",
            fix=f"Supply {item.supply}.", file="engagement.yaml",
        )  # fmt: skip
        yield violation, ()
