"""The additive value model, its robustness and its flips as pure functions of numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from assess.decisions.framework.probability import (
    anywhere,
    around,
    first_shares,
    nearest_tie,
    scores,
    single_weight,
)

REGRESSION = np.array([[4, 2, 2, 5], [2, 1, 5, 2], [2, 5, 4, 4], [5, 1, 4, 4]], dtype=float)
REGRESSION_WEIGHTS = np.array([0.35, 0.30, 0.14, 0.21])


def on_fixed_anchors(options, weights):
    """Scores of options x criteria on a scale of 1 to 5 that is known beforehand."""
    return scores((options.T - 1) / 4, weights)


def on_best_and_worst_at_hand(options, weights):
    """Scores of options x criteria, scaled between the options at hand: what the model must not do."""
    low, high = options.min(axis=0), options.max(axis=0)
    return (options - low) / np.where(high > low, high - low, 1) @ weights


def topsis(options, weights):
    """Closeness to the ideal (Hwang & Yoon 1981): a cross-check of the data only, no part of the product."""
    scaled = options / np.sqrt((options**2).sum(axis=0)) * weights
    to_best = np.sqrt(((scaled - scaled.max(axis=0)) ** 2).sum(axis=1))
    to_worst = np.sqrt(((scaled - scaled.min(axis=0)) ** 2).sum(axis=1))
    return to_worst / (to_best + to_worst)


def test_kracka_brauers_zavadskas_2010_heating_losses_weighted_sum():
    """Published ranking of six options on seven criteria; data as in scikit-criteria's tests."""
    options = np.array(
        [
            [33.95, 23.78, 11.45, 39.97, 29.44, 167.10, 3.852],
            [38.9, 4.17, 6.32, 0.01, 4.29, 132.52, 25.184],
            [37.59, 9.36, 8.23, 4.35, 10.22, 136.71, 10.845],
            [30.44, 37.59, 13.91, 74.08, 45.10, 198.34, 2.186],
            [36.21, 14.79, 9.17, 17.77, 17.06, 148.3, 6.610],
            [37.8, 8.55, 7.97, 2.35, 9.25, 134.83, 11.935],
        ]
    )
    minimise = [0, 1, 2, 3, 5]
    options[:, minimise] = 1 / options[:, minimise]
    values = (options / options.sum(axis=0)).T
    got = scores(values, np.full(7, 1 / 7))
    np.testing.assert_allclose(
        got, [0.12040426, 0.3458235, 0.13838192, 0.12841246, 0.12346084, 0.14351701], rtol=1e-6
    )
    assert (np.argsort(np.argsort(-got)) + 1).tolist() == [6, 1, 3, 4, 5, 2]


def test_chakraborty_zavadskas_antucheviciene_2015_example_2_weighted_sum():
    """Ten flexible manufacturing systems; the weighted sum is WASPAS with lambda 1. Published to four places."""
    options = np.array(
        [
            [581818, 54.49, 3, 5500],
            [595454, 49.73, 3, 4500],
            [586060, 51.24, 3, 5000],
            [522727, 45.71, 3, 5800],
            [561818, 52.66, 3, 5200],
            [543030, 74.46, 4, 5600],
            [522727, 75.42, 4, 5800],
            [486970, 62.62, 4, 5600],
            [509394, 65.87, 4, 6400],
            [513333, 70.67, 4, 6000],
        ],
        dtype=float,
    )
    values = np.vstack(
        [options[:, :3].min(axis=0)[:, None] / options[:, :3].T, options[:, 3] / options[:, 3].max()]
    )
    got = scores(values, np.array([0.467, 0.160, 0.095, 0.278]))
    published = [0.8590, 0.8194, 0.8430, 0.9420, 0.8645, 0.8315, 0.8552, 0.8983, 0.9067, 0.8784]
    np.testing.assert_allclose(got, published, atol=1e-4)


def test_tzeng_huang_2011_topsis_agrees_on_the_best_option():
    """Cross-check with another method: published closeness, and the additive model prefers the same option."""
    options = np.array([[5, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]], dtype=float)
    weights = np.array([0.3, 0.4, 0.3])
    np.testing.assert_allclose(topsis(options, weights), [0.5037, 0.6581, 0.7482, 0.3340], atol=5e-5)
    assert scores(options.T / 10, weights).argmax() == 2


def test_regression_case_a_dominated_option_moves_the_min_max_winner_but_not_ours():
    wider = np.vstack([REGRESSION, [1, 3, 2, 2]])
    before, after = (on_best_and_worst_at_hand(o, REGRESSION_WEIGHTS) for o in (REGRESSION, wider))
    assert (before.argmax(), after.argmax()) == (3, 2)
    assert before[3] == pytest.approx(0.583, abs=5e-4)
    assert after[2] == pytest.approx(0.621, abs=5e-4)
    ours = on_fixed_anchors(REGRESSION, REGRESSION_WEIGHTS)
    ours_wider = on_fixed_anchors(wider, REGRESSION_WEIGHTS)
    assert ours.argmax() == ours_wider.argmax()
    assert ours.tolist() == ours_wider[:4].tolist()


