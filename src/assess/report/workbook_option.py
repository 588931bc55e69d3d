"""One option's sheet of ``model.xlsx``: its integrations, its months and its lines, all as formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from assess.decisions.cost.billing import Component, Plan
from assess.decisions.cost.calendar import MONTHS, WEEKS_PER_MONTH
from assess.decisions.cost.cashflow import HOURS_PER_DAY, LINES, Flows, applicable, grouped
from assess.decisions.cost.parameters import Terms
from assess.decisions.cost.usage import PEAK_UNIT
from assess.intake.layout import on_paper

from .workbook_cells import computed, text


@dataclass(frozen=True)
class Block:
    """Where the rows of the integrations lie: first and last row of a sheet, zero-based."""

    sheet: str
    first: int
    last: int

    def column(self, place: int) -> str:
        """Return the reference of one of its columns."""
        name = xl_col_to_name(place)
        return f"{quoted(self.sheet)}${name}${self.first + 1}:${name}${self.last + 1}"


def quoted(sheet: str) -> str:
    """Return the prefix of a reference to a sheet.

    >>> quoted("Cash flow")
    "'Cash flow'!"
    """
    return f"'{sheet}'!"


class ModelCells(Protocol):
    """What a sheet of an option needs to know of the book."""

    terms: Terms
    cells: dict[str, str]
    volume_columns: dict[float | None, int]
    peak_column: int
    weight_column: int
    block: Block
    bold: Any
    money: Any


class OptionSheet:
    """One option's sheet: its integrations, its months, its lines."""

    def __init__(
        self, writer: ModelCells, sheet: Any, name: str, assignment: Mapping[str, str], flows: Flows
    ) -> None:
        self.writer, self.sheet, self.name, self.assignment = writer, sheet, name, assignment
        self.flows = flows
        self.terms, self.cells = writer.terms, writer.cells
        self.groups = grouped(self.terms, assignment)
        self.rows = Block(name, 1, len(self.terms.integrations))
        self.months_top = len(self.terms.integrations) + 4
        self.lines_top = 2
        self.left = 10

    @property
    def total(self) -> str:
        """Reference of its present value."""
        return self._present(self.lines_top + len(LINES))

    def present(self, line: str) -> str:
        """Return the reference of the present value of a line."""
        return self._present(self.lines_top + list(LINES).index(line))

    def _present(self, row: int) -> str:
        return quoted(self.name) + str(xl_rowcol_to_cell(row, self.left + 1, row_abs=True, col_abs=True))

    def write(self) -> None:
        """Write the sheet."""
        self._places()
        self._months()
        self._lines()
        self.sheet.set_column(0, 1, 20)
        self.sheet.set_column(2, 8, 12)
        self.sheet.set_column(self.left, self.left, 32)
        self.sheet.set_column(self.left + 1, self.left + 2 + self.terms.horizon, 13)
        on_paper(self.sheet, self.name)

    def _places(self) -> None:
        heads = ("Id", "Style", "Rank", "Planned", "Covered", "Built", "Configured", "Change days", "By hand")
        for column, head in enumerate(heads):
            self.sheet.write_string(0, column, head, self.writer.bold)
        for place, integration in enumerate(self.terms.integrations):
            row, number = place + 1, place + 2
            style = self.assignment.get(integration.id, "")
            text(self.sheet, row, 0, integration.id)
            self.sheet.write_string(row, 1, style)
            if not style:
                continue
            source = quoted("Integrations")
            self.sheet.write_number(row, 2, self.groups[style].index(place) + 1)
            learned = f"C{number}^(LN({self.cells['build.learning_rate']})/LN(2))"
            computed(self.sheet, row, 3, f"={source}E{number}*{learned}")
            computed(self.sheet, row, 4, f"={source}F{number}" if style == "ipaas" else "=0")
            computed(self.sheet, row, 5, f"=D{number}*(1-E{number})*{self.cells[f'build.factor.{style}']}")
            computed(self.sheet, row, 6, f"=D{number}*E{number}*{self.cells['build.config_share']}")
            relief = f"(1-E{number}*{self.cells['change.abstraction']})"
            hours = f"{self.cells['change.hours']}/{HOURS_PER_DAY}"
            computed(self.sheet, row, 7, f"={source}G{number}*{relief}*{hours}")
            computed(self.sheet, row, 8, f"={source}E{number}")

    def _months(self) -> None:
        """Write the months: discount factors, money of the table, what is live, spent and beneficial."""
        heads = (
            "Month",
            "Real factor",
            "Contract factor",
            "Real money",
            "Contract money",
            "Live",
            "Spent",
            "Benefit live",
        )
        top = self.months_top
        for column, head in enumerate(heads):
            self.sheet.write_string(top, column, head, self.writer.bold)
        rollout = f"MIN(MAX({self.cells['rollout.months']},1),{self.terms.months})"
        inflation = self.cells["inflation"]
        real = self.terms.money == "real"
        for month in range(1, self.terms.months + 1):
            row = top + month
            number = row + 1
            self.sheet.write_number(row, 0, month)
            time = f"(A{number}/12)"
            computed(self.sheet, row, 1, f"=(1+{self.cells['real_rate']})^(-{time})")
            computed(self.sheet, row, 2, f"=(1+{self.cells['nominal_rate']})^(-{time})")
            computed(self.sheet, row, 3, "=1" if real else f"=(1+{inflation})^{time}")
            computed(self.sheet, row, 4, f"=(1+{inflation})^(-{time})" if real else "=1")
            computed(self.sheet, row, 5, f"=MIN(1,A{number}/{rollout})")
            before = f"-F{number - 1}" if month > 1 else ""
            computed(self.sheet, row, 6, f"=F{number}{before}")
            computed(self.sheet, row, 7, f"=MIN(1,A{number}/{self._cell('duration')})")

    def _cell(self, name: str) -> str:
        """Return where an amount of the option stands."""
        place = {"duration": 0, "build": 1}[name]
        row = self.lines_top + len(LINES) + 4 + place
        return str(xl_rowcol_to_cell(row, self.left + 1, row_abs=True, col_abs=True))

    def _span(self, column: str, year: int | None = None) -> str:
        first = self.months_top + 2 + (0 if year is None else year * MONTHS)
        last = self.months_top + 1 + (self.terms.months if year is None else (year + 1) * MONTHS)
        return f"${column}${first}:${column}${last}"

    def _lines(self) -> None:
        years = range(self.terms.horizon)
        heads = ["Line", "Present value", "Start", *(f"Year {year + 1}" for year in years)]
        for column, head in enumerate(heads):
            self.sheet.write_string(self.lines_top - 1, self.left + column, head, self.writer.bold)
        amounts = self._amounts()
        for place, (line, label) in enumerate(LINES.items()):
            self._line(self.lines_top + place, line, label, amounts)
        row = self.lines_top + len(LINES)
        self.sheet.write_string(row, self.left, "Total", self.writer.bold)
        for column in range(1, len(heads)):
            name = xl_col_to_name(self.left + column)
            span = f"{name}{self.lines_top + 1}:{name}{row}"
            known = sum(self._known(line)[column - 1] for line in LINES)
            computed(self.sheet, row, self.left + column, f"=SUM({span})", self.writer.money, known)
        self._capacity(row + 4)

    def _capacity(self, row: int) -> None:
        people, focus = self.cells["team.people"], self.cells["team.focus"]
        working = f"{self.cells['days_per_week']}*{WEEKS_PER_MONTH!r}*(1-{self.cells['reserve']})"
        days = f"{self._cell('build')}/MAX({self.cells['team.day_rate']},0.000000001)"
        rollout = f"MIN(MAX({self.cells['rollout.months']},1),{self.terms.months})"
        self.sheet.write_string(row, self.left, "Months until all benefits come")
        computed(self.sheet, row, self.left + 1, f"=MAX({rollout},{days}/MAX({people}*{focus}*{working},1))")
        self.sheet.write_string(row + 1, self.left, "Build cost, not discounted")
        computed(self.sheet, row + 1, self.left + 1, f"={self._build()}", self.writer.money)

    def _amounts(self) -> dict[str, str]:
        """Return the formula of each line's amount: once, a year, or all of it."""
        rate = self.cells["team.day_rate"]
        cells = self.cells
        keep = f"{cells['maintenance.custom']}*(1-{cells['maintenance.change_share']})"
        start = "+".join(f"{cells[f'setup.days.{style}']}" for style in self.groups)
        ramp = "+".join(f"(1-{cells[f'skill:{style}']})" for style in self.groups)
        repair = "+".join(cells[f"remediation:{name}"] for name in self.terms.remediation) or "0"
        posts = "+".join(
            f"{cells[f'people.fte.{style}']}*(1+{cells[f'people.scarcity.{style}']})" for style in self.groups
        )
        return {
            "foundation": f"({start})*{rate}",
            "ramp": f"({ramp})*{cells['skill.ramp_days']}*{cells['team.people']}*{rate}",
            "remediation": f"({repair})*{rate}*{cells['rework.factor']}",
            "build": self._cell("build"),
            "maintenance": f"(SUM({self.rows.column(5)})*{keep}+SUM({self.rows.column(6)})*{cells['maintenance.ipaas']})",
            "changes": f"SUM({self.rows.column(7)})*{rate}",
            "infrastructure": "(" + "+".join(cells[f"infrastructure.{style}"] for style in self.groups) + ")",
            "people": f"({posts})*{cells['people.wage']}",
            "coordination": f"{cells['portfolio.coordination']}*{max(len(self.groups) - 1, 0)}",
            "losses": self._yearly("loss"),
            "benefits": f"-({self._yearly('benefit')})",
        }

    def _of_style(self, style: str, column: int) -> str:
        return f'SUMIF({self.rows.column(1)},"{style}",{self.rows.column(column)})'

    def _build(self) -> str:
        parts = []
        for style in self.groups:
            hard = f"(1+({self.cells['skill.psi']}-1)*(1-{self.cells[f'skill:{style}']}))"
            paid = f"{self._of_style(style, 5)}*{hard}*{self.cells[f'overrun:{style}']}*{self.cells['overrun.factor']}"
            parts.append(f"{paid}+{self._of_style(style, 6)}")
        return "+".join(parts)

    def _yearly(self, kind: str) -> str:
        items = self.terms.losses if kind == "loss" else self.terms.benefits
        parts = [
            f"{self.cells[f'{kind}:{item.id}']}*{applicable(item.integrations, item.styles, self.assignment)!r}"
            for item in items
        ]
        return f"({'+'.join(parts)})" if parts else "0"

    def _line(self, row: int, line: str, label: str, amounts: Mapping[str, str]) -> None:
        self.sheet.write_string(row, self.left, label)
        yearly = [self._year(line, year, amounts) for year in range(self.terms.horizon)]
        start = amounts[line] if line in ("foundation", "ramp", "remediation") else "0"
        worth = "+".join([start, *(present for _, present in yearly)])
        formulas = (worth, start, *(table for table, _ in yearly))
        for column, (formula, known) in enumerate(zip(formulas, self._known(line), strict=True), start=1):
            computed(self.sheet, row, self.left + column, f"={formula}", self.writer.money, known)

    def _known(self, line: str) -> list[float]:
        """Return what a line's formulas come to: present value, start, each year."""
        monthly = self.flows.lines[line]
        years = monthly[1:].reshape(self.terms.horizon, MONTHS).sum(axis=1)
        return [self.flows.line_present[line], float(monthly[0]), *map(float, years)]

    def _year(self, line: str, year: int, amounts: Mapping[str, str]) -> tuple[str, str]:
        """Return the formulas of a line in a year: in the money of the table, and as present value."""
        real, money = self._span("B", year), self._span("D", year)
        if line in ("foundation", "ramp", "remediation"):
            return "0", "0"
        if line == "subscription":
            bill = self._bill(year)
            return f"{bill}*SUM({self._span('E', year)})/12", f"{bill}*SUM({self._span('C', year)})/12"
        if line == "exit":
            leaving = self._leaving(year)
            return f"({leaving})*SUM({money})/12", f"({leaving})*SUM({real})/12"
        shape = {"build": "G", "maintenance": "F", "changes": "F", "losses": "F", "benefits": "H"}.get(line)
        if shape is None:
            return f"{amounts[line]}*SUM({money})/12", f"{amounts[line]}*SUM({real})/12"
        share = self._span(shape, year)
        part = "" if line == "build" else "/12"
        return (
            f"{amounts[line]}*SUMPRODUCT({share},{money}){part}",
            f"{amounts[line]}*SUMPRODUCT({share},{real}){part}",
        )

    def _leaving(self, year: int) -> str:
        return "+".join(
            f"{self._of_style(style, 8)}*{self.cells[f'exit.share.{style}']}*{self.cells[f'exit.hazard.{style}']}"
            f"*(1-{self.cells[f'exit.hazard.{style}']})^{year}"
            for style in self.groups
        )

    def _bill(self, year: int) -> str:
        """Return the formula of a year's bill with uplift."""
        bills = [self._plan(style, year) for style in self.groups if style in self.terms.plans]
        rise = f"(1+{self.cells['price.uplift']})^{year}"
        return f"12*({'+'.join(bills) or '0'})*{rise}"

    def _plan(self, style: str, year: int) -> str:
        """Return the formula of the cheapest edition that carries the quantities."""
        plans = {plan.id: plan for plan in self.terms.plans.values()}
        plan: Plan | None = self.terms.plans[style]
        seen: set[str] = set()
        editions = []
        while plan is not None and plan.id not in seen:
            seen.add(plan.id)
            lines = "+".join(self._component(style, part, year) for part in plan.components)
            bill = (
                f"MAX({lines},{self.terms.plan_minimum.get(style, 0.0)!r})" if plan.minimum else f"({lines})"
            )
            over = [
                f"{self._quantity(style, meter, None, year)}>{limit!r}"
                for meter, limit in plan.ceiling.items()
            ]
            editions.append(f"IF(OR({','.join(over)}),1E+300,{bill})" if over else bill)
            plan = plans.get(plan.next)
        return editions[0] if len(editions) == 1 else f"MIN({','.join(editions)})"

    def _component(self, style: str, part: Component, year: int) -> str:
        counted = self._quantity(style, part.meter, part.chunk_kb, year)
        if part.block > 0:
            counted = f"ROUNDUP(ROUND({counted}/{part.block!r},9),0)*{part.block!r}"
        start, pieces = part.free, []
        for place, tier in enumerate(part.tiers):
            last = place == len(part.tiers) - 1
            end = max(tier.upto, part.free)
            inside = f"MAX({counted},{start!r})" if last else f"MIN(MAX({counted},{start!r}),{end!r})"
            price = self.cells[tier.key] if tier.key else repr(tier.price)
            pieces.append(f"({inside}-{start!r})*{price}/{part.per * part.months!r}")
            start = max(start, end)
        return "(" + "+".join(pieces) + ")"

    def _sum(self, style: str, column: int) -> str:
        name = xl_col_to_name(column)
        block = self.writer.block
        span = f"{quoted('Integrations')}${name}${block.first + 1}:${name}${block.last + 1}"
        return f'SUMIF({self.rows.column(1)},"{style}",{span})'

    def _quantity(self, style: str, meter: str, chunk: float | None, year: int) -> str:
        """Return the formula of what a meter counts in a month of a year."""
        cells, count = self.cells, len(self.groups[style])
        live = f"(SUM({self._span('F', year)})/12)"
        retry = f"(1+{cells['billing.retry_rate']})"
        columns = self.writer.volume_columns
        messages = f"{self._sum(style, columns[chunk if meter == 'message' else None] + year)}"
        if meter == "month":
            return "1"
        if meter == "flow":
            return f"({live}*{count}*{cells['billing.replicas']})"
        if meter == "connection":
            ends = {end for place in self.groups[style] for end in self._ends(place)}
            return f"({live}*{len(ends)})"
        if meter == "throughput":
            return f"MAX({self._sum(style, self.writer.peak_column + year)}/{PEAK_UNIT!r},0.001)"
        if meter == "gigabyte":
            return f"({self._sum(style, self.writer.weight_column + year)}/1000000*{live}*{retry})"
        if meter == "vcore":
            still = f"{cells['billing.replicas']}*{cells['billing.vcore_per_flow']}*{count}"
            return f"(({still}+{messages}*{retry}/{cells['billing.messages_per_vcore']})*{live})"
        if meter == "step":
            return f"({messages}*{live}*{retry}*{cells['billing.steps']}*{cells['billing.loop_factor']})"
        return f"({messages}*{live}*{retry})"

    def _ends(self, place: int) -> tuple[str, str]:
        integration = self.terms.integrations[place]
        return integration.source, integration.target
