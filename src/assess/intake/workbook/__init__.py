"""An engagement as a workbook: how its sheets are laid out. It is written, read, changed without loss, and marked where something is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assess.intake.columns import TABLES, ColumnDefinition, TableDefinition

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


HEAD = {"bold": True, "text_wrap": True, "valign": "top", "font_color": "#FFFFFF", "bg_color": "#1F3A5F"}
TITLE = {"bold": True, "font_size": 14, "font_color": "#1F3A5F"}
NOTE = {"text_wrap": True, "valign": "top", "font_color": "#444444"}

LINE = 15.0
"""Points that a line of text takes in the default font."""
A4, MARGINS = (11.69, 8.27), (0.4, 0.6)
"""Width and height of the paper on its side, and its margins beside and above, in inches."""
FILLED = 0.94
"""Share of a page that is counted on: programs differ in fonts and round the scale to whole percents."""
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


def on_paper(sheet: Any, title: str, *, heading: int | None = 0, pages: int = 1, long: int = 0) -> None:
    """Set a sheet up for A4, so many pages wide, numbered, its heading on every page.

    Parameters
    ----------
    title
        What stands at the foot of every page.
    heading
        Row that is repeated on every page, if any.
    pages, long
        Pages side by side, and one below the other; as many as it takes where that is 0.
    """
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=MARGINS[0], right=MARGINS[0], top=MARGINS[1], bottom=MARGINS[1])
    sheet.fit_to_pages(pages, long)
    if heading is not None:
        sheet.repeat_rows(heading)
    sheet.set_footer(f"&L{title.replace('&', '&&')[:80]}&R&P / &N")


def rows_on(pages: int, heights: Sequence[float], widths: Sequence[float], heading: float) -> int:
    """Return how many rows from the first on print on so many pages, A4 landscape, as wide as the paper.

    Parameters
    ----------
    heights
        Of the rows, in points.
    widths
        Of the columns that print, in characters: one is 7 pixels wide and a column 5 more, at 96 to the inch, in the
        default font of Excel.
    heading
        Height of what is repeated on every page, in points.

    >>> rows_on(2, [15.0] * 100, [100.0], 30.0), rows_on(2, [15.0] * 10, [100.0], 30.0)
    (58, 10)
    """
    wide, tall = ((length - 2 * margin) * 72 for length, margin in zip(A4, MARGINS, strict=True))
    scale = min(1.0, wide / sum((7 * width + 5) * 0.75 for width in widths))
    room = tall * FILLED / scale - heading
    page, left = 1, room
    for count, own in enumerate(heights):
        if own > left:
            page, left = page + 1, room
        if page > pages:
            return count
        left -= own
    return len(heights)


def plain(text: str) -> str:
    """Return a docstring without its marks of code."""
    return text.replace("``", "").replace("`", "")


def choices(column: ColumnDefinition) -> tuple[str, ...]:
    """Return the words of a cell's drop-down, none where any text may stand."""
    if column.kind == "yes/no":
        return ("yes", "no")
    return column.choices if column.kind == "choice" else ()


def holds(column: ColumnDefinition) -> str:
    """Return what a cell may hold and its unit, in words."""
    unit = f", in {column.unit}" if column.unit not in ("", "share") else ""
    return column.allowed + unit


def comment(column: ColumnDefinition) -> str:
    """Return the comment at a column's header."""
    parts = ["Required." if column.required else "", plain(column.help), f"Allowed: {holds(column)}."]
    return "\n".join(filter(None, parts))


def short(text: str) -> str:
    """Return a text within what a message of Excel may hold."""
    return text if len(text) <= 255 else text[:251] + " ..."


def limits(column: ColumnDefinition) -> dict[str, Any]:
    """Return the criteria of Excel's check; limits that are open to a side lose only their equality."""
    low, high = column.low, column.high
    if low is not None and high is not None:
        return {"criteria": "between", "minimum": low, "maximum": high}
    if low is not None:
        return {"criteria": ">" if column.low_open else ">=", "value": low}
    return {"criteria": "between", "minimum": -1e15, "maximum": 1e15}


