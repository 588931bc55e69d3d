"""What interfaces promise, and whether they keep it: OpenAPI, AsyncAPI, JSON Schema, Avro, CloudEvents."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from assess.core import reads
from assess.core.finding import Missing
from assess.core.source import Fact, Source
from assess.evidence.operations import Operations, judge_promise
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration
from assess.intake.location import enclosing, under

from . import conformance, findings, formats, languages, levels, lint
from .compatibility import Compatibility, ContractChange, between, compare
from .contract import Contract, Deprecation, Issue, IssueSeverity, Kind, ServiceLevel, State
from .document import ContractDocument, NotAssessable, read_bytes
from .findings import SUMMARIES
from .lint.subject import LintSubject, mapping
from .references import Library, assemble
from .result import Contracts, Promise

__all__ = [
    "SUMMARIES",
    "Compatibility",
    "Contract",
    "ContractChange",
    "Contracts",
    "Deprecation",
    "Issue",
    "IssueSeverity",
    "Kind",
    "Promise",
    "ServiceLevel",
    "State",
    "assess",
    "compare",
    "compare_with",
    "is_documentation",
]

_TOKEN = re.compile(r"(^|[-_./])v?[0-9]+(?:\.[0-9]+)*(?=[-_./]|$)", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9]+")


def successions(contracts: Iterable[Contract]) -> list[tuple[Contract, Contract]]:
    """Return each version of a contract with the next: files whose names differ in a version only.

    The order is that of the stated versions, else that of the file names.
    """
    families: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    for contract in contracts:
        if contract.state != "not assessable":
            families[contract.kind, family(contract.path)].append(contract)
    found = []
    for members in families.values():
        ordered = sorted(members, key=lambda c: (numbers(c.version), numbers(c.path), c.path))
        found += list(pairwise(ordered))
    return found


def family(path: str) -> str:
    """Return a path without the versions in it.

    >>> family("contracts/invoices-v2.openapi.yaml"), family("contracts/v1/orders_1.2.json")
    ('contracts/invoices.openapi.yaml', 'contracts/orders.json')
    """
    return _TOKEN.sub("", path)


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version in their order, so that 1.10 comes after 1.9.

    >>> numbers("1.10.0-rc2")
    (1, 10, 0, 2)
    """
    return tuple(int(number) for number in _NUMBERS.findall(version)[:6] if len(number) < 12)


def promises(
    contracts: Iterable[Contract], integrations: Iterable[Integration], operations: Operations | None
) -> tuple[Promise, ...]:
    """Return what is promised to or needed by each integration, and whether it is shown to be kept.

    A contract's service level is judged where it names a latency; an integration whose contract names none is
    judged by its own row: the latency that it needs at its peak.

    Parameters
    ----------
    operations
        What the run logs show; None where they were not measured.
    """
    known = {contract.path: contract for contract in contracts}
    found: list[Promise] = []
    for integration in integrations:
        contract = known.get(integration.contract)
        stated = [level for level in contract.levels if level.latency_seconds] if contract else []
        needed = need(integration)
        if stated:
            found += [_judged(integration, contract, level, operations) for level in stated]
        elif needed:
            found.append(_judged(integration, None, needed, operations))
    return tuple(found)


def need(integration: Integration) -> ServiceLevel | None:
    """Return what an integration's row asks for, None where it names no latency."""
    if not integration.latency_seconds:
        return None
    sources = (integration.cite("latency_seconds"), integration.cite("peak_per_second"))
    return ServiceLevel(
        latency_seconds=integration.latency_seconds,
        throughput_per_second=integration.peak_per_second or None,
        owner=integration.owner,
        sources=sources,
    )


def _judged(
    integration: Integration, contract: Contract | None, level: ServiceLevel, operations: Operations | None
) -> Promise:
    traffic = operations.of(integration.id) if operations else None
    latency = level.latency_seconds or 0.0
    result = judge_promise(latency, level.throughput_per_second, traffic, share=level.quantile or 0.95)
    return Promise(
        integration=integration.id,
        contract=contract.path if contract else "",
        level=level,
        verdict=result.verdict,
        share=result.share,
        runs=result.runs,
        load_seen=result.load_seen,
        reason=result.reason,
    )


ORDER: dict[IssueSeverity, int] = {"error": 0, "warning": 1, "info": 2, "hint": 3}


