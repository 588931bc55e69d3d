"""What was judged, what failed, and what could not be judged; rules that are not met, as findings."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from assess.core.finding import Finding, Missing, Severity
from assess.core.record import Record
from assess.core.source import Fact, Source
from assess.intake.engagement import Engagement
from assess.intake.problem import Problem, listed

from .judging import State

RuleState = Literal["pass", "fail", "not evaluable", "nothing to judge", "not assessed"]
"""Of a rule over all of its subjects. ``nothing to judge``: a built-in rule of whose subjects there are none.
``not assessed``: the input that it needs was not supplied."""


class RuleOutcome(Record):
    """A subject that does not pass a rule.

    Parameters
    ----------
    rule
        Id of the rule.
    kind, subject
        What was judged; both empty where a rule as a whole can't be judged.
    field
        The field that decided.
    reason
        Why, in words that follow the field.
    source
        File and line of the subject, or of the rule.
    """

    rule: str
    severity: Severity
    state: State
    kind: str = ""
    subject: str = ""
    field: str = ""
    reason: str = ""
    fix: str = ""
    source: Source
    integrations: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What is wrong, in one sentence without a full stop."""
        name = f"{self.kind} {self.subject}: " if self.subject else ""
        return f"{name}{self.field} {self.reason}".strip() if self.field else f"{name}{self.reason}"


class RuleResult(Record):
    """A rule over all of its subjects.

    Parameters
    ----------
    title
        What holds where it is met; the id where the rule has no title.
    passed, failed, unclear
        Subjects that pass, that fail, and that are not evaluable.
    remarks
        What is odd about the rule itself, such as a field that no subject has.
    source
        Where the rule stands.
    """

    id: str
    title: str
    severity: Severity
    rationale: str
    fix: str
    kinds: tuple[str, ...]
    own: bool
    state: RuleState
    passed: int = 0
    failed: int = 0
    unclear: int = 0
    remarks: tuple[str, ...] = ()
    source: Source

    @property
    def judged(self) -> int:
        """Number of subjects to which it applies."""
        return self.passed + self.failed + self.unclear


class Policy(Record):
    """What the rules say of an engagement.

    Parameters
    ----------
    rules
        The built-in ones, then the client's, in the order of their files.
    outcomes
        Every subject that does not pass, in the order of the rules.
    subjects
        How many were judged, by kind.
    problems
        Mistakes in the client's files: none of a file's wrong rules is applied.
    """

    rules: tuple[RuleResult, ...] = ()
    outcomes: tuple[RuleOutcome, ...] = ()
    subjects: dict[str, int] = {}
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def assessed(self) -> bool:
        """Whether any rule had something to judge."""
        return any(rule.judged for rule in self.rules)

    def rule(self, id: str) -> RuleResult:
        """Return the result of a rule.

        Raises
        ------
        KeyError
            If there is none.
        """
        return {rule.id: rule for rule in self.rules}[id]

    @property
    def table(self) -> pd.DataFrame:
        """One row per rule."""
        columns = ["rule", "severity", "own", "state", "passed", "failed", "not evaluable"]
        rows = [(r.id, r.severity, r.own, r.state, r.passed, r.failed, r.unclear) for r in self.rules]
        return pd.DataFrame(rows, columns=columns)


REASONS = 5
"""Different reasons that a finding tells."""

PLACES = 20
"""Subjects whose places a finding carries as sources; all of them are in the outcomes."""


def rule_findings(policy: Policy, engagement: Engagement) -> tuple[Finding, ...]:
    """Return a finding for each rule that some subject fails, or that can't be evaluated for one."""
    by_rule: dict[str, list[RuleOutcome]] = {}
    for outcome in policy.outcomes:
        by_rule.setdefault(outcome.rule, []).append(outcome)
    known = {rule.id: rule for rule in policy.rules}
    owners = {item.id: item.owner for item in engagement.integrations}
    owners |= {system.id: system.owner for system in engagement.systems}
    findings = []
    for id, outcomes in by_rule.items():
        rule = known[id]
        failed = [outcome for outcome in outcomes if outcome.state == "fail"]
        unclear = [outcome for outcome in outcomes if outcome.state == "not evaluable"]
        touched = tuple(dict.fromkeys(id for outcome in outcomes for id in outcome.integrations))
        systems = tuple(dict.fromkeys(id for outcome in outcomes for id in outcome.systems))
        named = {owners.get(id, "") for id in (*touched, *systems)} - {""}
        findings.append(
            Finding(
                id=f"governance/policy/{id}",
                section="governance",
                severity=outcomes[0].severity,
                title=_title(rule.title, rule.failed, rule.unclear, rule.judged),
                evidence=_evidence([*failed, *unclear]),
                impact=rule.rationale
                if rule
                else "What can't be read can't be judged, and what can't be judged does not pass.",
                action=outcomes[0].fix,
                owner=named.pop() if len(named) == 1 else "",
                integrations=touched,
                systems=systems,
                sources=tuple({o.source.id: o.source for o in outcomes}.values())[:PLACES],
            )
        )
    return tuple(findings)


def _title(title: str, failed: int, unclear: int, judged: int) -> str:
    """Say how many do not meet a rule.

    >>> _title("Every integration has an owner", 3, 2, 25)
    "Every integration has an owner: not so for 3 of 25, can't be told of 2"
    """
    parts = [f"not so for {failed} of {judged}"] if failed else []
    if unclear:
        parts.append(f"can't be told of {unclear}" + ("" if failed else f" of {judged}"))
    return f"{title}: {', '.join(parts)}"


def _evidence(outcomes: list[RuleOutcome]) -> str:
    """Say what is wrong once for all of whom it is true."""
    by_reason: dict[str, list[str]] = {}
    for outcome in outcomes:
        by_reason.setdefault(f"{outcome.field} {outcome.reason}".strip(), []).append(outcome.subject)
    parts = [
        f"{reason}: {listed(sorted(filter(None, names)), limit=6)}" if any(names) else reason
        for reason, names in by_reason.items()
    ]
    return "; ".join(parts[:REASONS]) + (f"; and {len(parts) - REASONS} more" if len(parts) > REASONS else "")
