"""The cash-flow engine: what an assignment of integrations to styles costs, month by month, for every draw.

One engine serves all options; an option is an assignment. Formulas and their sources:
docs/method/cost.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .calendar import MONTHS, WEEKS_PER_MONTH, Calendar, Schedule, live_share, schedule
from .draws import Draws
from .parameters import Terms, coverage
from .usage import yearly_bill

Floats = NDArray[np.float64]

LINES: Mapping[str, str] = {
    "foundation": "Foundation of the platform",
    "ramp": "Learning the style",
    "remediation": "Remediation of data findings",
    "build": "Build",
    "maintenance": "Maintenance",
    "changes": "Changes of connected systems",
    "subscription": "Subscription and usage",
    "infrastructure": "Infrastructure",
    "people": "People who run it",
    "coordination": "Coordination of styles",
    "losses": "Expected losses from risks",
    "exit": "Expected cost of leaving",
    "benefits": "Benefits",
}
"""The lines of the cash flow in the order of the table."""

ONCE = ("foundation", "ramp", "remediation")
"""Lines paid at the start, before the first month."""

HOURS_PER_DAY = 8
BLOCK = 8192
"""Draws that are evaluated together, so that a month's table stays in the cache."""


@dataclass(frozen=True)
class Flows:
    """What an option costs.

    Parameters
    ----------
    present
        Present value of each year's flows, shape ``(draws, years + 1)``; column 0 is the start.
    lines
        Mean flow of each line by month, shape ``(months + 1,)``; month 0 is the start. In the money
        of the engagement (real or nominal), not discounted.
    line_present
        Mean present value of each line.
    duration
        Months that the team needs to build everything, shape ``(draws,)``.
    spent
        What is paid until all integrations run, not discounted, in prices of the base date (of the contract for
        subscriptions), shape ``(draws,)``: what a budget has to hold. Expected losses and the cost of leaving are
        no payments of the programme, benefits do not flow into its budget.
    """

    present: Floats
    lines: Mapping[str, Floats]
    line_present: Mapping[str, float]
    duration: Floats
    spent: Floats

    @property
    def npv(self) -> Floats:
        """Present value of all costs less benefits, shape ``(draws,)``."""
        return np.asarray(self.present.sum(axis=1))


@dataclass
class _Amounts:
    """Amounts of one block of draws: paid once, paid while live, paid from the first month."""

    once: dict[str, Floats]
    build: Floats
    live: dict[str, Floats]
    benefits: Floats
    fixed: dict[str, Floats]
    exit: Floats
    subscription: Floats
    rollout: Floats
    duration: Floats


def cash_flows(terms: Terms, draws: Draws, assignment: Mapping[str, str]) -> Flows:
    """Return the cash flows of an assignment ``integration id -> style``.

    Integrations that the assignment does not name are not built and cost nothing.

    Raises
    ------
    KeyError
        If a style is named that the terms hold no parameters of.
    """
    calendar = Calendar.of(terms)
    parts = [
        _block(terms, draws.block(start, min(start + BLOCK, draws.size)), assignment, calendar)
        for start in range(0, draws.size, BLOCK)
    ]
    weight = [part.duration.size / draws.size for part in parts]
    return Flows(
        present=np.concatenate([part.present for part in parts]),
        lines={line: _mean([part.lines[line] for part in parts], weight) for line in LINES},
        line_present={
            line: float(
                sum(part.line_present[line] * share for part, share in zip(parts, weight, strict=True))
            )
            for line in LINES
        },
        duration=np.concatenate([part.duration for part in parts]),
        spent=np.concatenate([part.spent for part in parts]),
    )


def _mean(parts: Sequence[Floats], weight: Sequence[float]) -> Floats:
    return np.asarray(sum(part * share for part, share in zip(parts, weight, strict=True)))


