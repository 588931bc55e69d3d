"""How the workbooks beside a report look: one heading, one paper, rows as high as their text."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from .prose import clean

HEAD = {"bold": True, "text_wrap": True, "valign": "top", "font_color": "#FFFFFF", "bg_color": "#1F3A5F"}
TITLE = {"bold": True, "font_size": 14, "font_color": "#1F3A5F"}
NOTE = {"text_wrap": True, "valign": "top", "font_color": "#444444"}
CHOICE = {"bg_color": "#FFF8DC", "valign": "top", "text_wrap": True}
"""A cell that the reader is meant to fill in or change."""

LONGEST = 32_000
"""Characters of one cell; Excel holds 32,767."""

LINE = 15.0
"""Points that a line of text takes in the default font."""
MOST_LINES = 12
"""Lines that a row shows; a longer text is read in its cell."""


def lines(text: str, width: float) -> int:
    r"""Return how many lines a text takes in a column of so many characters.

    Words wrap, so a line is counted as nine tenths full.

    >>> lines("", 10), lines("one two three four", 10), lines("a\nb", 10)
    (1, 2, 2)
    """
    full = max(width * 0.9, 1.0)
    return sum(max(1, math.ceil(len(part) / full)) for part in text.split("\n"))


def height(cells: Iterable[tuple[str, float]]) -> float:
    """Return the height of a row in points from its texts and the widths of their columns.

    A program that only shows a workbook does not fit rows to their text, so the file says it.

    >>> height([("short", 10), ("one two three four", 10)])
    30.0
    """
    return LINE * min(MOST_LINES, max((lines(text, width) for text, width in cells), default=1))


def on_paper(sheet: Any, title: str, *, heading: int | None = 0) -> None:
    """Set a sheet up for A4 landscape, one page wide, with page numbers and its heading on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    if heading is not None:
        sheet.repeat_rows(heading)
    sheet.set_footer(f"&L{title.replace('&', '&&')[:80]}&R&P / &N")


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
