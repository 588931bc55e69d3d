"""The likely case on the page: the what-if of options, and of building against buying, against the engine."""

from __future__ import annotations

import numpy as np
import pytest
from cost_case import EXTRAS, engagement, engine, options

from assess.core.estimate import Estimate
from assess.decisions.build_or_buy.typical import difference, likely_options
from assess.decisions.cost import Inputs
from assess.decisions.cost.draws import likely
from assess.decisions.cost.likely_case import likely_case
from assess.decisions.cost.parameters import gather
from assess.intake.engagement import Team
from assess.report.whatif.cost import build_or_buy_what_if, what_if


@pytest.mark.parametrize("money", ["real", "nominal"])
def test_what_if_starts_at_the_engines_likely_case(money):
    made = engagement(money=money, discount_rate=0.07)
    case = likely_case(Inputs(made, options(made), **EXTRAS))
    model = what_if(case, {"portfolio": "Portfolio"}, "EUR")
    found = model.evaluate(model.base)
    assert found["npv"].tolist() == pytest.approx(engine(made, options(made), **EXTRAS), rel=1e-9)
    assert list(case.npv.values()) == pytest.approx(found["npv"].tolist(), rel=1e-9)
    assert model.axes["option"][-1] == "Portfolio"
    factor = (1 - 1.07**-3) / 0.07
    assert found["per_year"] == pytest.approx(found["npv"] / factor, rel=1e-9)


@pytest.mark.parametrize(
    ("moved", "assumed", "more"),
    [
        ({"day_rate": 1300.0}, {"team.day_rate": 1300}, {}),
        ({"wage": 60_000.0}, {"people.wage": 60_000}, {}),
        ({"uplift": 0.2}, {"price.uplift": 0.2}, {}),
        ({"overrun": 2.5}, {"overrun.factor": 2.5}, {}),
        ({"discount_rate": 0.25}, {}, {"discount_rate": 0.25}),
        ({"discount_rate": 0.0}, {}, {"discount_rate": 0.0}),
    ],
)
def test_what_if_follows_the_engine_when_a_slider_moves(moved, assumed, more):
    made = engagement()
    model = what_if(likely_case(Inputs(made, options(made), **EXTRAS)), {}, "EUR")
    changed = engagement(assumed=assumed, **more)
    assert model.evaluate(moved)["npv"].tolist() == pytest.approx(
        engine(changed, options(made), **EXTRAS), rel=1e-9
    )


@pytest.mark.parametrize("factor", [0.0, 0.3, 7.0])
def test_what_if_follows_the_volume(factor):
    made = engagement()
    model = what_if(likely_case(Inputs(made, options(made))), {}, "EUR")
    changed = made.model_copy(
        update={
            "integrations": tuple(
                item.model_copy(
                    update={
                        "volume": item.volume.scaled(factor),
                        "peak_per_second": item.peak_per_second and item.peak_per_second * factor,
                    }
                )
                for item in made.integrations
            )
        }
    )
    found = model.evaluate({"volume": factor})["npv"].tolist()
    assert found == pytest.approx(engine(changed, options(made)), rel=1e-9)


def ways_difference(made, number, factor=1.0):
    """Return build less buy of the likely case by the model itself."""
    terms = gather(made, styles=("api-first", "ipaas"))
    draws = likely(terms)
    draws.family["volume"][:] *= factor
    return float(difference(terms, draws, ("api-first", "ipaas"), numbers=np.array([float(number)]))[0, 0])


def test_build_or_buy_what_if_starts_at_the_model():
    made = engagement(5)
    case = likely_options(Inputs(made))
    found = build_or_buy_what_if(case)
    assert found.evaluate({})["difference"] == pytest.approx(case.difference, rel=1e-9)
    assert case.difference == pytest.approx(ways_difference(made, 5), rel=1e-12)


@pytest.mark.parametrize("number", [1, 2, 40, 150])
def test_build_or_buy_what_if_follows_the_number(number):
    made = engagement(5)
    found = build_or_buy_what_if(likely_options(Inputs(made))).evaluate({"number": float(number)})
    assert found["difference"] == pytest.approx(ways_difference(made, number), rel=1e-9)


def test_build_or_buy_what_if_follows_the_other_criteria():
    made = engagement(5)
    plain = made.model_copy(
        update={
            "integrations": tuple(
                item.model_copy(update={"peak_per_second": None, "customisation": None})
                for item in made.integrations
            )
        }
    )
    model = build_or_buy_what_if(likely_options(Inputs(plain)))
    assert model.evaluate({"volume": 9.0})["difference"] == pytest.approx(
        ways_difference(plain, 5, 9.0), rel=1e-9
    )

    def with_fields(**fields):
        changed = tuple(item.model_copy(update=fields) for item in plain.integrations)
        return plain.model_copy(update={"integrations": changed})

    moved = model.evaluate({"coverage": 0.2})["difference"]
    assert moved == pytest.approx(ways_difference(with_fields(coverage=0.2), 5), rel=1e-9)
    moved = model.evaluate({"changes": 7.0})["difference"]
    assert moved == pytest.approx(
        ways_difference(with_fields(changes_per_year=Estimate.point(7)), 5), rel=1e-9
    )
    skilled = plain.model_copy(update={"team": Team(skills={"api-first": 0.9})})
    assert model.evaluate({"skill": 0.9})["difference"] == pytest.approx(
        ways_difference(skilled, 5), rel=1e-9
    )


def test_build_or_buy_what_if_needs_an_integration():
    with pytest.raises(ValueError, match="from one integration on"):
        likely_options(Inputs(engagement(1).model_copy(update={"integrations": ()})))
