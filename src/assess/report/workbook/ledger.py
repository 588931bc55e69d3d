"""``actions.xlsx``: every finding and every action of a report, to be filtered, assigned and ticked off.

The sheets hold what the page holds, in the same order, masked where the page is masked. Text is always
written as text, so that nothing a client typed becomes a formula or a link; the only links lead to the
report that lies beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from assess.core.estimate import Estimate
from assess.core.finding import SEVERITIES
from assess.intake.workbook import HEAD, LINE, NOTE, TITLE, height, on_paper, rows_on
from assess.report.chapter import Head, Results
from assess.report.prose import clean, unlinked

from . import CHOICE, LONGEST, text

STATES = ("open", "in work", "done", "accepted as it is")
"""What the reader may enter in the column ``state``."""

SPARE = 200
"""Rows below the actions in which the drop-down works as well, for actions that the reader adds."""

PAGE = "report.html"
"""The page beside which the workbook lies."""


class LedgerLink(NamedTuple):
    """A cell that opens the report at a row of its ledger."""

    row: int


class SheetColumn(NamedTuple):
    """A column of a sheet.

    Parameters
    ----------
    heading
        What stands above it.
    width
        In characters.
    number
        Number format of its cells, if any.
    filled
        Whether the reader fills it in: its cells are tinted.
    """

    heading: str
    width: int
    number: str = ""
    filled: bool = False


FINDINGS = (
    SheetColumn("Severity", 9), SheetColumn("Chapter", 12), SheetColumn("Finding", 86), SheetColumn("What to do", 62), SheetColumn("Owner", 21),
    SheetColumn("Likely, days", 7, "0.0"), SheetColumn("In the report", 10), SheetColumn("Evidence", 40), SheetColumn("Impact", 36),
    SheetColumn("Low, days", 8, "0.0"), SheetColumn("High, days", 8, "0.0"), SheetColumn("Systems", 18), SheetColumn("Integrations", 24),
    SheetColumn("Actions that close it", 26), SheetColumn("Id", 34),
)  # fmt: skip

ACTIONS = (
    SheetColumn("Rank", 6, "0"), SheetColumn("Action", 92), SheetColumn("Owner", 26, filled=True), SheetColumn("State", 10, filled=True),
    SheetColumn("Due", 11, "yyyy-mm-dd", filled=True), SheetColumn("By", 14), SheetColumn("Worth", 11, "#,##0"), SheetColumn("Net", 11, "#,##0"),
    SheetColumn("Unit", 6), SheetColumn("Likely, days", 7, "0.0"), SheetColumn("Remark", 30, filled=True), SheetColumn("In the report", 11),
    SheetColumn("Worth at least", 12, "#,##0"), SheetColumn("Worth at most", 12, "#,##0"), SheetColumn("Low, days", 8, "0.0"),
    SheetColumn("High, days", 8, "0.0"), SheetColumn("Findings it closes", 44), SheetColumn("Id", 34),
)  # fmt: skip


class Paper(NamedTuple):
    """What of a sheet is printed: its first rows, which count most, and the columns that are read away from the screen.

    Parameters
    ----------
    until
        Heading of the last column that is printed.
    pages
        At most so many pages, A4 landscape.
    """

    until: str
    pages: int


PAPER = {"Actions": Paper("Likely, days", 3), "Findings": Paper("In the report", 2)}
"""With the page of explanations the workbook takes six pages at most, however much was found: what a meeting goes through."""

ABOUT = (
    "Actions: one row each, in the order of the report: what opens the next gate, then what is left of the worth. Fill in the tinted columns.",
    "Worth: what the action is worth over the horizon: the cost model with the gap closed, less the cost model without, "
    "as low, likely and high. Empty where the model can't value it: not zero. Values of two actions do not add up.",
    "Net: what is left of the worth after the work and its upkeep over the horizon. Empty where nobody knows what it costs.",
    "Days: person-days, as low, likely and high.",
    "State: open, in work, done, or accepted as it is. Done is struck through; overdue is red.",
    "Findings: everything that was found, the most severe first. The last columns say which actions close a finding.",
    "On paper: what counts most, on six pages at most; the foot of a page says of how many rows. The other rows and the columns to the "
    "right are for the screen (Page Layout, Print Area, Clear prints all).",
    "In the report: opens report.html at the finding, as long as this file lies beside it.",
    "The next run writes a new file and leaves this one alone if you keep it in another place.",
)
"""What the sheet About says, a paragraph each."""


def write_ledger(path: Path, results: Results) -> None:
    """Write the ledger of findings and actions as a workbook.

    Parameters
    ----------
    path
        Where to write it; the same results give the same bytes.
    results
        What a run found. A sheet without rows keeps its heading and says so.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    try:
        book.set_properties({"created": dt.datetime.combine(results.engagement.date or _DAY, dt.time())})
        book.set_size(2400, 1600)
        _sheet(book, "Actions", ACTIONS, action_rows(results), "No action was found.")
        _sheet(book, "Findings", FINDINGS, finding_rows(results), "Nothing was found.")
        _to_fill_in(book, book.get_worksheet_by_name("Actions"), len(results.actions))
        _shade(book, book.get_worksheet_by_name("Findings"), len(results.ledger))
        _about(book, results.engagement)
    finally:
        book.close()


