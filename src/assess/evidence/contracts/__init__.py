"""What interfaces promise, and whether they keep it: OpenAPI, AsyncAPI, JSON Schema, Avro, CloudEvents."""

from .assessing import assess
from .compatibility import Change, Compatibility, compare
from .result import Contract, Contracts, Deprecation, Issue, IssueSeverity, Kind, ServiceLevel, State

__all__ = [
    "Change",
    "Compatibility",
    "Contract",
    "Contracts",
    "Deprecation",
    "Issue",
    "IssueSeverity",
    "Kind",
    "ServiceLevel",
    "State",
    "assess",
    "compare",
]
