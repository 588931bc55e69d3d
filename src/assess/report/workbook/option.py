"""Sheets of ``model.xlsx``: names of the cost graph in cells, and what an option decides as cells to change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from assess.core.formula_evaluation import Evaluation
from assess.core.formula_graph import Node
from assess.core.grids import Grid
from assess.decisions.cost.model import LINES
from assess.decisions.cost.parameters import KEEP
from assess.intake.workbook import LINE, on_paper

from . import NamedRange, Printer, SheetCell, computed, text

if TYPE_CHECKING:
    from assess.report.workbook.model import ModelBook


NONE = "none"
"""Stands for the style of what does not run, or by hand."""


class Sheet:
    """A sheet of names: numbers in rows, those of integrations and of months in tables."""

    def __init__(self, page: Any, name: str, book: ModelBook) -> None:
        self.page, self.name, self.book = page, name, book
        self.places: dict[str, NamedRange] = {}
        self.printed: dict[tuple[str, tuple[int, ...]], str] = {}
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

    def plans(self, top: int, bought: Mapping[str, str]) -> int:
        """Write which plan each style buys, a cell to change, and which plans that makes chosen; return the row behind.

        Parameters
        ----------
        bought
            Style to the id of its plan; a style that is not named buys none.
        """
        styles: dict[str, list[int]] = {}
        ids = [str(id) for id in self.book.axes["plan"]]
        for place, id in enumerate(ids):
            styles.setdefault(self.book.terms.plans[id].style, []).append(place)
        self.heading(top, ("Style", "Plan that it buys"))
        first = top + 1 + len(styles) + 1
        self.heading(first, ("Plan", "Name", "1 if bought"))
        cells: dict[tuple[int, ...], SheetCell] = {}
        row = first + 1
        for place, (style, own) in enumerate(styles.items(), start=1):
            text(self.page, top + place, 0, style)
            text(self.page, top + place, 1, bought.get(style, ""), self.book.input)
            span = f"=$A${row + 1}:$A${row + len(own)}"
            self.page.data_validation(top + place, 1, top + place, 1, {"validate": "list", "source": span})
            for at in own:
                text(self.page, row, 0, ids[at])
                text(self.page, row, 1, self.book.terms.plans[ids[at]].name)
                chosen = float(bought.get(style, "") == ids[at])
                computed(self.page, row, 2, f"=IF($B${top + place + 1}=$A{row + 1},1,0)", None, chosen)
                cells[at,] = SheetCell(self.name, row, 2)
                row += 1
        self.places["plan_chosen"] = NamedRange(("plan",), cells)
        return row + 1

    def members(self, top: int, assignment: Mapping[str, str], known: Mapping[str, Grid]) -> int:
        """Write what is done with each integration, and in numbers what that makes of it; return the next free column.

        Style (`KEEP` leaves it as it is) and whether it is in scope are cells to change.

        Parameters
        ----------
        known
            Inputs of the option.
        """
        styles = [str(style) for style in self.book.axes["style"]]
        heads = ["Id", "Style, or keep", "In scope", "Today", "1 if it runs today", "Runs as"]
        heads += ["Source", "Target"]
        ends = "new_ends" in self.book.names
        heads += [
            *styles,
            *(f"kept, {style}" for style in styles),
            "1 if it stays",
            *(["New systems"] if ends else []),
        ]
        self.heading(top, heads)
        first = top + 2  # as Excel counts
        after = 8
        for place, item in enumerate(self.book.terms.integrations):
            row, line = top + 1 + place, first + place
            given = assignment.get(item.id, "")
            today = self.book.terms.today.get(item.id, NONE)
            texts = (item.id, given, "yes" if given else "no", today)
            for column, words in enumerate(texts):
                text(self.page, row, column, words, self.book.input if column in (1, 2) else None)
            self.page.write_number(row, 4, float(item.style_today not in (None, "none")))
            runs = f'=IF($C{line}<>"yes","{NONE}",IF($B{line}="{KEEP}",$D{line},$B{line}))'
            effective = today if given == KEEP else given or NONE
            computed(self.page, row, 5, runs, None, effective)
            text(self.page, row, 6, item.source)
            text(self.page, row, 7, item.target)
            own: list[tuple[str, str, tuple[int, ...]]] = [
                (f'AND($C{line}="yes",$B{line}="{style}")', "member", (at, place))
                for at, style in enumerate(styles)
            ]
            own += [
                (f'AND($C{line}="yes",$B{line}="{KEEP}",$D{line}="{style}")', "kept", (at, place))
                for at, style in enumerate(styles)
            ]
            own.append((f'AND($C{line}="yes",$B{line}="{KEEP}",$E{line}=1)', "stays", (place,)))
            for column, (condition, name, index) in enumerate(own, start=after):
                value = float(known[name].data[index])
                computed(self.page, row, column, f"=IF({condition},1,0)", None, value)
                self.put(name, known[name].axes, index, row, column)
            if ends:
                column = after + len(own)
                value = float(known["new_ends"].data[place])
                computed(self.page, row, column, f"={_new_systems(first, line)}", None, value)
                self.put("new_ends", ("place",), (place,), row, column)
        last = top + len(self.book.terms.integrations)
        for column, choices in ((1, [*styles, KEEP]), (2, ["yes", "no"])):
            self.page.data_validation(top + 1, column, last, column, {"validate": "list", "source": choices})
        return after + 2 * len(styles) + 1 + ends

    def heading(self, row: int, heads: Sequence[str]) -> None:
        """Write the headings of a table."""
        for column, head in enumerate(heads):
            text(self.page, row, column, head, self.book.bold)

    def put(self, name: str, axes: tuple[str, ...], index: tuple[int, ...], row: int, column: int) -> None:
        """Remember where a number of a name stands."""
        place = self.places.setdefault(name, NamedRange(axes, {}))
        self.places[name] = NamedRange(axes, {**place.cells, index: SheetCell(self.name, row, column)})

    def lines(self, values: Evaluation) -> int:
        """Lay the table of the lines out, with its total; return the row behind it."""
        years = len(self.book.axes["year"])
        heads = ("Line", "Present value", "Start", *(f"Year {year}" for year in self.book.axes["year"]))
        for column, head in enumerate(heads):
            self.page.write_string(0, column, head, self.book.over if column else self.book.bold)
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
        self.page.print_area(0, 0, len(LINES), 2 + years)  # the rest is the way there, for the screen
        return len(LINES) + 3

    def write(self, names: Iterable[str], values: Evaluation, twin: Sheet | None = None) -> None:
        """Write the formulas of names where they were laid out, with the numbers that they have.

        Parameters
        ----------
        twin
            A sheet of the same names that was written before: where everything stands in the same cells, the formulas
            are the same too.
        """
        printer = Printer(self.name, {**self.book.places, **self.places}, values)
        known = twin.printed if twin and twin.layout == self.layout else {}
        for name in names:
            node, grid, place = self.book.graph.nodes[name], values[name], self.places[name]
            money = node.unit.startswith("money")
            for at, cell in place.cells.items():
                index = dict(zip(place.axes, at, strict=True))
                value = float(grid.data[tuple(index[axis] for axis in grid.axes)])
                formula = known.get((name, at)) or f"={printer.text(node.form, index)}"
                self.printed[name, at] = formula
                form = self.book.money if money else self.book.shown(value)
                computed(self.page, cell.row, cell.column, formula, form, value)

    @property
    def layout(self) -> dict[tuple[str, tuple[int, ...]], tuple[int, int]]:
        """Row and column of every number."""
        return {
            (name, at): (cell.row, cell.column)
            for name, place in self.places.items()
            for at, cell in place.cells.items()
        }

    def finish(self) -> None:
        """Set the widths and the paper."""
        self.page.set_column(0, 0, 40)
        self.page.set_column(1, self.widest, 15)
        on_paper(self.page, self.name)


def _new_systems(first: int, line: int) -> str:
    """Return the formula of how many of its two systems an integration is the first of its style to connect.

    Parameters
    ----------
    first, line
        Rows of the first integration and of this one, as Excel counts them.

    >>> _new_systems(5, 5)
    'IF($F5="none",0,1+IF($H5=$G5,0,1))'
    """

    def new(column: str) -> str:
        if line == first:
            return "1"
        span = {name: f"${name}${first}:${name}${line - 1}" for name in "FGH"}
        found = f"SUMPRODUCT(({span['F']}=$F{line})*(({span['G']}=${column}{line})+({span['H']}=${column}{line})))"
        return f"IF({found}=0,1,0)"

    return f'IF($F{line}="{NONE}",0,{new("G")}+IF($H{line}=$G{line},0,{new("H")}))'
