"""Formulas over futures that were drawn: powers, and what is zero in all of them."""

import numpy as np
import pytest

from assess.core.formula_evaluation import Evaluation, Formulas
from assess.core.formula_graph import Graph, Node
from assess.core.grids import DRAW, Grid

DRAWS = np.array([0.5, 1.0, 2.0])


@pytest.mark.parametrize("names", [("one", "three"), ("three", "one")])
def test_one_base_and_several_meet_in_any_order(names):
    bases = {"one": np.array([4.0]), "three": np.array([4.0, 9.0, 16.0])}
    known = {name: Grid((name,), values) for name, values in bases.items()} | {"drawn": Grid((DRAW,), DRAWS)}
    axes = {"one": ("a",), "three": ("a", "b", "c"), DRAW: range(3)}
    found = Evaluation(Formulas({}), known, axes)
    for name in names:
        data = found.value(["^", name, "drawn"]).data
        assert data == pytest.approx(bases[name][:, None] ** DRAWS)


FUTURES = np.array([2.0, 3.0, 5.0])
YEARS = {"year": ("1", "2"), "place": ("a", "b"), DRAW: range(3)}
ZEROS = {
    "product": (["*", "nothing", "paid"], ("year", "place")),
    "total": (["sum", "place", ["*", "nothing", "paid"]], ("year",)),
    "one year": (["*", "nothing", ["at", "year", "2", "paid"]], ("place",)),
    "as places": (["*", ["as", "year", "place", "yearly"], "nothing"], ("place",)),
    "number": (["*", "nothing", ["number", "year"]], ("year", "place")),
    "choice": (["if", "nothing", "paid", 0], ("year", "place")),
}


@pytest.mark.parametrize("name", ZEROS)
def test_what_is_zero_in_every_future_lies_along_the_axes_of_its_parts(name):
    """So that a sum along one of them is still a sum, in the first evaluation of a graph and in the next."""
    form, along = ZEROS[name]
    formulas = Formulas({"paid": ["*", "yearly", "each"], "asked": form})
    for nothing in (np.zeros(2), np.ones(2), np.zeros(2)):
        known = {
            "nothing": Grid(("place",), nothing),
            "yearly": Grid(("year",), np.array([1.0, 10.0])),
            "each": Grid(("place", DRAW), np.array([[1.0], [2.0]]) * FUTURES),
        }
        found = Evaluation(formulas, known, YEARS)["asked"]
        assert tuple(axis for axis in found.axes if axis != DRAW) == along
        assert found.data.any() == nothing.any()


def test_a_graph_with_other_formulas_computes_by_them():
    graph = Graph({"a": Node(["+", "x", 1]), "b": Node(["*", "a", "a"]), "c": Node(["-", "x"])})
    known = {"x": Grid((), np.asarray(2.0))}
    assert Evaluation(graph.formulas(), dict(known), {})["b"].data == 9
    other = graph.replaced({"a": Node(["+", "x", 3])})
    assert Evaluation(other.formulas(), dict(known), {})["b"].data == 25
    assert set(graph.formulas("a").forms) == {"c"}
    assert set(graph.formulas("a", apart=False).forms) == {"a", "b"}
