"""Whether the answer may be an imperative: what is assumed, how surely it is the best, and what to ask first.

Defaults that an expert believed count as intervals of 50 %, not of 90 %: their ranges are widened before the
chance of being the best is drawn.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from assess.core.estimate import Estimate
from assess.core.numbers import tidy
from assess.decisions.cost import marginal_costs, price_options
from assess.decisions.cost.cashflow import lasting
from assess.decisions.cost.draws import Draws, sample
from assess.decisions.cost.model import QUESTIONS
from assess.decisions.cost.parameters import FAMILIES, CostParameter, Inputs, Terms
from assess.decisions.framework.criteria import CRITERIA, SKILL, SKILL_LABEL
from assess.decisions.readiness.result import Readiness
from assess.intake.engagement import Engagement

from .candidates import Candidates, may_be
from .pricing import Floats
from .result import RECOMMENDED, STANDING, State, Verdict, WorthQuestion
from .robustness import Robustness, extended, reached, robustness
from .rule import LIKELY, DecisionRule
from .search import STARTS, DecidedLandscape

DRAWS = 1_000
"""Futures under widened ranges: a standard error of 1.5 points at two thirds."""

MOST = 16
"""Times `DRAWS` that are drawn at most to find futures in which a plan carries the volume."""

LEAST = 100
"""Futures in which a plan must carry the volume: a standard error of 5 points at two thirds."""

WIDER = float(ndtri(0.95) / ndtri(0.75))
"""How far an interval of 90 % reaches beyond one of 50 %, of a normal distribution: 2.44."""

STATED = 0.5
"""Share of the weight of the criteria that must be answered before an imperative."""

STANDING_IN = ("build.coverage", "volume.growth")
"""Parameters of the whole landscape that stand in for what an integration does not state; those of a family do, too."""

LEAST_WORTH = 0.01
"""Share of the cost from which a question that rests on defaults decides."""


def widened(engagement: Engagement, terms: Terms) -> Terms:
    """Return terms in which defaults that were elicited have the range of an interval of 50 %.

    No amount becomes negative, no share exceeds 1.
    """
    return dataclasses.replace(
        terms,
        parameters=tuple(
            item.model_copy(update={"estimate": _wider(item.estimate)})
            if is_default(engagement, item)
            else item
            for item in terms.parameters
        ),
    )


def is_default(engagement: Engagement, parameter: CostParameter) -> bool:
    """Say whether a parameter is a default that an expert believed and nobody stated or measured."""
    source = parameter.estimate.source
    if source is None or source.kind != "assumption":
        return False
    return engagement.assumptions.entry(source.place).believed


def _wider(held: Estimate) -> Estimate:
    low = held.likely - WIDER * (held.likely - held.low)
    high = held.likely + WIDER * (held.high - held.likely)
    share = held.unit.startswith("share") and held.high <= 1
    return held.model_copy(
        update={"low": max(low, min(0.0, held.low)), "high": min(high, 1.0) if share else high}
    )


class _Asked(NamedTuple):
    """A question: its share of the variance, the worth of its answer, and what part of it is assumed.

    ``unanswered`` is the part of it that stands in for what the client did not answer.
    """

    question: str
    share: float
    tells: float
    worth: float
    assumed: float
    unanswered: float
    parameters: tuple[str, ...]


def _worth(item: _Asked) -> WorthQuestion:
    return WorthQuestion(
        id=item.question,
        text=QUESTIONS[item.question],
        worth=tidy(item.worth),
        share=tidy(item.share),
        tells=tidy(item.tells),
        assumed=item.assumed > 0.5,
        answerable=item.unanswered > 0.5,
        supply=", ".join(item.parameters[:3]),
    )


def _with_what_tells(worth: tuple[WorthQuestion, ...], asked: Sequence[_Asked]) -> tuple[WorthQuestion, ...]:
    """Return the questions with the one whose answer tells most which of two near options costs less."""
    top = max(asked, key=lambda item: (item.tells, item.question), default=None)
    if top is None or any(item.id == top.question for item in worth):
        return worth
    return (*worth, _worth(top))


@dataclasses.dataclass(frozen=True)
class Judging:
    """Judges whether the recommended option may be called for.

    Parameters
    ----------
    inputs
        As the decision was made by, with every plan on offer.
    landscapes
        The options by id, the recommended one first.
    chosen
        The style of each integration that is done.
    """

    inputs: Inputs
    rule: DecisionRule
    base: float
    landscapes: Mapping[str, DecidedLandscape]
    chosen: Mapping[str, str]
    readiness: Readiness | None
    seed: int

    @cached_property
    def engagement(self) -> Engagement:
        """The engagement that was decided about."""
        return self.inputs.moved

    @cached_property
    def candidates(self) -> tuple[Candidates, ...]:
        """What may be done with each integration."""
        return self.rule.candidates

    def verdict(self) -> Verdict:
        """Return the verdict."""
        first = self.landscapes[RECOMMENDED]
        considered = self._considered(first)
        terms, values, costs = self._priced(considered)
        priced = [bool(np.isfinite(column).all()) for column in costs.T]
        considered = {id: one for (id, one), able in zip(considered.items(), priced, strict=True) if able}
        costs = costs[:, priced]
        ids, landscapes = list(considered), list(considered.values())
        codes = np.array([one.codes for one in landscapes])
        base = self.base
        if not base and len(ids) > 1:
            (base,) = self.rule.paid([landscapes[1 + int(np.argmin(costs[:, 1:].mean(axis=0)))]])
        found = robustness(costs, codes, reached(first, landscapes), base)
        options = {id: self.rule.pricer.assigned(one.codes, one.plans) for id, one in considered.items()}
        asked = self._asked(terms, values, costs, options, found.rival or 0)
        whole = sum(item.share for item in asked) or 1.0
        worth = self._questions(asked, self.base)
        gates = self._gates()
        state = self._state(found, int((first.codes >= 0).sum()), worth, gates)
        if state == "ask" and not any(item.answerable for item in worth):
            worth = _with_what_tells(worth, asked)
        rival = "" if found.rival is None else ids[found.rival]
        unsettled = tuple(self.candidates[place].integration.id for place in found.unsettled)
        return Verdict(
            state=state,
            chance=found.chance,
            rival=rival if rival in self.landscapes else "",
            unsettled=unsettled,
            more=found.more,
            assumed=tidy(sum(item.share * item.assumed for item in asked) / whole),
            questions=worth,
            gates=gates,
        )

    def _considered(self, first: DecidedLandscape) -> dict[str, DecidedLandscape]:
        """Return what the recommended landscape is held against, itself first, each once.

        The options that do all that must be done in styles whose fit may lie within the window, those of least cost of other
        sets of styles, and what the recommended one can still become towards each of them.
        """
        sets = {f"set/{place}": found.cheapest for place, found in enumerate(self.rule.search.sets[:STARTS])}
        rivals = {id: one for id, one in {**self.landscapes, **sets}.items() if self._may_be(one)}
        grown = {
            f"grown/{id}": extended(first, one)
            for id, one in rivals.items()
            if (first.codes >= 0).any() and ((first.codes < 0) & (one.codes >= 0)).any()
        }
        known = {_key(first)}
        found = {RECOMMENDED: first}
        for id, one in {**rivals, **grown}.items():
            if _key(one) not in known:
                known.add(_key(one))
                found[id] = one
        return found

    def _may_be(self, landscape: DecidedLandscape) -> bool:
        """Say whether a landscape does all that must be done, in styles whose fit may lie within the window."""
        styles = self.rule.pricer.terms.styles
        return all(
            may_be(item, styles[code]) if code >= 0 else not ((item.required or item.misses) and item.styles)
            for item, code in zip(self.candidates, landscape.codes.tolist(), strict=True)
        )

    def _priced(self, considered: Mapping[str, DecidedLandscape]) -> tuple[Terms, Draws, Floats]:
        """Price landscapes under widened ranges; costs of shape ``(futures, landscapes)``, not finite where a plan ends.

        Ranges are widened as far as the plans of the first one carry it: of the futures under them those count in which they do.
        Where hardly any do, the ranges as they are stand.
        """
        options = {id: self.rule.pricer.assigned(one.codes, one.plans) for id, one in considered.items()}
        some = {id: option for id, option in options.items() if option}
        bought = {id for one in considered.values() for id in one.plans.values()}
        plans = {plan.id: plan for plan in (self.inputs.plans or {}).values() if plan.id in bought}
        stated = dataclasses.replace(self.inputs, assignments=some, plans=plans).terms()
        first = next(iter(options.values()))
        for terms in (widened(self.engagement, stated), stated):
            values = self._carried(terms, first)
            if values.size >= LEAST:
                break
        flows = price_options(terms, values, some).flows
        columns = [
            flows[id].npv if id in flows else np.full(values.size, np.inf if option else 0.0)
            for id, option in options.items()
        ]
        return terms, values, np.column_stack(columns)

    def _carried(self, terms: Terms, first: Mapping[str, str]) -> Draws:
        """Draw futures in which the plans of an option carry what it has to: `DRAWS`, or what `MOST` times as many yield."""
        values = sample(terms, DRAWS, self.seed)
        if not first or (kept := lasting(terms, values, first)).all():
            return values
        count = min(math.ceil(DRAWS / max(float(kept.mean()), 1 / MOST)), MOST * DRAWS)
        values = sample(terms, count, self.seed)
        return values.where(lasting(terms, values, first))

    def _questions(self, asked: Sequence[_Asked], cost: float) -> tuple[WorthQuestion, ...]:
        """Return what to ask: what opens or closes a style, what decides the fit, then by worth."""
        money = [_worth(item) for item in asked if item.worth >= LEAST_WORTH * cost]
        return (*self._open(), *self._unanswered(), *money)

    def _asked(
        self,
        terms: Terms,
        values: Draws,
        costs: Floats,
        options: Mapping[str, Mapping[str, str]],
        rival: int,
    ) -> list[_Asked]:
        """Return what each question explains of what decides, and what knowing its answer is worth.

        What decides is what the recommended landscape gains against leaving things as they are, against the nearest rival
        where that is no choice, and what it costs where there is none.

        The conditional mean of the costs given an answer is linear in it, by `marginal_costs`.
        """
        uncertain = [
            item
            for item in terms.parameters
            if (values.family[item.family] if item.family else np.asarray(values[item.name])).ndim
            and not item.estimate.certain
        ]
        places = {
            family: [one.name for one in terms.parameters if one.family == family] for family in FAMILIES
        }
        columns = np.column_stack(
            [
                values.family[item.family][:, places[item.family].index(item.name)]
                if item.family
                else values[item.name]
                for item in uncertain
            ]
        )
        columns = columns - columns.mean(axis=0)
        ids, means = list(options), costs.mean(axis=0)
        nearest = int(means[1:].argmin()) + 1 if len(ids) > 1 else 0
        against = ids.index(STANDING) if STANDING in ids else nearest
        slopes = marginal_costs(terms, uncertain, options)
        gained = slopes[:, 0] - (slopes[:, against] if against else 0.0)
        spread = float((columns @ gained).var()) or 1.0
        apart = slopes[:, 0] - slopes[:, rival]
        distance = float((columns @ apart).var()) or 1.0
        found = []
        for question in dict.fromkeys(item.question for item in uncertain):
            own = [place for place, item in enumerate(uncertain) if item.question == question]
            part = columns[:, own] @ slopes[own]
            weights = (columns[:, own].var(axis=0) * gained[own] ** 2).tolist()
            default = [
                weight * is_default(self.engagement, uncertain[place])
                for place, weight in zip(own, weights, strict=True)
            ]
            silent = [
                weight
                for place, weight in zip(own, default, strict=True)
                if uncertain[place].family or uncertain[place].name in STANDING_IN
            ]
            known = means + part
            found.append(
                _Asked(
                    question=question,
                    share=float((columns[:, own] @ gained[own]).var()) / spread,
                    tells=float((columns[:, own] @ apart[own]).var()) / distance,
                    worth=max(float(means.min() - known.min(axis=1).mean()), 0.0),
                    assumed=sum(default) / (sum(weights) or 1.0),
                    unanswered=sum(silent) / (sum(weights) or 1.0),
                    parameters=tuple(uncertain[place].name for place in own),
                )
            )
        return sorted(found, key=lambda item: (-item.worth, -item.share, item.question))

    def _open(self) -> tuple[WorthQuestion, ...]:
        """Return the constraints that could not be tested of the styles that were taken."""
        found: dict[tuple[str, str], list[str]] = {}
        for item in self.candidates:
            style = self.chosen.get(item.integration.id)
            if style is None or not any(one.style == style for one in item.fit.styles):
                continue
            for check in next(one for one in item.fit.styles if one.style == style).untested:
                found.setdefault((check.constraint, check.feasible_if), []).append(item.integration.id)
        ranked = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        return tuple(
            WorthQuestion(
                id=f"open/{constraint}",
                text=f"{constraint[0].upper()}{constraint[1:]} is not answered: the style holds if {condition}",
                supply="systems.csv, integrations.csv",
                integrations=tuple(ids),
            )
            for (constraint, condition), ids in ranked
        )

    def _unanswered(self) -> tuple[WorthQuestion, ...]:
        """Return the criteria that are not answered, by their weight times the integrations that lack them."""
        weight: dict[str, float] = {}
        lacking: dict[str, list[str]] = {}
        for item in self.candidates:
            for term in item.fit.styles[0].terms:
                if not term.stated:
                    weight[term.criterion] = weight.get(term.criterion, 0.0) + term.weight
                    lacking.setdefault(term.criterion, []).append(item.integration.id)
        texts = {one.key: (one.label, f"integrations.csv, column {one.column}") for one in CRITERIA}
        texts[SKILL] = (SKILL_LABEL, "engagement.yaml, team.skills")
        return tuple(
            WorthQuestion(
                id=f"criterion/{key}",
                text=f"{texts[key][0]}: not stated for {len(lacking[key])} of {len(self.candidates)} integrations",
                supply=texts[key][1],
                integrations=tuple(lacking[key]),
            )
            for key, _ in sorted(weight.items(), key=lambda pair: (-pair[1], pair[0]))
        )

    def _gates(self) -> tuple[str, ...]:
        if self.readiness is None:
            return ()
        return tuple(gate.label for gate in self.readiness.gates if gate.state != "open")

    def _state(
        self, found: Robustness, done: int, worth: Sequence[WorthQuestion], gates: Sequence[str]
    ) -> State:
        """Return what the headline may say: questions come before gates, gates before an imperative.

        Where the programme as a whole is not robust, the greater part of it has to be.
        """
        stated = [
            sum(term.weight for term in item.fit.styles[0].terms if term.stated) for item in self.candidates
        ]
        known = float(np.mean(stated)) if stated else 0.0
        untested = any(item.id.startswith("open/") for item in worth)
        guessed = any(item.answerable and item.worth is not None for item in worth)
        robust = found.chance >= LIKELY or 2 * len(found.unsettled) < done
        if known < STATED or untested or guessed or not robust:
            return "ask"
        first = self.readiness.gates[0] if self.readiness and self.readiness.gates else None
        return "prepare" if first is not None and first.label in gates else "decide"


def _key(landscape: DecidedLandscape) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    return landscape.codes.tobytes(), tuple(sorted(landscape.plans.items()))
