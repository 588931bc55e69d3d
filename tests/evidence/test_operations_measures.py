"""The measures against published examples."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.evidence.operations.recovery import median, recover, survival
from assess.evidence.operations.traffic import wilson
from assess.evidence.operations.volume import monthly, shift, silence
from assess.intake.engagement import Incident

# Freireich et al. 1963, remission of 42 children in weeks (Cox 1972; Collett, Modelling Survival Data, ex. 1.1)
MERCAPTOPURINE = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_kaplan_meier_reproduces_freireich_1963():
    shares, _, _ = survival(MERCAPTOPURINE, RELAPSED)
    assert [time for time, _ in shares] == [6, 7, 10, 13, 16, 22, 23]
    assert np.round([share for _, share in shares], 4).tolist() == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]  # fmt: skip


def test_greenwood_limits_reproduce_freireich_1963():
    """R's survfit prints the error .0764 at 6 weeks; its limits there with conf.type="log-log" are .620 and .952."""
    shares, low, high = (steps[0][1] for steps in survival(MERCAPTOPURINE, RELAPSED))
    spread = 1.959964 * 0.0764 / (shares * abs(math.log(shares)))
    assert low == pytest.approx(shares ** math.exp(spread), abs=5e-4) == pytest.approx(0.620, abs=5e-4)
    assert high == pytest.approx(shares ** math.exp(-spread), abs=5e-4) == pytest.approx(0.952, abs=5e-4)


def test_median_remission_reproduces_freireich_1963():
    """SAS PROC LIFETEST, whose limits are on the log-log scale: 23 weeks, from 13 without upper limit; placebo 8 (4 to 11)."""
    assert median(MERCAPTOPURINE, RELAPSED) == (23, 13, None)
    assert median(PLACEBO, [True] * 21) == (8, 4, 11)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_reproduces_newcombe_1998_table_1(successes, trials, low, high):
    assert np.round(wilson(successes, trials)[::2], 4).tolist() == [low, high]


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 5)])
def test_wilson_refuses_what_is_no_share(successes, trials):
    with pytest.raises(ValueError, match="no share"):
        wilson(successes, trials)


@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(max(1, n)))))
def test_wilson_limits_enclose_the_share(case):
    low, share, high = wilson(min(case), case[1])
    assert 0 <= low <= share <= high <= 1


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=120))
def test_month_is_in_order_and_scales(daily):
    low, likely, high = monthly(np.array(daily))
    assert low <= likely <= high
    assert monthly(np.array(daily) * 2) == pytest.approx((2 * low, 2 * likely, 2 * high))


def test_a_monthly_job_is_never_zero_in_a_window():
    daily = np.zeros(92)
    daily[[0, 31, 61]] = 500.0
    low, likely, _ = monthly(daily)
    assert low == pytest.approx(500 / 31 * 30.4375)
    assert likely == pytest.approx(1500 / 92 * 30.4375)


def test_silence_needs_a_cadence():
    assert silence(np.zeros(90), 2) is None
    one = np.zeros(90)
    one[3] = 1.0
    assert silence(one, 2) is None


def test_weekend_is_no_silence():
    week = np.array([5, 5, 5, 5, 5, 0, 0.0])
    assert silence(np.tile(week, 6), 2) is None


def noise(days, seed=1):
    return np.random.default_rng(seed).lognormal(0, 0.1, days)


@pytest.mark.parametrize("factor", [0.5, 1.5, 3.0])
@pytest.mark.parametrize("day", [25, 45, 66])
def test_level_shift_is_found_on_its_day_within_two(factor, day):
    week = np.tile([1, 1, 1, 1, 1, 0.4, 0.3], 13)[:90]
    daily = 1000 * week * noise(90) * np.where(np.arange(90) >= day, factor, 1.0)
    found, size = shift(daily)
    assert abs(found - day) <= 2
    assert size == pytest.approx(factor, rel=0.1)


def test_noise_weeks_and_month_ends_are_no_level_shift():
    """500 stationary series with week and month end: at most one false alarm."""
    week = np.tile([1, 1, 1, 1, 1, 0.4, 0.0], 13)[:90]
    end = np.where(np.arange(90) % 30 >= 28, 1.8, 1.0)
    alarms = sum(shift(1000 * week * end * noise(90, seed)) is not None for seed in range(500))
    assert alarms <= 1


def test_short_series_have_no_level():
    assert shift(np.r_[np.full(15, 1.0), np.full(15, 9.0)]) is None


def test_six_incidents_of_four_hours_are_24_hours():
    """Hours add up over incidents; a downtime calculator of the field reports 1.5 h for these."""
    begin = dt.datetime(2026, 5, 4, 9)
    incidents = [
        Incident(
            id=str(n), started=begin + dt.timedelta(days=n), resolved=begin + dt.timedelta(days=n, hours=4)
        )
        for n in range(6)
    ]
    found = recover(incidents, "resolve", dt.datetime(2026, 6, 1))
    assert (found.incidents, found.total, found.hours) == (6, 24, 4)


def test_open_incidents_count_until_now():
    begin = dt.datetime(2026, 5, 4, 9)
    found = recover([Incident(id="1", started=begin)], "resolve", begin + dt.timedelta(hours=30))
    assert (found.total, found.open, found.hours) == (30, 1, None)


def incident(id, **moments):
    return Incident(id=id, **{name: dt.datetime.fromisoformat(text) for name, text in moments.items()})


def test_a_failure_that_nobody_noticed_before_it_was_resolved_is_censored_at_its_resolution():
    """Two noticed after 2 h and 4 h; one resolved after 3 h unnoticed: Kaplan-Meier 2/3 at 2 h, 0 at 4 h."""
    rows = [
        incident("a", started="2026-05-04T09:00", detected="2026-05-04T11:00", resolved="2026-05-04T12:00"),
        incident("b", started="2026-05-05T09:00", detected="2026-05-05T13:00", resolved="2026-05-05T14:00"),
        incident("c", started="2026-05-06T09:00", resolved="2026-05-06T12:00"),
    ]
    found = recover(rows, "detect", dt.datetime(2026, 6, 1))
    assert (found.hours, found.open, found.total) == (4, 1, 9)
    assert found.curve == ((2.0, pytest.approx(2 / 3)), (4.0, 0.0))
    assert found.mean == pytest.approx(2 + 2 * 2 / 3)


def test_moments_without_an_offset_are_of_the_zone_also_across_a_clock_change():
    rows = [incident("a", started="2026-10-25T01:30", resolved="2026-10-25T03:30")]
    assert recover(rows, "restore", dt.datetime(2026, 11, 1), "Europe/Berlin").hours == 3
    assert recover(rows, "restore", dt.datetime(2026, 11, 1)).hours == 2


def test_the_mean_of_ended_incidents_is_the_plain_one():
    rows = [
        incident(str(n), started="2026-05-04T09:00", resolved=f"2026-05-04T{9 + n}:00") for n in (1, 3, 8)
    ]
    assert recover(rows, "restore", dt.datetime(2026, 6, 1)).mean == pytest.approx(4)