def test_a_dominated_option_never_flips_the_winner_in_20_000_trials():
    rng = np.random.default_rng(20_000)
    flips = scaled_flips = 0
    for _ in range(20_000):
        options = rng.integers(1, 6, (4, 4)).astype(float)
        weights = rng.dirichlet(np.ones(4))
        worse = np.maximum(options[rng.integers(4)] - rng.integers(0, 3, 4), 1)
        wider = np.vstack([options, worse])
        flips += on_fixed_anchors(options, weights).argmax() != on_fixed_anchors(wider, weights).argmax()
        scaled_flips += (
            on_best_and_worst_at_hand(options, weights).argmax()
            != on_best_and_worst_at_hand(wider, weights).argmax()
        )
    assert flips == 0
    assert scaled_flips > 100  # the trial can see a flip: scaling by the options at hand does


def test_shares_over_the_whole_simplex_match_the_closed_form():
    """Two criteria, values (1, 0) and (0, 3): style 0 leads where w > 3/4, a quarter of the simplex."""
    shares = first_shares(np.array([[1.0, 0.0], [0.0, 3.0]]), anywhere(2, 40_000, np.random.default_rng(1)))
    np.testing.assert_allclose(shares, [0.25, 0.75], atol=0.01)


def test_equal_styles_share_the_first_rank():
    drawn = anywhere(3, 100, np.random.default_rng(1))
    assert first_shares(np.ones((3, 4)), drawn).tolist() == [0.25] * 4


def test_draws_around_the_weights_have_their_mean_and_the_dirichlet_spread():
    weights = np.array([0.5, 0.3, 0.2, 0.0])
    drawn = around(weights, 35, 40_000, np.random.default_rng(3))
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    np.testing.assert_allclose(drawn.mean(axis=0), weights, atol=0.002)
    np.testing.assert_allclose(drawn.std(axis=0), np.sqrt(weights * (1 - weights) / 36), atol=0.002)


weights_of_5 = st.lists(st.floats(0.01, 1), min_size=5, max_size=5).map(lambda w: np.array(w) / sum(w))
differences_of_5 = st.lists(st.integers(-20, 20), min_size=5, max_size=5).map(lambda d: np.array(d) / 20)


@given(differences_of_5, weights_of_5)
@settings(max_examples=150, deadline=None)
def test_the_nearest_tie_is_the_optimum_of_the_linear_programme(difference, weights):
    """Against scipy's LP: w' = w + up - down in the simplex, gap of zero, least weight moved."""
    if difference @ weights < 0:
        difference = -difference
    tie = nearest_tie(difference, weights)
    n = len(weights)
    solved = linprog(
        np.ones(2 * n) / 2,
        A_ub=[np.concatenate([difference, -difference])],
        b_ub=[-(difference @ weights)],
        A_eq=[np.concatenate([np.ones(n), -np.ones(n)])],
        b_eq=[0],
        bounds=[(0, None)] * n + [(0, w) for w in weights],
    )
    if tie is None:
        assert solved.status == 2  # infeasible: no weights can do it
        return
    moved, nearest = tie
    assert solved.status == 0
    assert moved == pytest.approx(solved.fun, abs=1e-7)
    assert nearest.sum() == pytest.approx(1)
    assert nearest.min() >= 0
    assert abs(nearest @ difference) < 1e-9
    assert np.abs(nearest - weights).sum() / 2 == pytest.approx(moved)


def test_no_weights_close_the_gap_of_a_style_that_is_better_everywhere():
    assert nearest_tie(np.array([0.2, 0.1]), np.array([0.5, 0.5])) is None
    assert single_weight(np.array([0.2, 0.1]), np.array([0.5, 0.5])) is None


def test_a_single_weight_that_ties_by_hand():
    """Gap .4 t - .2 (1 - t) is zero at t = 1/3, the second weight then being 2/3."""
    found = single_weight(np.array([0.4, -0.2]), np.array([0.5, 0.5]))
    assert found is not None
    k, needed = found
    assert needed == pytest.approx([1 / 3, 2 / 3][k])


@given(differences_of_5, weights_of_5)
@settings(max_examples=100, deadline=None)
def test_a_single_weight_closes_the_gap_with_the_others_in_proportion(difference, weights):
    found = single_weight(difference, weights)
    if found is None:
        return
    k, needed = found
    changed = weights * (1 - needed) / (1 - weights[k])
    changed[k] = needed
    assert changed @ difference == pytest.approx(0, abs=1e-9)
