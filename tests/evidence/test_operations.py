"""Run logs and incidents of small engagements, each with an answer that can be counted by hand."""

from __future__ import annotations

import datetime as dt
import gzip
import json

import pytest

from assess import intake
from assess.evidence import operations
from assess.evidence.operations import Operations
from assess.evidence.operations.log import connect, read_logs

HEADER = "integration,run_id,started,finished,status,records,bytes,latency_ms,attempt,trigger,error\n"
FIRST = dt.date(2026, 3, 2)  # a Monday


def engagement(folder, logs, *, incidents="", integration="pay,a,b,file-exchange,low,"):
    (folder / "operations").mkdir(parents=True)
    (folder / "engagement.yaml").write_text("client: Test\ndate: 2026-07-01\n")
    (folder / "systems.csv").write_text("id\na\nb\n")
    (folder / "integrations.csv").write_text(
        f"id,source,target,style_today,criticality,latency_seconds\n{integration}\nother,b,a,manual,low,\n"
    )
    for name, text in logs.items():
        data = text if isinstance(text, bytes) else text.encode()
        (folder / "operations" / name).write_bytes(data)
    if incidents:
        (folder / "operations" / "incidents.csv").write_text(incidents)
    return intake.load(folder)


def measure(folder, log, **more) -> Operations:
    return operations.measure(engagement(folder, {"runs.csv": log}, **more))


def line(day=0, *, id="pay", run="", status="success", records="10", attempt="1", trigger="schedule", at="06:00:00",
         seconds=30, latency="", size="") -> str:  # fmt: skip
    start = dt.datetime.combine(FIRST + dt.timedelta(days=day), dt.time.fromisoformat(at))
    end = start + dt.timedelta(seconds=seconds)
    return f"{id},{run or f'r{day}'},{start:%Y-%m-%dT%H:%M:%SZ},{end:%Y-%m-%dT%H:%M:%SZ},{status},{records},{size},{latency},{attempt},{trigger},\n"


def days(count, **more) -> str:
    return HEADER + "".join(line(day, **more) for day in range(count))


def test_volume_is_the_mean_day_times_the_days_of_a_month(tmp_path):
    volume = measure(tmp_path, days(60, records="100")).of("pay").volume
    assert (volume.low, volume.likely, volume.high) == pytest.approx((3043.75, 3043.75, 3043.75))
    assert (volume.unit, volume.source.kind) == ("messages/month", "measurement")


def test_a_month_of_thirty_one_days_is_no_more_than_any_other(tmp_path):
    """Weekdays only: 62 days hold 44 or 45 working days."""
    log = HEADER + "".join(line(day) for day in range(63) if day % 7 < 5)
    log += line(62, run="last", records="0")
    volume = measure(tmp_path, log).of("pay").volume
    assert volume.likely == pytest.approx(45 * 10 / 63 * 30.4375)
    assert volume.low == pytest.approx(21 * 10 / 31 * 30.4375)
    assert volume.high == pytest.approx(23 * 10 / 31 * 30.4375)


def test_days_without_a_run_count_where_the_file_covers_them(tmp_path):
    """A monthly job beside a daily one in the same file: observed for 90 days, not for 62."""
    log = days(90, id="other") + "".join(line(day, records="3000") for day in (3, 34, 64))
    traffic = measure(tmp_path, log).of("pay")
    assert traffic.days_observed == 90
    assert traffic.volume.likely == pytest.approx(9000 / 90 * 30.4375)
    assert traffic.silent_days is None


def test_a_retried_run_is_one_run_that_delivered(tmp_path):
    log = days(9) + line(9, status="failed", records="7") + line(9, at="06:10:00", attempt="2")
    traffic = measure(tmp_path, log).of("pay")
    assert (traffic.runs, traffic.delivered, traffic.failed, traffic.retries) == (10, 10, 0, 1)
    assert traffic.success_rate.likely == 1.0
    assert traffic.first_attempt_rate.likely == 0.9
    assert traffic.volume.likely == pytest.approx(100 / 10 * 30.4375), (
        "what the failed attempt moved is not counted"
    )


