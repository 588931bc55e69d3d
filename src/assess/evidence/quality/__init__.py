"""Data quality of one table, and conflicts between two.

``profile(table)`` finds what is wrong in one table, ``compare(source, target)`` what would break if the
source's records went to the target, ``match_columns(source, target)`` which columns mean the same;
``link(left, right)`` which records are the same, ``duplicates(table)`` which stand there twice;
``assess(engagement)`` answers for all tables of an engagement and for every pair that an integration
joins; ``open_table(table)`` reads any table as text.
"""

from assess.core.unpacking import UnreadableTable

from .assessment import QualityAssessment, assess
from .checks.near_copies import NearCopies
from .compare import TableComparison, compare
from .finding import DataFinding
from .linkage import Linkage, link
from .linkage.duplicates import find_duplicates as duplicates
from .matching import Matching, match_columns
from .profile import Profile, profile
from .table import Table, open_table

__all__ = [
    "DataFinding",
    "Linkage",
    "Matching",
    "NearCopies",
    "Profile",
    "QualityAssessment",
    "Table",
    "TableComparison",
    "UnreadableTable",
    "assess",
    "compare",
    "duplicates",
    "link",
    "match_columns",
    "open_table",
    "profile",
]
