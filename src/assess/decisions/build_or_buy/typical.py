"""Building and buying n typical integrations: the cost model's graph along the number, the volume or single integrations.

``n`` integrations that are the average of the engagement's count ``n / N`` of each of its N; with the number
that there are, all alike, they cost exactly what the cost model says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.core.formula_graph import Formula, at, named, number, total
from assess.core.grids import Axes, Grid, single
from assess.decisions.cost.cashflow import CELLS, FEWEST, Model, drawn
from assess.decisions.cost.draws import Draws, likely
from assess.decisions.cost.likely_case import LikelyCase, explorable
from assess.decisions.cost.parameters import Inputs, Terms
from assess.intake.engagement.landscape import STYLES, Style

Floats = NDArray[np.float64]

BLOCK = 2048
"""Draws that are evaluated together at most: a node lies along the numbers, the years and these."""

TYPICAL: Mapping[str, Formula] = {
    "in_scope": named("number") / named("there_are"),
    "eased": total("nth", (number("nth") <= named("number")) * number("nth") ** named("learning"))
    / named("number"),
}
"""What is computed otherwise for ``number`` typical integrations: how much of each is built, and the average learning."""


WAYS: tuple[Style, Style] = ("api-first", "ipaas")
"""What is built, and what is bought."""
MOST = 150
"""Number of integrations up to which both ways are looked at; at least twice as many as there are."""


def difference(
    terms: Terms,
    draws: Draws,
    styles: tuple[str, str],
    *,
    numbers: Floats | None = None,
) -> Floats:
    """Return the present value of building less that of buying.

    Parameters
    ----------
    styles
        What is built, and what is bought.
    numbers
        Numbers of typical integrations; as many as there are where none are given.

    Returns
    -------
    ndarray
        Shape ``(draws, numbers)``.

    Numbers at which a price plan has ended are infinitely dear on their way.
    """
    longest = max(len(terms.integrations), 0 if numbers is None else int(numbers.max()))
    step = max(FEWEST, min(BLOCK, CELLS // max(1, longest)))
    parts = [
        _difference(terms, draws.block(start, min(start + step, draws.size)), styles, numbers)
        for start in range(0, draws.size, step)
    ]
    return np.concatenate(parts)


def _difference(terms: Terms, draws: Draws, styles: tuple[str, str], numbers: Floats | None) -> Floats:
    count = len(terms.integrations)
    most = count if numbers is None else int(numbers.max())
    size = 1 if numbers is None else len(numbers)
    along: Axes = {"nth": range(most), "position": range(size)}
    known = {
        "number": single(count) if numbers is None else Grid(("position",), numbers),
        "there_are": single(count),
    }
    model = Model.of(terms, draws)
    costs = []
    for style in styles:
        found = model.option({item.id: style for item in terms.integrations}, TYPICAL, known, along)
        with np.errstate(divide="ignore", invalid="ignore"):
            worth = drawn(found["npv"], draws.size)
        costs.append(np.broadcast_to(worth, (size, draws.size)))
    with np.errstate(invalid="ignore"):
        return np.asarray((costs[0] - costs[1]).T)


@dataclass(frozen=True)
class LikelyOptions:
    """The likely case of building and of buying, as formulas over what a reader may move.

    Parameters
    ----------
    case
        Its options are ``build`` and ``buy``; its results ``npv`` and ``difference``, build less buy.
    difference
        Build less buy, as the model computes it.
    """

    case: LikelyCase
    difference: float
    currency: str


def likely_options(inputs: Inputs) -> LikelyOptions:
    """Return the likely case of both ways; the number of integrations may move up to `MOST`.

    Raises
    ------
    ValueError
        If there are no integrations.
    MissingRate
        If a price is in a currency of which no exchange rate is known.
    """
    integrations = inputs.engagement.integrations
    if not integrations:
        raise ValueError("building and buying can be compared from one integration on")
    terms = inputs.delivery.terms([style for style in STYLES if style in WAYS])
    draws = likely(terms)
    found = Model.of(terms, draws).option({item.id: WAYS[0] for item in integrations})
    cost, covered, changes = (drawn(found[name], 1)[:, 0] for name in ("plain", "covered", "system_changes"))
    share = float((cost * covered).sum() / cost.sum()) if cost.sum() > 0 else float(covered.mean())
    pace = float(changes.mean())
    by_hand = named("by_hand_style")
    graph = terms.graph.replaced({
        **TYPICAL,
        "covered": named("coverage") * (named("covered_now") / share if share > 0 else named("every")),
        "system_changes": named("pace") * (named("changes_now") / pace if pace > 0 else named("every")),
        "experience": by_hand * named("skilled") + (1 - by_hand) * named("skill_now"),
        "difference": at("option", "build", named("npv")) - at("option", "buy", named("npv")),
    })  # fmt: skip
    count, most = float(len(integrations)), max(MOST, 2 * len(integrations))
    inner = {"number": "number", "volume": "volume_factor", "coverage": "coverage", "skill": "skilled", "changes": "pace",
             "overrun": "overrun.factor"}  # fmt: skip
    known = {
        "coverage": single(share), "pace": single(pace), "skilled": single(terms.skills[WAYS[0]]), "there_are": single(count),
        "covered_now": Grid(("place",), covered), "changes_now": Grid(("place",), changes),
        "every": Grid(("place",), np.ones(len(integrations))),
        "skill_now": Grid(("style",), np.array([terms.skills[style] for style in terms.styles])),
        "by_hand_style": Grid(("style",), np.array([float(style == WAYS[0]) for style in terms.styles])),
    }  # fmt: skip
    over = {
        name: {item.id: style for item in integrations}
        for name, style in zip(("build", "buy"), WAYS, strict=True)
    }
    axes = {"nth": tuple(str(place) for place in range(1, most + 1))}
    case = explorable(terms, graph, over, inner, ("npv", "difference"), axes=axes, known=known)
    return LikelyOptions(case, float(difference(terms, draws, WAYS)[0, 0]), inputs.engagement.currency)
