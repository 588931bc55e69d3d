"""Chapter 6: contracts, catalog, policies and stack, and what is missing."""

from __future__ import annotations

from assess.decisions.assessment import Assessment
from assess.report.chapter import Chapter
from assess.report.chapters.words import count
from assess.report.trace import resolve

from .contracts import contract_tables
from .landscape import landscape
from .matrix import matrix
from .parts import stack_table
from .tables import failures, rules
from .words import turns, verdict

__all__ = ["governance"]

HEADLINE = (
    "policy.met",
    "policy.failed",
    "policy.unclear",
    "contracts.breaking",
    "catalog.declared",
    "stack.unused",
)


def governance(assessment: Assessment) -> Chapter:
    """Say which rules hold, which contracts can be relied on, and what nobody has written down."""
    policy, catalog, stack = assessment.policy, assessment.catalog, assessment.stack
    contracts = assessment.contracts
    shell = Chapter(
        number=6,
        key="governance",
        title="Governance",
        question="Contracts, catalog, policies, stack: what is missing?",
        state="not_assessed",
        missing=(*policy.missing, *stack.missing),
    )
    if not policy.assessed:
        return shell.model_copy(update={"findings": policy.findings})
    facts = tuple(
        fact
        for fact in (*policy.facts, *contracts.facts, *catalog.facts, *stack.facts)
        if fact.value is not None
    )
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(policy),
            "subject": ", ".join(
                count(number, kind.lower() if kind != "API" else kind, _plural(kind))
                for kind, number in policy.subjects.items()
            ),
            "facts": facts,
            "headline": tuple(fact.id for fact in facts if fact.id in HEADLINE),
            "figures": (matrix(policy), *landscape(assessment)),
            "tables": (
                rules(policy),
                *failures(policy),
                *contract_tables(assessment.stated, contracts),
                *stack_table(assessment.stated, stack),
            ),
            "findings": (*policy.findings, *contracts.findings, *catalog.findings, *stack.findings),
            "changes": turns(policy),
        }
    )
    more = resolve(assessment.stated, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": more}))


def _plural(kind: str) -> str:
    return {"API": "APIs"}.get(kind, f"{kind.lower()}s")
