"""What the texts of a column are: dates, numbers, and the semantic types of the world."""

from .column_type import ColumnType, of

__all__ = ["ColumnType", "of"]
