"""JupyterLab and Voila as a consultant uses them: run a notebook, move a slider by keyboard, see the answer change."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from linked_people import linked_people

from assess import intake

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PRESSES = 25
WITHIN = 1.0
"""Seconds in which 95 of 100 answers must follow a key, on any machine; the figure measured is printed."""

PATIENCE = 120_000
"""Milliseconds for a kernel to start and compute on a busy machine."""

FOREIGN = "r.setData is not a function"
"""Plotly's renderer hands the picture of a drawn figure back to JupyterLab's model of the output; the model that Voila
gives it has no place for it. The figure has been drawn by then."""

MEASURE = """() => {
  window.took = [];
  let pressed = 0;
  addEventListener("keydown", () => { pressed = performance.now(); }, true);
  new MutationObserver(() => { if (pressed) { took.push(performance.now() - pressed); pressed = 0; } })
    .observe(document.querySelector(".assess-told"), { childList: true, subtree: true, characterData: true });
}"""


@contextlib.contextmanager
def served(command, folder):
    """Serve the notebooks of a new engagement, under the guard; give the address that is printed, with its token."""
    log = folder / f"{command}.log"
    paths = [str(Path(__file__).parents[1] / "guard"), os.environ.get("PYTHONPATH", "")]
    guard = {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "ASSESS_GUARD": str(folder / "guard.txt")}
    root = ["--allow-root"] if command == "lab" else []
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "assess.cli", command, "acme", "--no-browser", *root],
            cwd=folder,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **guard, "JUPYTER_PLATFORM_DIRS": "1", "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        try:
            until = time.monotonic() + 60
            while not (
                found := re.findall(r"http://(?:localhost|127\.0\.0\.1):\d+/\S*token=\w+", log.read_text())
            ):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < until, f"{command} did not start"
                time.sleep(0.1)
            address, token = re.fullmatch(r"(http://[^/]+/).*(token=\w+)", found[0]).groups()
            yield address, token
            server.send_signal(signal.SIGINT)  # one Ctrl-C ends it, with every kernel
            assert server.wait(timeout=30) == 0, log.read_text()
            with pytest.raises(ProcessLookupError):
                os.killpg(server.pid, 0)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    assert not (folder / "guard.txt").exists(), (folder / "guard.txt").read_text()


class Tab:
    """A page that notes what it asks for and what goes wrong."""

    def __init__(self, browser, address):
        self.page = browser.new_context(viewport={"width": 1300, "height": 1000}).new_page()
        self.errors, self.outside = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url, address))
        self.page.on("websocket", lambda socket: self._asked(socket.url.replace("ws:", "http:"), address))

    def _asked(self, url, address):
        if not url.startswith((address, "data:", "blob:")):
            self.outside.append(url)

    def close(self, foreign=()):
        """Nothing was asked of another server, and nothing went wrong."""
        assert self.outside == []
        assert [error for error in self.errors if error not in foreign] == []
        self.page.context.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("desk")
    intake.init(place / "acme")
    return place


SETTLED = """() => {
  const told = document.querySelector(".assess-told [role=status]").textContent, now = performance.now();
  if (told !== window.told) [window.told, window.since] = [told, now];
  return now - window.since > 1500;
}"""
"""The verdict stands still: a widget holds a change back while the one before is on its way, and a button does not wait for it."""


def follows(page, name):
    """Press keys on the slider of the day rate: each time the verdict must follow, and in the end the figure has."""
    slider = page.get_by_role("slider", name="Cost of one person-day")
    slider.wait_for(timeout=PATIENCE)
    slider.scroll_into_view_if_needed()
    drawn = page.locator(".widget-vbox .js-plotly-plot .bars").first
    drawn.wait_for(state="attached", timeout=60_000)
    said = page.locator(".assess-told [role=status]")
    page.evaluate(MEASURE)
    box = page.get_by_role("spinbutton", name="Cost of one person-day")
    before, picture, stood = said.inner_text(), drawn.inner_html(), box.input_value()
    slider.focus()
    for place in range(PRESSES):
        page.keyboard.press("ArrowRight" if place < PRESSES - 5 else "ArrowLeft")
        page.wait_for_function("place => took.length > place", arg=place, timeout=20_000)
    assert box.input_value() != stood
    assert said.inner_text() != before
    page.wait_for_function("picture => document.querySelector('.widget-vbox .js-plotly-plot .bars').innerHTML !== picture", arg=picture)  # fmt: skip
    took = sorted(page.evaluate("took"))
    p95 = took[int(len(took) * 0.95)]
    print(f"{name}: key press to verdict, median {took[len(took) // 2]:.0f} ms, p95 {p95:.0f} ms")
    assert p95 < WITHIN * 1000
    return before, stood


def returns(page, before, stood):
    """Press the button that leads back: verdict and number are the report's again."""
    box = page.get_by_role("spinbutton", name="Cost of one person-day")
    page.wait_for_function(SETTLED, timeout=60_000)
    page.get_by_role("button", name="Back to the report's values").press("Enter")
    page.wait_for_function("before => document.querySelector('.assess-told [role=status]').textContent === before", arg=before)  # fmt: skip
    assert box.input_value() == stood


