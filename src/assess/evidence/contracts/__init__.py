"""What interfaces promise, and whether they keep it: OpenAPI, AsyncAPI, JSON Schema, Avro, CloudEvents."""

from .assessing import assess, compare_with, is_documentation
from .compatibility import Compatibility, ContractChange, compare
from .contract import Contract, Deprecation, Issue, IssueSeverity, Kind, ServiceLevel, State
from .findings import SUMMARIES
from .result import Contracts, Promise

__all__ = [
    "SUMMARIES",
    "Compatibility",
    "Contract",
    "ContractChange",
    "Contracts",
    "Deprecation",
    "Issue",
    "IssueSeverity",
    "Kind",
    "Promise",
    "ServiceLevel",
    "State",
    "assess",
    "compare",
    "compare_with",
    "is_documentation",
]