def test_the_wait_of_a_retry_is_part_of_the_latency(tmp_path):
    log = HEADER + line(0, status="failed") + line(0, at="06:10:00", attempt="2", latency="1500")
    assert measure(tmp_path, log).of("pay").latency.p50.likely == pytest.approx(601.5)


def test_latency_falls_back_to_the_time_of_the_run(tmp_path):
    assert measure(tmp_path, days(5, seconds=42)).of("pay").latency.p95.likely == 42


def test_a_run_id_used_again_is_another_run(tmp_path):
    log = HEADER + line(0, run="nightly") + line(1, run="nightly") + line(2, run="nightly")
    assert measure(tmp_path, log).of("pay").runs == 3


def test_test_runs_are_in_no_measure(tmp_path):
    log = days(20) + line(5, run="t", trigger="Test", status="failed", records="99999", at="12:00:00")
    traffic = measure(tmp_path, log).of("pay")
    assert (traffic.tests, traffic.runs, traffic.failed) == (1, 20, 0)
    assert traffic.volume.likely == pytest.approx(10 * 30.4375)


def test_parts_of_other_runs_are_in_no_measure(tmp_path):
    log = days(20) + line(5, run="sub", trigger="subprocess", at="12:00:00")
    traffic = measure(tmp_path, log).of("pay")
    assert (traffic.children, traffic.runs) == (1, 20)


def test_only_test_runs_are_no_traffic(tmp_path):
    traffic = measure(tmp_path, days(5, trigger="test")).of("pay")
    assert (traffic.tests, traffic.runs, traffic.volume, traffic.success_rate) == (5, 0, None, None)


def test_warnings_delivered_and_unfinished_runs_are_in_no_rate(tmp_path):
    log = days(8) + line(8, status="warning") + line(9, status="running") + line(10, status="failed")
    traffic = measure(tmp_path, log).of("pay")
    assert (traffic.warnings, traffic.unfinished, traffic.failed) == (1, 1, 1)
    assert traffic.success_rate.likely == 0.9


def test_records_are_counted_as_runs_where_the_log_has_none(tmp_path):
    traffic = measure(tmp_path, days(10, records="")).of("pay")
    assert traffic.volume.likely == pytest.approx(30.4375)
    assert "counts no records" in traffic.volume.source.detail


def test_peak_is_spread_over_the_run_and_added_where_runs_overlap(tmp_path):
    """600 messages in 5 minutes are 2 a second, and 120 more within the same minute another 2."""
    log = HEADER + line(0, run="a", records="600", seconds=300)
    log += line(0, run="b", records="120", seconds=5, at="06:01:00") + line(1)
    traffic = measure(tmp_path, log).of("pay")
    assert traffic.peak_per_second.high == pytest.approx(4.0)
    assert traffic.peak_resolution == 300


def test_message_size_is_bytes_over_records(tmp_path):
    assert measure(tmp_path, days(4, size="20480")).of("pay").message_kb == 2.0


def test_offsets_and_epochs_are_brought_to_utc(tmp_path):
    rows = ["2026-03-02T23:30:00-02:00", "2026-03-03 01:30:00", "1772501400", "1772501400000"]
    log = HEADER + "".join(f"pay,r{k},{start},,ok,1,,,,,\n" for k, start in enumerate(rows))
    traffic = measure(tmp_path, log).of("pay")
    assert (traffic.runs, traffic.first_day, traffic.last_day) == (
        4,
        dt.date(2026, 3, 3),
        dt.date(2026, 3, 3),
    )


BROKEN = {
    "cut off": ("pay,r1,2026-03-", "wrong number of fields"),
    "one field too many": (line(1).rstrip("\n") + ",more", "wrong number of fields"),
    "no start": ("pay,r1,yesterday,,success,1,,,1,,", "no valid start"),
    "no finish": ("pay,r1,2026-03-03T06:00:00Z,soon,success,1,,,1,,", "no valid finish"),
    "backwards": (
        "pay,r1,2026-03-03T06:00:00Z,2026-03-03T05:00:00Z,success,1,,,1,,",
        "finished before it started",
    ),
    "no integration": (",r1,2026-03-03T06:00:00Z,,success,1,,,1,,", "no integration"),
    "negative": ("pay,r1,2026-03-03T06:00:00Z,,success,-5,,,1,,", "negative number"),
}


