"""A gate as JUnit XML: one suite a rule, one case a violation."""

from __future__ import annotations

import re
from xml.etree import ElementTree  # written, never read

from .result import Gate
from .violation import Violation

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write."""


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
            root, "testsuite", {"name": clean(rule), **_counts(violations, accepted)}
        )
        for violation in violations:
            place = {
                "classname": clean(violation.rule),
                "name": clean(violation.subject or violation.message),
                "file": clean(prefix + violation.file),
            }
            if violation.line:
                place["line"] = str(violation.line)
            case = ElementTree.SubElement(suite, "testcase", place)
            if violation.fingerprint in accepted:
                accept = accepted[violation.fingerprint]
                note = clean(f"accepted until {accept.until}: {accept.reason}")
                ElementTree.SubElement(case, "skipped", message=note)
                continue
            name = "failure" if violation.state == "fail" else "error"
            held = ElementTree.SubElement(
                case, name, message=clean(violation.message), type=violation.severity
            )
            held.text = clean(f"{prefix}{violation.place}\n{violation.why}\n{violation.fix}")
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


def clean(text: str) -> str:
    """Return a text with what XML can't hold written as an escape."""
    return _FORBIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
