"""Build or buy: from how many integrations on a platform is cheaper, and which integrations to build by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.core.finding import Finding, Missing
from assess.core.numbers import interval
from assess.core.source import Driver, Fact, Source, rank_drivers
from assess.decisions.cost import quantiles
from assess.decisions.cost.billing import PlanEnds
from assess.decisions.cost.cashflow import carried_cash_flows
from assess.decisions.cost.draws import Draws, likely, sample
from assess.decisions.cost.finance import MissingRate
from assess.decisions.cost.parameters import Inputs, Terms, coverage
from assess.decisions.cost.sources import sources
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLES

from .result import BuildOrBuy, Crossing, CrossoverCriterion, Curve, Kind
from .typical import MOST, WAYS, difference

__all__ = ["BuildOrBuy", "Crossing", "CrossoverCriterion", "Curve", "decide"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CURVE_DRAWS = 2_048
"""Futures of the curve over the number of integrations."""

ARTICLE_NUMBER = 10
"""From how many integrations on a platform is said to be more efficient (the article's rule of thumb)."""

AXES: Mapping[Kind, tuple[str, str]] = {
    "integrations": ("Number of integrations from which the other way is cheaper", "integrations"),
}


def decide(
    inputs: Inputs,
    *,
    limit: int = MOST,
    draws: int = 5_000,
    seed: int = 7,
) -> BuildOrBuy:
    """Compare building by hand with buying a platform.

    Parameters
    ----------
    inputs
        Engagement, shifts and price plans; options, repair, losses and benefits are the same on both sides.
    limit
        Highest number of integrations that is looked at; at least twice as many as there are.
    draws
        Monte Carlo draws, at least 2.

    Returns
    -------
    BuildOrBuy
        Without integrations, an exchange rate or a price plan that carries the volume, it says under
        ``missing`` what to supply.

    Raises
    ------
    ValueError
        If ``draws`` is below 2.
    """
    if draws < 2:
        raise ValueError(f"draws must be at least 2, got {draws}")
    count = len(inputs.engagement.integrations)
    frame = BuildOrBuy(
        currency=inputs.engagement.currency,
        horizon_years=inputs.engagement.horizon_years,
        integrations=count,
        build_style=WAYS[0],
        buy_style=WAYS[1],
        plan="",
        draws=draws,
        seed=seed,
        buy_share=None,
    )
    if not count:
        return _missing(frame, "integrations.csv with at least one integration")
    try:
        terms = inputs.delivery.terms([style for style in STYLES if style in WAYS])
    except MissingRate as error:
        return _missing(frame, str(error))
    try:
        return _compare(frame, inputs.moved, terms, sample(terms, draws, seed), max(limit, 2 * count))
    except PlanEnds as error:
        return _missing(frame, str(error))


def _missing(frame: BuildOrBuy, supply: str) -> BuildOrBuy:
    lack = Missing(section="build_or_buy", supply=supply, changes="building and buying can be compared")
    return frame.model_copy(update={"missing": (lack,)})


def _compare(frame: BuildOrBuy, engagement: Engagement, terms: Terms, draws: Draws, limit: int) -> BuildOrBuy:
    styles = (frame.build_style, frame.buy_style)
    numbers = _numbers(limit)
    build, buy = carried_cash_flows(
        terms, draws, [{item.id: style for item in terms.integrations} for style in styles]
    )
    some = draws.block(0, min(draws.size, CURVE_DRAWS))
    lines: dict[Kind, tuple[Floats, Floats]] = {"integrations": curve(terms, some, styles, numbers)}
    gap = build.npv - buy.npv
    result = frame.model_copy(
        update={
            "plan": next((plan.name for plan in terms.plans.values() if plan.style == frame.buy_style), ""),
            "buy_share": round(float((gap > 0).mean()), 4),
            "build": quantiles(build.npv),
            "buy": quantiles(buy.npv),
            "difference": quantiles(gap),
            "crossings": tuple(crossing(kind, axis, line) for kind, (axis, line) in lines.items()),
            "curves": tuple(_curve(kind, axis, line) for kind, (axis, line) in lines.items()),
            "criteria": criteria(terms, styles, limit),
            "sources": sources(engagement, terms),
            "notes": (*_notes(terms), *_end(terms, styles, numbers, lines["integrations"][0])),
        }
    )
    return result.model_copy(update={"findings": _findings(result), "facts": _facts(result)})


def curve(terms: Terms, draws: Draws, styles: tuple[str, str], numbers: Floats) -> tuple[Floats, Floats]:
    """Return the numbers that both ways carry, and building less buying at each, shape ``(draws, numbers)``."""
    gaps = difference(terms, draws, styles, numbers=numbers)
    carried = np.isfinite(gaps).all(axis=0)
    return numbers[carried], gaps[:, carried]


def _end(terms: Terms, styles: tuple[str, str], numbers: Floats, carried: Floats) -> tuple[str, ...]:
    """Say where the comparison ends before the last number, as a price plan ends below the volume."""
    if len(carried) == len(numbers):
        return ()
    ended = [terms.plans[plan] for style in styles for plan in terms.buys({"": style}).values()]
    reasons = "; ".join(str(PlanEnds(plan)) for plan in ended if plan.ceiling)
    return (f"The comparison ends at {carried[-1]:.0f} integrations, as {reasons}.",)


def _numbers(limit: int) -> Floats:
    """Return about thirty numbers, every one to twelve, then ever further apart."""
    return np.unique(
        np.concatenate(
            [np.arange(1, min(limit, 12) + 1), np.geomspace(12, max(limit, 13), 18).round(), [limit]]
        )
    ).astype(np.float64)


def crossing(kind: Kind, axis: Floats, gaps: Floats) -> Crossing:
    """Summarise every change of sign of build less buy, shape ``(draws, values)``, along an axis."""
    found = sign_changes(gaps)
    has = found.first >= 0
    where = axis[found.first[has]]
    label, unit = AXES[kind]
    levels = (0.05, 0.5, 0.95)  # of those that were looked at: there is no half of an integration
    p5, p50, p95 = (
        np.quantile(where, levels, method="inverted_cdf").tolist() if where.size else (None, None, None)
    )
    values, counts = np.unique(where, return_counts=True)
    return Crossing(
        kind=kind,
        label=label,
        unit=unit,
        p5=p5,
        p50=p50,
        p95=p95,
        none=float((~has).mean()),
        several=float((found.count > 1).mean()),
        to_buy=float(found.toward_buy.mean()),
        to_build=float((has & ~found.toward_buy).mean()),
        buy_at_start=float(found.start_buy.mean()),
        histogram=tuple(zip(values.tolist(), (counts / len(gaps)).tolist(), strict=True)),
        limit=float(axis[-1]),
    )


def _curve(kind: Kind, axis: Floats, difference: Floats) -> Curve:
    low, middle, high = (
        tuple(round(value, 2) for value in row)
        for row in np.quantile(difference, [0.1, 0.5, 0.9], axis=0).tolist()
    )
    mean = tuple(round(value, 2) for value in difference.mean(axis=0).tolist())
    return Curve(kind=kind, values=tuple(axis.tolist()), mean=mean, p10=low, p50=middle, p90=high)


def _notes(terms: Terms) -> tuple[str, ...]:
    return (
        f"Present values over {terms.horizon} years. The curve over the number of integrations uses the average integration "
        "of this engagement.",
    )


def _findings(result: BuildOrBuy) -> tuple[Finding, ...]:
    return tuple(item for item in (_number_finding(result),) if item)


def _number_finding(result: BuildOrBuy) -> Finding | None:
    """State the width of the crossover, against the rule of thumb."""
    found = result.crossing("integrations")
    share = f"in {found.none:.0%} of the cases the two never change places up to {found.limit:g} integrations"
    side = "the platform" if found.buy_at_start > 0.5 else "building by hand"
    if found.p50 is None or found.p5 is None or found.p95 is None:
        title = (
            f"No number of integrations up to {found.limit:g} turns the answer: {side} is cheaper throughout"
        )
    elif found.none > 0.5:
        title = (
            f"In {found.none:.0%} of the cases no number of integrations up to {found.limit:g} turns the "
            f"answer; where one does, it is about {found.p50:g} ({found.p5:g} to {found.p95:g})"
        )
    else:
        title = (
            f"The answer turns at about {found.p50:g} integrations, but anything from {found.p5:g} to "
            f"{found.p95:g} is credible; {share}"
        )
    return Finding(
        id="build_or_buy/crossover",
        section="build_or_buy",
        severity="info",
        title=title,
        evidence=f"there are {result.integrations} integrations; buying is cheaper in {result.buy_share or 0:.0%} of the cases",
        impact=f"The rule of thumb of {ARTICLE_NUMBER} integrations is one point of a wide distribution",
    )


def _facts(result: BuildOrBuy) -> tuple[Fact, ...]:
    of = tuple(source.id for source in result.sources)

    def source(term: str) -> Source:
        return Source(
            kind="calculation", place=f"build_or_buy/{term}", detail="docs/method/build-or-buy.md", of=of
        )

    found = [
        Fact(id="build_or_buy.buy_share", label="Chance that buying is cheaper for all integrations together",
             value=result.buy_share, unit="chance", sources=(source("buy_share"),),
             formula="Share of the futures in which all integrations on a bought platform cost less than all built by hand"),
    ]  # fmt: skip
    if result.difference:
        found.append(
            Fact(id="build_or_buy.difference", label="Saved by building all instead of buying", value=-result.difference.mean,
                 unit=result.currency, low=-result.difference.p90, high=-result.difference.p10, sources=(source("difference"),),
                 formula="Present value of buying all less that of building all; average of all futures",
                 drivers=rank_drivers(_drivers(result)))
        )  # fmt: skip
    found += [
        Fact(id=f"build_or_buy.crossing.{item.kind}", label=item.label, value=item.p50, unit=item.unit,
             low=item.p5, high=item.p95, sources=(source(f"crossing/{item.kind}"),),
             formula="Where building and buying cost the same, of the futures in which they do: the middle one")
        for item in result.crossings
    ]  # fmt: skip
    found += [
        Fact(id=f"build_or_buy.never.{item.kind}", label=f"Chance that no value up to {item.limit:g} turns the answer: {item.label}",
             value=item.none, unit="chance", sources=(source(f"crossing/{item.kind}"),), formula="Share of the futures in which the cheaper way never changes")
        for item in result.crossings
    ]  # fmt: skip
    return tuple(found)


def _drivers(result: BuildOrBuy) -> Iterator[Driver]:
    """Yield what each of the four criteria does to the likely difference, at both of its ends."""
    for item in result.criteria:
        if item.sources:
            yield Driver(
                source=item.sources[0].id,
                label=item.label,
                value=interval(item.low, item.high, item.unit),
                effect=item.difference_low - item.difference_high,
            )


POINTS = 21
"""Values of a criterion that are looked at."""


def criteria(terms: Terms, styles: tuple[str, str], limit: int) -> tuple[CrossoverCriterion, ...]:
    """Return number, uniqueness, expertise and rate of change, each varied alone in the likely case.

    Parameters
    ----------
    limit
        Highest number of integrations that is looked at.
    """
    count = len(terms.integrations)
    base = likely(terms)
    default = float(base["build.coverage"][0])
    covered = float(
        np.mean([default if (own := coverage(item)) is None else own for item in terms.integrations])
    )
    pace = float(base.family["changes"].mean())
    numbers, gaps = curve(terms, base, styles, np.unique(np.linspace(1, limit, min(limit, 100)).round()))
    share, years = np.linspace(0, 1, POINTS), np.linspace(0, max(24.0, 2 * pace), POINTS)

    def at(values: Floats, change: Callable[[float], tuple[Terms, Draws]]) -> Floats:
        return np.array([_difference(*change(float(value)), styles) for value in values])

    def with_pace(value: float) -> tuple[Terms, Draws]:
        draws = likely(terms)
        draws.family["changes"][:] = value
        return terms, draws

    found = (
        ("number", "Number of integrations", "integrations", float(count), numbers,
         gaps[0], "integrations.csv"),
        ("uniqueness", "Share that ready connectors cover", "share", covered, share,
         at(share, lambda value: (_covered(terms, value), base)), "integrations.csv"),
        ("expertise", "Experience with building by hand", "share", terms.skills[styles[0]], share,
         at(share, lambda value: (_skilled(terms, styles[0], value), base)), "engagement.yaml"),
        ("change", "Changes of each connected system", "changes/year", pace, years,
         at(years, with_pace), "integrations.csv"),
    )  # fmt: skip
    return tuple(
        _criterion(id, label, unit, value, axis, line, place)
        for id, label, unit, value, axis, line, place in found
    )


def _difference(terms: Terms, draws: Draws, styles: tuple[str, str]) -> float:
    build, buy = carried_cash_flows(
        terms, draws, [{item.id: style for item in terms.integrations} for style in styles]
    )
    return float(build.npv[0] - buy.npv[0])


def _covered(terms: Terms, value: float) -> Terms:
    changed = tuple(item.model_copy(update={"coverage": value}) for item in terms.integrations)
    return dataclasses.replace(terms, integrations=changed)


def _skilled(terms: Terms, style: str, value: float) -> Terms:
    return dataclasses.replace(terms, skills={**terms.skills, style: value})


def _criterion(
    id: str, label: str, unit: str, value: float, axis: Floats, line: Floats, place: str
) -> CrossoverCriterion:
    turns = positions(line[None, :], axis)[0]
    low, high = float(line[0]), float(line[-1])
    nearest = min(turns, key=lambda turn: abs(turn - value)) if turns else None
    return CrossoverCriterion(
        id=id,
        label=label,
        unit=unit,
        value=value,
        low=float(axis[0]),
        high=float(axis[-1]),
        favours="buy" if high > low else "build" if high < low else "neither",
        difference_low=round(low, 2),
        difference_high=round(high, 2),
        switch_at=None if nearest is None else round(nearest, 4),
        sources=(Source(kind="input", place=place),),
    )


@dataclass(frozen=True)
class SignChanges:
    """Sign changes of a difference along an axis.

    Parameters
    ----------
    count
        Number of changes of each draw, shape ``(draws,)``.
    first
        Index of the first point after the first change; -1 where there is none, shape ``(draws,)``.
    toward_buy
        Whether the first change is from building to buying, shape ``(draws,)``.
    start_buy
        Whether buying is cheaper at the first point, shape ``(draws,)``.
    """

    count: Ints
    first: Ints
    toward_buy: NDArray[np.bool_]
    start_buy: NDArray[np.bool_]


def sign_changes(difference: Floats) -> SignChanges:
    """Return all sign changes of ``build - buy`` along the last axis.

    Parameters
    ----------
    difference
        Shape ``(draws, points)``; positive means that buying is cheaper. A point at exactly zero
        belongs to the side that came before it, so that touching is no change.
    """
    sign = np.sign(difference).astype(np.int8)
    for point in range(1, sign.shape[1]):
        sign[:, point] = np.where(sign[:, point] == 0, sign[:, point - 1], sign[:, point])
    turned = (sign[:, 1:] != sign[:, :-1]) & (sign[:, :-1] != 0)
    count = turned.sum(axis=1)
    some = np.pad(turned, ((0, 0), (0, 1)), constant_values=True)  # an axis of one point has no change
    first = np.where(count > 0, some.argmax(axis=1) + 1, -1)
    after = np.take_along_axis(sign, np.maximum(first, 0)[:, None], axis=1)[:, 0]
    return SignChanges(count, first, (first >= 0) & (after > 0), sign[:, 0] > 0)


def positions(difference: Floats, axis: Floats) -> list[list[float]]:
    """Return for each draw every value of the axis at which the difference is zero, linear in between.

    >>> positions(np.array([[-1.0, 1.0, 3.0, -1.0]]), np.array([0.0, 1.0, 2.0, 3.0]))
    [[0.5, 2.75]]
    """
    found = []
    for row in difference:
        own = []
        last = 0
        for point in range(1, len(row)):
            if row[last] == 0:
                last = point
                continue
            if row[last] * row[point] < 0:
                share = (
                    row[point - 1] / (row[point - 1] - row[point]) if row[point - 1] != row[point] else 0.0
                )
                own.append(float(axis[point - 1] + share * (axis[point] - axis[point - 1])))
            if row[point] != 0:
                last = point
        found.append(own)
    return found
