"""What stands beside each integration: how sure the style is, amounts in the client's currency, what a question changes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.decisions import framework
from assess.decisions.cost import Inputs
from assess.decisions.cost.billing import Component, Plan, Tier
from assess.decisions.cost.parameters import Assigned
from assess.decisions.decision.candidates import WINDOW
from assess.decisions.decision.pricing import OptionPricer
from assess.decisions.decision.rule import DecisionRule
from assess.decisions.questions.variations import open_questions
from assess.intake.engagement import Team
from assess.intake.engagement.landscape import Yearly

from .test_decision import ruled
from .test_published_guidance import GUIDANCE, decided, engagement, row, web

CASES = {
    **{name: made for name, (made, *_) in list(GUIDANCE.items())[::3]},
    "a silent client": engagement(
        [item.model_copy(update={"coverage": None, "customisation": None, "governance": None, "partner": None}) for item in web(4, 4)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_style_is_told_apart_where_its_range_and_the_next_ones_do_not_meet(name):
    """The next one is the best score of those within the window, not of what is not feasible or fits worse."""
    made = CASES[name]
    fits, found = framework.fit(made, draws=200), decided(made)
    for item in found.integrations:
        fit = fits.integration(item.integration)
        own = fit.style(item.style)
        best = max(fit.style(style).score for style in fit.candidates)
        near = [
            fit.style(s) for s in fit.candidates if s != own.style and fit.style(s).score >= best - WINDOW
        ]
        rival = max(near, key=lambda one: one.score, default=None)
        apart = rival is None or own.low > rival.high or rival.low > own.high
        assert item.distinct == apart


@pytest.mark.parametrize(("currency", "sign"), [("EUR", "€"), ("CHF", "CHF")])
def test_every_amount_of_a_row_is_in_the_currency_of_the_client(currency, sign):
    gain = Yearly(id="b", label="hours", per_year=Estimate.point(300_000.0), integrations=("i0", "i1", "i2"))
    rows = [
        row(0, "s0", "s1", style_today="none"),
        row(1, "s0", "s1", style_today="point-to-point"),
        row(2, "s1", "s2", style_today="point-to-point", build_days=Estimate.point(90)),
        row(3, "s1", "s2", style_today="api-first"),
    ]
    made = engagement(rows).model_copy(
        update={"currency": currency, "exchange_rates": {"USD": 0.9, "EUR": 1.05}}
    )
    found = decided(made, benefits=[gain])
    said = [
        text
        for item in found.integrations
        for text in (*item.reasons, item.flip, item.risk)
        if "\xa0k" in text or text.startswith(("gains ", "failures, "))
    ]
    assert any(text.startswith("gains ") for text in said) and any(" less" in text for text in said)
    assert all(sign in text and "None" not in text for text in said), said


def test_a_question_about_a_setting_changes_that_setting_alone():
    made = engagement(web(3, 4)).model_copy(update={"team": Team()})
    terms = Inputs(made, assignments={"all": dict.fromkeys(("i0", "i1", "i2"), "api-first")}).terms()
    tried = 0
    for one in open_questions(made, made, terms):
        kind, _, key = one.question.id.partition("/")
        if kind != "engagement" or not key.startswith("team.skills."):
            continue
        style = key.rpartition(".")[2]
        skills = [variation.engagement.team.skills for variation in one.variations]
        assert [found.keys() for found in skills] == [{style}, {style}], key
        assert skills[0][style] < skills[1][style]
        for variation in one.variations:
            back = variation.engagement.team.model_copy(update={"skills": made.team.skills})
            assert variation.engagement.model_copy(update={"team": back}) == made
        tried += 1
    assert tried == 6


def test_a_plan_that_ends_is_without_price_for_its_own_integrations_alone():
    """Its bill is infinite, and none of it falls to the others: their part of it is 0, not 0 x infinite; the benefits stay."""
    gain = Yearly(id="b", label="hours", per_year=Estimate.point(9_000.0), integrations=("i0", "i1"))
    rule = ruled(engagement(web(3, 4, volume=Estimate.point(10_000))), benefits=[gain])
    ways = {"i0": "ipaas", "i1": "api-first", "i2": "ipaas"}

    def added(ceiling):
        tiers = Component(meter="message", tiers=(Tier(price=0.01),))
        plan = Plan(id="p", name="P", style="ipaas", components=(tiers,), ceiling={"message": ceiling})
        terms = dataclasses.replace(rule.pricer.terms, plans={"p": plan})
        pricer = OptionPricer(rule.pricer.engagement, terms)
        return DecisionRule(pricer, rule.candidates, 7).added(Assigned(ways, {"ipaas": "p"}))

    (cost, benefit), (whole, same) = added(1.0), added(1e12)
    assert np.isinf(cost[[0, 2]]).all() and (cost[[0, 2]] > 0).all()
    assert np.isfinite(whole).all() and not np.isnan(cost).any()
    assert np.array_equal(cost[1], whole[1]) and np.array_equal(benefit, same)
    assert (benefit[:2] > 0).all() and not benefit[2].any()


def test_integrations_share_the_bill_of_their_plan_by_messages():
    """1,000, 2,000 and 3,000 messages of a plan of 600 a month: 100, 200 and 300 of it; without messages a third each."""
    rows = [row(n, "s0", "s1", volume=Estimate.point(1_000.0 * (n + 1))) for n in range(3)]
    ways = dict.fromkeys(("i0", "i1", "i2"), "ipaas")

    def added(made, price):
        rule = ruled(made)
        plan = Plan(
            id="p",
            name="P",
            style="ipaas",
            components=(Component(meter="month", tiers=(Tier(price=price),)),),
        )
        pricer = OptionPricer(made, dataclasses.replace(rule.pricer.terms, plans={"p": plan}))
        return DecisionRule(pricer, rule.candidates, 7).added(Assigned(ways, {"ipaas": "p"}))[0]

    for made, parts in (
        (engagement(rows), (1, 2, 3)),
        (engagement([item.model_copy(update={"volume": Estimate.point(0.0)}) for item in rows]), (1, 1, 1)),
    ):
        bills = added(made, 600.0) - added(made, 0.0)
        assert bills.sum(axis=0).min() > 12 * 600
        for place, part in enumerate(parts):
            assert bills[place] == pytest.approx(bills.sum(axis=0) * part / sum(parts))
