"""The tables and sentences of chapter 4: verdicts, criteria, crossings, and where its numbers come from."""

from __future__ import annotations

from collections import Counter

from assess.core.numbers import quantity
from assess.core.source import Source
from assess.decisions.build_or_buy import BuildOrBuy
from assess.decisions.decision import Decision
from assess.intake.engagement.landscape import STYLE_NAMES
from assess.report.prose import and_list, count
from assess.report.tables import ColumnSpec, DataTable

CHOICES = {
    "build": "build",
    "buy": "buy",
    "keep": "keep",
    "retire": "retire",
    "open": "open",
}
"""Words for what the decision does with an integration."""


def source(result: BuildOrBuy, name: str) -> tuple[Source, ...]:
    """Return the sources of a fact by the end of its id."""
    return next((f.sources for f in result.facts if f.id == f"build_or_buy.{name}"), ())


def ids(result: BuildOrBuy, name: str) -> tuple[str, ...]:
    """Return the ids of these sources."""
    return tuple(s.id for s in source(result, name))


def verdict(result: BuildOrBuy, decision: Decision) -> str:
    """Answer in two sentences: what the decision builds, buys and keeps, and where the answer for all would turn."""
    counts = Counter(item.choice for item in decision.integrations)
    parts = [f"{CHOICES[choice]} {number}" for choice, number in counts.most_common()]
    joined = and_list(parts)
    text = f"{joined[0].upper()}{joined[1:]} of {count(len(decision.integrations), 'integration')}"
    turn = result.crossing("integrations")
    if turn.p50 is not None and turn.p5 is not None and turn.p95 is not None and turn.none <= 0.5:
        text += (
            f". Of two programmes of one kind, the cheaper turns at about "
            f"[{turn.p50:g} integrations](build_or_buy.crossing.integrations), "
            f"but anything from {turn.p5:g} to {turn.p95:g} is credible"
        )
    else:
        text += (
            f". In {turn.none:.0%} of futures no number of integrations up to {turn.limit:g} turns which of two "
            "programmes of one kind is cheaper"
        )
    return text + "."


def changes(result: BuildOrBuy) -> tuple[str, ...]:
    """Say at which value of a criterion, volume or year the answer would turn."""
    said = [
        f"{c.label}: at {quantity(c.switch_at, c.unit)} instead of {quantity(c.value, c.unit)}, building and buying would cost the same."
        for c in result.criteria
        if c.switch_at is not None
    ]
    return tuple(said[:5])


def verdicts(decision: Decision) -> DataTable:
    """Show what the decision does with each integration, and what the other styles would cost more."""
    return DataTable.of(
        decision.integrations,
        (
            ColumnSpec("integration", "Integration", lambda item: item.label),
            ColumnSpec("choice", "Decision", lambda item: f"{CHOICES[item.choice]}, {item.timing}"),
            ColumnSpec("style", "Style", lambda item: STYLE_NAMES[item.style] if item.style else ""),
            ColumnSpec("platform", "Platform", lambda item: item.platform),
            ColumnSpec("cost", "Adds to the cost", lambda item: item.cost, "money"),
            ColumnSpec("benefit", "Brings", lambda item: item.benefit, "money"),
            ColumnSpec("net", "Net against today", lambda item: item.net.mean if item.net else None, "money"),
            ColumnSpec("why", "Because", lambda item: "; ".join(item.reasons)),
        ),
        id="verdicts",
        caption="Each integration as decided; a platform's fixed cost is in no row",
        trace=next((fact.sources for fact in decision.facts), ()),
        currency=decision.currency,
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
            ColumnSpec("low", "At the low end", lambda c: c.difference_low, "money"),
            ColumnSpec("high", "At the high end", lambda c: c.difference_high, "money"),
            ColumnSpec("switch", "Turns at", lambda c: c.switch_at, "number", unit=lambda c: c.unit),
        ),
        id=id,
        caption="The four criteria as parameters: building less buying at both ends; below zero building is cheaper",
        trace=lambda c: ids(result, "difference"),
        currency=result.currency,
        sources=(*known, *source(result, "difference")),
    )


def _origin(result: BuildOrBuy, known: list[str]) -> tuple[str, ...]:
    return tuple(known) or ids(result, "difference")


def crossings(result: BuildOrBuy) -> DataTable:
    """Show where the answer turns."""
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
            ),
            ColumnSpec("none", "No turn", lambda c: c.none, "share"),
            ColumnSpec("several", "Several turns", lambda c: c.several, "share"),
            ColumnSpec("limit", "Looked at up to", lambda c: c.limit, "number", unit=lambda c: c.unit),
        ),
        id="crossings",
        caption="Where the answer turns: the first turn in the futures that have one",
        trace=lambda c: ids(result, f"crossing.{c.kind}"),
        sources=tuple(s for c in result.crossings for s in source(result, f"crossing.{c.kind}")),
    )
