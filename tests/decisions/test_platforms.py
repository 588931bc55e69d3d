"""What every platform would bill, what it lacks, and with which of them another answer were right."""

import datetime as dt

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.decisions.assessment import Assessment
from assess.decisions.cost.parameters import Inputs
from assess.decisions.decision import Decision, Verdict, compare_platforms, count_bought, decide
from assess.decisions.decision.deciding import find_rule
from assess.decisions.decision.pricing import CONNECTORS, NOTHING, STAY
from assess.decisions.framework import fit
from assess.intake.engagement.landscape import Quote, System
from assess.intake.price_list import quoted_prices

UNDECIDED = Decision(currency="EUR", horizon_years=5, draws=10, seed=7, verdict=Verdict(state="nothing"))


def connected(make, count=6, **fields):
    """An engagement whose target has a connector of every vendor in the price list."""
    ends = [System(id=f"s{place}", connectors=("MuleSoft", "Celigo")) for place in range(count)]
    return make(count, systems=(*ends, System(id="t")), **fields)


def quoted(engagement, *quotes, **fields):
    prices = quoted_prices(quotes, engagement.currency, engagement.date)
    given = engagement.assumptions.model_copy(update={"quoted": prices})
    return engagement.model_copy(update={"quotes": quotes, "assumptions": given, **fields})


def priced(engagement, bought=None):
    return {bill.plan: bill for bill in compare_platforms(engagement, UNDECIDED, bought).bills}


def test_every_plan_is_priced_at_this_volume(make):
    """Six integrations of 200,000 messages a month, 1 % of them sent again; a million events cost 1 USD, 0.885 EUR."""
    bills = priced(make(6))
    million = 6 * 0.2 * 1.01
    bus = bills["aws-eventbridge"]
    assert bus.first_year == pytest.approx(12 * million * 0.885, abs=0.01)
    assert bus.last_year == pytest.approx(12 * million * 0.885 * 1.1**4 * 1.06**4, abs=0.01)
    assert bus.counted == "1,212,000\xa0messages a month"
    assert bus.carries == 6
    assert bus.public
    assert bus.source
    assert bus.date <= make(1).date
    steps = bills["azure-logic-apps"]
    assert steps.first_year == pytest.approx(12 * million * 6 * 125 * 0.885, rel=1e-4)
    assert steps.counted == "7,272,000\xa0steps a month"


def test_the_cheapest_comes_first_and_what_cannot_be_billed_last(make):
    bills = [bill.first_year for bill in compare_platforms(make(6), UNDECIDED).bills if bill.style == "ipaas"]
    known = [bill for bill in bills if bill is not None]
    assert known == sorted(known)
    assert bills[: len(known)] == known


def test_an_edition_and_a_tier_are_said(make):
    rows = (
        Quote(plan="acme", vendor="Acme", style="ipaas", unit="message", price=Estimate.point(2), per=1000,
              included=50_000, upto=100_000),
        Quote(plan="acme", vendor="Acme", style="ipaas", unit="message", price=Estimate.point(1), per=1000),
    )  # fmt: skip
    bill = priced(quoted(make(6), *rows))["acme"]
    assert bill.quoted
    assert bill.first_year == pytest.approx(12 * (50 * 2 + 1112))  # 1,212,000 a month
    assert bill.tier == "message: tier 2 of 2"
    assert bill.on_offer


def test_what_a_plan_lacks_is_counted(make):
    bills = priced(connected(make))
    assert bills["mulesoft"].missing == ""
    assert bills["make"].missing == f"{CONNECTORS} for 6 of 6"
    assert not bills["make"].comparable


def test_a_plan_that_ends_below_the_volume_has_no_bill(make):
    tiny = Quote(plan="tiny", vendor="Tiny", style="ipaas", unit="flow", price=Estimate.point(1), upto=5)
    bill = priced(quoted(make(6), tiny))["tiny"]
    assert bill.first_year is None
    assert "ends" in bill.note
    assert not bill.comparable


