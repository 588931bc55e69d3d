"""The page as a reader sees it, in Debian's Chromium, with the network off."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from assess.core.formula_graph import OPERATORS
from assess.core.numbers import quantity
from assess.report import chapters
from assess.report.charts.drawing import DARK, LIGHT
from assess.report.page import render
from assess.report.whatif import FormulaStep

pytestmark = pytest.mark.browser

ARTEFACTS = Path(__file__).parents[2] / "test-artefacts"
VIEWS = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "narrow-dark": {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"},
}


@pytest.fixture(scope="module")
def file(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(results, generated="Made on 22 November 2026"), "utf-8")
    return path


EVERY = tuple(
    FormulaStep(name=f"every-{place}", formula=formula)
    for place, formula in enumerate(
        (
            ["+", "rate", 1, 2.5], ["-", "rate"], ["-", "rate", "price"], ["*", "price", "days"], ["/", "days", "share"],
            ["^", "rate", ["/", "growth", 100]], ["min", "days", 10, "rate"], ["max", "days", 10], ["floor", ["/", "rate", 7]],
            ["ceil", ["/", "rate", -7]], ["exp", "share"], ["log", "days"], ["<=", "days", 6], ["<", "days", 6],
            ["if", ["<", "days", 7], "price", "rate"], ["sum", "tier", ["*", "price", "days"]], ["running", "year", ["*", "monthly", "days"]],
            ["running", "option", ["*", "monthly", "days"]], ["least", "option", ["*", "price", "days"]],
            ["at", "tier", "above", ["*", "price", "days"]], ["number", "tier"], ["most", "year", ["*", "monthly", "days"]],
            ["which", "tier", ["*", "price", "days"]], ["list", "option", "rate", "price"], ["as", "option", "side", "days"],
        )
    )
)  # fmt: skip


class Tab:
    """A tab with the page open, and everything it complained about or asked for."""

    def __init__(self, chromium, file, view):
        self.context = chromium.new_context(offline=True, reduced_motion="reduce", **VIEWS[view])
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append("dialog"))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("html[data-charts]", timeout=20_000)


def until(page, condition, patience=5.0):
    """Wait until an expression is true; asked from outside, because the page's policy forbids eval."""
    end = time.monotonic() + patience
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(20)


@pytest.fixture(scope="module")
def tabs(chromium, file):
    opened = {view: Tab(chromium, file, view) for view in VIEWS}
    yield opened
    for tab in opened.values():
        tab.context.close()


@pytest.fixture
def tab(tabs):
    """The light view, as a reader finds it; what a test moves, it puts back or the next one resets."""
    opened = tabs["light"]
    opened.page.emulate_media(color_scheme="light", media="screen")
    opened.page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = false)")
    opened.page.evaluate("document.getElementById('filter').reset(); scrollTo(0, 0); location.hash = ''")
    yield opened.page
    assert opened.said == []


@pytest.fixture
def fresh(chromium, file):
    opened = Tab(chromium, file, "light")
    yield opened.page
    assert opened.said == []
    opened.context.close()


@pytest.mark.parametrize("view", VIEWS)
class TestEveryView:
    def test_no_request_and_no_complaint(self, tabs, file, view):
        assert tabs[view].asked == [file.as_uri()]
        assert tabs[view].said == []

    def test_every_chart_is_drawn(self, tabs, results, view):
        page = tabs[view].page
        count = sum(len(chapter.figures) for chapter in results.chapters)
        assert page.locator(".plot .main-svg .cartesianlayer").count() == count > 0
        marks = page.evaluate(
            "[...document.querySelectorAll('.plot')].map(p => p.querySelectorAll('.trace').length)"
        )
        assert min(marks) >= 1

    def test_no_rule_of_axe_is_broken(self, tabs, view):
        page = tabs[view].page
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = Axe().run(page)
        broken = [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in found.response["violations"]]
        assert broken == []

    def test_nothing_is_wider_than_the_screen(self, tabs, view):
        page = tabs[view].page
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_screenshot_is_kept(self, tabs, view):
        ARTEFACTS.mkdir(exist_ok=True)
        tabs[view].page.screenshot(path=ARTEFACTS / f"report-{view}.png", full_page=True)
        assert (ARTEFACTS / f"report-{view}.png").stat().st_size > 50_000


