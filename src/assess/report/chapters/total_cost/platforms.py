"""The tables of chapter 5 about platforms: what each would bill, and with which of them another answer were right."""

from __future__ import annotations

from assess.decisions.decision import PlanBill, PlatformAnswer, Platforms
from assess.report.tables import ColumnSpec, DataTable

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
