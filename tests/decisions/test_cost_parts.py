"""Parts of the result with exact values: payback, tornado, traces, thresholds of findings."""

from __future__ import annotations

import dataclasses
from typing import get_args

import numpy as np
import pytest
from scipy import stats

from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.decisions.cost import Inputs, quantiles, swings, tidy
from assess.decisions.cost import findings as remarks
from assess.decisions.cost.billing import Component, Plan, Tier
from assess.decisions.cost.cashflow import Model, collect_inputs
from assess.decisions.cost.draws import likely
from assess.decisions.cost.finance import break_even, first_year_cheapest
from assess.decisions.cost.likely_case import move
from assess.decisions.cost.model import LINES, WORTH, cash_flow_table
from assess.decisions.cost.parameters import KEEP, Assigned, gather
from assess.decisions.cost.result import OptionCost, Quantiles, TotalCost
from assess.decisions.cost.sources import line_sources, sources
from assess.intake.engagement import Team
from assess.intake.engagement.landscape import STYLES, Meter, Product, Yearly

from .test_published_guidance import engagement, row


def test_changes_are_shared_by_the_work_that_stays(make, plain):
    """2 changes each; of the covered share (.9 and none) the platform takes over half."""
    base = make(2, assumed=plain)
    covered, own = (
        item.model_copy(update={"coverage": share})
        for item, share in zip(base.integrations, (0.9, 0.0), strict=True)
    )
    terms = gather(base.model_copy(update={"integrations": (covered, own)}), styles=["api-first", "ipaas"])
    model = Model.of(terms, likely(terms))
    for style, expected in (("ipaas", [1.1, 2]), ("api-first", [2, 2])):
        found = model.option(dict.fromkeys(("i0", "i1"), style))["followed"]
        assert found.data[:, 0].tolist() == pytest.approx(expected)


def test_break_even_month_by_hand():
    total = {"a": np.array([100.0, 110, 120, 130]), "b": np.array([0.0, 60, 125, 190])}
    assert break_even("a", "b", total) == 2
    assert break_even("b", "b", total) is None
    never = {"a": total["b"] + 1, "b": total["b"]}
    assert break_even("a", "b", never) is None


def test_the_cheapest_first_year_is_after_twelve_months():
    months = np.arange(25.0)
    assert first_year_cheapest({"a": months, "b": np.where(months < 12, 0, 13)}) == "a"
    assert first_year_cheapest({"a": months, "b": np.where(months <= 12, 0, 13)}) == "b"


def test_swings_run_from_p10_to_p90(make):
    engagement = make(2)
    terms = gather(engagement, styles=["api-first"])
    found = swings(engagement, terms, {"api": {"i0": "api-first", "i1": "api-first"}})
    wage = next(item for item in found.swings if item.parameter == "people.wage")
    beta = stats.beta(1 + 4 * 22 / 55, 1 + 4 * 33 / 55)
    assert wage.low == pytest.approx(70_000 + 55_000 * beta.ppf(0.1), abs=2)
    assert wage.high == pytest.approx(70_000 + 55_000 * beta.ppf(0.9), abs=2)
    assert wage.unit == "EUR/year"
    posts = 0.08 * 1.03
    each = 2 * 0.012 * 1.03
    years = (1 - 1.06**-5) / (12 * (1.06 ** (1 / 12) - 1))
    live = sum(min(m / 9, 1) * 1.06 ** (-m / 12) for m in range(1, 61)) / 12
    assert wage.span("api") == pytest.approx((wage.high - wage.low) * (posts * years + each * live), rel=1e-3)
    family = next(item for item in found.swings if item.parameter == "family:volume")
    assert family.unit == "factor"
    assert family.low < 1 < family.high
    assert not family.elicited
    assert [source.place for source in family.sources] == ["integrations.csv"]


