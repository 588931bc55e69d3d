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
from assess.intake.workbook_layout import HEAD, LINE, NOTE, TITLE, height, on_paper

from .chapter import Head, Results
from .prose import clean, unlinked
from .workbook_cells import CHOICE, LONGEST, text

STATES = ("open", "in work", "done", "accepted as it is")
"""What the reader may enter in the column ``state``."""

SPARE = 200
"""Rows below the actions in which the drop-down works as well, for actions that the reader adds."""


REFERENCES = ("Findings it closes", "Actions that close it", "Id")
"""Columns of ids, which make no row higher."""

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
    SheetColumn("Severity", 10), SheetColumn("Chapter", 18), SheetColumn("Finding", 52), SheetColumn("In the report", 11), SheetColumn("Evidence", 40),
    SheetColumn("Impact", 36), SheetColumn("What to do", 40), SheetColumn("Low, days", 8, "0.0"), SheetColumn("Likely, days", 8, "0.0"),
    SheetColumn("High, days", 8, "0.0"), SheetColumn("Owner", 20), SheetColumn("Systems", 18), SheetColumn("Integrations", 24),
    SheetColumn("Actions that close it", 26), SheetColumn("Id", 34),
)  # fmt: skip

ACTIONS = (
    SheetColumn("Rank", 6, "0"), SheetColumn("Action", 52), SheetColumn("Owner", 22, filled=True), SheetColumn("State", 14, filled=True),
    SheetColumn("Due", 12, "yyyy-mm-dd", filled=True), SheetColumn("Remark", 30, filled=True), SheetColumn("By", 13),
    SheetColumn("Worth at least", 12, "#,##0"), SheetColumn("Worth", 12, "#,##0"), SheetColumn("Worth at most", 12, "#,##0"), SheetColumn("Net", 12, "#,##0"), SheetColumn("Unit", 7),
    SheetColumn("Low, days", 8, "0.0"), SheetColumn("Likely, days", 8, "0.0"), SheetColumn("High, days", 8, "0.0"),
    SheetColumn("In the report", 11), SheetColumn("Findings it closes", 44), SheetColumn("Id", 34),
)  # fmt: skip

ABOUT = (
    "Actions: one row each, in the order of the report: what opens the next gate, then what is left of the worth. Fill in the tinted columns.",
    "Worth: what the action is worth over the horizon: the cost model with the gap closed, less the cost model without, "
    "as low, likely and high. Empty where the model can't value it: not zero. Values of two actions do not add up.",
    "Net: what is left of the worth after the work and its upkeep over the horizon. Empty where nobody knows what it costs.",
    "Days: person-days, as low, likely and high.",
    "State: open, in work, done, or accepted as it is. Done is struck through; overdue is red.",
    "Findings: everything that was found, the most severe first. The last columns say which actions close a finding.",
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
            finding.severity, chapter.title, finding.title, LedgerLink(row), finding.evidence, finding.impact, finding.action,
            *_limits(finding.effort), finding.owner, "; ".join(finding.systems), "; ".join(finding.integrations),
            "; ".join(closing.get(finding.id, ())), finding.id,
        ]
        for row, (finding, chapter) in enumerate(results.ledger, 1)
    ]  # fmt: skip


def action_rows(results: Results) -> list[list[Any]]:
    """Return one row an action, in the order of the report; its link leads to the worst finding that it closes."""
    rows = {entry.finding.id: row for row, entry in enumerate(results.ledger, 1)}
    return [
        [
            rank, unlinked(action.title), action.owner or "nobody yet", STATES[0], None, None, action.by,
            *_limits(action.worth), _limits(action.net)[1], action.worth.unit if action.worth else "", *_limits(action.effort),
            next((LedgerLink(row) for row in sorted(rows[id] for id in action.findings if id in rows)), None),
            "; ".join(action.findings), action.id,
        ]
        for rank, action in enumerate(results.actions, 1)
    ]  # fmt: skip


def _limits(value: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if value is None else (value.low, value.likely, value.high)


def _sheet(
    book: Any, name: str, columns: Sequence[SheetColumn], rows: Sequence[Sequence[Any]], empty: str
) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format(HEAD)
    forms = [_form(book, column) for column in columns]
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, head)
    sheet.set_row(0, 2 * LINE)
    for row, cells in enumerate(rows, 1):
        texts = [
            (clean(value, LONGEST), columns[place].width)
            for place, value in enumerate(cells)
            if isinstance(value, str) and columns[place].heading not in REFERENCES
        ]
        sheet.set_row(row, height(texts))
        for place, (value, form) in enumerate(zip(cells, forms, strict=True)):
            _cell(sheet, row, place, value, form)
    if not rows:
        sheet.write_string(1, 0, empty)
    sheet.freeze_panes(1, 3 if name == "Findings" else 2)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    on_paper(sheet, name)


def _form(book: Any, column: SheetColumn) -> Any:
    style: dict[str, Any] = {"text_wrap": True, "valign": "top"} | (CHOICE if column.filled else {})
    style |= {"num_format": column.number} if column.number else {"indent": 1}
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
