"""The workbooks beside a report, ``model.xlsx`` with live formulas and ``actions.xlsx``: how their cells are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from assess.core.formula_evaluation import Evaluation, Form
from assess.core.formula_graph import names_in
from assess.report.prose import clean

CHOICE = {"bg_color": "#FFF8DC", "valign": "top", "text_wrap": True}
"""A cell that the reader is meant to fill in or change."""

LONGEST = 32_000
"""Characters of one cell; Excel holds 32,767."""


def computed(
    sheet: Any, row: int, column: int, formula: str, form: Any = None, value: float | str = ""
) -> None:
    """Write a formula with its value, or without one.

    A program that does not compute on opening (LibreOffice, the preview of a mail) shows the value that is in
    the file; it computes what has none. So none is ever the zero that the library would write.
    """
    sheet.write_formula(row, column, formula, form, value)


def text(sheet: Any, row: int, column: int, words: str, form: Any = None) -> None:
    """Write a text as text, whatever it begins with, its control characters visible, at most as long as a cell."""
    sheet.write_string(row, column, clean(words, LONGEST), form)


LONG = ("place", "month")
"""Axes that run down a column; sums along them are one SUMPRODUCT, sums along others are written out."""

BEYOND = "1E+300"
"""Infinitely much, which a spreadsheet does not know."""


class SheetCell(NamedTuple):
    """Where a number stands."""

    sheet: str
    row: int
    column: int

    def reference(self, sheet: str) -> str:
        """Return the reference of the cell from a sheet."""
        cell = str(xl_rowcol_to_cell(self.row, self.column, row_abs=True, col_abs=True))
        return cell if sheet == self.sheet else quoted(self.sheet) + cell


def quoted(sheet: str) -> str:
    """Return the prefix of a reference to a sheet.

    >>> quoted("Cash flow")
    "'Cash flow'!"
    """
    return f"'{sheet}'!"


class NamedRange(NamedTuple):
    """Where the numbers of a name stand: its axes, and the cell of each place along them."""

    axes: tuple[str, ...]
    cells: Mapping[tuple[int, ...], SheetCell]


class Printer:
    """Writes formulas for one sheet.

    Parameters
    ----------
    sheet
        Name of the sheet.
    places
        Where names stand; one that stands nowhere is written as its number.
    values
        The numbers of all names.
    """

    def __init__(self, sheet: str, places: Mapping[str, NamedRange], values: Evaluation) -> None:
        self.sheet, self.places, self.values = sheet, places, values

    def text(self, form: Form, index: Mapping[str, int], along: str = "") -> str:
        """Return a formula for one place.

        Parameters
        ----------
        index
            Place along each axis, from 0.
        along
            Axis along which the formula is an array, inside of SUMPRODUCT.

        Raises
        ------
        ValueError
            If an array holds what a spreadsheet does not compute element by element.
        """
        if not any(True for _ in names_in(form)) and not along:
            return self._number(form, index)
        if isinstance(form, str):
            return self._name(form, index, along)
        if isinstance(form, int | float):
            return repr(form)
        operator, *rest = form
        if operator == "number":
            return self._counting(rest[0], index, along)
        if operator == "at":
            place = list(self.values.axes[rest[0]]).index(rest[1])
            return self.text(rest[2], {**index, rest[0]: place}, along)
        if operator == "sum":
            return self._total(rest[0], rest[1], index, along)
        if operator == "running":
            return f"SUM({self._range(rest[1], rest[0], index, index[rest[0]] + 1)})"
        parts = [self.text(part, index, along) for part in rest]
        if operator in "+-*/^":
            return self._arithmetic(operator, parts)
        if along:
            raise ValueError(f"{operator} within a sum along {along}: give it a name of its own")
        return _FUNCTIONS[operator](parts)

    def _number(self, form: Form, index: Mapping[str, int]) -> str:
        grid = self.values.value(form)
        value = float(grid.data[tuple(index[axis] for axis in grid.axes)])
        return BEYOND if np.isinf(value) else repr(int(value) if value.is_integer() else value)

    def _name(self, name: str, index: Mapping[str, int], along: str) -> str:
        place = self.places.get(name)
        if place is None:
            if along and along in self.values[name].axes:
                raise ValueError(f"{name} stands in no cells, but is summed along {along}")
            return self._number(name, index)
        if along in place.axes:
            return self._range(name, along, index, len(self.values.axes[along]))
        return place.cells[tuple(index[axis] for axis in place.axes)].reference(self.sheet)

    def _range(self, name: Form, axis: str, index: Mapping[str, int], count: int) -> str:
        """Return the cells of a name from the first to the ``count``-th along an axis, one below the other."""
        place = self.places[name]
        ends = [place.cells[tuple({**index, axis: at}[own] for own in place.axes)] for at in (0, count - 1)]
        if ends[1].row - ends[0].row != count - 1:
            raise ValueError(f"{name} does not run down a column")
        last = str(xl_rowcol_to_cell(ends[1].row, ends[1].column, row_abs=True, col_abs=True))
        return f"{ends[0].reference(self.sheet)}:{last}"

    def _counting(self, axis: str, index: Mapping[str, int], along: str) -> str:
        if axis == along:
            raise ValueError(f"numbers along {axis} within a sum along it: give them a name of their own")
        return repr(index[axis] + 1)

    def _total(self, axis: str, form: Form, index: Mapping[str, int], along: str) -> str:
        count = len(self.values.axes[axis])
        if not count:
            return "0"
        if axis in LONG and not along:
            factors = form[1:] if isinstance(form, list | tuple) and form[0] == "*" else [form]
            return f"SUMPRODUCT({'*'.join(self.text(factor, index, axis) for factor in factors)})"
        return self._arithmetic("+", [self.text(form, {**index, axis: at}, along) for at in range(count)])

    def _arithmetic(self, operator: str, parts: list[str]) -> str:
        if operator == "*" and "0" in parts:
            return "0"
        if operator == "^" and parts[1] == "0":
            return "1"
        dropped = {"+": "0", "*": "1"}.get(operator)
        kept = [part for part in parts if part != dropped] or [parts[0]]
        if operator == "-" and len(parts) == 1:
            return f"(-{parts[0]})"
        return kept[0] if len(kept) == 1 else f"({operator.join(kept)})"


_FUNCTIONS: Mapping[str, Callable[[list[str]], str]] = {
    "min": lambda parts: f"MIN({','.join(parts)})",
    "max": lambda parts: f"MAX({','.join(parts)})",
    "floor": lambda parts: f"INT({parts[0]})",
    "ceil": lambda parts: f"(-INT(-({parts[0]})))",
    "exp": lambda parts: f"EXP({parts[0]})",
    "log": lambda parts: f"LN({parts[0]})",
    "<=": lambda parts: f"IF({parts[0]}<={parts[1]},1,0)",
    "<": lambda parts: f"IF({parts[0]}<{parts[1]},1,0)",
    "if": lambda parts: f"IF({parts[0]}<>0,{parts[1]},{parts[2]})",
}
