"""What the texts of a column are: dates, numbers, and the semantic types of the world."""

from .column_type import ColumnType, infer_type

__all__ = ["ColumnType", "infer_type"]
