"""How every workbook looks: one heading, one paper, rows as high as their text."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

HEAD = {"bold": True, "text_wrap": True, "valign": "top", "font_color": "#FFFFFF", "bg_color": "#1F3A5F"}
TITLE = {"bold": True, "font_size": 14, "font_color": "#1F3A5F"}
NOTE = {"text_wrap": True, "valign": "top", "font_color": "#444444"}

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


def on_paper(sheet: Any, title: str, *, heading: int | None = 0, pages: int = 1) -> None:
    """Set a sheet up for A4 landscape, so many pages wide, numbered, its heading on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(pages, 0)
    if heading is not None:
        sheet.repeat_rows(heading)
    sheet.set_footer(f"&L{title.replace('&', '&&')[:80]}&R&P / &N")
