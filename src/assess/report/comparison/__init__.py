"""What changed between runs, and why.

`opened` reads the folders that runs left, `compare` says what changed from each to the next, `told` says it
as text, and `paged` as a page of the report's look.
"""

from .comparing import compare
from .paging import paged
from .result import Change, Comparison, Difference, Headline, Visit
from .runs import NotRuns, Run, keep, opened
from .telling import told

__all__ = [
    "Change",
    "Comparison",
    "Difference",
    "Headline",
    "NotRuns",
    "Run",
    "Visit",
    "compare",
    "keep",
    "opened",
    "paged",
    "told",
]
