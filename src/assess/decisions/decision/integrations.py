"""What happens to each integration, beside what else might: cost, benefit, rivals, reasons, what would flip it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assess.core.estimate import Estimate
from assess.core.numbers import money, tidy
from assess.decisions.cost.parameters import Assigned, Inputs, Terms
from assess.intake.engagement import Integration
from assess.intake.engagement.landscape import STYLE_NAMES, Style

from .candidates import Candidates, nearest_miss
from .pricing import NOTHING, STAY, Floats
from .result import RECOMMENDED, STANDING, Decided, Gain, IntegrationDecision, Rival, Timing, summarise_gain
from .rule import LIKELY, DecisionRule, Ruling

ANSWERS = (
    "interaction", "volume", "latency_seconds", "consumers", "criticality", "changes_per_year", "customisation",
    "coverage", "governance", "partner", "build_days",
)  # fmt: skip
"""Columns of an integration that the decision reads."""

AS_STATED = "as stated"
"""What asks for an integration that is required for no reason that is given."""

BESIDE = (
    "gains that only beside others, with which it costs more than it brings: what they share is in no row"
)
"""Why what has a gain of its own is done only if required."""

TOGETHER = "alone it may lose; what is moved gains together in nine of ten futures"
"""Why what runs is moved though its own gain is unsure."""


@dataclass(frozen=True)
class IntegrationDecisions:
    """The integrations of a decision.

    Parameters
    ----------
    forced
        Places of what costs more than it brings and is done only where it must be.
    """

    inputs: Inputs
    rule: DecisionRule
    ruling: Ruling
    options: Mapping[str, Assigned]
    seed: int
    forced: frozenset[int] = frozenset()

    def decided(self) -> tuple[IntegrationDecision, ...]:
        """Return what happens to each integration, in the engagement's order."""
        return tuple(self._decided(place, item) for place, item in enumerate(self.rule.candidates))

    @cached_property
    def _terms(self) -> Terms:
        return self.rule.pricer.terms

    @cached_property
    def _own(self) -> dict[str, tuple[Floats, Floats]]:
        """Cost and benefit that each integration adds in every future, as recommended and as it is today."""
        return {id: self.rule.added(self.options[id]) for id in (RECOMMENDED, STANDING) if id in self.options}

    @cached_property
    def _marginal(self) -> dict[int, float]:
        """What the landscape gains by each integration that is done, against leaving this one as it is."""
        best = self.ruling.recommended
        done = np.flatnonzero(best.codes >= 0).tolist()
        rows = np.repeat(best.codes[None], len(done), axis=0)
        for row, place in zip(rows, done, strict=True):
            row[place] = (
                NOTHING if self.rule.candidates[place].integration.style_today in (None, "none") else STAY
            )
        together = np.repeat(best.codes[None], len(self._leaving), axis=0)
        for row, places in zip(together, self._leaving, strict=True):
            row[places] = STAY
        priced = self.rule.search.price(np.concatenate([rows, together])) if done else []
        gains = {place: one.npv - best.npv for place, one in zip(done, priced, strict=False)}
        for places, one in zip(self._leaving, priced[len(done) :], strict=True):
            twice = sum(gains[place] for place in places) - (one.npv - best.npv)
            gains |= {place: gains[place] - twice / len(places) for place in places}
        return gains

    @cached_property
    def _leaving(self) -> list[list[int]]:
        """Those that leave a style of today in which nobody stays: what is saved with the last of them is saved once."""
        today, codes = self.rule.pricer.today, self.ruling.recommended.codes
        used = {*codes[codes >= 0].tolist(), *today[codes == STAY].tolist(), NOTHING}
        ended = sorted({*today[codes >= 0].tolist()} - used)
        return [np.flatnonzero((today == style) & (codes >= 0)).tolist() for style in ended]

    def _fixed(self, leaving: list[int]) -> float:
        """Return what the style of today costs whatever the number that some leave."""
        codes = np.full(len(self.rule.candidates), NOTHING, np.int8)
        codes[leaving] = STAY
        return self.rule.pricer.fixed(codes)

    @cached_property
    def _rivals(self) -> list[dict[int, float]]:
        """What the landscape costs more with each other style of each integration."""
        best, search = self.ruling.recommended, self.rule.search
        rows, places = [], []
        for place, codes in enumerate(search.allowed):
            for code in codes:
                if code >= 0 and code != best.codes[place]:
                    row = best.codes.copy()
                    row[place] = code
                    rows.append(row)
                    places.append((place, code))
        found: list[dict[int, float]] = [{} for _ in search.allowed]
        for (place, code), one in zip(places, search.price(np.array(rows)) if rows else [], strict=True):
            found[place][code] = one.npv - best.npv
        return found

    def _decided(self, place: int, item: Candidates) -> IntegrationDecision:
        code = int(self.ruling.recommended.codes[place])
        styles = self._terms.styles
        style = (
            styles[code]
            if code >= 0
            else self._terms.today.get(item.integration.id)
            if code == STAY
            else None
        )
        cost, benefit = (rows[place] for rows in self._own[RECOMMENDED])
        standing = self._own.get(STANDING)
        before = 0.0 if standing is None else standing[0][place] - standing[1][place]
        own = benefit - cost + before
        net = summarise_gain(own + self._marginal[place] - float(own.mean()) if code >= 0 else 0 * own)
        forced = place in self.forced
        choice, timing = _choice(code, item, style, net, forced=forced)
        plan = self.ruling.recommended.plans.get(style or "", "") if code >= 0 else ""
        rivals = self._rivals[place]
        reasons = (
            *self._reasons(item, choice, style, net, forced=forced),
            *self._instead(place, code, rivals),
        )
        warnings = self._warnings(item, style)
        measured, stated, assumed = shares(item.integration)
        return IntegrationDecision(
            integration=item.integration.id,
            label=item.integration.label,
            today=item.integration.style_today or "",
            choice=choice,
            timing=timing,
            style=style,
            platform=self._platform(style, plan),
            plan=plan,
            cost=tidy(float(cost.mean())),
            benefit=tidy(float(benefit.mean())),
            net=net,
            fit=self._score(item, style),
            cheapest=self._rival(item, rivals, cheapest=True, code=code),
            best_fit=self._rival(item, rivals, cheapest=False, code=code),
            price_of_fit=tidy(-min(rivals.values())) if rivals and code >= 0 else None,
            cheaper_chance=self._cheaper.get(place),
            flip=self._flip(item, rivals, code),
            risk=self._risk(item, style),
            measured=measured,
            stated=stated,
            assumed=assumed,
            required=item.required and not item.obliged and code >= 0,
            obligation=(item.integration.required_by or AS_STATED) if item.obliged else "",
            distinct=_distinct(item, style),
            question="; ".join(_untested(item, style)),
            reasons=reasons,
            warnings=warnings,
            sources=(item.integration.origin,),
        )

    def _platform(self, style: Style | None, plan: str) -> str:
        if plan:
            return next((one.name or one.id for one in self._terms.plans.values() if one.id == plan), plan)
        owned = self._terms.owned.get(style or "")
        return owned.product if owned else ""

    def _score(self, item: Candidates, style: Style | None) -> float | None:
        return (
            None if style is None else tidy(next(one.score for one in item.fit.styles if one.style == style))
        )

    def _rival(
        self, item: Candidates, rivals: Mapping[int, float], *, cheapest: bool, code: int
    ) -> Rival | None:
        """Return the cheapest or the best fitting of all that may be taken, the chosen one among them."""
        known = {**rivals, **({code: 0.0} if code >= 0 else {})}
        if not known:
            return None
        styles = self._terms.styles
        scores = {one: item.fit.style(styles[one]).score for one in known}
        best = min(known, key=lambda one: (known[one] if cheapest else -scores[one], -scores[one], one))
        return Rival(style=styles[best], difference=tidy(known[best]), fit=tidy(scores[best]))

    @cached_property
    def _cheaper(self) -> dict[int, float]:
        """Share of the futures in which the chosen landscape is cheaper than with the cheapest other style, of each that is done."""
        done = self.ruling.recommended.codes >= 0
        nearest = {
            place: min(rivals, key=lambda code: (rivals[code], code))
            for place, rivals in enumerate(self._rivals)
            if rivals and done[place]
        }
        cost, benefit = self._own[RECOMMENDED]
        found = {}
        for code in sorted(
            set(nearest.values())
        ):  # one after the other: each is a value a future and integration
            other_cost, other_benefit = self._alternative(code)
            for place in (place for place, rival in nearest.items() if rival == code):
                more = (other_cost[place] - other_benefit[place]) - (cost[place] - benefit[place])
                shift = self._rivals[place][code] - float(more.mean())
                found[place] = tidy(float((more + shift > 0).mean()))
        return found

    def _alternative(self, code: int) -> tuple[Floats, Floats]:
        """Return cost and benefit of each integration in a style, with all that may be in it."""
        search, pricer = self.rule.search, self.rule.pricer
        codes = np.array([code if code in able else NOTHING for able in search.allowed], np.int8)
        plans = search.price(codes[None])[0].plans
        return self.rule.added(pricer.assigned(codes, plans))

    def _flip(self, item: Candidates, rivals: Mapping[int, float], code: int) -> str:
        currency = self.inputs.engagement.currency
        if code >= 0 and rivals:
            rival = min(rivals, key=lambda one: (abs(rivals[one]), one))
            name, gap = STYLE_NAMES[self._terms.styles[rival]], rivals[rival]
            return (
                f"{name} if it cost {money(gap, currency)} less"
                if gap > 0
                else f"{name}, {money(-gap, currency)} cheaper, if its fit were not worse"
            )
        if code == STAY and rivals:
            rival = min(rivals, key=lambda one: (rivals[one], one))
            name, gap = STYLE_NAMES[self._terms.styles[rival]], rivals[rival]
            return (
                f"{name} if it brought {money(gap, currency)} more" if gap > 0 else f"a surer gain by {name}"
            )
        nearest = nearest_miss(item.fit) if code >= 0 else None
        if nearest is not None:
            return f"{STYLE_NAMES[nearest.style]} if {nearest.exclusions[0].feasible_if}"
        return "; ".join(item.fit.would_have_to_change[:1])

    def _risk(self, item: Candidates, style: Style | None) -> str:
        """Return what is expected to cost most a year of what may go wrong."""
        if style is None:
            return ""
        parameters = self._terms.by_name
        level = item.integration.criticality or "medium"
        rate = parameters[f"failure.rate.{style}"].estimate.mean
        failures = rate * parameters[f"failure.loss.{level}"].estimate.mean
        found = [(failures, "failures")]
        for loss in self._terms.losses:
            among = len(loss.integrations) or len(self._terms.integrations)
            concerned = not loss.integrations or item.integration.id in loss.integrations
            if concerned and (not loss.styles or style in loss.styles):
                found.append((loss.per_year.mean / among, loss.label))
        amount, label = max(found, key=lambda one: (one[0], one[1]))
        return (
            f"{label}, {money(amount, self.inputs.engagement.currency)} a year expected" if amount > 0 else ""
        )

    def _reasons(
        self, item: Candidates, choice: Decided, style: Style | None, net: Gain, *, forced: bool
    ) -> tuple[str, ...]:
        currency = self.inputs.engagement.currency
        found = []
        if item.obliged:
            by = item.integration.required_by
            found.append(f"must be done (stated: {by})" if by else "must be done, as stated")
        if item.misses:
            found.append(f"today's style misses a stated need: {item.misses[0]}")
        if choice == "keep":
            found.append(
                "it runs and meets the stated needs; moving it does not clearly pay"
                if style
                else "doing it does not pay"
            )
        elif choice == "retire":
            found.append("it has not run for a long time, as measured, and nobody owns it")
        elif choice == "open":
            found += list(item.fit.would_have_to_change[:2]) or ["no plan on offer can serve it"]
        else:
            if item.required and not item.obliged:
                by_hand = item.integration.style_today == "manual"
                today = "it is done by hand today" if by_hand else "it does not run today"
                found.append(f"{today}; no benefit stated, so it is taken as to be done")
            elif net.mean > 0:
                found.append(f"gains {money(net.mean, currency)} against today")
                if forced:
                    found.append(BESIDE)
                elif net.low < 0 and item.may_stay:
                    found.append(TOGETHER)
            if len(item.styles) == 1:
                found.append("the only style that is feasible and fits")
        return tuple(found)

    def _instead(self, place: int, code: int, rivals: Mapping[int, float]) -> Iterator[str]:
        """Say what moving it would gain where that is too unsure, and what ends with the last that leaves a style."""
        currency = self.inputs.engagement.currency
        best = min(rivals, key=lambda one: (rivals[one], one), default=code)
        if code == STAY and rivals.get(best, 0.0) < 0:
            name = STYLE_NAMES[self._terms.styles[best]]
            yield f"{name} would gain {money(-rivals[best], currency)} on average, too little to be sure of"
        for leaving in self._leaving:
            if place in leaving:
                name = STYLE_NAMES[self._terms.styles[int(self.rule.pricer.today[place])]]
                all_of_them = "it" if len(leaving) == 1 else f"all {len(leaving)} that use it"
                saved = self._fixed(leaving)
                once = f": that saves {money(saved, currency)} of fixed cost once" if saved >= 1 else ""
                yield f"{name} ends with {all_of_them}{once}"

    def _warnings(self, item: Candidates, style: Style | None) -> tuple[str, ...]:
        if style is None:
            return ()
        return next(one.warnings for one in item.fit.styles if one.style == style)


