"""``model.xlsx``: the cost model's likely case with live formulas.

Every parameter is a cell of the sheet Assumptions; change a rate there and every option's present
value moves. Text is always written as text, so that nothing a client typed becomes a formula.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from assess.core.finding import Finding
from assess.decisions.cost.cashflow import LINES, cash_flows
from assess.decisions.cost.draws import likely, likely_value
from assess.decisions.cost.finance import annual_equivalent
from assess.decisions.cost.likely import option_terms
from assess.decisions.cost.parameters import Terms, coverage
from assess.decisions.cost.usage import SECONDS_PER_MONTH, sizes
from assess.decisions.shift import Shift
from assess.intake.engagement import Engagement
from assess.intake.layout import HEAD, LINE, NOTE, TITLE, height, on_paper
from assess.intake.yearly import Yearly

from .workbook_cells import CHOICE, computed, text
from .workbook_option import Block, OptionSheet, quoted

BANNED = "[]:*?/\\'"
"""Characters that the name of a sheet cannot have."""

WIDTHS = (34, 52, 14, 18, 14, 14, 60, 12)
"""Widths of the columns of the sheet Assumptions, in characters."""


def write_model(
    path: Path,
    engagement: Engagement,
    assignments: Mapping[str, Mapping[str, str]],
    *,
    labels: Mapping[str, str] | None = None,
    remediation: Sequence[Finding] = (),
    benefits: Sequence[Yearly] = (),
    losses: Sequence[Yearly] = (),
    shifts: Sequence[Shift] = (),
) -> None:
    """Write the likely case of options ``name -> integration id -> style`` as a workbook.

    Raises
    ------
    ValueError
        If there is nothing to write: no integrations or no options.
    MissingRate
        If a price is in a currency of which no exchange rate is known.
    """
    if not engagement.integrations or not assignments:
        raise ValueError("a cost model needs at least one integration and one option")
    terms = option_terms(
        engagement, assignments, remediation=remediation, benefits=benefits, losses=losses, shifts=shifts
    )
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    try:
        book.set_properties({"created": _day(engagement)})
        ModelBook(book, engagement, terms, labels or {}).write(assignments)
    finally:
        book.close()


def _day(engagement: Engagement) -> dt.datetime:
    """Return a fixed creation time, so that the same inputs give the same bytes."""
    return dt.datetime.combine(engagement.date or dt.date(2000, 1, 1), dt.time())


def sheet_name(label: str, taken: set[str]) -> str:
    """Return a name that a spreadsheet allows and that is not taken.

    >>> sheet_name("a/b", {"a b"})
    'a b 2'
    """
    clean = (
        "".join(" " if sign in BANNED or ord(sign) < 32 else sign for sign in label).strip()[:28] or "Option"
    )
    name, number = clean, 1
    while name.lower() in {other.lower() for other in taken}:
        number += 1
        name = f"{clean} {number}"
    taken.add(name)
    return name


class ModelBook:
    """Writes the sheets one after the other and remembers where each parameter stands."""

    def __init__(self, book: Any, engagement: Engagement, terms: Terms, labels: Mapping[str, str]) -> None:
        self.book, self.engagement, self.terms, self.labels = book, engagement, terms, labels
        self.bold = book.add_format(HEAD)
        self.title = book.add_format(TITLE)
        self.note = book.add_format(NOTE)
        self.input = book.add_format({**CHOICE, "num_format": "#,##0.######"})
        self.plain = book.add_format({"num_format": "#,##0.######", "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top", "indent": 1})
        self.money = book.add_format({"num_format": "#,##0"})
        self.total = book.add_format({"num_format": "#,##0", "bold": True, "top": 1})
        self.rate = terms.real_rate if terms.money == "real" else terms.nominal_rate
        self.cells: dict[str, str] = {}
        self.volume_columns: dict[float | None, int] = {}
        self.block = Block("Integrations", 1, len(terms.integrations))

    def write(self, assignments: Mapping[str, Mapping[str, str]]) -> None:
        """Write every sheet."""
        taken = {"Summary", "Assumptions", "Integrations"}
        summary = self.book.add_worksheet("Summary")
        self._assumptions(self.book.add_worksheet("Assumptions"))
        self._integrations(self.book.add_worksheet("Integrations"))
        options = []
        draws = likely(self.terms)
        for name, assignment in assignments.items():
            label = self.labels.get(name, name)
            sheet = sheet_name(label, taken)
            flows = cash_flows(self.terms, draws, assignment)
            written = OptionSheet(self, self.book.add_worksheet(sheet), sheet, assignment, flows)
            written.write()
            options.append((label, written))
        self._summary(summary, options)

    def _summary(self, sheet: Any, options: Sequence[tuple[str, OptionSheet]]) -> None:
        money = "real money of the base date" if self.terms.money == "real" else "nominal money"
        heads = (
            "Option",
            "Present value (live)",
            "Equal yearly amount (live)",
            "Present value when written",
            "Difference",
        )
        text(sheet, 0, 0, f"{self.engagement.client}: likely case of the cost model", self.title)
        note = (
            f"{self.engagement.currency}, {money}, {self.terms.horizon} years. Change the tinted cells of the sheets Assumptions and "
            "Integrations; everything follows. The likely case has no spread: decide by the ranges of the report."
        )  # fmt: skip
        sheet.merge_range(1, 0, 1, 4, note, self.note)
        sheet.set_row(1, 2 * LINE)
        for column, head in enumerate(heads):
            sheet.write_string(3, column, head, self.bold)
        for row, (label, option) in enumerate(options, start=4):
            self._option(sheet, row, label, option)
        sheet.set_row(3, 2 * LINE)
        self._lines(sheet, len(options) + 6, options)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, max(4, len(options)), 18)
        on_paper(sheet, "Summary", heading=None)

    def _option(self, sheet: Any, row: int, label: str, option: OptionSheet) -> None:
        """Write an option: what it comes to now, and what it came to when the workbook was written."""
        rate, years, known = self.cells["rate"], self.terms.horizon, float(option.flows.npv[0])
        a_year = annual_equivalent(self.rate, known, years)
        factor = f"IF({rate}=0,{years},(1-(1+{rate})^-{years})/IF({rate}=0,1,{rate}))"
        text(sheet, row, 0, label, self.wrapped)
        sheet.write_formula(row, 1, f"={option.total}", self.money, known)
        sheet.write_formula(row, 2, f"=B{row + 1}/{factor}", self.money, a_year)
        sheet.write_number(row, 3, known, self.money)
        sheet.write_formula(row, 4, f"=B{row + 1}-D{row + 1}", self.money, 0)

    def _lines(self, sheet: Any, top: int, options: Sequence[tuple[str, OptionSheet]]) -> None:
        """Write the present value of every line, an option a column."""
        sheet.write_string(top, 0, "Present value by line (live)", self.bold)
        sheet.set_row(top, 2 * LINE)
        for column, (label, option) in enumerate(options, start=1):
            text(sheet, top, column, label, self.bold)
            for place, (line, name) in enumerate(LINES.items(), start=1):
                known = option.flows.line_present[line]
                sheet.write_string(top + place, 0, name)
                sheet.write_formula(top + place, column, f"={option.present(line)}", self.money, known)
            last = top + len(LINES)
            letters = xl_col_to_name(column)
            span = f"{letters}{top + 2}:{letters}{last + 1}"
            known = float(option.flows.npv[0])
            sheet.write_formula(last + 1, column, f"=SUM({span})", self.total, known)
        sheet.write_string(top + len(LINES) + 1, 0, "Total", self.total)

    def _assumptions(self, sheet: Any) -> None:
        heads = ("Key", "What", "Likely", "Unit", "Low", "High", "Source", "Date")
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.bold)
        row = 1
        fixed = (
            ("real_rate", "Discount rate, real", self.terms.real_rate, "share/year"),
            ("inflation", "General inflation", self.terms.inflation, "share/year"),
            ("days_per_week", "Working days a week", self.terms.days_per_week, "days"),
            ("reserve", "Capacity kept for maintenance", self.terms.reserve, "share"),
            *(
                (f"skill:{style}", f"Experience, {style}", skill, "share")
                for style, skill in self.terms.skills.items()
            ),
        )
        for key, label, value, unit in fixed:
            self._row(sheet, row, key, label, value, unit)
            row += 1
        for item in self.terms.parameters:
            if item.family:
                continue
            held = item.estimate
            self._row(sheet, row, item.name, item.label, likely_value(self.terms, item), held.unit)
            sheet.write_number(row, 4, held.low, self.plain)
            sheet.write_number(row, 5, held.high, self.plain)
            said = (held.source.detail or held.source.id) if held.source else ""
            sheet.set_row(row, height([(item.name, WIDTHS[0]), (item.label, WIDTHS[1]), (said, WIDTHS[6])]))
            if held.source:
                text(sheet, row, 6, said, self.wrapped)
                sheet.write_string(row, 7, held.source.date.isoformat() if held.source.date else "")
            row += 1
        self.cells["nominal_rate"] = f"((1+{self.cells['real_rate']})*(1+{self.cells['inflation']})-1)"
        self.cells["rate"] = self.cells["real_rate" if self.terms.money == "real" else "nominal_rate"]
        for column, wide in enumerate(WIDTHS):
            sheet.set_column(column, column, wide)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, row - 1, len(heads) - 1)
        on_paper(sheet, "Assumptions")

    def _row(self, sheet: Any, row: int, key: str, label: str, value: float, unit: str) -> None:
        text(sheet, row, 0, key, self.wrapped)
        text(sheet, row, 1, label, self.wrapped)
        sheet.write_number(row, 2, value, self.input)
        text(sheet, row, 3, unit, self.wrapped)
        self.cells[key] = quoted("Assumptions") + xl_rowcol_to_cell(row, 2, row_abs=True, col_abs=True)

    def _integrations(self, sheet: Any) -> None:
        """Write one row an integration: cost by hand, coverage, changes, and the volume of each year."""
        years = self.terms.horizon
        heads = ["Id", "Name", "Days or amount", "Unit", "Cost by hand", "Covered", "Changes a year", "Volume a month",
                 "Growth", "kB", "Stated peak/s"]  # fmt: skip
        chunks = self._chunks()
        for place, chunk in enumerate(chunks):
            self.volume_columns[chunk] = len(heads) + place * years
        self.peak_column = len(heads) + len(chunks) * years
        self.weight_column = self.peak_column + years
        labels = ["messages" if chunk is None else f"units of {chunk:g} kB" for chunk in chunks]
        heads += [
            f"{label}, year {year}" for label in (*labels, "peak/s", "kB") for year in range(1, years + 1)
        ]
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.bold)
        values = {item.name: item.estimate.likely for item in self.terms.parameters if item.family}
        for row, integration in enumerate(self.terms.integrations, start=1):
            self._integration(sheet, row, integration, values, chunks)
        sheet.set_row(0, 2 * LINE)
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 34)
        sheet.set_column(2, len(heads) - 1, 13)
        on_paper(sheet, "Integrations")

    def _chunks(self) -> list[float | None]:
        found: dict[float | None, None] = {None: None}
        for plan in self.terms.plans.values():
            for part in plan.components:
                if part.meter == "message":
                    found[part.chunk_kb] = None
        return list(found)

    def _integration(
        self,
        sheet: Any,
        row: int,
        integration: Any,
        values: Mapping[str, float],
        chunks: Sequence[float | None],
    ) -> None:
        in_days = f"build.days:{integration.id}" in values
        amount = values[f"build.days:{integration.id}" if in_days else f"build.cost:{integration.id}"]
        number = row + 1
        text(sheet, row, 0, integration.id, self.wrapped)
        text(sheet, row, 1, integration.label, self.wrapped)
        sheet.write_number(row, 2, amount, self.input)
        sheet.write_string(row, 3, "days" if in_days else self.engagement.currency)
        by_hand = f"=C{number}*{self.cells['team.day_rate']}" if in_days else f"=C{number}"
        computed(sheet, row, 4, by_hand, self.money)
        own = coverage(integration)
        if own is None:
            computed(sheet, row, 5, f"={self.cells['build.coverage']}")
        else:
            sheet.write_number(row, 5, own, self.input)
        sheet.write_number(row, 6, values[f"changes:{integration.id}"], self.input)
        sheet.write_number(row, 7, values[f"volume:{integration.id}"], self.input)
        if integration.growth is None:
            computed(sheet, row, 8, f"={self.cells['volume.growth']}")
        else:
            sheet.write_number(row, 8, integration.growth, self.input)
        sheet.write_number(row, 9, sizes(self.terms, [row - 1])[0], self.input)
        if integration.peak_per_second is not None:
            sheet.write_number(row, 10, integration.peak_per_second, self.input)
        for year in range(self.terms.horizon):
            rise = f"(1+I{number})^{year}"
            for chunk in chunks:
                weight = "" if chunk is None else f"*MAX(1,ROUNDUP(J{number}/{chunk!r},0))"
                computed(
                    sheet, row, self.volume_columns[chunk] + year, f"=H{number}*{rise}{weight}", self.money
                )
            average = f"H{number}*{rise}/{SECONDS_PER_MONTH!r}*{self.cells['volume.peak_factor']}"
            stated = f"K{number}*{rise}"
            known = integration.peak_per_second is not None
            computed(sheet, row, self.peak_column + year, f"={stated if known else average}")
            computed(sheet, row, self.weight_column + year, f"=H{number}*{rise}*J{number}", self.money)