def _block(terms: Terms, draws: Draws, assignment: Mapping[str, str], calendar: Calendar) -> Flows:
    plan = _schedule(draws, calendar)
    amounts = _amounts(terms, draws, assignment, calendar, plan)
    present = np.zeros((draws.size, calendar.years + 1))
    lines = {line: np.zeros(calendar.months + 1) for line in LINES}
    worth: dict[str, float] = dict.fromkeys(LINES, 0.0)
    for line, amount in amounts.once.items():
        present[:, 0] += amount
        lines[line][0] = worth[line] = float(amount.mean())
    spent = np.diff(np.einsum("n,nm->m", amounts.build, plan.live), prepend=0.0)
    _add(calendar, lines, worth, "build", spent / draws.size)
    while_live: Floats = np.zeros(draws.size)
    for line, amount in amounts.live.items():
        while_live = while_live + amount
        _add(calendar, lines, worth, line, np.einsum("n,nm->m", amount, plan.live) / (draws.size * MONTHS))
    year = present[:, 1:]
    year += amounts.build[:, None] * plan.built + while_live[:, None] * plan.running
    if amounts.benefits.any():
        late = live_share(np.maximum(amounts.duration, amounts.rollout), calendar.months)
        worths = np.kron(np.eye(calendar.years), np.ones((MONTHS, 1))) * calendar.real[:, None] / MONTHS
        year -= amounts.benefits[:, None] * (late @ worths)
        gained = np.einsum("n,nm->m", amounts.benefits, late) / (draws.size * MONTHS)
        _add(calendar, lines, worth, "benefits", -gained)
    always = sum(amounts.fixed.values(), np.zeros(draws.size))
    year += (always[:, None] + amounts.exit) * (calendar.yearly(calendar.real) / MONTHS)
    for line, amount in amounts.fixed.items():
        _add(calendar, lines, worth, line, np.full(calendar.months, float(amount.mean()) / MONTHS))
    _add(calendar, lines, worth, "exit", np.repeat(amounts.exit.mean(axis=0) / MONTHS, MONTHS))
    year += amounts.subscription * (calendar.yearly(calendar.contract) / MONTHS)
    monthly = np.repeat(amounts.subscription.mean(axis=0) / MONTHS, MONTHS)
    lines["subscription"][1:] = monthly * calendar.contract_money
    worth["subscription"] = float(monthly @ calendar.contract)
    return Flows(present, lines, worth, amounts.duration, _spent(amounts, plan, always))


def _spent(amounts: _Amounts, plan: Schedule, always: Floats) -> Floats:
    """Return what is paid until all integrations run: once, for building, and for running what is already live."""
    once = sum(amounts.once.values(), amounts.build)
    running = sum((amount for line, amount in amounts.live.items() if line != "losses"), np.zeros_like(once))
    years = plan.before.sum(axis=1)
    return np.asarray(
        once + running * plan.waiting + always * years + (amounts.subscription * plan.before).sum(axis=1)
    )


def _schedule(draws: Draws, calendar: Calendar) -> Schedule:
    """Return the schedule of the plan, computed once for all options."""
    if calendar not in draws.kept:
        draws.kept[calendar] = schedule(rollout_months(draws, calendar.months), calendar)
    plan: Schedule = draws.kept[calendar]
    return plan


def _add(
    calendar: Calendar, lines: dict[str, Floats], worth: dict[str, float], line: str, monthly: Floats
) -> None:
    """Book a line that is in base-date money."""
    lines[line][1:] = monthly * calendar.real_money
    worth[line] = float(monthly @ calendar.real)


def _amounts(
    terms: Terms, draws: Draws, assignment: Mapping[str, str], calendar: Calendar, plan: Schedule
) -> _Amounts:
    size = draws.size
    groups = grouped(terms, assignment)
    costs = build_costs(terms, draws)
    experience = _experience(draws, len(terms.integrations))
    zero = np.zeros(size)
    build, foundation, ramp, upkeep, changes = zero, zero, zero, zero, zero
    infrastructure, people = zero, zero
    leaving = np.zeros((size, calendar.years))
    for style, places in groups.items():
        effort = style_effort(terms, draws, style, places, costs, experience)
        build = build + effort.paid
        foundation = foundation + draws[f"setup.days.{style}"] * draws["team.day_rate"]
        ramp = ramp + ramp_cost(terms, draws, style)
        upkeep = upkeep + effort.upkeep
        changes = changes + change_cost(draws, style, places, effort.custom_share)
        infrastructure = infrastructure + draws[f"infrastructure.{style}"]
        people = people + draws[f"people.fte.{style}"] * draws["people.wage"] * (
            1 + draws[f"people.scarcity.{style}"]
        )
        leaving += exit_cost(draws, style, effort.by_hand, calendar.years)
    subscription = np.zeros((size, calendar.years))
    for style, places in groups.items():
        if style in terms.plans:
            subscription += yearly_bill(terms, draws, style, places, plan.share)
    extra = max(len(groups) - 1, 0)
    return _Amounts(
        once={
            "foundation": foundation,
            "ramp": ramp,
            "remediation": _remediation(terms, draws),
        },
        build=build,
        live={
            "maintenance": upkeep,
            "changes": changes,
            "losses": _yearly_amount(terms, draws, "loss", assignment),
        },
        benefits=_yearly_amount(terms, draws, "benefit", assignment),
        fixed={
            "infrastructure": infrastructure,
            "people": people,
            "coordination": np.broadcast_to(draws["portfolio.coordination"] * extra, (size,)),
        },
        exit=leaving,
        subscription=subscription,
        rollout=rollout_months(draws, calendar.months),
        duration=months_to_build(terms, draws, build),
    )


