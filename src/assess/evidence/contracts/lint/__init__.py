"""What good practice says about a contract: Spectral's rules, native."""

from __future__ import annotations

from assess.evidence.contracts.contract import Issue
from assess.evidence.contracts.document import written

from . import asyncapi, openapi, schemas
from .subject import LintRule, LintSubject, Operation

__all__ = ["RULES", "LintRule", "LintSubject", "Operation", "check"]

RULES = (*openapi.RULES, *asyncapi.RULES, *schemas.RULES)


def check(subject: LintSubject, *more: LintRule) -> list[Issue]:
    """Return what the rules for its kind, and more rules, say about a contract."""
    return [
        Issue(
            rule=rule.name,
            severity=rule.severity,
            message=message,
            path=subject.document.position(pointer)[0],
            pointer=written(pointer),
            line=subject.document.line(pointer),
            conformance=rule.conformance,
        )
        for rule in (*RULES, *more)
        if rule.applies(subject)
        for pointer, message in rule.check(subject)
    ]
