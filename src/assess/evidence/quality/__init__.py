"""Data quality of one table, and conflicts between two.

``profile(table)`` finds what is wrong in one table, ``assess(engagement)`` answers for all tables of an
engagement and for every pair that an integration joins; ``open_table(table)`` reads any table as text.
"""

from .assessment import QualityAssessment, assess
from .comparison import Comparison
from .findings import DataFinding
from .profile import Profile, profile
from .table import Table, UnreadableTable, open_table

__all__ = [
    "Comparison",
    "DataFinding",
    "Profile",
    "QualityAssessment",
    "Table",
    "UnreadableTable",
    "assess",
    "open_table",
    "profile",
]
