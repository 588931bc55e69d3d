"""One module a notebook: the assessment in, the chapter out. Sentences are computed from the result."""

from .build_or_buy import build_or_buy
from .data_quality import data_quality, save_beside
from .executive_summary import executive_summary
from .governance import governance
from .integration_profile import integration_profile
from .operations import operations
from .readiness_and_risk import readiness_and_risk
from .roadmap import roadmap
from .total_cost import save_model, total_cost
from .value_stream import value_stream

__all__ = [
    "build_or_buy",
    "data_quality",
    "executive_summary",
    "governance",
    "integration_profile",
    "operations",
    "readiness_and_risk",
    "roadmap",
    "save_beside",
    "save_model",
    "total_cost",
    "value_stream",
]
