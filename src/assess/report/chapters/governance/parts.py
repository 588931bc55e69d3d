"""The stack of chapter 6: what the chosen styles need, what is there, what it costs."""

from __future__ import annotations

from assess.core.source import Source
from assess.evidence.stack import Stack, State
from assess.intake.engagement import STYLE_NAMES, Engagement
from assess.report.tables import Cell, ColumnSpec, DataTable

SIGNS: dict[State, tuple[str, str]] = {
    "in-use": ("good", "in use"),
    "brought": ("good", "comes with another product"),
    "planned": ("partial", "planned"),
    "unused": ("bad", "paid for, unused"),
    "missing": ("bad", "missing"),
    "not-needed": ("info", "not needed"),
    "unknown": ("unknown", "not assessed"),
}
"""Of each state the sign that is shown, and its words."""


def stack_table(engagement: Engagement, stack: Stack) -> tuple[DataTable, ...]:
    """Show every part of the stack; none before a style is chosen or a product is named."""
    if not stack.styles and not stack.assessed:
        return ()
    names = {product.id: product.product for product in engagement.stack}
    sources: dict[str, Source] = {source.id: source for part in stack.parts for source in part.sources}
    sources |= {
        p.cost_per_year.source.id: p.cost_per_year.source
        for p in stack.parts
        if p.cost_per_year and p.cost_per_year.source
    }
    return (
        DataTable.of(
            stack.parts,
            (
                ColumnSpec("part", "Part", lambda part: part.label, note=lambda part: part.does),
                ColumnSpec(
                    "state",
                    "State",
                    lambda part: SIGNS[part.state][0],
                    "state",
                    note=lambda part: SIGNS[part.state][1],
                ),
                ColumnSpec(
                    "needed",
                    "Needed by",
                    lambda part: ", ".join(STYLE_NAMES[style] for style in part.required_by),
                    note=lambda part: (
                        f"helpful for {', '.join(STYLE_NAMES[style] for style in part.helpful_for)}"
                        if part.helpful_for
                        else ""
                    ),
                    trace=lambda part: tuple(s.id for s in part.sources if s.kind == "assumption"),
                ),
                ColumnSpec(
                    "products",
                    "Products",
                    lambda part: "; ".join(names[id] for id in part.products),
                    note=lambda part: (
                        f"such as {', '.join(part.examples)}"
                        if part.examples and not part.products and part.required_by
                        else ""
                    ),
                    trace=lambda part: tuple(s.id for s in part.sources if s.kind == "input"),
                ),
                ColumnSpec(
                    "cost",
                    "Paid a year",
                    lambda part: (
                        Cell(value=None)
                        if part.cost_per_year is None or part.cost_per_year.source is None
                        else Cell(
                            value=part.cost_per_year.likely,
                            low=part.cost_per_year.low,
                            high=part.cost_per_year.high,
                            sources=(part.cost_per_year.source.id,),
                        )
                    ),
                    "money",
                    unit=engagement.currency,
                ),
            ),
            id="stack",
            caption="The integration stack: what the chosen styles need, and what is there",
            sources=tuple(sources.values()),
        ),
    )
