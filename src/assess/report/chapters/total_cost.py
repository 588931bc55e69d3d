"""Chapter 5: what each option costs over its life."""

from __future__ import annotations

from pathlib import Path

from assess.decisions.assessment import Assessment
from assess.decisions.cost import OptionCost, TotalCost
from assess.decisions.cost.likely import likely_case
from assess.intake.source import Fact, Source
from assess.report import charts
from assess.report.chapter import Chapter
from assess.report.figure import Figure
from assess.report.numbers import interval, quantity
from assess.report.tables import Cell, Column, DataTable
from assess.report.trace import resolve
from assess.report.whatif import WhatIf
from assess.report.whatif.cost import what_if

DRIVERS = 10
"""Parameters drawn in the tornado, the widest first."""


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
            "figures": (ranges(result), fan(result), horizon(result), *drivers(result)),
            "tables": (options(result), cash_flow(result), *worth(result)),
            "findings": result.findings,
            "changes": changes(result),
            "sources": result.sources,
            "whatif": explored(assessment),
        }
    )
    more = resolve(assessment.engagement, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": result.sources + more}))


def explored(assessment: Assessment) -> WhatIf:
    """Return the likely case of the model for the reader to move."""
    case = likely_case(
        assessment.engagement,
        assessment.assignments,
        remediation=assessment.remediation or (),
        benefits=assessment.benefits or (),
        losses=assessment.losses or (),
        shifts=assessment.shifts,
    )
    return what_if(case, {option.id: option.label for option in assessment.cost.options})


def save_model(assessment: Assessment, path: str) -> None:
    """Write the likely case as a workbook with live formulas; an empty path or no option writes nothing."""
    if not path or assessment.cost.best is None:
        return
    from assess.report.workbook_model import write_model

    write_model(
        Path(path),
        assessment.engagement,
        assessment.assignments,
        labels={option.id: option.label for option in assessment.cost.options},
        remediation=assessment.remediation or (),
        benefits=assessment.benefits or (),
        losses=assessment.losses or (),
        shifts=assessment.shifts,
    )


def verdict(result: TotalCost) -> str:
    """Answer in two sentences."""
    best = result.option(result.best or "")
    low, middle, high = (round(v) for v in (best.npv.p10, best.npv.p50, best.npv.p90))
    if middle < 0:
        does = f"pays for itself: it gives back [{quantity(-middle, result.currency)}](cost.{best.id}.npv) more than it costs over"
        low, high = -high, -low
    else:
        does = f"is the cheapest: [{quantity(middle, result.currency)}](cost.{best.id}.npv) over"
    text = f"{best.label} {does} {result.horizon_years} years, {interval(low, high, result.currency)} in eight of ten futures"
    if result.runner_up:
        other = result.option(result.runner_up)
        gap = quantity(other.npv.mean - best.npv.mean, result.currency)
        text += (
            f"; it is the best of {len(result.options)} options in [{best.cheapest:.0%}](cost.{best.id}.cheapest) of them. "
            f"Next comes {other.label}, [{gap}](cost.{other.id}.npv_mean) behind on average"
        )
    return text + "."


def source_of(result: TotalCost, fact: str) -> Fact:
    """Return a fact by its id."""
    return next(f for f in result.facts if f.id == fact)


def npv_sources(result: TotalCost) -> tuple[Source, ...]:
    """Return the sources of the options' present values."""
    return tuple(s for o in result.options for s in source_of(result, f"cost.{o.id}.npv").sources)


def ids(result: TotalCost, option: OptionCost, term: str = "npv") -> tuple[str, ...]:
    """Return the ids of the sources of one number of an option."""
    return tuple(s.id for s in source_of(result, f"cost.{option.id}.{term}").sources)


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
                Column(key="option", label="Option"),
                Column(key="p10", label="P10", format="money", unit=result.currency),
                Column(key="p50", label="P50", format="money", unit=result.currency),
                Column(key="p90", label="P90", format="money", unit=result.currency),
            ),
            rows=tuple(
                (
                    Cell(value=o.label),
                    *(Cell(value=v, sources=ids(result, o)) for v in (o.npv.p10, o.npv.p50, o.npv.p90)),
                )
                for o in shown
            ),
            sources=npv_sources(result),
        ),
    )


def paid(option: OptionCost) -> str:
    """Say when the middle future has paid for itself, or how much of the cost falls at the start."""
    middle = [point[1] for point in option.fan]
    if middle[-1] < 0:
        year = next(year for year, value in enumerate(middle) if value < 0)
        return f"{option.label}: the middle future has paid for itself by the end of year {year}"
    start = middle[0] / middle[-1] if middle[-1] else 0.0
    return f"{option.label}: {start:.0%} of the cost falls before the first year"


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
                Column(key="year", label="After year"),
                *(
                    Column(
                        key=k,
                        label=k.upper(),
                        format="money",
                        unit=result.currency,
                        sources=ids(result, best),
                    )
                    for k in ("p10", "p50", "p90")
                ),
            ),
            rows=tuple((Cell(value=str(year)), *(Cell(value=v) for v in best.fan[year])) for year in years),
            sources=source_of(result, f"cost.{best.id}.npv").sources,
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
                Column(key="year", label="Years"),
                *(
                    Column(key=o.id, label=o.label, format="share", sources=ids(result, o, "cheapest"))
                    for o in result.options
                ),
            ),
            rows=tuple(
                (Cell(value=str(y)), *(Cell(value=o.cheapest_by_year[y - 1]) for o in result.options))
                for y in years
            ),
            sources=tuple(
                s for o in result.options for s in source_of(result, f"cost.{o.id}.cheapest").sources
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
            table=DataTable(
                id="drivers-data",
                caption="Present value at the low (P10) and high (P90) end of each parameter, all others likely",
                columns=(
                    Column(key="parameter", label="Parameter"),
                    Column(key="low", label="Low", format="number"),
                    Column(key="high", label="High", format="number"),
                    Column(key="cost_low", label="Cost at low", format="money", unit=result.currency),
                    Column(key="cost_high", label="Cost at high", format="money", unit=result.currency),
                    Column(key="kind", label="Basis"),
                ),
                rows=tuple(
                    (
                        Cell(value=s.label),
                        Cell(value=s.low, unit=s.unit, sources=tuple(x.id for x in s.sources)),
                        Cell(value=s.high, unit=s.unit, sources=tuple(x.id for x in s.sources)),
                        Cell(value=s.cost_low[best.id], sources=ids(result, best)),
                        Cell(value=s.cost_high[best.id], sources=ids(result, best)),
                        Cell(value="an expert's belief" if s.elicited else "sourced"),
                    )
                    for s in widest
                ),
                sources=(*carried.values(), *npv_sources(result)),
            ),
        ),
    )


