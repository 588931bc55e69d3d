"""Chapter 7 says what the logs show; the numbers are counted by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from assess.core.cache import Cache
from assess.core.numbers import day
from assess.decisions.assessment import Assessment
from assess.report import chapters

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


def opened(folder):
    assessment = Assessment.open(folder, draws=200)
    assessment._cache = Cache(None)
    return assessment


@pytest.fixture
def client(tmp_path):
    """An engagement of one integration; files are added by name."""
    (tmp_path / "operations").mkdir()
    (tmp_path / "engagement.yaml").write_text("client: A\ndate: 2026-07-01\n")
    (tmp_path / "systems.csv").write_text("id,name\na,A\nb,B\n")
    (tmp_path / "integrations.csv").write_text("id,source,target,name,volume\npay,a,b,Payments,1000\n")

    def made(**files):
        for name, text in files.items():
            (tmp_path / "operations" / f"{name}.csv").write_text(text)
        return chapters.operations(opened(tmp_path))

    return made


def runs(days, failed=(), records=200):
    lines = ["integration,run_id,started,finished,status,records"]
    for number in range(days):
        start = dt.date(2026, 1, 1) + dt.timedelta(days=number)
        status = "failed" if number in failed else "success"
        lines.append(f"pay,{number},{start}T06:00:00Z,{start}T06:01:00Z,{status},{records}")
    return "\n".join(lines)


def table(chapter, id):
    return next(t for t in chapter.tables if t.id == id).table


def test_the_sample_says_what_was_planted(sample):
    chapter = chapters.operations(sample("lead_to_cash"))
    days = next(f for f in chapter.figures if f.id == "days")
    assert f"Returns to ERP” has moved nothing since {day(dt.date(2026, 8, 20))}" in days.caption
    assert f"Prices to shop” moves 1.9 times as much since {day(dt.date(2026, 8, 24))}" in days.caption
    assert "Dunning" not in days.caption
    ids = {finding.id for finding in chapter.findings}
    assert {f"operations/{id}/stated-volume" for id in (
        "order-shop-warehouse", "stock-warehouse-shop", "tracking-carrier-shop", "ticket-support-crm"
    )} <= ids  # fmt: skip
    assert table(chapter, "files").malformed.sum() == 15
    stated = table(chapter, "stated")
    off = stated[(stated.integration == "Stock to shop") & (stated.what == "messages a month")].iloc[0]
    assert off.stated == 50_000
    assert off.measured == pytest.approx(905_000, rel=0.02)
    assert off.used == "measured"


def test_without_logs_and_incidents_it_is_not_assessed(client):
    chapter = client()
    assert chapter.state == "not_assessed"
    assert len(chapter.missing) == 2
    assert not chapter.facts


def test_logs_without_incidents_are_an_answer(client):
    chapter = client(runs=runs(60, failed=(3, 4, 5)))
    assert chapter.state == "assessed"
    facts = {fact.id: fact.value for fact in chapter.facts}
    assert facts["operations.success_rate"] == pytest.approx(57 / 60)
    assert "operations.time_to_detect" not in facts
    assert facts["operations.contradicted"] == 1
    assert [figure.id for figure in chapter.figures] == ["stated-measured", "success", "days"]
    unusual = table(chapter, "unusual")
    assert unusual[["first", "last", "observed", "expected"]].to_numpy().tolist() == [
        ["2026-01-04", "2026-01-06", 0, 600]
    ]
    row = table(chapter, "integrations").iloc[0]
    assert row.runs == 60
    assert row.volume == pytest.approx(57 * 200 / 60 * 30.4375)


def test_incidents_without_logs_are_an_answer(client):
    chapter = client(
        incidents="id,integration,started,detected,resolved\n"
        "1,pay,2026-01-01T00:00Z,2026-01-01T02:00Z,2026-01-01T08:00Z\n"
        "2,pay,2026-01-02T00:00Z,2026-01-02T04:00Z,2026-01-03T04:00Z\n"
        "3,pay,2026-01-03T00:00Z,2026-01-03T09:00Z,\n"
    )
    assert chapter.state == "assessed"
    facts = {fact.id: fact.value for fact in chapter.facts}
    assert facts["operations.time_to_detect"] == 4
    assert (
        facts["operations.time_to_resolve"] == 24
    )  # 6 h, 24 h, and one that is open until the date of the engagement: a third lasts longer than 24 h
    shown = table(chapter, "incidents")
    assert set(shown.incident) == {"1", "2", "3"}
    assert shown.set_index("incident").loc["2", "lasted"] == 28


def test_files_that_can_not_be_read_are_findings_not_an_assessment(client):
    chapter = client(runs="when,what\n1,2\n")
    assert chapter.state == "not_assessed"
    assert [finding.id for finding in chapter.findings] == ["operations/operations/runs.csv/unreadable"]


def test_runs_that_never_ended_give_no_rate(client):
    chapter = client(runs=runs(3).replace("success", "running"))
    assert chapter.state == "assessed"
    assert "No run in the logs has ended" in chapter.verdict
    apart = table(chapter, "apart").set_index("what")["count"]
    assert apart["Runs that never ended"] == 3
