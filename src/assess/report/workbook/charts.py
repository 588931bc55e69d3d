"""The sheet of ``model.xlsx`` that is looked at: cash flow by year, options with their range, and what moves the gain, as charts of the spreadsheet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from xlsxwriter.utility import xl_col_to_name

from assess.core.formula_evaluation import Evaluation
from assess.decisions.cost.model import LINES
from assess.decisions.cost.result import GainSwing
from assess.decisions.decision.result import RECOMMENDED, STANDING, Decision
from assess.intake.workbook import LINE, on_paper

from . import NamedRange, computed, quoted, text

if TYPE_CHECKING:
    from assess.report.workbook.model import ModelBook

CHARTS = "Charts"
"""Name of the sheet."""

DARK, LIGHT, GREY = "#1F3A5F", "#9DC3E6", "#D9D9D9"
BARS = 10
"""Parameters of the tornado, the widest first."""
WIDE, TALL = 470, 330
"""Pixels of a chart; two stand side by side on a page."""
TABLES = 40
"""Row below the charts from which on their numbers stand."""


class OptionSheet(NamedTuple):
    """An option as it was written: its words, the name of its sheet, its numbers, and where they stand."""

    label: str
    sheet: str
    values: Evaluation
    places: Mapping[str, NamedRange]


class ChartSheet(NamedTuple):
    """The sheet of charts and what is drawn on it.

    Parameters
    ----------
    options
        Options that have a sheet, by id.
    decision
        Whose gains are drawn; none leaves that chart out.
    swings
        What each parameter does to the gain of the recommended option, the widest first; none leaves the chart out.
    """

    sheet: Any
    book: ModelBook
    options: Mapping[str, OptionSheet]
    decision: Decision | None
    swings: Sequence[GainSwing]


def write_charts(on: ChartSheet) -> None:
    """Write the charts, and below them the numbers that they draw."""
    sheet, book = on.sheet, on.book
    currency = book.inputs.engagement.currency
    text(sheet, 0, 0, f"{book.inputs.engagement.client}: the cost model in pictures", book.title)
    note = (
        f"In {currency}. The cash flow is the likely case and follows what is changed on other sheets; ranges and single parameters are those of "
        "the report when this file was written. The numbers of the charts stand below them."
    )
    sheet.merge_range(1, 0, 1, 8, note, book.note)
    sheet.set_row(1, 2 * LINE)
    place = TABLES
    charts = []
    for draw in (_cash_flow, _ranges, _tornado):
        chart, place = draw(on, place)
        if chart is not None:
            charts.append(chart)
    for at, (chart, words) in enumerate(charts):
        chart.set_size({"width": WIDE, "height": TALL})
        where = {
            "x_offset": (at % 2) * (WIDE + 15),
            "y_offset": (at // 2) * (TALL + 15),
            "description": words,
        }
        sheet.insert_chart(3, 0, chart, where)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 9, 14)
    sheet.print_area(0, 0, TABLES - 2, 8)
    on_paper(sheet, CHARTS, heading=None, long=1)


def _head(sheet: Any, book: ModelBook, row: int, heads: Sequence[str]) -> None:
    for column, head in enumerate(heads):
        text(sheet, row, column, head, book.over if column else book.bold)
    sheet.set_row(row, 2 * LINE)


def _span(column: int, first: int, count: int) -> str:
    """Return the cells of a column of the sheet from a row on."""
    letter = xl_col_to_name(column, True)
    return f"={quoted(CHARTS)}${letter.lstrip('$')}${first + 1}:${letter.lstrip('$')}${first + count}"


def _chart(book: ModelBook, kind: str, title: str, **money_axis: float) -> Any:
    """Return a chart in the look of the report."""
    chart = book.book.add_chart({"type": kind})
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": True, "color": DARK}, "overlay": False})
    chart.set_chartarea({"border": {"none": True}})
    money = {
        "num_format": "#,##0",
        "num_font": {"size": 9},
        "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": GREY, "width": 0.5}},
    }
    names = {"num_font": {"size": 9}, "label_position": "low", "major_gridlines": {"visible": False}}
    if kind == "bar":  # the first name at the top, which turns the axis of money to the other side
        chart.set_y_axis({**names, "reverse": True})
        chart.set_x_axis({**money, "label_position": "high", **money_axis})
    else:
        chart.set_x_axis(names)
        chart.set_y_axis({**money, **money_axis})
    return chart


def _cash_flow(on: ChartSheet, top: int) -> tuple[tuple[Any, str] | None, int]:
    """Write what the recommended option, or else the first, and leaving things as they are take in each year."""
    sheet, book = on.sheet, on.book
    shown = [on.options[id] for id in (RECOMMENDED, STANDING) if id in on.options] or list(
        on.options.values()
    )[:1]
    _head(sheet, book, top, ("Paid less benefits (live)", *(option.label for option in shown)))
    years = ["Start", *(f"Year {year}" for year in book.axes["year"])]
    for row, year in enumerate(years, start=top + 1):
        text(sheet, row, 0, year)
    for column, option in enumerate(shown, start=1):
        for at in range(len(years)):
            letter = xl_col_to_name(2 + at)
            formula = f"=SUM({quoted(option.sheet)}{letter}2:{letter}{len(LINES) + 1})"
            computed(sheet, top + 1 + at, column, formula, book.money, _paid(option.values, at))
    chart = _chart(book, "column", "Paid less benefits, by year (live)")
    for column, (_, colour) in enumerate(zip(shown, (DARK, LIGHT), strict=False), start=1):
        chart.add_series(
            {
                "name": _span(column, top, 1),
                "categories": _span(0, top + 1, len(years)),
                "values": _span(column, top + 1, len(years)),
                "fill": {"color": colour},
                "gap": 60,
            }
        )
    chart.set_legend({"position": "bottom", "font": {"size": 9}})
    words = f"Columns: what {' and '.join(option.label for option in shown)} takes in each year, benefits taken off."
    return (chart, words), top + len(years) + 3


def _paid(values: Evaluation, at: int) -> float:
    """Return what all lines come to at the start, which is 0, or in a year."""
    if not at:
        return sum(float(values[f"value.{line.key}"].data) for line in LINES if line.paid == "once")
    return sum(float(values[f"flow.{line.key}"].data[at - 1]) for line in LINES if line.paid != "once")


def _ranges(on: ChartSheet, top: int) -> tuple[tuple[Any, str] | None, int]:
    """Write each option's mean gain with the range in which eight of ten futures lie."""
    sheet, book = on.sheet, on.book
    gains = (
        [(option.label, option.gain) for option in on.decision.options if option.id != STANDING]
        if on.decision
        else []
    )
    priced = [(label, gain) for label, gain in gains if gain is not None]
    if not priced:
        return None, top
    _head(
        sheet,
        book,
        top,
        ("Gain against leaving things as they are", "Mean", "P10", "P90", "Mean less P10", "P90 less mean"),
    )
    for row, (label, gain) in enumerate(priced, start=top + 1):
        text(sheet, row, 0, label)
        for column, amount in enumerate((gain.mean, gain.low, gain.high), start=1):
            sheet.write_number(row, column, amount, book.money)
        line = row + 1
        computed(sheet, row, 4, f"=B{line}-C{line}", book.money, gain.mean - gain.low)
        computed(sheet, row, 5, f"=D{line}-B{line}", book.money, gain.high - gain.mean)
    low, high = (_beyond(worst) for worst in (min(g.low for _, g in priced), max(g.high for _, g in priced)))
    ends = {
        "min": min(low, 0.0),
        "max": max(high, 0.0),
    }  # a program may forget the lines when it chooses them
    chart = _chart(book, "bar", "Gain of each option: mean, and P10 to P90", **ends)
    chart.add_series(
        {
            "name": "Mean gain",
            "categories": _span(0, top + 1, len(priced)),
            "values": _span(1, top + 1, len(priced)),
            "fill": {"color": LIGHT},
            "gap": 60,
            "y_error_bars": {
                "type": "custom",
                "plus_values": _span(5, top + 1, len(priced)),
                "minus_values": _span(4, top + 1, len(priced)),
                "plus_data": [gain.high - gain.mean for _, gain in priced],
                "minus_data": [gain.mean - gain.low for _, gain in priced],
                "line": {"color": DARK, "width": 1.25},
            },
        }
    )
    chart.set_legend({"none": True})
    return (chart, "Bars: mean gain of each option, with a line from P10 to P90."), top + len(priced) + 3


