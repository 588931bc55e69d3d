"""Unusual hours and days: what was put in is found, what is usual is not."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assess.evidence.operations import unusual
from assess.evidence.operations.anomalies import anomalies, at_least, clipped, odd_days, rare, usual

MONDAY = dt.date(2026, 1, 5)
WEEK = [100, 110, 100, 90, 120, 30, 0]


def series(weeks=13, seed=1):
    rng = np.random.default_rng(seed)
    return np.round(np.resize(WEEK, 7 * weeks) * rng.lognormal(0, 0.08, 7 * weeks) * 50)


def batches(daily, hour=2):
    """A batch a day: all its messages in one hour."""
    hours = np.zeros(24 * len(daily))
    hours[hour::24] = daily
    return pd.Series(hours, index=pd.date_range(MONDAY, periods=len(hours), freq="h", tz="UTC"))


def flow(days=42, seed=1, level=4000.0, noise=0.1, swing=0.5):
    """A flow around the clock with a daily shape."""
    rng = np.random.default_rng(seed)
    shape = 1 + swing * np.sin(2 * np.pi * np.arange(24 * days) / 24)
    values = np.round(level * shape * rng.lognormal(0, noise, 24 * days)) if noise else level * shape
    return pd.Series(values, index=pd.date_range(MONDAY, periods=24 * days, freq="h", tz="UTC"))


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


@pytest.mark.parametrize("swing", [0.0, 0.5])
@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("begin", [100, 509, 990])
def test_a_total_outage_of_five_hours_is_found(begin, noise, swing):
    values = flow(noise=noise, swing=swing)
    expected = values.iloc[begin : begin + 5].sum()
    values.iloc[begin : begin + 5] = 0
    found = unusual(values, "volume")
    assert len(found) == 1
    event = found.iloc[0]
    assert event["first"] == values.index[begin].date()
    assert event["last"] == values.index[begin + 4].date()
    assert (event.hours, event.observed) == (5, 0)
    assert event.expected == pytest.approx(expected, rel=0.1)


def test_even_flows_that_nothing_happened_to_show_nothing():
    assert unusual(flow(noise=0.0, swing=0.0), "volume").empty
    assert sum(len(unusual(flow(seed=seed), "volume")) for seed in range(20)) <= 20 * 6 * 0.1


def test_a_peak_of_an_hour_is_found_where_the_day_hides_it():
    values = flow()
    values.iloc[500] *= 3
    (event,) = anomalies(values, "volume")
    assert (event.first, event.hours) == (values.index[500].date(), 1)
    assert not odd_days(values.to_numpy().reshape(-1, 24).sum(axis=1))


def test_a_slow_hour_is_found_and_gaps_are_not_slow():
    values = flow(level=30.0) / 60
    values.iloc[500:503] *= 6
    values.iloc[100:104] = np.nan
    (event,) = anomalies(values, "latency")
    assert (event.first, event.hours, event.what) == (values.index[500].date(), 3, "latency")


@pytest.mark.parametrize("factor", [0.0, 0.2, 3.0])
@pytest.mark.parametrize("place", [1, 44, 88])
def test_an_unusual_batch_is_found_also_at_the_edges(factor, place):
    values = series()
    values[place] = round(values[place] * factor)
    (event,) = anomalies(batches(values), "volume")
    assert event.first == event.last == MONDAY + dt.timedelta(days=place)
    assert event.observed == values[place]
    assert event.expected == usual(values)[0][place]
    assert event.hours == 0


def test_days_in_a_row_are_one_event_across_an_idle_sunday():
    values = series()
    values[[47, 49, 50]] = 9 * values[[47, 49, 50]]  # Saturday, Monday, Tuesday
    (event,) = anomalies(batches(values), "volume")
    assert (event.first, event.last) == (MONDAY + dt.timedelta(days=47), MONDAY + dt.timedelta(days=50))
    assert event.observed == values[[47, 49, 50]].sum()


def test_a_higher_and_a_lower_day_are_two_events():
    values = series()
    values[50] *= 5
    values[51] = 0
    assert len(anomalies(batches(values), "volume")) == 2


def test_a_clean_series_of_batches_shows_less_than_one_event_in_ten_logs():
    """At most one false alarm a week was asked for: 200 series of 13 weeks show fewer than 20."""
    assert sum(len(anomalies(batches(series(seed=seed)), "volume")) for seed in range(200)) < 20


def test_month_ends_are_a_habit():
    values = series(26)
    days = [MONDAY + dt.timedelta(days=n) for n in range(len(values))]
    last = [n for n, day in enumerate(days) if (day + dt.timedelta(days=1)).month != day.month and values[n]]
    values[last] *= 3

    def peaks():
        return [e.first for e in anomalies(batches(values), "volume") if e.observed > e.expected]

    assert peaks() == []
    values[74] *= 3  # a peak in the middle of March only
    assert peaks() == [days[74]]


def test_two_peaks_a_month_apart_are_no_habit():
    values = series(10)
    values[[11, 42]] *= 4  # 16 January and 16 February
    assert len(anomalies(batches(values), "volume")) == 2


def test_another_level_is_not_unusual_where_it_is_cut_out():
    values = series()
    values[49:] *= 3
    assert not anomalies(batches(values), "volume", [MONDAY + dt.timedelta(days=49)])
    assert unusual(batches(values), "volume").empty


def test_small_differences_are_not_worth_a_question():
    values = np.full(91, 1e6)
    values[40] = 1.2e6
    assert not odd_days(values)
    values[40] = 1.5e6
    assert [day.place for day in odd_days(values)] == [40]


def test_too_short_a_log_has_no_usual_week():
    values = series(3)
    values[10] *= 9
    assert not odd_days(values)


@pytest.mark.parametrize(("mean", "variance", "count"), [(3, 3, 9), (3, 9, 12), (0.4, 2.0, 5), (40, 90, 75)])
def test_the_count_model_is_the_one_of_scipy(mean, variance, count):
    if variance == mean:
        expected = stats.poisson.sf(count - 1, mean)
    else:
        expected = stats.nbinom.sf(count - 1, mean**2 / (variance - mean), mean / variance)
    assert at_least(np.array([0, count]), mean, variance) == pytest.approx([1.0, expected], rel=1e-9)


def test_many_messages_at_once_stand_out_of_rare_ones():
    rng = np.random.default_rng(3)
    values = np.where(rng.random(180) < 0.1, rng.poisson(4, 180) + 1, 0).astype(float)
    assert not rare(values, 0.05 / 180)[0].any()
    values[90] = 60
    assert np.flatnonzero(rare(values, 0.05 / 180)[0]).tolist() == [90]


@pytest.mark.parametrize("mean", [0.05, 0.7, 3.0])
def test_hours_of_few_messages_are_counted(mean):
    """Poisson hours show at most one false event in ten weeks; a burst is found in each of them."""
    false = 0
    for seed in range(5):
        values = np.random.default_rng(seed).poisson(mean, 24 * 70).astype(float)
        index = pd.date_range(MONDAY, periods=len(values), freq="h", tz="UTC")
        false += len(unusual(pd.Series(values, index=index), "volume"))
        values[777] = 25
        days = unusual(pd.Series(values, index=index), "volume")["first"].tolist()
        assert index[777].date() in days
    assert false <= 5


def test_a_peak_does_not_hide_another():
    values = np.resize([0.0, 1, 2], 300)
    values[[50, 51]] = 9, 200
    assert np.flatnonzero(clipped(values, 3, 1)).tolist() == [51]
    assert np.flatnonzero(clipped(values, 3, 2)).tolist() == [50, 51]
