"""What to ask the client first: every answer that is missing, assumed or invented, by what it moves."""

from .ranking import rank_questions
from .result import AskedCell, Question, Questions

__all__ = ["AskedCell", "Question", "Questions", "rank_questions"]
