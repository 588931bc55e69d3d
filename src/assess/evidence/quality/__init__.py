"""Data quality of one table, and conflicts between two.

``profile(table)`` finds what is wrong in one table; ``open_table(table)`` reads any table as text.
"""

from .profile import Profile, profile
from .table import Table, UnreadableTable, open_table

__all__ = ["Profile", "Table", "UnreadableTable", "open_table", "profile"]
