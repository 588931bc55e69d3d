"""What a law or a contract asks for is done whether it pays or not, in the cheapest way that fits, and says who asks for it."""

from __future__ import annotations

import pytest

from assess.core.estimate import Estimate
from assess.decisions.assessment import Assessment
from assess.decisions.decision.integrations import BESIDE
from assess.decisions.roadmap import plan
from assess.intake.engagement.landscape import Yearly
from assess.report.chapters import executive_summary, roadmap

from .test_published_guidance import decided, engagement, row, skilled

LAW = "Directive 2014/55/EU"


def gain(amount, *ids):
    return Yearly(id="-".join(ids), label="hours", per_year=Estimate.point(amount), integrations=ids)


def asked(number, **more):
    return row(number, "s0", "s1", **{"style_today": "none", "required": True, "required_by": LAW, **more})


def test_what_is_required_is_decided_and_proposed_though_it_loses():
    """Without the statement the same is left, or done only if required; with it nothing is left to ask."""
    found = decided(engagement([asked(1)]))
    item = found.integration("i1")
    assert (item.choice, item.timing, item.obligation) == ("build", "now", LAW)
    assert item.reasons[0] == f"must be done (stated: {LAW})"
    assert found.gain.mean < 0 and not found.loses and not found.forced
    assert found.recommended.label == "Proposed"
    assert found.obliged == ("i1",) and not item.required  # stated, not taken for granted
    assert found.notes[0].startswith("1 of 1 integrations is required, as stated")
    assert (
        decided(engagement([asked(1, required_by="")])).integration("i1").reasons[0]
        == "must be done, as stated"
    )
    for required in (None, False):
        silent = decided(engagement([asked(1, required=required, required_by="")]))
        assert (silent.forced, silent.obliged, silent.loses) == (("i1",), (), True)


def test_a_benefit_that_is_too_small_does_not_leave_it_undone():
    small = gain(200.0, "i1")
    left = decided(engagement([asked(1, required=None, required_by="")]), benefits=[small])
    done = decided(engagement([asked(1)]), benefits=[small])
    assert (left.integration("i1").timing, done.integration("i1").timing) == ("not", "now")
    assert done.gain.mean < 0


def test_it_is_done_in_the_way_that_the_rule_takes_for_all():
    """To require it says nothing of how: the style, the plan and the cost are those of what must be done anyway."""
    plain = decided(engagement([asked(n, required=None, required_by="") for n in range(4)]))
    found = decided(engagement([asked(n) for n in range(4)]))
    assert found.assignment == plain.assignment
    assert found.gain == plain.gain


def test_only_what_pays_keeps_what_is_required():
    rows = [asked(1), row(2, "s1", "s2", style_today="none"), row(3, "s2", "s3", style_today="none")]
    found = decided(engagement(rows), benefits=[gain(400_000.0, "i3")])
    assert found.option("what-pays").assignment.keys() == {"i1", "i3"}
    assert {item.integration: item.timing for item in found.integrations} == {
        "i1": "now", "i2": "if required", "i3": "now",
    }  # fmt: skip


@pytest.mark.parametrize(("today", "moved"), [("api-first", False), ("manual", True), ("none", True)])
def test_what_runs_meets_what_requires_it_and_what_is_typed_by_hand_does_not(today, moved):
    found = decided(engagement([asked(1, style_today=today)]), benefits=[gain(10.0, "i1")])
    item = found.integration("i1")
    assert (item.choice in ("build", "buy")) == moved
    assert bool(item.obligation) == moved


def test_what_is_required_is_not_retired():
    silent = asked(1, style_today="api-first", owner="")
    for required, choice in ((None, "retire"), (True, "keep")):
        made = engagement([silent.model_copy(update={"required": required, "required_by": ""})])
        assert decided(made, unused=("i1",)).integration("i1").choice == choice


