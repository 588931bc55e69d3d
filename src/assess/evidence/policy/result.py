"""What was judged, what failed, and what could not be judged."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from assess.core.finding import Finding, Missing, Severity
from assess.core.record import Record
from assess.core.source import Fact, Source
from assess.intake.problem import Problem

from .judging import State

RuleState = Literal["pass", "fail", "not evaluable", "nothing to judge", "not assessed"]
"""Of a rule over all of its subjects. ``nothing to judge``: a built-in rule of whose subjects there are none.
``not assessed``: the input that it needs was not supplied."""


class Outcome(Record):
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
    outcomes: tuple[Outcome, ...] = ()
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

    def of(self, rule: str) -> tuple[Outcome, ...]:
        """Return what does not pass a rule."""
        return tuple(outcome for outcome in self.outcomes if outcome.rule == rule)

    @property
    def table(self) -> pd.DataFrame:
        """One row per rule."""
        columns = ["rule", "severity", "own", "state", "passed", "failed", "not evaluable"]
        rows = [(r.id, r.severity, r.own, r.state, r.passed, r.failed, r.unclear) for r in self.rules]
        return pd.DataFrame(rows, columns=columns)
