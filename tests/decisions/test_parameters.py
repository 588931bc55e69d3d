"""The terms of the decision have the parameters that were set down before it was built (``DESIGN``), and no others.

The numbers are those of the design, dated 2026-11-29, copied by hand: what a term has more, or another value, fails here.
A number that several styles share is one parameter: each difference between styles has to be a decision.
"""

from __future__ import annotations

import pytest

from assess.decisions.cost.cashflow import GOVERNED
from assess.decisions.cost.model import FAILURE_PRIOR
from assess.decisions.decision import candidates, result, rule
from assess.intake.assumptions import defaults
from assess.intake.engagement.landscape import NATIVE, STYLES

API, EVENTS, PLATFORM, FILE, FACADE, DATABASE = (
    "api-first", "event-driven", "ipaas", "file-exchange", "api-facade", "database-access",
)  # fmt: skip

DESIGN: dict[str, list[tuple[tuple[str, ...], tuple[float, float, float]]]] = {
    "fanout": [((EVENTS,), (0.05, 0.15, 0.25)), ((API, FACADE, DATABASE), (0.3, 0.5, 0.7)), ((PLATFORM, FILE), (0.15, 0.3, 0.5))],
    "people.each": [((API, FACADE, DATABASE), (0.006, 0.012, 0.025)), ((EVENTS,), (0.005, 0.01, 0.022)),
                    ((PLATFORM,), (0.003, 0.006, 0.012)), ((FILE,), (0.004, 0.01, 0.022))],
    "infrastructure.each": [((API, EVENTS, FACADE), (150, 500, 1500))],
    "people.fte": [((API, FACADE), (0.02, 0.08, 0.25)), ((EVENTS,), (0.05, 0.2, 0.8)), ((PLATFORM,), (0.05, 0.15, 0.4)),
                   ((FILE,), (0.01, 0.03, 0.1))],
    "infrastructure": [((API,), (1000, 3500, 10_000)), ((EVENTS,), (3000, 8000, 30_000))],
    "setup.days": [((API,), (8, 18, 40)), ((EVENTS,), (15, 35, 80))],
    "failure.rate": [((API, EVENTS, PLATFORM), (1, 2, 4)), ((FILE,), (1.5, 3, 7)), ((FACADE,), (1.2, 2.6, 6)), ((DATABASE,), (2, 5, 12))],
    "failure.loss": [(("low",), (30, 100, 400)), (("medium",), (100, 400, 1500)), (("high",), (400, 1500, 6000)),
                     (("critical",), (1500, 6000, 25_000))],
    "control.days": [((API, FACADE), (0.5, 1, 2.5)), ((EVENTS,), (0.6, 1.3, 3)), ((PLATFORM,), (0.3, 0.7, 1.8)), ((FILE,), (1, 3, 6)),
                     ((DATABASE,), (2, 5, 10))],
    "skill.psi": [(("",), (1.4, 2, 3))],
    "framework.latency_floor": [((API,), (0.01, 0.04, 0.2)), ((EVENTS,), (0.002, 0.015, 0.1))],
    "price.workato.subscription": [(("",), (15_000, 30_000, 50_000))],
    "price.ipaas-market.subscription": [(("",), (15_000, 40_000, 100_000))],
    "price.ipaas-market.steps": [(("",), (125, 300, 1000))],
    "price.workato.steps": [(("",), (125, 300, 1000))],
}  # fmt: skip
"""Term: the styles, or levels, that share a value, and that value as low, likely, high."""

NEW = ("fanout", "people.each", "infrastructure.each", "failure.rate", "failure.loss", "control.days")
"""Terms that the decision brought: of these no style has a value that the design does not list, or zero."""


def key(term, name):
    return f"{term}.{name}" if name else term


@pytest.mark.parametrize("term", DESIGN)
def test_every_parameter_has_the_value_of_the_design(term):
    for names, value in DESIGN[term]:
        for name in names:
            entry = defaults()[key(term, name)]
            assert (entry.low, entry.likely, entry.high) == value, entry
            assert entry.source and entry.date


@pytest.mark.parametrize("term", NEW)
def test_no_style_has_a_parameter_beside_them(term):
    """The systems' own connectors came later, as a style with numbers of its own."""
    listed = {key(term, name) for names, _ in DESIGN[term] for name in names}
    beside = {name for name in defaults() if name.startswith(f"{term}.")} - listed - {key(term, NATIVE)}
    assert all(defaults()[name].high == 0 for name in beside), beside


def test_the_rule_has_the_three_numbers_of_the_design():
    assert (candidates.WINDOW, rule.SAVING, rule.LIKELY) == (0.10, 0.05, 2 / 3)
    assert result.ENDS == (0.1, 0.9)  # what may lose is what the range shows, by no number of its own
    assert FAILURE_PRIOR == 0.5  # years that the default of a failure rate is worth
    assert GOVERNED == {"low": 0.0, None: 0.35, "medium": 0.35, "high": 1.0}


def test_there_are_as_many_as_the_design_lists():
    """36 numbers of the cost: 35 that are listed, each once where styles share it, and the overrun; with those of the rule 41."""
    twin = {"price.workato.steps": "price.ipaas-market.steps"}
    assert len({(twin.get(term, term), value) for term, found in DESIGN.items() for _, value in found}) == 35
    single = defaults()["overrun.single"]
    assert 1.2 <= (single.low + 4 * single.likely + single.high) / 6 <= 1.4  # Molokken and Jorgensen 2003
    assert set(STYLES) == {API, EVENTS, PLATFORM, FILE, FACADE, DATABASE, NATIVE}
