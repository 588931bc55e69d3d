"""What the cost model says beside its numbers: notes, missing input, findings and facts, word by word."""

from __future__ import annotations

import datetime as dt

import pytest

from assess.core.source import Source
from assess.decisions.cost import findings as remarks
from assess.decisions.cost import sources as trace
from assess.decisions.cost.parameters import gather
from assess.decisions.cost.result import (
    CashLine,
    Excluded,
    OpenQuestion,
    OptionCost,
    Pilot,
    Quantiles,
    Swing,
    TotalCost,
)
from assess.decisions.shift import Shift
from assess.intake.assumptions import defaults
from assess.intake.engagement import Constraints, Team


def ids(sources):
    return [source.id for source in sources]


def option(name, *, benefits=0.0, months=(1.0, 2.0, 3.0)):
    flat = Quantiles(mean=50, p5=5, p10=10, p50=40, p80=80, p90=90, p95=95)
    year = Quantiles(mean=5, p5=0.5, p10=1, p50=4, p80=8, p90=9, p95=9.5)
    lines = (
        CashLine(line="build", label="b", years=(), present_value=9, of=("as:x", "as:y"), note=""),
        CashLine(line="benefits", label="g", years=(), present_value=benefits, of=("as:y", "as:z"), note=""),
    )
    return OptionCost(
        id=name, label=name.upper(), assignment={}, npv=flat, spent=flat, annual=year, likely=40, lines=lines, cheapest=0.7,
        regret=3, cvar95=99, fan=(), payback_month=None, break_even_month=None, months_to_build=months,
    )  # fmt: skip


def result(*options, **more):
    values = {
        "currency": "USD", "money": "real", "discount_rate": 0.05, "inflation": 0.02, "horizon_years": 4, "draws": 2, "seed": 1,
        "best": options[0].id if options else None, "options": options,
    }  # fmt: skip
    return TotalCost(**{**values, **more})


def test_facts_of_an_option(make):
    terms = gather(make(1))
    found = trace.facts(result(option("a"), option("b", benefits=-5.0)), terms)
    assert [fact.id for fact in found] == [
        f"cost.{name}.{term}" for name in "ab" for term in ("npv", "npv_middle", "npv_p80", "spent", "annual", "cheapest", "regret", "cvar95")
    ]  # fmt: skip
    assert [(fact.label, fact.value, fact.unit, fact.low, fact.high) for fact in found[:8]] == [
        ("Cost over 4 years, average present value, A", 50, "USD", 10, 90),
        ("The same in the middle future, A", 40, "USD", None, None),
        ("Present value not exceeded in 8 of 10 cases, A", 80, "USD", None, None),
        ("To invest until live", 50, "USD", 10, 90),
        ("Equal yearly amount, A", 5, "USD/year", 1, 9),
        ("Chance of being the cheapest of the options that connect something, A", 0.7, "chance", None, None),
        ("Expected regret, A", 3, "USD", None, None),
        ("Mean of the worst 5% of cases, A", 99, "USD", None, None),
    ]
    assert found[8].label == "Cost less benefits over 4 years, average present value, B"
    sources = [fact.sources[0] for fact in found[:8]]
    assert ids(sources) == [
        f"ca:cost/{term}/a"
        for term in ("npv", "npv", "npv", "spent", "annual", "cheapest", "regret", "cvar95")
    ]
    assert all(
        source.of == ("as:x", "as:y", "as:z") and source.detail == "docs/method/cost.md" for source in sources
    )


def test_facts_of_what_is_worth_knowing(make):
    terms = gather(make(1), styles=["api-first"])
    asked = OpenQuestion(
        id="wages", label="What do people cost?", evppi=12, shapley=0.5, parameters=("people.wage",)
    )
    pilot = Pilot(cost=5, worth=8, questions=("effort",), resolved=0.3)
    found = trace.facts(result(option("a"), evpi=30, questions=(asked,), pilot=pilot), terms)[8:]
    assert [(fact.id, fact.label, fact.value, fact.unit) for fact in found] == [
        ("cost.evpi", "Worth of knowing everything before deciding", 30, "USD"),
        ("cost.evppi.wages", "Worth of an answer to: What do people cost?", 12, "USD"),
        ("cost.pilot.worth", "Worth of a two-week pilot for the choice", 8, "USD"),
    ]
    evpi, question, evsi = (fact.sources[0] for fact in found)
    assert (evpi.id, evpi.of) == ("ca:cost/evpi", ("ca:cost/npv/a",))
    assert (evsi.id, evsi.of) == ("ca:cost/evsi/pilot", ("ca:cost/npv/a",))
    assert question.id == "ca:cost/evppi/wages"
    assert question.of == tuple(dict.fromkeys(p.estimate.source.id for p in terms.parameters if p.question == "wages" and p.estimate.source))  # fmt: skip
    assert question.detail == evpi.detail == "docs/method/cost.md"
    assert trace.facts(result(), terms) == ()


