"""Impact and circles against networkx, on random graphs."""

import random

import networkx
import pytest

from assess.evidence.catalog.result import DependencyGraph


def drawn(seed):
    draw = random.Random(seed)
    n = draw.choice([1, 2, 5, 12, 40, 90])
    names = [f"n{k}" for k in range(n)]
    edges = [(draw.choice(names), draw.choice(names)) for _ in range(draw.choice([0, n // 2, n, 3 * n]))]
    return names, edges


@pytest.mark.parametrize("seed", range(60))
def test_impact_and_circles_are_those_of_networkx(seed):
    names, edges = drawn(seed)
    graph = DependencyGraph(names, edges)
    oracle = networkx.DiGraph(edges)
    oracle.add_nodes_from(names)
    for name in names:
        loop = {name} if any(name in circle for circle in graph.circles) else set()
        assert set(graph.needs(name)) == networkx.descendants(oracle, name) | loop
        assert set(graph.needed_by(name)) == networkx.ancestors(oracle, name) | loop
        assert graph.reach()[name] == len(networkx.ancestors(oracle, name))
    strong = {frozenset(c) for c in networkx.strongly_connected_components(oracle) if len(c) > 1}
    strong |= {frozenset([a]) for a, b in edges if a == b and not any(a in c for c in strong)}
    assert {frozenset(circle) for circle in graph.circles} == strong


def test_a_long_chain_needs_no_recursion():
    names = [str(n) for n in range(5_000)]
    graph = DependencyGraph(names, [(str(n), str(n + 1)) for n in range(4_999)])
    assert graph.reach()["4999"] == 4_999
    assert len(graph.needs("0")) == 4_999


def test_edges_to_nothing_are_left_out():
    graph = DependencyGraph(["a"], [("a", "gone"), ("gone", "a")])
    assert graph.needs("a") == graph.needed_by("a") == ()
