"""The gate of a pipeline: contracts, catalog and policies checked, and the answer in the form that a tool reads."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree

from assess import __version__
from assess.core.finding import Severity
from assess.core.messages import escape_controls, escape_json, escape_line
from assess.core.record import pause_collector
from assess.evidence import catalog, contracts, operations, policy
from assess.evidence.contracts import Compatibility
from assess.evidence.quality import open_data_contract
from assess.intake.engagement import Engagement
from assess.intake.location import enclosing

from . import audit, baseline
from .against import compare_against
from .baseline import Acceptance
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


def render_text(gate: CheckResult, prefix: str = "") -> str:
    """Return one line a violation, what to do about each rule, and a last line that says the answer."""
    return "\n".join(map(escape_line, _lines(gate, prefix))) + "\n"


def _lines(gate: CheckResult, prefix: str) -> Iterator[str]:
    expired = set(gate.expired)
    for violation in gate.violations:
        late = "; was accepted, and that has expired" if violation.fingerprint in expired else ""
        yield f"{prefix}{_line(violation)}{late}"
        if violation.payload:
            yield f"    payload: {violation.payload}"
    fixes = {violation.rule: violation.fix for violation in gate.violations if violation.fix}
    if fixes:
        yield ""
        yield from (f"{rule}: {fix}" for rule, fix in sorted(fixes.items()))
        yield ""
    for entry in gate.unused:
        yield f"baseline, line {entry.line}: {entry.rule or entry.fingerprint} fits nothing any more; take it out"
    for accept in gate.accepted:
        yield f"accepted until {accept.until}: {accept.violation.message} ({accept.reason})"
    yield summary(gate)


def _line(violation: Violation) -> str:
    state = "" if violation.state == "fail" else " (not evaluable)"
    return f"{violation.place}: {violation.severity}: {violation.message}{state} [{violation.rule}]"


def summary(gate: CheckResult) -> str:
    """Say the answer in one line."""
    parts = [f"{gate.passed} of {gate.rules} rules of policy are met everywhere"]
    if gate.accepted:
        parts.append(f"{len(gate.accepted)} accepted")
    if gate.notes:
        parts.append(f"{len(gate.notes)} below {gate.limit}")
    rest = "; ".join(parts)
    if gate.open:
        return f"Passed: no violations; {rest}."
    unclear = sum(violation.state == "not evaluable" for violation in gate.violations)
    told = f", {unclear} of them not evaluable" if unclear else ""
    noun = "violation" if len(gate.violations) == 1 else "violations"
    return f"Failed: {len(gate.violations)} {noun}{told}; {rest}."


def render_github(gate: CheckResult, prefix: str = "") -> str:
    """Return one command a violation, and the answer as a notice."""
    lines = [_command("error", violation, prefix) for violation in gate.violations]
    lines += [_command("notice", violation, prefix) for violation in gate.notes]
    lines.append(f"::notice title=assess check::{message(summary(gate))}")
    return "\n".join(lines) + "\n"


def _command(level: str, violation: Violation, prefix: str) -> str:
    parts = [f"file={value(prefix + violation.file)}"]
    if violation.line:
        parts.append(f"line={violation.line}")
    parts.append(f"title={value(violation.rule)}")
    fix = f". {violation.fix}" if violation.fix else ""
    return f"::{level} {','.join(parts)}::{message(_with_payload(violation) + fix)}"


def _with_payload(violation: Violation) -> str:
    return f"{violation.message}; payload: {violation.payload}" if violation.payload else violation.message


def message(text: str) -> str:
    r"""Escape the message of a command, as @actions/core does (`escapeData`), and make what is invisible visible.

    >>> message("100 %\n::error::x")
    '100 %25%0A::error::x'
    """
    pieces = (p if p in ("\r", "\n") else escape_controls(p) for p in re.split("([\r\n])", text))
    return "".join(pieces).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(text: str) -> str:
    """Escape a property of a command, as @actions/core does (`escapeProperty`).

    >>> value("a:b,c")
    'a%3Ab%2Cc'
    """
    return message(text).replace(":", "%3A").replace(",", "%2C")


def render_junit(gate: CheckResult, prefix: str = "") -> str:
    """Return a document of test suites; what is not evaluable is an error, what fails a failure, what is accepted skipped."""
    accepted = {accept.violation.fingerprint: accept for accept in gate.accepted}
    told = [*gate.violations, *(accept.violation for accept in gate.accepted)]
    by_rule: dict[str, list[Violation]] = {}
    for violation in sorted(told, key=lambda each: each.rule):
        by_rule.setdefault(violation.rule, []).append(violation)
    root = ElementTree.Element("testsuites", {"name": "assess check", **_counts(told, accepted)})
    for rule, violations in by_rule.items():
        suite = ElementTree.SubElement(
            root, "testsuite", {"name": escape_line(rule), **_counts(violations, accepted)}
        )
        for violation in violations:
            place = {
                "classname": escape_line(violation.rule),
                "name": escape_line(violation.subject or violation.message),
                "file": escape_line(prefix + violation.file),
            }
            if violation.line:
                place["line"] = str(violation.line)
            case = ElementTree.SubElement(suite, "testcase", place)
            if violation.fingerprint in accepted:
                accept = accepted[violation.fingerprint]
                note = escape_line(f"accepted until {accept.until}: {accept.reason}")
                ElementTree.SubElement(case, "skipped", message=note)
                continue
            name = "failure" if violation.state == "fail" else "error"
            held = ElementTree.SubElement(
                case, name, message=escape_line(violation.message), type=violation.severity
            )
            held.text = "\n".join(
                map(
                    escape_line,
                    (prefix + violation.place, _with_payload(violation), violation.why, violation.fix),
                )
            )
    if not told:
        suite = ElementTree.SubElement(root, "testsuite", {"name": "policy", **_counts([], {}, tests=1)})
        ElementTree.SubElement(suite, "testcase", classname="assess check", name="every rule")
        root.set("tests", "1")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _counts(violations: list[Violation], accepted: object, tests: int = 0) -> dict[str, str]:
    held = accepted if isinstance(accepted, dict) else {}
    open_ = [violation for violation in violations if violation.fingerprint not in held]
    return {
        "tests": str(tests or len(violations)),
        "failures": str(sum(violation.state == "fail" for violation in open_)),
        "errors": str(sum(violation.state == "not evaluable" for violation in open_)),
        "skipped": str(len(violations) - len(open_)),
    }


SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "assess/v1"
LEVELS: Mapping[Severity, str] = {
    "critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note",
}  # fmt: skip


def render_sarif(gate: CheckResult, prefix: str = "") -> str:
    """Return the log of one run, a result a line; what the baseline accepts is suppressed, with the reason."""
    reasons = {accept.violation.fingerprint: accept for accept in gate.accepted}
    told = [*gate.violations, *gate.notes, *(accept.violation for accept in gate.accepted)]
    rules = {violation.rule: violation for violation in reversed(told)}
    order = {rule: number for number, rule in enumerate(sorted(rules))}
    results = []
    for violation in told:
        result = _result(violation, order[violation.rule], prefix)
        if accept := reasons.get(violation.fingerprint):
            note = f"accepted until {accept.until.isoformat()}: {accept.reason}"
            result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": note}]
        results.append(result)
    driver = {"name": "assess", "version": __version__, "rules": [_rule(rules[id]) for id in order]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": []}
    log = json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False)
    lines = ",\n".join(json.dumps(result, ensure_ascii=False) for result in results)
    return escape_json(log.replace('"results": []', f'"results": [\n{lines}\n]')) + "\n"


def _rule(violation: Violation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": violation.rule,
        "defaultConfiguration": {"level": LEVELS[violation.severity]},
        "properties": {"severity": violation.severity},
    }
    if violation.why:
        found["fullDescription"] = {"text": violation.why}
    if violation.fix:
        found["help"] = {"text": violation.fix}
    return found


def _result(violation: Violation, index: int, prefix: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(os.fsencode(prefix + violation.file))}}
    if violation.line:
        place["region"] = {"startLine": violation.line}
    return {
        "ruleId": violation.rule,
        "ruleIndex": index,
        "level": LEVELS[violation.severity],
        "message": {"text": _with_payload(violation)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: violation.fingerprint},
        "properties": {"state": violation.state, "subject": violation.subject},
    }


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