def options(result: TotalCost) -> DataTable:
    """Show the options side by side."""
    money = {"format": "money", "unit": result.currency}
    return DataTable(
        id="options",
        caption="The options side by side, present values over the horizon",
        columns=(
            Column(key="option", label="Option"),
            Column(key="npv", label="Cost", **money),
            Column(key="annual", label="A year", **money),
            Column(key="cheapest", label="Cheapest in", format="share"),
            Column(key="regret", label="Expected regret", **money),
            Column(key="cvar95", label="Worst 5 %", **money),
            Column(key="payback", label="Pays back"),
        ),
        rows=tuple(
            (
                Cell(value=o.label),
                Cell(value=o.npv.p50, low=o.npv.p10, high=o.npv.p90, sources=ids(result, o)),
                Cell(value=o.annual.p50, sources=ids(result, o, "annual")),
                Cell(value=o.cheapest, sources=ids(result, o, "cheapest")),
                Cell(value=o.regret, sources=ids(result, o, "regret")),
                Cell(value=o.cvar95, sources=ids(result, o, "cvar95")),
                Cell(value=f"month {o.payback_month}" if o.payback_month is not None else o.payback_note),
            )
            for o in sorted(result.options, key=lambda o: o.npv.p50)
        ),
        sources=tuple(s for f in result.facts for s in f.sources),
    )


def cash_flow(result: TotalCost) -> DataTable:
    """Show the recommended option's cash flow by line and year."""
    best = result.option(result.best or "")
    known = {s.id: s for s in result.sources}
    lines = [line for line in best.lines if any(line.years) or line.note]
    return DataTable(
        id="cash-flow",
        caption=f"Cash flow of {best.label.lower()}: mean of each year, not discounted",
        columns=(
            Column(key="line", label="Line"),
            *(
                Column(
                    key=f"y{year}",
                    label="Start" if year == 0 else f"Year {year}",
                    format="money",
                    unit=result.currency,
                )
                for year in range(result.horizon_years + 1)
            ),
            Column(key="pv", label="Present value", format="money", unit=result.currency),
        ),
        rows=tuple(
            (
                Cell(value=line.label, note=line.note),
                *(Cell(value=v, sources=line.of or ids(result, best)) for v in line.years),
                Cell(value=line.present_value, sources=line.of or ids(result, best)),
            )
            for line in lines
        ),
        sources=(*(known[i] for line in lines for i in line.of if i in known), *npv_sources(result)),
    )


def worth(result: TotalCost) -> tuple[DataTable, ...]:
    """Show what is worth finding out before signing."""
    asked = [q for q in result.questions if q.evppi > 0][:8]
    if not asked:
        return ()
    return (
        DataTable(
            id="questions",
            caption="What is worth finding out before signing, and the most to pay for the answer",
            columns=(
                Column(key="question", label="Question"),
                Column(key="worth", label="Worth at most", format="money", unit=result.currency),
                Column(key="share", label="Share of the spread", format="share"),
            ),
            rows=tuple(
                (
                    Cell(value=q.label),
                    Cell(value=q.evppi, sources=_question(result, q.id)),
                    Cell(value=q.shapley, sources=_question(result, q.id)),
                )
                for q in asked
            ),
            sources=tuple(s for q in asked for s in source_of(result, f"cost.evppi.{q.id}").sources),
        ),
    )


def _question(result: TotalCost, question: str) -> tuple[str, ...]:
    return tuple(s.id for s in source_of(result, f"cost.evppi.{question}").sources)


def changes(result: TotalCost) -> tuple[str, ...]:
    """Say which parameters would make another option the cheapest, and what to find out first."""
    best = result.option(result.best or "")
    said = []
    for swing in sorted(result.swings, key=lambda s: (-s.span(best.id), s.parameter)):
        for end, costs in (("low", swing.cost_low), ("high", swing.cost_high)):
            first = min(sorted(costs), key=lambda option: costs[option])
            if first != best.id:
                value = swing.low if end == "low" else swing.high
                said.append(
                    f"{swing.label} at {quantity(value, swing.unit)} would make {result.option(first).label} the cheapest."
                )
    if result.questions and result.questions[0].evppi > 0:
        top = result.questions[0]
        said.append(
            f"The answer most worth having before signing: {top.label} "
            f"([{quantity(top.evppi, result.currency)}](cost.evppi.{top.id}) at most)."
        )
    return tuple(said[:5])
