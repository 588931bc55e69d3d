"""PERT, the overrun's reference class, lognormal losses, and the copula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assess.core.estimate import pert_mean
from assess.decisions.cost import distributions as d
from assess.decisions.cost.draws import copula, correlation_matrix, nearest_correlation, normals, stream
from assess.decisions.risk.losses import Severity


def test_beta_pert_2_4_12_vose():
    """Vose 2008: mean 5, sd sqrt(3), not the classical (b - a) / 6."""
    assert pert_mean(2, 4, 12) == 5
    drawn = d.pert_from_normal(np.random.default_rng(1).standard_normal(400_000), 2, 4, 12)
    assert drawn.mean() == pytest.approx(5, abs=0.01)
    assert drawn.std() == pytest.approx(math.sqrt(3), abs=0.01)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100), st.floats(0.001, 0.999))
def test_pert_quantiles_are_those_of_scipys_beta(a, b, c, u):
    low, likely, high = sorted((a, b, c))
    if high - low < 1e-6:
        assert d.pert_quantile(u, low, low, low) == low
        return
    first, second = 1 + 4 * (likely - low) / (high - low), 1 + 4 * (high - likely) / (high - low)
    expected = low + (high - low) * stats.beta.ppf(u, first, second)
    assert float(d.pert_quantile(u, low, likely, high)) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    table = d.pert_from_normal(np.array([stats.norm.ppf(u)]), low, likely, high)
    assert float(table[0]) == pytest.approx(expected, abs=3e-5 * (high - low))


def test_pert_beyond_the_table_stays_within_its_ends():
    drawn = d.pert_from_normal(np.array([-9.0, 9.0]), 1, 2, 3)
    assert 1 <= drawn[0] < 1.01
    assert 2.99 < drawn[1] <= 3


def test_overrun_reproduces_the_reference_class_of_5392_it_projects():
    """Flyvbjerg et al. 2022: 18 % overran by more than 50 %, by 447 % on average."""
    overrun = d.Overrun(0.8, 1, 1.5, tail_share=0.18, tail_mean=5.47, cap=25)
    drawn = overrun.quantile((np.arange(400_000) + 0.5) / 400_000)
    tail = drawn[drawn > 1.5]
    assert len(tail) / len(drawn) == pytest.approx(0.18, abs=0.002)
    assert tail.mean() - 1 == pytest.approx(4.47, abs=0.04)
    assert drawn.max() <= 25
    assert drawn.mean() == pytest.approx(overrun.mean, abs=0.02)
    assert overrun.mean == pytest.approx(0.82 * 1.05 + 0.18 * 5.47)


@pytest.mark.parametrize("cap", [6, 8, 15, 25, 60, 1000])
def test_tail_exponent_keeps_the_mean_at_every_cap(cap):
    alpha = d.pareto_exponent(5.47, 1.5, cap)
    grid = np.linspace(0, 1, 2_000_001)
    middle = (grid[1:] + grid[:-1]) / 2
    assert d.truncated_pareto_quantile(middle, alpha, 1.5, cap).mean() == pytest.approx(5.47, rel=2e-4)
    assert d.truncated_pareto_mean(alpha, 1.5, cap) == pytest.approx(5.47, rel=1e-9)


def test_an_untruncated_tail_has_the_textbook_exponent():
    """mean = alpha low / (alpha - 1), so alpha = 5.47 / 3.97."""
    assert d.pareto_exponent(5.47, 1.5, 1e9) == pytest.approx(5.47 / 3.97, rel=2e-3)


def test_log_uniform_tail_has_exponent_zero():
    mean = (10 - 1) / math.log(10)
    assert d.pareto_exponent(mean, 1, 10) == pytest.approx(0, abs=1e-9)
    assert float(d.truncated_pareto_quantile(0.5, 0, 1, 100)) == pytest.approx(10)


@pytest.mark.parametrize("cap", [1.5, 5.47, 3])
def test_a_cap_below_the_mean_of_the_tail_is_refused(cap):
    with pytest.raises(ValueError, match="raise the cap"):
        d.pareto_exponent(5.47, 1.5, cap)


def test_overrun_quantiles_rise_through_body_and_tail():
    overrun = d.Overrun(0.8, 1, 1.5, 0.18, 5.47, 25)
    values = overrun.quantile(np.array([0, 0.41, 0.8199999, 0.8200001, 0.9, 1]))
    assert (np.diff(values) >= 0).all()
    assert values[0] == 0.8
    assert values[3] == pytest.approx(1.5, abs=1e-5)
    assert values[-1] == pytest.approx(25)
    assert overrun.median == pytest.approx(float(d.pert_quantile(0.5 / 0.82, 0.8, 1, 1.5)))
    without = d.Overrun(0.8, 1, 1.5, 0, 5.47, 25)
    assert without.quantile(1.0)[0] == 1.5
    assert without.quantile(0.5)[0] == pytest.approx(float(d.pert_quantile(0.5, 0.8, 1, 1.5)))


def test_lognormal_annual_loss_riskquant():
    """riskquant tests: 90 % interval 1 to 10 at .1 a year; interval 635k to 19M."""
    assert 0.1 * Severity.of(1, 10).mean == pytest.approx(0.4040012827, abs=5e-11)
    assert Severity.of(635_000, 19_000_000).mean == pytest.approx(5_922_706.83, abs=0.005)
    held = Severity.of(5, 5)
    assert (held.sigma, held.mean) == (0, pytest.approx(5))


@pytest.mark.parametrize("interval", [(0, 10), (-1, 10), (10, 1)])
def test_lognormal_refuses_impossible_intervals(interval):
    with pytest.raises(ValueError, match="0 < low <= high"):
        Severity.of(*interval)


def test_nearest_correlation_matrix_higham_2002():
    """Higham 2002, section 4: the 3 x 3 example; distance .5278."""
    stated = np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
    found = nearest_correlation(stated)
    expected = np.array([[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]])
    assert found.matrix == pytest.approx(expected, abs=5e-4)
    assert np.linalg.norm(found.matrix - stated) == pytest.approx(0.5278, abs=5e-4)
    assert found.smallest == pytest.approx(1 - math.sqrt(2))
    assert found.moved == pytest.approx(1 - 0.7607, abs=5e-4)
    assert np.linalg.eigvalsh(found.matrix)[0] > 0
    assert np.diag(found.matrix) == pytest.approx(np.ones(3))


def test_a_consistent_matrix_is_left_alone():
    stated = correlation_matrix(["a", "b"], {("a", "b"): 0.5})
    found = nearest_correlation(stated)
    assert found.moved == 0
    assert found.matrix is stated
    assert stated.tolist() == [[1, 0.5], [0.5, 1]]


def test_correlations_outside_their_range_are_refused():
    with pytest.raises(ValueError, match="correlation of a and b"):
        correlation_matrix(["a", "b"], {("a", "b"): 1.2})


def test_copula_has_the_stated_correlation():
    matrix = correlation_matrix(["a", "b", "c"], {("a", "b"): 0.6, ("b", "c"): -0.3})
    scores = copula(3, ["a", "b", "c"], matrix, 200_000)
    found = np.corrcoef([scores[name] for name in "abc"])
    assert found == pytest.approx(matrix, abs=0.01)
    assert scores["c"].std() == pytest.approx(1, abs=0.01)


def test_draws_of_a_parameter_depend_on_seed_and_name_alone():
    assert np.array_equal(normals(7, "a", 5), normals(7, "a", 5))
    assert np.array_equal(normals(7, "a", 5), normals(7, "a", 9)[:5])
    assert not np.array_equal(normals(7, "a", 5), normals(8, "a", 5))
    assert not np.array_equal(normals(7, "a", 5), normals(7, "b", 5))
    assert isinstance(stream(1, "a").bit_generator, np.random.Philox)
