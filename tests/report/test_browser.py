"""The page as a reader sees it, in Debian's Chromium, with the network off: one tab a view, asked everything at once."""

import re
import time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from assess.core.numbers import quantity
from assess.report.charts.drawing import DARK, LIGHT
from assess.report.page import render

pytestmark = pytest.mark.browser

ARTEFACTS = Path(__file__).parents[2] / "test-artefacts"
VIEWS = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "narrow-dark": {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"},
}

PARTED = """() => {
  const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (!node.parentElement.checkVisibility()) continue;
    for (const hit of node.data.matchAll(/[0-9][ \\u00a0](?=[kM]?€|%|[a-z])/g)) {
      if (hit[0][1] === " " && !/^[kM]?€|^%/.test(node.data.slice(hit.index + 2))) continue;
      const box = (from) => { const range = document.createRange(); range.setStart(node, from); range.setEnd(node, from + 1); return range.getBoundingClientRect(); };
      if (box(hit.index).bottom <= box(hit.index + 2).top + 2) found.push(node.data.slice(Math.max(0, hit.index - 20), hit.index + 12));
    }
  }
  return found;
}"""
"""Numbers that stand on another line than their unit."""

WIDER = "* { font-family: 'DejaVu Sans Mono', monospace !important; letter-spacing: .04em !important; }"
"""A font that is wider than every font of a system."""


class Tab:
    """A tab with the page open, and everything it complained about or asked for."""

    def __init__(self, chromium, file, view="light", at="", **more):
        self.context = chromium.new_context(offline=True, reduced_motion="reduce", **VIEWS[view], **more)
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append("dialog"))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri() + at)

    def broken(self):
        """Rules of axe that the page breaks."""
        found = Axe().run(self.page).response["violations"]
        return [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in found]


def until(page, condition, patience=10.0):
    """Wait until an expression is true; asked from outside, because the page's policy forbids eval."""
    end = time.monotonic() + patience
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(20)


def write(folder, report):
    for name, text in report._asdict().items():
        (folder / {"page": "report.html"}.get(name, f"{name}.html")).write_text(text, "utf-8")
    return folder / "report.html"


@pytest.fixture(scope="module")
def file(results, tmp_path_factory):
    return write(tmp_path_factory.mktemp("page"), render(results, generated="22 November 2026"))


@pytest.fixture
def tab(chromium, file):
    opened = Tab(chromium, file)
    yield opened.page
    assert opened.said == []
    opened.context.close()


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_asks_for_nothing_breaks_no_rule_and_fits(chromium, file, results, view):
    tab = Tab(chromium, file, view)
    page = tab.page
    assert tab.broken() == []
    drawn = page.locator("figure svg")
    assert drawn.count() > 0
    assert page.evaluate(
        "[...document.querySelectorAll('figure svg')].every(svg => svg.querySelector('text'))"
    )
    colours = DARK if view.endswith("dark") else LIGHT
    ink = page.evaluate("getComputedStyle(document.querySelector('figure svg text:not([class])')).fill")
    shown = (int(part) for part in re.findall(r"\d+", ink))
    assert "#" + "".join(f"{part:02x}" for part in shown) == colours["ink"]
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.locator("#c5 .more > a").first.click()
    until(page, "document.querySelector('#card').open")
    assert tab.broken() == []
    page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(PARTED) == []
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"report-{view}.png", full_page=True)
    assert tab.asked == [file.as_uri()] and tab.said == []
    tab.context.close()


@pytest.mark.parametrize("view", ["light", "narrow", "narrow-dark"])
def test_no_font_makes_the_page_wider_than_the_screen(chromium, file, view):
    tab = Tab(chromium, file, view, bypass_csp=True)
    tab.page.add_style_tag(content=WIDER)
    tab.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = tab.page.evaluate(
        "[...document.querySelectorAll('main *:not(svg *, .wide *)')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 90))"
    )
    assert wide == []
    tab.context.close()


