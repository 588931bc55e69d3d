"""Build or buy, word by word and record by record: verdicts, criteria, crossings, findings, facts."""

from __future__ import annotations

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.decisions import build_or_buy
from assess.decisions.build_or_buy import _criterion, _facts, _findings, _numbers, criteria, crossing
from assess.decisions.build_or_buy.result import BuildOrBuy
from assess.decisions.cost import Inputs
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import likely
from assess.decisions.cost.parameters import gather
from assess.decisions.cost.result import Quantiles

BOTH = ("api-first", "ipaas")


def test_a_criterion_in_full():
    """Build less buy of -4, -2, 2, 6, 3, -1 at 0 .. 5: zero at 1.5 and at 4.75; from 4 on the second is nearer."""
    axis, line = np.arange(6.0), np.array([-4.0, -2, 2, 6, 3, -1])
    found = _criterion("x", "Label", "unit", 4.0, axis, line, "integrations.csv")
    assert found.model_dump(exclude={"sources"}) == {
        "id": "x", "label": "Label", "unit": "unit", "value": 4.0, "low": 0.0, "high": 5.0, "favours": "buy", "difference_low": -4.0,
        "difference_high": -1.0, "switch_at": 4.75,
    }  # fmt: skip
    assert found.sources == (Source(kind="input", place="integrations.csv"),)
    assert _criterion("x", "", "", 1.0, axis, line, "p").switch_at == 1.5
    assert _criterion("x", "", "", 1.0, axis, -line, "p").favours == "build"
    flat = _criterion("x", "", "", 1.0, axis, np.full(6, 2.123456), "p")
    assert (flat.favours, flat.switch_at, flat.difference_low) == ("neither", None, 2.12)


def test_criteria_are_the_engine_with_one_thing_moved(make):
    """At the ends of each axis: the likely case of the engine with that value."""
    base = make(3, fields={"coverage": 0.4, "changes_per_year": Estimate.point(20)})
    terms = gather(base, styles=BOTH)
    found = {item.id: item for item in criteria(terms, BOTH, 30)}

    def difference(engagement, skills=None):
        held = gather(engagement, styles=BOTH)
        if skills is not None:
            held.skills["api-first"] = skills
        build, buy = (
            float(cash_flows(held, likely(held), {item.id: style for item in held.integrations}).npv[0])
            for style in BOTH
        )
        return round(build - buy, 2)

    def moved(**fields):
        return base.model_copy(
            update={"integrations": tuple(item.model_copy(update=fields) for item in base.integrations)}
        )

    assert [(c.id, c.label, c.unit, c.value, c.low, c.high, c.sources[0].place) for c in found.values()] == [
        ("number", "Number of integrations", "integrations", 3, 1, 30, "integrations.csv"),
        (
            "uniqueness",
            "Share that ready connectors cover",
            "share",
            pytest.approx(0.4),
            0,
            1,
            "integrations.csv",
        ),
        (
            "expertise",
            "Experience with building by hand",
            "share",
            terms.skills["api-first"],
            0,
            1,
            "engagement.yaml",
        ),
        ("change", "Changes of each connected system", "changes/year", 20, 0, 40, "integrations.csv"),
    ]
    ends = {item.id: (item.difference_low, item.difference_high) for item in found.values()}
    assert ends["uniqueness"] == pytest.approx(
        (difference(moved(coverage=0.0)), difference(moved(coverage=1.0)))
    )
    assert ends["change"] == pytest.approx(
        (
            difference(moved(changes_per_year=Estimate.point(0))),
            difference(moved(changes_per_year=Estimate.point(40))),
        )
    )
    assert ends["number"][1] != ends["number"][0]
    calm = criteria(gather(make(3), styles=BOTH), BOTH, 30)[3]
    assert (calm.low, calm.high, calm.value) == (0, 24, 2)
    mixed = base.model_copy(
        update={
            "integrations": (
                base.integrations[0],
                *(i.model_copy(update={"coverage": None}) for i in base.integrations[1:]),
            )
        }
    )
    assert criteria(gather(mixed, styles=BOTH), BOTH, 5)[1].value == pytest.approx((0.4 + 2 * 0.65) / 3)


