"""Chapter 5: what each option costs over its life; its figures."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from assess.core.numbers import quantity
from assess.decisions.assessment import Assessment
from assess.decisions.cost import Inputs, OptionCost, TotalCost
from assess.decisions.cost.likely_case import likely_case
from assess.decisions.cost.parameters import MissingRate
from assess.decisions.cost.plans import default_plans, price_plans
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.figure import Figure
from assess.report.prose import resolve
from assess.report.tables import ColumnSpec, DataTable, TableCell, TableColumn
from assess.report.whatif import Deeper, WhatIf
from assess.report.whatif.cost import redrawn, what_if

from .platforms import platform_tables
from .tables import (
    cash_flow,
    changes,
    defaults,
    find_fact,
    ids,
    npv_sources,
    options,
    paid,
    questions,
    verdict,
)

DRIVERS = 10
"""Parameters drawn in the tornado, the widest first."""

QUESTIONS = 8
"""Questions drawn by what their answer is worth, the most valuable first."""


def ranges(result: TotalCost) -> Figure:
    """Draw each option's median and range."""
    shown = sorted(result.options, key=lambda option: option.npv.mean)
    best = result.option(result.best or "")
    spread = [o for o in shown if o.id != best.id and o.npv.p10 <= best.npv.p90]
    caption = (
        f"{best.label} costs least on average; its range overlaps with {len(spread)} of {len(shown) - 1} others"
        if len(shown) > 1
        else f"{best.label} is the only option that can be priced"
    )
    return Figure(
        id="options",
        caption=caption,
        alt="Dots: median present value of each option with the range of eight in ten futures.",
        plot=charts.dots(
            [o.label for o in shown],
            [o.npv.p50 for o in shown],
            low=[o.npv.p10 for o in shown],
            high=[o.npv.p90 for o in shown],
            unit=result.currency,
            highlight=[best.label],
        ),
        table=DataTable(
            id="options-data",
            caption="Present value of each option",
            columns=(
                TableColumn(key="option", label="Option"),
                TableColumn(key="p10", label="P10", format="money", unit=result.currency),
                TableColumn(key="p50", label="P50", format="money", unit=result.currency),
                TableColumn(key="p90", label="P90", format="money", unit=result.currency),
            ),
            rows=tuple(
                (
                    TableCell(value=o.label),
                    *(TableCell(value=v, sources=ids(result, o)) for v in (o.npv.p10, o.npv.p50, o.npv.p90)),
                )
                for o in shown
            ),
            sources=npv_sources(result),
        ),
    )


def fan(result: TotalCost) -> Figure:
    """Draw the cumulative cost of the recommended option."""
    best = result.option(result.best or "")
    years = list(range(len(best.fan)))
    return Figure(
        id="fan",
        caption=paid(best),
        alt="Fan: cumulative present value of the recommended option at the start and after each year, P10 to P90.",
        plot=charts.fan(
            years,
            {
                10: [p[0] for p in best.fan],
                50: [p[1] for p in best.fan],
                90: [p[2] for p in best.fan],
            },
            unit=result.currency,
        ),
        table=DataTable(
            id="fan-data",
            caption="Cumulative present value",
            columns=(
                TableColumn(key="year", label="After year"),
                *(
                    TableColumn(
                        key=k,
                        label=k.upper(),
                        format="money",
                        unit=result.currency,
                        sources=ids(result, best),
                    )
                    for k in ("p10", "p50", "p90")
                ),
            ),
            rows=tuple(
                (TableCell(value=str(year)), *(TableCell(value=v) for v in best.fan[year])) for year in years
            ),
            sources=find_fact(result, f"cost.{best.id}.npv").sources,
        ),
    )


def horizon(result: TotalCost) -> Figure:
    """Draw the chance of being the cheapest over the horizon."""
    years = list(range(1, result.horizon_years + 1))
    best = result.option(result.best or "")
    firsts = [max(result.options, key=lambda o: o.cheapest_by_year[y - 1]).label for y in years]
    caption = (
        f"{firsts[-1]} is most often the cheapest whatever the horizon"
        if len(set(firsts)) == 1
        else f"Over one year {firsts[0]} is most often the cheapest, over {years[-1]} years {firsts[-1]}"
    )
    return Figure(
        id="horizon",
        caption=caption,
        alt="Lines: share of futures in which each option is the cheapest if the horizon ended after each year.",
        plot=charts.lines(
            years, {o.label: o.cheapest_by_year for o in result.options}, unit="share", highlight=best.label
        ),
        table=DataTable(
            id="horizon-data",
            caption="Chance of being the cheapest, by length of the horizon",
            columns=(
                TableColumn(key="year", label="Years"),
                *(
                    TableColumn(key=o.id, label=o.label, format="share", sources=ids(result, o, "cheapest"))
                    for o in result.options
                ),
            ),
            rows=tuple(
                (
                    TableCell(value=str(y)),
                    *(TableCell(value=o.cheapest_by_year[y - 1]) for o in result.options),
                )
                for y in years
            ),
            sources=tuple(
                s for o in result.options for s in find_fact(result, f"cost.{o.id}.cheapest").sources
            ),
        ),
    )


