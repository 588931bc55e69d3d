"""Whether the client is ready: seven questions, gates that nothing compensates, and what closing one is worth."""

from .checklist import Checklist, Practice, checklist
from .practice_evidence import Measured
from .result import Gate, PracticeScore, PracticeWorth, Readiness, price
from .scoring import score

__all__ = [
    "Checklist",
    "Gate",
    "Measured",
    "Practice",
    "PracticeScore",
    "PracticeWorth",
    "Readiness",
    "checklist",
    "price",
    "score",
]
