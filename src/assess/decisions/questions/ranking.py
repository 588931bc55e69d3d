"""What each answer moves: the one decision taken again, at expected values, under every other answer at once.

All other answers lie along one axis of the cost graph, so that a landscape is priced under every one of them in one pass. What
may be done with an integration is judged anew where the answer is one that framework fit reads. Then the decision's own rule is
applied to the landscapes: what it recommends stays, unless it is not allowed any more, or another saves at least
`assess.decisions.decision.rule.SAVING` of what is paid.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assess.core.grids import DRAW, Grid, without_draws
from assess.decisions.cost.cashflow import Model, collect_inputs, drawn
from assess.decisions.cost.draws import Draws, expected
from assess.decisions.cost.finance import MissingRate, annuity_factor
from assess.decisions.cost.parameters import FAMILIES, KEEP, Assigned, Inputs, Terms
from assess.decisions.decision import RECOMMENDED, STANDING, Decision
from assess.decisions.decision.candidates import Candidates, judge
from assess.decisions.decision.deciding import find_rule
from assess.decisions.decision.pricing import NOTHING, STAY, Codes
from assess.decisions.decision.rule import SAVING, DecisionRule
from assess.decisions.decision.search import DecidedLandscape
from assess.decisions.framework import constrained_fit
from assess.decisions.framework.criteria import value_tables, weights
from assess.decisions.framework.result import Framework
from assess.intake.asking import who
from assess.intake.columns import find_table
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLES

from .result import AskedCell, Question, Questions
from .variations import Open, Variation, open_questions

Floats = NDArray[np.float64]

TOGETHER = ("integrations/style_today",)
"""Questions whose cells are not priced one by one: each asks for terms of its own."""

BLOCK = 256
"""Answers that are priced together."""

MOST_INSTEAD = 48
"""Landscapes that are made for what answers rule out."""

DETAILED = 12
"""Questions of several cells of which each cell is priced by itself, the first of the rank."""


def rank_questions(
    inputs: Inputs, framework: Framework, decision: Decision, stated: Engagement, *, seed: int = 7
) -> Questions:
    """Rank what the client has not answered by what the answer moves.

    Parameters
    ----------
    inputs
        As the decision was made by.
    stated
        The engagement as the client told it: where examples of the template are left.

    Returns
    -------
    Questions
        Without a priced decision the questions have no swing.
    """
    gates = _gates(stated)
    engagement = inputs.moved
    if not engagement.integrations or not decision.options or decision.gain is None:
        return Questions(currency=engagement.currency, ranked=gates)
    try:
        everything, rule = find_rule(inputs, framework, seed)
    except MissingRate:
        return Questions(currency=engagement.currency, ranked=gates)
    return _Ranking(everything, rule, decision, stated).ranked(gates)


def _gates(stated: Engagement) -> tuple[Question, ...]:
    """Return the value stream where there is none: advice without it optimises what nobody has looked at."""
    if stated.value_stream or stated.event_logs:
        return ()
    table = find_table("value_stream")
    return (
        Question(
            id="value_stream/step",
            ask=who("value_stream", "step").ask,
            role=who("value_stream", "step").role,
            allowed=", ".join(column.name for column in table.columns),
            gate=True,
            cells=(AskedCell(file=table.file, column="step", state="empty"),),
        ),
    )


@dataclasses.dataclass(frozen=True)
class _Varied:
    """What another answer changes: inputs of the graph, and what may be done with integrations."""

    grids: Mapping[str, Grid] = dataclasses.field(default_factory=dict)
    allowed: Mapping[int, Candidates] = dataclasses.field(default_factory=dict)
    engagement: Engagement | None = None


@dataclasses.dataclass(frozen=True)
class _Ranking:
    everything: Inputs
    rule: DecisionRule
    decision: Decision
    stated: Engagement

    @cached_property
    def engagement(self) -> Engagement:
        return self.everything.moved

    def ranked(self, gates: tuple[Question, ...]) -> Questions:
        asked = tuple(open_questions(self.engagement, self.stated, self.terms))
        lines, moved, varied = self._lines(asked)
        gains, flips = self._decided(moved, varied)
        now = float(gains[0])
        found = []
        for number, one in enumerate(asked):
            rows = [row for row, line in enumerate(lines, 1) if line == number]
            found.append(
                (one, _answered(one.question, gains[rows], flips[rows], now), [varied[row] for row in rows])
            )
        found.sort(key=lambda item: _rank(item[1]))
        detailed = self._cells(found[:DETAILED], now)
        ranked = (*self._paying(gates, now), *detailed, *(question for _, question, _ in found[DETAILED:]))
        return Questions(
            currency=self.engagement.currency,
            gain=_tidy(now),
            ranked=tuple(sorted(ranked, key=_rank)),
        )

    # ---- landscapes -------------------------------------------------------------------------------------

    @cached_property
    def landscapes(self) -> dict[str, Assigned]:
        """Return the decision's options, and the recommended one with all that may be in one style moved to it."""
        options = {
            option.id: Assigned({**option.assignment, **dict.fromkeys(option.kept, KEEP)}, option.plans)
            for option in self.decision.options
        }
        best = options[RECOMMENDED]
        ids = [item.id for item in self.engagement.integrations]
        reach = {
            item.integration.id: {fit.style for fit in item.fit.styles if fit.state != "excluded"}
            for item in self.rule.candidates
        }
        moved = {f"all/{style}": dict.fromkeys(ids, str(style)) for style in STYLES} | {
            f"able/{style}": {id: style if style in reach[id] else best.get(id, "") for id in ids}
            for style in STYLES
        }
        codes = np.array([self._codes(one) for one in moved.values()])
        prices = self.rule.pricer(codes)
        for (name, one), npv, plans in zip(moved.items(), prices.npv, prices.plans, strict=True):
            kept = {id: style for id, style in one.items() if style}
            if np.isfinite(npv) and kept not in [dict(known) for known in options.values()]:
                options[name] = Assigned(kept, plans)
        return options

    def _codes(self, option: Mapping[str, str]) -> Codes:
        codes = [
            NOTHING
            if not (style := option.get(item.id, ""))
            else STAY
            if style == KEEP
            else STYLES.index(style)
            for item in self.engagement.integrations
        ]
        return np.array(codes, np.int8)

    @cached_property
    def priced_inputs(self) -> Inputs:
        """Return the inputs with the plans alone that some landscape buys."""
        bought = {id for option in self.landscapes.values() for id in option.plans.values()}
        plans = {id: plan for id, plan in (self.everything.plans or {}).items() if id in bought}
        return dataclasses.replace(self.everything, plans=plans, assignments=None)

    @cached_property
    def terms(self) -> Terms:
        return self.priced_inputs.terms(STYLES)

    @cached_property
    def base(self) -> dict[str, Grid]:
        """Return the inputs of the graph at their expected values, without the axis of the answers."""
        return without_draws(collect_inputs(self.terms, expected(self.terms)))

    # ---- other answers ----------------------------------------------------------------------------------

    def _lines(self, asked: Sequence[Open]) -> tuple[list[int], list[Mapping[str, float]], list[_Varied]]:
        """Return the question of each other answer, and behind how things stand what each of them moves."""
        lines: list[int] = []
        moved: list[Mapping[str, float]] = [{}]
        varied = [_Varied()]
        for number, one in enumerate(asked):
            for variation in one.variations:
                lines.append(number)
                moved.append(dict(variation.parameters))
                varied.append(self._varied(variation))
        return lines, moved, varied

    def _varied(self, variation: Variation) -> _Varied:
        other = variation.engagement
        if other is None:
            return _Varied()
        terms = dataclasses.replace(self.priced_inputs, engagement=other, shifts=()).terms(STYLES)
        grids = without_draws(collect_inputs(terms, expected(terms)))
        changed = {
            name: grid for name, grid in grids.items() if not np.array_equal(grid.data, self.base[name].data)
        }
        return _Varied(changed, self._allowed_under(other, variation.fit), other)

    def _allowed_under(self, other: Engagement, columns: Sequence[str]) -> dict[int, Candidates]:
        """Return what may be done with the integrations that an answer concerns, judged anew."""
        if not columns:
            return {}
        systems = {
            one.id for one, was in zip(other.systems, self.engagement.systems, strict=True) if one is not was
        }
        whole = other.team is not self.engagement.team
        found = {}
        for place, (item, was) in enumerate(
            zip(other.integrations, self.engagement.integrations, strict=True)
        ):
            changed = item is not was or bool({item.source, item.target} & systems)
            if whole or changed:
                held = self.rule.candidates[place]
                fit = constrained_fit(other, item, *self.scale, None if changed else held.fit)
                found[place] = judge(item, fit, place in self.paying, held.unused)
        return found

    def _allowed(self, item: Candidates) -> NDArray[np.bool_]:
        """Return whether each code may be: the styles, then `NOTHING` and `STAY`, so that a code is the place itself."""
        out = np.zeros(len(STYLES) + 2, np.bool_)
        out[[*self.rule.allowed(item)]] = True
        return out

    @cached_property
    def scale(self) -> tuple[Floats, Mapping[str, Floats]]:
        """Return the weights and the values of the criteria; no answer changes them."""
        return weights(self.engagement), value_tables(self.engagement)

    @cached_property
    def paying(self) -> frozenset[int]:
        """Return the places of the integrations that a benefit says something about."""
        benefits = [one for one in self.everything.benefits or () if one.per_year.high > 0]
        return frozenset(
            place
            for place, item in enumerate(self.engagement.integrations)
            if any(not one.integrations or item.id in one.integrations for one in benefits)
        )

    # ---- pricing ----------------------------------------------------------------------------------------

    def _decided(
        self, moved: Sequence[Mapping[str, float]], varied: Sequence[_Varied]
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the gain of what is done under each answer, and whether that is something else."""
        landscapes = self.landscapes | self._instead(varied)
        costs = self._costs(landscapes, moved, varied)
        names = list(landscapes)
        codes = np.array([self._codes(one) for one in landscapes.values()])
        base = self.paid
        held = np.array([self._allowed(item) for item in self.rule.candidates])
        refused = (costs[0, 0] - costs[0] >= SAVING * base) & held[np.arange(len(held))[None], codes].all(
            axis=1
        )
        rivals = np.flatnonzero(~refused)
        standing = names.index(STANDING)
        gains, flips = np.empty(len(costs)), np.zeros(len(costs), np.bool_)
        for row, one in enumerate(varied):
            able = held.copy()
            for place, allowed in one.allowed.items():
                able[place] = self._allowed(allowed)
            done = codes
            if one.engagement is not None and self._other_today(one.engagement):
                done = codes.copy()
                done[standing] = self._codes(_standing(one.engagement))
            may = able[np.arange(len(able))[None], done].all(axis=1) & np.isfinite(costs[row])
            if row == 0:
                may[0] = True  # what was decided may be done as things stand
            others = [int(place) for place in rivals if place and may[place]]
            best = min(others, key=lambda place: costs[row, place], default=0)
            chosen = 0
            if best and (not may[0] or costs[row, 0] - costs[row, best] >= SAVING * base):
                chosen = best
            gains[row] = costs[row, standing] - costs[row, chosen]
            flips[row] = chosen != 0 or not may[0]
        return gains, flips

    @cached_property
    def paid(self) -> float:
        """Return what is paid for what is recommended."""
        best = self.landscapes[RECOMMENDED]
        (paid,) = self.rule.paid([DecidedLandscape(self._codes(best), np.nan, dict(best.plans))])
        return paid

    def _instead(self, varied: Sequence[_Varied]) -> dict[str, Assigned]:
        """Return what is recommended, with what an answer rules out done in the way that then fits best."""
        best = self._codes(self.landscapes[RECOMMENDED])
        found: dict[bytes, Codes] = {}
        for one in varied:
            codes = best.copy()
            for place, item in one.allowed.items():
                may = self.rule.allowed(item)
                if int(best[place]) not in may:
                    codes[place] = may[0]
            if len(found) < MOST_INSTEAD and not np.array_equal(codes, best):
                found.setdefault(codes.tobytes(), codes)
        if not found:
            return {}
        rows = np.array(list(found.values()))
        prices = self.rule.pricer(rows)
        return {
            f"instead/{number}": self.rule.pricer.assigned(row, plans)
            for number, (row, npv, plans) in enumerate(zip(rows, prices.npv, prices.plans, strict=True))
            if np.isfinite(npv) and set(plans.values()) <= set(self.terms.plans)
        }

    def _costs(
        self,
        landscapes: Mapping[str, Assigned],
        moved: Sequence[Mapping[str, float]],
        varied: Sequence[_Varied],
    ) -> Floats:
        """Return the present value of each landscape under each answer, shape ``(answers, landscapes)``."""
        blocks = [
            self._block(landscapes, moved[start : start + BLOCK], varied[start : start + BLOCK])
            for start in range(0, len(moved), BLOCK)
        ]
        costs = np.concatenate(blocks)
        for row, one in enumerate(varied):
            if one.engagement is not None and self._other_today(one.engagement):
                costs[row] = self._alone(landscapes, one.engagement)
        return costs

    def _block(
        self,
        landscapes: Mapping[str, Assigned],
        moved: Sequence[Mapping[str, float]],
        varied: Sequence[_Varied],
    ) -> Floats:
        size = len(moved)
        grids = collect_inputs(self.terms, self._draws(moved))
        for name in {name for one in varied for name in one.grids}:
            held = self.base[name]
            data = np.repeat(held.data[..., None], size, axis=-1)
            for row, one in enumerate(varied):
                if name in one.grids:
                    data[..., row] = one.grids[name].data
            grids[name] = Grid((*held.axes, DRAW), data)
        return _priced(Model.with_inputs(self.terms, grids, size), landscapes, size)

    def _draws(self, moved: Sequence[Mapping[str, float]]) -> Draws:
        """Return a draw an answer: the expected value of every parameter but those that it moves."""
        one, size = expected(self.terms), len(moved)
        values = {name: np.repeat(value, size) for name, value in one.values.items()}
        for row, other in enumerate(moved):
            for name, value in other.items():
                values[name][row] = value
        return Draws(values, {name: np.repeat(one.family[name], size, axis=0) for name in FAMILIES}, size)

    def _other_today(self, other: Engagement) -> bool:
        pairs = zip(other.integrations, self.engagement.integrations, strict=True)
        return any(item.style_today != was.style_today for item, was in pairs)

    def _alone(self, landscapes: Mapping[str, Assigned], other: Engagement) -> Floats:
        """Return what the landscapes cost where something else runs today: what stays is something else, too."""
        terms = dataclasses.replace(self.priced_inputs, engagement=other, shifts=()).terms(STYLES)
        draws = expected(terms)
        options = {name: _standing(other) if name == STANDING else one for name, one in landscapes.items()}
        (costs,) = _priced(Model.of(terms, draws), options, 1)
        return np.asarray(costs)

    # ---- cells ------------------------------------------------------------------------------------------

    def _cells(self, found: Sequence[tuple[Open, Question, list[_Varied]]], now: float) -> list[Question]:
        """Return questions with what each cell moves by itself: of a change in all, the column of its integration."""
        moved: list[Mapping[str, float]] = [{}]
        varied: list[_Varied] = [_Varied()]
        places: list[tuple[int, int]] = []
        for number, (one, _, others) in enumerate(found):
            if len(one.places) < 2 or one.question.id in TOGETHER:
                continue
            for cell, place in enumerate(one.places):
                for other in others:
                    places.append((number, cell))
                    moved.append({})
                    varied.append(self._single(other, place))
        if not places:
            return [_whole(question) for _, question, _ in found]
        gains, flips = self._decided(moved, varied)
        answered = []
        for number, (one, question, _) in enumerate(found):
            if len(one.places) < 2 or one.question.id in TOGETHER:
                answered.append(_whole(question))
                continue
            cells = []
            for cell, asked in enumerate(question.cells):
                rows = [row for row, at in enumerate(places, 1) if at == (number, cell)]
                swing = _swing(gains[rows], now)
                cells.append(
                    asked.model_copy(update={"swing": _tidy(swing), "flips": bool(flips[rows].any())})
                )
            cells.sort(key=lambda cell: (-(cell.swing or 0.0), not cell.flips))
            answered.append(question.model_copy(update={"cells": tuple(cells)}))
        return answered

    def _single(self, other: _Varied, place: int) -> _Varied:
        """Return what an answer changes of one integration alone."""
        grids = {}
        for name, grid in other.grids.items():
            if "place" not in grid.axes:
                continue
            data, axis = self.base[name].data.copy(), grid.axes.index("place")
            np.moveaxis(data, axis, 0)[place] = np.moveaxis(grid.data, axis, 0)[place]
            grids[name] = Grid(grid.axes, data)
        engagement = None
        if other.engagement is not None and self._other_today(other.engagement):
            changed = list(self.engagement.integrations)
            changed[place] = other.engagement.integrations[place]
            engagement = self.engagement.model_copy(update={"integrations": tuple(changed)})
        allowed = {place: other.allowed[place]} if place in other.allowed else {}
        return _Varied(grids, allowed, engagement)

    def _paying(self, gates: tuple[Question, ...], now: float) -> tuple[Question, ...]:
        """Return the gates with the saving a year from which the programme pays."""
        if now >= 0:
            return gates
        yearly = -now / annuity_factor(self.terms.rate, self.terms.horizon)
        return tuple(gate.model_copy(update={"pays_from": _tidy(yearly)}) for gate in gates)


def _standing(engagement: Engagement) -> Assigned:
    """Return the option that leaves everything as it is."""
    running = (item.id for item in engagement.integrations if item.style_today not in (None, "none"))
    return Assigned(dict.fromkeys(running, KEEP))


def _priced(model: Model, options: Mapping[str, Assigned], size: int) -> Floats:
    out = np.zeros((size, len(options)))
    with np.errstate(divide="ignore", invalid="ignore"):
        for column, option in enumerate(options.values()):
            if option:
                out[:, column] = drawn(model.option(option)["npv"], size)
    return out


def _answered(question: Question, gains: Floats, flips: NDArray[np.bool_], now: float) -> Question:
    return question.model_copy(
        update={
            "gains": tuple(_tidy(float(gain)) for gain in gains),
            "swing": _tidy(_swing(gains, now)),
            "flips": bool(flips.any()),
        }
    )


def _whole(question: Question) -> Question:
    """Return a question of one cell, or of cells that are answered together, which move what it moves."""
    if len(question.cells) != 1:
        return question
    cell = question.cells[0].model_copy(update={"swing": question.swing, "flips": question.flips})
    return question.model_copy(update={"cells": (cell,)})


def _swing(gains: Floats, now: float) -> float:
    every = np.append(gains[np.isfinite(gains)], now)
    return float(every.max() - every.min())


def _rank(question: Question) -> tuple[bool, float, bool, str]:
    return not question.gate, -(question.swing or 0.0), not question.flips, question.id


def _tidy(value: float) -> float:
    return float(f"{value:.6g}")