def test_a_status_that_nobody_explained_is_named_and_makes_the_rate_a_range(tmp_path):
    """Six delivered; three of "Vielleicht" may have failed: Wilson's limits of 6 of 9, and of 9 of 9."""
    log = days(6) + "".join(line(day, status="Vielleicht") for day in (6, 7, 8))
    measured = measure(tmp_path, log)
    (file,) = measured.logs
    assert (file.attempts, file.malformed, file.unknown) == (9, 0, 3)
    assert file.reasons == (("unknown status “Vielleicht”", 3),)
    traffic = measured.of("pay")
    assert (traffic.delivered, traffic.failed, traffic.unknown) == (6, 0, 3)
    assert traffic.success_rate.low == pytest.approx(0.3542, abs=5e-5)
    assert (traffic.success_rate.likely, traffic.success_rate.high) == (1.0, 1.0)
    assert any(f.id.endswith("/status") and f.severity == "high" for f in measured.findings)


def test_a_word_of_a_status_may_be_explained(tmp_path):
    log = days(6) + line(6, status="Vielleicht")
    loaded = engagement(tmp_path, {"runs.csv": log, "columns.csv": "found,meaning\nvielleicht,failed\n"})
    traffic = operations.measure(loaded).of("pay")
    assert (traffic.delivered, traffic.failed, traffic.unknown) == (6, 1, 0)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_malformed_line_is_counted_with_its_reason(tmp_path, broken):
    text, reason = BROKEN[broken]
    measured = measure(tmp_path, days(5) + text + "\n" + line(5))
    (log,) = measured.logs
    assert (log.lines, log.attempts, log.malformed, log.reasons) == (7, 6, 1, ((reason, 1),))
    assert [f.title for f in measured.findings] == ["1 of 7 lines of operations/runs.csv are no runs"]


def test_an_open_quotation_mark_loses_no_line_silently(tmp_path):
    measured = measure(
        tmp_path, days(5) + 'pay,"r9,2026-03-09T06:00:00Z,,success,1,,,1,,\n' + line(6) + line(7)
    )
    assert measured.logs[0].lines == measured.logs[0].attempts + measured.logs[0].malformed == 8


def test_a_line_break_inside_quotation_marks_is_no_malformed_line(tmp_path):
    measured = measure(tmp_path, days(2) + line(2).rstrip("\n") + '"first\nsecond"\n')
    assert (measured.logs[0].attempts, measured.logs[0].malformed) == (3, 0)


def test_a_line_in_another_encoding_is_read_and_said(tmp_path):
    log = days(3).encode() + "pay,r9,2026-03-09T06:00:00Z,,success,1,,,1,,Gerät\n".encode("cp1252")
    log += "pay,r8,2026-03-08T06:00:00Z,,success,1,,,1,,Größe\n".encode()
    measured = operations.measure(engagement(tmp_path, {"runs.csv": log}))
    assert (measured.logs[0].attempts, measured.logs[0].malformed) == (5, 0)
    assert "mixed encodings" in measured.logs[0].notes[0]


def test_attempts_logged_twice_are_counted_once_and_said(tmp_path):
    run = line(3)
    measured = measure(tmp_path, days(6) + run + run)
    assert measured.of("pay").runs == 6
    assert measured.logs[0].duplicates == 2
    assert any("logged twice" in f.title for f in measured.findings)


def test_equal_lines_without_a_run_id_are_two_runs(tmp_path):
    same = "pay,,2026-03-02T06:00:00Z,,success,1,,,1,,\n"
    assert measure(tmp_path, HEADER + same + same).of("pay").runs == 2


