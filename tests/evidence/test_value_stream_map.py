"""The value stream of rows: published examples, branches and loops, waste, benefits, and clear problems."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.evidence import value_stream
from assess.evidence.value_stream.flow import (
    activity_ratio,
    product,
    takt,
)
from assess.evidence.value_stream.network import monthly, passes, visits
from assess.evidence.value_stream.rows import network
from assess.intake.assumptions import Assumption, Assumptions, defaults
from assess.intake.engagement import Engagement, ProcessStep
from assess.intake.engagement.landscape import Integration
from assess.intake.problem import InvalidEngagement

WORKING = {"wait_elapsed": 0}


def assumptions(**values):
    """Assumptions with own value_stream.* values: one number, or low, likely and high."""
    overrides = {}
    for name, value in values.items():
        key = f"value_stream.{name}"
        low, likely, high = value if isinstance(value, tuple) else (value, value, value)
        overrides[key] = Assumption(
            key=key, label=defaults()[key].label, low=low, likely=likely, high=high,
            unit=defaults()[key].unit, source="test", date=dt.date(2026, 1, 1), overridden=True,
        )  # fmt: skip
    return Assumptions(overrides=overrides)


def step(name, process=None, wait=None, accurate=None, follows=(), **fields):
    return ProcessStep(
        step=name,
        process_minutes=None if process is None else Estimate.point(process, "minutes"),
        wait_minutes=None if wait is None else Estimate.point(wait, "minutes"),
        complete_accurate=accurate,
        next=(follows,) if isinstance(follows, str) else tuple(follows),
        **fields,
    )


def engagement(*steps, integrations=(), assume=None, **fields):
    rows = tuple(
        s.model_copy(update={"origin": Source(kind="input", place="value_stream.csv", row=n + 2)})
        for n, s in enumerate(steps)
    )
    return Engagement(
        folder=Path(), client="Example", value_stream=rows, integrations=integrations,
        assumptions=assumptions(**(WORKING if assume is None else assume)), **fields,
    )  # fmt: skip


def mapped(*steps, **fields):
    return value_stream.map_value_stream(engagement(*steps, **fields))


# Published examples

DAY = 8 * 60


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
    net = network(steps)
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
    net = network(parallel(0.5, 0.8, rework=("s", "s")))
    assert visits(net) == pytest.approx({"s": 1 + 1 + 0.25, "a": 2, "b": 1.25, "j": 1})


def test_rework_within_a_path_leaves_the_other_alone():
    assert visits(network(parallel(0.5, 1))) == pytest.approx({"s": 1, "a": 2, "b": 1, "j": 1})


def test_work_returned_from_behind_the_join_repeats_one_path():
    steps = [*parallel()[:3], step("j", 1, accurate=0.5, rework_to="b")]
    assert visits(network(steps)) == pytest.approx({"s": 1, "a": 1, "b": 2, "j": 2})


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
    net = network([step("d", follows=("a: 60 %", "b", "c"), decision=True), step("a"), step("b"), step("c")])
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
    assert visits(network(steps)) == pytest.approx(simulated, rel=0.02)


def test_monthly_visits_follow_the_stated_volumes():
    """600 more cases enter at b, of which only 100 need c; a tenth of c goes back to b."""
    steps = [
        step("a", 1, volume=Estimate.point(400), follows="b"),
        step("b", 1, volume=Estimate.point(1000), follows="c"),
        step("c", 1, volume=Estimate.point(100), accurate=0.9, rework_to="c"),
    ]
    net = network(steps)
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


# Waste, re-entry, benefits


def test_a_remedy_saves_the_repeated_work_of_a_step():
    """Half of the cases come back: 2 visits; at 90 % it is 1.111. 100 cases of 60 min a month, 30 EUR an hour."""
    price = {**WORKING, "hour_cost": 30}
    row = step("a", 60, accurate=0.5, volume=Estimate.point(100, "cases/month"))
    (remedy,) = mapped(row, assume=price).remedies
    assert remedy.per_year.likely == pytest.approx(100 * (2 - 1 / 0.9) * 12 * 30)
    assert not mapped(row.model_copy(update={"complete_accurate": 0.9}), assume=price).remedies
    assert not mapped(row.model_copy(update={"volume": None}), assume=price).remedies


def test_a_remedy_does_not_count_again_what_an_integration_saves():
    """The re-entry is carried by an integration, whose data is accurate: nothing is left to repair."""
    row = step(
        "a", 60, accurate=0.5, volume=Estimate.point(100, "cases/month"), reentry=True, integration="i"
    )
    stream = mapped(row, integrations=(Integration(id="i", source="x", target="y"),))
    assert stream.benefits and not stream.remedies


CONNECTED = (Integration(id="x", source="a", target="b", latency_seconds=600),)
BENEFIT = {
    "wait_elapsed": 0,
    "hour_cost": 40,
    "reentry_removed": 0.9,
    "interface_accuracy": 0.98,
    "handover_wait_removed": 0.5,
}


def typed(**fields):
    return [
        step("order", 30, 60, follows="bill", role="sales", system="crm"),
        step("bill", 12, 1440, 0.8, reentry=True, role="finance", system="billing", integration="x",
             volume=Estimate.point(1000), rework_to="bill", **fields),
    ]  # fmt: skip


def test_re_entry_is_priced_and_its_removal_is_a_benefit():
    """By hand: 1,000 cases x 1.25 visits x 12 min x 12 months = 3,000 h; x 40 = 120,000."""
    stream = mapped(*typed(), integrations=CONNECTED, assume=BENEFIT)
    (reentry,) = stream.reentries
    assert reentry.hours_per_year.likely == pytest.approx(3_000)
    assert reentry.per_year.likely == pytest.approx(120_000)
    worth = {b.id: b.per_year.likely for b in stream.benefits}
    assert worth["benefit/bill/reentry"] == pytest.approx(0.9 * 120_000)
    again = 1000 * (1 / 0.8 - 1 / 0.98) * 12 * 0.1 * 12 / 60 * 40  # visits avoided x the tenth that is left
    assert worth["benefit/x/errors"] == pytest.approx(again)
    assert set(worth) == {"benefit/bill/reentry", "benefit/x/errors"}
    assert all(b.integrations == ("x",) and b.per_year.unit == "EUR/year" for b in stream.benefits)
    assert stream.future[-1].benefit.likely == pytest.approx(sum(worth.values()))


def test_products_of_estimates_keep_the_mean_of_independent_factors():
    """Root-sum-square of the logarithms, by hand 4 x 2 ** sqrt(2); and the PERT mean is near that of a simulation."""
    twice = Estimate(low=1, likely=2, high=4)
    both = product([twice, twice], "x")
    assert (both.low, both.likely, both.high) == pytest.approx((4 / 2**2**0.5, 4, 4 * 2**2**0.5))
    assert product([twice, Estimate.point(0)], "").high == 0
    assert product([twice, Estimate(low=0, likely=1, high=1)], "").low == 0
    factors = [Estimate(low=10.6, likely=33.5, high=55.2), Estimate(low=1000, likely=1300, high=1800),
               Estimate(low=2, likely=4, high=8), Estimate(low=0.7, likely=0.9, high=1)]  # fmt: skip
    exact = float(np.prod([f.mean for f in factors]))  # of independent factors the mean of the product
    assert product(factors, "").mean == pytest.approx(exact, rel=0.06)


def test_benefits_equal_the_work_that_disappears():
    """The two ways of counting agree: hours of manual work before less after, times the price."""
    stream = mapped(*typed(), integrations=CONNECTED, assume=BENEFIT)
    gone = stream.current.manual_hours.likely - stream.future[-1].manual_hours.likely
    assert gone * 40 == pytest.approx(stream.future[-1].benefit.likely)


def test_the_future_state_waits_for_the_interface_only():
    stream = mapped(*typed(), integrations=CONNECTED, assume=BENEFIT)
    assert stream.future[0].integrations == ("x",)
    assert stream.future[0].lead_time.likely == pytest.approx(30 + 60 + 12 * 0.1 + 10)
    assert stream.future[0].rolled == pytest.approx(0.98)


def test_a_hand_over_loses_part_of_its_wait_and_none_of_its_work():
    rows = [step("a", 5), step("b", 10, 100, integration="x", volume=Estimate.point(10))]
    stream = mapped(*rows, integrations=CONNECTED, assume=BENEFIT)
    assert stream.future[0].lead_time.likely == pytest.approx(5 + 10 + 50)
    assert stream.benefits == ()


def test_an_interface_never_makes_a_wait_longer_or_accuracy_worse():
    rows = [step("a", 5, 1, 0.999, reentry=True, integration="x", volume=Estimate.point(10))]
    stream = mapped(*rows, integrations=CONNECTED, assume=BENEFIT)
    assert stream.future[0].rolled == pytest.approx(0.999)
    assert stream.future[0].lead_time.likely == pytest.approx(1 + 0.5)


def test_days_are_worth_nothing_until_the_client_says_what():
    """Each case is 1,787.5 - 253 ... working minutes earlier; a day is 480 of them on a working calendar."""
    silent = mapped(*typed(), integrations=CONNECTED, assume=BENEFIT)
    assert any("delay_value" in m.supply for m in silent.missing)
    priced = mapped(*typed(), integrations=CONNECTED, assume=BENEFIT | {"delay_value": 7})
    assert not any("delay_value" in m.supply for m in priced.missing)
    saved = priced.current.lead_time_with_rework.likely - priced.future[0].lead_time_with_rework.likely
    days = saved / (40 / 168 * 1440)
    worth = {b.id: b.per_year.likely for b in priced.benefits}
    assert worth["benefit/x/delay"] == pytest.approx(days * 1000 * 12 * 7)


def test_money_is_converted_unless_the_client_gave_the_price():
    default = {k: v for k, v in BENEFIT.items() if k != "hour_cost"}
    euro = mapped(*typed(), integrations=CONNECTED, assume=default).reentries[0].per_year
    dollar = mapped(
        *typed(), integrations=CONNECTED, assume=default, currency="USD", exchange_rates={"EUR": 2.0}
    ).reentries[0].per_year  # fmt: skip
    assert dollar.likely == pytest.approx(2 * euro.likely)
    assert euro.likely == pytest.approx(3000 * 33.5)
    own = mapped(*typed(), integrations=CONNECTED, assume=BENEFIT, currency="USD").reentries[0].per_year
    assert own.likely == pytest.approx(120_000)
    assert (own.unit, dollar.unit) == ("USD/year", "USD/year")


def test_a_currency_without_rate_leaves_hours_without_a_price():
    stream = mapped(*typed(), integrations=CONNECTED, assume=WORKING, currency="XTS")
    assert stream.reentries[0].hours_per_year is not None
    assert stream.reentries[0].per_year is None
    assert stream.benefits == ()


def test_wastes_by_kind():
    stream = mapped(*typed(), integrations=CONNECTED, assume=BENEFIT)
    wastes = {w.kind: w for w in stream.wastes}
    assert wastes["waiting"].minutes_per_case.likely == 1500
    assert wastes["defects"].minutes_per_case.likely == pytest.approx(12 * 0.25)
    assert wastes["defects"].per_year.likely == pytest.approx(1000 * 0.25 * 12 * 12 / 60 * 40)
    assert wastes["overprocessing"].minutes_per_case.likely == pytest.approx(15)
    assert wastes["transport"].count == 1
    (handoff,) = stream.handoffs
    assert (handoff.roles, handoff.systems) == (("sales", "finance"), ("crm", "billing"))


def test_integrations_are_applied_one_after_the_other_and_nothing_counts_twice():
    rows = [
        step("a", 10, 100, 0.9, reentry=True, integration="x", volume=Estimate.point(100), rework_to="a"),
        step("b", 20, 200, 0.8, reentry=True, integration="y", rework_to="a"),
    ]
    both = (*CONNECTED, Integration(id="y", source="a", target="b"))
    totals = []
    for order in (("x", "y"), ("y", "x")):
        stream = value_stream.map_value_stream(
            engagement(*rows, integrations=both, assume=BENEFIT), chosen=order
        )
        assert [f.integrations for f in stream.future] == [order[:1], order]
        gone = stream.current.manual_hours.likely - stream.future[-1].manual_hours.likely
        totals.append(stream.future[-1].benefit.likely)
        assert totals[-1] == pytest.approx(gone * 40)
    assert totals[0] == pytest.approx(totals[1])
    one = value_stream.map_value_stream(engagement(*rows, integrations=both, assume=BENEFIT), chosen=("y",))
    assert len(one.future) == 1
    with pytest.raises(ValueError, match="no step of the value stream names z; named are x, y"):
        value_stream.map_value_stream(engagement(*rows, integrations=both), chosen=("z",))


def test_what_nobody_said_is_missing_and_never_zero():
    stream = mapped(step("a"), step("b", 5))
    assert stream.current.rolled is None
    assert stream.current.manual_hours is None
    assert stream.bottleneck is stream.takt is None
    assert stream.table["process_minutes"].isna().tolist() == [True, False]
    supplied = " ".join(m.supply for m in stream.missing)
    for text in ("process_minutes of a", "wait_minutes of a, b", "complete_accurate of a, b", "volume of a"):
        assert text in supplied
    assert (
        value_stream.map_value_stream(engagement()).missing[0].supply.startswith("the steps of the process")
    )
    assert value_stream.map_value_stream(engagement()).current is None


def test_findings_name_the_re_entry_the_rework_and_the_wait():
    stream = mapped(*typed(data="invoice address"), integrations=CONNECTED, assume=BENEFIT)
    found = {f.id: f for f in stream.findings}
    entry = found["value_stream/bill/reentry"]
    assert entry.title == "bill: data is typed in again, 3,000 hours a year or 120\xa0k€"
    assert entry.severity == "high"
    assert entry.integrations == ("x",)
    assert entry.sources[0].id == "in:value_stream.csv:3:reentry"
    assert found["value_stream/bill/accuracy"].title == "bill: only 80% of its work is complete and accurate"
    assert found["value_stream/bill/wait"].title.startswith("bill: cases wait 24 h before it")
    assert "value_stream/order/bottleneck" in found


def test_facts_have_sources_and_the_record_survives_json():
    stream = mapped(*typed(), integrations=CONNECTED, assume=BENEFIT)
    assert all(f.sources for f in stream.facts)
    assert len({f.id for f in stream.facts}) == len(stream.facts)
    lead = next(f for f in stream.facts if f.id == "value_stream.today.lead_time")
    assert "as:value_stream.hours_per_day" in lead.sources[0].of
    assert lead.sources[0].id == "ca:value_stream/today/lead_time"
    assert stream.future[0].lead_time.source.id == "ca:value_stream/x/lead_time"
    assert value_stream.ValueStream.from_json(stream.to_json()) == stream
    assert stream.to_json() == mapped(*typed(), integrations=CONNECTED, assume=BENEFIT).to_json()
    assert "NaN" not in stream.to_json()


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


# Bad input: every problem at once, each with its place


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([step("a", follows="bb"), step("b")], 'value_stream.csv, row 2, column next: "bb" is no step, did you mean "b"?'),
        ([step("a", rework_to="z"), step("b")], 'row 2, column rework_to: "z" is no step'),
        ([step("a", follows="b"), step("b", follows="a"), step("c")], "closes the loop a → b → a, which no decision leaves"),
        ([step("a", follows="a"), step("c")], "closes the loop a → a"),
        ([step("a", follows=("a: 1",), decision=True), step("c")], "never leads to an end"),
        ([step("a", follows=("b: 0.5", "c: 0.4")), step("b"), step("c")], "has shares that sum to 0.9; allowed: a sum of 1"),
        ([step("a", follows=("b: 1.5", "c")), step("b"), step("c")], '"b: 1.5" has no share from 0 to 1'),
        ([step("a", follows=("b: x", "c")), step("b"), step("c")], '"b: x" has no share'),
        ([step("a", follows=("b: 0.5", "c: 0.5"), decision=False), step("b"), step("c")], "gives shares at a step that is no decision"),
        ([step("a", follows=("b", "b")), step("b")], "is named twice"),
        ([step("a"), step("a")], '"a" is used by several rows'),
        ([step("a", process=-1)], 'row 2, column process_minutes: "-1" is negative'),
        ([step("a", wait=-5)], 'column wait_minutes: "-5" is negative'),
        ([step("a", volume=Estimate.point(-5))], "column volume"),
        ([step("a", accurate=0)], "means that no case ever goes on"),
        ([step("a", follows="b", rework_to="b"), step("b")], '"b" lies ahead of this step'),
        ([step("■")], "can't be a step's name"),
    ],
)  # fmt: skip
def test_bad_rows_are_named_with_their_place(rows, expected):
    with pytest.raises(InvalidEngagement) as caught:
        mapped(*rows)
    assert expected in str(caught.value)


def test_all_problems_are_reported_at_once():
    with pytest.raises(InvalidEngagement) as caught:
        mapped(step("a", process=-1, follows="x"), step("b", wait=-2, follows="y"), step("b"))
    assert len(caught.value.problems) == 6
    assert {p.row for p in caught.value.problems} == {2, 3, 4}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"holidays": ("25.12.2026",)}, 'holidays: "25.12.2026" is no date'),
        ({"time_zone": "Mars/Olympus"}, 'time_zone: "Mars/Olympus" is no time zone; allowed: an IANA name'),
        ({"assume": {"hours_per_day": 20}}, "must start and end within one local day"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_named(fields, expected):
    with pytest.raises(InvalidEngagement) as caught:
        mapped(step("a", 1), **fields)
    assert expected in str(caught.value)


def test_a_loop_that_almost_never_ends_is_refused():
    rows = [
        step("a", 1, follows="b"),
        step("b", 1, follows=("a: 0.99999999999", "c"), decision=True),
        step("c"),
    ]
    with pytest.raises(InvalidEngagement, match="never leads to an end"):
        mapped(*rows)


def test_ways_back_that_never_end_are_told_with_their_row():
    """Two paths of three meet in a decision that sends half of the cases back: each case sets out two, one of which returns."""
    rows = [
        step("0", 5, 5, None, ("1", "2", "3"), decision=False),
        step("1", 5, 5, None, ()),
        step("2", 5, 5, None, ("3",), decision=False),
        step("3", 5, 5, None, ("4", "0"), decision=True),
        step("4", 5, 5, None, ()),
    ]
    with pytest.raises(InvalidEngagement) as told:
        mapped(*rows)
    assert [(p.column, p.value) for p in told.value.problems] == [("next", "0")]
    assert "never leads to an end" in told.value.problems[0].message
