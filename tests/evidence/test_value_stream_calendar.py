"""The working calendar: holidays, clock changes, and both ways of counting agree."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.evidence.value_stream import WorkingCalendar

BERLIN = WorkingCalendar(
    zone="Europe/Berlin", holidays=frozenset({dt.date(2026, 4, 3), dt.date(2026, 4, 6)})
)  # Good Friday and Easter Monday
CLOCK = WorkingCalendar(opens=0, minutes_per_day=1440, days_per_week=7, zone="Europe/Berlin")


def berlin(*parts):
    return dt.datetime(*parts, tzinfo=BERLIN.timezone)


def test_work_pauses_over_the_easter_holidays():
    """Thursday 15:00: two hours left, then Friday to Monday closed, the other two on Tuesday."""
    assert BERLIN.after(berlin(2026, 4, 2, 15), 240) == berlin(2026, 4, 7, 11)
    assert BERLIN.between(berlin(2026, 4, 2, 15), berlin(2026, 4, 7, 11)) == 240


@pytest.mark.parametrize(
    ("friday", "monday", "elapsed_hours"),
    [
        (berlin(2026, 3, 27, 16), berlin(2026, 3, 30, 10), 65),  # the night of 29 March loses an hour
        (berlin(2026, 10, 23, 16), berlin(2026, 10, 26, 10), 67),  # the night of 25 October gains one
        (berlin(2026, 5, 8, 16), berlin(2026, 5, 11, 10), 66),
    ],
)
def test_a_clock_change_at_the_weekend_leaves_working_time_alone(friday, monday, elapsed_hours):
    assert BERLIN.after(friday, 120) == monday
    assert BERLIN.between(friday, monday) == 120
    assert (monday.timestamp() - friday.timestamp()) / 3600 == elapsed_hours


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 1), 24)])
def test_a_day_around_the_clock_has_the_hours_that_it_really_has(day, hours):
    start = dt.datetime(*day, tzinfo=CLOCK.timezone)
    end = dt.datetime.combine(start.date() + dt.timedelta(days=1), dt.time(), tzinfo=CLOCK.timezone)
    assert CLOCK.between(start, end) == hours * 60
    assert CLOCK.after(start, hours * 60) == end


def test_outside_working_hours_nothing_passes():
    assert BERLIN.between(berlin(2026, 5, 8, 17), berlin(2026, 5, 11, 9)) == 0
    assert BERLIN.between(berlin(2026, 5, 9), berlin(2026, 5, 10, 23)) == 0
    assert BERLIN.after(berlin(2026, 5, 9, 12), 1) == berlin(2026, 5, 11, 9, 1)


def test_work_that_ends_at_closing_time_ends_there():
    assert BERLIN.after(berlin(2026, 5, 8, 16), 60) == berlin(2026, 5, 8, 17)


def test_other_zones_count_the_same_instant():
    utc = dt.datetime(2026, 5, 8, 7, tzinfo=dt.UTC)  # 9:00 in Berlin
    assert BERLIN.between(utc, utc + dt.timedelta(hours=3)) == 180


def test_share_and_month():
    assert BERLIN.share == pytest.approx(40 / 168)
    assert BERLIN.minutes_per_month == pytest.approx(40 * 60 / 7 * 365.25 / 12)


moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 12, 1)).map(
    lambda moment: moment.replace(tzinfo=dt.UTC)
)


@given(start=moments, minutes=st.integers(0, 20_000))
@settings(max_examples=100, deadline=None)
def test_after_and_between_are_inverse(start, minutes):
    assert BERLIN.between(start, BERLIN.after(start, minutes)) == pytest.approx(minutes, abs=1e-5)


@given(start=moments, hours=st.integers(0, 400))
@settings(max_examples=30, deadline=None)
def test_between_counts_the_quarters_of_an_hour_that_are_worked(start, hours):
    start = start.replace(minute=0, second=0, microsecond=0)
    quarters = [start + dt.timedelta(minutes=15 * n) for n in range(hours * 4)]
    local = [q.astimezone(BERLIN.timezone) for q in quarters]
    worked = sum(15 for q in local if BERLIN.works(q.date()) and 9 <= q.hour < 17)
    assert BERLIN.between(start, start + dt.timedelta(hours=hours)) == worked


def test_many_intervals_at_once_equal_one_at_a_time():
    rng = np.random.default_rng(2)
    starts = 1.76e9 + rng.uniform(0, 2e7, 50)
    ends = starts + rng.uniform(0, 2e6, 50)
    together = BERLIN.minutes_between(starts, ends)
    for start, end, minutes in zip(starts, ends, together, strict=True):
        a, b = (dt.datetime.fromtimestamp(t, dt.UTC) for t in (start, end))
        assert BERLIN.between(a, b) == pytest.approx(minutes, abs=1e-3)
    assert BERLIN.minutes_between(np.zeros(0), np.zeros(0)).tolist() == []


@pytest.mark.parametrize(
    "wrong",
    [{"opens": 1000, "minutes_per_day": 600}, {"minutes_per_day": 0}, {"days_per_week": 8}, {"opens": -1}],
)
def test_hours_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"working day|days_per_week"):
        WorkingCalendar(**wrong)


def test_a_calendar_without_working_days_says_so():
    never = WorkingCalendar(
        holidays=frozenset(dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(5000))
    )
    with pytest.raises(ValueError, match="no working day"):
        never.after(dt.datetime(2026, 1, 5, tzinfo=dt.UTC), 1)


def test_moments_without_zone_and_negative_work_are_refused():
    with pytest.raises(ValueError, match="zone"):
        BERLIN.after(dt.datetime(2026, 1, 5), 1)
    with pytest.raises(ValueError, match="negative"):
        BERLIN.after(dt.datetime(2026, 1, 5, tzinfo=dt.UTC), -1)
