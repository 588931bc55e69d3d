"""The metrics by which integrations are steered: a value with its trend, or what to supply."""

from __future__ import annotations

import datetime as dt

import pytest

from assess import intake
from assess.evidence import operations
from assess.evidence.operations import describe_trend, find_metrics

FIRST = dt.datetime(2026, 1, 5, 6)


def loaded(folder, *, log="", incidents="", systems="id\na\nb\n"):
    (folder / "operations").mkdir()
    (folder / "engagement.yaml").write_text("client: Test\ndate: 2026-07-01\n")
    (folder / "systems.csv").write_text(systems)
    (folder / "integrations.csv").write_text("id,source,target,style_today\npay,a,b,file-exchange\n")
    for name, text in (("runs.csv", log), ("incidents.csv", incidents)):
        if text:
            (folder / "operations" / name).write_text(text)
    return intake.load(folder)


def found(engagement):
    return {m.id: m for m in find_metrics(engagement, operations.measure(engagement))}


def test_without_any_input_every_metric_says_what_to_supply(tmp_path):
    metrics = found(loaded(tmp_path))
    assert set(metrics) == {
        "success_rate",
        "failure_rate",
        "latency",
        "volume",
        "mttd",
        "mttr",
        "manual",
        "onboarding",
    }
    assert all(m.value is None and m.supply and not m.trend for m in metrics.values())


def test_rates_latency_and_volume_have_values_and_trends(tmp_path):
    """A run a day for 60 days; it takes a second longer each day; in the first month 2 of 27 fail, in the last 0 of 5."""
    rows = ["integration,run_id,started,finished,status,records,trigger"]
    for day in range(60):
        start = FIRST + dt.timedelta(days=day)
        status = "failed" if day in (3, 9) else "success"
        trigger = "manual" if day % 10 == 0 else "schedule"
        rows.append(
            f"pay,{day},{start:%Y-%m-%dT%H:%M:%SZ},{start + dt.timedelta(seconds=10 + day):%Y-%m-%dT%H:%M:%SZ},{status},100,{trigger}"
        )
    metrics = found(loaded(tmp_path, log="\n".join(rows) + "\n"))
    assert metrics["success_rate"].value == pytest.approx(58 / 60)
    assert metrics["failure_rate"].value == pytest.approx(2 / 60)
    assert metrics["manual"].value == pytest.approx(6 / 60)
    assert metrics["success_rate"].trend.startswith(
        "92.6% in 2026-01, 100.0% in 2026-03 (no more than chance"
    )
    delivered = [10 + day for day in range(60) if day not in (3, 9)]
    assert metrics["latency"].value == pytest.approx(sum(delivered) / len(delivered))
    assert metrics["latency"].trend.startswith("grows")
    assert metrics["volume"].value == pytest.approx(5800 / 60 * 30.4375)


def test_the_time_to_onboard_a_system_is_the_median_of_the_stated_days(tmp_path):
    systems = (
        "id,requested_on,connected_on\na,2026-01-01,2026-01-31\nb,2026-02-01,2026-02-11\nc,2026-02-01,2026-03-13\n"
        "d,2026-03-01,\n"
    )
    onboarding = found(loaded(tmp_path, systems=systems))["onboarding"]
    assert (onboarding.value, onboarding.low, onboarding.high) == (30, 10, 40)
    assert len(onboarding.sources) == 3


def test_mean_times_to_detect_and_resolve_have_a_trend_of_their_own(tmp_path):
    """Six failures, noticed an hour later each time: Kendall's exact probability is 2 / 6!."""
    rows = "id,integration,started,detected,resolved\n"
    for n in range(6):
        start = FIRST + dt.timedelta(days=7 * n)
        noticed = start + dt.timedelta(hours=n + 1)
        rows += f"{n},pay,{start.isoformat()},{noticed.isoformat()},{(noticed + dt.timedelta(hours=2)).isoformat()}\n"
    metrics = found(loaded(tmp_path, incidents=rows))
    assert metrics["mttd"].value == pytest.approx(3.5)
    assert metrics["mttd"].trend == "grows (Kendall, p = 0.0028)"
    assert metrics["mttr"].value == pytest.approx(2)
    assert metrics["mttr"].trend == "always the same"


def test_four_points_are_no_trend():
    assert describe_trend([1, 2, 3, 4]) == "too little in time for a trend"