def width(column: ColumnDefinition) -> float:
    """Return the width of a column in characters."""
    wide = {"text": 20, "list": 26, "data": 36, "estimate": 22, "time": 20}
    return max(len(column.name) + 4, wide.get(column.kind, 12))


NAME = "help"

LINES = (
    "Fill in what you know and leave the rest empty: an empty cell is reported as not assessed, never as zero.",
    "Rows in grey italics are invented examples: overwrite or delete them. assess validate names those that are left.",
    "The mark in the corner of a heading explains its column; a dark red heading is required.",
    "A list in a cell is separated by semicolons. An estimate is one number, or low / likely / high: 1000 / 2000 / 5000.",
    "In a cell of text write decimals with a point (0.5); in a cell of numbers as your Excel does. Dates are dates.",
    "Hidden and filtered rows are read as well. A sheet whose name starts with _ is yours: it is not read.",
    "Headings are locked so that they are found again (Review, Unprotect Sheet: there is no password).",
)
"""How to fill in the workbook, a line each."""

WHO = {
    "engagement": "First workshop: client, money, team, limits. Only client is required.",
    "goals": "First workshop: what the business wants, and the metric that shows it.",
    "systems": "Owners of the systems: what can be reached, and how.",
    "integrations": "Owners of systems and process: who sends what to whom, how much, how late it may come.",
    "stack": "Architects and purchasing: what the integrations run on, and what is paid for it.",
    "quotes": "Purchasing: what platforms were offered for; one row for each price of an offer.",
    "value_stream": "People of the process: time, waiting and share right first time of each step.",
    "practices": "Only where you ask more than the checklist.",
    "readiness": "Every department: one row for each practice and respondent.",
    "risks": "An hour with the sponsor: what could go wrong, how often, at what price.",
    "change_requests": "From the tracker: what is wished for already.",
    "incidents": "From the ticket system: the failures of the last months.",
    "log_columns": "Who runs the middleware: which column of a log means what, where its name does not say so.",
    "link_reviews": "Who knows the records: yes or no in `same`; `assess review` fills in the pairs to look at.",
    "run_names": "Who runs the middleware: which name in the logs belongs to which integration.",
    "assumptions": "Only to replace a default by your own number, with its source and date.",
}
"""Whom to ask for what a sheet holds, in the order in which it is asked; a table that is not named says what a row is."""

WIDTHS = (20, 24, 12, 12, 12, 96)


@dataclass(frozen=True)
class FilledIn:
    """How far a sheet is: its formulas, and what they come to when it is written.

    Parameters
    ----------
    rows, filled, open
        Number of rows, share of the cells that hold something, and cells that are required or say
        ``unknown``: pairs of formula and value.
    """

    rows: tuple[str, float]
    filled: tuple[str, float | str]
    open: tuple[str, float]


def progress(table: TableDefinition, cells: list[list[str]], last: int) -> FilledIn:
    """Return how far a table is.

    Parameters
    ----------
    cells
        The texts of its rows, a text a column.
    last
        Row of the sheet down to which it counts.
    """
    spans = [
        f"{table.name}!${letters(place)}$2:${letters(place)}${last}" for place in range(len(table.columns))
    ]
    whole = f"{table.name}!$A$2:${letters(len(spans) - 1)}${last}"
    rows, given = len(cells), sum(bool(text) for row in cells for text in row)
    counted = f"COUNTA({spans[0]})"
    open_parts, still = [], 0
    for place, (column, span) in enumerate(zip(table.columns, spans, strict=True)):
        if column.required and place:
            open_parts.append(f'SUMPRODUCT(({spans[0]}<>"")*({span}=""))')
            still += sum(not row[place] for row in cells)
        if "unknown" in column.choices:
            open_parts.append(f'COUNTIF({span},"unknown")')
            still += sum(row[place] == "unknown" for row in cells)
    share = given / (rows * len(spans)) if rows else ""
    return FilledIn(
        (f"={counted}", rows),
        (f'=IF({counted}=0,"",COUNTA({whole})/({counted}*{len(spans)}))', share),
        (f"={'+'.join(open_parts) or '0'}", still),
    )