def test_json_lines_semicolons_tabs_and_gzip_say_the_same(tmp_path):
    log = days(40)
    names = HEADER.strip().split(",")
    as_json = "".join(
        json.dumps(dict(zip(names, row.split(","), strict=True))) + "\n" for row in log.splitlines()[1:]
    )
    variants = {
        "runs.csv": log,
        "runs.jsonl": as_json,
        "runs.tsv": log.replace(",", "\t"),
        "runs.txt": log.replace(",", ";"),
        "runs.csv.gz": gzip.compress(log.encode()),
    }
    answers = {
        name: operations.measure(engagement(tmp_path / name, {name: text})).traffic
        for name, text in variants.items()
    }
    assert len(answers["runs.csv"]) == 1
    assert all(answer == answers["runs.csv"] for answer in answers.values())


def test_columns_may_be_written_otherwise_and_be_absent(tmp_path):
    log = "Integration,Run ID,STARTED,Status,Cost centre\n" + "".join(
        f"pay,{k},2026-03-{k:02d} 05:00,Completed,77\n" for k in range(1, 29)
    )
    traffic = measure(tmp_path, log).of("pay")
    assert (traffic.runs, traffic.latency, traffic.peak_per_second) == (28, None, None)
    assert traffic.volume.likely == pytest.approx(30.4375)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        (
            "runs.csv",
            "job,begin,end\n1,2,3\n",
            "has no column that says how it ended; it has job, begin, end: say in operations/columns.csv",
        ),
        ("runs.json", "[]", "holds no records"),
        ("runs.pdf", "x", "is no run log"),
        ("runs.csv", "\0" * 100, "is empty"),
        ("runs.csv.gz", b"no gzip", "can't be read"),
    ],
)
def test_a_file_that_can_not_be_used_says_so_and_stops_nothing(tmp_path, name, content, problem):
    measured = operations.measure(engagement(tmp_path, {name: content, "good.csv": days(3)}))
    by_name = {log.path: log for log in measured.logs}
    assert problem in by_name[f"operations/{name}"].problem
    assert measured.of("pay").runs == 3
    assert [f.severity for f in measured.findings] == ["high"]


def test_json_that_is_no_object_is_malformed(tmp_path):
    text = (
        '{"integration":"pay","started":"2026-03-02T06:00:00Z","status":"ok"}\n[1]\n{"integration":\n"x"\n\n'
    )
    (log,) = operations.measure(engagement(tmp_path, {"runs.jsonl": text})).logs
    assert (log.lines, log.attempts, log.malformed) == (4, 1, 3)


def test_integrations_that_nobody_knows_are_named(tmp_path):
    measured = measure(tmp_path, days(3) + line(1, id="ghost"))
    assert measured.unknown == ("ghost",)
    assert measured.of("ghost") is None
    assert any("ghost" in finding.evidence for finding in measured.findings)


def test_without_logs_nothing_is_measured_and_nothing_scored(tmp_path):
    measured = operations.measure(engagement(tmp_path, {}))
    assert (measured.traffic, measured.findings, measured.facts, measured.detect) == ((), (), (), None)
    assert [missing.section for missing in measured.missing] == ["operations", "operations"]


def test_an_automated_integration_without_a_log_is_missing(tmp_path):
    measured = measure(tmp_path, days(3, id="other"))
    assert any("run logs of pay" in missing.supply for missing in measured.missing)


def test_runs_that_move_nothing_are_silence(tmp_path):
    log = days(40) + "".join(line(day, records="0") for day in range(40, 50))
    measured = measure(tmp_path, log)
    assert measured.of("pay").silent_days == 10
    assert measured.of("pay").last_message == FIRST + dt.timedelta(days=39)
    assert any(finding.id == "operations/pay/silent" for finding in measured.findings)


def test_a_new_level_is_the_volume_of_today(tmp_path):
    log = days(50) + "".join(line(day, records="25") for day in range(50, 90))
    traffic = measure(tmp_path, log).of("pay")
    assert traffic.level == (FIRST + dt.timedelta(days=50), 2.5)
    assert traffic.volume.likely == pytest.approx(25 * 30.4375)