class TestColours:
    def accent(self, page):
        return page.evaluate(
            "getComputedStyle(document.querySelector('#p-data_quality-columns .point path')).fill"
        )

    def rgb(self, colour):
        return "rgb({}, {}, {})".format(*(int(colour[at : at + 2], 16) for at in (1, 3, 5)))

    def test_charts_follow_the_scheme_and_print(self, tab):
        assert self.accent(tab) == self.rgb(LIGHT["accent"])
        grid = "getComputedStyle(document.querySelector('#p-data_quality-columns .xgrid')).stroke"
        tab.emulate_media(color_scheme="dark")
        until(tab, f"{grid} === '{self.rgb(DARK['line'])}'")
        assert self.accent(tab) == self.rgb(DARK["accent"])
        tab.emulate_media(color_scheme="dark", media="print")
        until(tab, f"{grid} === '{self.rgb(LIGHT['line'])}'")
        assert self.accent(tab) == self.rgb(LIGHT["accent"])

    def test_print_opens_what_is_closed(self, tab):
        table = tab.locator("#p-data_quality-columns ~ * table, figure:has(#p-data_quality-columns) table")
        assert not table.is_visible()
        tab.emulate_media(media="print")
        assert table.is_visible()
        assert not tab.locator("nav").is_visible()
        ARTEFACTS.mkdir(exist_ok=True)
        tab.screenshot(path=ARTEFACTS / "report-print.png", full_page=True)
        tab.pdf(path=ARTEFACTS / "report-print.pdf", format="A4", print_background=True)


class TestKeyboard:
    def test_a_table_sorts_and_comes_back(self, tab):
        table = tab.locator("#t-data_quality-repairs table")
        names = lambda: table.locator("tbody th").all_inner_texts()  # noqa: E731
        before = names()
        heading = table.locator("th:has-text('Records') button")
        heading.focus()
        tab.keyboard.press("Enter")
        assert names() == [
            "E-mail missing",
            "Dates in three formats",
            "Country vocabulary differs",
            "Consent not asked",
        ]
        assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
        tab.keyboard.press("Enter")
        assert names()[0] == "Country vocabulary differs"
        assert names()[-1] == "Consent not asked"
        tab.keyboard.press("Space")
        assert names() == before
        assert table.locator("th[aria-sort]").count() == 0

    def test_a_number_leads_to_its_evidence_and_back(self, tab):
        link = tab.locator("#f-executive_summary-npv a")
        link.focus()
        assert "discounted sum of the cash flows" in tab.locator(".peek").inner_text()
        tab.keyboard.press("Escape")
        assert not tab.locator(".peek").is_visible()
        tab.keyboard.press("Enter")
        target = tab.locator(link.get_attribute("href").replace(".", "\\."))
        assert target.is_visible()
        assert target.evaluate("element => element === document.activeElement")
        back = target.locator("p a[href='#f-executive_summary-npv']")
        back.focus()
        tab.keyboard.press("Enter")
        assert tab.evaluate("location.hash") == "#f-executive_summary-npv"

    def test_the_contents_follow(self, tab):
        current = tab.locator("nav a[aria-current]")
        assert current.get_attribute("href") == "#answer"
        tab.evaluate("document.getElementById('c-total_cost').scrollIntoView()")
        until(tab, "document.querySelector('nav a[aria-current]').hash === '#c-total_cost'")
        assert current.count() == 1

    def test_the_ledger_filters_and_counts(self, tab):
        shown = tab.locator("#findings tbody tr:not([hidden])")
        assert shown.count() == 9
        tab.select_option("[name=severity]", "critical")
        assert shown.count() == 2
        assert tab.locator("#filter output").inner_text() == "2 of 9 shown"
        tab.select_option("[name=severity]", "")
        tab.fill("[name=text]", "CENTS against")
        assert shown.count() == 1

    def test_a_long_ledger_starts_with_the_gravest(self, chromium, results, tmp_path):
        chapter = next(chapter for chapter in results.chapters if chapter.findings)
        found = chapter.findings[0]
        many = [
            found.model_copy(update={"id": f"{found.id}/{n}", "title": f"Finding {n}"}) for n in range(60)
        ]
        filled = chapter.model_copy(update={"findings": (*chapter.findings, *many)})
        chapters = tuple(filled if one is chapter else one for one in results.chapters)
        long = results.model_copy(update={"chapters": chapters})
        path = tmp_path / "long.html"
        path.write_text(render(long, generated="Made on 22 November 2026"), "utf-8")
        page = Tab(chromium, path, "light").page
        visible = page.locator("#findings tbody tr:visible")
        every = page.locator("#findings tbody tr").count()
        assert every > 60
        assert visible.count() == 20
        page.evaluate(
            "id => { location.hash = id }", page.locator("#findings tbody tr").last.get_attribute("id")
        )
        until(page, "document.querySelector('#findings tbody tr:last-child').checkVisibility()")
        assert visible.count() == every
        page.get_by_role("button", name="Show the first 20 findings").click()
        assert visible.count() == 20
        page.fill("[name=text]", "Finding 5")
        assert visible.count() == 11
        page.fill("[name=text]", "")
        assert visible.count() == 20
        page.emulate_media(media="print")
        assert visible.count() == every
        page.context.close()

    def test_first_tab_stop_leads_past_the_contents(self, fresh):
        tab = fresh
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.hash") == "#answer"