def _beyond(amount: float) -> float:
    """Return the next half of a power of ten away from zero.

    >>> _beyond(4_181_538.0), _beyond(-710.0), _beyond(0.0)
    (4500000.0, -750.0, 0.0)
    """
    if not amount:
        return 0.0
    step = 10.0 ** math.floor(math.log10(abs(amount))) / 2
    return math.copysign(math.ceil(abs(amount) / step) * step, amount)


def _tornado(on: ChartSheet, top: int) -> tuple[tuple[Any, str] | None, int]:
    """Write by how much each parameter alone moves the gain, from its likely value to its low and to its high."""
    sheet, book = on.sheet, on.book
    widest = on.swings[:BARS]
    if not widest:
        return None, top
    _head(sheet, book, top, ("What moves the gain", "At its low", "At its high", "Low", "High", "Unit"))
    for row, moved in enumerate(widest, start=top + 1):
        text(sheet, row, 0, moved.swing.label)
        sheet.write_number(row, 1, moved.low - moved.likely, book.money)
        sheet.write_number(row, 2, moved.high - moved.likely, book.money)
        sheet.write_number(row, 3, moved.swing.low, book.shown(moved.swing.low))
        sheet.write_number(row, 4, moved.swing.high, book.shown(moved.swing.high))
        text(sheet, row, 5, moved.swing.unit.replace("money", book.inputs.engagement.currency))
    chart = _chart(book, "bar", "What moves the gain, one input at a time")
    for column, name, colour in ((1, "Input low (P10)", LIGHT), (2, "Input high (P90)", DARK)):
        chart.add_series(
            {
                "name": name,
                "categories": _span(0, top + 1, len(widest)),
                "values": _span(column, top + 1, len(widest)),
                "fill": {"color": colour},
                "overlap": 100,
                "gap": 40,
            }
        )
    chart.set_legend({"position": "bottom", "font": {"size": 9}})
    return (chart, "Tornado: change of the gain at the low and the high end of each parameter."), top + len(
        widest
    ) + 3
