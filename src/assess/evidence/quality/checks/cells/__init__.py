"""Checks of single cells, by subject: in their own column, row and table, and against what the target holds."""