def finding_rows(results: Results) -> list[list[Any]]:
    """Return one row a finding, in the order of the page's ledger."""
    closing: dict[str, list[str]] = {}
    for action in results.actions:
        for id in action.findings:
            closing.setdefault(id, []).append(action.id)
    return [
        [
            finding.severity, chapter.title, finding.title, finding.action, finding.owner, likely, LedgerLink(row), finding.evidence,
            finding.impact, low, high, "; ".join(finding.systems), "; ".join(finding.integrations),
            "; ".join(closing.get(finding.id, ())), finding.id,
        ]
        for row, (finding, chapter) in enumerate(results.ledger, 1)
        for low, likely, high in (_limits(finding.effort),)
    ]  # fmt: skip


def action_rows(results: Results) -> list[list[Any]]:
    """Return one row an action, in the order of the report; its link leads to the worst finding that it closes."""
    rows = {entry.finding.id: row for row, entry in enumerate(results.ledger, 1)}
    return [
        [
            rank, unlinked(action.title), action.owner or "nobody yet", STATES[0], None, action.by, worth[1], _limits(action.net)[1],
            action.worth.unit if action.worth else "", days[1], None,
            next((LedgerLink(row) for row in sorted(rows[id] for id in action.findings if id in rows)), None),
            worth[0], worth[2], days[0], days[2], "; ".join(action.findings), action.id,
        ]
        for rank, action in enumerate(results.actions, 1)
        for worth, days in ((_limits(action.worth), _limits(action.effort)),)
    ]  # fmt: skip


def _limits(value: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if value is None else (value.low, value.likely, value.high)


def _sheet(
    book: Any, name: str, columns: Sequence[SheetColumn], rows: Sequence[Sequence[Any]], empty: str
) -> None:
    sheet = book.add_worksheet(name)
    heads = {True: book.add_format({**HEAD, "align": "right"}), False: book.add_format({**HEAD, "indent": 1})}
    forms = [_form(book, column) for column in columns]
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, heads["#" in column.number or "0" in column.number])
    sheet.set_row(0, 2 * LINE)
    printed = next(at for at, column in enumerate(columns, 1) if column.heading == PAPER[name].until)
    heights: list[float] = []
    for row, cells in enumerate(rows, 1):
        texts = [
            (clean(value, LONGEST), columns[place].width)
            for place, value in enumerate(cells[:printed])
            if isinstance(value, str)
        ]
        heights.append(height(texts))
        sheet.set_row(row, heights[-1])
        for place, (value, form) in enumerate(zip(cells, forms, strict=True)):
            _cell(sheet, row, place, value, form)
    if not rows:
        sheet.write_string(1, 0, empty)
    sheet.freeze_panes(1, 3 if name == "Findings" else 2)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    widths = [column.width for column in columns[:printed]]
    shown = rows_on(PAPER[name].pages, heights, widths, 2 * LINE)
    sheet.print_area(0, 0, max(shown, 1), printed - 1)
    on_paper(sheet, name if shown == len(rows) else f"{name} 1 to {shown:,} of {len(rows):,}")


