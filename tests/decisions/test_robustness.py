"""How robust a first step is, on tables of costs that are worked out by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from assess.core.estimate import Estimate
from assess.decisions import framework
from assess.decisions.cost.parameters import Inputs
from assess.decisions.decision import RECOMMENDED
from assess.decisions.decision.deciding import find_rule
from assess.decisions.decision.pricing import NOTHING, STAY
from assess.decisions.decision.robustness import extended, reached, robustness
from assess.decisions.decision.search import DecidedLandscape
from assess.decisions.decision.verdict import DRAWS, Judging
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import System
from assess.intake.engagement.landscape import Quote
from assess.intake.price_list import quoted_prices

API, EVENTS, PLATFORM = 0, 1, 2


def landscape(*codes, **plans):
    return DecidedLandscape(np.array(codes, np.int8), 0.0, plans)


def judged(costs, landscapes, base=1000.0):
    codes = np.array([one.codes for one in landscapes])
    return robustness(np.array(costs, float), codes, reached(landscapes[0], landscapes), base)


def test_a_near_twin_does_not_matter():
    """A rival that saves less than 5 % of what is paid, here 50 of 1,000, contradicts nothing."""
    found = judged([[100, 60], [100, 51], [100, 300]], [landscape(API, API), landscape(API, EVENTS)])
    assert (found.chance, found.rival, found.unsettled) == (1.0, None, ())


def test_a_clear_saving_of_another_style_contradicts_where_it_occurs():
    """In two of five futures events save more than 50; the second integration is done so in both landscapes."""
    costs = [[100, 40], [100, 0], [100, 60], [100, 200], [100, 90]]
    found = judged(costs, [landscape(API, PLATFORM), landscape(EVENTS, PLATFORM)])
    assert found.chance == pytest.approx(0.6)
    assert (found.rival, found.unsettled) == (1, (0,))


def test_what_can_be_added_later_does_not_contradict_the_first_step():
    """Moving the second one as well saves more in half of the futures: it can still be moved then."""
    found = judged(
        [[100, 0], [100, 0], [100, 190], [100, 190]], [landscape(API, STAY), landscape(API, EVENTS)]
    )
    assert (found.chance, found.rival, found.more) == (1.0, None, 0.5)


def test_another_vendor_is_out_of_reach():
    first, other = landscape(PLATFORM, STAY, ipaas="a"), landscape(PLATFORM, PLATFORM, ipaas="b")
    assert reached(first, [first, other]).tolist() == [True, False]
    grown = extended(first, other)
    assert (grown.codes.tolist(), grown.plans) == ([PLATFORM, PLATFORM], {"ipaas": "a"})
    assert reached(first, [grown]).all()


def test_doing_nothing_reaches_itself_alone():
    """Waiting keeps everything open, so that by reach alone it would always be right."""
    found = judged([[100, 0], [100, 0]], [landscape(STAY, NOTHING), landscape(API, API)])
    assert (found.chance, found.rival) == (0.0, 1)


@given(
    costs=some.lists(some.lists(some.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=1, max_size=12),
    shift=some.sampled_from([-4096.0, 0.0, 8192.0]),
    scale=some.sampled_from([0.5, 1.0, 4.0]),
)
def test_what_all_landscapes_share_and_the_currency_change_nothing(costs, shift, scale):
    """A cost that is common to all, such as a loss that nobody can avoid, is no reason to decide or not to."""
    costs = np.round(np.array(costs))
    landscapes = [landscape(API, STAY), landscape(EVENTS, STAY), landscape(API, PLATFORM)]
    assert judged(costs, landscapes) == judged(costs + shift, landscapes)
    assert judged(costs, landscapes) == judged(costs * scale, landscapes, 1000.0 * scale)


@given(some.lists(some.lists(some.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=1, max_size=12))
def test_another_rival_never_makes_the_first_step_surer(costs):
    costs = np.array(costs)
    landscapes = [landscape(API, STAY), landscape(EVENTS, STAY), landscape(PLATFORM, STAY)]
    fewer, all = judged(costs[:, :2], landscapes[:2]), judged(costs, landscapes)
    assert all.chance <= fewer.chance
    assert all.chance >= 0 and (all.rival is None) == (all.chance == 1)


def growth_judged(make, most):
    """Return the yearly growth in the futures in which an offer that ends at ``most`` messages a month is judged, and the costs."""
    offer = Quote(
        plan="flow", vendor="Boomi", product="Flow", style="ipaas", unit="message", price=Estimate.point(0.01), upto=most,
        currency="EUR", date=dt.date(2026, 9, 1),
    )  # fmt: skip
    reached_by = {"interfaces": ("rest", "webhook"), "connectors": ("boomi",), "residency": "EU"}
    engagement = make(
        12, fields={"volume": Estimate.point(15_000), "interaction": "notify-many"}, quotes=(offer,), platform=("flow",),
        assumptions=Assumptions(quoted=quoted_prices((offer,), "EUR", offer.date)), exchange_rates={"USD": 0.9}, horizon_years=5,
        systems=tuple(System(id=id, **reached_by) for id in ("t", *(f"s{place}" for place in range(12)))),
    )  # fmt: skip
    everything, rule = find_rule(Inputs(engagement), framework.fit(engagement, draws=50), 7)
    bought = rule.search.price(np.full((1, 12), rule.pricer.code("ipaas"), np.int8))[0]
    judging = Judging(everything, rule, 1.0, {RECOMMENDED: bought}, {}, None, 7)
    _, values, costs = judging._priced({RECOMMENDED: bought})
    assert values.size >= DRAWS
    return values["volume.growth"], costs


@pytest.mark.parametrize("most", [5e5, 1e6])
def test_ranges_are_widened_as_far_as_the_plan_carries_it(make, most):
    """180,000 messages a month grow for four years up to the fifth: at most by the fourth root of what the plan carries of them.

    The stated default ends at 35 % a year, which is 600,000; widened ends are beyond both.
    """
    growth, costs = growth_judged(make, most)
    free, _ = growth_judged(make, 1e9)
    most_growth = (most / 180_000) ** (1 / 4) - 1
    assert np.isfinite(costs).all()
    assert 0.9 * most_growth < growth.max() <= most_growth < free.max()
    if most == 1e6:
        assert growth.max() > 0.35
