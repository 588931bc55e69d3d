"""The brief, which is the first chapter of the report: one page to be read, mailed and printed, and slides for a board."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assess.core.numbers import day, interval, quantity
from assess.core.source import Fact
from assess.decisions.assessment import Assessment
from assess.report.chapter import Chapter, ReportAction
from assess.report.chapters.executive_summary import executive_summary
from assess.report.charts.drawing import LIGHT
from assess.report.environment import environment
from assess.report.prose import clean, unlinked
from assess.report.tables import DataTable, TableCell, TableColumn

from . import NotExported
from .plan import KINDS, finished

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


WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
"""Of a slide (16:9) and its margin, inches."""

SLIDE_ROWS = 12
"""Rows of a table on one slide; how many more there are is said below it."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every part of the file, so that the same answers give the same bytes."""


def slides(assessment: Assessment) -> bytes:
    """Write the brief as a PowerPoint file: verdict, options, what happens to each integration, plan, risks, next steps.

    Raises
    ------
    assess.core.extras.MissingExtra
        By `export`, if python-pptx is not installed.
    """
    brief = executive_summary(assessment)
    engagement = assessment.stated
    deck = _Deck()
    over = " · ".join(filter(None, (engagement.client, engagement.title, engagement.date.isoformat() if engagement.date else "")))  # fmt: skip
    deck.opening(over, brief)
    options, sheet, risks = (table(brief, id) for id in ("options", "decisions", "risks"))
    if options:
        deck.table(options.caption, options, without=("brings",))
    if sheet:
        deck.table("What happens to each integration", sheet, without=("measured", "platform"))
    _plan(deck, assessment)
    if risks:
        deck.table(risks.caption, risks)
    deck.lists(
        "Who does what next",
        [f"{unlinked(action.title)} ({terms(action)})" for action in brief.actions],
        "What would change the answer",
        [unlinked(change) for change in brief.changes],
    )
    return deck.content(engagement.date, over)


def _plan(deck: _Deck, assessment: Assessment) -> None:
    """Add the slide of the plan: for each kind of work how much it is and until when."""
    plan = assessment.roadmap
    placed = [item for item in plan.items if item.end is not None]
    if not placed or plan.start is None:
        return
    rows = []
    for kind, label in KINDS.items():
        items = [item for item in placed if item.kind == kind]
        if not items:
            continue
        first = plan.start + dt.timedelta(weeks=min(item.start or 0 for item in items))
        late = [item.late[2] for item in items if item.late[2] is not None]
        rows.append((label, f"{len(items)}", quantity(sum(item.days for item in items), "person-days"), day(first),
                     day(finished(plan, max(item.end or 0 for item in items))), day(finished(plan, max(late))) if late else "–"))  # fmt: skip
    heads = ("Work", "Items", "Effort", "From", "Until", "In eight of ten futures until")
    deck.rows("The plan", heads, rows, numeric=(1, 2))


