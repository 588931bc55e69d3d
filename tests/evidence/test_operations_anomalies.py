"""Unusual days: what was put in is found, what is usual is not."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assess.evidence.operations.anomalies import _at_least, anomalies, odd_days, rare_days, usual

MONDAY = dt.date(2026, 1, 5)
WEEK = [100, 110, 100, 90, 120, 30, 0]


def series(weeks=13, seed=1):
    rng = np.random.default_rng(seed)
    return np.round(np.resize(WEEK, 7 * weeks) * rng.lognormal(0, 0.08, 7 * weeks) * 50)


def test_usual_is_the_median_of_the_same_weekdays_without_the_day_itself():
    values = np.resize(np.arange(7.0), 70)
    values[35] = 999
    middle, known = usual(values)
    assert (middle == np.resize(np.arange(7.0), 70)).all()
    assert known[35] == 8


@given(st.lists(st.one_of(st.floats(0, 1e6), st.just(math.nan)), min_size=1, max_size=90))
def test_usual_is_the_median_that_numpy_finds(values):
    values = np.array(values)
    middle, known = usual(values)
    for at in range(len(values)):
        order = [at + side * 7 * week for week in range(1, 9) for side in (-1, 1)]
        peers = [values[p] for p in order if 0 <= p < len(values) and not math.isnan(values[p])][:8]
        assert known[at] == len(peers)
        if len(peers) >= 3:
            assert middle[at] == pytest.approx(np.median(peers))
        else:
            assert math.isnan(middle[at])


@pytest.mark.parametrize("factor", [0.0, 0.2, 3.0])
@pytest.mark.parametrize("place", [1, 44, 88])
def test_a_day_that_stands_out_is_found_also_at_the_edges(factor, place):
    values = series()
    values[place] = round(values[place] * factor)
    (event,) = anomalies(MONDAY, values, "volume")
    assert event.first == event.last == MONDAY + dt.timedelta(days=place)
    assert event.observed == values[place]
    assert event.expected == usual(values)[0][place]


def test_days_in_a_row_are_one_event_across_an_idle_sunday():
    values = series()
    values[[47, 49, 50]] = 9 * values[[47, 49, 50]]  # Saturday, Monday, Tuesday
    (event,) = anomalies(MONDAY, values, "volume")
    assert (event.first, event.last) == (MONDAY + dt.timedelta(days=47), MONDAY + dt.timedelta(days=50))
    assert event.observed == values[[47, 49, 50]].sum()


def test_a_higher_and_a_lower_day_are_two_events():
    values = series()
    values[50] *= 5
    values[51] = 0
    assert len(anomalies(MONDAY, values, "volume")) == 2


def test_a_clean_series_shows_less_than_one_event_in_ten_logs():
    """At most one false alarm a week was asked for: 200 series of 13 weeks show fewer than 20."""
    assert sum(len(anomalies(MONDAY, series(seed=seed), "volume")) for seed in range(200)) < 20


def test_month_ends_are_a_habit():
    values = series(26)
    days = [MONDAY + dt.timedelta(days=n) for n in range(len(values))]
    last = [n for n, day in enumerate(days) if (day + dt.timedelta(days=1)).month != day.month and values[n]]
    values[last] *= 3

    def peaks():
        return [e.first for e in anomalies(MONDAY, values, "volume") if e.observed > e.expected]

    assert peaks() == []
    values[74] *= 3  # a peak in the middle of March only
    assert peaks() == [days[74]]


def test_another_level_is_not_unusual_where_it_is_cut_out():
    values = series()
    values[49:] *= 3
    assert not anomalies(MONDAY, values, "volume", [49])


def test_small_differences_are_not_worth_a_look():
    values = np.full(91, 1e6)
    values[40] = 1.2e6
    assert not odd_days(values)
    values[40] = 1.5e6
    assert [day.place for day in odd_days(values)] == [40]


def test_too_short_a_log_has_no_usual_week():
    values = series(3)
    values[10] *= 9
    assert not odd_days(values)


def test_gaps_of_a_latency_are_no_zeros():
    values = np.full(91, 60.0)
    values[::3] = np.nan
    assert not anomalies(MONDAY, values, "latency")
    values[40] = 600.0
    assert [event.observed for event in anomalies(MONDAY, values, "latency")] == [600.0]


@pytest.mark.parametrize(("mean", "variance", "count"), [(3, 3, 9), (3, 9, 12), (0.4, 2.0, 5), (40, 90, 75)])
def test_the_count_model_is_the_one_of_scipy(mean, variance, count):
    if variance == mean:
        expected = stats.poisson.sf(count - 1, mean)
    else:
        expected = stats.nbinom.sf(count - 1, mean**2 / (variance - mean), mean / variance)
    assert _at_least(count, mean, variance) == pytest.approx(expected, rel=1e-9)


def test_many_messages_at_once_stand_out_of_rare_ones():
    rng = np.random.default_rng(3)
    values = np.where(rng.random(180) < 0.1, rng.poisson(4, 180) + 1, 0).astype(float)
    assert not rare_days(values)
    values[90] = 60
    assert [day.place for day in odd_days(values)] == [90]
