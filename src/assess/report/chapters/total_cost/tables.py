"""The tables of chapter 5: where the money goes, options, cash flow, platforms, questions, and the defaults that it rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from assess.core.numbers import quantity
from assess.core.source import Fact, Source
from assess.decisions.cost import CashLine, OpenQuestion, OptionCost, Swing, TotalCost
from assess.decisions.decision import Decision, PlanBill, PlatformAnswer, Platforms
from assess.intake.assumptions import Assumption
from assess.intake.engagement import Engagement
from assess.report.tables import ColumnSpec, DataTable


def find_fact(result: TotalCost, fact: str) -> Fact:
    """Return a fact by its id."""
    return next(f for f in result.facts if f.id == fact)


def npv_sources(result: TotalCost) -> tuple[Source, ...]:
    """Return the sources of the options' present values."""
    return tuple(s for o in result.options for s in find_fact(result, f"cost.{o.id}.npv").sources)


def ids(result: TotalCost, option: OptionCost, term: str = "npv") -> tuple[str, ...]:
    """Return the ids of the sources of one number of an option."""
    return tuple(s.id for s in find_fact(result, f"cost.{option.id}.{term}").sources)


def question_sources(result: TotalCost, question: str) -> tuple[Source, ...]:
    """Return the sources of what an answer is worth."""
    return find_fact(result, f"cost.evppi.{question}").sources


def _level(value: float, unit: str) -> str:
    """Write where a parameter stands; a factor is a multiple.

    >>> _level(3.03, "factor"), _level(12.0, "months").replace("\u00a0", " ")
    ('3.03 times', '12 months')
    """
    return f"{value:.3g} times" if unit == "factor" else quantity(value, unit)


class Turning(NamedTuple):
    """A parameter at one of its ends, and the option that gains most there."""

    swing: Swing
    value: float
    option: str


TURNS = 5
"""Turning parameters that are named."""


def turning(result: TotalCost) -> list[Turning]:
    """Return the parameters that would put another option first, those that move most first."""
    best = result.option(result.best or "")
    found = []
    for swing in sorted(result.swings, key=lambda s: (-s.span(best.id), s.parameter)):
        for value, costs in ((swing.low, swing.cost_low), (swing.high, swing.cost_high)):
            first = min(sorted(costs), key=lambda option: costs[option])
            if result.option(first).npv.mean > best.npv.mean:
                found.append(Turning(swing, value, first))
    return found[:TURNS]


def changes(result: TotalCost) -> tuple[str, ...]:
    """Say which parameters would put another option first, and what to find out before signing."""
    said = [
        f"With “{swing.label}” at {_level(value, swing.unit)}, “{result.option(first).label}” would gain most."
        for swing, value, first in turning(result)
    ]
    if result.questions and result.questions[0].evppi > 0:
        top = result.questions[0]
        said.append(
            f"The answer most worth having before signing, up to "
            f"[{quantity(top.evppi, result.currency)}](cost.evppi.{top.id}): {top.label}"
        )
    return tuple(said[:TURNS])


def options(result: TotalCost) -> DataTable:
    """Show what each option costs, the cheapest on average first."""
    return DataTable.of(
        sorted(result.options, key=lambda o: (o.npv.mean, o.id)),
        (
            ColumnSpec("option", "Option", lambda o: o.label),
            ColumnSpec(
                "npv",
                "Cost less benefits",
                lambda o: o.npv.mean,
                "money",
                low=lambda o: o.npv.p10,
                high=lambda o: o.npv.p90,
                trace=lambda o: ids(result, o),
            ),
            ColumnSpec(
                "spent", "To invest", lambda o: o.spent.mean, "money", trace=lambda o: ids(result, o, "spent")
            ),
            ColumnSpec(
                "cheapest",
                "Cheapest in",
                lambda o: o.cheapest,
                "share",
                unit="chance",
                trace=lambda o: ids(result, o, "cheapest"),
            ),
            ColumnSpec(
                "regret",
                "Expected regret",
                lambda o: o.regret,
                "money",
                trace=lambda o: ids(result, o, "regret"),
            ),
            ColumnSpec(
                "cvar95",
                "Worst twentieth",
                lambda o: o.cvar95,
                "money",
                trace=lambda o: ids(result, o, "cvar95"),
            ),
            ColumnSpec(
                "payback",
                "Pays back",
                lambda o: f"month {o.payback_month}" if o.payback_month is not None else o.payback_note,
            ),
        ),
        id="costs",
        caption="What each option costs less its benefits over the horizon, on average and in eight of ten futures",
        currency=result.currency,
        sources=tuple(s for f in result.facts for s in f.sources),
    )


