"""What was found, what it means, and what to do about it."""

from __future__ import annotations

from typing import Literal

from .estimate import Estimate
from .record import Record
from .source import Source

Section = Literal[
    "summary", "value_stream", "data_quality", "framework", "build_or_buy",
    "cost", "governance", "operations", "readiness", "risk", "roadmap", "intake",
]  # fmt: skip

Severity = Literal["critical", "high", "medium", "low", "info"]
"""``critical``: stops the integration. ``high``: fails or costs without repair. ``medium``: costs
effort. ``low``: worth knowing. ``info``: no action."""

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")


class Finding(Record):
    """One thing that was found, in the form that the ledger, the actions and the report read.

    Parameters
    ----------
    id
        Stable across runs with the same input, such as ``data_quality/crm.customers/country/vocabulary``.
    title
        What is wrong, in one sentence with its number.
    evidence
        What shows it: counts, shares, masked examples.
    impact
        What it does to an integration if nothing is done.
    action
        What to do.
    effort
        Person-days of the action.
    owner
        Who should do it: a person or role, empty if nobody is known.
    integrations, systems
        Ids of what it touches.
    sources
        Where its numbers come from.
    """

    id: str
    section: Section
    severity: Severity
    title: str
    evidence: str = ""
    impact: str = ""
    action: str = ""
    effort: Estimate | None = None
    owner: str = ""
    integrations: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


class Missing(Record):
    """Input that was not supplied: a state, never an error and never a score.

    Parameters
    ----------
    section
        The section that lacks it.
    supply
        What to supply and where, such as "run logs under operations/".
    changes
        What that would change in the answer.
    """

    section: Section
    supply: str
    changes: str
