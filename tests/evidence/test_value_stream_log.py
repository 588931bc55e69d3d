"""Event logs: the same measures from every format, published logs reproduced, nothing lost silently."""

import datetime as dt
import gzip
import os
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd
import pytest

from assess.core.estimate import Estimate
from assess.core.moments import read_moments
from assess.evidence import value_stream
from assess.evidence.value_stream import WorkingCalendar, event_log
from assess.evidence.value_stream.log_measures import measure
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement, ProcessStep
from assess.intake.problem import InvalidEngagement

SHARED = (
    Path(os.environ.get("ASSESS_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")) / "event_logs"
)
shared_logs = pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")

OFFICE = WorkingCalendar(zone="Europe/Berlin")

ROWS = [
    # two cases: enter takes an hour, waits 3 h 30 for check, which takes half an hour; then it is closed
    ("1", "enter", "start", "2026-05-11T09:00:00+02:00", "ann"),
    ("1", "enter", "complete", "2026-05-11T10:00:00+02:00", "ann"),
    ("1", "check", "start", "2026-05-11T13:30:00+02:00", "bob"),
    ("1", "check", "complete", "2026-05-11T14:00:00+02:00", "bob"),
    ("1", "closed", "complete", "2026-05-11T14:00:00+02:00", "bob"),
    ("2", "enter", "start", "2026-05-11T16:00:00+02:00", "ann"),
    ("2", "enter", "complete", "2026-05-12T10:00:00+02:00", "ann"),
    ("2", "check", "start", "2026-05-12T10:30:00+02:00", "cid"),
]
HEADER = ("case:concept:name", "concept:name", "lifecycle:transition", "time:timestamp", "org:resource")


def xes(rows):
    traces = {}
    for case, activity, state, time, resource in rows:
        event = (
            f'<event><string key="concept:name" value="{activity}"/><string key="org:resource" value="{resource}">'
            f'<string key="concept:name" value="nested"/></string>'
            f'<string key="lifecycle:transition" value="{state}"/><date key="time:timestamp" value="{time}"/></event>'
        )
        traces.setdefault(case, []).append(event)
    body = "".join(
        f'<trace><string key="concept:name" value="{c}"/>{"".join(e)}</trace>' for c, e in traces.items()
    )
    header = '<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>'
    return f'<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">{header}{body}</log>'


def write(folder, kind, rows=ROWS):
    frame = pd.DataFrame(rows, columns=list(HEADER))
    path = folder / f"log.{kind}"
    match kind:
        case "csv":
            frame.to_csv(path, index=False)
        case "parquet":
            frame.assign(**{"time:timestamp": pd.to_datetime(frame["time:timestamp"])}).to_parquet(path)
        case "xes":
            path.write_text(xes(rows), encoding="utf-8")
        case "xes.gz":
            path.write_bytes(gzip.compress(xes(rows).encode()))
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet", "xes", "xes.gz"])
def test_every_format_gives_the_same_measures(tmp_path, kind):
    log = event_log.read(write(tmp_path, kind), "log", "Europe/Berlin")
    measures = measure(log, OFFICE)
    assert (measures.events, measures.cases, measures.dropped) == (8, 2, 0)
    assert (measures.resolved, measures.unresolved) == (1, 1)
    assert measures.lead_hours.likely == 5
    assert measures.lead_hours_without_outside is None
    activities = {a.activity: a for a in measures.activities}
    enter = activities["enter"]
    assert (enter.cases, enter.passes, enter.resources) == (2, 2, 1)
    assert enter.process_minutes.low == pytest.approx(
        66
    )  # 60 and, over the night, 60 + 60: P10 and P90 between them
    assert enter.process_minutes.high == pytest.approx(114)
    assert activities["check"].process_minutes.likely == 30
    assert activities["check"].passes == 1  # the second was never completed
    assert activities["check"].wait_minutes.likely == 210
    assert enter.process_minutes.source.kind == "measurement"


def test_the_files_order_breaks_ties_and_time_orders_the_rest(tmp_path):
    path = write(tmp_path, "csv", [*ROWS[4:], *ROWS[:4]])
    log = event_log.read(path, "log")
    assert log.events[log.events["case"] == "1"]["activity"].tolist() == [
        "enter",
        "enter",
        "check",
        "closed",
        "check",
    ]


def test_a_log_of_completions_only_has_times_between_but_no_process_times(tmp_path):
    rows = [
        ("1", "a", "complete", "2026-05-11T09:00:00Z", ""),
        ("1", "b", "complete", "2026-05-11T10:00:00Z", ""),
    ]
    measures = measure(event_log.read(write(tmp_path, "csv", rows), "log"), OFFICE)
    b = measures.activities[1]
    assert b.process_minutes is None
    assert b.wait_minutes.likely == 60
    assert measures.basis == "last event"
    assert (measures.resolved, measures.unresolved) == (1, 0)


