"""Cells of the workbooks beside a report: text that is only ever text, formulas with their value."""

from __future__ import annotations

from typing import Any

from .prose import clean

CHOICE = {"bg_color": "#FFF8DC", "valign": "top", "text_wrap": True}
"""A cell that the reader is meant to fill in or change."""

LONGEST = 32_000
"""Characters of one cell; Excel holds 32,767."""


def computed(
    sheet: Any, row: int, column: int, formula: str, form: Any = None, value: float | str = ""
) -> None:
    """Write a formula with its value, or without one.

    A program that does not compute on opening (LibreOffice, the preview of a mail) shows the value that is in
    the file; it computes what has none. So none is ever the zero that the library would write.
    """
    sheet.write_formula(row, column, formula, form, value)


def text(sheet: Any, row: int, column: int, words: str, form: Any = None) -> None:
    """Write a text as text, whatever it begins with, its control characters visible, at most as long as a cell."""
    sheet.write_string(row, column, clean(words, LONGEST), form)
