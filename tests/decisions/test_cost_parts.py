"""Parts of the result with exact values: payback, tornado, traces, thresholds of findings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from assess.decisions.cost import findings as remarks
from assess.decisions.cost import quantiles, swings, tidy
from assess.decisions.cost.cashflow import Model
from assess.decisions.cost.draws import likely
from assess.decisions.cost.finance import break_even, first_year_cheapest
from assess.decisions.cost.parameters import gather
from assess.decisions.cost.result import OptionCost, Quantiles, TotalCost
from assess.decisions.cost.sources import line_sources, sources
from assess.intake.engagement import Team


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