def test_a_log_with_start_and_end_in_one_row(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "Case ID,Activity,Start Timestamp,Complete Timestamp,Resource\n"
        "1,a,2026-05-11 09:00,2026-05-11 09:20,ann\n1,b,2026-05-11 10:00,2026-05-11 10:30,ann\n",
        encoding="utf-8",
    )
    measures = measure(event_log.read(path, "log", "Europe/Berlin"), OFFICE)
    times = {
        a.activity: (a.process_minutes.likely, a.wait_minutes and a.wait_minutes.likely)
        for a in measures.activities
    }
    assert times == {"a": (20, None), "b": (30, 40)}


def test_states_last_until_the_next_event_and_waiting_for_outside_is_taken_off(tmp_path):
    rows = [
        ("1", "Accepted", "In Progress", "2026-05-11T09:00:00+02:00", ""),
        ("1", "Accepted", "Wait - Customer", "2026-05-11T10:00:00+02:00", ""),
        ("1", "Accepted", "In Progress", "2026-05-11T12:00:00+02:00", ""),
        ("1", "Completed", "Resolved", "2026-05-11T12:30:00+02:00", ""),
        ("1", "Accepted", "Wait - Customer", "2026-05-11T13:00:00+02:00", ""),
        ("1", "Completed", "Closed", "2026-05-11T15:00:00+02:00", ""),
        ("2", "Accepted", "In Progress", "2026-05-11T09:00:00+02:00", ""),
    ]
    measures = measure(event_log.read(write(tmp_path, "csv", rows), "log"), OFFICE)
    assert measures.lead_hours.likely == 3.5
    assert measures.lead_hours_without_outside.likely == 1.5
    states = {a.activity: a for a in measures.activities}
    assert states["Wait - Customer"].wait_minutes.likely == 120
    assert states["Wait - Customer"].process_minutes is None
    assert states["In Progress"].process_minutes.likely == 45
    assert measures.unresolved == 1


def test_rows_that_cannot_be_used_are_counted_and_told(tmp_path):
    rows = [
        *ROWS,
        ("3", "a", "start", "no time", ""),
        ("", "a", "start", "2026-05-11T09:00:00Z", ""),
        ("4", "", "", "", ""),
    ]
    path = write(tmp_path, "csv", rows)
    log = event_log.read(path, "log.csv")
    assert log.dropped == 3
    result = value_stream.map_value_stream(engagement(tmp_path))
    finding = next(f for f in result.findings if f.id.endswith("/dropped"))
    assert finding.title.startswith("3 rows of log.csv have no case, activity or readable time")
    assert any(f.id.endswith("/unresolved") for f in result.findings)


def test_local_times_across_a_clock_change():
    texts = pd.Series(
        [
            "2026-03-29 01:30",
            "2026-03-29 03:30",
            "2026-10-25 02:30",
            "2026-03-29 02:30",
            "25.10.2026 04:30",
            "?",
        ]
    )
    seconds = np.array(
        [m.astype(np.int64) / 1e6 if m == m else np.nan for m in read_moments(texts, "Europe/Berlin").utc]
    )
    assert seconds[1] - seconds[0] == 3600  # two hours by the clock
    assert dt.datetime.fromtimestamp(seconds[2], dt.UTC).hour == 0  # the first of the two: summer time
    assert dt.datetime.fromtimestamp(seconds[3], dt.UTC) == dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)
    assert seconds[4] - seconds[2] == 3 * 3600
    assert pd.isna(seconds[5])


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("log.csv", b"colour,size\n1,2\n", "has no column of case, activity, time"),
        ("log.csv", b"case,activity,time\n", "has no event with case, activity and time"),
        ("log.csv", b"case,activity,time\n1,a,yesterday\n", "has no event"),
        ("log.xes", b"<log><trace>", "can't be read"),
        ("log.xes.gz", b"not gzipped", "can't be read"),
        ("log.parquet", b"PAR1", "can't be read"),
        (
            "log.doc",
            b"x",
            "is no event log; allowed: csv, tsv, xlsx, json, jsonl, parquet or xes, also packed (.gz)",
        ),
        (
            "log.xes",
            b'<!DOCTYPE l [<!ENTITY a "x">]><log><trace><event>&a;</event></trace></log>',
            "no document type",
        ),
    ],
)
def test_what_is_no_log_is_named(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidEngagement) as caught:
        event_log.read(path, name)
    assert str(caught.value).startswith(f"{name}: ")
    assert expected in str(caught.value)


# In an engagement


def engagement(folder, *steps):
    logs = tuple(sorted(p.name for p in folder.iterdir()))
    return Engagement(
        folder=folder, client="Example", value_stream=steps, event_logs=logs, time_zone="Europe/Berlin",
        assumptions=Assumptions(),
    )  # fmt: skip


