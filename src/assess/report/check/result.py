"""What a check holds against an engagement, under names that survive edits, and the answer of a gate: what holds it, what is accepted."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import field_validator

from assess.core.finding import SEVERITIES, Severity
from assess.core.record import Record
from assess.report.prose import clean

State = Literal["fail", "not evaluable"]
KEPT = 32
"""Hexadecimal digits of a fingerprint: 128 bits."""


class Violation(Record):
    """One thing that is wrong, or that can't be judged.

    Parameters
    ----------
    rule
        What is asked, such as ``policy/integration-owner`` or ``contract/operation-operationId``.
    state
        ``not evaluable``: it can't be judged, which holds the gate as a failure does.
    subject
        What it is about, such as ``Integration order-shop-erp``, or a JSON pointer in a contract.
    message
        What is wrong, in one sentence without a full stop.
    why, fix
        Why the rule is there, and what to do.
    file, line
        Where, relative to the engagement folder.
    fingerprint
        Name of this violation from run to run: from rule, file, subject and field, or what is wrong there, not from
        lines.
    payload
        JSON text that one version of a contract accepts and the other rejects.
    """

    rule: str
    severity: Severity
    state: State
    subject: str
    message: str
    why: str = ""
    fix: str = ""
    file: str
    line: int | None = None
    fingerprint: str = ""
    payload: str = ""

    @field_validator("subject", "message", "why", "fix", "payload")
    @classmethod
    def _readable(cls, text: str) -> str:
        """Make control characters visible: a terminal or a log would obey them."""
        return clean(text)

    @property
    def place(self) -> str:
        """File and line, as compilers write it."""
        return f"{self.file}:{self.line}" if self.line else self.file


def named(violations: Iterable[tuple[Violation, tuple[str, ...]]]) -> tuple[Violation, ...]:
    """Give each violation its fingerprint and put them in order: file, line, rule.

    Parameters
    ----------
    violations
        Each with what it is known by beside its rule, file and subject. Where that is the same for several, they
        are counted in the order of their lines.
    """
    ordered = sorted(violations, key=lambda pair: _order(pair[0]))
    seen: Counter[str] = Counter()
    found = []
    for violation, known_by in ordered:
        key = json.dumps([violation.rule, violation.file, violation.subject, *known_by], ensure_ascii=False)
        seen[key] += 1
        digest = hashlib.sha256(f"{key}#{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest()[:KEPT]
        found.append(violation.model_copy(update={"fingerprint": digest}))
    return tuple(found)


def _order(violation: Violation) -> tuple[str, int, str, str, str]:
    return (violation.file, violation.line or 0, violation.rule, violation.subject, violation.message)


def at_least(severity: Severity, limit: Severity) -> bool:
    """Return whether a severity is as bad as another or worse.

    >>> at_least("high", "medium"), at_least("low", "medium")
    (True, False)
    """
    return SEVERITIES.index(severity) <= SEVERITIES.index(limit)


class Accepted(Record):
    """An entry of a baseline: a violation that is accepted.

    Parameters
    ----------
    fingerprint
        Of the violation.
    reason
        Why it is accepted, in the words of who did.
    until
        Last day on which it is.
    rule, what
        For readers of the file: nothing depends on them.
    line
        Where it stands.
    """

    fingerprint: str
    reason: str
    until: dt.date
    rule: str = ""
    what: str = ""
    line: int | None = None


class Accept(Record):
    """A violation with the entry of the baseline that accepts it."""

    violation: Violation
    reason: str
    until: dt.date


class CheckResult(Record):
    """What a check found.

    Parameters
    ----------
    engagement
        Name of the client.
    today
        Day on which it was checked.
    limit
        Severity from which on a violation holds the gate.
    violations
        What holds it.
    notes
        What is less severe than the limit.
    accepted
        What the baseline accepts today.
    expired
        Fingerprints of violations that the baseline accepted until an earlier day; they are among the violations.
    unused
        Entries of the baseline that nothing fits any more.
    rules, passed
        Number of rules of policy that had something to judge, and of those that all pass.
    """

    engagement: str
    today: dt.date
    limit: Severity
    violations: tuple[Violation, ...] = ()
    notes: tuple[Violation, ...] = ()
    accepted: tuple[Accept, ...] = ()
    expired: tuple[str, ...] = ()
    unused: tuple[Accepted, ...] = ()
    rules: int = 0
    passed: int = 0

    @property
    def open(self) -> bool:
        """Whether nothing holds it."""
        return not self.violations

    @property
    def counts(self) -> dict[str, int]:
        """How many violations of each severity hold it."""
        return dict(Counter(violation.severity for violation in self.violations))


def weigh(
    found: tuple[Violation, ...],
    baseline: tuple[Accepted, ...],
    *,
    engagement: str,
    today: dt.date,
    limit: Severity,
    rules: int = 0,
    passed: int = 0,
) -> CheckResult:
    """Sort violations into those that hold the gate, those that are accepted, and notes."""
    entries = {entry.fingerprint: entry for entry in baseline}
    known = {violation.fingerprint for violation in found}
    accepted, rest = [], []
    for violation in found:
        entry = entries.get(violation.fingerprint)
        if entry is not None and entry.until >= today:
            accepted.append(Accept(violation=violation, reason=entry.reason, until=entry.until))
        else:
            rest.append(violation)
    return CheckResult(
        engagement=engagement,
        today=today,
        limit=limit,
        violations=tuple(v for v in rest if at_least(v.severity, limit)),
        notes=tuple(v for v in rest if not at_least(v.severity, limit)),
        accepted=tuple(accepted),
        expired=tuple(v.fingerprint for v in rest if v.fingerprint in entries),
        unused=tuple(entry for entry in baseline if entry.fingerprint not in known),
        rules=rules,
        passed=passed,
    )