def lines(result: TotalCost, decision: Decision) -> DataTable:
    """Show where the money of the recommended option goes: present value of each line, the largest first."""
    best = result.option(result.best or "")
    paid = sorted(
        (line for line in best.lines if line.present_value > 0),
        key=lambda line: (-line.present_value, line.line),
    )
    whole = sum(line.present_value for line in paid) or 1.0
    known = {source.id: source for source in result.sources}

    def traced(line: CashLine) -> tuple[str, ...]:
        return line.of or ids(result, best)

    return DataTable.of(
        paid,
        (
            ColumnSpec("line", "Where the money goes", lambda line: line.label),
            ColumnSpec("amount", "Amount", lambda line: line.present_value, "money", trace=traced),
            ColumnSpec(
                "share", "Share of cost", lambda line: line.present_value / whole, "share", trace=traced
            ),
        ),
        id="lines",
        caption=f"Cost of {decision.named} over {result.horizon_years} years, on average",
        currency=result.currency,
        sources=(*(known[i] for line in paid for i in line.of if i in known), *npv_sources(result)),
    )


def cash_flow(result: TotalCost) -> DataTable:
    """Show the recommended option's cash flow by line and year."""
    best = result.option(result.best or "")
    known = {s.id: s for s in result.sources}
    lines = [line for line in best.lines if any(line.years) or line.note]

    def traced(line: CashLine) -> tuple[str, ...]:
        return line.of or ids(result, best)

    def spent(year: int) -> ColumnSpec[CashLine]:
        label = "Start" if year == 0 else f"Year {year}"
        return ColumnSpec(
            f"y{year}", label, lambda line: line.years[year], "money", unit=result.currency, trace=traced
        )

    return DataTable.of(
        lines,
        (
            ColumnSpec("line", "Line", lambda line: line.label, note=lambda line: line.note),
            *map(spent, range(result.horizon_years + 1)),
            ColumnSpec(
                "pv",
                "Present value",
                lambda line: line.present_value,
                "money",
                unit=result.currency,
                trace=traced,
            ),
        ),
        id="cash-flow",
        caption=f"Cash flow of {best.label.lower()}: mean of each year, not discounted",
        sources=(*(known[i] for line in lines for i in line.of if i in known), *npv_sources(result)),
    )


def questions(result: TotalCost, asked: Sequence[OpenQuestion]) -> DataTable:
    """Show what is worth finding out before signing."""
    return DataTable.of(
        asked,
        (
            ColumnSpec("question", "Question", lambda q: q.label),
            ColumnSpec("worth", "Worth at most", lambda q: q.evppi, "money", unit=result.currency),
            ColumnSpec("share", "Share of the spread", lambda q: q.shapley, "share"),
        ),
        id="questions",
        caption="What is worth finding out before signing, and the most to pay for the answer",
        trace=lambda q: question_sources(result, q.id),
    )


def defaults(result: TotalCost, engagement: Engagement) -> tuple[DataTable, ...]:
    """Show the assumptions that need a look: the client's own, the old, the disputed, the believed; none where all is well."""
    used = dict.fromkeys(s.place for s in result.sources if s.kind == "assumption")
    entries = [engagement.assumptions.entry(key) for key in sorted({*used, *result.overridden})]
    shown = [entry for entry in entries if flagged(entry, engagement.date)]
    if not shown:
        return ()
    shown.sort(key=lambda entry: (not entry.overridden, entry.key))
    return (
        DataTable.of(
            shown,
            (
                ColumnSpec("what", "Assumption", lambda entry: entry.label, note=lambda entry: entry.key),
                ColumnSpec(
                    "value",
                    "Value",
                    lambda entry: entry.likely,
                    "number",
                    unit=lambda entry: entry.unit,
                    low=lambda entry: entry.low if entry.low != entry.high else None,
                    high=lambda entry: entry.high if entry.low != entry.high else None,
                    trace=lambda entry: entry.estimate.source,
                ),
                ColumnSpec("flags", "Why to look", lambda entry: ", ".join(flagged(entry, engagement.date))),
                ColumnSpec("other", "Other sources say", _others),
                ColumnSpec("source", "Source", lambda entry: entry.source),
                ColumnSpec("date", "Date", lambda entry: entry.date.isoformat(), "date"),
            ),
            id="defaults",
            caption="Assumptions to look at: overridden for this client, older than 180 days, disputed, or believed rather than measured",
        ),
    )


