"""What good practice says about a contract: Spectral's rules, native."""

from __future__ import annotations

from assess.evidence.contracts.document import written
from assess.evidence.contracts.result import Issue

from . import asyncapi, openapi, schemas
from .subject import Operation, Rule, Subject

__all__ = ["RULES", "Operation", "Rule", "Subject", "check"]

RULES = (*openapi.RULES, *asyncapi.RULES, *schemas.RULES)


def check(subject: Subject) -> list[Issue]:
    """Return what the rules for its kind say about a contract."""
    return [
        Issue(
            rule=rule.name,
            severity=rule.severity,
            message=message,
            path=subject.document.path,
            pointer=written(pointer),
            line=subject.document.line(pointer),
            conformance=rule.conformance,
        )
        for rule in RULES
        if rule.applies(subject)
        for pointer, message in rule.check(subject)
    ]
