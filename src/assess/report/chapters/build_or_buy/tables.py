"""The tables of the chapter on building and buying: verdicts, criteria, crossings."""

from __future__ import annotations

from assess.decisions.build_or_buy import BuildOrBuy
from assess.report.tables import Cell, Column, DataTable

from .words import CHOICES, by, ids, source


def verdicts(result: BuildOrBuy) -> DataTable:
    """Show what to do with each integration."""
    money = {"format": "money", "unit": result.currency, "sources": ids(result, "difference")}
    return DataTable(
        id="verdicts",
        caption="Each integration by what it adds to the cost of each way; a platform's fixed cost is decided for all together",
        columns=(
            Column(key="integration", label="Integration"),
            Column(key="choice", label="Verdict"),
            Column.model_validate({"key": "build", "label": "Build", **money}),
            Column.model_validate({"key": "buy", "label": "Buy", **money}),
            Column.model_validate({"key": "migrate", "label": "Platform first, by hand later", **money}),
            Column(
                key="share", label="Building cheaper in", format="share", sources=ids(result, "difference")
            ),
            Column(key="why", label="Because"),
        ),
        rows=tuple(
            (
                Cell(value=v.label),
                Cell(value=CHOICES[v.choice]),
                Cell(value=v.build),
                Cell(value=v.buy),
                Cell(value=v.migrate, note=by(v) if v.migrate is not None else ""),
                Cell(value=v.build_share),
                Cell(value=v.reason),
            )
            for v in result.verdicts
        ),
        sources=source(result, "difference"),
    )


def criteria(result: BuildOrBuy, id: str = "criteria") -> DataTable:
    """Show the four criteria as parameters of the model."""
    known = tuple(s for c in result.criteria for s in c.sources)
    return DataTable(
        id=id,
        caption="The four criteria as parameters: building less buying at both ends; below zero building is cheaper",
        columns=(
            Column(key="criterion", label="Criterion"),
            Column(key="value", label="Here", format="number"),
            Column(key="favours", label="More of it favours"),
            Column(key="low", label="At the low end", format="money", unit=result.currency),
            Column(key="high", label="At the high end", format="money", unit=result.currency),
            Column(key="switch", label="Turns at", format="number"),
        ),
        rows=tuple(
            (
                Cell(value=c.label),
                Cell(
                    value=c.value,
                    unit=c.unit,
                    low=c.low,
                    high=c.high,
                    sources=_origin(result, [s.id for s in c.sources]),
                ),
                Cell(value=c.favours),
                Cell(value=c.difference_low, sources=ids(result, "difference")),
                Cell(value=c.difference_high, sources=ids(result, "difference")),
                Cell(value=c.switch_at, unit=c.unit, sources=ids(result, "difference")),
            )
            for c in result.criteria
        ),
        sources=(*known, *source(result, "difference")),
    )


def _origin(result: BuildOrBuy, known: list[str]) -> tuple[str, ...]:
    return tuple(known) or ids(result, "difference")


def crossings(result: BuildOrBuy) -> DataTable:
    """Show where the answer turns along all three axes."""
    return DataTable(
        id="crossings",
        caption="Where the answer turns: the first turn in the futures that have one",
        columns=(
            Column(key="axis", label="Axis"),
            Column(key="p50", label="Turn", format="number"),
            Column(key="none", label="No turn", format="share"),
            Column(key="several", label="Several turns", format="share"),
            Column(key="limit", label="Looked at up to", format="number"),
        ),
        rows=tuple(
            (
                Cell(value=c.label),
                Cell(
                    value=c.p50, low=c.p5, high=c.p95, unit=c.unit, sources=ids(result, f"crossing.{c.kind}")
                ),
                Cell(value=c.none, sources=ids(result, f"crossing.{c.kind}")),
                Cell(value=c.several, sources=ids(result, f"crossing.{c.kind}")),
                Cell(value=c.limit, unit=c.unit, sources=ids(result, f"crossing.{c.kind}")),
            )
            for c in result.crossings
        ),
        sources=tuple(s for c in result.crossings for s in source(result, f"crossing.{c.kind}")),
    )
