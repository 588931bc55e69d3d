"""The total cost of every option: draw, book, compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.core.finding import Finding, Missing
from assess.decisions.shift import Shift, apply
from assess.intake.engagement import Engagement, Style
from assess.intake.yearly import Yearly

from . import remarks
from .billing import Plan, PlanEnds
from .calendar import Calendar
from .cashflow import Flows, cash_flows
from .draws import Draws, sample
from .finance import annuity_factor, return_on_investment
from .information import cheapest_share, expected_regret, perfect_information, tail_mean
from .money import MissingRate
from .parameters import STYLES, Terms, gather
from .payback import break_even, first_year_cheapest, payback_month
from .plan_prices import plan_prices
from .questions import pilot, questions
from .result import CashLine, Excluded, OptionCost, Quantiles, TotalCost
from .tornado import swings
from .trace import facts, line_sources, sources

Floats = NDArray[np.float64]

PURE: tuple[Style, ...] = ("api-first", "event-driven", "ipaas")
"""Options that are compared where no assignments are given."""

LABELS: Mapping[str, str] = {
    "api-first": "Custom, API-first",
    "event-driven": "Event-driven",
    "ipaas": "Integration platform",
    "portfolio": "Portfolio of styles",
    "hybrid": "Portfolio of styles",
    "file-exchange": "File exchange",
    "api-facade": "API facade",
    "database-access": "Database access",
}

LEVELS = (0.05, 0.1, 0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Priced:
    """The options that could be priced, with their flows and the likely case."""

    assignments: Mapping[str, Mapping[str, str]]
    flows: Mapping[str, Flows]
    excluded: tuple[Excluded, ...]

    @property
    def costs(self) -> Floats:
        """Present values, shape ``(draws, options)``."""
        return np.column_stack([flow.npv for flow in self.flows.values()])


def estimate(
    engagement: Engagement,
    *,
    assignments: Mapping[str, Mapping[str, str]] | None = None,
    remediation: Sequence[Finding] | None = None,
    benefits: Sequence[Yearly] | None = None,
    losses: Sequence[Yearly] | None = None,
    shifts: Sequence[Shift] = (),
    plans: Mapping[str, Plan] | None = None,
    draws: int = 10_000,
    seed: int = 7,
) -> TotalCost:
    """Estimate what each option costs over the horizon, and how sure the choice between them is.

    Parameters
    ----------
    assignments
        Option name to ``integration id -> style``. Without it, API-first, event-driven and iPaaS each
        take every integration.
    remediation
        Findings whose effort is paid before the start; None means not assessed, an empty sequence that
        nothing is to be repaired. Likewise ``benefits`` and ``losses``, a year each.
    shifts
        How failed readiness gates move parameters.
    plans
        Style to price plan, instead of the default plan of the style.
    draws
        Number of Monte Carlo draws, at least 2.
    seed
        The same seed gives the same result.

    Returns
    -------
    TotalCost
        Without integrations, or without an exchange rate that is needed, it has no options and says
        under ``missing`` what to supply.

    Raises
    ------
    ValueError
        If ``draws`` is below 2, or the overrun's cap is not above the mean of its tail.
    KeyError
        If a shift names an unknown parameter, or an assignment an unknown style or integration.
    """
    if draws < 2:
        raise ValueError(f"draws must be at least 2, got {draws}")
    moved = apply(engagement, shifts)
    chosen = assignments or {style: {item.id: style for item in engagement.integrations} for style in PURE}
    chosen = {name: dict(assignment) for name, assignment in chosen.items() if assignment}
    _check(engagement, chosen)
    if not engagement.integrations or not chosen:
        return _nothing(moved, draws, seed, remarks.no_integrations())
    used = {style for assignment in chosen.values() for style in assignment.values()}
    try:
        terms = gather(
            moved,
            styles=[style for style in STYLES if style in used],
            plans=plans,
            remediation=remediation or (),
            benefits=benefits or (),
            losses=losses or (),
        )
    except MissingRate as error:
        return _nothing(moved, draws, seed, remarks.no_rate(str(error)))
    values = sample(terms, draws, seed)
    priced = price_options(terms, values, chosen)
    if not priced.flows:
        return _nothing(moved, draws, seed, remarks.no_plan(priced.excluded))
    assessed = {"remediation": remediation, "benefits": benefits, "losses": losses}
    return _result(
        moved, terms, values, priced, {key: held is not None for key, held in assessed.items()}, seed, shifts
    )


def _check(engagement: Engagement, assignments: Mapping[str, Mapping[str, str]]) -> None:
    known = {item.id for item in engagement.integrations}
    for name, assignment in assignments.items():
        for integration, style in assignment.items():
            if integration not in known:
                raise KeyError(f"option {name} assigns the unknown integration {integration}")
            if style not in STYLES:
                raise KeyError(f"option {name} assigns the unknown style {style}")


def price_options(terms: Terms, values: Draws, assignments: Mapping[str, Mapping[str, str]]) -> Priced:
    """Return the cash flows of the options; those whose price plan ends are left out with the reason."""
    flows, excluded = {}, []
    for name, assignment in assignments.items():
        try:
            flows[name] = cash_flows(terms, values, assignment)
        except PlanEnds as error:
            excluded.append(Excluded(option=name, reason=str(error)))
    kept = {name: assignments[name] for name in flows}
    return Priced(kept, flows, tuple(excluded))


def _nothing(engagement: Engagement, draws: int, seed: int, missing: Missing) -> TotalCost:
    return TotalCost(
        currency=engagement.currency,
        money=engagement.money,
        discount_rate=engagement.discount_rate or 0.0,
        inflation=engagement.inflation or 0.0,
        horizon_years=engagement.horizon_years,
        draws=draws,
        seed=seed,
        overrun_cap=engagement.assumptions["overrun.cap"].likely,
        best=None,
        missing=(missing,),
    )


def _result(
    engagement: Engagement,
    terms: Terms,
    values: Draws,
    priced: Priced,
    assessed: Mapping[str, bool],
    seed: int,
    shifts: Sequence[Shift],
) -> TotalCost:
    calendar = Calendar.of(terms)
    tornado = swings(engagement, terms, priced.assignments)
    options = _options(terms, calendar, priced, assessed, tornado.likely)
    ranked = sorted(options, key=lambda option: (option.npv.mean, option.id))
    best, runner_up = ranked[0].id, ranked[1].id if len(ranked) > 1 else None
    asked = questions(terms, values, priced.costs, list(priced.flows).index(best))
    result = TotalCost(
        currency=engagement.currency,
        money=terms.money,
        discount_rate=calendar.rate,
        inflation=terms.inflation,
        horizon_years=terms.horizon,
        draws=values.size,
        seed=seed,
        overrun_cap=terms.overrun["cap"],
        best=best,
        runner_up=runner_up,
        best_p50=min(options, key=lambda option: (option.npv.p50, option.id)).id,
        best_p80=min(options, key=lambda option: (option.npv.p80, option.id)).id,
        options=options,
        swings=tornado.swings,
        questions=asked,
        evpi=tidy(perfect_information(priced.costs)),
        pilot=pilot(engagement, terms, values, priced.costs),
        plans=plan_prices(engagement, terms),
        excluded=priced.excluded,
        correlation_moved=values.repair.moved if values.repair else 0.0,
        overridden=engagement.assumptions.own,
        notes=remarks.notes(engagement, terms, assessed, shifts),
        missing=remarks.missing(engagement, assessed),
        sources=sources(engagement, terms),
    )
    found = remarks.findings(engagement, terms, result, priced)
    return result.model_copy(update={"findings": found, "facts": facts(result, terms)})


def _options(
    terms: Terms,
    calendar: Calendar,
    priced: Priced,
    assessed: Mapping[str, bool],
    likely: Mapping[str, float],
) -> tuple[OptionCost, ...]:
    costs = priced.costs
    share, regret = cheapest_share(costs), expected_regret(costs)
    running = np.stack([np.cumsum(flow.present, axis=1) for flow in priced.flows.values()])
    by_year = [cheapest_share(running[:, :, year].T) for year in range(1, terms.horizon + 1)]
    total = {name: np.cumsum(sum(flow.lines.values())) for name, flow in priced.flows.items()}
    reference = first_year_cheapest(total)
    factor = annuity_factor(calendar.rate, terms.horizon)
    found = []
    for place, (name, flow) in enumerate(priced.flows.items()):
        paid, paid_note = payback_month(flow, assessed["benefits"], terms.horizon)
        even, even_note = break_even(name, reference, total)
        found.append(
            OptionCost(
                id=name,
                label=LABELS.get(name, name),
                assignment=dict(priced.assignments[name]),
                npv=quantiles(flow.npv),
                annual=quantiles(flow.npv / factor),
                likely=tidy(likely[name]),
                lines=_lines(terms, calendar, name, priced, assessed),
                cheapest=tidy(float(share[place])),
                cheapest_by_year=tuple(tidy(float(row[place])) for row in by_year),
                regret=tidy(float(regret[place])),
                cvar95=tidy(tail_mean(flow.npv)),
                cumulative=tuple(tidy(value) for value in total[name].tolist()),
                fan=_fan(running[place]),
                payback_month=paid,
                payback_note=paid_note,
                break_even_month=even,
                break_even_note=even_note,
                roi=_roi(flow),
                months_to_build=_triple(flow.duration),
            )
        )
    return tuple(found)


def _roi(flow: Flows) -> float | None:
    gain = -flow.line_present["benefits"]
    cost = sum(flow.line_present.values()) + gain
    value = return_on_investment(gain, cost) if gain > 0 else None
    return None if value is None else tidy(value)


def _lines(
    terms: Terms, calendar: Calendar, name: str, priced: Priced, assessed: Mapping[str, bool]
) -> tuple[CashLine, ...]:
    flow = priced.flows[name]
    used = sorted(set(priced.assignments[name].values()))
    return tuple(
        CashLine(
            line=line,
            label=remarks.line_label(line),
            years=tuple(tidy(value) for value in (monthly[0], *calendar.yearly(monthly[1:]).tolist())),
            present_value=tidy(flow.line_present[line]),
            of=line_sources(terms, line, used),
            note=remarks.line_note(line, assessed),
        )
        for line, monthly in flow.lines.items()
    )


def _fan(running: Floats) -> tuple[tuple[float, float, float], ...]:
    return tuple(_triple(running[:, year]) for year in range(running.shape[1]))


def _triple(values: Floats) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
    return tidy(low), tidy(middle), tidy(high)


def quantiles(values: Floats) -> Quantiles:
    """Return a distribution in seven numbers."""
    p5, p10, p50, p80, p90, p95 = (tidy(value) for value in np.quantile(values, LEVELS).tolist())
    return Quantiles(mean=tidy(float(values.mean())), p5=p5, p10=p10, p50=p50, p80=p80, p90=p90, p95=p95)


def tidy(value: float) -> float:
    """Round to ten significant digits, so that results do not depend on the order of a sum."""
    return float(f"{value:.10g}")
