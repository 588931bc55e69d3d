"""``model.xlsx``: the cost model's likely case with live formulas.

Every name of the cost graph stands in cells, with the formula that the graph has for it: change a rate on the
sheet Assumptions, or a style on the sheet of an option, and every present value moves. Text is always written
as text, so that nothing a client typed becomes a formula.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from assess.core.estimate import Estimate
from assess.core.formula_graph import DRAW, Evaluation, Graph, Node, form_data, named, number, total
from assess.decisions.cost.cashflow import OPTION_INPUTS, label_axes, option_inputs
from assess.decisions.cost.likely_case import likely_inputs
from assess.decisions.cost.model import LINES, PER_LEVEL, PER_STYLE, cash_flow_table
from assess.decisions.cost.parameters import KEEP, Inputs, Terms
from assess.intake.workbook_layout import HEAD, LINE, NOTE, TITLE, height, on_paper

from .workbook_cells import CHOICE, NamedRange, Printer, SheetCell, computed, text

BANNED = "[]:*?/\\'"
"""Characters that the name of a sheet cannot have."""

WIDTHS = (34, 52, 14, 18, 14, 14, 60, 12)
"""Widths of the columns of the sheet Assumptions, in characters."""

FACTS: Mapping[str, tuple[str, str]] = {
    "discount": ("Discount rate, real", "share/year"),
    "inflation": ("General inflation", "share/year"),
    "days_per_week": ("Working days a week", "days"),
    "reserve": ("Capacity kept for maintenance", "share"),
    "number": ("Integrations that are built, from the first of the list on", ""),
    "volume_factor": ("Volume against today", "factor"),
}
"""Inputs that are not drawn: their words and units."""

OF_PLACES: Mapping[str, str] = {
    "effort": "Days or amount", "in_days": "1 if days", "own_cover": "Covered", "cover_stated": "1 if stated",
    "system_changes": "Changes a year", "messages": "Volume a month", "own_growth": "Growth", "growth_stated": "1 if stated",
    "more_consumers": "Further consumers", "controlled": "Evidence asked for", "critical_is": "1 if {}", "fresh": "In time by {}",
    "hosted_today": "1 if hosted today", "seen_failures": "Failures seen", "seen_years": "In years", "repair_concerns": "Needs {}",
    "kb": "kB", "own_peak": "Peak/s", "peak_stated": "1 if stated", "loss_concerns": "Concerned by {}",
    "benefit_concerns": "Served by {}",
}  # fmt: skip
"""Inputs along the integrations, and their headings."""


def write_model(path: Path, inputs: Inputs, labels: Mapping[str, str] | None = None) -> None:
    """Write the likely case of the options as a workbook.

    Parameters
    ----------
    labels
        Words for the options, by name.

    Raises
    ------
    ValueError
        If there is nothing to write: no integrations or no options.
    MissingRate
        If a price is in a currency of which no exchange rate is known.
    """
    if not inputs.engagement.integrations or not inputs.options or inputs.assignments == {}:
        raise ValueError("a cost model needs at least one integration and one option")
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    try:
        created = inputs.engagement.date or dt.date(
            2000, 1, 1
        )  # fixed, so that the same inputs give the same bytes
        book.set_properties({"created": dt.datetime.combine(created, dt.time())})
        ModelBook(book, inputs, labels or {}).write()
    finally:
        book.close()


def sheet_name(label: str, taken: set[str]) -> str:
    """Return a name that a spreadsheet allows and that is not taken.

    >>> sheet_name("a/b", {"a b"})
    'a b 2'
    """
    clean = (
        "".join(" " if sign in BANNED or ord(sign) < 32 else sign for sign in label).strip()[:28] or "Option"
    )
    name, number_of = clean, 1
    while name.lower() in {other.lower() for other in taken}:
        number_of += 1
        name = f"{clean} {number_of}"
    taken.add(name)
    return name


class ModelBook:
    """Writes the sheets one after the other and remembers where each name stands."""

    def __init__(self, book: Any, inputs: Inputs, labels: Mapping[str, str]) -> None:
        self.book, self.inputs, self.labels = book, inputs, labels
        self.terms = inputs.terms()
        self.graph = _workbook_graph(self.terms)
        known = likely_inputs(self.terms)
        self.axes = {axis: on for axis, on in label_axes(self.terms, 0).items() if axis != DRAW}
        lines = {name for name in self.graph.nodes if name.startswith(("value.", "flow."))}
        apart = self.graph.downstream(*OPTION_INPUTS) | lines
        self.names = _needed(self.graph)
        self.of_option = [name for name in self.names if name in apart]
        self.shared = [name for name in self.names if name not in apart]
        self.values = Evaluation(
            {name: self.graph.nodes[name].form for name in self.shared}, known, self.axes
        )
        self.places: dict[str, NamedRange] = {}
        self.bold = book.add_format(HEAD)
        self.title = book.add_format(TITLE)
        self.note = book.add_format(NOTE)
        self.input = book.add_format({**CHOICE, "num_format": "#,##0.######"})
        self.plain = book.add_format({"num_format": "#,##0.######", "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top", "indent": 1})
        self.money = book.add_format({"num_format": "#,##0"})
        self.total = book.add_format({"num_format": "#,##0", "bold": True, "top": 1})

    def write(self) -> None:
        """Write every sheet."""
        taken = {"Summary", "Assumptions", "Integrations", "Time and prices"}
        summary = self.book.add_worksheet("Summary")
        self._assumptions(self.book.add_worksheet("Assumptions"))
        items, common = (self.book.add_worksheet(name) for name in ("Integrations", "Time and prices"))
        self._integrations(items)
        places = [name for name in self.shared if "place" in self.values[name].axes]
        others = [name for name in self.shared if name not in places]
        right = Sheet(items, "Integrations", self)
        right.columns(0, self.next_column, "place", places)
        below = Sheet(common, "Time and prices", self)
        below.rows_and_months(0, others)
        self.places |= right.places | below.places
        right.write(places, self.values)
        below.write(others, self.values)
        on_paper(items, "Integrations")
        below.finish()
        options = [
            (self.labels.get(name, name), *self._option_sheet(name, assignment, taken))
            for name, assignment in self.inputs.options.items()
        ]
        self._summary(summary, options)

    def _option_sheet(
        self, name: str, assignment: Mapping[str, str], taken: set[str]
    ) -> tuple[str, Evaluation, Mapping[str, NamedRange]]:
        """Write the sheet of an option; return its name, its values, and where they stand."""
        called = sheet_name(self.labels.get(name, name), taken)
        page = self.book.add_worksheet(called)
        forms = {name: self.graph.nodes[name].form for name in self.of_option}
        values = Evaluation(forms, option_inputs(self.terms, assignment), self.axes, self.values)
        sheet = Sheet(page, called, self)
        top = sheet.lines(values)
        shown = [name for name in self.of_option if not name.startswith(("value.", "flow."))]
        places = [name for name in shown if "place" in values[name].axes]
        after = sheet.rows_and_months(top, [name for name in shown if name not in places], values)
        sheet.members(after + 1, assignment)
        sheet.plans(after + 3 + len(self.terms.integrations), assignment)
        sheet.columns(after + 1, 2 + 2 * len(self.terms.styles) + 2, "place", places, values)
        sheet.write(self.of_option, values)
        sheet.finish()
        return called, values, sheet.places

    def _summary(
        self, sheet: Any, options: Sequence[tuple[str, str, Evaluation, Mapping[str, NamedRange]]]
    ) -> None:
        money = "real money of the base date" if self.terms.money == "real" else "nominal money"
        heads = (
            "Option",
            "Present value (live)",
            "Equal yearly amount (live)",
            "Present value when written",
            "Difference",
        )
        engagement = self.inputs.engagement
        text(sheet, 0, 0, f"{engagement.client}: likely case of the cost model", self.title)
        note = (
            f"{engagement.currency}, {money}, {self.terms.horizon} years. Change the tinted cells: rates on the sheet Assumptions, "
            "facts on Integrations, styles on the sheet of an option; everything follows. The likely case has no spread: "
            "decide by the ranges of the report."
        )  # fmt: skip
        sheet.merge_range(1, 0, 1, 4, note, self.note)
        sheet.set_row(1, 3 * LINE)
        for column, head in enumerate(heads):
            sheet.write_string(3, column, head, self.bold)
        sheet.set_row(3, 2 * LINE)
        top = len(options) + 6
        sheet.write_string(top, 0, "Present value by line (live)", self.bold)
        sheet.set_row(top, 2 * LINE)
        for place, line in enumerate(LINES, start=1):
            sheet.write_string(top + place, 0, line.label)
        sheet.write_string(top + len(LINES) + 1, 0, "Total", self.total)
        for number_of, (label, _, values, places) in enumerate(options, start=1):

            def copy(
                row: int,
                column: int,
                name: str,
                values: Evaluation = values,
                places: Mapping[str, NamedRange] = places,
            ) -> None:
                reference = places[name].cells[()].reference("Summary")
                computed(sheet, row, column, f"={reference}", self.money, float(values[name].data))

            row = number_of + 3
            text(sheet, row, 0, label, self.wrapped)
            copy(row, 1, "npv")
            copy(row, 2, "per_year")
            sheet.write_number(row, 3, float(values["npv"].data), self.money)
            sheet.write_formula(row, 4, f"=B{row + 1}-D{row + 1}", self.money, 0)
            text(sheet, top, number_of, label, self.bold)
            for place, line in enumerate(LINES, start=1):
                copy(top + place, number_of, f"value.{line.key}")
            span = f"{xl_col_to_name(number_of)}{top + 2}:{xl_col_to_name(number_of)}{top + len(LINES) + 1}"
            computed(
                sheet, top + len(LINES) + 1, number_of, f"=SUM({span})", self.total, float(values["npv"].data)
            )
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, max(4, len(options)), 18)
        on_paper(sheet, "Summary", heading=None)

    def _assumptions(self, sheet: Any) -> None:
        heads = ("Key", "What", "Likely", "Unit", "Low", "High", "Source", "Date")
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.bold)
        cells: dict[str, dict[tuple[int, ...], SheetCell]] = {}
        row = 1
        rows: list[tuple[str, str, float, str, Estimate | None, str, tuple[int, ...]]] = [
            (key, label, float(self.values[key].data), unit, None, key, ())
            for key, (label, unit) in FACTS.items()
        ]
        rows += [
            (f"skill:{style}", f"Experience, {style}", skill, "share", None, "experience", (place,))
            for place, (style, skill) in enumerate(self.terms.skills.items())
        ]
        for item in self.terms.parameters:
            if not item.family:
                name, index = self._stands(item.name)
                rows.append(
                    (
                        item.name,
                        item.label,
                        item.estimate.likely,
                        item.estimate.unit,
                        item.estimate,
                        name,
                        index,
                    )
                )
        for key, label, value, unit, estimate, name, index in rows:
            text(sheet, row, 0, key, self.wrapped)
            text(sheet, row, 1, label, self.wrapped)
            sheet.write_number(row, 2, value, self.input)
            text(sheet, row, 3, unit, self.wrapped)
            if estimate is not None:
                self._range(sheet, row, key, label, estimate)
            cells.setdefault(name, {})[index] = SheetCell("Assumptions", row, 2)
            row += 1
        self.places |= {name: NamedRange(self.values[name].axes, at) for name, at in cells.items()}
        for column, wide in enumerate(WIDTHS):
            sheet.set_column(column, column, wide)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, row - 1, len(heads) - 1)
        on_paper(sheet, "Assumptions")

    def _range(self, sheet: Any, row: int, key: str, label: str, estimate: Estimate) -> None:
        sheet.write_number(row, 4, estimate.low, self.plain)
        sheet.write_number(row, 5, estimate.high, self.plain)
        origin = (estimate.source.detail or estimate.source.id) if estimate.source else ""
        sheet.set_row(row, height([(key, WIDTHS[0]), (label, WIDTHS[1]), (origin, WIDTHS[6])]))
        if estimate.source:
            text(sheet, row, 6, origin, self.wrapped)
            sheet.write_string(row, 7, estimate.source.date.isoformat() if estimate.source.date else "")

    def _stands(self, parameter: str) -> tuple[str, tuple[int, ...]]:
        """Return the name of a parameter in the graph, and its place along the axis of that."""
        kind, apart, own = parameter.partition(":")
        if apart:
            axis = {"overrun": "style", "remediation": "repair"}.get(kind, kind)
            return {"remediation": "repair_days", "overrun": "overrun.single"}.get(kind, kind), (
                list(self.axes[axis]).index(own),
            )
        topic, _, style = parameter.rpartition(".")
        axis = "style" if topic in PER_STYLE else "criticality" if topic in PER_LEVEL else ""
        return (topic, (list(self.axes[axis]).index(style),)) if axis else (parameter, ())

    def _integrations(self, sheet: Any) -> None:
        """Write one row an integration: what is stated of it, or stands in for it."""
        heads = ["Id", "Name"]
        columns: list[tuple[str, tuple[int, ...]]] = []
        for name, heading in OF_PLACES.items():
            grid = self.values[name]
            for ahead in np.ndindex(grid.data.shape[:-1]):
                heads.append(heading.format(self.axes[grid.axes[0]][ahead[0]] if ahead else ""))
                columns.append((name, ahead))
        for column, head in enumerate(heads):
            text(sheet, 0, column, head, self.bold)
        sheet.set_row(0, 3 * LINE)
        for row, item in enumerate(self.terms.integrations, start=1):
            text(sheet, row, 0, item.id, self.wrapped)
            text(sheet, row, 1, item.label, self.wrapped)
        cells: dict[str, dict[tuple[int, ...], SheetCell]] = {}
        for column, (name, ahead) in enumerate(columns, start=2):
            for place, value in enumerate(self.values[name].data[ahead].tolist()):
                sheet.write_number(place + 1, column, value, self.input)
                cells.setdefault(name, {})[*ahead, place] = SheetCell("Integrations", place + 1, column)
        self.places |= {name: NamedRange(self.values[name].axes, at) for name, at in cells.items()}
        self.next_column = len(heads)
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 34)
        sheet.set_column(2, len(heads) + 30, 13)


class Sheet:
    """A sheet of names: numbers in rows, those of integrations and of months in tables."""

    def __init__(self, page: Any, name: str, book: ModelBook) -> None:
        self.page, self.name, self.book = page, name, book
        self.places: dict[str, NamedRange] = {}
        self.widest = 3

    def rows_and_months(self, top: int, names: Sequence[str], values: Evaluation | None = None) -> int:
        """Lay names without integrations out, those of months in a table below; return the row behind them."""
        found = values or self.book.values
        months = [name for name in names if "month" in found[name].axes]
        for column, head in enumerate(("What", "Unit, style", "Number, or year 1", "and on")):
            self.page.write_string(top, column, head, self.book.bold)
        row = top + 1
        for name in names:
            if name not in months:
                row = self._row(row, name, found)
        if not months:
            return row
        self.page.write_string(row + 1, 0, "Month", self.book.bold)
        for month in range(1, self.book.terms.months + 1):
            self.page.write_number(row + 1 + month, 0, month)
        self.columns(row + 1, 1, "month", months, found)
        return row + 2 + self.book.terms.months

    def _row(self, row: int, name: str, values: Evaluation) -> int:
        """Lay a name out: years side by side, styles and others below each other."""
        axes, node = values[name].axes, self.book.graph.nodes[name]
        years = len(self.book.axes["year"]) if "year" in axes else 1
        others = [axis for axis in axes if axis != "year"]
        cells: dict[tuple[int, ...], SheetCell] = {}
        for ahead in product(*(range(len(self.book.axes[axis])) for axis in others)):
            labels = [str(self.book.axes[axis][at]) for axis, at in zip(others, ahead, strict=True)]
            text(self.page, row, 0, node.label)
            text(self.page, row, 1, ", ".join(filter(None, (self._unit(node), *labels))))
            for year in range(years):
                where = dict(zip(others, ahead, strict=True)) | {"year": year}
                cells[tuple(where[axis] for axis in axes)] = SheetCell(self.name, row, 2 + year)
            row += 1
        self.widest = max(self.widest, 2 + years)
        self.places[name] = NamedRange(axes, cells)
        return row

    def _unit(self, node: Node) -> str:
        return node.unit.replace("money", self.book.inputs.engagement.currency)

    def columns(
        self, top: int, left: int, axis: str, names: Sequence[str], values: Evaluation | None = None
    ) -> None:
        """Lay names along integrations or months out: one below the other, a column for each of their other places."""
        found = values or self.book.values
        column = left
        for name in names:
            axes, cells = found[name].axes, dict[tuple[int, ...], SheetCell]()
            others = [other for other in axes if other != axis]
            for ahead in product(*(range(len(self.book.axes[other])) for other in others)):
                labels = [str(self.book.axes[other][at]) for other, at in zip(others, ahead, strict=True)]
                text(
                    self.page,
                    top,
                    column,
                    ", ".join((self.book.graph.nodes[name].label, *labels)),
                    self.book.bold,
                )
                for at in range(len(self.book.axes[axis])):
                    where = dict(zip(others, ahead, strict=True)) | {axis: at}
                    cells[tuple(where[own] for own in axes)] = SheetCell(self.name, top + 1 + at, column)
                column += 1
            self.places[name] = NamedRange(axes, cells)
        self.page.set_row(top, 4 * LINE)
        self.widest = max(self.widest, column)

    def members(self, top: int, assignment: Mapping[str, str]) -> None:
        """Write which style each integration has; a cell a style says so in numbers."""
        styles = list(self.book.axes["style"])
        heads = [*map(str, styles), *(f"Kept, {style}" for style in styles), "Stays", "New systems"]
        for column, head in enumerate(["Id", "Style", *heads]):
            text(self.page, top, column, head, self.book.bold)
        found = option_inputs(self.book.terms, assignment)
        cells: dict[tuple[int, ...], SheetCell] = {}
        kept: dict[tuple[int, ...], SheetCell] = {}
        stays: dict[tuple[int, ...], SheetCell] = {}
        ends: dict[tuple[int, ...], SheetCell] = {}
        last = top + len(self.book.terms.integrations)
        everything = option_inputs(
            self.book.terms, dict.fromkeys((item.id for item in self.book.terms.integrations), KEEP)
        )
        for place, item in enumerate(self.book.terms.integrations):
            row = top + 1 + place
            text(self.page, row, 0, item.id)
            self.page.write_string(row, 1, assignment.get(item.id, ""), self.book.input)
            for number_of, style in enumerate(styles):
                cells[number_of, place] = SheetCell(self.name, row, 2 + number_of)
                formula = f'=IF($B{row + 1}="{style}",1,0)'
                computed(
                    self.page,
                    row,
                    2 + number_of,
                    formula,
                    None,
                    float(found["member"].data[number_of, place]),
                )
            staying = [*everything["kept"].data[:, place].tolist(), float(everything["stays"].data[place])]
            now = [*found["kept"].data[:, place].tolist(), float(found["stays"].data[place])]
            for number_of, (able, value) in enumerate(zip(staying, now, strict=True)):
                column = 2 + len(styles) + number_of
                computed(self.page, row, column, f'=IF($B{row + 1}="{KEEP}",{able:g},0)', None, value)
                cell = SheetCell(self.name, row, column)
                if number_of < len(styles):
                    kept[number_of, place] = cell
                else:
                    stays[(place,)] = cell
            ends[(place,)] = SheetCell(self.name, row, 3 + 2 * len(styles))
            self.page.write_number(row, 3 + 2 * len(styles), float(found["new_ends"].data[place]))
        choice = {"validate": "list", "source": [*styles, KEEP], "ignore_blank": True}
        self.page.data_validation(top + 1, 1, last, 1, choice)
        self.places["member"] = NamedRange(("style", "place"), cells)
        self.places["kept"] = NamedRange(("style", "place"), kept)
        self.places["stays"] = NamedRange(("place",), stays)
        self.places["new_ends"] = NamedRange(("place",), ends)

    def plans(self, top: int, assignment: Mapping[str, str]) -> None:
        """Write which price plans are bought: 1 in the cell of a plan buys it."""
        chosen = option_inputs(self.book.terms, assignment)["plan_chosen"].data.tolist()
        text(self.page, top, 0, "Price plans that are bought", self.book.bold)
        cells: dict[tuple[int, ...], SheetCell] = {}
        for place, (plan, value) in enumerate(zip(self.book.terms.plans.values(), chosen, strict=True)):
            row = top + 1 + place
            text(self.page, row, 0, plan.name or plan.id)
            self.page.write_number(row, 1, value, self.book.input)
            cells[(place,)] = SheetCell(self.name, row, 1)
        self.places["plan_chosen"] = NamedRange(("plan",), cells)

    def lines(self, values: Evaluation) -> int:
        """Lay the table of the lines out, with its total; return the row behind it."""
        years = len(self.book.axes["year"])
        heads = ("Line", "Present value", "Start", *(f"Year {year}" for year in self.book.axes["year"]))
        for column, head in enumerate(heads):
            self.page.write_string(0, column, head, self.book.bold)
        for row, line in enumerate(LINES, start=1):
            self.page.write_string(row, 0, line.label)
            self.places[f"value.{line.key}"] = NamedRange((), {(): SheetCell(self.name, row, 1)})
            if line.paid == "once":
                computed(
                    self.page,
                    row,
                    2,
                    f"=B{row + 1}",
                    self.book.money,
                    float(values[f"value.{line.key}"].data),
                )
            else:
                cells: dict[tuple[int, ...], SheetCell] = {
                    (year,): SheetCell(self.name, row, 3 + year) for year in range(years)
                }
                self.places[f"flow.{line.key}"] = NamedRange(("year",), cells)
        self.widest = max(self.widest, 3 + years)
        return len(LINES) + 3

    def write(self, names: Iterable[str], values: Evaluation) -> None:
        """Write the formulas of names where they were laid out, with the numbers that they have."""
        printer = Printer(self.name, {**self.book.places, **self.places}, values)
        for name in names:
            node, grid, place = self.book.graph.nodes[name], values[name], self.places[name]
            form = self.book.money if node.unit.startswith("money") else self.book.plain
            for at, cell in place.cells.items():
                index = dict(zip(place.axes, at, strict=True))
                value = float(grid.data[tuple(index[axis] for axis in grid.axes)])
                computed(self.page, cell.row, cell.column, f"={printer.text(node.form, index)}", form, value)

    def finish(self) -> None:
        """Set the widths and the paper."""
        self.page.set_column(0, 0, 40)
        self.page.set_column(1, self.widest, 15)
        on_paper(self.page, self.name)


def _workbook_graph(terms: Terms) -> Graph:
    """Return the cost graph with the table of the lines and the equal yearly amount."""
    rate = named("discount") if terms.money == "real" else named("nominal")
    more = {
        "annuity": Node(
            form_data(total("year", (1 + rate) ** -number("year"))), "Worth of 1 at the end of each year"
        ),
        "per_year": Node(form_data(named("npv") / named("annuity")), "Equal yearly amount", "money/year"),
    }
    return terms.graph.replaced({**cash_flow_table(terms.money), **more})


def _needed(graph: Graph) -> list[str]:
    """Return the names that the workbook shows, and what they are computed of."""
    shown = [name for name in graph.nodes if name.startswith(("value.", "flow."))]
    used = frozenset().union(*(graph.upstream(name) for name in (*shown, "npv", "per_year")))
    return [name for name in graph.nodes if name in used]
