"""Rules that integrations, systems, contracts and catalog must meet, and whether they do."""

from . import reading, rego
from .checking import check
from .entries import unreadable
from .judging import judge
from .reading import built_in, own
from .result import Outcome, Policy, RuleResult
from .rule import Rule, Test
from .subject import Subject
from .subjects import collect

__all__ = [
    "Outcome",
    "Policy",
    "Rule",
    "RuleResult",
    "Subject",
    "Test",
    "built_in",
    "check",
    "collect",
    "judge",
    "own",
    "reading",
    "rego",
    "unreadable",
]
