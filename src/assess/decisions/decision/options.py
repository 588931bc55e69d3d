"""The options beside the recommended one: as is, only what pays, all, cheapest, best fit, each single style."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.decisions.cost.parameters import Assigned
from assess.intake.engagement.landscape import Style

from .pricing import NOTHING, STAY, Codes
from .result import RECOMMENDED, STANDING
from .rule import DecisionRule, Ruling
from .search import DecidedLandscape

PAYS, EVERYTHING, CHEAPEST, BEST_FIT = "what-pays", "everything", "cheapest", "best-fit"

SINGLE: tuple[Style, ...] = ("api-first", "event-driven", "ipaas", "native-connector")
"""Styles that an option uses alone, wherever they are feasible."""


@dataclass(frozen=True)
class OptionsBeside:
    """The options of a decision, by id, the recommended one first."""

    rule: DecisionRule
    ruling: Ruling

    def landscapes(self) -> dict[str, DecidedLandscape]:
        """Return every option once; leaving things as they are is always among them."""
        best = self.ruling.recommended
        found: dict[str, DecidedLandscape] = {
            RECOMMENDED: best,
            STANDING: self._priced(self._standing()),
            PAYS: self.paying(),
            CHEAPEST: self.ruling.cheapest,
            EVERYTHING: self._everything(),
            BEST_FIT: self._priced(self._fitting()),
            **{style: self._priced(self._single(style)) for style in SINGLE},
        }
        kept: dict[bytes, str] = {}
        for id, one in found.items():
            unused = id in SINGLE and self.rule.pricer.code(id) not in one.codes
            if not unused and id != STANDING:
                kept.setdefault(one.codes.tobytes(), id)
        named = {STANDING, *kept.values()}
        return {id: one for id, one in found.items() if id in named}

    def assigned(self, landscape: DecidedLandscape) -> Assigned:
        """Return an option as the cost model takes it."""
        return self.rule.pricer.assigned(landscape.codes, landscape.plans)

    def _priced(self, codes: Codes) -> DecidedLandscape:
        return self.rule.search.price(codes[None])[0]

    def _standing(self) -> Codes:
        today = [item.integration.style_today for item in self.rule.candidates]
        return np.array([NOTHING if style in (None, "none") else STAY for style in today], np.int8)

    def paying(self) -> DecidedLandscape:
        """Return the recommended landscape without what costs more than it brings, but with what the client says is required."""
        best, standing = self.ruling.recommended, self._standing()
        obliged = np.array([item.obliged for item in self.rule.candidates])
        for _ in range(len(best.codes)):
            done = np.flatnonzero((best.codes >= 0) & ~obliged).tolist()
            if not done:
                return best
            rows = np.repeat(best.codes[None], len(done), axis=0)
            rows[range(len(done)), done] = standing[done]
            priced = self.rule.search.price(rows)
            dropped = [place for place, one in zip(done, priced, strict=True) if one.npv < best.npv]
            if not dropped:
                return self._none_at_all(best, obliged)
            codes = best.codes.copy()
            codes[dropped] = standing[dropped]
            together = self._priced(codes)
            best = min((together, *priced), key=lambda one: one.npv)
        return best

    def _none_at_all(self, landscape: DecidedLandscape, obliged: NDArray[np.bool_]) -> DecidedLandscape:
        """Return the landscape as it is today, but for what is obliged, where even all together cost more than that."""
        standing = self._priced(np.where(obliged, landscape.codes, self._standing()))
        return standing if standing.npv < landscape.npv else landscape

    def _everything(self) -> DecidedLandscape:
        search = self.rule.search
        allowed = tuple(tuple(code for code in codes if code >= 0) or codes for codes in search.allowed)
        return search.among(allowed).best()

    def _fitting(self) -> Codes:
        search, codes = self.rule.search, self.ruling.recommended.codes.copy()
        for place in np.flatnonzero(codes >= 0).tolist():
            able = [code for code in search.allowed[place] if code >= 0]
            codes[place] = max(able, key=lambda code: (search.fit[place, code], -code))
        return codes

    def _single(self, style: Style) -> Codes:
        codes, code = self.ruling.recommended.codes.copy(), self.rule.pricer.code(style)
        for place, item in enumerate(self.rule.candidates):
            if codes[place] >= 0 and style in item.fit.candidates:
                codes[place] = code
        return codes