def _choice(
    code: int, item: Candidates, style: Style | None, net: Gain, *, forced: bool
) -> tuple[Decided, Timing]:
    """Return what is done, and when: at once where it pays in at least two of three futures, or is part of what pays and must be."""
    if item.unused:
        return "retire", "now"
    if code < 0:
        if not (item.may_stay or item.may_wait):
            return "open", "not"
        return "keep", "now" if item.may_stay else "not"
    choice: Decided = "buy" if style == "ipaas" else "build"
    if forced:
        return choice, "if required"
    if item.required or item.misses or net.loss <= 1 - LIKELY:
        return choice, "now"
    return choice, "later"


def _distinct(item: Candidates, style: Style | None) -> bool:
    """Say whether the score of a style and the best other one differ by more than their ranges."""
    own = next((one for one in item.fit.styles if one.style == style), None)
    others = [one for one in item.fit.styles if one.style in item.styles and one.style != style]
    if own is None or not others:
        return True
    rival = max(others, key=lambda one: one.score)
    return own.low > rival.high or rival.low > own.high


def _untested(item: Candidates, style: Style | None) -> tuple[str, ...]:
    own = next((one for one in item.fit.styles if one.style == style), None)
    return (
        ()
        if own is None
        else tuple(
            f"{check.constraint} is not answered: {style} holds if {check.feasible_if}"
            for check in own.untested
        )
    )


def count_answers(integration: Integration) -> Counter[str]:
    """Count of what an integration is decided by how much is measured, stated and assumed."""
    found = Counter[str]()
    for column in ANSWERS:
        value = getattr(integration, column)
        source = value.source if isinstance(value, Estimate) else None
        known = source is not None and source.kind not in ("input", "assumption")
        found["assumed" if value is None else "measured" if known else "stated"] += 1
    return found


def shares(integration: Integration) -> tuple[float, float, float]:
    """Return which shares of what an integration is decided by are measured, stated and assumed."""
    found = count_answers(integration)
    measured, stated, assumed = (found[kind] / found.total() for kind in ("measured", "stated", "assumed"))
    return measured, stated, assumed
