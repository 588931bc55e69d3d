"""The what-if of the weights against the framework itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assess import intake
from assess.decisions import framework
from assess.decisions.framework.criteria import KEYS, points
from assess.decisions.framework.result import Framework
from assess.intake.engagement.landscape import STYLE_NAMES
from assess.report.whatif.weights import near, served, what_if

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture(scope="module", params=["lead_to_cash", "legacy_manufacturer"])
def engagement(request):
    return intake.load(SAMPLES / request.param)


def weightings():
    rng = np.random.default_rng(11)
    yield {}
    for key in ("volume", "partner", "skill"):
        yield dict.fromkeys(KEYS, 1.0) | {key: 100.0}
        yield {key: 0.0}
    for _ in range(3):
        yield {key: float(round(x)) for key, x in zip(KEYS, rng.uniform(0, 100, len(KEYS)), strict=True)}
    yield dict.fromkeys(KEYS, 0.0) | {"latency": 7.0}


def decided(result):
    """Return some style for each integration that has one, best or not."""
    return {fit.integration: fit.candidates[n % len(fit.candidates)] for n, fit in enumerate(served(result))}


def test_it_equals_the_framework_with_those_weights(engagement):
    start = framework.fit(engagement, draws=200)
    base, chosen = points(engagement), decided(start)
    model = what_if(start, base, STYLE_NAMES, chosen)
    deeper = near(start, engagement.assumptions["framework.concentration"].likely).compute
    for moved in weightings():
        stated = base | moved
        expected = framework.fit(engagement.model_copy(update={"weights": stated}), draws=200)
        compare(model, model.evaluate(moved), expected, deeper(stated)[0], chosen)


def compare(model, found, expected: Framework, shares, chosen):
    fits = served(expected)
    styles = model.axes["style"]
    for n, fit in enumerate(fits):
        said = {name: float(found[name][n]) for name in ("fit", "lead", "anywhere", "flip")}
        assert styles[int(found["best"][n]) - 1] == STYLE_NAMES[fit.winner]
        assert said["fit"] == pytest.approx(fit.style(fit.winner).score, rel=1e-9)
        assert said["anywhere"] == pytest.approx(fit.shares_simplex[fit.winner], rel=1e-9)
        assert shares[n] == pytest.approx(fit.shares_stated[fit.winner], rel=1e-9)
        assert (fit.margin is None) == np.isinf(said["lead"])
        if fit.margin is not None:
            assert said["lead"] == pytest.approx(fit.margin, rel=1e-9, abs=1e-12)
        assert (fit.weight_flip is None) == np.isinf(said["flip"])
        if fit.weight_flip is not None:
            assert said["flip"] == pytest.approx(fit.weight_flip.moved, rel=1e-9, abs=1e-9)
            assert model.text(model.outputs[5], float(found["turns_to"][n])) in STYLE_NAMES.values()
    scores = [fit.style(chosen[fit.integration]).score for fit in fits]
    assert float(found["portfolio_fit"]) == pytest.approx(sum(scores) / len(scores), rel=1e-9)
    assert float(found["agreeing"]) == sum(chosen.get(fit.integration) == fit.winner for fit in fits)


def test_it_counts_the_integrations_that_turn(engagement):
    start = framework.fit(engagement, draws=50)
    model = what_if(start, points(engagement), STYLE_NAMES, decided(start))
    assert float(model.evaluate({})["changed"]) == 0
    moved = dict.fromkeys(KEYS, 0.0) | {"volume": 1.0}
    other = framework.fit(engagement.model_copy(update={"weights": points(engagement) | moved}), draws=50)
    turned = sum(a.winner != b.winner for a, b in zip(start.integrations, other.integrations, strict=True))
    assert turned > 0
    assert float(model.evaluate(moved)["changed"]) == turned


def test_without_a_feasible_style_there_is_nothing_to_weigh(engagement):
    start = framework.fit(engagement, draws=50)
    with pytest.raises(ValueError, match="feasible"):
        what_if(start.model_copy(update={"integrations": ()}), points(engagement), STYLE_NAMES, {})


def test_all_weights_at_zero_give_no_number_that_misleads(engagement):
    start = framework.fit(engagement, draws=50)
    found = what_if(start, points(engagement), STYLE_NAMES, decided(start)).evaluate(dict.fromkeys(KEYS, 0.0))
    assert not found["fit"].any()
    assert np.isnan(near(start, 100.0).compute(dict.fromkeys(KEYS, 0.0))[0]).all()