def assess(engagement: Engagement, operations: Operations | None = None) -> Contracts:
    """Judge every contract of an engagement: the files under contracts/ and those that integrations name.

    Nothing raises and nothing is fetched: what can't be judged is "not assessable" with the reason.

    Parameters
    ----------
    operations
        What the run logs show, by which promised service levels are judged; without it none is shown.
    """
    named = [integration.contract for integration in engagement.integrations if integration.contract]
    paths = dict.fromkeys([*(path for path in engagement.contracts if not is_documentation(path)), *named])
    with reads.silent():
        folder = enclosing(engagement.folder)
    library = Library(folder, engagement.locate)
    read = {path: _read(library, path) for path in paths}  # all first: schemas refer to each other by $id
    judged = [judge(library, path, found) for path, found in read.items()]
    parts = {part for contract in judged for part in contract.parts}
    contracts = tuple(
        contract.model_copy(
            update={
                "integrations": tuple(i.id for i in engagement.integrations if i.contract == contract.path)
            }
        )
        for contract in judged
        if contract.path in named or not (contract.path in parts and is_part(contract))
    )
    result = Contracts(
        contracts=contracts,
        comparisons=tuple(between(library, old.path, new.path) for old, new in successions(contracts)),
        promises=promises(contracts, engagement.integrations, operations) if contracts else (),
        missing=_missing(engagement, contracts),
    )
    return result.model_copy(update={"findings": findings.judge(engagement, result), "facts": _facts(result)})


def compare_with(engagement: Engagement, contracts: Contracts, earlier: Path) -> tuple[Compatibility, ...]:
    """Compare the contracts of an engagement with what they were.

    A contract whose file is gone is looked for under its title; one that is nowhere breaks all who used it. What
    could not be assessed earlier promised nothing.

    Parameters
    ----------
    contracts
        Of the engagement as it is, see `assess`.
    earlier
        Folder with the files of the engagement as they were.
    """
    folder = enclosing(engagement.folder)
    library, before = Library(folder), Library(earlier)
    named = [integration.contract for integration in engagement.integrations if integration.contract]
    changed = _Changed(earlier, folder)
    found: dict[str, tuple[str, Kind]] = {}
    parts: dict[str, tuple[str, ...]] = {}
    for path in dict.fromkeys([*under(earlier, "contracts"), *(n for n in named if (earlier / n).is_file())]):
        try:
            title, kind = _known(before, path)
            if kind in formats.ASSEMBLED:
                parts[path] = before.assembled(path)[1]
        except NotAssessable:
            continue
        if kind != "cloudevents":
            found[path] = title, kind
    now = {contract.path: contract for contract in contracts.contracts}
    inner = {part for several in parts.values() for part in several}
    alone = not any(changed(path) for path, (_, kind) in found.items() if kind == "json-schema")
    compared = []
    for path, (title, kind) in found.items():
        if path in inner and path not in named and path not in now:
            continue
        moved = [c.path for c in now.values() if title and c.title == title and c.path not in found]
        if path in now:
            others = any(map(changed, parts.get(path, ()))) or (kind == "json-schema" and not alone)
            if changed(path) or others:
                compared.append(between(library, path, path, before))
        elif moved:
            compared.append(between(library, path, moved[0], before))
        else:
            compared.append(removed(path, kind))
    return tuple(compared)


class _Changed:
    """Says of a file whether it is another than it was, each read once."""

    def __init__(self, earlier: Path, present: Path) -> None:
        self.folders = earlier, present
        self.known: dict[str, bool] = {}

    def __call__(self, path: str) -> bool:
        if path not in self.known:
            try:
                before, now = (read_bytes(folder / path) for folder in self.folders)
                self.known[path] = before != now
            except NotAssessable:
                self.known[path] = True
        return self.known[path]


def _known(library: Library, path: str) -> tuple[str, Kind]:
    """Return title and kind of a contract."""
    if languages.language(path):
        contract = languages.judge(library.folder, path)
        if contract.state == "not assessable":
            raise NotAssessable(contract.reason)
        return contract.title, contract.kind
    document = library.read(path)
    return _title(document.tree), formats.kind(document)[0]


def removed(path: str, kind: Kind) -> Compatibility:
    """Return that a contract is no longer there."""
    message = f"{path} is gone: nobody promises any more what it said"
    change = ContractChange(
        rule="contract-removed", certainty="certain", side="request", where=path, message=message, path=path
    )
    return Compatibility(old=path, new=path, kind=kind, changes=(change,))


def is_part(contract: Contract) -> bool:
    """Say whether a file that others refer to is only a part of theirs: in no format, or a schema that names no dialect."""
    return contract.kind == "unknown" or (contract.kind == "json-schema" and not contract.format_version)


def _read(library: Library, path: str) -> ContractDocument | NotAssessable:
    try:
        return library.read(path)
    except NotAssessable as problem:
        return problem


DOCUMENTATION = frozenset(
    {".md", ".markdown", ".rst", ".adoc", ".txt", ".html", ".htm", ".css", ".pdf", ".docx", ".pptx", ".png", ".jpg", ".jpeg",
     ".gif", ".svg", ".webp", ".puml", ".plantuml", ".mmd", ".drawio"}
)  # fmt: skip
LEGAL = re.compile(
    r"(licen[cs]e|copying|notice|readme|changelog|changes|authors|contributing|codeowners|owners|makefile)",
    re.IGNORECASE,
)
"""Names of files, without an ending, that go with contracts and are none."""


