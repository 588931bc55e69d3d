"""Floor 1: what the client told us. The vocabulary of the whole house, and how an engagement is loaded."""

from assess.intake.workbook.writing import to_workbook

from .answers import CellAnswer, definition, record_answer, record_answers
from .engagement import Engagement
from .export import describe_examples as examples_left
from .export import to_folder
from .loading import load, validate
from .problem import InvalidEngagement, Problem
from .template import convert, init

__all__ = [
    "CellAnswer",
    "Engagement",
    "InvalidEngagement",
    "Problem",
    "convert",
    "definition",
    "examples_left",
    "init",
    "load",
    "record_answer",
    "record_answers",
    "to_folder",
    "to_workbook",
    "validate",
]
