"""``actions.xlsx``: every finding and every action of a report, to be filtered, assigned and ticked off.

The sheets hold what the page holds, in the same order, masked where the page is masked. Text is always
written as text, so that nothing a client typed becomes a formula or a link.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

from assess.intake.estimate import Estimate
from assess.intake.finding import SEVERITIES

from .chapter import Results
from .prose import clean, unlinked

LONGEST = 32_000
"""Characters of one cell; Excel holds 32,767."""

STATES = ("open", "in work", "done", "accepted as it is")
"""What the reader may enter in the column ``state``."""

SPARE = 200
"""Rows below the actions in which the drop-down works as well, for actions that the reader adds."""


class Column(NamedTuple):
    """A column of a sheet: heading, width in characters, and the number format of its cells, if any."""

    heading: str
    width: int
    number: str = ""


FINDINGS = (
    Column("Severity", 10), Column("Chapter", 18), Column("Finding", 60), Column("Evidence", 40), Column("Impact", 40),
    Column("What to do", 45), Column("Low, days", 10, "0.0"), Column("Likely, days", 11, "0.0"), Column("High, days", 11, "0.0"),
    Column("Owner", 24), Column("Systems", 20), Column("Integrations", 28), Column("Actions that close it", 30), Column("Id", 40),
)  # fmt: skip

ACTIONS = (
    Column("Rank", 6, "0"), Column("Action", 60), Column("Worth at least", 15, "#,##0"), Column("Worth", 15, "#,##0"),
    Column("Worth at most", 15, "#,##0"), Column("Unit", 12), Column("Low, days", 10, "0.0"), Column("Likely, days", 11, "0.0"),
    Column("High, days", 11, "0.0"), Column("Owner", 24), Column("By", 14), Column("State", 16), Column("Findings it closes", 50),
    Column("Id", 40),
)  # fmt: skip


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
        _states(book.get_worksheet_by_name("Actions"), len(results.actions))
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
            finding.severity, chapter.title, finding.title, finding.evidence, finding.impact, finding.action,
            *_limits(finding.effort), finding.owner, "; ".join(finding.systems), "; ".join(finding.integrations),
            "; ".join(closing.get(finding.id, ())), finding.id,
        ]
        for finding, chapter in results.ledger
    ]  # fmt: skip


def action_rows(results: Results) -> list[list[Any]]:
    """Return one row an action, the most valuable first."""
    return [
        [
            rank, unlinked(action.title), *_limits(action.worth), action.worth.unit if action.worth else "",
            *_limits(action.effort), action.owner or "nobody yet", action.by, STATES[0], "; ".join(action.findings), action.id,
        ]
        for rank, action in enumerate(results.actions, 1)
    ]  # fmt: skip


def _limits(value: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if value is None else (value.low, value.likely, value.high)


def _sheet(
    book: Any, name: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]], empty: str
) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EEF7"}
    )
    kept: dict[str, Any] = {}
    for place, column in enumerate(columns):
        style = {"text_wrap": True, "valign": "top"} | (
            {"num_format": column.number} if column.number else {}
        )
        kept.setdefault(column.number, book.add_format(style))
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, head)
    for row, cells in enumerate(rows, 1):
        for place, value in enumerate(cells):
            form = kept[columns[place].number]
            if isinstance(value, int | float):
                sheet.write_number(row, place, value, form)
            elif value:
                sheet.write_string(row, place, clean(str(value), LONGEST), form)
    if not rows:
        sheet.write_string(1, 0, empty)
    sheet.freeze_panes(1, 3 if name == "Findings" else 2)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    if name == "Findings":
        _shade(book, sheet, len(rows))


def _shade(book: Any, sheet: Any, rows: int) -> None:
    """Mark the two worst severities by weight and colour; the word stands in the cell."""
    for severity, colour in zip(SEVERITIES[:2], ("#A4262C", "#8A5A00"), strict=True):
        form = book.add_format({"bold": True, "font_color": colour})
        sheet.conditional_format(
            1,
            0,
            max(rows, 1),
            0,
            {"type": "cell", "criteria": "==", "value": f'"{severity}"', "format": form},
        )


def _states(sheet: Any, rows: int) -> None:
    """Offer the states of an action as a drop-down."""
    place = [column.heading for column in ACTIONS].index("State")
    sheet.data_validation(
        1,
        place,
        rows + SPARE,
        place,
        {
            "validate": "list",
            "source": list(STATES),
            "error_title": "State",
            "error_message": f"One of: {', '.join(STATES)}.",
        },
    )


_DAY = dt.date(2000, 1, 1)
"""Creation date of a workbook whose engagement has none, so that the same results give the same bytes."""