def nameless(page, part=None):
    """What axe finds in a page or a part of it."""
    found = Axe().run(page, context=part).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found]


def test_jupyterlab_runs_a_notebook_and_follows_the_keyboard(folder, chromium):
    with served("lab", folder) as (address, token):
        tab = Tab(chromium, address)
        page = tab.page
        page.goto(f"{address}lab/tree/5_total_cost.ipynb?{token}&reset", timeout=PATIENCE)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(
            timeout=PATIENCE
        )  # earlier than that it runs nothing
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        follows(page, "JupyterLab")
        assert nameless(page, ".widget-vbox") == []
        assert page.get_by_text("Jupyter news").count() == 0
        tab.close()


TAKEN = "document.querySelector('.assess-pair').getAttribute('aria-busy') === 'false'"
# in one turn of the page: no answer can arrive between these keys, however slow or fast the machine is
AT_ONCE = """keys => [...keys].forEach(key => document.querySelector(".assess-pair").dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""
RUN = "![...document.querySelectorAll('.jp-InputPrompt')].some(one => one.textContent.includes('*'))"


def test_linked_pairs_are_reviewed_by_keyboard_and_no_key_answers_a_pair_that_nobody_has_seen(
    tmp_path, chromium
):
    linked_people(tmp_path / "acme")
    with served("lab", tmp_path) as (address, token):
        tab = Tab(chromium, address)
        page = tab.page
        page.goto(f"{address}lab/tree/2_data_quality.ipynb?{token}&reset", timeout=PATIENCE)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=PATIENCE)
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        caption = page.locator(".assess-pair caption", has_text=re.compile(r"\d+ pairs? left"))
        caption.wait_for(timeout=PATIENCE)
        asked = int(re.search(r"(\d+) pairs? left", caption.inner_text()).group(1))
        page.wait_for_function(RUN, timeout=PATIENCE)  # what still runs takes the focus to its cell
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=PATIENCE)
        page.get_by_role("textbox", name="Who looks").fill("Ada")
        page.keyboard.press("Tab")
        page.wait_for_function("document.activeElement.matches('.assess-pair')", timeout=PATIENCE)
        page.evaluate(AT_ONCE, "yyn")  # what follows on a key before its answer is taken is no answer
        page.wait_for_function(TAKEN, timeout=PATIENCE)
        page.locator(".assess-pair").press("n")
        page.wait_for_function(TAKEN, timeout=PATIENCE)
        assert f"{asked - 2} pairs left" in caption.inner_text()
        said = [(one.same, one.respondent) for one in intake.load(tmp_path / "acme").link_reviews]
        assert said == [(True, "Ada"), (False, "Ada")]
        assert nameless(page, ".assess-pair") == []
        tab.close()


def test_voila_follows_the_keyboard_and_everything_on_its_pages_has_a_name(folder, chromium):
    with served("serve", folder) as (address, token):
        tab = Tab(chromium, address)
        page = tab.page
        page.goto(f"{address}?{token}", timeout=PATIENCE)
        assert nameless(page) == []
        page.get_by_role("link", name="5 total cost").click()
        returns(page, *follows(page, "Voila"))
        assert page.locator(".jp-CodeCell .jp-InputArea-editor, .highlight").count() == 0, "code is shown"
        assert nameless(page) == []
        page.get_by_role("link", name="All questions").click()
        page.get_by_role("link", name="8 readiness and risk").click()
        answers(page, folder)
        assert nameless(page) == []
        tab.close(foreign=(FOREIGN,))


def answers(page, folder):
    """Fill in the checklist for one respondent: what was said stands in the engagement."""
    who = page.get_by_role("combobox", name="Who answers", exact=True)
    who.wait_for(timeout=PATIENCE)
    who.fill("Ada")
    who.press("Enter")
    page.get_by_role("combobox", name="Answer: ").first.select_option("0.75")
    page.get_by_role("textbox", name="Evidence: ").first.fill("minutes of June")
    page.get_by_role("button", name="Write the answers").click()
    page.get_by_text("1 answer of Ada").wait_for(timeout=60_000)
    said = [a for a in intake.load(folder / "acme").readiness if a.respondent == "Ada"]
    assert [(a.answer, a.evidence) for a in said] == [("0.75", "minutes of June")]
