"""The portfolio: exact against brute force, and fast."""

import itertools
import time

import numpy as np
import pytest

from assess.decisions.framework.fitting import UNSERVED, choose, front, sets


def brute_force(variable, feasible, fixed, coordination):
    """Least cost over every assignment of every servable integration to every style."""
    rows = np.flatnonzero(feasible.any(axis=1))
    if not len(rows):
        return 0.0
    every = np.array(list(itertools.product(range(variable.shape[1]), repeat=len(rows))))
    cost = np.where(feasible, variable, np.inf)[rows, every].sum(axis=1)
    used = np.array([(every == p).any(axis=1) for p in range(variable.shape[1])])
    return float((cost + fixed @ used + coordination * (used.sum(axis=0) - 1)).min())


def cases(count):
    rng = np.random.default_rng(1_000)
    for _ in range(count):
        shape = (int(rng.integers(1, 7)), int(rng.integers(1, 5)))
        variable = rng.uniform(0, 10, shape).round(1)
        feasible = rng.random(shape) < 0.75
        yield variable, feasible, rng.uniform(0, 15, shape[1]).round(1), float(rng.choice([0, 1, 4]))


def test_equals_brute_force_on_1000_random_cases():
    for variable, feasible, fixed, coordination in cases(1_000):
        best = choose(variable, feasible, fixed, coordination)
        assert best.cost == pytest.approx(brute_force(variable, feasible, fixed, coordination), abs=1e-9)


def test_parts_add_up_and_the_assignment_is_feasible():
    for variable, feasible, fixed, coordination in cases(200):
        best = choose(variable, feasible, fixed, coordination)
        served = np.flatnonzero(feasible.any(axis=1))
        assert (best.assigned[~feasible.any(axis=1)] == UNSERVED).all()
        assert feasible[served, best.assigned[served]].all()
        assert set(best.assigned[served].tolist()) == set(best.styles)
        assert best.variable == pytest.approx(variable[served, best.assigned[served]].sum())
        assert best.fixed == pytest.approx(fixed[list(best.styles)].sum())
        assert best.coordination == pytest.approx(coordination * max(len(best.styles) - 1, 0))
        assert best.cost == pytest.approx(best.variable + best.fixed + best.coordination)


def test_200_integrations_in_6_styles_take_less_than_a_second():
    rng = np.random.default_rng(2)
    variable, fixed = rng.uniform(1, 9, (200, 6)), rng.uniform(0, 50, 6)
    feasible = rng.random((200, 6)) < 0.8
    start = time.perf_counter()
    best = choose(variable, feasible, fixed, 5.0)
    points = front(variable, feasible, fixed, rng.random((200, 6)), 5.0)
    assert time.perf_counter() - start < 1
    assert best.cost == pytest.approx(points[0][1])


def test_a_dear_platform_is_adopted_only_if_it_pays():
    variable = np.array([[1.0, 3.0], [1.0, 3.0]])
    everywhere = np.ones((2, 2), bool)
    assert choose(variable, everywhere, np.array([3.9, 0.0])).styles == (0,)
    assert choose(variable, everywhere, np.array([4.1, 0.0])).styles == (1,)


def test_coordination_decides_between_one_style_and_two():
    variable = np.array([[0.0, 5.0], [5.0, 0.0]])
    everywhere = np.ones((2, 2), bool)
    assert choose(variable, everywhere, np.zeros(2), 4.9).styles == (0, 1)
    assert choose(variable, everywhere, np.zeros(2), 5.1).styles == (0,)


def test_nothing_feasible_is_an_empty_portfolio_at_no_cost():
    best = choose(np.ones((3, 2)), np.zeros((3, 2), bool), np.ones(2), 1.0)
    assert best.styles == ()
    assert best.assigned.tolist() == [UNSERVED] * 3
    assert best.cost == 0


def test_no_integrations_is_an_empty_portfolio():
    assert choose(np.ones((0, 2)), np.zeros((0, 2), bool), np.ones(2)).cost == 0


def test_the_sets_are_ordered_and_the_first_is_the_choice():
    rng = np.random.default_rng(5)
    variable, fixed = rng.uniform(0, 9, (6, 4)), rng.uniform(0, 5, 4)
    everywhere = np.ones((6, 4), bool)
    costs = [choice.cost for choice in sets(variable, everywhere, fixed, 1.0)]
    assert costs == sorted(costs)
    assert costs[0] == choose(variable, everywhere, fixed, 1.0).cost


@pytest.mark.parametrize(
    ("variable", "feasible", "fixed", "coordination"),
    [
        (np.ones((2, 2)), np.ones((2, 3), bool), np.ones(2), 0.0),
        (np.ones((2, 2)), np.ones((2, 2), bool), np.ones(3), 0.0),
        (np.ones((2, 7)), np.ones((2, 7), bool), np.ones(7), 0.0),
        (np.full((2, 2), np.nan), np.ones((2, 2), bool), np.ones(2), 0.0),
        (np.ones((2, 2)), np.ones((2, 2), bool), np.array([1.0, -1.0]), 0.0),
        (np.ones((2, 2)), np.ones((2, 2), bool), np.ones(2), -1.0),
    ],
)
def test_numbers_that_make_no_sense_are_refused(variable, feasible, fixed, coordination):
    with pytest.raises(ValueError, match=r"styles|finite"):
        choose(variable, feasible, fixed, coordination)


def supported_by_brute_force(variable, feasible, fixed, fit, coordination):
    """Every (cost, mean fit) of every assignment, and those that a weighted sum of the two can reach."""
    rows = range(len(variable))
    points = []
    for assignment in itertools.product(range(variable.shape[1]), repeat=len(variable)):
        if all(feasible[i, p] for i, p in zip(rows, assignment, strict=True)):
            used = set(assignment)
            cost = sum(variable[i, p] for i, p in zip(rows, assignment, strict=True))
            cost += sum(fixed[p] for p in used) + coordination * (len(used) - 1)
            points.append((cost, float(np.mean([fit[i, p] for i, p in zip(rows, assignment, strict=True)]))))
    return points


def test_the_front_is_undominated_and_holds_every_supported_point():
    rng = np.random.default_rng(11)
    for _ in range(25):
        variable, fit = rng.uniform(0, 9, (4, 3)), rng.random((4, 3))
        feasible = rng.random((4, 3)) < 0.8
        feasible[:, 0] = True
        fixed = rng.uniform(0, 4, 3)
        points = [(cost, mean) for _, cost, mean in front(variable, feasible, fixed, fit, 1.0)]
        every = supported_by_brute_force(variable, feasible, fixed, fit, 1.0)
        assert points == sorted(points)
        assert all(a[1] < b[1] for a, b in itertools.pairwise(points))
        for exchange in np.linspace(0, 200, 41):  # money for one point of mean fit
            best = min(cost - exchange * mean for cost, mean in every)
            ours = min(cost - exchange * mean for cost, mean in points)
            assert ours == pytest.approx(best, abs=1e-9)
