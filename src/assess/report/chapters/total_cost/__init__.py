"""Chapter 5: what each option costs and gains, how sure that is, and what is worth finding out before signing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from assess.core.numbers import interval, quantity
from assess.core.source import Fact
from assess.decisions.assessment import Assessment
from assess.decisions.cost import Inputs, OptionCost, TotalCost
from assess.decisions.cost.drivers import explain_gain
from assess.decisions.cost.finance import MissingRate
from assess.decisions.cost.likely_case import likely_case
from assess.decisions.cost.plans import default_plans, price_plans
from assess.decisions.decision import RECOMMENDED, STANDING, Decision, Gain, PricedOption
from assess.report import charts
from assess.report.ask_sheet import supply
from assess.report.chapter import Chapter
from assess.report.figure import Figure
from assess.report.prose import cited, concise, resolve, sentence_case, spoken
from assess.report.tables import ColumnSpec, DataTable
from assess.report.whatif import Deeper, WhatIf
from assess.report.whatif.cost import redrawn, what_if

from .tables import (
    cash_flow,
    changes,
    defaults,
    find_fact,
    ids,
    lines,
    npv_sources,
    options,
    platform_tables,
    questions,
    turning,
)

DRIVERS = 10
"""Parameters drawn in the tornado, the widest first."""

QUESTIONS = 8
"""Questions drawn by what their answer is worth, the most valuable first."""


def total_cost(assessment: Assessment) -> Chapter:
    """Say what each option costs and gains, how sure that is, and what is worth finding out before signing."""
    result, decision = assessment.cost, assessment.decision
    shell = Chapter(
        number=5,
        key="total_cost",
        title="Cost",
        question="What does each option cost, and does it pay?",
        state="not_assessed",
        missing=supply("cost", assessment.questions, result.missing),
    )
    if result.best is None:
        return shell
    facts = tuple({fact.id: fact for fact in (*_gains(decision, result), *result.facts)}.values())
    drawn = (*gains(decision), *running(result))
    platforms = assessment.platforms
    chapter = shell.model_copy(
        update={
            "state": "assessed",
            "verdict": verdict(result, decision),
            "lead": lead(result, decision, facts, assessment.engagement.constraints.budget),
            "shown": (*(figure.id for figure in drawn), "lines"),
            "subject": f"{result.horizon_years} years, {result.money} money, discounted at {result.discount_rate:.1%}; "
            f"{result.draws:,} futures",
            "facts": facts,
            "figures": (*drawn, *drivers(result), *knowledge(result)),
            "tables": (
                lines(result, decision),
                options(result),
                cash_flow(result),
                *platform_tables(platforms),
                *defaults(result, assessment.engagement),
            ),
            "findings": (*result.findings, *platforms.findings),
            "changes": changes(result),
            "method": (
                f"Every cost and benefit is drawn from its range in {result.draws:,} futures, the same for all options; years "
                f"are discounted by {quantity(result.discount_rate, 'share')}.",
                "Gain is what an option saves against leaving things as they are: benefits less cost, over the whole horizon.",
            ),
            "sources": result.sources,
            "whatif": explored(assessment),
        }
    )
    more = resolve(assessment.engagement, chapter.evidence())
    return Chapter.model_validate(chapter.model_copy(update={"sources": result.sources + more}))


def _gains(decision: Decision, result: TotalCost) -> tuple[Fact, ...]:
    facts = explain_gain(decision.facts, result, STANDING)
    return tuple(fact for fact in facts if fact.id in ("decision.gain", "decision.loss"))


def verdict(result: TotalCost, decision: Decision) -> str:
    """Answer in one sentence: what the recommended option gains against today on average, and how often it loses."""
    gain, years = decision.gain, result.horizon_years
    if gain is None:
        best = result.option(result.best or "")
        return concise(
            f"{best.label} costs {quantity(best.npv.mean, result.currency)} on average over {years} years",
            best.label,
        )
    amount = quantity(abs(gain.mean), result.currency)
    if round(gain.mean) == 0:
        return f"Nothing is gained or lost against today over {years} years"
    lost = f"{quantity(gain.loss, 'chance')} of futures lose money"
    if gain.mean > 0:
        return f"It pays: {amount} gained on average over {years} years; {lost}"
    return f"It does not pay: {amount} lost on average over {years} years; {lost}"


def lead(
    result: TotalCost, decision: Decision, facts: tuple[Fact, ...], budget: float | None
) -> tuple[str, ...]:
    """Say the gain with its range, what is to be invested, which option gains more, and what leaving things costs."""
    known = {fact.id: fact for fact in facts}
    gain, said = known.get("decision.gain"), []
    if gain is not None and gain.low is not None and gain.high is not None:
        span = cited(gain, interval(gain.low, gain.high, gain.unit))
        value = float(gain.value or 0.0)
        does, amount = "gains" if value >= 0 else "loses", cited(gain, quantity(abs(value), gain.unit))
        said.append(f"On average it {does} {amount}; gain in eight of ten futures: {span}.")
    spent = known[f"cost.{result.best}.spent"]
    room = f"; the budget is {spoken(budget, result.currency)}" if budget is not None else ""
    said.append(f"Until all runs it takes {cited(spent)}{room}.")
    said += rivals(decision)
    standing = known.get(f"cost.{STANDING}.npv")
    if standing is not None and standing.value and result.best != STANDING:
        said.append(f"Leaving things as they are costs {cited(standing)} over {result.horizon_years} years.")
    return tuple(said)


def rivals(decision: Decision) -> tuple[str, ...]:
    """Say which option gains more on average than the proposed one, how often, and why it is not proposed; or that none does."""
    ours, others = decision.gain, [o for o in decision.options if o.id != RECOMMENDED and o.gain]
    if ours is None or not others:
        return ()
    first = decision.richer
    if first is None or first.gain is None or first.ahead is None:
        return ("None of the other options gains more on average.",)
    more = quantity(first.gain.mean - ours.mean, decision.currency)
    often = quantity(first.ahead, "chance")
    return (
        f"“{first.label}” gains {more} more on average, and beats it in {often} of futures.",
        f"It is not proposed: {first.instead}.",
    )


def gains(decision: Decision) -> tuple[Figure, ...]:
    """Draw what each option gains against leaving things as they are: average and range."""
    priced = [(option, option.gain) for option in decision.options if option.gain is not None]
    if not priced:
        return ()
    ranked = sorted(priced, key=lambda row: (-row[1].mean, row[0].id != RECOMMENDED, row[0].label))
    trace = next((fact.sources for fact in decision.facts), ())
    return (
        Figure(
            id="options",
            caption=_best_of(ranked, decision),
            alt="Dots with lines: average gain of each option against leaving things as they are, and eight of ten futures.",
            plot=charts.dots(
                [option.label for option, _ in ranked],
                [gain.mean for _, gain in ranked],
                low=[gain.low for _, gain in ranked],
                high=[gain.high for _, gain in ranked],
                unit=decision.currency,
                highlight=[option.label for option, _ in ranked if option.id == RECOMMENDED],
            ),
            table=DataTable.of(
                ranked,
                (
                    ColumnSpec("option", "Option", lambda row: row[0].label),
                    ColumnSpec(
                        "gain",
                        "Average gain",
                        lambda row: row[1].mean,
                        "money",
                        low=lambda row: row[1].low,
                        high=lambda row: row[1].high,
                    ),
                    ColumnSpec("loss", "Loses money in", lambda row: row[1].loss, "share", unit="chance"),
                    ColumnSpec(
                        "ahead",
                        f"Beats {decision.named} in",
                        lambda row: row[0].ahead,
                        "share",
                        unit="chance",
                    ),
                ),
                id="options-data",
                caption="Gain against leaving things as they are, on average and in eight of ten futures; shares of futures",
                trace=trace,
                currency=decision.currency,
            ),
        ),
    )


def _best_of(ranked: list[tuple[PricedOption, Gain]], decision: Decision) -> str:
    """Say which option gains most on average, and by how much the recommended one is behind it, or ahead of the next."""
    (first, most), ours = ranked[0], next((gain for option, gain in ranked if option.id == RECOMMENDED), None)
    if ours is None or len(ranked) == 1:
        return f"{first.label} gains most on average"
    if first.id == RECOMMENDED:
        next_, less = ranked[1]
        ahead = quantity(most.mean - less.mean, decision.currency)
        return f"{sentence_case(decision.named)} gains most on average, {ahead} ahead of “{next_.label}”"
    more = quantity(most.mean - ours.mean, decision.currency)
    return f"“{first.label}” gains {more} more on average than {decision.named}"


def running(result: TotalCost) -> tuple[Figure, ...]:
    """Draw what the recommended option has gained by each year against leaving things as they are."""
    best = result.option(result.best or "")
    if not best.running_gain or best.id == STANDING:
        return ()
    years = list(range(len(best.running_gain)))
    return (
        Figure(
            id="running-gain",
            caption=_paid(best),
            alt="Band: running gain at the start and after each year, on average and in eight of ten futures.",
            plot=charts.fan(
                years,
                {
                    10: [low for _, low, _ in best.running_gain],
                    50: [mean for mean, _, _ in best.running_gain],
                    90: [high for _, _, high in best.running_gain],
                },
                unit=result.currency,
            ),
            table=DataTable.of(
                zip(years, best.running_gain, strict=True),
                (
                    ColumnSpec("year", "After year", lambda row: str(row[0]) if row[0] else "start"),
                    ColumnSpec(
                        "gain",
                        "Running gain",
                        lambda row: row[1][0],
                        "money",
                        low=lambda row: row[1][1],
                        high=lambda row: row[1][2],
                    ),
                ),
                id="running-gain-data",
                caption="What has been gained against leaving things as they are, on average and in eight of ten futures",
                trace=find_fact(result, f"cost.{best.id}.npv").sources,
                currency=result.currency,
            ),
        ),
    )


def _paid(option: OptionCost) -> str:
    """Say by the end of which year the average running gain stays above zero."""
    means = [mean for mean, _, _ in option.running_gain]
    below = [year for year, mean in enumerate(means) if mean < 0]
    if not below:
        return "On average it is never behind leaving things as they are"
    if below[-1] == len(means) - 1:
        return f"On average it has not paid back by the end of year {len(means) - 1}"
    return f"On average it has paid back by the end of year {below[-1] + 1}"


def drivers(result: TotalCost) -> tuple[Figure, ...]:
    """Draw what moves the recommended option's gain, one parameter at a time."""
    best = result.option(result.best or "")
    turns = {turn.swing.parameter for turn in turning(result)}
    moving = result.gain_swings(STANDING, turns)
    widest = [row for row in moving[:DRIVERS] if row.low != row.high]
    if not widest:
        return ()
    return (
        Figure(
            id="drivers",
            caption=f"{widest[0].swing.label} moves the gain most: by {quantity(abs(widest[0].high - widest[0].low), result.currency)}",
            alt="Tornado: gain at the low and high end of each parameter.",
            plot=charts.tornado(
                [row.swing.label for row in widest],
                [row.low for row in widest],
                [row.high for row in widest],
                widest[0].likely,
                unit=result.currency,
                inputs=[
                    (quantity(row.swing.low, row.swing.unit), quantity(row.swing.high, row.swing.unit))
                    for row in widest
                ],
            ),
            table=DataTable.of(
                (*widest, *(row for row in moving[len(widest) :] if row.swing.parameter in turns)),
                (
                    ColumnSpec("parameter", "Parameter", lambda row: row.swing.label),
                    ColumnSpec(
                        "low", "Low", lambda row: row.swing.low, "number", unit=lambda row: row.swing.unit
                    ),
                    ColumnSpec(
                        "high", "High", lambda row: row.swing.high, "number", unit=lambda row: row.swing.unit
                    ),
                    ColumnSpec(
                        "gain_low",
                        "Gain at low",
                        lambda row: row.low,
                        "money",
                        trace=lambda row: ids(result, best),
                    ),
                    ColumnSpec(
                        "gain_high",
                        "Gain at high",
                        lambda row: row.high,
                        "money",
                        trace=lambda row: ids(result, best),
                    ),
                    ColumnSpec(
                        "kind", "Basis", lambda row: "an expert's belief" if row.swing.elicited else "sourced"
                    ),
                ),
                id="drivers-data",
                caption="Gain at the low and the high end of each parameter, all others likely",
                trace=lambda row: row.swing.sources,
                currency=result.currency,
                sources=npv_sources(result),
            ),
        ),
    )


def knowledge(result: TotalCost) -> tuple[Figure, ...]:
    """Draw what each answer is worth before signing; none where no answer could change the choice."""
    asked = [q for q in result.questions if q.evppi > 0][:QUESTIONS]
    if not asked:
        return ()
    top = asked[0]
    return (
        Figure(
            id="knowledge",
            caption=f"Worth most before signing, up to {quantity(top.evppi, result.currency)}: {top.label}",
            alt="Bars: the most that the answer to each question is worth before signing.",
            plot=charts.bars(
                [q.label for q in asked],
                [q.evppi for q in asked],
                unit=result.currency,
                highlight=[top.label],
            ),
            table=questions(result, asked),
        ),
    )


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
    from assess.report.workbook.model import write_model

    labels = {option.id: option.label for option in assessment.cost.options}
    swings = assessment.cost.gain_swings(STANDING)
    write_model(
        Path(path), _with_every_plan(assessment.cost_inputs), labels, assessment.dated_decision, swings
    )


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
