"""The tables of chapter 6."""

from __future__ import annotations

from assess.core.finding import SEVERITIES
from assess.evidence.policy import Policy
from assess.report.tables import ColumnSpec, DataTable

from .words import SIGNS, STATES

ROWS = 40
"""Rows of a table on the page; `assess check` lists all."""


def rules(policy: Policy) -> DataTable:
    """Show every rule with its state, why it is there and how to meet it."""
    return DataTable.of(
        policy.rules,
        (
            ColumnSpec("rule", "Rule", lambda rule: rule.title, note=lambda rule: rule.rationale),
            ColumnSpec("severity", "Severity", lambda rule: rule.severity, "state"),
            ColumnSpec(
                "state",
                "State",
                lambda rule: SIGNS.get(rule.state, rule.state),
                "state",
                note=lambda rule: STATES.get(rule.state, rule.state),
            ),
            ColumnSpec("judged", "Judged", lambda rule: rule.judged, "count", trace=lambda rule: rule.source),
            ColumnSpec(
                "gaps",
                "Not met",
                lambda rule: rule.failed + rule.unclear if rule.judged else None,
                "count",
                trace=lambda rule: rule.source,
            ),
            ColumnSpec("fix", "What to do", lambda rule: rule.fix, note=lambda rule: "; ".join(rule.remarks)),
        ),
        id="rules",
        caption="The rules: whether they are met, why they are there, and what to do",
        sources=tuple({rule.source.id: rule.source for rule in policy.rules}.values()),
    )


def failures(policy: Policy) -> tuple[DataTable, ...]:
    """Show what does not pass, the most severe first, each with its place."""
    found = sorted(policy.outcomes, key=lambda outcome: SEVERITIES.index(outcome.severity))
    if not found:
        return ()
    shown = found[:ROWS]
    titles = {rule.id: rule.title for rule in policy.rules}
    return (
        DataTable.of(
            shown,
            (
                ColumnSpec(
                    "subject",
                    "Subject and place",
                    lambda item: f"{item.kind} {item.subject}".strip() or "the file",
                    note=lambda item: (
                        f"{item.source.place}:{item.source.row}" if item.source.row else item.source.place
                    ),
                    trace=lambda item: item.source,
                ),
                ColumnSpec("rule", "Rule", lambda item: titles[item.rule]),
                ColumnSpec("severity", "Severity", lambda item: item.severity, "state"),
                ColumnSpec(
                    "reason",
                    "Reason",
                    lambda item: f"{item.field} {item.reason}".strip(),
                    note=lambda item: "" if item.state == "fail" else item.state,
                ),
            ),
            id="policy-failures",
            caption="What does not pass, with its place",
            sources=tuple({item.source.id: item.source for item in shown}.values()),
            total=len(found),
        ),
    )
