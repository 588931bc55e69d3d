"""Error budgets against the Site Reliability Workbook; batches that come too rarely; what moves nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from assess import intake
from assess.evidence import operations
from assess.evidence.operations.result import direction
from assess.evidence.operations.traffic import ALARMS, PERIOD_DAYS, budget, burn_rate


def test_the_alerts_use_the_shares_of_the_workbook():
    """Table 5-8: 2 % in 1 h at 14.4, 5 % in 6 h at 6, 10 % in 3 days at 1; short windows are a twelfth."""
    shares = [alarm.burn * alarm.long_hours / (24 * PERIOD_DAYS) for alarm in ALARMS]
    assert shares == pytest.approx([0.02, 0.05, 0.10])
    assert [a.long_hours / a.short_hours for a in ALARMS] == pytest.approx([12, 12, 12])


@pytest.mark.parametrize(("burn", "hours"), [(1, 30 * 24), (2, 15 * 24), (10, 3 * 24), (1000, 43.2 / 60)])
def test_time_to_exhaustion_of_the_workbook(burn, hours):
    """Table 5-4 at 99.9 %: 30 days, 15 days, 3 days, 43 minutes."""
    assert burn_rate(burn, 1000, 0.999) * hours == pytest.approx(24 * PERIOD_DAYS)


def counts(fast, slow, low, month=(1000, 1)):
    """Runs that ended and failed in 5 minutes and an hour, 30 minutes and 6 hours, 6 hours and 3 days."""
    return {1 / 12: fast[0], 1: fast[1], 0.5: slow[0], 6: slow[1], 72: low, 720: month}


def test_both_windows_must_burn():
    quiet = counts(((10, 0), (1000, 20)), ((60, 0), (6000, 20)), (72_000, 20))
    assert budget("pay", quiet, 0.999, "").alarm == ""
    ablaze = counts(((100, 3), (1000, 20)), ((60, 3), (6000, 20)), (72_000, 20))
    assert budget("pay", ablaze, 0.999, "").alarm == "page"


def test_one_failure_of_few_runs_is_no_alarm():
    """One of two failed: a burn rate of 50 at 99 %, and a chance of 2 %; one of four has 4 %."""
    single = counts(((4, 1), (4, 1)), ((4, 1), (4, 1)), (4, 1), (100, 1))
    assert burn_rate(1, 4, 0.99) == pytest.approx(25)
    assert budget("pay", single, 0.99, "").alarm == ""


def test_repairing_what_fails_is_worth_what_the_risk_model_says(measure):
    """The finding that is measured is the one that the ranked list gives a worth: a third of the runs fail."""
    from types import SimpleNamespace

    from assess.decisions.actions.gaps import list_operation_gaps

    seen = measure([run(n, status="failed" if n % 3 == 0 else "success") for n in range(90)])
    threat = SimpleNamespace(id="t", category="testing", held_by="")
    gaps = {
        g.id: g for g in list_operation_gaps(measure.engagement(), seen, SimpleNamespace(items=(threat,)))
    }
    assert gaps["operation/operations/pay/failing"].close is not None


def test_what_the_target_allows():
    found = budget("pay", {720: (500, 8)}, 0.99, "")
    assert (found.allowed, found.burn) == pytest.approx((5, 1.6))
    assert budget("pay", {}, 0.99, "") is None
    assert budget("pay", {720: (5, 1)}, 1.0, "") is None


def test_fisher_1935_and_its_direction():
    assert direction((3, 1), (1, 3)) == pytest.approx(34 / 70)


@pytest.fixture
def measure(tmp_path):
    """Measure one log of an integration whose data is needed within an hour."""

    def measured(lines, incidents=""):
        (tmp_path / "operations").mkdir()
        (tmp_path / "engagement.yaml").write_text("client: Test\n")
        (tmp_path / "systems.csv").write_text("id\na\nb\n")
        (tmp_path / "integrations.csv").write_text(
            "id,source,target,style_today,latency_seconds\npay,a,b,file-exchange,3600\ntyped,a,b,manual,\nnew,b,a,none,\n"
        )
        (tmp_path / "operations" / "runs.csv").write_text(
            "integration,started,finished,status,records,latency_ms,trigger\n" + "".join(lines)
        )
        if incidents:
            (tmp_path / "operations" / "incidents.csv").write_text(incidents)
        return operations.measure(intake.load(tmp_path))

    measured.engagement = lambda: intake.load(tmp_path)
    return measured


def run(hour, *, status="success", records=5, latency=60_000, trigger="schedule"):
    start = dt.datetime(2026, 1, 1) + dt.timedelta(hours=hour)
    return f"pay,{start:%Y-%m-%dT%H:%M:%SZ},{start + dt.timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ},{status},{records},{latency},{trigger}\n"


def kinds(found):
    return {finding.id.rsplit("/", 1)[-1] for finding in found.findings if "pay" in finding.integrations}


def test_a_batch_every_four_hours_keeps_data_waiting_that_is_needed_in_one(measure):
    found = measure([run(4 * n) for n in range(200)])
    assert found.of("pay").cadence == 4 * 3600
    (waiting,) = [f for f in found.findings if f.id == "operations/pay/waiting"]
    assert "every 4 h" in waiting.title and waiting.severity == "low"


def test_a_batch_that_comes_often_enough_is_left_alone(measure):
    assert "waiting" not in kinds(measure([run(n) for n in range(200)]))


def test_a_line_that_sums_up_an_hour_is_no_batch(measure):
    """A message takes 200 ms while the line covers a minute: nothing waits for the next line."""
    found = measure([run(4 * n, latency=200) for n in range(200)])
    assert found.of("pay").cadence is None
    assert "waiting" not in kinds(found)


def test_what_moved_nothing_for_two_months_may_be_retired(measure):
    assert "idle" in kinds(measure([run(24 * n, records=0) for n in range(70)]))


@pytest.mark.parametrize("days", [[0, 31, 61], [0]])
def test_what_moved_something_in_its_own_period_is_never_to_be_retired(measure, days):
    lines = [run(24 * n, records=100 if n in days else 0) for n in range(90)]
    assert not kinds(measure(lines)) & {"idle"}


def test_a_short_log_retires_nothing(measure):
    assert "idle" not in kinds(measure([run(24 * n, records=0) for n in range(40)]))


def test_failures_at_the_end_of_the_log_burn_the_budget(measure):
    lines = [run(n / 2, status="failed" if n > 470 else "success") for n in range(480)]
    found = measure(lines)
    assert found.of("pay").budget.alarm == "page"
    assert "burning" in kinds(found)


def test_work_by_hand_is_counted(measure):
    """One of two existing connections runs by itself; a quarter of its runs were started by hand."""
    found = measure([run(n, trigger="manual" if n % 4 == 0 else "schedule") for n in range(40)])
    facts = {fact.id: fact.value for fact in found.facts}
    assert facts["operations.automated"] == 0.5
    assert facts["operations.manual"] == 0.25
    assert sum(month.manual for month in found.months) == 10


def test_each_definition_of_how_long_a_failure_lasts(measure):
    """Noticed after 2 h, back 10 h later, 6 of which it waited; the second is open since 4 h before the log ends."""
    found = measure(
        [run(n) for n in range(48)],
        "id,integration,started,detected,resolved,paused_hours\n"
        "1,pay,2026-01-01T00:00Z,2026-01-01T02:00Z,2026-01-01T12:00Z,6\n"
        "2,pay,2026-01-02T18:01Z,2026-01-02T19:01Z,,\n",
    )
    hours = {d.what: d.hours for d in found.durations}
    # of two at risk one ends at 2 and 1 h, so half are left; the open one is censored before the other ends
    assert hours == {"detect": 1, "resolve": 10, "restore": 12, "work": 4}
    assert [d.open for d in found.durations] == [0, 1, 1, 1]


def test_without_a_pause_nothing_is_said_about_work(measure):
    found = measure(
        [run(0)],
        "id,integration,started,detected,resolved\n1,pay,2026-01-01T00:00Z,2026-01-01T02:00Z,2026-01-01T12:00Z\n",
    )
    assert [d.what for d in found.durations] == ["detect", "resolve", "restore"]