def test_a_low_success_rate_is_a_finding_only_where_it_is_certain(tmp_path):
    few = measure(tmp_path / "few", days(9) + line(9, status="failed"))
    assert not any(f.id.endswith("/failing") for f in few.findings), "9 of 10 may well be 99 %"
    many = "".join(
        line(d, run=f"{d}-{k}", at=f"{k:02d}:00:00", status="failed" if k == 3 else "success")
        for d in range(20)
        for k in range(10)
    )
    assert any(f.id.endswith("/failing") for f in measure(tmp_path / "many", HEADER + many).findings)


INCIDENTS = "id,integration,started,detected,resolved\n"


def test_a_failure_without_an_incident_was_seen_by_nobody(tmp_path):
    failed = "".join(line(day, run=f"f{day}", status="failed", at="09:00:00") for day in (3, 20))
    incidents = INCIDENTS + "i1,pay,2026-03-05T10:00,2026-03-05T11:00,2026-03-05T13:00\n"
    (finding,) = [
        f for f in measure(tmp_path, days(30) + failed, incidents=incidents).findings if "unnoticed" in f.id
    ]
    assert "1 of 2 failed runs" in finding.title


def test_open_incidents_count_as_lasting_until_now(tmp_path):
    """Two resolved after 1 and 2 hours, three still open: the median is not 1.5 hours but unknown."""
    rows = "".join(
        f"i{k},pay,2026-03-05T10:00,2026-03-05T10:00,{end}\n"
        for k, end in enumerate(("2026-03-05T11:00", "2026-03-05T12:00", "", "", ""))
    )
    resolve = measure(tmp_path, days(10), incidents=INCIDENTS + rows).resolve
    assert (resolve.hours, resolve.incidents, resolve.open) == (None, 5, 3)


def test_median_time_to_resolve(tmp_path):
    rows = "".join(f"i{k},pay,2026-03-05T10:00,2026-03-05T10:30,2026-03-05T{12 + k}:30\n" for k in range(5))
    measured = measure(tmp_path, days(10), incidents=INCIDENTS + rows)
    assert (measured.resolve.hours, measured.resolve.open) == (4.0, 0)
    assert measured.detect.hours == 0.5


def test_a_latency_need_that_is_missed_is_a_finding(tmp_path):
    late = measure(tmp_path, days(50, seconds=90), integration="pay,a,b,file-exchange,high,60")
    (finding,) = [f for f in late.findings if f.id == "operations/pay/late"]
    assert finding.severity == "high"
    assert {source.kind for source in finding.sources} == {"measurement", "input"}


def test_result_survives_json_and_is_the_same_every_time(tmp_path):
    given = engagement(
        tmp_path,
        {"runs.csv": days(60) + line(60, status="failed")},
        incidents=INCIDENTS + "i1,pay,2026-03-05T10:00,,\n",
    )
    first = operations.measure(given)
    assert Operations.from_json(first.to_json()) == first
    assert first.to_json() == operations.measure(given).to_json()
    assert "NaN" not in first.to_json()


def test_every_number_says_that_it_was_measured(tmp_path):
    traffic = measure(tmp_path, days(60)).of("pay")
    estimates = [
        traffic.volume,
        traffic.peak_per_second,
        traffic.latency.p95,
        traffic.success_rate,
        traffic.first_attempt_rate,
    ]
    assert {estimate.source.kind for estimate in estimates} == {"measurement"}
    assert len({estimate.source.id for estimate in estimates}) == 5


def test_table_has_a_row_per_measured_integration(tmp_path):
    table = measure(tmp_path, days(60) + line(3, id="other")).table
    assert list(table.integration) == ["pay", "other"]


def test_fifty_thousand_lines_are_read_in_one_go(tmp_path):
    rows = "".join(
        f"pay,r{k},2026-{1 + k // 100_000:02d}-{1 + k // 4000 % 25:02d}T{k % 24:02d}:00:00Z,,success,3,,120,1,,\n"
        for k in range(50_000)
    )
    traffic = measure(tmp_path, HEADER + rows).of("pay")
    assert traffic.runs == 50_000