def grouped(terms: Terms, assignment: Mapping[str, str]) -> dict[str, list[int]]:
    """Return the places of the integrations of each style, both in the order of the engagement."""
    groups: dict[str, list[int]] = {style: [] for style in terms.styles}
    for place, integration in enumerate(terms.integrations):
        style = assignment.get(integration.id)
        if style is not None:
            groups[style].append(place)
    return {style: places for style, places in groups.items() if places}


def build_costs(terms: Terms, draws: Draws) -> Floats:
    """Return the cost of building each integration by hand as planned, shape ``(draws, integrations)``.

    Stated days are multiplied with the day rate; the default is an amount of money.
    """
    stated = [item.name.startswith("build.days:") for item in terms.parameters if item.family == "build"]
    costs = draws.family["build"]
    if not any(stated):
        return costs
    if all(stated):
        return np.asarray(costs * np.broadcast_to(draws["team.day_rate"], (draws.size,))[:, None])
    rate = np.broadcast_to(draws["team.day_rate"], (draws.size,))[:, None]
    return np.where(np.asarray(stated), costs * rate, costs)


def learning(draws: Draws, count: int) -> Floats:
    """Return the cost of the j-th integration against the first, ``j ** log2(rate)`` (Wright 1936).

    Shape ``(draws, count)``.
    """
    exponent = np.broadcast_to(np.log2(draws["build.learning_rate"]), (draws.size,))
    return np.asarray(np.exp(exponent[:, None] * np.log(np.arange(1, count + 1, dtype=np.float64))))


def _experience(draws: Draws, count: int) -> Floats:
    """Return `learning`, computed once for all options."""
    if ("learning", count) not in draws.kept:
        draws.kept["learning", count] = learning(draws, count)
    factors: Floats = draws.kept["learning", count]
    return factors


@dataclass(frozen=True)
class Effort:
    """What building the integrations of one style takes; each shape ``(draws,)``.

    ``paid`` is the cost with overrun and inexperience, ``upkeep`` the maintenance a year,
    ``by_hand`` what rebuilding them by hand would cost, ``custom_share`` the share of the
    integrations' work that is built rather than configured, shape ``(draws, places)``.
    """

    paid: Floats
    upkeep: Floats
    by_hand: Floats
    custom_share: Floats


def style_effort(
    terms: Terms, draws: Draws, style: str, places: Sequence[int], costs: Floats, experience: Floats
) -> Effort:
    """Return the effort of the integrations at ``places`` in a style.

    Built by hand: ``cost * factor * psi * overrun``. On a platform the share ``kappa`` that
    connectors cover is configured: ``cost * (kappa * config + (1 - kappa) * factor * psi * overrun)``.
    Maintenance is a share of what was planned, without overrun: an overrun is paid once.
    """
    chosen = costs if len(places) == costs.shape[1] else costs[:, places]
    eased = experience[:, : len(places)]
    total = np.einsum("ni,ni->n", chosen, eased)
    covered = connector_share(terms, draws, places) if style == "ipaas" else np.zeros((1, len(places)))
    configured = (
        np.einsum("ni,ni,ni->n", chosen, eased, np.broadcast_to(covered, chosen.shape))
        if style == "ipaas"
        else np.zeros(draws.size)
    )
    custom = total - configured
    built = custom * draws[f"build.factor.{style}"]
    paid = built * psi(terms, draws, style) * draws[f"overrun:{style}"] * draws["overrun.factor"]
    settings = configured * draws["build.config_share"]
    keep = draws["maintenance.custom"] * (1 - draws["maintenance.change_share"])
    return Effort(
        paid=paid + settings,
        upkeep=built * keep + settings * draws["maintenance.ipaas"],
        by_hand=chosen.sum(axis=1),
        custom_share=1 - covered,
    )