def test_what_was_not_supplied_is_named_with_what_it_changes():
    found = remarks.missing({"remediation": False, "benefits": True, "losses": False})
    assert [(item.section, item.supply, item.changes) for item in found] == [
        ("cost", "extracts of the systems (column data of systems.csv)", "adds the repair of the measured defects to every option"),
        ("cost", "risks.csv", "adds the expected losses, which differ between the options"),
    ]  # fmt: skip
    (silent,) = remarks.missing({"benefits": False})
    assert silent.supply == "value_stream.csv"
    assert silent.changes == "adds what the integrations save a year, so that a payback can be stated"


def test_what_stops_the_calculation_is_said():
    assert [item.model_dump() for item in (remarks.no_integrations(), remarks.no_rate("add USD"), remarks.no_plan((Excluded(option="a", reason="it ends"), Excluded(option="b", reason="so does it"))))] == [
        {"section": "cost", "supply": "integrations.csv with at least one integration", "changes": "the cost of every option can be estimated"},
        {"section": "cost", "supply": "add USD", "changes": "prices of other currencies can be converted"},
        {"section": "cost", "supply": "a price plan that carries the volume (a: it ends; b: so does it)", "changes": "the options can be priced"},
    ]  # fmt: skip


def test_notes_of_real_and_nominal_money(make):
    shift = Shift(id="s", parameter="change.hours", factor=1.5, because="no alerts")
    real = make(1, discount_rate=0.06, inflation=0.02, horizon_years=3)
    said = remarks.notes(real, gather(real), {"benefits": False, "losses": True}, (shift,))
    assert said == (
        "Amounts are in EUR, real money of the base date, over 3 years, discounted at 6.00% a year (real) from the end of each month; "
        "inflation 2.00%.",
        "Costs are booked on the plan, benefits from when the team can really have built the integrations.",
        "An integration costs 1.30 times its plan on average.",
        "Of large projects one in 5.6 overruns by more than 50%, up to 25 times its plan: the case of a programme that runs away, "
        "beside the futures.",
        f"{remarks.line_label('benefits')}: zero, because the value stream was not assessed yet.",
        "change.hours times 1.5 because no alerts.",
    )
    nominal = make(1, money="nominal", discount_rate=0.08, inflation=0.02)
    first = remarks.notes(nominal, gather(nominal), {}, ())[0]
    assert "nominal money of each month, over 5 years, discounted at 8.00% a year (nominal)" in first


def test_notes_of_lines():
    assert (
        remarks.line_note("benefits", {"benefits": False})
        == "zero, because the value stream was not assessed yet"
    )
    assert remarks.line_note("benefits", {"benefits": True}) == remarks.line_note("build", {}) == ""


def test_the_team_in_words(make):
    nobody = make(1, team=Team(people=0, origin=Source(kind="input", place="engagement.yaml", row=4)))
    found = remarks._team(gather(nobody), result(option("a")))
    assert (found.id, found.section, found.severity) == ("cost/no-team", "cost", "critical")
    assert found.title == "Nobody is there to build: the team has 0 people"
    assert (
        found.impact
        == "The plan has no capacity; costs are those of bought days, benefits do not start in time"
    )
    assert found.action == "Name the people, or buy the capacity."
    assert ids(found.sources) == ["in:engagement.yaml:4:team.people"]
    few = make(
        1, horizon_years=1, team=Team(people=1, origin=Source(kind="input", place="engagement.yaml", row=4))
    )
    late = remarks._team(gather(few), result(option("a", months=(1, 13.6, 20))))
    assert (late.id, late.severity) == ("cost/capacity", "high")
    assert late.title == "The team needs 14 months for A, longer than the 12 months of the horizon"
    assert late.impact == "Integrations come too late, or outside capacity has to be bought"
    assert late.action == "Add people, raise their focus, or reduce the number of integrations."
    assert ids(late.sources) == ["in:engagement.yaml:4:team.people"]
    assert remarks._team(gather(few), result()) is None


