"""Stated against measured."""

from __future__ import annotations

import datetime as dt

import pytest

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.evidence.operations.result import Operations
from assess.evidence.operations.traffic import Traffic, measured
from assess.evidence.reconcile import Reconciled, distance, reconcile
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration

LAST = dt.date(2026, 3, 31)
ORIGIN = Source(kind="input", place="integrations.csv", row=2)


def engagement(**fields):
    pay = Integration(id="pay", source="a", target="b", origin=ORIGIN, **fields)
    other = Integration(id="other", source="b", target="a", volume=Estimate.point(7))
    return Engagement(folder="/nowhere", client="Test", assumptions=Assumptions(), integrations=(pay, other))


def stated(low, likely=None, high=None):
    return Estimate(
        low=low, likely=likely or low, high=high or low, source=ORIGIN.model_copy(update={"column": "volume"})
    )


def seen(volume=1000.0, days=90, *, peak=None, resolution=60, silent=None):
    return Operations(
        traffic=(
            Traffic(
                integration="pay",
                first_day=LAST - dt.timedelta(days=days - 1),
                last_day=LAST,
                days_observed=days,
                volume=measured((volume, volume, volume), "messages/month", "pay", "volume", "", LAST),
                peak_per_second=measured((peak, peak, peak), "messages/s", "pay", "peak", "", LAST)
                if peak
                else None,
                peak_resolution=resolution,
                silent_days=silent,
            ),
        )
    )


def test_measured_volume_replaces_the_stated_one():
    result = reconcile(engagement(volume=stated(400)), seen(1000))
    volume = result.engagement.integration("pay").volume
    assert (volume.likely, volume.source.kind) == (1000, "measurement")
    assert result.measured == ("pay",)
    assert result.engagement.integration("other").volume.likely == 7


def test_both_numbers_stand_in_the_finding_with_both_sources():
    (finding,) = reconcile(engagement(volume=stated(400)), seen(1000)).findings
    assert finding.title == "a → b: 1,000 messages a month measured; the stated 400 is 2.5 times too low"
    assert [source.id for source in finding.sources] == [
        "in:integrations.csv:2:volume",
        "ms:operations/pay/volume",
    ]
    assert finding.severity == "high"


def test_stated_too_high_is_said_so():
    (finding,) = reconcile(engagement(volume=stated(2400)), seen(1000)).findings
    assert finding.title.endswith("the stated 2,400 is 2.4 times too high")


@pytest.mark.parametrize(("said", "findings"), [(1000, 0), (1240, 0), (850, 0), (1260, 1), (800, 1)])
def test_differences_within_the_tolerance_are_no_finding(said, findings):
    """The default tolerance is 20 % of the stated value."""
    assert len(reconcile(engagement(volume=stated(said)), seen(1000)).findings) == findings


def test_inside_the_stated_range_nothing_differs():
    assert not reconcile(engagement(volume=stated(500, 600, 1100)), seen(1000)).findings


def test_tolerance_can_be_overridden():
    strict = engagement(volume=stated(900))
    entry = strict.assumptions.entry("reconcile.tolerance").model_copy(
        update={"low": 0.01, "likely": 0.01, "high": 0.01, "overridden": True}
    )
    strict = strict.model_copy(update={"assumptions": Assumptions(overrides={"reconcile.tolerance": entry})})
    assert len(reconcile(strict, seen(1000)).findings) == 1


@pytest.mark.parametrize(("days", "replaced"), [(27, False), (28, True)])
def test_four_weeks_must_have_been_observed(days, replaced):
    result = reconcile(engagement(volume=stated(400)), seen(1000, days))
    assert (result.engagement.integration("pay").volume.likely == 1000) is replaced
    assert bool(result.findings) is replaced


def test_what_was_not_stated_is_measured_without_a_finding():
    result = reconcile(engagement(), seen(1000))
    assert result.engagement.integration("pay").volume.likely == 1000
    assert not result.findings


def test_a_silent_integration_keeps_what_was_stated():
    result = reconcile(engagement(volume=stated(400)), seen(100, silent=41))
    assert result.engagement.integration("pay").volume.likely == 400
    assert not result.measured


@pytest.mark.parametrize(
    ("said", "resolution", "expected"),
    [(2.0, 60, 5.0), (9.0, 60, 5.0), (2.0, 3600, 5.0), (9.0, 3600, 9.0), (None, 3600, 5.0)],
)
def test_a_blurred_peak_raises_but_never_lowers(said, resolution, expected):
    result = reconcile(engagement(peak_per_second=said), seen(peak=5.0, resolution=resolution))
    assert result.engagement.integration("pay").peak_per_second == expected


def test_a_peak_that_differs_is_a_finding():
    (finding,) = reconcile(engagement(peak_per_second=2.0), seen(peak=5.0)).findings
    assert finding.id == "operations/pay/stated-peak"
    assert {source.kind for source in finding.sources} == {"input", "measurement"}


def test_without_operations_the_engagement_stays_as_it_is():
    given = engagement(volume=stated(400))
    assert reconcile(given, Operations()) == Reconciled(engagement=given)


def test_zero_stated_and_something_measured_is_far():
    assert distance(Estimate.point(0), Estimate.point(5)) == float("inf")
    (finding,) = reconcile(engagement(volume=stated(0)), seen(1000)).findings
    assert "1,000 messages a month measured" in finding.title


def test_result_survives_json():
    result = reconcile(engagement(volume=stated(400)), seen(1000))
    assert Reconciled.from_json(result.to_json()) == result
