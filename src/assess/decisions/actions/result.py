"""The ranked list of actions."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing, Severity
from assess.core.record import Record
from assess.core.source import Fact, Source

Kind = Literal["gate", "mitigation", "repair", "operation", "waste", "check"]


class Action(Record):
    """Something to do.

    Parameters
    ----------
    kind
        Closes a gate's gap, mitigates a risk, repairs data, repairs a running integration, removes waste from a
        step of the process, or ``check``: a finding whose value the model can't say.
    value
        Gross: expected cost with everything open less that with this gap closed; None where the model can't say.
    cost
        What closing takes, in money, once; None where nobody knows the effort.
    running
        Present value over the horizon of keeping it up; None where there is nothing to keep up, or ``cost`` is None.
    net
        Value less cost and running cost.
    basis
        Where the value comes from, in words.
    quadrant
        Importance against effort: split at the medians of the valued actions.
    findings
        Ids of the findings that it closes.
    """

    id: str
    title: str
    kind: Kind
    effort: Estimate | None
    owner: str
    value: Estimate | None
    cost: Estimate | None
    running: Estimate | None = None
    net: float | None
    basis: str = ""
    severity: Severity = "medium"
    quadrant: Literal["do now", "plan", "fill in", "leave", "unknown"] = "unknown"
    findings: tuple[str, ...] = ()
    integrations: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


class NextStep(Record):
    """One of the first things to do.

    Parameters
    ----------
    adds
        What it brings on top of the steps before it: where both work on one line, the second brings less than alone.
    opens
        Label of the next gate if this is one of the must-haves that hold it, empty otherwise.
    """

    action: str
    adds: float | None
    opens: str = ""


class Actions(Record):
    """Every gap as an action, the highest net value first; those without a value after them, by severity.

    Parameters
    ----------
    actions
        What to do beside and before building.
    quick_wins
        Ids of actions of at most `QUICK_DAYS` person-days whose net value is above zero.
    next_steps
        What to do first: every must-have that holds the next gate, then what has the highest net value on top of those
        before it, five in all if the gate lacks no more.
    joint
        Value of all actions with a positive net value together, by re-running with all closed.
    overlap
        What the sum of their single values exceeds ``joint`` by.
    """

    actions: tuple[Action, ...] = ()
    quick_wins: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    joint: float | None = None
    overlap: float | None = None
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    def action(self, id: str) -> Action:
        """Return one action.

        Raises
        ------
        KeyError
            If there is none of this id.
        """
        return {action.id: action for action in self.actions}[id]

    @property
    def table(self) -> pd.DataFrame:
        """One row per action."""
        names = ["action", "kind", "value", "cost", "running", "net", "days", "owner", "quadrant"]
        rows = [
            [a.title, a.kind, a.value.likely if a.value else None, a.cost.likely if a.cost else None,
             a.running.likely if a.running else None, a.net,
             a.effort.likely if a.effort else None, a.owner, a.quadrant]
            for a in self.actions
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=names)
