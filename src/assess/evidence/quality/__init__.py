"""Data quality of one table, and conflicts between two."""
