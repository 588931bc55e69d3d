"""Extreme engagements from end to end: a true answer or a clear message in every chapter, never NaN or infinity."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from assess.core.cache import Cache
from assess.core.estimate import Estimate
from assess.decisions import cost
from assess.decisions.assessment import Assessment
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Constraints, Engagement, Team
from assess.intake.engagement.landscape import Integration, System
from assess.report import chapters

MAKERS = {name: getattr(chapters, name) for name in chapters.__all__ if not name.startswith("save_")}
RESULTS = ("framework", "readiness", "risk", "cost", "build_or_buy", "actions", "roadmap", "value_stream")


def assessment(count=3, *, draws=300, fields=None, offers=("rest",), team=None, **more):
    """Return the assessment of alike integrations between systems that offer some interfaces."""
    systems = tuple(System(id=f"s{place}", interfaces=offers) for place in range(min(count, 40) + 1))
    each = {"volume": Estimate(low=1e5, likely=2e5, high=4e5), **(fields or {})}
    integrations = tuple(
        Integration(
            id=f"i{place}",
            source=f"s{place % (len(systems) - 1)}",
            target=f"s{place % (len(systems) - 1) + 1}",
            **each,
        )
        for place in range(count)
    )
    made = Assessment(
        Engagement(
            folder=Path(), client="Stress", assumptions=Assumptions(), systems=systems, integrations=integrations,
            team=team or Team(people=4), **more,
        ),
        draws=draws,
    )  # fmt: skip
    made._cache = Cache(None)
    return made


def numbers(value):
    """Yield every number of a JSON value."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


def sentences(value):
    """Yield every text with a space of a JSON value: what a reader reads."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from sentences(item)
    elif isinstance(value, str) and " " in value:
        yield value


def all_said(made):
    """Return every chapter; each holds finite numbers alone, as do the results behind it."""
    texts = [getattr(made, name).to_json() for name in RESULTS]
    shown = {name: make(made) for name, make in MAKERS.items()}
    texts += [chapter.to_json() for chapter in shown.values()]
    for text in texts:
        assert all(math.isfinite(number) for number in numbers(json.loads(text)))
        assert not re.search(r"\b(nan|inf|infinity)\b", " ".join(sentences(json.loads(text))))
    for chapter in shown.values():
        assert chapter.verdict or chapter.missing, chapter.key
    return shown


CASES = {
    "one integration": {"count": 1},
    "no volume": {"fields": {"volume": Estimate.point(0)}},
    "a million million messages": {"fields": {"volume": Estimate.point(1e12)}},
    "nobody in the team": {"team": Team(people=0)},
    "no focus": {"team": Team(people=3, focus=0)},
    "no discount": {"discount_rate": 0.0},
    "a discount of 30 %": {"discount_rate": 0.3},
    "one year": {"horizon_years": 1},
    "one feasible style": {"offers": ("file",), "constraints": Constraints(excluded_styles=("ipaas", "api-facade"))},
    "no feasible style": {"offers": ("none",)},
    "no integrations": {"count": 0},
    "no money for it": {"constraints": Constraints(budget=0.0)},
    "free people": {"team": Team(people=3, day_rate=0.0)},
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_chapter_says_something_true_or_what_is_missing(case):
    all_said(assessment(**CASES[case]))


@pytest.mark.slow
def test_500_integrations():
    made = assessment(500, draws=200)
    shown = all_said(made)
    assert len(made.framework.integrations) == len(made.cost.option(made.cost.best).assignment) == 500
    assert "500" in shown["integration_profile"].verdict


def test_where_no_style_is_feasible_every_integration_says_what_would_have_to_change():
    made = assessment(2, offers=("none",))
    assert made.decision.assignment == {}
    assert made.cost.best is None
    for fit in made.framework.integrations:
        assert fit.winner is None
        excluded = [check for style in fit.styles for check in style.checks if check.passed is False]
        assert {check.constraint for check in excluded} >= {"protocol reach"}
        assert all(check.feasible_if for check in excluded if check.constraint == "protocol reach")
    assert all(missing.supply for missing in made.cost.missing)
    said = chapters.integration_profile(made)
    assert all(
        "No integration style is feasible" in finding.title and finding.action for finding in said.findings
    ), [f.title for f in said.findings]


def test_where_one_style_is_feasible_all_options_are_that_one():
    made = assessment(**CASES["one feasible style"])
    assert set(made.decision.assignment.values()) == {"file-exchange"}
    assert {style for option in made.cost.options for style in option.assignment.values()} == {
        "file-exchange"
    }
    assert made.cost.evpi == 0
    assert made.cost.option(made.cost.best).cheapest == 1


def test_without_discount_the_present_value_is_the_plain_sum_and_with_30_percent_it_is_less():
    plain, dear = (assessment(discount_rate=rate).cost for rate in (0.0, 0.3))
    for option in plain.options:
        assert option.npv.mean == pytest.approx(sum(sum(line.years) for line in option.lines), rel=1e-9)
        again = dear.option(option.id)
        assert again.npv.mean < option.npv.mean
        # everything after the first year is worth less than 1 / 1.3 of it
        later = sum(sum(line.years[2:]) for line in option.lines)
        assert option.npv.mean - again.npv.mean > later * (1 - 1 / 1.3)


def test_no_volume_costs_no_message_and_a_million_million_have_their_price():
    none, many = (
        assessment(
            1,
            fields={"volume": Estimate.point(amount), "growth": 0.0, "message_kb": 1.0},
            exchange_rates={"USD": 1.0},
        )
        for amount in (0, 1e12)
    )
    bill = {line.line: line for line in none.cost.option("recommended").lines}["subscription"]
    assert bill.present_value == 0
    assert many.cost.best is None  # some 380,000 a second, more than any style carries
    excluded = [check for style in many.framework.integrations[0].styles for check in style.checks]
    assert any(check.passed is False and check.constraint == "latency and peak load" for check in excluded)
    forced = cost.estimate(cost.Inputs(many.engagement), draws=200).option("api-first")
    bill = {line.line: line for line in forced.lines}["subscription"]
    assert (
        bill.years[1] > 0
    )  # list price: 300 M at 1.00, the rest at .90, and at least the messages themselves
    assert bill.years[-1] > 12 * (300 + 0.9 * (1e6 - 300))


def test_nobody_in_the_team_is_critical():
    made = assessment(**CASES["nobody in the team"])
    assert any(
        finding.severity == "critical" and "0 people" in finding.title for finding in made.cost.findings
    )
