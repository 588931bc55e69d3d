"""A promised latency at a promised load: shown, broken or not shown."""

from __future__ import annotations

import datetime as dt

import pytest

from assess.evidence import operations
from assess.evidence.operations import Traffic, judge_promise
from assess.evidence.operations.promise import exact
from assess.evidence.operations.traffic import Loaded
from assess.intake import load

DAY = dt.date(2026, 1, 1)


def traffic(*runs):
    """A measured integration whose runs are (load, latency)."""
    ordered = tuple(sorted(runs, reverse=True))
    return Traffic(
        integration="pay",
        first_day=DAY,
        last_day=DAY,
        days_observed=1,
        loaded=Loaded(busiest=ordered, sample=ordered),
    )


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_exact_limits_reproduce_newcombe_1998_table_1(successes, trials, low, high):
    assert exact(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_fast_at_a_low_load_shows_nothing_of_a_high_one():
    answer = judge_promise(2, 100, traffic(*[(30.0, 0.5)] * 400))
    assert answer.verdict == "not shown"
    assert answer.load_seen == 30


def test_fast_at_the_promised_load_is_shown():
    answer = judge_promise(2, 100, traffic(*[(120.0, 1.5)] * 100, *[(30.0, 0.5)] * 100))
    assert answer.verdict == "shown"
    assert answer.runs == 100


def test_slow_below_the_promised_load_breaks_the_promise():
    assert judge_promise(2, 100, traffic(*[(120.0, 1.5)] * 100, *[(30.0, 9.0)] * 100)).verdict == "broken"


def test_slow_beyond_the_promised_load_breaks_nothing():
    assert judge_promise(2, 100, traffic(*[(300.0, 9.0)] * 100, *[(30.0, 0.5)] * 100)).verdict == "not shown"


@pytest.mark.parametrize(("runs", "verdict"), [(71, "not shown"), (72, "shown")])
def test_so_many_runs_in_time_show_the_95th_percentile(runs, verdict):
    """All of n in time: the lower limit is 0.025 ** (1 / n), above 0.95 from n = 72 on."""
    assert 0.025 ** (1 / 71) < 0.95 <= 0.025 ** (1 / 72)
    assert judge_promise(2, None, traffic(*[(1.0, 1.0)] * runs)).verdict == verdict


def test_another_percentile_asks_for_more():
    kept = traffic(*[(1.0, 1.0)] * 100)
    assert judge_promise(2, None, kept).verdict == "shown"
    assert judge_promise(2, None, kept, share=0.99).verdict == "not shown"


def test_nothing_measured_is_not_shown():
    assert judge_promise(2, 100, None).verdict == "not shown"
    assert judge_promise(2, 100, traffic((None, 1.0))).share is None


def test_no_latency_is_no_promise():
    with pytest.raises(ValueError, match="promise"):
        judge_promise(0, 100, None)


def test_runs_are_kept_with_the_load_at_which_they_began(tmp_path):
    """Two runs of 600 messages in 600 s overlap by half: 1 a second, then 2 as the second begins."""
    (tmp_path / "operations").mkdir()
    (tmp_path / "engagement.yaml").write_text("client: A\n")
    (tmp_path / "systems.csv").write_text("id,name\na,A\nb,B\n")
    (tmp_path / "integrations.csv").write_text("id,source,target\npay,a,b\n")
    (tmp_path / "operations" / "runs.csv").write_text(
        "integration,run_id,started,finished,status,records\n"
        "pay,1,2026-01-01T06:00:00Z,2026-01-01T06:10:00Z,success,600\n"
        "pay,2,2026-01-01T06:05:00Z,2026-01-01T06:15:00Z,success,600\n"
        "pay,3,2026-01-01T07:00:00Z,2026-01-01T07:00:10Z,success,0\n"
    )
    kept = operations.measure(load(tmp_path)).traffic[0].loaded
    assert kept.busiest == ((2.0, 600.0), (1.0, 600.0), (None, 10.0))
    assert kept.sample == kept.busiest


def test_the_sample_of_a_long_log_is_spread_over_its_loads(tmp_path):
    (tmp_path / "operations").mkdir()
    (tmp_path / "engagement.yaml").write_text("client: A\n")
    (tmp_path / "systems.csv").write_text("id,name\na,A\nb,B\n")
    (tmp_path / "integrations.csv").write_text("id,source,target\npay,a,b\n")
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    lines = [
        f"pay,{n},{start + dt.timedelta(minutes=2 * n):%Y-%m-%dT%H:%M:%SZ},"
        f"{start + dt.timedelta(minutes=2 * n + 1):%Y-%m-%dT%H:%M:%SZ},success,{60 * (n + 1)}\n"
        for n in range(2000)
    ]
    (tmp_path / "operations" / "runs.csv").write_text(
        "integration,run_id,started,finished,status,records\n" + "".join(lines)
    )
    kept = operations.measure(load(tmp_path)).traffic[0].loaded
    assert [at for at, _ in kept.busiest] == list(range(2000, 1500, -1))
    assert len(kept.sample) == 500
    assert sum(at for at, _ in kept.sample) / 500 == pytest.approx(1000, rel=0.01)