class TestCards:
    def test_a_number_opens_its_card_and_back_returns_the_focus(self, tab):
        link = tab.locator("a[href='evidence.html#n-npv']").first
        link.focus()
        tab.keyboard.press("Enter")
        until(tab, "document.querySelector('#card').open")
        assert tab.evaluate("location.hash").endswith("?e=n-npv")
        assert tab.evaluate("document.activeElement.id") == "cardtitle"
        source = tab.locator("#card a", has_text="cost/npv/hybrid").first
        source.press("Enter")
        until(tab, "document.querySelector('#cardtitle').textContent === 'cost/npv/hybrid'")
        assert "discounted sum of the cash flows" in tab.locator("#card").inner_text()
        tab.go_back()
        until(tab, "location.hash.endsWith('e=n-npv')")
        assert tab.locator("#card").is_visible()
        tab.keyboard.press("Escape")
        until(tab, "!location.hash.includes('e=')")
        assert not tab.locator("#card").is_visible()
        assert link.evaluate("element => element === document.activeElement")

    def test_search_finds_over_all_cards_and_a_slash_leads_to_it(self, tab):
        tab.keyboard.press("/")
        assert tab.evaluate("document.activeElement.id") == "find"
        tab.keyboard.type("CENTS against")
        tab.keyboard.press("Enter")
        until(tab, "document.querySelector('#card').open")
        assert tab.locator("#cardtitle").inner_text() == "2 found for “CENTS against”"
        tab.locator("#card .hits a").first.click()
        until(tab, "location.hash.includes('e=l')")
        tab.locator("#card .x").click()
        until(tab, "!document.querySelector('#card').open")
        until(tab, "!location.hash.includes('q=')")

    def test_the_findings_of_a_chapter_are_listed_the_gravest_first(self, tab):
        tab.locator("a[href='evidence.html#c2.findings']").click()
        until(tab, "document.querySelectorAll('#card .hits li').length > 0")
        signs = [text.split(" ")[0] for text in tab.locator("#card .hits small").all_inner_texts()]
        order = ["critical", "high", "medium", "low", "info"]
        assert signs == sorted(signs, key=order.index) and len(signs) > 3

    def test_an_address_restores_chapter_card_and_folds(self, chromium, file):
        tab = Tab(chromium, file, at="#c5?e=n-npv&o=c5w")
        until(tab.page, "document.querySelector('#card').open")
        assert tab.page.locator("#c5w").evaluate("fold => fold.open")
        tab.page.keyboard.press("Escape")
        until(tab.page, "location.hash === '#c5?o=c5w'")
        for at in ("#l3", "#nothing", "#%E0%A4%A", "#c5?e=nothing"):
            tab.page.goto(file.as_uri() + at)
            tab.page.wait_for_timeout(50)
        assert not tab.page.locator("#card").is_visible()
        tab.page.goto(file.as_uri() + "#l3")
        until(tab.page, "document.querySelector('#card').open")
        assert tab.said == []
        tab.context.close()

    def test_the_contents_follow_and_the_first_stop_leads_past_them(self, tab):
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.hash") == "#brief"
        tab.evaluate("document.getElementById('c5').scrollIntoView()")
        until(tab, "document.querySelector('nav a[aria-current]')?.hash === '#c5'")
        assert tab.locator("nav a[aria-current]").count() == 1


SHOWN = (
    "[...document.querySelectorAll('.ch')].every(c => getComputedStyle(c).contentVisibility === 'visible')"
)
"""Whether every chapter is laid out, as it must be for a picture of the whole page, and on paper."""


class TestChapters:
    @pytest.mark.parametrize("view", ["light", "narrow"])
    def test_each_is_laid_out_in_the_end_and_reached_from_the_contents(self, chromium, file, view):
        tab = Tab(chromium, file, view)
        bar = tab.page.locator("header").bounding_box()["height"]
        for number in (6, 1, 4):
            for _ in range(20):  # the row of contents moves below the pointer while the page does
                tab.page.locator(f"nav a[href='#c{number}']").click()
                tab.page.wait_for_timeout(100)
                if tab.page.evaluate("location.hash") == f"#c{number}":
                    break
            until(tab.page, f"location.hash === '#c{number}'")
            place = tab.page.locator(f"#c{number}").bounding_box()["y"]
            assert bar <= place <= bar + 40, number
        until(tab.page, SHOWN)
        tab.context.close()

    def test_an_address_lands_on_its_chapter_and_nothing_moves_after(self, chromium, file):
        tab = Tab(chromium, file, "narrow", at="#c7")
        assert tab.page.evaluate(SHOWN)
        assert tab.page.locator("header").bounding_box()["height"] <= tab.page.locator("#c7").bounding_box()["y"] <= 140  # fmt: skip
        tab.context.close()

    def test_none_waits_for_a_script_that_does_not_run_nor_on_paper(self, chromium, file):
        tab = Tab(chromium, file, java_script_enabled=False)
        assert tab.page.evaluate(SHOWN)
        tab.context.close()
        tab = Tab(chromium, file)
        until(tab.page, SHOWN)
        tab.page.evaluate("document.querySelectorAll('.ch').forEach(c => c.classList.remove('laid'))")
        assert not tab.page.evaluate(SHOWN)
        tab.page.emulate_media(media="print")
        assert tab.page.evaluate(SHOWN)
        tab.context.close()


