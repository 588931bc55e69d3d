"""Which inputs move a figure most: by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from assess.core.estimate import Estimate
from assess.core.source import Driver, Source, rank_drivers
from assess.decisions.cost.draws import Draws
from assess.decisions.cost.drivers import chance_drivers, explain_gain, swing_drivers
from assess.decisions.cost.result import Swing


def source(name):
    return Source(kind="assumption", place=name)


def swing(name, low, high, *, standing=(0.0, 0.0)):
    return Swing(
        parameter=name, label=name, unit="days", low=2, high=8, cost_low={"a": low, "as-is": standing[0]},
        cost_high={"a": high, "as-is": standing[1]}, sources=(source(name),),
    )  # fmt: skip


def test_the_five_largest_effects_are_named_whatever_their_sign():
    found = rank_drivers(
        Driver(source=f"s{n}", label="", effect=effect) for n, effect in enumerate((1, -9, 0, 4, 2, -3, 5))
    )
    assert [driver.effect for driver in found] == [-9, 5, 4, -3, 2]


def test_a_swing_says_from_where_to_where_and_what_that_does():
    (found,) = swing_drivers(
        [swing("effort", 10, 25), swing("idle", 3, 3)], lambda s: s.cost_high["a"] - s.cost_low["a"]
    )
    assert (found.source, found.effect, found.value.replace("\xa0", " ")) == ("as:effort", 15, "2 to 8 days")


def test_a_gain_moves_with_what_is_left_and_what_is_done():
    """Failures cost 30 more where nothing is done and 10 more where something is: the gain rises by 20."""
    cost = SimpleNamespace(
        best="a", swings=[swing("failures", 5, 15, standing=(20, 50)), swing("effort", 1, 9)]
    )
    own = Source(kind="calculation", place="decision/gain")
    fact = SimpleNamespace(id="decision.gain", sources=(own,), model_copy=lambda update: update)
    (found,) = explain_gain([fact], cost, "as-is")
    assert [(driver.source, driver.effect) for driver in found["drivers"]] == [
        ("as:failures", 20),
        ("as:effort", -8),
    ]
    assert found["sources"][0].of == ("as:failures", "as:effort")


def test_a_chance_rises_with_what_brings_the_event_about():
    """It happens where the price is above 80 of 0 to 99: never in its lowest fifth, in 19 of 20 cases of its highest."""
    price = np.arange(100.0)
    noise = np.tile([1.0, 2.0], 50)
    names = {"price": price, "noise": noise}
    terms = SimpleNamespace(
        parameters=[
            SimpleNamespace(name=name, label=name, family="", estimate=Estimate(low=0, likely=1, high=99, source=source(name)))
            for name in names
        ]
    )  # fmt: skip
    drawn = Draws(names, {}, 100)
    found = chance_drivers(terms, drawn, (price > 80).astype(float))
    assert found[0].source == "as:price" and found[0].effect == pytest.approx(0.95)
    assert chance_drivers(terms, drawn, np.zeros(100)) == ()