@pytest.mark.parametrize(
    ("within", "severity"),
    [(0.3, "high"), (0.49, "high"), (0.5, "medium"), (0.79, "medium"), (0.8, None), (1.0, None)],
)
def test_the_budget_in_words(make, within, severity):
    engagement = make(
        1, constraints=Constraints(budget=45, origin=Source(kind="input", place="engagement.yaml", row=5))
    )
    held = option("a").model_copy(update={"within_budget": within})
    found = remarks._budget(engagement, result(held, budget=45))
    if severity is None:
        assert found is None
        return
    assert found.severity == severity
    assert (
        found.title
        == f"The budget of 45\xa0USD lasts until all integrations run in {within:.0%} of the futures"
    )
    assert found.evidence == "A until all run: 50\xa0USD on average, up to 80\xa0USD in eight of ten futures"
    assert found.impact == "The programme runs out of money before it is complete"
    assert found.action == "Raise the budget to 80\xa0USD, or leave integrations out of the first phase."
    assert ids(found.sources) == ["in:engagement.yaml:5:budget"]
    assert (found.id, found.section) == ("cost/budget", "cost")
    assert remarks._budget(make(1), result(held)) is None


def swing(key):
    return Swing(
        parameter=key, label=key, unit="", low=0, high=1, cost_low={"a": 1}, cost_high={"a": 2}, elicited=True,
        sources=(Source(kind="assumption", place=key), Source(kind="input", place="integrations.csv")),
    )  # fmt: skip


def test_assumptions_that_carry_the_answer_are_flagged(make):
    """The wage is elicited and has a conflicting source, both priced before 2026; inflation is neither."""
    engagement = make(1, date=dt.date(2027, 3, 1))
    held = result(
        option("a"), swings=(swing("people.wage"), swing("money.inflation"), swing("price.aws-sqs.requests"))
    )
    elicited, stale, conflict = remarks._assumptions(engagement, held)
    wage, queue, inflation = (
        defaults()[key] for key in ("people.wage", "price.aws-sqs.requests", "money.inflation")
    )
    assert (elicited.id, elicited.severity, elicited.section) == ("cost/elicited", "medium", "cost")
    assert elicited.title == "1 of the 3 parameters that move the cost most rest on experts' beliefs"
    assert elicited.evidence == "Full cost of one employee (people.wage)"
    assert elicited.impact == "The ranges are wide because nobody measured them here"
    assert (
        elicited.action == "Replace them by the client's own figures under assumptions: in engagement.yaml."
    )
    assert ids(elicited.sources) == ["as:people.wage"]
    old = [entry for entry in (wage, inflation, queue) if (engagement.date - entry.date).days > 180]
    assert (stale.id, stale.severity) == ("cost/stale", "low")
    assert stale.title == f"{len(old)} defaults that move the cost are older than 180 days"
    assert stale.evidence == "; ".join(
        f"{entry.label}: {(engagement.date - entry.date).days} days" for entry in old
    )
    assert stale.action == "Check them against today's price lists."
    assert (conflict.id, conflict.severity) == ("cost/conflict/people.wage", "low")
    assert conflict.title == "Sources disagree about “Full cost of one employee”: 92000 or 155760 EUR/year"
    assert conflict.evidence == f"{wage.source}; against {wage.conflicts[0].source}"
    assert conflict.action == "Decide which source holds for this client."
    assert ids(conflict.sources) == ["as:people.wage"]
    undated = make(1, date=None)
    assert [finding.id for finding in remarks._assumptions(undated, held)] == [
        "cost/elicited",
        "cost/conflict/people.wage",
    ]
    own = make(1, date=None, assumed={"people.wage": 1})
    assert remarks._assumptions(own, held) == []
    many = result(option("a"), swings=(*[swing("money.inflation")] * 10, swing("people.wage")))
    assert all(finding.id == "cost/stale" for finding in remarks._assumptions(engagement, many))


def test_what_could_not_be_priced_and_correlations_in_words():
    found = remarks._excluded(Excluded(option="ipaas", reason="it ends"))
    assert (found.id, found.severity, found.title) == (
        "cost/excluded/ipaas",
        "high",
        "ipaas could not be priced: it ends",
    )
    assert found.action == "Ask the vendor for the edition behind the ceiling, or choose another plan."
    moved = remarks._correlation(result(correlation_moved=0.123))
    assert (moved.id, moved.severity, moved.action) == (
        "cost/correlation",
        "info",
        "Check the assumptions correlation.*.",
    )
    assert (
        moved.title
        == "The stated correlations contradict each other; the nearest consistent ones differ by up to 0.12"
    )
