"""The rule: the least expected cost among what fits, and the better fit unless leaving it clearly saves.

Lowest price technically acceptable, with a documented premium for fit (FAR 15.101-2, 15.101-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assess.decisions.cost.billing import PlanEnds
from assess.decisions.cost.cashflow import Model, compare_cash_flows, drawn
from assess.decisions.cost.draws import Draws, sample
from assess.decisions.cost.parameters import Assigned

from .candidates import Candidates
from .pricing import NOTHING, STAY, Codes, Floats, OptionPricer
from .result import ENDS
from .search import DecidedLandscape, LandscapeSearch

SAVING = 0.05
"""Least share of what is paid for what is done for which a better fit is left; of what keeping costs, for which what runs is moved."""

LIKELY = 2 / 3
"""Least share of the futures in which that saving has to occur."""

DRAWS = 1_000
"""Futures in which a landscape is held against the cheapest: a standard error of 1.5 points at two thirds."""

DEAREST = 1.5
"""Landscapes that cost half of what is paid for the cheapest more than it are not held against it: no better fit is worth that."""


@dataclass(frozen=True)
class Ruling:
    """What the rule says.

    Parameters
    ----------
    cheapest
        The landscape of least expected cost among the candidates.
    recommended
        What is recommended.
    base
        What is paid for what is done: expected, without losses, benefits and what stays.
    saving, chance
        What the cheapest saves against the recommended one as a share of that, and in which share of the futures it costs
        less; None where they are the same.
    """

    cheapest: DecidedLandscape
    recommended: DecidedLandscape
    saving: float | None
    chance: float | None
    base: float = 0.0


@dataclass(frozen=True)
class DecisionRule:
    """The rule for some integrations."""

    pricer: OptionPricer
    candidates: tuple[Candidates, ...]
    seed: int

    @cached_property
    def values(self) -> Draws:
        """The futures in which landscapes are compared."""
        return sample(self.pricer.terms, DRAWS, self.seed)

    @cached_property
    def search(self) -> LandscapeSearch:
        """The search over everything that may be done."""
        return LandscapeSearch(
            self.pricer, self.candidates, tuple(self.allowed(item) for item in self.candidates)
        )

    def allowed(self, item: Candidates) -> tuple[int, ...]:
        """Return the codes of what may be done with an integration."""
        codes = [self.pricer.code(style) for style in item.styles]
        by_hand = item.integration.style_today == "manual"
        if item.may_stay or (by_hand and (item.may_wait or not codes)):
            codes.append(STAY)
        elif item.may_wait or not codes:
            codes.append(NOTHING)
        return tuple(codes)

    def ruling(self) -> Ruling:
        """Return what the rule says."""
        cheapest = self.stayed(self.search.best())
        done = cheapest.codes >= 0
        if not done.any():
            return Ruling(cheapest, cheapest, None, None)
        within = self.search.among(
            tuple(
                tuple(code for code in codes if code >= 0) if moved else (int(now),)
                for codes, moved, now in zip(self.search.allowed, done, cheapest.codes, strict=True)
            ),
        )
        found = self._best_fit(cheapest, within)
        same = np.array_equal(found.recommended.codes, cheapest.codes)
        recommended = found.recommended if same else self.stayed(found.recommended)
        if np.array_equal(recommended.codes, found.cheapest.codes):
            return Ruling(found.cheapest, found.cheapest, None, None, found.base)
        saving = (recommended.npv - found.cheapest.npv) / found.base if found.base else 0.0
        return Ruling(
            found.cheapest, recommended, saving, self.chance(found.cheapest, recommended), found.base
        )

    def _best_fit(self, cheapest: DecidedLandscape, within: LandscapeSearch) -> Ruling:
        """Return the landscape of best fit that the cheapest does not clearly beat."""
        sets = within.sets
        rivals = [one for found in sets for one in (found.cheapest, found.fitting)]
        cheapest = min((cheapest, *rivals), key=lambda one: one.npv)
        least = self.fit_of(cheapest)
        ahead = sorted(
            (one for one in rivals if self.fit_of(one) > least + 1e-9 and np.isfinite(one.npv)),
            key=lambda one: (-self.fit_of(one), one.npv),
        )
        base, *paid = self.paid([cheapest, *ahead])
        for one, cost in zip(ahead, paid, strict=True):
            more = one.npv - cheapest.npv
            if more > (DEAREST - 1) * base:
                continue
            saving = more / cost if cost else 0.0
            chance = self.chance(cheapest, one)
            if saving < SAVING or chance < LIKELY:
                return Ruling(cheapest, one, saving, chance, cost)
        return Ruling(cheapest, cheapest, None, None, base)

    def paid(self, landscapes: Sequence[DecidedLandscape]) -> list[float]:
        """Return what is paid for what each landscape does, without what the styles of what stays cost anyway."""
        codes = np.array([one.codes for one in landscapes])
        staying = np.where(codes == STAY, STAY, NOTHING).astype(np.int8)
        found = self.pricer.paid(np.concatenate([codes, staying]))
        return [float(cost) for cost in found[: len(codes)] - found[len(codes) :]]

    def fit_of(self, landscape: DecidedLandscape) -> float:
        """Return the mean score over what is built or bought."""
        done = np.flatnonzero(landscape.codes >= 0)
        return float(self.search.fit[done, landscape.codes[done]].mean()) if done.size else 0.0

    def chance(self, one: DecidedLandscape, other: DecidedLandscape) -> float:
        """Return the share of the futures in which one landscape costs less than another."""
        mine, theirs = self.costs(one, other)
        return float((mine < theirs).mean())

    def costs(self, *landscapes: DecidedLandscape) -> list[Floats]:
        """Return the present value of landscapes in every future, each of shape ``(draws,)``; infinite where its plan ends."""
        options = [self.pricer.assigned(one.codes, one.plans) for one in landscapes]
        found = iter(compare_cash_flows(self.pricer.terms, self.values, [one for one in options if one]))
        flows = [next(found) if option else None for option in options]
        return [
            np.zeros(self.values.size)
            if one is None
            else np.full(self.values.size, np.inf)
            if isinstance(one, PlanEnds)
            else one.npv
            for one in flows
        ]

    def added(self, option: Assigned) -> tuple[Floats, Floats]:
        """Return cost and benefit that each integration adds in every future, each of shape ``(integrations, draws)``."""
        terms, values = self.pricer.terms, self.values
        shape = (len(terms.integrations), values.size)
        if not option:
            return np.zeros(shape), np.zeros(shape)
        found = Model.of(terms, values).option(option)
        cost, benefit = (
            np.array(np.broadcast_to(drawn(found[name], values.size), shape))
            for name in ("own_cost", "own_benefit")
        )
        messages = values.family["volume"].T
        for style, plan in terms.buys(option).items():
            among = np.array([[option.get(item.id) == style] for item in terms.integrations])
            weight = messages * among
            whole = weight.sum(axis=0)
            share = np.divide(weight, whole, out=among / max(among.sum(), 1) + 0 * weight, where=whole > 0)
            years = found["contract_year"]
            with np.errstate(divide="ignore", invalid="ignore"):
                drawn_bill = drawn(found[f"bill.{plan}"], values.size)
            bill = np.einsum("yd,y->d", drawn_bill, years.data)
            # where a plan ends, its bill is without end for its own integrations, and nothing for the others
            cost += np.multiply(share, bill, out=np.zeros(shape), where=share > 0)
        return cost, benefit

    def stayed(self, landscape: DecidedLandscape) -> DecidedLandscape:
        """Return a landscape in which what runs today, also by hand, is moved only where that clearly pays.

        It saves `SAVING` of what keeping it costs, and the range of its gain that is shown does not reach below zero; of several
        that save so much each, that of their gain together.
        """
        found = landscape
        while (better := self._put_back(found)) is not found:
            found = better
        return self._moved_together(landscape, found)

    def _moved_together(self, moved: DecidedLandscape, found: DecidedLandscape) -> DecidedLandscape:
        """Move what was put back because its gain alone is uncertain, where what they gain together is not: doubts cancel out."""
        places = np.flatnonzero((moved.codes >= 0) & (found.codes == STAY)).tolist()
        while len(places) > 1:
            codes = found.codes.copy()
            codes[places] = moved.codes[places]
            together, *back = self.search.price(
                np.array(
                    [codes, *(np.where(np.arange(len(codes)) == place, STAY, codes) for place in places)]
                )
            )
            kept = [
                place
                for place, one in zip(places, back, strict=True)
                if one.npv - together.npv >= SAVING * float(self.search.adds[place, STAY])
            ]
            if kept == places:
                with np.errstate(invalid="ignore"):  # where both plans end
                    gains = np.subtract(*self.costs(found, together))
                return together if np.quantile(gains, ENDS[0]) >= 0 else found
            places = kept
        return found

    def _put_back(self, landscape: DecidedLandscape) -> DecidedLandscape:
        """Put back what does not clearly pay, what is furthest from it first, as long as it still does not."""
        search, pricer = self.search, self.pricer
        movable = [
            place
            for place, code in enumerate(landscape.codes.tolist())
            if code >= 0 and STAY in search.allowed[place]
        ]
        if not movable:
            return landscape
        before = landscape.codes.copy()
        before[movable] = STAY
        staying, moved = (
            np.subtract(*self.added(pricer.assigned(codes, landscape.plans)))
            for codes in (before, landscape.codes)
        )
        needed = {
            place: max(SAVING * float(search.adds[place, STAY]), _least(staying[place] - moved[place]))
            for place in movable
        }
        back = search.price(np.array([_changed(landscape, place) for place in movable]))
        short = sorted(
            (one.npv - landscape.npv - needed[place], place)
            for one, place in zip(back, movable, strict=True)
            if one.npv - landscape.npv < needed[place]
        )
        best = landscape
        for _, place in short:
            put = search.price(_changed(best, place)[None])[0]
            if put.npv - best.npv < needed[place]:
                best = put
        return best


def _least(gains: Floats) -> float:
    """Return the mean gain of which the range that is shown begins at zero, of futures that spread like these."""
    return float(gains.mean() - np.quantile(gains, ENDS[0]))


def _changed(landscape: DecidedLandscape, place: int) -> Codes:
    codes = landscape.codes.copy()
    codes[place] = STAY
    return codes
