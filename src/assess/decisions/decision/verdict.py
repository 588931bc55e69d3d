"""Whether the answer may be an imperative: what is assumed, how surely it is the best, and what to ask first.

Defaults that an expert believed count as intervals of 50 %, not of 90 %: their ranges are widened before the
chance of being the best is drawn.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from assess.core.estimate import Estimate
from assess.decisions.cost.draws import Draws, sample
from assess.decisions.cost.estimation import price_options, tidy
from assess.decisions.cost.model import QUESTIONS
from assess.decisions.cost.parameters import FAMILIES, KEEP, Assigned, CostParameter, Terms
from assess.decisions.framework.criteria import CRITERIA, SKILL, SKILL_LABEL
from assess.decisions.readiness.result import Readiness
from assess.intake.engagement import Engagement

from .candidates import Candidates
from .pricing import Floats
from .result import ANSWERABLE, State, Verdict, WorthQuestion
from .rule import LIKELY, SAVING

DRAWS = 1_000
"""Futures under widened ranges: a standard error of 1.5 points at two thirds."""

WIDER = float(ndtri(0.95) / ndtri(0.75))
"""How far an interval of 90 % reaches beyond one of 50 %, of a normal distribution: 2.44."""

STATED = 0.5
"""Share of the weight of the criteria that must be answered before an imperative."""

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
    entry = engagement.assumptions.entry(source.place)
    return entry.elicited and not entry.overridden


def _wider(held: Estimate) -> Estimate:
    low = held.likely - WIDER * (held.likely - held.low)
    high = held.likely + WIDER * (held.high - held.likely)
    share = held.unit.startswith("share") and held.high <= 1
    return held.model_copy(
        update={"low": max(low, min(0.0, held.low)), "high": min(high, 1.0) if share else high}
    )


class _Asked(NamedTuple):
    """A question: its share of the variance, the worth of its answer, and the part of it that is assumed."""

    question: str
    share: float
    worth: float
    assumed: float
    parameters: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Judging:
    """Judges whether the recommended option may be called for.

    Parameters
    ----------
    options
        The recommended one first.
    base
        Cost of what is done, of which a saving is a share.
    """

    engagement: Engagement
    terms: Terms
    options: Mapping[str, Assigned]
    candidates: tuple[Candidates, ...]
    chosen: Mapping[str, str]
    readiness: Readiness | None
    base: float
    seed: int

    def verdict(self) -> Verdict:
        """Return the verdict."""
        terms = widened(self.engagement, self.terms)
        values = sample(terms, DRAWS, self.seed)
        some = {id: option for id, option in self.options.items() if option}
        priced = price_options(terms, values, some)
        names = [id for id in self.options if id in priced.flows or not self.options[id]]
        costs = np.column_stack(
            [priced.flows[id].npv if id in priced.flows else np.zeros(values.size) for id in names]
        )
        chance, rival = self._chance(names, costs)
        asked = self._asked(terms, values, costs)
        whole = sum(item.share for item in asked) or 1.0
        assumed = sum(item.share * item.assumed for item in asked) / whole
        worth = self._questions(asked, self.base)
        gates = self._gates()
        return Verdict(
            state=self._state(chance, worth, gates),
            chance=chance,
            rival=rival,
            assumed=tidy(assumed),
            questions=worth,
            gates=gates,
        )

    def _chance(self, names: Sequence[str], costs: Floats) -> tuple[float, str]:
        """Return the share of the futures in which no option of the same scope saves `SAVING`, and which most often does.

        Leaving things as they are is one where nothing that must be done is left out by it.
        """
        own = costs[:, 0]
        same = [place for place, id in enumerate(names) if place and self._comparable(id)]
        if not same:
            return 1.0, ""
        saving = own - costs[:, same].min(axis=1) > SAVING * self.base
        nearest = np.bincount(costs[:, same].argmin(axis=1)[saving], minlength=len(same))
        return float(1 - saving.mean()), names[same[int(nearest.argmax())]] if saving.any() else ""

    def _comparable(self, id: str) -> bool:
        """Say whether an option does everything that must be done."""
        done = self.options[id]
        required = [item for item in self.candidates if (item.required or item.misses) and item.styles]
        return all(done.get(item.integration.id, KEEP) != KEEP for item in required)

    def _questions(self, asked: Sequence[_Asked], cost: float) -> tuple[WorthQuestion, ...]:
        """Return what to ask: what opens or closes a style, what decides the fit, then by worth."""
        money = [
            WorthQuestion(
                id=item.question,
                text=QUESTIONS[item.question],
                worth=tidy(item.worth),
                share=tidy(item.share),
                assumed=item.assumed > 0.5,
                supply=", ".join(item.parameters[:3]),
            )
            for item in asked
            if item.worth >= LEAST_WORTH * cost
        ]
        return (*self._open(), *self._unanswered(), *money)

    def _asked(self, terms: Terms, values: Draws, costs: Floats) -> list[_Asked]:
        """Return what each question explains of the cost, and what knowing its answer is worth.

        One regression on everything that is uncertain gives the part of each question: the conditional mean of the
        costs given its answer (Strong, Oakley and Brennan 2014, with a linear basis).
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
        means = costs.mean(axis=0)
        slopes = np.linalg.lstsq(columns, costs - means, rcond=None)[0]
        spread = float((columns @ slopes[:, :1]).var()) or 1.0
        found = []
        for question in dict.fromkeys(item.question for item in uncertain):
            own = [place for place, item in enumerate(uncertain) if item.question == question]
            part = columns[:, own] @ slopes[own]
            weights = (columns[:, own].var(axis=0) * slopes[own, 0] ** 2).tolist()
            default = sum(
                weight
                for place, weight in zip(own, weights, strict=True)
                if is_default(self.engagement, uncertain[place])
            )
            known = means + part
            found.append(
                _Asked(
                    question=question,
                    share=float(part[:, 0].var()) / spread,
                    worth=max(float(means.min() - known.min(axis=1).mean()), 0.0),
                    assumed=default / sum(weights) if sum(weights) > 0 else 0.0,
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

    def _state(self, chance: float, worth: Sequence[WorthQuestion], gates: Sequence[str]) -> State:
        """Return what the headline may say: questions come before gates, gates before an imperative."""
        stated = [
            sum(term.weight for term in item.fit.styles[0].terms if term.stated) for item in self.candidates
        ]
        known = float(np.mean(stated)) if stated else 0.0
        untested = any(item.id.startswith("open/") for item in worth)
        guessed = any(item.assumed and item.id in ANSWERABLE for item in worth)
        if known < STATED or untested or guessed or chance < LIKELY:
            return "ask"
        first = self.readiness.gates[0] if self.readiness and self.readiness.gates else None
        return "prepare" if first is not None and first.label in gates else "decide"
