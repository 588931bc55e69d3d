"""Value of information, regret, tails and drivers against closed forms and textbooks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import special

from assess.core.estimate import Estimate
from assess.decisions.cost import information as info
from assess.decisions.cost import marginal_costs, price_options
from assess.decisions.cost.draws import Draws, sample
from assess.decisions.cost.information import OTHER, effects, fitted
from assess.decisions.cost.parameters import Inputs
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration

RNG = np.random.default_rng(20260701)


@pytest.fixture(autouse=True)
def same_draws():
    """Every test draws the same, whichever ran before it."""
    RNG.bit_generator.state = np.random.default_rng(20260701).bit_generator.state


@pytest.mark.parametrize(
    ("family", "question", "rival"),
    [
        ("build", "effort", "event-driven"),
        ("volume", "volume", "event-driven"),
        ("changes", "changes", "ipaas"),
    ],
)
def test_a_question_is_worth_what_nested_futures_say(family, question, rival):
    """Two ways that cost the same on average: the worth of knowing each effort, volume or change, by marginal costs and by
    the definition, outer futures of the answer with inner ones of everything else."""
    rows = [
        Integration(
            id=f"i{n}", source=f"s{n}", target="t", volume=Estimate(low=1e4, likely=2e5, high=3e6),
            build_days=Estimate(low=4, likely=15 + 5 * n, high=90), changes_per_year=Estimate(low=0, likely=2 + n, high=16),
        )
        for n in range(5)
    ]  # fmt: skip
    made = Engagement(folder=Path(), client="Nested", assumptions=Assumptions(), integrations=tuple(rows))
    options = {style: dict.fromkeys((row.id for row in rows), style) for style in ("api-first", rival)}
    terms = Inputs(made, assignments=options).terms()
    values = sample(terms, 400, 7)
    outer = sample(terms, 80, 11).family[family]

    def apart(family_values):
        drawn = Draws(values.values, {**values.family, family: family_values}, 400)
        flows = price_options(terms, drawn, options).flows
        return float((flows["api-first"].npv - flows[rival].npv).mean())

    nested = np.array([apart(np.tile(row, (400, 1))) for row in outer])
    parameters = [one for one in terms.parameters if one.family == family and not one.estimate.certain]
    slopes = marginal_costs(terms, parameters, options)
    linear = (outer - outer.mean(axis=0)) @ (slopes[:, 0] - slopes[:, 1])
    assert {one.question for one in parameters} == {question}
    assert np.corrcoef(nested, linear)[0, 1] > 0.99
    worth = [
        float(-np.minimum(one - one.mean(), 0).mean()) for one in (nested, linear)
    ]  # both cost the same on average
    assert worth[1] == pytest.approx(worth[0], rel=0.1)


def test_evpi_thompson_lumber():
    """Render and Stair, Quantitative Analysis for Management: large or small plant, or nothing; p = .5."""
    costs = -np.array([[200_000, 100_000, 0], [-180_000, -20_000, 0]], dtype=float)
    assert (-np.array([0.5, 0.5]) @ costs).tolist() == [10_000, 40_000, 0]
    assert info.perfect_information(costs, [0.5, 0.5]) == pytest.approx(60_000)
    assert info.perfect_information(costs) == pytest.approx(60_000)


def test_evpi_whitten():
    costs = -np.array([[420_000, 100_000, 0], [-300_000, -15_000, 0]], dtype=float)
    weights = [0.4, 0.6]
    assert max(-(np.array(weights) @ costs)) == pytest.approx(31_000)
    assert pytest.approx(168_000) == 0.4 * 420_000
    assert info.perfect_information(costs, weights) == pytest.approx(137_000)


def test_evpi_potato_virus_goodwin_and_wright():
    """Goodwin and Wright, Decision Analysis for Management Judgment, fig. 8.11: plant potatoes (90,000, with the virus
    -20,000) or another crop (30,000); the virus is absent with .7. 57,000 without, 72,000 with perfect information."""
    costs = -np.array([[90_000.0, 30_000.0], [-20_000.0, 30_000.0]])
    prior = np.array([0.7, 0.3])
    assert (-prior @ costs).tolist() == pytest.approx([57_000, 30_000])
    assert info.perfect_information(costs, prior) == pytest.approx(0.7 * 90_000 + 0.3 * 30_000 - 57_000)
    assert info.perfect_information(costs, prior) == pytest.approx(15_000)


def test_value_of_an_imperfect_test_goodwin_and_wright():
    """The same figure: a test says absent with .59 (then the virus is there with .05) and present with .41 (.66).
    With the test 62,155, so it is worth 5,155; the figure's probabilities are rounded to two places."""
    cases = [(0, 0, 0.59 * 0.95), (0, 1, 0.59 * 0.05), (1, 0, 0.41 * 0.34), (1, 1, 0.41 * 0.66)]
    counts = [round(share * 1_000_000) for _, _, share in cases]
    says, there = (np.repeat([case[place] for case in cases], counts).astype(float) for place in (0, 1))
    costs = np.column_stack([np.where(there == 1, 20_000.0, -90_000.0), np.full(len(there), -30_000.0)])
    worth = info.partial_information(costs, says[:, None])
    assert pytest.approx(62_155) == 0.41 * 30_000 + 0.59 * (0.95 * 90_000 - 0.05 * 20_000)
    assert worth == pytest.approx(62_155 - (-costs[:, 0].mean()), abs=1)
    assert worth == pytest.approx(5_155, rel=0.005)


