"""Powers of a drawn exponent: each base is computed once, whoever asks first."""

import numpy as np
import pytest

from assess.core.formula_graph import DRAW, Evaluation, Grid

DRAWS = np.array([0.5, 1.0, 2.0])


@pytest.mark.parametrize("names", [("one", "three"), ("three", "one")])
def test_one_base_and_several_meet_in_any_order(names):
    bases = {"one": np.array([4.0]), "three": np.array([4.0, 9.0, 16.0])}
    known = {name: Grid((name,), values) for name, values in bases.items()} | {"drawn": Grid((DRAW,), DRAWS)}
    axes = {"one": ("a",), "three": ("a", "b", "c"), DRAW: range(3)}
    found = Evaluation({}, known, axes)
    for name in names:
        data = found.value(["^", name, "drawn"]).data
        assert data == pytest.approx(bases[name][:, None] ** DRAWS)
