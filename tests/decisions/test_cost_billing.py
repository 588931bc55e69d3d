"""Bills against the golden files of infracost and price lists; tiers, blocks, commitments and ends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.estimate import Estimate
from assess.decisions.cost.billing import Component, Plan, PlanEnds, Tier, price
from assess.decisions.cost.cashflow import Model
from assess.decisions.cost.draws import likely
from assess.decisions.cost.model import counted_name
from assess.decisions.cost.parameters import gather
from assess.decisions.cost.plans import default_plans, listed_plans
from assess.intake.assumptions import Assumptions

M = 1e6
PLANS = listed_plans(Assumptions())


def graduated(amount, tiers, free=0.0):
    """Return the bill of a plan that has these tiers alone."""
    part = Component(meter="message", tiers=tuple(tiers), free=free)
    return price(Plan(id="tiers", components=(part,)), {"message": amount})


def test_aws_rest_api_tiers_infracost_golden():
    """api_gateway_rest_api_test.golden: 21,000 M requests."""
    bill = price(PLANS["aws-api-gateway-rest"], {"message": 21_000 * M})
    assert float(bill) == pytest.approx(49_763.10, abs=0.005)
    for upto, amount in ((333, 1_165.50), (1_000, 1_165.50 + 1_867.60), (20_000, 48_253.10)):
        assert float(price(PLANS["aws-api-gateway-rest"], {"message": upto * M})) == pytest.approx(
            amount, abs=0.005
        )


def test_aws_http_api_infracost_golden():
    """apigatewayv2_api_test.golden: 1,000 M requests are 300 + 630 USD."""
    assert float(price(PLANS["aws-api-gateway-http"], {"message": 1_000 * M})) == pytest.approx(930.00)
    assert float(price(PLANS["aws-api-gateway-http"], {"message": 300 * M})) == pytest.approx(300.00)


def test_aws_http_api_published_examples():
    """awsforengineers.com, AWS API Gateway Pricing Explained (2025): 216 M HTTP requests a month are 216 USD."""
    assert float(price(PLANS["aws-api-gateway-http"], {"message": 216 * M})) == pytest.approx(216)


def test_aws_websocket_infracost_golden():
    """apigatewayv2_api_test.golden: 1,500 M messages at 1.00 and .80, 10 M minutes at .25."""
    plan = Plan(
        id="websocket",
        components=(
            Component(meter="message", per=M, tiers=(Tier(price=1, upto=1e9), Tier(price=0.8))),
            Component(meter="connection", per=M, tiers=(Tier(price=0.25),)),
        ),
    )
    assert float(price(plan, {"message": 1.5e9, "connection": 10 * M})) == pytest.approx(1_402.50)


def test_azure_service_bus_standard_infracost_golden():
    """servicebus_namespace_test.golden: base and 3,000 M operations."""
    bill = price(PLANS["azure-service-bus"], {"message": 3_000 * M})
    assert float(bill) == pytest.approx(69.60 + 1_200 + 100 + 9.81, abs=0.005)
    assert float(bill) == pytest.approx(1_379.41, abs=0.005)
    assert float(price(PLANS["azure-service-bus"], {"message": 13 * M})) == pytest.approx(9.81)


def test_azure_service_bus_connections_infracost_golden():
    """servicebus_namespace_test.golden: a million brokered connections, 1,000 free, the last tier dearer."""
    tiers = [Tier(price=0.03, upto=100_000), Tier(price=0.015, upto=500_000), Tier(price=0.025)]
    assert float(graduated(1_000_000, tiers, free=1_000)) == pytest.approx(2_970 + 6_000 + 12_500)


def test_aws_lambda_duration_infracost_golden():
    """lambda_function_test.golden: 30 G GB-seconds on x86 and 37.5 G on ARM."""
    x86 = [Tier(price=0.0000166667, upto=6e9), Tier(price=0.000015, upto=15e9), Tier(price=0.0000133334)]
    arm = [
        Tier(price=0.0000133334, upto=7.5e9),
        Tier(price=0.0000120001, upto=18.75e9),
        Tier(price=0.0000106667),
    ]
    assert float(graduated(30e9, x86)) == pytest.approx(100_000.20 + 135_000.00 + 200_001.00, abs=0.01)
    assert float(graduated(37.5e9, arm)) == pytest.approx(100_000.50 + 135_001.13 + 200_000.63, abs=0.02)
    assert float(graduated(9.216e9, x86)) == pytest.approx(100_000.20 + 48_240.00, abs=0.01)


def test_azure_event_grid_infracost_golden():
    """eventgrid_topic_test.golden: 8 blocks of 100,000 operations at .06."""
    part = Component(meter="message", per=1e5, block=1e5, tiers=(Tier(price=0.06),))
    plan = Plan(id="event-grid", components=(part,))
    assert float(price(plan, {"message": 800_000})) == pytest.approx(0.48)
    assert float(price(plan, {"message": 700_001})) == pytest.approx(0.48)
    assert float(price(plan, {"message": 700_000})) == pytest.approx(0.42)


def test_azure_api_management_infracost_golden():
    """api_management_test.golden: 3 standard units 2,060.13, 4 premium units 11,180.68."""
    assert float(price(PLANS["azure-api-management"], {"throughput": 2.4})) == pytest.approx(2_060.13)
    premium = Component(meter="throughput", block=1, tiers=(Tier(price=2_795.17),))
    assert float(price(Plan(id="p", components=(premium,)), {"throughput": 4})) == pytest.approx(11_180.68)


def test_aws_transfer_infracost_golden():
    """transfer_server_test.golden: an SFTP endpoint 219.00, 60 GB 2.40."""
    assert float(price(PLANS["aws-transfer"], {"gigabyte": 60})) == pytest.approx(221.40)


def test_aws_msk_and_eventbridge_and_sqs_infracost_goldens():
    """msk_cluster_test: two t3.small brokers 66.58 a month; event bus 1 M events 1.00; SQS 2 M requests .80."""
    assert 2 / 3 * float(price(PLANS["aws-msk"], {"throughput": 1})) == pytest.approx(66.58, abs=0.005)
    assert float(price(PLANS["aws-eventbridge"], {"message": M})) == pytest.approx(1.00)
    assert float(price(PLANS["aws-sqs"], {"message": 2 * M})) == pytest.approx(0.80)


def test_kong_plus_ends_at_its_ceiling():
    """apis.io: 1 M included, 200 USD a million, hard cap of 10 M."""
    assert float(price(PLANS["kong-plus"], {"message": 1 * M})) == 0
    assert float(price(PLANS["kong-plus"], {"message": 10 * M})) == pytest.approx(1_800)
    with pytest.raises(PlanEnds, match="Kong Plus ends"):
        price(PLANS["kong-plus"], {"message": 10 * M + 1})


def test_a_ceiling_forces_the_next_edition():
    large = Plan(id="l", components=(Component(meter="month", tiers=(Tier(price=500),)),))
    small = Plan(
        id="s",
        next=large,
        ceiling={"message": 100},
        components=(Component(meter="message", tiers=(Tier(price=1),)),),
    )
    bills = price(small, {"message": np.array([0.0, 100, 101, 1e12])})
    assert bills.tolist() == [0, 100, 500, 500]


def test_nobody_stays_on_the_dearer_edition():
    large = Plan(id="l", components=(Component(meter="month", tiers=(Tier(price=500),)),))
    small = Plan(
        id="s",
        next=large,
        ceiling={"message": 1000},
        components=(Component(meter="message", tiers=(Tier(price=1),)),),
    )
    assert price(small, {"message": np.array([499.0, 900])}).tolist() == [499, 500]


def test_commitment_plus_overage_and_commitment_in_money():
    committed = Plan(
        id="c",
        components=(
            Component(meter="month", months=12, tiers=(Tier(price=1200),)),
            Component(meter="message", free=1000, per=100, tiers=(Tier(price=3),)),
        ),
    )
    assert price(committed, {"message": np.array([0.0, 1000, 1250])}).tolist() == [100, 100, 107.5]
    least = Plan(id="m", minimum=50, components=(Component(meter="message", tiers=(Tier(price=1),)),))
    assert price(least, {"message": np.array([0.0, 50, 51])}).tolist() == [50, 50, 51]


def test_prices_can_be_replaced_by_key():
    plan = Plan(
        id="p",
        components=(
            Component(meter="message", tiers=(Tier(price=1, upto=10, key="a"), Tier(price=2, key="b"))),
        ),
    )
    prices = {"a": np.array([[3.0], [1.0]])}
    assert price(plan, {"message": np.array([[10.0, 11.0]])}, prices=prices).tolist() == [[30, 32], [10, 12]]


@pytest.mark.parametrize(
    ("meter", "assumed", "kb", "chunk_kb", "expected"),
    [
        ("message", {}, 1, 64, 100),
        ("step", {"billing.steps": 3, "billing.loop_factor": 1}, 1, 64, 300),
        ("step", {"billing.steps": 3, "billing.loop_factor": 2}, 1, 64, 600),
        ("message", {"billing.steps": 3, "billing.loop_factor": 2}, 1, 64, 100),
        ("message", {}, 64, 64, 100),
        ("message", {}, 64.1, 64, 200),
        ("message", {}, 0, 64, 100),
        ("message", {}, 200, None, 100),
        ("message", {}, 200, 100, 200),
        ("message", {}, 33, 32, 200),
        ("message", {}, 32, 32, 100),
        ("message", {"billing.retry_rate": 0.5}, 1, 64, 150),
    ],
)
def test_billing_units(make, meter, assumed, kb, chunk_kb, expected):
    """Messages x steps x loops x ceil(kB / chunk) x (1 + retries); the price list's own metering rule
    (aws.amazon.com/api-gateway/pricing): a WebSocket message of 33 kB counts as two of 32 kB."""
    part = Component(meter=meter, chunk_kb=chunk_kb, tiers=(Tier(price=1),))
    plan = Plan(id="own", style="ipaas", currency="EUR", components=(part,))
    engagement = make(
        1,
        assumed={"billing.retry_rate": 0, "rollout.months": 1, **assumed},
        fields={"volume": Estimate.point(100), "message_kb": kb},
        horizon_years=1,
    )
    terms = gather(engagement, styles=["ipaas"], plans={"ipaas": plan})
    found = Model.of(terms, likely(terms)).option({"i0": "ipaas"})[counted_name(meter, "own")]
    assert found.data.ravel().tolist() == pytest.approx([expected])


def test_unit_prices_span_four_to_five_orders_of_magnitude():
    million = {
        name: float(price(PLANS[name], {"message": M, "step": M, "throughput": 0.0}))
        for name in (
            "azure-event-hubs",
            "aws-sqs",
            "aws-eventbridge",
            "aws-api-gateway-rest",
            "azure-logic-apps",
        )
    }
    assert million == pytest.approx(
        {
            "azure-event-hubs": 0.028,
            "aws-sqs": 0.40,
            "aws-eventbridge": 1,
            "aws-api-gateway-rest": 3.5,
            "azure-logic-apps": 125,
        }
    )
    assert math.log10(1000 / 0.028) > 4


def test_every_style_with_a_plan_has_one_by_default(make):
    chosen = default_plans(make(1))
    assert {style: plan.id for style, plan in chosen.items()} == {
        "api-first": "aws-api-gateway-http",
        "event-driven": "azure-event-hubs",
        "ipaas": "mulesoft",
        "file-exchange": "aws-transfer",
    }


amounts = st.floats(0, 1e13)


def counted(plan, use):
    """Return the same use of every meter of a plan; a month is one month."""
    return {meter: use for meter in plan.meters if meter != "month"} or {"month": np.ones(np.shape(use))}


@given(
    st.sampled_from(sorted(name for name, plan in PLANS.items() if not plan.editions[-1].ceiling)),
    amounts,
    amounts,
)
def test_more_use_never_costs_less(name, one, other):
    less, more = sorted((one, other))
    plan = PLANS[name]
    bills = [float(price(plan, counted(plan, amount))) for amount in (less, more)]
    assert bills[0] <= bills[1] * (1 + 1e-12)
    assert bills[0] >= 0


@pytest.mark.parametrize("name", sorted(PLANS))
def test_no_bill_falls_when_a_price_rises(name):
    """Every price of every plan, raised by a third, at every volume from none to a million million."""
    plan = PLANS[name]
    use = np.concatenate([[0.0], np.logspace(0, 12, 49)])
    use = use[use <= min(plan.editions[-1].ceiling.values(), default=np.inf)]
    keys = plan.price_keys
    tiers = (tier for edition in plan.editions for part in edition.components for tier in part.tiers)
    known = {tier.key: tier.price for tier in tiers}
    before = price(plan, counted(plan, use), prices={key: np.array(known[key]) for key in keys})
    assert keys
    for key in keys:
        dearer = {each: np.array(known[each] * (4 / 3 if each == key else 1)) for each in keys}
        after = price(plan, counted(plan, use), prices=dearer)
        assert (after >= before).all() and (after > before).any(), key


@given(
    st.lists(st.tuples(st.floats(0.01, 100), st.floats(0, 10)), min_size=1, max_size=5),
    st.floats(0, 600),
)
def test_graduated_equals_unit_by_unit_pricing(steps, amount):
    ends, total = [], 0.0
    for width, _ in steps:
        total += width
        ends.append(total)
    tiers = [Tier(price=cost, upto=end) for end, (_, cost) in zip(ends, steps, strict=True)]
    by_hand, start = 0.0, 0.0
    for place, tier in enumerate(tiers):
        end = math.inf if place == len(tiers) - 1 else tier.upto
        by_hand += tier.price * max(0.0, min(amount, end) - start)
        start = tier.upto
    assert float(graduated(amount, tiers)) == pytest.approx(by_hand, rel=1e-9, abs=1e-9)