def connector_share(terms: Terms, draws: Draws, places: Sequence[int]) -> Floats:
    """Return the share of the work of each integration that connectors cover, ``(draws or 1, places)``."""
    default = np.atleast_1d(draws["build.coverage"])
    columns = []
    for place in places:
        stated = coverage(terms.integrations[place])
        columns.append(default if stated is None else np.full(default.shape, stated))
    return np.column_stack(columns)


def psi(terms: Terms, draws: Draws, style: str) -> Floats:
    """Return effort against an experienced team: 1 at skill 1, the drawn ``skill.psi`` at skill 0."""
    return np.asarray(1 + (draws["skill.psi"] - 1) * (1 - terms.skills[style]))


def ramp_cost(terms: Terms, draws: Draws, style: str) -> Floats:
    """Return the cost of learning a style: days a person times people times what is not known yet."""
    days = draws["skill.ramp_days"] * draws["team.people"] * (1 - terms.skills[style])
    return np.asarray(days * draws["team.day_rate"])


def change_cost(draws: Draws, style: str, places: Sequence[int], custom_share: Floats) -> Floats:
    """Return the yearly cost of following changes of the connected systems.

    ``changes * hours * rate``; on a platform, connectors take over ``abstraction`` of the work on
    the part that they cover.
    """
    per_change = draws["change.hours"] / HOURS_PER_DAY * draws["team.day_rate"]
    relief = 1 - custom_share
    count = draws.family["changes"][:, places]
    spared = np.einsum("ni,ni->n", count, np.broadcast_to(relief, count.shape)) if style == "ipaas" else 0.0
    return np.asarray((count.sum(axis=1) - spared * draws["change.abstraction"]) * per_change)


def exit_cost(draws: Draws, style: str, by_hand: Floats, years: int) -> Floats:
    """Return the expected cost of having to leave in each year, shape ``(draws, years)``.

    The chance of leaving in year t is ``hazard (1 - hazard)^(t - 1)``; it happens once.
    """
    hazard = np.broadcast_to(draws[f"exit.hazard.{style}"], by_hand.shape)[:, None]
    year = np.arange(years)
    return np.asarray(hazard * (1 - hazard) ** year * (by_hand * draws[f"exit.share.{style}"])[:, None])


def rollout_months(draws: Draws, months: int) -> Floats:
    """Return the months over which the plan brings the integrations live, shape ``(draws,)``.

    Costs are booked on the plan, so that an overrun never makes an option cheaper by running later;
    benefits wait until the integrations are really built.
    """
    return np.broadcast_to(np.clip(draws["rollout.months"], 1.0, float(months)), (draws.size,))


def months_to_build(terms: Terms, draws: Draws, build: Floats) -> Floats:
    """Return the months that the team needs to build everything, at least one, shape ``(draws,)``.

    Capacity is people times focus times working days, less the maintenance reserve. A team that
    has no capacity, or whose days cost nothing, is treated as one person-day a month; a finding says so.
    """
    days = build / np.maximum(draws["team.day_rate"], 1e-9)
    working = terms.days_per_week * WEEKS_PER_MONTH * (1 - terms.reserve)
    capacity = np.maximum(draws["team.people"] * draws["team.focus"] * working, 1.0)
    return np.asarray(np.maximum(days / capacity, 1.0))


def _remediation(terms: Terms, draws: Draws) -> Floats:
    days = sum((draws[f"remediation:{name}"] for name in terms.remediation), np.asarray(0.0))
    return np.broadcast_to(days * draws["team.day_rate"] * draws["rework.factor"], (draws.size,))


def _yearly_amount(terms: Terms, draws: Draws, kind: str, assignment: Mapping[str, str]) -> Floats:
    """Return losses or benefits a year: each in proportion to the integrations that it applies to."""
    total = np.zeros(draws.size)
    for item in terms.losses if kind == "loss" else terms.benefits:
        total = total + draws[f"{kind}:{item.id}"] * applicable(item.integrations, item.styles, assignment)
    return total


def applicable(integrations: Sequence[str], styles: Sequence[str], assignment: Mapping[str, str]) -> float:
    """Return the share of the named integrations (all if none is named) that have one of the styles."""
    named = [name for name in integrations if name in assignment] if integrations else list(assignment)
    if not named:
        return 0.0
    return sum(not styles or assignment[name] in styles for name in named) / len(integrations or named)