def test_the_sources_name_a_stated_discount_rate(make):
    terms = gather(make(1))
    assert "in:engagement.yaml:discount_rate" not in {item.id for item in sources(make(1), terms)}
    stated = make(1, discount_rate=0.07)
    ids = [item.id for item in sources(stated, gather(stated))]
    assert "in:engagement.yaml:discount_rate" in ids
    assert {"as:money.inflation", "as:overrun.cap", "as:overrun.tail_mean"} <= set(ids)
    assert ids == sorted(set(ids))


def test_lines_name_only_the_styles_in_use(make):
    terms = gather(make(1), styles=["api-first", "ipaas"])
    assert line_sources(terms, "people", ["ipaas"]) == (
        "as:people.wage",
        "as:people.fte.ipaas",
        "as:people.scarcity.ipaas",
    )
    assert line_sources(terms, "infrastructure", ["api-first"]) == ("as:infrastructure.api-first",)
    assert "as:price.aws-api-gateway-http.first_300M" in line_sources(terms, "subscription", ["api-first"])
    assert "as:price.mulesoft.base" not in line_sources(terms, "subscription", ["api-first"])
    assert line_sources(terms, "coordination", ["ipaas"]) == ("as:portfolio.coordination",)


def test_quantiles_of_a_line():
    found = quantiles(np.arange(101.0))
    assert found == Quantiles(mean=50, p5=5, p10=10, p50=50, p80=80, p90=90, p95=95)
    assert tidy(1 / 3) == 0.3333333333


def option(name, p50, cheapest, *, mean=None, months=(1, 2, 3)):
    flat = Quantiles(mean=mean or p50, p5=p50, p10=p50, p50=p50, p80=p50, p90=p50, p95=p50)
    return OptionCost(
        id=name, label=name.upper(), assignment={}, npv=flat, spent=flat, annual=flat, likely=p50, lines=(), cheapest=cheapest,
        regret=5, cvar95=p50, fan=(), payback_month=None, break_even_month=None,
        months_to_build=months,
    )  # fmt: skip


def total(*options, best="a", moved=0.0):
    return TotalCost(
        currency="EUR", money="real", discount_rate=0.05, inflation=0.02, horizon_years=5, draws=2, seed=1,
        best=best, options=options, correlation_moved=moved,
    )  # fmt: skip


def test_a_close_choice_is_said_below_sixty_percent():
    clear = total(option("a", 1, 0.6), option("b", 2, 0.4))
    assert remarks._unclear(clear) is None
    close = remarks._unclear(total(option("a", 1, 0.59), option("b", 2, 0.41)))
    assert (close.id, close.severity) == ("cost/close", "medium")
    assert "“A” is the cheapest in 59%" in close.title
    assert close.evidence == "A 59%; B 41%"
    assert remarks._unclear(total(option("a", 1, 0.1))) is None


def test_repaired_correlations_are_said_beyond_half_a_percent():
    assert remarks._correlation(total(moved=0.005)) is None
    assert "up to 0.01" in remarks._correlation(total(moved=0.0051)).title


def test_capacity_is_said_beyond_the_horizon(make):
    engagement = make(2, horizon_years=1, team=Team(people=2))
    terms = gather(engagement)
    assert remarks._team(terms, total(option("a", 1, 1, months=(1, 12, 40)))) is None
    late = remarks._team(terms, total(option("a", 1, 1, months=(1, 12.4, 40))))
    assert late.id == "cost/capacity"
    assert "12 months for A, longer than the 12 months" in late.title


def test_notes_state_the_conventions(make):
    engagement = make(1, money="nominal", discount_rate=0.08, inflation=0.03)
    first, second, third, fourth = remarks.notes(engagement, gather(engagement), {}, ())
    assert "nominal money" in first
    assert "8.00%" in first
    assert "inflation 3.00%" in first
    assert "over 5 years" in first
    assert "booked on the plan" in second
    assert "Of large projects one in 5.6" in fourth
    assert "1.30 times its plan" in third
    none = make(1, assumed={"overrun.tail_share": 0})
    assert len(remarks.notes(none, gather(none), {}, ())) == 3


