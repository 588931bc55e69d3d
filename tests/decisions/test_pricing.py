"""Prices of many options at once against the engine, and the search against enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.decisions import framework
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import expected
from assess.decisions.cost.plans import plans_on_offer
from assess.decisions.decision.candidates import candidates
from assess.decisions.decision.pricing import NOTHING, STAY, lacks
from assess.decisions.decision.search import LandscapeSearch
from assess.intake.engagement.landscape import Yearly

from .test_decision import GAIN, LOSS, priced, varied
from .test_published_guidance import STYLES, engagement, row, system, web


def test_options_cost_exactly_what_the_engine_says_at_the_expected_values():
    pricer = priced(varied(), losses=[LOSS], benefits=[GAIN], fresh={("i1", "ipaas"): 0.4})
    codes = np.random.default_rng(4).integers(NOTHING, len(STYLES), (40, 6)).astype(np.int8)
    found = pricer(codes)
    draws = expected(pricer.terms)
    for number, row_of in enumerate(codes):
        option = pricer.assigned(row_of, found.plans[number])
        if option:
            flows = cash_flows(pricer.terms, draws, option)
            assert found.npv[number] == pytest.approx(float(flows.npv[0]), rel=1e-9)
            assert found.benefit[number] == pytest.approx(-flows.line_present["benefits"], rel=1e-9, abs=1e-6)


def test_what_integrations_add_and_what_is_fixed_is_all_there_is():
    pricer = priced(varied(), losses=[LOSS], benefits=[GAIN])
    codes = np.array([2, 2, STAY, 3, 0, 0], np.int8)
    once = pricer(codes[None])
    lines = cash_flows(
        pricer.terms, expected(pricer.terms), pricer.assigned(codes, once.plans[0])
    ).line_present
    fixed = sum(lines[key] for key in ("foundation", "ramp", "infrastructure", "people"))
    assert pricer.fixed(codes) == pytest.approx(fixed, rel=1e-9)
    assert pricer.own(codes).sum() + fixed + lines["coordination"] == pytest.approx(once.npv[0], rel=1e-9)


def test_what_is_paid_is_what_a_budget_has_to_hold():
    """Of the lines of the cash flow those that somebody pays: no expected failure, loss, cost of leaving or benefit."""
    pricer = priced(varied(), losses=[LOSS], benefits=[GAIN])
    codes = np.random.default_rng(5).integers(NOTHING, len(STYLES), (20, 6)).astype(np.int8)
    found, paid = pricer(codes), pricer.paid(codes)
    for number, row_of in enumerate(codes):
        option = pricer.assigned(row_of, found.plans[number])
        if option:
            lines = cash_flows(pricer.terms, expected(pricer.terms), option).line_present
            for key in ("kept", "failures", "kept_failures", "losses", "kept_losses", "exit", "benefits"):
                lines.pop(key)
            assert paid[number] == pytest.approx(sum(lines.values()), rel=1e-9, abs=1e-6)


def test_the_cheapest_capable_plan_is_bought_for_what_it_serves():
    """A queue is the cheapest of brokers and cannot fan out; a platform needs a connector at one end."""
    many = engagement(web(3, 3, interaction="notify-many", consumers=4))
    plans = {plan.id: plan for offered in plans_on_offer(many).values() for plan in offered}
    assert lacks(many, plans["aws-sqs"], "i0")
    assert not lacks(many, plans["workato"], "i0")
    assert lacks(many, plans["mulesoft"], "i0")
    pricer = priced(many)
    chosen = pricer(np.full((1, 3), pricer.code("event-driven"), np.int8)).plans[0]["event-driven"]
    assert chosen != "aws-sqs"
    bare = engagement(web(3, 3), [system(f"s{n}", connectors=()) for n in range(3)])
    pricer = priced(bare)
    assert pricer(np.full((1, 3), pricer.code("ipaas"), np.int8)).plans[0]["ipaas"] == "ipaas-market"


# The search


@pytest.mark.parametrize("seed", range(4))
def test_the_search_finds_what_enumeration_finds(seed):
    rng = np.random.default_rng(seed)
    rows = [
        row(n, f"s{n % 4}", f"s{(n + 1) % 4}", interaction=str(rng.choice(["notify-many", "bulk"])), latency_seconds=float(10 ** rng.uniform(1.5, 5)),
            coverage=float(rng.uniform(0.1, 0.9)), consumers=int(rng.integers(1, 7)), volume=Estimate.point(float(10 ** rng.uniform(3, 6.5))),
            style_today=str(rng.choice(["point-to-point", "none", "file-exchange"])))
        for n in range(5)
    ]  # fmt: skip
    made = engagement(rows, [system(f"s{n}", ("rest", "webhook", "file")) for n in range(4)])
    pricer = priced(
        made, benefits=[Yearly(id="b", label="", per_year=Estimate.point(6e3), integrations=("i0", "i2"))]
    )
    allowed = tuple((0, 1, 2, STAY if item.style_today != "none" else NOTHING) for item in rows)
    found = framework.fit(made, draws=50)
    search = LandscapeSearch(pricer, candidates(made, found, ()), allowed)
    every = np.array(list(itertools.product(*allowed)), np.int8)
    assert search.best().npv == pytest.approx(float(pricer(every).npv.min()), rel=1e-6)
