"""The tables of the chapter on building and buying: verdicts, criteria, crossings."""

from __future__ import annotations

from assess.decisions.build_or_buy import BuildOrBuy
from assess.report.tables import ColumnSpec, DataTable

from .words import CHOICES, by, ids, source


def verdicts(result: BuildOrBuy) -> DataTable:
    """Show what to do with each integration."""
    return DataTable.of(
        result.verdicts,
        (
            ColumnSpec("integration", "Integration", lambda v: v.label),
            ColumnSpec("choice", "Verdict", lambda v: CHOICES[v.choice]),
            ColumnSpec(
                "build",
                "Build",
                lambda v: v.build,
                "money",
                unit=result.currency,
                sources=ids(result, "difference"),
            ),
            ColumnSpec(
                "buy",
                "Buy",
                lambda v: v.buy,
                "money",
                unit=result.currency,
                sources=ids(result, "difference"),
            ),
            ColumnSpec(
                "migrate",
                "Platform first, by hand later",
                lambda v: v.migrate,
                "money",
                unit=result.currency,
                sources=ids(result, "difference"),
                note=lambda v: by(v) if v.migrate is not None else "",
            ),
            ColumnSpec(
                "share",
                "Building cheaper in",
                lambda v: v.build_share,
                "share",
                sources=ids(result, "difference"),
            ),
            ColumnSpec("why", "Because", lambda v: v.reason),
        ),
        id="verdicts",
        caption="Each integration by what it adds to the cost of each way; a platform's fixed cost is decided for all together",
        sources=source(result, "difference"),
    )


def criteria(result: BuildOrBuy, id: str = "criteria") -> DataTable:
    """Show the four criteria as parameters of the model."""
    known = tuple(s for c in result.criteria for s in c.sources)
    return DataTable.of(
        result.criteria,
        (
            ColumnSpec("criterion", "Criterion", lambda c: c.label),
            ColumnSpec(
                "value",
                "Here",
                lambda c: c.value,
                "number",
                low=lambda c: c.low,
                high=lambda c: c.high,
                unit=lambda c: c.unit,
                trace=lambda c: _origin(result, [s.id for s in c.sources]),
            ),
            ColumnSpec("favours", "More of it favours", lambda c: c.favours),
            ColumnSpec(
                "low",
                "At the low end",
                lambda c: c.difference_low,
                "money",
                unit=result.currency,
                trace=lambda c: ids(result, "difference"),
            ),
            ColumnSpec(
                "high",
                "At the high end",
                lambda c: c.difference_high,
                "money",
                unit=result.currency,
                trace=lambda c: ids(result, "difference"),
            ),
            ColumnSpec(
                "switch",
                "Turns at",
                lambda c: c.switch_at,
                "number",
                unit=lambda c: c.unit,
                trace=lambda c: ids(result, "difference"),
            ),
        ),
        id=id,
        caption="The four criteria as parameters: building less buying at both ends; below zero building is cheaper",
        sources=(*known, *source(result, "difference")),
    )


def _origin(result: BuildOrBuy, known: list[str]) -> tuple[str, ...]:
    return tuple(known) or ids(result, "difference")


def crossings(result: BuildOrBuy) -> DataTable:
    """Show where the answer turns along all three axes."""
    return DataTable.of(
        result.crossings,
        (
            ColumnSpec("axis", "Axis", lambda c: c.label),
            ColumnSpec(
                "p50",
                "Turn",
                lambda c: c.p50,
                "number",
                low=lambda c: c.p5,
                high=lambda c: c.p95,
                unit=lambda c: c.unit,
                trace=lambda c: ids(result, f"crossing.{c.kind}"),
            ),
            ColumnSpec(
                "none",
                "No turn",
                lambda c: c.none,
                "share",
                trace=lambda c: ids(result, f"crossing.{c.kind}"),
            ),
            ColumnSpec(
                "several",
                "Several turns",
                lambda c: c.several,
                "share",
                trace=lambda c: ids(result, f"crossing.{c.kind}"),
            ),
            ColumnSpec(
                "limit",
                "Looked at up to",
                lambda c: c.limit,
                "number",
                unit=lambda c: c.unit,
                trace=lambda c: ids(result, f"crossing.{c.kind}"),
            ),
        ),
        id="crossings",
        caption="Where the answer turns: the first turn in the futures that have one",
        sources=tuple(s for c in result.crossings for s in source(result, f"crossing.{c.kind}")),
    )