def test_a_log_of_strangers_stays_short(tmp_path):
    log = days(3) + "".join(line(1, id=f"{k:04d}" + "x" * 500, run=f"s{k}") for k in range(300))
    measured = measure(tmp_path, log)
    assert (measured.strangers, len(measured.unknown)) == (300, 100)
    assert len(measured.to_json()) < 30_000


def test_a_run_that_never_ended_is_no_failure(tmp_path):
    traffic = measure(tmp_path, HEADER + line(0, status="running") + line(1, status="running")).of("pay")
    assert (traffic.unfinished, traffic.success_rate, traffic.latency) == (2, None, None)
    assert traffic.volume.likely == 0


@pytest.mark.parametrize("text", ["Größe Ä – €", "😀", "\u202eعربى", "Ü\x9f"])
@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_a_log_in_utf_8_is_read_whatever_letters_it_holds(tmp_path, text, ending):
    path = tmp_path / f"log{ending}"
    record = {"integration": text, "started": "2026-10-01T01:00:00", "status": "failed"}
    line = json.dumps(record, ensure_ascii=False)
    table = ",".join(record) + "\n" + ",".join(record.values())
    path.write_text((table if ending == ".csv" else line) + "\n\n", "utf-8")
    engine = connect()
    (file,) = read_logs(engine, [("log", path)])
    assert file.problem == ""
    assert engine.execute("SELECT integration FROM attempts").fetchall() == [(text,)]


def test_an_open_incident_is_open_until_the_date_of_the_engagement(tmp_path):
    """Since 1 March 10:00, the answers were given on 1 July: 122 days and two hours until midday."""
    rows = "id,integration,started,detected,resolved\nA,pay,2026-03-01T10:00,2026-03-01T10:00,\n"
    found = operations.measure(engagement(tmp_path, {}, incidents=rows))
    assert found.as_of == dt.datetime(2026, 7, 1, 12)
    assert (found.restore.total, found.restore.open) == (122 * 24 + 2, 1)


def test_half_days_at_both_ends_of_a_log_are_no_days(tmp_path):
    """1,000 every 15 minutes from 18:00 to 06:00: 96,000 on each of the 9 whole days, no day is unusual."""
    first = dt.datetime(2026, 7, 1, 18)
    moments = [first + dt.timedelta(minutes=15 * n) for n in range(9 * 96 + 48)]
    log = "integration,started,status,records\n" + "".join(
        f"pay,{m:%Y-%m-%dT%H:%M:%SZ},success,1000\n" for m in moments
    )
    traffic = measure(tmp_path, log).of("pay")
    assert (traffic.first_day, traffic.days_observed) == (dt.date(2026, 7, 2), 9)
    assert traffic.volume.interval == (2_922_000, 2_922_000, 2_922_000)
    assert traffic.anomalies == ()


def test_an_outage_of_five_hours_is_a_finding_with_its_hours(tmp_path):
    first = dt.datetime(2026, 7, 1)
    moments = [first + dt.timedelta(minutes=15 * n) for n in range(40 * 96)]
    kept = [m for m in moments if not dt.datetime(2026, 7, 20, 9) <= m < dt.datetime(2026, 7, 20, 14)]
    log = "integration,started,status,records\n" + "".join(
        f"pay,{m:%Y-%m-%dT%H:%M:%SZ},success,1000\n" for m in kept
    )
    measured = measure(tmp_path, log)
    (event,) = measured.of("pay").anomalies
    assert (event.first, event.hours, event.observed, event.expected) == (dt.date(2026, 7, 20), 5, 0, 20_000)
    finding = next(f for f in measured.findings if f.id.endswith("/unusual"))
    assert "2026-07-20 in 5 hours: 0 messages (usual 20,000)" in finding.evidence


def test_thousands_are_thousands_whichever_sign_parts_them(tmp_path):
    log = HEADER + line(0, records='"1,200"') + line(1, records="1.200") + line(2, records="50")
    assert measure(tmp_path, log).of("pay").daily == (1200, 1200, 50)
