"""The what-ifs of a real engagement in Chromium: every formula equals Python, and the words follow the sliders."""

import itertools

import numpy as np
import pytest

from assess import intake
from assess.core.cache import Cache
from assess.decisions.assessment import Assessment
from assess.report import chapters
from assess.report.chapter import Head, Results
from assess.report.page import render

pytestmark = pytest.mark.browser

MAKERS = (chapters.data_quality, chapters.integration_profile, chapters.build_or_buy, chapters.total_cost)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The chapters of a new engagement that have a what-if, by key."""
    assessment = Assessment.open(intake.init(tmp_path_factory.mktemp("new") / "acme"), draws=200)
    assessment._cache = Cache(None)
    return {chapter.key: chapter for chapter in (make(assessment) for make in MAKERS)}


@pytest.fixture(scope="module")
def page(made, chromium, tmp_path_factory):
    results = Results(engagement=Head(client="Acme"), chapters=tuple(made.values()))
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(results, generated=""), "utf-8")
    opened = chromium.new_page()
    said = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(path.as_uri())
    opened.wait_for_selector("html[data-charts]", timeout=30_000)
    yield opened
    assert said == []
    opened.close()


def places(model):
    """Return the ends of every slider alone, every pair of ends, and positions between them."""
    yield {}
    ends = [(slider.id, end) for slider in model.sliders for end in (slider.low, slider.high)]
    yield from ({id: end} for id, end in ends)
    yield from (dict(pair) for pair in itertools.combinations(ends, 2))
    rng = np.random.default_rng(5)
    for _ in range(60):
        yield {slider.id: float(rng.uniform(slider.low, slider.high)) for slider in model.sliders}


@pytest.mark.parametrize("key", ["integration_profile", "build_or_buy", "total_cost"])
def test_the_page_computes_what_python_computes(page, made, key):
    model = made[key].whatif
    grid = list(places(model))
    script = """([box, grid]) => grid.map(place => Object.entries(document.querySelector(box).evaluate(place))
        .map(([name, values]) => [name, values.map(v => Number.isFinite(v) ? v : String(v))]))"""
    names = {step.name for step in model.formulas}
    for place, found in zip(grid, page.evaluate(script, [f"#w-{key}", grid]), strict=True):
        expected = model.evaluate(place)
        for name, values in found:
            if name in names:
                held = np.array([float(str(v).replace("Infinity", "inf")) for v in values])
                np.testing.assert_allclose(
                    held, expected[name].ravel(), rtol=1e-9, atol=1e-9, err_msg=f"{name} at {place}"
                )


def test_a_weight_that_is_moved_by_keyboard_changes_the_best_style(page, made):
    model = made["integration_profile"].whatif
    box = page.locator("#w-integration_profile")
    best = box.locator("[data-output=best] a")
    assert best.all_inner_texts() == [
        model.text(model.outputs[0], v) for v in model.evaluate({})["best"].tolist()
    ]
    moved = dict.fromkeys(model.base, 0.0) | {"skill": 100.0}
    for id, value in moved.items():
        knob = box.locator(f"input[type=range][data-slider={id}]")
        knob.focus()
        page.keyboard.press("End" if value else "Home")
    expected = model.evaluate(moved)
    assert best.all_inner_texts() == [model.text(model.outputs[0], v) for v in expected["best"].tolist()]
    turned = int(expected["changed"])
    said = box.locator("output").inner_text()
    assert f"another than with the report's weights: {turned}" in said
    assert box.locator("[data-output=best] small", has_text="was ").count() == turned
    box.get_by_role("button", name="Back to the report's values").click()
    assert box.locator("[data-output=best] small", has_text="was ").count() == 0


def test_number_and_cap_can_be_moved_by_keyboard(page, made):
    model = made["total_cost"].whatif
    box = page.locator("#w-total_cost")
    before = box.locator("[data-output=npv] a").all_inner_texts()
    box.locator("input[type=range][data-slider=number]").focus()
    page.keyboard.press("ArrowRight")
    more = model.base["number"] + 1
    expected = [model.text(model.outputs[0], v) for v in model.evaluate({"number": more})["npv"].tolist()]
    assert box.locator("[data-output=npv] a").all_inner_texts() == expected != before
    box.get_by_role("button", name="Back to the report's values").click()
    tail = box.locator("[data-output=runaway] a").all_inner_texts()
    box.locator("input[type=range][data-slider=cap]").focus()
    page.keyboard.press("Home")
    assert box.locator("[data-output=runaway] a").all_inner_texts() != tail
    assert box.locator("[data-output=npv] a").all_inner_texts() == before
    box.get_by_role("button", name="Back to the report's values").click()
