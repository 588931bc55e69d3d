"""A sceptic follows a number down to the row that it rests on, changes the row, predicts the number by hand, and compares.

The arithmetic is that of docs/method, written out here with numbers; nothing of the package computes a prediction.
"""

import math
import textwrap

import pytest

from assess.core.cache import Cache
from assess.decisions.assessment import Assessment
from assess.report import chapters

FILES = {
    "engagement.yaml": """\
        client: Acme
        date: 2026-07-01
        currency: EUR
        discount_rate: 5 %
        horizon_years: 3
        team: {people: 4, day_rate: 800, skills: {api-first: 100 %}}
        goals:
          - {id: faster, goal: Faster orders}
        assumptions:
          change.hours: {low: 8, likely: 8, high: 8, source: our tickets, date: 2026-06-30}
          rollout.months: {low: 1, likely: 1, high: 1, source: our plan, date: 2026-06-30}
          value_stream.hour_cost: {low: 40, likely: 40, high: 40, source: payroll, date: 2026-06-30}
          value_stream.reentry_removed: {low: 0.5, likely: 0.5, high: 0.5, source: pilot, date: 2026-06-30}
        """,
    "systems.csv": """\
        id,owner,interfaces
        shop,Ann,rest
        erp,Ben,rest
        """,
    "integrations.csv": """\
        id,source,target,volume,changes_per_year,goals
        orders,shop,erp,10000,4,faster
        """,
    "risks.csv": """\
        id,name,category,frequency,loss_low,loss_high
        strike,A strike at the carrier,other,2,10000,40000
        """,
    "value_stream.csv": """\
        step,system,process_minutes,wait_minutes,complete_accurate,reentry,volume,next,integration
        take,shop,3,0,1,no,1000,enter,
        enter,erp,6,0,1,yes,1000,,orders
        """,
    "readiness.csv": """\
        practice,answer,respondent
        strategic-alignment/outcomes-mapped,1,Ann
        strategic-alignment/outcomes-mapped,1,Ben
        strategic-alignment/sponsor-named,1,Ann
        strategic-alignment/sponsor-named,1,Ben
        stakeholder-buy-in/scope-agreed,1,Ann
        stakeholder-buy-in/scope-agreed,1,Ben
        exit-strategy/documented,1,Ann
        exit-strategy/documented,1,Ben
        observability/dashboards,0.5,Ann
        observability/dashboards,0.25,Ben
        """,
}


@pytest.fixture
def assessed(tmp_path):
    """The engagement with one text of a file replaced, as an assessment."""

    def made(file="", before="", after=""):
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for name, text in FILES.items():
            text = textwrap.dedent(text)
            if name == file:
                assert text.count(before) == 1
                text = text.replace(before, after)
            (folder / name).write_text(text, "utf-8")
        found = Assessment.open(folder, draws=400)
        found._cache = Cache(None)
        return found

    return made


def fact(chapter, id):
    return next(fact for fact in chapter.facts if fact.id == id)


def rests_on(chapter, id):
    """Follow the evidence of a fact from calculation to calculation down to what was told, measured or assumed."""
    known = {source.id: source for source in chapter.evidence()}
    waiting, seen = [source.id for source in fact(chapter, id).sources], set()
    while waiting:
        if (source := waiting.pop()) not in seen:
            seen.add(source)
            waiting += known[source].of if source in known else ()
    return seen


def test_expected_loss_follows_the_loss_of_a_risk(assessed):
    """docs/method/risk.md: events a year times exp(mu + sigma^2 / 2) of the 90 % interval (Hubbard and Seiersen 2016)."""
    plain, changed = assessed(), assessed("risks.csv", "40000", "90000")
    before, after = map(chapters.readiness_and_risk, (plain, changed))
    assert "in:risks.csv:2:loss_high" in rests_on(before, "risk.ale")

    def loss(low, high):
        mu, sigma = (math.log(low) + math.log(high)) / 2, (math.log(high) - math.log(low)) / 3.289707253902945
        return math.exp(mu + sigma**2 / 2)

    assert loss(10_000, 40_000) == pytest.approx(
        20_000 * math.exp((math.log(4) / 3.289707253902945) ** 2 / 2)
    )
    difference = fact(after, "risk.ale").value - fact(before, "risk.ale").value
    assert difference == pytest.approx(2 * (loss(10_000, 90_000) - loss(10_000, 40_000)), rel=1e-6)


def test_cost_of_an_option_follows_the_changes_of_an_integration(assessed):
    """docs/method/cost.md: changes x hours / 8 x day rate a year while live, each month discounted by (1 + r)^(-m/12).

    docs/method/readiness.md: nobody answered for four practices that make a change dearer, so their factors multiply
    its hours: 1.05 data retention, 1.2 contract tests, 1.08 deprecation policy, 1.08 tracing. The option is the one that does
    everything, by the only style that fits; the team is skilled in it, so that skill makes no change dearer.
    """
    plain, changed = assessed(), assessed("integrations.csv", "10000,4,", "10000,10,")
    before, after = map(chapters.total_cost, (plain, changed))
    assert "in:integrations.csv:2:changes_per_year" in rests_on(before, "cost.everything.npv")
    # six changes more of 8 hours, one person-day each at 800, live from the first month on
    worth = 6 * 1 * 800 / 12 * sum(1.05 ** (-month / 12) for month in range(1, 37))
    worth *= 1.05 * 1.2 * 1.08 * 1.08
    for id in ("cost.everything.npv", "cost.everything.npv_middle", "cost.everything.npv_p80"):
        difference = fact(after, id).value - fact(before, id).value
        assert difference == pytest.approx(worth, rel=1e-6), id


def test_benefit_a_year_follows_the_minutes_of_a_step(assessed):
    """docs/method/value-stream.md: visits x process time x share removed x price of an hour."""
    plain, changed = assessed(), assessed("value_stream.csv", "enter,erp,6", "enter,erp,9")
    before, after = map(chapters.value_stream, (plain, changed))
    assert "in:value_stream.csv:3:process_minutes" in rests_on(before, "value_stream.future.benefit")
    assert "as:value_stream.hour_cost" in rests_on(before, "value_stream.future.benefit")
    # 12,000 cases a year, half of 6 (then 9) minutes, 40 an hour
    assert fact(before, "value_stream.future.benefit").value == pytest.approx(12_000 * 6 / 60 * 0.5 * 40)
    assert fact(after, "value_stream.future.benefit").value == pytest.approx(12_000 * 9 / 60 * 0.5 * 40)


def test_a_gate_follows_the_answer_of_a_respondent(assessed):
    """docs/method/readiness.md: open if two confirm every must-have; P(pass) at most the weakest share, here 1 of 2."""
    row = "exit-strategy/documented,1,Ben"
    plain, changed = assessed(), assessed("readiness.csv", row, row.replace(",1,", ",0,"))
    before, after = map(chapters.readiness_and_risk, (plain, changed))
    assert "in:readiness.csv:9:answer" in rests_on(before, "readiness.select")
    states = [fact(chapter, "readiness.select").value for chapter in (before, after)]
    assert states == ["open", "closed"]
    met = [fact(chapter, "readiness.select.met").value for chapter in (before, after)]
    assert met[0] - met[1] == 1
    chances = [fact(chapter, "readiness.select.chance").value for chapter in (before, after)]
    assert chances == [1, 0.5]