class TestOpening:
    def test_an_address_that_names_an_entry_arrives_there(self, chromium, file):
        context = chromium.new_context(offline=True, reduced_motion="reduce")
        page = context.new_page()
        page.goto(file.as_uri() + "#e3")
        until(page, "document.activeElement.id === 'e3'")
        assert page.locator("#e3").is_visible()
        place = page.locator("#e3").bounding_box()["y"]
        assert 0 <= place < page.viewport_size["height"]
        context.close()

    def test_without_scripts_answers_numbers_and_findings_are_there(self, chromium, file, results):
        context = chromium.new_context(offline=True, java_script_enabled=False)
        page = context.new_page()
        page.goto(file.as_uri())
        assert page.locator("noscript").first.is_visible()
        assert page.locator("#findings tbody tr:visible").count() == 9
        shown = page.locator("main").inner_text()
        for chapter in results.chapters:
            for fact in chapter.facts:
                if fact.id in chapter.headline:
                    assert quantity(fact.value, fact.unit) in shown
        assert not page.locator(".plot").first.is_visible()
        assert "results.json beside this page" in page.locator("#entries").inner_text()
        context.close()


class TestWhatIf:
    BOX = "#w-total_cost"

    def test_it_equals_python_on_a_grid(self, tab, results):
        model = next(c.whatif for c in results.chapters if c.whatif)
        places = model.grid(points=4)
        assert len(places) == 4 ** len(model.sliders)
        script = "([box, places]) => places.map(p => document.querySelector(box).evaluate(p))"
        found = tab.evaluate(script, [self.BOX, places])
        for place, values in zip(places, found, strict=True):
            for name, expected in model.evaluate(place).items():
                np.testing.assert_allclose(values[name], expected.ravel(), rtol=1e-9, atol=1e-9, err_msg=name)

    def test_every_operator_equals_python(self, chromium, results, tmp_path):
        chapter = next(c for c in results.chapters if c.whatif)
        axes = {**chapter.whatif.axes, "side": ("left", "right")}
        formulas = (*chapter.whatif.formulas, *EVERY)
        model = chapter.whatif.model_copy(update={"formulas": formulas, "axes": axes})
        bare = model.model_copy(
            update={
                "sources": (),
                "sliders": tuple(s.model_copy(update={"sources": ()}) for s in model.sliders),
            }
        )
        changed = chapter.model_copy(
            update={"whatif": type(model).model_validate(bare), "facts": (), "headline": ()}
        )
        path = tmp_path / "every.html"
        path.write_text(render(results.model_copy(update={"chapters": (changed,)}), generated=""), "utf-8")
        opened = Tab(chromium, path, "light")
        assert opened.said == []
        found = opened.page.evaluate("box => document.querySelector(box).evaluate({})", self.BOX)
        used = json.dumps([step.formula for step in EVERY])
        assert [o for o in OPERATORS if f'"{o}"' not in used] == []
        for name, expected in model.evaluate({}).items():
            np.testing.assert_allclose(found[name], expected.ravel(), rtol=1e-12, err_msg=name)
        opened.context.close()

    def test_the_first_numbers_are_pythons(self, tab, results):
        model = next(c.whatif for c in results.chapters if c.whatif)
        for output in model.outputs:
            cells = tab.locator(f"{self.BOX} [data-output={output.name}] a").all_inner_texts()
            values = model.evaluate({})[output.name].ravel()
            assert cells == [quantity(float(value), output.unit) for value in values]

    def test_a_slider_moves_by_keyboard(self, tab, results):
        said = tab.locator(f"{self.BOX} output")
        before = said.inner_text()
        tab.get_by_role("slider", name="Messages a month").focus()
        for _ in range(30):
            tab.keyboard.press("ArrowRight")
        assert tab.get_by_role("spinbutton", name="Messages a month").input_value() == "5000000"
        model = next(c.whatif for c in results.chapters if c.whatif)
        gap = float(model.evaluate({"volume": 5e6})["gap"])
        assert said.inner_text() != before
        assert quantity(gap, "EUR") in said.inner_text()
        tab.get_by_role("button", name="Back to the report's values").press("Enter")
        assert said.inner_text() == before
        assert tab.get_by_role("spinbutton", name="Messages a month").input_value() == "2000000"

    def test_a_number_can_be_typed_and_is_kept_within_its_limits(self, tab):
        box = tab.get_by_role("spinbutton", name="Integrations")
        box.fill("999")
        box.press("Tab")
        assert box.input_value() == "60"
        assert tab.get_by_role("slider", name="Integrations").input_value() == "60"
        box.fill("")
        box.press("Tab")
        assert box.input_value() == "60"

    def test_what_is_shown_follows_within_a_blink(self, tab):
        script = """box => { const input = document.querySelector(box + " input[type=range]"); const took = [];
            for (let i = 0; i < 200; i++) { input.value = 100000 + i * 50000; const start = performance.now();
            input.dispatchEvent(new Event("input")); took.push(performance.now() - start); }
            return took.sort((a, b) => a - b)[190]; }"""
        assert tab.evaluate(script, self.BOX) < 50


