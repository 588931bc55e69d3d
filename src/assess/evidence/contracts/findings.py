"""What is missing in contracts, as findings: one of a kind and contract, each with the file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from assess.core.finding import Finding, Severity
from assess.core.source import Source
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration

from .compatibility.change import Compatibility
from .contract import Contract, Issue
from .result import Contracts, Promise

SERVICES = ("openapi", "swagger", "asyncapi")
"""Formats that describe a running service; a schema alone promises no latency."""


class IssueSummary(NamedTuple):
    """A finding that sums up the issues of one rule.

    Parameters
    ----------
    rule
        Rule of the issues.
    name
        Last part of the finding's id.
    one, many
        What a number of them is called, and what is wrong with them.
    """

    rule: str
    name: str
    severity: Severity
    one: str
    many: str
    impact: str
    action: str


ISSUES = (
    IssueSummary(
        "operation-error-response", "no-errors", "medium",
        "operation says nothing about errors", "operations say nothing about errors",
        "Each consumer guesses what fails and whether to try again",
        "State the error responses and their body (RFC 9457), and which may be retried",
    ),
    IssueSummary(
        "asyncapi-message-payload", "no-payload", "high",
        "message has no schema of the payload", "messages have no schema of the payload",
        "Consumers learn what the event holds by failing on it",
        "Describe the payload and register its schema",
    ),
    IssueSummary(
        "cloudevents-envelope", "envelope", "medium",
        "message is called CloudEvents and can't be", "messages are called CloudEvents and can't be",
        "No event can satisfy the schema and CloudEvents at once: one of the two is not checked",
        "Describe the envelope with its data, or name the plain content type",
    ),
    IssueSummary(
        "unquoted-key", "unquoted-keys", "low",
        "key is a number where text is meant", "keys are numbers where text is meant",
        "Some tools refuse the file", "Put the keys in quotes",
    ),
    IssueSummary(
        "service-level", "level-unreadable", "medium",
        "entry of its service level can't be read", "entries of its service level can't be read",
        "What can't be read is not promised", "Write it as the method page on contracts says",
    ),
)  # fmt: skip

OWN = frozenset({"info-version", "info-contact", "asyncapi-info-contact", *(kind.rule for kind in ISSUES)})
"""Rules that have a finding of their own; the others are counted together."""

SUMMARIES = frozenset(
    {"invalid", "deprecated-undated", "breaks", "practice", *(kind.name for kind in ISSUES)}
)
"""Last part of the id of the findings that sum up issues, changes or deprecations."""


def judge(engagement: Engagement, contracts: Contracts) -> tuple[Finding, ...]:
    """Return the findings: per contract, then between versions, then of service levels, then good practice."""
    users = {
        c.path: [i for i in engagement.integrations if i.contract == c.path] for c in contracts.contracts
    }
    found: list[Finding] = []
    for contract in contracts.contracts:
        found += _states(contract, users[contract.path])
        if contract.state != "not assessable":
            found += _gaps(contract, users[contract.path])
            found += _levels(contract, users[contract.path])
    for comparison in contracts.comparisons:
        found += _breaks(comparison, users)
    for promise in contracts.promises:
        found += _broken(promise, engagement.integration(promise.integration))
    found += _practice(contracts.contracts)
    return tuple(found)


def _finding(
    contract: Contract,
    kind: str,
    severity: Severity,
    title: str,
    users: Iterable[Integration],
    **more: object,
) -> Finding:
    listed = list(users)
    return Finding.model_validate(
        {
            "id": f"contracts/{contract.path.removeprefix('contracts/')}/{kind}",
            "section": "governance",
            "severity": severity,
            "title": title,
            "owner": contract.owner or next((i.owner for i in listed if i.owner), ""),
            "integrations": tuple(i.id for i in listed),
            "systems": tuple(dict.fromkeys(s for i in listed for s in (i.source, i.target))),
            "sources": (contract.source(),),
            **more,
        }
    )


def _name(contract: Contract) -> str:
    return f"{contract.title} ({contract.path})" if contract.title else contract.path


def _places(contract: Contract, issues: list[Issue]) -> dict[str, object]:
    """Return the evidence and sources of issues: the first three places in words, the first ten as sources."""
    text = "; ".join(
        f"line {issue.line}: {issue.message}" if issue.line else issue.message for issue in issues[:3]
    )
    more = f"; and {len(issues) - 3} more" if len(issues) > 3 else ""
    sources = dict.fromkeys(Source(kind="input", place=i.path, row=i.line or 1) for i in issues[:10])
    return {"evidence": text + more, "sources": tuple(sources) or (contract.source(),)}


def _states(contract: Contract, users: list[Integration]) -> Iterator[Finding]:
    if contract.state == "not assessable":
        yield _finding(
            contract, "not-assessable", "high", f"{contract.path} can't be judged: it {contract.reason}", users,
            impact="Nobody can build or test against it, and no check of it means anything",
            action="Supply it in OpenAPI, AsyncAPI, JSON Schema or Avro, as text in UTF-8",
        )  # fmt: skip
    elif contract.state == "invalid":
        broken = [issue for issue in contract.issues if issue.conformance]
        number = len(broken)
        title = f"{_name(contract)} breaks the rules of its format in {number} {'place' if number == 1 else 'places'}"
        yield _finding(
            contract, "invalid", "high", title, users, **_places(contract, broken),
            impact="Tools read it differently or not at all: clients, mocks and tests that are made from it are wrong",
            action="Repair the places named, and check the contract whenever it changes",
        )  # fmt: skip


def _gaps(contract: Contract, users: list[Integration]) -> Iterator[Finding]:
    for kind in ISSUES:
        if issues := [issue for issue in contract.issues if issue.rule == kind.rule]:
            title = f"{_name(contract)}: {len(issues)} {kind.one if len(issues) == 1 else kind.many}"
            yield _finding(
                contract, kind.name, kind.severity, title, users, **_places(contract, issues),
                impact=kind.impact, action=kind.action,
            )  # fmt: skip
    if contract.kind in SERVICES and not contract.version.strip():
        yield _finding(
            contract, "no-version", "medium", f"{_name(contract)} has no version", users,
            impact="Nobody can say which version he was built against, or that a new one breaks him",
            action="Give it a version, and raise it by SemVer",
        )  # fmt: skip
    if contract.kind in SERVICES and not contract.owner:
        yield _finding(
            contract, "no-owner", "medium", f"{_name(contract)} names nobody who answers for it", users,
            impact="Changes and failures have no address",
            action="Name the team as contact",
        )  # fmt: skip
    undated = [part for part in contract.deprecations if part.until is None]
    if undated:
        lines = tuple(Source(kind="input", place=contract.path, row=part.line or 1) for part in undated[:10])
        yield _finding(
            contract, "deprecated-undated", "medium", f"{_name(contract)}: {len(undated)} deprecated without a date", users,
            evidence=", ".join(part.what for part in undated[:5]), sources=lines,
            impact="Consumers don't know by when they have to move",
            action="Say until when it stays (x-sunset)",
        )  # fmt: skip


def _levels(contract: Contract, users: list[Integration]) -> Iterator[Finding]:
    if contract.kind not in SERVICES:
        return
    stated = {
        "latency": any(level.latency_seconds for level in contract.levels),
        "throughput": any(level.throughput_per_second for level in contract.levels),
        "availability": any(level.availability for level in contract.levels),
    }
    absent = [name for name, there in stated.items() if not there]
    if len(absent) == len(stated):
        yield _finding(
            contract, "no-level", "medium", f"{_name(contract)} states no service level", users,
            impact="What is fast enough is decided by who complains",
            action="State latency, the load for which it holds, and availability",
        )  # fmt: skip
    elif absent:
        lines = tuple(source for level in contract.levels for source in level.sources)
        yield _finding(
            contract, "level-incomplete", "low", f"{_name(contract)}: its service level lacks {' and '.join(absent)}", users,
            sources=lines or (contract.source(),),
            impact="A latency without a load, or a load without an availability, can't be held against anybody",
            action="Complete it",
        )  # fmt: skip
    for integration in users:
        yield from _too_weak(contract, integration)


def _too_weak(contract: Contract, integration: Integration) -> Iterator[Finding]:
    """A promise that is weaker than what the integration needs."""
    for level in contract.levels:
        if level.scope:
            continue
        told = []
        if (
            level.latency_seconds
            and integration.latency_seconds
            and level.latency_seconds > integration.latency_seconds
        ):
            told.append(f"{level.latency_seconds:g} s, {integration.latency_seconds:g} s are needed")
        if (
            level.throughput_per_second
            and integration.peak_per_second
            and level.throughput_per_second < integration.peak_per_second
        ):
            told.append(
                f"{level.throughput_per_second:g} a second, {integration.peak_per_second:g} are needed at the peak"
            )
        if told:
            yield _finding(
                contract, f"too-weak/{integration.id}", "medium",
                f"{integration.label}: its contract promises less than it needs", [integration],
                evidence="; ".join(told), sources=(*level.sources, integration.cite("latency_seconds")),
                impact="The promise can be kept and the integration still be too slow",
                action="Agree on a level that serves the need, or lower the need",
            )  # fmt: skip


def _breaks(comparison: Compatibility, users: dict[str, list[Integration]]) -> Iterator[Finding]:
    certain = [change for change in comparison.changes if change.certainty != "possible"]
    if not certain:
        return
    proved = sum(change.certainty == "proved" for change in certain)
    touched = users.get(comparison.old, [])
    ways = "way" if len(certain) == 1 else "ways"
    shown = f", {proved} shown by a payload" if proved else ""
    lines = dict.fromkeys(
        Source(kind="input", place=c.path, row=c.line or 1, column=c.rule) for c in certain[:10]
    )
    yield Finding(
        id=f"contracts/{comparison.new.removeprefix('contracts/')}/breaks",
        section="governance",
        severity="high" if touched or not comparison.announced else "medium",
        title=f"{comparison.new} breaks consumers of {comparison.old} in {len(certain)} {ways}{shown}",
        evidence="; ".join(change.message for change in certain[:4]),
        impact="Integrations on the old version fail when it is switched off"
        if comparison.announced
        else "Integrations fail on the day it goes live, and its version does not say so",
        action="Keep both versions until every consumer has moved, and give the old one an end date",
        integrations=tuple(i.id for i in touched),
        systems=tuple(dict.fromkeys(s for i in touched for s in (i.source, i.target))),
        sources=tuple(lines),
    )


def _broken(promise: Promise, integration: Integration) -> Iterator[Finding]:
    """A promise of a contract that the run logs refute; needs of a row are judged by operations."""
    if promise.verdict != "broken" or not promise.contract:
        return
    level = promise.level
    load = f" at {level.throughput_per_second:g} a second" if level.throughput_per_second else ""
    yield Finding(
        id=f"contracts/{promise.contract.removeprefix('contracts/')}/broken/{integration.id}",
        section="governance",
        severity="high",
        title=f"{integration.label}: {level.latency_seconds:g} s{load} are promised and not kept",
        evidence=promise.reason,
        impact="Who builds on the promise waits, or fails",
        action="Find what is slow, or agree on a level that can be kept",
        owner=level.owner or integration.owner,
        integrations=(integration.id,),
        systems=(integration.source, integration.target),
        sources=(
            *level.sources,
            *((promise.share.source,) if promise.share and promise.share.source else ()),
        ),
    )


def _practice(contracts: Iterable[Contract]) -> Iterator[Finding]:
    """All other warnings together: a review list, no problem each."""
    left = [
        (c, i)
        for c in contracts
        for i in c.issues
        if not i.conformance and i.rule not in OWN and i.severity != "hint"
    ]
    if not left:
        return
    rules = Counter(issue.rule for _, issue in left)
    files = list(dict.fromkeys(contract.path for contract, _ in left))
    yield Finding(
        id="contracts/practice",
        section="governance",
        severity="low",
        title=f"{len(left)} remarks of good practice on {len(files)} {'contract' if len(files) == 1 else 'contracts'}",
        evidence=", ".join(f"{rule} {number}" for rule, number in rules.most_common(6)),
        impact="Contracts are harder to find, to read and to generate from",
        action="Let the check run whenever a contract changes, and repair as you touch it",
        sources=tuple(
            Source(kind="input", place=issue.path, row=issue.line or 1, column=issue.rule)
            for _, issue in left[:10]
        ),
    )
