"""Whether the client is ready: seven questions, gates that nothing compensates, and what each failed one moves."""

from .checklist import Checklist, Practice, checklist
from .practice_evidence import Measured
from .result import Gate, PracticeScore, Readiness
from .scoring import score

__all__ = [
    "Checklist",
    "Gate",
    "Measured",
    "Practice",
    "PracticeScore",
    "Readiness",
    "checklist",
    "score",
]
