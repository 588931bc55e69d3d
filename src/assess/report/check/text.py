"""A gate as text for people: by file, as compilers write it."""

from __future__ import annotations

from collections.abc import Iterator

from assess.core.messages import escape_line

from .result import Gate
from .violation import Violation


def render(gate: Gate, prefix: str = "") -> str:
    """Return one line a violation, what to do about each rule, and a last line that says the answer."""
    return "\n".join(map(escape_line, _lines(gate, prefix))) + "\n"


def _lines(gate: Gate, prefix: str) -> Iterator[str]:
    expired = set(gate.expired)
    for violation in gate.violations:
        late = "; was accepted, and that has expired" if violation.fingerprint in expired else ""
        yield f"{prefix}{_line(violation)}{late}"
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


def summary(gate: Gate) -> str:
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