class TestWithoutScripts:
    def test_every_number_leads_to_its_card_in_the_flat_file(self, chromium, file, results):
        tab = Tab(chromium, file, java_script_enabled=False)
        shown = tab.page.locator("main").inner_text()
        for fact in results.summary.facts:
            if fact.id in results.summary.headline:
                assert quantity(fact.value, fact.unit) in shown
        assert not tab.page.locator("form").is_visible() and not tab.page.locator("#prints").is_visible()
        tab.page.locator("a[href='evidence.html#n-npv']").first.click()
        assert tab.page.url.endswith("evidence.html#n-npv")
        place = tab.page.locator("[id='n-npv']").bounding_box()
        assert 0 <= place["y"] < 900
        tab.context.close()

    def test_the_flat_file_breaks_no_rule_and_fits(self, chromium, file):
        for view in ("dark", "narrow"):
            tab = Tab(chromium, file.with_name("evidence.html"), view)
            assert tab.broken() == [] and tab.said == []
            assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            tab.context.close()


def test_paper_holds_the_brief_or_with_all_chapters_everything(tab):
    asked = "window.print = () => { document.body.dataset.printed = document.documentElement.className + document.querySelectorAll('main details:not([open])').length }"
    tab.evaluate(asked)
    closed = tab.locator("main details:not([open])").count()
    brief, every = tab.locator("#prints button").all()
    brief.click()
    assert tab.evaluate("document.body.dataset.printed") == str(closed)
    every.click()
    assert tab.evaluate("document.body.dataset.printed") == "all0"
    assert tab.locator("main details:not([open])").count() == closed
    tab.emulate_media(media="print", color_scheme="dark")
    chapter = tab.locator("#c5")
    assert not chapter.is_visible() and not tab.locator("nav").is_visible()
    assert tab.locator("h1").evaluate("e => getComputedStyle(e).color") == "rgb(22, 27, 36)"
    assert tab.evaluate(PARTED) == []
    assert tab.pdf(format="A4").count(b"/Type /Page\n") <= 2
    tab.evaluate("document.documentElement.classList.add('all')")
    assert chapter.is_visible()
    assert tab.evaluate(PARTED) == []


def test_hostile_text_does_nothing(chromium, all_hostile, tmp_path):
    text, results = all_hostile
    path = write(tmp_path, render(results, generated=text))
    tab = Tab(chromium, path)
    assert "<script>alert(1)</script>" in tab.page.locator("h1").inner_text()
    for id in tab.page.evaluate(
        "[...document.querySelectorAll('main a[href^=\"evidence.html#\"]')].map(a => a.hash.slice(1))"
    )[::4]:
        tab.page.goto(f"{path.as_uri()}#brief?e={id}")
        until(tab.page, "document.querySelector('#card').open")
    assert tab.page.locator("a[href^='javascript:' i]").count() == 0
    assert tab.said == [] and {url.partition("#")[0] for url in tab.asked} == {path.as_uri()}
    tab.context.close()


def test_a_card_of_the_page_reads_and_links_as_in_the_flat_file(file, chromium):
    """The script writes the links that the packed cards hold by id alone; the same strings stand flat beside it."""
    flat, tab = chromium.new_page(), Tab(chromium, file)
    flat.goto((file.parent / "evidence.html").as_uri())
    told = """part => [part.textContent.replace(/\\s+/g, " ").trim(), [...part.querySelectorAll("a")].map(link => [link.getAttribute("href"), link.textContent])]"""
    linking = 0
    for id in flat.evaluate("[...document.querySelectorAll('article')].map(card => card.id)"):
        body = flat.evaluate(f"""id => {{
          const card = document.getElementById(id).cloneNode(true);
          card.firstElementChild.remove();
          card.lastElementChild.remove();
          return ({told})(card);
        }}""", id)  # fmt: skip
        tab.page.evaluate("id => { location.hash = `#brief?e=${id}`; }", id)
        until(tab.page, "document.querySelector('#card[open] h2') !== null")
        until(tab.page, f"location.hash.endsWith('?e={id}') && document.querySelector('#card h2') !== null")
        held = tab.page.evaluate(f"({told})(document.querySelector('#card div > div'))")
        linking += len(held[1])
        if not tab.page.evaluate("document.querySelector('#card [data-list]')"):
            assert held == body, id
    assert linking > 50
    tab.context.close()
    flat.close()