def test_evpi_of_a_new_design():
    """A worked solution in engineering economics: present worths 79,063 / 11,042 / -63,781 with .30 / .55 / .15 against
    none: 20,225 as it is, 29,792 with perfect information, EVPI 9,567."""
    costs = -np.array([[79_063.0, 0.0], [11_042.0, 0.0], [-63_781.0, 0.0]])
    weights = [0.30, 0.55, 0.15]
    assert -(np.array(weights) @ costs)[0] == pytest.approx(20_225, abs=1)
    assert info.perfect_information(costs, weights) == pytest.approx(9_567, abs=1)


@pytest.mark.parametrize(("worst", "shortfall"), [(0.05, 100), (0.10, 100), (0.20, 60), (0.40, 40), (1.0, 6)])
def test_expected_shortfall_of_the_textbook_portfolio(worst, shortfall):
    """Wikipedia, Expected shortfall, example 2: 100 become 0, 80, 100 or 150 with .1, .3, .4, .2. The worst 5 % lose
    100, the worst 20 % (10 x 100 + 10 x 20) / 20 = 60, the worst 40 % (10 x 100 + 30 x 20) / 40 = 40, all 6."""
    losses = np.repeat([100.0, 20.0, 0.0, -50.0], [10, 30, 40, 20])
    assert info.tail_mean(losses, 1 - worst) == pytest.approx(shortfall)


def normal_linear_loss(mean, sd):
    """The expected loss of a normal difference of two options (Schlaifer 1959), a closed form of the EVPI."""
    score = abs(mean) / sd
    return sd * np.exp(-(score**2) / 2) / np.sqrt(2 * np.pi) - abs(mean) * special.ndtr(-score)


@pytest.mark.parametrize(("mean", "loss"), [(0, 0.39894), (0.5, 0.19780), (1, 0.08332), (2, 0.00849)])
def test_unit_normal_linear_loss_schlaifer(mean, loss):
    assert normal_linear_loss(mean, 1) == pytest.approx(loss, abs=5e-6)
    scores = special.ndtri((np.arange(500_000) + 0.5) / 500_000)
    costs = np.column_stack([np.zeros(len(scores)), mean + scores])
    assert info.perfect_information(costs) == pytest.approx(loss, abs=5e-5)


@pytest.mark.parametrize("mean", [0, 0.3, 0.5])
def test_evpi_and_evppi_within_one_percent_of_closed_form(mean):
    """Difference of two costs: mean + .6 Z1 + .8 Z2; knowing Z1 leaves a normal loss with sd .6."""
    draws = np.random.default_rng(8)
    scores = special.ndtri((np.arange(500_000) + 0.5) / 500_000)
    first, second = draws.permutation(scores), draws.permutation(scores)
    z = np.column_stack([np.tile(first, 2), np.concatenate([second, -second])])
    costs = np.column_stack([np.zeros(len(z)), mean + 0.6 * z[:, 0] + 0.8 * z[:, 1]])
    assert info.perfect_information(costs) == pytest.approx(normal_linear_loss(mean, 1), rel=0.01)
    assert info.partial_information(costs, z[:, :1]) == pytest.approx(normal_linear_loss(mean, 0.6), rel=0.01)
    assert info.partial_information(costs, z) == pytest.approx(normal_linear_loss(mean, 1), rel=0.01)
    half = info.partial_information(costs, z[:, :1], resolved=0.25)
    assert half == pytest.approx(normal_linear_loss(mean, 0.3), rel=0.01)


def test_evppi_of_noise_is_nothing():
    costs = np.column_stack([np.zeros(20_000), 0.1 + RNG.standard_normal(20_000)])
    assert info.partial_information(costs, RNG.standard_normal((20_000, 6))) < 0.002
    assert info.partial_information(costs[:, :1], costs[:, 1:]) == 0
    assert info.partial_information(costs, np.ones((20_000, 2))) == 0


