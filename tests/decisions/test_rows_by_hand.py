"""What stands beside each integration: how sure the style is, amounts in the client's currency, what a question changes."""

from __future__ import annotations

import pytest

from assess.core.estimate import Estimate
from assess.decisions import framework
from assess.decisions.cost import Inputs
from assess.decisions.decision.candidates import WINDOW
from assess.decisions.questions.variations import open_questions
from assess.intake.engagement import Team
from assess.intake.engagement.landscape import Yearly

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