class _Deck:
    """A presentation that grows by a slide at a time; every text is without secrets and control characters."""

    def __init__(self) -> None:
        from pptx import Presentation
        from pptx.util import Inches, Pt

        self._inches, self._points = Inches, Pt
        self._deck: Any = Presentation()
        self._deck.slide_width, self._deck.slide_height = Inches(WIDTH), Inches(HEIGHT)

    def _slide(self, title: str, size: float = 26) -> Any:
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[5])
        shape = slide.shapes.title
        shape.left, shape.top = self._inches(MARGIN), self._inches(0.45)
        shape.width, shape.height = self._inches(WIDTH - 2 * MARGIN), self._inches(0.95)
        self._write(shape.text_frame, [title], size, bold=True)
        return slide

    def _write(
        self, frame: Any, texts: Sequence[str], size: float, *, colour: str = "ink", bold: bool = False
    ) -> None:
        """Put paragraphs into a frame, all left-aligned in one size."""
        from pptx.enum.text import PP_ALIGN

        frame.word_wrap = True
        for place, text in enumerate(texts):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.alignment = PP_ALIGN.LEFT
            paragraph.space_after = self._points(size / 3)
            run = paragraph.add_run()
            run.text = " ".join(clean(text, 400).split())
            run.font.size, run.font.bold = self._points(size), bold
            run.font.color.rgb = _colour(colour)

    def _box(self, slide: Any, left: float, top: float, width: float, height: float) -> Any:
        sizes = map(self._inches, (left, top, width, height))
        return slide.shapes.add_textbox(*sizes).text_frame

    def opening(self, over: str, brief: Chapter) -> None:
        """Add the first slide: whom it is about, the verdict, why, and its figures."""
        slide = self._slide(unlinked(brief.verdict) or "There is nothing to decide yet", 30)
        slide.shapes.title.top, slide.shapes.title.height = self._inches(1.0), self._inches(1.5)
        self._write(self._box(slide, MARGIN, 0.45, WIDTH - 2 * MARGIN, 0.4), [over], 14, colour="soft")
        self._write(
            self._box(slide, MARGIN, 2.6, WIDTH - 2 * MARGIN, 1.6), [" ".join(map(unlinked, brief.lead))], 18
        )
        facts = [fact for fact in brief.facts if fact.id in brief.headline]
        width = (WIDTH - 2 * MARGIN) / max(len(facts), 1)
        for place, fact in enumerate(facts):
            frame = self._box(slide, MARGIN + place * width, 4.7, width - 0.15, 0.6)
            self._write(frame, [value(fact)], 24, colour="accent", bold=True)
            self._write(self._box(slide, MARGIN + place * width, 5.4, width - 0.15, 1.4), [fact.label, spread(fact)], 12, colour="soft")  # fmt: skip

    def table(self, title: str, data: DataTable, *, without: Sequence[str] = ()) -> None:
        """Add a slide with a table of the brief."""
        places = [place for place, column in enumerate(data.columns) if column.key not in without]
        columns = [data.columns[place] for place in places]
        rows = [
            [cell_text(column, row[place]) for place, column in zip(places, columns, strict=True)]
            for row in data.rows
        ]
        numeric = [place for place, column in enumerate(columns) if column.numeric]
        self.rows(unlinked(title), [column.label for column in columns], rows, numeric=numeric)

    def rows(
        self, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: Sequence[int] = ()
    ) -> None:
        """Add a slide with rows of texts below headings; columns of numbers stand at the right."""
        from pptx.enum.text import PP_ALIGN

        slide = self._slide(title)
        kept = [heads, *rows[:SLIDE_ROWS]]
        height = 0.38 * len(kept)
        sizes = map(self._inches, (MARGIN, 1.6, WIDTH - 2 * MARGIN, height))
        grid = slide.shapes.add_table(len(kept), len(heads), *sizes).table
        longest = [max(min(len(row[place]), 48) for row in kept) + 3 for place in range(len(heads))]
        for place, length in enumerate(longest):
            grid.columns[place].width = self._inches((WIDTH - 2 * MARGIN) * length / sum(longest))
        for number, row in enumerate(kept):
            for place, text in enumerate(row):
                cell = grid.cell(number, place)
                cell.fill.solid()
                cell.fill.fore_color.rgb = _colour(
                    "accent" if number == 0 else "wash" if number % 2 else "paper"
                )
                self._write(
                    cell.text_frame, [text], 12, colour="paper" if number == 0 else "ink", bold=number == 0
                )
                if place in numeric:
                    cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
        if len(rows) > SLIDE_ROWS:
            said = f"{len(rows) - SLIDE_ROWS} more stand in the report."
            self._write(self._box(slide, MARGIN, 6.9, WIDTH - 2 * MARGIN, 0.4), [said], 12, colour="soft")

    def lists(self, title: str, first: Sequence[str], other: str, second: Sequence[str]) -> None:
        """Add a slide with two lists side by side."""
        slide = self._slide(title)
        width = (WIDTH - 3 * MARGIN) / 2
        for place, (head, texts) in enumerate((("", first), (other, second))):
            frame = self._box(slide, MARGIN + place * (width + MARGIN), 1.6, width, 5)
            numbered = [f"{number}. {text}" for number, text in enumerate(texts, 1)]
            self._write(frame, [*([head] if head else []), *numbered], 16)

    def content(self, date: dt.date | None, title: str) -> bytes:
        """Return the file; the same answers give the same bytes."""
        moment = dt.datetime.combine(date or dt.date(2000, 1, 1), dt.time())
        about = self._deck.core_properties
        about.created = about.modified = moment
        about.title, about.author, about.last_modified_by = clean(title, 200), "assess", "assess"
        written, fixed = io.BytesIO(), io.BytesIO()
        self._deck.save(written)
        with zipfile.ZipFile(written) as parts, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
            for name in parts.namelist():
                target.writestr(zipfile.ZipInfo(name, EPOCH), parts.read(name), zipfile.ZIP_DEFLATED)
        return fixed.getvalue()


def _colour(name: str) -> Any:
    """Return a colour of the page as python-pptx wants it."""
    from pptx.dml.color import RGBColor

    make: Any = RGBColor  # the library's own has no types
    return make.from_string(LIGHT[name][1:].upper())
