"""The cost what-if against the engine: every number of integrations, every cap, and grids of all sliders."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad

from assess.core.cache import Cache
from assess.core.estimate import Estimate
from assess.core.finding import Finding
from assess.decisions import cost
from assess.decisions.assessment import Assessment
from assess.decisions.cost import Inputs
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.distributions import Overrun
from assess.decisions.cost.draws import Draws, likely
from assess.decisions.cost.likely_case import futures, likely_case
from assess.decisions.cost.parameters import gather
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLES, Integration, System, Yearly
from assess.report.chapters.total_cost import explored, redrawn_futures
from assess.report.whatif.cost import REDRAWN, what_if

MIX = ("api-first", "ipaas", "event-driven", "file-exchange")
EXTRAS = {
    "benefits": [
        Yearly(id="b", label="b", integrations=("i0", "i3", "i4"), per_year=Estimate.point(90_000)),
        Yearly(id="c", label="c", styles=("ipaas", "api-first"), per_year=Estimate.point(30_000)),
    ],
    "losses": [
        Yearly(id="l", label="l", styles=("ipaas",), per_year=Estimate.point(20_000)),
        Yearly(
            id="m", label="m", integrations=("i1",), styles=("event-driven",), per_year=Estimate.point(7_000)
        ),
    ],
    "remediation": [
        Finding(id="f", section="data_quality", severity="low", title="f", effort=Estimate.point(5))
    ],
}


def engagement(count=5, **more):
    items = [
        Integration(
            id=f"i{n}",
            source=f"s{n % 3}",
            target="t",
            volume=Estimate.point(3e5 * 4**n),
            changes_per_year=Estimate.point(1.0 + n),
        )
        for n in range(count)
    ]
    special = {"build_days": Estimate.point(20), "customisation": 0.3, "growth": 0.4, "peak_per_second": 3000.0, "message_kb": 130.0}  # fmt: skip
    items[0] = items[0].model_copy(update=special)
    items[2] = items[2].model_copy(update={"coverage": 0.9, "build_days": Estimate.point(35)})
    systems = tuple(System(id=name) for name in ("s0", "s1", "s2", "t"))
    return Engagement(
        folder=Path(),
        client="c",
        systems=systems,
        integrations=tuple(items),
        horizon_years=3,
        assumptions=Assumptions(),
        **more,
    )


def options(made):
    found = {style: {item.id: style for item in made.integrations} for style in STYLES}
    found["mixed"] = {item.id: MIX[n % 4] for n, item in enumerate(made.integrations)}
    found["in part"] = {item.id: "ipaas" for item in made.integrations[1:3]}
    return found


def with_number(made, assignments, number):
    """Return the engagement with so many integrations, the list begun again, and the options over them."""
    count = len(made.integrations)
    items, chosen = [], {name: {} for name in assignments}
    for n in range(number):
        old = made.integrations[n % count]
        new = old.model_copy(update={"id": old.id if n < count else f"{old.id}#{n // count}"})
        items.append(new)
        for name, assignment in assignments.items():
            if old.id in assignment:
                chosen[name][new.id] = assignment[old.id]
    return made.model_copy(update={"integrations": tuple(items)}), chosen


def engine(made, assignments, change=None, **extras):
    terms = gather(made, **extras)
    draws = likely(terms)
    values = {name: (change or {}).get(name.split(":")[0], value) for name, value in draws.values.items()}
    draws = Draws(values, draws.family, draws.size)
    return [float(cash_flows(terms, draws, item).npv[0]) for item in assignments.values()]


@pytest.mark.parametrize("number", [1, 2, 4, 5, 6, 9, 13, 30])
def test_it_follows_the_number_of_integrations(number):
    made = engagement()
    chosen = options(made)
    found = what_if(likely_case(Inputs(made, chosen, **EXTRAS)), {}, "EUR").evaluate(
        {"number": float(number)}
    )["npv"]
    grown, over = with_number(made, chosen, number)
    # A repeated integration brings no benefit and no loss of its own, so those stay with the first of each name.
    np.testing.assert_allclose(found, engine(grown, over, **EXTRAS), rtol=1e-9)


def test_it_follows_number_volume_and_rates_together():
    made = engagement()
    chosen = options(made)
    model = what_if(likely_case(Inputs(made, chosen, **EXTRAS)), {}, "EUR")
    moved = {
        "number": 7.0,
        "volume": 3.0,
        "day_rate": 900.0,
        "wage": 70_000.0,
        "uplift": 0.1,
        "overrun": 1.7,
    }
    grown, over = with_number(made, chosen, 7)
    scaled = tuple(
        item.model_copy(
            update={
                "volume": item.volume.scaled(3.0),
                "peak_per_second": item.peak_per_second and 3 * item.peak_per_second,
            }
        )
        for item in grown.integrations
    )
    point = {name: np.array([value]) for name, value in (("team.day_rate", 900.0), ("people.wage", 70_000.0), ("price.uplift", 0.1), ("overrun.factor", 1.7))}  # fmt: skip
    expected = engine(grown.model_copy(update={"integrations": scaled}), over, point, **EXTRAS)
    np.testing.assert_allclose(model.evaluate(moved)["npv"], expected, rtol=1e-9)


@pytest.mark.parametrize("cap", [6.0, 13.0, 25.0, 50.0])
def test_the_cap_moves_the_runaway_alone(cap):
    made = engagement()
    chosen = options(made)
    model = what_if(likely_case(Inputs(made, chosen, **EXTRAS)), {}, "EUR")
    found = model.evaluate({"cap": cap})
    np.testing.assert_array_equal(found["npv"], model.evaluate({})["npv"])
    terms = gather(made)
    body = terms.by_name["overrun:ipaas"].estimate
    held = Overrun(
        body.low, body.likely, body.high, terms.overrun["tail_share"], terms.overrun["tail_mean"], cap
    )
    worst = quad(lambda u: float(held.quantile(u)[0]), 0.9, 1.0, epsabs=0, epsrel=1e-11, limit=200)[0] / 0.1
    expected = engine(made, chosen, {"overrun": np.array([worst])}, **EXTRAS)
    np.testing.assert_allclose(found["runaway"], expected, rtol=1e-7)


def test_a_higher_cap_makes_a_runaway_dearer():
    model = what_if(likely_case(Inputs(engagement(), options(engagement()))), {}, "EUR")
    costs = [float(model.evaluate({"cap": cap})["runaway"][0]) for cap in (6.0, 10.0, 25.0, 50.0)]
    assert costs == sorted(costs)
    assert costs[0] < costs[-1]


@pytest.mark.parametrize("level", [0.0, 0.5, 0.81, 0.82, 0.9, 0.99])
@pytest.mark.parametrize("tail_share", [0.0, 0.18])
def test_the_mean_beyond_a_quantile_is_the_integral_of_the_quantiles(level, tail_share):
    held = Overrun(0.8, 1.0, 1.5, tail_share, 5.47, 25.0)
    split = [1 - tail_share] if level < 1 - tail_share < 1 else None
    total = quad(lambda u: float(held.quantile(u)[0]), level, 1.0, points=split, epsrel=1e-10, limit=200)[0]
    assert held.beyond(level) == pytest.approx(total / (1 - level), rel=1e-7)


def test_the_mean_beyond_nothing_is_the_mean():
    held = Overrun(0.8, 1.0, 1.5, 0.18, 5.47, 25.0)
    assert held.beyond(0.0) == pytest.approx(held.mean, rel=1e-12)
    assert Overrun(1.0, 1.0, 1.0, 0.18, 5.47, 25.0).beyond(0.5) == pytest.approx(
        (1.0 * 0.32 + 0.18 * 5.47) / 0.5
    )


def test_the_what_if_of_a_sample_starts_at_the_engines_likely_case(sample):
    assessment = sample("minimal")
    case = likely_case(Inputs(assessment.engagement, assessment.assignments))
    found = what_if(case, {}, "EUR").evaluate({})["npv"]
    np.testing.assert_allclose(found, list(case.npv.values()), rtol=1e-9)


@pytest.fixture(scope="module")
def assessed():
    assessment = Assessment.open(
        Path(__file__).parents[2] / "data" / "samples" / "minimal", draws=REDRAWN, seed=7
    )
    assessment._cache = Cache(None)
    return assessment


def overridden(engagement, **changes):
    """Return the engagement with assumptions of its own: key with dots as underscores, factor on the range or a value."""
    found = dict(engagement.assumptions.overrides)
    for key, factor in changes.items():
        entry = engagement.assumptions.entry(key.replace("__", "."))
        ends = {name: getattr(entry, name) * factor for name in ("low", "likely", "high")}
        found[entry.key] = entry.model_copy(update={**ends, "overridden": True})
    return engagement.model_copy(update={"assumptions": Assumptions(overrides=found)})


def compare_futures(found, expected):
    p10, p50, p90, cheapest = found
    for n, option in enumerate(expected.options):
        assert p10[n] == pytest.approx(option.npv.p10, rel=1e-9)
        assert p50[n] == pytest.approx(option.npv.p50, rel=1e-9)
        assert p90[n] == pytest.approx(option.npv.p90, rel=1e-9)
        assert cheapest[n] == pytest.approx(option.cheapest, rel=1e-9)


@pytest.mark.parametrize(
    ("moved", "changes"),
    [
        ({}, {}),
        ({"cap": 10.0}, {"overrun__cap": 10 / 25}),
        ({"overrun": 2.0}, {"overrun__factor": 2.0}),
        ({"uplift": 0.09}, {"price__uplift": 0.09 / 0.06}),
    ],
)
def test_futures_that_are_drawn_anew_are_the_models(assessed, moved, changes):
    model, deeper = explored(assessed), redrawn_futures(assessed)
    assert model.base["cap"] == 25
    assert model.base["uplift"] == 0.06
    inputs = dataclasses.replace(assessed.cost_inputs, engagement=overridden(assessed.engagement, **changes))
    expected = cost.estimate(inputs, draws=REDRAWN, seed=7)
    compare_futures(deeper.compute(model.base | moved), expected)


def test_futures_follow_the_number_of_integrations(assessed):
    base = explored(assessed).base
    grown, over = with_number(assessed.engagement, assessed.assignments, 5)
    names = {item.id: item.id.replace("#1", " #2") for item in grown.integrations}
    items = tuple(item.model_copy(update={"id": names[item.id]}) for item in grown.integrations)
    renamed = {option: {names[id]: style for id, style in chosen.items()} for option, chosen in over.items()}
    made = grown.model_copy(update={"integrations": items})
    inputs = dataclasses.replace(assessed.cost_inputs, engagement=made, assignments=renamed)
    expected = cost.estimate(inputs, draws=REDRAWN, seed=7)
    compare_futures(redrawn_futures(assessed).compute(base | {"number": 5.0}), expected)


def test_a_plan_that_ends_has_no_cost(assessed):
    terms = Inputs(assessed.engagement, assessed.assignments).terms()
    id, plan = next(iter(terms.plans.items()))
    style = plan.style
    ended = dataclasses.replace(terms, plans={id: plan.model_copy(update={"ceiling": {plan.meters[0]: 0}})})
    found = futures(ended, {"one": {item.id: style for item in terms.integrations}}, 20, 7)
    assert np.isinf(found.p50).all()