def _others(entry: Assumption) -> str:
    return "; ".join(f"{quantity(c.likely, entry.unit)} ({c.source})" for c in entry.conflicts) or "–"


def flagged(entry: Assumption, today: dt.date | None) -> tuple[str, ...]:
    """Say why an assumption needs a look."""
    if entry.overridden:
        return ("overridden for this client",)
    found = (
        f"{entry.age_days(today)} days old" if today is not None and entry.stale(today) else "",
        "sources disagree" if entry.conflicts else "",
        "an expert's belief" if entry.elicited else "",
    )
    return tuple(text for text in found if text)


SHOWN = 40
"""Plans in the table, those on offer first."""


def platform_tables(platforms: Platforms) -> tuple[DataTable, ...]:
    """Show every plan's bill, and what would be bought with each platform; none where nothing is billed."""
    return (*_bills(platforms), *_answers(platforms))


def _bills(platforms: Platforms) -> tuple[DataTable, ...]:
    if not platforms.bills:
        return ()
    ranked = sorted(platforms.bills, key=lambda bill: not (bill.chosen or bill.on_offer))[:SHOWN]
    order = {bill.plan: place for place, bill in enumerate(platforms.bills)}
    currency = f"{platforms.currency}/year"

    def traced(bill: PlanBill) -> tuple[str, ...]:
        return tuple(source.id for source in bill.sources)

    return (
        DataTable.of(
            sorted(ranked, key=lambda bill: order[bill.plan]),
            (
                ColumnSpec("style", "Style", lambda bill: bill.style),
                ColumnSpec("plan", "Plan", lambda bill: bill.name, note=lambda bill: bill.note),
                ColumnSpec("state", "State", _state),
                ColumnSpec("first", "First year", lambda bill: bill.first_year, "money", unit=currency, trace=traced),
                ColumnSpec("last", "Last year", lambda bill: bill.last_year, "money", unit=currency, trace=traced),
                ColumnSpec("counted", "Counted", lambda bill: bill.counted or "nothing, it is a fixed price"),
                ColumnSpec("tier", "Edition and tier", lambda bill: bill.tier or "–"),
                ColumnSpec("lacks", "What it lacks", lambda bill: bill.missing or "–"),
                ColumnSpec("source", "Source", lambda bill: bill.source),
                ColumnSpec("date", "Date", lambda bill: bill.date.isoformat(), "date"),
            ),
            id="plans",
            caption="What each price plan would bill a year for what its style carries, all live, at likely values",
            sources=[source for bill in ranked for source in bill.sources],
            total=len(platforms.bills),
        ),
    )  # fmt: skip


def _state(bill: PlanBill) -> str:
    said = (
        "bought" if bill.chosen else "",
        f"offer until {bill.valid_until}"
        if bill.quoted and bill.valid_until
        else "offer"
        if bill.quoted
        else "",
        "expired" if bill.expired else "",
        "" if bill.public else "not public, an expert's belief",
        "" if bill.on_offer else "not asked",
    )
    return ", ".join(filter(None, said)) or "published price"


def _answers(platforms: Platforms) -> tuple[DataTable, ...]:
    if not platforms.answers:
        return ()
    by_plan = {bill.plan: bill for bill in platforms.bills}

    def traced(answer: PlatformAnswer) -> tuple[str, ...]:
        return tuple(source.id for source in by_plan[answer.plan].sources)

    return (
        DataTable.of(
            platforms.answers,
            (
                ColumnSpec("platform", "Platform", lambda answer: answer.name),
                ColumnSpec("bill", "Bill", lambda answer: answer.first_year, "money",
                           unit=f"{platforms.currency}/year", trace=traced),
                ColumnSpec("buys", "If it were the only one", lambda answer: "bought" if answer.buys else "nothing is bought"),
                ColumnSpec("flips", "Turns the answer", lambda answer: "yes" if answer.flips else "no"),
            ),
            id="platform-answers",
            caption="With which platform another answer were right",
            sources=[source for answer in platforms.answers for source in by_plan[answer.plan].sources],
        ),
    )  # fmt: skip
