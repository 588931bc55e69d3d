"""The tables of chapter 6."""

from __future__ import annotations

from assess.core.finding import SEVERITIES
from assess.evidence.policy import Policy
from assess.report.tables import Cell, Column, DataTable

from .words import SIGNS, STATES

ROWS = 40
"""Rows of a table on the page; `assess check` lists all."""


def rules(policy: Policy) -> DataTable:
    """Show every rule with its state, why it is there and how to meet it."""
    return DataTable(
        id="rules",
        caption="The rules: whether they are met, why they are there, and what to do",
        columns=(
            Column(key="rule", label="Rule"),
            Column(key="severity", label="Severity", format="state"),
            Column(key="state", label="State", format="state"),
            Column(key="judged", label="Judged", format="number", digits=0),
            Column(key="gaps", label="Not met", format="number", digits=0),
            Column(key="fix", label="What to do"),
        ),
        rows=tuple(
            (
                Cell(value=rule.title, note=rule.rationale),
                Cell(value=rule.severity),
                Cell(value=SIGNS.get(rule.state, rule.state), note=STATES.get(rule.state, rule.state)),
                Cell(value=rule.judged, sources=(rule.source.id,)),
                Cell(value=rule.failed + rule.unclear if rule.judged else None, sources=(rule.source.id,)),
                Cell(value=rule.fix, note="; ".join(rule.remarks)),
            )
            for rule in policy.rules
        ),
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
        DataTable(
            id="policy-failures",
            caption="What does not pass, with its place",
            columns=(
                Column(key="subject", label="Subject and place"),
                Column(key="rule", label="Rule"),
                Column(key="severity", label="Severity", format="state"),
                Column(key="reason", label="Reason"),
            ),
            rows=tuple(
                (
                    Cell(
                        value=f"{item.kind} {item.subject}".strip() or "the file",
                        note=f"{item.source.place}:{item.source.row}"
                        if item.source.row
                        else item.source.place,
                        sources=(item.source.id,),
                    ),
                    Cell(value=titles[item.rule]),
                    Cell(value=item.severity),
                    Cell(
                        value=f"{item.field} {item.reason}".strip(),
                        note="" if item.state == "fail" else item.state,
                    ),
                )
                for item in shown
            ),
            sources=tuple({item.source.id: item.source for item in shown}.values()),
            total=len(found) if len(found) > len(shown) else None,
        ),
    )
