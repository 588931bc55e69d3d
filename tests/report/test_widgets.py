import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import numpy as np
import pytest

from assess.core.numbers import quantity
from assess.report import widgets
from assess.report.charts.drawing import LIGHT
from assess.report.notebook_display import SVG
from assess.report.whatif import Deeper, FormulaStep, Output


@pytest.fixture
def model(results):
    return next(c.whatif for c in results.chapters if c.whatif)


def test_moving_a_slider_moves_everything(model):
    explorer = widgets.Explorer(model)
    assert "lowest for Buy" in explorer.announced.sentence
    explorer.knobs["volume"].value = 2e7
    costs = model.evaluate({"volume": 2e7})["cost"]
    assert f"lowest for Build, {quantity(float(costs[0]), 'EUR')}" in explorer.announced.sentence
    assert list(explorer.figure.data[0].x) == [float(f"{cost:.6g}") for cost in costs]
    assert list(explorer.figure.data[0].marker.color) == [LIGHT["accent"], LIGHT["grey-pale"]]
    explorer.reset()
    assert "lowest for Buy" in explorer.announced.sentence


def test_a_number_beyond_the_limits_becomes_the_limit(model):
    explorer = widgets.Explorer(model)
    explorer.knobs["count"].value = 9
    assert explorer.values["count"] == 9
    explorer.knobs["count"].value = 1e9
    assert explorer.values["count"] == explorer.knobs["count"].high


def test_shares_stand_in_percent(model):
    sliders = tuple(s.model_copy(update={"id": "growth", "unit": "share", "value": 0.2, "low": 0.0, "high": 1.0, "step": 0.01}) if s.id == "growth" else s for s in model.sliders)  # fmt: skip
    explorer = widgets.Explorer(model.model_copy(update={"sliders": sliders}))
    assert explorer.knobs["growth"].value == 20
    explorer.knobs["growth"].value = 30
    assert explorer.values["growth"] == pytest.approx(0.3)


def test_every_slider_has_its_name_limits_and_step(model):
    explorer = widgets.Explorer(model)
    for slider in model.sliders:
        knob = explorer.knobs[slider.id]
        assert knob.label.startswith(slider.label)
        assert (knob.low, knob.high, knob.step) == (slider.low, slider.high, slider.step)


def test_nothing_goes_to_a_service(model):
    config = widgets.Explorer(model).figure._config
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""


def test_without_a_reader_it_is_a_picture(model, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *args, **kwargs: shown.extend(args))
    monkeypatch.setenv("ASSESS_LIVE", "0")
    widgets.explore(model)
    assert [set(bundle) for bundle in shown] == [{"text/html", "text/plain"}, {SVG, "text/plain"}]
    assert "564\xa0k€" in shown[0]["text/html"]


def test_with_a_reader_it_is_a_panel(model, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *args, **kwargs: shown.extend(args))
    monkeypatch.setenv("ASSESS_LIVE", "1")
    widgets.explore(model)
    assert type(shown[0]).__name__ == "VBox"


def test_outside_of_a_kernel_nobody_reads(monkeypatch):
    monkeypatch.delenv("ASSESS_LIVE", raising=False)
    assert widgets.live() is False


def test_hostile_labels_are_text(filled, monkeypatch):
    hostile = filled("<script>alert(1)</script>")
    model = next(c.whatif for c in hostile.chapters if c.whatif)
    assert "<script" not in widgets.table(model, model.evaluate({}))
    assert (
        "<script" not in widgets.Explorer(model).announced.table
    )  # the sentence is set as text, not as HTML


def test_what_only_the_notebook_can_compute_stands_beside_the_model(model, monkeypatch):
    """Without a loop that could come back to it, all is computed at once; a browser of another test may have left one."""
    monkeypatch.setattr("asyncio.get_running_loop", Mock(side_effect=RuntimeError))
    asked = []

    def compute(values):
        asked.append(dict(values))
        return (np.array([0.25, values["count"] / 100]),)

    deeper = Deeper((Output(name="sure", label="Sure", unit="share"),), compute)
    whole = widgets.with_more(model, deeper)
    assert [output.name for output in whole.outputs] == ["cost", "first", "sure", "gap"]
    explorer = widgets.Explorer(whole, deeper)
    assert "25%" in explorer.announced.table
    explorer.knobs["count"].value = 50
    assert asked[-1] == model.base | {"count": 50}
    assert "50%" in explorer.announced.table
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *args, **kwargs: shown.extend(args))
    monkeypatch.setenv("ASSESS_LIVE", "0")
    widgets.explore(model, deeper)
    assert "23%" in shown[0]["text/html"]


def test_what_takes_longer_follows_when_the_sliders_rest(model, monkeypatch):
    """In a kernel the sentence changes at once; what is computed beside the model is not, until nobody moves a slider."""
    monkeypatch.setattr(widgets, "REST", 0.05)
    asked = []

    def compute(values):
        asked.append(dict(values))
        return (np.array([0.25, values["count"] / 100]),)

    deeper = Deeper((Output(name="slow", label="Slow"),), compute)

    async def moved():
        explorer = widgets.Explorer(widgets.with_more(model, deeper), deeper)
        before, first = explorer.announced.sentence, len(asked)
        for count in (40, 50, 60):
            explorer.knobs["count"].value = count
            assert "…" in explorer.announced.table and len(asked) == first
        assert explorer.announced.sentence != before
        await asyncio.sleep(0.3)
        assert len(asked) == first + 1 and asked[-1] == explorer.values
        assert "…" not in explorer.announced.table

    with ThreadPoolExecutor(1) as kernel:  # a thread of its own has no other loop
        kernel.submit(asyncio.run, moved()).result()


def test_words_are_shown_and_numbers_drawn(model):
    best = FormulaStep(name="pick", formula=["+", ["*", 0, "cost"], ["number", "option"]])
    outputs = (Output(name="pick", label="Best", words="option"), *model.outputs)
    worded = model.model_copy(update={"formulas": (*model.formulas, best), "outputs": outputs})
    explorer = widgets.Explorer(worded)
    assert re.search(r">Build</td><td[^>]*>Build</td>", explorer.announced.table)
    assert list(explorer.figure.data[0].x) == [
        float(f"{cost:.6g}") for cost in model.evaluate({})["cost"].tolist()
    ]


def test_without_a_best_label_none_is_singled_out(model):
    plain = tuple(output.model_copy(update={"best": ""}) for output in model.outputs)
    plot = widgets.picture(model.model_copy(update={"outputs": plain}), model.evaluate({}))
    assert set(plot["data"][0]["marker"]["color"]) == {LIGHT["accent"]}


def test_a_slider_stands_exactly_where_the_report_stands(model):
    sliders = tuple(s.model_copy(update={"value": 23 / 7}) if s.id == "growth" else s for s in model.sliders)
    explorer = widgets.Explorer(model.model_copy(update={"sliders": sliders}))
    assert explorer.knobs["growth"].value == 23 / 7
    explorer.knobs["growth"].value = 12.3456789
    assert explorer.values["growth"] == 12.3456789
    explorer.reset()
    assert explorer.values["growth"] == 23 / 7
