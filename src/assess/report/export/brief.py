"""The brief on one page: the first chapter of the report, to be read, mailed and printed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from assess.core.numbers import interval, quantity
from assess.core.source import Fact
from assess.decisions.assessment import Assessment
from assess.report.chapter import Chapter, ReportAction
from assess.report.chapters.executive_summary import executive_summary
from assess.report.environment import environment
from assess.report.prose import unlinked
from assess.report.tables import DataTable, TableCell, TableColumn

from . import NotExported

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
    "chrome",
)
"""Programs that print a page, by the names under which they are installed."""

SECONDS = 60
"""Time that printing may take."""

ROWS = 4
"""Options, risks and actions on the page, so that it stays one."""


def page(assessment: Assessment) -> str:
    """Write the brief as one HTML page of A4 without script, opened offline."""
    template = environment().get_template("one_page.html.j2")
    return template.render(brief=executive_summary(assessment), head=assessment.stated, rows=ROWS, shown=cell_text, value=value, range=spread, terms=terms)  # fmt: skip


def pdf(assessment: Assessment) -> bytes:
    """Print the page by a browser of the machine, which sees nothing but that page.

    Raises
    ------
    NotExported
        If there is no such browser, or it fails.
    """
    named = os.environ.get("ASSESS_CHROMIUM")
    program = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise NotExported("--to pdf needs Chromium, Chrome or Edge, and none is installed; --to brief writes the same page to print")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="assess-print-") as folder:
        source, target = Path(folder, "brief.html"), Path(folder, "brief.pdf")
        source.write_text(page(assessment), "utf-8")
        command = [program, "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--no-pdf-header-footer",
                   f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri()]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:  # Chromium starts for root without its sandbox only
            command.insert(1, "--no-sandbox")
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise NotExported(f"{program} did not print the page ({type(error).__name__}); --to brief writes it to print") from None  # fmt: skip


def value(fact: Fact) -> str:
    """Write the value of a fact with its unit."""
    return quantity(fact.value, fact.unit)


def spread(fact: Fact) -> str:
    """Write what stands below the value of a fact: its note, else its range."""
    if fact.note:
        return unlinked(fact.note)
    if fact.low is None or fact.high is None or fact.low == fact.high:
        return ""
    return interval(fact.low, fact.high, fact.unit)


def cell_text(column: TableColumn, cell: TableCell) -> str:
    """Write a cell of a table as the page does."""
    if cell.value is None:
        return cell.note or "–"
    return quantity(cell.value, column.unit_of(cell), column.digits if column.format == "number" else None)


def terms(action: ReportAction) -> str:
    """Say who does an action by when, and what it is worth."""
    worth = f"worth {quantity(action.worth.likely, action.worth.unit)}" if action.worth else ""
    return " · ".join(filter(None, (action.owner, action.by, worth)))


def table(brief: Chapter, id: str) -> DataTable | None:
    """Return a table of the brief; None where it has none of this name."""
    return next((found for found in brief.tables if found.id == id), None)
