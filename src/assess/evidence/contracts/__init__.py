"""What interfaces promise, and whether they keep it: OpenAPI, AsyncAPI, JSON Schema, Avro, CloudEvents."""

from .assessing import assess
from .compatibility import Change, Compatibility, compare
from .contract import Contract, Deprecation, Issue, IssueSeverity, Kind, ServiceLevel, State
from .result import Contracts, Promise

__all__ = [
    "Change",
    "Compatibility",
    "Contract",
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
]