def write_guide(
    book: Any, sheet: Worksheet, practices: Mapping[str, str], how_far: Mapping[str, FilledIn]
) -> None:
    """Write the sheet.

    Parameters
    ----------
    practices
        Every practice of the checklist: id and text.
    how_far
        Progress by name of the sheet, in the order of the workbook.
    """
    head, note = book.add_format(HEAD), book.add_format(NOTE)
    for place, wide in enumerate(WIDTHS):
        sheet.set_column(place, place, wide)
    sheet.write_string(0, 0, "Intake", book.add_format(TITLE))
    below = _order(book, sheet, 2, how_far) + 1
    for row, line in enumerate(LINES, start=below):
        sheet.merge_range(row, 0, row, len(WIDTHS) - 1, line, note)
    top = below + len(LINES) + 1
    sheet.print_area(0, 0, top - 2, len(WIDTHS) - 1)  # the columns are explained at their headings too
    for place, title in enumerate(("sheet", "column", "holds", "", "", "meaning")):
        sheet.write_string(top, place, title, head)
    for row, (table, column, allowed, meaning) in enumerate(_columns(practices), start=top + 1):
        sheet.write_string(row, 0, table, note)
        sheet.write_string(row, 1, column, note)
        sheet.merge_range(row, 2, row, 4, allowed, note)
        sheet.write_string(row, 5, meaning, note)
        sheet.set_row(row, height([(column, WIDTHS[1]), (allowed, sum(WIDTHS[2:5])), (meaning, WIDTHS[5])]))
    sheet.protect()
    sheet.set_tab_color("#7F7F7F")
    on_paper(sheet, "How to fill in the workbook", heading=None, long=1)


def _order(book: Any, sheet: Worksheet, top: int, how_far: Mapping[str, FilledIn]) -> int:
    """Write the sheets in the order in which they are asked, with how far each is; return the row below."""
    head, note = book.add_format(HEAD), book.add_format(NOTE)
    link = book.add_format({"font_color": "#0B5394", "underline": 1, "valign": "top"})
    share = book.add_format({**NOTE, "num_format": "0%"})
    for place, title in enumerate(
        ("in this order", "rows", "filled in", "still open", "", "whom to ask, and for what")
    ):
        sheet.write_string(top, place, title, head)
    known = {table.name: table.help for table in TABLES}
    names = [*(name for name in WHO if name in how_far), *(name for name in how_far if name not in WHO)]
    for row, name in enumerate(names, start=top + 1):
        found = how_far[name]
        sheet.write_url(row, 0, f"internal:'{name}'!A1", link, name)
        sheet.write_formula(row, 1, found.rows[0], note, found.rows[1])
        sheet.write_formula(row, 2, found.filled[0], share, found.filled[1])
        sheet.write_formula(row, 3, found.open[0], note, found.open[1])
        sheet.write_string(row, 5, WHO.get(name, known.get(name, "")), note)
        sheet.set_row(row, LINE)
    last = top + len(names)
    bar = {
        "type": "data_bar",
        "bar_color": "#9DC3E6",
        "min_type": "num",
        "min_value": 0,
        "max_type": "num",
        "max_value": 1,
    }
    sheet.conditional_format(top + 1, 2, last, 2, bar)
    left = {
        "type": "cell",
        "criteria": ">",
        "value": 0,
        "format": book.add_format({"bold": True, "font_color": "#8A2B0E"}),
    }
    sheet.conditional_format(top + 1, 3, last, 3, left)
    return last + 1


def _columns(practices: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Yield sheet, column, what it holds and what it means."""
    for table in TABLES:
        for column in table.columns:
            yield table.name, column.name, holds(column), plain(column.help)
    for id, text in practices.items():
        yield "readiness", "practice", id, text


def letters(place: int) -> str:
    """Return what a spreadsheet calls a column."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(place))