def test_the_sources_are_those_of_every_parameter_and_of_rates_and_tail(make):
    """Of an engagement without options: each global default once, and what is no parameter of its own."""
    terms = gather(make(1))
    used = {item.estimate.source.id for item in terms.parameters if item.estimate.source}
    beside = {
        "money.inflation",
        "money.discount_rate",
        "overrun.tail_share",
        "overrun.tail_mean",
        "overrun.cap",
    }
    assert {item.id for item in sources(make(1), terms)} == used | {f"as:{key}" for key in beside}
    assert not used & {f"as:{key}" for key in beside}


PRICED = (
    "team.day_rate",
    "people.wage",
    "portfolio.coordination",
    "infrastructure",
    "infrastructure.each",
    "failure.loss",
    "loss",
    "benefit",
    "owned_cost",
)
"""Inputs of the cost graph that are amounts of money."""


def metered(price):
    """Return a plan that counts everything that a plan can count, and costs at least something."""
    parts = tuple(
        Component(meter=meter, tiers=(Tier(upto=100, price=price), Tier(price=price / 2)))
        for meter in get_args(Meter)
    )
    return Plan(id="p", name="P", style="ipaas", currency="EUR", components=parts, minimum=3 * price)


def landscape():
    """Return terms in which every formula is more than nothing: built, kept, owned, risky, defective, stated in days and in money."""
    rows = [
        row(0, "s0", "s1", peak_per_second=5.0, message_kb=90.0),
        row(1, "s1", "s2", build_days=None, style_today="api-first"),
        row(2, "s2", "s0", style_today="point-to-point", growth=None),
    ]
    at = {"integrations": ("i0", "i2"), "per_year": Estimate(low=900, likely=2000, high=7000)}
    product = Product(
        id="b",
        product="Broker",
        component="message-broker",
        status="in-use",
        cost_per_year=Estimate.point(4000),
    )
    dirty = Finding(
        id="q",
        section="data_quality",
        severity="high",
        title="Defects",
        effort=Estimate.point(9, "person-days"),
    )
    inputs = Inputs(
        engagement(rows, stack=(product,)),
        remediation=[dirty], benefits=[Yearly(id="b", label="Hours", **at)], losses=[Yearly(id="l", label="Outage", styles=("ipaas",), **at), Yearly(id="m", label="Fire", per_year=at["per_year"])],
    )  # fmt: skip
    option = Assigned({"i0": "ipaas", "i1": KEEP, "i2": "event-driven"}, {"ipaas": "p"})
    return inputs.terms(STYLES), option


def evaluated(terms, option, price=0.5, money=1.0, **factors):
    """Return the value of every node of the graph; ``money`` multiplies all amounts, ``factors`` single inputs."""
    terms = dataclasses.replace(terms, plans={"p": metered(price * money)})
    known = collect_inputs(terms, likely(terms))
    in_money = 1 + (money - 1) * (1 - known["in_days"].data)
    many = {**dict.fromkeys(PRICED, money), **factors}
    for name, factor in many.items():
        known[name] = known[name]._replace(data=known[name].data * factor)
    effort = known["effort"]
    known["effort"] = effort._replace(data=effort.data * in_money.reshape(-1, *[1] * (effort.data.ndim - 1)))
    found = Model.with_inputs(terms, known, 1).option(option)
    return {name: np.asarray(found[name].data, dtype=float) for name in terms.graph.nodes}, terms.graph.nodes


def test_every_formula_has_the_unit_that_its_value_has():
    """In a currency of a third of the worth every amount is thrice as much, and nothing else changes."""
    terms, option = landscape()
    (once, nodes), (thrice, _) = evaluated(terms, option), evaluated(terms, option, money=3.0)
    units = {"", "FTE", "money", "money/year", "months", "share/year", "years"}
    assert {node.unit for node in nodes.values()} <= units
    for name, node in nodes.items():
        factor = 3.0 if node.unit.startswith("money") else 1.0
        assert np.allclose(thrice[name], factor * once[name], rtol=1e-9, atol=0), (name, node.unit)
    moving = [name for name, node in nodes.items() if node.unit.startswith("money") and not once[name].any()]
    assert moving == []


