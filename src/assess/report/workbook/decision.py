"""Sheets of ``model.xlsx`` that hold the decision: each integration's row, and the bridge from the likely case to the mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from assess.core.formula_evaluation import Evaluation
from assess.decisions.cost import label_option
from assess.decisions.decision.result import (
    RECOMMENDED,
    STANDING,
    Decision,
    Gain,
    IntegrationDecision,
)
from assess.intake.workbook import LINE, on_paper
from assess.report.prose import sentence_case

from . import NamedRange, computed, text

if TYPE_CHECKING:
    from assess.report.workbook.model import ModelBook

DECISION, BRIDGE = "Decision", "Bridge"
"""Names of the sheets."""


class DecidedColumn(NamedTuple):
    """A column of the sheet of the decision.

    Parameters
    ----------
    number
        Number format; empty for a text.
    """

    heading: str
    width: int
    value: Callable[[IntegrationDecision], str | float | dt.date | None]
    number: str = ""


def _of_gain(take: Callable[[Gain], float]) -> Callable[[IntegrationDecision], float | None]:
    return lambda item: None if item.net is None else take(item.net)


MONEY, SHARE = "#,##0", "0%"

COLUMNS = (
    DecidedColumn("Id", 22, lambda item: item.integration),
    DecidedColumn("Integration", 34, lambda item: item.label),
    DecidedColumn("Today", 14, lambda item: item.today),
    DecidedColumn("What is done", 12, lambda item: item.choice),
    DecidedColumn("When", 11, lambda item: item.timing),
    DecidedColumn("Style", 16, lambda item: item.style or ""),
    DecidedColumn("Platform", 26, lambda item: item.platform),
    DecidedColumn("Cost, mean", 13, lambda item: item.cost, MONEY),
    DecidedColumn("Benefit, mean", 13, lambda item: item.benefit, MONEY),
    DecidedColumn("Net against today, mean", 13, _of_gain(lambda net: net.mean), MONEY),
    DecidedColumn("Net, P10", 13, _of_gain(lambda net: net.low), MONEY),
    DecidedColumn("Net, P90", 13, _of_gain(lambda net: net.high), MONEY),
    DecidedColumn("Chance of a loss", 10, _of_gain(lambda net: net.loss), SHARE),
    DecidedColumn("Fit", 8, lambda item: item.fit, SHARE),
    DecidedColumn("Cheapest style", 16, lambda item: item.cheapest.style if item.cheapest else ""),
    DecidedColumn("Best fit", 16, lambda item: item.best_fit.style if item.best_fit else ""),
    DecidedColumn("Price of the fit", 13, lambda item: item.price_of_fit, MONEY),
    DecidedColumn("Chance of costing less than the cheapest other", 12, lambda item: item.cheaper_chance, SHARE),
    DecidedColumn("What would change it", 44, lambda item: item.flip),
    DecidedColumn("Risk", 34, lambda item: item.risk),
    DecidedColumn("Runs from", 12, lambda item: item.date, "yyyy-mm-dd"),
    DecidedColumn("Measured", 10, lambda item: item.measured, SHARE),
    DecidedColumn("Stated", 10, lambda item: item.stated, SHARE),
    DecidedColumn("Assumed", 10, lambda item: item.assumed, SHARE),
    DecidedColumn("Why", 60, lambda item: "; ".join(item.reasons)),
    DecidedColumn("Mind", 60, lambda item: "; ".join(item.warnings)),
)  # fmt: skip


def write_decision(sheet: Any, book: ModelBook, decision: Decision) -> None:
    """Write a row an integration, and a row a style that is used, as decided."""
    text(sheet, 0, 0, "The decision", book.title)
    note = (
        f"As it was decided over {decision.draws:,} futures, in {decision.currency}, present values over {decision.horizon_years} years. "
        "These rows do not follow what is changed on other sheets: decide anew with the changed inputs."
    )
    sheet.merge_range(1, 0, 1, 9, note, book.note)
    sheet.set_row(1, 2 * LINE)
    for column, one in enumerate(COLUMNS):
        text(sheet, 3, column, one.heading, book.bold)
        sheet.set_column(column, column, one.width)
    sheet.set_row(3, 4 * LINE)
    forms = {
        number: book.book.add_format({"num_format": number, "valign": "top"})
        for number in {one.number for one in COLUMNS}
        if number
    }
    for row, item in enumerate(decision.integrations, start=4):
        for column, one in enumerate(COLUMNS):
            value = one.value(item)
            if value is None or value == "":
                continue
            if isinstance(value, dt.date):
                sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), forms[one.number])
            elif isinstance(value, str):
                text(sheet, row, column, value, book.wrapped)
            else:
                sheet.write_number(row, column, value, forms[one.number])
    top = len(decision.integrations) + 6
    if decision.shared is not None and decision.gain is not None:
        net = next(place for place, one in enumerate(COLUMNS) if one.heading == "Net against today, mean")
        text(sheet, top - 2, 0, "Shared: platforms, people, set-up", book.wrapped)
        sheet.write_number(top - 2, net, decision.shared, book.money)
        text(sheet, top - 1, 0, sentence_case(decision.named), book.bold)
        cells = f"{xl_rowcol_to_cell(4, net)}:{xl_rowcol_to_cell(top - 2, net)}"
        computed(sheet, top - 1, net, f"=SUM({cells})", book.total, decision.gain.mean)
        top += 1
    for column, head in enumerate(
        (
            "Style",
            "Plan",
            "Platform",
            "Built",
            "Stay",
            "Costs whatever the number, mean",
            "Product that the client owns",
        )
    ):
        text(sheet, top, column, head, book.bold)
    sheet.set_row(top, 3 * LINE)
    for row, use in enumerate(decision.styles, start=top + 1):
        for column, words in ((0, use.style), (1, use.plan), (2, use.platform), (6, use.owned)):
            text(sheet, row, column, words, book.wrapped)
        sheet.write_number(row, 3, use.built)
        sheet.write_number(row, 4, use.kept)
        if use.fixed is not None:
            sheet.write_number(row, 5, use.fixed, book.money)
    sheet.freeze_panes(4, 2)
    if decision.integrations:
        sheet.autofilter(3, 0, len(decision.integrations) + 3, len(COLUMNS) - 1)
    on_paper(sheet, DECISION)


def write_bridge(
    sheet: Any,
    book: ModelBook,
    decision: Decision,
    options: Mapping[str, tuple[Evaluation, Mapping[str, NamedRange]]],
) -> None:
    """Write how the gain of the likely case, which is live, becomes the median and the mean that decide.

    Parameters
    ----------
    options
        Values of each option that has a sheet, by id, and where they stand.
    """
    text(sheet, 0, 0, "From the likely case to what decides", book.title)
    note = (
        f"Gain of {decision.named} against leaving things as they are, in {decision.currency}. The likely case has no spread; the median "
        "is the gain in the middle of all futures; the mean counts what overruns and failures cost in the bad ones, and decides. "
        "The first three rows follow the other sheets, the steps are those of the report."
    )
    sheet.merge_range(1, 0, 1, 3, note, book.note)
    sheet.set_row(1, 5 * LINE)
    for column, head in enumerate(("What", "Amount", "Why")):
        text(sheet, 3, column, head, book.bold)
    row = 4
    label = label_option(RECOMMENDED, forced=decision.loses)
    values = [
        _cost(sheet, book, row + place, label, options.get(id))
        for place, (id, label) in enumerate(
            ((STANDING, "As is, present value (live)"), (RECOMMENDED, f"{label}, present value (live)"))
        )
    ]
    gain = values[0] - values[1]
    live = row + 2
    text(sheet, live, 0, "Gain, likely case (live)", book.wrapped)
    computed(sheet, live, 1, f"=B{row + 1}-B{row + 2}", book.total, gain)
    bridge = decision.bridge
    if bridge is not None:
        steps = (
            ("Gain, likely case when written", bridge.likely, "Every number at its likely value, overruns at their median"),
            ("Step to the median", bridge.median - bridge.likely, "Ranges are not symmetric, and several things deviate at once"),
            ("Gain, median of the futures", None, "Half of the futures gain more"),
            ("Step to the mean", bridge.mean - bridge.median, "The worst futures lose more than the best gain" if bridge.mean < bridge.median else "The best futures gain more than the worst lose"),
            ("Gain, mean of the futures: what decides", None, "Expected value"),
        )  # fmt: skip
        for place, (label, amount, why) in enumerate(steps, start=live + 2):
            text(sheet, place, 0, label, book.wrapped)
            text(sheet, place, 2, why, book.wrapped)
            if amount is not None:
                sheet.write_number(place, 1, amount, book.money)
            else:
                total = bridge.median if "median" in label else bridge.mean
                computed(sheet, place, 1, f"=B{place - 1}+B{place}", book.total, total)
    _option_gains(sheet, book, live + 9, decision, options)
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 58)
    sheet.set_column(3, 8, 16)
    on_paper(sheet, BRIDGE, heading=None)


def _cost(
    sheet: Any,
    book: ModelBook,
    row: int,
    label: str,
    option: tuple[Evaluation, Mapping[str, NamedRange]] | None,
) -> float:
    """Write the present value of an option; nothing runs in one that has no sheet."""
    text(sheet, row, 0, label, book.wrapped)
    if option is None:
        sheet.write_number(row, 1, 0, book.money)
        text(sheet, row, 2, "Nothing runs, nothing is paid", book.wrapped)
        return 0.0
    values, places = option
    value = float(values["npv"].data)
    computed(sheet, row, 1, f"={places['npv'].cells[()].reference(BRIDGE)}", book.money, value)
    return value


def _option_gains(
    sheet: Any,
    book: ModelBook,
    top: int,
    decision: Decision,
    options: Mapping[str, tuple[Evaluation, Mapping[str, NamedRange]]],
) -> None:
    """Write the gain of every option: live in the likely case, and over the futures."""
    heads = (
        "Option",
        "Gain, likely case (live)",
        "Why it has no price",
        "Gain, mean",
        "P10",
        "P90",
        "Chance of a loss",
        f"Gains more than {decision.named} in",
    )
    for column, head in enumerate(heads):
        text(sheet, top, column, head, book.bold)
    sheet.set_row(top, 2 * LINE)
    share = book.book.add_format({"num_format": SHARE, "valign": "top"})
    standing = float(options[STANDING][0]["npv"].data) if STANDING in options else 0.0
    for row, option in enumerate(decision.options, start=top + 1):
        text(sheet, row, 0, option.label, book.wrapped)
        if option.id in options:
            values, places = options[option.id]
            formula = f"=$B$5-{places['npv'].cells[()].reference(BRIDGE)}"
            computed(sheet, row, 1, formula, book.money, standing - float(values["npv"].data))
        if option.ends:
            text(sheet, row, 2, option.ends, book.wrapped)
        if option.gain is not None:
            for column, amount in enumerate((option.gain.mean, option.gain.low, option.gain.high), start=3):
                sheet.write_number(row, column, amount, book.money)
            sheet.write_number(row, 6, option.gain.loss, share)
        if option.ahead is not None:
            sheet.write_number(row, 7, option.ahead, share)