def test_a_gain_that_only_the_others_make_says_so():
    """Two must leave a platform that is too slow for them: each gains beside the other, with the broker that both need they lose."""
    late = [row(n, "s0", f"s{n + 1}", style_today="ipaas", latency_seconds=1.0, interaction="notify-many", consumers=6,
                volume=Estimate.point(4e6)) for n in range(2)]  # fmt: skip
    made = engagement(
        [*late, row(3, "s0", "s1", style_today="ipaas", latency_seconds=4000.0)],
        skills=skilled(0.1, 0.9, 0.2),
    )
    for amount, timing in ((20_000.0, "if required"), (100_000.0, "now")):
        found = decided(made, benefits=[gain(amount, f"i{n}") for n in range(2)])
        for item in found.integrations[:2]:
            assert (item.timing, item.net.mean > 0) == (timing, True)
            assert (BESIDE in item.reasons) == (timing == "if required")
        assert (found.gain.mean > 0) == (timing == "now")


def test_where_nothing_is_decided_the_pilot_is_what_loses_least():
    """Of those that are less critical than the most critical; what is decided is the pilot whatever the others lose."""
    rows = [row(n, "s0", f"s{n}", style_today="none", criticality=level, build_days=Estimate.point(days))
            for n, level, days in ((1, "low", 3), (2, "medium", 30), (3, "high", 9), (4, "high", 5))]  # fmt: skip
    made, ways = engagement(rows), {f"i{n}": "api-first" for n in range(1, 5)}
    losses = {"i1": -90_000.0, "i2": -10_000.0, "i3": -1_000.0, "i4": -40_000.0}
    found = plan(made, ways, forced=losses)
    assert (found.pilot, found.first) == ("i2", "i3")
    order = [item.id for item in found.items if item.kind == "integration"]
    assert order[0] == "build:i2"
    assert plan(made, ways).pilot == "i1"
    some = {id: losses[id] for id in ("i3", "i4")}
    assert (plan(made, ways, forced=some).pilot, plan(made, ways, forced=some).first) == ("i1", "i2")
    alike = {f"i{n}": "api-first" for n in (3, 4)}
    assert (plan(made, alike, forced=losses).pilot, plan(made, alike, forced=losses).first) == (None, "i3")
    assert plan(made, alike).first == "i4"


def test_the_plan_says_what_is_in_it_only_if_required():
    """What nobody decided is no pilot, and what it alone needs is named so."""
    rows = [
        row(1, "s0", "s1", style_today="none", criticality="low"),
        row(2, "s1", "s2", style_today="none", criticality="medium"),
        row(3, "s2", "s3", style_today="none", criticality="critical"),
    ]
    made = engagement(rows)
    ways = {"i1": "ipaas", "i2": "api-first", "i3": "api-first"}
    found = plan(made, ways, forced={"i1": -5.0})
    assert (found.pilot, found.first) == ("i2", "i3")
    named = {item.id for item in found.items if item.label.endswith(" (if required)")}
    assert named == {"build:i1", "contract:i1", "foundation:ipaas"}
    assert plan(made, ways).pilot == "i1"


ENGAGEMENT = """client: T
currency: EUR
date: 2026-10-01
team: {people: 4, day_rate: 800, focus: 0.6}
"""
ROWS = """id,source,target,style_today,interaction,volume,latency_seconds,consumers,criticality,required,required_by
invoices,shop,state,none,request-reply,5000,60,1,high,yes,Directive 2014/55/EU
stock,shop,store,none,request-reply,5000,60,1,high,,
"""


def test_page_and_plan_say_what_is_required_and_what_nobody_has_said(tmp_path):
    (tmp_path / "engagement.yaml").write_text(ENGAGEMENT)
    (tmp_path / "systems.csv").write_text("id,interfaces\nshop,rest\nstate,rest\nstore,rest\n")
    (tmp_path / "integrations.csv").write_text(ROWS)
    assessment = Assessment.open(tmp_path, draws=60)
    (sheet,) = [table for table in executive_summary(assessment).tables if table.id == "decisions"]
    said = {row[0].value: (row[1].value, row[1].note) for row in sheet.rows}
    do, note = said["shop → state"]
    assert do in ("do", "pilot") and note.startswith(f"required: {LAW}")
    assert said["shop → store"][0] == "if required"
    assert (
        "In the plan is 1 integration that is taken as required; nobody said that it is."
        in roadmap(assessment).lead
    )