def test_every_formula_has_a_label_of_its_own():
    terms, option = landscape()
    _, nodes = evaluated(terms, option)
    for some in (nodes, cash_flow_table("real"), cash_flow_table("nominal")):
        labels = [node.label for node in some.values()]
        assert all(label and label == label.strip() for label in labels)
        assert len(set(labels)) == len(labels), [label for label in labels if labels.count(label) > 1]


@pytest.mark.parametrize("meter", get_args(Meter))
def test_what_a_meter_counts_grows_with_what_is_sent_again(meter):
    """Of 100 messages 20 sent again are 120 messages, steps and gigabytes; a month, a flow, a connection stay; 1 MB is .001 GB."""
    terms, option = landscape()
    name = f"quantity.{meter}.p"
    default = terms.by_name["billing.retry_rate"].estimate.likely
    never, rarely, often = (
        evaluated(terms, option, **{"billing.retry_rate": rate / default})[0][name] for rate in (0, 0.2, 0.4)
    )
    assert never.any()
    if meter in ("message", "step", "gigabyte"):
        assert np.allclose(rarely, 1.2 * never) and np.allclose(often, 1.4 * never)
    elif meter == "vcore":
        assert (rarely > never).all() and np.allclose(often - rarely, rarely - never)
    else:
        assert np.array_equal(rarely, never) and np.array_equal(often, never)
    larger = evaluated(terms, option, kb=2.0)[0][name]
    assert np.allclose(larger, 2 * evaluated(terms, option)[0][name]) == (meter == "gigabyte")


def test_what_is_paid_each_year_is_an_amount_a_year():
    """Twice the years cost twice as much of it, without discount and ramp; what is paid once or for building stays as it is."""
    terms, option = landscape()
    terms = dataclasses.replace(terms, real_rate=0.0, plans={"p": metered(0.5)})
    known = collect_inputs(terms, likely(terms))
    for name in ("price.uplift", "volume.growth", "own_growth", "inflation", "rollout.months"):
        known[name] = known[name]._replace(data=0 * known[name].data)
    found = Model.with_inputs(terms, known, 1).option(option)
    for line in LINES:
        if line.paid in ("late", "contract"):
            continue
        amount = float(np.asarray(found[f"line.{line.key}"].data).reshape(-1)[0])
        worth = 1.0 if line.paid == "once" else float(np.asarray(found[WORTH[line.paid]].data).sum())
        years = {"money": 1, "money/year": terms.horizon}[terms.graph.nodes[f"line.{line.key}"].unit]
        assert amount * worth == pytest.approx(amount * years, rel=0.02), line.key


def test_a_what_if_moves_what_it_names_and_nothing_else():
    """A real rate of 11 % with 2 % inflation is 13.22 % nominal; thrice the volume is thrice the stated peak, too."""
    terms, option = landscape()
    terms = dataclasses.replace(terms, inflation=0.02)
    options = {"a": dict(option)}
    rated, _ = move(terms, options, {"discount_rate": 0.11})
    assert (rated.real_rate, rated.nominal_rate) == (0.11, pytest.approx(1.11 * 1.02 - 1))
    assert rated.integrations == terms.integrations and rated.by_name == terms.by_name
    busy, _ = move(terms, options, {"volume": 3.0})
    assert [item.peak_per_second for item in busy.integrations] == [15.0, None, None]
    assert busy.by_name.keys() == terms.by_name.keys()
    for name, before in terms.by_name.items():
        factor = 3.0 if before.family == "volume" else 1.0
        assert busy.by_name[name].estimate.mean == pytest.approx(factor * before.estimate.mean), name
    assert busy.real_rate == terms.real_rate
    capped, _ = move(terms, options, {"cap": 9.0})
    assert capped.overrun == {**terms.overrun, "cap": 9.0}
