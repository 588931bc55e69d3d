"""Many options at once, at the expected values of everything: the cost graph along an axis of options.

The cost is nearly linear in what is uncertain, so the expected values price an option within a percent of the mean
of its futures, without noise; futures are drawn where they decide (`assess.decisions.decision.rule`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from assess.core.formula_evaluation import Evaluation, Formulas
from assess.core.formula_graph import Formula, form_data, named, total
from assess.core.grids import Grid, without_draws
from assess.decisions.cost.billing import ANY_VENDOR, Plan
from assess.decisions.cost.cashflow import OPTION_INPUTS, collect_inputs, label_axes
from assess.decisions.cost.draws import expected
from assess.decisions.cost.model import LINES, REALISED, WORTH
from assess.decisions.cost.parameters import KEEP, Assigned, Terms, plain
from assess.decisions.framework.constraints import WITHIN
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration, Style, System

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
"""What is done with each integration, shape ``(options, integrations)``: the place of a style, `STAY`, or `NOTHING`."""

STAY, NOTHING = -1, -2
BLOCK = 128
"""OptionsBeside that are evaluated together."""


@dataclass(frozen=True)
class OptionPrices:
    """What options cost.

    Parameters
    ----------
    npv
        Expected present value of all costs less benefits, shape ``(options,)``; infinite where no plan is capable.
    benefit
        That of the benefits, shape ``(options,)``.
    plans
        Id of the plan of each style of each option; empty where none is bought.
    """

    npv: Floats
    benefit: Floats
    plans: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class OptionPricer:
    """Prices options of some terms, whose plans are all that may be bought."""

    engagement: Engagement
    terms: Terms

    @cached_property
    def _base(self) -> Evaluation:
        known = without_draws(collect_inputs(self.terms, expected(self.terms)))
        return Evaluation(self.terms.graph.formulas(*OPTION_INPUTS), known, self._axes(BLOCK))

    @cached_property
    def _formulas(self) -> Formulas:
        return self.terms.graph.formulas(*OPTION_INPUTS, apart=False)

    @cached_property
    def _bill_formulas(self) -> Formulas:
        """The bills of all plans as if each were bought, and their present values."""
        forms = self._formulas.forms
        bills = {name: form for name, form in forms.items() if name.startswith("bill.")}
        for id in self.terms.plans:
            bills[f"worth of {id}"] = form_data(total("year", named(f"bill.{id}") * named("contract_year")))
        return Formulas(bills)

    @cached_property
    def _own_axes(self) -> dict[str, Sequence[str] | range]:
        return label_axes(self.terms)

    def _axes(self, size: int) -> dict[str, Sequence[str] | range]:
        return {"option": range(size), **self._own_axes}

    @cached_property
    def today(self) -> Codes:
        """Place of today's style of each integration; `NOTHING` where it does not run, or by hand."""
        places: dict[str, int] = {style: place for place, style in enumerate(self.terms.styles)}
        return np.array(
            [places.get(self.terms.today.get(item.id, ""), NOTHING) for item in self.terms.integrations],
            np.int8,
        )

    @cached_property
    def _by_hand(self) -> NDArray[np.bool_]:
        return np.array(
            [item.style_today not in (None, "none") for item in self.terms.integrations], np.bool_
        )

    @cached_property
    def _incapable(self) -> NDArray[np.bool_]:
        """Whether each plan cannot serve each integration, shape ``(plans, integrations)``."""
        engagement, plans, items = self.engagement, self.terms.plans.values(), self.terms.integrations
        found = [
            [bool(_lacking(engagement, plan, item, ends)) for plan in plans]
            for item, ends in ((item, _ends(engagement, item)) for item in items)
        ]
        return np.array(found, np.bool_).reshape(len(items), len(plans)).T

    def __call__(self, codes: Codes) -> OptionPrices:
        """Return what options cost."""
        parts = [self._block(codes[start : start + BLOCK]) for start in range(0, len(codes), BLOCK)]
        return OptionPrices(
            npv=np.concatenate([part.npv for part in parts]),
            benefit=np.concatenate([part.benefit for part in parts]),
            plans=tuple(plans for part in parts for plans in part.plans),
        )

    def _block(self, codes: Codes) -> OptionPrices:
        return self._found(codes)[2]

    def _found(self, codes: Codes) -> tuple[Evaluation, Floats, OptionPrices]:
        """Evaluate options: their values, the worth of each plan's bills, and their prices."""
        size, terms = len(codes), self.terms
        places = np.arange(len(terms.styles))
        member = codes[:, None, :] == places[None, :, None]
        stays = codes == STAY
        kept = stays[:, None, :] & (self.today[None, None, :] == places[None, :, None])
        own = {
            "member": Grid(("option", "style", "place"), member.astype(np.float64)),
            "kept": Grid(("option", "style", "place"), kept.astype(np.float64)),
            "stays": Grid(("option", "place"), (stays & self._by_hand).astype(np.float64)),
            "new_ends": Grid(("option", "place"), self._new_ends(codes)),
            "plan_chosen": Grid(("plan",), np.zeros(len(terms.plans))),
        }
        axes = self._axes(size)
        found = Evaluation(self._formulas, own, axes, self._base)
        with np.errstate(divide="ignore", invalid="ignore"):
            npv = np.broadcast_to(found["npv"].data, (size,)).copy()
            saved = total("year", named("line.benefits") * named("late_year"))
            benefit = -np.broadcast_to(found.value(form_data(saved)).data, (size,))
        bills = self._bills(found, member, size)
        used = np.asarray((member | kept).any(axis=2))
        return found, bills, self._cheapest(npv, benefit, bills, used)

    def own(self, codes: Codes) -> Floats:
        """Return what each integration of one option adds, costs less benefits, with its part of the subscriptions.

        Shares of a subscription go by messages; codes and result have shape ``(integrations,)``.
        """
        found, bills, prices = self._found(codes[None])
        count = codes.size
        with np.errstate(divide="ignore", invalid="ignore"):
            adds = found["own_cost"].data - found["own_benefit"].data
        out = np.array(np.broadcast_to(adds, (1, count))[0])
        messages = np.broadcast_to(found["messages"].data, (count,))
        ids = list(self.terms.plans)
        for style, id in prices.plans[0].items():
            places = codes == self.code(style)
            weight = messages * places
            share = weight / weight.sum() if weight.sum() > 0 else places / max(places.sum(), 1)
            out[places] += share[places] * bills[ids.index(id), 0]
        return out

    def fixed(self, codes: Codes) -> float:
        """Return what the styles of one option cost whatever the number; codes of shape ``(integrations,)``."""
        found = self._found(codes[None])[0]
        once = named("line.foundation") + named("line.ramp")
        yearly = named("line.infrastructure") + named("line.people")
        worth = found.value(form_data(once + yearly * total("year", named("real_year"))))
        return float(np.broadcast_to(worth.data, (1,))[0])

    def cash(self, codes: Codes) -> float:
        """Return which part of the benefits of one option is cash: all that are not hours for other work."""
        found, _, prices = self._found(codes[None])
        if prices.benefit[0] <= 0:
            return 1.0
        once = REALISED * named("benefit") * named("benefit_part")
        worth = found.value(form_data(once * total("year", named("late_year")))).data.reshape(-1)
        hours = [
            amount for one, amount in zip(self.terms.benefits, worth, strict=True) if one.kind == "capacity"
        ]
        return float(1 - sum(hours) / prices.benefit[0])

    def paid(self, codes: Codes) -> Floats:
        """Return the expected present value of what a budget has to hold, shape ``(options,)``.

        No expected failure, loss, cost of leaving or benefit is in it, nor the upkeep of what stays.
        """
        lines = [line for line in LINES if line.budget and line.key != "subscription"]
        once = (named(f"line.{line.key}") for line in lines if line.paid == "once")
        yearly = (
            total("year", named(f"line.{line.key}") * named(WORTH[line.paid]))
            for line in lines
            if line.paid != "once"
        )
        worth = form_data(sum((*once, *yearly), Formula(0.0)))
        out = np.zeros(len(codes))
        ids = list(self.terms.plans)
        for start in range(0, len(codes), BLOCK):
            found, bills, prices = self._found(codes[start : start + BLOCK])
            size = len(prices.plans)
            bought = [
                sum(bills[ids.index(id), option] for id in plans.values())
                for option, plans in enumerate(prices.plans)
            ]
            out[start : start + size] = np.broadcast_to(found.value(worth).data, (size,)) + bought
        return out

    def _bills(self, found: Evaluation, member: NDArray[np.bool_], size: int) -> Floats:
        """Return the present value of each plan's bills, shape ``(plans, options)``; infinite where it is not capable."""
        terms = self.terms
        chosen = {"plan_chosen": Grid(("plan",), np.ones(len(terms.plans)))}
        bought = Evaluation(self._bill_formulas, chosen, found.axes, found)
        out = np.zeros((len(terms.plans), size))
        for place, (id, plan) in enumerate(terms.plans.items()):
            with np.errstate(divide="ignore", invalid="ignore"):
                out[place] = np.broadcast_to(bought[f"worth of {id}"].data, (size,))
            lacking = np.asarray(member[:, self.code(plan.style)] & self._incapable[place])
            out[place, lacking.any(axis=1)] = np.inf
        return out

    def _cheapest(self, npv: Floats, benefit: Floats, bills: Floats, used: NDArray[np.bool_]) -> OptionPrices:
        """Let each used style of each option buy its cheapest capable plan; ``used`` has shape ``(options, styles)``."""
        chosen: list[dict[str, str]] = [{} for _ in npv]
        paid = {style for style, product in self.terms.owned.items() if product.cost is not None}
        ids = list(self.terms.plans)
        for style in self.terms.styles:
            rows = [place for place, plan in enumerate(self.terms.plans.values()) if plan.style == style]
            if not rows or style in paid:
                continue
            best = bills[rows].argmin(axis=0)
            least = bills[rows].min(axis=0)
            npv = npv + least
            for option in np.flatnonzero(used[:, self.code(style)]).tolist():
                chosen[option][style] = ids[rows[int(best[option])]]
        return OptionPrices(npv, benefit, tuple(chosen))

    def _new_ends(self, codes: Codes) -> Floats:
        """Return the systems that each integration adds to its style; they count where a plan counts connections."""
        ends = np.zeros(codes.shape)
        if not any("connection" in plan.meters for plan in self.terms.plans.values()):
            return ends
        for option, row in enumerate(codes.tolist()):
            seen: dict[int, set[str]] = {}
            for place, (code, item) in enumerate(zip(row, self.terms.integrations, strict=True)):
                style = int(self.today[place]) if code == STAY else code
                if style >= 0:
                    before = seen.setdefault(style, set())
                    ends[option, place] = len({item.source, item.target} - before)
                    before |= {item.source, item.target}
        return ends

    def assigned(self, codes: Codes, plans: Mapping[str, str]) -> Assigned:
        """Return one option in the form that the cost model takes; codes of shape ``(integrations,)``."""
        styles = self.terms.styles
        return Assigned(
            {
                item.id: KEEP if code == STAY else styles[code]
                for item, code in zip(self.terms.integrations, codes.tolist(), strict=True)
                if code != NOTHING
            },
            plans,
        )

    def code(self, style: str) -> int:
        """Return the code of a style."""
        return [*self.terms.styles].index(cast("Style", style))


