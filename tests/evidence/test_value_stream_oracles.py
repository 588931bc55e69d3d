"""Event logs against figures that pandas computes in another way, on small cuts and, where they are, on the published logs."""

from __future__ import annotations

import gzip
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assess.evidence.value_stream import WorkingCalendar, event_log, map_value_stream
from assess.evidence.value_stream.log_measures import measure
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement

SHARED = (
    Path(os.environ.get("ASSESS_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")) / "event_logs"
)
ALWAYS = WorkingCalendar(opens=0, minutes_per_day=1440, days_per_week=7, zone="UTC")
"""A calendar in which every minute is worked: times are elapsed times."""


def of_xes(path):
    """Return the events of an XES file by another parser than the product's."""
    rows, trace = [], ""
    with gzip.open(path) as stream:
        for _, element in ET.iterparse(stream):
            tag = element.tag.rpartition("}")[2]
            if tag == "event":
                rows.append({child.get("key"): child.get("value") for child in element})
            elif tag == "trace":
                own = [c for c in element if c.get("key") == "concept:name" and not list(c)]
                trace = own[0].get("value")
                for row in rows:
                    row.setdefault("case", trace)
                element.clear()
                yield from rows
                rows = []


def frame_of(path):
    if path.suffix == ".csv":
        frame = pd.read_csv(path, dtype=str)
        frame = frame.rename(columns={"case:concept:name": "case", "case_id": "case", "activity": "concept:name", "timestamp": "time:timestamp"})  # fmt: skip
    else:
        frame = pd.DataFrame(of_xes(path))
    frame["at"] = pd.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601")
    frame["move"] = frame.get("lifecycle:transition", pd.Series("complete", index=frame.index)).str.lower().fillna("complete")  # fmt: skip
    return frame.sort_values(["case", "at"], kind="stable").reset_index(drop=True)


def paired(frame):
    """Pair starts and completions by the balance of both: within a run between two points without an open start the n-th belongs to the n-th."""
    kept = frame[frame["move"].isin(["start", "complete"])].copy()
    step = np.where(kept["move"] == "start", 1, -1)
    out = []
    for (case, activity), group in kept.assign(step=step).groupby(["case", "concept:name"], sort=False):
        opened: list[pd.Timestamp] = []
        for at, one in zip(group["at"], group["step"], strict=True):
            if one == 1:
                opened = [*opened, at]
            else:
                out.append((case, activity, opened[0] if opened else pd.NaT, at))
                opened = opened[1:]
    made = pd.DataFrame(out, columns=["case", "activity", "begin", "end"])
    return made.assign(begin=pd.to_datetime(made["begin"], utc=True))


def check(path):
    """Compare what does not depend on how ties are broken: counts, paired passes, work, shares of repeated cases, lead times."""
    frame, seen = frame_of(path), measure(event_log.read(path, path.name), ALWAYS)
    assert (seen.events, seen.cases) == (len(frame), frame["case"].nunique())
    passes = paired(frame)
    own = {a.activity: a for a in seen.activities}
    counted = passes.groupby("activity")
    assert {name: a.passes for name, a in own.items() if a.passes} == counted.size().to_dict()
    minutes = (passes["end"] - passes["begin"]).dt.total_seconds() / 60
    for name, spent in minutes.groupby(passes["activity"]):
        assert own[name].timed == spent.notna().sum()
        if spent.notna().any():
            assert own[name].work_hours == pytest.approx(spent.sum() / 60)
            assert own[name].work_mean == pytest.approx(spent.mean())
            assert own[name].process_minutes.likely == pytest.approx(spent.median())
    repeated = passes.groupby(["case", "activity"]).size().groupby("case").max() > 1
    assert seen.rework_share == pytest.approx(repeated.mean())
    if seen.basis == "last event":
        lead = frame.groupby("case")["at"].agg(lambda at: (at.max() - at.min()).total_seconds() / 3600)
        assert seen.lead_hours.likely == pytest.approx(lead.median())
        assert seen.lead_mean_hours == pytest.approx(lead.mean())
    assert sum(t.count for t in seen.transitions) == (passes.groupby("case").size() - 1).sum()
    return seen


