"""Days are those of the client's zone: what a log in UTC says late in the evening belongs to the next day in Berlin."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from assess import intake
from assess.core.moments import find_offsets
from assess.evidence import operations
from assess.evidence.value_stream.calendar import WorkingCalendar
from assess.evidence.value_stream.event_log import EventLog
from assess.evidence.value_stream.log_measures import measure as measure_log

UTC = dt.UTC


def measure(folder, starts, zone, records=None):
    """Measure one integration whose runs begin at moments of UTC, a second long."""
    (folder / "operations").mkdir(parents=True)
    (folder / "engagement.yaml").write_text(f"client: Test\ndate: 2026-12-31\ntime_zone: {zone}\n")
    (folder / "systems.csv").write_text("id\na\nb\n")
    (folder / "integrations.csv").write_text(
        "id,source,target,style_today,criticality\npay,a,b,file-exchange,low\n"
    )
    rows = [
        f"pay,r{n},{at:%Y-%m-%dT%H:%M:%SZ},{at + dt.timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ},success,{1 if records is None else records[n]}\n"
        for n, at in enumerate(starts)
    ]
    (folder / "operations" / "pay.csv").write_text(
        "integration,run_id,started,finished,status,records\n" + "".join(rows)
    )
    return operations.measure(intake.load(folder))  # fmt: skip


def every_hour(first, last, zone):
    """Moments in UTC, an hour apart, of the days from the first to the last of a zone."""
    clock = ZoneInfo(zone)
    begin, end = (
        dt.datetime.combine(day, dt.time(), clock).astimezone(UTC) for day in (first, last + dt.timedelta(1))
    )
    return [begin + dt.timedelta(hours=n) for n in range(int((end - begin).total_seconds() // 3600))]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "changed", "hours"),
    [
        ("Europe/Berlin", dt.date(2026, 3, 29), 23),
        ("Europe/Berlin", dt.date(2026, 10, 25), 25),
        ("America/New_York", dt.date(2026, 11, 1), 25),
        ("Asia/Kolkata", dt.date(2026, 3, 29), 24),
        ("Pacific/Auckland", dt.date(2026, 4, 5), 25),
    ],
)
def test_a_day_has_as_many_hours_as_the_clocks_show(tmp_path, zone, changed, hours):
    first = changed - dt.timedelta(days=30)
    found = measure(tmp_path, every_hour(first, changed + dt.timedelta(days=29), zone), zone).of("pay")
    assert (found.first_day, found.days_observed) == (first, 60)
    assert found.daily[30] == hours
    assert {*found.daily[:30], *found.daily[31:]} == {24}
    assert found.anomalies == (), "neither a missing nor a repeated hour is an event"
    assert found.silent_days is None


def test_a_run_late_in_the_evening_of_utc_is_of_the_next_day_of_the_client(tmp_path):
    starts = [dt.datetime(2026, 6, day, 22, 30, tzinfo=UTC) for day in range(1, 31)]
    found = measure(tmp_path, starts, "Europe/Berlin", range(1, 31)).of("pay")
    assert (found.first_day, found.last_day) == (dt.date(2026, 6, 2), dt.date(2026, 7, 1))
    assert found.daily == tuple(range(1, 31))
    assert found.last_message == dt.date(2026, 7, 1)


def test_months_are_those_of_the_client(tmp_path):
    starts = [dt.datetime(2026, 6, 30, 21, 59, tzinfo=UTC), dt.datetime(2026, 6, 30, 22, 1, tzinfo=UTC)]
    found = measure(tmp_path, starts, "Europe/Berlin")
    assert [(month.month, month.delivered) for month in found.months] == [("2026-06", 1), ("2026-07", 1)]


def test_an_outage_is_named_by_the_day_of_the_client(tmp_path):
    """Nothing from 22:00 to 04:00 UTC is 00:00 to 06:00 of the next day in Berlin: one day, not two."""
    hours = every_hour(dt.date(2026, 5, 1), dt.date(2026, 6, 30), "Europe/Berlin")
    out = dt.datetime(2026, 6, 9, 22, tzinfo=UTC)
    starts = [
        at + dt.timedelta(minutes=m)
        for at in hours
        if not 0 <= (at - out) / dt.timedelta(hours=1) < 6
        for m in range(0, 60, 2)
    ]
    found = measure(tmp_path, starts, "Europe/Berlin").of("pay").anomalies  # fmt: skip
    assert [(a.first, a.last, a.observed, a.hours) for a in found] == [(dt.date(2026, 6, 10), dt.date(2026, 6, 10), 0.0, 6)]  # fmt: skip


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
)
def test_offsets_are_those_of_the_zone_at_every_hour(zone):
    first, last = dt.datetime(2015, 1, 1), dt.datetime(2020, 1, 1)
    found = find_offsets(zone, first, last)
    for hour in pd.date_range(first, last, freq="7h"):
        known = [ahead for since, ahead in found if since <= hour][-1]
        assert known == hour.tz_localize("UTC").tz_convert(zone).utcoffset()


def test_half_an_hour_of_summer_time_loses_no_message(tmp_path):
    starts = every_hour(dt.date(2026, 3, 1), dt.date(2026, 4, 30), "Australia/Lord_Howe")
    found = measure(tmp_path, starts, "Australia/Lord_Howe").of("pay")
    assert sum(found.daily) == len(starts)
    assert found.anomalies == ()


def test_the_months_of_cases_are_those_of_the_client():
    """Ends at 23:30 UTC on 31 January, which is 1 February in Berlin."""
    end = dt.datetime(2026, 1, 31, 23, 30, tzinfo=UTC).timestamp()
    events = pd.DataFrame({"case": ["1", "1"], "activity": ["Check", "Pay"], "time": [end - 7200, end], "begin": [np.nan, np.nan],
                           "resource": ["", ""], "state": ["", ""]})  # fmt: skip
    log = EventLog(name="x.csv", events=events, dropped=0)
    for zone, month, day in (("UTC", "2026-01", "2026-01-31"), ("Europe/Berlin", "2026-02", "2026-02-01")):
        found = measure_log(log, WorkingCalendar(zone=zone))
        assert [m.month for m in found.months] == [month]
        assert found.last == day
