"""What the value stream says of waste and re-entry, what is missing, and what integrations give back."""

import numpy as np
import pytest
from stream import WORKING, engagement, mapped, step

from assess.core.estimate import Estimate
from assess.evidence import value_stream
from assess.evidence.value_stream.flow import (
    product,
)
from assess.intake.engagement.landscape import Integration


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
