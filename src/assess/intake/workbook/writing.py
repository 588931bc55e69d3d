"""An engagement as ``intake.xlsx``: a sheet a table, with drop-downs, help and allowed values."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assess.intake.asking import SETTINGS, answers_key, role_tables
from assess.intake.assumptions import defaults
from assess.intake.columns import SECTIONS, ColumnDefinition, TableDefinition, keys
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Row
from assess.intake.export import left_over, own_assumptions, put, texts
from assess.intake.loading import load
from assess.intake.problem import InputLocation, Problems
from assess.intake.references import REFERENCES, every_practice
from assess.intake.rows import write_cell
from assess.intake.workbook.sheets import ASK_FIRST, ASSUMPTION_COLUMNS, ASSUMPTIONS

from . import (
    HEAD,
    NAME,
    NOTE,
    FilledIn,
    choices,
    comment,
    height,
    holds,
    letters,
    limits,
    on_paper,
    plain,
    progress,
    short,
    width,
    write_guide,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST = 32_767
"""Characters that a cell of Excel holds (UTF-16 units)."""
LAST_ROW = 2_000
"""Row down to which cells have drop-downs and checks."""
FIRST_DAY = dt.date(1900, 3, 1)
"""Before it Excel counts a 29 February 1900 that never was."""

MADE = dt.datetime(2000, 1, 1)
"""Time stamp of every workbook: the same engagement gives the same bytes."""

_CHAINED = re.compile("_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_")
"""Text of which XlsxWriter escapes only the first part."""

_EXAMPLE = {"font_color": "#7F7F7F", "italic": True}
"""Look of a row that is still an example of the template."""
_FIRST = (SETTINGS, "systems", "integrations")
"""Sheets without which little can be said: their tabs are marked."""
_NUMBER, _DATE = ColumnDefinition("", "", "number"), ColumnDefinition("", "", "date")
_PAGE = 220
"""Characters that an A4 page shows side by side and that can still be read."""
_LAST_COLUMN = 16_383
"""Of Excel, from 0."""


@dataclass(frozen=True)
class _Formats:
    header: Format
    required: Format
    text: Format
    number: Format
    date: Format
    time: Format
    help: Format
    example: Format


def to_workbook(
    source: str | Path | Engagement, path: str | Path, *, role: str = "", first: Sequence[Sequence[str]] = ()
) -> Path:
    """Write an engagement as a workbook that `assess.intake.load` reads back without loss.

    Text is written as text, whatever it begins with: no cell becomes a formula.

    Parameters
    ----------
    source
        An engagement, an engagement folder or a workbook.
    path
        The ``.xlsx`` to write, replaced whole. Extracts, contracts and logs stay where they are:
        put the workbook beside them.
    role
        Write only what this role answers (`assess.intake.asking`).
    first
        What to ask first: headings, then a row a question; a sheet of its own, which is not read back.

    Returns
    -------
    Path
        The workbook.

    Raises
    ------
    InvalidEngagement
        If the source is invalid, or a text is longer than a cell of Excel.
    """
    engagement = source if isinstance(source, Engagement) else load(source)
    target = Path(path)
    put(target, content(engagement, target.name, role=role, first=first))
    return target


def content(
    engagement: Engagement,
    name: str = "intake.xlsx",
    *,
    role: str = "",
    first: Sequence[Sequence[str]] = (),
) -> bytes:
    """Return the bytes of the workbook; the same engagement gives the same bytes. Parameters as of `to_workbook`.

    Raises
    ------
    InvalidEngagement
        If a text is longer than a cell of Excel; its problems name ``name`` as the file.
    """
    out = io.BytesIO()
    book = _open(out)
    book.set_properties({"title": "Intake", "created": MADE})
    writer = _Writer(book, name, every_practice((own.id, own.text) for own in engagement.practices))
    left = left_over(engagement)
    if first:
        writer.asked(first)
    writer.settings(engagement, role)
    for table in role_tables(role):
        writer.table(table, getattr(engagement, table.name), left.get(table.name, ()))
    writer.assumptions(engagement, role)
    write_guide(book, writer.first, writer.practices, writer.how_far)
    writer.words()
    writer.problems.stop()
    book.close()
    return out.getvalue()


def _open(out: io.BytesIO) -> Any:
    """Return a workbook whose structure is protected, without a password: Excel can lift it."""
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import ColumnInfo, Worksheet

    class Protected(Workbook):  # type: ignore[misc]
        def _write_book_views(self) -> None:
            self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])
            super()._write_book_views()

        def add_table_sheet(self, name: str) -> Worksheet:
            """A sheet on which the look of the last column that has one is that of every column beyond."""
            return self.add_worksheet(name, Endless)

    class Endless(Worksheet):  # type: ignore[misc]
        def _write_col_info(self, col_min: int, col_max: int, col_info: ColumnInfo) -> None:
            last = col_max >= max(self.col_info, default=col_max)
            super()._write_col_info(col_min, _LAST_COLUMN if last else col_max, col_info)

    return Protected(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, file: str, practices: Mapping[str, str]) -> None:
        self.book = book
        self.practices = practices
        self.file = file
        self.problems = Problems()
        self.lists: dict[tuple[str, ...], str] = {}
        self.first = self.opens = book.add_worksheet(NAME)
        self.how_far: dict[str, FilledIn] = {}
        unlocked = {"locked": False, "valign": "top", "text_wrap": True}
        self.formats = _Formats(
            header=book.add_format(HEAD),
            required=book.add_format({**HEAD, "bg_color": "#8A2B0E"}),
            text=book.add_format({**unlocked, "num_format": "@"}),
            number=book.add_format(unlocked),
            date=book.add_format({**unlocked, "num_format": "yyyy-mm-dd"}),
            time=book.add_format({**unlocked, "num_format": "yyyy-mm-dd hh:mm:ss"}),
            help=book.add_format(NOTE),
            example=book.add_format(_EXAMPLE),
        )

    def asked(self, rows: Sequence[Sequence[str]]) -> None:
        """Write what to ask first; the sheet is not read back."""
        sheet = self.opens = self.book.add_worksheet(ASK_FIRST)
        widths = [min(60, max(len(text) for text in column) + 2) for column in zip(*rows, strict=True)]
        for position, wide in enumerate(widths):
            sheet.set_column(position, position, wide)
        for row, texts_ in enumerate(rows):
            for position, text in enumerate(texts_):
                sheet.write_string(row, position, text, self.formats.help if row else self.formats.header)
            sheet.set_row(row, height(zip(texts_, widths, strict=True)))
        sheet.freeze_panes(1, 0)
        sheet.set_tab_color("#8A2B0E")
        sheet.protect()
        on_paper(sheet, "What to ask first")

    def settings(self, engagement: Engagement, role: str = "") -> None:
        """Write keys and values; maps as dotted keys."""
        sheet = self._sheet(SETTINGS, ("key", "value", "explanation"), (30, 40, 90))
        found = [item for item in _settings(engagement) if answers_key(role, item[0])]
        for row, (key, column, value) in enumerate(found, start=1):
            self._string(sheet, row, 0, key, self.formats.text, SETTINGS)
            self._cell(sheet, row, 1, value, column.items or column, SETTINGS)
            explanation = ". ".join(filter(None, [plain(column.help).rstrip("."), holds(column)]))
            sheet.write_string(row, 2, explanation, self.formats.help)
            sheet.set_row(row, height([(key, 30), (write_cell(value), 40), (explanation, 90)]))
            if words := choices(column):
                self._drop_down(sheet, row, row, 1, words)
        given, total = sum(bool(write_cell(value)) for _, _, value in found), len(found)
        self.how_far[SETTINGS] = FilledIn(
            (f"=COUNTA({SETTINGS}!$A$2:$A${LAST_ROW})", total),
            (f"=COUNTA({SETTINGS}!$B$2:$B${LAST_ROW})/COUNTA({SETTINGS}!$A$2:$A${LAST_ROW})", given / total),
            (
                "=" + _required_left(found),
                sum(column.required and not write_cell(value) for _, column, value in found),
            ),
        )

    def assumptions(self, engagement: Engagement, role: str = "") -> None:
        """Write the engagement's own assumptions, or those that a role answers."""
        overrides = own_assumptions(engagement, role)
        sheet = self._sheet(ASSUMPTIONS, ASSUMPTION_COLUMNS, (34, 12, 12, 12, 60, 12))
        self._drop_down(sheet, 1, LAST_ROW, 0, tuple(defaults()))
        for position, wide in enumerate((12, 12, 12), start=1):
            sheet.set_column(position, position, wide, self.formats.number)
        sheet.set_column(5, 5, 12, self.formats.date)
        for row, (key, own) in enumerate(overrides.items(), start=1):
            for position, text in ((0, key), (4, own.source)):
                self._string(sheet, row, position, text, self.formats.text, ASSUMPTIONS)
            for position, value in enumerate((own.low, own.likely, own.high), start=1):
                self._cell(sheet, row, position, value, _NUMBER, ASSUMPTIONS)
            self._cell(sheet, row, 5, own.date, _DATE, ASSUMPTIONS)
        count = len(overrides)
        rows = f"COUNTA({ASSUMPTIONS}!$A$2:$A${LAST_ROW})"
        self.how_far[ASSUMPTIONS] = FilledIn((f"={rows}", count), ('=""', ""), ("=0", 0))

    def table(self, table: TableDefinition, rows: Sequence[Row], examples: Sequence[int]) -> None:
        """Write a table: header with help, rows, those at the positions ``examples`` marked, and checks below."""
        widths = [width(column) for column in table.columns]
        sheet = self._sheet(table.name, [column.name for column in table.columns], widths)
        for position, column in enumerate(table.columns):
            form = self._format(column)
            sheet.set_column(position, position, widths[position], form)
            heading = self.formats.required if column.required else self.formats.header
            sheet.write_string(0, position, column.name, heading)
            sheet.write_comment(0, position, comment(column), {"x_scale": 2, "y_scale": 1.4})
            self._check(sheet, table, position, column)
            for row, record in enumerate(rows, start=1):
                self._cell(sheet, row, position, getattr(record, column.field), column, table.name)
        cells = [texts(record, table.columns) for record in rows]
        for row, row_texts in enumerate(cells, start=1):
            sheet.set_row(row, height(zip(row_texts, widths, strict=True)))
        for position in examples:
            self._mark_example(sheet, position + 1, cells[position][0], len(widths))
        self.how_far[table.name] = progress(table, cells, LAST_ROW)

    def _mark_example(self, sheet: Worksheet, row: int, key: str, wide: int) -> None:
        """Show a row as an example for as long as its first cell stays as it is."""
        if '"' in key:
            return
        rule = {"type": "formula", "criteria": f'=$A{row + 1}="{key}"', "format": self.formats.example}
        sheet.conditional_format(row, 0, row, wide - 1, rule)

    def words(self) -> None:
        """Write the allowed words that are too many for a cell's own list, on a hidden sheet."""
        sheet = self.book.add_worksheet("_lists")
        for position, words in enumerate(self.lists):
            for row, word in enumerate(words):
                sheet.write_string(row, position, word)
        sheet.hide()
        sheet.protect()
        self.opens.activate()

    def _sheet(self, name: str, header: Sequence[str], widths: Sequence[float]) -> Worksheet:
        sheet: Worksheet = self.book.add_table_sheet(name)
        for position, (title, wide) in enumerate(zip(header, widths, strict=True)):
            sheet.set_column(position, position, wide, self.formats.text)
            sheet.write_string(0, position, title, self.formats.header)
        # a row can be deleted only where none of its cells is locked
        sheet.set_column(len(header), len(header), None, self.formats.text)
        sheet.freeze_panes(1, 1)
        sheet.ignore_errors({"number_stored_as_text": f"A2:{letters(len(header) - 1)}{LAST_ROW + 1}"})
        sheet.set_tab_color("#1F3A5F" if name in _FIRST else "#9DC3E6")
        sheet.repeat_columns(0)
        on_paper(sheet, name, pages=math.ceil(sum(widths) / _PAGE))
        sheet.autofilter(0, 0, LAST_ROW, len(header) - 1)
        allow = (
            "format_cells",
            "format_columns",
            "format_rows",
            "insert_rows",
            "delete_rows",
            "sort",
            "autofilter",
        )
        sheet.protect("", dict.fromkeys(allow, True))
        return sheet

    def _format(self, column: ColumnDefinition) -> Format:
        match column.kind:
            case "number" | "share" | "whole number":
                return self.formats.number
            case "date":
                return self.formats.date
            case "time":
                return self.formats.time
            case _:
                return self.formats.text

    def _cell(
        self, sheet: Worksheet, row: int, position: int, value: Any, column: ColumnDefinition, name: str
    ) -> None:
        """Write a value as what Excel calls it where that loses nothing, else as text."""
        form = self._format(column)
        if value is None or value in ("", ()):
            return
        text = write_cell(value, column)
        if isinstance(value, bool) or not isinstance(value, int | float | dt.date) or "%" in text:
            self._string(sheet, row, position, text, form, name)
        elif isinstance(value, dt.date):
            if _exact(value):
                sheet.write_datetime(row, position, value, form)
            else:
                self._string(sheet, row, position, text, form, name)
        elif float(f"{value:.16G}") == value:  # as many digits as Excel's files carry
            sheet.write_number(row, position, value, form)
        else:
            self._string(sheet, row, position, text, form, name)

    def _string(self, sheet: Worksheet, row: int, position: int, text: str, form: Format, name: str) -> None:
        place = InputLocation(file=self.file, sheet=name)
        if len(text.encode("utf-16-le")) // 2 > LONGEST:
            allowed = f"at most {LONGEST} characters; keep this table as CSV"
            self.problems.add(
                place, "is longer than a cell of Excel", row=row + 1, value=text, allowed=allowed
            )
        elif _CHAINED.search(text):
            message = "looks like two characters escaped by Excel, which a workbook would not keep"
            self.problems.add(
                place, message, row=row + 1, value=text, allowed="other text; keep this table as CSV"
            )
        elif text:
            sheet.write_string(row, position, text, form)

    def _check(
        self, sheet: Worksheet, table: TableDefinition, position: int, column: ColumnDefinition
    ) -> None:
        """Give the cells of a column their drop-down or limits, and say what they hold."""
        options: dict[str, Any] = {"error_title": column.name[:32], "error_message": short(column.allowed)}
        target = next(
            (
                r
                for r in REFERENCES
                if (r.table, r.column) == (table.name, column.name) and column.kind == "text"
            ),
            None,
        )
        if target:
            options |= {
                "validate": "list",
                "source": f"={target.to}!$A$2:$A${LAST_ROW + 1}",
                "error_type": "warning",
            }
            options |= {"error_message": f"This is not (yet) in the sheet {target.to}."}
        elif (table.name, column.name) == ("readiness", "practice"):
            self._drop_down(sheet, 1, LAST_ROW, position, tuple(self.practices))
            return
        elif words := choices(column):
            self._drop_down(sheet, 1, LAST_ROW, position, words)
            return
        elif column.kind in ("number", "share", "whole number"):
            options |= {
                "validate": "integer" if column.kind == "whole number" else "decimal",
                **limits(column),
            }
        elif column.kind in ("date", "time"):
            options |= {"validate": "date", "criteria": ">=", "value": FIRST_DAY, "error_type": "warning"}
        elif column.kind in ("estimate", "list", "data"):
            options = {
                "validate": "any",
                "input_title": column.name[:32],
                "input_message": short(holds(column)),
            }
        else:
            return
        sheet.data_validation(1, position, LAST_ROW, position, options)

    def _drop_down(
        self, sheet: Worksheet, first: int, last: int, position: int, words: tuple[str, ...]
    ) -> None:
        source: Any = list(words)
        if len(",".join(words)) > 255 or any("," in word for word in words):
            at = letters(list(self.lists).index(words) if words in self.lists else len(self.lists))
            source = self.lists.setdefault(words, f"=_lists!${at}$1:${at}${len(words)}")
        message = short("Allowed: " + ", ".join(words))
        sheet.data_validation(
            first, position, last, position, {"validate": "list", "source": source, "error_message": message}
        )


def _settings(engagement: Engagement) -> list[tuple[str, ColumnDefinition, Any]]:
    """Return key, column and value of every setting: of a map, one row a key."""
    found: list[tuple[str, ColumnDefinition, Any]] = []
    for key, column in keys():
        section, _, name = key.rpartition(".")
        value = getattr(getattr(engagement, section) if section in SECTIONS else engagement, name or key)
        if column.kind != "map":
            found.append((key, column, value))
            continue
        names = column.choices or tuple(value)
        found += [(f"{key}.{item}", column, value.get(item)) for item in names]
    return found


def _required_left(found: Sequence[tuple[str, ColumnDefinition, Any]]) -> str:
    """Return the formula that counts the required settings without a value."""
    rows = [row for row, (_, column, _) in enumerate(found, start=2) if column.required]
    return "+".join(f'IF({SETTINGS}!$B${row}="",1,0)' for row in rows) or "0"


def _exact(value: dt.date) -> bool:
    """Return whether Excel's serial number holds a date or time without loss."""
    if not isinstance(value, dt.datetime):
        return value >= FIRST_DAY
    return value.tzinfo is None and not value.microsecond and value.date() >= FIRST_DAY
