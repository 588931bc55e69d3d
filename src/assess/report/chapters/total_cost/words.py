"""What the chapter on cost says in words, and where its numbers come from."""

from __future__ import annotations

from assess.core.numbers import interval, quantity
from assess.core.source import Fact, Source
from assess.decisions.cost import OptionCost, TotalCost


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


def question_sources(result: TotalCost, question: str) -> tuple[Source, ...]:
    """Return the sources of what an answer is worth."""
    return source_of(result, f"cost.evppi.{question}").sources


def paid(option: OptionCost) -> str:
    """Say when the middle future has paid for itself, or how much of the cost falls at the start."""
    middle = [point[1] for point in option.fan]
    if middle[-1] < 0:
        year = next(year for year, value in enumerate(middle) if value < 0)
        return f"{option.label}: the middle future has paid for itself by the end of year {year}"
    start = middle[0] / middle[-1] if middle[-1] else 0.0
    return f"{option.label}: {start:.0%} of the cost falls before the first year"


def _level(value: float, unit: str) -> str:
    """Write where a parameter stands; a factor is a multiple.

    >>> _level(3.03, "factor"), _level(12.0, "months").replace("\u00a0", " ")
    ('3.03 times', '12 months')
    """
    return f"{value:.3g} times" if unit == "factor" else quantity(value, unit)


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
                    f"With “{swing.label}” at {_level(value, swing.unit)}, {result.option(first).label} would be the cheapest."
                )
    if result.questions and result.questions[0].evppi > 0:
        top = result.questions[0]
        said.append(
            f"The answer most worth having before signing: {top.label} "
            f"([{quantity(top.evppi, result.currency)}](cost.evppi.{top.id}) at most)."
        )
    return tuple(said[:5])
