"""Rules that are not met, as findings: one a rule, with the subjects that don't pass."""

from __future__ import annotations

from assess.core.finding import Finding
from assess.intake.engagement import Engagement
from assess.intake.problem import listed

from .result import Outcome, Policy

REASONS = 5
"""Different reasons that a finding tells."""

PLACES = 20
"""Subjects whose places a finding carries as sources; all of them are in the outcomes."""


def found(policy: Policy, engagement: Engagement) -> tuple[Finding, ...]:
    """Return a finding for each rule that some subject fails, or that can't be evaluated for one."""
    by_rule: dict[str, list[Outcome]] = {}
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
                title=_title(rule.title, len(failed), len(unclear), rule.judged),
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


def _evidence(outcomes: list[Outcome]) -> str:
    """Say what is wrong once for all of whom it is true."""
    by_reason: dict[str, list[str]] = {}
    for outcome in outcomes:
        by_reason.setdefault(f"{outcome.field} {outcome.reason}".strip(), []).append(outcome.subject)
    parts = [
        f"{reason}: {listed(sorted(filter(None, names)), limit=6)}" if any(names) else reason
        for reason, names in by_reason.items()
    ]
    return "; ".join(parts[:REASONS]) + (f"; and {len(parts) - REASONS} more" if len(parts) > REASONS else "")
