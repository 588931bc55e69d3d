import math

import numpy as np
import pytest
from pydantic import ValidationError

from assess.core.formula_graph import OPERATORS
from assess.report.whatif import Array, FormulaStep, Output, Slider, WhatIf

SLIDER = Slider(id="x", label="x", value=2.0, low=0.0, high=4.0, step=1.0)


def model(formula, **changes):
    fields = {
        "title": "t",
        "sliders": (SLIDER,),
        "axes": {"a": ("p", "q", "r"), "b": ("m", "n"), "c": ("u", "v", "w")},
        "constants": {
            "v": Array(axes=("a",), values=(1, 2, 3)),
            "w": Array(axes=("b",), values=(10, 20)),
            "g": Array(axes=("b", "a"), values=(1, 2, 3, 4, 5, 6)),
        },
        "formulas": (FormulaStep(name="y", formula=formula), FormulaStep(name="n", formula=1)),
        "outputs": (Output(name="n", label="n"),),
    } | changes
    return WhatIf(**fields)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (["+", "x", 1, 2.5], 5.5),
        (["-", "x"], -2),
        (["-", "x", 5], -3),
        (["*", "x", 3, 2], 12),
        (["/", "x", 8], 0.25),
        (["^", "x", 0.5], math.sqrt(2)),
        (["min", "x", 1, 3], 1),
        (["max", 0, ["-", "x"]], 0),
        (["floor", ["/", 7, "x"]], 3),
        (["ceil", ["/", 7, "x"]], 4),
        (["exp", ["log", "x"]], 2),
        (["<=", "x", 2], 1),
        (["<", "x", 2], 0),
        (["if", ["<", "x", 2], 7, 8], 8),
        (["sum", "a", "v"], 6),
        (["least", "a", ["-", "v"]], -3),
        (["running", "a", "v"], [1, 3, 6]),
        (["most", "a", ["-", "v"]], -1),
        (["which", "a", ["*", "v", ["-", 4, "v"]]], 2),
        (["which", "a", ["min", "v", 2]], 2),
        (["which", "b", "g"], [2, 2, 2]),
        (["at", "a", "q", "v"], 2),
        (["list", "b", "x", ["+", "x", 5]], [2, 7]),
        (["list", "b", "v", ["-", "v"]], [[1, -1], [2, -2], [3, -3]]),
        (["-", ["as", "a", "c", "v"], "v"], [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]),
        (["as", "a", "c", "g"], [[1, 2, 3], [4, 5, 6]]),
        (["number", "a"], [1, 2, 3]),
        (["+", "v", "w"], [[11, 21], [12, 22], [13, 23]]),
        (["sum", "b", ["*", "g", "w"]], [90, 120, 150]),
        (["at", "b", "n", "g"], [4, 5, 6]),
        (["running", "b", "g"], [[1, 5], [2, 7], [3, 9]]),
    ],
)  # fmt: skip
def test_operators(formula, expected):
    np.testing.assert_allclose(model(formula).evaluate({})["y"], expected, rtol=1e-15)


def test_every_operator_has_a_case():
    cases = str([mark.args[1] for mark in test_operators.pytestmark])
    assert [operator for operator in OPERATORS if f"'{operator}'" not in cases] == []


@pytest.mark.parametrize(
    ("formula", "complaint"),
    [
        ("z", "nothing is called z"),
        (["+", "x", "z"], "nothing is called z"),
        (["eval", "x"], "no formula"),
        ([], "no formula"),
        (True, "no formula"),
        (["/", "x"], "/ with 1 arguments"),
        (["sum", "d", "v"], "no axis d"),
        (["as", "a", "d", "v"], "no axis d"),
        (["as", "a", "b", "v"], "differ in length"),
        (["list", "b", 1, 2, 3], "one value a label"),
        (["list", "b", "w", "w"], "already lie along it"),
        (["at", "a", "z", "v"], "has no z"),
        (["sum", "b", "v"], "nothing lies along the axis b"),
    ],
)
def test_a_formula_that_is_none_is_refused(formula, complaint):
    with pytest.raises(ValidationError, match=complaint):
        model(formula)


def test_a_formula_uses_only_what_stands_before_it():
    steps = (FormulaStep(name="n", formula="y"), FormulaStep(name="y", formula=1))
    with pytest.raises(ValidationError, match="nothing is called y"):
        model(1, formulas=steps)


def test_constants_fill_their_axes():
    with pytest.raises(ValidationError, match="don't fill"):
        model(1, constants={"v": Array(axes=("a",), values=(1, 2))})


def test_an_output_has_at_most_one_axis():
    with pytest.raises(ValidationError, match="more than one axis"):
        model(["+", "v", "w"], outputs=(Output(name="y", label="y"),))


def test_a_slider_stands_within_its_limits():
    with pytest.raises(ValidationError, match="low <= value <= high"):
        Slider(id="x", label="x", value=9, low=0, high=4, step=1)


def test_unknown_sliders_are_refused():
    with pytest.raises(KeyError, match="no slider z"):
        model(1).evaluate({"z": 1})


def test_json_round_trip(results):
    whatif = next(c.whatif for c in results.chapters if c.whatif)
    assert WhatIf.from_json(whatif.to_json()) == whatif
    assert WhatIf.from_json(whatif.to_json()).evaluate({"count": 9}).keys() == whatif.evaluate({}).keys()


def test_the_sample_model_is_what_it_says(results):
    """The invented model written out by hand, year by year and tier by tier."""
    whatif = next(c.whatif for c in results.chapters if c.whatif)
    build, buy = 20 * 23 * 850, 6 * 23 * 850
    for year in range(1, 6):
        volume = 2e6 * 1.2 ** (year - 1)
        bill = 12 * (
            min(volume, 1e6) * 0.004 + max(0, min(volume, 1e7) - 1e6) * 0.002 + max(0, volume - 1e7) * 0.001
        )
        build += 20 * 23 * 850 * 0.2 * 1.04**-year
        buy += (6 * 23 * 850 * 0.05 + bill) * 1.04**-year
    np.testing.assert_allclose(whatif.evaluate({})["cost"], [build, buy], rtol=1e-12)


def test_an_output_can_be_the_label_of_an_axis():
    found = model(["which", "a", "v"], outputs=(Output(name="y", label="y", words="a"),))
    assert found.text(found.outputs[0], float(found.evaluate({})["y"])) == "r"
    assert found.text(Output(name="y", label="y", unit="EUR"), float("inf")) == "\u2013"
    with pytest.raises(ValidationError, match="no axis z"):
        model(1, outputs=(Output(name="y", label="y", words="z"),))
