"""How robust a first step is, on tables of costs that are worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from assess.decisions.decision.pricing import NOTHING, STAY
from assess.decisions.decision.robustness import extended, reached, robustness
from assess.decisions.decision.search import DecidedLandscape

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