def test_connections_of_an_option_count_each_system_once(make):
    """Three integrations into one system: two bought connect three systems, one that stays there connects one more."""
    offer = Quote(plan="acme", vendor="Acme", style="ipaas", unit="connection", price=Estimate.point(10))
    assumed = {"price.uplift": 0, "money.inflation": 0, "volume.growth": 0}
    engagement = quoted(connected(make, 3, assumed=assumed), offer, platform=("acme",))
    today = [
        item.model_copy(update={"style_today": "ipaas"}) if place == 2 else item
        for place, item in enumerate(engagement.integrations)
    ]
    engagement = engagement.model_copy(update={"integrations": tuple(today)})
    _, rule = find_rule(Inputs(engagement), fit(engagement, draws=50), 7)
    pricer = rule.pricer
    code = pricer.code("ipaas")
    codes = np.array([[code, code, NOTHING], [code, code, STAY], [NOTHING, code, NOTHING]], np.int8)
    assert pricer._new_ends(codes).tolist() == [[2, 1, 0], [2, 1, 1], [0, 2, 0]]
    assert all(plans == {"ipaas": "acme"} for plans in pricer(codes).plans)


def test_an_expired_offer_is_told(make):
    engagement = make(2)
    old = Quote(plan="old", vendor="Old", style="ipaas", unit="month", price=Estimate.point(1),
                valid_until=engagement.date - dt.timedelta(days=1))  # fmt: skip
    found = compare_platforms(quoted(engagement, old), UNDECIDED)
    assert [finding.id for finding in found.findings] == ["platforms/expired/old"]
    assert not priced(quoted(engagement, old))["old"].on_offer


def vendors(make, *prices):
    """An engagement with offers of 1, 2, 3 ... a month."""
    rows = [
        Quote(plan=f"p{price}", vendor="Acme", style="ipaas", unit="month", price=Estimate.point(price))
        for price in prices
    ]
    return quoted(make(3), *rows)


def test_the_platform_at_which_the_answer_turns_is_found_by_halving(make):
    engagement = vendors(make, *range(1, 9))
    asked = []

    def bought(plan):
        asked.append(plan)
        return 2 if plan in ("p1", "p2", "p3") else 0

    own = [
        answer
        for answer in compare_platforms(engagement, UNDECIDED, bought).answers
        if answer.plan[1:].isdigit()
    ]
    assert [answer.plan for answer in own if answer.buys] == ["p1", "p2", "p3"]
    assert [answer.plan for answer in own if answer.flips] == [
        "p1",
        "p2",
        "p3",
    ]  # nothing is bought as decided
    assert len(asked) <= 5


def test_what_flips_is_a_finding(make):
    found = compare_platforms(vendors(make, 1, 2), UNDECIDED, lambda plan: int(plan == "p1"))
    flip = next(finding for finding in found.findings if finding.id == "platforms/flip")
    assert "integrations would be bought" in flip.title
    assert [answer.plan for answer in found.flips] == ["p1"]
    assert not compare_platforms(vendors(make, 1, 2), UNDECIDED, lambda plan: 0).flips


def test_a_platform_for_nothing_is_bought_and_one_for_millions_is_not(make):
    """The answer with each is that of the decision itself, asked with the platform named."""
    rows = [
        Quote(plan=plan, vendor="Acme", style="ipaas", unit="month", price=Estimate.point(price))
        for plan, price in (("free", 0.01), ("dear", 1_000_000))
    ]
    engagement = quoted(connected(make, 8), *rows)
    framework = fit(engagement)
    inputs = Inputs(engagement)
    bought = count_bought(inputs, framework)
    for plan in ("free", "dear"):
        named = engagement.model_copy(update={"platform": (plan,)})
        decision, _ = decide(Inputs(named), framework, draws=50, seed=7)
        assert bought(plan) == list(decision.assignment.values()).count("ipaas"), plan
    assert bought("dear") == 0


def test_nothing_is_billed_without_integrations(make):
    assert compare_platforms(make(0), UNDECIDED, lambda plan: 1).bills == ()


def test_the_assessment_answers_for_its_own_decision(make):
    found = Assessment(vendors(make, 1, 2), draws=20).platforms
    assert found.table["plan"].size == len(found.bills)
    assert {answer.plan for answer in found.answers} >= {"p1", "p2"}
