"""The tables and sentences of chapter 4: verdicts, criteria, crossings, and where its numbers come from."""

from __future__ import annotations

from collections import Counter

from assess.core.numbers import interval, quantity
from assess.core.source import Source
from assess.decisions.build_or_buy import BuildOrBuy, BuildOrBuyVerdict
from assess.report.prose import and_list, count
from assess.report.tables import ColumnSpec, DataTable

CHOICES = {
    "build": "build",
    "buy": "buy",
    "platform-first": "platform first, build later",
    "open": "open",
}


def source(result: BuildOrBuy, name: str) -> tuple[Source, ...]:
    """Return the sources of a fact by the end of its id."""
    return next((f.sources for f in result.facts if f.id == f"build_or_buy.{name}"), ())


def ids(result: BuildOrBuy, name: str) -> tuple[str, ...]:
    """Return the ids of these sources."""
    return tuple(s.id for s in source(result, name))


def verdict(result: BuildOrBuy) -> str:
    """Answer in two sentences: the sides for all together, and where the answer turns."""
    share = result.buy_share or 0.0
    side, chance = ("Buy", share) if share >= 0.5 else ("Build", 1 - share)
    sure = "" if chance >= 0.8 else ", by a narrow margin" if chance < 0.6 else ""
    assert result.difference is not None
    text = (
        f"{side}{sure}: for these {count(result.integrations, 'integration')} it is the cheaper way in "
        f"[{chance:.0%} of futures](build_or_buy.buy_share)"
    )
    turn = result.crossing("integrations")
    if turn.p50 is not None and turn.p5 is not None and turn.p95 is not None and turn.none <= 0.5:
        text += (
            f". The answer turns at about [{turn.p50:g} integrations](build_or_buy.crossing.integrations), "
            f"but anything from {turn.p5:g} to {turn.p95:g} is credible"
        )
    else:
        text += (
            f". In {turn.none:.0%} of futures no number of integrations up to {turn.limit:g} turns the answer"
        )
    chosen = Counter(v.choice for v in result.verdicts)
    if len(chosen) > 1:
        parts = [f"{n} {CHOICES[c]}" for c, n in chosen.most_common()]
        text += f". One by one: {and_list(parts)}"
    return text + "." + platform_first(result)


def platform_first(result: BuildOrBuy) -> str:
    """Say what starting on the platform and building the critical paths by hand later would bring, and when."""
    later = [v for v in result.verdicts if v.migrate is not None and v.year is not None]
    if not later:
        return ""
    chosen = [v for v in later if v.choice == "platform-first"]
    if chosen:
        saved = sum(min(v.build, v.buy) - (v.migrate or 0.0) for v in chosen)
        said = f"saves {quantity(saved, result.currency)}, the first of them {by(min(chosen, key=lambda v: v.year or 0))}"
        return f" Platform first and building {count(len(chosen), 'path')} by hand later {said}."
    near = min(later, key=lambda v: (v.migrate or 0.0) - min(v.build, v.buy))
    extra = quantity((near.migrate or 0.0) - min(near.build, near.buy), result.currency)
    return f" Platform first and building by hand later pays for none; closest is {near.label}, {by(near)}, at {extra} more."


def by(verdict: BuildOrBuyVerdict) -> str:
    """Say when an integration would move from the platform: a date, or a year of the plan where no start is known."""
    return f"by {verdict.date.isoformat()}" if verdict.date else f"from year {verdict.year} on"


def changes(result: BuildOrBuy) -> tuple[str, ...]:
    """Say at which value of a criterion, volume or year the answer would turn."""
    said = [
        f"{c.label}: at {quantity(c.switch_at, c.unit)} instead of {quantity(c.value, c.unit)}, building and buying would cost the same."
        for c in result.criteria
        if c.switch_at is not None
    ]
    volume = result.crossing("volume")
    if volume.p50 is not None and volume.p5 is not None and volume.p95 is not None and volume.none <= 0.5:
        said.append(
            f"A volume of [{quantity(volume.p50, volume.unit)}](build_or_buy.crossing.volume) would turn it "
            f"({interval(volume.p5, volume.p95, volume.unit)} is credible)."
        )
    return tuple(said[:5])


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