CONNECTORS = "connectors of its systems"
"""What a platform lacks for an integration neither end of which it has a connector for."""


def lacks(engagement: Engagement, plan: Plan, integration: str) -> tuple[str, ...]:
    """Return what a plan cannot do that an integration needs, in words.

    Of a platform that the engagement names, has an offer of or states a price of, no connector is asked.
    """
    item = engagement.integration(integration)
    return _lacking(engagement, plan, item, _ends(engagement, item))


def _ends(engagement: Engagement, item: Integration) -> list[System]:
    return [system for system in engagement.systems if system.id in (item.source, item.target)]


def _lacking(
    engagement: Engagement, plan: Plan, item: Integration, ends: Sequence[System]
) -> tuple[str, ...]:
    able = plan.capabilities
    found = []
    if able.interactions and item.interaction is not None and item.interaction not in able.interactions:
        found.append(f"the pattern {item.interaction}")
    if not able.fan_out and (item.interaction == "notify-many" or (item.consumers or 1) > 1):
        found.append("several consumers of one message")
    held = None if able.certificates is None else {plain(name) for name in able.certificates}
    if held is not None:
        found += [name for name in engagement.constraints.certifications if plain(name) not in held]
    if able.regions is not None:
        within = nested(able.regions)
        asked = dict.fromkeys(system.residency.upper() for system in ends if system.residency)
        found += [f"the region {region}" for region in asked if region not in within]
    priced = not set(plan.price_keys).isdisjoint(engagement.assumptions.own)
    chosen = plan.quoted or priced or plan.id in engagement.platform
    connectors = [name for end in ends for name in end.connectors]
    if plan.style == "ipaas" and not chosen and not _connects(able.vendor, connectors):
        found.append(CONNECTORS)
    return tuple(found)


def _connects(vendor: str, connectors: list[str]) -> bool:
    return vendor == ANY_VENDOR or plain(vendor) in {plain(name) for name in connectors}


def nested(regions: tuple[str, ...]) -> set[str]:
    """Return regions with all that lie within them."""
    known = {region.upper() for region in regions}
    return known.union(*(WITHIN.get(region, frozenset()) for region in known))
