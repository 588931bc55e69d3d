"""``model.xlsx``: the cost model's likely case with live formulas.

Every name of the cost graph stands in cells, with the formula that the graph has for it: change a rate on the
sheet Assumptions, or a style on the sheet of an option, and every present value moves. Text is always written
as text, so that nothing a client typed becomes a formula.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from assess.core.estimate import Estimate
from assess.core.formula_evaluation import Evaluation, Formulas
from assess.core.formula_graph import Graph, Node, form_data, named, names_in, number, total
from assess.core.grids import Grid
from assess.decisions.cost.cashflow import OPTION_INPUTS, label_axes, option_inputs
from assess.decisions.cost.likely_case import likely_inputs
from assess.decisions.cost.model import LINES, PER_LEVEL, PER_STYLE, cash_flow_table
from assess.decisions.cost.parameters import Inputs, Terms
from assess.decisions.cost.result import GainSwing
from assess.decisions.decision.result import Decision
from assess.intake.engagement.landscape import STYLES
from assess.intake.workbook import HEAD, LINE, NOTE, TITLE, height, on_paper
from assess.report.workbook.charts import CHARTS, ChartSheet, OptionSheet, write_charts
from assess.report.workbook.decision import BRIDGE, DECISION, write_bridge, write_decision
from assess.report.workbook.option import Sheet

from . import CHOICE, NamedRange, SheetCell, computed, text

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

OF_STYLES: Mapping[str, tuple[str, str]] = {
    "experience": ("Experience, {}", "share"),
    "owned": ("1 where a product of the client's carries it: {}", ""),
    "owned_priced": ("1 where its cost is stated: {}", ""),
    "owned_cost": ("What it costs: {}", "money/year"),
}
"""Inputs of each style that are not drawn."""

OF_PLACES: Mapping[str, str] = {
    "effort": "Days or amount", "in_days": "1 if days", "own_cover": "Covered", "cover_stated": "1 if stated",
    "system_changes": "Changes a year", "messages": "Volume a month", "own_growth": "Growth", "growth_stated": "1 if stated",
    "kb": "kB", "own_peak": "Peak/s", "peak_stated": "1 if stated", "more_consumers": "Further consumers",
    "controlled": "Need for control, 0 to 1", "critical_is": "1 if criticality is {}", "hosted_today": "1 if a platform carries it today",
    "seen_failures": "Failures that were measured", "seen_years": "Years in which", "fresh": "Share of the benefit in time, {}",
    "automated": "Records that run without a person", "loss_concerns": "Concerned by {}", "benefit_concerns": "Served by {}",
}  # fmt: skip
"""Inputs along the integrations, and their headings."""

OF_REPAIRS: Mapping[str, str] = {"repair_concerns": "Needs the repair {}"}
"""Inputs along the integrations and repairs, which may be many."""


def write_model(
    path: Path,
    inputs: Inputs,
    labels: Mapping[str, str] | None = None,
    decision: Decision | None = None,
    swings: Sequence[GainSwing] = (),
) -> None:
    """Write the likely case of the options as a workbook.

    Parameters
    ----------
    labels
        Words for the options, by name.
    decision
        What is written of it on sheets of its own, if it is handed over.
    swings
        What each parameter does to the gain, the widest first.

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
        ModelBook(book, inputs, labels or {}).write(decision, swings)
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


def number_format(value: float) -> str:
    """Return the number format that shows about three figures, and a whole number as it is.

    >>> number_format(0.0333333), number_format(-12.345), number_format(2.0), number_format(7654.321)
    ('0.0###', '0.0', 'General', '#,##0')
    """
    size = abs(value)
    if size >= 1000:
        return "#,##0"
    if size == int(size):
        return "General"
    return "0.0" + "#" * min(7, max(0, 1 - math.floor(math.log10(size))))


