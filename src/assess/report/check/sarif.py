"""A gate as SARIF 2.1.0 (OASIS standard), which code hosts show beside the lines."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from assess import __version__
from assess.core.finding import Severity
from assess.core.messages import escape_json

from .result import Gate
from .violation import Violation

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "assess/v1"
LEVELS: Mapping[Severity, str] = {
    "critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note",
}  # fmt: skip


def render(gate: Gate, prefix: str = "") -> str:
    """Return the log of one run; what the baseline accepts is suppressed, with the reason."""
    reasons = {accept.violation.fingerprint: accept for accept in gate.accepted}
    told = [*gate.violations, *gate.notes, *(accept.violation for accept in gate.accepted)]
    rules = {violation.rule: violation for violation in reversed(told)}
    order = sorted(rules)
    results = []
    for violation in told:
        result = _result(violation, order.index(violation.rule), prefix)
        if accept := reasons.get(violation.fingerprint):
            note = f"accepted until {accept.until.isoformat()}: {accept.reason}"
            result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": note}]
        results.append(result)
    driver = {"name": "assess", "version": __version__, "rules": [_rule(rules[id]) for id in order]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return escape_json(json.dumps(log, indent=1, ensure_ascii=False)) + "\n"


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
        "message": {"text": violation.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: violation.fingerprint},
        "properties": {"state": violation.state, "subject": violation.subject},
    }
