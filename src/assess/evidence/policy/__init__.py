"""Rules that integrations, systems, contracts and catalog must meet, and whether they do."""

from . import rego
from .checking import check
from .judging import judge
from .reading import built_in, client_rules
from .result import Policy, RuleOutcome, RuleResult
from .rule import PolicyRule, PolicySubject, Test
from .subjects import collect, unreadable

__all__ = [
    "Policy",
    "PolicyRule",
    "PolicySubject",
    "RuleOutcome",
    "RuleResult",
    "Test",
    "built_in",
    "check",
    "client_rules",
    "collect",
    "judge",
    "reading",
    "rego",
    "unreadable",
]