def test_hostile_text_does_nothing(chromium, all_hostile, tmp_path):
    text, results = all_hostile
    path = tmp_path / "hostile.html"
    path.write_text(render(results, generated=text), "utf-8")
    opened = Tab(chromium, path, "light")
    assert opened.said == []
    assert opened.asked == [path.as_uri()]
    assert "<script>alert(1)</script>" in opened.page.locator("h1").inner_text()
    opened.context.close()


@pytest.fixture(scope="module")
def mapped(tmp_path_factory, results, sample):
    chapter = chapters.value_stream(sample("lead_to_cash"))
    found = results.model_copy(update={"chapters": (chapter,)})
    path = tmp_path_factory.mktemp("map") / "report.html"
    path.write_text(render(found, generated="Made on 22 November 2026"), "utf-8")
    return path


class TestStreamMap:
    """The value stream map of the sample, drawn without a script."""

    @pytest.mark.parametrize("view", VIEWS)
    def test_it_fits_its_place_and_breaks_no_rule(self, chromium, mapped, view):
        tab = Tab(chromium, mapped, view)
        page = tab.page
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        sketch = page.locator("svg.sketch")
        assert sketch.count() == 1 and "Critical path: Write the quote" in sketch.get_attribute("aria-label")
        steps = page.locator(".strip li")
        if view.startswith("narrow"):
            assert not sketch.is_visible() and steps.count() == 15
            assert steps.first.is_visible() and "Process 37 min" in steps.first.inner_text().replace(
                "\xa0", " "
            )
        else:
            assert not steps.first.is_visible()
            assert sketch.evaluate("s => s.getBoundingClientRect().width <= s.parentElement.clientWidth + 1")
        colours = DARK if view.endswith("dark") else LIGHT
        ink = page.evaluate("getComputedStyle(document.querySelector('.sketch text')).fill")
        shown = tuple(int(part) for part in ink.removeprefix("rgb(").rstrip(")").split(","))
        assert "#" + "".join(f"{part:02x}" for part in shown) == colours["ink"]
        broken = [v["id"] for v in Axe().run(page).response["violations"]]
        assert broken == [] and tab.said == []
        tab.context.close()

    def test_words_stay_in_their_boxes(self, chromium, mapped):
        tab = Tab(chromium, mapped, "light")
        wide = tab.page.evaluate(
            """[...document.querySelectorAll('.sketch text')].map(t => [t.textContent, t.getBoundingClientRect()])
            .filter(([text, r]) => /^(Process|Wait|%C&A|[0-9]+ )/.test(text)).map(([text, r]) => [text, r.width])"""
        )
        assert len(wide) > 30 and max(width for _, width in wide) < 104
        tab.context.close()
