"""The answer of a gate: what holds it, what is accepted, and what is odd about the baseline."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from assess.core.finding import Severity
from assess.core.record import Record

from .violation import Violation, at_least


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


class Gate(Record):
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
) -> Gate:
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
    return Gate(
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
