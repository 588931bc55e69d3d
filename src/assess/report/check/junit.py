"""A gate as JUnit XML: one suite a rule, one case a violation."""

from __future__ import annotations

from xml.etree import ElementTree  # written, never read

from assess.core.messages import escape_line

from .result import Gate
from .violation import Violation


def render(gate: Gate, prefix: str = "") -> str:
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
            held.text = "\n".join(map(escape_line, (prefix + violation.place, violation.why, violation.fix)))
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