def test_measured_times_beat_stated_ones_and_the_difference_is_a_finding(tmp_path):
    write(tmp_path, "csv")
    steps = (
        ProcessStep(step="enter", process_minutes=Estimate.point(10), wait_minutes=Estimate.point(5)),
        ProcessStep(
            step="c", name="Check", process_minutes=Estimate.point(30), wait_minutes=Estimate.point(60)
        ),
        ProcessStep(step="ship", process_minutes=Estimate.point(7), wait_minutes=Estimate.point(0)),
    )
    result = value_stream.map_value_stream(engagement(tmp_path, *steps))
    assert [s.basis for s in result.steps] == ["measured", "measured", "stated"]
    assert result.steps[0].process.likely == 90
    assert result.steps[0].process.source.kind == "measurement"
    assert result.steps[1].wait.likely == 210
    assert result.steps[2].process.likely == 7
    ids = {f.id for f in result.findings}
    assert {"value_stream/enter/process_minutes", "value_stream/c/wait_minutes"} <= ids
    assert "value_stream/c/process_minutes" not in ids  # 30 minutes were stated and measured
    title = next(f.title for f in result.findings if f.id == "value_stream/c/wait_minutes")
    assert title == "Check: wait is 3.5 h by the log, 1 h was stated"


def test_decisions_take_the_shares_that_were_seen(tmp_path):
    rows = []
    for n in range(40):
        after = "pay" if n < 30 else "reject"
        rows += [
            (str(n), "check", "complete", "2026-05-11T09:00:00Z", ""),
            (str(n), after, "complete", "2026-05-11T10:00:00Z", ""),
        ]
    write(tmp_path, "csv", rows)
    steps = (
        ProcessStep(step="check", next=("pay: 0.5", "reject: 0.5"), decision=True),
        ProcessStep(step="pay", process_minutes=Estimate.point(10)),
        ProcessStep(step="reject"),
    )
    result = value_stream.map_value_stream(engagement(tmp_path, *steps))
    assert result.steps[0].next == {"pay": 0.75, "reject": 0.25}
    few = rows[:40]
    write(tmp_path, "csv", few)
    assert value_stream.map_value_stream(engagement(tmp_path, *steps)).steps[0].next == {
        "pay": 0.5,
        "reject": 0.5,
    }


def test_a_log_alone_shows_steps_and_asks_for_the_rows(tmp_path):
    write(tmp_path, "xes")
    result = value_stream.map_value_stream(engagement(tmp_path))
    assert result.current is None
    assert {s.step: s.visits for s in result.steps} == {"check": 0.5, "closed": 0.5, "enter": 1.0}
    assert result.missing[0].supply == "the steps of the process, in value_stream.csv"
    assert {f.id: f.value for f in result.facts}["value_stream.log.xes.unresolved"] == 1
    assert value_stream.ValueStream.from_json(result.to_json()) == result


# Published logs


def measured(name):
    return measure(
        event_log.read(SHARED / name, name, "Europe/Stockholm"), WorkingCalendar(zone="Europe/Stockholm")
    )


@shared_logs
def test_bpic_2013_incidents():
    """65,533 events of 7,554 incidents (Steeman 2013); 5,663 resolved, median 50.7 h, 13.2 h without user and customer."""
    start = process_time()
    measures = measured("bpic2013_incidents.xes.gz")
    assert process_time() - start < 10
    assert (measures.events, measures.cases, measures.dropped) == (65_533, 7_554, 0)
    assert (measures.resolved, measures.unresolved) == (5_663, 7_554 - 5_663)
    assert round(measures.lead_hours.likely, 1) == 50.7
    assert round(measures.lead_hours_without_outside.likely, 1) == 13.2


@shared_logs
def test_receipt_phase_of_a_permit():
    """8,577 events of 1,434 cases (Buijs 2014); no state ends a case, so the last event does."""
    measures = measured("receipt.csv")
    assert (measures.events, measures.cases, measures.basis) == (8_577, 1_434, "last event")
    assert len(measures.activities) == 27


@shared_logs
def test_teleclaims_with_start_and_complete():
    """46,138 events of 3,512 simulated claims (van der Aalst 2011): process times come from start to complete."""
    measures = measured("teleclaims.xes.gz")
    assert (measures.events, measures.cases, measures.resolved) == (46_138, 3_512, 3_512)
    activities = {a.activity: a for a in measures.activities}
    assert activities["incoming claim"].process_minutes is None
    assert activities["assess claim"].passes == 2_461
    assert measures.inside_hours < 0.5  # a simulated clock: elapsed times are used
    assert activities["assess claim"].process_minutes.likely > 0


def test_the_commonest_way_counts_repeats_once(tmp_path):
    """Three cases: a b c twice (b repeated in one), a c once."""
    rows = ["case,activity,time"]
    for case, steps in (("1", "abc"), ("2", "abbc"), ("3", "ac")):
        rows += [f"{case},{step},2026-05-11T1{n}:00:00Z" for n, step in enumerate(steps)]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(rows))
    found = measure(event_log.read(path, "log.csv"), WorkingCalendar())
    assert (found.variants, found.main_path, found.main_cases) == (3, ("a", "b", "c"), 2)
