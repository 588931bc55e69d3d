"""Build or buy: draw, compare along three axes, judge every integration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assess.core.finding import Finding, Missing
from assess.core.source import Fact, Source
from assess.decisions.cost.billing import Plan, PlanEnds
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import Draws, sample
from assess.decisions.cost.money import MissingRate
from assess.decisions.cost.parameters import STYLES, Terms, gather
from assess.decisions.cost.total import quantiles
from assess.decisions.cost.trace import sources
from assess.decisions.shift import Shift, apply
from assess.intake.engagement import Engagement, Style

from .criteria import criteria
from .crossing import changes
from .result import BuildOrBuy, Crossing, Curve, Kind
from .verdicts import verdicts
from .ways import over_integrations, over_volume, way, weights

Floats = NDArray[np.float64]

ARTICLE_NUMBER = 10
"""From how many integrations on a platform is said to be more efficient (the article's rule of thumb)."""

AXES: Mapping[Kind, tuple[str, str]] = {
    "integrations": ("Number of integrations from which the other way is cheaper", "integrations"),
    "volume": ("Messages a month of all integrations from which the other way is cheaper", "messages/month"),
    "year": ("Year from whose end the other way is cheaper in total", "year"),
}


def decide(
    engagement: Engagement,
    *,
    shifts: Sequence[Shift] = (),
    plans: Mapping[str, Plan] | None = None,
    build_style: Style = "api-first",
    buy_style: Style = "ipaas",
    limit: int = 150,
    draws: int = 5_000,
    seed: int = 7,
) -> BuildOrBuy:
    """Compare building by hand with buying a platform.

    Parameters
    ----------
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
    moved = apply(engagement, shifts)
    frame = BuildOrBuy(
        currency=engagement.currency,
        horizon_years=engagement.horizon_years,
        integrations=len(engagement.integrations),
        build_style=build_style,
        buy_style=buy_style,
        plan="",
        draws=draws,
        seed=seed,
        buy_share=None,
    )
    if not engagement.integrations:
        return _missing(frame, "integrations.csv with at least one integration")
    both = [style for style in STYLES if style in (build_style, buy_style)]
    try:
        terms = gather(moved, styles=both, plans=plans)
        return _compare(
            frame, moved, terms, sample(terms, draws, seed), max(limit, 2 * len(terms.integrations))
        )
    except (MissingRate, PlanEnds) as error:
        return _missing(frame, str(error))


def _missing(frame: BuildOrBuy, supply: str) -> BuildOrBuy:
    lack = Missing(section="build_or_buy", supply=supply, changes="building and buying can be compared")
    return frame.model_copy(update={"missing": (lack,)})


def _compare(frame: BuildOrBuy, engagement: Engagement, terms: Terms, draws: Draws, limit: int) -> BuildOrBuy:
    weight = weights(terms, draws)
    items = way(terms, draws, frame.build_style, weight), way(terms, draws, frame.buy_style, weight)
    numbers = _numbers(limit)
    factors = np.logspace(-3, 4, 57)
    everything = draws.family["volume"].mean(axis=0).sum()
    build, buy = (
        cash_flows(terms, draws, {item.id: style for item in terms.integrations})
        for style in (frame.build_style, frame.buy_style)
    )
    total = np.cumsum(build.present - buy.present, axis=1)[:, 1:]
    lines: dict[Kind, tuple[Floats, Floats]] = {
        "integrations": (numbers, over_integrations(terms, draws, items, weight, numbers)),
        "volume": (factors * everything, over_volume(terms, draws, items, weight, factors)),
        "year": (np.arange(1.0, terms.horizon + 1), total),
    }
    difference = build.npv - buy.npv
    result = frame.model_copy(
        update={
            "plan": terms.plans[frame.buy_style].name if frame.buy_style in terms.plans else "",
            "buy_share": round(float((difference > 0).mean()), 4),
            "build": quantiles(build.npv),
            "buy": quantiles(buy.npv),
            "difference": quantiles(difference),
            "crossings": tuple(crossing(kind, axis, line) for kind, (axis, line) in lines.items()),
            "curves": tuple(_curve(kind, axis, line) for kind, (axis, line) in lines.items()),
            "criteria": criteria(terms, frame.build_style, frame.buy_style, limit),
            "verdicts": verdicts(engagement, terms, draws, frame.build_style, frame.buy_style),
            "sources": sources(engagement, terms),
            "notes": _notes(terms),
        }
    )
    return result.model_copy(update={"findings": _findings(result), "facts": _facts(result)})


def _numbers(limit: int) -> Floats:
    """Return every number to 60, then every fifth."""
    return np.unique(
        np.concatenate([np.arange(1, min(limit, 60) + 1), np.arange(60, limit + 1, 5), [limit]])
    ).astype(np.float64)


def crossing(kind: Kind, axis: Floats, difference: Floats) -> Crossing:
    """Summarise every change of sign of build less buy, shape ``(draws, values)``, along an axis."""
    found = changes(difference)
    has = found.first >= 0
    where = axis[found.first[has]]
    label, unit = AXES[kind]
    p5, p50, p95 = np.quantile(where, [0.05, 0.5, 0.95]).tolist() if where.size else (None, None, None)
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
        histogram=tuple(zip(values.tolist(), (counts / len(difference)).tolist(), strict=True)),
        limit=float(axis[-1]),
    )


def _curve(kind: Kind, axis: Floats, difference: Floats) -> Curve:
    low, middle, high = (
        tuple(round(value, 2) for value in row)
        for row in np.quantile(difference, [0.1, 0.5, 0.9], axis=0).tolist()
    )
    return Curve(kind=kind, values=tuple(axis.tolist()), p10=low, p50=middle, p90=high)


def _notes(terms: Terms) -> tuple[str, ...]:
    return (
        f"Present values over {terms.horizon} years. The curve over the number of integrations uses the average integration "
        "of this engagement.",
        "The verdict of an integration compares what it adds to each way; the fixed cost of a platform is decided for all "
        "together.",
    )


def _findings(result: BuildOrBuy) -> tuple[Finding, ...]:
    return tuple(item for item in (_number_finding(result), _late_finding(result)) if item)


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


def _late_finding(result: BuildOrBuy) -> Finding | None:
    late = [item for item in result.verdicts if item.choice == "platform-first"]
    if not late:
        return None
    years = sorted({item.year for item in late if item.year})
    return Finding(
        id="build_or_buy/platform-first",
        section="build_or_buy",
        severity="low",
        title=f"{len(late)} of {len(result.verdicts)} integrations should start on the platform and be built by hand later, "
        f"from year {years[0]} on",
        evidence=", ".join(f"{item.label} (year {item.year})" for item in late[:5]),
        action="Keep their logic behind a thin adapter, so that the migration stays cheap.",
        integrations=tuple(item.integration for item in late),
    )


def _facts(result: BuildOrBuy) -> tuple[Fact, ...]:
    of = tuple(source.id for source in result.sources)

    def source(term: str) -> Source:
        return Source(
            kind="calculation", place=f"build_or_buy/{term}", detail="docs/method/build-or-buy.md", of=of
        )

    found = [
        Fact(id="build_or_buy.buy_share", label="Chance that buying is cheaper for all integrations together",
             value=result.buy_share, unit="share", sources=(source("buy_share"),)),
    ]  # fmt: skip
    if result.difference:
        found.append(
            Fact(id="build_or_buy.difference", label="Present value of building less buying", value=result.difference.p50,
                 unit=result.currency, low=result.difference.p10, high=result.difference.p90, sources=(source("difference"),))
        )  # fmt: skip
    found += [
        Fact(id=f"build_or_buy.crossing.{item.kind}", label=item.label, value=item.p50, unit=item.unit,
             low=item.p5, high=item.p95, sources=(source(f"crossing/{item.kind}"),))
        for item in result.crossings
    ]  # fmt: skip
    return tuple(found)