@given(arrays(float, (20, 3), elements=st.floats(-1e6, 1e6)))
def test_smallest_regret_is_the_evpi(costs):
    regret = info.expected_regret(costs)
    assert (regret >= 0).all()
    assert regret.min() == pytest.approx(info.perfect_information(costs), abs=1e-6)
    assert info.cheapest_share(costs).sum() == pytest.approx(1)


def test_shares_of_being_cheapest_split_ties():
    costs = np.array([[1.0, 2, 3], [2, 2, 3], [3, 2, 1], [1, 1, 1]])
    assert info.cheapest_share(costs) == pytest.approx(
        [(1 + 0.5 + 1 / 3) / 4, (0.5 + 1 / 3) / 4, (1 + 1 / 3) / 4]
    )


def test_cvar_of_the_exponential_distribution():
    """Closed form: the mean beyond the 95 % quantile is -ln .05 + 1."""
    values = RNG.exponential(size=400_000)
    assert info.tail_mean(values) == pytest.approx(-np.log(0.05) + 1, rel=0.02)


def test_cvar_counts_the_edge_in_part():
    values = np.arange(1.0, 11)
    assert info.tail_mean(values, 0.75) == pytest.approx((10 + 9 + 0.5 * 8) / 2.5)
    assert info.tail_mean(values, 0.9) == 10
    assert info.tail_mean(values, 0.99) == 10
    assert info.tail_mean(values, 0.0) == 5.5


def test_shapley_effects_of_correlated_normals():
    """Owen and Prieur 2017, two normals: Y = X1 + 2 X2, correlation .5: .3393 and .6607."""
    x = RNG.standard_normal((200_000, 2))
    x[:, 1] = 0.5 * x[:, 0] + np.sqrt(0.75) * x[:, 1]
    found = effects(x[:, 0] + 2 * x[:, 1], {"one": x[:, :1], "two": x[:, 1:]})
    assert found["one"] == pytest.approx(0.3393, rel=0.01)
    assert found["two"] == pytest.approx(0.6607, rel=0.01)
    assert list(found) == ["two", "one"]


def test_shapley_effects_of_independent_sums_are_variances():
    x = RNG.standard_normal((100_000, 3))
    found = effects(x @ np.array([1.0, 2, 3]), {name: x[:, [place]] for place, name in enumerate("abc")})
    assert [found[name] for name in "abc"] == pytest.approx([1 / 14, 4 / 14, 9 / 14], abs=0.01)


def test_shapley_effects_share_an_interaction_equally():
    x = RNG.standard_normal((200_000, 2))
    y = x[:, 0] + x[:, 1] + x[:, 0] * x[:, 1]
    found = effects(y, {"a": x[:, :1], "b": x[:, 1:]})
    assert found["a"] == pytest.approx(0.5, abs=0.01)
    assert found["b"] == pytest.approx(0.5, abs=0.01)


def test_small_groups_are_summed_up():
    x = RNG.standard_normal((5_000, 6))
    y = x @ np.array([6.0, 5, 4, 1, 1, 1])
    found = effects(y, {str(place): x[:, [place]] for place in range(6)}, most=4)
    assert set(found) == {"0", "1", "2", OTHER}
    assert sum(found.values()) == pytest.approx(1, abs=1e-6)
    assert found[OTHER] == pytest.approx(3 / 80, abs=0.01)


def test_nothing_drives_a_constant():
    assert effects(np.ones(10), {"a": np.arange(10.0)[:, None]}) == {"a": 0}
    assert effects(np.ones(10), {}) == {}


def explained_share(target, features, degree):
    """Var(E[Y | X]) / Var(Y): of one input its first-order Sobol index (Sobol 1993, Sudret 2008)."""
    return fitted(target[:, None], features, degree).var() / target.var()


def test_ishigami_sobol_indices():
    """Ishigami and Homma 1990, A = 7, B = .1: S1 .31 .44 0, ST .55 .44 .24 (SALib's tests)."""
    u = np.random.default_rng(3).uniform(-np.pi, np.pi, (12_000, 3))
    y = np.sin(u[:, 0]) + 7 * np.sin(u[:, 1]) ** 2 + 0.1 * u[:, 2] ** 4 * np.sin(u[:, 0])
    first = [explained_share(y, u[:, [place]], 8) for place in range(3)]
    total = [1 - explained_share(y, np.delete(u, place, axis=1), 10) for place in range(3)]
    assert first == pytest.approx([0.3139, 0.4424, 0], abs=0.02)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


@settings(max_examples=25)
@given(st.floats(-5, 5), st.floats(-5, 5))
def test_regression_finds_polynomials_exactly(slope, bend):
    x = np.random.default_rng(1).uniform(-1, 2, (500, 1))
    y = 3 + slope * x[:, 0] + bend * x[:, 0] ** 2
    assert fitted(y[:, None], x)[:, 0] == pytest.approx(y, abs=1e-6)
