"""The value stream of rows: published examples, branches, loops, the calendar, and what holds for any stream."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stream import DAY, WORKING, mapped, step

from assess.core.estimate import Estimate
from assess.evidence.value_stream.flow import (
    activity_ratio,
    takt,
)
from assess.evidence.value_stream.network import monthly, passes, visits
from assess.evidence.value_stream.rows import read_network
from assess.intake.problem import InvalidEngagement

# Published examples


def test_rother_shook_1999_acme_stamping():
    """Current state of Acme Stamping: 18,400 pieces in 20 days, 2 shifts of 27,600 s."""
    daily = 18_400 / 20
    assert daily == 920
    assert takt(2 * 27_600, daily) == 60
    pieces = (5 * 920, 7_000, 1_700, 2_450, 1_840, 4_140)
    days = [p / daily for p in pieces]
    assert [round(d, 1) for d in days] == [5.0, 7.6, 1.8, 2.7, 2.0, 4.5]
    cycles = (1, 39, 46, 62, 40)

    minutes_a_day = 2 * 27_600 / 60
    names = ("stamping", "weld 1", "weld 2", "assembly 1", "assembly 2", "shipping")
    steps = [
        step(name, cycle / 60, round(d, 1) * minutes_a_day, volume=Estimate.point(18_400))
        for name, cycle, d in zip(names, (*cycles, 0), days, strict=True)
    ]
    month = minutes_a_day * 20  # working minutes of the book's month
    hours = {"opens_at": 0, "hours_per_day": minutes_a_day / 60, "days_per_week": 7}
    stream = mapped(*steps, assume=WORKING | hours)
    assert stream.current.lead_time.likely / minutes_a_day == pytest.approx(23.6, abs=0.01)
    assert stream.current.process_time.likely * 60 == pytest.approx(188)
    assert stream.current.activity_ratio == pytest.approx(0.000144, abs=5e-7)  # 0.0144 % of working time
    assert stream.bottleneck == "assembly 1"
    loads = {s.step: s.load.likely for s in stream.steps}
    book = stream.takt * loads["assembly 1"] * 60 * month / (minutes_a_day * 7 / 7 * 365.25 / 12)
    assert book == pytest.approx(62 * month / (minutes_a_day * 365.25 / 12))
    assert loads["assembly 1"] * stream.takt * 60 == pytest.approx(62)


def test_office_stream_of_six_steps():
    """Process time 13.5 d, lead time 54 d, %C&A .8 .7 .9 .6 .75 .95: activity ratio 25 %, rolled 21.5 %."""
    process, wait = (2, 3, 1.5, 4, 2, 1), (5, 10, 8, 9.5, 6, 2)
    steps = [
        step(f"s{n}", p * DAY, w * DAY, c)
        for n, (p, w, c) in enumerate(zip(process, wait, (0.8, 0.7, 0.9, 0.6, 0.75, 0.95), strict=True))
    ]
    flow = mapped(*steps).current
    assert flow.process_time.likely / DAY == 13.5
    assert flow.lead_time.likely / DAY == 54
    assert flow.activity_ratio == 0.25
    assert flow.rolled == pytest.approx(0.215, abs=5e-4)


def dumas_blocks(kind):
    """The three blocks of Dumas et al. 2013, figures 7.2 to 7.5."""
    if kind == "xor":
        return [
            step("a", 10, follows=("b: 0.9", "c: 0.1")),
            step("b", 20, follows="d"),
            step("c", 10, follows="d"),
            step("d", 0),
        ]
    return [
        step("a", 10, follows=("b", "c")),
        step("b", 20, follows="d"),
        step("c", 10, follows="d"),
        step("d", 0),
    ]


def test_dumas_et_al_2013_flow_analysis_of_exclusive_and_parallel_blocks():
    """Cycle times 10 + .9 x 20 + .1 x 10 = 29, and 10 + max(20, 10) = 30."""
    assert mapped(*dumas_blocks("xor")).current.lead_time.likely == pytest.approx(29)
    stream = mapped(*dumas_blocks("and"))
    assert stream.current.lead_time.likely == pytest.approx(30)
    assert stream.critical_path == ("a", "b", "d")


def credit(unit, completeness, history, income, assess, offer, reject):
    return [
        step(
            "completeness",
            completeness * unit,
            accurate=0.8,
            follows=("history", "income"),
            rework_to="completeness",
        ),
        step("history", history * unit, follows="assess"),
        step("income", income * unit, follows="assess"),
        step("assess", assess * unit, decision=True, follows=("offer: 0.6", "reject: 0.4")),
        step("offer", offer * unit),
        step("reject", reject * unit),
    ]


def test_dumas_et_al_2013_credit_application():
    """Cycle time 8.65 days, theoretical cycle time 8.9 hours, cycle time efficiency 12.9 %."""
    cycle = mapped(*credit(DAY, 1, 1, 3, 3, 1, 2)).current.lead_time_with_rework.likely / DAY
    theoretical = mapped(*credit(60, 2, 0.5, 3, 2, 2, 0.5)).current.lead_time_with_rework.likely / 60
    assert cycle == pytest.approx(8.65)
    assert theoretical == pytest.approx(8.9)
    assert activity_ratio(theoretical, cycle * 8) == pytest.approx(0.129, abs=5e-4)


def test_grinstead_snell_1997_example_11_14_expected_visits_of_the_drunkards_walk():
    """From the middle corner of three: visits 1, 2, 1, and 4 steps until home or bar."""
    steps = [
        step("2", 1, follows=("1: 0.5", "3: 0.5"), decision=True),
        step("1", 1, follows=("2: 0.5", "home: 0.5"), decision=True),
        step("3", 1, follows=("2: 0.5", "bar: 0.5"), decision=True),
        step("home", 0),
        step("bar", 0),
    ]
    net = read_network(steps)
    assert {s: visits(net)[s] for s in "123"} == pytest.approx({"1": 1, "2": 2, "3": 1})
    assert mapped(*steps).current.lead_time_with_rework.likely == pytest.approx(4)


# Branches, parallel paths, loops


def parallel(f_a=1.0, f_b=1.0, rework=("a", "b")):
    return [
        step("s", 1, follows=("a", "b")),
        step("a", 5, accurate=f_a, follows="j", rework_to=rework[0]),
        step("b", 3, accurate=f_b, follows="j", rework_to=rework[1]),
        step("j", 1, volume=Estimate.point(100)),
    ]


def test_parallel_work_is_counted_once_at_the_join_and_the_longest_path_counts():
    stream = mapped(*parallel())
    assert {s.step: s.visits for s in stream.steps} == {"s": 1, "a": 1, "b": 1, "j": 1}
    assert stream.current.lead_time.likely == 7
    assert stream.current.process_time.likely == 7  # not 10: parallel work is not summed
    assert stream.current.activity_ratio == 1
    assert stream.critical_path == ("s", "a", "j")


def test_only_the_path_that_failed_is_repeated():
    """Half of a's work and a fifth of b's goes back to the split: a twice, b 1.25 times, the split 2.25 times."""
    net = read_network(parallel(0.5, 0.8, rework=("s", "s")))
    assert visits(net) == pytest.approx({"s": 1 + 1 + 0.25, "a": 2, "b": 1.25, "j": 1})


def test_rework_within_a_path_leaves_the_other_alone():
    assert visits(read_network(parallel(0.5, 1))) == pytest.approx({"s": 1, "a": 2, "b": 1, "j": 1})


def test_work_returned_from_behind_the_join_repeats_one_path():
    steps = [*parallel()[:3], step("j", 1, accurate=0.5, rework_to="b")]
    assert visits(read_network(steps)) == pytest.approx({"s": 1, "a": 1, "b": 2, "j": 2})


def test_nested_parallel_paths():
    steps = [
        step("s", 1, follows=("a", "t")),
        step("a", 9, follows="j"),
        step("t", 1, follows=("u", "v")),
        step("u", 4, follows="j"),
        step("v", 2, follows="j"),
        step("j", 1),
    ]
    stream = mapped(*steps)
    assert {s.visits for s in stream.steps} == {1}
    assert stream.current.lead_time.likely == 1 + max(9, 1 + 4) + 1


def test_parallel_paths_in_both_branches_of_a_decision():
    steps = [
        step("d", 1, follows=("p: 0.25", "q: 0.75")),
        step("p", 0, follows=("a", "b")),
        step("q", 0, follows=("e", "f")),
        *(step(name, minutes, follows="j") for name, minutes in (("a", 8), ("b", 4), ("e", 2), ("f", 4))),
        step("j", 1),
    ]
    stream = mapped(*steps)
    visits = {s.step: s.visits for s in stream.steps}
    assert visits == pytest.approx(
        {"d": 1, "p": 0.25, "q": 0.75, "a": 0.25, "b": 0.25, "e": 0.75, "f": 0.75, "j": 1}
    )
    assert stream.current.lead_time.likely == 1 + 0.25 * 8 + 0.75 * 4 + 1


def test_streams_that_start_twice_meet_again():
    steps = [step("order", 5, follows="ship"), step("stock", 8, follows="ship"), step("ship", 2)]
    stream = mapped(*steps)
    assert stream.current.lead_time.likely == 10
    assert {s.visits for s in stream.steps} == {1}


def test_a_first_step_that_a_loop_returns_to_is_still_a_start_beside_another():
    steps = [
        step("quote", 2, follows="check"),
        step("check", 1, follows=("quote: 0.5", "ship: 0.5"), decision=True),
        step("stock", 9, follows="ship"),
        step("ship", 1),
    ]
    stream = mapped(*steps)
    assert {s.step: s.visits for s in stream.steps} == pytest.approx(
        {"quote": 2, "check": 2, "stock": 1, "ship": 1}
    )
    assert stream.current.lead_time.likely == 10


def test_a_correction_step_that_only_leads_back():
    """Three in ten go to the correction and are checked again: 1 / .7 checks, .3 / .7 corrections."""
    steps = [
        step("check", 7, follows=("fix: 0.3", "send: 0.7"), decision=True),
        step("fix", 14, follows="check"),
        step("send", 1),
    ]
    stream = mapped(*steps)
    assert {s.step: s.visits for s in stream.steps} == pytest.approx(
        {"check": 1 / 0.7, "fix": 0.3 / 0.7, "send": 1}
    )
    assert stream.current.lead_time_with_rework.likely == pytest.approx(7 / 0.7 + 14 * 0.3 / 0.7 + 1)


def test_a_decision_that_leads_back():
    """A quarter returns: 1 / .75 visits of both steps."""
    steps = [
        step("write", 6, follows="check"),
        step("check", 3, follows=("write: 0.25", "send: 0.75")),
        step("send", 1),
    ]
    stream = mapped(*steps)
    assert stream.current.lead_time.likely == 10
    assert stream.current.lead_time_with_rework.likely == pytest.approx(9 / 0.75 + 1)
    assert [s.decision for s in stream.steps] == [False, True, False]


def test_shares_that_are_not_given_get_the_rest():
    net = read_network(
        [step("d", follows=("a: 60 %", "b", "c"), decision=True), step("a"), step("b"), step("c")]
    )
    assert net.follows["d"] == pytest.approx({"a": 0.6, "b": 0.2, "c": 0.2})


def test_rows_without_next_follow_one_another():
    assert mapped(step("a", 1), step("b", 2)).current.lead_time.likely == 3


def test_expected_visits_agree_with_a_simulation():
    """Decisions, rework to an earlier step and parallel paths, 20,000 cases walked through by chance."""
    steps = [
        step("in", follows="split", accurate=0.9, rework_to="in"),
        step("split", follows=("left", "right")),
        step("left", follows="out", accurate=0.7, rework_to="split"),
        step("right", follows=("fix: 0.3", "out: 0.7"), decision=True),
        step("fix", follows="right"),
        step("out", accurate=0.8, rework_to="right"),
    ]
    rng = np.random.default_rng(5)
    counts = dict.fromkeys((s.step for s in steps), 0)

    def right():
        counts["right"] += 1
        while rng.random() < 0.3:
            counts["fix"] += 1
            counts["right"] += 1

    for _ in range(20_000):
        counts["in"] += 1 + rng.geometric(0.9) - 1
        passes = rng.geometric(0.7)
        counts["split"] += passes
        counts["left"] += passes
        right()
        counts["out"] += 1
        while rng.random() < 0.2:
            right()
            counts["out"] += 1
    simulated = {name: n / 20_000 for name, n in counts.items()}
    assert visits(read_network(steps)) == pytest.approx(simulated, rel=0.02)


def test_monthly_visits_follow_the_stated_volumes():
    """600 more cases enter at b, of which only 100 need c; a tenth of c goes back to b."""
    steps = [
        step("a", 1, volume=Estimate.point(400), follows="b"),
        step("b", 1, volume=Estimate.point(1000), follows="c"),
        step("c", 1, volume=Estimate.point(100), accurate=0.9, rework_to="c"),
    ]
    net = read_network(steps)
    stated = {"a": 400, "b": 1000, "c": 100}
    assert passes(net, stated) == stated
    assert monthly(net, stated) == pytest.approx({"a": 400, "b": 1000, "c": 100 / 0.9})
    assert passes(net, {"b": 50}) == pytest.approx({"a": 50, "b": 50, "c": 50})


# Calendar


def test_waits_run_by_the_clock_and_work_by_the_calendar():
    """Monday 9:00, 24 h of waiting, then 2 h of work: Tuesday 11:00, 26 hours later."""
    stream = mapped(step("a", 120, 1440), assume={}, date=dt.date(2026, 5, 11), time_zone="Europe/Berlin")
    assert stream.current.elapsed_days == pytest.approx(26 / 24)
    assert stream.current.lead_time.likely == pytest.approx(120 + 1440 * 40 / 168)


def test_a_case_before_easter_takes_longer():
    row = step("a", 10 * 60)
    thursday = {"date": dt.date(2026, 4, 2), "time_zone": "Europe/Berlin"}
    plain = mapped(row, **thursday).current
    easter = mapped(row, **thursday, holidays=("2026-04-03", "2026-04-06")).current
    assert plain.elapsed_days == pytest.approx(26 / 24)
    assert easter.elapsed_days == pytest.approx(26 / 24 + 4)
    assert plain.lead_time == easter.lead_time


def test_a_clock_change_on_the_way():
    """Friday 9:00 to Monday 9:30 is 72.5 hours less the hour that the night of 29 March loses."""
    stream = mapped(step("a", 8.5 * 60), date=dt.date(2026, 3, 27), time_zone="Europe/Berlin")
    assert stream.current.elapsed_days == pytest.approx(71.5 / 24)


def test_a_case_goes_on_when_the_last_parallel_path_arrives():
    """Monday 9:00. One path: 8 h of work, to Monday 17:00. The other waits 20 h by the clock and works an hour: Tuesday 10:00.

    In working minutes the first path is the longer one; on the calendar the second arrives later.
    """
    rows = (
        step("a", 0, follows=("work", "wait")),
        step("work", 8 * 60, follows="z"),
        step("wait", 60, 20 * 60, follows="z"),
        step("z", 60),
    )
    stream = mapped(*rows, assume={}, date=dt.date(2026, 5, 11), time_zone="Europe/Berlin")
    assert stream.critical_path == ("a", "work", "z")
    assert stream.current.elapsed_days == pytest.approx(26 / 24)


def test_days_of_the_long_run_are_working_minutes_over_the_working_share():
    """40 of 168 hours are worked: 2,400 working minutes pass in a week."""
    assert mapped(step("a", 2400)).current.days == pytest.approx(7)


# Properties

shares = st.floats(0.3, 1)
times = st.floats(0, 1000)


@given(
    process=st.lists(times, min_size=6, max_size=6),
    wait=st.lists(times, min_size=6, max_size=6),
    accurate=st.lists(shares, min_size=6, max_size=6),
    back=shares,
)
@settings(max_examples=60, deadline=None)
def test_value_added_never_exceeds_lead_time_and_better_accuracy_never_costs(process, wait, accurate, back):
    def rows(accurate):
        return [
            step("a", process[0], wait[0], accurate[0], ("b", "c"), rework_to="a"),
            step("b", process[1], wait[1], accurate[1], "d", rework_to="a"),
            step(
                "c",
                process[2],
                wait[2],
                accurate[2],
                (f"b2: {1 - back / 2}", f"d: {back / 2}"),
                decision=True,
            ),
            step("b2", process[3], wait[3], accurate[3], "d"),
            step("d", process[4], wait[4], accurate[4], "e", rework_to="a", volume=Estimate.point(10)),
            step("e", process[5], wait[5], accurate[5]),
        ]

    now = mapped(*rows(accurate))
    flow = now.current
    assert flow.process_time.likely <= flow.lead_time.likely * (1 + 1e-9)
    assert flow.lead_time.likely <= flow.lead_time_with_rework.likely * (1 + 1e-9)
    assert flow.activity_ratio is None or 0 <= flow.activity_ratio <= 1 + 1e-9
    assert 0 <= flow.rolled <= 1
    assert all(s.visits >= s.reached - 1e-9 for s in now.steps)
    better = mapped(*rows([min(1.0, c + 0.1) for c in accurate])).current
    assert better.lead_time_with_rework.likely <= flow.lead_time_with_rework.likely * (1 + 1e-9)
    assert better.manual_hours.likely <= flow.manual_hours.likely * (1 + 1e-9)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_any_stream_has_finite_visits_not_below_the_cases_that_pass(data):
    """Random branches, parallel paths, returns and volumes; only a loop without end may be refused."""
    size = data.draw(st.integers(2, 7))
    rows = []
    for n in range(size):
        ahead = data.draw(st.lists(st.integers(n + 1, size), max_size=3, unique=True)) if n < size - 1 else []
        names = [str(to) for to in ahead if to < size]
        decision = data.draw(st.booleans())
        if decision and names and data.draw(st.booleans()):
            names.append(str(data.draw(st.integers(0, n))))
        volume = data.draw(st.none() | st.floats(0, 1e6).map(Estimate.point))
        back = str(data.draw(st.integers(0, n)))
        rows.append(step(str(n), 5, 5, data.draw(st.none() | shares), tuple(dict.fromkeys(names)), decision=decision,
                         rework_to=back, volume=volume))  # fmt: skip
    rows = [r.model_copy(update={"rework_to": ""}) for r in rows] if data.draw(st.booleans()) else rows
    try:
        stream = mapped(*rows)
    except InvalidEngagement as invalid:
        assert all(
            "lies ahead" in p.message or "never leads" in p.message or "closes" in p.message
            for p in invalid.problems
        )
        return
    for s in stream.steps:
        assert np.isfinite(s.visits)
        assert s.visits >= s.reached
        assert s.load is None or s.load.low >= 0
    flow = stream.current
    assert flow.process_time.likely <= flow.lead_time.likely * (1 + 1e-9) + 1e-9
    assert flow.lead_time.likely <= flow.lead_time_with_rework.likely * (1 + 1e-9)
    assert "NaN" not in stream.to_json()


def test_streams_of_one_and_of_600_steps():
    assert mapped(step("a", 3)).current.lead_time.likely == 3
    rows = [step("0", 1, follows=("left", "1")), step("left", 5, follows="599")]
    rows += [step(str(n), 1, accurate=0.5, follows=str(n + 1), rework_to=str(n)) for n in range(1, 599)]
    flow = mapped(*rows, step("599", 1)).current
    assert flow.lead_time.likely == 600
    assert flow.lead_time_with_rework.likely == pytest.approx(2 + 598 * 2)
