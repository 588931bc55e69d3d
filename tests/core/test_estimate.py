"""Interval arithmetic of estimates: every result holds what the parts can give, and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.estimate import Estimate, total
from assess.core.source import Source

ends = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).map(sorted)
shares = st.floats(0, 1)


def estimate(values, unit=""):
    return Estimate(low=values[0], likely=values[1], high=values[2], unit=unit)


def inside(of, share):
    return of.low + share * (of.high - of.low)


@given(ends, ends, shares, shares)
def test_every_pair_of_values_lies_within_the_result(one, other, first, second):
    """Moore 1966, the fundamental theorem: x in X and y in Y give x op y in X op Y."""
    a, b = estimate(one), estimate(other)
    x, y = inside(a, first), inside(b, second)
    near = 1e-9 * (1 + abs(x) + abs(y) + abs(x * y))
    for found, value in ((a + b, x + y), (a - b, x - y), (a * b, x * y), (3 - a, 3 - x), (-2 * a, -2 * x)):
        assert found.low - near <= value <= found.high + near
        assert found.low <= found.likely <= found.high


@given(ends, ends)
def test_the_ends_are_reached(one, other):
    a, b = estimate(one), estimate(other)
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    assert (a * b).interval == (min(corners), a.likely * b.likely, max(corners))
    assert (a - b).interval == (a.low - b.high, a.likely - b.likely, a.high - b.low)


def test_intervals_across_zero():
    """Intervals across zero, by hand: sums add the ends, a difference takes the other end, a product its corners."""
    x, y = Estimate(low=-1, likely=0, high=2), Estimate(low=-2, likely=0, high=1)
    assert (x + y).interval == (-3, 0, 3)
    assert (x - y).interval == (-2, 0, 4)
    assert (x * y).interval == (-4, 0, 2)


def test_a_sum_has_its_own_unit_and_source():
    source = Source(kind="calculation", place="sum")
    found = total([estimate((1, 2, 3), "days"), estimate((4, 5, 6), "days")], source=source)
    assert (found.interval, found.unit, found.source) == ((5, 7, 9), "days", source)
    assert total([estimate((1, 2, 3), "days")], "EUR").unit == "EUR"
    with pytest.raises(ValueError, match="no estimates"):
        total([])


def test_a_product_has_the_unit_that_it_is_given():
    days, rate = estimate((1, 2, 4), "person-days"), estimate((500, 800, 900), "EUR/day")
    assert (days * rate).named("EUR").interval == (500, 1600, 3600)
    assert (days * rate).named("EUR").source is None
    assert days.scaled(2).unit == "person-days"