def answer(*rows, **more):
    axis = np.array([1.0, 2, 3, 4])
    turns = tuple(crossing(kind, axis, np.array(rows)) for kind in ("integrations",))
    values = {
        "currency": "EUR", "horizon_years": 4, "integrations": 7, "build_style": "api-first", "buy_style": "ipaas", "plan": "",
        "buy_share": 0.25, "crossings": turns, "draws": 2, "seed": 1,
    }  # fmt: skip
    return BuildOrBuy(**{**values, **more})


UP, DOWN, NEVER, ALWAYS = [-1.0, -1, 1, 1], [1.0, 1, 1, -1], [-1.0] * 4, [1.0] * 4


def test_the_width_of_the_crossover_in_words():
    (found,) = _findings(answer(UP, UP, UP, NEVER))
    assert (found.id, found.section, found.severity) == ("build_or_buy/crossover", "build_or_buy", "info")
    assert found.title == (
        "The answer turns at about 3 integrations, but anything from 3 to 3 is credible; in 25% of the cases the two never change "
        "places up to 4 integrations"
    )
    assert found.evidence == "there are 7 integrations; buying is cheaper in 25% of the cases"
    assert found.impact == "The rule of thumb of 10 integrations is one point of a wide distribution"
    (rare,) = _findings(answer(UP, NEVER, NEVER, NEVER))
    assert (
        rare.title
        == "In 75% of the cases no number of integrations up to 4 turns the answer; where one does, it is about 3 (3 to 3)"
    )
    (half,) = _findings(answer(UP, NEVER))
    assert half.title.startswith("The answer turns at about 3")
    (none,) = _findings(answer(NEVER, NEVER))
    assert (
        none.title
        == "No number of integrations up to 4 turns the answer: building by hand is cheaper throughout"
    )
    (always,) = _findings(answer(ALWAYS, ALWAYS, NEVER))
    assert (
        always.title
        == "No number of integrations up to 4 turns the answer: the platform is cheaper throughout"
    )


def test_about_thirty_numbers_ever_further_apart():
    assert _numbers(4).tolist() == [1, 2, 3, 4, 12, 13]
    found = _numbers(150)
    assert found[:12].tolist() == list(range(1, 13))
    assert found[-1] == 150
    assert len(found) <= 31
    assert np.all(np.diff(found) >= 1)


def test_facts_of_the_comparison():
    spread = Quantiles(mean=1, p5=-2, p10=-1, p50=5, p80=6, p90=7, p95=8)
    sources = (Source(kind="assumption", place="a"), Source(kind="assumption", place="b"))
    found = _facts(answer(UP, NEVER, difference=spread, sources=sources))
    assert [(f.id, f.label, f.value, f.unit, f.low, f.high) for f in found] == [
        ("build_or_buy.buy_share", "Chance that buying is cheaper for all integrations together", 0.25, "chance", None, None),
        ("build_or_buy.difference", "Saved by building all instead of buying", -1, "EUR", -7, 1),
        ("build_or_buy.crossing.integrations", "Number of integrations from which the other way is cheaper", 3, "integrations", 3, 3),
        ("build_or_buy.never.integrations", "Chance that no value up to 4 turns the answer: Number of integrations from which the other way is cheaper", 1 / 2, "chance", None, None),
    ]  # fmt: skip
    assert [f.sources[0].id for f in found] == [
        f"ca:build_or_buy/{term}"
        for term in ("buy_share", "difference", "crossing/integrations", "crossing/integrations")
    ]
    assert all(
        f.sources[0].of == ("as:a", "as:b") and f.sources[0].detail == "docs/method/build-or-buy.md"
        for f in found
    )
    assert len(_facts(answer(UP))) == 3


def test_what_is_missing_in_words(make):
    none = build_or_buy.decide(Inputs(make(0)), draws=10)
    assert (none.missing[0].section, none.integrations, none.currency, none.horizon_years) == (
        "build_or_buy",
        0,
        "EUR",
        5,
    )
    found = build_or_buy.decide(Inputs(make(2, horizon_years=3)), draws=20)
    assert found.plan == "MuleSoft Anypoint"
    assert (found.build_style, found.buy_style, found.integrations, found.horizon_years) == (
        "api-first",
        "ipaas",
        2,
        3,
    )
    assert found.notes == (
        "Present values over 3 years. The curve over the number of integrations uses the average integration of this engagement.",
    )
    number = next(curve for curve in found.curves if curve.kind == "integrations")
    assert (number.values[0], number.values[-1]) == (1, 150)
