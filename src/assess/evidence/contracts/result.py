"""What the contracts of an engagement are worth."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from assess.core.estimate import Estimate
from assess.core.finding import Finding, Missing
from assess.core.record import Record
from assess.core.source import Fact

from .compatibility.change import Compatibility
from .contract import Contract, ServiceLevel


class Promise(Record):
    """What is promised to an integration or needed by it, and what the run logs say of it.

    Parameters
    ----------
    contract
        File that promises it; empty where the integration's row asks for it.
    level
        The latency and the load for which it holds.
    verdict
        ``shown`` at that load, ``broken`` at or below it, or ``not shown``: the load was never seen.
    share
        Share of the runs in time, with its exact 95% interval; None where no run counts.
    runs, load_seen, reason
        As `assess.evidence.operations.PromiseEvidence`.
    """

    integration: str
    contract: str = ""
    level: ServiceLevel
    verdict: Literal["shown", "broken", "not shown"]
    share: Estimate | None = None
    runs: int = 0
    load_seen: float | None = None
    reason: str = ""


class Contracts(Record):
    """The contracts of an engagement.

    Parameters
    ----------
    contracts
        One per file.
    comparisons
        Each version of a contract against the one before it.
    promises
        What is promised to integrations or needed by them, against the run logs.
    """

    contracts: tuple[Contract, ...] = ()
    comparisons: tuple[Compatibility, ...] = ()
    promises: tuple[Promise, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row per contract."""
        rows = [
            {
                "contract": item.path,
                "format": f"{item.kind} {item.format_version}".strip(),
                "title": item.title,
                "version": item.version,
                "state": item.state,
                "errors": item.count("error"),
                "warnings": item.count("warning"),
                "integrations": ", ".join(item.integrations),
                "reason": item.reason,
            }
            for item in self.contracts
        ]
        columns = [
            "contract",
            "format",
            "title",
            "version",
            "state",
            "errors",
            "warnings",
            "integrations",
            "reason",
        ]
        return pd.DataFrame(rows, columns=columns)