def drivers(result: TotalCost) -> tuple[Figure, ...]:
    """Draw what moves the recommended option's cost, one parameter at a time."""
    best = result.option(result.best or "")
    widest = sorted(result.swings, key=lambda s: (-s.span(best.id), s.parameter))[:DRIVERS]
    widest = [s for s in widest if s.span(best.id) > 0]
    if not widest:
        return ()
    carried = {source.id: source for s in widest for source in s.sources}
    return (
        Figure(
            id="drivers",
            caption=f"{widest[0].label} moves the cost of {best.label.lower()} most: "
            f"by {quantity(widest[0].span(best.id), result.currency)}",
            alt="Tornado: present value of the recommended option at the low and high end of each parameter.",
            plot=charts.tornado(
                [s.label for s in widest],
                [s.cost_low[best.id] for s in widest],
                [s.cost_high[best.id] for s in widest],
                best.likely,
                unit=result.currency,
                inputs=[(quantity(s.low, s.unit), quantity(s.high, s.unit)) for s in widest],
            ),
            table=DataTable.of(
                widest,
                (
                    ColumnSpec("parameter", "Parameter", lambda s: s.label),
                    ColumnSpec("low", "Low", lambda s: s.low, "number", unit=lambda s: s.unit),
                    ColumnSpec("high", "High", lambda s: s.high, "number", unit=lambda s: s.unit),
                    ColumnSpec(
                        "cost_low",
                        "Cost at low",
                        lambda s: s.cost_low[best.id],
                        "money",
                        trace=lambda s: ids(result, best),
                    ),
                    ColumnSpec(
                        "cost_high",
                        "Cost at high",
                        lambda s: s.cost_high[best.id],
                        "money",
                        trace=lambda s: ids(result, best),
                    ),
                    ColumnSpec("kind", "Basis", lambda s: "an expert's belief" if s.elicited else "sourced"),
                ),
                id="drivers-data",
                caption="Present value at the low (P10) and high (P90) end of each parameter, all others likely",
                trace=lambda s: s.sources,
                currency=result.currency,
                sources=(*carried.values(), *npv_sources(result)),
            ),
        ),
    )