class FormulaSheet(Worksheet):  # type: ignore[misc]
    """A sheet whose formulas are written as they are: they name no function younger than Excel 2007, which takes 30 searches each."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class ModelBook:
    """Writes the sheets one after the other and remembers where each name stands."""

    def __init__(self, book: Any, inputs: Inputs, labels: Mapping[str, str]) -> None:
        self.book, self.inputs, self.labels = book, inputs, labels
        self.terms = inputs.terms(STYLES)
        self.graph = _workbook_graph(self.terms)
        known = likely_inputs(self.terms)
        self.axes = label_axes(self.terms)
        lines = {name for name in self.graph.nodes if name.startswith(("value.", "flow."))}
        apart = self.graph.downstream(*OPTION_INPUTS) | lines
        self.names = _needed(self.graph)
        self.of_option = [name for name in self.names if name in apart]
        self.shared = [name for name in self.names if name not in apart]
        self.values = Evaluation(
            Formulas({name: self.graph.nodes[name].form for name in self.shared}), known, self.axes
        )
        self.option_formulas = Formulas({name: self.graph.nodes[name].form for name in self.of_option})
        self.places: dict[str, NamedRange] = {}
        self.first_option: Sheet | None = None
        self.bold = book.add_format(HEAD)
        self.over = book.add_format({**HEAD, "align": "right"})
        self.title = book.add_format(TITLE)
        self.note = book.add_format(NOTE)
        self.input = book.add_format(CHOICE)
        self.formats: dict[tuple[str, bool], Any] = {}
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top", "indent": 1, "align": "left"})
        self.money = book.add_format({"num_format": "#,##0"})
        self.total = book.add_format({"num_format": "#,##0", "bold": True, "top": 1})

    def add_sheet(self, name: str) -> Any:
        """Add a sheet behind those that there are."""
        return self.book.add_worksheet(name, worksheet_class=FormulaSheet)

    def shown(self, value: float, *, change: bool = False) -> Any:
        """Return the look of a number: about three figures of it; all of them stand in the cell.

        Parameters
        ----------
        change
            Whether it is a cell to change.
        """
        key = number_format(value), change
        if key not in self.formats:
            self.formats[key] = self.book.add_format(
                (CHOICE if change else {"valign": "top"}) | {"num_format": key[0]}
            )
        return self.formats[key]

    @cached_property
    def moving(self) -> frozenset[str]:
        """Names that some formula of the workbook reads."""
        forms = (self.graph.nodes[name].form for name in self.names if name in self.graph.nodes)
        return frozenset(name for form in forms for name in names_in(form))

    def write(self, decision: Decision | None = None, swings: Sequence[GainSwing] = ()) -> None:
        """Write every sheet."""
        taken = {
            "Summary",
            CHARTS,
            DECISION,
            BRIDGE,
            "Assumptions",
            "Integrations",
            "Repairs",
            "Time and prices",
        }
        summary, charts = self.add_sheet("Summary"), self.add_sheet(CHARTS)
        own = [self.add_sheet(name) for name in (DECISION, BRIDGE)] if decision else []
        self._assumptions(self.add_sheet("Assumptions"))
        self._facts()
        options = {
            name: self._option_sheet(name, assignment, taken)
            for name, assignment in self.inputs.options.items()
        }
        self._summary(summary, [(one.label, one.values, one.places) for one in options.values()])
        write_charts(ChartSheet(charts, self, options, decision, swings))
        if decision:
            write_decision(own[0], self, decision)
            write_bridge(
                own[1], self, decision, {id: (one.values, one.places) for id, one in options.items()}
            )

    def _facts(self) -> None:
        """Write the sheets of the integrations, of the repairs, and of what is the same for every option."""
        items, common = (self.add_sheet(name) for name in ("Integrations", "Time and prices"))
        free = self._integrations(items, "Integrations", OF_PLACES)
        if self.terms.remediation:
            repairs = self.add_sheet("Repairs")
            self._integrations(repairs, "Repairs", OF_REPAIRS)
            on_paper(repairs, "Repairs")
        places = [name for name in self.shared if "place" in self.values[name].axes]
        others = [name for name in self.shared if name not in places]
        right = Sheet(items, "Integrations", self)
        right.columns(0, free, "place", places)
        below = Sheet(common, "Time and prices", self)
        below.rows_and_months(0, others)
        self.places |= right.places | below.places
        right.write(places, self.values)
        below.write(others, self.values)
        on_paper(items, "Integrations")
        below.finish()

    def _option_sheet(self, name: str, assignment: Mapping[str, str], taken: set[str]) -> OptionSheet:
        """Write the sheet of an option; return its values, and where they stand."""
        label = self.labels.get(name, name)
        called = sheet_name(label, taken)
        page = self.add_sheet(called)
        plans = self.first_plans | self.terms.buys(assignment)
        chosen = Grid(("plan",), np.array([float(id in plans.values()) for id in self.terms.plans]))
        known = option_inputs(self.terms, assignment) | {"plan_chosen": chosen}
        values = Evaluation(self.option_formulas, known, self.axes, self.values)
        sheet = Sheet(page, called, self)
        top = sheet.lines(values)
        shown = [name for name in self.of_option if not name.startswith(("value.", "flow."))]
        places = [name for name in shown if "place" in values[name].axes]
        below = sheet.plans(top, plans)
        after = sheet.rows_and_months(below, [name for name in shown if name not in places], values)
        right = sheet.members(after + 1, assignment, known)
        sheet.columns(after + 1, right, "place", places, values)
        sheet.write(self.of_option, values, self.first_option)
        self.first_option = self.first_option or sheet
        sheet.finish()
        return OptionSheet(label, called, values, sheet.places)

    @cached_property
    def first_plans(self) -> dict[str, str]:
        """The plan of each style that an option buys as soon as it uses the style: the first, none where one is owned."""
        everything = {item.id: style for style in self.terms.styles for item in self.terms.integrations[:1]}
        found: dict[str, str] = {}
        for style in self.terms.styles:
            found |= self.terms.buys(dict.fromkeys(everything, style))
        return found

    def _summary(
        self, sheet: Any, options: Sequence[tuple[str, Evaluation, Mapping[str, NamedRange]]]
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
            sheet.write_string(3, column, head, self.over if column else self.bold)
        sheet.set_row(3, 2 * LINE)
        top = len(options) + 6
        sheet.write_string(top, 0, "Present value by line (live)", self.bold)
        sheet.set_row(top, 2 * LINE)
        for place, line in enumerate(LINES, start=1):
            sheet.write_string(top + place, 0, line.label)
        sheet.write_string(top + len(LINES) + 1, 0, "Total", self.total)
        for number_of, (label, values, places) in enumerate(options, start=1):

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
            text(sheet, top, number_of, label, self.over)
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
            (
                f"{name}:{style}",
                label.format(style),
                float(self.values[name].data[place]),
                unit,
                None,
                name,
                (place,),
            )
            for name, (label, unit) in OF_STYLES.items()
            for place, style in enumerate(self.terms.styles)
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
        money = self.inputs.engagement.currency
        moving = self.moving
        for key, label, value, unit, estimate, name, index in rows:
            if name not in moving:
                continue  # no formula reads it: to change it would move nothing
            text(sheet, row, 0, key, self.wrapped)
            text(sheet, row, 1, label, self.wrapped)
            sheet.write_number(row, 2, value, self.shown(value, change=True))
            text(sheet, row, 3, unit.replace("money", money), self.wrapped)
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
        for column, end in ((4, estimate.low), (5, estimate.high)):
            sheet.write_number(row, column, end, self.shown(end))
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

    def _integrations(self, sheet: Any, called: str, headings: Mapping[str, str]) -> int:
        """Write one row an integration: what is stated of it, or stands in for it; return the next free column."""
        heads = ["Id", "Name"]
        columns: list[tuple[str, tuple[int, ...]]] = []
        for name, heading in headings.items():
            if name not in self.moving:
                continue
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
                sheet.write_number(place + 1, column, value, self.shown(value, change=True))
                cells.setdefault(name, {})[*ahead, place] = SheetCell(called, place + 1, column)
        self.places |= {name: NamedRange(self.values[name].axes, at) for name, at in cells.items()}
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 34)
        sheet.set_column(2, len(heads) + 30, 13)
        return len(heads)


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