CUT = """case,activity,lifecycle,timestamp,resource
1,A,complete,2026-09-01T08:00:00Z,a
1,W,schedule,2026-09-01T08:00:00Z,a
1,W,start,2026-09-01T09:00:00Z,a
1,W,complete,2026-09-01T09:30:00Z,a
1,W,start,2026-09-01T11:00:00Z,b
1,W,complete,2026-09-01T11:10:00Z,b
1,W,complete,2026-09-01T12:00:00Z,b
1,B,complete,2026-09-01T12:00:00Z,b
2,A,complete,2026-09-02T08:00:00Z,a
2,W,schedule,2026-09-02T08:00:00Z,a
2,W,start,2026-09-02T08:20:00Z,a
2,W,complete,2026-09-02T08:50:00Z,a
"""
"""As BPIC-2012 writes it: schedule, several starts, a completion that nobody started."""


def of_text(tmp_path, text, name="log.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return measure(event_log.read(path, name), ALWAYS)


def test_a_cut_of_a_loan_application_by_hand(tmp_path):
    """By hand: W has four passes, three of them timed: 30, 10, 30 minutes; it waited 60 and 20 after it was scheduled, 90 after a pass."""
    seen = of_text(tmp_path, CUT)
    w = next(a for a in seen.activities if a.activity == "W")
    assert (w.passes, w.timed, w.cases) == (4, 3, 2)
    assert w.work_hours == pytest.approx(70 / 60)
    assert w.wait_hours == pytest.approx((60 + 90 + 50 + 20) / 60)
    arrows = {(t.before, t.after): t.count for t in seen.transitions}
    assert arrows == {("A", "W"): 2, ("W", "W"): 2, ("W", "B"): 1}
    assert seen.rework_share == 0.5
    assert seen.handoffs_per_case == 0.5
    assert (seen.variants, seen.commonest[0].path) == (2, ("A", "W"))


def test_schedule_start_and_complete_are_one_pass(tmp_path):
    rows = "case,activity,lifecycle,timestamp,resource\n" + "".join(
        f"1,{a},{m},2026-09-01T{t}:00Z,{r}\n"
        for a, m, t, r in [
            ("Check", "schedule", "09:00", "a"), ("Check", "start", "10:00", "a"), ("Check", "complete", "10:30", "a"),
            ("Pay", "schedule", "10:30", "b"), ("Pay", "start", "11:00", "b"), ("Pay", "complete", "11:10", "b"),
        ]
    )  # fmt: skip
    seen = of_text(tmp_path, rows)
    times = {a.activity: (a.passes, a.process_minutes.likely, a.wait_minutes.likely) for a in seen.activities}
    assert times == {"Check": (1, 30, 60), "Pay": (1, 10, 30)}
    assert [(t.before, t.after, t.share) for t in seen.transitions] == [("Check", "Pay", 1.0)]
    assert (seen.work_hours, seen.wait_hours) == pytest.approx((40 / 60, 1.5))
    assert seen.handoffs_per_case == 1


def test_the_lead_time_begins_with_the_first_begin(tmp_path):
    rows = "case,activity,started,completed,resource\n1,Check,2026-09-01T09:00:00Z,2026-09-05T09:00:00Z,a\n"
    assert of_text(tmp_path, rows).lead_hours.likely == 96


def test_a_reopened_case_has_a_lead_time_to_its_last_end_beside_the_first(tmp_path):
    rows = "case,activity,status,timestamp\n" + "".join(
        f"1,Ticket,{s},2026-09-0{t}:00:00Z\n"
        for s, t in [("Open", "1T10"), ("Resolved", "1T11"), ("In Progress", "3T11"), ("Resolved", "5T10")]
    )
    seen = of_text(tmp_path, rows)
    assert (seen.lead_hours.likely, seen.lead_hours_to_last.likely, seen.reopened) == (1, 96, 1)
    assert seen.work_hours == 1 + 47  # open for an hour, in progress for 47; resolved is no work


def test_one_order_of_day_and_month_in_a_column(tmp_path):
    rows = "case,activity,timestamp\n1,A,09/10/2026 10:00\n1,B,09/11/2026 10:00\n1,C,09/13/2026 10:00\n"
    assert of_text(tmp_path, rows).lead_hours.likely == 72


@pytest.mark.parametrize(
    "text",
    [
        "CaseID,Activity,Start Time,End Time\n1,A,2026-09-01 10:00,2026-09-01 10:30\n1,B,2026-09-01 11:00,2026-09-01 11:05\n",
        "Vorgang;Aktivität;Zeitstempel;Bearbeiter\n1;Anlegen;01.09.2026 10:00;A\n1;Freigeben;02.09.2026 10:00;B\n",
        "Ticket,Status,Changed\n1,Open,2026-09-01 10:00\n1,Resolved,2026-09-01 12:00\n",
    ],
)
def test_columns_of_other_tools_and_languages(tmp_path, text):
    seen = of_text(tmp_path, text)
    assert (seen.events, seen.cases, seen.dropped) == (2, 1, 0)


def test_start_timestamp_of_xes_is_the_begin(tmp_path):
    text = (
        '<log><trace><string key="concept:name" value="1"/><event><string key="concept:name" value="A"/>'
        '<date key="start_timestamp" value="2026-09-01T10:00:00Z"/><date key="time:timestamp" value="2026-09-01T10:30:00Z"/>'
        "</event></trace></log>"
    )
    assert of_text(tmp_path, text, "log.xes").activities[0].process_minutes.likely == 30


def test_a_lead_time_that_grows_is_a_trend_and_one_of_chance_is_none(tmp_path):
    rng = np.random.default_rng(1)
    begin = pd.date_range("2026-01-01", periods=200, freq="D", tz="UTC")
    for slope, grows in ((0.5, True), (0.0, False)):
        hours = 24 + slope * np.arange(200) + rng.normal(0, 6, 200)
        end = begin + pd.to_timedelta(hours, unit="h")
        frame = pd.DataFrame({"case": np.tile(np.arange(200), 2), "activity": ["A"] * 200 + ["B"] * 200,
                              "timestamp": [t.isoformat() for t in [*begin, *end]]})  # fmt: skip
        seen = of_text(tmp_path, frame.to_csv(index=False))
        assert (seen.lead_trend_chance < 0.01 and seen.lead_trend > 0) == grows
        assert sum(month.cases for month in seen.months) == 200


def test_the_work_of_a_log_alone_has_a_price(tmp_path):
    """Ten passes of an hour in 40 days, three of them at weekends, when nobody works; two of eleven passes come again."""
    rows = "case,activity,started,completed\n"
    for n in range(10):
        day = f"2026-0{1 + n // 5}-{1 + 2 * (n % 5):02}"
        rows += f"{min(n, 7)},Check,{day}T09:00:00Z,{day}T10:00:00Z\n"
    rows += "99,Check,2026-02-09T09:00:00Z,2026-02-09T09:00:00Z\n"
    (tmp_path / "log.csv").write_text(rows)
    engagement = Engagement(folder=tmp_path, client="E", event_logs=("log.csv",), assumptions=Assumptions())
    facts = {fact.id: fact for fact in map_value_stream(engagement).facts}
    rate = Assumptions()["value_stream.hour_cost"].likely
    days = 40
    assert facts["value_stream.log.csv.work_cost"].value == pytest.approx(7 * 365.25 / days * rate)
    assert facts["value_stream.log.csv.rework_cost"].value == pytest.approx(2 * 7 / 11 * 365.25 / days * rate)


published = pytest.mark.skipif(not SHARED.is_dir(), reason="the published logs are not here")


@published
@pytest.mark.parametrize(
    "name", ["running-example.csv", "repairExample.xes.gz", "receipt.csv", "bpic2012.xes.gz"]
)
def test_published_logs_agree_with_pandas(name):
    seen = check(SHARED / name)
    if name.startswith("bpic2012"):
        w = next(a for a in seen.activities if a.activity == "W_Completeren aanvraag")
        assert (w.passes, w.timed) == (23_967, 23_512)


@published
def test_a_log_as_csv_and_as_xes_is_the_same():
    one, other = (
        measure(event_log.read(SHARED / f"running-example.{kind}", "log"), ALWAYS) for kind in ("csv", "xes")
    )
    assert one == other