def _form(book: Any, column: SheetColumn) -> Any:
    style: dict[str, Any] = {"text_wrap": True, "valign": "top"} | (CHOICE if column.filled else {})
    style |= {"num_format": column.number} if column.number else {"indent": 1, "align": "left"}
    if column.heading == "In the report":
        style |= {"font_color": "#0B5394", "underline": 1}
    return book.add_format(style)


def _cell(sheet: Any, row: int, place: int, value: Any, form: Any) -> None:
    """Write a cell; a text is never a formula, and the only link is our own."""
    match value:
        case LedgerLink():
            sheet.write_url(row, place, f"external:{PAGE}#l{value.row}", form, "open")
        case int() | float():
            sheet.write_number(row, place, value, form)
        case str() if value:
            text(sheet, row, place, value, form)
        case _:
            sheet.write_blank(row, place, None, form)


def _shade(book: Any, sheet: Any, rows: int) -> None:
    """Mark the two worst severities by weight and colour; the word stands in the cell."""
    for severity, colour in zip(SEVERITIES[:2], ("#A4262C", "#8A5A00"), strict=True):
        form = book.add_format({"bold": True, "font_color": colour})
        rule = {"type": "cell", "criteria": "==", "value": f'"{severity}"', "format": form}
        sheet.conditional_format(1, 0, max(rows, 1), 0, rule)


def _to_fill_in(book: Any, sheet: Any, rows: int) -> None:
    """Offer the states as a drop-down, ask for a date where one is due, and show what is done or late."""
    places = {column.heading: place for place, column in enumerate(ACTIONS)}
    last, state, due = rows + SPARE, places["State"], places["Due"]
    message = f"One of: {', '.join(STATES)}."
    choice = {"validate": "list", "source": list(STATES), "error_title": "State", "error_message": message}
    sheet.data_validation(1, state, last, state, choice)
    day = {
        "validate": "date",
        "criteria": ">=",
        "value": _DAY,
        "error_title": "Due",
        "error_message": "A date.",
    }
    sheet.data_validation(1, due, last, due, day)
    of_state, of_due = (xl_rowcol_to_cell(1, place, col_abs=True) for place in (state, due))
    done = book.add_format({"font_color": "#767676", "font_strikeout": True})
    rule = {"type": "formula", "criteria": f'={of_state}="done"', "format": done}
    sheet.conditional_format(1, 0, last, places["By"], rule)
    late = book.add_format({"font_color": "#A4262C", "bold": True})
    open_ones = f'{of_state}<>"done",{of_state}<>"{STATES[3]}"'
    criteria = f"=AND(ISNUMBER({of_due}),{of_due}<TODAY(),{open_ones})"
    sheet.conditional_format(1, due, last, due, {"type": "formula", "criteria": criteria, "format": late})


def _about(book: Any, head: Head) -> None:
    """Write the last sheet: what the columns mean."""
    sheet = book.add_worksheet("About")
    note = book.add_format(NOTE)
    sheet.set_column(0, 0, 110)
    title = " · ".join(filter(None, (head.client, head.title, head.date.isoformat() if head.date else "")))
    sheet.write_string(0, 0, clean(title, 200), book.add_format(TITLE))
    for row, paragraph in enumerate(ABOUT, 2):
        sheet.write_string(row, 0, paragraph, note)
        sheet.set_row(row, height([(paragraph, 110)]))
    on_paper(sheet, "About", heading=None)


_DAY = dt.date(2000, 1, 1)
"""Creation date of a workbook whose engagement has none, so that the same results give the same bytes."""