def cash(result: TotalCost) -> Figure:
    """Draw the cumulative cash flow of every option, and when the recommended one has paid for itself."""
    best = result.option(result.best or "")
    months = list(range(len(best.cumulative)))
    marks = {}
    if best.payback_month is not None:
        marks["pays back"] = best.payback_month / 12
    if best.break_even_month:
        marks["cheapest from here"] = best.break_even_month / 12
    return Figure(
        id="cash",
        caption=breaks_even(result, best),
        alt="Lines: cumulative mean cash flow of each option by month, not discounted; upright lines mark when the recommended one pays back and breaks even.",
        plot=charts.lines(
            [month / 12 for month in months],
            {o.label: o.cumulative for o in result.options},
            unit=result.currency,
            highlight=best.label,
            marks=marks,
        ),
        table=DataTable(
            id="cash-data",
            caption="Cumulative mean cash flow, not discounted; costs are positive",
            columns=(
                TableColumn(key="year", label="After year"),
                *(
                    TableColumn(
                        key=o.id, label=o.label, format="money", unit=result.currency, sources=ids(result, o)
                    )
                    for o in result.options
                ),
            ),
            rows=(
                *(
                    (
                        TableCell(value=str(month // 12)),
                        *(TableCell(value=o.cumulative[month]) for o in result.options),
                    )
                    for month in months[::12]
                ),
                (
                    TableCell(value="Pays back"),
                    *(_month(o.payback_month, o.payback_note) for o in result.options),
                ),
                (
                    TableCell(value="Cheaper than the cheapest start"),
                    *(_month(o.break_even_month, o.break_even_note) for o in result.options),
                ),
            ),
            sources=npv_sources(result),
        ),
    )


def _month(month: int | None, note: str) -> TableCell:
    return TableCell(value="–" if month is None else f"month {month}", note=note)


def breaks_even(result: TotalCost, best: OptionCost) -> str:
    """Say when the recommended option has paid for itself, and from when on it is the cheapest way."""
    if best.payback_month is not None:
        text = f"On average {best.label} has paid for itself by month {best.payback_month}"
    elif best.cumulative[-1] < 0:
        text = f"On average {best.label} gives back more than it costs"
    else:
        spent = quantity(best.cumulative[-1], result.currency)
        text = f"On average {spent} have been spent on {best.label} after {result.horizon_years} years"
    if best.break_even_month:
        return f"{text}; from month {best.break_even_month} on it is cheaper than the cheapest start"
    return f"{text}; it is also the cheapest to start with" if len(result.options) > 1 else text


def knowledge(result: TotalCost) -> tuple[Figure, ...]:
    """Draw what each answer is worth before signing; none where no answer could change the choice."""
    asked = [q for q in result.questions if q.evppi > 0][:QUESTIONS]
    if not asked or result.evpi is None:
        return ()
    top = asked[0]
    text = f"The answer worth most before signing: {lowered(top.label)} Up to {quantity(top.evppi, result.currency)}"
    text += f"; to know everything would be worth {quantity(result.evpi, result.currency)}"
    if result.pilot is not None:
        pays = "pays" if result.pilot.worth > result.pilot.cost else "does not pay by that alone"
        text += f"; a pilot {pays} ({quantity(result.pilot.worth, result.currency)} for {quantity(result.pilot.cost, result.currency)})"
    return (
        Figure(
            id="knowledge",
            caption=text,
            alt="Bars: the most that the answer to each question is worth before signing (EVPPI).",
            plot=charts.bars(
                [q.label for q in asked],
                [q.evppi for q in asked],
                unit=result.currency,
                highlight=[top.label],
            ),
            table=questions(result, asked),
        ),
    )


def lowered(label: str) -> str:
    """Begin a question within a sentence.

    >>> lowered("How far will it overrun?")
    'how far will it overrun?'
    """
    return label[:1].lower() + label[1:]


def total_cost(assessment: Assessment) -> Chapter:
    """Say what each option costs, how sure that is, and what is worth finding out before signing."""
    result = assessment.cost
    shell = Chapter(
        number=5,
        key="total_cost",
        title="Total cost",
        question="What does each option cost over its life?",
        state="not_assessed",
        missing=result.missing,
    )
    if result.best is None:
        return shell
    platforms = assessment.platforms
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result),
            "subject": f"{result.horizon_years} years, {result.money} money, discounted at {result.discount_rate:.1%}; "
            f"{result.draws:,} futures, seed {result.seed}",
            "facts": result.facts,
            "headline": tuple(
                f"cost.{result.best}.{term}" for term in ("npv", "annual", "cheapest", "regret")
            ),
            "figures": (
                ranges(result),
                fan(result),
                cash(result),
                horizon(result),
                *drivers(result),
                *knowledge(result),
            ),
            "tables": (
                options(result),
                cash_flow(result),
                *platform_tables(platforms),
                *defaults(result, assessment.engagement),
            ),
            "findings": (*result.findings, *platforms.findings),
            "changes": changes(result),
            "sources": result.sources,
            "whatif": explored(assessment),
        }
    )
    more = resolve(assessment.engagement, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": result.sources + more}))


def explored(assessment: Assessment) -> WhatIf:
    """Return the likely case of the model for the reader to move."""
    case = likely_case(assessment.cost_inputs)
    labels = {option.id: option.label for option in assessment.cost.options}
    return what_if(case, labels, assessment.engagement.currency)


def redrawn_futures(assessment: Assessment) -> Deeper:
    """Return the range and the chance of being cheapest where the sliders stand, drawn anew for a notebook."""
    inputs = assessment.cost_inputs
    return redrawn(inputs.terms(), inputs.options, assessment.engagement.currency, seed=assessment.seed)


def save_model(assessment: Assessment, path: str) -> None:
    """Write the likely case as a workbook with live formulas; an empty path or no option writes nothing."""
    if not path or assessment.cost.best is None:
        return
    from assess.report.workbook_model import write_model

    labels = {option.id: option.label for option in assessment.cost.options}
    write_model(Path(path), _with_every_plan(assessment.cost_inputs), labels, assessment.dated_decision)


def _with_every_plan(inputs: Inputs) -> Inputs:
    """Return inputs whose options may buy any plan, those that they buy first; the same where a currency has no rate."""
    plans = price_plans(inputs.moved)
    first = inputs.plans or {}
    default = {plan.id: plan for plan in default_plans(inputs.moved).values()}
    every = dataclasses.replace(inputs, plans={**first, **default, **plans})
    try:
        every.terms()
    except MissingRate:
        return inputs
    return every
