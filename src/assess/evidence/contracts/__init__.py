"""What interfaces promise, and whether they keep it: OpenAPI, AsyncAPI, JSON Schema, Avro, CloudEvents."""

from .assessing import assess
from .result import Contract, Contracts, Deprecation, Issue, IssueSeverity, Kind, ServiceLevel, State

__all__ = [
    "Contract",
    "Contracts",
    "Deprecation",
    "Issue",
    "IssueSeverity",
    "Kind",
    "ServiceLevel",
    "State",
    "assess",
]