def is_documentation(path: str) -> bool:
    """Say whether a file beside the contracts is none and need not be: words about them, pictures, a license.

    >>> is_documentation("contracts/README.md"), is_documentation("contracts/LICENSE"), is_documentation("contracts/orders.ymal")
    (True, True, False)
    """
    name = PurePosixPath(path)
    return name.suffix.lower() in DOCUMENTATION or (not name.suffix and bool(LEGAL.match(name.name)))


def judge(library: Library, path: str, found: ContractDocument | NotAssessable) -> Contract:
    """Judge one contract."""
    if languages.language(path):
        return languages.judge(library.folder, path)
    if isinstance(found, NotAssessable):
        return _refused(path, found)
    try:
        kind, version = formats.kind(found)
    except NotAssessable as problem:
        return _refused(path, problem)
    parts: tuple[str, ...] = ()
    try:
        if kind in formats.ASSEMBLED:
            found, parts = assemble(library, found)
        subject = LintSubject(found, kind, version, library)
        issues = conformance.check(found, kind, version, library) + lint.check(subject, levels.RULE)
    except NotAssessable as problem:
        return _refused(path, problem)
    except Exception as error:  # whatever a validator stumbles over: an exception is never a pass
        reason = f"makes the check fail: {type(error).__name__}: {str(error)[:160]}"
        return _refused(path, NotAssessable(reason)).model_copy(
            update={"kind": kind, "format_version": version}
        )
    stated = levels.levels(subject)
    return Contract(
        path=path,
        kind=kind,
        format_version=version,
        title=_title(found.tree),
        version=_version(found.tree),
        state="invalid" if any(issue.conformance for issue in issues) else "valid",
        issues=tuple(
            sorted(issues, key=lambda i: (ORDER[i.severity], i.path, i.line or 0, i.rule, i.pointer))
        ),
        parts=parts,
        levels=stated,
        deprecations=levels.deprecations(subject),
        owner=levels.owner(subject, stated),
        operations=len(subject.operations),
        messages=subject.messages,
        schemes=_schemes(found.tree),
    )


def _refused(path: str, problem: NotAssessable) -> Contract:
    return Contract(
        path=path, kind="unknown", state="not assessable", reason=problem.reason, line=problem.line
    )


def _title(tree: Any) -> str:
    if not isinstance(tree, dict):
        return ""
    info = tree.get("info")
    found = info.get("title") if isinstance(info, dict) else tree.get("title") or tree.get("name")
    return found if isinstance(found, str) else ""


def _schemes(tree: Any) -> tuple[str, ...]:
    """Return the kinds of the security schemes that a contract defines, sorted."""
    parts = mapping(mapping(tree).get("components")).get("securitySchemes")
    found = {**mapping(parts), **mapping(mapping(tree).get("securityDefinitions"))}.values()
    return tuple(sorted({str(mapping(one)["type"]) for one in found if mapping(one).get("type")}))


def _version(tree: Any) -> str:
    info = tree.get("info") if isinstance(tree, dict) else None
    found = info.get("version") if isinstance(info, dict) else None
    return "" if found is None or isinstance(found, dict | list) else str(found)


def _missing(engagement: Engagement, contracts: tuple[Contract, ...]) -> tuple[Missing, ...]:
    if contracts or not engagement.integrations:
        return ()
    return (
        Missing(
            section="governance",
            supply="contracts under contracts/ (OpenAPI, AsyncAPI, JSON Schema, Avro), named in integrations.csv",
            changes="whether interfaces are described, what breaks between versions and which promises are kept",
        ),
    )


def _facts(result: Contracts) -> tuple[Fact, ...]:
    if not result.contracts:
        return ()
    sources = tuple(contract.source() for contract in result.contracts)

    def fact(name: str, label: str, value: int, of: tuple[Source, ...]) -> Fact:
        return Fact(id=f"contracts.{name}", label=label, value=value, sources=of or sources)

    def state(wanted: str) -> tuple[Source, ...]:
        return tuple(c.source() for c in result.contracts if c.state == wanted)

    breaking = [c for c in result.comparisons if c.verdict == "breaking"]
    places = tuple(Source(kind="input", place=c.new, row=1) for c in breaking)
    promised = [promise for promise in result.promises if promise.contract]
    facts = [
        fact("count", "Contracts", len(result.contracts), sources),
        fact("valid", "Contracts that their format allows", len(state("valid")), state("valid")),
        fact("invalid", "Contracts that break their format's rules", len(state("invalid")), state("invalid")),
        fact(
            "unjudged",
            "Contracts that can't be judged",
            len(state("not assessable")),
            state("not assessable"),
        ),
        fact("breaking", "New versions that break consumers of the old", len(breaking), places),
    ]
    for verdict in ("shown", "broken", "not shown") if promised else ():
        found = [promise for promise in promised if promise.verdict == verdict]
        level = tuple(source for promise in found for source in promise.level.sources)
        label = f"Promised service levels that run logs {'show' if verdict == 'shown' else 'refute' if verdict == 'broken' else 'do not show'}"
        facts.append(fact(f"level.{verdict.replace(' ', '_')}", label, len(found), level))
    return tuple(facts)
