"""The landscape of least expected cost: every set of styles, and what is left as it is.

Fixed costs make it a facility location problem, learning and price tiers bend it. So every set of styles is
opened in turn with what each integration adds, and the best of them are improved by moves that are priced exactly.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assess.intake.engagement.landscape import Integration

from .candidates import Candidates
from .pricing import NOTHING, STAY, Codes, Floats, OptionPricer

STARTS = 4
"""Landscapes that are improved; the others stay as they were opened."""

ROUNDS = 12
"""Most times that a landscape is improved."""

MOVES = 256
"""Most moves that are priced in a round, the most promising first."""

CENT = 0.01


class DecidedLandscape(NamedTuple):
    """What is done with each integration, and what that costs.

    Parameters
    ----------
    codes
        Shape ``(integrations,)``.
    npv
        Expected present value of costs less benefits.
    plans
        Style to the id of its price plan.
    """

    codes: Codes
    npv: float
    plans: dict[str, str]


class StyleSetLandscapes(NamedTuple):
    """The landscapes of a set of styles: the one of least cost, and the one of best fit."""

    styles: tuple[int, ...]
    cheapest: DecidedLandscape
    fitting: DecidedLandscape


@dataclass(frozen=True)
class LandscapeSearch:
    """Looks for landscapes among what may be done with each integration.

    Parameters
    ----------
    allowed
        Codes that each integration may have.
    wider
        The search over more codes that this one is part of: what each integration adds is taken from there.
    """

    pricer: OptionPricer
    candidates: tuple[Candidates, ...]
    allowed: tuple[tuple[int, ...], ...]
    wider: LandscapeSearch | None = None

    @cached_property
    def fit(self) -> Floats:
        """Score of each style for each integration, shape ``(integrations, styles)``."""
        styles = self.pricer.terms.styles
        return np.array([[item.fit.style(style).score for style in styles] for item in self.candidates])

    @cached_property
    def alike(self) -> tuple[NDArray[np.intp], ...]:
        """IntegrationDecisions that differ in nothing that counts; they are moved together, too."""
        groups: dict[str, list[int]] = {}
        for place, item in enumerate(self.candidates):
            groups.setdefault(_likeness(item.integration) + repr(self.allowed[place]), []).append(place)
        return tuple(np.array(places) for places in groups.values())

    @cached_property
    def adds(self) -> Floats:
        """What each integration adds with each code, shape ``(integrations, styles + 2)``; infinite where not allowed.

        The last two columns are `NOTHING` and `STAY`, so that a code is the column itself.
        """
        count, styles = len(self.candidates), len(self.pricer.terms.styles)
        out = np.full((count, styles + 2), np.inf)
        if self.wider is not None:
            for place, codes in enumerate(self.allowed):
                out[place, [*codes]] = self.wider.adds[place, [*codes]]
            return out
        for code in (*range(styles), STAY):
            places = [place for place in range(count) if code in self.allowed[place]]
            if places:
                row = np.full(count, NOTHING, np.int8)
                row[places] = code
                out[places, code] = self.pricer.own(row)[places]
        out[[NOTHING in codes for codes in self.allowed], NOTHING] = 0.0
        return out

    def best(self) -> DecidedLandscape:
        """Return the landscape of least cost."""
        return min((found.cheapest for found in self.sets), key=lambda one: one.npv)

    def among(self, allowed: tuple[tuple[int, ...], ...]) -> LandscapeSearch:
        """Return the search over some of the codes; the same one where they are the same."""
        return self if allowed == self.allowed else replace(self, allowed=allowed, wider=self)

    @cached_property
    def sets(self) -> tuple[StyleSetLandscapes, ...]:
        """The landscapes of every set of styles that serves all, the cheapest first."""
        opened = [(styles, *self._opened(styles)) for styles in self._subsets()]
        if not opened:
            return ()
        rows = np.array([row for _, cheap, fitting in opened for row in (cheap, fitting)], np.int8)
        priced = self.price(rows)
        found = [
            StyleSetLandscapes(styles, priced[2 * place], priced[2 * place + 1])
            for place, (styles, *_) in enumerate(opened)
        ]
        found.sort(key=lambda one: (one.cheapest.npv, one.styles))
        starts: dict[bytes, int] = {}
        for place, one in enumerate(found):  # of those that open alike, the one that may use most styles
            known = starts.setdefault(one.cheapest.codes.tobytes(), place)
            if len(one.styles) > len(found[known].styles):
                starts[one.cheapest.codes.tobytes()] = place
        chosen = list(starts.values())[:STARTS]
        improved = self.improved([(found[place].cheapest, found[place].styles) for place in chosen])
        for place, better in zip(chosen, improved, strict=True):
            found[place] = found[place]._replace(cheapest=better)
        return tuple(sorted(found, key=lambda one: (one.cheapest.npv, one.styles)))

    def _subsets(self) -> Iterator[tuple[int, ...]]:
        offered = sorted({code for codes in self.allowed for code in codes if code >= 0})
        for size in range(len(offered) + 1):
            for styles in combinations(offered, size):
                if all(not codes or any(c < 0 or c in styles for c in codes) for codes in self.allowed):
                    yield styles

    def _opened(self, styles: tuple[int, ...]) -> tuple[Codes, Codes]:
        """Return each integration's cheapest and best fitting code when these styles are open."""
        columns = [*styles, STAY, NOTHING]
        adds = self.adds[:, columns]
        codes = np.array(columns, np.int8)
        cheap = codes[adds.argmin(axis=1)]
        cheap[~np.isfinite(adds).any(axis=1)] = NOTHING
        fitting = cheap.copy()
        for place, code in enumerate(cheap.tolist()):
            able = [style for style in styles if style in self.allowed[place]]
            if code >= 0:
                fitting[place] = max(able, key=lambda style: (self.fit[place, style], -style))
        return cheap, fitting

    def price(self, rows: Codes) -> list[DecidedLandscape]:
        """Return landscapes with their prices, in the order of the rows."""
        prices = self.pricer(rows)
        return [
            DecidedLandscape(row, cost, plans)
            for row, cost, plans in zip(rows, prices.npv.tolist(), prices.plans, strict=True)
        ]

    def improved(self, starts: Sequence[tuple[DecidedLandscape, Sequence[int]]]) -> list[DecidedLandscape]:
        """Return landscapes after moves of one and of alike ones, each priced exactly, until none makes them cheaper, or `ROUNDS`.

        Where there are more than `MOVES`, an integration is tried again alone only where that was worse by less than the round
        gained: what lies further away is not looked at (Bentley 1992, don't-look bits, with the gain as the neighbourhood).

        Parameters
        ----------
        starts
            Landscapes, each with the styles that it may use.
        """
        best = [one for one, _ in starts]
        near: list[Collection[tuple[int, int]] | None] = [None for _ in starts]
        moving = list(range(len(starts)))
        for _ in range(ROUNDS):
            moves = {place: self._moves(best[place].codes, starts[place][1], near[place]) for place in moving}
            rows = [row for place in moving for row, _ in moves[place]]
            if not rows:
                break
            many = len(rows) > MOVES
            found = iter(self.price(np.array(rows, np.int8)))
            tried = {place: [(next(found), able) for _, able in moves[place]] for place in moving}
            useful = {place: self._useful(best[place], tried[place]) for place in moving}
            moving = [place for place in moving if useful[place]]
            if not moving:
                break
            joined = self.price(np.array([self._together(best[place], useful[place]) for place in moving]))
            for place, one in zip(moving, joined, strict=True):
                before = best[place].npv
                best[place] = min((useful[place][0][0], one), key=lambda item: item.npv)
                limit = before + before - best[place].npv
                if near[place] is not None or many:
                    near[place] = {
                        (int(able[0]), int(move.codes[able[0]]))
                        for move, able in tried[place]
                        if able.size == 1 and move.npv < limit
                    }
        return best

    def _useful(
        self, start: DecidedLandscape, moves: Sequence[tuple[DecidedLandscape, NDArray[np.intp]]]
    ) -> list[tuple[DecidedLandscape, NDArray[np.intp]]]:
        """Return the moves that make a landscape cheaper, the most useful first."""
        ranked = sorted(enumerate(moves), key=lambda item: (item[1][0].npv, item[0]))
        return [move for _, move in ranked if move[0].npv < start.npv - CENT]

    def _together(
        self, start: DecidedLandscape, moves: Sequence[tuple[DecidedLandscape, NDArray[np.intp]]]
    ) -> Codes:
        """Return the landscape after every useful move, the most useful first, each integration moved once."""
        codes, moved = start.codes.copy(), np.zeros(len(start.codes), np.bool_)
        for one, places in moves:
            if not moved[places].any():
                codes[places] = one.codes[places]
                moved[places] = True
        return codes

    def _moves(
        self, codes: Codes, styles: Sequence[int], near: Collection[tuple[int, int]] | None
    ) -> list[tuple[Codes, NDArray[np.intp]]]:
        """Return landscapes one move away with the integrations that moved, the most promising first.

        Parameters
        ----------
        near
            Integrations that are moved alone, with the codes to which; None for all.
        """
        found: list[tuple[float, int, Codes, NDArray[np.intp]]] = []
        for places in self._blocks(codes):
            for code in sorted({code for place in places.tolist() for code in self.allowed[place]}):
                if code >= 0 and code not in styles:
                    continue
                able = np.array(
                    [p for p in places.tolist() if code in self.allowed[p] and codes[p] != code], int
                )
                if not able.size or (
                    near is not None and able.size == 1 and (int(able[0]), code) not in near
                ):
                    continue
                row = codes.copy()
                row[able] = code
                # what no plan can serve is endlessly dear on both ends
                with np.errstate(invalid="ignore", over="ignore"):
                    promise = float(np.nan_to_num(self.adds[able, code] - self.adds[able, codes[able]]).sum())
                found.append((promise, len(found), row, able))
        found.sort(key=lambda move: move[:2])
        unique = {row.tobytes(): (row, able) for _, _, row, able in found}
        return list(unique.values())[:MOVES]

    def _blocks(self, codes: Codes) -> list[NDArray[np.intp]]:
        """Return what is moved together: each alone, alike ones, all of one code, all that stay in one style of today.

        What a style costs whatever the number goes only with the last that stays in it.
        """
        alone = [np.array([place]) for place in range(len(codes))]
        same = [np.flatnonzero(codes == code) for code in np.unique(codes).tolist()]
        today = np.where(codes == STAY, self.pricer.today, NOTHING)
        stay = [np.flatnonzero(today == code) for code in np.unique(today).tolist() if code != NOTHING]
        return [*same, *stay, *(places for places in self.alike if places.size > 1), *alone]


def _likeness(item: Integration) -> str:
    """Return what counts of an integration in the cost model."""
    estimates = (item.volume, item.changes_per_year, item.build_days)
    numbers = [None if one is None else one.interval for one in estimates]
    return repr(
        (numbers, item.growth, item.peak_per_second, item.message_kb, item.latency_seconds, item.consumers,
         item.criticality, item.coverage, item.customisation, item.governance, item.style_today, item.interaction)
    )  # fmt: skip
