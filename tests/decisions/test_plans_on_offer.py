"""Which price plans a style may buy: a named platform, then offers, then the price list."""

import datetime as dt

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.decisions.cost.billing import price
from assess.decisions.cost.parameters import gather
from assess.decisions.cost.plans import default_plans, listed_plans, plans_on_offer, price_plans
from assess.intake.engagement.landscape import Quote
from assess.intake.price_list import quoted_prices


def offer(plan="acme", **fields):
    base = {"plan": plan, "vendor": "Acme", "style": "ipaas", "unit": "month", "price": Estimate.point(1_000)}
    return Quote(**base | fields)


def offered(make, *quotes, date=dt.date(2026, 10, 1), **fields):
    engagement = make(2, **fields)
    prices = quoted_prices(quotes, engagement.currency, date)
    return engagement.model_copy(
        update={
            "quotes": quotes,
            "date": date,
            "assumptions": engagement.assumptions.model_copy(update={"quoted": prices}),
        }
    )


def ids(engagement, style="ipaas"):
    return [plan.id for plan in plans_on_offer(engagement)[style]]


def test_the_bill_of_an_offer_is_that_of_its_rows(make):
    """12,000 a year and 25 for 1,000 steps beyond 100,000, 15 beyond a million: 1,000 + 22,500 + 7,500."""
    rows = (
        offer(line="Subscription", price=Estimate.point(12_000), period="year"),
        offer(
            line="Steps", unit="step", price=Estimate.point(25), per=1000, included=100_000, upto=1_000_000
        ),
        offer(line="Steps", unit="step", price=Estimate.point(15), per=1000),
    )
    plan = price_plans(offered(make, *rows))["acme"]
    assert plan.quoted
    bills = price(plan, {"step": np.array([50_000.0, 100_000, 1_000_000, 1_500_000])})
    assert bills.tolist() == pytest.approx([1_000, 1_000, 23_500, 31_000])


def test_beyond_the_last_tier_of_an_offer_nothing_is_sold(make):
    plan = price_plans(offered(make, offer(unit="flow", upto=50)))["acme"]
    assert plan.ceiling == {"flow": 50}


def test_a_valid_offer_comes_before_the_price_list_and_an_expired_one_does_not(make):
    listed = [plan.id for plan in listed_plans(make(1).assumptions).values() if plan.style == "ipaas"]
    assert ids(make(1)) == listed
    assert ids(offered(make, offer(valid_until=dt.date(2026, 10, 1)))) == ["acme"]
    assert ids(offered(make, offer(valid_until=dt.date(2026, 9, 30)))) == listed
    assert ids(offered(make, offer(valid_until=dt.date(2026, 9, 30)), offer("other"))) == ["other"]


def test_a_named_platform_is_the_only_one_of_its_style(make):
    engagement = offered(make, offer(), offer("other"))
    named = engagement.model_copy(update={"platform": ("workato", "aws-eventbridge")})
    assert ids(named) == ["workato"]
    assert default_plans(named)["event-driven"].id == "aws-eventbridge"
    expired = offered(make, offer(valid_until=dt.date(2020, 1, 1)))
    assert ids(expired.model_copy(update={"platform": ("acme",)})) == ["acme"]


def test_a_price_of_the_list_that_the_client_replaces_is_an_offer(make):
    assert ids(make(1, assumed={"price.workato.subscription": 4_200})) == ["workato"]


def test_an_offer_can_do_what_its_vendor_can_and_may_replace_the_list_price(make):
    plan = price_plans(offered(make, offer("our-workato", vendor="Workato")))["our-workato"]
    assert plan.capabilities == listed_plans(make(1).assumptions)["workato"].capabilities
    assert price_plans(offered(make, offer("workato")))["workato"].quoted
    assert price_plans(offered(make, offer()))["acme"].capabilities.vendor == "Acme"


def test_the_price_of_an_offer_is_drawn_in_the_engagements_currency(make):
    quote = offer(price=Estimate(low=900, likely=1_000, high=1_500), currency="USD")
    terms = gather(offered(make, quote, exchange_rates={"USD": 0.5}), styles=["ipaas"])
    price_of = terms.by_name["quote.acme.1"].estimate
    assert (price_of.low, price_of.likely, price_of.high, price_of.unit) == (450, 500, 750, "EUR/month")
